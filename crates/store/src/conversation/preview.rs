//! How conversations begin, for a list of them.

use std::collections::HashMap;

use deskhand_domain::conversation::Conversation;
use deskhand_domain::id::{ConversationId, WorkspaceId};

use crate::Result;
use crate::row::{Conn, get, parse};
use crate::sql::{Query, query};

/// Longest preview, the ellipsis included.
const CHARS: usize = 140;

/// The customer's first message in each of these, in short.
pub(super) fn of(
    conn: &mut Conn,
    workspace: WorkspaceId,
    conversations: &[Conversation],
) -> Result<HashMap<ConversationId, String>> {
    if conversations.is_empty() {
        return Ok(HashMap::new());
    }
    first_messages(workspace, conversations.iter().map(|one| one.id))
        .fetch_all(conn)?
        .iter()
        .map(|row| {
            let text: String = get(row, "text")?;
            Ok((parse(row, "conversation_id")?, cut(&text)))
        })
        .collect()
}

fn first_messages(
    workspace: WorkspaceId,
    conversations: impl Iterator<Item = ConversationId>,
) -> Query<'static> {
    let mut query = query(
        "SELECT t.conversation_id, m.text FROM turns t
         JOIN messages m ON m.workspace_id = t.workspace_id AND m.turn_id = t.id
              AND m.role = 'customer'
         WHERE t.workspace_id = ",
    );
    query.push_bind(workspace.to_string());
    query.push(" AND t.seq = 1 AND t.conversation_id IN (");
    for (i, id) in conversations.enumerate() {
        query.push(if i == 0 { "" } else { ", " });
        query.push_bind(id.to_string());
    }
    query.push(")");
    query
}

/// On one line, and whole if it fits; else as many words as do, and an ellipsis.
fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= CHARS {
        return line;
    }
    // A space in the last place says that the word before it is whole, and leaves its place.
    let mut kept: String = line.chars().take(CHARS).collect();
    match kept.rfind(' ') {
        Some(end) => kept.truncate(end),
        // A single word that is too long.
        None => {
            kept.pop();
        }
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_short_message_is_whole_on_one_line() {
        assert_eq!(cut(" Where is it?\n\nOrder  12 "), "Where is it? Order 12");
        let full = "a".repeat(CHARS);
        assert_eq!(cut(&full), full);
    }

    #[test]
    fn a_long_one_ends_after_a_word() {
        assert_eq!(
            cut(&"word ".repeat(40)),
            format!("{}word…", "word ".repeat(27))
        );
        let fits = format!("{} next", "a".repeat(CHARS - 1));
        assert_eq!(cut(&fits), format!("{}…", "a".repeat(CHARS - 1)));
        assert_eq!(cut(&"é".repeat(200)), format!("{}…", "é".repeat(CHARS - 1)));
    }

    proptest! {
        #[test]
        fn none_is_too_long(text in any::<String>(), times in 1..40_usize) {
            prop_assert!(cut(&text.repeat(times)).chars().count() <= CHARS);
        }
    }

    #[test]
    fn a_page_is_read_by_indexes() {
        let id = "conv_00000000000000000000000000".parse().unwrap();
        let workspace = "ws_00000000000000000000000000".parse().unwrap();
        let plan = crate::sqlite::tests::plan(first_messages(workspace, [id, id].into_iter()));
        assert!(
            plan.contains("(workspace_id=? AND conversation_id=? AND seq=?)"),
            "{plan}"
        );
        assert!(plan.contains("messages_turn"), "{plan}");
        assert!(!plan.contains("SCAN"), "{plan}");
    }
}
