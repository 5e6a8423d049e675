//! The use cases: actions, agents, keys, conversations, the driving of a turn, and dispatch. This
//! crate brings the database, the models and the webhook client together. It knows no SQL, no HTTP
//! status of our own API, and no environment.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod accounts;
mod actions;
mod agents;
mod background;
mod callbacks;
mod chat;
mod circuits;
mod conversations;
mod definition;
mod dispatch;
mod egress;
mod ending;
mod error;
mod events;
mod feed;
mod feed_reader;
mod feeds;
mod gate;
mod handed_over;
mod handoffs;
mod histories;
mod idempotency;
mod input;
mod invocations;
mod keys;
mod listen;
mod live;
mod live_event;
mod metrics;
mod mock;
mod models;
mod notices;
mod object;
mod offers;
mod persist;
mod preview;
mod prompt;
mod queue;
mod recorded;
mod recovery;
mod relay;
mod request;
mod restore;
mod resume;
mod review;
mod running;
mod said;
mod schema;
mod sender;
mod settling;
mod standing;
mod statistics;
mod trace;
mod transcript;
mod turns;
mod visitors;
mod watch;
mod widget;
mod workspace;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use deskhand_domain::clock::{Clock, Entropy};
use deskhand_domain::id::NodeId;
use deskhand_model::Models;
use deskhand_store::Store;
use deskhand_webhook::Client;
use jiff::Timestamp;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use accounts::{
    AcceptRequest, AccountRequest, Browser, CurrentSession, InvitationRequest, Invited,
    LinkRequest, SetupRequest, SignInRequest, SignedIn,
};
pub use actions::{Saved, SavedWithSecret, TestRun};
pub use chat::{Chat, ChatAnswer, InvocationSummary};
pub use circuits::ActionView;
pub use conversations::BegunChat;
pub use definition::HeaderInput;
pub use deskhand_store::{
    ClaimId, Claimed, ConversationFilter, InvocationFilter, Listed, OpenSession, Page, StoreError,
    StoredAnswer, WidgetHost,
};
pub use egress::{Egress, SignatureScheme};
pub use error::{Result, ServiceError};
pub use events::{DeliveryView, MadeEndpoint, NewEndpoint};
pub use handoffs::{PersonAnswered, PersonsMessage};
pub use input::{parse, parse_whole};
pub use invocations::InvocationView;
pub use keys::{KeyRequest, NewKey};
pub use listen::Listening;
pub use live::{EventId, LiveEvent, Reader, TurnEvent};
pub use models::{ModelError, ModelTest, ModelTested, ModelsKnown};
pub use preview::{Preview, PreviewRequest, PreviewedRequest};
pub use restore::Restore;
pub use review::{Draft, UrlCheck};
pub use settling::{Settle, SettleAs};
pub use statistics::StatisticsRequest;
pub use transcript::ConversationView;
pub use visitors::view;
pub use visitors::{
    Appearance, Visit, VisitRequest, VisitedAgent, VisitingContact, Visitor, is_visitor_token,
};
pub use watch::{Watching, WorkspaceEvent};
pub use workspace::{WorkspaceRequest, WorkspaceView};

/// How long what is no turn may still take when turns are broken off.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// What a service is made from.
pub struct Parts {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The way out to webhooks.
    pub webhook: Client,
    /// The models.
    pub models: Models,
    /// The origin under which browsers reach this server, without a slash at its end.
    pub public_url: String,
    /// How long the URL works by which the owner's system reports on a long-running operation.
    pub callback_duration: Duration,
    /// The public addresses that calls come from, to be published.
    pub egress_addresses: Vec<IpAddr>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// All use cases. Cheap to clone; every clone is the same service.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    parts: Parts,
    /// This run of the server.
    node: NodeId,
    callables: schema::Callables,
    offers: offers::Offers,
    circuits: circuits::Circuits,
    histories: histories::Histories,
    queues: queue::Queues,
    contacts: queue::ContactLimit,
    passwords: accounts::Passwords,
    sign_ins: accounts::SignInLimit,
    feeds: live::Feeds,
    metrics: metrics::Metrics,
    turns: TaskTracker,
    driven: recovery::Driven,
    claims_owed: idempotency::ClaimsOwed,
    /// A turn has ended, here or where this server hears of it.
    turn_ended: Notify,
    /// No new work is taken.
    stopping: CancellationToken,
    /// What is under way is broken off.
    handing_over: CancellationToken,
    /// Nothing is under way any more.
    ended: CancellationToken,
    watched: watch::Watched,
    outbox: events::Outbox,
}

impl Service {
    /// Brings the parts together.
    pub fn new(parts: Parts) -> Self {
        let node = NodeId::new(parts.clock.now(), &*parts.entropy);
        let bus = parts.store.bus();
        Self {
            inner: Arc::new(Inner {
                parts,
                node,
                callables: schema::Callables::default(),
                offers: offers::Offers::default(),
                circuits: circuits::Circuits::default(),
                histories: histories::Histories::default(),
                queues: queue::Queues::default(),
                contacts: queue::ContactLimit::default(),
                passwords: accounts::Passwords::default(),
                sign_ins: accounts::SignInLimit::default(),
                feeds: live::Feeds::new(bus.clone()),
                metrics: metrics::Metrics::default(),
                turns: TaskTracker::new(),
                driven: recovery::Driven::default(),
                claims_owed: idempotency::ClaimsOwed::default(),
                turn_ended: Notify::new(),
                stopping: CancellationToken::new(),
                handing_over: CancellationToken::new(),
                ended: CancellationToken::new(),
                watched: watch::Watched::new(bus),
                outbox: events::Outbox::default(),
            }),
        }
    }

    /// Whether requests can be served: the database answers, and what is written to it stays.
    ///
    /// # Errors
    /// What is wrong with the database.
    pub async fn ready(&self) -> std::result::Result<(), StoreError> {
        self.store().ping().await
    }

    /// Lets listeners go, who would otherwise stay for ever. They come back with the id of the last
    /// event they saw, to this server or to another.
    pub fn let_listeners_go(&self) {
        self.inner.stopping.cancel();
    }

    /// Breaks off the turns under way. They are handed over when the server shuts down, and gone on
    /// with by another one, or by the next.
    pub fn hand_over(&self) {
        self.inner.handing_over.cancel();
    }

    /// Waits for the turns under way, hands over what [`Service::hand_over`] broke off, and closes the
    /// database. New turns must have been stopped from arriving.
    pub async fn shut_down(&self) {
        self.inner.stopping.cancel();
        self.inner.turns.close();
        let broken_off = async {
            self.inner.handing_over.cancelled().await;
            // What was broken off ends at once; what else is under way has been given its time.
            tokio::time::sleep(LAST_WAIT).await;
        };
        tokio::select! {
            () = self.inner.turns.wait() => {}
            () = broken_off => {}
        }
        self.leave().await;
        self.inner.ended.cancel();
        self.store().close().await;
    }

    /// What an operator watches, in the OpenMetrics text format.
    pub fn metrics(&self) -> String {
        self.inner.metrics.text(self.store().waiting_writes())
    }

    fn node(&self) -> NodeId {
        self.inner.node
    }

    fn store(&self) -> &dyn Store {
        &*self.inner.parts.store
    }

    fn webhook(&self) -> &Client {
        &self.inner.parts.webhook
    }

    fn models(&self) -> &Models {
        &self.inner.parts.models
    }

    fn entropy(&self) -> &dyn Entropy {
        &*self.inner.parts.entropy
    }

    fn now(&self) -> Timestamp {
        self.inner.parts.clock.now()
    }
}
