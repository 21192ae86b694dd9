//! Metrics of the process itself, read from `/proc` when somebody looks.

use std::fs;

use metrics::{Unit, describe_gauge, gauge};
use portcullis_domain::Stopwatch;

const RESIDENT: &str = "process_resident_memory_bytes";
const OPEN_FDS: &str = "process_open_fds";
const UPTIME: &str = "process_uptime_seconds";

pub(super) fn describe() {
    describe_gauge!(RESIDENT, Unit::Bytes, "Resident memory of the process.");
    describe_gauge!(OPEN_FDS, Unit::Count, "File descriptors the process holds open.");
    describe_gauge!(UPTIME, Unit::Seconds, "Time since the process started.");
}

/// Sets the gauges; what the system does not tell keeps its last value.
pub(super) fn observe(started: &Stopwatch) {
    if let Some(bytes) = fs::read_to_string("/proc/self/status").ok().as_deref().and_then(resident_bytes) {
        gauge!(RESIDENT).set(bytes as f64);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        // One of them is the directory being read.
        gauge!(OPEN_FDS).set(open.count().saturating_sub(1) as f64);
    }
    gauge!(UPTIME).set(started.elapsed().as_secs_f64());
}

fn resident_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_resident_memory() {
        assert_eq!(resident_bytes("Name:\tx\nVmRSS:\t    2048 kB\nThreads:\t1\n"), Some(2_097_152));
        assert_eq!(resident_bytes("Name:\tx\n"), None);
        assert!(resident_bytes(&fs::read_to_string("/proc/self/status").unwrap()).unwrap() > 100_000);
    }
}
