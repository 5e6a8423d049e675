//! Work that goes on by itself. Each kind is a round that tests call directly, and a loop that calls it
//! again and again until the server stops.

use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{Result, Service, ServiceError};

/// How often a node renews its lease.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// How often a node looks for what others have left behind.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often a node looks for events to be delivered, if nobody wakes it.
const DELIVER_EVERY: Duration = Duration::from_secs(1);
/// How often what listeners may still come back for is looked through.
const TIDY_EVERY: Duration = Duration::from_secs(15);
/// How often old events are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(3600);
/// How often a node looks for what nobody has reported on in time.
const GIVE_UP_EVERY: Duration = Duration::from_secs(15);

impl Service {
    /// Starts the loops. They end when the server stops.
    pub fn start_background(&self) {
        self.start_relay();
        // A node that finishes what is under way still has it.
        let until = &self.inner.ended;
        self.repeat("lease", RENEW_EVERY, until, None, |service| async move {
            service.renew_lease().await
        });
        let until = &self.inner.stopping;
        self.repeat("recovery", LOOK_EVERY, until, None, |service| async move {
            service.recovery_round().await.map(drop)
        });
        self.repeat("expiry", GIVE_UP_EVERY, until, None, |service| async move {
            service.expiry_round().await
        });
        self.repeat("feeds", TIDY_EVERY, until, None, |service| async move {
            service.inner.feeds.forget_ended();
            Ok(())
        });
        let wake: fn(&Self) -> &Notify = |service| &service.inner.outbox.wake;
        self.repeat(
            "events",
            DELIVER_EVERY,
            until,
            Some(wake),
            |service| async move { service.start_deliveries().await },
        );
        self.repeat(
            "forgetting",
            FORGET_EVERY,
            until,
            None,
            |service| async move { service.forget_events().await.map(drop) },
        );
    }

    /// Calls a round at once when it is woken, and else every so often. A round that fails is called
    /// again after the same time.
    pub(crate) fn repeat<W, F>(
        &self,
        name: &'static str,
        every: Duration,
        until: &CancellationToken,
        woken: Option<fn(&Self) -> &Notify>,
        round: W,
    ) where
        W: Fn(Self) -> F + Send + 'static,
        F: Future<Output = Result<()>> + Send,
    {
        let (service, until) = (self.clone(), until.clone());
        tokio::spawn(async move {
            loop {
                let sooner = async {
                    match woken {
                        Some(woken) => woken(&service).notified().await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = until.cancelled() => return,
                    () = tokio::time::sleep(every) => {}
                    () = sooner => {}
                }
                match round(service.clone()).await {
                    Err(ServiceError::Closed) => return,
                    Err(error) => {
                        tracing::error!(%error, name, "a round failed; it is tried again");
                    }
                    Ok(()) => {}
                }
            }
        });
    }
}
