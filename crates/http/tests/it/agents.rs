//! `/v1/agents`, and what an agent may do.

use deskhand_testkit::{TestApp, id};
use serde_json::{Value, json};

fn path(agent: &Value) -> String {
    format!("/v1/agents/{}", id(agent))
}

fn names(list: &Value) -> Vec<&str> {
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_name_makes_an_agent_and_the_rest_has_defaults() {
    let app = TestApp::start().await;
    let made = app.agent(json!({"name": "Ada"})).await;
    assert!(id(&made).starts_with("agt_"));
    let expected = json!({
        "name": "Ada", "instructions": "", "model": null, "fallback_model": null,
        "fallback_message": null, "fallback_contact": null, "daily_token_budget": null,
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&made[field], value, "{field}");
    }
    assert_eq!(app.get(&path(&made)).await.expect(200), made);
}

#[tokio::test]
async fn a_change_leaves_the_other_fields_alone() {
    let app = TestApp::start().await;
    let made = app
        .agent(json!({"instructions": "Be brief.", "fallback_contact": "help@shop.example"}))
        .await;
    let changed = app
        .patch(
            &path(&made),
            json!({"name": "Bea", "fallback_contact": null}),
        )
        .await
        .expect(200);
    assert_eq!(changed["name"], "Bea");
    assert_eq!(changed["instructions"], "Be brief.");
    assert_eq!(changed["fallback_contact"], Value::Null);
    assert_eq!(app.get(&path(&made)).await.expect(200), changed);
}

#[tokio::test]
async fn a_deleted_agent_is_gone_and_what_it_did_stays() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.models.reply("Hello!");
    talk.say("Hi").await;
    let agent = format!("/v1/agents/{}", talk.agent);
    assert_eq!(app.delete(&agent).await.status, 204);
    assert_eq!(app.get(&agent).await.problem(404), "not_found");
    assert_eq!(talk.try_to_say("Hi again").await.problem(404), "not_found");
    assert_eq!(talk.transcript().await["messages"][1]["text"], "Hello!");
}

#[tokio::test]
async fn a_wrong_field_is_named() {
    let app = TestApp::start().await;
    for (change, field) in [
        (json!({"name": ""}), "name"),
        (json!({"name": null}), "name"),
        (json!({"name": "x".repeat(81)}), "name"),
        (json!({"instructions": "x".repeat(20_001)}), "instructions"),
        (json!({"instructions": ["Be brief."]}), "instructions"),
        (json!({"model": "gpt"}), "model"),
        (json!({"model": "nobody::gpt"}), "model"),
        (
            json!({"fallback_model": "anthropic::claude"}),
            "fallback_model",
        ),
        (json!({"fallback_message": " "}), "fallback_message"),
        (json!({"fallback_contact": ""}), "fallback_contact"),
        (json!({"daily_token_budget": 0}), "daily_token_budget"),
        (json!({"daily_token_budget": -1}), "daily_token_budget"),
        (json!({"daily_token_budget": 1.5}), "daily_token_budget"),
        (json!({"colour": "red"}), "colour"),
    ] {
        let mut agent = json!({"name": "Ada"});
        for (name, value) in change.as_object().unwrap() {
            agent[name] = value.clone();
        }
        let answer = app.post("/v1/agents", agent).await;
        assert_eq!(answer.wrong_fields(), [field], "{change}");
    }
}

#[tokio::test]
async fn actions_are_attached_and_detached() {
    let app = TestApp::start().await;
    let agent = app.agent(json!({})).await;
    let first = app.action(json!({"name": "first"})).await;
    let second = app.action(json!({"name": "second"})).await;
    app.attach(&agent, &second).await;
    app.attach(&agent, &first).await;
    app.attach(&agent, &second).await; // Once more changes nothing.
    let list = format!("{}/actions", path(&agent));
    assert_eq!(
        names(&app.get(&list).await.expect(200)),
        ["second", "first"]
    );

    let one = format!("{list}/{}", id(&second));
    assert_eq!(app.delete(&one).await.status, 204);
    assert_eq!(names(&app.get(&list).await.expect(200)), ["first"]);
    assert_eq!(app.delete(&one).await.problem(404), "not_found");

    app.delete(&format!("/v1/actions/{}", id(&first))).await;
    assert_eq!(app.get(&list).await.expect(200)["data"], json!([]));
    let gone = app.put(&format!("{list}/{}", id(&first))).await;
    assert_eq!(gone.problem(404), "not_found");
}

#[tokio::test]
async fn the_model_is_offered_what_is_attached_and_on() {
    let app = TestApp::start().await;
    let mut talk = app
        .shop_with(
            json!({}),
            [
                json!({"name": "on"}),
                json!({"name": "off", "enabled": false}),
            ],
        )
        .await;
    app.action(json!({"name": "not_attached"})).await;
    app.models.reply("Hello!");
    talk.say("Hi").await;
    assert_eq!(app.models.last_request().tool_names(), ["on"]);
}

#[tokio::test]
async fn an_agent_may_have_64_actions() {
    let app = TestApp::start().await;
    let agent = app.agent(json!({})).await;
    for n in 0..64 {
        let action = app.action(json!({"name": format!("a{n}")})).await;
        app.attach(&agent, &action).await;
    }
    let more = app.action(json!({"name": "one_more"})).await;
    let refused = app
        .put(&format!("{}/actions/{}", path(&agent), id(&more)))
        .await;
    refused.problem(409);
}
