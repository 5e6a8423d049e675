//! People: how they get an account, sign in, and what that opens.

mod colleagues;
mod guess;
mod own;
mod sessions;
mod setup;
mod sites;

use deskhand_testkit::{Answer, PASSWORD, TestApp};
use serde_json::{Value, json};

/// Signs in; the answer, whatever it is.
async fn sign_in(app: &TestApp, email: &str, password: &str) -> Answer {
    let request = json!({"email": email, "password": password});
    app.from_page(None, "POST", "/v1/session", request).await
}

/// The cookie of Ada, who signs in anew.
async fn ada(app: &TestApp) -> String {
    deskhand_testkit::cookie(&sign_in(app, "ada@example.com", PASSWORD).await)
}

/// Who is signed in with this cookie.
async fn who(app: &TestApp, cookie: &str) -> Answer {
    app.from_page(Some(cookie), "GET", "/v1/session", Value::Null)
        .await
}
