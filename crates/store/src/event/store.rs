//! What events ask of a database.

use async_trait::async_trait;
use deskhand_domain::event::{Delivery, DeliveryStatus, EventEndpoint};
use deskhand_domain::id::{DeliveryId, EndpointId, WorkspaceId};
use deskhand_domain::invocation::Attempt;
use deskhand_domain::secret::Secret;
use jiff::Timestamp;

use super::{ClaimDeliveries, ClaimedDelivery, EndpointChanges, FinishDelivery};
use crate::{Listed, Page, Result};

/// The part of a database that is about events. The events themselves are written with what caused
/// them.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Stores a new endpoint with its signing secret. `Conflict` if the workspace has `most`.
    async fn insert_endpoint(
        &self,
        endpoint: &EventEndpoint,
        secret: &Secret,
        most: u32,
    ) -> Result<()>;
    /// Changes one, and returns it as it is then.
    async fn change_endpoint(
        &self,
        workspace: WorkspaceId,
        id: EndpointId,
        changes: &EndpointChanges,
        now: Timestamp,
    ) -> Result<EventEndpoint>;
    /// Removes one from sight, with its deliveries, and wipes its secrets. What was on its way is
    /// given up.
    async fn delete_endpoint(
        &self,
        workspace: WorkspaceId,
        id: EndpointId,
        now: Timestamp,
    ) -> Result<()>;
    /// One endpoint.
    async fn endpoint(&self, workspace: WorkspaceId, id: EndpointId) -> Result<EventEndpoint>;
    /// Lists endpoints.
    async fn endpoints(
        &self,
        workspace: WorkspaceId,
        page: Page<EndpointId>,
    ) -> Result<Listed<EventEndpoint>>;
    /// Makes `secret` the current signing secret; those before it stay valid until `old_until` at
    /// the longest.
    async fn rotate_endpoint_secret(
        &self,
        workspace: WorkspaceId,
        id: EndpointId,
        secret: &Secret,
        now: Timestamp,
        old_until: Timestamp,
    ) -> Result<()>;
    /// The signing secrets that are valid at `now`, the current one first.
    async fn endpoint_secrets(
        &self,
        workspace: WorkspaceId,
        id: EndpointId,
        now: Timestamp,
    ) -> Result<Vec<Secret>>;

    /// One delivery.
    async fn delivery(&self, workspace: WorkspaceId, id: DeliveryId) -> Result<Delivery>;
    /// Every request made for it, in order.
    async fn delivery_attempts(
        &self,
        workspace: WorkspaceId,
        id: DeliveryId,
    ) -> Result<Vec<Attempt>>;
    /// Lists the deliveries to an endpoint, those that stand so.
    async fn deliveries(
        &self,
        workspace: WorkspaceId,
        endpoint: EndpointId,
        status: Option<DeliveryStatus>,
        page: Page<DeliveryId>,
    ) -> Result<Listed<Delivery>>;
    /// Puts the event of a delivery on its way again, as a new delivery.
    async fn deliver_again(
        &self,
        workspace: WorkspaceId,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<Delivery>;
    /// Puts an event that says nothing on its way to an endpoint.
    async fn deliver_test(
        &self,
        workspace: WorkspaceId,
        endpoint: EndpointId,
        now: Timestamp,
    ) -> Result<Delivery>;

    /// Claims deliveries that are due, in all workspaces: their next attempt is the caller's, until
    /// the claim ends.
    async fn claim_deliveries(&self, claim: &ClaimDeliveries) -> Result<Vec<ClaimedDelivery>>;
    /// Stores an attempt and what came of it. False: the claim is no longer held, and what came of
    /// it is another's to say. An endpoint that answers 410, or that nothing has reached for five
    /// days, is disabled, and the others are told.
    async fn finish_delivery(&self, finish: &FinishDelivery) -> Result<bool>;
    /// Forgets deliveries and events made before a moment, in all workspaces, so many at most.
    /// Returns how many.
    async fn forget_events(&self, before: Timestamp, most: u32) -> Result<u64>;
}
