//! Parts of lists, newest first.

use std::fmt::Display;

use deskhand_domain::id;

use crate::Result;

/// Which part of a list, newest first.
#[derive(Debug, Clone)]
pub struct Page<Id> {
    /// 1 to 100.
    pub limit: u32,
    /// Only rows older than this one.
    pub before: Option<Id>,
}

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    /// The rows, newest first.
    pub rows: Vec<T>,
    /// Whether there are older ones.
    pub more: bool,
}

impl<T> Listed<T> {
    /// A list with nothing in it.
    pub fn none() -> Self {
        Self {
            rows: Vec::new(),
            more: false,
        }
    }
}

/// An id with a prefix, for finding the end of the list.
pub(crate) trait Prefixed: Display {
    const PREFIX: &'static str;
}

macro_rules! prefixed {
    ($($name:ident)*) => {$(
        impl Prefixed for id::$name {
            const PREFIX: &'static str = id::$name::PREFIX;
        }
    )*};
}
prefixed!(AgentId ActionId ConversationId InvocationId KeyId UserId SessionId InvitationId
    EndpointId DeliveryId);

/// The text that every id of the page is less than.
pub(crate) fn bound<Id: Prefixed>(page: &Page<Id>) -> String {
    match &page.before {
        Some(id) => id.to_string(),
        // No id is as great: its first digit holds three bits only.
        None => format!("{}_zzzzzzzzzzzzzzzzzzzzzzzzzz", Id::PREFIX),
    }
}

impl<Id> Page<Id> {
    /// How many rows to ask for: one more than wanted tells whether there are more.
    pub(crate) fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// Makes the answer out of what was fetched.
    pub(crate) fn cut<R, T>(
        &self,
        rows: &[R],
        read: impl Fn(&R) -> Result<T>,
    ) -> Result<Listed<T>> {
        let limit = self.limit as usize;
        Ok(Listed {
            rows: rows.iter().take(limit).map(read).collect::<Result<_>>()?,
            more: rows.len() > limit,
        })
    }
}

/// What stands after a pattern.
pub(crate) const ESCAPE: &str = " ESCAPE '\\'";

/// A pattern for `LIKE` on lower-case text that finds this text anywhere.
pub(crate) fn pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        // As SQLite's LOWER, which knows ASCII only.
        pattern.push(c.to_ascii_lowercase());
    }
    pattern.push('%');
    pattern
}
