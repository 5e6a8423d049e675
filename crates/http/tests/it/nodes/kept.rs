//! What a node keeps in memory counts for nothing once another node has changed it.

use deskhand_domain::circuit::Change;
use deskhand_domain::clock::Clock;
use deskhand_domain::id::ActionId;
use deskhand_store::CircuitStore;
use deskhand_testkit::{id, request};
use serde_json::json;

use super::Two;

#[tokio::test]
async fn a_key_that_is_revoked_at_one_node_opens_nothing_at_the_other() {
    let Some(two) = Two::start().await else {
        return;
    };
    let wanted = json!({"name": "Reports", "scope": "read"});
    let made = two.app.post("/v1/keys", wanted).await.expect(201);
    let bearer = format!("Bearer {}", made["key"].as_str().unwrap());
    let headers = [("authorization", bearer.as_str())];
    let look = || {
        request(
            two.server.address,
            "GET",
            "/v1/agents",
            &headers,
            Vec::new(),
        )
    };
    assert_eq!(look().await.status, 200);
    let key = format!("/v1/keys/{}", id(&made));
    assert_eq!(two.app.delete(&key).await.status, 204);
    assert_eq!(look().await.status, 401);
}

#[tokio::test]
async fn a_conversation_goes_back_and_forth_and_each_node_knows_all_of_it() {
    let Some(two) = Two::start().await else {
        return;
    };
    let mut said = vec!["Hello!".to_owned()];
    for number in 1..=3 {
        for (place, here) in [("here", true), ("there", false)] {
            let reply = format!("Answer {number} {place}.");
            two.app.models.reply(&reply);
            let text = format!("Question {number} {place}");
            let answer = match here {
                true => two.say_here(&text).await,
                false => two.say_there(&text).await,
            };
            assert_eq!(answer.expect(200)["reply"], reply);
            let asked = two.app.models.last_request().body.to_string();
            for before in &said {
                assert!(asked.contains(before), "{before} is not in {asked}");
            }
            said.extend([text, reply]);
        }
    }
}

#[tokio::test]
async fn a_circuit_that_one_node_opens_holds_at_the_other() {
    let Some(two) = Two::start().await else {
        return;
    };
    // The other node has the agent with its action at hand, and its circuit closed.
    two.app.models.reply("Hello again!");
    two.say_there("Hi").await.expect(200);
    let actions = two.app.get("/v1/actions").await.expect(200);
    let action: ActionId = id(&actions["data"][0]).parse().unwrap();
    let open = Change::Open {
        known: 0,
        reason: "8 of the last 10 calls failed".to_owned(),
    };
    let now = two.app.clock.now();
    let changed = two
        .app
        .store
        .change_circuit(two.workspace, action, &open, now);
    assert!(changed.await.unwrap().0);
    two.app
        .models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("I cannot look that up right now.");
    let answer = two.say_there("Where is A-1?").await.expect(200);
    let path = format!(
        "/v1/invocations/{}",
        answer["invocations"][0]["id"].as_str().unwrap()
    );
    let call = two.app.get(&path).await.expect(200);
    assert_eq!(call["status"], "failed");
    assert_eq!(call["failure"]["code"], "circuit_open");
    assert!(two.app.webhook.requests().is_empty());
}
