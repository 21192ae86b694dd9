//! What can be asked of devices without an event.

use super::{DeviceId, DeviceUser, SeenDevice, device_uuid, rows};
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

    /// The hash of the device that dialects which name devices by UUID call so; `None` when there is no such device.
    pub async fn device_hash_of_uuid(&self, uuid: &str) -> Result<Option<String>, Error> {
        let (realm, uuid) = (self.realm, uuid.to_ascii_lowercase());
        let candidates: Vec<_> = DeviceId::candidates_of_uuid(&uuid).collect();
        self.backend
            .read(move |connection| {
                for id in candidates {
                    let found = rows::find(connection, realm, id.as_i64())?;
                    let hash = found.map(|stored| stored.device.hash);
                    if let Some(hash) =
                        hash.filter(|hash| device_uuid(hash).as_ref() == Some(&uuid.as_str().into()))
                    {
                        return Ok(Some(hash.into()));
                    }
                }
                Ok(None)
            })
            .await
    }
}
