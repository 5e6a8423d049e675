//! Calendar arithmetic and the names of days and months.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use crate::grounding::number_words;
use crate::grounding::token::Token;

/// Most small words that are skipped before the one that matters ("in the early" morning): with no
/// bound, a message of nothing else would take quadratic time.
pub(super) const LEAD_IN: usize = 4;

pub(super) fn word(tokens: &[Token], at: usize) -> Option<&str> {
    tokens.get(at)?.word()
}

pub(super) fn is_word(tokens: &[Token], at: usize, any: &[&str]) -> bool {
    word(tokens, at).is_some_and(|w| any.contains(&w))
}

pub(super) fn plus_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(Span::new().try_days(days).ok()?).ok()
}

pub(super) fn plus_months(date: Date, months: i64) -> Option<Date> {
    date.checked_add(Span::new().try_months(months).ok()?).ok()
}

pub(super) fn first_of_month(date: Date) -> Option<Date> {
    Date::new(date.year(), date.month(), 1).ok()
}

/// Monday of the week of this date.
pub(super) fn monday(date: Date) -> Option<Date> {
    plus_days(date, -i64::from(date.weekday().to_monday_zero_offset()))
}

/// The weekday on this date or next after it.
pub(super) fn on_or_after(date: Date, weekday: Weekday) -> Option<Date> {
    let ahead =
        (weekday.to_monday_zero_offset() - date.weekday().to_monday_zero_offset()).rem_euclid(7);
    plus_days(date, i64::from(ahead))
}

pub(super) fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" | "mon" | "mondays" => Weekday::Monday,
        "tuesday" | "tue" | "tues" | "tuesdays" => Weekday::Tuesday,
        "wednesday" | "wed" | "weds" | "wednesdays" => Weekday::Wednesday,
        "thursday" | "thu" | "thur" | "thurs" | "thursdays" => Weekday::Thursday,
        "friday" | "fri" | "fridays" => Weekday::Friday,
        "saturday" | "sat" | "saturdays" => Weekday::Saturday,
        "sunday" | "sun" | "sundays" => Weekday::Sunday,
        _ => return None,
    })
}

pub(super) fn month(word: &str) -> Option<i8> {
    Some(match word {
        "january" | "jan" => 1,
        "february" | "feb" => 2,
        "march" | "mar" => 3,
        "april" | "apr" => 4,
        "may" => 5,
        "june" | "jun" => 6,
        "july" | "jul" => 7,
        "august" | "aug" => 8,
        "september" | "sep" | "sept" => 9,
        "october" | "oct" => 10,
        "november" | "nov" => 11,
        "december" | "dec" => 12,
        _ => return None,
    })
}

/// A whole number from 0 in figures or words, "a", "an", "a couple of", with the index after it.
pub(super) fn count(tokens: &[Token], at: usize) -> Option<(i64, usize)> {
    if let Some(digits) = tokens.get(at)?.digits() {
        return (digits.len() <= 4)
            .then(|| digits.parse().ok())
            .flatten()
            .map(|n| (n, at + 1));
    }
    let of = |after: usize| after + usize::from(is_word(tokens, after, &["of"]));
    match word(tokens, at)? {
        "a" if is_word(tokens, at + 1, &["couple"]) => Some((2, of(at + 2))),
        "couple" => Some((2, of(at + 1))),
        "a" | "an" => Some((1, at + 1)),
        _ => number_words::below_hundred(tokens, at),
    }
}

/// A length of time in days or months.
#[derive(Debug, Clone, Copy)]
pub(super) enum Length {
    Days(i64),
    Months(i64),
}

impl Length {
    pub(super) fn after(self, date: Date, sign: i64) -> Option<Date> {
        match self {
            Self::Days(n) => plus_days(date, n.checked_mul(sign)?),
            Self::Months(n) => plus_months(date, n.checked_mul(sign)?),
        }
    }
}

/// "3 days", "a week", "two months", "a fortnight".
pub(super) fn length(tokens: &[Token], at: usize) -> Option<(Length, usize)> {
    if is_word(tokens, at, &["week", "fortnight"]) {
        let days = if is_word(tokens, at, &["week"]) {
            7
        } else {
            14
        };
        return Some((Length::Days(days), at + 1));
    }
    let (n, after) = count(tokens, at)?;
    let length = match word(tokens, after)? {
        "day" | "days" => Length::Days(n),
        "week" | "weeks" | "wk" | "wks" => Length::Days(n * 7),
        "fortnight" | "fortnights" => Length::Days(n * 14),
        "month" | "months" => Length::Months(n),
        "year" | "years" => Length::Months(n * 12),
        _ => return None,
    };
    Some((length, after + 1))
}

/// The dates that a day and month without a year may mean: the nearest ahead, this year's, and the
/// nearest behind.
pub(super) fn without_year(today: Date, month: i8, day: i8) -> Vec<Date> {
    let year = today.year();
    let all: Vec<Date> = (-4..=4i16)
        .filter_map(|n| Date::new(year.checked_add(n)?, month, day).ok())
        .collect();
    let ahead = all.iter().copied().find(|d| *d >= today);
    let behind = all.iter().rev().copied().find(|d| *d < today);
    let this = all.iter().copied().find(|d| d.year() == year);
    distinct([ahead, this, behind].into_iter().flatten())
}

/// The dates that a bare day of the month may mean: this month's, the nearest ahead and behind.
pub(super) fn day_of_month(today: Date, day: i8) -> Vec<Date> {
    let Some(first) = first_of_month(today) else {
        return Vec::new();
    };
    let all: Vec<Date> = (-2..=2i64)
        .filter_map(|n| {
            let month = first.checked_add(n.months()).ok()?;
            Date::new(month.year(), month.month(), day).ok()
        })
        .collect();
    let ahead = all.iter().copied().find(|d| *d >= today);
    let behind = all.iter().rev().copied().find(|d| *d < today);
    distinct([ahead, behind].into_iter().flatten())
}

pub(super) fn distinct(dates: impl IntoIterator<Item = Date>) -> Vec<Date> {
    let mut out = Vec::new();
    for date in dates {
        if !out.contains(&date) {
            out.push(date);
        }
    }
    out
}
