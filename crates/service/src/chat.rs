//! A customer's message and the answer to it, as clients exchange them.

use deskhand_domain::action::FieldError;
use deskhand_domain::contact::Contact;
use deskhand_domain::conversation::{Conversation, Mode, Speaker, TurnStatus};
use deskhand_domain::id::{ConversationId, InvocationId, TurnId};
use deskhand_domain::invocation::{Invocation, InvocationStatus};
use deskhand_domain::limits;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::sender::Sender;
use crate::{Result, ServiceError};

/// Longest id of the host site's own for a contact.
const CONTACT_ID_CHARS: usize = 200;

/// A customer's message, as a client sends it.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("required" = ["message"])))]
#[serde(deny_unknown_fields)]
pub struct Chat {
    /// 1 to 8,000 characters.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"\S"), length(max = limits::MESSAGE_CHARS)))]
    pub message: String,
    /// Where to go on; null begins a new conversation.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<ConversationId>"))]
    pub conversation_id: Option<String>,
    /// Who says it.
    #[serde(default, deserialize_with = "crate::object::or_null")]
    pub contact: Option<Contact>,
    /// A JWT by which the host site proves who says it: HS256 with the workspace's identity secret,
    /// `aud` `deskhand`, `exp` at most an hour ahead, `sub` the contact's id. `name`, `email`, `phone`,
    /// `timezone`, `locale` and `attributes` may be there and go before what `contact` says.
    #[serde(default)]
    pub contact_token: Option<String>,
    /// Whether to answer as an event stream.
    #[serde(default)]
    pub stream: bool,
    /// Whether calls are meant. Other than `live` takes the scope admin; a conversation keeps its mode.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("default" = "live")))]
    pub mode: Mode,
    /// With `stream`: whether to tell what happens inside the turn. Takes the scope admin.
    #[serde(default)]
    pub trace: bool,
}

/// The answer to a message.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChatAnswer {
    /// Where it was said.
    pub conversation_id: ConversationId,
    /// The turn that handled it.
    pub turn_id: TurnId,
    /// How the turn ended.
    pub status: TurnStatus,
    /// `person` where a person says `reply`; left out where the agent does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Speaker>,
    /// What the customer hears.
    pub reply: String,
    /// What was run, in the order decided.
    pub invocations: Vec<InvocationSummary>,
    /// A confirmation to be given; always null in this version.
    pub confirmation: Option<()>,
}

/// Who says something, if it is to be told from what the agent says.
pub fn of_person(role: Speaker) -> Option<Speaker> {
    (role == Speaker::Person).then_some(role)
}

/// An invocation in short.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InvocationSummary {
    /// Identifies it.
    pub id: InvocationId,
    /// The action's name.
    pub action: String,
    /// What was sent.
    pub parameters: Map<String, Value>,
    /// Where it stands.
    pub status: InvocationStatus,
    /// How long it took.
    pub duration_ms: Option<u64>,
}

impl From<&Invocation> for InvocationSummary {
    fn from(invocation: &Invocation) -> Self {
        Self {
            id: invocation.id,
            action: invocation.action.clone(),
            parameters: invocation.parameters.clone(),
            status: invocation.status,
            duration_ms: invocation.duration_ms,
        }
    }
}

/// What is wrong with a message before anything is done with it.
pub fn check(chat: &Chat) -> Result<()> {
    let mut errors = Vec::new();
    let chars = chat.message.chars().count();
    if chat.message.trim().is_empty() {
        errors.push(FieldError::new("message", "must not be empty"));
    } else if chars > limits::MESSAGE_CHARS {
        errors.push(FieldError::new(
            "message",
            format!(
                "is {chars} characters long; at most {}",
                limits::MESSAGE_CHARS
            ),
        ));
    }
    if let Some(contact) = &chat.contact {
        errors.extend(wrong_in(contact));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ServiceError::Invalid(errors))
    }
}

/// What of a contact cannot be accepted.
pub fn wrong_in(contact: &Contact) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let bytes = serde_json::to_string(contact).map_or(usize::MAX, |json| json.len());
    if bytes > limits::CONTACT_BYTES {
        errors.push(FieldError::new(
            "contact",
            format!(
                "is {bytes} bytes of JSON; at most {}",
                limits::CONTACT_BYTES
            ),
        ));
    }
    if let Some(id) = &contact.id
        && (id.trim().is_empty() || id.chars().count() > CONTACT_ID_CHARS)
    {
        errors.push(FieldError::new(
            "contact.id",
            "must be 1 to 200 characters, or null",
        ));
    }
    if let Some(zone) = &contact.timezone
        && TimeZone::get(zone).is_err()
    {
        errors.push(FieldError::new(
            "contact.timezone",
            "must be an IANA time zone name such as Europe/London, or null",
        ));
    }
    errors
}

/// Goes on in a stored conversation with what is now said about the contact.
pub fn go_on(
    mut stored: Conversation,
    sender: Sender,
    mode: Mode,
    now: Timestamp,
) -> Result<Conversation> {
    if sender.visitor.is_some_and(|visitor| !visitor.owns(&stored)) {
        return Err(ServiceError::NotFound);
    }
    if stored.mode != mode {
        return Err(ServiceError::Conflict {
            code: "mode_mismatch",
            message: format!(
                "this conversation is in the mode {}; go on in it, or begin a new one",
                stored.mode
            ),
        });
    }
    if let Some(mut contact) = sender.contact {
        match (&contact.id, &stored.contact.id) {
            (Some(given), Some(own)) if given != own => return Err(another_contact()),
            (Some(_), None) => return Err(another_contact()),
            _ => contact.id.clone_from(&stored.contact.id),
        }
        stored.contact = contact;
    }
    stored.contact_verified = sender.verified;
    stored.updated_at = now;
    Ok(stored)
}

fn another_contact() -> ServiceError {
    ServiceError::Conflict {
        code: "contact_mismatch",
        message: "this conversation belongs to another contact; begin a new one".to_owned(),
    }
}
