//! `GET /fraud/v1/geo-verify`: whether an address is where somebody says.

use axum::{Json as Answer, extract::State};
use intel::IpIntel;
use portcullis_domain::Fact;
use portcullis_intel as intel;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    SignetError,
    answer::{Success, answer},
    auth::SignetReader,
    error::Errors,
    place_names::is_same,
    request::{Checker, Query},
};
use crate::{AppState, failure::Failure};

/// How sure a place is of which country and city agree.
const BOTH: f64 = 0.95;
/// The same when no city was asked for.
const COUNTRY_ONLY: f64 = 0.8;
/// When the country agrees, and the tables do not know the city.
const CITY_UNKNOWN: f64 = 0.5;
/// When the country agrees and the city does not: tables are often wrong by a town.
const CITY_DIFFERS: f64 = 0.3;
/// What an address that hides its user's place is worth: this part of the confidence.
const HIDDEN: f64 = 0.5;

/// Which address, and where it should be.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct PlaceParams {
    /// The address, IPv4 or IPv6.
    #[param(required, example = "81.2.69.160")]
    ip_address: Option<String>,
    /// The country's English name, or its ISO 3166-1 code of two or three letters.
    #[param(required, example = "United Kingdom")]
    expected_country: Option<String>,
    /// The city; only the country is compared when left out.
    #[param(example = "London")]
    expected_city: Option<String>,
}

/// Where an address is, and whether that is as expected.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetPlace)]
pub(crate) struct PlaceView {
    /// Whether it is.
    verified: bool,
    /// The country; null when it is not known.
    #[schema(example = "United Kingdom")]
    actual_country: Option<String>,
    /// The city; null when it is not known.
    #[schema(example = "London")]
    actual_city: Option<String>,
    /// How sure it is that the address is where it should be, 0 to 1.
    #[schema(example = 0.95)]
    confidence: f64,
    /// The same in words.
    #[schema(example = "Location verification successful")]
    message: &'static str,
}

/// Verify a place
///
/// Compares what this server's tables know of the address with what is expected. Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/fraud/v1/geo-verify", tag = "signet", security(("signet_key" = [])),
    params(PlaceParams), responses((status = 200, description = "Whether it is there", body = Success<PlaceView>), Errors))]
pub(crate) async fn verify_place(
    State(state): State<AppState>,
    SignetReader(_): SignetReader,
    Query(params): Query<PlaceParams>,
) -> Result<Answer<Success<PlaceView>>, SignetError> {
    let mut checker = Checker::default();
    let ip = checker.ip("ipAddress", params.ip_address.as_deref());
    let country = checker.required("expectedCountry", params.expected_country.as_deref());
    checker.done()?;
    let (Some(ip), Some(country)) = (ip, country) else { return Err(Failure::Internal.into()) };
    let city = params.expected_city.as_deref().map(str::trim).filter(|city| !city.is_empty());
    Ok(answer(PlaceView::new(&state.intel.ip(ip), country, city)))
}

impl PlaceView {
    fn new(known: &IpIntel, country: &str, city: Option<&str>) -> Self {
        let text =
            |fact: &Fact<_>| fact.clone().known().map(|text: compact_str::CompactString| text.to_string());
        let (actual_country, actual_city) = (text(&known.country), text(&known.city));
        let code = text(&known.country_code);
        if actual_country.is_none() && code.is_none() {
            let message = "Location could not be determined";
            return Self {
                verified: false,
                actual_country: None,
                actual_city: None,
                confidence: 0.0,
                message,
            };
        }
        let is_country = is_called(actual_country.as_deref(), code.as_deref(), country);
        let (verified, confidence) = match (is_country, city, actual_city.as_deref()) {
            (false, _, _) => (false, 0.0),
            (true, None, _) => (true, COUNTRY_ONLY),
            (true, Some(_), None) => (false, CITY_UNKNOWN),
            (true, Some(expected), Some(actual)) if is_same(expected, actual) => (true, BOTH),
            (true, Some(_), Some(_)) => (false, CITY_DIFFERS),
        };
        let hides = [known.is_tor, known.is_vpn, known.is_proxy].contains(&Fact::Known(true));
        Self {
            verified,
            actual_country: actual_country.or(code),
            actual_city,
            confidence: if hides { confidence * HIDDEN } else { confidence },
            message: if verified {
                "Location verification successful"
            } else {
                "Location verification failed"
            },
        }
    }
}

/// Whether a country of this name or code is also called `expected`.
fn is_called(name: Option<&str>, code: Option<&str>, expected: &str) -> bool {
    let is_expected = |name: &str| is_same(name, expected);
    name.is_some_and(is_expected)
        || code.is_some_and(|code| is_expected(code) || intel::other_names_of_country(code).any(is_expected))
}
