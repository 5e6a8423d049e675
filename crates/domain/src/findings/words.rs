//! Words of a description: taken apart, brought to a common form, and weighed.

/// A closed list of words, written with spaces between them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(pub(super) &'static str);

impl Words {
    /// Every word, in order.
    pub(super) fn iter(self) -> impl Iterator<Item = &'static str> {
        self.0.split_ascii_whitespace()
    }

    /// Whether the word is among them.
    pub(super) fn has(self, word: &str) -> bool {
        self.iter().any(|known| known == word)
    }
}

/// Words that say nothing about what an action is for. The people in a description are among them:
/// every action serves a customer.
const STOP: Words = Words(
    "a about after all also an and any are as ask asks asked asking at be been before being \
     by can call caller client could customer do does for from give given gives guest had has \
     have help helps her his how if in into is it its like may member mention mentions might \
     must need needs needed not number of on only or our patient person please provide \
     provided provides request requests require required requires s say says should so some \
     someone something specific such than that the their them then there these they this those to up \
     use used user via want wants was what when whenever where whether which who will wish \
     wishes with would you your action tool function id using based one",
);

/// Stems that many actions share: they count, but little.
const WEAK: Words = Words(
    "look status detail inform account current new creat send exist date time day system \
     record data specif start request chang",
);

/// Words that owners write for each other, by stem: the first stands for all.
const SAME: &[Words] = &[
    Words(
        "look check find get fetch retriev search list show view read track lookup query locat see display",
    ),
    Words("parcel packag shipment deliver ship"),
    Words("status progress state"),
    Words("detail inform info data"),
    Words("book schedul reserv arrang"),
    Words("appoint visit"),
    Words("chang updat edit modify switch alter"),
    Words("cancel abort terminat call-off"),
    Words("refund reimburs"),
    Words("email mail"),
    Words("phon telephon mobil"),
    Words("invoic bill"),
    Words("reschedul postpon mov"),
    Words("stock avail availabl availability inventory"),
    Words("pric cost"),
    Words("creat open rais submit register log make add"),
    Words("delet remov eras"),
    Words("ticket complaint"),
];

/// The words of a text in lower case, with apostrophes inside them kept straight.
pub(super) fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace('’', "'")
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| word.trim_matches('\''))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The concepts of a text, each once: stems of the words that say something, synonyms folded.
pub(super) fn concepts(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in words(text) {
        let word = word.split('\'').next().unwrap_or_default();
        if STOP.has(word) || word.chars().any(|c| c.is_ascii_digit()) {
            continue;
        }
        let stem = stem(word);
        if stem.len() < 2 || STOP.has(&stem) {
            continue;
        }
        let concept = fold(&stem);
        if !found.iter().any(|known| known == concept) {
            found.push(concept.to_owned());
        }
    }
    found
}

/// Counts little in telling actions apart.
pub(super) fn is_weak(concept: &str) -> bool {
    WEAK.has(concept)
}

/// The word that stands for this stem and those that mean the same.
pub(super) fn fold(stem: &str) -> &str {
    SAME.iter()
        .find(|group| group.has(stem))
        .and_then(|group| group.iter().next())
        .unwrap_or(stem)
}

/// A light stem: enough for plurals, the endings of English verbs, and nouns made of them. It need
/// not be a word, only the same for all forms.
pub(super) fn stem(word: &str) -> String {
    let mut stem = singular(word);
    if !stem.is_ascii() {
        return stem;
    }
    for ending in ["ation", "ment", "ing", "ed"] {
        if let Some(start) = stem.strip_suffix(ending)
            && start.len() >= 3
            && start.contains(['a', 'e', 'i', 'o', 'u', 'y'])
        {
            let bytes = start.as_bytes();
            let doubled = bytes[bytes.len() - 1] == bytes[bytes.len() - 2]
                && !start.ends_with(['s', 'l', 'z', 'e', 'o']);
            stem = start[..start.len() - usize::from(doubled)].to_owned();
            break;
        }
    }
    if stem.len() > 4 && stem.ends_with("ll") {
        stem.pop(); // "cancelled" meets "cancel"; "install" loses one everywhere.
    }
    if stem.len() > 5 && stem.ends_with("ery") {
        stem.pop(); // "delivery" meets "deliver".
    }
    if stem.len() > 3 && stem.ends_with('e') && !stem.ends_with("ee") {
        stem.pop();
    }
    stem
}

fn singular(word: &str) -> String {
    for (ending, becomes, shortest) in [
        ("ies", "y", 2),
        ("sses", "ss", 1),
        ("ches", "ch", 2),
        ("shes", "sh", 1),
        ("xes", "x", 2),
        ("s", "", 3),
    ] {
        if let Some(start) = word.strip_suffix(ending)
            && start.chars().count() >= shortest
            && !(ending == "s" && start.ends_with(['s', 'u', 'i']))
        {
            return format!("{start}{becomes}");
        }
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_meet() {
        for group in [
            &[
                "cancel",
                "cancels",
                "cancelled",
                "canceled",
                "cancelling",
                "cancellation",
            ][..],
            &["deliver", "delivery", "deliveries", "delivered"],
            &["change", "changes", "changed", "changing"],
            &["reserve", "reserved", "reservation", "reservations"],
            &["track", "tracking", "tracked"],
            &["install", "installed", "installation", "installs"],
            &["address", "addresses"],
            &["ship", "shipping", "shipped", "shipment"],
            &["status"],
            &["bill", "bills", "billing", "billed"],
        ] {
            for word in group {
                assert_eq!(stem(word), stem(group[0]), "{word}");
            }
        }
    }

    #[test]
    fn concepts_leave_out_the_people_and_the_frame() {
        assert_eq!(
            concepts("Use when the customer wants to cancel an order. Requires the order number."),
            ["cancel", "order"]
        );
        assert_eq!(concepts("Find parcels"), concepts("track the shipment"));
    }
}
