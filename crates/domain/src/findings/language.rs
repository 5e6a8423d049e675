//! Which language a description is in, as far as the rules for words need to know.

use super::words::Words;

/// What can be judged in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// Its words can be judged.
    English,
    /// Only its length, and whether it has a known word for "when".
    Other,
}

/// English words that every sentence needs, and that few other languages have.
const ENGLISH: Words = Words(
    "the of and for to with when if from their this is are or by an it that customer \
     customers order use",
);

/// Function words of other languages that use the Latin script, none of them English.
const OTHER: Words = Words(
    "der die das und eine einen einer des wenn ist für mit kunde kunden le la les une du et \
     pour quand lorsque el los las una del cuando para por un il gli della quando uma dos het \
     een wanneer voor van klant och när att og når jest gdy lub klient klienta si oder ou om",
);

/// Words for "when" and "if" in other languages, as they stand in a text.
const WHEN: &[&str] = &[
    "wenn",
    "falls",
    "sobald",
    "quand",
    "lorsque",
    "lorsqu",
    "cuando",
    "si ",
    "quando",
    "qualora",
    "wanneer",
    "als ",
    "när ",
    "når ",
    "hvis",
    "gdy",
    "kiedy",
    "jeśli",
    "когда",
    "если",
    "коли",
    "якщо",
    "eğer",
    "müşteri",
    "时",
    "時",
    "とき",
    "場合",
    "当",
    "當",
    "때",
    "경우",
    "عندما",
    "إذا",
    "כאשר",
    "जब",
    "यदि",
    "khi",
    "ketika",
    "jika",
    "όταν",
];

pub(super) fn of(text: &str, words: &[String]) -> Language {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let latin = text.chars().filter(char::is_ascii_alphabetic).count();
    if letters > 0 && latin * 2 < letters {
        return Language::Other;
    }
    let count = |list: Words| words.iter().filter(|word| list.has(word)).count();
    if count(OTHER) > count(ENGLISH) {
        Language::Other
    } else {
        Language::English
    }
}

/// Whether a text in another language has one of the known words for "when" or "if".
pub(super) fn says_when(text: &str) -> bool {
    let lower = text.to_lowercase();
    WHEN.iter().any(|word| lower.contains(word))
}
