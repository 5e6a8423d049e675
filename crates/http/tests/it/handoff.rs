//! A customer asks for a person; the person answers and hands back.

use deskhand_testkit::{Talk, TestApp, id};
use serde_json::{Value, json};

const HANDED_OVER: &str = "I've asked a person from our team to take over.";

pub(crate) async fn talk(app: &TestApp) -> Talk<'_> {
    app.shop_with(json!({"handoff": true}), [json!({})]).await
}

/// The model hands over.
pub(crate) async fn ask_for_a_person(app: &TestApp, talk: &mut Talk<'_>) -> Value {
    let reason = json!({"reason": "Wants their money back for A-1."});
    app.models.call("hand_over_to_person", reason);
    talk.say("I want my money back. Can I talk to a human?")
        .await
}

fn path(talk: &Talk<'_>) -> String {
    format!(
        "/v1/conversations/{}",
        talk.conversation.as_deref().unwrap()
    )
}

async fn answer_as_person(app: &TestApp, talk: &Talk<'_>, body: Value) -> deskhand_testkit::Answer {
    app.post(&format!("{}/messages", path(talk)), body).await
}

async fn notices(app: &TestApp) -> Vec<Value> {
    let notices = app.get("/v1/notices").await.expect(200);
    notices["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_person_takes_over_answers_and_hands_back() {
    let app = TestApp::start().await;
    let mut talk = talk(&app).await;
    let answer = ask_for_a_person(&app, &mut talk).await;
    assert_eq!(answer["status"], "completed");
    let reply = answer["reply"].as_str().unwrap();
    assert!(reply.starts_with(HANDED_OVER), "{reply}");
    assert_eq!(answer["invocations"], json!([]));
    assert_eq!(
        app.models.last_request().tool_names(),
        ["check_order_status", "hand_over_to_person"]
    );
    let seen = app.get(&path(&talk)).await.expect(200);
    assert_eq!(seen["handoff"]["reason"], "Wants their money back for A-1.");
    let waiting = notices(&app).await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0]["code"], "handoff_waiting");
    assert_eq!(
        (&waiting[0]["count"], &waiting[0]["since"]),
        (&json!(1), &seen["handoff"]["requested_at"])
    );

    // No model is asked while a person is waited for: there is nothing queued that one could say.
    let first = talk.hear("It's about A-1").await;
    assert!(first.contains("A person will answer you here"), "{first}");
    let second = talk.hear("Hello?").await;
    assert_eq!(second, "Thanks, I've added that for our team.");

    let said = answer_as_person(
        &app,
        &talk,
        json!({"text": "Hi, Sam here. I've refunded A-1."}),
    );
    let said = said.await.expect(201);
    assert_eq!(
        (said["role"].as_str(), said["text"].as_str()),
        (Some("person"), Some("Hi, Sam here. I've refunded A-1."))
    );
    assert_eq!(talk.hear("Thanks Sam!").await, second);
    let back = answer_as_person(&app, &talk, json!({"hand_back": true}))
        .await
        .expect(200);
    assert_eq!(back["handoff"], Value::Null);
    assert_eq!(notices(&app).await, [] as [Value; 0]);

    app.models.reply("Is there anything else?");
    assert_eq!(talk.hear("Great").await, "Is there anything else?");
    let messages = app.models.last_request().messages().to_vec();
    let of_person = messages.iter().find(|message| {
        message["content"]
            .as_str()
            .is_some_and(|text| text.contains("I've refunded A-1."))
    });
    let of_person = of_person.unwrap();
    assert_eq!(of_person["role"], "assistant");
    let text = of_person["content"].as_str().unwrap();
    // Behind what the agent itself said last.
    assert!(
        text.contains("\n\n(Written by a person from the team:) Hi, Sam here."),
        "{text}"
    );

    let transcript = talk.transcript().await;
    let roles: Vec<&str> = transcript["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["role"].as_str().unwrap())
        .collect();
    let expected =
        "customer agent customer agent customer agent person customer agent customer agent";
    assert_eq!(roles.join(" "), expected);
}

#[tokio::test]
async fn an_agent_hands_over_only_if_it_may() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.models
        .call("hand_over_to_person", json!({"reason": "x"}))
        .reply("I can't do that.");
    assert_eq!(talk.hear("A human!").await, "I can't do that.");
    assert_eq!(
        app.models.last_request().tool_names(),
        ["check_order_status"]
    );
    assert_eq!(talk.transcript().await["handoff"], Value::Null);
    let refused = app.order_action(json!({"name": "hand_over_to_person"}));
    let refused = app.post("/v1/actions", refused).await;
    assert_eq!(refused.wrong_fields(), ["name"]);
}

#[tokio::test]
async fn the_built_in_model_hands_over_too() {
    let app = TestApp::start().await;
    let agent = json!({"handoff": true, "model": "builtin"});
    let mut talk = app.shop_with(agent, [json!({})]).await;
    let reply = talk.hear("Can I speak to a real person?").await;
    assert!(reply.starts_with(HANDED_OVER), "{reply}");
    let reason = talk.transcript().await["handoff"]["reason"].clone();
    assert_eq!(reason, "The customer wrote: Can I speak to a real person?");
}

#[tokio::test]
async fn a_person_may_speak_without_being_asked() {
    let app = TestApp::start().await;
    let mut talk = talk(&app).await;
    app.models.reply("Hello!");
    talk.say("Hi").await;
    let said = answer_as_person(&app, &talk, json!({"text": "We have found your parcel."}));
    said.await.expect(201);
    // The agent goes on answering.
    app.models.reply("You're welcome.");
    assert_eq!(talk.hear("Thanks").await, "You're welcome.");
}

#[tokio::test]
async fn what_a_person_says_is_checked() {
    let app = TestApp::start().await;
    let mut talk = talk(&app).await;
    ask_for_a_person(&app, &mut talk).await;
    for wrong in [
        json!({}),
        json!({"text": null, "hand_back": false}),
        json!({"text": " "}),
        json!({"text": "x".repeat(8_001)}),
    ] {
        let answer = answer_as_person(&app, &talk, wrong.clone()).await;
        assert_eq!(answer.wrong_fields(), ["text"], "{wrong}");
    }
    let both = json!({"text": "All done. Bye!", "hand_back": true});
    answer_as_person(&app, &talk, both).await.expect(201);
    assert_eq!(talk.transcript().await["handoff"], Value::Null);
}

#[tokio::test]
async fn conversations_that_wait_are_found() {
    let app = TestApp::start().await;
    let mut waits = talk(&app).await;
    ask_for_a_person(&app, &mut waits).await;
    let mut other = Talk::new(&app, &waits.agent);
    app.models.reply("Hello!");
    other.say("Hi").await;
    for (filter, talk) in [("true", &waits), ("false", &other)] {
        let listed = app
            .get(&format!("/v1/conversations?handoff={filter}"))
            .await
            .expect(200);
        let ids: Vec<&str> = listed["data"].as_array().unwrap().iter().map(id).collect();
        assert_eq!(ids, [talk.conversation.as_deref().unwrap()]);
    }
    let wrong = app.get("/v1/conversations?handoff=maybe").await;
    assert_eq!(wrong.wrong_fields(), ["handoff"]);
}

#[tokio::test]
async fn the_same_request_says_it_once() {
    let app = TestApp::start().await;
    let mut talk = talk(&app).await;
    ask_for_a_person(&app, &mut talk).await;
    let key = format!("Bearer {}", deskhand_testkit::ADMIN_KEY);
    let headers = [
        ("authorization", key.as_str()),
        ("idempotency-key", "\"once\""),
        ("content-type", "application/json"),
    ];
    let to = format!("{}/messages", path(&talk));
    let body = json!({"text": "I'm on it."}).to_string().into_bytes();
    let first = app
        .send_raw("POST", &to, &headers, body.clone())
        .await
        .expect(201);
    let again = app.send_raw("POST", &to, &headers, body).await.expect(201);
    assert_eq!(first, again);
    let transcript = talk.transcript().await;
    let persons = transcript["messages"].as_array().unwrap().iter();
    assert_eq!(
        persons
            .filter(|message| message["role"] == "person")
            .count(),
        1
    );
}
