//! English number words.

use super::decimal::Decimal;
use super::token::Token;

/// 0 to 19.
fn small(word: &str) -> Option<i64> {
    const WORDS: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    WORDS.iter().position(|&w| w == word).map(|n| n as i64)
}

fn tens(word: &str) -> Option<i64> {
    const WORDS: [&str; 8] = [
        "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ];
    let word = if word == "fourty" { "forty" } else { word };
    WORDS
        .iter()
        .position(|&w| w == word)
        .map(|n| (n as i64 + 2) * 10)
}

/// The powers of ten with a name, as the number of zeros. "hundred" is handled apart.
pub(super) fn magnitude(word: &str) -> Option<i32> {
    Some(match word {
        "thousand" | "grand" => 3,
        "million" | "mio" | "mn" | "mln" => 6,
        "billion" | "bn" => 9,
        "trillion" => 12,
        "lakh" => 5,
        "crore" => 7,
        _ => return None,
    })
}

/// First to thirty-first and the like, as one word ("third"); the compound ones are put together
/// by [`ordinal`].
fn small_ordinal(word: &str) -> Option<i64> {
    const WORDS: [&str; 20] = [
        "zeroth",
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
    ];
    WORDS
        .iter()
        .position(|&w| w == word)
        .map(|n| n as i64)
        .or(match word {
            "twentieth" => Some(20),
            "thirtieth" => Some(30),
            _ => None,
        })
}

/// The word at `at`, looking past one hyphen glued between two words.
fn next_word(tokens: &[Token], at: usize) -> Option<(&str, usize)> {
    let token = tokens.get(at)?;
    if let Some(word) = token.word() {
        return Some((word, at + 1));
    }
    let next = tokens.get(at + 1)?;
    (token.is('-') && token.glued && next.glued).then_some(())?;
    Some((next.word()?, at + 2))
}

/// A number from 0 to 99 in words at `at`, with the index after it.
pub(super) fn below_hundred(tokens: &[Token], at: usize) -> Option<(i64, usize)> {
    let word = tokens.get(at)?.word()?;
    if let Some(n) = small(word) {
        return Some((n, at + 1));
    }
    let n = tens(word)?;
    if let Some((next, after)) = next_word(tokens, at + 1)
        && let Some(unit) = small(next).filter(|u| (1..10).contains(u))
    {
        return Some((n + unit, after));
    }
    Some((n, at + 1))
}

/// An ordinal in words at `at` ("third", "twenty-first"), with the index after it.
pub(super) fn ordinal(tokens: &[Token], at: usize) -> Option<(i64, usize)> {
    let word = tokens.get(at)?.word()?;
    if let Some(n) = small_ordinal(word) {
        return Some((n, at + 1));
    }
    let n = tens(word)?;
    let (next, after) = next_word(tokens, at + 1)?;
    let unit = small_ordinal(next).filter(|u| (1..10).contains(u))?;
    Some((n + unit, after))
}

/// A cardinal in words at `at`: "two", "a dozen", "one hundred and five", "two and a half thousand",
/// "one point five". With the index after it.
pub(super) fn cardinal(tokens: &[Token], at: usize) -> Option<(Decimal, usize)> {
    let (mut value, mut after) = quantity(tokens, at)?;
    // "half a million", "two and a half thousand".
    while let Some(zeros) = word_at(tokens, after).and_then(magnitude) {
        if !is_mixed(value) {
            break;
        }
        value = value.shift(zeros)?;
        after += 1;
    }
    Some((value, after))
}

fn is_mixed(value: Decimal) -> bool {
    value.as_whole().is_none()
}

fn word_at(tokens: &[Token], at: usize) -> Option<&str> {
    tokens.get(at)?.word()
}

fn quantity(tokens: &[Token], at: usize) -> Option<(Decimal, usize)> {
    let word = word_at(tokens, at)?;
    let whole = |n, after| Some((Decimal::whole(n), after));
    match word {
        "half" => {
            return match (word_at(tokens, at + 1), word_at(tokens, at + 2)) {
                (Some("a"), Some("dozen")) => whole(6, at + 3),
                (Some("dozen"), _) => whole(6, at + 2),
                (Some("a" | "the"), _) => Some((Decimal::new(5, 1)?, at + 2)),
                _ => Some((Decimal::new(5, 1)?, at + 1)),
            };
        }
        "dozen" => return whole(12, at + 1),
        "couple" | "both" | "twice" | "pair" => return whole(2, at + 1),
        "thrice" => return whole(3, at + 1),
        "quarter" => return Some((Decimal::new(25, 2)?, at + 1)),
        "hundred" | "thousand" | "million" | "billion" => return large(tokens, at, 1, at),
        "a" | "an" => {
            return match word_at(tokens, at + 1)? {
                "half" | "dozen" | "couple" | "pair" | "quarter" => quantity(tokens, at + 1),
                "hundred" | "thousand" | "million" | "billion" => large(tokens, at + 1, 1, at + 1),
                _ => None,
            };
        }
        _ => {}
    }
    let (n, after) = below_hundred(tokens, at)?;
    match word_at(tokens, after) {
        Some("dozen") => return whole(n * 12, after + 1),
        Some("quarter" | "quarters") if (1..4).contains(&n) => {
            return Some((Decimal::new(i128::from(n) * 25, 2)?, after + 1));
        }
        Some("point") => {
            if let Some(found) = point(tokens, n, after + 1) {
                return Some(found);
            }
        }
        Some("and") => {
            let article = usize::from(word_at(tokens, after + 1) == Some("a"));
            match word_at(tokens, after + 1 + article) {
                Some("half") => {
                    return Some((
                        Decimal::new(i128::from(n) * 10 + 5, 1)?,
                        after + 2 + article,
                    ));
                }
                Some("quarter") => {
                    return Some((
                        Decimal::new(i128::from(n) * 100 + 25, 2)?,
                        after + 2 + article,
                    ));
                }
                _ => {}
            }
        }
        _ => {}
    }
    large(tokens, after, n, after)
}

/// "one point five two": digits by name after the point.
fn point(tokens: &[Token], whole: i64, mut at: usize) -> Option<(Decimal, usize)> {
    let mut value = Decimal::whole(whole);
    let mut places = 0;
    while let Some(digit) = word_at(tokens, at).and_then(small).filter(|d| *d < 10) {
        places += 1;
        value = value.plus(Decimal::new(i128::from(digit), places)?)?;
        at += 1;
    }
    (places > 0).then_some((value, at))
}

/// Goes on from `n` (already read, ending before `at`) over "hundred", "and", "thousand", ….
fn large(tokens: &[Token], mut at: usize, n: i64, mut end: usize) -> Option<(Decimal, usize)> {
    let mut total: i64 = 0;
    let mut current = n;
    let mut scale = i32::MAX;
    loop {
        match word_at(tokens, at) {
            Some("hundred") if (1..100).contains(&current) => {
                current *= 100;
                end = at + 1;
            }
            Some(word) if magnitude(word).is_some_and(|zeros| zeros < scale && current > 0) => {
                scale = magnitude(word)?;
                total = total
                    .checked_add(current.checked_mul(10i64.checked_pow(scale.unsigned_abs())?)?)?;
                current = 0;
                end = at + 1;
            }
            _ => break,
        }
        at = end;
        let skip = usize::from(word_at(tokens, at) == Some("and"));
        let Some((more, after)) = below_hundred(tokens, at + skip) else {
            continue;
        };
        let room = if current > 0 {
            current % 100 == 0
        } else {
            total > 0
        };
        if !room {
            break;
        }
        // "a hundred and two thousand" multiplies what is gathered, "two thousand one hundred" does not.
        current += more;
        at = after;
        end = after;
    }
    Some((Decimal::whole(total.checked_add(current)?), end))
}

/// Digits spoken one by one, three or more of them: "one two three four five" is 12345.
pub(super) fn spelt(tokens: &[Token], at: usize) -> Option<(String, usize)> {
    let mut digits = String::new();
    let mut after = at;
    while let Some(word) = word_at(tokens, after) {
        let digit = match word {
            "oh" | "o" if !digits.is_empty() => 0,
            _ => match small(word) {
                Some(n) if n < 10 => n,
                _ => break,
            },
        };
        digits.push_str(&digit.to_string());
        after += 1;
        if tokens.get(after).is_some_and(|t| t.is('-') || t.is(','))
            && word_at(tokens, after + 1).and_then(small).is_some()
        {
            after += 1;
        }
    }
    (digits.len() >= 3).then_some((digits, after))
}
