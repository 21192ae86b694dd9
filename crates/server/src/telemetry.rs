//! What the process tells about itself: its log on standard error, its metrics, and traces when asked for.

#[cfg(feature = "otlp")]
mod otlp;
mod process;

use std::{
    io::{self, IsTerminal},
    sync::Arc,
};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use portcullis_domain::Stopwatch;
use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer, fmt, layer::SubscriberExt, registry::LookupSpan, util::SubscriberInitExt,
};

use crate::{
    config::{LogFormat, Settings},
    failure::Failure,
};

/// Upper bounds of the latency histograms, in seconds: fine around the promised 5 ms.
const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// Renders the metrics page; what the handler of `/metrics` is handed.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;

/// The process's log, metrics and traces. Made once.
#[derive(Debug)]
pub struct Telemetry {
    metrics: PrometheusHandle,
    started: Stopwatch,
    #[cfg(feature = "otlp")]
    traces: Option<opentelemetry_sdk::trace::SdkTracerProvider>,
}

impl Telemetry {
    /// Installs log, metrics and traces for the whole process. Must be called before the runtime is made, and once.
    pub fn install(settings: &Settings) -> Result<Self, Failure> {
        let filter = EnvFilter::try_new(&settings.log_level)
            .map_err(|error| Failure::Config(format!("log-level `{}`: {error}", settings.log_level)))?;
        let registry = tracing_subscriber::registry().with(filter).with(log(settings.log_format));
        #[cfg(feature = "otlp")]
        let traces = settings.otlp_endpoint.as_deref().map(otlp::provider).transpose()?;
        #[cfg(feature = "otlp")]
        let registry = registry.with(traces.as_ref().map(otlp::layer));
        registry.try_init().map_err(|error| Failure::because("cannot start the log", error))?;

        let failed = |error| Failure::because("cannot start the metrics", error);
        let builder = PrometheusBuilder::new().set_buckets(&SECONDS).map_err(failed)?;
        let metrics = builder.install_recorder().map_err(failed)?;
        process::describe();
        Ok(Self {
            metrics,
            started: Stopwatch::start(),
            #[cfg(feature = "otlp")]
            traces,
        })
    }

    /// A handle that renders the metrics in the Prometheus text format, those of the process included.
    pub fn render_metrics(&self) -> RenderMetrics {
        let (metrics, started) = (self.metrics.clone(), self.started);
        Arc::new(move || {
            process::observe(&started);
            metrics.render()
        })
    }

    /// Takes in what was recorded since the last time; to be called every few seconds, whether or not anybody asks for
    /// the metrics, as it bounds their memory.
    pub fn upkeep(&self) {
        self.metrics.run_upkeep();
    }

    /// Sends what is still to be sent. Must not be called within the runtime.
    pub fn shut_down(&self) {
        #[cfg(feature = "otlp")]
        if let Some(Err(error)) =
            self.traces.as_ref().map(opentelemetry_sdk::trace::SdkTracerProvider::shutdown)
        {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

fn log<S: Subscriber + for<'a> LookupSpan<'a>>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync> {
    let layer = fmt::layer().with_writer(io::stderr);
    match format {
        // The layer itself honors NO_COLOR.
        LogFormat::Text if !io::stderr().is_terminal() => layer.with_ansi(false).boxed(),
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    }
}
