//! Deliveries as their owner reads them, and those made by hand.

use deskhand_domain::event::{Delivery, DeliveryStatus};
use deskhand_domain::id::{DeliveryId, EndpointId, WorkspaceId};
use deskhand_domain::invocation::Attempt;
use deskhand_store::{Listed, Page};

use crate::{Result, Service};

/// One delivery with every request made for it.
#[derive(Debug, Clone)]
pub struct DeliveryView {
    /// The delivery.
    pub delivery: Delivery,
    /// In order.
    pub attempts: Vec<Attempt>,
}

impl Service {
    /// One delivery with its attempts.
    pub async fn delivery(&self, workspace: WorkspaceId, id: DeliveryId) -> Result<DeliveryView> {
        Ok(DeliveryView {
            delivery: self.store().delivery(workspace, id).await?,
            attempts: self.store().delivery_attempts(workspace, id).await?,
        })
    }

    /// Lists the deliveries to an endpoint, newest first.
    pub async fn deliveries(
        &self,
        workspace: WorkspaceId,
        endpoint: EndpointId,
        status: Option<DeliveryStatus>,
        page: Page<DeliveryId>,
    ) -> Result<Listed<Delivery>> {
        Ok(self
            .store()
            .deliveries(workspace, endpoint, status, page)
            .await?)
    }

    /// Sends the event of a delivery once more, as a new delivery. The receiver knows it by its id.
    pub async fn redeliver(&self, workspace: WorkspaceId, id: DeliveryId) -> Result<Delivery> {
        let now = self.now();
        let delivery = self.store().deliver_again(workspace, id, now).await?;
        self.events_wait();
        Ok(delivery)
    }

    /// Sends an endpoint an event that says nothing. It is tried once.
    pub async fn test_endpoint(&self, workspace: WorkspaceId, id: EndpointId) -> Result<Delivery> {
        let now = self.now();
        let delivery = self.store().deliver_test(workspace, id, now).await?;
        self.events_wait();
        Ok(delivery)
    }
}
