//! Calls put together from the blocks of a message.
//!
//! Every block has a number, its `index`, and the pieces of a call's arguments name the block they belong
//! to. Servers that are like Anthropic's give every block the same number, or none.

use deskhand_domain::limits::{ARGUMENTS_BYTES, CALLS_PER_ANSWER};
use deskhand_domain::prompt::ToolCall;
use serde_json::Value;

use super::event::Block;
use crate::ModelError;
use crate::provider::answer::{named, too_long};

/// The calls so far, at most [`CALLS_PER_ANSWER`] of them, in the order in which they began.
#[derive(Debug, Default)]
pub(super) struct Calls {
    begun: Vec<Begun>,
    /// The call whose block began last; none if that block is none, or one that is not read.
    latest: Option<usize>,
}

#[derive(Debug)]
struct Begun {
    /// None where the server gave none, or has given it to a later block.
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
    /// What stood there when it began, as some servers send it whole.
    input: String,
}

impl Calls {
    /// A block begins that is a call.
    pub(super) fn begin(&mut self, index: Option<u64>, block: Block<'_>) {
        self.pass(index);
        if self.begun.len() == CALLS_PER_ANSWER {
            return;
        }
        self.latest = Some(self.begun.len());
        self.begun.push(Begun {
            index,
            id: block.id.text().to_owned(),
            name: block.name.text().to_owned(),
            arguments: String::new(),
            input: match block.input {
                Value::Object(fields) if !fields.is_empty() => Value::Object(fields).to_string(),
                _ => String::new(),
            },
        });
    }

    /// A block begins that is no call that is read. What comes for its number goes into none.
    pub(super) fn pass(&mut self, index: Option<u64>) {
        self.latest = None;
        for call in &mut self.begun {
            if call.index == index {
                call.index = None;
            }
        }
    }

    /// More of the arguments of the call at this number.
    pub(super) fn add(&mut self, index: Option<u64>, piece: &str) -> Result<(), ModelError> {
        let numbered = index.and_then(|_| self.begun.iter().position(|call| call.index == index));
        // Without a number, be it only the call's own, it can but be the latest's.
        let latest = self
            .latest
            .filter(|at| index.is_none() || self.begun[*at].index.is_none());
        let Some(at) = numbered.or(latest) else {
            return Ok(());
        };
        let call = &mut self.begun[at];
        if call.arguments.len() + piece.len() > ARGUMENTS_BYTES {
            return Err(too_long());
        }
        call.arguments.push_str(piece);
        Ok(())
    }

    /// The calls as they are in the end.
    pub(super) fn finish(self) -> Result<Vec<ToolCall>, ModelError> {
        named(self.begun.into_iter().map(|call| ToolCall {
            id: call.id,
            name: call.name,
            arguments: if call.arguments.trim().is_empty() {
                call.input
            } else {
                call.arguments
            },
        }))
    }
}
