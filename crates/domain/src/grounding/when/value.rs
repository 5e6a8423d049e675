//! Values that are dates or times, as a model writes them, and the same spellings in a message.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};

use super::{When, scan};
use crate::grounding::token::{Kind, Token, tokens};

/// One way to read a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The local day, if the value names one.
    pub date: Option<Date>,
    /// The local time of day, if the value names one.
    pub time: Option<Time>,
}

/// A value that is a date, a time, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Every reading of it, likeliest first; never empty.
    pub readings: Vec<Reading>,
    /// The exact instant, where the value carries an offset or a `Z`.
    pub instant: Option<Timestamp>,
}

/// Reads a value that is nothing but a date or a time: ISO 8601 with or without seconds, fraction
/// and offset, or any spelling that [`super::find`] works out. `zone` is the contact's; where it is
/// unknown, an instant is also read at the offset it is written in.
pub fn parse(value: &str, now: Timestamp, zone: &TimeZone, zone_known: bool) -> Option<Moment> {
    let tokens = tokens(value);
    let (first, last) = (tokens.first()?, tokens.last()?);
    if let Some((written, offset, _)) = stamp(&tokens, 0).filter(|found| found.2 == tokens.len()) {
        let (Some(offset), Some(date), Some(time)) = (offset, written.date, written.time) else {
            return Some(Moment {
                readings: vec![written],
                instant: None,
            });
        };
        let instant = offset.to_timestamp(date.to_datetime(time)).ok()?;
        let local = zone.to_datetime(instant);
        let mut readings = vec![Reading {
            date: Some(local.date()),
            time: Some(local.time()),
        }];
        if !zone_known && readings[0] != written {
            readings.push(written);
        }
        return Some(Moment {
            readings,
            instant: Some(instant),
        });
    }
    if let [token] = tokens.as_slice()
        && let Some(date) = compact(token)
    {
        let reading = Reading {
            date: Some(date),
            time: None,
        };
        return Some(Moment {
            readings: vec![reading],
            instant: None,
        });
    }
    let found = scan(&tokens, now, zone);
    let [when] = found.as_slice() else {
        return None;
    };
    let whole = when.span == (first.start, last.end) && when.days.is_none() && !when.open;
    // A bare number is a number: only a message may answer "3" to "what time?".
    let number = tokens.len() == 1;
    if !whole || number {
        return None;
    }
    let dates = options(&when.dates);
    let times = options(&when.times);
    let mut readings = Vec::new();
    for &date in &dates {
        for &time in &times {
            if date.is_some() || time.is_some() {
                readings.push(Reading { date, time });
            }
        }
    }
    (!readings.is_empty()).then_some(Moment {
        readings,
        instant: None,
    })
}

/// ISO 8601's basic form, "20260505".
fn compact(token: &Token) -> Option<Date> {
    let digits = token.digits().filter(|d| d.len() == 8)?;
    let year: i16 = digits[..4].parse().ok()?;
    let date = Date::new(year, digits[4..6].parse().ok()?, digits[6..].parse().ok()?).ok()?;
    (1900..2200).contains(&year).then_some(date)
}

fn options<T: Copy>(values: &[T]) -> Vec<Option<T>> {
    if values.is_empty() {
        vec![None]
    } else {
        values.iter().copied().map(Some).collect()
    }
}

/// A time stamp in a message: its local readings in the contact's zone and as written.
pub(super) fn iso(tokens: &[Token], at: usize, zone: &TimeZone) -> Option<(When, usize)> {
    let (written, offset, after) = stamp(tokens, at)?;
    let (date, time) = (written.date?, written.time?);
    let mut when = When {
        dates: vec![date],
        times: vec![time],
        ..When::default()
    };
    if let Some(offset) = offset {
        let local = zone.to_datetime(offset.to_timestamp(date.to_datetime(time)).ok()?);
        when.dates = vec![local.date()];
        when.times = vec![local.time()];
    }
    Some((when, after))
}

/// ISO 8601 / RFC 3339 at `at`: `2026-05-05`, `2026-05-05T15:00[:00[.0]][Z|+01:00]`, `15:00[:00]`.
fn stamp(tokens: &[Token], at: usize) -> Option<(Reading, Option<Offset>, usize)> {
    if tokens.get(at)?.glued && at > 0 {
        return None;
    }
    let number = |i: usize, width: usize| -> Option<i16> {
        tokens
            .get(i)?
            .digits()
            .filter(|d| d.len() == width)?
            .parse()
            .ok()
    };
    let small = |i: usize| -> Option<i8> { i8::try_from(number(i, 2)?).ok() };
    let mark = |i: usize, c: char| tokens.get(i).is_some_and(|t| t.is(c) && t.glued);
    let date = (|| {
        let ok = mark(at + 1, '-')
            && mark(at + 3, '-')
            && tokens[at + 2].glued
            && tokens.get(at + 4)?.glued;
        ok.then(|| Date::new(number(at, 4)?, small(at + 2)?, small(at + 4)?).ok())
            .flatten()
    })();
    let mut after = if date.is_some() { at + 5 } else { at };
    let start = match tokens.get(after).and_then(Token::word) {
        Some("t") if date.is_some() => after + 1,
        _ => after,
    };
    let mut time = None;
    let mut offset = None;
    if let (Some(hour), true, Some(minute)) = (small(start), mark(start + 1, ':'), small(start + 2))
    {
        let mut second = 0;
        let mut end = start + 3;
        if let (true, Some(s)) = (mark(end, ':'), small(end + 1)) {
            second = s;
            end += 2;
            if mark(end, '.')
                && tokens
                    .get(end + 1)
                    .is_some_and(|t| t.glued && t.digits().is_some())
            {
                end += 2;
            }
        }
        // Leave "03:00 pm" to the reader of clock times.
        let meridiem = matches!(
            tokens.get(end).and_then(Token::word),
            Some("am" | "pm" | "a" | "p")
        );
        if !meridiem {
            time = Some(Time::new(hour, minute, second, 0).ok()?);
            after = end;
            (offset, after) = zone_mark(tokens, after);
        }
    }
    if date.is_none() && time.is_none() {
        return None;
    }
    Some((Reading { date, time }, offset, after))
}

fn zone_mark(tokens: &[Token], at: usize) -> (Option<Offset>, usize) {
    let Some(token) = tokens.get(at) else {
        return (None, at);
    };
    if token.glued && token.word() == Some("z") || matches!(token.word(), Some("utc" | "gmt")) {
        return (Some(Offset::UTC), at + 1);
    }
    let sign = match token.kind {
        Kind::Mark('+') if token.glued => 1,
        Kind::Mark('-') if token.glued => -1,
        _ => return (None, at),
    };
    let digits = |i: usize| tokens.get(i).filter(|t| t.glued).and_then(Token::digits);
    let (hours, minutes, after) = match digits(at + 1) {
        Some(d) if d.len() == 4 => (d[..2].parse::<i32>(), d[2..].parse::<i32>(), at + 2),
        Some(d) if d.len() == 2 => {
            match digits(at + 3).filter(|m| m.len() == 2 && tokens[at + 2].is(':')) {
                Some(m) => (d.parse(), m.parse(), at + 4),
                None => (d.parse(), Ok(0), at + 2),
            }
        }
        _ => return (None, at),
    };
    let (Ok(hours), Ok(minutes)) = (hours, minutes) else {
        return (None, at);
    };
    match Offset::from_seconds(sign * (hours * 3600 + minutes * 60)) {
        Ok(offset) => (Some(offset), after),
        Err(_) => (None, at),
    }
}
