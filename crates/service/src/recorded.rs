//! What is recorded of a call, from its intent to what its turn goes on with.

use deskhand_domain::check::CheckedCall;
use deskhand_domain::clock::Entropy;
use deskhand_domain::id::{InvocationId, WorkspaceId};
use deskhand_domain::invocation::{Failure, FailureCode, Invocation, InvocationStatus, Outcome};
use deskhand_domain::report::Report;
use deskhand_domain::turn::Ran;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Ids for calls decided together. Those of one moment are in no order by themselves; lists show them in
/// the order decided.
pub fn ids(count: usize, now: Timestamp, entropy: &dyn Entropy) -> Vec<InvocationId> {
    let ids = std::iter::repeat_with(|| InvocationId::new(now, entropy));
    let mut ids: Vec<InvocationId> = ids.take(count).collect();
    ids.sort_unstable();
    ids
}

/// The parameters of a call, in short.
pub fn hash(call: &CheckedCall) -> [u8; 32] {
    Sha256::digest(call.canonical().as_bytes()).into()
}

/// One that has been decided on.
pub fn intend(
    id: InvocationId,
    workspace: WorkspaceId,
    call: &CheckedCall,
    now: Timestamp,
) -> Invocation {
    Invocation {
        id,
        workspace_id: workspace,
        agent_id: None,
        conversation_id: None,
        turn_id: None,
        action_id: call.action_id(),
        action: call.action().to_owned(),
        action_version: call.action_version(),
        parameters: call.parameters().clone(),
        provenance: call.provenance().to_vec(),
        call_id: None,
        test: false,
        status: InvocationStatus::Intended,
        failure: None,
        result: None,
        error: None,
        warnings: Vec::new(),
        created_at: now,
        sent_at: None,
        finished_at: None,
        duration_ms: None,
        progress: None,
        expires_at: None,
        settlement: None,
    }
}

/// One that must not be sent.
pub fn refuse(invocation: &mut Invocation, code: FailureCode, message: String) {
    invocation.status = InvocationStatus::Failed;
    invocation.failure = Some(Failure {
        code,
        message,
        http_status: None,
    });
    invocation.finished_at = Some(invocation.created_at);
}

/// One that has an outcome.
pub fn apply(invocation: &mut Invocation, outcome: Outcome) {
    invocation.status = outcome.status;
    invocation.failure = outcome.failure;
    invocation.result = outcome.result;
    invocation.error = outcome.error;
    invocation.warnings = outcome.warnings;
}

/// What an invocation has come to, for the turn.
pub fn came_to(invocation: &Invocation, result_fields: Option<&[String]>) -> Ran {
    let report = match invocation.status {
        InvocationStatus::Succeeded | InvocationStatus::Completed => {
            Report::succeeded(invocation.result.as_ref(), result_fields)
        }
        InvocationStatus::Declined => {
            Report::declined(invocation.error.as_deref().unwrap_or_default())
        }
        InvocationStatus::Accepted => Report::accepted(
            invocation.result.as_ref(),
            result_fields,
            invocation.progress.as_ref().map(|said| said.text.as_str()),
        ),
        InvocationStatus::Expired => Report::expired(),
        InvocationStatus::Unknown | InvocationStatus::Sending | InvocationStatus::Intended => {
            Report::unknown()
        }
        InvocationStatus::Failed
        | InvocationStatus::AwaitingConfirmation
        | InvocationStatus::Cancelled => Report::failed(),
    };
    Ran {
        invocation_id: invocation.id,
        status: invocation.status,
        failure: invocation.failure.as_ref().map(|failure| failure.code),
        // What has been answered, if only by a mock response, is not to be run again.
        provably_unsent: invocation.provably_unsent() && !is_answered(invocation.status),
        result: match &report {
            Report::Succeeded { result, .. } => Some(result.clone()),
            _ => None,
        },
        error: invocation.error.clone(),
        report,
    }
}

fn is_answered(status: InvocationStatus) -> bool {
    matches!(
        status,
        InvocationStatus::Succeeded | InvocationStatus::Declined
    )
}
