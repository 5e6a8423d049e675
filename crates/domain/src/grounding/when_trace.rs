//! Looks for what vouches for a date or a time.

use jiff::civil::{Date, Time};

use super::ProvenanceSource;
use super::evidence::{Evidence, Heard};
use super::trace::Finding;
use super::when::{Moment, When};
use crate::conversation::Speaker;

/// A date or time that the messages state: its date by one expression and its time by another or
/// the same. The date and the time of an appointment may come from two messages.
pub(super) fn stated(moment: &Moment, evidence: &Evidence<'_>) -> Option<Finding> {
    moment.readings.iter().find_map(|reading| {
        let day = |w: &When| reading.date.is_some_and(|d| w.dates.contains(&d));
        let hour = |w: &When| {
            reading
                .time
                .is_some_and(|t| w.times.iter().any(|said| same_time(*said, t)))
        };
        match (reading.date, reading.time) {
            (Some(_), Some(time)) => {
                if let Some((heard, w)) = seek(evidence, |w| day(w) && hour(w)) {
                    return Some(Finding::heard(heard, w.span, ProvenanceSource::Message));
                }
                // A bare day is its midnight.
                if time == Time::midnight()
                    && let Some((heard, w)) = seek(evidence, |w| day(w) && w.times.is_empty())
                {
                    return Some(Finding::heard(heard, w.span, ProvenanceSource::Message));
                }
                // "3 pm tomorrow or Friday": a day with no time of its own may take another's, but
                // "tomorrow at 3, Friday at 5" says nothing about Friday at 3.
                let (day_heard, day_when, hour_heard, hour_when) =
                    match seek(evidence, |w| day(w) && w.times.is_empty()) {
                        Some((heard, w)) => {
                            let bare = seek(evidence, |w| hour(w) && w.dates.is_empty());
                            let (h, hw) = bare.or_else(|| seek(evidence, |w| hour(w)))?;
                            (heard, w, h, hw)
                        }
                        None => {
                            let (heard, w) = seek(evidence, |w| day(w))?;
                            let (h, hw) = seek(evidence, |w| hour(w) && w.dates.is_empty())?;
                            (heard, w, h, hw)
                        }
                    };
                let span = if day_heard.utterance.id == hour_heard.utterance.id {
                    (
                        day_when.span.0.min(hour_when.span.0),
                        day_when.span.1.max(hour_when.span.1),
                    )
                } else {
                    hour_when.span
                };
                Some(Finding::heard(hour_heard, span, ProvenanceSource::Message))
            }
            (Some(_), None) => seek(evidence, |w| day(w)).map(said),
            (None, Some(_)) => seek(evidence, |w| hour(w)).map(said),
            (None, None) => None,
        }
    })
}

fn said((heard, when): (&Heard<'_>, &When)) -> Finding {
    Finding::heard(heard, when.span, ProvenanceSource::Message)
}

fn seek<'e, 'a>(
    evidence: &'e Evidence<'a>,
    fits: impl Fn(&When) -> bool,
) -> Option<(&'e Heard<'a>, &'e When)> {
    evidence.heard().find_map(|heard| {
        let when = heard
            .whens()
            .iter()
            .find(|w| fits(w) && !heard.bars(w.span))?;
        Some((heard, when))
    })
}

/// To the second; a fraction that nobody says is let pass only where it is zero.
fn same_time(said: Time, value: Time) -> bool {
    said.hour() == value.hour()
        && said.minute() == value.minute()
        && said.second() == value.second()
        && value.subsec_nanosecond() == 0
}

/// A day that follows from two that are said: "from 5 May", "for three nights".
pub(super) fn reckoned(moment: &Moment, evidence: &Evidence<'_>) -> Option<Finding> {
    moment.readings.iter().find_map(|reading| {
        let (Some(wanted), None) = (reading.date, reading.time) else {
            return None;
        };
        evidence.heard().find_map(|heard| {
            let stay = heard.stays().iter().find(|stay| {
                let ends_then = |w: &When| w.dates.iter().any(|&d| stay.end(d) == Some(wanted));
                !heard.bars(stay.span) && seek(evidence, ends_then).is_some()
            })?;
            Some(Finding::heard(heard, stay.span, ProvenanceSource::Derived))
        })
    })
}

/// A date or time that the answering message names without saying exactly: inside a stretch ("next
/// week", "in the morning"), or by an expression the parser cannot work out.
pub(super) fn derived(moment: &Moment, evidence: &Evidence<'_>) -> Option<Finding> {
    let heard = evidence.answer()?;
    moment.readings.iter().find_map(|reading| {
        let date = part(heard, reading.date, evidence, day_said, day_hinted)?;
        let time = part(heard, reading.time, evidence, hour_said, hour_hinted)?;
        // What is stated in full is judged above: here one part must be a hint in the answer.
        let hinted = heard.whens().iter().any(|w| {
            reading.date.is_some_and(|d| day_hinted(w, d))
                || reading.time.is_some_and(|t| hour_hinted(w, t))
        });
        if !hinted {
            return None;
        }
        let span = match (date, time) {
            (Some(a), Some(b)) => (a.0.min(b.0), a.1.max(b.1)),
            (Some(span), None) | (None, Some(span)) => span,
            (None, None) => return None,
        };
        Some(Finding::heard(heard, span, ProvenanceSource::Derived))
    })
}

/// `None`: nothing vouches for this part. `Some(None)`: it is not asked for, or stated elsewhere.
fn part<T: Copy>(
    heard: &Heard<'_>,
    value: Option<T>,
    evidence: &Evidence<'_>,
    stated: fn(&When, T) -> bool,
    hinted: fn(&When, T) -> bool,
) -> Option<Option<(usize, usize)>> {
    let Some(value) = value else {
        return Some(None);
    };
    let span = heard
        .whens()
        .iter()
        .find(|w| stated(w, value) || hinted(w, value))
        .map(|w| w.span);
    if span.is_some() {
        return Some(span);
    }
    let elsewhere = evidence
        .heard()
        .filter(|h| h.utterance.speaker == Speaker::Customer)
        .any(|h| h.whens().iter().any(|w| stated(w, value)));
    elsewhere.then_some(None)
}

fn day_said(when: &When, date: Date) -> bool {
    when.dates.contains(&date)
}

fn day_hinted(when: &When, date: Date) -> bool {
    when.dates.is_empty()
        && (when.open
            || when
                .days
                .is_some_and(|(from, to)| (from..=to).contains(&date)))
}

fn hour_said(when: &When, time: Time) -> bool {
    when.times.iter().any(|said| same_time(*said, time))
}

fn hour_hinted(when: &When, time: Time) -> bool {
    when.times.is_empty()
        && when
            .hours
            .is_some_and(|(from, to)| (from..=to).contains(&time))
}
