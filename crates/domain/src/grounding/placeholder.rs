//! Words that stand for "no value".

use super::normal::fold;

/// Whether the text is one of the words models put where they have no value: "", "none", "n/a",
/// "unknown", "not provided", "your order number", "`<email>`", "xxx". Case, spaces and punctuation do
/// not matter.
pub fn is_placeholder(text: &str) -> bool {
    let trimmed = text.trim();
    let bracketed = [('<', '>'), ('[', ']'), ('{', '}')]
        .iter()
        .any(|&(open, close)| trimmed.starts_with(open) && trimmed.ends_with(close));
    if bracketed && !trimmed.chars().any(|c| c.is_ascii_digit()) {
        return true;
    }
    let folded = fold(trimmed);
    if folded.is_empty() || folded.chars().all(|c| c == 'x') {
        return true;
    }
    const WORDS: &[&str] = &[
        "none",
        "na",
        "null",
        "nil",
        "nan",
        "undefined",
        "unknown",
        "unspecified",
        "unavailable",
        "tbd",
        "tba",
        "tbc",
        "notprovided",
        "notgiven",
        "notspecified",
        "notavailable",
        "notapplicable",
        "notknown",
        "notsure",
        "notset",
        "notstated",
        "nodata",
        "novalue",
        "emptystring",
        "string",
        "example",
        "placeholder",
        "dummy",
        "foobar",
        "idontknow",
        "dontknow",
        "dontcare",
        "toprovide",
        "tobeprovided",
        "tobedetermined",
        "tobeconfirmed",
        "userinput",
        "useremail",
        "customeremail",
        "emailaddress",
        "ordernumber",
        "orderid",
        "phonenumber",
        "customerid",
        "userid",
        "examplecom",
    ];
    if WORDS.contains(&folded.as_str()) {
        return true;
    }
    const OPENINGS: &[&str] = &[
        "your ",
        "enter ",
        "insert ",
        "please provide",
        "please enter",
        "provide ",
        "customer's ",
        "the customer's ",
        "the user's ",
        "user's ",
        "not provided",
        "not specified",
        "not given",
        "unknown ",
    ];
    const NOUNS: &[&str] = &[
        "number",
        "id",
        "email",
        "address",
        "name",
        "phone",
        "date",
        "code",
        "here",
        "value",
        "reference",
        "amount",
    ];
    let lower = trimmed
        .to_lowercase()
        .replace(['_', '-', '’'], " ")
        .replace(" s ", "'s ");
    let plain = !lower.chars().any(|c| c.is_ascii_digit() || c == '@');
    plain
        && OPENINGS.iter().any(|opening| lower.starts_with(opening))
        && lower.split_whitespace().next_back().is_some_and(|last| {
            NOUNS.contains(&last.trim_end_matches(['.', '!']))
                || lower.starts_with("not ")
                || lower.starts_with("unknown ")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_no_value() {
        for text in [
            "",
            " ",
            "-",
            "?",
            "None",
            "N/A",
            "n.a.",
            "NA",
            "Unknown",
            "null",
            "TBD",
            "not provided",
            "Not_Provided",
            "xxx",
            "XXX-XXX",
            "string",
            "example",
            "your order number",
            "YOUR_ORDER_NUMBER",
            "<order number>",
            "[email]",
            "enter your email",
            "…",
            "--",
            "\"\"",
            "customer's email address",
            "not specified yet",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn words_for_a_value() {
        for text in [
            "ORD-12345",
            "Ada",
            "0",
            "no",
            "Nona",
            "your sister",
            "ada@example.com",
            "Unknown Pleasures 12",
            "Nadia",
            "exact",
            "<ORD-1>",
            "stringer",
            "damaged on arrival",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
