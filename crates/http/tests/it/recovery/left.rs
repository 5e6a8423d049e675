//! What a server that has stopped leaves in its database.

use deskhand_domain::clock::Clock;
use deskhand_domain::contact::Contact;
use deskhand_domain::conversation::{Conversation, Message, Mode, Speaker, Step};
use deskhand_domain::id::{
    AgentId, ContactId, ConversationId, InvocationId, MessageId, NodeId, TurnId, WorkspaceId,
};
use deskhand_domain::invocation::{Invocation, InvocationStatus};
use deskhand_domain::prompt::ToolCall;
use deskhand_store::{BeginInvocations, BeginTurn, Store};
use deskhand_testkit::{SeededEntropy, TestApp, id};
use serde_json::{Value, json};

pub const ORDER: &str = "ORD-12345";

/// A shop whose server has stopped in the middle of a turn.
pub struct Left<'a> {
    app: &'a TestApp,
    pub workspace: WorkspaceId,
    pub agent: AgentId,
    pub conversation: ConversationId,
    turn: TurnId,
    node: NodeId,
    entropy: SeededEntropy,
}

impl<'a> Left<'a> {
    /// The customer's message is stored, and nothing more.
    pub async fn with(app: &'a TestApp, action: Value) -> (Left<'a>, Value) {
        let agent = app.agent(json!({})).await;
        let action = app.action(action).await;
        app.attach(&agent, &action).await;
        let entropy = SeededEntropy::new(77);
        let now = app.clock.now();
        let left = Self {
            app,
            workspace: app.first_workspace().await,
            agent: id(&agent).parse().unwrap(),
            conversation: ConversationId::new(now, &entropy),
            turn: TurnId::new(now, &entropy),
            node: NodeId::new(now, &entropy),
            entropy,
        };
        left.begin().await;
        (left, action)
    }

    async fn begin(&self) {
        let now = self.app.clock.now();
        let begin = BeginTurn {
            owner: self.node,
            conversation: Conversation {
                id: self.conversation,
                workspace_id: self.workspace,
                agent_id: self.agent,
                own_contact_id: ContactId::new(now, &self.entropy),
                contact: Contact::default(),
                contact_verified: false,
                mode: Mode::Live,
                handoff: None,
                created_at: now,
                updated_at: now,
            },
            is_new: true,
            known_turns: None,
            turn_id: self.turn,
            message: Message {
                id: MessageId::new(now, &self.entropy),
                turn_id: self.turn,
                role: Speaker::Customer,
                text: format!("Where is {ORDER}?"),
                created_at: now,
            },
            claim: None,
        };
        self.app.store.begin_turn(&begin).await.unwrap();
    }

    /// The model has asked for the action, and the call is recorded so.
    pub async fn call(&self, action: &Value, status: InvocationStatus) -> InvocationId {
        let now = self.app.clock.now();
        let parameters = json!({ "order_number": ORDER });
        let name = action["name"].as_str().unwrap().to_owned();
        let invocation = Invocation {
            id: InvocationId::new(now, &self.entropy),
            workspace_id: self.workspace,
            agent_id: Some(self.agent),
            conversation_id: Some(self.conversation),
            turn_id: Some(self.turn),
            action_id: id(action).parse().unwrap(),
            action: name.clone(),
            action_version: 1,
            parameters: parameters.as_object().unwrap().clone(),
            call_id: Some("call_7".to_owned()),
            status,
            created_at: now,
            sent_at: (status == InvocationStatus::Sending).then_some(now),
            ..blank()
        };
        let asked = Step::Asked {
            text: String::new(),
            calls: vec![ToolCall {
                id: "call_7".to_owned(),
                name,
                arguments: parameters.to_string(),
            }],
        };
        let begin = BeginInvocations {
            owner: self.node.into(),
            again: false,
            workspace_id: self.workspace,
            turn_id: Some(self.turn),
            steps: vec![asked],
            invocations: vec![invocation.clone()],
            parameter_hashes: vec![[1; 32]],
            budget: 50,
            since: now,
        };
        self.app.store.begin_invocations(&begin).await.unwrap();
        invocation.id
    }

    /// Another server begins, and the turn's end is waited for.
    pub async fn recovered(&self) -> Value {
        self.app.another_node().recover().await.unwrap();
        self.ended().await
    }

    async fn ended(&self) -> Value {
        let path = format!("/v1/conversations/{}", self.conversation);
        loop {
            let transcript = self.app.get(&path).await.expect(200);
            if transcript["turns"][0]["status"] != "running" {
                assert_eq!(transcript["messages"].as_array().unwrap().len(), 2);
                return transcript;
            }
            tokio::task::yield_now().await;
        }
    }
}

/// The parts of an invocation that nothing here looks at.
fn blank() -> Invocation {
    serde_json::from_value(json!({
        "id": "inv_00000000000000000000000000",
        "workspace_id": "ws_00000000000000000000000000",
        "agent_id": null, "conversation_id": null, "turn_id": null,
        "action_id": "act_00000000000000000000000000", "action": "a", "action_version": 1,
        "parameters": {}, "provenance": [], "call_id": null, "test": false, "status": "intended",
        "failure": null, "result": null, "error": null, "warnings": [],
        "progress": null, "expires_at": null, "settlement": null,
        "created_at": "2026-11-23T12:00:00Z", "sent_at": null, "finished_at": null,
        "duration_ms": null,
    }))
    .unwrap()
}
