//! What a customer's backend sends.

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::envelope::PrivateKeyText;

/// An event of one of the customer's users. Other fields are ignored.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KeyriRequest)]
pub(crate) struct ClientRequest {
    /// What the web page or app made, unchanged: base64 of a JSON object.
    #[serde(rename = "encryptedB64Payload")]
    #[schema(example = "eyJjbGllbnRFbmNyeXB0aW9uS2V5Ijoi…In0=")]
    pub(super) payload: String,
    /// Who it is about. `undefined` is for visitors without an account: their id is that of their device.
    #[schema(example = "user-4711")]
    pub(super) user_id: Option<String>,
    /// What happened: `visits`, `login`, `signup`, `access`, `attach_new_device`, `email_change`, `profile_update`,
    /// `password_reset`, `withdrawal`, `deposit`, `purchase`, or any other word.
    #[schema(example = "login")]
    pub(super) event_type: Option<String>,
    /// Anything; kept with the event.
    #[schema(value_type = Option<Object>)]
    pub(super) metadata: Option<Map<String, Value>>,
    /// The address that the user called from.
    #[schema(example = "102.45.67.89")]
    pub(super) ip_address: Option<String>,
    /// The headers that the user's client sent.
    #[schema(value_type = Option<Object>)]
    pub(super) headers: Option<Map<String, Value>>,
    /// The service's public key.
    #[serde(rename = "Service_Encryption_Key")]
    pub(super) service_encryption_key: String,
    /// The service's private key, to have the answer in clear. It is used and forgotten.
    #[serde(rename = "Service_Decryption_Key")]
    #[schema(value_type = Option<String>)]
    pub(super) service_decryption_key: Option<PrivateKeyText>,
    /// The service's API key, which need not be sent.
    #[serde(rename = "API_Key")]
    pub(super) api_key: Option<String>,
}

impl ClientRequest {
    /// The `User-Agent` among the headers, however it is spelled.
    pub(super) fn user_agent(&self) -> Option<&str> {
        let headers = self.headers.as_ref()?;
        let (_, value) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("user-agent"))?;
        value.as_str().or_else(|| value.as_array()?.first()?.as_str())
    }
}
