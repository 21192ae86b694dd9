//! What tests share: a clock that they move, and a whole server without a socket.
//!
//! The server (`TestApp`) is behind the feature `app`, so that the crates it is made of can use the rest.

mod clock;

pub use clock::FakeClock;
