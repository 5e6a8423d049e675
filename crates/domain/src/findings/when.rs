//! Whether a description says when to use the action.

use super::language::{self, Language};
use super::words::{Words, words};

/// Those talk to an agent.
const PEOPLE: Words = Words(
    "customer customers user users client clients guest guests patient patients member \
     members student students tenant tenants visitor visitors shopper shoppers caller callers \
     passenger passengers subscriber subscribers reader readers buyer buyers owner owners \
     people anyone someone they contact resident residents traveller traveler donor donors \
     employee employees parent parents driver drivers person applicant policyholder \
     cardholder borrower viewer",
);

/// What they do when an action is wanted.
const WISHES: Words = Words(
    "ask asks asking asked want wants wanting need needs needing say says report reports \
     request requests requested wish wishes would complain complains mention mentions inquire \
     inquires enquire enquires cannot can't forgot forgets lost loses has have is are gives \
     provides agrees confirms decides seeks looking wonder wonders calls tells does doesn't \
     didn't hasn't reported changed",
);

/// Words before a "when" or "if" that only opens a question: "the date when", "check if".
const QUESTIONS: Words = Words(
    "date time day moment out know about tell tells see sees show shows exactly determine \
     determines check checks verify verifies of on find whether returns return learn says \
     explains explain describes look or confirm confirms calculate calculates estimate \
     estimates predict predicts",
);

/// Words after "use", "call" and the like that go on to say when.
const AFTER_USE: Words =
    Words("this it for only in after before once as whenever when if instead during while on upon");

/// Words before "use" that belong to an instruction.
const BEFORE_USE: Words = Words("only always please to be or");

/// Whether the text says when to use the action.
pub(super) fn says_when(text: &str) -> bool {
    let all = words(text);
    if language::of(text, &all) == Language::Other {
        // An unknown word for "when" is no reason to blame the owner of a longer text.
        return language::says_when(text) || all.len() >= 12 || text.chars().count() >= 60;
    }
    sentences(text).any(|sentence| {
        let words = words(sentence);
        (0..words.len()).any(|i| Place { words: &words, i }.is_cue())
    })
}

/// The sentences of a text, roughly: what stands between full stops.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split(['.', '!', '?', '\n', ';'])
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty())
}

/// A word in its sentence.
struct Place<'a> {
    words: &'a [String],
    i: usize,
}

impl Place<'_> {
    /// The word this many steps on; empty past the end.
    fn after(&self, steps: usize) -> &str {
        self.words.get(self.i + steps).map_or("", String::as_str)
    }

    /// The word this many steps back; empty before the beginning.
    fn before(&self, steps: usize) -> &str {
        let at = self.i.checked_sub(steps);
        at.and_then(|at| self.words.get(at))
            .map_or("", String::as_str)
    }

    /// Whether what begins here says when to use the action.
    fn is_cue(&self) -> bool {
        match self.after(0) {
            "whenever" => true,
            // After nothing it opens the sentence; after a question word it is part of one.
            "when" | "if" | "once" => !self.after(1).is_empty() && !QUESTIONS.has(self.before(1)),
            "use" | "used" | "call" | "choose" | "pick" | "run" | "invoke" => self.is_instruction(),
            "case" => self.before(1) == "in" && !self.after(1).is_empty(),
            "request" => matches!(self.before(1), "on" | "upon") || self.before(2) == "at",
            "questions" => matches!(
                self.after(1),
                "about" | "on" | "like" | "regarding" | "such"
            ),
            "response" => self.before(1) == "in" && self.after(1) == "to",
            "who" => PEOPLE.has(self.before(1)) && WISHES.has(self.after(1)),
            person => PEOPLE.has(person) && (1..=2).any(|steps| WISHES.has(self.after(steps))),
        }
    }

    /// "Use for …", "Call this when …", "Only use after …"; but not "Use this to …", which says what
    /// for and not when.
    fn is_instruction(&self) -> bool {
        let opens = self.i == 0 || BEFORE_USE.has(self.before(1));
        let what_for = matches!(self.after(1), "this" | "it") && self.after(2) == "to";
        opens && AFTER_USE.has(self.after(1)) && !self.after(2).is_empty() && !what_for
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_when_inside_a_question_is_none() {
        for (text, expected) in [
            ("Use when the customer wants it.", true),
            ("Whenever a guest checks in.", true),
            ("For customers who want to pay.", true),
            ("Only use after the order was paid.", true),
            ("In case of fire.", true),
            ("Returns the date when it was sent.", false),
            ("Check if it is open.", false),
            ("Use this to send it.", false),
            ("The user id of the account.", false),
            ("", false),
        ] {
            assert_eq!(says_when(text), expected, "{text}");
        }
    }
}
