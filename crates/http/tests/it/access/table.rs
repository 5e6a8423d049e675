//! Every route, and one of each thing that its path names.

use deskhand_testkit::{TestApp, id};
use serde_json::{Value, json};

/// Every route but those that need no key: method, path, a body that is right.
pub fn routes(app: &TestApp, ids: &Ids) -> Vec<(&'static str, String, Value)> {
    let Ids {
        agent,
        action,
        conversation,
        invocation,
        key,
        member,
        invitation,
        endpoint,
        delivery,
    } = ids;
    vec![
        ("POST", "/v1/agents".into(), json!({"name": "New"})),
        ("GET", "/v1/agents".into(), Value::Null),
        ("GET", format!("/v1/agents/{agent}"), Value::Null),
        (
            "PATCH",
            format!("/v1/agents/{agent}"),
            json!({"name": "Hijacked"}),
        ),
        ("DELETE", format!("/v1/agents/{agent}"), Value::Null),
        ("GET", format!("/v1/agents/{agent}/actions"), Value::Null),
        (
            "PUT",
            format!("/v1/agents/{agent}/actions/{action}"),
            Value::Null,
        ),
        (
            "DELETE",
            format!("/v1/agents/{agent}/actions/{action}"),
            Value::Null,
        ),
        (
            "POST",
            format!("/v1/agents/{agent}/chat"),
            json!({"message": "Hi"}),
        ),
        (
            "POST",
            "/v1/actions".into(),
            app.order_action(json!({"name": "new"})),
        ),
        ("GET", "/v1/actions".into(), Value::Null),
        ("GET", format!("/v1/actions/{action}"), Value::Null),
        (
            "PATCH",
            format!("/v1/actions/{action}"),
            json!({"enabled": false}),
        ),
        ("DELETE", format!("/v1/actions/{action}"), Value::Null),
        ("GET", format!("/v1/actions/{action}/versions"), Value::Null),
        ("POST", format!("/v1/actions/{action}/secret"), json!({})),
        (
            "POST",
            format!("/v1/actions/{action}/test"),
            json!({"parameters": {"order_number": "A-1"}}),
        ),
        ("POST", "/v1/actions/check".into(), json!({"name": "new"})),
        (
            "POST",
            "/v1/actions/preview".into(),
            json!({"definition": app.order_action(json!({}))}),
        ),
        (
            "POST",
            format!("/v1/actions/{action}/restore"),
            json!({"version": 1}),
        ),
        ("GET", "/v1/statistics".into(), Value::Null),
        ("GET", "/v1/live".into(), Value::Null),
        ("GET", "/v1/models".into(), Value::Null),
        (
            "POST",
            "/v1/models/test".into(),
            json!({"model": "builtin"}),
        ),
        (
            "POST",
            "/v1/keys".into(),
            json!({"name": "New", "scope": "read"}),
        ),
        ("GET", "/v1/keys".into(), Value::Null),
        ("DELETE", format!("/v1/keys/{key}"), Value::Null),
        ("GET", "/v1/egress".into(), Value::Null),
        ("GET", format!("/v1/agents/{agent}/widget"), Value::Null),
        (
            "PUT",
            format!("/v1/agents/{agent}/widget"),
            json!({"enabled": true}),
        ),
        ("POST", "/v1/workspace/identity_secret".into(), json!({})),
        ("GET", "/v1/workspace".into(), Value::Null),
        ("PATCH", "/v1/workspace".into(), json!({"name": "Hijacked"})),
        ("GET", "/v1/members".into(), Value::Null),
        ("DELETE", format!("/v1/members/{member}"), Value::Null),
        (
            "POST",
            "/v1/invitations".into(),
            json!({"email": "new@example.com"}),
        ),
        ("GET", "/v1/invitations".into(), Value::Null),
        (
            "DELETE",
            format!("/v1/invitations/{invitation}"),
            Value::Null,
        ),
        ("GET", "/v1/conversations".into(), Value::Null),
        (
            "GET",
            format!("/v1/conversations/{conversation}"),
            Value::Null,
        ),
        (
            "GET",
            format!("/v1/conversations/{conversation}/events"),
            Value::Null,
        ),
        (
            "POST",
            format!("/v1/conversations/{conversation}/messages"),
            json!({"text": "It is on its way.", "hand_back": true}),
        ),
        ("GET", "/v1/notices".into(), Value::Null),
        ("GET", "/v1/invocations".into(), Value::Null),
        ("GET", format!("/v1/invocations/{invocation}"), Value::Null),
        (
            "POST",
            format!("/v1/invocations/{invocation}/settle"),
            json!({"status": "failed", "note": "Hijacked"}),
        ),
        (
            "POST",
            "/v1/event_endpoints".into(),
            json!({"url": app.webhook.url("/events")}),
        ),
        ("GET", "/v1/event_endpoints".into(), Value::Null),
        (
            "GET",
            format!("/v1/event_endpoints/{endpoint}"),
            Value::Null,
        ),
        (
            "PATCH",
            format!("/v1/event_endpoints/{endpoint}"),
            json!({"enabled": false}),
        ),
        (
            "DELETE",
            format!("/v1/event_endpoints/{endpoint}"),
            Value::Null,
        ),
        (
            "POST",
            format!("/v1/event_endpoints/{endpoint}/secret"),
            json!({}),
        ),
        (
            "POST",
            format!("/v1/event_endpoints/{endpoint}/test"),
            Value::Null,
        ),
        (
            "GET",
            format!("/v1/event_endpoints/{endpoint}/deliveries"),
            Value::Null,
        ),
        ("GET", format!("/v1/deliveries/{delivery}"), Value::Null),
        (
            "POST",
            format!("/v1/deliveries/{delivery}/redeliver"),
            Value::Null,
        ),
    ]
}

/// What stands in the paths.
pub struct Ids {
    pub agent: String,
    pub action: String,
    pub conversation: String,
    pub invocation: String,
    pub key: String,
    pub member: String,
    pub invitation: String,
    pub endpoint: String,
    pub delivery: String,
}

impl Ids {
    /// The same for each.
    pub fn all(text: &str) -> Self {
        let [
            agent,
            action,
            conversation,
            invocation,
            key,
            member,
            invitation,
            endpoint,
            delivery,
        ] = std::array::from_fn(|_| text.to_owned());
        Self {
            agent,
            action,
            conversation,
            invocation,
            key,
            member,
            invitation,
            endpoint,
            delivery,
        }
    }
}

/// One of each in the first workspace.
pub async fn one_of_each(app: &TestApp) -> Ids {
    let endpoint = json!({"url": app.webhook.url("/events")});
    let endpoint = app.post("/v1/event_endpoints", endpoint).await.expect(201);
    let mut talk = app.shop(json!({})).await;
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("Done.");
    let answer = talk.say("Where is A-1?").await;
    let deliveries = format!("/v1/event_endpoints/{}/deliveries", id(&endpoint));
    let deliveries = app.get(&deliveries).await.expect(200);
    let actions = app.get("/v1/actions").await.expect(200);
    let key = json!({"name": "Spare", "scope": "read"});
    let key = app.post("/v1/keys", key).await.expect(201);
    app.set_up().await;
    let members = app.get("/v1/members").await.expect(200);
    let invitation = json!({"email": "bob@example.com"});
    let invitation = app.post("/v1/invitations", invitation).await.expect(201);
    Ids {
        agent: talk.agent.clone(),
        action: id(&actions["data"][0]).to_owned(),
        conversation: answer["conversation_id"].as_str().unwrap().to_owned(),
        invocation: id(&answer["invocations"][0]).to_owned(),
        key: id(&key).to_owned(),
        member: id(&members["data"][0]).to_owned(),
        invitation: id(&invitation).to_owned(),
        endpoint: id(&endpoint).to_owned(),
        delivery: id(&deliveries["data"][0]).to_owned(),
    }
}
