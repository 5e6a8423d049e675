//! Conversations: order, limits, clients that go away.

use std::time::Duration;

use deskhand_testkit::model_server::Script;
use deskhand_testkit::{ADMIN_KEY, Reply, TestApp, id};
use serde_json::{Value, json};

#[tokio::test]
async fn a_conversation_goes_on_with_everything_said_before() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.models
        .reply("Which order is it?")
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("It has shipped.")
        .reply("You're welcome!");
    talk.say("Where is my package?").await;
    talk.say("A-1").await;
    talk.say("Thanks").await;
    let request = app.models.last_request();
    let said: Vec<_> = request.messages()[1..]
        .iter()
        .map(|message| {
            (
                message["role"].as_str().unwrap(),
                message["content"].as_str().unwrap_or_default(),
            )
        })
        .filter(|(role, _)| *role != "tool")
        .collect();
    assert_eq!(
        said,
        [
            ("user", "Where is my package?"),
            ("assistant", "Which order is it?"),
            ("user", "A-1"),
            ("assistant", ""),
            ("assistant", "It has shipped."),
            ("user", "Thanks"),
        ]
    );
}

#[tokio::test]
async fn a_long_conversation_loses_whole_turns_oldest_first_but_no_evidence() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    let filler = "word ".repeat(1_500);
    for n in 0..12 {
        let number = format!("A-{n}00");
        app.models
            .call("check_order_status", json!({"order_number": number}))
            .reply("Shipped.");
        talk.say(&format!("{filler} {number}")).await;
    }
    let request = app.models.last_request();
    let text = request.body.to_string();
    assert!(!text.contains("A-000") && text.contains("A-1100"));
    assert_eq!(request.messages()[1]["role"], "user");
    // What has left the window was said all the same.
    app.models
        .call("check_order_status", json!({"order_number": "A-000"}))
        .reply("Shipped too.");
    assert_eq!(talk.hear("And the very first one?").await, "Shipped too.");
}

#[tokio::test]
async fn the_answer_has_the_contracts_shape() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("It has shipped.");
    let answer = talk.say("Where is A-1?").await;
    let keys: Vec<_> = answer
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "conversation_id",
            "turn_id",
            "status",
            "reply",
            "invocations",
            "confirmation"
        ]
    );
    assert!(
        answer["conversation_id"]
            .as_str()
            .unwrap()
            .starts_with("conv_")
    );
    assert!(answer["turn_id"].as_str().unwrap().starts_with("turn_"));
    assert_eq!(answer["confirmation"], Value::Null);
    let one = answer["invocations"][0].as_object().unwrap();
    let keys: Vec<_> = one.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        ["id", "action", "parameters", "status", "duration_ms"]
    );
}

#[tokio::test]
async fn the_transcript_has_messages_turns_and_invocations_in_order() {
    let app = TestApp::start().await;
    let mut talk = app
        .shop(json!({}))
        .await
        .with(json!({"id": "cus_1", "name": "Ada"}));
    let calls = ["A-1", "A-2", "A-3"].map(|n| ("check_order_status", json!({"order_number": n})));
    app.models.calls(calls).reply("All shipped.").reply("Bye!");
    talk.say("A-1, A-2, A-3?").await;
    let last = talk.say("Thanks").await;
    let transcript = talk.transcript().await;
    let messages: Vec<_> = transcript["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| {
            (
                message["role"].as_str().unwrap(),
                message["text"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        messages,
        [
            ("customer", "A-1, A-2, A-3?"),
            ("agent", "All shipped."),
            ("customer", "Thanks"),
            ("agent", "Bye!"),
        ]
    );
    assert_eq!(transcript["messages"][3]["turn_id"], last["turn_id"]);
    assert_eq!(transcript["turns"].as_array().unwrap().len(), 2);
    let orders: Vec<_> = transcript["invocations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["parameters"]["order_number"].as_str().unwrap())
        .collect();
    assert_eq!(orders, ["A-1", "A-2", "A-3"]);
    assert_eq!(transcript["agent_id"], json!(talk.agent));
    assert_eq!(transcript["contact"]["name"], "Ada");
    assert!(transcript.get("workspace_id").is_none());
}

#[tokio::test]
async fn a_conversation_belongs_to_its_contact() {
    let app = TestApp::start().await;
    let mut ada = app.shop(json!({})).await.with(json!({"id": "cus_1"}));
    app.models.reply("Hello Ada!");
    ada.say("Hi").await;
    let eve = ada.clone().with(json!({"id": "cus_2"}));
    assert_eq!(eve.try_to_say("Hi").await.problem(409), "contact_mismatch");
    assert_eq!(
        ada.transcript().await["messages"].as_array().unwrap().len(),
        2
    );
    app.models.reply("Still here.").reply("Still here.");
    ada.say("Hello?").await;
    ada.with(json!({"name": "Ada"})).say("Without my id").await;
}

#[tokio::test]
async fn a_conversation_stays_with_its_agent() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.models.reply("Hello!");
    talk.say("Hi").await;
    let other = app.agent(json!({"name": "Other"})).await;
    talk.agent = other["id"].as_str().unwrap().to_owned();
    assert_eq!(talk.try_to_say("Hi").await.problem(404), "not_found");
}

#[tokio::test]
async fn what_cannot_be_a_message_is_named() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    let path = format!("/v1/agents/{}/chat", talk.agent);
    for (body, field) in [
        (json!({}), "message"),
        (json!({"message": ""}), "message"),
        (json!({"message": " \n"}), "message"),
        (json!({"message": 5}), "message"),
        (json!({"message": "x".repeat(8_001)}), "message"),
        (json!({"message": "Hi", "contact": "cus_1"}), "contact"),
        (json!({"message": "Hi", "contact": {"id": 5}}), "contact.id"),
        (
            json!({"message": "Hi", "contact": {"id": ""}}),
            "contact.id",
        ),
        (
            json!({"message": "Hi", "contact": {"timezone": "Mars/Olympus"}}),
            "contact.timezone",
        ),
        (
            json!({"message": "Hi", "contact": {"attributes": {"x": "x".repeat(20_000)}}}),
            "contact",
        ),
        (json!({"message": "Hi", "stream": "yes"}), "stream"),
    ] {
        let answer = app.post(&path, body.clone()).await;
        assert_eq!(
            answer.wrong_fields(),
            [field],
            "{}",
            body.to_string().chars().take(80).collect::<String>()
        );
    }
    let unknown = app
        .post(&path, json!({"message": "Hi", "colour": "red"}))
        .await;
    unknown.wrong_fields();
    app.models.reply("Long!");
    let longest = json!({"message": "é".repeat(8_000), "conversation_id": null, "contact_token": null,
        "stream": false, "contact": {"id": null, "name": null, "email": null, "phone": null,
        "timezone": "Europe/London", "locale": "en", "attributes": {}}});
    app.post(&path, longest).await.expect(200);
}

#[tokio::test]
async fn a_contact_may_send_thirty_messages_a_minute() {
    let app = TestApp::start().await;
    let mut ada = app.shop(json!({})).await.with(json!({"id": "cus_1"}));
    app.models.always(Script::Answer {
        text: "Hello!".to_owned(),
        calls: Vec::new(),
    });
    for n in 0..30 {
        if n % 10 == 0 {
            ada.conversation = None; // A new conversation is the same contact.
        }
        ada.say("Hi").await;
    }
    let refused = ada.try_to_say("Hi").await;
    assert_eq!(refused.problem(429), "too_many_requests");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let mut bob = ada.clone().with(json!({"id": "cus_2"}));
    bob.conversation = None;
    bob.say("Hi").await;
    app.clock.advance(Duration::from_secs(wait));
    ada.say("Hi").await;
}

#[tokio::test]
async fn a_message_that_comes_during_a_turn_waits_its_place() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.models.reply("Hello!");
    talk.say("Hi").await;
    let (mut first, mut second) = (talk.clone(), talk.clone());
    let yes = Reply::json(200, &json!({"success": true}));
    app.webhook.reply(yes.clone().after_requests(2));
    app.webhook.otherwise(yes);
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}));
    let middle = async {
        app.webhook.wait_for_requests(1).await;
        let later = async {
            crate::settle().await;
            // The first turn waits for its endpoint, the second for the first.
            assert_eq!(app.models.requests().len(), 2);
            app.models.reply("A-1 has shipped.").reply("Second.");
            // The call ends only when one more has come in.
            let actions = app.get("/v1/actions").await.expect(200);
            let test = format!("/v1/actions/{}/test", id(&actions["data"][0]));
            let run = json!({"parameters": {"order_number": "B-2"}});
            app.post(&test, run).await.expect(200);
        };
        tokio::join!(second.hear("And another thing"), later).0
    };
    let (answer, second) = tokio::join!(first.say("Where is A-1?"), middle);
    assert_eq!(answer["status"], "completed");
    assert_eq!(second, "Second.");
    let said: Vec<String> = talk.transcript().await["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["text"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        (said[2].as_str(), said[4].as_str()),
        ("Where is A-1?", "And another thing")
    );
    let last = app.models.last_request().body.to_string();
    assert!(
        last.contains(&said[3]),
        "the second turn did not see the first one's reply"
    );
}

/// Waiting there would tell that it exists, and take places from whom it belongs to.
#[tokio::test]
async fn nobody_waits_in_a_conversation_that_is_not_theirs() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.models.reply("Hello!");
    talk.say("Hi").await;
    let other = app.agent(json!({"name": "Other"})).await;
    let mut foreign = talk.clone();
    foreign.agent = id(&other).to_owned();
    let yes = Reply::json(200, &json!({"success": true}));
    app.webhook.reply(yes.clone().after_requests(2));
    app.webhook.otherwise(yes);
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("A-1 has shipped.");
    let middle = async {
        app.webhook.wait_for_requests(1).await;
        for _ in 0..20 {
            let answer = foreign.try_to_say("Hi").await;
            assert_eq!(answer.problem(404), "not_found");
        }
        // The turn has run all the while; now its call ends.
        let actions = app.get("/v1/actions").await.expect(200);
        let test = format!("/v1/actions/{}/test", id(&actions["data"][0]));
        let run = json!({"parameters": {"order_number": "B-2"}});
        app.post(&test, run).await.expect(200);
    };
    let answer = tokio::join!(talk.say("Where is A-1?"), middle).0;
    assert_eq!(answer["reply"], "A-1 has shipped.");
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_stop_the_turn() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    let yes = Reply::json(200, &json!({"success": true}));
    app.webhook.reply(yes.after_requests(2));
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}));
    let path = format!("/v1/agents/{}/chat", talk.agent);
    let body = json!({"message": "Where is A-1?"}).to_string().into_bytes();
    let key = format!("Bearer {ADMIN_KEY}");
    let headers = [
        ("authorization", key.as_str()),
        ("content-type", "application/json"),
    ];
    tokio::select! {
        _ = app.send_raw("POST", &path, &headers, body) => panic!("answered too early"),
        () = app.webhook.wait_for_requests(1) => {}
    }
    crate::settle().await;
    app.models
        .call("check_order_status", json!({"order_number": "B-2"}))
        .reply("Shipped.")
        .reply("Shipped.");
    talk.clone().say("Where is B-2?").await;
    app.models.arrived(4).await;
    let list = app.get("/v1/conversations").await.expect(200);
    let first = list["data"].as_array().unwrap().last().unwrap()["id"].clone();
    let path = format!("/v1/conversations/{}", first.as_str().unwrap());
    loop {
        let transcript = app.get(&path).await.expect(200);
        if transcript["turns"][0]["status"] != "running" {
            assert_eq!(transcript["turns"][0]["status"], "completed");
            assert_eq!(transcript["messages"][0]["text"], "Where is A-1?");
            assert_eq!(transcript["messages"][1]["text"], "Shipped.");
            assert_eq!(transcript["invocations"][0]["status"], "succeeded");
            break;
        }
    }
}
