//! Words: how a sentence is taken apart, and which words mean the same.

/// Words that say nothing about which action is meant.
const STOP: &[&str] = &[
    "a", "about", "after", "again", "all", "also", "am", "an", "and", "any", "are", "aren", "as",
    "ask", "at", "be", "been", "before", "but", "by", "call", "came", "can", "come", "could",
    "customer", "did", "do", "does", "doesn", "for", "from", "get", "give", "given", "go", "going",
    "got", "had", "hadn", "has", "hasn", "have", "haven", "he", "hello", "help", "her", "hey",
    "hi", "his", "how", "i", "if", "in", "into", "is", "isn", "it", "its", "just", "know", "let",
    "like", "ll", "madam", "me", "mine", "more", "my", "need", "no", "not", "now", "number", "of",
    "ok", "on", "once", "one", "only", "or", "our", "out", "please", "pls", "plz", "re", "require",
    "required", "s", "say", "see", "she", "should", "sir", "so", "some", "someone", "still", "t",
    "tell", "than", "thank", "that", "the", "their", "them", "then", "there", "they", "thi",
    "this", "to", "today", "too", "up", "us", "use", "user", "ve", "wa", "want", "was", "wasn",
    "we", "were", "weren", "what", "when", "which", "who", "why", "will", "wish", "with", "would",
    "yet", "you", "your",
];

/// Words that many actions share: they count, but little.
const WEAK: &[&str] = &[
    "where",
    "check",
    "look",
    "lookup",
    "find",
    "show",
    "list",
    "make",
    "create",
    "send",
    "set",
    "change",
    "update",
    "request",
    "new",
    "status",
    "detail",
    "info",
    "information",
    "account",
    "id",
    "time",
    "date",
    "day",
    "work",
    "thing",
    "account",
];

/// Groups of words that customers use for each other. In stemmed form.
const SAME: &[&[&str]] = &[
    &[
        "order", "package", "parcel", "delivery", "shipment", "purchase", "deliver", "ship",
    ],
    &["refund", "reimburse", "money"],
    &["cancel", "abort", "stop"],
    &["track", "where", "status", "arrive", "arrival"],
    &["appointment", "booking", "reservation", "visit"],
    &["book", "schedule", "reserve"],
    &["reschedule", "move", "postpone"],
    &["change", "update", "edit", "modify", "switch"],
    &["email", "mail"],
    &["phone", "telephone", "mobile", "cell"],
    &["return", "exchange"],
    &["bill", "invoice", "receipt"],
    &["ticket", "issue", "problem", "complaint"],
    &["price", "cost", "quote"],
    &["stock", "available", "availability", "inventory"],
    &["subscription", "plan", "membership"],
];

/// Words after which the next content word is not meant.
const NEGATIONS: &[&str] = &[
    "don't", "dont", "not", "never", "didn't", "didnt", "without", "won't",
];

/// Things that may be asked to be done, in stemmed form: an action that knows nothing of one does
/// not do it, whatever else fits.
const DEEDS: &[&str] = &[
    "cancel",
    "abort",
    "stop",
    "refund",
    "reimburse",
    "return",
    "exchange",
    "replace",
    "change",
    "update",
    "edit",
    "modify",
    "delete",
    "remove",
    "add",
    "buy",
    "pay",
    "book",
    "schedule",
    "reschedule",
    "reserve",
    "move",
    "postpone",
    "reorder",
    "complain",
    "complaint",
    "unsubscribe",
    "subscribe",
    "upgrade",
    "downgrade",
    "redirect",
    "reset",
    "repeat",
    "dispute",
    "report",
];

/// What the names of actions begin with that only look things up.
const LOOKS_UP: &[&str] = &[
    "check",
    "get",
    "find",
    "look",
    "lookup",
    "track",
    "show",
    "view",
    "see",
    "list",
    "search",
    "fetch",
    "read",
    "query",
    "status",
    "where",
    "locate",
    "calculate",
    "estimate",
    "compare",
];

/// Something to be done. Stemmed.
pub(super) fn is_deed(stem: &str) -> bool {
    DEEDS.contains(&stem)
}

/// The name is one of an action that only looks things up.
pub(super) fn is_look_up(name: &str) -> bool {
    let mut parts = name.split('_');
    parts.next().is_some_and(|first| LOOKS_UP.contains(&first))
        || parts.next_back().is_some_and(|last| {
            matches!(
                last,
                "status" | "lookup" | "search" | "tracking" | "info" | "details"
            )
        })
}

/// The words of a text in lower case; a word keeps its apostrophe.
pub(super) fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace('’', "'")
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| word.trim_matches('\''))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The stems that carry meaning, each once, without those that are negated ("don't cancel").
pub(super) fn content(text: &str) -> Vec<String> {
    let mut stems: Vec<String> = Vec::new();
    let mut negated = false;
    for word in words(text) {
        if NEGATIONS.contains(&word.as_str()) {
            negated = true;
            continue;
        }
        let word = word.split('\'').next().unwrap_or_default();
        let stem = stem(word);
        if is_stop(word) || is_stop(&stem) || stem.chars().any(|c| c.is_ascii_digit()) {
            continue;
        }
        if !std::mem::take(&mut negated) && !stems.contains(&stem) {
            stems.push(stem);
        }
    }
    stems
}

/// Says nothing by itself.
pub(super) fn is_stop(word: &str) -> bool {
    STOP.contains(&word)
}

/// Says little by itself.
pub(super) fn is_weak(stem: &str) -> bool {
    WEAK.contains(&stem)
}

/// Customers say one for the other. Both stemmed.
pub(super) fn same(a: &str, b: &str) -> bool {
    a == b
        || SAME
            .iter()
            .any(|group| group.contains(&a) && group.contains(&b))
}

/// A light stem: enough for plurals and the common endings of English verbs.
pub(super) fn stem(word: &str) -> String {
    let mut stem = word.to_owned();
    for (ending, becomes, shortest) in [
        ("ies", "y", 2),
        ("sses", "ss", 2),
        ("ches", "ch", 2),
        ("shes", "sh", 2),
        ("xes", "x", 2),
        ("s", "", 3),
    ] {
        if let Some(start) = word.strip_suffix(ending)
            && start.len() >= shortest
            && !(ending == "s" && start.ends_with(['s', 'u', 'i']))
        {
            stem = format!("{start}{becomes}");
            break;
        }
    }
    for ending in ["ation", "ment", "ing", "ed"] {
        let Some(start) = stem.strip_suffix(ending) else {
            continue;
        };
        // Words that only look as if they had the ending.
        if start.len() < 3 || matches!(stem.as_str(), "shipment" | "appointment" | "reservation") {
            continue;
        }
        let bytes = start.as_bytes();
        let doubled = bytes.len() >= 2
            && bytes[bytes.len() - 1] == bytes[bytes.len() - 2]
            && !start.ends_with(['s', 'l', 'e'])
            || start.ends_with("cell");
        let mut start = start.to_owned();
        if doubled {
            start.pop();
        }
        return finish(start);
    }
    finish(stem)
}

/// "cancelled", "cancellation" and "cancel" meet; "change", "changing" and "changed" too.
fn finish(mut stem: String) -> String {
    if stem == "cancell" {
        stem.pop();
    }
    if stem.len() > 4 && stem.ends_with('e') {
        stem.pop();
    }
    match stem.as_str() {
        "chang" => "change",
        "updat" => "update",
        "pric" => "price",
        "purchas" => "purchase",
        "reschedul" => "reschedule",
        "schedul" => "schedule",
        "reserv" | "reserve" => "reserve",
        "invoic" => "invoice",
        "phon" => "phone",
        "telephon" => "telephone",
        "mobil" => "mobile",
        "arriv" => "arrive",
        "reimburs" => "reimburse",
        "packag" => "package",
        "creat" => "create",
        "mov" => "move",
        "postpon" => "postpone",
        "exchang" => "exchange",
        "availabl" => "available",
        "emails" => "email",
        "issu" => "issue",
        "quot" => "quote",
        "wher" => "where",
        "requir" => "require",
        _ => return stem,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_meet() {
        for group in [
            &[
                "cancel",
                "cancelled",
                "canceled",
                "cancelling",
                "cancellation",
                "cancels",
            ][..],
            &["ship", "shipped", "shipping", "ships"],
            &["order", "orders", "ordered"],
            &["change", "changed", "changing", "changes"],
            &["delivery", "deliveries"],
            &["package", "packages"],
            &["status"],
        ] {
            for word in group {
                assert_eq!(stem(word), group[0], "{word}");
            }
        }
    }

    #[test]
    fn what_is_negated_is_not_meant() {
        assert_eq!(content("Don't cancel it, just track it"), ["track"]);
        assert_eq!(content("Where's my order?"), ["where", "order"]);
    }
}
