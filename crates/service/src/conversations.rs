//! A message comes in, a reply goes out; and the transcript of what was said and done.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use deskhand_domain::conversation::{Conversation, Message, PastTurn, Speaker};
use deskhand_domain::crash;
use deskhand_domain::id::{AgentId, ContactId, ConversationId, MessageId, TurnId, WorkspaceId};
use deskhand_domain::limits;
use deskhand_store::{BeginTurn, ClaimId, StoreError};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::chat::{self, Chat, ChatAnswer};
use crate::handed_over::{Handed, Held, unless_handed_over};
use crate::histories::{History, LOOK_BACK_TURNS};
use crate::live::{Reader, TurnEvent};
use crate::queue::Place;
use crate::running::Running;
use crate::sender::Sender;
use crate::trace::Tracer;
use crate::{Result, Service, ServiceError, Visitor};

/// How often a turn that another server runs is looked at.
const TRY_AGAIN: Duration = Duration::from_millis(500);

/// A message that waits for its turn to begin.
struct Coming {
    workspace: WorkspaceId,
    agent: AgentId,
    id: ConversationId,
    is_new: bool,
    chat: Chat,
    sender: Sender,
    claim: Option<ClaimId>,
    /// While the message is being stored.
    held: Held,
}

/// A turn that has begun.
#[derive(Debug)]
pub struct BegunChat {
    /// Its events from the first on.
    pub reader: Reader,
    turn: JoinHandle<Result<ChatAnswer>>,
}

impl BegunChat {
    /// Waits for its end.
    pub async fn answer(self) -> Result<ChatAnswer> {
        // A reader that nobody reads would only keep events in memory.
        drop(self.reader);
        outcome_of(self.turn).await
    }

    /// Its events, and apart from them its end.
    pub fn split(self) -> (Reader, impl Future<Output = Result<ChatAnswer>>) {
        (self.reader, outcome_of(self.turn))
    }
}

impl Service {
    /// Handles one customer message, up to the reply. Goes on when the caller stops waiting.
    pub async fn chat(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        chat: Chat,
    ) -> Result<ChatAnswer> {
        let sender = self.sender(workspace, &chat).await?;
        let (_, turn) = self.start(workspace, agent, chat, sender, None).await?;
        outcome_of(turn).await
    }

    /// The same, returning once the turn has begun: its events can be read as they happen.
    pub async fn chat_live(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        chat: Chat,
    ) -> Result<Reader> {
        Ok(self.begin_chat(workspace, agent, chat, None).await?.reader)
    }

    /// The same for a client's idempotency key, which is told of the turn as it begins.
    pub async fn begin_chat(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        chat: Chat,
        claim: Option<ClaimId>,
    ) -> Result<BegunChat> {
        let sender = self.sender(workspace, &chat).await?;
        let started = self.start(workspace, agent, chat, sender, claim);
        begun(started.await?).await
    }

    /// The same for a visitor, with the agent whose widget they use.
    pub async fn begin_visitors_chat(
        &self,
        visitor: Visitor,
        chat: Chat,
        claim: Option<ClaimId>,
    ) -> Result<BegunChat> {
        let (workspace, agent) = (visitor.workspace_id, visitor.agent_id);
        let sender = Sender::of_visitor(visitor, &chat)?;
        let started = self.start(workspace, agent, chat, sender, claim);
        begun(started.await?).await
    }

    async fn start(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        chat: Chat,
        sender: Sender,
        claim: Option<ClaimId>,
    ) -> Result<Started> {
        chat::check(&chat)?;
        let known = match &chat.conversation_id {
            // A malformed id is as unknown as a foreign one.
            Some(text) => Some(
                text.parse::<ConversationId>()
                    .map_err(|_| ServiceError::NotFound)?,
            ),
            None => None,
        };
        let (tell, begun) = oneshot::channel();
        let service = self.clone();
        let trace = chat.trace;
        let held = Held::default();
        let coming = Coming {
            workspace,
            agent,
            id: known.unwrap_or_else(|| ConversationId::new(self.now(), self.entropy())),
            is_new: known.is_none(),
            chat,
            sender,
            claim,
            held: held.clone(),
        };
        let turn = self.spawn(async move {
            let stored = OnceLock::new();
            let work = std::pin::pin!(async {
                // In a place of its own: a turn that waits for an endpoint is past it.
                let (_place, running) = Box::pin(service.begin(coming)).await?;
                let _ = stored.set((running.conversation.id, running.turn_id));
                // Nobody may be waiting to hear of it; the turn goes on all the same.
                let handing_over = service.inner.handing_over.clone();
                let reader = running
                    .feed
                    .read()
                    .only(running.turn_id)
                    .until(handing_over);
                let _ = tell.send(if trace { reader.traced() } else { reader });
                service.run_to_the_end(Arc::new(running)).await
            });
            match unless_handed_over(&service.inner.handing_over, &held, work).await {
                Handed::Done(done) => done,
                Handed::Over => Err(match stored.get() {
                    Some((conversation, turn)) => ServiceError::HandedOver(*conversation, *turn),
                    None => ServiceError::Unavailable("the server is stopping".to_owned()),
                }),
            }
        });
        Ok((begun, turn))
    }

    /// Waits for its place in the conversation, stores the message, begins the turn. A turn that another
    /// server runs, or that one has left behind, is waited for.
    async fn begin(&self, coming: Coming) -> Result<(Place, Running)> {
        let id = coming.id;
        // Nobody waits, or makes others wait, in a conversation that is not theirs.
        if !coming.is_new && self.inner.queues.is_busy(id) {
            self.gone_on(&coming, coming.agent).await?;
        }
        let waiting = self.inner.metrics.waiting();
        let place = self.inner.queues.enter(id).await?;
        let until = Instant::now() + limits::CONVERSATION_WAIT;
        let mut admitted = false;
        loop {
            let ended = self.inner.turn_ended.notified();
            if let Some(running) = self.begin_now(&coming, &mut admitted).await? {
                drop(waiting);
                return Ok((place, running));
            }
            if Instant::now() >= until {
                return Err(ServiceError::Conflict {
                    code: "conversation_busy",
                    message: "an earlier message of this conversation is still being handled; send this one again in a moment".to_owned(),
                });
            }
            // It may end where nobody here hears of it.
            let _ = tokio::time::timeout(TRY_AGAIN, ended).await;
        }
    }

    /// The conversation as it goes on, if whoever writes may go on in it.
    async fn gone_on(&self, coming: &Coming, agent: AgentId) -> Result<Conversation> {
        let store = self.store();
        let stored = store.conversation(coming.workspace, coming.id).await?;
        if stored.agent_id != agent {
            return Err(ServiceError::NotFound);
        }
        chat::go_on(stored, coming.sender.clone(), coming.chat.mode, self.now())
    }

    /// Stores the message and begins the turn. `None`: another turn runs in the conversation.
    async fn begin_now(&self, coming: &Coming, admitted: &mut bool) -> Result<Option<Running>> {
        let (workspace, chat, sender) = (coming.workspace, &coming.chat, coming.sender.clone());
        // Read only now: what was waited for may have changed them.
        let offered = self.offered(workspace, coming.agent).await?;
        let agent = Arc::clone(&offered.agent);
        // Before all else: what changes after this changes with a turn of which this does not know.
        let mut past = match coming.is_new {
            true => History::default(),
            false => self.history(workspace, coming.id, &agent).await?,
        };
        // What one comes to that still runs must be in front of the model.
        if past.turns().iter().any(|turn| turn.reply.is_none()) {
            return Ok(None);
        }
        let now = self.now();
        let conversation = if coming.is_new {
            Conversation {
                id: coming.id,
                workspace_id: workspace,
                agent_id: agent.id,
                own_contact_id: sender
                    .visitor
                    .as_ref()
                    .map_or_else(|| ContactId::new(now, self.entropy()), Visitor::own_id),
                contact: sender.contact.unwrap_or_default(),
                contact_verified: sender.verified,
                handoff: None,
                mode: chat.mode,
                created_at: now,
                updated_at: now,
            }
        } else {
            self.gone_on(coming, agent.id).await?
        };
        if !*admitted {
            let contact = conversation.contact_id();
            self.inner.contacts.admit(workspace, contact, now)?;
            *admitted = true;
        }

        let turn_id = TurnId::new(now, self.entropy());
        let message = Message {
            id: MessageId::new(now, self.entropy()),
            turn_id,
            role: Speaker::Customer,
            text: chat.message.clone(),
            created_at: now,
        };
        self.bring_up_to_date(workspace, &mut past).await?;
        let known_turns = past.number();
        let driving = self.inner.driven.drive(turn_id);
        let begin = BeginTurn {
            owner: self.node(),
            conversation: conversation.clone(),
            is_new: coming.is_new,
            known_turns: Some(known_turns),
            turn_id,
            message: message.clone(),
            claim: coming.claim.clone(),
        };
        let begun = coming.held.through(self.store().begin_turn(&begin)).await;
        match begun {
            Err(StoreError::TurnRunning) => return Ok(None),
            Err(StoreError::Behind) => return Box::pin(self.begin_now(coming, admitted)).await,
            begun => begun?,
        }
        crash::point(crash::TURN_BEGUN);
        let this = PastTurn {
            id: turn_id,
            message: Some(message),
            steps: Vec::new(),
            reply: None,
        };
        past.push(this, LOOK_BACK_TURNS as usize);
        let feed = self.inner.feeds.of(conversation.id);
        let conversation_id = conversation.id;
        let started = TurnEvent::Started {
            conversation_id,
            turn_id,
        };
        feed.publish(turn_id, &started);
        self.tell_of_conversation(&conversation);
        let running = Running {
            trace: Tracer::new(turn_id, Arc::clone(&feed)),
            agent,
            conversation,
            turn_id,
            past,
            callables: Arc::clone(&offered.callables),
            feed,
            resumed: None,
            owner: self.node().into(),
            driving,
        };
        Ok(Some(running))
    }
}

type Started = (oneshot::Receiver<Reader>, JoinHandle<Result<ChatAnswer>>);

/// Waits until a turn has begun.
async fn begun((begun, turn): Started) -> Result<BegunChat> {
    match begun.await {
        Ok(reader) => Ok(BegunChat { reader, turn }),
        // It never began; the task says why.
        Err(_) => match outcome_of(turn).await {
            Err(error) => Err(error),
            Ok(_) => Err(ServiceError::Internal(
                "a turn ended before it began".to_owned(),
            )),
        },
    }
}

async fn outcome_of(turn: JoinHandle<Result<ChatAnswer>>) -> Result<ChatAnswer> {
    turn.await
        .unwrap_or_else(|error| Err(ServiceError::Internal(format!("a turn was lost: {error}"))))
}
