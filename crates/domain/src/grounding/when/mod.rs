//! Dates and times in English text, by value at a moment in a zone: "tomorrow", "next Friday",
//! "5 May, 3 pm", "half past seven", "2026-05-05T15:00:00+01:00".

mod calendar;
mod dates;
mod days;
mod stay;
mod times;
mod vague;
mod value;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::token::{Token, tokens};

pub use stay::Stay;
pub(super) use stay::stays;
pub use value::{Moment, Reading, parse};

/// A time expression in a text. Where several readings are possible ("5/6/2026", "at 3", "next
/// Friday") all are listed, likeliest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct When {
    /// Its characters in the text, half open.
    pub span: (usize, usize),
    /// The days it may name.
    pub dates: Vec<Date>,
    /// The times of day it may name.
    pub times: Vec<Time>,
    /// It names a stretch of days ("next week", "in May"), both ends included.
    pub days: Option<(Date, Date)>,
    /// It names a part of the day ("in the morning"), both ends included.
    pub hours: Option<(Time, Time)>,
    /// It is a time expression that this parser knows but cannot work out ("the week after Easter").
    pub open: bool,
}

/// What the moment of a message means to the customer: the local date and time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) date: Date,
    pub(super) time: Time,
}

impl Now {
    pub(super) fn new(now: Timestamp, zone: &TimeZone) -> Self {
        let local: DateTime = zone.to_datetime(now);
        Self {
            date: local.date(),
            time: local.time(),
        }
    }
}

/// Every time expression in the text, in order. A date and a time that stand together are one.
pub fn find(text: &str, now: Timestamp, zone: &TimeZone) -> Vec<When> {
    scan(&tokens(text), now, zone)
}

pub(super) fn scan(tokens: &[Token], now: Timestamp, zone: &TimeZone) -> Vec<When> {
    let local = Now::new(now, zone);
    let mut found: Vec<(When, usize, usize)> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let readings = [
            value::iso(tokens, at, zone),
            vague::open(tokens, at),
            dates::date(tokens, at, local),
            times::time(tokens, at, local),
            vague::stretch(tokens, at, local),
        ];
        let best = readings
            .into_iter()
            .flatten()
            .reduce(|best, next| if next.1 > best.1 { next } else { best });
        let Some((mut when, after)) = best.filter(|(_, after)| *after > at) else {
            at += 1;
            continue;
        };
        when.span = (tokens[at].start, tokens[after - 1].end);
        found.push((when, at, after));
        at = after;
    }
    merge(found, tokens)
}

/// Puts a date and a time together where only joining words or marks stand between them.
fn merge(found: Vec<(When, usize, usize)>, tokens: &[Token]) -> Vec<When> {
    let mut out: Vec<(When, usize)> = Vec::new();
    for (when, start, end) in found {
        if let Some((last, last_end)) = out.last_mut()
            && start - *last_end <= 2
            && tokens[*last_end..start].iter().all(joins)
            && complements(last, &when)
        {
            last.span.1 = when.span.1;
            last.dates.extend(when.dates);
            last.days = last.days.or(when.days);
            last.times = within(
                std::mem::take(&mut last.times),
                when.times,
                last.hours.or(when.hours),
            );
            last.hours = last.hours.or(when.hours);
            last.open |= when.open;
            *last_end = end;
            continue;
        }
        out.push((when, end));
    }
    out.into_iter().map(|(when, _)| when).collect()
}

fn joins(token: &Token) -> bool {
    token.is(',')
        || token.is('@')
        || matches!(
            token.word(),
            Some("at" | "on" | "around" | "about" | "by" | "from" | "in" | "the" | "of" | "t")
        )
}

fn complements(a: &When, b: &When) -> bool {
    let dated = |w: &When| !w.dates.is_empty() || w.days.is_some() || w.open;
    let timed = |w: &When| !w.times.is_empty();
    let parted = |w: &When| w.hours.is_some();
    (!dated(a) || !dated(b)) && (!timed(a) || !timed(b)) && (!parted(a) || !parted(b))
}

/// The times, less those that the part of the day rules out ("7 in the evening" is not 7:00).
fn within(mut a: Vec<Time>, b: Vec<Time>, hours: Option<(Time, Time)>) -> Vec<Time> {
    a.extend(b);
    if let Some((from, to)) = hours {
        let fitting: Vec<Time> = a
            .iter()
            .copied()
            .filter(|t| (from..=to).contains(t))
            .collect();
        if !fitting.is_empty() {
            return fitting;
        }
    }
    a
}
