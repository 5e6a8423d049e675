//! What earlier turns said of calls that were open then, as it stands now: so that "is it done yet?" is
//! answered without another call.

use deskhand_domain::conversation::{PastTurn, Step};
use deskhand_domain::id::{InvocationId, WorkspaceId};
use deskhand_domain::prompt::ToolResult;
use deskhand_domain::report::Report;
use deskhand_store::StoreError;
use serde_json::Value;

use crate::histories::History;
use crate::recorded::came_to;
use crate::{Result, Service};

/// Most calls that are looked up, the newest.
const LOOKED_UP: usize = 32;

impl Service {
    /// Puts what has become since of calls that were under way or uncertain into the turns.
    pub(crate) async fn bring_up_to_date(
        &self,
        workspace: WorkspaceId,
        past: &mut History,
    ) -> Result<()> {
        for id in open_calls(past) {
            let invocation = match self.store().invocation(workspace, id).await {
                Err(StoreError::NotFound) => continue,
                found => found?,
            };
            let action = self.action_called(&invocation).await?;
            let fields = action.and_then(|action| action.definition.result_fields);
            let now = came_to(&invocation, fields.as_deref()).report.to_value();
            past.change(|turn| restated(turn, id, &now));
        }
        Ok(())
    }
}

/// The calls that had no end, the newest first.
fn open_calls(past: &History) -> Vec<InvocationId> {
    let mut found = Vec::new();
    let turns = past.turns().iter().rev();
    for result in turns.flat_map(|turn| turn.steps.iter().rev().flat_map(results)) {
        if let Some(id) = result.invocation_id
            && Report::is_open(&result.content)
            && !found.contains(&id)
        {
            found.push(id);
        }
    }
    found.truncate(LOOKED_UP);
    found
}

/// The turn with what is said of the call now; `None` if that is what it says.
fn restated(turn: &PastTurn, id: InvocationId, now: &Value) -> Option<PastTurn> {
    let differs = |result: &ToolResult| {
        result.invocation_id == Some(id)
            && Report::is_open(&result.content)
            && result.content != *now
    };
    if !turn.steps.iter().flat_map(results).any(differs) {
        return None;
    }
    let mut turn = turn.clone();
    for step in &mut turn.steps {
        let Step::Answered { results } = step else {
            continue;
        };
        for result in results.iter_mut().filter(|result| differs(result)) {
            result.content = now.clone();
        }
    }
    Some(turn)
}

fn results(step: &Step) -> &[ToolResult] {
    match step {
        Step::Answered { results } => results,
        Step::Asked { .. } => &[],
    }
}
