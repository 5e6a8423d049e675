//! One call: its attempts, the waits between them, and what became of it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use deskhand_domain::clock::{Clock, Entropy};
use deskhand_domain::id::{InvocationId, WorkspaceId};
use deskhand_domain::invocation::{Attempt, Failure, FailureCode, Outcome};
use deskhand_domain::limits::{ATTEMPTS, DNS_TIMEOUT_AT_SAVE, REQUEST_BYTES};
use tokio::time::Instant;

use crate::connect::{Connector, NoConnection};
use crate::dial::SystemDial;
use crate::error::Error;
use crate::exchange::Finished;
use crate::headers::CallHeader;
use crate::outcome::{Happened, Nature, after_uncertain, cap_error, judge};
use crate::outgoing::Outgoing;
use crate::policy::{EgressPolicy, Refusal};
use crate::pool::{Key, Pool, idle_at_most};
use crate::redact::Redactor;
use crate::resolve::Resolve;
use crate::retry::{backoff, retry_after};
use crate::sign::SigningSecret;
use crate::tls;
use crate::url::{Host, Target};

/// What a client is made from.
#[derive(Debug)]
pub struct ClientConfig {
    /// Where calls may go.
    pub policy: EgressPolicy,
    /// Who resolves names.
    pub resolver: Arc<dyn Resolve>,
    /// Whether the system's root certificates are trusted.
    pub native_roots: bool,
    /// More root certificates, as PEM.
    pub extra_roots_pem: Option<Vec<u8>>,
    /// What time it is, for signatures and records.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for ids and waits.
    pub entropy: Arc<dyn Entropy>,
}

/// The one way out to addresses that tenants give.
#[derive(Debug)]
pub struct Client {
    pub(crate) connector: Connector,
    pub(crate) pool: Arc<Pool>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
}

/// One call to be made. Its `Debug` shows which call it is, not what it carries.
#[derive(Clone)]
pub struct Call {
    /// The tenant; connections are never shared between two.
    pub workspace_id: WorkspaceId,
    /// Also the `webhook-id` and `idempotency-key` of every attempt.
    pub invocation_id: InvocationId,
    /// The action's `webhook_url`, judged anew at every attempt.
    pub url: String,
    /// The exact body, at most 256 KiB.
    pub body: Bytes,
    /// The action's own headers.
    pub headers: Vec<CallHeader>,
    /// Every secret that is alive; each signs.
    pub signing_secrets: Vec<SigningSecret>,
    /// Whether the action only looks something up (`effect: "read"`).
    pub read_only: bool,
    /// Whether the endpoint handles the same key twice safely.
    pub idempotent: bool,
    /// Bounds everything: all attempts and the waits between them.
    pub timeout: Duration,
    /// Whether the contact has been proven.
    pub contact_verified: bool,
    /// Whether it is made from a test or a playground.
    pub test: bool,
    /// Where the endpoint reports back, for long-running actions. What follows its last slash is a
    /// token, and is shown nowhere.
    pub callback_url: Option<String>,
    /// What is known of a request that was made for this invocation before and may have arrived, as
    /// after a crash. Only for what may be sent again.
    pub earlier: Option<Failure>,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct CallReport {
    /// The outcome of the invocation.
    pub outcome: Outcome,
    /// Every attempt, in order.
    pub attempts: Vec<Attempt>,
    /// Whether any byte of a request may have left. If not, nothing can have happened.
    pub sent: bool,
}

/// Asked before the first byte of each attempt; the byte waits for its answer. This is where the
/// intent is committed.
#[async_trait]
pub trait Gate: Send + Sync {
    /// Called once an attempt (1 is the first) has a connection ready.
    ///
    /// # Errors
    /// [`GateClosed`]: nothing is sent, and the call ends.
    async fn before_first_byte(&self, attempt: u32) -> Result<(), GateClosed>;

    /// Told of each attempt when it is over, as it will be reported.
    fn after_attempt(&self, _attempt: &Attempt) {}
}

/// Nothing may be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct GateClosed {
    /// Why, for the operator.
    pub reason: String,
}

/// What looking at a target while an action is saved found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveCheck {
    /// It resolves to public addresses.
    Fine,
    /// It does not resolve now: worth a warning.
    DoesNotResolve,
    /// It resolves to something that is never called.
    Refused(Refusal),
}

impl Client {
    /// Makes a client.
    ///
    /// # Errors
    /// [`Error::CaFile`] or [`Error::Tls`].
    pub fn new(config: ClientConfig) -> Result<Self, Error> {
        Self::build(config, Arc::new(SystemDial))
    }

    /// Makes a client whose TCP connections are opened by `dial`, after the whole address policy.
    ///
    /// # Errors
    /// As [`Client::new`].
    #[cfg(feature = "testing")]
    pub fn with_dial(
        config: ClientConfig,
        dial: Arc<dyn crate::dial::Dial>,
    ) -> Result<Self, Error> {
        Self::build(config, dial)
    }

    fn build(config: ClientConfig, dial: Arc<dyn crate::dial::Dial>) -> Result<Self, Error> {
        let tls = tls::connector(config.native_roots, config.extra_roots_pem.as_deref())?;
        Ok(Self {
            connector: Connector {
                policy: config.policy,
                resolver: config.resolver,
                dial,
                tls,
            },
            pool: Arc::default(),
            clock: config.clock,
            entropy: config.entropy,
        })
    }

    /// Where this client may go.
    pub fn policy(&self) -> &EgressPolicy {
        &self.connector.policy
    }

    /// Looks at what a target resolves to, for at most 2 s, while an action is saved.
    pub async fn check_at_save(&self, target: &Target) -> SaveCheck {
        let addresses = match target.host() {
            Host::Ip(ip) => Ok(vec![*ip]),
            Host::Name(name) => self.connector.resolve(name, DNS_TIMEOUT_AT_SAVE).await,
        };
        let refusal = match addresses {
            Ok(addresses) => self
                .connector
                .check_all(&addresses, target.port())
                .await
                .err(),
            Err(NoConnection::Refused(refusal)) => Some(refusal),
            Err(_) => return SaveCheck::DoesNotResolve,
        };
        refusal.map_or(SaveCheck::Fine, SaveCheck::Refused)
    }

    /// Whether a call to this URL would find a connection ready, so that next to nothing stands between
    /// its beginning and its first byte.
    pub fn has_connection(&self, workspace: WorkspaceId, url: &str, nature: Nature) -> bool {
        let Ok(target) = self.connector.policy.check_url(url) else {
            return false;
        };
        let key = Key {
            workspace,
            host: target.host().clone(),
            port: target.port(),
        };
        self.pool.has(&key, idle_at_most(nature))
    }

    /// Makes the call. Every attempt is judged, recorded and reported; nothing is sent that is not
    /// in the report.
    pub async fn call(&self, call: Call, gate: &dyn Gate) -> CallReport {
        let deadline = Instant::now() + call.timeout;
        let nature = Nature::of(call.read_only, call.idempotent);
        let outgoing = Outgoing::Call(&call);
        let redactor = outgoing.redactor();
        let mut report = CallReport {
            outcome: Outcome::failed(FailureCode::Interrupted, "Nothing was sent."),
            attempts: Vec::new(),
            sent: call.earlier.is_some(),
        };
        if call.body.len() > REQUEST_BYTES {
            let refused = Outcome::failed(
                FailureCode::Interrupted,
                "Nothing was sent: the request body is over the limit of 256 KiB.",
            );
            report.outcome = match &call.earlier {
                Some(earlier) => after_uncertain(refused, earlier, nature),
                None => refused,
            };
            return report;
        }
        let mut uncertain: Option<Failure> = call.earlier.clone();
        for number in 1..=ATTEMPTS {
            let finished = self.attempt(outgoing, number, deadline, gate).await;
            let mut verdict = judge(&finished.happened, nature);
            if call.callback_url.is_some() {
                verdict = verdict.awaited(&finished.happened);
            }
            let wait = self.wait_before_next(&finished, number, deadline);
            report.sent |= finished.sent;
            report.outcome = clean(verdict.outcome, &redactor);
            let attempt = finished.record(report.outcome.failure.clone(), &redactor);
            gate.after_attempt(&attempt);
            report.attempts.push(attempt);
            if let Some(earlier) = &uncertain {
                report.outcome = after_uncertain(report.outcome, earlier, nature);
            }
            if verdict.uncertain {
                uncertain = uncertain.or_else(|| report.outcome.failure.clone());
            }
            match wait.filter(|_| verdict.may_retry && number < ATTEMPTS) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => break,
            }
        }
        report
    }

    /// How long to wait before another attempt; `None` where the time left does not allow one.
    fn wait_before_next(
        &self,
        finished: &Finished,
        number: u32,
        deadline: Instant,
    ) -> Option<Duration> {
        let jitter = backoff(number, &*self.entropy);
        let asked = match &finished.happened {
            Happened::Answered(_) | Happened::TooLarge(_) => finished
                .header("retry-after")
                .and_then(|value| retry_after(value, self.clock.now())),
            _ => None,
        };
        let wait = asked.map_or(jitter, |asked| asked.max(jitter));
        let left = deadline.saturating_duration_since(Instant::now());
        (wait < left).then_some(wait)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("workspace_id", &self.workspace_id)
            .field("invocation_id", &self.invocation_id)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

fn clean(outcome: Outcome, redactor: &Redactor) -> Outcome {
    Outcome {
        result: outcome.result.map(|result| redactor.value(result)),
        error: outcome.error.map(|error| cap_error(&redactor.text(&error))),
        ..outcome
    }
}

impl fmt::Display for SaveCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fine => f.write_str("fine"),
            Self::DoesNotResolve => f.write_str("the host does not resolve"),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}
