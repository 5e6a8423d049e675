//! The requests that Deskhand makes in one turn, as the stubs got them, for the bare loop to repeat.

use anyhow::Result;
use bytes::Bytes;
use hyper::{Method, Request};
use serde::{Deserialize, Serialize};

use crate::connection::Connection;

/// One request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sample {
    path: String,
    headers: Vec<(String, String)>,
    /// The body, as text: all of them are JSON.
    pub body: String,
}

/// Those of one turn.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Samples {
    /// To the model, with the customer's message.
    pub ask: Option<Sample>,
    /// To the webhook.
    pub call: Option<Sample>,
    /// To the model, with the result.
    pub tell: Option<Sample>,
}

impl Sample {
    /// Keeps what a repetition needs.
    pub fn of<B>(request: &Request<B>, body: &Bytes) -> Self {
        let headers = request
            .headers()
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "host" | "content-length" | "connection"))
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.to_string(), value)
            })
            .collect();
        Self {
            path: request.uri().to_string(),
            headers,
            body: String::from_utf8_lossy(body).into_owned(),
        }
    }

    /// Sends it again and reads the whole answer; anything but a success is an error.
    pub async fn repeat(&self, over: &mut Connection) -> Result<Bytes> {
        let body = Bytes::copy_from_slice(self.body.as_bytes());
        let (status, answer) = over
            .send(Method::POST, &self.path, &self.headers, body)
            .await?;
        anyhow::ensure!(status.is_success(), "{} answered {status}", self.path);
        Ok(answer)
    }
}
