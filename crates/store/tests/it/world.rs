//! A workspace with one of everything, to start a case from.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use deskhand_domain::action::Action;
use deskhand_domain::agent::Agent;
use deskhand_domain::contact::Contact;
use deskhand_domain::conversation::{Conversation, Message, Mode, Speaker, TurnStatus};
use deskhand_domain::id::{
    AttemptId, ContactId, ConversationId, InvocationId, KeyId, MessageId, NodeId, TurnId,
    WorkspaceId,
};
use deskhand_domain::invocation::{
    Attempt, AttemptRequest, AttemptResponse, Header, Invocation, InvocationStatus, Outcome,
    Timings,
};
use deskhand_domain::workspace::{ApiKey, Scope, Workspace};
use deskhand_store::{
    BeginInvocations, BeginTurn, Begun, ClaimId, ClaimKey, FinishTurn, Say, Store,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

pub use crate::things::*;

#[path = "world_nodes.rs"]
mod nodes;
#[path = "world_seeded.rs"]
mod seeded;
#[path = "world_turns.rs"]
mod turns;

pub use seeded::Seeded;

/// Where a case starts: a store with one workspace, an agent and an action attached to it.
pub struct World {
    pub store: Arc<dyn Store>,
    pub entropy: Seeded,
    now_ms: AtomicI64,
    /// The node that does everything, unless a case says otherwise.
    pub node: NodeId,
    pub ws: WorkspaceId,
    pub agent: Agent,
    pub action: Action,
}

/// A turn under way.
#[derive(Debug, Clone)]
pub struct Running {
    pub conversation: Conversation,
    pub turn: TurnId,
    pub message: Message,
}

pub const BUDGET: u32 = 50;

impl World {
    pub async fn new(store: Arc<dyn Store>) -> Self {
        let entropy = Seeded::default();
        let start = 1_790_000_000_000;
        let at = Timestamp::from_millisecond(start).unwrap();
        let ws = WorkspaceId::new(at, &entropy);
        let world = Self {
            node: NodeId::new(at, &entropy),
            agent: agent(ws, at, &entropy),
            action: action(ws, "check_order_status", at, &entropy),
            ws,
            store,
            entropy,
            now_ms: AtomicI64::new(start),
        };
        let workspace = Workspace {
            id: ws,
            name: "Shop".to_owned(),
            created_at: at,
        };
        world.store.insert_workspace(&workspace).await.unwrap();
        world.store.insert_agent(&world.agent).await.unwrap();
        let (first, secrets) = (world.action.clone(), signing("whsec_first"));
        world.store.insert_action(&first, &secrets).await.unwrap();
        world.attach(&first).await;
        world
    }

    /// A millisecond later each time.
    pub fn now(&self) -> Timestamp {
        let ms = self.now_ms.fetch_add(1, Ordering::Relaxed) + 1;
        Timestamp::from_millisecond(ms).unwrap()
    }

    /// Lets time pass.
    pub fn pass(&self, time: SignedDuration) {
        let ms = i64::try_from(time.as_millis()).unwrap();
        self.now_ms.fetch_add(ms, Ordering::Relaxed);
    }

    pub fn new_agent(&self) -> Agent {
        agent(self.ws, self.now(), &self.entropy)
    }

    pub fn new_action(&self, name: &str) -> Action {
        action(self.ws, name, self.now(), &self.entropy)
    }

    pub async fn insert_action(&self, name: &str) -> Action {
        let action = self.new_action(name);
        let secrets = signing("whsec_x");
        self.store.insert_action(&action, &secrets).await.unwrap();
        action
    }

    pub async fn attach(&self, action: &Action) {
        let now = self.now();
        self.store
            .attach(self.ws, self.agent.id, action.id, 64, now)
            .await
            .unwrap();
    }

    /// Another workspace in the same database.
    pub async fn other(&self) -> Self {
        self.pass(SignedDuration::from_secs(1));
        let entropy = Seeded::default();
        entropy.0.store(1_000_000_000, Ordering::Relaxed);
        let at = self.now();
        let ws = WorkspaceId::new(at, &entropy);
        let workspace = Workspace {
            id: ws,
            name: "Other".to_owned(),
            created_at: at,
        };
        self.store.insert_workspace(&workspace).await.unwrap();
        let other = Self {
            store: self.store.clone(),
            node: self.node,
            now_ms: AtomicI64::new(at.as_millisecond()),
            agent: agent(ws, at, &entropy),
            action: action(ws, "check_order_status", at, &entropy),
            entropy,
            ws,
        };
        other.store.insert_agent(&other.agent).await.unwrap();
        let secrets = signing("whsec_other");
        let action = other.action.clone();
        other.store.insert_action(&action, &secrets).await.unwrap();
        other
    }

    pub fn new_key(&self) -> ApiKey {
        let now = self.now();
        ApiKey {
            id: KeyId::new(now, &self.entropy),
            workspace_id: self.ws,
            name: "ci".to_owned(),
            prefix: "dh_abc".to_owned(),
            scope: Scope::Chat,
            agent_id: Some(self.agent.id),
            expires_at: Some(now + SignedDuration::from_hours(24)),
            created_at: now,
        }
    }

    /// A client's key for a body that hashes to this, kept for 24 hours.
    pub fn claim_key(&self, key: &str, hash: u8) -> ClaimKey {
        let now = self.now();
        ClaimKey {
            id: ClaimId::new(&self.entropy),
            owner: self.node,
            workspace_id: self.ws,
            route: "POST /v1/agents".to_owned(),
            key: key.to_owned(),
            body_hash: [hash; 32],
            now,
            keep_until: now + SignedDuration::from_hours(24),
        }
    }

    pub fn conversation(&self, contact: Option<&str>) -> Conversation {
        let now = self.now();
        Conversation {
            id: ConversationId::new(now, &self.entropy),
            workspace_id: self.ws,
            agent_id: self.agent.id,
            own_contact_id: ContactId::new(now, &self.entropy),
            contact: Contact {
                id: contact.map(str::to_owned),
                name: Some("Ada".to_owned()),
                ..Contact::default()
            },
            contact_verified: false,
            handoff: None,
            mode: Mode::Live,
            created_at: now,
            updated_at: now,
        }
    }

    /// A turn about to begin.
    pub fn turn(&self, conversation: &Conversation, is_new: bool, text: &str) -> BeginTurn {
        let now = self.now();
        let turn_id = TurnId::new(now, &self.entropy);
        let mut conversation = conversation.clone();
        conversation.updated_at = now;
        BeginTurn {
            owner: self.node,
            conversation,
            is_new,
            known_turns: None,
            turn_id,
            message: self.message(turn_id, Speaker::Customer, text),
            claim: None,
        }
    }

    pub fn message(&self, turn_id: TurnId, role: Speaker, text: &str) -> Message {
        let now = self.now();
        Message {
            id: MessageId::new(now, &self.entropy),
            turn_id,
            role,
            text: text.to_owned(),
            created_at: now,
        }
    }

    /// An invocation of the action in a turn.
    pub fn call(&self, running: &Running) -> Invocation {
        let now = self.now();
        Invocation {
            id: InvocationId::new(now, &self.entropy),
            workspace_id: self.ws,
            agent_id: Some(self.agent.id),
            conversation_id: Some(running.conversation.id),
            turn_id: Some(running.turn),
            action_id: self.action.id,
            action: self.action.definition.name.clone(),
            action_version: 1,
            parameters: json!({ "order_number": "ORD-1" })
                .as_object()
                .unwrap()
                .clone(),
            provenance: Vec::new(),
            call_id: Some("call_1".to_owned()),
            test: false,
            status: InvocationStatus::Intended,
            failure: None,
            result: None,
            error: None,
            warnings: Vec::new(),
            created_at: now,
            sent_at: None,
            finished_at: None,
            duration_ms: None,
            progress: None,
            expires_at: None,
            settlement: None,
        }
    }

    pub fn begin(&self, calls: Vec<(Invocation, u8)>) -> BeginInvocations {
        let since = self.now() - SignedDuration::from_hours(1);
        BeginInvocations {
            owner: self.node.into(),
            again: false,
            workspace_id: self.ws,
            turn_id: calls.first().and_then(|(call, _)| call.turn_id),
            steps: Vec::new(),
            parameter_hashes: calls.iter().map(|(_, hash)| [*hash; 32]).collect(),
            invocations: calls.into_iter().map(|(call, _)| call).collect(),
            budget: BUDGET,
            since,
        }
    }

    /// Records one call whose parameters hash to this.
    pub async fn record(&self, call: &Invocation, hash: u8) -> Begun {
        let begin = self.begin(vec![(call.clone(), hash)]);
        self.store
            .begin_invocations(&begin)
            .await
            .unwrap()
            .remove(0)
    }

    /// Records a call in a turn of its own and moves it as far as `status`.
    pub async fn call_at(
        &self,
        running: &Running,
        status: InvocationStatus,
        hash: u8,
    ) -> Invocation {
        let mut call = self.call(running);
        if status == InvocationStatus::AwaitingConfirmation {
            call.status = status;
        }
        assert_eq!(self.record(&call, hash).await, Begun::Recorded);
        if !matches!(
            status,
            InvocationStatus::Intended | InvocationStatus::AwaitingConfirmation
        ) {
            let now = self.now();
            assert!(
                self.store
                    .mark_sending(self.ws, call.id, self.node.into(), now)
                    .await
                    .unwrap()
            );
        }
        if !matches!(
            status,
            InvocationStatus::Intended
                | InvocationStatus::AwaitingConfirmation
                | InvocationStatus::Sending
        ) {
            assert!(self.finish(call.id, &outcome(status)).await);
        }
        self.store.invocation(self.ws, call.id).await.unwrap()
    }

    pub async fn finish(&self, id: InvocationId, outcome: &Outcome) -> bool {
        let now = self.now();
        self.store
            .finish_invocation(self.ws, id, &finish(self.node, outcome, &[], now))
            .await
            .unwrap()
    }

    pub fn attempt(&self, number: u32) -> Attempt {
        let now = self.now();
        Attempt {
            id: AttemptId::new(now, &self.entropy),
            number,
            started_at: now,
            request: AttemptRequest {
                url: "https://api.example.com/orders".to_owned(),
                headers: vec![Header {
                    name: "authorization".to_owned(),
                    value: "[redacted]".to_owned(),
                }],
                body: "{}".to_owned(),
            },
            response: Some(AttemptResponse {
                status: 200,
                headers: Vec::new(),
                body: "{\"success\":true}".to_owned(),
                body_truncated: false,
            }),
            timings: Timings {
                dns_ms: Some(1.5),
                total_ms: 12.25,
                ..Timings::default()
            },
            failure: None,
        }
    }
}
