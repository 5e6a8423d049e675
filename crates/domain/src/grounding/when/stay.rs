//! How long something lasts, from a day that is said elsewhere: "for three nights", "for a week".

use jiff::civil::Date;

use super::calendar::{Length, count, is_word, length};
use crate::grounding::token::Token;

/// A length of time that runs from some other day.
#[derive(Debug, Clone, Copy)]
pub struct Stay {
    /// Its characters in the text, half open.
    pub span: (usize, usize),
    length: Length,
}

impl Stay {
    /// The day on which it ends, if it begins on this one. `None` past the end of the calendar.
    pub fn end(&self, begins: Date) -> Option<Date> {
        self.length.after(begins, 1)
    }
}

/// Every such length in a text, in order. Nights always count; other lengths only after "for" or
/// before "later", so that "in 3 days" and "3 days ago" stay what they are.
pub(in crate::grounding) fn stays(tokens: &[Token]) -> Vec<Stay> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let Some((length, after)) = nights(tokens, at).or_else(|| lasting(tokens, at)) else {
            at += 1;
            continue;
        };
        found.push(Stay {
            span: (tokens[at].start, tokens[after - 1].end),
            length,
        });
        at = after;
    }
    found
}

fn nights(tokens: &[Token], at: usize) -> Option<(Length, usize)> {
    let (n, after) = count(tokens, at)?;
    is_word(tokens, after, &["night", "nights"]).then_some((Length::Days(n), after + 1))
}

fn lasting(tokens: &[Token], at: usize) -> Option<(Length, usize)> {
    if is_word(tokens, at, &["for"]) {
        let (length, after) = length(tokens, at + 1)?;
        return (!is_word(tokens, after, &["ago"])).then_some((length, after));
    }
    let (length, after) = length(tokens, at)?;
    is_word(tokens, after, &["later"]).then_some((length, after + 1))
}
