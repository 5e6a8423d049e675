//! What an operator watches, as OpenMetrics text. Labels are words of closed lists only: no name or
//! id that a tenant chose.

use std::time::Duration;

use deskhand_domain::conversation::{StopReason, TurnStatus};
use deskhand_domain::invocation::{Attempt, Invocation};
use deskhand_domain::prompt::Usage;
use deskhand_store::CameTo;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

/// From a call on loopback to the longest turn.
const SECONDS: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 30.0, 180.0,
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TurnLabels {
    status: &'static str,
    stop_reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InvocationLabels {
    status: &'static str,
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PhaseLabels {
    phase: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ModelLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CircuitLabels {
    change: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EventLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TokenLabels {
    direction: &'static str,
}

type Latency<Labels> = Family<Labels, Histogram, fn() -> Histogram>;

/// All metrics of one process.
pub struct Metrics {
    registry: Registry,
    turns: Family<TurnLabels, Counter>,
    turns_running: Gauge,
    messages_waiting: Gauge,
    writes_waiting: Gauge,
    turn_seconds: Histogram,
    invocations: Family<InvocationLabels, Counter>,
    slow_invocations: Counter,
    circuits: Family<CircuitLabels, Counter>,
    event_attempts: Family<EventLabels, Counter>,
    event_seconds: Histogram,
    attempt_seconds: Latency<PhaseLabels>,
    model_calls: Family<ModelLabels, Counter>,
    model_seconds: Histogram,
    tokens: Family<TokenLabels, Counter>,
}

fn latency() -> Histogram {
    Histogram::new(SECONDS)
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("deskhand");
        registry.register(
            "build",
            "What runs",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        let mut metrics = Self {
            turns: Family::default(),
            turns_running: Gauge::default(),
            messages_waiting: Gauge::default(),
            writes_waiting: Gauge::default(),
            turn_seconds: latency(),
            invocations: Family::default(),
            slow_invocations: Counter::default(),
            circuits: Family::default(),
            event_attempts: Family::default(),
            event_seconds: latency(),
            attempt_seconds: Family::new_with_constructor(latency),
            model_calls: Family::default(),
            model_seconds: latency(),
            tokens: Family::default(),
            registry: Registry::default(),
        };
        registry.register("turns", "Turns by how they ended", metrics.turns.clone());
        registry.register(
            "turns_running",
            "Turns under way",
            metrics.turns_running.clone(),
        );
        registry.register(
            "messages_waiting",
            "Messages that wait for an earlier turn of their conversation",
            metrics.messages_waiting.clone(),
        );
        registry.register(
            "database_writes_waiting",
            "Writes that wait for the database",
            metrics.writes_waiting.clone(),
        );
        registry.register_with_unit(
            "turn_duration",
            "From the stored message to the stored reply",
            Unit::Seconds,
            metrics.turn_seconds.clone(),
        );
        registry.register(
            "invocations",
            "Invocations by what became of them",
            metrics.invocations.clone(),
        );
        registry.register(
            "slow_invocations",
            "Invocations that took over 5 s",
            metrics.slow_invocations.clone(),
        );
        registry.register(
            "circuit_changes",
            "Circuit breakers of actions that were opened, opened again or closed",
            metrics.circuits.clone(),
        );
        registry.register(
            "event_attempts",
            "Attempts to deliver events by what came of them",
            metrics.event_attempts.clone(),
        );
        registry.register_with_unit(
            "event_attempt_duration",
            "Requests to endpoints that events are sent to",
            Unit::Seconds,
            metrics.event_seconds.clone(),
        );
        registry.register_with_unit(
            "attempt_phase_duration",
            "Requests to webhooks by phase",
            Unit::Seconds,
            metrics.attempt_seconds.clone(),
        );
        registry.register(
            "model_calls",
            "Answers asked of models",
            metrics.model_calls.clone(),
        );
        registry.register_with_unit(
            "model_call_duration",
            "From the question to the whole answer, retries included",
            Unit::Seconds,
            metrics.model_seconds.clone(),
        );
        registry.register(
            "model_tokens",
            "Tokens as providers count them",
            metrics.tokens.clone(),
        );
        metrics.registry = registry;
        metrics
    }
}

impl Metrics {
    /// A message waits for its turn until the guard is dropped.
    pub fn waiting(&self) -> InProgress {
        InProgress::new(&self.messages_waiting)
    }

    /// A turn is under way until the guard is dropped.
    pub fn running(&self) -> InProgress {
        InProgress::new(&self.turns_running)
    }

    /// A turn has ended.
    pub fn turn(&self, status: TurnStatus, stop: Option<StopReason>, took: Duration) {
        self.turns
            .get_or_create(&TurnLabels {
                status: status.as_str(),
                stop_reason: stop.map_or("", StopReason::as_str),
            })
            .inc();
        self.turn_seconds.observe(took.as_secs_f64());
    }

    /// An invocation has come to something.
    pub fn invocation(&self, invocation: &Invocation, attempts: &[Attempt], slow: bool) {
        self.invocations
            .get_or_create(&InvocationLabels {
                status: invocation.status.as_str(),
                code: invocation
                    .failure
                    .as_ref()
                    .map_or("", |failure| failure.code.as_str()),
            })
            .inc();
        if slow {
            self.slow_invocations.inc();
        }
        for timings in attempts.iter().map(|attempt| &attempt.timings) {
            for (phase, ms) in [
                ("dns", timings.dns_ms),
                ("connect", timings.connect_ms),
                ("tls", timings.tls_ms),
                ("first_byte", timings.first_byte_ms),
                ("total", Some(timings.total_ms)),
            ] {
                if let Some(ms) = ms {
                    self.attempt_seconds
                        .get_or_create(&PhaseLabels { phase })
                        .observe(ms / 1000.0);
                }
            }
        }
    }

    /// A circuit breaker has been `opened`, `reopened` or `closed`.
    pub fn circuit(&self, change: &'static str) {
        self.circuits.get_or_create(&CircuitLabels { change }).inc();
    }

    /// An attempt to deliver an event was made.
    pub fn event_attempt(&self, came_to: CameTo, attempt: &Attempt) {
        let outcome = match came_to {
            CameTo::Delivered => "delivered",
            CameTo::Again { .. } => "retried",
            CameTo::GivenUp => "given_up",
            CameTo::Gone => "gone",
        };
        self.event_attempts
            .get_or_create(&EventLabels { outcome })
            .inc();
        self.event_seconds
            .observe(attempt.timings.total_ms / 1000.0);
    }

    /// A model has answered, or not.
    pub fn model_call(&self, answered: bool, usage: Option<Usage>, took: Duration) {
        let outcome = if answered { "answered" } else { "failed" };
        self.model_calls
            .get_or_create(&ModelLabels { outcome })
            .inc();
        self.model_seconds.observe(took.as_secs_f64());
        if let Some(usage) = usage {
            for (direction, tokens) in [
                ("input", usage.input_tokens),
                ("output", usage.output_tokens),
            ] {
                self.tokens
                    .get_or_create(&TokenLabels { direction })
                    .inc_by(tokens);
            }
        }
    }

    /// Everything, in the OpenMetrics text format 1.0, with how many writes wait at this moment.
    pub fn text(&self, writes_waiting: usize) -> String {
        self.writes_waiting
            .set(i64::try_from(writes_waiting).unwrap_or(i64::MAX));
        let mut text = String::new();
        if let Err(error) = encode(&mut text, &self.registry) {
            // Writing to a string does not fail; a metric that cannot be encoded is a mistake of ours.
            tracing::error!(%error, "metrics cannot be encoded");
        }
        text
    }
}

/// Counts as one of something for as long as it lives.
#[derive(Debug)]
pub struct InProgress(Gauge);

impl InProgress {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_there_by_its_name() {
        let metrics = Metrics::default();
        let running = metrics.running();
        metrics.turn(
            TurnStatus::Failed,
            Some(StopReason::CallBudget),
            Duration::from_millis(3),
        );
        metrics.model_call(
            true,
            Some(Usage {
                input_tokens: 7,
                output_tokens: 2,
            }),
            Duration::from_millis(1),
        );
        let text = metrics.text(3);
        for line in [
            "deskhand_turns_running 1",
            "deskhand_database_writes_waiting 3",
            "deskhand_turns_total{status=\"failed\",stop_reason=\"call_budget\"} 1",
            "deskhand_model_tokens_total{direction=\"input\"} 7",
            "deskhand_turn_duration_seconds_count 1",
            "# EOF",
        ] {
            assert!(text.contains(line), "no {line} in\n{text}");
        }
        assert!(text.contains("deskhand_build_info{version="));
        drop(running);
        assert!(metrics.text(0).contains("deskhand_turns_running 0"));
    }
}
