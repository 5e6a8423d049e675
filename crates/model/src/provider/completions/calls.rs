//! Calls put together from the pieces of a stream.
//!
//! OpenAI numbers the calls of an answer by `index`, names each once and cuts its arguments anywhere.
//! Servers that are like it leave out the index or give every call the same one, leave out ids, send a new
//! one with every piece, or repeat the name.

use deskhand_domain::limits::{ARGUMENTS_BYTES, CALLS_PER_ANSWER};
use deskhand_domain::prompt::ToolCall;
use serde::de::IgnoredAny;
use serde_json_borrow::Value;

use crate::ModelError;
use crate::provider::answer::{named, too_long};

/// The calls so far, at most [`CALLS_PER_ANSWER`] of them, in the order in which they began.
#[derive(Debug, Default)]
pub(super) struct Calls {
    begun: Vec<Begun>,
    /// The call that the latest piece belonged to; none if it is one of those that are not read.
    latest: Option<usize>,
}

#[derive(Debug, Default)]
struct Begun {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

/// One entry of `delta.tool_calls`.
struct Piece {
    index: Option<u64>,
    id: String,
    /// Only a piece with a name begins a call.
    name: String,
    arguments: String,
}

enum Place {
    At(usize),
    New,
    /// Goes on with a call that is not read.
    Nowhere,
}

impl Calls {
    /// Takes `delta.tool_calls`, and says whether there was anything in it.
    pub(super) fn take(&mut self, pieces: &Value<'_>) -> Result<bool, ModelError> {
        let pieces = match pieces {
            Value::Array(pieces) => pieces.as_slice(),
            one @ Value::Object(_) => std::slice::from_ref(one),
            _ => &[],
        };
        let mut any = false;
        for piece in pieces.iter().filter_map(Piece::read) {
            any = true;
            self.add(piece)?;
        }
        Ok(any)
    }

    fn add(&mut self, piece: Piece) -> Result<(), ModelError> {
        let at = match self.place(&piece) {
            Place::At(at) => Some(at),
            Place::New if self.begun.len() < CALLS_PER_ANSWER => {
                self.begun.push(Begun::default());
                Some(self.begun.len() - 1)
            }
            Place::New | Place::Nowhere => None,
        };
        self.latest = at;
        let Some(call) = at.and_then(|at| self.begun.get_mut(at)) else {
            return Ok(());
        };
        if call.arguments.len() + piece.arguments.len() > ARGUMENTS_BYTES {
            return Err(too_long());
        }
        call.arguments.push_str(&piece.arguments);
        call.index = call.index.or(piece.index);
        // The first counts: what comes later is a repetition.
        if call.id.is_empty() {
            call.id = piece.id;
        }
        if call.name.is_empty() {
            call.name = piece.name;
        }
        Ok(())
    }

    fn place(&self, piece: &Piece) -> Place {
        let latest = || self.latest.map_or(Place::Nowhere, Place::At);
        // The latest of that number, if there are several.
        let numbered = |call: &Begun| piece.index.is_none() || call.index == piece.index;
        let by_id = (!piece.id.is_empty())
            .then(|| {
                self.begun
                    .iter()
                    .rposition(|call| call.id == piece.id && numbered(call))
            })
            .flatten();
        let found = by_id.or_else(|| {
            piece.index?;
            self.begun.iter().rposition(numbered)
        });
        match found {
            Some(at) if self.begun[at].is_followed_by(piece) => Place::New,
            Some(at) => Place::At(at),
            None if self.begun.is_empty() => Place::New,
            None if piece.index.is_some() => match self.latest {
                // Numbered from its second piece on.
                Some(at) if self.begun[at].index.is_none() && piece.name.is_empty() => {
                    Place::At(at)
                }
                _ => Place::New,
            },
            None if piece.name.is_empty() => latest(),
            None if !piece.id.is_empty() => Place::New,
            None => match self.latest {
                Some(at) if !self.begun[at].is_followed_by(piece) => Place::At(at),
                _ => Place::New,
            },
        }
    }

    /// The calls as they are in the end.
    pub(super) fn finish(self) -> Result<Vec<ToolCall>, ModelError> {
        named(self.begun.into_iter().map(|call| ToolCall {
            id: call.id,
            name: call.name,
            arguments: call.arguments,
        }))
    }
}

impl Begun {
    /// Whether a piece that seems to belong to this call begins another.
    fn is_followed_by(&self, piece: &Piece) -> bool {
        if piece.name.is_empty() || self.name.is_empty() {
            return false;
        }
        let has_own_id = !piece.id.is_empty() && !self.id.is_empty() && piece.id != self.id;
        let says_something = !piece.arguments.trim().is_empty();
        has_own_id || says_something && (piece.name != self.name || self.is_whole())
    }

    fn is_whole(&self) -> bool {
        self.arguments.trim_end().ends_with('}')
            && serde_json::from_str::<IgnoredAny>(&self.arguments).is_ok()
    }
}

impl Piece {
    fn read(entry: &Value<'_>) -> Option<Self> {
        let function = entry.get("function");
        function.is_object().then(|| Self {
            index: entry.get("index").as_u64(),
            id: text(entry.get("id")),
            name: text(function.get("name")),
            arguments: arguments(function.get("arguments")),
        })
    }
}

fn text(value: &Value<'_>) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Text, as it is meant, or the object itself.
fn arguments(value: &Value<'_>) -> String {
    match value {
        Value::Null => String::new(),
        Value::Str(text) => text.clone().into_owned(),
        whole => whole.to_string(),
    }
}
