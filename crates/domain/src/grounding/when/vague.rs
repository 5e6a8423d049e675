//! Expressions that name a stretch of time, and those that only a calendar or a person could work out.

use jiff::civil::{Date, Time};

use super::calendar::{LEAD_IN, is_word, monday, plus_days, word};
use super::days::months;
use super::{Now, When};
use crate::grounding::token::Token;

/// "next week", "the weekend", "in May", "next month", "this morning".
pub(super) fn stretch(tokens: &[Token], at: usize, now: Now) -> Option<(When, usize)> {
    if let Some((hours, after)) = part_of_day(tokens, at) {
        let this = (at..after).any(|i| is_word(tokens, i, &["this", "tonight"]));
        let when = When {
            dates: if this { vec![now.date] } else { Vec::new() },
            hours: Some(hours),
            ..When::default()
        };
        return Some((when, after));
    }
    let (days, after) = days(tokens, at, now.date)?;
    let when = When {
        days: Some(days),
        ..When::default()
    };
    Some((when, after))
}

fn part_of_day(tokens: &[Token], at: usize) -> Option<((Time, Time), usize)> {
    let hours = |from: i8, to: i8| {
        Some((
            Time::new(from, 0, 0, 0).ok()?,
            Time::new(to, 59, 59, 0).ok()?,
        ))
    };
    let mut start = at;
    while start < at + LEAD_IN
        && is_word(
            tokens,
            start,
            &["in", "the", "this", "early", "late", "at", "during", "mid"],
        )
    {
        start += 1;
    }
    let found = match word(tokens, start)? {
        "morning" | "mornings" => hours(5, 11)?,
        "afternoon" | "afternoons" => hours(12, 18)?,
        "evening" | "evenings" | "tonight" => hours(16, 23)?,
        "night" => hours(18, 23)?,
        "lunchtime" => hours(11, 14)?,
        "first" if is_word(tokens, start + 1, &["thing"]) => {
            return Some((hours(6, 10)?, start + 2));
        }
        "eod" => hours(16, 23)?,
        _ => return None,
    };
    Some((found, start + 1))
}

fn days(tokens: &[Token], at: usize, today: Date) -> Option<((Date, Date), usize)> {
    let mut start = at;
    let mut offset = 0;
    let mut said = false;
    while let Some(
        w @ ("in" | "sometime" | "this" | "next" | "last" | "the" | "coming" | "later" | "during"
        | "some" | "time"),
    ) = word(tokens, start).filter(|_| start < at + LEAD_IN)
    {
        offset = match w {
            "next" => 1,
            "last" => -1,
            _ => offset,
        };
        said |= matches!(w, "this" | "next" | "last" | "the" | "coming");
        start += 1;
    }
    let monday = monday(today)?;
    match word(tokens, start)? {
        "week" if said => {
            // "next week" may also be said of the seven days from today.
            let from = plus_days(monday, 7 * offset)?;
            Some((
                (from, plus_days(from, 6 + i64::from(offset == 1))?),
                start + 1,
            ))
        }
        "weekend" | "weekends" => {
            let from = plus_days(monday, 5 + 7 * offset)?;
            let first = if offset == 1 {
                plus_days(from, -7)?
            } else {
                from
            };
            Some(((first, plus_days(from, 1)?), start + 1))
        }
        "weekday" | "month" | "year" if !said => None,
        "month" => {
            let (firsts, after) = months(tokens, start - 1, today)?;
            let first = *firsts.first()?;
            Some(((first, first.last_of_month()), after))
        }
        "year" => {
            let year = today.year().checked_add(i16::try_from(offset).ok()?)?;
            Some((
                (Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?),
                start + 1,
            ))
        }
        name => {
            // "may" and "march" are verbs as well: they need "in", "next" or a year.
            let (firsts, after) = months(tokens, start, today)?;
            if start == at
                && after == start + 1
                && matches!(name, "may" | "march" | "mar" | "sun" | "dec" | "jan")
            {
                return None;
            }
            let (first, last) = (firsts.iter().min()?, firsts.iter().max()?);
            let from = if firsts.len() > 1 {
                *firsts.first()?
            } else {
                *first
            };
            let to = if firsts.len() > 1 { from } else { *last };
            Some(((from, to.last_of_month()), after))
        }
    }
}

/// Expressions that are recognised and left open: feasts that move, seasons, weeks counted from
/// them, "mid May", "as soon as possible".
pub(super) fn open(tokens: &[Token], at: usize) -> Option<(When, usize)> {
    let after = feast(tokens, at)
        .or_else(|| counted(tokens, at))
        .or_else(|| around(tokens, at))
        .or_else(|| soon(tokens, at))?;
    let when = When {
        open: true,
        ..When::default()
    };
    Some((when, after))
}

fn feast(tokens: &[Token], at: usize) -> Option<usize> {
    const ONE: &[&str] = &[
        "easter",
        "thanksgiving",
        "ramadan",
        "eid",
        "diwali",
        "hanukkah",
        "chanukah",
        "passover",
        "pentecost",
        "lent",
        "purim",
        "holi",
        "whitsun",
        "nowruz",
        "springtime",
        "summertime",
        "wintertime",
        "payday",
    ];
    const TWO: &[(&str, &[&str])] = &[
        (
            "easter",
            &["monday", "sunday", "saturday", "weekend", "holidays"],
        ),
        ("good", &["friday"]),
        ("black", &["friday"]),
        ("cyber", &["monday"]),
        ("ash", &["wednesday"]),
        ("palm", &["sunday"]),
        ("mothers", &["day"]),
        ("fathers", &["day"]),
        ("labor", &["day"]),
        ("labour", &["day"]),
        ("memorial", &["day"]),
        ("bank", &["holiday"]),
        ("lunar", &["new"]),
        ("chinese", &["new"]),
        ("half", &["term"]),
    ];
    let start = at + usize::from(is_word(tokens, at, &["the", "this", "next", "in"]));
    let first = word(tokens, start)?;
    if TWO
        .iter()
        .any(|(head, tails)| *head == first && is_word(tokens, start + 1, tails))
    {
        return Some(start + 2);
    }
    if ONE.contains(&first) {
        return Some(start + 1);
    }
    let seasonal = is_word(tokens, start, &["spring", "summer", "autumn", "winter"]) && start > at;
    seasonal.then_some(start + 1)
}

/// "the week after Easter", "first weekend of the month", "the day before my birthday".
fn counted(tokens: &[Token], at: usize) -> Option<usize> {
    let mut start = at + usize::from(is_word(tokens, at, &["the"]));
    let ordinal = is_word(
        tokens,
        start,
        &[
            "first", "second", "third", "fourth", "last", "1st", "2nd", "3rd",
        ],
    );
    start += usize::from(ordinal);
    start += usize::from(is_word(
        tokens,
        start,
        &["full", "working", "business", "school"],
    ));
    is_word(
        tokens,
        start,
        &[
            "day", "days", "week", "weekend", "weekday", "month", "evening", "morning",
        ],
    )
    .then_some(())?;
    let relation = if ordinal {
        &["of", "in", "after", "before"][..]
    } else {
        &["after", "before", "of", "following"][..]
    };
    is_word(tokens, start + 1, relation).then_some(())?;
    let mut after = start + 2;
    after += usize::from(is_word(
        tokens,
        after,
        &["the", "my", "our", "this", "next", "your"],
    ));
    let what = word(tokens, after)?;
    // "the day after tomorrow" is worked out elsewhere.
    if matches!(what, "tomorrow" | "yesterday" | "tmrw" | "tmr") {
        return None;
    }
    after += 1;
    after += usize::from(feast(tokens, after - 1) == Some(after + 1));
    Some(after)
}

/// "mid May", "early next week", "towards the end of summer".
fn around(tokens: &[Token], at: usize) -> Option<usize> {
    is_word(
        tokens,
        at,
        &["mid", "middle", "early", "late", "towards", "halfway"],
    )
    .then_some(())?;
    let mut next = at + 1;
    while next < at + LEAD_IN + 1
        && (is_word(
            tokens,
            next,
            &["of", "the", "in", "through", "next", "this", "end"],
        ) || tokens.get(next).is_some_and(|t| t.is('-')))
    {
        next += 1;
    }
    let what = word(tokens, next)?;
    let named = super::calendar::month(what).is_some()
        || matches!(
            what,
            "week" | "month" | "year" | "spring" | "summer" | "autumn" | "winter"
        );
    named.then_some(next + 1)
}

fn soon(tokens: &[Token], at: usize) -> Option<usize> {
    match word(tokens, at)? {
        "asap" => Some(at + 1),
        "as" if is_word(tokens, at + 1, &["soon", "early"])
            && is_word(tokens, at + 3, &["possible"]) =>
        {
            Some(at + 4)
        }
        "any" if is_word(tokens, at + 1, &["time", "day"]) => Some(at + 2),
        "anytime" => Some(at + 1),
        _ => None,
    }
}
