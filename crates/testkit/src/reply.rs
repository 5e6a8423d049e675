//! What a webhook server does with a request, down to the byte.

use std::time::Duration;

use serde_json::Value;

/// What the server does with one request.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(crate) steps: Vec<Step>,
}

impl Reply {
    /// A complete JSON response; the connection stays open.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::full(
            status,
            &[("content-type", "application/json")],
            body.to_string().as_bytes(),
        )
    }

    /// A complete response with these headers and body; the connection stays open.
    pub fn full(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut bytes = format!("HTTP/1.1 {status} Status\r\n").into_bytes();
        for (name, value) in headers {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        if status != 204 && status >= 200 {
            bytes.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
        Self::raw(bytes)
    }

    /// Exactly these bytes; the connection stays open.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            steps: vec![Step::Write(bytes.into())],
        }
    }

    /// Nothing at all.
    pub fn nothing() -> Self {
        Self { steps: Vec::new() }
    }

    /// The same, but only once this many requests have arrived at the server.
    #[must_use]
    pub fn after_requests(mut self, count: usize) -> Self {
        self.steps.insert(0, Step::Await(count));
        self
    }

    /// Then closes the connection in good order.
    #[must_use]
    pub fn then_close(self) -> Self {
        self.then(Step::Close)
    }

    /// Then resets the connection.
    #[must_use]
    pub fn then_reset(self) -> Self {
        self.then(Step::Reset)
    }

    /// Then keeps silent with the connection open.
    #[must_use]
    pub fn then_hang(self) -> Self {
        self.then(Step::Hang)
    }

    /// Then waits.
    #[must_use]
    pub fn then_pause(self, time: Duration) -> Self {
        self.then(Step::Pause(time))
    }

    /// Then writes more.
    #[must_use]
    pub fn then_write(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.then(Step::Write(bytes.into()))
    }

    /// Then writes without end, until the other side has gone.
    #[must_use]
    pub fn then_flood(self) -> Self {
        self.then(Step::Flood)
    }

    fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}

/// One thing a server does.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Write(Vec<u8>),
    Pause(Duration),
    Await(usize),
    Flood,
    Hang,
    Close,
    Reset,
}
