//! What can be asked of devices without an event.

use super::{DeviceId, DeviceUser, SeenDevice, rows};
use crate::{Error, RealmStore};

impl RealmStore {
    /// What is known of a device, and who was seen on it, in the order in which they came; `None` when there is no such
    /// device.
    pub async fn device(&self, id: DeviceId) -> Result<Option<(SeenDevice, Vec<DeviceUser>)>, Error> {
        let (realm, sealer) = (self.realm, self.backend.device_sealer.clone());
        self.backend
            .read(move |connection| {
                let Some(stored) = rows::find(connection, realm, id.as_i64())? else { return Ok(None) };
                Ok(Some((stored.device, rows::users(connection, &sealer, realm, id)?)))
            })
            .await
    }
}
