//! What happens in a conversation, as it happens. Readers keep only their place in a bounded buffer
//! that they share: one that falls behind is let go, and comes back with the id of the last event it
//! saw.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskhand_domain::id::{ConversationId, TurnId};
use deskhand_store::Bus;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::chat::ChatAnswer;
use crate::feed_reader::Reader;
use crate::live::{EventId, LiveEvent, TurnEvent};
use crate::relay;

/// Most events kept of a conversation.
const KEPT_EVENTS: usize = 4_096;
/// Most bytes of their data kept.
const KEPT_BYTES: usize = 512 * 1024;
/// Most turns of which it is known that they were told here to their end.
const WHOLE_TURNS: usize = 64;
/// Places between those of one run of a turn and of the next; a turn has far fewer events.
const PLACES_A_RUN: u32 = 1_000_000;

/// The latest events of one conversation.
#[derive(Debug)]
pub struct Feed {
    conversation: ConversationId,
    /// To the other nodes, where there may be any.
    bus: Option<Arc<Bus>>,
    buffer: Mutex<Buffer>,
    /// The number of the next event; changes wake the readers.
    next: watch::Sender<u64>,
    /// Readers that ask for the trace.
    tracers: AtomicUsize,
    /// Whether the other nodes have been asked to tell what happens there.
    asked: AtomicBool,
}

#[derive(Debug, Default)]
pub(crate) struct Buffer {
    /// The number of the first event kept.
    pub(crate) first: u64,
    pub(crate) events: VecDeque<LiveEvent>,
    bytes: usize,
    /// The number of the first event of the running turn.
    running_since: Option<u64>,
    /// The place of the next event in the running turn.
    place: u32,
    /// The running turn, if another node runs it and tells of it.
    relayed: Option<TurnId>,
    /// Until when another node wants to be told, and to be told the trace.
    wanted_until: Option<Instant>,
    traced_until: Option<Instant>,
    /// How often something may have been missed of what happens on other nodes, and the number of the
    /// first event after the last time.
    pub(crate) gaps: u64,
    after_gap: u64,
    /// Turns that were told here one event after the other to their end, whatever may have been missed of others.
    whole: VecDeque<TurnId>,
}

impl Buffer {
    /// The number of the next event.
    fn number(&self) -> u64 {
        self.first + self.events.len() as u64
    }

    /// The turn that runs, while its first event is kept.
    fn running(&self) -> Option<TurnId> {
        let at = usize::try_from(self.running_since?.checked_sub(self.first)?).ok()?;
        self.events.get(at).map(|event| event.id.turn_id)
    }

    /// The end of a turn has come. Where the turn ran here until now, nothing of it was missed.
    fn note_end(&mut self, turn_id: TurnId) {
        if self.running() == Some(turn_id) {
            self.whole.push_back(turn_id);
            if self.whole.len() > WHOLE_TURNS {
                self.whole.pop_front();
            }
        }
    }

    fn knows_end(&self, turn_id: TurnId) -> bool {
        let is_end = |event: &LiveEvent| event.is_last() && event.id.turn_id == turn_id;
        self.events.iter().any(is_end)
    }
}

fn is_ahead(until: Option<Instant>) -> bool {
    until.is_some_and(|until| until > Instant::now())
}

impl Feed {
    /// An empty one. With a bus, other nodes are told what happens in it as long as they want.
    pub fn new(conversation: ConversationId, bus: Option<Arc<Bus>>) -> Self {
        Self {
            conversation,
            bus,
            buffer: Mutex::default(),
            next: watch::Sender::new(0),
            tracers: AtomicUsize::new(0),
            asked: AtomicBool::new(false),
        }
    }

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

    /// Adds the end of a turn as it is stored, unless it is there. Every node looks for itself.
    pub fn end(&self, answer: ChatAnswer) {
        let turn_id = answer.turn_id;
        let buffer = self.lock();
        match (buffer.knows_end(turn_id), buffer.running() == Some(turn_id)) {
            (true, _) => {}
            (false, true) => {
                let buffer = self.place(buffer, turn_id, &TurnEvent::Reset {}, 0, Relay::No);
                drop(self.place(buffer, turn_id, &TurnEvent::of_answer(answer), 0, Relay::No));
            }
            (false, false) => {
                drop(self.add(buffer, end_of(answer), Relay::No));
            }
        }
    }

    /// Adds the one event of a turn that has no others, also in the midst of a running one.
    pub fn interject(&self, answer: ChatAnswer) {
        drop(self.add(self.lock(), end_of(answer), Relay::Yes));
    }

    fn publish_from(&self, turn_id: TurnId, event: &TurnEvent, first_place: u32) {
        drop(self.place(self.lock(), turn_id, event, first_place, Relay::Yes));
    }

    fn place<'a>(
        &self,
        mut buffer: MutexGuard<'a, Buffer>,
        turn_id: TurnId,
        event: &TurnEvent,
        first_place: u32,
        relay: Relay,
    ) -> MutexGuard<'a, Buffer> {
        if matches!(event, TurnEvent::Started { .. }) {
            buffer.running_since = Some(buffer.number());
            buffer.place = first_place;
            buffer.relayed = None;
        }
        let place = (!event.is_last()).then_some(buffer.place);
        buffer.place += 1;
        if event.is_last() {
            buffer.note_end(turn_id);
            buffer.running_since = None;
            buffer.relayed = None;
        }
        self.add(
            buffer,
            LiveEvent::new(EventId { turn_id, place }, event),
            relay,
        )
    }

    fn add<'a>(
        &self,
        mut buffer: MutexGuard<'a, Buffer>,
        event: LiveEvent,
        relay: Relay,
    ) -> MutexGuard<'a, Buffer> {
        if relay == Relay::Yes
            && let Some(bus) = &self.bus
            && is_ahead(buffer.wanted_until)
        {
            relay::say_live(bus, self.conversation, &event);
        }
        buffer.bytes += event.data.len();
        buffer.events.push_back(event);
        while buffer.events.len() > KEPT_EVENTS || buffer.bytes > KEPT_BYTES {
            let Some(oldest) = buffer.events.pop_front() else {
                break;
            };
            buffer.bytes -= oldest.data.len();
            buffer.first += 1;
        }
        self.next.send_replace(buffer.number());
        buffer
    }

    /// Another node wants to be told from now on, and the running turn from its beginning if it asks
    /// `anew` or has not been told so far.
    pub fn want(&self, until: Instant, trace: bool, anew: bool) {
        let mut buffer = self.lock();
        let told = is_ahead(buffer.wanted_until) && !anew;
        buffer.wanted_until = Some(until);
        if trace {
            buffer.traced_until = Some(until);
        }
        let (Some(bus), Some(since), None) = (&self.bus, buffer.running_since, buffer.relayed)
        else {
            return;
        };
        if told {
            return;
        }
        let from = usize::try_from(since.saturating_sub(buffer.first)).unwrap_or(usize::MAX);
        for event in buffer.events.range(from.min(buffer.events.len())..) {
            relay::say_live(bus, self.conversation, event);
        }
    }

    /// Whether another node still wants to be told.
    pub fn is_wanted(&self) -> bool {
        is_ahead(self.lock().wanted_until)
    }

    /// Adds an event that another node tells of. What is known is left out; where one is missing in
    /// between, the readers are let go.
    pub fn relayed(&self, event: LiveEvent) {
        let mut buffer = self.lock();
        let turn_id = event.id.turn_id;
        if buffer.knows_end(turn_id) {
            return;
        }
        let runs = buffer.running() == Some(turn_id);
        let Some(place) = event.id.place else {
            if runs {
                buffer.note_end(turn_id);
                buffer.running_since = None;
                buffer.relayed = None;
            }
            drop(self.add(buffer, event, Relay::No));
            return;
        };
        let known = runs && place < buffer.place;
        if event.name == TurnEvent::NAMES[0] && !known {
            buffer.running_since = Some(buffer.number());
            buffer.relayed = Some(turn_id);
        } else if known || buffer.relayed != Some(turn_id) {
            return;
        } else if place > buffer.place {
            drop(buffer);
            self.let_go();
            return;
        }
        buffer.place = place + 1;
        drop(self.add(buffer, event, Relay::No));
    }

    /// Lets go those readers who follow the conversation: something may have been missed of what
    /// happens on other nodes. They come back, and are told what is stored.
    pub fn let_go(&self) {
        let mut buffer = self.lock();
        buffer.gaps += 1;
        buffer.after_gap = buffer.number();
        if buffer.relayed.take().is_some() {
            buffer.running_since = None;
        }
        self.asked.store(false, Ordering::Relaxed);
        self.next.send_replace(buffer.number());
    }

    /// Whether it holds the end of a turn.
    pub fn knows_end(&self, turn_id: TurnId) -> bool {
        self.lock().knows_end(turn_id)
    }

    /// Whose it is.
    pub fn conversation(&self) -> ConversationId {
        self.conversation
    }

    /// About how much it takes.
    pub fn bytes(&self) -> usize {
        let buffer = self.lock();
        buffer.bytes + buffer.events.len() * size_of::<LiveEvent>() + size_of::<Self>()
    }

    /// Notes that the other nodes are asked; whether they have not been so far.
    pub fn ask(&self) -> bool {
        !self.asked.swap(true, Ordering::Relaxed)
    }

    /// Whether the other nodes are to be asked again for those who listen here; with the trace or not.
    /// Where nobody does, they are not: whoever comes back is told from here only if it is known that
    /// nothing was missed, and of a turn that another node tells of, something is.
    pub fn asks(&self) -> Option<bool> {
        if !self.asked.load(Ordering::Relaxed) {
            return None;
        }
        if self.next.receiver_count() == 0 {
            let is_told = self.lock().relayed.is_some();
            match is_told {
                true => self.let_go(),
                false => self.asked.store(false, Ordering::Relaxed),
            }
            return None;
        }
        Some(self.tracers.load(Ordering::Relaxed) > 0)
    }

    /// Whether anybody asks for the trace of what happens.
    pub fn is_traced(&self) -> bool {
        self.tracers.load(Ordering::Relaxed) > 0
            || (self.bus.is_some() && is_ahead(self.lock().traced_until))
    }

    pub(crate) fn count_tracer(&self, comes: bool) {
        match comes {
            true => self.tracers.fetch_add(1, Ordering::Relaxed),
            false => self.tracers.fetch_sub(1, Ordering::Relaxed),
        };
    }

    /// A reader from the first event of the running turn on, or from now on if none runs.
    pub fn read(self: &Arc<Self>) -> Reader {
        let buffer = self.lock();
        let since = buffer.running_since.unwrap_or(buffer.number());
        let at = since.max(buffer.first);
        self.reader(at, &buffer)
    }

    /// A reader from just after the event of that id; `None` if it is no longer kept, or something may
    /// have been missed since.
    pub fn read_after(self: &Arc<Self>, id: EventId) -> Option<Reader> {
        let buffer = self.lock();
        let position = buffer.events.iter().rposition(|event| event.id == id)?;
        let at = buffer.first + position as u64 + 1;
        (at > buffer.after_gap).then(|| self.reader(at, &buffer))
    }

    /// What came after the event of that id in its turn, to the turn's end; `None` if not all of it is at hand.
    pub fn rest_of_turn(&self, id: EventId) -> Option<Vec<LiveEvent>> {
        let buffer = self.lock();
        if !buffer.whole.contains(&id.turn_id) {
            return None;
        }
        let position = buffer.events.iter().rposition(|event| event.id == id)?;
        let rest = buffer.events.range(position + 1..);
        let of_turn = |event: &&LiveEvent| event.id.turn_id == id.turn_id;
        Some(rest.filter(of_turn).cloned().collect())
    }

    fn reader(self: &Arc<Self>, at: u64, buffer: &Buffer) -> Reader {
        Reader::new(Arc::clone(self), self.next.subscribe(), at, buffer.gaps)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether other nodes are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relay {
    Yes,
    No,
}

fn end_of(answer: ChatAnswer) -> LiveEvent {
    let id = EventId {
        turn_id: answer.turn_id,
        place: None,
    };
    LiveEvent::new(id, &TurnEvent::of_answer(answer))
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;
