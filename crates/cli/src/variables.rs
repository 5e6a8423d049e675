//! Variables of the environment that look like settings and are none: a name with a slip in it would
//! otherwise leave a setting at its default, and nobody would know.

/// Variables that are no settings of the server: of the commands that talk to it, of its tests and of the
/// examples.
const OTHERS: &[&str] = &[
    "DESKHAND_API_KEY",
    "DESKHAND_CRASH_AT",
    "DESKHAND_IDENTITY_SECRET",
    "DESKHAND_REQUIRE_BROWSER",
    "DESKHAND_REQUIRE_POSTGRES",
    "DESKHAND_SCHEDULE_SEED",
    "DESKHAND_TEST_DATABASE",
    "DESKHAND_URL",
];

/// What Kubernetes sets in every pod beside a service that is called `deskhand`.
const OF_KUBERNETES: &[&str] = &["DESKHAND_PORT", "DESKHAND_SERVICE_"];

/// How many letters a name may be off to be taken for a slip.
const SLIPS: usize = 3;

/// The variables among these that look like settings and are none, each with the one that may be meant.
pub(crate) fn unknown(
    given: impl Iterator<Item = String>,
    settings: &[&str],
) -> Vec<(String, Option<String>)> {
    let known: Vec<String> = settings
        .iter()
        .map(|name| format!("DESKHAND_{}", name.to_ascii_uppercase()))
        .collect();
    let is_known = |name: &String| {
        known.contains(name)
            || OTHERS.contains(&name.as_str())
            || OF_KUBERNETES.iter().any(|begin| name.starts_with(begin))
    };
    let mut found: Vec<_> = given
        .filter(|name| name.starts_with("DESKHAND_") && !is_known(name))
        .map(|name| {
            let nearest = known
                .iter()
                .map(|known| (distance(&name, known), known))
                .min()
                .filter(|(distance, _)| *distance <= SLIPS)
                .map(|(_, known)| known.clone());
            (name, nearest)
        })
        .collect();
    found.sort();
    found
}

/// How many letters have to be put in, left out or changed (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = before + usize::from(from != *to);
            before = row[j + 1];
            row[j + 1] = changed.min(before + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_named_with_what_may_be_meant() {
        let given = [
            "DESKHAND_MODLE",
            "DESKHAND_DATABASE_URI",
            "DESKHAND_COLOUR_OF_THE_SKY",
            "DESKHAND_MODEL",
            "DESKHAND_API_KEY",
            "DESKHAND_SERVICE_HOST",
            "DESKHAND_PORT_8080_TCP",
            "PATH",
        ];
        let settings = ["model", "model_url", "database_url"];
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(
            unknown(given.iter().map(|name| (*name).to_owned()), &settings),
            [
                ("DESKHAND_COLOUR_OF_THE_SKY".to_owned(), None),
                (
                    "DESKHAND_DATABASE_URI".to_owned(),
                    some("DESKHAND_DATABASE_URL")
                ),
                ("DESKHAND_MODLE".to_owned(), some("DESKHAND_MODEL")),
            ]
        );
    }

    #[test]
    fn distances() {
        for (a, b, expected) in [
            ("", "", 0),
            ("a", "", 1),
            ("kitten", "sitting", 3),
            ("ab", "ba", 2),
        ] {
            assert_eq!(distance(a, b), expected);
            assert_eq!(distance(b, a), expected);
        }
    }
}
