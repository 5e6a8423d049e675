//! Times of day.

use jiff::civil::Time;
use jiff::{Span, civil::DateTime};

use super::calendar::{is_word, month, weekday, word};
use super::days::minutes_from_now;
use super::{Now, When};
use crate::grounding::number_words;
use crate::grounding::token::Token;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Am,
    Pm,
    /// Not said: a 12-hour clock leaves two readings.
    Open,
    /// Written so that only a 24-hour clock fits.
    Sure,
}

/// The time expression that begins at `at`, with the index after it.
pub(super) fn time(tokens: &[Token], at: usize, now: Now) -> Option<(When, usize)> {
    if is_word(tokens, at, &["now", "immediately"]) {
        let to_the_minute = Time::new(now.time.hour(), now.time.minute(), 0, 0).ok()?;
        let when = When {
            dates: vec![now.date],
            times: vec![to_the_minute, now.time],
            ..When::default()
        };
        return Some((when, at + 1));
    }
    if let Some((minutes, after)) = minutes_from_now(tokens, at) {
        let moment = DateTime::from_parts(now.date, now.time);
        let moment = moment
            .checked_add(Span::new().try_minutes(minutes).ok()?)
            .ok()?;
        let to_the_minute = Time::new(moment.hour(), moment.minute(), 0, 0).ok()?;
        let when = When {
            dates: vec![moment.date()],
            times: vec![to_the_minute, moment.time()],
            ..When::default()
        };
        return Some((when, after));
    }
    let readings = [
        named(tokens, at),
        clock(tokens, at),
        relative(tokens, at),
        oclock(tokens, at),
        bare(tokens, at),
    ];
    let (times, after) = readings
        .into_iter()
        .flatten()
        .reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    let when = When {
        times,
        ..When::default()
    };
    (!when.times.is_empty()).then_some((when, after))
}

type Found = Option<(Vec<Time>, usize)>;

fn named(tokens: &[Token], at: usize) -> Found {
    let hour = match word(tokens, at)? {
        "noon" | "midday" | "noontime" => 12,
        "midnight" => 0,
        _ => return None,
    };
    Some((vec![Time::new(hour, 0, 0, 0).ok()?], at + 1))
}

/// Every time this hour and minute may mean.
fn readings(hour: i64, minute: i64, second: i64, half: Half) -> Vec<Time> {
    let make = |h: i64| {
        Time::new(
            i8::try_from(h).ok()?,
            i8::try_from(minute).ok()?,
            i8::try_from(second).ok()?,
            0,
        )
        .ok()
    };
    let hours: Vec<i64> = match half {
        Half::Sure => vec![hour % 24],
        Half::Am if (1..=12).contains(&hour) => vec![hour % 12],
        Half::Pm if (1..=12).contains(&hour) => vec![hour % 12 + 12],
        Half::Am | Half::Pm => vec![hour],
        Half::Open if (1..=12).contains(&hour) => vec![hour % 12, hour % 12 + 12],
        Half::Open => vec![hour],
    };
    hours.into_iter().filter_map(make).collect()
}

/// "am", "pm", "a.m.", "in the morning" at `at`.
fn half(tokens: &[Token], at: usize) -> (Half, usize) {
    match word(tokens, at) {
        Some("am") => (Half::Am, at + 1),
        Some("pm") => (Half::Pm, at + 1),
        Some("a") if tokens[at].glued => (Half::Am, at + 1),
        Some("p") if tokens[at].glued => (Half::Pm, at + 1),
        Some("in") => match word(tokens, at + 2).filter(|_| is_word(tokens, at + 1, &["the"])) {
            Some("morning") => (Half::Am, at + 3),
            Some("afternoon" | "evening") => (Half::Pm, at + 3),
            _ => (Half::Open, at),
        },
        Some("at") if is_word(tokens, at + 1, &["night"]) => (Half::Pm, at + 2),
        _ => (Half::Open, at),
    }
}

fn small_number(tokens: &[Token], at: usize, most: i64) -> Option<(i64, usize, usize)> {
    let token = tokens.get(at)?;
    let (n, after, width) = match token.digits() {
        Some(digits) if digits.len() <= 2 => (digits.parse().ok()?, at + 1, digits.len()),
        Some(_) => return None,
        None => {
            let (n, after) = number_words::below_hundred(tokens, at)?;
            (n, after, 0)
        }
    };
    (0..=most).contains(&n).then_some((n, after, width))
}

/// "19:30", "7:30 pm", "7.30pm", "15h30", "3 pm", "seven thirty", "1530 hours".
fn clock(tokens: &[Token], at: usize) -> Found {
    if tokens.get(at)?.glued
        && at > 0
        && (tokens[at - 1].is(':') || tokens[at - 1].is('.') || tokens[at - 1].is('/'))
    {
        return None;
    }
    if let Some(digits) = tokens[at].digits().filter(|d| d.len() == 4)
        && is_word(tokens, at + 1, &["hours", "hrs", "h"])
    {
        let (hour, minute) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
        return Some((readings(hour, minute, 0, Half::Sure), at + 2));
    }
    let (hour, mut after, width) = small_number(tokens, at, 24)?;
    let figures = width > 0;
    let mut minute = 0;
    let mut second = 0;
    let mut written = false;
    let glued_digits = |i: usize| {
        tokens
            .get(i)
            .filter(|t| t.glued)
            .and_then(Token::digits)
            .filter(|d| d.len() == 2)
    };
    let separator = tokens.get(after).filter(|t| t.glued);
    let colon = separator.is_some_and(|t| t.is(':'));
    let dot = separator.is_some_and(|t| t.is('.'));
    let letter = separator.is_some_and(|t| t.word() == Some("h"));
    if figures && (colon || dot || letter) {
        if let Some(digits) = glued_digits(after + 1) {
            minute = digits.parse().ok()?;
            after += 2;
            written = !dot;
            if colon && tokens.get(after).is_some_and(|t| t.glued && t.is(':')) {
                second = glued_digits(after + 1)?.parse().ok()?;
                after += 2;
            }
        } else if letter && width <= 2 {
            after += 1;
            return Some((readings(hour, 0, 0, Half::Sure), after));
        } else if colon {
            return None;
        }
    } else if !figures
        && let hyphen = usize::from(separator.is_some_and(|t| t.is('-')))
        && let Some((m, next, _)) =
            small_number(tokens, after + hyphen, 59).filter(|&(m, _, w)| w == 0 && m >= 10)
    {
        // "seven thirty"
        minute = m;
        after = next;
        written = true;
    }
    let (half, end) = half(tokens, after);
    if half == Half::Open && !written {
        return dot
            .then_some(())
            .filter(|()| minute > 0 && preposed(tokens, at))
            .map(|()| (readings(hour, minute, 0, Half::Open), after));
    }
    let sure =
        half == Half::Open && figures && (hour == 0 || hour > 12 || (width == 2 && hour < 10));
    Some((
        readings(hour, minute, second, if sure { Half::Sure } else { half }),
        end,
    ))
}

/// "half past seven", "quarter to nine", "ten past six", "half seven".
fn relative(tokens: &[Token], at: usize) -> Found {
    let start = at + usize::from(is_word(tokens, at, &["a"]));
    let (minutes, next) = match word(tokens, start) {
        Some("half") => (30, start + 1),
        Some("quarter") => (15, start + 1),
        _ => {
            let (n, next, _) = small_number(tokens, start, 59)?;
            (
                n,
                next + usize::from(is_word(tokens, next, &["minutes", "mins", "minute"])),
            )
        }
    };
    if minutes == 30 && is_word(tokens, start, &["half"]) && !is_word(tokens, next, &["past"]) {
        // British "half seven" is 7:30.
        let (hour, after, _) = small_number(tokens, next, 12).filter(|&(h, _, _)| h > 0)?;
        if follows_number(tokens, after) {
            return None;
        }
        let (half, end) = half(tokens, after);
        return Some((readings(hour, 30, 0, half), end));
    }
    let before = match word(tokens, next)? {
        "past" | "after" => false,
        "to" | "before" | "till" | "of" => true,
        _ => return None,
    };
    let (hour, after) = match word(tokens, next + 1) {
        Some("noon" | "midday") => (12, next + 2),
        Some("midnight") => (24, next + 2),
        _ => {
            let (hour, after, _) = small_number(tokens, next + 1, 24)?;
            (hour, after)
        }
    };
    let oclock = usize::from(is_word(tokens, after, &["oclock"]));
    let (half, end) = half(tokens, after + oclock);
    let (hour, minute) = if before {
        (hour - 1, (60 - minutes) % 60)
    } else {
        (hour, minutes)
    };
    let hour = if hour == 0 && half != Half::Open {
        12
    } else {
        hour
    };
    // "quarter to noon" is a quarter to twelve: the hour before keeps the half asked for.
    let half = if before && hour == 11 && half == Half::Pm {
        Half::Am
    } else if before && hour == 11 && half == Half::Am {
        Half::Pm
    } else {
        half
    };
    Some((
        readings(hour, minute, 0, if hour > 12 { Half::Sure } else { half }),
        end,
    ))
}

/// "3 o'clock".
fn oclock(tokens: &[Token], at: usize) -> Found {
    let (hour, after, _) = small_number(tokens, at, 24)?;
    is_word(tokens, after, &["oclock"]).then_some(())?;
    let (half, end) = half(tokens, after + 1);
    Some((readings(hour, 0, 0, half), end))
}

fn preposed(tokens: &[Token], at: usize) -> bool {
    at > 0
        && (tokens[at - 1].is('@')
            || is_word(
                tokens,
                at - 1,
                &[
                    "at", "around", "about", "by", "before", "after", "from", "until", "till",
                    "between", "to", "and", "or",
                ],
            ))
}

/// "at 3": only where no noun follows that the 3 could count. A message that is nothing but a
/// number is taken as one too: it answers a question.
fn bare(tokens: &[Token], at: usize) -> Found {
    let (hour, after, width) = small_number(tokens, at, 24)?;
    let alone = at == 0 && tokens[after..].iter().all(|t| t.is('.') || t.is('!'));
    let ranged = tokens.get(after).is_some_and(|t| t.is('-') && t.glued);
    let range_half = ranged
        .then(|| small_number(tokens, after + 1, 24))
        .flatten()
        .map(|(_, end, _)| half(tokens, end).0);
    if let Some(half @ (Half::Am | Half::Pm)) = range_half {
        // "3-4pm"
        return Some((readings(hour, 0, 0, half), after));
    }
    let tonight = is_word(tokens, after, &["tonight", "tonite"]);
    let reachable = tonight || (preposed(tokens, at) && !follows_number(tokens, after));
    let sure = width == 2 && hour > 12 || hour == 0;
    (alone || reachable).then(|| {
        (
            readings(hour, 0, 0, if sure { Half::Sure } else { Half::Open }),
            after,
        )
    })
}

/// Whether what stands at `at` makes the number before it count or name something.
fn follows_number(tokens: &[Token], at: usize) -> bool {
    let Some(token) = tokens.get(at) else {
        return false;
    };
    if token.glued && (token.is('-') || token.is('/') || token.is('%') || token.is(':')) {
        return true;
    }
    if token.digits().is_some() {
        return true;
    }
    if token.word().is_none() && token.glued && (token.is('.') || token.is(',')) {
        return tokens
            .get(at + 1)
            .is_some_and(|t| t.glued && t.digits().is_some());
    }
    let Some(next) = token.word() else {
        return false;
    };
    const OPEN: &[&str] = &[
        "on", "in", "this", "next", "tomorrow", "today", "tonight", "please", "or", "and", "if",
        "is", "was", "would", "works", "for", "with", "instead", "sharp", "ish", "then", "thanks",
        "the", "at", "to", "until", "till", "but", "am", "pm", "works", "should", "will",
        "because", "so", "exactly", "local",
    ];
    !(OPEN.contains(&next) || weekday(next).is_some() || month(next).is_some())
}
