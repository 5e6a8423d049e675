//! Days by name and by where they stand: "tomorrow", "next Friday", "the last Monday of June".

use jiff::civil::Date;

use super::calendar::{
    LEAD_IN, count, distinct, is_word, monday, on_or_after, plus_days, plus_months, weekday,
    without_year, word,
};
use super::dates::{Found, day_number, make, month_at, year};
use crate::grounding::token::Token;

/// "today", "tonight", "tomorrow", "the day after tomorrow", "yesterday".
pub(super) fn named(tokens: &[Token], at: usize, today: Date) -> Found {
    let one = |days: i64, after: usize| Some((vec![plus_days(today, days)?], after));
    let start = at + usize::from(is_word(tokens, at, &["the"]));
    if is_word(tokens, start, &["day"]) {
        let tomorrow = is_word(tokens, start + 2, &["tomorrow", "tmrw", "tmr"]);
        if is_word(tokens, start + 1, &["after"]) && tomorrow {
            return one(2, start + 3);
        }
        if is_word(tokens, start + 1, &["before"]) && is_word(tokens, start + 2, &["yesterday"]) {
            return one(-2, start + 3);
        }
    }
    match word(tokens, at)? {
        "today" | "tonight" | "tonite" => one(0, at + 1),
        "tomorrow" | "tmrw" | "tmr" | "tomorow" | "tommorow" | "tommorrow" | "tomorrows" => {
            one(1, at + 1)
        }
        "overmorrow" => one(2, at + 1),
        "yesterday" | "yesterdays" => one(-1, at + 1),
        "last" if is_word(tokens, at + 1, &["night"]) => one(-1, at + 1),
        "this" if is_word(tokens, at + 1, &["morning", "afternoon", "evening"]) => one(0, at + 1),
        "same" if is_word(tokens, at + 1, &["day"]) => one(0, at + 2),
        _ => None,
    }
}

/// "Friday", "this Friday", "next Friday", "last Friday", "Friday next week", "Friday week".
pub(super) fn weekdays(tokens: &[Token], at: usize, today: Date) -> Found {
    let mut next = at;
    let mut which = "";
    while let Some(
        w @ ("this" | "next" | "last" | "past" | "coming" | "following" | "upcoming" | "the"
        | "previous"),
    ) = word(tokens, next).filter(|_| next < at + LEAD_IN)
    {
        which = w;
        next += 1;
    }
    let name = word(tokens, next)?;
    let day = weekday(name)?;
    // "sun", "sat", "mon", "wed" are other words too; alone they need a word of time before them.
    let ambiguous = matches!(name, "sun" | "sat" | "wed" | "mon");
    let alone = next == at
        && !(at > 0
            && is_word(
                tokens,
                at - 1,
                &["on", "by", "for", "until", "from", "or", "and"],
            ));
    if ambiguous && alone && tokens.len() > 3 {
        return None;
    }
    let after = next + 1;
    let ahead = on_or_after(today, day)?;
    let later = on_or_after(plus_days(today, 1)?, day)?;
    let this_week = plus_days(monday(today)?, i64::from(day.to_monday_zero_offset()))?;
    let next_week = plus_days(this_week, 7)?;
    let last_week = plus_days(this_week, -7)?;
    let behind = plus_days(later, -7)
        .filter(|d| *d < today)
        .or_else(|| plus_days(later, -14))?;
    if is_word(tokens, after, &["next", "this", "last", "the"]) {
        let end = after + 1 + usize::from(is_word(tokens, after + 1, &["following"]));
        if is_word(tokens, end, &["week"]) {
            let date = match word(tokens, after)? {
                "next" => next_week,
                "this" => this_week,
                "last" => last_week,
                _ => return Some((distinct([ahead, later]), after)),
            };
            return Some((vec![date], end + 1));
        }
    }
    if is_word(tokens, after, &["after"]) && is_word(tokens, after + 1, &["next"]) {
        let dates = [plus_days(later, 7)?, plus_days(next_week, 7)?];
        return Some((distinct(dates), after + 2));
    }
    if is_word(tokens, after, &["week"]) {
        return Some((
            distinct([plus_days(ahead, 7)?, plus_days(later, 7)?]),
            after + 1,
        ));
    }
    let dates = match which {
        "next" | "following" => vec![later, next_week],
        "this" => vec![this_week, ahead],
        "coming" | "upcoming" => vec![later, ahead],
        "last" | "past" | "previous" => vec![behind, last_week],
        _ => vec![ahead, later, behind],
    };
    Some((distinct(dates), after))
}

/// "the first Monday of June", "the last Friday of next month".
pub(super) fn nth_weekday(tokens: &[Token], at: usize, today: Date) -> Found {
    let start = at + usize::from(is_word(tokens, at, &["the"]));
    let (nth, next) = if is_word(tokens, start, &["last"]) {
        (-1i8, start + 1)
    } else {
        let (d, next, ordinal) = day_number(tokens, start)?;
        (ordinal.then_some(d).filter(|d| *d <= 5)?, next)
    };
    let day = weekday(word(tokens, next)?)?;
    is_word(tokens, next + 1, &["of", "in"]).then_some(())?;
    let (firsts, after) = months(tokens, next + 2, today)?;
    let dates = firsts
        .into_iter()
        .filter_map(|first| first.nth_weekday_of_month(nth, day).ok());
    Some((distinct(dates), after))
}

/// The first days of the months meant by "May", "May 2026", "next month", "the month".
pub(super) fn months(tokens: &[Token], at: usize, today: Date) -> Option<(Vec<Date>, usize)> {
    if is_word(tokens, at + 1, &["month"]) {
        let offset = match word(tokens, at)? {
            "next" => 1,
            "this" | "the" => 0,
            "last" => -1,
            _ => return None,
        };
        let month = plus_months(today, offset)?;
        return Some((
            vec![Date::new(month.year(), month.month(), 1).ok()?],
            at + 2,
        ));
    }
    let (m, after) = month_at(tokens, at)?;
    if let Some((y, after)) = year(tokens, after) {
        return Some((make(y, i64::from(m), 1).into_iter().collect(), after));
    }
    Some((without_year(today, m, 1), after))
}

/// "the end of the month", "the beginning of May": the last and the first day.
pub(super) fn month_edge(tokens: &[Token], at: usize, today: Date) -> Found {
    let start = at + usize::from(is_word(tokens, at, &["the"]));
    let last = match word(tokens, start)? {
        "end" => true,
        "beginning" | "start" => false,
        _ => return None,
    };
    is_word(tokens, start + 1, &["of"]).then_some(())?;
    if is_word(tokens, start + 3, &["year"]) && is_word(tokens, start + 2, &["the", "this", "next"])
    {
        let year = i64::from(today.year()) + i64::from(is_word(tokens, start + 2, &["next"]));
        let date = if last {
            make(year, 12, 31)
        } else {
            make(year, 1, 1)
        };
        return Some((date.into_iter().collect(), start + 4));
    }
    let (firsts, after) = months(tokens, start + 2, today)?;
    let dates = firsts
        .into_iter()
        .map(|first| if last { first.last_of_month() } else { first });
    Some((dates.collect(), after))
}

/// Holidays on a fixed day.
pub(super) fn holiday(tokens: &[Token], at: usize, today: Date) -> Found {
    let day = |m: i8, d: i8, after: usize| Some((without_year(today, m, d), after));
    match (word(tokens, at)?, word(tokens, at + 1)) {
        ("christmas" | "xmas", Some("eve")) => day(12, 24, at + 2),
        ("christmas" | "xmas", Some("day")) => day(12, 25, at + 2),
        ("christmas" | "xmas", _) => day(12, 25, at + 1),
        ("boxing", Some("day")) => day(12, 26, at + 2),
        ("new", Some("years" | "year")) => match word(tokens, at + 2) {
            Some("eve") => day(12, 31, at + 3),
            Some("day") => day(1, 1, at + 3),
            _ => None,
        },
        ("valentines" | "valentine", Some("day")) => day(2, 14, at + 2),
        ("halloween", _) => day(10, 31, at + 1),
        _ => None,
    }
}

/// The moment "in 2 hours", "20 minutes ago", "half an hour from now" names, in minutes from now.
pub(super) fn minutes_from_now(tokens: &[Token], at: usize) -> Option<(i64, usize)> {
    let opened = is_word(tokens, at, &["in"]);
    let start = at + usize::from(opened);
    let (minutes, mut after) =
        if is_word(tokens, start, &["half"]) && is_word(tokens, start + 2, &["hour"]) {
            (30, start + 3)
        } else {
            let (n, next) = count(tokens, start)?;
            match word(tokens, next)? {
                "hour" | "hours" | "hr" | "hrs" | "h" => {
                    let half =
                        is_word(tokens, next + 1, &["and"]) && is_word(tokens, next + 3, &["half"]);
                    (
                        n * 60 + if half { 30 } else { 0 },
                        next + 1 + if half { 3 } else { 0 },
                    )
                }
                "minute" | "minutes" | "min" | "mins" => (n, next + 1),
                _ => return None,
            }
        };
    let mut sign = 1;
    if is_word(tokens, after, &["ago"]) {
        sign = -1;
        after += 1;
    } else if is_word(tokens, after, &["from"]) && is_word(tokens, after + 1, &["now"]) {
        after += 2;
    } else if !opened {
        return None;
    }
    Some((minutes * sign, after))
}
