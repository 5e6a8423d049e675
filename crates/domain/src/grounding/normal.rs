//! Text reduced to what is compared: NFKC, case and digits folded, spaces and punctuation dropped,
//! with the way back to the original characters and the places where a match may begin or end.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::digits::{decimal_digit, fold_digit};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Digit,
    Letter,
    Katakana,
    /// A letter of a script written without spaces between words (or, as Korean, with particles
    /// glued to them): every character is its own run.
    Solo,
}

#[derive(Debug, Clone, Copy)]
struct Glyph {
    /// Offset in the reduced text.
    byte: usize,
    /// The characters of the original it stands for.
    start: usize,
    end: usize,
    class: Class,
    /// No match may begin here, or end just before.
    inside: bool,
}

/// A text reduced to what is compared.
#[derive(Debug, Clone, Default)]
pub struct Normalised {
    text: String,
    glyphs: Vec<Glyph>,
}

/// Reduces a text to what is compared, as a plain string: "ORD-12345" gives "ord12345". Empty where
/// nothing but spaces, punctuation and symbols is there.
pub fn fold(text: &str) -> String {
    Normalised::new(text).text
}

impl Normalised {
    /// Reduces a text.
    pub fn new(text: &str) -> Self {
        Self::with_replacements(text, &[])
    }

    /// Reduces a text in which each of the ranges (in characters, ascending, apart) reads as the
    /// text beside it: "twenty-one" as "21".
    pub fn with_replacements(text: &str, replacements: &[((usize, usize), String)]) -> Self {
        let mut builder = Builder::default();
        builder.out.text.reserve(text.len());
        let mut chars = text.chars().enumerate().peekable();
        let mut replacements = replacements.iter().peekable();
        let mut cluster = String::new();
        while let Some((at, c)) = chars.next() {
            if let Some(((start, end), with)) = replacements.peek()
                && *start == at
            {
                builder.broken = true;
                builder.cluster(with, at, *end);
                builder.broken = true;
                while chars.next_if(|(i, _)| i < end).is_some() {}
                replacements.next();
                continue;
            }
            if c.is_ascii() && chars.peek().is_none_or(|(_, next)| next.is_ascii()) {
                builder.ascii(c, at);
                continue;
            }
            cluster.clear();
            cluster.push(c);
            let mut end = at + 1;
            while let Some((i, mark)) = chars.next_if(|&(_, next)| continues(next)) {
                cluster.push(mark);
                end = i + 1;
            }
            builder.cluster(&cluster, at, end);
        }
        builder.out
    }

    /// The reduced text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing is left to compare.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Every place where `needle` (already reduced) stands without cutting a run of digits or of
    /// letters, as half-open ranges of characters of the original text.
    pub fn find<'a>(&'a self, needle: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
        let mut from = 0;
        std::iter::from_fn(move || {
            loop {
                if needle.is_empty() {
                    return None;
                }
                let byte = from + self.text.get(from..)?.find(needle)?;
                let first = self.glyph_at(byte);
                // The next place worth trying is the next where a match may begin.
                let next = (first + 1..self.glyphs.len()).find(|&i| !self.glyphs[i].inside);
                from = next.map_or(self.text.len(), |i| self.glyphs[i].byte);
                let last = self.glyph_at(byte + needle.len()) - 1;
                if !self.glyphs[first].inside && self.glyphs.get(last + 1).is_none_or(|g| !g.inside)
                {
                    return Some((self.glyphs[first].start, self.glyphs[last].end));
                }
            }
        })
    }

    /// The glyph that begins at this offset; one past the last for the end of the text.
    fn glyph_at(&self, byte: usize) -> usize {
        self.glyphs.partition_point(|g| g.byte < byte)
    }
}

#[derive(Default)]
struct Builder {
    out: Normalised,
    /// Something visible that is not compared stands before the next character.
    broken: bool,
}

impl Builder {
    fn ascii(&mut self, c: char, at: usize) {
        if c.is_ascii_digit() {
            self.push(c, at, at + 1, Class::Digit, false);
        } else if c.is_ascii_alphabetic() {
            self.push(c.to_ascii_lowercase(), at, at + 1, Class::Letter, false);
        } else {
            self.broken = true;
        }
    }

    fn cluster(&mut self, cluster: &str, start: usize, end: usize) {
        let mut first = true;
        // "½" becomes "1⁄2": digits nobody wrote. Numbers are compared by value elsewhere.
        if cluster.nfkc().any(|c| c == '\u{2044}') {
            self.broken = true;
            return;
        }
        for c in cluster.nfkc().flat_map(char::to_lowercase).nfkc() {
            if is_ignorable(c) || c == '\u{307}' {
                continue;
            }
            if is_combining_mark(c) {
                // On a letter it is part of the letter; on a digit or alone it is decoration.
                if let Some(last) = self.out.glyphs.last().filter(|_| !self.broken)
                    && last.class != Class::Digit
                {
                    let class = last.class;
                    self.push(c, start, end, class, true);
                }
                continue;
            }
            if !c.is_alphanumeric() {
                self.broken = true;
                continue;
            }
            match c {
                'ß' => {
                    self.push('s', start, end, Class::Letter, !first);
                    self.push('s', start, end, Class::Letter, true);
                }
                'ς' => self.push('σ', start, end, Class::Letter, !first),
                _ => self.push(fold_digit(c), start, end, class(c), !first),
            }
            first = false;
        }
    }

    fn push(&mut self, c: char, start: usize, end: usize, class: Class, same_cluster: bool) {
        let inside = match self.out.glyphs.last() {
            Some(last) if !self.broken => {
                same_cluster || (last.class == class && class != Class::Solo)
            }
            _ => false,
        };
        self.out.glyphs.push(Glyph {
            byte: self.out.text.len(),
            start,
            end,
            class,
            inside,
        });
        self.out.text.push(c);
        self.broken = false;
    }
}

fn class(c: char) -> Class {
    if decimal_digit(c).is_some() {
        return Class::Digit;
    }
    match c as u32 {
        0x30A0..=0x30FF | 0x31F0..=0x31FF => Class::Katakana,
        // Thai, Lao, Myanmar, Hangul, Khmer, Hiragana, Han.
        0x0E00..=0x0EFF
        | 0x1000..=0x109F
        | 0x1100..=0x11FF
        | 0x1780..=0x17FF
        | 0x3005..=0x3007
        | 0x3040..=0x309F
        | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF
        | 0xAC00..=0xD7FF
        | 0xF900..=0xFAFF
        | 0x20000..=0x3FFFF => Class::Solo,
        _ => Class::Letter,
    }
}

/// Whether a character composes with the one before it under NFKC.
fn continues(c: char) -> bool {
    clings(c) || matches!(c as u32, 0x1160..=0x11FF | 0xFF9E..=0xFF9F)
}

/// Whether a character is nothing by itself: a mark on the one before it, or one nobody sees.
pub(super) fn clings(c: char) -> bool {
    is_combining_mark(c) || is_ignorable(c)
}

/// Whether a character by itself is compared: "½", whose digits nobody wrote, is not.
pub(super) fn is_compared(c: char) -> bool {
    !fold(c.encode_utf8(&mut [0; 4])).is_empty()
}

/// Characters nobody sees: format controls, joiners, variation selectors. They part nothing.
pub(super) fn is_ignorable(c: char) -> bool {
    matches!(c as u32,
        0x00AD | 0x034F | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
        | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0
        | 0xE0000..=0xE0FFF)
}

/// Whether a text holds a decimal digit or an `@` once compatibility forms are unfolded: what makes
/// it need evidence.
pub fn carries_digit_or_at(text: &str) -> bool {
    if text.is_ascii() {
        return text.bytes().any(|b| b.is_ascii_digit() || b == b'@');
    }
    text.nfkc().any(|c| c == '@' || decimal_digit(c).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(text: &str, value: &str) -> Vec<String> {
        let normalised = Normalised::new(text);
        let chars: Vec<char> = text.chars().collect();
        normalised
            .find(&fold(value))
            .map(|(start, end)| chars[start..end].iter().collect())
            .collect()
    }

    #[test]
    fn spellings_of_one_value_meet() {
        for (text, value, found) in [
            ("it is ord 12345, thanks", "ORD-12345", "ord 12345"),
            ("ＯＲＤ－１２３４５", "ord12345", "ＯＲＤ－１２３４５"),
            ("رقم الطلب ١٢٣٤٥", "12345", "١٢٣٤٥"),
            (
                "+44 20 7946 0958 please",
                "+442079460958",
                "44 20 7946 0958",
            ),
            ("Cafe\u{301} 9", "CAFÉ 9", "Cafe\u{301} 9"),
            ("STRASSE 5", "straße 5", "STRASSE 5"),
            ("注文番号はA12345です", "A12345", "A12345"),
            ("私は田中です", "田中", "田中"),
            (
                "1\u{fe0f}\u{20e3}2\u{fe0f}\u{20e3} go",
                "12",
                "1\u{fe0f}\u{20e3}2\u{fe0f}\u{20e3}",
            ),
            ("OR\u{200b}D-1", "ORD-1", "OR\u{200b}D-1"),
        ] {
            assert_eq!(spans(text, value), [found], "{value} in {text}");
        }
    }

    #[test]
    fn a_match_never_cuts_a_run() {
        for (text, value) in [
            ("ORD-12345", "12"),
            ("ORD-12345", "345"),
            ("ORD-12345", "RD-12345"),
            ("1 2345", "12"),
            ("12\u{200b}345", "12"),
            ("１２３４５", "123"),
            ("e\u{301}", "e"),
            ("naïve", "nai"),
            ("½ of 3", "12"),
            ("1½", "112"),
            ("アメリカ", "アメ"),
            ("-", "-"),
            ("", ""),
        ] {
            assert!(spans(text, value).is_empty(), "{value} in {text}");
        }
    }

    #[test]
    fn a_change_from_letters_to_digits_is_a_boundary() {
        assert_eq!(spans("ORD12345", "12345"), ["12345"]);
        assert_eq!(spans("12 123 1 23", "123"), ["123", "1 23"]);
    }

    #[test]
    fn replaced_words_keep_their_place() {
        let text =
            Normalised::with_replacements("flat twenty-one B", &[((5, 15), "21".to_owned())]);
        assert_eq!(text.find("flat21b").collect::<Vec<_>>(), [(0, 17)]);
        assert_eq!(text.find("21").collect::<Vec<_>>(), [(5, 15)]);
        assert_eq!(text.find("2").count(), 0);
    }
}
