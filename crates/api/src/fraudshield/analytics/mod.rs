//! `/v1/fraud/analytics`: how much was found, how often that was wrong, and what each rule did.
//!
//! The figures are counted by the hour when what they count happens; `store::Metric` says when that is.

mod period;
mod rules;
mod summary;
mod trends;

pub(crate) use self::{
    rules::{__path_show_rule_figures, show_rule_figures},
    summary::{__path_show_summary, show_summary},
    trends::{__path_show_trends, show_trends},
};

/// The share of `part` in `whole`, to four decimals; 0 of nothing.
fn rate(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0
}

/// How often what was decided turned out to be no fraud.
fn false_positive_rate(confirmed: u64, dismissed: u64) -> f64 {
    rate(dismissed, confirmed + dismissed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_of_what_there_is() {
        let rates = [(0, 0), (0, 7), (7, 0), (2, 1), (1, 2)].map(|(yes, no)| false_positive_rate(yes, no));
        assert_eq!(rates.map(|rate| rate.to_string()), ["0", "1", "0", "0.3333", "0.6667"]);
        assert_eq!(rate(3, 2).to_string(), "1.5", "more signals than verifications");
    }
}
