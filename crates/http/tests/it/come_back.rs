//! Readers whose connection broke, and who come back when the turn is over.

use deskhand_service::{EventId, Listening, LiveEvent};
use deskhand_testkit::{Talk, TestApp};
use serde_json::{Value, json};

pub(crate) type Told = (String, String, Value);

/// What a client has read of a stream.
pub(crate) fn read(stream: &str) -> Vec<Told> {
    let block = |block: &str| {
        let field = |name: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default().trim_start().to_owned()
        };
        let data = serde_json::from_str(&field("data:")).unwrap();
        (field("id:"), field("event:"), data)
    };
    let blocks = stream.split("\n\n").filter(|text| text.contains("data:"));
    blocks.map(block).collect()
}

fn told(event: &LiveEvent) -> Told {
    let data = serde_json::from_str(&event.data).unwrap();
    (event.id.to_string(), event.name.to_owned(), data)
}

pub(crate) async fn until_the_end(listening: &mut Listening) -> Vec<Told> {
    let mut all = Vec::new();
    loop {
        let event = listening.next().await.expect("nobody is let go");
        all.push(told(&event));
        if event.is_last() {
            return all;
        }
    }
}

async fn streamed(app: &TestApp, talk: &Talk<'_>) -> Vec<Told> {
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("It has shipped. It will arrive tomorrow, in the morning.");
    let message = json!({
        "message": "Where is A-1?", "stream": true, "conversation_id": talk.conversation
    });
    let path = format!("/v1/agents/{}/chat", talk.agent);
    read(&app.post(&path, message).await.text)
}

async fn come_back(app: &TestApp, told: &[Told], seen: usize) -> Listening {
    let conversation = told[0].2["conversation_id"].as_str().unwrap();
    let last: EventId = told[seen].0.parse().unwrap();
    let workspace = app.first_workspace().await;
    let conversation = conversation.parse().unwrap();
    let listening = app
        .service
        .listen(workspace, conversation, Some(last), false);
    listening.await.unwrap()
}

#[tokio::test]
async fn who_comes_back_after_the_end_misses_nothing_and_hears_nothing_twice() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    let whole = streamed(&app, &talk).await;
    assert!(whole.len() > 5, "{whole:?}");
    for seen in 0..whole.len() - 1 {
        let mut listening = come_back(&app, &whole, seen).await;
        let rest = until_the_end(&mut listening).await;
        assert_eq!(rest, whole[seen + 1..], "cut after {seen}");
    }
    // Whoever has seen the end hears of what comes next.
    let mut listening = come_back(&app, &whole, whole.len() - 1).await;
    let conversation = whole[0].2["conversation_id"].as_str().unwrap().to_owned();
    talk.conversation = Some(conversation);
    let next = streamed(&app, &talk).await;
    assert_eq!(until_the_end(&mut listening).await, next);
    // And who was cut off in the turn before hears the rest of it first.
    let mut listening = come_back(&app, &whole, 2).await;
    assert_eq!(until_the_end(&mut listening).await, whole[3..]);
    assert_eq!(until_the_end(&mut listening).await, next);
}
