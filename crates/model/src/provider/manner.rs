//! What a request says besides the conversation that not every model takes. Which model takes what changes
//! with every release, so no list is kept of it: a model that refuses a request over one of these is asked in
//! another manner, and in that one from then on.

use std::sync::{Mutex, PoisonError};

use reqwest::{RequestBuilder, StatusCode};

use super::failure::Failures;
use super::stream::{self, Reader, Refusal, Unanswered};
use crate::{Deltas, ModelError};

/// What is said of thinking. Thoughts would have to be sent back with the calls that they led to, which are kept
/// without them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thinking {
    /// Nothing: the model does as it is used to.
    Unsaid,
    /// `"thinking": {"type": "disabled"}`.
    Disabled,
    /// `"thinking": {"type": "between_tools"}`: the least that some of Anthropic's models do.
    BetweenTools,
    /// `"reasoning_effort": "none"`: some of OpenAI's models take tools only with that.
    NoEffort,
}

/// One way to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Manner {
    pub(super) thinking: Thinking,
    /// Whether a count of the tokens is asked for.
    pub(super) counts: bool,
}

/// What a refusal may name, and what is then said instead. The first that it names counts.
pub(super) type Remedies = &'static [(&'static str, Thinking)];

/// The field that asks for a count.
const COUNTS: &str = "stream_options";

/// The manner in which a model is asked.
#[derive(Debug)]
pub(super) struct Manners {
    known: Mutex<Manner>,
    remedies: Remedies,
}

impl Manners {
    pub(super) fn new(first: Manner, remedies: Remedies) -> Self {
        Self {
            known: Mutex::new(first),
            remedies,
        }
    }

    /// Asks in the manner that was taken last, and in others where the request is refused over that.
    pub(super) async fn ask<R: Reader>(
        &self,
        request: impl Fn(Manner) -> Result<RequestBuilder, ModelError>,
        reader: impl Fn() -> R,
        failures: &Failures<'_>,
        deltas: &mut dyn Deltas,
    ) -> Result<R, ModelError> {
        let mut asking = self.begin();
        loop {
            match stream::read(request(asking.manner)?, reader(), deltas).await {
                Err(Unanswered::Refused(refusal)) if asking.may_ask_otherwise(&refusal) => {}
                Err(error) => return Err(error.judged(failures)),
                Ok(read) => {
                    asking.was_taken();
                    return Ok(read);
                }
            }
        }
    }

    fn begin(&self) -> Asking<'_> {
        let manner = *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Asking {
            manners: self,
            manner,
            refused: Vec::new(),
        }
    }
}

/// One question, asked until there is no other manner to ask it in.
struct Asking<'a> {
    manners: &'a Manners,
    manner: Manner,
    refused: Vec<Manner>,
}

impl Asking<'_> {
    /// Whether there is another manner to ask in after this refusal; if so, it is the next.
    fn may_ask_otherwise(&mut self, refusal: &Refusal) -> bool {
        if !matches!(
            refusal.status,
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY
        ) {
            return false;
        }
        self.refused.push(self.manner);
        let next = self
            .others(&refusal.body)
            .find(|other| !self.refused.contains(other));
        self.manner = next.unwrap_or(self.manner);
        next.is_some()
    }

    /// What might be taken by whoever has said this.
    fn others(&self, said: &str) -> impl Iterator<Item = Manner> {
        let now = self.manner;
        let uncounted = said.contains(COUNTS).then_some(Manner {
            counts: false,
            ..now
        });
        let remedies = self.manners.remedies.iter();
        let named: Vec<Thinking> = remedies
            .filter(|(word, _)| said.contains(word))
            .map(|(_, thinking)| *thinking)
            .collect();
        let unsaid = (!named.is_empty()).then_some(Thinking::Unsaid);
        let thinking = named.into_iter().chain(unsaid);
        uncounted
            .into_iter()
            .chain(thinking.map(move |thinking| Manner { thinking, ..now }))
    }

    /// It was not refused in this manner: the next question is asked in it.
    fn was_taken(&self) {
        if !self.refused.is_empty() {
            *self
                .manners
                .known
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = self.manner;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REMEDIES: Remedies = &[
        ("between_tools", Thinking::BetweenTools),
        ("thinking", Thinking::Disabled),
    ];

    fn refusal(status: u16, body: &str) -> Refusal {
        Refusal {
            status: StatusCode::from_u16(status).unwrap(),
            body: body.to_owned(),
            headers: reqwest::header::HeaderMap::new(),
        }
    }

    fn manners(thinking: Thinking) -> Manners {
        let first = Manner {
            thinking,
            counts: true,
        };
        Manners::new(first, REMEDIES)
    }

    #[test]
    fn every_manner_is_tried_once_and_only_what_the_refusal_names() {
        let manners = manners(Thinking::Disabled);
        let mut asking = manners.begin();
        let named = refusal(400, "thinking.type.disabled: use between_tools");
        assert!(asking.may_ask_otherwise(&named));
        assert_eq!(asking.manner.thinking, Thinking::BetweenTools);
        assert!(asking.may_ask_otherwise(&named));
        assert_eq!(asking.manner.thinking, Thinking::Unsaid);
        assert!(!asking.may_ask_otherwise(&named));
        assert!(asking.manner.counts);

        assert!(
            !manners
                .begin()
                .may_ask_otherwise(&refusal(400, "no such model"))
        );
        assert!(!manners.begin().may_ask_otherwise(&refusal(500, "thinking")));
    }

    #[test]
    fn what_was_taken_is_kept_and_what_was_not_is_not() {
        let manners = manners(Thinking::Unsaid);
        let mut asking = manners.begin();
        assert!(asking.may_ask_otherwise(&refusal(422, "stream_options: extra input")));
        drop(asking);
        assert!(manners.begin().manner.counts);

        let mut asking = manners.begin();
        assert!(asking.may_ask_otherwise(&refusal(422, "stream_options: extra input")));
        assert!(asking.may_ask_otherwise(&refusal(400, "thinking must be passed back")));
        asking.was_taken();
        let kept = Manner {
            thinking: Thinking::Disabled,
            counts: false,
        };
        assert_eq!(manners.begin().manner, kept);
    }
}
