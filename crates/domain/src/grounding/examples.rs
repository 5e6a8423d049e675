//! Examples in the description of a parameter: they show a shape, and are evidence of nothing.

/// What comes before an example, lower case; the longer before the shorter.
const LEADS: &[&str] = &[
    "for example",
    "for instance",
    "examples:",
    "example:",
    "example is",
    "example value",
    "example,",
    "example =",
    "e.g.",
    "e. g.",
    "eg.",
    "(eg ",
    " eg ",
    "eg:",
    "i.e.",
    "such as",
    "sample:",
    "format:",
    "looks like",
    "look like",
    "like '",
    "like \"",
    "like `",
    "like “",
    "like ‘",
    "(like ",
    "ex:",
    "ex.",
];

/// Every example a description gives, as written: "(e.g., ORD-12345)", "such as X or Y",
/// "like 'X'", "Example: X". At most eight.
pub fn examples_in(description: &str) -> Vec<String> {
    spans_in(description)
        .into_iter()
        .map(|(_, text)| text)
        .collect()
}

/// The same, with the byte offset of each.
pub(super) fn spans_in(description: &str) -> Vec<(usize, String)> {
    // ASCII folding keeps every offset.
    let lower = description.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut from = 0;
    for _ in 0..64 {
        let Some((at, lead)) = next_lead(&lower, from) else {
            break;
        };
        let begins_quoted = lead.ends_with(['\'', '"', '`', '“', '‘']);
        let quote = if begins_quoted {
            lead.chars().next_back().map_or(0, char::len_utf8)
        } else {
            0
        };
        let start = at + lead.len() - quote;
        from = start;
        take(description, start, &mut found);
        if found.len() >= 8 {
            break;
        }
    }
    found.truncate(8);
    found
}

fn next_lead(lower: &str, from: usize) -> Option<(usize, &'static str)> {
    LEADS
        .iter()
        .filter_map(|lead| {
            let mut start = from;
            loop {
                let at = start + lower.get(start..)?.find(lead)?;
                let inside_word = lead.starts_with(|c: char| c.is_ascii_alphabetic())
                    && lower[..at]
                        .chars()
                        .next_back()
                        .is_some_and(char::is_alphanumeric);
                if !inside_word {
                    return Some((at, *lead));
                }
                start = at + 1;
            }
        })
        .min_by_key(|&(at, lead)| (at, usize::MAX - lead.len()))
}

/// Reads the examples that begin at `start`: quoted ones, or one to four words up to a closing mark,
/// several joined by "or", "and" or a comma.
fn take(text: &str, mut start: usize, found: &mut Vec<(usize, String)>) {
    for _ in 0..4 {
        let rest = &text[start..];
        let body = rest.trim_start_matches(|c: char| {
            c.is_whitespace() || matches!(c, ':' | ',' | '=' | '(' | '–')
        });
        start += rest.len() - body.len();
        let Some(first) = body.chars().next() else {
            return;
        };
        let end = if let Some(close) = closing(first) {
            let inner = &body[first.len_utf8()..];
            let Some(length) = inner.find(close).filter(|&n| n > 0 && n <= 200) else {
                return;
            };
            found.push((start + first.len_utf8(), inner[..length].trim().to_owned()));
            first.len_utf8() + length + close.len_utf8()
        } else {
            let length = bare(body);
            let words = body[..length].trim_end_matches(['.', '!', '?']).trim_end();
            if words.is_empty() {
                return;
            }
            found.push((start, words.to_owned()));
            length
        };
        start += end;
        let rest = text[start..].trim_start();
        let joined = [", or ", ", and ", "or ", "and ", ", ", ","]
            .iter()
            .find(|join| rest.starts_with(**join));
        let Some(join) = joined else {
            return;
        };
        let after = start + (text[start..].len() - rest.len()) + join.len();
        // Another example has the look of one: quoted, or with a digit or an @ in its first word.
        let next = text[after..].trim_start();
        let quoted = next.starts_with(|c| closing(c).is_some());
        let telling = next
            .split_whitespace()
            .next()
            .is_some_and(super::normal::carries_digit_or_at);
        if !quoted && !telling {
            return;
        }
        start = after;
    }
}

fn closing(open: char) -> Option<char> {
    Some(match open {
        '\'' => '\'',
        '"' => '"',
        '`' => '`',
        '“' => '”',
        '‘' => '’',
        '«' => '»',
        _ => return None,
    })
}

/// Length of an unquoted example.
fn bare(body: &str) -> usize {
    let mut chars = body.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|&(_, c)| c);
        let breaks = match c {
            ')' | ']' | ';' | '\n' | '"' => true,
            ',' => next.is_none_or(char::is_whitespace),
            '.' | '!' | '?' => next.is_none_or(|n| n.is_whitespace() || n == ')'),
            _ => false,
        };
        if breaks {
            return at;
        }
        let rest = &body[at..];
        if c == ' ' && (rest.starts_with(" or ") || rest.starts_with(" and ")) {
            return at;
        }
    }
    body.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_way_to_give_an_example() {
        for (description, examples) in [
            (
                "Order number to look up (e.g., ORD-12345)",
                vec!["ORD-12345"],
            ),
            ("Order number, e.g. ORD-12345.", vec!["ORD-12345"]),
            ("The id (eg ABC-1)", vec!["ABC-1"]),
            ("Postcode, for example SW1A 1AA", vec!["SW1A 1AA"]),
            ("City such as Paris or London", vec!["Paris"]),
            ("Codes such as A1, B2 or C3.", vec!["A1", "B2", "C3"]),
            ("An id like 'ABC-1'.", vec!["ABC-1"]),
            ("Example: ada@example.com", vec!["ada@example.com"]),
            ("Amount. Example: 12.50", vec!["12.50"]),
            ("Examples: \"A-1\", \"B-2\"", vec!["A-1", "B-2"]),
            ("Reason (for instance: damaged)", vec!["damaged"]),
            ("Customer's email address", vec![]),
            ("What the customer would like", vec![]),
            ("Segment, leg. of the trip", vec![]),
        ] {
            assert_eq!(examples_in(description), examples, "{description}");
        }
    }

    proptest! {
        #[test]
        fn no_description_panics(text in "(e\\.g\\.|such as|like '|example:| or |, |[^a]|ORD-1|\\PC){0,20}") {
            for (at, example) in spans_in(&text) {
                prop_assert!(text[at..].trim_start().starts_with(&example));
            }
        }
    }
}
