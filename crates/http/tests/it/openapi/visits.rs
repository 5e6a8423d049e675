//! The part of the session in which the owner puts the widget on a page, and a customer opens it.

use deskhand_testkit::contact_token;
use serde_json::{Value, json};

use super::examples::Session;
use crate::widget::{SHOP, open, preflight};

impl Session<'_> {
    pub(super) async fn a_page_gets_the_widget(&mut self, agent: &str) {
        let app = self.app;
        let path = format!("{agent}/widget");
        self.does("GET", &path, Value::Null).await;
        let pale = json!({"color": "#fde68a", "text_color": "#ffffff"});
        self.does("PUT", &path, pale).await.problem(422);
        let settings = json!({
            "enabled": true, "greeting": "Hello! Ask me about your order.",
            "color": "#0f766e", "text_color": "#ffffff", "position": "right",
        });
        self.does("PUT", &path, settings).await.expect(200);
        let origins = json!({"widget_origins": [SHOP]});
        self.does("PATCH", "/v1/workspace", origins).await;
        let rotated = self
            .does("POST", "/v1/workspace/identity_secret", json!({}))
            .await
            .expect(200);

        let sessions = "/v1/widget/sessions";
        let asked = preflight(app, SHOP).await;
        self.keep("OPTIONS", sessions, Value::Null, asked);
        let agent = agent.trim_start_matches("/v1/agents/");
        let secret = rotated["identity_secret"].as_str().unwrap();
        let noon: jiff::Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        let token = contact_token(
            secret,
            &json!({"sub": "cus_42", "aud": "deskhand", "exp": noon.as_second() + 900}),
        );
        let request = json!({"agent_id": agent, "contact_token": token});
        let opened = open(app, Some(SHOP), request.clone()).await;
        self.keep("POST", sessions, request, opened);
        let request = json!({"agent_id": agent, "contact_token": "made up"});
        for origin in [SHOP, "https://elsewhere.example"] {
            let refused = open(app, Some(origin), request.clone()).await;
            self.keep("POST", sessions, request.clone(), refused);
        }
    }
}
