//! Days: by name, by number, and relative to today.

use jiff::civil::Date;

use super::calendar::{
    Length, day_of_month, distinct, is_word, length, month, plus_days, plus_months, weekday,
    without_year, word,
};
use super::days::{holiday, month_edge, named, nth_weekday, weekdays};
use super::{Now, When};
use crate::grounding::number_words;
use crate::grounding::token::{Kind, Token};

/// The dates that the words may mean, and the index after them.
pub(super) type Found = Option<(Vec<Date>, usize)>;

/// The day expression that begins at `at`, with the index after it.
pub(super) fn date(tokens: &[Token], at: usize, now: Now) -> Option<(When, usize)> {
    let readings = [
        plain(tokens, at, now.date),
        shifted(tokens, at, now.date),
        weekday_with_date(tokens, at, now.date),
    ];
    let (dates, after) = readings
        .into_iter()
        .flatten()
        .reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    let when = When {
        dates,
        ..When::default()
    };
    (!when.dates.is_empty()).then_some((when, after))
}

/// "Friday, 5 May": the weekday only decorates the date.
fn weekday_with_date(tokens: &[Token], at: usize, today: Date) -> Found {
    let day = weekday(word(tokens, at)?)?;
    let mut next = at + 1;
    while next < at + 3 && tokens.get(next).is_some_and(|t| t.is(',') || t.is('.')) {
        next += 1;
    }
    let (dates, after) = [
        numeric(tokens, next, today),
        month_day(tokens, next, today),
        day_only(tokens, next, today),
    ]
    .into_iter()
    .flatten()
    .next()?;
    let fitting: Vec<Date> = dates
        .iter()
        .copied()
        .filter(|d| d.weekday() == day)
        .collect();
    // A weekday that does not fit is a slip; the date is what was meant.
    Some((if fitting.is_empty() { dates } else { fitting }, after))
}

fn plain(tokens: &[Token], at: usize, today: Date) -> Found {
    [
        numeric(tokens, at, today),
        month_day(tokens, at, today),
        named(tokens, at, today),
        weekdays(tokens, at, today),
        nth_weekday(tokens, at, today),
        month_edge(tokens, at, today),
        holiday(tokens, at, today),
        day_only(tokens, at, today),
    ]
    .into_iter()
    .flatten()
    .reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// "in 3 days", "two weeks ago", "a week from Monday", "3 days before 5 May", "a week on Friday".
fn shifted(tokens: &[Token], at: usize, today: Date) -> Found {
    let opened = is_word(tokens, at, &["in", "within"]);
    let (step, after) = length(tokens, at + usize::from(opened))?;
    let one = |sign: i64, after: usize| Some((vec![step.after(today, sign)?], after));
    if is_word(tokens, after, &["ago", "earlier", "back"]) {
        return one(-1, after + 1);
    }
    if is_word(tokens, after, &["later", "hence", "time"]) {
        return one(1, after + 1);
    }
    if is_word(tokens, after, &["from", "after", "on", "before"]) {
        if is_word(tokens, after, &["from"]) && is_word(tokens, after + 1, &["now"]) {
            return one(1, after + 2);
        }
        let sign = if is_word(tokens, after, &["before"]) {
            -1
        } else {
            1
        };
        if let Some((bases, end)) = plain(tokens, after + 1, today) {
            let mut dates: Vec<Date> = bases
                .iter()
                .filter_map(|&base| step.after(base, sign))
                .collect();
            if is_word(tokens, after, &["on"]) {
                // "for two days on the 12th" names the 12th itself.
                dates.extend(bases);
            }
            return Some((dates, end));
        }
    }
    if opened {
        return one(1, after);
    }
    // "a week today", "two weeks tomorrow".
    if let Length::Days(days) = step
        && days % 7 == 0
        && let Some((bases, end)) = named(tokens, after, today)
    {
        return Some((
            bases
                .into_iter()
                .filter_map(|b| plus_days(b, days))
                .collect(),
            end,
        ));
    }
    None
}

fn two_digit_year(n: i64) -> i64 {
    if n < 70 { 2000 + n } else { 1900 + n }
}

pub(super) fn make(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// "2026-05-12", "12/05/2026", "12.5.26", "5/12": both readings where day and month may be swapped.
fn numeric(tokens: &[Token], at: usize, today: Date) -> Found {
    let first = tokens.get(at)?;
    if first.glued && at > 0 && matches!(tokens[at - 1].kind, Kind::Mark('-' | '/' | '.' | ':')) {
        return None;
    }
    let part = |i: usize| {
        let token = tokens.get(i).filter(|t| t.glued || i == at)?;
        let digits = token.digits()?;
        let n: i64 = if digits.len() <= 4 {
            digits.parse().ok()?
        } else {
            return None;
        };
        Some((n, digits.len()))
    };
    let mark = |i: usize| match tokens.get(i) {
        Some(Token {
            kind: Kind::Mark(c @ ('-' | '/' | '.')),
            glued: true,
            ..
        }) => Some(*c),
        _ => None,
    };
    let (a, a_len) = part(at)?;
    let sep = mark(at + 1)?;
    let (b, b_len) = part(at + 2)?;
    if let (true, Some((c, c_len))) = (mark(at + 3) == Some(sep), part(at + 4)) {
        if a_len == 4 && b_len <= 2 && c_len <= 2 {
            return Some((vec![make(a, b, c)?], at + 5));
        }
        if a_len > 2 || b_len > 2 || !(c_len == 2 || c_len == 4) {
            return None;
        }
        let year = if c_len == 2 { two_digit_year(c) } else { c };
        let dates = distinct([make(year, b, a), make(year, a, b)].into_iter().flatten());
        return Some((dates, at + 5));
    }
    if sep == '/' && a_len <= 2 && b_len <= 2 {
        let readings = [(b, a), (a, b)]
            .into_iter()
            .filter_map(|(m, d)| Some((i8::try_from(m).ok()?, i8::try_from(d).ok()?)));
        let dates = distinct(readings.flat_map(|(m, d)| without_year(today, m, d)));
        return Some((dates, at + 3));
    }
    None
}

/// A day of the month: "5", "5th", "fifth"; the flag says whether it is an ordinal.
pub(super) fn day_number(tokens: &[Token], at: usize) -> Option<(i8, usize, bool)> {
    let in_range = |n: i64| i8::try_from(n).ok().filter(|d| (1..=31).contains(d));
    if let Some(digits) = tokens.get(at)?.digits() {
        let n = in_range(digits.parse().ok()?).filter(|_| digits.len() <= 2)?;
        let suffix = tokens.get(at + 1).is_some_and(|t| t.glued)
            && is_word(tokens, at + 1, &["st", "nd", "rd", "th"]);
        return Some((n, at + 1 + usize::from(suffix), suffix));
    }
    let (n, after) = number_words::ordinal(tokens, at)?;
    Some((in_range(n)?, after, true))
}

/// A year at `at`, after an optional comma: "2026", "'26".
pub(super) fn year(tokens: &[Token], at: usize) -> Option<(i64, usize)> {
    let start = at
        + usize::from(
            tokens.get(at).is_some_and(|t| t.is(',')) || is_word(tokens, at, &["of", "in"]),
        );
    if let (Some(mark), Some(digits)) = (
        tokens.get(start),
        tokens.get(start + 1).and_then(Token::digits),
    ) && mark.is('\'')
        && digits.len() == 2
    {
        return Some((two_digit_year(digits.parse().ok()?), start + 2));
    }
    let digits = tokens.get(start)?.digits()?;
    let clock = tokens.get(start + 1).is_some_and(|t| t.is(':'));
    (digits.len() == 4 && !clock)
        .then(|| digits.parse().ok())
        .flatten()
        .filter(|y| (1900..2200).contains(y))
        .map(|y| (y, start + 1))
}

pub(super) fn month_at(tokens: &[Token], at: usize) -> Option<(i8, usize)> {
    let month = month(word(tokens, at)?)?;
    let dot =
        tokens.get(at + 1).is_some_and(|t| t.is('.') && t.glued) && tokens.get(at + 2).is_some();
    Some((month, at + 1 + usize::from(dot)))
}

/// "5 May", "the 5th of May 2026", "May 5th, 2026", "2026 April 4th", "5 May next year".
fn month_day(tokens: &[Token], at: usize, today: Date) -> Found {
    let start = at + usize::from(is_word(tokens, at, &["the"]));
    day_range(tokens, start, today).or_else(|| one_day(tokens, start, today))
}

fn one_day(tokens: &[Token], start: usize, today: Date) -> Found {
    let (m, d, after, early_year) = if let Some((d, mut next, _)) = day_number(tokens, start) {
        next += usize::from(
            is_word(tokens, next, &["of"])
                || tokens.get(next).is_some_and(|t| t.is('-') && t.glued),
        );
        next += usize::from(tokens.get(next).is_some_and(|t| t.is('.') && t.glued));
        let (m, after) = month_at(tokens, next)?;
        (m, d, after, None)
    } else if let Some((m, mut next)) = month_at(tokens, start) {
        next += usize::from(
            is_word(tokens, next, &["the"])
                || tokens.get(next).is_some_and(|t| t.is('-') && t.glued),
        );
        let (d, after, ordinal) = day_number(tokens, next)?;
        // "May 5:30" is a time in May, "may 5 people" is not our business.
        if !ordinal && tokens.get(after).is_some_and(|t| t.is(':') && t.glued) {
            return None;
        }
        (m, d, after, None)
    } else {
        let (y, next) = year(tokens, start)?;
        let (m, next) = month_at(tokens, next)?;
        let (d, after, _) = day_number(tokens, next)?;
        (m, d, after, Some(y))
    };
    let dashed = usize::from(tokens.get(after).is_some_and(|t| t.is('-') && t.glued));
    if let Some((y, after)) = early_year
        .map(|y| (y, after))
        .or_else(|| year(tokens, after + dashed))
    {
        return Some((
            make(y, i64::from(m), i64::from(d)).into_iter().collect(),
            after,
        ));
    }
    for (which, offset) in [("last", -1), ("this", 0), ("next", 1)] {
        if is_word(tokens, after, &[which]) && is_word(tokens, after + 1, &["year"]) {
            let date = make(i64::from(today.year()) + offset, i64::from(m), i64::from(d));
            return Some((date.into_iter().collect(), after + 2));
        }
    }
    let mut dates = without_year(today, m, d);
    let months_first = tokens[start].word().is_some_and(|w| month(w).is_some());
    if let Some((last, end)) = span_mark(tokens, after).and_then(|next| range_end(tokens, next))
        && months_first
    {
        // "May 5-8": both ends.
        dates.extend(without_year(today, m, last));
        return Some((dates, end));
    }
    Some((dates, after))
}

/// The index after "-", "to", "and", …, where a second day may follow.
fn span_mark(tokens: &[Token], at: usize) -> Option<usize> {
    let mark = tokens.get(at).is_some_and(|t| t.is('-'))
        || is_word(
            tokens,
            at,
            &["to", "and", "or", "until", "till", "through", "thru"],
        );
    mark.then_some(at + 1 + usize::from(is_word(tokens, at + 1, &["the"])))
}

/// The second day of "May 5-8"; not a year, a time or a day of another month.
fn range_end(tokens: &[Token], at: usize) -> Option<(i8, usize)> {
    let (day, after, _) = day_number(tokens, at)?;
    let other = month_at(tokens, after).is_some()
        || is_word(tokens, after, &["am", "pm", "of"])
        || tokens
            .get(after)
            .is_some_and(|t| t.glued && (t.is(':') || t.is('/') || t.is('-')));
    (!other).then_some((day, after))
}

/// "5-8 May", "the 5th to the 8th of May 2026": both ends.
fn day_range(tokens: &[Token], at: usize, today: Date) -> Found {
    let (day, next, _) = day_number(tokens, at)?;
    let next = span_mark(tokens, next)?;
    day_number(tokens, next)?;
    let (lasts, after) = one_day(tokens, next, today)?;
    let firsts = lasts
        .iter()
        .filter_map(|last| Date::new(last.year(), last.month(), day).ok());
    Some((distinct(firsts.chain(lasts.iter().copied())), after))
}

/// "the 3rd", "the third", "3rd", "the 15th of next month".
fn day_only(tokens: &[Token], at: usize, today: Date) -> Found {
    let article = is_word(tokens, at, &["the"]);
    let (d, after, ordinal) = day_number(tokens, at + usize::from(article))?;
    let figures = tokens[at + usize::from(article)].digits().is_some();
    if !ordinal || (!article && !figures) {
        return None;
    }
    let next = after + usize::from(is_word(tokens, after, &["of"]));
    for (which, offset) in [("last", -1), ("this", 0), ("the", 0), ("next", 1)] {
        if is_word(tokens, next, &[which]) && is_word(tokens, next + 1, &["month"]) {
            let month = plus_months(today, offset)?;
            let date = Date::new(month.year(), month.month(), d).ok();
            return Some((date.into_iter().collect(), next + 2));
        }
    }
    Some((day_of_month(today, d), after))
}
