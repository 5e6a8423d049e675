//! What the owner's system reports on an invocation, by the URL that came with the call.

use serde_json::{Map, Value, json};

use crate::action::FieldError;
use crate::check::canonical;
use crate::limits;

/// What a customer is told where the report says no and not why.
const NO_REASON_GIVEN: &str = "The request was declined, and no reason was given.";

/// A report on an invocation.
#[derive(Debug, Clone, PartialEq)]
pub enum CallbackReport {
    /// It is done.
    Completed {
        /// What came of it.
        result: Option<Value>,
    },
    /// It was not done.
    Declined {
        /// Why, in words written for customers.
        error: String,
    },
    /// It is under way.
    Progress {
        /// How far.
        text: String,
    },
}

impl CallbackReport {
    /// Reads one out of the fields of a request: `success` with `result` or `error`, or `progress`.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn parse(mut fields: Map<String, Value>) -> Result<Self, Vec<FieldError>> {
        let mut errors: Vec<FieldError> = fields
            .keys()
            .filter(|name| !FIELDS.contains(&name.as_str()))
            .map(|name| {
                let fields = FIELDS.join(", ");
                FieldError::new(
                    name,
                    format!("is not a field here; the fields are {fields}"),
                )
            })
            .collect();
        let mut given = |name: &str| fields.remove(name).filter(|value| !value.is_null());
        let (success, progress) = (given("success"), given("progress"));
        let (result, error) = (given("result"), given("error"));
        let misplaced = |name: &str, place: &str| {
            FieldError::new(name, format!("belongs to {place} only; leave it out"))
        };
        if result.is_some() && success != Some(Value::Bool(true)) {
            errors.push(misplaced("result", "`\"success\": true`"));
        }
        if error.is_some() && success != Some(Value::Bool(false)) {
            errors.push(misplaced("error", "`\"success\": false`"));
        }
        if success.is_some() && progress.is_some() {
            errors.push(misplaced("progress", "a report without `success`"));
        }
        let report = match (success, progress) {
            (Some(Value::Bool(true)), _) => Some(Self::Completed { result }),
            (Some(Value::Bool(false)), _) => match error {
                None => Some(Self::declined(NO_REASON_GIVEN)),
                Some(Value::String(text)) => Some(Self::declined(&text)),
                Some(_) => {
                    errors.push(FieldError::new("error", "must be text, or null"));
                    None
                }
            },
            (Some(_), _) => {
                errors.push(FieldError::new("success", "must be true or false"));
                None
            }
            (None, Some(Value::String(text))) => match text.trim().chars().count() {
                1..=limits::PROGRESS_CHARS => Some(Self::Progress {
                    text: text.trim().to_owned(),
                }),
                chars => {
                    let most = limits::PROGRESS_CHARS;
                    let message = format!("must be 1 to {most} characters long; it is {chars}");
                    errors.push(FieldError::new("progress", message));
                    None
                }
            },
            (None, Some(_)) => {
                errors.push(FieldError::new("progress", "must be text"));
                None
            }
            (None, None) => {
                let message =
                    "is required: true if it is done, false if it was not; or say `progress`";
                errors.push(FieldError::new("success", message));
                None
            }
        };
        match report {
            Some(report) if errors.is_empty() => Ok(report),
            _ => Err(errors),
        }
    }

    /// The same text for all spellings of the same report.
    pub fn canonical(&self) -> String {
        canonical(&match self {
            Self::Completed { result } => json!({"success": true, "result": result}),
            Self::Declined { error } => json!({"success": false, "error": error}),
            Self::Progress { text } => json!({"progress": text}),
        })
    }

    fn declined(error: &str) -> Self {
        let error: String = error
            .trim()
            .chars()
            .take(limits::DECLINED_ERROR_CHARS)
            .collect();
        Self::Declined {
            error: match error.is_empty() {
                true => NO_REASON_GIVEN.to_owned(),
                false => error,
            },
        }
    }
}

/// The fields of a report.
const FIELDS: [&str; 4] = ["success", "result", "error", "progress"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(body: Value) -> Result<CallbackReport, Vec<String>> {
        let Value::Object(fields) = body else {
            panic!("an object")
        };
        CallbackReport::parse(fields).map_err(|errors| {
            let fields = errors.into_iter().map(|error| error.field);
            fields.collect()
        })
    }

    #[test]
    fn the_three_reports() {
        let done = parse(json!({"success": true, "result": {"id": "R-1"}}));
        let result = Some(json!({"id": "R-1"}));
        assert_eq!(done, Ok(CallbackReport::Completed { result }));
        let declined = parse(json!({"success": false, "error": " Too late "}));
        let error = "Too late".to_owned();
        assert_eq!(declined, Ok(CallbackReport::Declined { error }));
        let progress = parse(json!({"progress": "Half way"}));
        let text = "Half way".to_owned();
        assert_eq!(progress, Ok(CallbackReport::Progress { text }));
    }

    #[test]
    fn a_reason_is_not_needed() {
        for body in [
            json!({"success": false}),
            json!({"success": false, "error": "  "}),
            json!({"success": false, "error": null, "result": null}),
        ] {
            let error = NO_REASON_GIVEN.to_owned();
            assert_eq!(parse(body), Ok(CallbackReport::Declined { error }));
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (body, wrong) in [
            (json!({}), vec!["success"]),
            (json!({"success": "yes"}), vec!["success"]),
            (json!({"success": true, "error": "no"}), vec!["error"]),
            (json!({"success": false, "result": 1}), vec!["result"]),
            (json!({"success": false, "error": 1}), vec!["error"]),
            (json!({"success": true, "progress": "x"}), vec!["progress"]),
            (json!({"progress": ""}), vec!["progress"]),
            (json!({"progress": 5}), vec!["progress"]),
            (json!({"progress": "x".repeat(1_001)}), vec!["progress"]),
            (json!({"success": true, "status": "done"}), vec!["status"]),
            (json!({"result": 1}), vec!["result", "success"]),
        ] {
            assert_eq!(parse(body.clone()).unwrap_err(), wrong, "{body}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z]{1,6}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_object_is_a_report_or_names_what_is_wrong(
            fields in prop::collection::btree_map(
                prop_oneof![
                    Just("success".to_owned()), Just("result".to_owned()), Just("error".to_owned()),
                    Just("progress".to_owned()), "[a-z]{1,8}",
                ],
                value(),
                0..5,
            )
        ) {
            let fields: Map<String, Value> = fields.into_iter().collect();
            match CallbackReport::parse(fields.clone()) {
                Ok(CallbackReport::Completed { result }) => {
                    prop_assert_eq!(&fields["success"], &json!(true));
                    prop_assert_eq!(
                        result.unwrap_or_default(),
                        fields.get("result").cloned().unwrap_or_default()
                    );
                }
                Ok(CallbackReport::Declined { error }) => {
                    prop_assert_eq!(&fields["success"], &json!(false));
                    prop_assert!(!error.is_empty());
                    prop_assert!(error.chars().count() <= limits::DECLINED_ERROR_CHARS);
                }
                Ok(CallbackReport::Progress { text }) => {
                    prop_assert!(fields.get("success").is_none_or(Value::is_null));
                    prop_assert!((1..=limits::PROGRESS_CHARS).contains(&text.chars().count()));
                }
                Err(errors) => prop_assert!(!errors.is_empty()),
            }
        }

        #[test]
        fn what_says_the_same_reads_the_same(result in value()) {
            let one = parse(json!({"success": true, "result": result})).unwrap();
            let text = format!("{{ \"result\": {result},  \"error\": null, \"success\":true }}");
            let other = parse(serde_json::from_str(&text).unwrap()).unwrap();
            prop_assert_eq!(one.canonical(), other.canonical());
            let no = parse(json!({"success": false})).unwrap();
            prop_assert_ne!(one.canonical(), no.canonical());
        }
    }
}
