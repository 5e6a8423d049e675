//! Reports that end an invocation, at any moment, once.

use deskhand_testkit::{Reply, TestApp};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{begin, callback, refund, report, said, shop};

#[tokio::test]
async fn a_report_completes_it_and_the_customer_hears_what_the_model_may_see() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    begin(&app, &mut talk).await;
    let done = json!({"success": true, "result": {"amount": "20 EUR", "margin": "secret-7"}});
    let taken = report(&app, &callback(&app), done.clone())
        .await
        .expect(200);
    assert_eq!(taken, json!({"status": "completed"}));
    let invocation = app.last_invocation().await;
    assert_eq!(invocation["status"], "completed");
    assert_eq!(invocation["result"], done["result"]);
    assert_eq!(invocation["settlement"]["by"], "callback");
    assert!(invocation["finished_at"].is_string());
    let said = said(&talk).await;
    assert_eq!(
        said[2..],
        ["agent: Good news: “Request refund” (ORD-1) is done. Amount: 20 EUR."]
    );
    let transcript = talk.transcript().await;
    let turn = &transcript["turns"][1];
    assert_eq!(turn["status"], "completed");
    assert_eq!(turn["about_invocation_id"], invocation["id"]);
}

#[tokio::test]
async fn a_report_declines_it_in_the_owners_words() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    begin(&app, &mut talk).await;
    let no = json!({"success": false, "error": "The order is older than 30 days"});
    let taken = report(&app, &callback(&app), no).await.expect(200);
    assert_eq!(taken, json!({"status": "declined"}));
    assert_eq!(
        said(&talk).await[2..],
        [
            "agent: “Request refund” (ORD-1) wasn't done: The order is older than 30 days. For that, \
          please contact help@shop.example."
        ]
    );
}

#[tokio::test]
async fn the_same_report_may_come_again_and_another_one_changes_nothing() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    begin(&app, &mut talk).await;
    let path = callback(&app);
    let body = json!({"success": true, "result": {"amount": 20, "id": 1}});
    for _ in 0..3 {
        let taken = report(&app, &path, body.clone()).await.expect(200);
        assert_eq!(taken, json!({"status": "completed"}));
    }
    let spelled = br#"{"result" : {"id":1, "amount":20}, "success":true}"#.to_vec();
    let headers = [("content-type", "application/json")];
    app.send_raw("POST", &path, &headers, spelled)
        .await
        .expect(200);
    for other in [
        json!({"success": true, "result": {"amount": 21, "id": 1}}),
        json!({"success": true}),
        json!({"success": false, "error": "No"}),
        json!({"progress": "Nearly"}),
    ] {
        let refused = report(&app, &path, other).await;
        assert_eq!(refused.problem(409), "callback_conflict");
    }
    assert_eq!(said(&talk).await.len(), 3);
}

#[tokio::test]
async fn of_a_hundred_reports_at_once_one_counts() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    begin(&app, &mut talk).await;
    let path = callback(&app);
    let reports = (0..100).map(|i| {
        report(
            &app,
            &path,
            json!({"success": true, "result": {"amount": i}}),
        )
    });
    let answers = join_all(reports).await;
    let taken = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(taken, 1);
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer.status, 200 | 409))
    );
    assert_eq!(said(&talk).await.len(), 3);

    let mut talk = shop_again(&app).await;
    begin(&app, &mut talk).await;
    let path = callback(&app);
    let same = json!({"success": true, "result": {"amount": 5}});
    let answers = join_all((0..100).map(|_| report(&app, &path, same.clone()))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(said(&talk).await.len(), 3);
}

/// Another conversation about the same action.
async fn shop_again(app: &TestApp) -> deskhand_testkit::Talk<'_> {
    let agents = app.get("/v1/agents").await.expect(200);
    deskhand_testkit::Talk::new(app, deskhand_testkit::id(&agents["data"][0]))
}

#[tokio::test]
async fn a_report_before_the_answer_was_read_is_what_the_turn_tells() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    let pending = Reply::json(202, &json!({"success": true}));
    app.webhook.reply(pending.clone().after_requests(2));
    app.webhook.otherwise(pending);
    app.models
        .call("request_refund", json!({"order_number": "ORD-1"}))
        .reply("Your 20 EUR are on their way.");
    let action = app.get("/v1/actions").await.expect(200)["data"][0]["id"].clone();
    let shop = async {
        app.webhook.wait_for_requests(1).await;
        let path = callback(&app);
        let done = json!({"success": true, "result": {"amount": "20 EUR"}});
        let taken = report(&app, &path, done).await.expect(200);
        assert_eq!(taken, json!({"status": "completed"}));
        // Only now is the call itself answered.
        let test = format!("/v1/actions/{}/test", action.as_str().unwrap());
        let run = app
            .post(&test, json!({"parameters": {"order_number": "ORD-2"}}))
            .await;
        assert_eq!(run.expect(200)["status"], "accepted");
    };
    let (answer, ()) = tokio::join!(talk.say("I want my money back for ORD-1"), shop);
    assert_eq!(answer["reply"], "Your 20 EUR are on their way.");
    assert_eq!(answer["invocations"][0]["status"], "completed");
    // The turn has told it, so nothing follows.
    assert_eq!(said(&talk).await.len(), 2);
    let id = answer["invocations"][0]["id"].as_str().unwrap();
    let stored = app.get(&format!("/v1/invocations/{id}")).await.expect(200);
    assert_eq!(stored["status"], "completed");
    assert_eq!(stored["attempts"].as_array().unwrap().len(), 1);
    assert!(stored["duration_ms"].is_u64());
}

#[tokio::test]
async fn a_report_while_another_turn_runs_is_said_beside_it() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    begin(&app, &mut talk).await;
    let path = callback(&app);
    app.webhook
        .reply(Reply::json(202, &json!({})).after_requests(3));
    app.webhook.otherwise(Reply::json(202, &json!({})));
    app.models
        .call("request_refund", json!({"order_number": "ORD-2"}))
        .reply("That has begun too.");
    let action = app.get("/v1/actions").await.expect(200)["data"][0]["id"].clone();
    let shop = async {
        app.webhook.wait_for_requests(2).await;
        report(&app, &path, json!({"success": true}))
            .await
            .expect(200);
        let test = format!("/v1/actions/{}/test", action.as_str().unwrap());
        app.post(&test, json!({"parameters": {"order_number": "ORD-3"}}))
            .await
            .expect(200);
    };
    let (answer, ()) = tokio::join!(talk.say("And for ORD-2 as well"), shop);
    assert_eq!(answer["reply"], "That has begun too.");
    assert_eq!(
        said(&talk).await[2..],
        [
            "customer: And for ORD-2 as well",
            "agent: That has begun too.",
            "agent: Good news: “Request refund” (ORD-1) is done.",
        ]
    );
    // Nothing said in between is forgotten by the next turn.
    app.models.reply("You're welcome.");
    talk.say("Thanks").await;
    let prompt = app.models.last_request();
    let news = "Good news: “Request refund” (ORD-1) is done.";
    let mut texts = prompt.messages().iter().map(|message| &message["content"]);
    assert!(texts.any(|text| text.as_str().is_some_and(|text| text.ends_with(news))));
}

#[tokio::test]
async fn a_report_settles_what_was_uncertain() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    app.webhook.reply(Reply::nothing().then_reset());
    app.models
        .call("request_refund", json!({"order_number": "ORD-1"}));
    let answer = talk.say("I want my money back for ORD-1").await;
    assert_eq!(answer["invocations"][0]["status"], "unknown");
    report(&app, &callback(&app), json!({"success": true}))
        .await
        .expect(200);
    let invocation = app.last_invocation().await;
    assert_eq!(invocation["status"], "completed");
    assert_eq!(invocation["failure"], Value::Null);
    assert_eq!(said(&talk).await.len(), 3);
}

#[tokio::test]
async fn a_test_run_is_reported_on_too_and_nobody_hears_of_it() {
    let app = TestApp::start().await;
    let action = app.action(refund()).await;
    app.webhook
        .reply(Reply::json(202, &json!({"success": true})));
    let path = format!("/v1/actions/{}/test", deskhand_testkit::id(&action));
    let run = app
        .post(&path, json!({"parameters": {"order_number": "ORD-1"}}))
        .await
        .expect(200);
    assert_eq!(run["status"], "accepted");
    report(&app, &callback(&app), json!({"success": true}))
        .await
        .expect(200);
    assert_eq!(app.last_invocation().await["status"], "completed");
    let conversations = app.get("/v1/conversations").await.expect(200);
    assert_eq!(conversations["data"], json!([]));
}

#[tokio::test]
async fn secrets_that_come_back_in_a_report_are_taken_out() {
    let app = TestApp::start().await;
    let mut changes = refund();
    changes["headers"] = json!([{"name": "x-api-key", "secret": "canary-91ba-77"}]);
    changes["result_fields"] = Value::Null;
    let mut talk = app.shop(changes).await;
    begin(&app, &mut talk).await;
    let path = callback(&app);
    let token = path.rsplit_once('/').unwrap().1;
    let echo = json!({"success": true, "result": {"key": "canary-91ba-77", "url": path}});
    report(&app, &path, echo).await.expect(200);
    let everything = format!("{}{}", app.last_invocation().await, talk.transcript().await);
    assert!(!everything.contains("canary-91ba-77") && !everything.contains(token));
}
