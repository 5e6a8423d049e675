//! People with accounts, as their browsers act for them.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Answer, TestApp};

/// The password of everybody here.
pub const PASSWORD: &str = "correct horse battery";

impl TestApp {
    /// Makes the first account, in the workspace of [`super::ADMIN_KEY`]; returns its cookie.
    ///
    /// # Panics
    /// If there is an account already.
    pub async fn set_up(&self) -> String {
        let request = json!({
            "token": self.setup_token().await,
            "workspace_name": "Willow & Co.",
            "name": "Ada",
            "email": "ada@example.com",
            "password": PASSWORD,
        });
        let answer = self.from_page(None, "POST", "/v1/setup", request).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        cookie(&answer)
    }

    /// The token of a new set-up link.
    ///
    /// # Panics
    /// If there is an account already.
    pub async fn setup_token(&self) -> String {
        let link = self.service.new_setup_link().await.expect("an answer");
        let link = link.expect("no account yet");
        token(link.expose()).to_owned()
    }

    /// Invites somebody with this admin key, and accepts for them; returns their cookie.
    ///
    /// # Panics
    /// If either is refused.
    pub async fn join(&self, key: &str, email: &str) -> String {
        let invitation = self
            .send_as(
                Some(key),
                "POST",
                "/v1/invitations",
                json!({"email": email}),
            )
            .await
            .expect(201);
        let link = invitation["link"].as_str().expect("a link");
        let accept = json!({"token": token(link), "name": "Bob", "password": PASSWORD});
        let answer = self
            .from_page(None, "POST", "/v1/invitations/accept", accept)
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        cookie(&answer)
    }

    /// A link that signs in whoever has this cookie, made by the operator.
    ///
    /// # Panics
    /// If it is nobody's.
    pub async fn sign_in_link(&self, cookie: &str, lasts: Duration) -> String {
        let (_, token) = cookie.split_once('=').expect("a cookie");
        let open = self.service.session(token).await.expect("an answer");
        let user = open.expect("somebody's cookie").user;
        let link = self.service.new_sign_in_link(&user, lasts).await;
        link.expect("a link").expose().to_owned()
    }

    /// Makes one request as a page of our own does, with this cookie. A body of null is no body.
    pub async fn from_page(
        &self,
        cookie: Option<&str>,
        method: &str,
        path: &str,
        body: Value,
    ) -> Answer {
        let mut headers = vec![("sec-fetch-site", "same-origin")];
        if let Some(cookie) = cookie {
            headers.push(("cookie", cookie));
        }
        let body = match body {
            Value::Null => Vec::new(),
            body => {
                headers.push(("content-type", "application/json"));
                body.to_string().into_bytes()
            }
        };
        self.send_raw(method, path, &headers, body).await
    }
}

/// The name and value of the cookie that an answer sets.
///
/// # Panics
/// If it sets none.
pub fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie").expect("a cookie");
    let pair = set.split(';').next().unwrap_or(set);
    pair.to_owned()
}

/// What a link carries.
///
/// # Panics
/// If it carries nothing.
pub fn token(link: &str) -> &str {
    link.split_once('#').expect("a link with a token").1
}
