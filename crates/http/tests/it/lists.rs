//! Lists: newest first, in parts.

use deskhand_testkit::{Reply, TestApp, id};
use serde_json::{Value, json};

fn ids(list: &Value) -> Vec<String> {
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| id(row).to_owned())
        .collect()
}

#[tokio::test]
async fn a_list_comes_newest_first_in_parts_that_miss_nothing() {
    let app = TestApp::start().await;
    let mut made = Vec::new();
    for n in 0..5 {
        made.push(id(&app.agent(json!({"name": format!("Agent {n}")})).await).to_owned());
    }
    made.reverse();
    let mut seen = Vec::new();
    let mut path = "/v1/agents?limit=2".to_owned();
    loop {
        let part = app.get(&path).await.expect(200);
        seen.extend(ids(&part));
        match part["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/agents?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, made);
}

#[tokio::test]
async fn a_part_that_ends_with_the_last_row_has_no_next() {
    let app = TestApp::start().await;
    app.agent(json!({})).await;
    app.agent(json!({})).await;
    let all = app.get("/v1/agents?limit=2").await.expect(200);
    assert_eq!(ids(&all).len(), 2);
    assert_eq!(all["next_cursor"], Value::Null);
}

#[tokio::test]
async fn twenty_rows_where_no_limit_is_given() {
    let app = TestApp::start().await;
    for _ in 0..21 {
        app.agent(json!({})).await;
    }
    let part = app.get("/v1/agents").await.expect(200);
    assert_eq!(ids(&part).len(), 20);
    assert!(part["next_cursor"].is_string());
    assert_eq!(
        ids(&app.get("/v1/agents?limit=100").await.expect(200)).len(),
        21
    );
}

#[tokio::test]
async fn a_wrong_query_is_named() {
    let app = TestApp::start().await;
    let action = app.action(json!({})).await;
    let versions = format!("/v1/actions/{}/versions", id(&action));
    for list in [
        "/v1/agents",
        "/v1/actions",
        "/v1/conversations",
        "/v1/invocations",
        &versions,
    ] {
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=-1", "limit"),
            ("limit=ten", "limit"),
            ("cursor=nonsense", "cursor"),
            ("cursor=", "cursor"),
            ("page=2", "page"),
        ] {
            let answer = app.get(&format!("{list}?{query}")).await;
            assert_eq!(answer.wrong_fields(), [field], "{list}?{query}");
        }
    }
    for (query, field) in [
        ("status=done", "status"),
        ("failure_code=oops", "failure_code"),
        ("agent_id=act_1", "agent_id"),
        ("conversation_id=x", "conversation_id"),
        ("from=yesterday", "from"),
        ("to=2026", "to"),
        ("slower_than_ms=-1", "slower_than_ms"),
        ("slower_than_ms=5s", "slower_than_ms"),
    ] {
        let answer = app.get(&format!("/v1/invocations?{query}")).await;
        assert_eq!(answer.wrong_fields(), [field], "{query}");
    }
}

#[tokio::test]
async fn versions_come_in_parts_too() {
    let app = TestApp::start().await;
    let action = app.action(json!({})).await;
    let path = format!("/v1/actions/{}", id(&action));
    for n in 2..=4 {
        app.patch(&path, json!({"timeout_seconds": n}))
            .await
            .expect(200);
    }
    let first = app
        .get(&format!("{path}/versions?limit=3"))
        .await
        .expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = app
        .get(&format!("{path}/versions?limit=3&cursor={cursor}"))
        .await
        .expect(200);
    let numbers: Vec<_> = [&first, &rest]
        .iter()
        .flat_map(|part| part["data"].as_array().unwrap())
        .map(|row| row["version"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [4, 3, 2, 1]);
    assert_eq!(rest["next_cursor"], Value::Null);
}

#[tokio::test]
async fn invocations_are_found_by_each_filter() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.webhook.reply(Reply::json(500, &json!({})));
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("Sorry.");
    talk.say("Where is A-1?").await;
    app.clock.advance(std::time::Duration::from_secs(60));
    app.models
        .call("check_order_status", json!({"order_number": "B-2"}))
        .reply("Done.");
    talk.say("And B-2?").await;

    let conversation = talk.conversation.clone().unwrap();
    let found = async |query: String| {
        let list = app
            .get(&format!("/v1/invocations?{query}"))
            .await
            .expect(200);
        list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                row["parameters"]["order_number"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(found(String::new()).await, ["B-2", "A-1"]);
    assert_eq!(found(format!("agent_id={}", talk.agent)).await.len(), 2);
    assert_eq!(
        found(format!("conversation_id={conversation}")).await.len(),
        2
    );
    assert_eq!(found("action=check_order_status".to_owned()).await.len(), 2);
    assert_eq!(found("action=other".to_owned()).await.len(), 0);
    assert_eq!(found("status=failed".to_owned()).await, ["A-1"]);
    assert_eq!(found("failure_code=http_error".to_owned()).await, ["A-1"]);
    assert_eq!(found("failure_code=timeout".to_owned()).await.len(), 0);
    assert_eq!(found("from=2026-11-23T12:00:30Z".to_owned()).await, ["B-2"]);
    assert_eq!(found("to=2026-11-23T12:00:30Z".to_owned()).await, ["A-1"]);
    assert_eq!(found("status=succeeded&limit=1".to_owned()).await, ["B-2"]);
}

#[tokio::test]
async fn conversations_are_found_by_agent_and_contact() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    app.models.reply("Hello!").reply("Hello!");
    let mut ada = talk.clone().with(json!({"id": "cus_1"}));
    let mut bob = talk.clone().with(json!({"id": "cus_2"}));
    ada.say("Hi").await;
    bob.say("Hi").await;
    let found = async |query: &str| {
        ids(&app
            .get(&format!("/v1/conversations{query}"))
            .await
            .expect(200))
    };
    let (ada, bob) = (ada.conversation.unwrap(), bob.conversation.unwrap());
    assert_eq!(found("").await, [bob.clone(), ada.clone()]);
    assert_eq!(found("?contact_id=cus_1").await, [ada]);
    assert_eq!(
        found(&format!("?agent_id={}&limit=1", talk.agent)).await,
        [bob]
    );
}

#[tokio::test]
async fn what_was_called_is_found_by_its_host_and_by_how_long_it_took() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.webhook.reply(Reply::json(500, &json!({})));
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("So.");
    talk.say("Where is A-1?").await;
    let statistics = app.get("/v1/statistics").await.expect(200);
    let host = statistics["endpoints"][0]["host"].as_str().unwrap();
    let found = async |query: String| {
        let list = app
            .get(&format!("/v1/invocations?{query}"))
            .await
            .expect(200);
        ids(&list).len()
    };
    assert_eq!(found(format!("host={host}&status=failed")).await, 1);
    assert_eq!(found("host=elsewhere.example".to_owned()).await, 0);
    assert_eq!(found("slower_than_ms=3600000".to_owned()).await, 0);
    let rows = app.get("/v1/conversations").await.expect(200);
    assert_eq!(rows["data"][0]["preview"], "Where is A-1?");
}
