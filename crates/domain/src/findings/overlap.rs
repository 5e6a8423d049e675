//! How close two actions are in their words: what a model has to tell them apart by.
//!
//! The measure is the cosine of two vectors of concepts (stems with synonyms folded), taken from the
//! name and from the description. A concept of the name counts 1, one of the description 1, one of
//! both 2; words that many actions share ("look up", "status", "details") count [`WEAK`] of that.
//! Where the names begin with verbs of different kinds ("cancel", "refund"), the verb already tells
//! them apart, and the likeness is multiplied by [`OTHER_VERB`]. It depends on the two actions alone,
//! so a finding does not come and go as a third is added.

use super::words::{concepts, fold, is_weak, stem};
use super::{Finding, FindingCode, Severity};
use crate::action::ActionDefinition;

/// Likeness from which two actions are too close. In the catalogues of the tests near duplicates score
/// 0.75 and more, and actions about the same thing with uses of their own under 0.6.
pub const OVERLAP: f64 = 0.7;
/// What a word that many actions share counts of a telling one.
const WEAK: f64 = 0.3;
/// What remains of the likeness where the verbs differ in kind.
const OTHER_VERB: f64 = 0.6;
/// Likeness of the descriptions alone from which no name can make up for it.
const SAME_TEXT: f64 = 0.95;
/// Most other actions named in one review.
const NAMED: usize = 3;

pub(super) fn findings(
    definition: &ActionDefinition,
    others: &[&ActionDefinition],
) -> Vec<Finding> {
    let mut close: Vec<(f64, &ActionDefinition)> = others
        .iter()
        // One that is off is not offered, so there is nothing to mistake it for.
        .filter(|other| other.enabled && other.name != definition.name)
        .map(|other| (likeness(definition, other), *other))
        .filter(|(likeness, _)| *likeness >= OVERLAP)
        .collect();
    close.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
    close
        .into_iter()
        .take(NAMED)
        .map(|(likeness, other)| {
            let percent = (likeness * 100.0).round();
            Finding::new(
                Severity::Warning,
                FindingCode::DescriptionOverlap,
                "description",
                format!(
                    "The description is close to that of {} ({percent} % alike), so the agent may take one for the other.",
                    other.name
                ),
                format!(
                    "Say in both what only this one does, such as \"Use when …, not for {}\", or make one action of the two.",
                    other.name.replace('_', " ")
                ),
            )
        })
        .collect()
}

/// How close two actions are: 0 (nothing in common) to 1 (the same words). Symmetric.
pub fn likeness(a: &ActionDefinition, b: &ActionDefinition) -> f64 {
    let (said_a, said_b) = (concepts(&a.description), concepts(&b.description));
    if said_a.is_empty() || said_b.is_empty() {
        return 0.0; // Without words there is nothing to compare, and other findings say so.
    }
    let text = cosine(&weigh(&[&said_a]), &weigh(&[&said_b]));
    if text >= SAME_TEXT {
        return text;
    }
    let (named_a, named_b) = (
        concepts(&a.name.replace('_', " ")),
        concepts(&b.name.replace('_', " ")),
    );
    let both = cosine(&weigh(&[&named_a, &said_a]), &weigh(&[&named_b, &said_b]));
    match (verb(&a.name), verb(&b.name)) {
        (Some(a), Some(b)) if a != b => both * OTHER_VERB,
        _ => both,
    }
}

/// The kind of verb a name begins with, if it begins with one.
fn verb(name: &str) -> Option<String> {
    if super::name::promise(name) == super::name::Promise::Unclear {
        return None;
    }
    if super::name::promise(name) == super::name::Promise::LookUp {
        return Some("look".to_owned());
    }
    let mut words = name.split('_').filter(|word| !word.is_empty());
    let first = words.next()?;
    let stem = stem(first);
    let kind = fold(&stem);
    Some(match words.next() {
        // "turn_on" and "turn_off" are different verbs.
        Some(particle @ ("on" | "off" | "in" | "out" | "up" | "down")) => {
            format!("{kind} {particle}")
        }
        _ => kind.to_owned(),
    })
}

type Weights<'a> = Vec<(&'a str, f64)>;

fn weigh<'a>(lists: &[&'a Vec<String>]) -> Weights<'a> {
    let mut weights: Weights<'a> = Vec::new();
    for concept in lists.iter().flat_map(|list| list.iter()) {
        let weight = if is_weak(concept) { WEAK } else { 1.0 };
        match weights.iter_mut().find(|(known, _)| known == concept) {
            Some((_, sum)) => *sum += weight,
            None => weights.push((concept, weight)),
        }
    }
    weights
}

fn cosine(a: &Weights<'_>, b: &Weights<'_>) -> f64 {
    let length = |weights: &Weights<'_>| weights.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
    let shared: f64 = a
        .iter()
        .filter_map(|(concept, weight)| {
            let (_, other) = b.iter().find(|(known, _)| known == concept)?;
            Some(weight * other)
        })
        .sum();
    let lengths = length(a) * length(b);
    if lengths == 0.0 {
        0.0
    } else {
        shared / lengths
    }
}
