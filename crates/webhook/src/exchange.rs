//! One attempt: one request, at most one response.

use bytes::{Bytes, BytesMut};
use deskhand_domain::crash;
use deskhand_domain::id::AttemptId;
use deskhand_domain::invocation::{
    Attempt, AttemptRequest, AttemptResponse, Failure, Header, Timings,
};
use deskhand_domain::limits::{ATTEMPT_BODY_BYTES, RESPONSE_BYTES};
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

use crate::client::{Client, Gate};
use crate::connect::{NoConnection, millis};
use crate::headers::{Prepared, prepare};
use crate::outcome::{Answer, Happened};
use crate::outgoing::Outgoing;
use crate::pool::{Connection, Key, idle_at_most};
use crate::redact::Redactor;
use crate::url::Target;

/// How long a connection may take to become ready again once its response has been read. It is ready
/// at once or not at all; this only bounds an endpoint that closes slowly.
const SETTLE: Duration = Duration::from_millis(20);

/// An attempt that has ended.
pub(crate) struct Finished {
    pub(crate) happened: Happened,
    /// Whether any byte of the request may have left.
    pub(crate) sent: bool,
    id: AttemptId,
    number: u32,
    started_at: Timestamp,
    request: AttemptRequest,
    trace: Trace,
}

/// What is known of an attempt while it runs; it outlives a timeout.
#[derive(Default)]
struct Trace {
    timings: Timings,
    sent: bool,
    status: Option<u16>,
    headers: Vec<Header>,
    body: BytesMut,
    /// The connection, once its response has been read to the end.
    spare: Option<(Key, Connection)>,
}

impl Client {
    /// Makes one attempt, whatever comes of it.
    pub(crate) async fn attempt(
        &self,
        outgoing: Outgoing<'_>,
        number: u32,
        deadline: Instant,
        gate: &dyn Gate,
    ) -> Finished {
        let started = Instant::now();
        let started_at = self.clock.now();
        let mut trace = Trace::default();
        let mut request = AttemptRequest {
            url: outgoing.url().to_owned(),
            headers: Vec::new(),
            body: shown_body(outgoing.body(), ATTEMPT_BODY_BYTES).0,
        };
        let happened = match self.ready(outgoing, started_at) {
            Err(happened) => happened,
            Ok((target, mut prepared)) => {
                target.url().clone_into(&mut request.url);
                request.headers = std::mem::take(&mut prepared.shown);
                let run = self.run(outgoing, &target, prepared, number, gate, &mut trace);
                match timeout_at(deadline, run).await {
                    Ok(happened) => happened,
                    Err(_) if trace.sent => Happened::TimedOut,
                    Err(_) => Happened::TimedOutUnsent,
                }
            }
        };
        trace.timings.total_ms = millis(started);
        self.keep(&mut trace).await;
        Finished {
            happened,
            sent: trace.sent,
            id: AttemptId::new(started_at, &*self.entropy),
            number,
            started_at,
            request,
            trace,
        }
    }

    fn ready(
        &self,
        outgoing: Outgoing<'_>,
        now: Timestamp,
    ) -> Result<(Target, Prepared), Happened> {
        let target = self
            .connector
            .policy
            .check_url(outgoing.url())
            .map_err(Happened::Refused)?;
        let prepared = prepare(outgoing, &target, now.as_second())
            .map_err(|error| Happened::NotLet(format!("a header cannot be sent ({error})")))?;
        Ok((target, prepared))
    }

    async fn run(
        &self,
        outgoing: Outgoing<'_>,
        target: &Target,
        prepared: Prepared,
        number: u32,
        gate: &dyn Gate,
        trace: &mut Trace,
    ) -> Happened {
        let vetted = match self.connector.vet(target, &mut trace.timings).await {
            Ok(vetted) => vetted,
            Err(why) => return why.into(),
        };
        let idle_at_most = idle_at_most(outgoing.nature());
        let key = Key {
            workspace: outgoing.workspace_id(),
            host: target.host().clone(),
            port: target.port(),
        };
        let mut asked = false;
        loop {
            let kept = self.pool.take(&key, &vetted, idle_at_most);
            let reused = kept.is_some();
            let connection = match kept {
                Some(connection) => Ok(connection),
                // In a place of its own, which a request that waits for its answer needs no more.
                None => {
                    let timings = &mut trace.timings;
                    Box::pin(self.connector.open(target, &vetted, timings)).await
                }
            };
            let mut connection = match connection {
                Ok(connection) => connection,
                Err(why) => return why.into(),
            };
            if !asked {
                if let Err(closed) = gate.before_first_byte(number).await {
                    return Happened::NotLet(closed.reason);
                }
                asked = true;
            }
            let request = request(target, &prepared, outgoing.body());
            match self.send(&mut connection, request, trace).await {
                Sent::Returned if reused => {}
                Sent::Returned => {
                    return Happened::NoConnection("the connection broke before it was used");
                }
                Sent::Ended(happened) => {
                    if matches!(happened, Happened::Answered(_)) {
                        trace.spare = Some((key, connection));
                    }
                    return happened;
                }
            }
        }
    }

    /// Sends the request and reads the response. The request comes back only where hyper has not
    /// begun to write it.
    async fn send(
        &self,
        connection: &mut Connection,
        request: Request<Full<Bytes>>,
        trace: &mut Trace,
    ) -> Sent {
        if connection.sender.ready().await.is_err() {
            return Sent::Returned;
        }
        let started = Instant::now();
        trace.sent = true;
        let response = match connection.sender.try_send_request(request).await {
            Ok(response) => response,
            Err(mut error) => {
                if error.take_message().is_some() {
                    trace.sent = false;
                    return Sent::Returned;
                }
                return Sent::Ended(broken(&error.into_error()));
            }
        };
        trace.timings.first_byte_ms = Some(millis(started));
        trace.status = Some(response.status().as_u16());
        trace.headers = response
            .headers()
            .iter()
            .map(|(name, value)| Header {
                name: name.as_str().to_owned(),
                value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
            })
            .collect();
        Sent::Ended(read(response.into_body(), trace).await)
    }

    /// Keeps the connection for a later call, if the endpoint does. Not part of the time allowed: the
    /// answer is here already.
    async fn keep(&self, trace: &mut Trace) {
        let Some((key, mut connection)) = trace.spare.take() else {
            return;
        };
        let closing = trace
            .headers
            .iter()
            .any(|h| h.name == "connection" && h.value.to_ascii_lowercase().contains("close"));
        if closing || trace.status == Some(101) {
            return;
        }
        if let Ok(Ok(())) = timeout(SETTLE, connection.sender.ready()).await {
            self.pool.put(key, connection);
        }
    }
}

enum Sent {
    /// Not a byte was written.
    Returned,
    Ended(Happened),
}

fn request(target: &Target, prepared: &Prepared, body: &Bytes) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(body.clone()));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = target
        .path_and_query()
        .parse()
        .expect("the text check tried the same parser");
    *request.headers_mut() = prepared.sent.clone();
    request
}

/// Reads the body up to the cap. What has been read stays in `trace` even if this is given up.
async fn read(mut body: Incoming, trace: &mut Trace) -> Happened {
    let status = trace.status;
    if body.size_hint().lower() > RESPONSE_BYTES as u64 {
        return Happened::TooLarge(status);
    }
    while let Some(frame) = body.frame().await {
        let data = match frame {
            Ok(frame) => frame.into_data().unwrap_or_default(),
            Err(error) => return broken(&error),
        };
        if trace.body.len() + data.len() > RESPONSE_BYTES {
            return Happened::TooLarge(status);
        }
        trace.body.extend_from_slice(&data);
    }
    crash::point(crash::RESPONSE_READ);
    Happened::Answered(Answer {
        status: status.unwrap_or_default(),
        content_encoding: trace
            .headers
            .iter()
            .find(|header| header.name == "content-encoding")
            .map(|header| header.value.clone()),
        body: trace.body.to_vec(),
    })
}

fn broken(error: &hyper::Error) -> Happened {
    if error.is_parse_too_large() {
        Happened::TooLarge(None)
    } else if error.is_parse() {
        Happened::Unreadable
    } else {
        Happened::Lost
    }
}

impl From<NoConnection> for Happened {
    fn from(why: NoConnection) -> Self {
        match why {
            NoConnection::Refused(refusal) => Self::Refused(refusal),
            NoConnection::Dns(why) => Self::NoName(why),
            NoConnection::Connect(why) => Self::NoConnection(why),
            NoConnection::Tls(why) => Self::NoTls(why),
        }
    }
}

impl Finished {
    /// A header of the response, as it came.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let header = self
            .trace
            .headers
            .iter()
            .find(|header| header.name == name)?;
        Some(&header.value)
    }

    /// The attempt as its owner may see it.
    pub(crate) fn record(self, failure: Option<Failure>, redactor: &Redactor) -> Attempt {
        let trace = self.trace;
        let response = trace.status.map(|status| {
            let text = String::from_utf8_lossy(&trace.body);
            let text = match self.happened {
                Happened::Answered(_) => redactor.body(&text),
                _ => redactor.cut_body(&text),
            };
            let (body, cut) = shown_body(text.as_bytes(), ATTEMPT_BODY_BYTES);
            AttemptResponse {
                status,
                headers: trace
                    .headers
                    .iter()
                    .map(|header| Header {
                        name: redactor.text(&header.name),
                        value: redactor.text(&header.value),
                    })
                    .collect(),
                body,
                body_truncated: cut || matches!(self.happened, Happened::TooLarge(_)),
            }
        });
        Attempt {
            id: self.id,
            number: self.number,
            started_at: self.started_at,
            request: self.request,
            response,
            timings: trace.timings,
            failure,
        }
    }
}

/// At most `cap` bytes as text, cut between characters, and whether anything was cut.
fn shown_body(bytes: &[u8], cap: usize) -> (String, bool) {
    let text = String::from_utf8_lossy(bytes);
    if text.len() <= cap {
        return (text.into_owned(), false);
    }
    let mut end = cap;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (text[..end].to_owned(), true)
}
