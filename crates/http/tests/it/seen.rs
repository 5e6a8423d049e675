//! One question whose action is called, and what is seen of it: the reply, and the record.

use deskhand_testkit::{Talk, TestApp};
use serde_json::{Value, json};

/// Asked of the model after the call; never true, so it must not get through where it matters.
pub(crate) const CLAIM: &str = "All done! Your order was cancelled successfully.";

/// What came of one question whose action was called.
pub(crate) struct Outcome {
    pub(crate) answer: Value,
    pub(crate) reply: String,
    pub(crate) invocation: Value,
}

impl Outcome {
    pub(crate) fn status(&self) -> &str {
        self.invocation["status"].as_str().unwrap()
    }

    pub(crate) fn code(&self) -> &str {
        self.invocation["failure"]["code"]
            .as_str()
            .unwrap_or_default()
    }

    pub(crate) fn attempts(&self) -> usize {
        self.invocation["attempts"].as_array().unwrap().len()
    }

    /// Nothing in the reply that a customer must not see.
    pub(crate) fn is_fit_for_customers(&self) {
        let reply = self.reply.to_lowercase();
        for internal in [
            "127.0.0.1",
            "localhost",
            "http",
            "shop.example.com",
            "webhook",
            "endpoint",
            "500",
            "503",
            "404",
            "timeout",
            "tls",
            "dns",
            "connection",
            "json",
            "null",
            "error",
            "code",
            "check_order_status",
            "inv_",
            "internal",
            "parameter",
        ] {
            assert!(!reply.contains(internal), "{internal:?} in {reply:?}");
        }
        assert!(self.reply.ends_with(['.', '?', '!']), "{:?}", self.reply);
        let way_on = reply.contains("again") || reply.contains("contact") || reply.contains('?');
        assert!(way_on, "no way on in {reply:?}");
    }

    pub(crate) fn is_failed(&self, code: &str) {
        assert_eq!(
            (self.status(), self.code()),
            ("failed", code),
            "{:#}",
            self.invocation
        );
        assert!(!self.reply.contains(CLAIM), "{}", self.reply);
        assert!(
            self.reply.contains("wasn't able to complete"),
            "{}",
            self.reply
        );
        self.is_fit_for_customers();
    }

    pub(crate) fn is_unknown(&self, code: &str) {
        assert_eq!(
            (self.status(), self.code()),
            ("unknown", code),
            "{:#}",
            self.invocation
        );
        let said = "I couldn't complete that in time, and I can't confirm whether it went through.";
        assert!(self.reply.starts_with(said), "{}", self.reply);
        assert!(!self.reply.contains(CLAIM), "{}", self.reply);
        self.is_fit_for_customers();
    }

    pub(crate) fn is_succeeded(&self, result: Value) {
        assert_eq!(self.status(), "succeeded", "{:#}", self.invocation);
        assert_eq!(self.invocation["result"], result);
        assert_eq!(self.invocation["failure"], Value::Null);
        assert_eq!(self.reply, CLAIM);
    }
}

/// Asks one question in the conversation; the model calls the action and then claims success.
pub(crate) async fn ask(app: &TestApp, talk: &mut Talk<'_>) -> Outcome {
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply(CLAIM);
    let answer = talk.say("Please see to A-1").await;
    outcome(app, answer).await
}

pub(crate) async fn outcome(app: &TestApp, answer: Value) -> Outcome {
    assert_eq!(answer["status"], "completed");
    assert_eq!(
        answer["invocations"].as_array().unwrap().len(),
        1,
        "{answer}"
    );
    let invocation = app.last_invocation().await;
    assert_eq!(invocation["id"], answer["invocations"][0]["id"]);
    assert_eq!(invocation["status"], answer["invocations"][0]["status"]);
    Outcome {
        reply: answer["reply"].as_str().unwrap().to_owned(),
        answer,
        invocation,
    }
}
