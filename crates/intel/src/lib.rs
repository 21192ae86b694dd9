//! Reference data as plain values: where an address is and who runs it, what kind of mail provider and which mailbox,
//! which browser, which offset from UTC.
//!
//! Tables ship with the crate, so that it always works; larger ones are read from files when they are there. They are
//! only ever read: a reload or an edit builds new ones and swaps them whole. Nothing here opens a connection.

mod asn;
mod countries;
mod email;
mod files;
mod ip_intel;
mod mmdb;
mod ranges;
mod reputation;
mod tables;
mod user_agent;
mod zones;

use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use arc_swap::ArcSwap;
use compact_str::CompactString;
use portcullis_domain::{Email, Place, Timestamp, ip::canonical};

pub use countries::other_names as other_names_of_country;
pub use email::EmailIntel;
pub use ip_intel::IpIntel;
pub use reputation::{
    EditError, IpOverride, Item, ItemError, ListEdits, Network, ReputationList, ReputationView,
};
pub use user_agent::{DeviceType, UserAgent};

use files::Files;
use tables::Tables;
use user_agent::UserAgents;

/// Where reference data is looked for. A file that is named here must be there; what is looked for in the data
/// directory may be missing.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// City databases in the GeoLite2, DB-IP or IPinfo layout, `.mmdb`; the first that knows an address answers.
    pub city_mmdb: Vec<PathBuf>,
    /// ASN databases, `.mmdb`; they answer before the shipped table.
    pub asn_mmdb: Vec<PathBuf>,
    /// Lists of Tor exits. A line of a list is an address or a network; `#` begins a comment.
    pub tor_lists: Vec<PathBuf>,
    /// Lists of VPN networks; the provider's name may follow after a space or a comma.
    pub vpn_lists: Vec<PathBuf>,
    /// Lists of proxies.
    pub proxy_lists: Vec<PathBuf>,
    /// Lists of hosting networks or of autonomous systems (`AS64500`).
    pub datacenter_lists: Vec<PathBuf>,
    /// Where `make data` puts what it fetches.
    pub data_dir: Option<PathBuf>,
}

impl Sources {
    fn in_data_dir(&self, names: &[&str]) -> Vec<PathBuf> {
        self.data_dir.iter().flat_map(|dir| names.iter().map(|name| dir.join(name))).collect()
    }

    /// Every file named.
    fn named(&self) -> impl Iterator<Item = &PathBuf> {
        [
            &self.city_mmdb,
            &self.asn_mmdb,
            &self.tor_lists,
            &self.vpn_lists,
            &self.proxy_lists,
            &self.datacenter_lists,
        ]
        .into_iter()
        .flatten()
    }
}

/// Whose data is used, and on what terms; to be shown wherever places, systems or time zones are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// The text to show.
    pub text: &'static str,
    /// Where it links to.
    pub link: &'static str,
}

/// What the licenses of the data ask to be shown; `data/README.md` says more.
pub static ATTRIBUTIONS: [Attribution; 5] = [
    Attribution { text: "IP Geolocation by DB-IP (CC BY 4.0)", link: "https://db-ip.com" },
    Attribution { text: "Autonomous systems by Route Views (CC BY 4.0)", link: "https://www.routeviews.org" },
    Attribution { text: "Number registry statistics by the NRO (CC BY 4.0)", link: "https://www.nro.net" },
    Attribution {
        text: "Time zones © OpenStreetMap contributors (ODbL)",
        link: "https://www.openstreetmap.org/copyright",
    },
    Attribution {
        text: "User agents by uap-core, © Google Inc. (Apache-2.0)",
        link: "https://github.com/ua-parser/uap-core",
    },
];

/// Why reference data could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read {path}", path = path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not what it should be.
    #[error("{path}: {reason}", path = path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A shipped table is damaged: the program was built from damaged files.
    #[error("the shipped table {0} is damaged")]
    Shipped(&'static str),
}

/// All reference data. Cheap to clone; every clone sees the same tables, edits included.
#[derive(Clone, Debug)]
pub struct Intel {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    sources: Sources,
    tables: ArcSwap<Tables>,
    /// Held while new tables are made, so that no edit or reload is lost.
    making: Mutex<()>,
    user_agents: UserAgents,
}

impl Intel {
    /// Reads the files and builds the tables. Blocks for some 0.1 s, and longer for large databases.
    pub fn load(sources: &Sources) -> Result<Self, LoadError> {
        let files = Files::load(sources, None)?;
        let tables = Tables::new(Arc::new(files), Arc::default());
        let shared = Shared {
            sources: sources.clone(),
            tables: ArcSwap::from_pointee(tables),
            making: Mutex::new(()),
            user_agents: UserAgents::new(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Begins, in the background, to build what else the first look-ups would wait for: user-agent patterns, mail
    /// domains, time-zone shapes. For servers, right after [`load`](Self::load).
    pub fn warm_up(&self) {
        let work = || {
            user_agent::warm_up();
            email::warm_up();
            zones::warm_up();
        };
        if let Err(error) = thread::Builder::new().name("intel-warm-up".to_owned()).spawn(work) {
            tracing::warn!(%error, "cannot warm up reference data: the first look-ups will be slow");
        }
    }

    /// What is known of an address.
    pub fn ip(&self, ip: IpAddr) -> Arc<IpIntel> {
        self.shared.tables.load().ip(canonical(ip))
    }

    /// What is known of an e-mail address.
    pub fn email(&self, email: &Email) -> EmailIntel {
        email::intel(email, &self.shared.tables.load().disposable)
    }

    /// What a user agent tells.
    pub fn user_agent(&self, ua: &str) -> Arc<UserAgent> {
        self.shared.user_agents.get(ua)
    }

    /// The offset from UTC, in minutes and east positive, that a time zone has at this time; `None` when there is no
    /// zone of this name.
    pub fn utc_offset_min(&self, zone: &str, at: Timestamp) -> Option<i64> {
        zones::utc_offset_min(zone, at)
    }

    /// The abbreviation that a time zone goes by at this time, such as CDT; its offset where it has none, and `None` when
    /// there is no zone of this name.
    pub fn zone_abbreviation(&self, zone: &str, at: Timestamp) -> Option<CompactString> {
        zones::abbreviation(zone, at)
    }

    /// The time zone at a place, at sea too.
    pub fn timezone_at(&self, place: Place) -> Option<CompactString> {
        zones::at_point(place.latitude, place.longitude)
    }

    /// What a list comes to: shipped and fetched items with the operator's edits. Costs a copy of the list.
    pub fn reputation(&self, list: ReputationList) -> ReputationView {
        self.shared.tables.load().view(list)
    }

    /// Makes these the operator's edits, in place of all earlier ones. The next look-up feels them.
    pub fn set_edits(&self, edits: &HashMap<ReputationList, ListEdits>) -> Result<(), EditError> {
        for (&list, of_list) in edits {
            if let Some(wrong) = of_list.items().find(|item| !list.takes(item)) {
                let item = serde_json::to_string(wrong).unwrap_or_default();
                return Err(EditError { list, item });
            }
        }
        let _making = self.shared.making.lock().unwrap_or_else(PoisonError::into_inner);
        let files = Arc::clone(&self.shared.tables.load().files);
        self.shared.tables.store(Arc::new(Tables::new(files, Arc::new(edits.clone()))));
        Ok(())
    }

    /// Reads the files again and keeps the edits. After an error the tables stay as they were.
    pub fn reload(&self) -> Result<(), LoadError> {
        let _making = self.shared.making.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.shared.tables.load_full();
        let files = Files::load(&self.shared.sources, Some(&before.files))?;
        self.shared.tables.store(Arc::new(Tables::new(Arc::new(files), Arc::clone(&before.edits))));
        Ok(())
    }

    /// Whether a file has come, gone or changed since the last load; for a job that reloads when it has.
    pub fn has_changed_files(&self) -> bool {
        files::stamps(&self.shared.sources) != self.shared.tables.load().files.stamps
    }
}

#[cfg(test)]
mod tests;
