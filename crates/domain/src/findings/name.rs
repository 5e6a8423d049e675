//! What an action's name promises: a look-up or a change.

use super::words::Words;
use super::{Finding, FindingCode, Severity};
use crate::action::{ActionDefinition, Confirmation, Effect};

/// What a name reads like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Promise {
    /// It only looks.
    LookUp,
    /// It changes something that is easily put right.
    Change,
    /// It costs money, takes something away, or is hard to undo.
    GraveChange,
    /// Neither can be told.
    Unclear,
}

const LOOK_UPS: Words = Words(
    "calculate check compare count describe estimate fetch find get list locate look lookup \
     query read retrieve search see show track view whereis",
);
const CHANGES: Words = Words(
    "add apply approve archive assign attach confirm create disable email enable escalate \
     extend file log mark message modify notify open pause post raise record register rename \
     renew reopen reply report request resend restart resume save schedule send set share sms \
     start submit subscribe sync turn unlock unsubscribe upload write",
);
const GRAVE_CHANGES: Words = Words(
    "abort activate block book buy cancel change charge checkout close deactivate delete \
     deduct dispatch downgrade drop edit end erase exchange grant issue lock merge migrate \
     move pay place postpone purchase redeem refund reimburse reject release remove replace \
     reschedule reserve reset return revoke rotate stop suspend swap terminate transfer \
     unsuspend update upgrade void waive withdraw",
);
/// Verbs of the lists above that are nouns as often: `refund_status`, `book_details`.
const ALSO_NOUNS: Words = Words(
    "book charge email exchange file issue log message post record refund release report request \
     return transfer purchase",
);
/// Nouns that are looked up, never changed, where they end a name.
const LOOKED_UP: Words = Words(
    "availability balance cost details detail eligibility fee fees history info information \
     list lookup options overview policy price prices progress query quote rates reasons \
     search status statuses summary times tracking",
);
/// Nouns that cost money or bind the customer when something makes one.
const COSTLY: Words = Words(
    "appointment booking charge order payment payout purchase refund rental reservation \
     subscription transfer",
);
/// Changes that make something of the noun that ends the name.
const MAKERS: Words =
    Words("add apply approve create open request send start submit schedule confirm");

/// What a name reads like, from its verb. A name may begin with its object (`order_cancel`).
pub(super) fn promise(name: &str) -> Promise {
    let words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return Promise::Unclear;
    };
    if let ["check", "in" | "out", rest @ ..] = words.as_slice()
        && !rest.last().is_some_and(|word| LOOKED_UP.has(word))
    {
        return Promise::GraveChange;
    }
    if LOOK_UPS.has(first) {
        return Promise::LookUp;
    }
    let noun_phrase = words.len() > 1 && (LOOKED_UP.has(last) || LOOK_UPS.has(last));
    if noun_phrase && (ALSO_NOUNS.has(first) || !is_change(first)) {
        return Promise::LookUp;
    }
    if GRAVE_CHANGES.has(first) {
        return Promise::GraveChange;
    }
    if CHANGES.has(first) {
        return if MAKERS.has(first) && words.iter().any(|word| COSTLY.has(word)) {
            Promise::GraveChange
        } else {
            Promise::Change
        };
    }
    // The verb after its object; one that is a noun as often says nothing there.
    match words
        .iter()
        .skip(1)
        .find(|word| is_change(word) && !ALSO_NOUNS.has(word))
    {
        Some(verb) if GRAVE_CHANGES.has(verb) => Promise::GraveChange,
        Some(_) => Promise::Change,
        None => Promise::Unclear,
    }
}

fn is_change(word: &str) -> bool {
    CHANGES.has(word) || GRAVE_CHANGES.has(word)
}

pub(super) fn findings(
    definition: &ActionDefinition,
    others: &[&ActionDefinition],
) -> Vec<Finding> {
    let name = definition.name.as_str();
    let mut findings = Vec::new();
    if others.iter().any(|other| other.name == name) {
        findings.push(Finding::new(
            Severity::Error,
            FindingCode::NameTaken,
            "name",
            format!("Another action is called {name} already."),
            "Choose another name, or change the action that has it.",
        ));
    }
    let promise = promise(name);
    let changes = matches!(promise, Promise::Change | Promise::GraveChange);
    if changes && definition.confirmation == Confirmation::Never {
        findings.push(without_confirmation(name, promise));
    }
    if changes && definition.effect == Effect::Read {
        findings.push(Finding::new(
            Severity::Warning,
            FindingCode::WriteMarkedRead,
            "effect",
            format!(
                "{name} reads like a change, and its effect is \"read\": an uncertain call may be sent again, and is reported as failed although it may have happened."
            ),
            "Set effect to \"write\" unless running it twice does no harm.",
        ));
    }
    if promise == Promise::LookUp && definition.effect == Effect::Write {
        // Only information: "write" is the default, and the safe one.
        findings.push(Finding::new(
            Severity::Info,
            FindingCode::ReadMarkedWrite,
            "effect",
            format!(
                "{name} reads like a look-up, and its effect is \"write\": after a cut connection it is not tried again, and the customer is told that the outcome is uncertain."
            ),
            "Set effect to \"read\" if it only looks things up.",
        ));
    }
    findings
}

fn without_confirmation(name: &str, promise: Promise) -> Finding {
    let (severity, suggestion) = if promise == Promise::GraveChange {
        (
            Severity::Warning,
            "Set confirmation to \"always\" if it must never run without the customer's yes. This version cannot ask for that yes yet and then refuses the call, so until it can, see that your side can undo it.",
        )
    } else {
        (
            Severity::Info,
            "If a mistake would cost the customer something, see that your side can undo it, or set confirmation to \"always\" once this server can ask for it.",
        )
    };
    Finding::new(
        severity,
        FindingCode::WriteWithoutConfirmation,
        "confirmation",
        format!("{name} reads like a change, and it is made without asking the customer first."),
        suggestion,
    )
}
