//! A turn that another server took, and that comes back to the one that still ran it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use deskhand_testkit::{DnsReply, TestApp};
use serde_json::json;
use tokio::sync::Notify;

use super::left::ORDER;
use super::success;

const HOST: &str = "shop.example.com";

#[tokio::test]
async fn what_still_ran_of_it_is_broken_off_before_it_is_gone_on_with() {
    let app = TestApp::start().await;
    let here = || vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
    app.dns.script(HOST, vec![DnsReply::Addresses(here())]);
    let url = format!("https://{HOST}:{}/orders", app.webhook.address().port());
    let shop = app.shop(json!({ "webhook_url": url })).await;
    let (first, last) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let script = vec![
        DnsReply::When(first.clone(), here()),
        DnsReply::Never,
        DnsReply::When(last.clone(), here()),
    ];
    app.dns.script(HOST, script);
    app.models
        .call("check_order_status", json!({ "order_number": ORDER }))
        .reply("It has shipped.");
    app.webhook.otherwise(success());
    let looked_up = async |count| {
        while app.dns.lookups(HOST) < count {
            tokio::task::yield_now().await;
        }
    };
    let elsewhere = async {
        // The call is intended here, and its name is being looked up.
        looked_up(1).await;
        let other = app.another_node();
        other.recovery_round().await.unwrap();
        looked_up(2).await;
        // The other one has no lease any more.
        app.service.recovery_round().await.unwrap();
        looked_up(3).await;
        // It is in the hands that it is in: no later round breaks it off.
        app.service.recovery_round().await.unwrap();
        first.notify_one();
        last.notify_one();
    };
    let (answer, ()) = tokio::join!(shop.try_to_say("Where is ORD-12345?"), elsewhere);
    let answer = answer.expect(200);
    assert_eq!(answer["reply"], "It has shipped.");
    assert_eq!(answer["invocations"][0]["status"], "succeeded");
    assert_eq!(app.webhook.requests().len(), 1);
}
