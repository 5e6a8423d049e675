//! The part of the trait that is about events.

use async_trait::async_trait;
use deskhand_domain::event::{Delivery, DeliveryStatus, EventEndpoint};
use deskhand_domain::id::{DeliveryId, EndpointId, WorkspaceId};
use deskhand_domain::invocation::Attempt;
use deskhand_domain::secret::Secret;
use jiff::Timestamp;

use super::Database;
use super::store::job;
use crate::event::{claim, delivery, endpoint, finish, forget, secret};
use crate::{
    ClaimDeliveries, ClaimedDelivery, EndpointChanges, EventStore, FinishDelivery, Listed, Page,
    Result,
};

#[async_trait]
impl EventStore for Database {
    async fn insert_endpoint(
        &self,
        endpoint: &EventEndpoint,
        secret: &Secret,
        most: u32,
    ) -> Result<()> {
        let (workspace, new) = (endpoint.workspace_id, endpoint.clone());
        let key = self.data_key(workspace).await?;
        let sealed = secret::seal(&self.vault, &key, workspace, new.id, secret)?;
        job!(self.write, |conn| endpoint::insert(
            conn, &new, &sealed, most
        ))
    }

    async fn change_endpoint(
        &self,
        workspace: WorkspaceId,
        id: EndpointId,
        changes: &EndpointChanges,
        now: Timestamp,
    ) -> Result<EventEndpoint> {
        let changes = changes.clone();
        job!(self.write, |conn| endpoint::change(
            conn, workspace, id, &changes, now
        ))
    }

    async fn delete_endpoint(
        &self,
        workspace: WorkspaceId,
        id: EndpointId,
        now: Timestamp,
    ) -> Result<()> {
        job!(self.write, |conn| endpoint::delete(
            conn, workspace, id, now
        ))
    }

    async fn endpoint(&self, workspace: WorkspaceId, id: EndpointId) -> Result<EventEndpoint> {
        job!(self.read, |conn| endpoint::one(conn, workspace, id))
    }

    async fn endpoints(
        &self,
        workspace: WorkspaceId,
        page: Page<EndpointId>,
    ) -> Result<Listed<EventEndpoint>> {
        job!(self.browse, |conn| endpoint::list(conn, workspace, &page))
    }

    async fn rotate_endpoint_secret(
        &self,
        workspace: WorkspaceId,
        id: EndpointId,
        secret: &Secret,
        now: Timestamp,
        old_until: Timestamp,
    ) -> Result<()> {
        let key = self.data_key(workspace).await?;
        let new = secret::seal(&self.vault, &key, workspace, id, secret)?;
        job!(self.write, |conn| secret::rotate(
            conn, workspace, id, &new, now, old_until
        ))
    }

    async fn endpoint_secrets(
        &self,
        workspace: WorkspaceId,
        id: EndpointId,
        now: Timestamp,
    ) -> Result<Vec<Secret>> {
        let key = self.data_key(workspace).await?;
        let sealed = job!(self.read, |conn| secret::valid(conn, workspace, id, now))?;
        secret::open(&self.vault, &key, workspace, id, &sealed)
    }

    async fn delivery(&self, workspace: WorkspaceId, id: DeliveryId) -> Result<Delivery> {
        job!(self.read, |conn| delivery::one(conn, workspace, id))
    }

    async fn delivery_attempts(
        &self,
        workspace: WorkspaceId,
        id: DeliveryId,
    ) -> Result<Vec<Attempt>> {
        job!(self.browse, |conn| delivery::attempts(conn, workspace, id))
    }

    async fn deliveries(
        &self,
        workspace: WorkspaceId,
        endpoint: EndpointId,
        status: Option<DeliveryStatus>,
        page: Page<DeliveryId>,
    ) -> Result<Listed<Delivery>> {
        job!(self.browse, |conn| delivery::list(
            conn, workspace, endpoint, status, &page
        ))
    }

    async fn deliver_again(
        &self,
        workspace: WorkspaceId,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<Delivery> {
        let vault = self.vault.clone();
        job!(self.write, |conn| delivery::again(
            conn,
            workspace,
            id,
            now,
            vault.entropy()
        ))
    }

    async fn deliver_test(
        &self,
        workspace: WorkspaceId,
        endpoint: EndpointId,
        now: Timestamp,
    ) -> Result<Delivery> {
        let vault = self.vault.clone();
        job!(self.write, |conn| delivery::test(
            conn,
            workspace,
            endpoint,
            now,
            vault.entropy()
        ))
    }

    async fn claim_deliveries(&self, claim: &ClaimDeliveries) -> Result<Vec<ClaimedDelivery>> {
        let claim = *claim;
        // Who is due is looked for without holding up other writes.
        let due = job!(self.browse, |conn| claim::due(conn, &claim))?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let name = claim::new_claim(self.vault.entropy());
        job!(self.write, |conn| claim::claim(conn, &claim, &due, &name))
    }

    async fn finish_delivery(&self, finish: &FinishDelivery) -> Result<bool> {
        let (end, vault) = (finish.clone(), self.vault.clone());
        job!(self.write, |conn| finish::finish(
            conn,
            &end,
            vault.entropy()
        ))
    }

    async fn forget_events(&self, before: Timestamp, most: u32) -> Result<u64> {
        job!(self.write, |conn| forget::forget(conn, before, most))
    }
}
