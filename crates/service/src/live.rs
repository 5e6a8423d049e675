//! What happens in a conversation, as it happens. Readers keep only their place in a bounded buffer
//! that they share: one that falls behind is let go, and comes back with the id of the last event it
//! saw.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use deskhand_domain::id::{ConversationId, InvocationId, TurnId};
use deskhand_domain::trace::{AttemptTrace, CallTrace, ModelTrace, TraceEntry};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::watch;

use crate::chat::{ChatAnswer, InvocationSummary};
pub use crate::live_event::{EventId, LiveEvent};

/// Most events kept of a conversation.
const KEPT_EVENTS: usize = 4_096;
/// Most bytes of their data kept.
const KEPT_BYTES: usize = 512 * 1024;
/// Places between those of one run of a turn and of the next; a turn has far fewer events.
const PLACES_A_RUN: u32 = 1_000_000;

/// Something that happens in a turn.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum TurnEvent {
    /// The message is stored and the turn begins.
    Started {
        /// Where.
        conversation_id: ConversationId,
        /// Which.
        turn_id: TurnId,
    },
    /// The next words of the reply.
    Delta {
        /// The words.
        text: String,
    },
    /// The words shown so far do not count.
    Reset {},
    /// An action begins to run.
    ActionStarted {
        /// The invocation.
        id: InvocationId,
        /// The action's name.
        action: String,
        /// What a customer may be shown while it runs.
        display_name: String,
        /// What is sent.
        parameters: Map<String, Value>,
    },
    /// It has an outcome.
    ActionFinished(InvocationSummary),
    /// The reply is stored.
    Completed(ChatAnswer),
    /// The turn was stopped; the customer has an honest reply all the same.
    Failed(ChatAnswer),
    /// A model was asked; only for those who ask for the trace.
    TracedModel(ModelTrace),
    /// A call was decided on; only for those who ask for the trace.
    TracedCall(CallTrace),
    /// A request was made; only for those who ask for the trace.
    TracedAttempt(AttemptTrace),
}

impl From<TraceEntry> for TurnEvent {
    fn from(entry: TraceEntry) -> Self {
        match entry {
            TraceEntry::Model(model) => Self::TracedModel(model),
            TraceEntry::Call(call) => Self::TracedCall(call),
            TraceEntry::Attempt(attempt) => Self::TracedAttempt(attempt),
        }
    }
}

impl TurnEvent {
    /// The names on the wire, in the order of the variants.
    pub const NAMES: [&'static str; 10] = [
        "turn.started",
        "message.delta",
        "message.reset",
        "action.started",
        "action.finished",
        "message.completed",
        "turn.failed",
        "trace.model",
        "trace.call",
        "trace.attempt",
    ];

    /// Its name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Started { .. } => "turn.started",
            Self::Delta { .. } => "message.delta",
            Self::Reset {} => "message.reset",
            Self::ActionStarted { .. } => "action.started",
            Self::ActionFinished(_) => "action.finished",
            Self::Completed(_) => "message.completed",
            Self::Failed(_) => "turn.failed",
            Self::TracedModel(_) => "trace.model",
            Self::TracedCall(_) => "trace.call",
            Self::TracedAttempt(_) => "trace.attempt",
        }
    }

    /// Whether it is the last of its turn.
    pub fn is_last(&self) -> bool {
        matches!(self, Self::Completed(_) | Self::Failed(_))
    }

    /// The last event of a turn with this answer.
    pub fn of_answer(answer: ChatAnswer) -> Self {
        use deskhand_domain::conversation::TurnStatus;
        match answer.status {
            TurnStatus::Failed => Self::Failed(answer),
            TurnStatus::Running | TurnStatus::Completed | TurnStatus::AwaitingConfirmation => {
                Self::Completed(answer)
            }
        }
    }
}

/// The feeds of the conversations in which something runs or somebody listens.
#[derive(Debug, Default)]
pub struct Feeds(Mutex<HashMap<ConversationId, Weak<Feed>>>);

impl Feeds {
    /// The feed of a conversation, made if there is none.
    pub fn of(&self, conversation: ConversationId) -> Arc<Feed> {
        let mut feeds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(feed) = feeds.get(&conversation).and_then(Weak::upgrade) {
            return feed;
        }
        // Forgetting the empty ones costs one pass each time their number has doubled.
        if feeds.len() == feeds.capacity() {
            feeds.retain(|_, feed| feed.strong_count() > 0);
        }
        let feed = Arc::new(Feed::default());
        feeds.insert(conversation, Arc::downgrade(&feed));
        feed
    }
}

/// The latest events of one conversation.
#[derive(Debug)]
pub struct Feed {
    buffer: Mutex<Buffer>,
    /// The number of the next event; changes wake the readers.
    next: watch::Sender<u64>,
    /// Readers that ask for the trace.
    tracers: AtomicUsize,
}

#[derive(Debug, Default)]
struct Buffer {
    /// The number of the first event kept.
    first: u64,
    events: VecDeque<LiveEvent>,
    bytes: usize,
    /// The number of the first event of the running turn.
    running_since: Option<u64>,
    /// The place of the next event in the running turn.
    place: u32,
}

impl Buffer {
    /// The turn that runs, while its first event is kept.
    fn running(&self) -> Option<TurnId> {
        let at = usize::try_from(self.running_since?.checked_sub(self.first)?).ok()?;
        self.events.get(at).map(|event| event.id.turn_id)
    }
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            buffer: Mutex::default(),
            next: watch::Sender::new(0),
            tracers: AtomicUsize::new(0),
        }
    }
}

impl Feed {
    /// Adds an event of the running turn.
    pub fn publish(&self, turn_id: TurnId, event: &TurnEvent) {
        self.publish_from(turn_id, event, 0);
    }

    /// Begins anew with a turn that was cut off: what has been shown of it does not count. Its places
    /// are others than before, so that a listener who comes back is told from here on.
    pub fn resume(&self, conversation_id: ConversationId, turn_id: TurnId, times: u32) {
        let started = TurnEvent::Started {
            conversation_id,
            turn_id,
        };
        self.publish_from(turn_id, &started, times.saturating_mul(PLACES_A_RUN));
        self.publish(turn_id, &TurnEvent::Reset {});
    }

    /// Adds the end of a turn, unless it is there.
    pub fn end(&self, answer: ChatAnswer) {
        let turn_id = answer.turn_id;
        let end = EventId {
            turn_id,
            place: None,
        };
        let (known, runs) = {
            let buffer = self.lock();
            let known = buffer.events.iter().any(|event| event.id == end);
            (known, buffer.running() == Some(turn_id))
        };
        match (known, runs) {
            (true, _) => {}
            (false, true) => {
                self.publish(turn_id, &TurnEvent::Reset {});
                self.publish(turn_id, &TurnEvent::of_answer(answer));
            }
            (false, false) => self.interject(answer),
        }
    }

    fn publish_from(&self, turn_id: TurnId, event: &TurnEvent, first_place: u32) {
        let mut buffer = self.lock();
        let number = buffer.first + buffer.events.len() as u64;
        if matches!(event, TurnEvent::Started { .. }) {
            buffer.running_since = Some(number);
            buffer.place = first_place;
        }
        let place = (!event.is_last()).then_some(buffer.place);
        buffer.place += 1;
        if event.is_last() {
            buffer.running_since = None;
        }
        self.add(buffer, LiveEvent::new(EventId { turn_id, place }, event));
    }

    /// Adds the one event of a turn that has no others, also in the midst of a running one.
    pub fn interject(&self, answer: ChatAnswer) {
        let id = EventId {
            turn_id: answer.turn_id,
            place: None,
        };
        let event = LiveEvent::new(id, &TurnEvent::of_answer(answer));
        self.add(self.lock(), event);
    }

    fn add(&self, mut buffer: MutexGuard<'_, Buffer>, event: LiveEvent) {
        let number = buffer.first + buffer.events.len() as u64;
        buffer.bytes += event.data.len();
        buffer.events.push_back(event);
        while buffer.events.len() > KEPT_EVENTS || buffer.bytes > KEPT_BYTES {
            let Some(oldest) = buffer.events.pop_front() else {
                break;
            };
            buffer.bytes -= oldest.data.len();
            buffer.first += 1;
        }
        drop(buffer);
        self.next.send_replace(number + 1);
    }

    /// Whether anybody asks for the trace of what happens.
    pub fn is_traced(&self) -> bool {
        self.tracers.load(Ordering::Relaxed) > 0
    }

    /// A reader from the first event of the running turn on, or from now on if none runs.
    pub fn read(self: &Arc<Self>) -> Reader {
        let buffer = self.lock();
        let now = buffer.first + buffer.events.len() as u64;
        let at = buffer.running_since.unwrap_or(now).max(buffer.first);
        drop(buffer);
        self.reader(at)
    }

    /// A reader from just after the event of that id; `None` if it is no longer kept.
    pub fn read_after(self: &Arc<Self>, id: EventId) -> Option<Reader> {
        let buffer = self.lock();
        let position = buffer.events.iter().rposition(|event| event.id == id)?;
        let at = buffer.first + position as u64 + 1;
        drop(buffer);
        Some(self.reader(at))
    }

    fn reader(self: &Arc<Self>, at: u64) -> Reader {
        Reader {
            feed: Arc::clone(self),
            woken: self.next.subscribe(),
            at,
            traced: false,
            only: None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in a feed.
#[derive(Debug)]
pub struct Reader {
    feed: Arc<Feed>,
    woken: watch::Receiver<u64>,
    at: u64,
    /// Whether it asks for the trace.
    traced: bool,
    /// The turn it asks for, if it is not to hear of others.
    only: Option<TurnId>,
}

impl Drop for Reader {
    fn drop(&mut self) {
        if self.traced {
            self.feed.tracers.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Reader {
    /// Asks for the trace too, from what happens now on.
    #[must_use]
    pub fn traced(mut self) -> Self {
        if !self.traced {
            self.traced = true;
            self.feed.tracers.fetch_add(1, Ordering::Relaxed);
        }
        self
    }

    /// Asks for the events of one turn only: other things may be said while it runs.
    #[must_use]
    pub fn only(mut self, turn: TurnId) -> Self {
        self.only = Some(turn);
        self
    }

    fn is_for_it(&self, event: &LiveEvent) -> bool {
        (self.traced || !event.is_trace()) && self.only.is_none_or(|turn| turn == event.id.turn_id)
    }

    /// The next event, when there is one. `None`: this reader has fallen behind what is kept.
    pub async fn next(&mut self) -> Option<LiveEvent> {
        loop {
            // Marked as seen before looking, so that nothing published after is slept through.
            self.woken.borrow_and_update();
            {
                let buffer = self.feed.lock();
                if self.at < buffer.first {
                    return None;
                }
                let offset = usize::try_from(self.at - buffer.first).unwrap_or(usize::MAX);
                for event in buffer.events.range(offset.min(buffer.events.len())..) {
                    self.at += 1;
                    if self.is_for_it(event) {
                        return Some(event.clone());
                    }
                }
            }
            // The sender lives in the feed, which this reader holds.
            if self.woken.changed().await.is_err() {
                return None;
            }
        }
    }
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
