//! Whether a connection makes progress: counters kept by its socket and its requests, read by a slow tick.
//!
//! A request costs a few relaxed increments on memory that only its connection writes, and no timer and no look at the clock. The
//! price is precision: a deadline strikes up to one tick late.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Limits;

/// The signs of life of one connection.
#[derive(Debug)]
pub(super) struct Pulse {
    /// Requests whose handler has not answered yet.
    handling: AtomicU32,
    /// Requests whose answer is not wholly handed over yet; includes those being handled.
    open: AtomicU32,
    /// A request head is on its way, and overdue if it takes long. True from the start.
    arriving: AtomicBool,
    /// HTTP/2: bytes between requests need not be a request.
    multiplexed: AtomicBool,
    /// Steps from one phase to another.
    turns: AtomicU32,
    /// Writes that the socket took.
    sent: AtomicU32,
}

/// What a connection is doing, and so what it may be slow at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Arriving,
    Handling,
    Sending,
    Idle,
}

impl Pulse {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            handling: AtomicU32::new(0),
            open: AtomicU32::new(0),
            arriving: AtomicBool::new(true),
            multiplexed: AtomicBool::new(false),
            turns: AtomicU32::new(0),
            sent: AtomicU32::new(0),
        })
    }

    pub(super) fn set_multiplexed(&self) {
        self.multiplexed.store(true, Relaxed);
    }

    /// A request's head has arrived.
    pub(super) fn begin(self: Arc<Self>) -> Turn {
        self.arriving.store(false, Relaxed);
        self.handling.fetch_add(1, Relaxed);
        self.open.fetch_add(1, Relaxed);
        self.turns.fetch_add(1, Relaxed);
        Turn { pulse: self, answered: false }
    }

    fn heard(&self) {
        if self.open.load(Relaxed) == 0
            && !self.multiplexed.load(Relaxed)
            && !self.arriving.swap(true, Relaxed)
        {
            self.turns.fetch_add(1, Relaxed);
        }
    }

    fn phase(&self) -> Phase {
        if self.handling.load(Relaxed) > 0 {
            Phase::Handling
        } else if self.open.load(Relaxed) > 0 {
            Phase::Sending
        } else if self.arriving.load(Relaxed) {
            Phase::Arriving
        } else {
            Phase::Idle
        }
    }
}

/// One request's part in the pulse: from its head to the end of its answer.
#[derive(Debug)]
pub(super) struct Turn {
    pulse: Arc<Pulse>,
    answered: bool,
}

impl Turn {
    /// The handler has answered; what is left is sending.
    pub(super) fn answered(&mut self) {
        if !self.answered {
            self.answered = true;
            self.pulse.handling.fetch_sub(1, Relaxed);
            self.pulse.turns.fetch_add(1, Relaxed);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.answered();
        self.pulse.open.fetch_sub(1, Relaxed);
        self.pulse.turns.fetch_add(1, Relaxed);
    }
}

/// Compares the pulse with what it was a tick ago.
#[derive(Debug)]
pub(super) struct Watchdog {
    last: (Phase, u32, u32),
    still: Duration,
}

impl Watchdog {
    /// `spent` is what the peer has already used up of the time for its first head.
    pub(super) fn new(pulse: &Pulse, spent: Duration) -> Self {
        Self { last: Self::look(pulse), still: spent }
    }

    /// How often to look; short enough that a deadline is never missed by more than an eighth.
    pub(super) fn period(limits: &Limits) -> Duration {
        (limits.header_timeout / 8).max(Duration::from_millis(5))
    }

    /// Whether the connection has been still for longer than its phase allows, `period` after the last look.
    pub(super) fn is_overdue(&mut self, pulse: &Pulse, limits: &Limits) -> bool {
        let now = Self::look(pulse);
        if now != self.last {
            self.last = now;
            self.still = Duration::ZERO;
            return false;
        }
        self.still += Self::period(limits);
        let allowed = match now.0 {
            Phase::Arriving => limits.header_timeout,
            Phase::Sending => limits.stall_timeout,
            Phase::Idle => limits.idle_timeout,
            // The body has its own deadline, and a handler is ours to bound.
            Phase::Handling => return false,
        };
        self.still >= allowed
    }

    /// Writing is progress, except while a head is awaited: there only the head is.
    fn look(pulse: &Pulse) -> (Phase, u32, u32) {
        let phase = pulse.phase();
        let sent = if phase == Phase::Arriving { 0 } else { pulse.sent.load(Relaxed) };
        (phase, pulse.turns.load(Relaxed), sent)
    }
}

/// A socket that reports its reads and writes to a [`Pulse`].
#[derive(Debug)]
pub(super) struct Watched<S> {
    socket: S,
    pulse: Arc<Pulse>,
}

impl<S> Watched<S> {
    pub(super) fn new(socket: S, pulse: Arc<Pulse>) -> Self {
        Self { socket, pulse }
    }

    fn wrote(&self, outcome: io::Result<usize>) -> Poll<io::Result<usize>> {
        if outcome.is_ok() {
            self.pulse.sent.fetch_add(1, Relaxed);
        }
        Poll::Ready(outcome)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.pulse.heard();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = ready!(Pin::new(&mut self.socket).poll_write(cx, bytes));
        self.wrote(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = ready!(Pin::new(&mut self.socket).poll_write_vectored(cx, slices));
        self.wrote(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ticks until the connection is given up, at most 200.
    fn ticks(watchdog: &mut Watchdog, pulse: &Pulse) -> usize {
        let limits = Limits::default();
        (1..=200).find(|_| watchdog.is_overdue(pulse, &limits)).unwrap_or(200)
    }

    #[test]
    fn a_silent_connection_has_the_header_deadline() {
        let pulse = Pulse::new();
        assert_eq!(ticks(&mut Watchdog::new(&pulse, Duration::ZERO), &pulse), 8);
        assert_eq!(ticks(&mut Watchdog::new(&pulse, Duration::from_secs(4)), &pulse), 2);
    }

    #[test]
    fn trickling_bytes_do_not_extend_the_header_deadline() {
        let pulse = Pulse::new();
        drop(Arc::clone(&pulse).begin());
        let mut watchdog = Watchdog::new(&pulse, Duration::ZERO);
        pulse.heard();
        let limits = Limits::default();
        let overdue = (0..20).position(|_| {
            pulse.heard();
            watchdog.is_overdue(&pulse, &limits)
        });
        assert_eq!(overdue, Some(8), "one tick to see it begin, eight to lose patience");
    }

    #[test]
    fn a_connection_between_requests_may_idle_for_longer() {
        let pulse = Pulse::new();
        drop(Arc::clone(&pulse).begin());
        assert_eq!(ticks(&mut Watchdog::new(&pulse, Duration::ZERO), &pulse), 96);
    }

    #[test]
    fn a_handler_is_never_cut_off_but_a_stalled_answer_is() {
        let pulse = Pulse::new();
        let mut turn = Arc::clone(&pulse).begin();
        let mut watchdog = Watchdog::new(&pulse, Duration::ZERO);
        assert_eq!(ticks(&mut watchdog, &pulse), 200);
        turn.answered();
        assert_eq!(ticks(&mut watchdog, &pulse), 49);
        pulse.sent.fetch_add(1, Relaxed);
        assert_eq!(ticks(&mut watchdog, &pulse), 49, "a byte taken is a new lease");
    }
}
