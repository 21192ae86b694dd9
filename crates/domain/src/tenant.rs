//! Tenants, and the two data sets that each of them has.

use serde::{Deserialize, Serialize};

/// A client product; everything else belongs to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TenantId(pub u32);

/// Which of a tenant's two data sets a key works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Real traffic.
    Live,
    /// An integrator's trials; apart from live entities, windows, lists and events.
    Test,
}

/// One tenant's live or test data: the scope of every event and entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Realm {
    /// Whose data.
    pub tenant: TenantId,
    /// Which of its two data sets.
    pub mode: Mode,
}

impl Realm {
    /// The realm as one integer, for keys and columns.
    pub const fn code(self) -> u64 {
        ((self.tenant.0 as u64) << 1) | matches!(self.mode, Mode::Test) as u64
    }

    /// The realm with this [`code`](Self::code).
    pub const fn from_code(code: u64) -> Self {
        let mode = if code & 1 == 1 { Mode::Test } else { Mode::Live };
        Self { tenant: TenantId((code >> 1) as u32), mode }
    }
}
