//! The part of the trait that is about numbers.

use async_trait::async_trait;
use deskhand_domain::id::{ActionId, WorkspaceId};
use deskhand_domain::statistics::LastFailure;
use jiff::Timestamp;

use super::Database;
use super::store::job;
use crate::{CalledAction, Counted, Result, StatisticsFilter, StatisticsStore, statistics};

#[async_trait]
impl StatisticsStore for Database {
    async fn statistics(
        &self,
        workspace: WorkspaceId,
        filter: &StatisticsFilter,
    ) -> Result<Counted> {
        let filter = filter.clone();
        job!(self.browse, |conn| statistics::count_all(
            conn, workspace, &filter
        ))
    }

    async fn called_actions(
        &self,
        workspace: WorkspaceId,
        versions: Vec<(ActionId, Option<u32>)>,
    ) -> Result<Vec<CalledAction>> {
        job!(self.browse, |conn| statistics::called_actions(
            conn, workspace, &versions
        ))
    }

    async fn last_failures(
        &self,
        workspace: WorkspaceId,
        actions: Vec<ActionId>,
        filter: &StatisticsFilter,
    ) -> Result<Vec<(ActionId, u32, LastFailure)>> {
        let filter = filter.clone();
        job!(self.browse, |conn| statistics::last_failures(
            conn, workspace, &actions, &filter
        ))
    }

    async fn latest_p95(
        &self,
        workspace: WorkspaceId,
        action: &str,
        since: Timestamp,
    ) -> Result<Option<u64>> {
        let action = action.to_owned();
        job!(self.browse, |conn| statistics::latest_p95(
            conn, workspace, &action, since
        ))
    }
}
