//! Listening to a conversation: what was missed, then what happens.

use std::collections::{HashSet, VecDeque};

use deskhand_domain::conversation::{PastTurn, TurnRecord, TurnStatus};
use deskhand_domain::id::{ConversationId, TurnId, WorkspaceId};
use tokio_util::sync::CancellationToken;

use crate::chat::{ChatAnswer, InvocationSummary, of_person};
use crate::live::{EventId, Feed, LiveEvent, Reader, TurnEvent};
use crate::{Result, Service};

/// Most turns made up for to a listener that comes back.
const MISSED_TURNS: u32 = 200;

/// One listener.
#[derive(Debug)]
pub struct Listening {
    missed: VecDeque<LiveEvent>,
    /// Turns that had ended, or are made up for in full; what the feed still says of them is no news.
    told: HashSet<TurnId>,
    /// The last event it had seen before: a turn that runs on another node is told from its beginning.
    seen: Option<EventId>,
    reader: Reader,
    stopping: CancellationToken,
}

impl Listening {
    /// The next event. `None`: the listener fell behind or the server is stopping; it should come
    /// back with the id of the last event it saw.
    pub async fn next(&mut self) -> Option<LiveEvent> {
        if let Some(event) = self.missed.pop_front() {
            return Some(event);
        }
        loop {
            // What is at hand is told before the listener is let go.
            let event = tokio::select! {
                biased;
                event = self.reader.next() => event?,
                () = self.stopping.cancelled() => return None,
            };
            let seen = self.seen.is_some_and(|seen| {
                let places = event.id.place.zip(seen.place);
                seen.turn_id == event.id.turn_id && places.is_some_and(|(now, then)| now <= then)
            });
            if !seen && !self.told.contains(&event.id.turn_id) {
                return Some(event);
            }
        }
    }
}

impl Service {
    /// Listens to a conversation: from just after `last`, or from the start of the running turn, or
    /// from now on. What is no longer at hand as it happened is told by its outcome. With `trace` the
    /// insides of turns are told too, from what happens now on.
    pub async fn listen(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        last: Option<EventId>,
        trace: bool,
    ) -> Result<Listening> {
        self.store().conversation(workspace, id).await?;
        let feed = self.inner.feeds.of(id);
        // Asked before the place is taken: nothing is told of that comes between the two.
        let anew = self.ask_about(id, trace);
        if let Some(last) = last
            && let Some(reader) = feed.read_after(last)
            && (!anew || self.has_missed_nothing(workspace, id, last, &feed).await?)
        {
            return Ok(Listening {
                missed: VecDeque::new(),
                told: HashSet::new(),
                seen: None,
                reader: with_trace(reader, trace),
                stopping: self.inner.stopping.clone(),
            });
        }
        // Word of turns that ended before may still be on its way from another node.
        let told = match last {
            None if self.store().bus().is_some() => self.ended_turns(workspace, id).await?,
            _ => HashSet::new(),
        };
        // The place in the feed is taken before the database is read for what was missed, so that a turn
        // that ends in between is in one of the two.
        let reader = with_trace(feed.read(), trace);
        let mut listening = Listening {
            missed: VecDeque::new(),
            told,
            seen: last,
            reader,
            stopping: self.inner.stopping.clone(),
        };
        if let Some(last) = last {
            let at_hand = (&*feed, trace);
            self.make_up((workspace, id), last, at_hand, &mut listening)
                .await?;
        }
        Ok(listening)
    }

    /// Whether the feed knows the end of every turn that has ended since, here or on another node.
    async fn has_missed_nothing(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        last: EventId,
        feed: &Feed,
    ) -> Result<bool> {
        let records = self.store().turns(workspace, id, MISSED_TURNS).await?;
        let is_missed = missed_since(&records, last);
        let is_known = |record: &TurnRecord| {
            record.status == TurnStatus::Running || !is_missed(record) || feed.knows_end(record.id)
        };
        Ok(records.iter().all(is_known))
    }

    /// The latest turns that have ended.
    async fn ended_turns(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
    ) -> Result<HashSet<TurnId>> {
        let records = self.store().turns(workspace, id, MISSED_TURNS).await?;
        let ended =
            |record: &TurnRecord| (record.status != TurnStatus::Running).then_some(record.id);
        Ok(records.iter().filter_map(ended).collect())
    }

    async fn make_up(
        &self,
        (workspace, id): (WorkspaceId, ConversationId),
        last: EventId,
        (feed, trace): (&Feed, bool),
        to: &mut Listening,
    ) -> Result<()> {
        let records = self.store().turns(workspace, id, MISSED_TURNS).await?;
        let past = self.store().past_turns(workspace, id, MISSED_TURNS).await?;
        let is_missed = missed_since(&records, last);
        for record in &records {
            if record.status == TurnStatus::Running {
                continue;
            }
            to.told.insert(record.id);
            if !is_missed(record) {
                continue;
            }
            let partly_seen = is_partly_seen(record, last);
            if partly_seen && let Some(rest) = feed.rest_of_turn(last) {
                let told = |event: &LiveEvent| trace || !event.is_trace();
                to.missed.extend(rest.into_iter().filter(told));
                continue;
            }
            let Some(answer) = self.answer_of(workspace, record, &past).await? else {
                continue;
            };
            let turn_id = record.id;
            let event =
                |place, event: &TurnEvent| LiveEvent::new(EventId { turn_id, place }, event);
            to.missed.push_back(if partly_seen {
                event(last.place, &TurnEvent::Reset {})
            } else {
                event(
                    Some(0),
                    &TurnEvent::Started {
                        conversation_id: id,
                        turn_id,
                    },
                )
            });
            to.missed
                .push_back(event(None, &TurnEvent::of_answer(answer)));
        }
        Ok(())
    }

    /// The answer of a turn; `None` while it has no reply.
    pub(crate) async fn answer_of(
        &self,
        workspace: WorkspaceId,
        record: &TurnRecord,
        past: &[PastTurn],
    ) -> Result<Option<ChatAnswer>> {
        let reply = past
            .iter()
            .find(|turn| turn.id == record.id)
            .and_then(|turn| turn.reply.as_ref());
        let Some(reply) = reply else {
            return Ok(None);
        };
        let invocations = match record.about_invocation_id {
            Some(about) => vec![self.store().invocation(workspace, about).await?],
            None => self.store().turn_invocations(workspace, record.id).await?,
        };
        Ok(Some(ChatAnswer {
            conversation_id: record.conversation_id,
            turn_id: record.id,
            status: record.status,
            role: of_person(reply.role),
            reply: reply.text.clone(),
            invocations: invocations.iter().map(InvocationSummary::from).collect(),
            confirmation: None,
        }))
    }
}

fn is_partly_seen(record: &TurnRecord, last: EventId) -> bool {
    record.id == last.turn_id && last.place.is_some()
}

/// Which of these turns, once ended, whoever saw `last` as the last event does not know the end of.
fn missed_since(records: &[TurnRecord], last: EventId) -> impl Fn(&TurnRecord) -> bool + use<> {
    // Of a turn that was seen to its end: what was said while another turn ran ended before it.
    let seen_until = records
        .iter()
        .find(|record| record.id == last.turn_id && last.place.is_none())
        .and_then(|record| record.finished_at);
    move |record| {
        let ended_later =
            record.id != last.turn_id && seen_until.is_some() && record.finished_at >= seen_until;
        is_partly_seen(record, last) || ended_later || record.id > last.turn_id
    }
}

fn with_trace(reader: Reader, trace: bool) -> Reader {
    if trace { reader.traced() } else { reader }
}
