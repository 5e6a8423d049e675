//! The owner's system reporting back on long-running operations, as persistently as one should.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;

use crate::client;
use crate::cluster::Addresses;
use crate::trigger::{Place, Trigger};
use crate::work::{Action, receipt};

/// The latest that a report is sent after the call.
const AFTER_MS: u64 = 1_500;
/// The wait before a report that reached nobody is sent again.
const AGAIN: Duration = Duration::from_millis(60);
/// How long a report is tried: a server that is gone that long is a finding of its own.
const TRIES: u32 = 2_000;

/// What is to be reported.
pub struct Report {
    pub invocation: String,
    pub url: String,
    pub order: String,
}

/// A report and how it was taken.
#[derive(Debug, Clone)]
pub struct Reported {
    pub invocation: String,
    pub success: bool,
    /// The last status it was answered with; null if it reached nobody.
    pub status: Option<u16>,
}

/// Sends reports in the background.
pub struct Callbacks {
    pub addresses: Arc<Addresses>,
    pub trigger: Arc<Trigger>,
    reported: Mutex<Vec<Reported>>,
    open: std::sync::atomic::AtomicUsize,
}

impl Callbacks {
    pub fn new(addresses: Arc<Addresses>, trigger: Arc<Trigger>) -> Self {
        Self {
            addresses,
            trigger,
            reported: Mutex::default(),
            open: 0.into(),
        }
    }

    /// Every report that has come to its end.
    pub fn all(&self) -> Vec<Reported> {
        self.reported
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How many are under way.
    pub fn open(&self) -> usize {
        self.open.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Reports after a while: the wait and the verdict are the order's, so a call that was sent twice
    /// is reported on in the same words.
    pub fn send(self: &Arc<Self>, report: Report) {
        let own = Arc::clone(self);
        self.open.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        tokio::spawn(async move {
            let reported = own.report(&report).await;
            let mut all = own.reported.lock().unwrap_or_else(PoisonError::into_inner);
            all.push(reported);
            own.open.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
        });
    }

    async fn report(&self, report: &Report) -> Reported {
        let spread = report.order.bytes().map(u64::from).sum::<u64>();
        tokio::time::sleep(Duration::from_millis(spread * 97 % AFTER_MS)).await;
        // Whatever host it names: any node takes it.
        let path = report
            .url
            .splitn(4, '/')
            .nth(3)
            .map_or_else(String::new, |path| format!("/{path}"));
        let success = spread % 4 != 0;
        let verdict = match success {
            true => json!({
                "success": true, "result": { "receipt": receipt(Action::Refund, &report.order) },
            }),
            false => json!({ "success": false, "error": "The bank said no" }),
        };
        let mut bodies = vec![verdict];
        if spread.is_multiple_of(3) {
            bodies.insert(0, json!({ "progress": "Half way there" }));
        }
        let mut status = None;
        for body in bodies {
            status = self.deliver(&path, &body).await;
        }
        Reported {
            invocation: report.invocation.clone(),
            success,
            status,
        }
    }

    async fn deliver(&self, path: &str, body: &serde_json::Value) -> Option<u16> {
        let mut last = None;
        for attempt in 0..TRIES {
            let to = self.addresses.nth(attempt as usize);
            let sent = client::request(to, "POST", path, &[], Some(body));
            if attempt == 0 {
                self.trigger.pass(Place::CallbackSent);
            }
            match sent.await {
                Ok(answer) if answer.status < 500 && answer.status != 429 => {
                    return Some(answer.status);
                }
                Ok(answer) => last = Some(answer.status),
                Err(_) => {}
            }
            tokio::time::sleep(AGAIN).await;
        }
        last
    }
}
