//! Keys made, listed and deleted over the API, what a key for one agent sees, and where calls come
//! from.

use deskhand_testkit::{ADMIN_KEY, EGRESS_ADDRESS, TestApp, id};
use serde_json::{Value, json};

async fn make(app: &TestApp, body: Value) -> (String, Value) {
    let made = app.post("/v1/keys", body).await.expect(201);
    (made["key"].as_str().unwrap().to_owned(), made)
}

#[tokio::test]
async fn a_key_is_shown_once_and_opens_what_its_scope_says() {
    let app = TestApp::start().await;
    let (text, made) = make(&app, json!({"name": "Dashboard", "scope": "read"})).await;
    assert!(text.starts_with("dhk_") && text.len() > 40);
    assert_eq!(made["prefix"], text[..8]);
    assert_eq!(
        (&made["agent_id"], &made["expires_at"]),
        (&Value::Null, &Value::Null)
    );
    let fields: Vec<_> = made.as_object().unwrap().keys().collect();
    let expected = [
        "id",
        "name",
        "prefix",
        "scope",
        "agent_id",
        "expires_at",
        "created_at",
        "key",
    ];
    assert_eq!(fields, expected);

    let list = app.get("/v1/keys").await;
    assert!(!list.text.contains(&text) && !list.text.contains("\"key\""));
    let names: Vec<_> = list.body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["name"])
        .collect();
    assert_eq!(names, ["Dashboard", "First admin key"]);

    let as_it = |method, path, body| app.send_as(Some(&text), method, path, body);
    as_it("GET", "/v1/agents", Value::Null).await.expect(200);
    let refused = as_it("POST", "/v1/agents", json!({"name": "No"})).await;
    assert_eq!(refused.problem(403), "forbidden");
    for (method, path) in [("GET", "/v1/keys"), ("POST", "/v1/keys")] {
        let refused = as_it(method, path, json!({"name": "x", "scope": "admin"})).await;
        assert_eq!(refused.problem(403), "forbidden", "{method}");
    }
}

#[tokio::test]
async fn a_key_works_until_it_expires() {
    let app = TestApp::start().await;
    let body = json!({"name": "Trial", "scope": "read", "expires_at": "2026-11-23T12:00:01Z"});
    let (text, made) = make(&app, body).await;
    assert_eq!(made["expires_at"], "2026-11-23T12:00:01Z");
    let ask = || app.send_as(Some(&text), "GET", "/v1/agents", Value::Null);
    ask().await.expect(200);
    app.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(ask().await.problem(401), "unauthorized");
}

#[tokio::test]
async fn what_cannot_be_a_key_is_refused_by_field() {
    let app = TestApp::start().await;
    let agent = app.agent(json!({})).await;
    let (_, elsewhere) = app.workspace("Other").await;
    let foreign = app
        .send_as(
            Some(&elsewhere),
            "POST",
            "/v1/agents",
            json!({"name": "Theirs"}),
        )
        .await
        .expect(201);
    let refused = [
        (json!({"scope": "read"}), ""),
        (json!({"name": "x", "scope": "owner"}), "scope"),
        (json!({"name": "x", "scope": "read", "extra": 1}), ""),
        (json!({"name": " ", "scope": "read"}), "name"),
        (json!({"name": "x".repeat(81), "scope": "read"}), "name"),
        (
            json!({"name": "x", "scope": "chat", "agent_id": "nobody"}),
            "agent_id",
        ),
        (
            json!({"name": "x", "scope": "chat", "agent_id": id(&foreign)}),
            "agent_id",
        ),
        (
            json!({"name": "x", "scope": "admin", "agent_id": id(&agent)}),
            "agent_id",
        ),
        (
            json!({"name": "x", "scope": "read", "expires_at": "2026-11-23T12:00:00Z"}),
            "expires_at",
        ),
        (
            json!({"name": "x", "scope": "read", "expires_at": "tomorrow"}),
            "expires_at",
        ),
    ];
    for (body, field) in refused {
        let answer = app.post("/v1/keys", body.clone()).await;
        let wrong = answer.wrong_fields();
        assert!(field.is_empty() || wrong == [field], "{body}: {wrong:?}");
    }
    let list = app.get("/v1/keys").await.expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_deleted_key_opens_nothing_and_the_last_admin_key_stays() {
    let app = TestApp::start().await;
    let list = app.get("/v1/keys").await.expect(200);
    let first = format!("/v1/keys/{}", id(&list["data"][0]));
    assert_eq!(app.delete(&first).await.problem(409), "last_admin_key");
    let (second, made) = make(&app, json!({"name": "Second", "scope": "admin"})).await;
    let as_second = |method, path: String| {
        let (app, second) = (&app, &second);
        async move { app.send_as(Some(second), method, &path, Value::Null).await }
    };
    let gone = as_second("DELETE", first.clone()).await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    let refused = app
        .send_as(Some(ADMIN_KEY), "GET", "/v1/agents", Value::Null)
        .await;
    assert_eq!(refused.problem(401), "unauthorized");
    assert_eq!(as_second("DELETE", first).await.problem(404), "not_found");
    let own = format!("/v1/keys/{}", id(&made));
    assert_eq!(
        as_second("DELETE", own).await.problem(409),
        "last_admin_key"
    );
}

#[tokio::test]
async fn keys_are_listed_page_by_page() {
    let app = TestApp::start().await;
    for n in 0..4 {
        make(&app, json!({"name": format!("k{n}"), "scope": "read"})).await;
    }
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app
            .get(&format!("/v1/keys?limit=2{cursor}"))
            .await
            .expect(200);
        let rows = page["data"].as_array().unwrap().clone();
        names.extend(rows.into_iter().map(|key| key["name"].clone()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(names, ["k3", "k2", "k1", "k0", "First admin key"]);
}

#[tokio::test]
async fn a_read_key_for_one_agent_sees_that_agent_its_actions_and_its_calls() {
    let app = TestApp::start().await;
    let mut mine = app.shop(json!({})).await;
    let mut theirs = app.shop(json!({"name": "cancel_order"})).await;
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("Shipped.")
        .call("cancel_order", json!({"order_number": "B-2"}))
        .reply("Cancelled.");
    let my_call = mine.say("Where is A-1?").await["invocations"][0].clone();
    let their_call = theirs.say("Cancel B-2").await["invocations"][0].clone();
    let actions = app.get("/v1/actions").await.expect(200);
    let action = |name: &str| {
        let all = actions["data"].as_array().unwrap();
        id(all.iter().find(|a| a["name"] == name).unwrap()).to_owned()
    };
    let body = json!({"name": "Mine", "scope": "read", "agent_id": mine.agent});
    let (text, _) = make(&app, body).await;
    let get = |path: String| {
        let (app, text) = (&app, &text);
        async move { app.send_as(Some(text), "GET", &path, Value::Null).await }
    };
    for (path, expected) in [
        ("/v1/agents".to_owned(), mine.agent.as_str()),
        ("/v1/agents?limit=1".to_owned(), &mine.agent),
        ("/v1/actions".to_owned(), &action("check_order_status")),
        ("/v1/invocations".to_owned(), id(&my_call)),
        (
            format!("/v1/invocations?agent_id={}", mine.agent),
            id(&my_call),
        ),
        (
            "/v1/conversations".to_owned(),
            mine.conversation.as_deref().unwrap(),
        ),
    ] {
        let list = get(path.clone()).await.expect(200);
        let ids: Vec<_> = list["data"].as_array().unwrap().iter().map(id).collect();
        assert_eq!(ids, [expected], "{path}");
        assert_eq!(list["next_cursor"], Value::Null, "{path}");
    }
    for path in [
        format!("/v1/invocations?agent_id={}", theirs.agent),
        format!("/v1/conversations?agent_id={}", theirs.agent),
        format!("/v1/agents?cursor={}", mine.agent),
        format!("/v1/actions?cursor={}", action("check_order_status")),
    ] {
        assert_eq!(
            get(path.clone()).await.expect(200)["data"],
            json!([]),
            "{path}"
        );
    }
    let own = action("check_order_status");
    for path in [
        format!("/v1/agents/{}", mine.agent),
        format!("/v1/agents/{}/actions", mine.agent),
        format!("/v1/actions/{own}"),
        format!("/v1/actions/{own}/versions"),
        format!("/v1/invocations/{}", id(&my_call)),
        format!(
            "/v1/conversations/{}",
            mine.conversation.as_deref().unwrap()
        ),
    ] {
        get(path).await.expect(200);
    }
    let other = action("cancel_order");
    for path in [
        format!("/v1/agents/{}", theirs.agent),
        format!("/v1/agents/{}/actions", theirs.agent),
        format!("/v1/actions/{other}"),
        format!("/v1/actions/{other}/versions"),
        format!("/v1/invocations/{}", id(&their_call)),
        format!(
            "/v1/conversations/{}",
            theirs.conversation.as_deref().unwrap()
        ),
        format!(
            "/v1/conversations/{}/events",
            theirs.conversation.as_deref().unwrap()
        ),
    ] {
        assert_eq!(get(path.clone()).await.problem(404), "not_found", "{path}");
    }
}

#[tokio::test]
async fn conversations_are_found_by_contact_and_time() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    let mut ids = Vec::new();
    for contact in [json!({"id": "cus_1"}), json!({"id": "cus_2"}), Value::Null] {
        app.models.reply("Hello!");
        let mut one = talk.clone().with(contact);
        one.say("Hi").await;
        ids.push(one.conversation.unwrap());
        app.clock.advance(std::time::Duration::from_secs(60));
    }
    let found = |query: String| {
        let app = &app;
        async move {
            let list = app
                .get(&format!("/v1/conversations?{query}"))
                .await
                .expect(200);
            let rows = list["data"].as_array().unwrap();
            rows.iter()
                .map(|row| id(row).to_owned())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(found("contact_id=cus_2".to_owned()).await, [ids[1].clone()]);
    let from = "from=2026-11-23T12:01:00Z".to_owned();
    assert_eq!(found(from.clone()).await, [ids[2].clone(), ids[1].clone()]);
    assert_eq!(
        found(format!("{from}&to=2026-11-23T12:02:00Z")).await,
        [ids[1].clone()]
    );
    let wrong = app.get("/v1/conversations?from=yesterday").await;
    assert_eq!(wrong.wrong_fields(), ["from"]);
}

#[tokio::test]
async fn a_long_transcript_has_every_invocation() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({"effect": "read"})).await;
    for n in 0..21 {
        let calls = (0..5).map(|m| {
            (
                "check_order_status",
                json!({"order_number": format!("A-{n}-{m}")}),
            )
        });
        app.models.calls(calls).reply("There.");
        let message = (0..5).map(|m| format!("A-{n}-{m} ")).collect::<String>();
        talk.say(&message).await;
        app.clock.advance(std::time::Duration::from_secs(3600));
    }
    let transcript = talk.transcript().await;
    assert_eq!(transcript["turns"].as_array().unwrap().len(), 21);
    assert_eq!(transcript["invocations"].as_array().unwrap().len(), 105);
}

#[tokio::test]
async fn an_owner_learns_where_calls_come_from() {
    let app = TestApp::start().await;
    let (text, _) = make(&app, json!({"name": "Net", "scope": "read"})).await;
    let egress = app
        .send_as(Some(&text), "GET", "/v1/egress", Value::Null)
        .await
        .expect(200);
    let version = egress["user_agent"]
        .as_str()
        .unwrap()
        .strip_prefix("Deskhand/")
        .unwrap();
    assert!(!version.is_empty());
    assert_eq!(
        egress,
        json!({
            "addresses": [EGRESS_ADDRESS.to_string()],
            "user_agent": egress["user_agent"],
            "signature": {
                "scheme": "standard-webhooks",
                "version": "v1",
                "headers": ["webhook-id", "webhook-timestamp", "webhook-signature"],
            },
            "ports": [443, 8443],
        })
    );
    app.send_as(None, "GET", "/v1/egress", Value::Null)
        .await
        .problem(401);
    let (chat, _) = make(&app, json!({"name": "Widget", "scope": "chat"})).await;
    let refused = app
        .send_as(Some(&chat), "GET", "/v1/egress", Value::Null)
        .await;
    assert_eq!(refused.problem(403), "forbidden");
}
