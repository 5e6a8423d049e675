//! Who asks, and what they may do. A handler that names one of these in its signature has been
//! checked; there is no other way to a workspace.

pub(crate) mod cookie;
pub(crate) mod same_site;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use deskhand_domain::conversation::Mode;
use deskhand_domain::id::{ActionId, AgentId, WorkspaceId};
use deskhand_domain::workspace::{ApiKey, Scope};
use deskhand_service::{Browser, OpenSession, Service};

use crate::client;
use crate::problem::{Problem, Result};

/// May do everything in the workspace.
pub(crate) struct Admin(pub(crate) WorkspaceId);

/// May read everything in the workspace, or what belongs to one agent if the key says so.
pub(crate) struct Reader {
    pub(crate) workspace: WorkspaceId,
    pub(crate) bound_to: Option<AgentId>,
}

/// May chat, with one agent only if the key says so.
pub(crate) struct Chatter {
    pub(crate) workspace: WorkspaceId,
    bound_to: Option<AgentId>,
    scope: Scope,
}

/// May read conversations: all of them, or one agent's if the key says so.
pub(crate) struct Listener {
    pub(crate) workspace: WorkspaceId,
    pub(crate) bound_to: Option<AgentId>,
    scope: Scope,
}

/// Somebody who is signed in. A key is nobody.
pub(crate) struct Person {
    pub(crate) open: OpenSession,
    pub(crate) browser: Browser,
}

/// Anybody at one of our own pages, to sign in.
pub(crate) struct Guest(pub(crate) Browser);

/// What a request shows to say who asks.
enum Caller {
    /// An API key.
    Key(ApiKey),
    /// The cookie of somebody who is signed in. They may do everything in their workspace.
    Person(Box<OpenSession>),
}

/// What a caller may do, and where.
struct Rights {
    workspace: WorkspaceId,
    scope: Scope,
    bound_to: Option<AgentId>,
}

impl Chatter {
    /// Trials, and a look inside, are the owner's.
    pub(crate) fn may_ask_for(&self, mode: Mode, trace: bool) -> Result<()> {
        let needs = match (mode, trace) {
            (Mode::Live, false) => return Ok(()),
            (Mode::Live, true) => "`trace` takes the scope admin",
            (Mode::Test | Mode::Mock, _) => "a `mode` other than live takes the scope admin",
        };
        match self.scope {
            Scope::Admin => Ok(()),
            Scope::Chat | Scope::Read => Err(Problem::forbidden(needs)),
        }
    }

    /// An agent that the key is not for does not exist as far as its holder can tell.
    pub(crate) fn may_use(&self, agent: AgentId) -> Result<()> {
        match self.bound_to {
            Some(bound) if bound != agent => Err(Problem::not_found()),
            _ => Ok(()),
        }
    }
}

/// Narrows a list's filter to the agent that the key is for. `None`: the filter asks for another one,
/// of which the key's holder sees nothing.
pub(crate) fn narrow(
    bound_to: Option<AgentId>,
    wanted: Option<AgentId>,
) -> Option<Option<AgentId>> {
    match (bound_to, wanted) {
        (Some(bound), Some(wanted)) if bound != wanted => None,
        (Some(bound), _) => Some(Some(bound)),
        (None, wanted) => Some(wanted),
    }
}

impl Listener {
    /// Whether it may see what happens inside a turn.
    pub(crate) fn sees_inside(&self) -> bool {
        match self.scope {
            Scope::Admin | Scope::Read => true,
            Scope::Chat => false,
        }
    }

    /// Asks for a look inside.
    pub(crate) fn may_trace(&self) -> Result<()> {
        match self.sees_inside() {
            true => Ok(()),
            false => Err(Problem::forbidden("`trace` takes the scope read or admin")),
        }
    }
}

impl Reader {
    /// An agent that the key is not for does not exist as far as its holder can tell.
    pub(crate) fn may_see(&self, agent: AgentId) -> Result<()> {
        match self.bound_to {
            Some(bound) if bound != agent => Err(Problem::not_found()),
            _ => Ok(()),
        }
    }

    /// An action that the key's agent cannot use does not exist either.
    pub(crate) async fn may_see_action(&self, service: &Service, action: ActionId) -> Result<()> {
        let Some(bound) = self.bound_to else {
            return Ok(());
        };
        let attached = service.agent_actions(self.workspace, bound).await?;
        match attached.iter().any(|one| one.id == action) {
            true => Ok(()),
            false => Err(Problem::not_found()),
        }
    }
}

/// Marks a request that is only looked at again: a session is not used by that, and lasts no longer for it.
#[derive(Clone)]
pub(crate) struct NoUse;

/// Who asks: by the key if there is one, otherwise by the cookie.
async fn caller(parts: &Parts, service: &Service) -> Result<Caller> {
    if let Some(presented) = bearer(parts) {
        let key = service.authenticate(presented).await?;
        return key.map(Caller::Key).ok_or_else(Problem::unauthorized);
    }
    let token = cookie::read(&parts.headers, service, client::of(parts)?)
        .ok_or_else(Problem::unauthorized)?;
    same_site::check(parts, service)?;
    let open = match parts.extensions.get::<NoUse>() {
        Some(NoUse) => service.session_as_it_is(token.expose()).await?,
        None => service.session(token.expose()).await?,
    };
    open.map(|open| Caller::Person(Box::new(open)))
        .ok_or_else(Problem::unauthorized)
}

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

/// What whoever asks may do.
async fn rights(parts: &Parts, service: &Service) -> Result<Rights> {
    Ok(match caller(parts, service).await? {
        Caller::Key(key) => Rights {
            workspace: key.workspace_id,
            scope: key.scope,
            bound_to: key.agent_id,
        },
        Caller::Person(open) => Rights {
            workspace: open.workspace.id,
            scope: Scope::Admin,
            bound_to: None,
        },
    })
}

/// What the connection and the headers tell of the browser.
fn browser(parts: &Parts, service: &Service) -> Result<Browser> {
    let origin = client::of(parts)?;
    let user_agent = parts.headers.get(header::USER_AGENT);
    Ok(Browser {
        address: origin.address,
        user_agent: user_agent
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
        session: cookie::read(&parts.headers, service, origin),
    })
}

impl FromRequestParts<Service> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self> {
        let rights = rights(parts, service).await?;
        match rights.scope {
            Scope::Admin => Ok(Self(rights.workspace)),
            Scope::Chat | Scope::Read => Err(Problem::forbidden("it takes the scope admin")),
        }
    }
}

impl FromRequestParts<Service> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self> {
        let rights = rights(parts, service).await?;
        match rights.scope {
            Scope::Admin | Scope::Read => Ok(Self {
                workspace: rights.workspace,
                bound_to: rights.bound_to,
            }),
            Scope::Chat => Err(Problem::forbidden("it takes the scope read or admin")),
        }
    }
}

impl FromRequestParts<Service> for Chatter {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self> {
        let rights = rights(parts, service).await?;
        match rights.scope {
            Scope::Admin | Scope::Chat => Ok(Self {
                workspace: rights.workspace,
                bound_to: rights.bound_to,
                scope: rights.scope,
            }),
            Scope::Read => Err(Problem::forbidden("it takes the scope chat or admin")),
        }
    }
}

impl FromRequestParts<Service> for Listener {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self> {
        let rights = rights(parts, service).await?;
        Ok(Self {
            workspace: rights.workspace,
            bound_to: rights.bound_to,
            scope: rights.scope,
        })
    }
}

impl FromRequestParts<Service> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self> {
        match caller(parts, service).await? {
            Caller::Person(open) => Ok(Self {
                open: *open,
                browser: browser(parts, service)?,
            }),
            Caller::Key(_) => Err(Problem::forbidden("it takes somebody who is signed in")),
        }
    }
}

impl FromRequestParts<Service> for Guest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self> {
        same_site::check(parts, service)?;
        Ok(Self(browser(parts, service)?))
    }
}
