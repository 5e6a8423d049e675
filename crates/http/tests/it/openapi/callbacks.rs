//! The part of the session in which calls end after their turns.

use deskhand_testkit::{Reply, id};
use serde_json::json;

use super::examples::Session;
use crate::callbacks::{callback, refund, report};

impl Session<'_> {
    pub(super) async fn calls_are_settled(&mut self, agent: &str) {
        let app = self.app;
        let action = app.action(refund()).await;
        app.put(&format!("{agent}/actions/{}", id(&action))).await;
        let chat = format!("{agent}/chat");
        app.webhook
            .reply(Reply::json(202, &json!({"success": true})));
        app.models
            .call("request_refund", json!({"order_number": "ORD-1"}))
            .reply("I've started the refund.");
        let ask = json!({"message": "I want my money back for ORD-1"});
        app.post(&chat, ask).await.expect(200);
        let path = callback(app);
        let done = json!({"success": true, "result": {"amount": "20 EUR"}});
        for body in [done, json!({"success": false}), json!({"success": "yes"})] {
            let answer = report(app, &path, body.clone()).await;
            self.keep("POST", &path, body, answer);
        }
        app.webhook.reply(Reply::nothing().then_reset());
        app.models
            .call("request_refund", json!({"order_number": "ORD-2"}));
        let ask = json!({"message": "I want my money back for ORD-2"});
        app.post(&chat, ask).await.expect(200);
        let unknown = app.get("/v1/invocations?status=unknown").await.expect(200);
        let settle = format!("/v1/invocations/{}/settle", id(&unknown["data"][0]));
        let found = json!({"status": "failed", "note": "The bank has no such payment."});
        self.does("POST", &settle, found.clone()).await.expect(200);
        self.does("POST", &settle, found).await.problem(409);
        let path = format!("/v1/actions/{}", id(&action));
        app.delete(&path).await;
    }
}
