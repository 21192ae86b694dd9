//! `/v1/fraud/duplicates`: images and document numbers that an earlier verification came with too (R1.13 to R1.15).

pub(super) mod images;
pub(super) mod post;
mod report;
mod request;
mod risk;
mod search;
mod view;

pub(crate) use self::{
    report::{__path_show_duplicates, show_duplicates},
    search::{__path_search_duplicates, search_duplicates},
};
