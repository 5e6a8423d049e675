//! Numbers in English text, by value: "1,234.50", "1.234,50", "$20", "1.5k", "5 %", "a dozen".

use super::decimal::Decimal;
use super::number_affixes::finish;
use super::number_words::{cardinal, ordinal, spelt};
use super::token::{Kind, Token, tokens};

/// A number found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberToken {
    /// Its characters in the text, half open, with sign, currency and suffix.
    pub span: (usize, usize),
    /// What it may mean, likeliest first: "5 %" is 5 and 0.05, "1.234" is 1.234 and 1234.
    pub values: Vec<Decimal>,
    /// The currency named with it, as one word: `usd`, `eur`, `gbp`, ….
    pub currency: Option<&'static str>,
    /// The digits it reads as where it is written in words and whole: "twenty-one" is "21".
    pub words_as_digits: Option<String>,
    /// It consists of several runs of digits that mean one thing together, such as "12.50".
    pub composite: bool,
}

/// Every number in the text, in order. A digit run in a clock time or a three-part date is none:
/// "12:30" and "2026-05-12" hold no 12.
pub fn find(text: &str) -> Vec<NumberToken> {
    scan(&tokens(text)).numbers
}

/// The number that the whole text is, if it is exactly one: "$20", "1,234.50", "two".
pub fn whole(text: &str) -> Option<NumberToken> {
    let tokens = tokens(text);
    let (first, last) = (tokens.first()?, tokens.last()?);
    let span = (first.start, last.end);
    scan(&tokens).numbers.into_iter().find(|n| n.span == span)
}

/// What one pass over a text brings.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) numbers: Vec<NumberToken>,
    /// Clock times and three-part dates, versions, addresses: digit runs that mean nothing alone.
    pub(super) compounds: Vec<(usize, usize)>,
    /// For each number where it and those before it end at the latest.
    reach: Vec<usize>,
}

impl Scan {
    /// The numbers that share a character with this range. They are in the order of their beginnings; one may
    /// hold others ("two two" is 22, 2 and 2).
    pub(super) fn at(&self, span: (usize, usize)) -> impl Iterator<Item = &NumberToken> {
        let from = self.reach.partition_point(|&end| end <= span.0);
        let rest = &self.numbers[from..];
        let begun = rest.partition_point(|n| n.span.0 < span.1);
        rest[..begun].iter().filter(move |n| n.span.1 > span.0)
    }
}

pub(super) fn scan(tokens: &[Token]) -> Scan {
    let mut out = Scan::default();
    let mut at = 0;
    while at < tokens.len() {
        let next = match &tokens[at].kind {
            Kind::Digits(_) => figures(tokens, at, &mut out),
            Kind::Thousandths(n) => {
                let value = Decimal::new(i128::from(*n), 3);
                finish(
                    tokens,
                    at,
                    at + 1,
                    value.into_iter().collect(),
                    None,
                    false,
                    &mut out,
                )
            }
            Kind::Word(_) => words(tokens, at, &mut out),
            Kind::Mark(_) => at + 1,
        };
        at = next.max(at + 1);
    }
    let ends = out.numbers.iter().scan(0, |last, number| {
        *last = number.span.1.max(*last);
        Some(*last)
    });
    out.reach = ends.collect();
    out
}

fn words(tokens: &[Token], at: usize, out: &mut Scan) -> usize {
    let glued_to_digits = tokens[at].glued && at > 0 && tokens[at - 1].digits().is_some();
    if glued_to_digits {
        return at + 1;
    }
    if let Some((digits, after)) = spelt(tokens, at) {
        let value = Decimal::parse(&digits);
        finish(
            tokens,
            at,
            after,
            value.into_iter().collect(),
            Some(digits),
            false,
            out,
        );
        // The single digits count too: "one, two or three".
        for i in at..after {
            if let Some((value, end)) = cardinal(tokens, i) {
                finish(tokens, i, end, vec![value], None, false, out);
            }
        }
        return after;
    }
    if let Some((n, after)) =
        ordinal(tokens, at).filter(|&(_, after)| after > at + 1 || may_be_ordinal(tokens, at))
    {
        return finish(tokens, at, after, vec![Decimal::whole(n)], None, false, out);
    }
    if let Some((value, after)) = cardinal(tokens, at) {
        let digits = value.as_whole().map(|n| n.to_string());
        return finish(tokens, at, after, vec![value], digits, false, out);
    }
    at + 1
}

/// "the second" is 2, "wait a second" is not.
fn may_be_ordinal(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|i| tokens[i].word());
    match before {
        None => true,
        Some(word) => matches!(
            word,
            "the"
                | "my"
                | "our"
                | "your"
                | "their"
                | "his"
                | "her"
                | "its"
                | "this"
                | "that"
                | "and"
                | "or"
        ),
    }
}

/// Digits at `at`: gathers the parts that belong to one number.
fn figures(tokens: &[Token], at: usize, out: &mut Scan) -> usize {
    let after_compound = compound(tokens, at);
    if after_compound > at {
        out.compounds
            .push((tokens[at].start, tokens[after_compound - 1].end));
        return after_compound;
    }
    let (parts, marks, after) = parts(tokens, at);
    let values = interpret(&parts, &marks);
    if values.is_empty() {
        // Not one number: a list without spaces ("1,2,3"), or a version or address ("10.0.0.1").
        if marks.iter().all(|&m| m == ',') {
            for (i, part) in parts.iter().enumerate() {
                let value = Decimal::parse(part);
                finish(
                    tokens,
                    at + 2 * i,
                    at + 2 * i + 1,
                    value.into_iter().collect(),
                    None,
                    false,
                    out,
                );
            }
        } else {
            out.compounds
                .push((tokens[at].start, tokens[after - 1].end));
        }
        return after;
    }
    let composite = parts.len() > 1;
    if !composite && let Some((value, end)) = with_fraction(tokens, at, values[0]) {
        return finish(tokens, at, end, vec![value], None, false, out);
    }
    if !composite {
        grouped_by_spaces(tokens, at, out);
    }
    finish(tokens, at, after, values, None, composite, out)
}

/// "12:30", "12:30:15", "2026-05-12", "5/6/2026", "5.6.2026": the index after it, or `at`.
fn compound(tokens: &[Token], at: usize) -> usize {
    let digits = |i: usize| {
        tokens
            .get(i)
            .filter(|t| t.glued || i == at)
            .and_then(Token::digits)
    };
    let mark = |i: usize| match tokens.get(i) {
        Some(Token {
            kind: Kind::Mark(c),
            glued: true,
            ..
        }) => Some(*c),
        _ => None,
    };
    let mut after = at;
    if let (Some(a), Some(sep @ ('-' | '/' | '.')), Some(b), Some(c)) =
        (digits(at), mark(at + 1), digits(at + 2), digits(at + 4))
        && mark(at + 3) == Some(sep)
        && b.len() <= 2
        && ((a.len() == 4 && c.len() <= 2)
            || (a.len() <= 2 && (c.len() == 4 || (c.len() == 2 && sep != '.'))))
    {
        after = at + 5;
    } else {
        let mut end = at;
        while digits(end).is_some_and(|d| d.len() <= 2)
            && mark(end + 1) == Some(':')
            && digits(end + 2).is_some()
        {
            end += 2;
        }
        if end > at {
            after = end + 1;
        }
    }
    after
}

/// The runs of digits joined by points, commas or apostrophes, and those marks.
fn parts(tokens: &[Token], at: usize) -> (Vec<&str>, Vec<char>, usize) {
    let mut parts: Vec<&str> = tokens[at].digits().into_iter().collect();
    let mut marks = Vec::new();
    let mut after = at + 1;
    while let (Some(mark), Some(next)) = (tokens.get(after), tokens.get(after + 1)) {
        let Kind::Mark(c @ ('.' | ',' | '\'')) = mark.kind else {
            break;
        };
        let Some(digits) = next.digits().filter(|_| mark.glued && next.glued) else {
            break;
        };
        marks.push(c);
        parts.push(digits);
        after += 2;
    }
    (parts, marks, after)
}

/// What the parts mean together; nothing where they are not one number.
fn interpret(parts: &[&str], marks: &[char]) -> Vec<Decimal> {
    let grouped = |parts: &[&str]| {
        (1..=3).contains(&parts[0].len())
            && parts[1..].iter().all(|p| p.len() == 3)
            && !parts[0].starts_with('0')
    };
    let decimal =
        |whole: &[&str], fraction: &str| Decimal::parse(&format!("{}.{fraction}", whole.concat()));
    let joined = || Decimal::parse(&parts.concat());
    let (Some((&last, others)), Some((&last_mark, other_marks))) =
        (parts.split_last(), marks.split_last())
    else {
        return joined().into_iter().collect();
    };
    let one_kind = other_marks.iter().all(|&m| m == last_mark);
    let found = if others.len() == 1 {
        let as_decimal = decimal(others, last);
        let as_group = if grouped(parts) { joined() } else { None };
        match last_mark {
            '.' => vec![as_decimal, as_group],
            ',' => vec![as_group, as_decimal],
            _ => vec![as_group],
        }
    } else if one_kind && grouped(parts) {
        vec![joined()]
    } else if !other_marks.contains(&last_mark)
        && last_mark != '\''
        && other_marks.windows(2).all(|w| w[0] == w[1])
        && grouped(others)
    {
        vec![decimal(others, last)]
    } else if one_kind
        && last_mark == ','
        && parts[1..].iter().rev().skip(1).all(|p| p.len() == 2)
        && last.len() == 3
    {
        // Indian grouping: 1,00,000.
        vec![joined()]
    } else {
        vec![]
    };
    found.into_iter().flatten().collect()
}

/// "1½", "2 ½".
fn with_fraction(tokens: &[Token], at: usize, value: Decimal) -> Option<(Decimal, usize)> {
    let Kind::Thousandths(n) = tokens.get(at + 1)?.kind else {
        return None;
    };
    Some((value.plus(Decimal::new(i128::from(n), 3)?)?, at + 2))
}

/// "12 345 678" may be one number or three: both are found.
fn grouped_by_spaces(tokens: &[Token], at: usize, out: &mut Scan) {
    let mut text = tokens[at].digits().unwrap_or_default().to_owned();
    if text.len() > 3 || text.starts_with('0') {
        return;
    }
    let mut after = at + 1;
    while let Some(group) = tokens.get(after) {
        let close = group.start == tokens[after - 1].end + 1;
        let Some(digits) = group.digits().filter(|d| d.len() == 3 && close) else {
            break;
        };
        text.push_str(digits);
        after += 1;
    }
    if after == at + 1 {
        return;
    }
    // A decimal part: "1 234,50".
    if let (
        Some(Token {
            kind: Kind::Mark('.' | ','),
            glued: true,
            ..
        }),
        Some(fraction),
    ) = (tokens.get(after), tokens.get(after + 1))
        && let Some(digits) = fraction.digits().filter(|_| fraction.glued)
    {
        text = format!("{text}.{digits}");
        after += 2;
    }
    let value = Decimal::parse(&text);
    finish(
        tokens,
        at,
        after,
        value.into_iter().collect(),
        None,
        false,
        out,
    );
}
