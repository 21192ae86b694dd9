//! A few reading connections, used off the async threads.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::files;
use crate::Error;

/// Reads that run at the same time; more wait.
const READERS: usize = 4;

#[derive(Clone)]
pub(super) struct Readers {
    shared: Arc<Shared>,
}

struct Shared {
    data_dir: PathBuf,
    idle: Mutex<Vec<Connection>>,
    places: Semaphore,
}

impl Readers {
    pub(super) fn new(data_dir: PathBuf) -> Self {
        Self {
            shared: Arc::new(Shared { data_dir, idle: Mutex::default(), places: Semaphore::new(READERS) }),
        }
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _place = self.shared.places.acquire().await.map_err(|_| Error::Closed)?;
        let shared = Arc::clone(&self.shared);
        let run = move || {
            let idle = shared.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = idle.map_or_else(|| files::read_all(&shared.data_dir), Ok)?;
            let result = job(&connection);
            shared.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            result
        };
        tokio::task::spawn_blocking(run).await.map_err(|error| Error::Failed(error.to_string()))?
    }
}
