//! The ids that a service is told: of the device, and of what all browsers of a machine have in common.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{Device, Facts, Realm, facts::device};
use portcullis_domain as domain;
use portcullis_store::{SeenDevice, device_uuid};
use sha2::{Digest as _, Sha256};

use super::{claims::Claims, platform::Platform};

/// The device's id as this dialect writes it.
pub(super) fn device_id(device: &SeenDevice) -> Option<String> {
    device_uuid(&device.hash).map(String::from)
}

/// What of a device does not depend on its browser. Where a client tells none of it, its hash stands for all.
#[derive(Clone, Debug)]
pub(super) struct Machine(Vec<Option<String>>);

impl Machine {
    pub(super) fn of(claims: &Claims, device: &Device) -> Self {
        let screen = device.screen.unwrap_or_default();
        // A browser that is turned or moved to another screen of the same size is on the same machine.
        let (width, height) = (screen.width.unwrap_or_default(), screen.height.unwrap_or_default());
        let screen = format!("{}x{}", width.max(height), width.min(height));
        let mut traits: Vec<_> =
            ["screenColorDepth", "gpuRenderer", "hardwareConcurrency", "timezone", "fonts"]
                .map(|name| claims.param(name))
                .into();
        let knows_nothing = traits.iter().all(Option::is_none);
        traits.push((width > 0.0).then_some(screen));
        traits.push(claims.device_hash.clone().filter(|_| knows_nothing));
        Self(traits)
    }

    /// `wagId`: base64 of 32 bytes, which mean nothing outside of this realm.
    pub(super) fn wag_id(&self, platform: &Platform, realm: Realm, facts: &Facts) -> String {
        let mut hasher = Sha256::new();
        hasher.update(platform.ids.expose());
        hasher.update(realm.code().to_le_bytes());
        let os = facts.known(device::OS).map(ToOwned::to_owned);
        for text in self.0.iter().chain([&os]) {
            let text = text.as_deref().unwrap_or_default();
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        STANDARD.encode(hasher.finalize())
    }
}
