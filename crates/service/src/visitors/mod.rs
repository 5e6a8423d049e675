//! Customers on the owner's pages: who they are, and the token by which their browser shows it.
//!
//! What a token says is sealed with the workspace's key and stored nowhere: to open a page writes
//! nothing. It ends in its time, with the widget's being switched off, and, where it proves who the
//! visitor is, with the secret that the proof was signed with.

pub(crate) mod proof;
pub mod view;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use deskhand_domain::contact::Contact;
use deskhand_domain::conversation::{Conversation, ConversationRow, Mode};
use deskhand_domain::id::{AgentId, ContactId, ConversationId, WorkspaceId};
use deskhand_domain::secret::Secret;
use deskhand_domain::widget::{Position, WidgetSettings};
use deskhand_store::{ConversationFilter, Listed, Page, Whose, WidgetHost};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use self::proof::Proof;
use crate::{Result, Service, ServiceError, chat};

/// What visitors' tokens begin with.
const PREFIX: &str = "dhv_";
/// Characters of a workspace's id without its prefix.
const ID_CHARS: usize = 26;
/// Life of a token of somebody whom the host site has not named; each opening begins it anew.
const LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Life of a token of somebody proven: the host site proves it anew at each opening of a page, and who
/// has signed out there must not stay signed in here.
const PROVEN_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// A customer on a page with an agent's widget.
#[derive(Debug, Clone, PartialEq)]
pub struct Visitor {
    /// The agent's.
    pub workspace_id: WorkspaceId,
    /// The only agent there is for them.
    pub agent_id: AgentId,
    /// Our own id of them.
    own_id: ContactId,
    /// Who the host site has proven them to be.
    proof: Option<Proof>,
}

/// What a page asks for its visitor.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VisitRequest {
    /// Whose widget it is.
    #[cfg_attr(feature = "schema", schemars(with = "AgentId"))]
    pub agent_id: String,
    /// A JWT by which the page's server proves who its customer is.
    #[serde(default)]
    pub contact_token: Option<String>,
    /// The token of the visit before, so that the same visitor is known again. One that opens nothing
    /// any more does no harm.
    #[serde(default)]
    pub visitor: Option<String>,
}

/// A visit that has been opened.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Visit {
    /// What to send as `Authorization: Bearer <token>`: `dhv_…`.
    pub token: String,
    /// When the token stops working.
    #[cfg_attr(feature = "schema", schemars(with = "deskhand_domain::schema::Moment"))]
    pub expires_at: Timestamp,
    /// Who answers.
    pub agent: VisitedAgent,
    /// How the widget looks.
    pub widget: Appearance,
    /// Where to go on; null if there is nothing yet.
    pub conversation_id: Option<ConversationId>,
    /// Who the visitor is here.
    pub contact: VisitingContact,
}

/// An agent as visitors see it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VisitedAgent {
    /// Its name.
    pub name: String,
}

/// How a widget looks.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Appearance {
    /// What stands at the top of it; null means the agent's name.
    pub title: Option<String>,
    /// What the customer reads before anything has been said.
    pub greeting: String,
    /// The colour of the button and the head.
    pub color: String,
    /// The colour of text on it.
    pub text_color: String,
    /// Where the button stands.
    pub position: Position,
}

/// A visitor as a contact.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VisitingContact {
    /// The host site's id where it proved one, else our own.
    pub id: String,
    /// Whether the host site proved who they are.
    pub verified: bool,
}

/// What a token says.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Says {
    agent: AgentId,
    own: ContactId,
    contact: Option<Contact>,
    secret: Option<String>,
    until: i64,
}

impl Visitor {
    /// The conversations that are theirs, as the database finds them.
    fn whose(&self) -> Whose {
        match &self.proof {
            Some(proof) => Whose::Proven(proof.contact.id.clone().unwrap_or_default()),
            None => Whose::Unnamed(self.own_id),
        }
    }

    /// Whether a conversation is theirs. What somebody has only asserted to be theirs is not.
    pub(crate) fn owns(&self, conversation: &Conversation) -> bool {
        let theirs = match self.proven() {
            Some(contact) => conversation.contact_verified && conversation.contact.id == contact.id,
            None => conversation.contact.id.is_none() && conversation.own_contact_id == self.own_id,
        };
        theirs
            && conversation.workspace_id == self.workspace_id
            && conversation.agent_id == self.agent_id
            && conversation.mode == Mode::Live
    }

    /// Who the host site has proven them to be.
    pub(crate) fn proven(&self) -> Option<&Contact> {
        self.proof.as_ref().map(|proof| &proof.contact)
    }

    /// Our own id of them.
    pub(crate) fn own_id(&self) -> ContactId {
        self.own_id
    }

    /// The id by which their messages are counted and their requests told from others'.
    pub fn contact_id(&self) -> String {
        match self.proven().and_then(|contact| contact.id.clone()) {
            Some(id) => id,
            None => self.own_id.to_string(),
        }
    }
}

impl From<WidgetSettings> for Appearance {
    fn from(settings: WidgetSettings) -> Self {
        Self {
            title: settings.title,
            greeting: settings.greeting,
            color: settings.color,
            text_color: settings.text_color,
            position: settings.position,
        }
    }
}

impl Service {
    /// The agent whose widget stands on a page of this origin. `NotFound` if it has none that is
    /// switched on; `Denied` if the page is of another origin than the owner has named.
    pub async fn widget_host(&self, agent: &str, origin: Option<&str>) -> Result<WidgetHost> {
        let agent: AgentId = agent.parse().map_err(|_| ServiceError::NotFound)?;
        let host = self.store().widget_host(agent).await?;
        let host = host
            .filter(|host| host.settings.enabled)
            .ok_or(ServiceError::NotFound)?;
        let allowed = |origin: &str| host.origins.iter().any(|one| one == origin);
        if origin.is_some_and(allowed) {
            return Ok(host);
        }
        Err(ServiceError::Denied {
            code: "origin_not_allowed",
            message: "This page may not use the widget. The owner names the origins that may.",
        })
    }

    /// The origins whose pages may frame an agent's widget; `NotFound` if it has none that is switched
    /// on.
    pub async fn widget_ancestors(&self, agent: &str) -> Result<Vec<String>> {
        let agent: AgentId = agent.parse().map_err(|_| ServiceError::NotFound)?;
        let host = self.store().widget_host(agent).await?;
        host.filter(|host| host.settings.enabled)
            .map(|host| host.origins)
            .ok_or(ServiceError::NotFound)
    }

    /// Whether pages of this origin may use any widget here.
    pub async fn is_widget_origin(&self, origin: &str) -> Result<bool> {
        Ok(self.store().is_widget_origin(origin).await?)
    }

    /// Opens a visit on a page that may have the widget.
    pub async fn open_visit(&self, host: WidgetHost, request: VisitRequest) -> Result<Visit> {
        let (workspace, agent) = (host.agent.workspace_id, host.agent.id);
        let proof = match &request.contact_token {
            Some(token) => Some(self.prove(workspace, token).await?),
            None => None,
        };
        let before = match &request.visitor {
            Some(token) => self.visitor(token).await?,
            None => None,
        };
        // Who was proven before and is not now has signed out; they are somebody new.
        let known = before
            .filter(|before| before.workspace_id == workspace && before.agent_id == agent)
            .filter(|before| before.proof.is_none() && proof.is_none());
        let now = self.now();
        let visitor = Visitor {
            workspace_id: workspace,
            agent_id: agent,
            own_id: known.map_or_else(|| ContactId::new(now, self.entropy()), |known| known.own_id),
            proof,
        };
        let life = match visitor.proof {
            Some(_) => PROVEN_LIFE,
            None => LIFE,
        };
        let expires_at = now.checked_add(life).unwrap_or(now);
        let page = Page {
            limit: 1,
            before: None,
        };
        let filter = ConversationFilter::default();
        let last = self.conversations_of(&visitor, filter, page).await?;
        Ok(Visit {
            token: self.token_of(&visitor, expires_at).await?,
            expires_at,
            agent: VisitedAgent {
                name: host.agent.definition.name,
            },
            widget: host.settings.into(),
            conversation_id: last.rows.first().map(|row| row.conversation.id),
            contact: VisitingContact {
                id: visitor.contact_id(),
                verified: visitor.proof.is_some(),
            },
        })
    }

    /// The visitor whose token this is, if it still opens anything.
    pub async fn visitor(&self, token: &str) -> Result<Option<Visitor>> {
        let Some((workspace, sealed)) = split(token) else {
            return Ok(None);
        };
        let Some(says) = self.store().open_token(workspace, &sealed).await? else {
            return Ok(None);
        };
        let says: Says = serde_json::from_str(says.expose())
            .map_err(|error| ServiceError::Internal(format!("a visitor's token: {error}")))?;
        let now = self.now();
        if says.until <= now.as_millisecond() {
            return Ok(None);
        }
        let widget = self.store().widget(workspace, says.agent).await?;
        if !widget.is_some_and(|widget| widget.enabled) {
            return Ok(None);
        }
        let proof = match (says.contact, says.secret) {
            (Some(contact), Some(secret_id)) => {
                let live = self.store().identity_secrets(workspace, now).await?;
                if !live.iter().any(|one| one.id == secret_id) {
                    return Ok(None);
                }
                Some(Proof { contact, secret_id })
            }
            _ => None,
        };
        Ok(Some(Visitor {
            workspace_id: workspace,
            agent_id: says.agent,
            own_id: says.own,
            proof,
        }))
    }

    /// Lists a visitor's conversations, newest first.
    pub async fn conversations_of(
        &self,
        visitor: &Visitor,
        filter: ConversationFilter,
        page: Page<ConversationId>,
    ) -> Result<Listed<ConversationRow>> {
        let filter = ConversationFilter {
            agent_id: Some(visitor.agent_id),
            whose: Some(visitor.whose()),
            mode: Some(Mode::Live),
            ..filter
        };
        self.conversations(visitor.workspace_id, &filter, page)
            .await
    }

    /// Who a contact is, by what the host site has signed.
    pub(crate) async fn prove(&self, workspace: WorkspaceId, token: &str) -> Result<Proof> {
        let now = self.now();
        let secrets = self.store().identity_secrets(workspace, now).await?;
        let refused = |why: String| ServiceError::ContactToken(why);
        let proof =
            proof::verify(token, &secrets, now).map_err(|broken| refused(broken.to_string()))?;
        match chat::wrong_in(&proof.contact).first() {
            None => Ok(proof),
            Some(wrong) => Err(refused(format!(
                "has claims that cannot be used: {} {}",
                wrong.field, wrong.message
            ))),
        }
    }

    async fn token_of(&self, visitor: &Visitor, until: Timestamp) -> Result<String> {
        let says = Says {
            agent: visitor.agent_id,
            own: visitor.own_id,
            contact: visitor.proven().cloned(),
            secret: visitor.proof.as_ref().map(|proof| proof.secret_id.clone()),
            until: until.as_millisecond(),
        };
        let says = serde_json::to_string(&says)
            .map(Secret::new)
            .map_err(|error| ServiceError::Internal(error.to_string()))?;
        let workspace = visitor.workspace_id;
        let sealed = self.store().seal_token(workspace, &says).await?;
        join(workspace, &sealed)
    }
}

/// A token: whose key opens it, and what is sealed, in letters that need no escaping anywhere.
fn join(workspace: WorkspaceId, sealed: &str) -> Result<String> {
    let bytes = STANDARD_NO_PAD
        .decode(sealed.trim_end_matches('='))
        .map_err(|error| ServiceError::Internal(format!("a sealed text: {error}")))?;
    let workspace = workspace.to_string();
    let id = workspace.rsplit('_').next().unwrap_or_default();
    Ok(format!("{PREFIX}{id}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

fn split(token: &str) -> Option<(WorkspaceId, String)> {
    let rest = token.strip_prefix(PREFIX)?;
    let (id, sealed) = rest.split_at_checked(ID_CHARS)?;
    let workspace = format!("{}_{id}", WorkspaceId::PREFIX).parse().ok()?;
    let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let sealed = base64::engine::general_purpose::STANDARD.encode(bytes);
    Some((workspace, sealed))
}

/// Whether a bearer's text is a visitor's token, and not an API key.
pub fn is_visitor_token(text: &str) -> bool {
    text.starts_with(PREFIX)
}
