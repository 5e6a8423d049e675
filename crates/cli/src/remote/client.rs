//! The API's client. It connects where the operator at the keyboard says, and nowhere else: an
//! exception to the rule that only the webhook crate connects to addresses, because no tenant gives
//! this one. No proxies from the environment, no redirects, no hidden re-sends.

use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use deskhand_domain::secret::Secret;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde_json::Value;

use super::Server;
use crate::config;

const DEFAULT_URL: &str = "http://127.0.0.1:8080";
const CONNECT: Duration = Duration::from_secs(10);
/// Longer than the longest turn.
const ANSWER: Duration = Duration::from_secs(200);

/// A server and a key for it.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
}

/// Why a request brought no answer to use.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server refused: status, code, what to tell the user.
    Refused(StatusCode, String, String),
    /// Nothing was sent.
    Unreachable(anyhow::Error),
    /// No answer, or not the whole of it: what was sent may have arrived.
    Lost(anyhow::Error),
}

impl From<Failure> for anyhow::Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(_, _, text) => anyhow!(text),
            Failure::Unreachable(error) | Failure::Lost(error) => error,
        }
    }
}

impl Client {
    pub(crate) fn new(server: &Server) -> anyhow::Result<Self> {
        let url = server
            .url
            .clone()
            .or_else(|| config::of_client("DESKHAND_URL"))
            .unwrap_or_else(|| DEFAULT_URL.to_owned());
        let key = server
            .key
            .clone()
            .or_else(|| config::of_client("DESKHAND_API_KEY"))
            .map(Secret::new)
            .context("no API key; set DESKHAND_API_KEY, or make one with `deskhand keys create`")?;
        let base = base(&url)?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", key.expose()))
            .context("the API key has characters that cannot be sent")?;
        bearer.set_sensitive(true);
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT)
            .read_timeout(ANSWER)
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
            .build()
            .context("the HTTP client")?;
        Ok(Self { http, base })
    }

    /// Where it goes.
    pub(crate) fn base(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Reads something.
    pub(crate) async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Value, Failure> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.http.request(Method::GET, url);
        self.json(self.send(request).await?).await
    }

    /// Asks for an event stream under an idempotency key.
    pub(crate) async fn stream(
        &self,
        path: &str,
        body: &Value,
        once: &str,
    ) -> Result<Response, Failure> {
        let request = self
            .http
            .request(Method::POST, self.url(path)?)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "text/event-stream")
            .header("idempotency-key", format!("\"{once}\""))
            .body(body.to_string());
        let response = self.send(request).await?;
        let kind = response.headers().get(CONTENT_TYPE);
        match kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
            true => Ok(response),
            false => Err(Failure::Unreachable(anyhow!(
                "no Deskhand answers at {}",
                self.base()
            ))),
        }
    }

    fn url(&self, path: &str) -> Result<Url, Failure> {
        let text = format!("{}{path}", self.base());
        Url::parse(&text).map_err(|error| Failure::Unreachable(anyhow!("{text}: {error}")))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let response = request.send().await.map_err(|error| {
            let unsent = error.is_connect() || error.is_builder();
            let why = anyhow::Error::new(error.without_url()).context(format!(
                "no answer from {}; is `deskhand serve` running there? (--url, DESKHAND_URL)",
                self.base()
            ));
            match unsent {
                true => Failure::Unreachable(why),
                false => Failure::Lost(why),
            }
        })?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let problem = self.json(response).await.unwrap_or_default();
        let code = problem["code"].as_str().unwrap_or_default().to_owned();
        let detail = problem["detail"]
            .as_str()
            .unwrap_or("no Deskhand answers there");
        let next = match code.as_str() {
            "unauthorized" => {
                " Check --key or DESKHAND_API_KEY; `deskhand keys create` makes a key."
            }
            "forbidden" => " `deskhand keys create --scope …` makes a key that may.",
            _ => "",
        };
        let text = format!("{} answered {status}: {detail}{next}", self.base());
        Err(Failure::Refused(status, code, text))
    }

    async fn json(&self, response: Response) -> Result<Value, Failure> {
        let bytes = response
            .bytes()
            .await
            .map_err(|error| Failure::Lost(anyhow::Error::new(error).context("a cut answer")))?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let why = format!("no Deskhand answers at {}: it is no JSON", self.base());
            Failure::Lost(anyhow::Error::new(error).context(why))
        })
    }
}

/// An id as it stands in a path.
pub(crate) fn an_id(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let is_one = text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    match is_one && !text.is_empty() {
        true => Ok(text.to_owned()),
        false => Err("must be an id: letters, digits and _ only"),
    }
}

/// The address that paths are put behind.
fn base(text: &str) -> anyhow::Result<Url> {
    let url = Url::parse(text.trim())
        .with_context(|| format!("{text} is no URL; it looks like http://127.0.0.1:8080"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        bail!("{text} is no http:// or https:// address");
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
        bail!("the URL may have no user name and no query; the key goes into DESKHAND_API_KEY");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_with_or_without_a_slash_or_a_path() {
        for (text, expected) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            (" https://x.example/desk/ ", "https://x.example/desk"),
        ] {
            let url = base(text).unwrap();
            assert_eq!(url.as_str().trim_end_matches('/'), expected);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "127.0.0.1:8080",
            "ftp://x.example",
            "http://me:secret@x.example",
            "http://x.example/?key=1",
        ] {
            assert!(base(text).is_err(), "{text}");
        }
    }
}
