//! From what is recorded of a call to what its turn goes on with.

use deskhand_domain::invocation::{Invocation, InvocationStatus};
use deskhand_domain::report::Report;
use deskhand_domain::turn::Ran;

/// What an invocation has come to, for the turn.
pub fn came_to(invocation: &Invocation, result_fields: Option<&[String]>) -> Ran {
    let report = match invocation.status {
        InvocationStatus::Succeeded | InvocationStatus::Completed => {
            Report::succeeded(invocation.result.as_ref(), result_fields)
        }
        InvocationStatus::Declined => {
            Report::declined(invocation.error.as_deref().unwrap_or_default())
        }
        InvocationStatus::Accepted => Report::accepted(invocation.result.as_ref(), result_fields),
        InvocationStatus::Unknown | InvocationStatus::Sending | InvocationStatus::Intended => {
            Report::unknown()
        }
        InvocationStatus::Failed
        | InvocationStatus::AwaitingConfirmation
        | InvocationStatus::Expired
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
