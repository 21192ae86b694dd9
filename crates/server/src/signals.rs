//! Signals: the first TERM or INT begins the drain, the second ends the process; HUP reloads.

use std::{io, process};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::drain::Drain;

/// What a shell reports for a process that a signal ended.
const SIGNALED: i32 = 128;

/// Listens from now on; `reload` is called at each HUP. Must be called within a Tokio runtime.
pub fn watch(drain: Drain, reload: impl Fn() + Send + 'static) -> io::Result<()> {
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    let mut hup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        loop {
            let number = tokio::select! {
                number = heard(&mut term, SignalKind::terminate()) => number,
                number = heard(&mut int, SignalKind::interrupt()) => number,
                _ = hup.recv() => {
                    reload();
                    continue;
                }
            };
            if drain.begun() {
                tracing::warn!("second signal: leaving at once");
                process::exit(SIGNALED + number);
            }
            tracing::info!("finishing the requests in hand, then leaving");
            drain.begin();
        }
    });
    Ok(())
}

async fn heard(signal: &mut Signal, kind: SignalKind) -> i32 {
    signal.recv().await;
    kind.as_raw_value()
}
