//! How words are written into notifications, which hold less than 8,000 bytes each (PostgreSQL, NOTIFY).

use std::collections::VecDeque;

use crate::bus::Word;

/// Most bytes of a piece, its head not counted.
const PIECE: usize = 7_800;
/// Words that are being put together; the oldest is given up for a new one.
const OPEN: usize = 64;
/// Most pieces of a word that is put together: some 500 KiB.
const PIECES: usize = 64;

/// Cuts a word into notifications, each `from number at of topic piece`.
pub(super) fn cut(from: &str, number: u64, word: &Word) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = word.body.as_str();
    while rest.len() > PIECE {
        let mut end = PIECE;
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, after) = rest.split_at(end);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    let of = pieces.len();
    pieces
        .iter()
        .enumerate()
        .map(|(at, piece)| format!("{from} {number} {at} {of} {} {piece}", word.topic))
        .collect()
}

/// Puts words together out of notifications.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    open: VecDeque<Open>,
}

#[derive(Debug)]
struct Open {
    from: String,
    number: u64,
    next: usize,
    body: String,
}

/// What a notification was good for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// It completes a word.
    Whole(Word),
    /// It is a part of one, or this node's own.
    Nothing,
    /// It cannot be read, or a part before it is missing.
    Lost,
}

impl Assembly {
    /// Takes a notification; those of `own` are left out.
    pub(super) fn put(&mut self, own: &str, text: &str) -> Put {
        let mut parts = text.splitn(6, ' ');
        let mut next = || parts.next();
        let (Some(from), Some(number), Some(at), Some(of), Some(topic), Some(piece)) =
            (next(), next(), next(), next(), next(), next())
        else {
            return Put::Lost;
        };
        if from == own {
            return Put::Nothing;
        }
        let (Ok(number), Ok(at), Ok(of)) = (number.parse(), at.parse(), of.parse()) else {
            return Put::Lost;
        };
        self.piece(from, number, (at, of), topic, piece)
    }

    fn piece(
        &mut self,
        from: &str,
        number: u64,
        (at, of): (usize, usize),
        topic: &str,
        piece: &str,
    ) -> Put {
        if at >= of || of > PIECES {
            return Put::Lost;
        }
        let is_it = |open: &Open| open.from == from && open.number == number;
        let mut open = match self.open.iter().position(is_it) {
            Some(place) => match self.open.remove(place) {
                Some(open) if open.next == at => open,
                _ => return Put::Lost,
            },
            None if at == 0 => Open {
                from: from.to_owned(),
                number,
                next: 0,
                body: String::new(),
            },
            None => return Put::Lost,
        };
        open.next += 1;
        open.body.push_str(piece);
        if open.next == of {
            return Put::Whole(Word {
                topic: topic.to_owned(),
                body: open.body,
            });
        }
        if self.open.len() >= OPEN {
            self.open.pop_front();
        }
        self.open.push_back(open);
        Put::Nothing
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn word(body: &str) -> Word {
        Word {
            topic: "live".to_owned(),
            body: body.to_owned(),
        }
    }

    proptest! {
        #[test]
        fn what_is_cut_is_put_together(body in ".{0,80}", times in 1..400_usize) {
            let word = word(&body.repeat(times));
            let pieces = cut("one", 7, &word);
            prop_assert!(pieces.iter().all(|piece| piece.len() < 8_000));
            let mut assembly = Assembly::default();
            let (last, before) = pieces.split_last().unwrap();
            for piece in before {
                prop_assert_eq!(assembly.put("two", piece), Put::Nothing);
            }
            prop_assert_eq!(assembly.put("two", last), Put::Whole(word));
        }

        #[test]
        fn anything_else_is_no_word(text in ".{0,60}") {
            prop_assert!(!matches!(Assembly::default().put("two", &text), Put::Whole(_)) || text.contains(' '));
        }
    }

    #[test]
    fn ones_own_are_left_out() {
        let said = cut("one", 1, &word("hello"));
        assert_eq!(Assembly::default().put("one", &said[0]), Put::Nothing);
    }

    #[test]
    fn two_at_once_are_kept_apart() {
        let long = "x".repeat(PIECE + 1);
        let (a, b) = (cut("a", 1, &word(&long)), cut("b", 1, &word(&long)));
        let mut assembly = Assembly::default();
        for piece in [&a[0], &b[0]] {
            assert_eq!(assembly.put("c", piece), Put::Nothing);
        }
        assert_eq!(assembly.put("c", &a[1]), Put::Whole(word(&long)));
        assert_eq!(assembly.put("c", &b[1]), Put::Whole(word(&long)));
    }

    #[test]
    fn without_its_beginning_a_word_is_lost() {
        let said = cut("a", 1, &word(&"x".repeat(PIECE + 1)));
        assert_eq!(Assembly::default().put("b", &said[1]), Put::Lost);
    }
}
