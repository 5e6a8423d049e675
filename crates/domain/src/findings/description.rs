//! The description: what the action does and when to use it. It is all a model has to choose by.

use super::language::{self, Language};
use super::when::{says_when, sentences};
use super::words::{Words, concepts, stem, words};
use super::{Finding, FindingCode, Severity};
use crate::action::ActionDefinition;

/// Fewer words than this say too little.
const WORDS: usize = 5;
/// Fewer characters than this say too little in any language.
const CHARS_ANY_LANGUAGE: usize = 8;

pub(super) fn findings(definition: &ActionDefinition) -> Vec<Finding> {
    let text = definition.description.trim();
    if text.is_empty() {
        return Vec::new(); // An error of its own, for the field check to report.
    }
    let says_when = says_when(text);
    let mut findings = Vec::new();
    if let Some(why) = vague(definition, says_when) {
        findings.push(Finding::new(
            Severity::Warning,
            FindingCode::DescriptionVague,
            "description",
            format!("The description does not say enough: {why}. The agent chooses by it alone."),
            format!(
                "Say what it does, to what, and what comes of it, such as \"{}\"",
                sample(definition)
            ),
        ));
    }
    if !says_when {
        // Examples of what customers say tell a model when, too, if less surely.
        let (severity, message) = if definition.examples.len() >= 2 {
            (
                Severity::Info,
                "The description says what the action does and leaves it to the examples to say when to use it.",
            )
        } else {
            (
                Severity::Warning,
                "The description does not say when to use the action, so the agent may use it at the wrong moment or not at all.",
            )
        };
        findings.push(Finding::new(
            severity,
            FindingCode::DescriptionNoWhen,
            "description",
            message,
            format!(
                "Add when to use it, such as \"Use when the customer {}.\"",
                occasion(definition)
            ),
        ));
    }
    findings
}

/// Why the text says too little, if it does.
fn vague(definition: &ActionDefinition, says_when: bool) -> Option<&'static str> {
    let text = definition.description.trim();
    let all = words(text);
    if language::of(text, &all) == Language::Other {
        let short = text.chars().count() < CHARS_ANY_LANGUAGE;
        return short.then_some("it is too short");
    }
    if all.len() < WORDS {
        return Some("it is too short");
    }
    let named = concepts(&format!(
        "{} {}",
        definition.name.replace('_', " "),
        definition.display_name
    ));
    let said = concepts(text);
    if !says_when && said.iter().all(|concept| named.contains(concept)) {
        return Some("it only repeats the name");
    }
    let doing = doing(text);
    if doing.is_none() {
        return Some("no verb says what it does");
    }
    if doing == Some(Doing::Anything) {
        return Some("words such as \"handle\" or \"manage\" fit any action");
    }
    let about_something = said
        .iter()
        .any(|concept| !is_verb(concept) && !GENERIC.has(concept));
    (!about_something).then_some("it does not say what it is about")
}

/// Verbs that fit any action. By stem.
const ANYTHING: Words = Words(
    "handl manag process deal perform execut run do work support assist help serv operat \
     trigger invok address take interact facilitat enabl allow let use call can mak",
);

/// Verbs that say what happens. By stem; those that are nouns as often are below as well.
const VERBS: Words = Words(
    "activat add adjust appl apply approv arrang assign attach authoriz block bring buy \
     calculat cancel chang check clos collect compar comput confirm connect convert count \
     creat deactivat delet deliver describ determin disabl dispatch downgrad edit email enrol \
     enter eras escalat estimat explain extend fetch fill find forward freez generat get giv \
     grant identify inform initiat insert install instal issu join leav list locat look \
     lookup merg modify mov notify obtain open order paus pay plac pos postpon predict prepar \
     provid publish pull rais read receiv recommend record redeem redirect reduc refund \
     regenerat register reimburs remind remov renew repair replac resend reschedul reserv \
     reset restart restor resum retriev revok rout sav say schedul search see select send set \
     settl show sign stop submit subscrib suggest suspend swap switch tell terminat transfer \
     translat turn uncancel unblock unlock unsubscrib updat upgrad upload validat verify waiv \
     withdraw writ query display log creat mark redeliver reopen rebook lock ban tag pick \
     hand answer learn share shar crediting ship print download export scan start end",
);

/// Verbs that are nouns as often: they count where a verb stands.
const NOUNS_AS_OFTEN: Words = Words(
    "order issu record list log search query email mark block lookup inform check display \
     transfer refund deliver ship schedul mov set pos shar share tag pick hand answer end \
     start print download export lock chang updat replac purchas book return track report \
     quot charg credit request review rent cal call view visit measur copy rat pric cost bill \
     invoic offer exchang estimat",
);

/// Concepts that any action could be about.
const GENERIC: Words = Words(
    "detail inform thing stuff someth anyth everyth item task record data system operat relat \
     relevant various variou general purpos result way more other status process handl manag \
     issu question inquiry enquiry answer support servic api webhook endpoint backend \
     database databas request look query entry valu entity object case cas matter problem \
     stor back out",
);

/// Nouns that make the word before them a noun too: "order lookup", "refund status".
const TAILS: Words = Words(
    "lookup status details detail info information data tool action function endpoint api \
     webhook management handling processing service services history list search check number \
     system stuff things and or of for operations requests related",
);

const DETERMINERS: Words = Words(
    "a an the this these those their your our his her its any all every each one some \
     customer's customers' whether how what if new another",
);

/// Words before a verb in its place.
const BEFORE_VERBS: Words = Words("to can will and or then may could lets helps");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// Something one can picture.
    Something,
    /// Whatever.
    Anything,
}

fn is_verb(concept: &str) -> bool {
    VERBS.has(concept) || ANYTHING.has(concept)
}

/// What the sentences say the action does; `None` where no verb stands in them. The words about when
/// to use it count only where nothing else is said: what the customer does is not what it does.
fn doing(text: &str) -> Option<Doing> {
    let what = without_when(text);
    match verbs_in(&what) {
        None if words(&what).len() < 3 => verbs_in(text),
        found => found,
    }
}

fn verbs_in(text: &str) -> Option<Doing> {
    let mut found = None;
    for sentence in text.split(['.', ';', ':', ',', '!', '?', '\n', '(', '—', '–']) {
        let words = words(sentence);
        for (i, word) in words.iter().enumerate() {
            let stem = stem(word);
            let next = words.get(i + 1).map(String::as_str);
            let before = i.checked_sub(1).map(|i| words[i].as_str());
            let takes_object = next.is_some_and(|next| DETERMINERS.has(next));
            let first = i == 0 && !DETERMINERS.has(word);
            let leads = first || before.is_some_and(|before| BEFORE_VERBS.has(before));
            let in_place = takes_object || leads && next.is_none_or(|next| !TAILS.has(next));
            if ANYTHING.has(&stem) {
                found = found.or(Some(Doing::Anything));
            } else if NOUNS_AS_OFTEN.has(&stem) {
                if in_place {
                    return Some(Doing::Something);
                }
            } else if VERBS.has(&stem) || first && takes_object && !PREPOSITIONS.has(word) {
                return Some(Doing::Something);
            }
        }
    }
    found
}

const PREPOSITIONS: Words =
    Words("about after at before by for from in into of on to with when if while");

/// First words of sentences that are not about what the action does.
const ABOUT_USE: Words = Words("use used call when whenever if only requires require needs");

/// The text without the sentences and clauses that say when to use it.
fn without_when(text: &str) -> String {
    let mut kept = String::new();
    for sentence in sentences(text) {
        let lower = sentence.to_lowercase();
        let cut = [" when ", " whenever ", " if the ", " if a ", " in case "]
            .iter()
            .filter_map(|cue| lower.find(cue))
            .min();
        let begins = words(&lower);
        let about_use = begins.first().is_some_and(|first| ABOUT_USE.has(first));
        if about_use {
            continue;
        }
        // Lower case may have other lengths in some scripts; those are not cut.
        let part = cut.and_then(|at| sentence.get(..at)).unwrap_or(sentence);
        kept.push_str(part);
        kept.push_str(". ");
    }
    kept
}

/// A description such as this action might have.
fn sample(definition: &ActionDefinition) -> String {
    let what = readable(definition);
    let needs = crate::parameters::required_names(&definition.parameters);
    let needs = match needs.first() {
        Some(name) => format!(" Requires the {}.", name.replace('_', " ")),
        None => String::new(),
    };
    format!(
        "{what} … Use when the customer {}.{needs}",
        occasion(definition)
    )
}

/// What the action is called for people, as the beginning of a sentence.
fn readable(definition: &ActionDefinition) -> String {
    let name = definition.name.replace('_', " ");
    let text = if definition.display_name.trim().is_empty() {
        name.trim()
    } else {
        definition.display_name.trim()
    };
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => "Look up".to_owned(),
    }
}

/// What a customer may be after, as far as the name tells: "wants to cancel their order".
fn occasion(definition: &ActionDefinition) -> String {
    let words: Vec<&str> = definition
        .name
        .split('_')
        .filter(|w| !w.is_empty())
        .collect();
    match (super::name::promise(&definition.name), words.as_slice()) {
        (super::name::Promise::LookUp, [verb, object @ ..])
            if !object.is_empty() && super::words::fold(&stem(verb)) == "look" =>
        {
            format!("asks about their {}", object.join(" "))
        }
        (super::name::Promise::LookUp, words) if !words.is_empty() => {
            format!("asks about their {}", words.join(" "))
        }
        (super::name::Promise::Change | super::name::Promise::GraveChange, [verb, object @ ..])
            if !object.is_empty() =>
        {
            format!("wants to {verb} their {}", object.join(" "))
        }
        _ => "asks …".to_owned(),
    }
}
