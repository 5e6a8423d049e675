//! The turns of the conversations that went on last, so that a long one is not read again for every
//! message. Whoever takes one says which turn is the newest now and how many there are: if something
//! has been added to the conversation that is not in what is kept of it here, that does not count.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskhand_domain::agent::Agent;
use deskhand_domain::conversation::{Message, PastTurn, Step};
use deskhand_domain::id::{ConversationId, TurnId, WorkspaceId};
use hashlink::LinkedHashMap;
use serde_json::Value;

use crate::prompt::turns_missing;
use crate::running::Running;
use crate::{Result, Service};

/// Most turns of a conversation that a new one looks back on.
pub const LOOK_BACK_TURNS: u32 = 200;
/// Most bytes of words and results kept, of all conversations.
const KEPT_BYTES: usize = 32 * 1024 * 1024;
/// Most conversations kept.
const KEPT: usize = 10_000;
/// The turns that are read of a conversation at first. More are where they do not fill a model's window, and
/// where a value may have been given before them.
const READ_FIRST: u32 = 32;
/// What a turn, a call or a value takes beside its words.
const OVERHEAD: usize = 128;

/// The conversations that went on last.
#[derive(Debug, Default)]
pub struct Histories(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// The one that went on longest ago comes first.
    conversations: LinkedHashMap<ConversationId, History>,
    bytes: usize,
}

/// The last turns of one conversation, the oldest first.
#[derive(Debug, Clone, Default)]
pub struct History {
    turns: Vec<Arc<PastTurn>>,
    /// How many turns the conversation has with the last of these, as far as is known here.
    number: u64,
    bytes: usize,
    /// Nothing was found before these.
    whole: bool,
    /// The window that they fill, where there are older ones.
    window_tokens: usize,
}

impl History {
    /// Keeps these turns, of which the conversation has at least `number`.
    pub fn of(turns: Vec<PastTurn>, number: u64) -> Self {
        let bytes = turns.iter().map(size_of).sum();
        let turns = turns.into_iter().map(Arc::new).collect();
        Self {
            turns,
            number,
            bytes,
            whole: false,
            window_tokens: 0,
        }
    }

    /// Whether there are turns before these that count.
    pub fn has_older(&self) -> bool {
        !self.whole && self.left() > 0 && (self.turns.len() as u64) < self.number
    }

    /// How many turns before these would count.
    fn left(&self) -> u32 {
        let most = LOOK_BACK_TURNS as usize;
        u32::try_from(most.saturating_sub(self.turns.len())).unwrap_or(LOOK_BACK_TURNS)
    }

    /// Puts those before them that were found, of `most` that were looked for.
    fn begin_with(&mut self, older: Vec<PastTurn>, most: u32) {
        self.whole = older.len() < most as usize;
        self.bytes += older.iter().map(size_of).sum::<usize>();
        self.turns.splice(..0, older.into_iter().map(Arc::new));
    }

    /// How many turns the conversation has, as far as is known here.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The turns.
    pub fn turns(&self) -> &[Arc<PastTurn>] {
        &self.turns
    }

    /// Adds a turn; of more than `most` the oldest goes.
    pub fn push(&mut self, turn: PastTurn, most: usize) {
        self.bytes += size_of(&turn);
        self.turns.push(Arc::new(turn));
        self.number += 1;
        if self.turns.len() > most {
            self.bytes -= size_of(&self.turns.remove(0));
        }
    }

    /// Puts others in the place of turns.
    pub fn change(&mut self, to: impl Fn(&PastTurn) -> Option<PastTurn>) {
        for turn in &mut self.turns {
            if let Some(changed) = to(turn) {
                self.bytes = self.bytes + size_of(&changed) - size_of(turn);
                *turn = Arc::new(changed);
            }
        }
    }

    /// Takes the last turn off.
    pub fn pop(&mut self) -> Option<Arc<PastTurn>> {
        let last = self.turns.pop()?;
        self.bytes -= size_of(&last);
        self.number -= 1;
        Some(last)
    }
}

impl Histories {
    /// Takes out what is kept of a conversation, if its last turn is `newest` and none of the `number`
    /// that it has is missing.
    pub fn take(&self, id: ConversationId, newest: TurnId, number: u64) -> Option<History> {
        let mut kept = self.lock();
        let history = kept.conversations.remove(&id)?;
        kept.bytes -= history.bytes;
        let last = history.turns.last().map(|turn| turn.id);
        (last == Some(newest) && history.number == number).then_some(history)
    }

    /// Keeps a conversation whose last turn has ended.
    pub fn put(&self, id: ConversationId, history: History) {
        let mut kept = self.lock();
        kept.bytes += history.bytes;
        if let Some(old) = kept.conversations.insert(id, history) {
            kept.bytes -= old.bytes;
        }
        while kept.bytes > KEPT_BYTES || kept.conversations.len() > KEPT {
            let Some((_, oldest)) = kept.conversations.pop_front() else {
                break;
            };
            kept.bytes -= oldest.bytes;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // What is added up wrong by a panic elsewhere is a little too much or too little kept.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// The turns of a conversation so far, as kept from the last message or else out of the database: as many
    /// of them as the agent's models can be shown.
    pub(crate) async fn history(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        agent: &Agent,
    ) -> Result<History> {
        let Some((newest, number)) = self.store().newest_turn(workspace, id).await? else {
            return Ok(History::default());
        };
        let store = self.store();
        let mut history = match self.inner.histories.take(id, newest, number) {
            Some(kept) => kept,
            None => History::of(store.past_turns(workspace, id, READ_FIRST).await?, number),
        };
        let window = self.window_tokens(agent);
        while history.window_tokens < window
            && history.has_older()
            && let Some(first) = history.turns().first()
        {
            let missing = turns_missing(history.turns(), window);
            if missing == 0 {
                break;
            }
            let most = u32::try_from(missing).map_or(history.left(), |it| it.min(history.left()));
            let older = store.past_turns_before(workspace, id, first.id, most);
            history.begin_with(older.await?, most);
        }
        history.window_tokens = history.window_tokens.max(window);
        Ok(history)
    }

    /// The turns before those that a turn began with, as far back as counts.
    pub(crate) async fn older(&self, running: &Running) -> Result<History> {
        let past = &running.past;
        let Some(first) = past.turns().first().filter(|_| past.has_older()) else {
            return Ok(History::default());
        };
        let (workspace, id) = (running.conversation.workspace_id, running.conversation.id);
        let store = self.store();
        let older = store.past_turns_before(workspace, id, first.id, past.left());
        let mut older = History::of(older.await?, 0);
        self.bring_up_to_date(workspace, &mut older).await?;
        Ok(older)
    }

    /// Keeps the turns of a conversation for its next message.
    pub(crate) fn remember(&self, running: &Running, steps: Vec<Step>, reply: Message) {
        let mut past = running.past.clone();
        if let Some(this) = past.pop() {
            let ended = PastTurn {
                steps,
                reply: Some(reply),
                ..PastTurn::clone(&this)
            };
            past.push(ended, LOOK_BACK_TURNS as usize);
            self.inner.histories.put(running.conversation.id, past);
        }
    }
}

/// About what a turn takes in memory.
fn size_of(turn: &PastTurn) -> usize {
    let said: usize = turn.said().map(|message| message.text.len()).sum();
    OVERHEAD + said + turn.steps.iter().map(step_size).sum::<usize>()
}

fn step_size(step: &Step) -> usize {
    match step {
        Step::Asked { text, calls } => {
            let calls = calls.iter().map(|call| OVERHEAD + call.arguments.len());
            text.len() + calls.sum::<usize>()
        }
        Step::Answered { results } => {
            let results = results.iter().map(|result| value_size(&result.content));
            results.sum()
        }
    }
}

fn value_size(value: &Value) -> usize {
    OVERHEAD
        + match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(value_size).sum(),
            Value::Object(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, value)| name.len() + value_size(value));
                fields.sum()
            }
        }
}

#[cfg(test)]
mod tests {
    use deskhand_domain::clock::Entropy;
    use deskhand_domain::conversation::{Message, Speaker};
    use deskhand_domain::id::MessageId;
    use jiff::Timestamp;

    use super::*;

    #[derive(Debug)]
    struct Same(u8);

    impl Entropy for Same {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    fn turn(number: u8, text: &str) -> PastTurn {
        let id = TurnId::new(Timestamp::UNIX_EPOCH, &Same(number));
        PastTurn {
            id,
            message: Some(Message {
                id: MessageId::new(Timestamp::UNIX_EPOCH, &Same(number)),
                turn_id: id,
                role: Speaker::Customer,
                text: text.to_owned(),
                created_at: Timestamp::UNIX_EPOCH,
            }),
            steps: Vec::new(),
            reply: None,
        }
    }

    fn conversation(number: u8) -> ConversationId {
        ConversationId::new(Timestamp::UNIX_EPOCH, &Same(number))
    }

    #[test]
    fn what_was_kept_is_found_under_its_newest_turn_once() {
        let histories = Histories::default();
        let (one, two) = (turn(1, "Hello"), turn(2, "Bye"));
        let newest = two.id;
        histories.put(conversation(1), History::of(vec![one, two], 2));
        let found = histories.take(conversation(1), newest, 2).unwrap();
        assert_eq!(found.turns().len(), 2);
        assert!(histories.take(conversation(1), newest, 2).is_none());
    }

    #[test]
    fn what_another_server_added_to_does_not_count() {
        let histories = Histories::default();
        histories.put(conversation(1), History::of(vec![turn(1, "Hello")], 1));
        let newest = turn(2, "").id;
        assert!(histories.take(conversation(1), newest, 2).is_none());
        let own = turn(1, "").id;
        assert!(histories.take(conversation(1), own, 1).is_none());
    }

    #[test]
    fn what_misses_something_said_in_between_does_not_count() {
        let histories = Histories::default();
        let mut history = History::of(vec![turn(1, "Hello")], 1);
        // Between the two something was said that this one has not read.
        history.push(turn(3, "Is it done?"), 10);
        histories.put(conversation(1), history);
        let newest = turn(3, "").id;
        assert!(histories.take(conversation(1), newest, 3).is_none());
    }

    #[test]
    fn past_the_limit_the_one_that_went_on_longest_ago_goes() {
        let histories = Histories::default();
        let long = "x".repeat(KEPT_BYTES / 3);
        for number in 1..=3 {
            let history = History::of(vec![turn(number, &long)], 1);
            histories.put(conversation(number), history);
        }
        let gone = histories.take(conversation(1), turn(1, "").id, 1);
        assert!(gone.is_none());
        let kept = histories.take(conversation(2), turn(2, "").id, 1);
        assert!(kept.is_some());
    }

    #[test]
    fn the_bytes_come_out_even() {
        let mut history = History::of(vec![turn(1, "one"), turn(2, "two")], 2);
        let before = history.bytes;
        history.push(turn(3, "three"), 10);
        history.pop();
        assert_eq!(history.bytes, before);
        history.push(turn(3, "two"), 2);
        assert_eq!((history.turns().len(), history.bytes), (2, before));
        let histories = Histories::default();
        histories.put(conversation(1), history.clone());
        histories.put(conversation(1), history);
        histories.take(conversation(1), turn(3, "").id, 3);
        assert_eq!(histories.lock().bytes, 0);
    }
}
