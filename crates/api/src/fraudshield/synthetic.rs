//! `POST /v1/fraud/synthetic/analyze`: whether a person looks made up.

use axum::{Json as Answer, extract::State};
use domain::Timestamp;
use portcullis_domain as domain;
use portcullis_engine::synthetic::{Claim, Past, Suspicion, person_name, suspect};
use portcullis_store::{IdentityClaim, IdentityFacts, ListKind, ListValue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    FraudshieldError,
    auth::FraudWriter,
    error::{ErrorBody, ParamError},
    level::Level,
    normalize::checked_id,
    request::Post,
};
use crate::{AppState, velocity_rules::kept};

/// Somebody who claims to exist. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldIdentity)]
pub(crate) struct AnalyzeRequest {
    /// First names, 1 to 256 characters.
    #[schema(example = "Amina")]
    first_name: String,
    /// Last names, 1 to 256 characters.
    #[schema(example = "El Fassi")]
    last_name: String,
    /// Date of birth.
    #[schema(example = "1991-04-17")]
    date_of_birth: String,
    /// A document's number, of 1 to 64 letters and digits. With it, later analyses know of the pair.
    #[schema(example = "AB123456")]
    document_number: Option<String>,
    /// An e-mail address.
    #[schema(example = "amina@example.com")]
    email: Option<String>,
    /// A phone number with its country's code.
    #[schema(example = "+212612345678")]
    phone: Option<String>,
    /// Your id of the user.
    #[schema(example = "usr_123")]
    user_id: Option<String>,
}

/// A request that is well-formed.
struct Checked {
    first_name: String,
    last_name: String,
    born: Date,
    document: Option<ListValue>,
    email: Option<ListValue>,
    phone: Option<ListValue>,
    user: Option<String>,
}

/// Year, month and day.
type Date = (i16, u8, u8);

impl AnalyzeRequest {
    /// All complaints are told at once.
    fn check(self) -> Result<Checked, FraudshieldError> {
        let mut errors = Vec::new();
        let first_name = kept(checked_id("first_name", &self.first_name), &mut errors);
        let last_name = kept(checked_id("last_name", &self.last_name), &mut errors);
        let wrong = || ParamError::invalid("date_of_birth", "must be a date such as 1991-04-17");
        let born = kept(date(&self.date_of_birth).ok_or_else(wrong), &mut errors);
        let mut listed = |param: &'static str, kind, text: Option<String>| {
            let value = ListValue::parse(kind, &text?);
            value.map_err(|why| errors.push(ParamError::invalid(param, why.to_string()))).ok()
        };
        let document = listed("document_number", ListKind::Document, self.document_number);
        let email = listed("email", ListKind::Email, self.email);
        let phone = listed("phone", ListKind::Phone, self.phone);
        let user = self.user_id.map(|text| kept(checked_id("user_id", &text), &mut errors));
        if errors.is_empty() {
            Ok(Checked { first_name, last_name, born, document, email, phone, user })
        } else {
            Err(FraudshieldError::Invalid(errors))
        }
    }
}

impl Checked {
    /// What the store links, with the person as one text.
    fn identity(&self) -> IdentityClaim {
        let (year, month, day) = self.born;
        let (first, last) = (person_name(&self.first_name), person_name(&self.last_name));
        IdentityClaim {
            person: format!("{first}|{last}|{year}-{month}-{day}"),
            document: self.document.clone(),
            user: self.user.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
        }
    }

    fn suspect(&self, facts: &IdentityFacts, now: Timestamp) -> Suspicion {
        let document = self.document.as_ref().map(ToString::to_string);
        let claim = Claim {
            first_name: &self.first_name,
            last_name: &self.last_name,
            born: self.born,
            age_years: age_years(self.born, now),
            document: document.as_deref(),
        };
        let past = Past {
            others_on_document: facts.others_on_document,
            other_documents: facts.other_documents,
            others_on_user: facts.others_on_user,
            others_on_email: facts.others_on_email,
            others_on_phone: facts.others_on_phone,
        };
        suspect(&claim, &past)
    }
}

/// A day that exists, written as ISO 8601 has it.
fn date(text: &str) -> Option<Date> {
    let text = text.trim();
    let is_formed = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let is_day = is_formed && format!("{text}T00:00:00Z").parse::<Timestamp>().is_ok();
    let mut parts = text.splitn(3, '-');
    let mut next = || parts.next();
    let (year, month, day) = (next()?, next()?, next()?);
    is_day.then_some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

/// Full years, by the calendar of UTC.
fn age_years((year, month, day): Date, now: Timestamp) -> i32 {
    let now = now.to_string();
    let Some((this_year, this_month, this_day)) = now.get(..10).and_then(date) else { return 0 };
    let is_before_birthday = (this_month, this_day) < (month, day);
    i32::from(this_year) - i32::from(year) - i32::from(is_before_birthday)
}

/// Whether a person looks made up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldIdentityAnalysis)]
pub(crate) struct AnalysisView {
    /// Always `synthetic_analysis`.
    #[schema(example = "synthetic_analysis")]
    object: &'static str,
    /// A name for this answer, which is not kept.
    #[schema(example = "syn_0vqkz1q3c7ab")]
    id: String,
    /// Whether the score is above 500.
    is_synthetic: bool,
    /// The score on a scale of 0 to 1; no probability.
    #[schema(example = 0.45)]
    confidence: f64,
    /// 0 to 1000: the sum of the signals' weights.
    #[schema(example = 450)]
    risk_score: u32,
    /// low, medium, high or critical.
    #[schema(value_type = String, example = "medium")]
    risk_level: Level,
    /// Why.
    #[schema(example = json!(["document_of_another_person"]))]
    signals: Vec<&'static str>,
}

/// Analyze an identity
///
/// Whether a person looks made up: from what is claimed, and from which persons, documents, users, mailboxes and phones
/// went together in earlier analyses of the key's data set. Only keyed hashes of pairs are kept, and only of analyses
/// with a document's number. Needs the scope `fraud:write`.
#[utoipa::path(post, path = "/v1/fraud/synthetic/analyze", tag = "fraudshield", security(("fraudshield_key" = [])),
    request_body = AnalyzeRequest, responses(
        (status = 200, description = "What it looks like", body = AnalysisView),
        (status = 400, description = "Not well-formed JSON, or parameters are missing or wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn analyze_identity(
    State(state): State<AppState>,
    FraudWriter { caller, .. }: FraudWriter,
    request: Post<AnalyzeRequest>,
) -> Result<Answer<AnalysisView>, FraudshieldError> {
    let checked = request.body.check()?;
    let (id, facts) = state.store.of(caller.realm()).link_identity(checked.identity()).await?;
    let found = checked.suspect(&facts, state.clock.now());
    Ok(Answer(AnalysisView {
        object: "synthetic_analysis",
        id: id.to_string(),
        is_synthetic: found.is_synthetic(),
        confidence: f64::from(found.score) / 1_000.0,
        risk_score: found.score,
        risk_level: Level::of(found.score as i32),
        signals: found.clues.iter().map(|clue| clue.code()).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_are_dates() {
        assert_eq!(date(" 1991-04-17 "), Some((1991, 4, 17)));
        assert_eq!(date("2024-02-29"), Some((2024, 2, 29)));
        for text in [
            "2023-02-29",
            "1991-4-17",
            "17.04.1991",
            "19910417",
            "-001-01-01",
            "1991-13-01",
            "",
            "----------",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn age_is_counted_in_birthdays() {
        let now: Timestamp = "2026-04-17T00:00:00Z".parse().unwrap();
        for (born, age) in [
            ((1991, 4, 17), 35),
            ((1991, 4, 18), 34),
            ((2026, 4, 17), 0),
            ((2026, 4, 18), -1),
            ((1900, 1, 1), 126),
        ] {
            assert_eq!(age_years(born, now), age);
        }
    }
}
