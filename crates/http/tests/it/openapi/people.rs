//! The part of the session in which people make accounts and sign in.

use std::time::Duration;

use deskhand_testkit::{Answer, PASSWORD, cookie, id, token};
use serde_json::{Value, json};

use super::examples::Session;

impl Session<'_> {
    /// As [`Session::does`], from a page of our own, with this cookie.
    async fn clicks(
        &mut self,
        cookie: Option<&str>,
        method: &str,
        path: &str,
        body: Value,
    ) -> Answer {
        let answer = self.app.from_page(cookie, method, path, body.clone()).await;
        self.keep(method, path, body, answer)
    }

    pub(super) async fn people_come_and_go(&mut self) {
        let app = self.app;
        self.does("GET", "/v1/setup", Value::Null).await;
        let request = |token: &str| {
            json!({
                "token": token, "workspace_name": "Willow & Co.", "name": "Ada",
                "email": "ada@example.com", "password": PASSWORD,
            })
        };
        let setup = app.setup_token().await;
        self.clicks(None, "POST", "/v1/setup", request("none"))
            .await
            .problem(403);
        self.clicks(None, "POST", "/v1/setup", request(&setup))
            .await;
        self.clicks(None, "POST", "/v1/setup", request(&setup))
            .await
            .problem(409);

        let wrong = json!({"email": "ada@example.com", "password": "no idea"});
        self.clicks(None, "POST", "/v1/session", wrong)
            .await
            .problem(401);
        let right = json!({"email": "ada@example.com", "password": PASSWORD});
        let ada = cookie(&self.clicks(None, "POST", "/v1/session", right).await);
        let ada = Some(ada.as_str());
        self.clicks(ada, "GET", "/v1/session", Value::Null).await;
        let change = json!({"name": "Ada Lovelace"});
        self.clicks(ada, "PATCH", "/v1/account", change).await;
        self.does("GET", "/v1/workspace", Value::Null).await;
        let change = json!({"name": "Willow and Co."});
        self.does("PATCH", "/v1/workspace", change).await;
        self.colleagues_join().await;

        let sessions = self.clicks(ada, "GET", "/v1/sessions", Value::Null).await;
        let other = format!("/v1/sessions/{}", id(&sessions.body["data"][1]));
        self.clicks(ada, "DELETE", &other, Value::Null).await;
        self.clicks(ada, "DELETE", "/v1/session", Value::Null).await;
    }

    async fn colleagues_join(&mut self) {
        let app = self.app;
        let invite = json!({"email": "bob@example.com"});
        let invited = self
            .does("POST", "/v1/invitations", invite)
            .await
            .expect(201);
        let accept = json!({
            "token": token(invited["link"].as_str().unwrap()), "name": "Bob", "password": PASSWORD,
        });
        let path = "/v1/invitations/accept";
        let joined = self.clicks(None, "POST", path, accept).await;
        let (bob, joined) = (cookie(&joined), joined.expect(201));

        let invite = json!({"email": "eve@example.com"});
        let invited = app.post("/v1/invitations", invite).await.expect(201);
        self.does("GET", "/v1/invitations", Value::Null).await;
        let path = format!("/v1/invitations/{}", id(&invited));
        self.does("DELETE", &path, Value::Null).await;

        let lasts = Duration::from_secs(300);
        let link = app.sign_in_link(&bob, lasts).await;
        let link = json!({"token": token(&link)});
        self.clicks(None, "POST", "/v1/session/link", link).await;
        self.does("GET", "/v1/members", Value::Null).await;
        let path = format!("/v1/members/{}", id(&joined["user"]));
        self.does("DELETE", &path, Value::Null).await;
    }
}
