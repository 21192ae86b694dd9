//! Traces to an OpenTelemetry collector, over HTTP with protobuf.

use std::{iter, time::Duration};

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use rustls::crypto::aws_lc_rs;
use tracing::Subscriber;
use tracing_subscriber::{Layer, registry::LookupSpan};

use crate::failure::Failure;

const NAME: &str = "portcullis";
const TIMEOUT: Duration = Duration::from_secs(10);

/// Sends batches of spans to `endpoint` from a thread of its own.
pub(super) fn provider(endpoint: &str) -> Result<SdkTracerProvider, Failure> {
    // The client takes the process's provider; that somebody has chosen one already is fine.
    let _ = aws_lc_rs::default_provider().install_default();
    let failed = |error: &dyn std::fmt::Display| Failure::because("cannot start exporting traces", error);
    let client = reqwest::blocking::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| failed(&error))?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .map_err(|error| failed(&error))?;
    let resource = Resource::builder().with_service_name(NAME).build();
    Ok(SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build())
}

/// Turns our spans into theirs.
pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(
    provider: &SdkTracerProvider,
) -> impl Layer<S> + use<S> {
    // The exporter's own connections must not be traced, or each export would cause another.
    let ours =
        tracing_subscriber::filter::Targets::new().with_targets(iter::once((NAME, tracing::Level::TRACE)));
    tracing_opentelemetry::layer().with_tracer(provider.tracer(NAME)).with_filter(ours)
}
