//! Lists as the dialect pages them: newest first, by the ids of what is on them.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{FraudshieldError, error::ParamError};

const LARGEST_PAGE: u32 = 100;
const USUAL_PAGE: u32 = 20;

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// How many items, 1 to 100; 20 when left out.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
    /// The id of the last item of the page before: only older items.
    starting_after: Option<String>,
    /// The id of the first item of the page after: only the items just before it.
    ending_before: Option<String>,
}

/// A page that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PageRequest<I> {
    /// How many items.
    limit: u32,
    /// From where on.
    pub(super) start: Start<I>,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start<I> {
    /// With the newest item.
    Newest,
    /// With the next older one than this.
    After(I),
    /// So that it ends with the next newer one than this.
    Before(I),
}

impl PageParams {
    /// What they ask for; all complaints are told at once.
    pub(super) fn check<I: FromStr>(&self) -> Result<PageRequest<I>, FraudshieldError> {
        let mut errors = Vec::new();
        let limit = checked_limit(self.limit.as_deref());
        let limit = limit.map_err(|error| errors.push(error)).unwrap_or_default();
        let start = self.start();
        let start = start.map_err(|error| errors.push(error)).unwrap_or(Start::Newest);
        if errors.is_empty() {
            Ok(PageRequest { limit, start })
        } else {
            Err(FraudshieldError::Invalid(errors))
        }
    }

    fn start<I: FromStr>(&self) -> Result<Start<I>, ParamError> {
        let id = |name: &str, text: &str| {
            text.parse().map_err(|_| ParamError::invalid(name, "must be the id of an item of this list"))
        };
        match (self.starting_after.as_deref(), self.ending_before.as_deref()) {
            (None, None) => Ok(Start::Newest),
            (Some(after), None) => id("starting_after", after).map(Start::After),
            (None, Some(before)) => id("ending_before", before).map(Start::Before),
            (Some(_), Some(_)) => {
                Err(ParamError::invalid("ending_before", "may not be given together with starting_after"))
            }
        }
    }
}

pub(super) fn checked_limit(text: Option<&str>) -> Result<u32, ParamError> {
    let Some(text) = text else { return Ok(USUAL_PAGE) };
    let limit = text.parse().ok().filter(|limit| (1..=LARGEST_PAGE).contains(limit));
    limit.ok_or_else(|| ParamError::invalid("limit", format!("must be from 1 to {LARGEST_PAGE}")))
}

impl<I> PageRequest<I> {
    /// How many items must be read to know whether there are more.
    pub(super) const fn to_read(&self) -> u32 {
        self.limit + 1
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListPage<T> {
    /// Always `list`.
    #[schema(example = "list")]
    object: &'static str,
    /// What is on it, newest first.
    data: Vec<T>,
    /// Whether there is more in the direction that was asked for.
    has_more: bool,
    /// The id for the same parameter again, to get what comes next; null when there is no more.
    next_cursor: Option<String>,
}

impl<T> ListPage<T> {
    /// The page that was asked for with `request`, of the up to [`PageRequest::to_read`] items that were found for it,
    /// newest first.
    pub(super) fn new<I>(request: &PageRequest<I>, mut data: Vec<T>, id_of: impl Fn(&T) -> &str) -> Self {
        let limit = request.limit as usize;
        let has_more = data.len() > limit;
        let next = if matches!(request.start, Start::Before(_)) {
            // The one too many is the newest, which is the farthest away.
            data.drain(..data.len().saturating_sub(limit));
            data.first()
        } else {
            data.truncate(limit);
            data.last()
        };
        let next_cursor = next.filter(|_| has_more).map(|item| id_of(item).to_owned());
        Self { object: "list", data, has_more, next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(limit: &str, after: &str, before: &str) -> PageParams {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        PageParams { limit: some(limit), starting_after: some(after), ending_before: some(before) }
    }

    #[test]
    fn what_is_asked_for_is_checked() {
        let start = |after, before| params("", after, before).check::<u8>().map(|page| page.start).ok();
        assert_eq!(start("", ""), Some(Start::Newest));
        assert_eq!(start("7", ""), Some(Start::After(7)));
        assert_eq!(start("", "7"), Some(Start::Before(7)));
        assert_eq!((start("x", ""), start("", "300"), start("1", "2")), (None, None, None));
        let limit = |text| params(text, "", "").check::<u8>().map(|page| page.limit).ok();
        assert_eq!((limit(""), limit("1"), limit("100")), (Some(20), Some(1), Some(100)));
        for text in ["0", "101", "-1", "ten", "1.0", " 1"] {
            assert_eq!(limit(text), None, "{text}");
        }
    }

    #[test]
    fn a_page_leaves_out_the_item_that_is_farthest_away() {
        let page = |start, data: &[&str]| {
            let request = PageRequest::<u8> { limit: 2, start };
            let data = data.iter().map(|&item| item.to_owned()).collect();
            let page = ListPage::new(&request, data, |item: &String| item);
            (page.data.concat(), page.has_more, page.next_cursor.unwrap_or_default())
        };
        assert_eq!(page(Start::Newest, &["c", "b", "a"]), ("cb".to_owned(), true, "b".to_owned()));
        assert_eq!(page(Start::After(1), &["c", "b"]), ("cb".to_owned(), false, String::new()));
        assert_eq!(page(Start::Before(1), &["c", "b", "a"]), ("ba".to_owned(), true, "b".to_owned()));
        assert_eq!(page(Start::Before(1), &["a"]), ("a".to_owned(), false, String::new()));
        assert_eq!(page(Start::Newest, &[]), (String::new(), false, String::new()));
    }
}
