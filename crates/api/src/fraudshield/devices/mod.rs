//! Devices: registered, looked at, and blocked.

mod block;
mod fingerprint;
mod read;
mod register;
mod view;

pub(crate) use self::{
    block::{__path_block_device, __path_unblock_device, block_device, unblock_device},
    read::{
        __path_device_history, __path_linked_accounts, __path_show_device, device_history, linked_accounts,
        show_device,
    },
    register::{__path_register_device, register_device},
};
pub(super) use self::{
    fingerprint::{Fingerprint, FingerprintOrText},
    view::would_block,
};
