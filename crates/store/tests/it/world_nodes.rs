//! Nodes in a world.

use deskhand_store::{AbandonTurn, TakenOver};

use super::*;

impl World {
    /// A trial, recorded.
    pub async fn trial(&self) -> Invocation {
        let call = Invocation {
            agent_id: None,
            conversation_id: None,
            turn_id: None,
            test: true,
            ..self.call(&self.running().await)
        };
        assert_eq!(self.record(&call, 1).await, Begun::Recorded);
        call
    }

    /// Gives the node of this world a lease, a minute long.
    pub async fn alive(&self) {
        let now = self.now();
        let until = now + SignedDuration::from_secs(60);
        self.store.renew_lease(self.node, now, until).await.unwrap();
    }

    pub fn new_node(&self) -> NodeId {
        NodeId::new(self.now(), &self.entropy)
    }

    /// Another node takes over what nobody has, and ends it.
    pub async fn abandoned(&self) -> TakenOver {
        let (owner, at) = (self.new_node(), self.now());
        let taken = self.store.take_over(owner, at, 100).await.unwrap();
        for turn in &taken.turns {
            let (workspace, id) = (turn.workspace_id, turn.turn_id);
            let calls = self.store.turn_invocations(workspace, id).await.unwrap();
            let abandon = AbandonTurn {
                turn: turn.clone(),
                owner: turn.owner(owner),
                replies: sorry(),
                reply_id: MessageId::new(at, &self.entropy),
                told: calls.iter().map(|call| call.id).collect(),
                detail: "gone".to_owned(),
                at,
            };
            self.store.abandon_turn(&abandon).await.unwrap();
        }
        taken
    }
}
