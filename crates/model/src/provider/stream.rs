//! One answer as a stream of events over HTTP, bounded in time and in size whatever the format.

use deskhand_domain::limits::{
    MODEL_FIRST_TOKEN, MODEL_REFUSAL_BYTES, MODEL_SILENCE, MODEL_STREAM_BYTES,
};
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, Response, StatusCode};
use tokio::time::{Instant, timeout_at};

use super::failure::{Failures, broken, late};
use super::sse::{Event, Events, TooLong};
use crate::{Deltas, ModelError};

/// How far an answer has come.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    /// Nothing of it has come.
    Awaited,
    /// A word, a call or a thought has come.
    Begun,
    /// Its end has been told. What may follow is waited for until then.
    Ending(Instant),
    /// Nothing follows any more.
    Done,
}

/// What a format makes of the events of a stream.
pub(super) trait Reader {
    /// Takes the next event.
    fn take(&mut self, event: &Event, deltas: &mut dyn Deltas) -> Result<(), ModelError>;

    /// How far the answer has come with it.
    fn stage(&self) -> Stage;
}

/// A status that is no success.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// As much of it as may tell something.
    pub(super) body: String,
    pub(super) headers: HeaderMap,
}

/// Why there is no answer.
pub(super) enum Unanswered {
    /// The request was not taken.
    Refused(Refusal),
    Failed(ModelError),
}

impl Unanswered {
    /// What is made of it.
    pub(super) fn judged(self, failures: &Failures<'_>) -> ModelError {
        match self {
            Self::Refused(refusal) => {
                failures.refused(refusal.status, &refusal.body, &refusal.headers)
            }
            Self::Failed(error) => error,
        }
    }
}

impl From<ModelError> for Unanswered {
    fn from(error: ModelError) -> Self {
        Self::Failed(error)
    }
}

/// Asks, and hands what comes back to the reader until it is done or the stream ends.
pub(super) async fn read<R: Reader>(
    asking: RequestBuilder,
    reader: R,
    deltas: &mut dyn Deltas,
) -> Result<R, Unanswered> {
    let begin_by = Instant::now() + MODEL_FIRST_TOKEN;
    let mut response = timeout_at(begin_by, asking.send())
        .await
        .map_err(|_| late())?
        .map_err(|error| broken(&error))?;
    if !response.status().is_success() {
        let body = timeout_at(begin_by, beginning(&mut response)).await;
        return Err(Unanswered::Refused(Refusal {
            status: response.status(),
            body: String::from_utf8_lossy(&body.unwrap_or_default()).into_owned(),
            headers: std::mem::take(response.headers_mut()),
        }));
    }
    let mut feed = Feed::new(reader);
    loop {
        let stage = feed.reader.stage();
        let silent_at = Instant::now() + MODEL_SILENCE;
        let until = match stage {
            Stage::Awaited => begin_by.min(silent_at),
            Stage::Begun => silent_at,
            Stage::Ending(until) => until,
            Stage::Done => return Ok(feed.reader),
        };
        let piece = match (timeout_at(until, response.chunk()).await, stage) {
            (Ok(Ok(Some(piece))), _) => piece,
            (Ok(Ok(None)), _) => return Ok(feed.end(deltas)?),
            // Whatever becomes of the connection.
            (_, Stage::Ending(_)) => return Ok(feed.reader),
            (Ok(Err(error)), _) => return Err(broken(&error).into()),
            (Err(_), Stage::Awaited) => return Err(late().into()),
            (Err(_), _) => {
                return Err(ModelError::retry("silent for longer than is waited for").into());
            }
        };
        feed.take(&piece, deltas)?;
    }
}

/// As much of a refusal as may tell something.
async fn beginning(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < MODEL_REFUSAL_BYTES
        && let Ok(Some(piece)) = response.chunk().await
    {
        body.extend_from_slice(&piece);
    }
    body.truncate(MODEL_REFUSAL_BYTES);
    body
}

/// The bytes of a stream on their way to a reader.
pub(super) struct Feed<R> {
    events: Events,
    bytes: usize,
    reader: R,
}

impl<R: Reader> Feed<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            events: Events::default(),
            bytes: 0,
            reader,
        }
    }

    /// The next bytes. Those behind the end are not looked at.
    pub(super) fn take(&mut self, piece: &[u8], deltas: &mut dyn Deltas) -> Result<(), ModelError> {
        self.bytes += piece.len();
        if self.bytes > MODEL_STREAM_BYTES {
            return Err(ModelError::retry("the stream is longer than any answer"));
        }
        let complete = self.events.feed(piece).map_err(|TooLong| {
            ModelError::retry("an event of the stream is longer than any answer")
        })?;
        for event in &complete {
            if matches!(self.reader.stage(), Stage::Done) {
                break;
            }
            self.reader.take(event, deltas)?;
        }
        Ok(())
    }

    /// The stream has ended.
    pub(super) fn end(mut self, deltas: &mut dyn Deltas) -> Result<R, ModelError> {
        if let Some(event) = self.events.finish()
            && !matches!(self.reader.stage(), Stage::Done)
        {
            self.reader.take(&event, deltas)?;
        }
        Ok(self.reader)
    }
}
