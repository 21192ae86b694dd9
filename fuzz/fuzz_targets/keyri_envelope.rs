//! No bytes make the cryptography of the keyri dialect panic, no noise is opened or verified, and what was encrypted
//! comes back.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| portcullis_api::read_keyri_envelope(data));
