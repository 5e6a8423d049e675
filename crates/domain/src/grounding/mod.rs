//! Grounding: a value the customer never gave is not sent.
//!
//! [`Rules`] say which values of an action need evidence, [`Evidence`] is what a conversation holds,
//! and [`ground`] judges a set of parameters leaf by leaf. The scanners underneath ([`normal`],
//! [`numbers`], [`when`]) are public: whoever reads values out of a message reads them the same way.

mod agreement;
pub mod decimal;
mod digits;
mod evidence;
mod examples;
mod judge;
pub mod normal;
mod number_affixes;
mod number_words;
pub mod numbers;
mod placeholder;
mod rules;
mod token;
mod trace;
pub mod when;
mod when_trace;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;

pub use agreement::agrees;
pub use digits::{decimal_digit, fold_digit};
pub use evidence::{Evidence, Utterance};
pub use examples::examples_in;
pub use judge::{Grounding, Refused, RefusedReason, ground};
pub use placeholder::is_placeholder;
pub use rules::Rules;

text_enum! {
    /// What kind of thing vouches for a value.
    ProvenanceSource {
        /// The customer said it.
        Message = "message",
        /// The host site says so of the contact.
        Contact = "contact",
        /// An earlier result holds it.
        Result = "result",
        /// The owner wrote it into the schema, or exempted it there.
        Schema = "schema",
        /// Vouched for loosely: by a time expression that cannot be worked out exactly, or (free
        /// words that need no evidence) by the conversation as a whole.
        Derived = "derived",
    }
}

/// Where one leaf of the parameters came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Provenance {
    /// JSON Pointer into `parameters`, such as `/order_number`.
    pub path: String,
    /// The kind of evidence.
    pub source: ProvenanceSource,
    /// Which message (`msg_…`), contact field (`contact.email`), or invocation (`inv_…`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// For a result, the JSON Pointer of the leaf in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// For a message, the half-open range of characters (Unicode scalar values) in its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<(usize, usize)>,
    /// The words themselves, as they stand there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}
