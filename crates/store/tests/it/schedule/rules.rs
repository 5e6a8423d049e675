//! What is known of a schedule from outside, and what is refused the moment it happens.

use std::collections::{HashMap, HashSet};

use deskhand_domain::action::{Action, Effect};
use deskhand_domain::conversation::Conversation;
use deskhand_domain::id::{InvocationId, NodeId, TurnId};
use deskhand_domain::invocation::{Invocation, InvocationStatus};
use deskhand_store::{BeginTurn, Begun, Claimed, Owner, TakenTurn};

use super::Asked;
use crate::world::*;

/// A kind of action.
#[derive(Clone)]
pub struct Kind {
    pub action: Action,
    pub reads: bool,
    /// Whether sending it twice does no harm.
    pub harmless: bool,
    pub long: bool,
}

/// All that has happened, as one sees it who sees everything.
pub struct Rules {
    pub kinds: Vec<Kind>,
    pub nodes_begun: usize,
    pub conversations: Vec<Conversation>,
    /// What clients have asked: key and conversation.
    pub asked: Vec<(String, Conversation)>,
    /// The turn that was begun for a key.
    pub for_key: HashMap<String, TurnId>,
    /// Whose each turn is. None: handed over.
    pub owners: HashMap<TurnId, Option<Owner>>,
    /// Every turn begun.
    pub turns: Vec<BeginTurn>,
    /// Every invocation recorded, and in which turn.
    pub calls: HashMap<InvocationId, TurnId>,
    pub call_kinds: HashMap<InvocationId, usize>,
    /// The nodes that have committed `sending` for it.
    pub senders: HashMap<InvocationId, HashSet<NodeId>>,
    /// Requests that have left.
    pub requests: HashMap<InvocationId, u32>,
    /// What it came to last, as far as somebody said so.
    pub outcomes: HashMap<InvocationId, InvocationStatus>,
    /// As stored when it was looked at last.
    pub seen: HashMap<InvocationId, Invocation>,
}

impl Rules {
    pub async fn new(w: &World) -> Self {
        let mut kinds = Vec::new();
        for (name, reads, idempotent, long) in [
            ("pay", false, false, false),
            ("cancel", false, false, false),
            ("tag", false, true, false),
            ("look_up", true, false, false),
            ("refund", false, false, true),
        ] {
            let mut action = w.new_action(name);
            if reads {
                action.definition.effect = Effect::Read;
            }
            action.definition.idempotent = idempotent;
            action.definition.long_running = long;
            w.store
                .insert_action(&action, &signing("whsec_x"))
                .await
                .unwrap();
            kinds.push(Kind {
                action,
                reads,
                harmless: reads || idempotent,
                long,
            });
        }
        Self {
            kinds,
            nodes_begun: 0,
            conversations: Vec::new(),
            asked: Vec::new(),
            for_key: HashMap::new(),
            owners: HashMap::new(),
            turns: Vec::new(),
            calls: HashMap::new(),
            call_kinds: HashMap::new(),
            senders: HashMap::new(),
            requests: HashMap::new(),
            outcomes: HashMap::new(),
            seen: HashMap::new(),
        }
    }

    pub fn kind_of(&self, invocation: &Invocation) -> usize {
        let kind = |kind: &Kind| kind.action.id == invocation.action_id;
        self.kinds.iter().position(kind).unwrap()
    }

    /// A client's key was claimed, or was not.
    pub fn claimed(&self, key: &str, claimed: &Claimed) {
        let turn = self.for_key.get(key);
        match claimed {
            Claimed::Fresh(_) => assert_eq!(turn, None, "{key} was used before"),
            Claimed::Stored(_) => assert!(turn.is_some(), "{key} has an answer to nothing"),
            Claimed::Running(None) => assert_eq!(turn, None, "{key} has begun a turn"),
            Claimed::Running(Some((_, stored))) | Claimed::Broken(_, stored) => {
                assert_eq!(turn, Some(stored), "{key} stands for another turn");
            }
            Claimed::Lost => panic!("{key} is used for chats only"),
            Claimed::OtherBody => panic!("{key} was used for one thing only"),
        }
    }

    pub fn begun(&mut self, key: &str, begin: &BeginTurn) {
        let earlier = self.for_key.insert(key.to_owned(), begin.turn_id);
        assert_eq!(earlier, None, "{key} has begun two turns");
        if begin.is_new {
            self.conversations.push(begin.conversation.clone());
        }
        self.owners.insert(begin.turn_id, Some(begin.owner.into()));
        self.turns.push(begin.clone());
    }

    pub fn taken(&mut self, adopted: &Asked<Option<TakenTurn>>, by: NodeId) {
        if let Some(Ok(Some(turn))) = &adopted.done {
            self.took(turn, by);
        }
    }

    pub fn took(&mut self, turn: &TakenTurn, by: NodeId) {
        self.owners.insert(turn.turn_id, Some(turn.owner(by)));
    }

    pub fn left(&mut self, node: NodeId) {
        for owner in self.owners.values_mut() {
            if owner.is_some_and(|owner| owner.node == node) {
                *owner = None;
            }
        }
    }

    /// A node has written in a turn: only its owner may.
    pub fn written(&self, turn: TurnId, by: Owner, what: &str) {
        let owner = self.owners[&turn];
        assert_eq!(owner, Some(by), "{by} {what} that is not its own");
    }

    /// Calls have been recorded.
    pub fn decided(&mut self, calls: &[(Invocation, u8)], begun: &[Begun], by: Owner) {
        for ((call, _), begun) in calls.iter().zip(begun) {
            if *begun != Begun::Recorded {
                continue;
            }
            self.calls.insert(call.id, call.turn_id.unwrap());
            self.call_kinds.insert(call.id, self.kind_of(call));
            if call.status == InvocationStatus::Sending {
                self.may_send(call.id, by.node);
            }
        }
    }

    pub fn marked(&mut self, id: InvocationId, by: Owner) {
        self.written(self.calls[&id], by, "marked a call");
        self.may_send(id, by.node);
    }

    fn may_send(&mut self, id: InvocationId, by: NodeId) {
        let senders = self.senders.entry(id).or_default();
        senders.insert(by);
        let harmless = self.kinds[self.call_kinds[&id]].harmless;
        assert!(
            harmless || senders.len() == 1,
            "{id}: two nodes have committed `sending`"
        );
    }

    /// A request has left.
    pub fn sent(&mut self, id: InvocationId, by: NodeId, kind: &Kind) {
        let senders = self.senders.get(&id);
        let committed = senders.is_some_and(|senders| senders.contains(&by));
        assert!(committed, "{id} was sent by one that has not committed it");
        let requests = self.requests.entry(id).or_default();
        *requests += 1;
        assert!(kind.harmless || *requests == 1, "{id} was sent twice");
    }

    pub fn came_to(&mut self, id: InvocationId, by: Owner, status: InvocationStatus) {
        // It may end after its turn has; while the turn runs, only for its owner.
        if let Some(Some(owner)) = self.owners.get(&self.calls[&id]) {
            assert_eq!(*owner, by, "{id} came to {status} by one that has lost it");
        }
        self.outcomes.insert(id, status);
    }
}
