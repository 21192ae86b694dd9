//! What conditions of custom rules may name: the same for everybody, and no secret.

use axum::Json as Answer;
use portcullis_domain::facts;
use portcullis_engine::rules::Schema;
use serde::Serialize;
use utoipa::ToSchema;

/// A variable.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RuleVariable)]
pub(crate) struct VariableView {
    /// Its name.
    #[schema(example = "ip.country_code")]
    name: &'static str,
    /// The type of its values: bool, int, float or text.
    #[schema(example = "text")]
    r#type: String,
    /// The unit of its values; empty when it has none.
    unit: &'static str,
    /// What it says.
    doc: &'static str,
}

/// Every variable.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RuleVariables)]
pub(crate) struct Variables {
    /// By name.
    items: Vec<VariableView>,
}

/// Lists the variables that conditions of custom rules may name, by name.
#[utoipa::path(get, path = "/api/v1/rule-variables", tag = "custom-rules",
    responses((status = 200, description = "All of them", body = Variables)))]
pub(crate) async fn list_variables() -> Answer<Variables> {
    let unit = |name| facts::ALL.iter().find(|fact| fact.name == name).map_or("", |fact| fact.unit);
    let variables = Schema::standard().iter().map(|(_, variable)| VariableView {
        name: variable.name,
        r#type: variable.kind.to_string(),
        unit: unit(variable.name),
        doc: variable.doc,
    });
    Answer(Variables { items: variables.collect() })
}
