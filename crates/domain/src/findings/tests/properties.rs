//! No text and no schema breaks a review.

use proptest::prelude::*;

use super::*;

const FIELDS: &[&str] = &[
    "name",
    "description",
    "webhook_url",
    "parameters",
    "timeout_seconds",
    "headers",
    "effect",
    "confirmation",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        "(use|when|if|the|customer|wants|order|check|cancel|handle|_|\\.|'|’| |ing|İ|ß|注文|\\?key=1&){0,20}",
    ]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let key = prop_oneof![
            Just("type".to_owned()),
            Just("properties".to_owned()),
            Just("required".to_owned()),
            Just("description".to_owned()),
            Just("order_id".to_owned()),
            Just("x-source".to_owned()),
            text(),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..5)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn definition() -> impl Strategy<Value = ActionDefinition> {
    (
        text(),
        text(),
        text(),
        text(),
        json(),
        any::<u32>(),
        any::<bool>(),
    )
        .prop_map(
            |(name, display_name, description, url, parameters, timeout, read)| {
                with(json!({
                    "name": name, "display_name": display_name, "description": description,
                    "webhook_url": url, "parameters": parameters, "timeout_seconds": timeout,
                    "effect": if read { "read" } else { "write" },
                    "headers": [{"name": name, "value": url}],
                }))
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_finding_has_its_parts(one in definition(), other in definition(), message in text()) {
        let observed = Observed {
            invalid: vec![FieldError::new("examples.0", message)],
            url: UrlObserved::DoesNotResolve,
            p95_ms: Some(7_000),
        };
        for finding in review(&one, &[&other, &one], &observed) {
            prop_assert!(!finding.message.trim().is_empty() && !finding.suggestion.trim().is_empty());
            let known = FIELDS.contains(&top_field(&finding.field)) || finding.field == "examples.0";
            prop_assert!(known, "{}", finding.field);
        }
        let likeness = likeness(&one, &other);
        prop_assert!((0.0..=1.0 + 1e-9).contains(&likeness), "{likeness}");
    }
}
