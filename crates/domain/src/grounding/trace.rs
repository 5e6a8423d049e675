//! Looks for what vouches for one value.

use serde_json::Number;

use super::decimal::Decimal;
use super::evidence::{Evidence, Heard, Leaf, Origin, overlap};
use super::normal::{clings, fold, is_compared};
use super::numbers::{self, NumberToken};
use super::when::{self, Moment};
use super::{Provenance, ProvenanceSource, when_trace};

/// Where a value stands, for the record.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) source: ProvenanceSource,
    pub(super) reference: Option<String>,
    pub(super) pointer: Option<String>,
    pub(super) span: Option<(usize, usize)>,
    pub(super) text: Option<String>,
}

impl Finding {
    pub(super) fn bare(source: ProvenanceSource) -> Self {
        Self {
            source,
            reference: None,
            pointer: None,
            span: None,
            text: None,
        }
    }

    pub(super) fn heard(heard: &Heard<'_>, span: (usize, usize), source: ProvenanceSource) -> Self {
        Self {
            source,
            reference: Some(heard.utterance.id.to_string()),
            pointer: None,
            span: Some(span),
            text: Some(heard.words(span)),
        }
    }

    fn leaf(leaf: &Leaf) -> Self {
        let text = Some(leaf.text.clone());
        match &leaf.origin {
            Origin::Contact(path) => Self {
                reference: Some(path.clone()),
                text,
                ..Self::bare(ProvenanceSource::Contact)
            },
            Origin::Result(id, pointer) => Self {
                reference: Some(id.to_string()),
                pointer: Some(pointer.clone()),
                text,
                ..Self::bare(ProvenanceSource::Result)
            },
        }
    }

    pub(super) fn at(self, path: String) -> Provenance {
        Provenance {
            path,
            source: self.source,
            reference: self.reference,
            pointer: self.pointer,
            span: self.span,
            text: self.text,
        }
    }
}

/// What became of looking for a value.
#[derive(Debug)]
pub(super) enum Trace {
    Found(Finding),
    /// Nothing vouches for it. The flag says that it is a date or a time.
    Nothing {
        time: bool,
    },
}

/// Looks for a JSON number: by value, or as a long row of digits written with spaces or hyphens.
pub(super) fn number(value: &Number, evidence: &Evidence<'_>) -> Trace {
    let digits = value.to_string();
    let wanted = Decimal::parse(&digits);
    if let Some(wanted) = wanted {
        for heard in evidence.heard() {
            if let Some(found) = heard
                .scan()
                .numbers
                .iter()
                .find(|n| n.values.contains(&wanted) && !heard.bars(n.span))
            {
                return Trace::Found(Finding::heard(heard, found.span, ProvenanceSource::Message));
            }
        }
    }
    if digits.len() >= 5 && digits.bytes().all(|b| b.is_ascii_digit()) {
        for heard in evidence.heard() {
            let whole = heard.text().find(&digits).find(|&span| {
                !heard.bars(span)
                    && heard.words(span).chars().all(|c| {
                        super::decimal_digit(c).is_some()
                            || c.is_whitespace()
                            || matches!(c, '-' | '(' | ')' | '/')
                    })
                    && !heard.scan().compounds.iter().any(|&c| overlap(c, span))
            });
            if let Some(span) = whole {
                return Trace::Found(Finding::heard(heard, span, ProvenanceSource::Message));
            }
        }
    }
    let leaf = evidence.leaves().iter().find(|leaf| {
        leaf.text == digits
            || wanted.is_some_and(|w| leaf.number().is_some_and(|n| n.values.contains(&w)))
    });
    leaf.map_or(Trace::Nothing { time: false }, |leaf| {
        Trace::Found(Finding::leaf(leaf))
    })
}

/// Looks for a string. `derived` says whether a day that is only worked out from what was said, and a
/// time expression that cannot be, will do.
pub(super) fn string(value: &str, evidence: &Evidence<'_>, derived: bool) -> Trace {
    let needle = fold(value);
    if needle.is_empty() {
        return Trace::Nothing { time: false };
    }
    let moment = short(value)
        .then(|| when::parse(value, evidence.now, &evidence.zone, evidence.zone_known))
        .flatten();
    if let Some(moment) = &moment
        && let Some(finding) = when_trace::stated(moment, evidence)
    {
        return Trace::Found(finding);
    }
    let number = short(value)
        .then(|| numbers::whole(value))
        .flatten()
        .filter(|_| !is_padded(value));
    for heard in evidence.heard() {
        if let Some(finding) = in_message(value, &needle, number.as_ref(), moment.is_some(), heard)
        {
            return Trace::Found(finding);
        }
    }
    if let Some(leaf) = evidence
        .leaves()
        .iter()
        .find(|leaf| whole_leaf(leaf, &needle, number.as_ref(), moment.as_ref(), evidence))
    {
        return Trace::Found(Finding::leaf(leaf));
    }
    if let (Some(moment), true) = (&moment, derived)
        && let Some(finding) =
            when_trace::derived(moment, evidence).or_else(|| when_trace::reckoned(moment, evidence))
    {
        return Trace::Found(finding);
    }
    Trace::Nothing {
        time: moment.is_some(),
    }
}

/// Nothing longer is one number or one point in time.
pub(super) fn short(text: &str) -> bool {
    text.len() <= 96
}

/// "007" is a name, not seven.
fn is_padded(text: &str) -> bool {
    let digits: String = text.trim().chars().map(super::fold_digit).collect();
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit())
}

fn in_message(
    value: &str,
    needle: &str,
    number: Option<&NumberToken>,
    moment: bool,
    heard: &Heard<'_>,
) -> Option<Finding> {
    let found = |span| Some(Finding::heard(heard, span, ProvenanceSource::Message));
    let handle = value.trim().starts_with(['@', '＠']);
    let at_sign = !handle && value.contains(['@', '＠']);
    let address = at_sign && joins_words(value);
    let figures = needle.bytes().all(|b| b.is_ascii_digit());
    // "25 kg" is not "2.5 kg", though they read alike without punctuation.
    let leads_with_number = value.trim_start().starts_with(|c: char| {
        super::decimal_digit(c).is_some() || (!c.is_alphanumeric() && c != '#' && c != '+')
    });
    let counted = if leads_with_number {
        numbers::find(value)
    } else {
        Vec::new()
    };
    let negative = number.is_some_and(|n| n.values.iter().any(|v| v.is_negative()));
    let fits = |span: (usize, usize)| {
        let barred = heard.bars(span)
            || (at_sign && goes_beyond(heard, span))
            || (address && !heard.words(span).contains(['@', '＠']))
            || (leads_with_number && cuts_number(heard, span, &counted, figures))
            || number.is_some_and(|n| changes_currency(heard, span, n))
            || (moment && cuts_time(heard, span));
        !barred && !negative
    };
    if let Some(span) = heard.text().find(needle).find(|&span| fits(span)) {
        return found(span);
    }
    if let Some(worded) = heard.worded()
        && let Some(span) = worded.find(needle).find(|&span| fits(span))
    {
        return found(span);
    }
    if let Some(number) = number {
        let same = heard.scan().numbers.iter().find(|said| {
            currencies_agree(number, said)
                && !heard.bars(said.span)
                && said.values.iter().any(|v| number.values.contains(v))
                && !is_padded(&heard.words(said.span))
        });
        if let Some(same) = same {
            return found(same.span);
        }
    }
    if address
        && let Some(span) = heard
            .spoken_address(value.trim())
            .filter(|&span| !heard.bars(span) && !goes_beyond(heard, span))
    {
        return found(span);
    }
    None
}

/// Whether an at sign stands between two things that are compared. One at the edge of what is
/// compared ("!@ada", "ada@!") cannot be in a match, which ends with what is compared.
fn joins_words(value: &str) -> bool {
    value.match_indices(['@', '＠']).any(|(at, sign)| {
        !fold(&value[..at]).is_empty() && !fold(&value[at + sign.len()..]).is_empty()
    })
}

/// Whether an address goes on before or after this range: "ada@example.com" of
/// "jo.ada@example.com.au".
fn goes_beyond(heard: &Heard<'_>, span: (usize, usize)) -> bool {
    let chars = heard.chars();
    let mut before = chars[..span.0].iter().rev().filter(|&&c| !clings(c));
    let mut after = chars[span.1..].iter().filter(|&&c| !clings(c));
    let joined = |beside: &mut dyn Iterator<Item = &char>, by: &[char]| {
        beside.next().is_some_and(|c| by.contains(c))
            && beside.next().is_some_and(|&c| is_compared(c))
    };
    let begun = joined(&mut before, &['.', '_', '+', '-', '@', '%']);
    let goes_on = joined(&mut after, &['.', '_', '-', '@']);
    begun || goes_on
}

/// Whether a match takes a piece out of a number, a clock time or a date, or reads a number as
/// another one ("1250" in "12.50"). `counted` are the numbers in the value.
fn cuts_number(
    heard: &Heard<'_>,
    span: (usize, usize),
    counted: &[NumberToken],
    figures: bool,
) -> bool {
    let inside =
        |whole: (usize, usize)| overlap(whole, span) && (whole.0 < span.0 || whole.1 > span.1);
    let mut composites = heard.scan().at(span).filter(|n| n.composite);
    let misread = composites.any(|said| {
        let same_value = counted
            .iter()
            .any(|n| said.values.iter().any(|v| n.values.contains(v)));
        let more = span.0 < said.span.0 || (figures && span.1 > said.span.1);
        !same_value && !more
    });
    misread
        || (figures
            && heard
                .scan()
                .compounds
                .iter()
                .any(|&compound| inside(compound)))
}

/// Whether a match reads an amount in one currency as one in another ("€20" in "$20"), which look
/// alike without their signs.
fn changes_currency(heard: &Heard<'_>, span: (usize, usize), number: &NumberToken) -> bool {
    let mut there = heard.scan().at(span);
    there.any(|said| !currencies_agree(number, said))
}

/// Where one of them names no currency, the other's is meant.
fn currencies_agree(a: &NumberToken, b: &NumberToken) -> bool {
    a.currency.is_none() || b.currency.is_none() || a.currency == b.currency
}

/// Whether a match of a date or time takes a piece out of a longer time expression, or rereads one
/// that says something else.
fn cuts_time(heard: &Heard<'_>, span: (usize, usize)) -> bool {
    heard
        .whens()
        .iter()
        .any(|w| (!w.dates.is_empty() || !w.times.is_empty()) && overlap(w.span, span))
}

fn whole_leaf(
    leaf: &Leaf,
    needle: &str,
    number: Option<&NumberToken>,
    moment: Option<&Moment>,
    evidence: &Evidence<'_>,
) -> bool {
    let number = number.filter(|_| !is_padded(&leaf.text));
    if let (Some(wanted), Some(there)) = (number, leaf.number()) {
        let currency = currencies_agree(wanted, there);
        let composite = wanted.composite || there.composite;
        if currency && wanted.values.iter().any(|v| there.values.contains(v)) {
            return true;
        }
        if composite || !currency {
            return false;
        }
    }
    if leaf.folded == needle {
        return true;
    }
    let Some(moment) = moment else {
        return false;
    };
    let there = leaf.moment.get_or_init(|| {
        short(&leaf.text)
            .then(|| {
                when::parse(
                    &leaf.text,
                    evidence.now,
                    &evidence.zone,
                    evidence.zone_known,
                )
            })
            .flatten()
    });
    there
        .as_ref()
        .is_some_and(|there| match (there.instant, moment.instant) {
            (Some(a), Some(b)) => a == b,
            _ => there.readings.first() == moment.readings.first(),
        })
}
