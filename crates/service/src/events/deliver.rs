//! The work of delivering: claim what is due, make one attempt of each, say what came of it. A claim
//! that is never answered for ends, and the attempt is made again: each event arrives at least once.

use std::sync::Arc;
use std::time::Duration;

use deskhand_domain::event::{EventType, next_attempt};
use deskhand_domain::limits::{
    DELIVERIES_AT_ONCE, DELIVERIES_PER_ENDPOINT, EVENT_CLAIM, EVENT_TIMEOUT,
    EVENTS_FORGOTTEN_AT_ONCE, EVENTS_KEPT,
};
use deskhand_store::{CameTo, ClaimDeliveries, ClaimedDelivery, FinishDelivery, StoreError};
use deskhand_webhook::{Notification, NotifyReport, SigningSecret};
use futures_util::future::join_all;
use jiff::SignedDuration;
use tokio::sync::{Notify, Semaphore};

use crate::{Result, Service, ServiceError};

/// The shortest time between two looks, so that a busy server does not look with every message.
const REST: Duration = Duration::from_millis(20);
/// What a node keeps of the deliveries it makes.
pub(crate) struct Outbox {
    pub(crate) wake: Notify,
    /// The room for deliveries under way.
    room: Arc<Semaphore>,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            wake: Notify::new(),
            room: Arc::new(Semaphore::new(DELIVERIES_AT_ONCE as usize)),
        }
    }
}

impl Service {
    /// Something has been committed that others may have to be told.
    pub(crate) fn events_wait(&self) {
        self.inner.outbox.wake.notify_one();
    }

    /// Makes one attempt of everything that is due now, as far as it may be under way at once.
    /// Returns how many were made.
    pub async fn deliver_round(&self) -> Result<usize> {
        let claimed = self.claim_due(DELIVERIES_AT_ONCE).await?;
        let made = claimed.len();
        join_all(claimed.into_iter().map(|one| self.deliver(one))).await;
        Ok(made)
    }

    /// Forgets what is older than 30 days, a little at a time. Returns how many rows went.
    pub async fn forget_events(&self) -> Result<u64> {
        let kept = SignedDuration::try_from(EVENTS_KEPT).unwrap_or(SignedDuration::MAX);
        let before = self.now().checked_sub(kept).unwrap_or(jiff::Timestamp::MIN);
        let mut gone = 0;
        loop {
            let some = self
                .store()
                .forget_events(before, EVENTS_FORGOTTEN_AT_ONCE)
                .await?;
            gone += some;
            if some == 0 {
                return Ok(gone);
            }
            // Whatever waits for the database goes first.
            tokio::task::yield_now().await;
        }
    }

    /// Starts what is due and there is room for; a slow endpoint holds up nobody.
    pub(crate) async fn start_deliveries(&self) -> Result<()> {
        tokio::time::sleep(REST).await;
        let room = &self.inner.outbox.room;
        let free = u32::try_from(room.available_permits()).unwrap_or(DELIVERIES_AT_ONCE);
        if free == 0 {
            return Ok(());
        }
        for one in self.claim_due(free).await? {
            // Only this loop takes places, so there is one.
            let place = room.clone().acquire_owned().await;
            let service = self.clone();
            // The server waits for it when it stops; it is over within a claim.
            self.spawn(async move {
                service.deliver(one).await;
                drop(place);
                service.events_wait();
            });
        }
        Ok(())
    }

    async fn claim_due(&self, most: u32) -> Result<Vec<ClaimedDelivery>> {
        let now = self.now();
        let claim = SignedDuration::try_from(EVENT_CLAIM).unwrap_or(SignedDuration::MAX);
        let claim = ClaimDeliveries {
            most,
            per_endpoint: DELIVERIES_PER_ENDPOINT,
            now,
            until: now.checked_add(claim).unwrap_or(now),
        };
        Ok(self.store().claim_deliveries(&claim).await?)
    }

    /// Makes one attempt and stores what came of it. Where that fails the claim ends by itself.
    async fn deliver(&self, claimed: ClaimedDelivery) {
        let (id, event) = (claimed.delivery.id, claimed.delivery.event_id);
        match self.attempt(claimed).await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(%id, %event, "the claim of a delivery had ended"),
            // Its endpoint has been removed meanwhile.
            Err(ServiceError::NotFound) => {}
            Err(error) => {
                tracing::error!(%error, %id, %event, "a delivery was not made; it is tried again");
            }
        }
    }

    async fn attempt(&self, claimed: ClaimedDelivery) -> Result<bool> {
        let delivery = &claimed.delivery;
        let (workspace, endpoint) = (delivery.workspace_id, delivery.endpoint_id);
        let secrets = self
            .store()
            .endpoint_secrets(workspace, endpoint, self.now())
            .await?;
        let signing_secrets = secrets
            .iter()
            .map(|secret| SigningSecret::parse(secret.expose()))
            .collect::<std::result::Result<_, _>>()
            .map_err(|error| StoreError::Damaged(error.to_string()))?;
        let number = delivery.attempts_made + 1;
        let report = self
            .webhook()
            .notify(&Notification {
                workspace_id: workspace,
                event_id: delivery.event_id,
                url: claimed.url,
                body: claimed.body.into(),
                signing_secrets,
                timeout: EVENT_TIMEOUT,
                number,
            })
            .await;
        let once = delivery.r#type == EventType::EndpointTest;
        let came_to = self.came_to(&report, number, once);
        self.inner.metrics.event_attempt(came_to, &report.attempt);
        Ok(self
            .store()
            .finish_delivery(&FinishDelivery {
                workspace_id: workspace,
                id: delivery.id,
                claim: claimed.claim,
                attempt: report.attempt,
                came_to,
                at: self.now(),
            })
            .await?)
    }

    fn came_to(&self, report: &NotifyReport, number: u32, once: bool) -> CameTo {
        let status = report.attempt.response.as_ref().map(|answer| answer.status);
        if report.attempt.failure.is_none() {
            return CameTo::Delivered;
        }
        if status == Some(410) {
            return CameTo::Gone;
        }
        let next = next_attempt(number, report.retry_after, self.now(), self.entropy());
        match next.filter(|_| !once) {
            Some(at) => CameTo::Again { at },
            None => CameTo::GivenUp,
        }
    }
}
