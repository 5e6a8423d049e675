//! What stands around a number: sign, currency, percent, "k", "million".

use super::decimal::Decimal;
use super::number_words::magnitude;
use super::numbers::{NumberToken, Scan};
use super::token::{Kind, Token};

/// Takes in sign, currency and suffix around `from..to`, pushes the number, says where to go on.
pub(super) fn finish(
    tokens: &[Token],
    from: usize,
    to: usize,
    mut values: Vec<Decimal>,
    words_as_digits: Option<String>,
    composite: bool,
    out: &mut Scan,
) -> usize {
    let (mut first, mut after) = (from, to);
    let figures = tokens[from].digits().is_some();
    if figures && point_before(tokens, first) && !composite {
        values = values
            .iter()
            .filter_map(|v| v.shift(-i32::try_from(tokens[from].digits()?.len()).ok()?))
            .collect();
        first -= 1;
    }
    let word = |i: usize| tokens.get(i).and_then(Token::word);
    let glued = |i: usize| tokens.get(i).is_some_and(|t| t.glued);
    if figures {
        // A suffix letter must be glued; "5m" may as well be five metres.
        match word(after) {
            Some("k") if glued(after) => {
                values = values.iter().filter_map(|v| v.shift(3)).collect();
                after += 1;
            }
            Some("m") if glued(after) => {
                values = values
                    .iter()
                    .flat_map(|v| [v.shift(6), Some(*v)])
                    .flatten()
                    .collect();
                after += 1;
            }
            Some("st" | "nd" | "rd" | "th") if glued(after) => after += 1,
            Some("dozen") => {
                values = values.iter().filter_map(|v| v.times(12)).collect();
                after += 1;
            }
            Some("hundred") => {
                values = values.iter().filter_map(|v| v.shift(2)).collect();
                after += 1;
            }
            Some(name) => {
                if let Some(zeros) = magnitude(name) {
                    values = values.iter().filter_map(|v| v.shift(zeros)).collect();
                    after += 1;
                }
            }
            None => {}
        }
    }
    let mut currency = None;
    if let Some(token) = tokens.get(after)
        && let Some(code) = currency_after(token)
    {
        currency = Some(code);
        after += 1;
    } else if percent(tokens, after) > after {
        after = percent(tokens, after);
        values = values
            .iter()
            .flat_map(|v| [Some(*v), v.shift(-2)])
            .flatten()
            .collect();
    } else if let Some("cents" | "cent" | "pence") = word(after) {
        after += 1;
        values = values
            .iter()
            .flat_map(|v| [Some(*v), v.shift(-2)])
            .flatten()
            .collect();
    } else if tokens.get(after).is_some_and(|t| t.is(',') || t.is('.'))
        && glued(after)
        && tokens.get(after + 1).is_some_and(|t| t.is('-') && t.glued)
        && tokens.get(after + 2).is_none_or(|t| t.digits().is_none())
    {
        after += 2; // "20,-"
    }
    if let Some(before) = first.checked_sub(1)
        && let Some(code) = currency_before(&tokens[before])
    {
        currency = currency.or(Some(code));
        first = before;
    }
    let negative = minus(tokens, first);
    if let Some(sign) = negative {
        values.iter_mut().for_each(|v| *v = v.negated());
        first = sign;
        // "$" after the sign was taken in; before it is fine too: "$-5".
    }
    if !values.is_empty() {
        out.numbers.push(NumberToken {
            span: (tokens[first].start, tokens[after - 1].end),
            values,
            currency,
            words_as_digits: words_as_digits.filter(|_| negative.is_none()),
            composite,
        });
    }
    after
}

fn point_before(tokens: &[Token], at: usize) -> bool {
    at.checked_sub(1)
        .is_some_and(|i| tokens[i].is('.') && tokens[at].glued && !tokens[i].glued)
}

/// Where a minus sign for the number at `at` stands.
fn minus(tokens: &[Token], at: usize) -> Option<usize> {
    let before = at.checked_sub(1)?;
    match &tokens[before].kind {
        Kind::Word(word) if matches!(word.as_str(), "minus" | "negative") => Some(before),
        Kind::Mark('-') if tokens[at].glued => {
            let opens = !tokens[before].glued
                || tokens[before - 1].is('(')
                || currency_before(&tokens[before - 1]).is_some();
            opens.then_some(before)
        }
        _ => None,
    }
}

fn percent(tokens: &[Token], at: usize) -> usize {
    let Some(token) = tokens.get(at) else {
        return at;
    };
    let per_cent =
        token.word() == Some("per") && tokens.get(at + 1).and_then(Token::word) == Some("cent");
    match token.word() {
        Some("percent" | "pct") => at + 1,
        _ if per_cent => at + 2,
        _ if token.is('%') => at + 1,
        _ => at,
    }
}

fn currency_sign(c: char) -> Option<&'static str> {
    Some(match c {
        '$' => "usd",
        '€' => "eur",
        '£' => "gbp",
        '¥' | '￥' => "jpy",
        '₹' => "inr",
        '₽' => "rub",
        '₩' => "krw",
        '₪' => "ils",
        '₺' => "try",
        '₴' => "uah",
        _ => return None,
    })
}

fn currency_word(word: &str) -> Option<&'static str> {
    const CODES: &[&str] = &[
        "usd", "eur", "gbp", "jpy", "inr", "chf", "cad", "aud", "nzd", "sek", "nok", "dkk", "pln",
        "czk", "huf", "ron", "brl", "mxn", "cny", "hkd", "sgd", "krw", "zar", "try", "ils", "uah",
        "aed", "sar",
    ];
    CODES
        .iter()
        .find(|&&code| code == word)
        .copied()
        .or(match word {
            "dollar" | "dollars" | "buck" | "bucks" => Some("usd"),
            "euro" | "euros" => Some("eur"),
            "pound" | "pounds" | "quid" => Some("gbp"),
            "yen" => Some("jpy"),
            "rupee" | "rupees" => Some("inr"),
            "franc" | "francs" => Some("chf"),
            _ => None,
        })
}

fn currency_before(token: &Token) -> Option<&'static str> {
    match &token.kind {
        Kind::Mark(c) => currency_sign(*c),
        Kind::Word(word) => currency_word(word).filter(|code| *code == word && word != "try"),
        Kind::Digits(_) | Kind::Thousandths(_) => None,
    }
}

fn currency_after(token: &Token) -> Option<&'static str> {
    match &token.kind {
        // A "$" glued to what follows belongs there: "20 $5".
        Kind::Mark(c) => currency_sign(*c),
        Kind::Word(word) => currency_word(word).filter(|_| word != "try"),
        Kind::Digits(_) | Kind::Thousandths(_) => None,
    }
}
