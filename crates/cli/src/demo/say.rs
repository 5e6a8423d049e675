//! `deskhand demo --say`: one conversation in the terminal, every step printed.

use std::time::Duration;

use anyhow::{Context, bail};
use deskhand_domain::conversation::Mode;
use deskhand_domain::id::{ConversationId, TurnId};
use deskhand_domain::invocation::{Attempt, InvocationStatus};
use deskhand_service::{
    Chat, EventId, InvocationFilter, InvocationSummary, InvocationView, Page, Service,
};
use serde_json::{Value, json};

use super::data::Demo;
use crate::terminal::{Style, Terminal};

/// Longest wait for what the shop reports.
const PATIENCE: Duration = Duration::from_secs(10);

/// Says the messages in turn, prints what happens.
pub(crate) async fn run(
    service: &Service,
    demo: &Demo,
    messages: &[String],
    as_json: bool,
) -> anyhow::Result<()> {
    let mut t = Terminal::stdout();
    let mut conversation_id = None;
    let mut own = Vec::new();
    let mut begun: Option<TurnId> = None;
    for message in messages {
        customer(&mut t, message, as_json);
        let chat = Chat {
            message: message.clone(),
            conversation_id: conversation_id.clone(),
            contact: None,
            contact_token: None,
            mode: Mode::Live,
            trace: false,
            stream: false,
        };
        let answer = match service.chat(demo.workspace, demo.agent, chat).await {
            Ok(answer) => answer,
            Err(deskhand_service::ServiceError::Invalid(errors)) => {
                let errors: Vec<String> = errors
                    .iter()
                    .map(|e| format!("{} {}", e.field, e.message))
                    .collect();
                bail!("{}", errors.join("; "));
            }
            Err(error) => return Err(error).context("the message was not handled"),
        };
        for invocation in &answer.invocations {
            let view = service.invocation(demo.workspace, invocation.id).await?;
            action(&mut t, invocation, &view, as_json);
        }
        agent(&mut t, &answer.reply, answer.status.as_str(), as_json);
        let waits = |call: &InvocationSummary| call.status == InvocationStatus::Accepted;
        if answer.invocations.iter().any(waits) {
            begun = begun.or(Some(answer.turn_id));
        }
        own.push(answer.turn_id);
        conversation_id = Some(answer.conversation_id.to_string());
    }
    if let (Some(turn_id), Some(conversation)) = (begun, conversation_id) {
        let conversation = conversation.parse().context("the conversation's id")?;
        // What does not come in this time is left to the shop.
        let followed = follow_ups(
            &mut t,
            service,
            demo,
            conversation,
            (turn_id, &own),
            as_json,
        );
        if let Ok(followed) = tokio::time::timeout(PATIENCE, followed).await {
            followed?;
        }
    }
    Ok(())
}

/// Prints what is said of work that has been begun, until none is under way.
async fn follow_ups(
    t: &mut Terminal,
    service: &Service,
    demo: &Demo,
    conversation: ConversationId,
    (turn_id, own): (TurnId, &[TurnId]),
    as_json: bool,
) -> anyhow::Result<()> {
    let last = EventId {
        turn_id,
        place: None,
    };
    let mut listening = service
        .listen(demo.workspace, conversation, Some(last), false)
        .await?;
    let filter = InvocationFilter {
        conversation_id: Some(conversation),
        status: Some(InvocationStatus::Accepted),
        ..InvocationFilter::default()
    };
    loop {
        let page = Page {
            limit: 1,
            before: None,
        };
        let waiting = service.invocations(demo.workspace, &filter, page).await?;
        let wait = match waiting.rows.is_empty() {
            // Whatever is done has been said.
            true => Duration::from_millis(50),
            false => PATIENCE,
        };
        let Ok(Some(event)) = tokio::time::timeout(wait, listening.next()).await else {
            return Ok(());
        };
        if event.is_last() && !own.contains(&event.id.turn_id) {
            let data: Value = serde_json::from_str(&event.data)?;
            let text = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
            agent(t, &text("reply"), &text("status"), as_json);
        }
    }
}

fn customer(t: &mut Terminal, text: &str, as_json: bool) {
    if as_json {
        return t.line(&json!({"event": "message", "role": "customer", "text": text}).to_string());
    }
    let who = t.styled(Style::Strong, "customer");
    t.line(&format!("{who}  {text}"));
}

fn agent(t: &mut Terminal, text: &str, status: &str, as_json: bool) {
    if as_json {
        return t.line(
            &json!({"event": "message", "role": "agent", "status": status, "text": text})
                .to_string(),
        );
    }
    let who = t.styled(Style::Strong, "agent   ");
    t.line(&format!("{who}  {text}"));
    t.line("");
}

fn action(t: &mut Terminal, invocation: &InvocationSummary, view: &InvocationView, as_json: bool) {
    if as_json {
        return t.line(
            &json!({
                "event": "invocation",
                "invocation": view.invocation,
                "attempts": view.attempts,
            })
            .to_string(),
        );
    }
    let parameters: Vec<String> = invocation
        .parameters
        .iter()
        .map(|(name, value)| match value {
            Value::String(text) => format!("{name}={text}"),
            other => format!("{name}={other}"),
        })
        .collect();
    let line = format!(
        "          \u{2192} {}  {}   {}",
        invocation.action,
        parameters.join(" "),
        outcome(invocation, view.attempts.last())
    );
    let style = match invocation.status {
        InvocationStatus::Succeeded | InvocationStatus::Completed => Style::Good,
        InvocationStatus::Failed => Style::Bad,
        InvocationStatus::Declined | InvocationStatus::Cancelled => Style::Faint,
        _ => Style::Doubtful,
    };
    let line = t.styled(style, &line);
    t.line(&line);
}

/// `200 in 41 ms`, or why there was no answer.
fn outcome(invocation: &InvocationSummary, attempt: Option<&Attempt>) -> String {
    let answered = attempt
        .and_then(|attempt| attempt.response.as_ref())
        .map(|response| response.status);
    let how = match (
        answered,
        attempt.and_then(|attempt| attempt.failure.as_ref()),
    ) {
        (Some(status), _) => status.to_string(),
        (None, Some(failure)) => failure.code.to_string(),
        (None, None) => "not sent".to_owned(),
    };
    match invocation.duration_ms {
        Some(ms) => format!("{how} in {ms} ms, {}", invocation.status),
        None => format!("{how}, {}", invocation.status),
    }
}
