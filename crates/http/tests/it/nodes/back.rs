//! Readers who come back to the node that ran their turn, when other nodes have gone on since.

use serde_json::json;

use super::Two;
use crate::come_back::{read, until_the_end};

#[tokio::test]
async fn who_comes_back_hears_the_rest_and_what_happened_elsewhere_since() {
    let Some(two) = Two::start().await else {
        return;
    };
    two.app
        .models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("It has shipped. It will arrive tomorrow.");
    let mut message = two.message("Where is A-1?");
    message["stream"] = json!(true);
    let whole = read(&two.app.post(&two.chat, message).await.text);
    // Nobody listens, so nobody here is told of this one.
    two.app.models.reply("You are welcome.");
    let elsewhere = two.say_there("Thank you").await.expect(200);
    for seen in [0, 2] {
        let last = Some(whole[seen].0.parse().unwrap());
        let mut listening = two.listen(&two.app.service, last).await;
        assert_eq!(until_the_end(&mut listening).await, whole[seen + 1..]);
        let next = until_the_end(&mut listening).await;
        let (_, name, told) = next.last().unwrap();
        assert_eq!(name, "message.completed");
        assert_eq!(told["turn_id"], elsewhere["turn_id"]);
    }
}
