//! A value the customer never gave is not sent.

use deskhand_testkit::{Reply, Talk, TestApp};
use serde_json::{Value, json};

/// The model calls with these parameters after the customer's message; returns whether it was sent.
pub(crate) async fn sends(
    app: &TestApp,
    talk: &mut Talk<'_>,
    message: &str,
    parameters: Value,
) -> bool {
    let before = app.webhook.requests().len();
    app.models
        .call("check_order_status", parameters)
        .reply("Right.");
    let answer = talk.say(message).await;
    let sent = app.webhook.requests().len() > before;
    assert_eq!(sent, !answer["invocations"].as_array().unwrap().is_empty());
    sent
}

/// What the model was told about its last call.
fn told(app: &TestApp) -> Value {
    let request = app.models.last_request();
    let message = request.messages().last().unwrap();
    serde_json::from_str(message["content"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn the_example_in_a_description_is_no_evidence() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.models
        .call("check_order_status", json!({"order_number": "ORD-12345"}))
        .reply("Which order is it?");
    let answer = talk.say("Where is my package?").await;
    assert_eq!(answer["reply"], "Which order is it?");
    assert_eq!(answer["invocations"], json!([]));
    assert!(app.webhook.requests().is_empty());
    let told = told(&app);
    assert_eq!(told["problems"][0]["parameter"], "order_number");
    assert_eq!(told["problems"][0]["problem"], "not_given");
    assert_eq!(
        app.get("/v1/invocations").await.expect(200)["data"],
        json!([])
    );
}

#[tokio::test]
async fn a_model_that_insists_does_not_get_through_and_the_customer_is_asked() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    for _ in 0..3 {
        app.models
            .call("check_order_status", json!({"order_number": "ORD-12345"}));
    }
    let answer = talk.say("Where is my package?").await;
    assert_eq!(
        answer["reply"],
        "Could you please give me the order number?"
    );
    assert_eq!(answer["status"], "completed");
    assert!(app.webhook.requests().is_empty());
    app.models
        .call("check_order_status", json!({"order_number": "ORD-777"}))
        .reply("It has shipped.");
    assert_eq!(talk.hear("ORD-777").await, "It has shipped.");
    assert_eq!(app.webhook.requests().len(), 1);
}

#[tokio::test]
async fn other_spellings_of_what_the_customer_said_pass() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    for (message, value) in [
        ("ord 12345 please", "ORD-12345"),
        ("It's Ord12345.", "ORD-12345"),
        ("my order: ORD–12345!", "ORD-12345"),
        ("ＯＲＤ－１２３４５", "ORD-12345"),
        ("ord-١٢٣٤٥", "ORD-12345"),
        ("#12345", "12345"),
        ("order o.r.d. 123 45", "ORD12345"),
    ] {
        talk.conversation = None;
        assert!(
            sends(&app, &mut talk, message, json!({"order_number": value})).await,
            "{message}"
        );
    }
}

#[tokio::test]
async fn parts_and_neighbours_of_what_the_customer_said_do_not() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    for (message, value) in [
        ("ORD-12345", "12"),
        ("ORD-12345", "ORD-1234"),
        ("ORD-12345", "ORD-123456"),
        ("ORD-12345", "ORD-54321"),
        ("I have two orders", "ORD-2"),
        ("where is my order", "my last order 1"),
    ] {
        talk.conversation = None;
        assert!(
            !sends(&app, &mut talk, message, json!({"order_number": value})).await,
            "{message}: {value}"
        );
    }
}

#[tokio::test]
async fn numbers_count_by_value() {
    let app = TestApp::start().await;
    let schema = json!({"type": "object", "properties": {"quantity": {"type": "number"}}, "required": ["quantity"]});
    let mut talk = app.shop(json!({"parameters": schema})).await;
    for (message, value, passes) in [
        ("I'd like two", json!(2), true),
        ("a dozen please", json!(12), true),
        ("1.5k", json!(1500), true),
        ("$20", json!(20), true),
        ("I'd like two", json!(3), false),
        ("some, please", json!(1), false),
    ] {
        talk.conversation = None;
        let sent = sends(&app, &mut talk, message, json!({"quantity": value})).await;
        assert_eq!(sent, passes, "{message}: {value}");
    }
}

#[tokio::test]
async fn dates_count_by_value_at_the_moment_of_the_message_in_the_contacts_zone() {
    let app = TestApp::start().await;
    let schema = json!({"type": "object", "properties": {"day": {"type": "string", "format": "date"}}, "required": ["day"]});
    let talk = app.shop(json!({"parameters": schema})).await;
    // It is noon on Monday, 23 November, in UTC; in Auckland it is already Tuesday.
    for (zone, message, value, passes) in [
        ("Europe/London", "tomorrow", "2026-11-24", true),
        ("Pacific/Auckland", "tomorrow", "2026-11-25", true),
        ("Europe/London", "5 May", "2027-05-05", true),
        ("Europe/London", "tomorrow", "2026-12-24", false),
        ("Europe/London", "whenever you like", "2026-11-24", false),
    ] {
        let mut talk = talk.clone().with(json!({"timezone": zone}));
        let sent = sends(&app, &mut talk, message, json!({"day": value})).await;
        assert_eq!(sent, passes, "{zone}: {message}: {value}");
    }
}

#[tokio::test]
async fn a_value_said_earlier_in_the_conversation_passes_and_one_from_another_does_not() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.models.reply("What about it?");
    talk.say("I have a question about ORD-777").await;
    assert!(
        sends(
            &app,
            &mut talk,
            "Where is it?",
            json!({"order_number": "ORD-777"})
        )
        .await
    );
    let mut other = Talk::new(&app, &talk.agent);
    assert!(
        !sends(
            &app,
            &mut other,
            "Where is it?",
            json!({"order_number": "ORD-777"})
        )
        .await
    );
}

#[tokio::test]
async fn a_value_of_the_contact_passes_whole() {
    let app = TestApp::start().await;
    let contact = json!({"email": "ada@example.com", "attributes": {"last_order": "ORD-900", "note": "likes ORD-901 best"}});
    let mut talk = app.shop(json!({})).await.with(contact);
    let both = json!({"order_number": "ORD-900", "customer_email": "ada@example.com"});
    assert!(sends(&app, &mut talk, "Where is my last order?", both).await);
    let provenance = app.last_invocation().await["provenance"].clone();
    let of = |path: &str| {
        let all = provenance.as_array().unwrap();
        all.iter().find(|one| one["path"] == path).unwrap().clone()
    };
    assert_eq!(of("/order_number")["source"], "contact");
    assert_eq!(
        of("/order_number")["reference"],
        "contact.attributes.last_order"
    );
    assert_eq!(of("/customer_email")["reference"], "contact.email");
    talk.conversation = None;
    let part = json!({"order_number": "ORD-901"});
    assert!(!sends(&app, &mut talk, "And the best one?", part).await);
}

#[tokio::test]
async fn a_whole_leaf_of_an_earlier_result_passes() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    let result =
        json!({"success": true, "result": {"next": {"id": "ORD-888"}, "note": "see also ORD-999"}});
    app.webhook.reply(Reply::json(200, &result));
    assert!(
        sends(
            &app,
            &mut talk,
            "Where is ORD-777?",
            json!({"order_number": "ORD-777"})
        )
        .await
    );
    assert!(
        sends(
            &app,
            &mut talk,
            "And the next one?",
            json!({"order_number": "ORD-888"})
        )
        .await
    );
    let provenance = &app.last_invocation().await["provenance"][0];
    assert_eq!(provenance["source"], "result");
    assert_eq!(provenance["pointer"], "/next/id");
    assert!(
        provenance["reference"]
            .as_str()
            .unwrap()
            .starts_with("inv_")
    );
    assert!(
        !sends(
            &app,
            &mut talk,
            "And the other?",
            json!({"order_number": "ORD-999"})
        )
        .await
    );
}

#[tokio::test]
async fn a_result_counts_within_the_turn_too_and_what_the_model_may_not_see_never() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({"result_fields": ["/next"]})).await;
    let result = json!({"success": true, "result": {"next": "ORD-888", "hidden": "ORD-999"}});
    app.webhook.reply(Reply::json(200, &result));
    app.models
        .call("check_order_status", json!({"order_number": "ORD-777"}))
        .call("check_order_status", json!({"order_number": "ORD-888"}))
        .call("check_order_status", json!({"order_number": "ORD-999"}))
        .reply("Right.");
    let answer = talk.say("ORD-777 and the one after it").await;
    assert_eq!(answer["invocations"].as_array().unwrap().len(), 2);
    assert_eq!(app.webhook.requests().len(), 2);
    for request in app.models.requests() {
        let text = request.body.to_string();
        let seen = text.matches("ORD-999").count();
        let own = text.matches("\\\"ORD-999\\\"").count();
        assert_eq!(seen, own, "the model saw what it must not: {text}");
    }
}

#[tokio::test]
async fn the_error_text_of_a_declined_call_is_no_evidence() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    let no = json!({"success": false, "error": "ORD-888"});
    app.webhook.reply(Reply::json(200, &no));
    assert!(
        sends(
            &app,
            &mut talk,
            "Where is ORD-777?",
            json!({"order_number": "ORD-777"})
        )
        .await
    );
    assert!(
        !sends(
            &app,
            &mut talk,
            "Where is it?",
            json!({"order_number": "ORD-888"})
        )
        .await
    );
}

#[tokio::test]
async fn the_agents_own_words_are_no_evidence_unless_agreed_to() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.models.reply("Do you mean ORD-888?");
    talk.say("Where is my order?").await;
    let parameters = json!({"order_number": "ORD-888"});
    assert!(!sends(&app, &mut talk, "I don't know", parameters.clone()).await);
    app.models.reply("Is it ORD-888?");
    talk.say("Hm").await;
    assert!(sends(&app, &mut talk, "Yes, that's it", parameters).await);
}

#[tokio::test]
async fn every_accepted_value_says_where_it_came_from() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    assert!(
        sends(
            &app,
            &mut talk,
            "Where's order ord 777?",
            json!({"order_number": "ORD-777"})
        )
        .await
    );
    let invocation = app.last_invocation().await;
    let message = &talk.transcript().await["messages"][0];
    assert_eq!(
        invocation["provenance"],
        json!([{
            "path": "/order_number", "source": "message", "reference": message["id"],
            "span": [14, 21], "text": "ord 777"
        }])
    );
}

#[tokio::test]
async fn every_leaf_of_a_nested_value_is_looked_at() {
    let app = TestApp::start().await;
    let schema = json!({"type": "object", "properties": {"lines": {"type": "array", "items": {
        "type": "object", "properties": {"sku": {"type": "string"}, "count": {"type": "integer"}}}}}});
    let mut talk = app.shop(json!({"parameters": schema})).await;
    let lines = |second: &str| json!({"lines": [{"sku": "SKU-1", "count": 2}, {"sku": second, "count": 3}]});
    let message = "two of SKU-1 and three of SKU-2";
    assert!(sends(&app, &mut talk, message, lines("SKU-2")).await);
    let paths: Vec<_> = app.last_invocation().await["provenance"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["path"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        paths,
        [
            "/lines/0/sku",
            "/lines/0/count",
            "/lines/1/sku",
            "/lines/1/count"
        ]
    );
    talk.conversation = None;
    assert!(!sends(&app, &mut talk, message, lines("SKU-3")).await);
    assert_eq!(told(&app)["problems"][0]["parameter"], "lines/1/sku");
}

#[tokio::test]
async fn the_owners_own_words_need_no_evidence() {
    let app = TestApp::start().await;
    let schema = json!({"type": "object", "properties": {
        "plan": {"type": "string", "enum": ["plan-1", "plan-2"]},
        "limit": {"type": "integer", "default": 10},
        "express": {"type": "boolean"},
        "note": {"type": "string", "x-grounding": "free"},
    }});
    let mut talk = app.shop(json!({"parameters": schema})).await;
    let parameters = json!({"plan": "plan-2", "limit": 10, "express": true, "note": "Room 101"});
    assert!(sends(&app, &mut talk, "The usual, please", parameters).await);
    assert!(!sends(&app, &mut talk, "The usual, please", json!({"limit": 11})).await);
}

#[tokio::test]
async fn verbatim_demands_evidence_for_plain_words_too() {
    let app = TestApp::start().await;
    let schema = |grounding: Value| {
        let mut name = json!({"type": "string"});
        if !grounding.is_null() {
            name["x-grounding"] = grounding;
        }
        json!({"type": "object", "properties": {"name": name}})
    };
    let mut talk = app
        .shop(json!({"parameters": schema(json!("verbatim"))}))
        .await;
    assert!(!sends(&app, &mut talk, "Book it for me", json!({"name": "Ada"})).await);
    assert!(sends(&app, &mut talk, "For Ada", json!({"name": "Ada"})).await);
    let mut talk = app
        .shop(json!({"name": "other", "parameters": schema(Value::Null)}))
        .await;
    app.models
        .call("other", json!({"name": "Ada"}))
        .reply("Right.");
    talk.say("Book it for me").await;
    assert_eq!(app.webhook.requests().len(), 2);
}
