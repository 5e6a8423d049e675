//! The look of an example, and what looks like it: "ORD-12345" stands for "ord 222" too.

use regex_lite::Regex;

/// Longest letters before a number that are taken for its fixed prefix.
const PREFIX_CHARS: usize = 6;
/// An example of more pieces than this is one of mixed letters and digits.
const PIECES: usize = 5;

/// What the values of a parameter look like.
#[derive(Debug)]
pub(super) struct Shape {
    regex: Regex,
    /// How the groups of the regex are put together, in the example's spelling.
    parts: Vec<Part>,
    /// Digits alone: too common to be taken where nothing points to it.
    pub(super) only_digits: bool,
    /// How many digits the example has, where they stand together.
    pub(super) digits: usize,
}

#[derive(Debug)]
enum Part {
    /// As in the example.
    Fixed(String),
    /// As said, in capitals where the example has them.
    Letters { upper: bool },
    /// As said.
    Digits,
}

impl Shape {
    /// The shape of an example that holds a digit; none of words.
    pub(super) fn of(example: &str) -> Option<Self> {
        let pieces = pieces(example)?;
        if !example.chars().any(|c| c.is_ascii_digit()) {
            return None;
        }
        let solid = pieces.iter().all(|(kind, _)| *kind != Piece::Between);
        let only_digits = matches!(pieces.as_slice(), [(Piece::Digits, _)]);
        if solid && pieces.len() > 3 || pieces.len() > 2 * PIECES {
            return Self::mixed(example, solid);
        }
        let mut regex = String::from("(?i)");
        let mut parts = Vec::new();
        for (index, (kind, text)) in pieces.iter().enumerate() {
            let count = text.chars().count();
            match kind {
                Piece::Between => {
                    regex.push_str(r"[\s\-_./#:]*");
                    parts.push(Part::Fixed(text.clone()));
                }
                Piece::Letters if index == 0 && count <= PREFIX_CHARS && pieces.len() > 1 => {
                    regex.push_str(text);
                    if !matches!(pieces.get(1), Some((Piece::Between, _))) {
                        regex.push_str(r"[\s\-]*");
                    }
                    parts.push(Part::Fixed(text.clone()));
                }
                Piece::Letters => {
                    regex.push_str(&format!("([a-z]{{{count}}})"));
                    parts.push(Part::Letters {
                        upper: text.chars().all(|c| c.is_ascii_uppercase()),
                    });
                }
                Piece::Digits => {
                    let (least, most) = if only_digits {
                        (count.saturating_sub(1).max(3), count + 2)
                    } else {
                        (1, count + 4)
                    };
                    regex.push_str(&format!("([0-9]{{{least},{most}}})"));
                    parts.push(Part::Digits);
                }
            }
        }
        Some(Self {
            regex: Regex::new(&regex).ok()?,
            parts,
            only_digits,
            digits: match pieces.last() {
                Some((Piece::Digits, text)) => text.len(),
                _ => 0,
            },
        })
    }

    /// Letters and digits in any order, as many as in the example.
    fn mixed(example: &str, solid: bool) -> Option<Self> {
        let count = example.chars().count();
        let inside = if solid { "[a-z0-9]" } else { r"[a-z0-9\-]" };
        Some(Self {
            regex: Regex::new(&format!("(?i)({inside}{{{count}}})")).ok()?,
            parts: vec![Part::Letters {
                upper: !example.chars().any(|c| c.is_ascii_lowercase()),
            }],
            only_digits: false,
            digits: 0,
        })
    }

    /// Everything in a text that looks like the example, in the example's spelling.
    pub(super) fn find(&self, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        for captures in self.regex.captures_iter(text) {
            let Some(whole) = captures.get(0) else {
                continue;
            };
            let alone = !text[..whole.start()].ends_with(joins)
                && !text[whole.end()..].starts_with(char::is_alphanumeric)
                && !continues(&text[whole.end()..]);
            if !alone || !whole.as_str().chars().any(|c| c.is_ascii_digit()) {
                continue;
            }
            let mut groups = captures.iter().skip(1).flatten();
            let value = self
                .parts
                .iter()
                .map(|part| match part {
                    Part::Fixed(text) => text.clone(),
                    Part::Letters { upper } => {
                        let said = groups.next().map_or("", |group| group.as_str());
                        if *upper {
                            said.to_ascii_uppercase()
                        } else {
                            said.to_owned()
                        }
                    }
                    Part::Digits => groups.next().map_or("", |group| group.as_str()).to_owned(),
                })
                .collect::<String>();
            if !found.contains(&value) {
                found.push(value);
            }
        }
        found
    }
}

/// What stands before belongs to the same token.
fn joins(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '@')
}

/// What stands behind belongs to the same token: "-7" but not "- thanks".
fn continues(rest: &str) -> bool {
    let mut chars = rest.chars();
    matches!(chars.next(), Some('-' | '_' | '@' | '/'))
        && chars.next().is_some_and(char::is_alphanumeric)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    Letters,
    Digits,
    Between,
}

fn pieces(example: &str) -> Option<Vec<(Piece, String)>> {
    let mut pieces: Vec<(Piece, String)> = Vec::new();
    for c in example.chars() {
        let kind = match c {
            c if c.is_ascii_alphabetic() => Piece::Letters,
            c if c.is_ascii_digit() => Piece::Digits,
            '-' | '_' | '/' | '.' | '#' | ':' => Piece::Between,
            _ => return None,
        };
        match pieces.last_mut() {
            Some((last, text)) if *last == kind => text.push(c),
            _ => pieces.push((kind, c.to_string())),
        }
    }
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(example: &str, text: &str) -> Vec<String> {
        Shape::of(example).unwrap().find(text)
    }

    #[test]
    fn other_spellings_of_the_same_look() {
        for said in [
            "ORD-12345",
            "ord-12345.",
            "It's ord 12345!",
            "#ORD12345",
            "(Ord_12345)",
        ] {
            assert_eq!(found("ORD-12345", said), ["ORD-12345"], "{said}");
        }
        assert_eq!(found("ORD-12345", "ORD-1 and ORD-22"), ["ORD-1", "ORD-22"]);
    }

    #[test]
    fn parts_of_other_things_do_not_count() {
        for said in ["XORD-123", "INV-12345", "12345", "ORD-12345-B", "order"] {
            assert_eq!(found("ORD-12345", said), [""; 0], "{said}");
        }
        assert_eq!(found("12345", "ORD-12345"), [""; 0]);
    }

    #[test]
    fn mixed_codes_are_known_by_their_length() {
        assert_eq!(
            found("1Z999AA10123456784", "it is 1z999aa10123456785, I think"),
            ["1Z999AA10123456785"]
        );
    }

    #[test]
    fn words_have_no_shape() {
        assert!(Shape::of("Paris").is_none());
        assert!(Shape::of("3 apples").is_none());
    }
}
