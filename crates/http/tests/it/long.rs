//! Long conversations, which a server that has just started reads from their end.

use deskhand_domain::conversation::{Message, Speaker};
use deskhand_domain::id::{ConversationId, MessageId, TurnId, WorkspaceId};
use deskhand_service::{Chat, ChatAnswer, Service};
use deskhand_store::{Say, Store};
use deskhand_testkit::{SeededEntropy, Talk, TestApp};
use serde_json::json;

use super::handoff;

/// More than a model of which nothing is known can be shown 32 of.
const MUCH: usize = 1_000;

/// Has the agent say something unasked so many times, with so many characters behind it.
async fn goes_on(app: &TestApp, talk: &Talk<'_>, times: usize, more: usize) {
    let workspace_id = app.first_workspace().await;
    let conversation_id: ConversationId = talk.conversation.as_ref().unwrap().parse().unwrap();
    let stored = app.store.conversation(workspace_id, conversation_id).await;
    let created_at = stored.unwrap().updated_at;
    let entropy = SeededEntropy::new(times as u64);
    for number in 1..=times {
        let message = Message {
            id: MessageId::new(created_at, &entropy),
            turn_id: TurnId::new(created_at, &entropy),
            role: Speaker::Agent,
            text: format!("This is news number {number}.{}", "!".repeat(more)),
            created_at,
        };
        let say = Say {
            workspace_id,
            conversation_id,
            about: None,
            message,
        };
        app.store.say(&say).await.unwrap();
    }
}

async fn say(app: &TestApp, service: &Service, talk: &Talk<'_>, message: &str) -> ChatAnswer {
    let workspace: WorkspaceId = app.first_workspace().await;
    let chat: Chat = serde_json::from_value(json!({
        "message": message, "conversation_id": talk.conversation
    }))
    .unwrap();
    let agent = talk.agent.parse().unwrap();
    service.chat(workspace, agent, chat).await.unwrap()
}

/// How many of the messages that the model was shown last are news.
fn news_shown(app: &TestApp) -> usize {
    let request = app.models.last_request();
    let texts = request.messages().iter().map(|message| &message["content"]);
    texts
        .map(|text| text.as_str().unwrap().matches("This is news").count())
        .sum()
}

/// A hundred turns after the customer gave ORD-777, and to a server that has just started, they ask where it
/// is; the model calls with this order number. Returns the reply.
async fn asked_much_later(app: &TestApp, order: &str) -> String {
    let mut talk = app.shop(json!({})).await;
    app.models.reply("Noted.");
    talk.say("My order is ORD-777, I will come back to it")
        .await;
    goes_on(app, &talk, 100, MUCH).await;
    let later = app.another_process().await;
    app.models
        .call("check_order_status", json!({"order_number": order}))
        .reply("Right.");
    say(app, &later, &talk, "Where is it?").await.reply
}

#[tokio::test]
async fn what_was_given_long_ago_still_vouches() {
    let app = TestApp::start().await;
    assert_eq!(asked_much_later(&app, "ORD-777").await, "Right.");
    let call = &app.webhook.requests()[0];
    assert_eq!(
        call.json()["parameters"],
        json!({"order_number": "ORD-777"})
    );
    let provenance = &app.last_invocation().await["provenance"];
    assert_eq!(provenance[0]["source"], "message");
}

#[tokio::test]
async fn what_was_never_given_does_not() {
    let app = TestApp::start().await;
    assert_eq!(asked_much_later(&app, "ORD-778").await, "Right.");
    assert!(app.webhook.requests().is_empty());
}

#[tokio::test]
async fn a_model_is_shown_as_much_as_its_window_holds() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.models.reply("Noted.");
    talk.say("Hello").await;
    goes_on(&app, &talk, 100, 0).await;
    let later = app.another_process().await;
    app.models.reply("Yes.");
    say(&app, &later, &talk, "Any news?").await;
    assert_eq!(news_shown(&app), 100);
    // Of a longer one the last 200 turns, with the two that have a message of the customer's.
    goes_on(&app, &talk, 150, 0).await;
    let later = app.another_process().await;
    app.models.reply("Yes.");
    say(&app, &later, &talk, "And now?").await;
    assert_eq!(news_shown(&app), 198);
}

#[tokio::test]
async fn a_person_who_is_waited_for_long_is_promised_once() {
    let app = TestApp::start().await;
    let mut talk = handoff::talk(&app).await;
    handoff::ask_for_a_person(&app, &mut talk).await;
    let first = talk.hear("It's about A-1").await;
    assert!(first.contains("A person will answer you here"), "{first}");
    goes_on(&app, &talk, 100, MUCH).await;
    let later = app.another_process().await;
    let second = say(&app, &later, &talk, "Hello?").await.reply;
    assert_eq!(second, "Thanks, I've added that for our team.");
}
