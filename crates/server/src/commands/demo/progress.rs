//! How far the demo is: a bar on a terminal, a line for each tenth elsewhere.

use std::io::{self, IsTerminal as _, Write as _};

/// The bar's cells.
const CELLS: u64 = 40;

/// What is shown on standard error.
pub(super) struct Progress {
    total: u64,
    is_terminal: bool,
    /// The bar's cells, or the tenths, that were shown last.
    shown: Option<u64>,
}

impl Progress {
    /// Of so many events.
    pub(super) fn new(total: u64) -> Self {
        Self { total: total.max(1), is_terminal: io::stderr().is_terminal(), shown: None }
    }

    /// So many are done, up to this `day`.
    pub(super) fn show(&mut self, done: u64, day: &str) {
        let step = self.step(done);
        if self.shown.replace(step) == Some(step) {
            return;
        }
        let mut out = io::stderr().lock();
        // Nobody is left to tell if this fails.
        let _ = if self.is_terminal {
            write!(out, "\r{} {done} of {} events, {day} ", bar(step), self.total)
        } else {
            writeln!(out, "{done} of {} events, {day}", self.total)
        };
        let _ = out.flush();
    }

    /// Leaves the bar's line.
    pub(super) fn end(&self) {
        if self.is_terminal {
            eprintln!();
        }
    }

    fn step(&self, done: u64) -> u64 {
        let steps = if self.is_terminal { CELLS } else { 10 };
        done.min(self.total) * steps / self.total
    }
}

fn bar(cells: u64) -> String {
    let (full, empty) = (cells as usize, CELLS.saturating_sub(cells) as usize);
    format!("[{}{}]", "#".repeat(full), ".".repeat(empty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_at_its_end_as_at_its_beginning() {
        assert_eq!(bar(0).len(), bar(CELLS).len());
        assert!(bar(20).starts_with("[####") && bar(20).ends_with("....]"));
    }

    #[test]
    fn lines_come_in_tenths() {
        let progress = Progress { total: 200, is_terminal: false, shown: None };
        assert_eq!([0, 19, 20, 199, 200, 900].map(|done| progress.step(done)), [0, 0, 1, 9, 10, 10]);
    }
}
