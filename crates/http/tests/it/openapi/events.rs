//! The part of the session in which other systems are told.

use deskhand_testkit::{Reply, id};
use serde_json::{Value, json};

use super::examples::Session;

impl Session<'_> {
    pub(super) async fn events_are_sent(&mut self, agent: &str) {
        let app = self.app;
        let endpoint = json!({
            "url": app.webhook.url("/events"),
            "types": ["conversation.started", "invocation.unknown"],
            "description": "Our CRM",
        });
        let endpoint = self
            .does("POST", "/v1/event_endpoints", endpoint)
            .await
            .expect(201);
        let endpoint = format!("/v1/event_endpoints/{}", id(&endpoint));
        self.does("GET", "/v1/event_endpoints", Value::Null).await;
        self.does("GET", &endpoint, Value::Null).await;
        app.models.reply("Hello!");
        let hi = json!({"message": "Hi"});
        app.post(&format!("{agent}/chat"), hi).await.expect(200);
        app.webhook.reply(Reply::full(204, &[], b""));
        app.service.deliver_round().await.unwrap();
        let list = format!("{endpoint}/deliveries");
        let list = self.does("GET", &list, Value::Null).await.expect(200);
        let delivery = format!("/v1/deliveries/{}", id(&list["data"][0]));
        self.does("GET", &delivery, Value::Null).await;
        self.does("POST", &format!("{delivery}/redeliver"), Value::Null)
            .await;
        self.does("POST", &format!("{endpoint}/test"), Value::Null)
            .await;
        let overlap = json!({"overlap_seconds": 3600});
        self.does("POST", &format!("{endpoint}/secret"), overlap)
            .await;
        let off = json!({"enabled": false});
        self.does("PATCH", &endpoint, off).await;
        self.does("DELETE", &endpoint, Value::Null).await;
    }
}
