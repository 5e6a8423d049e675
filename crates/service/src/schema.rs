//! Compiles parameter schemas (JSON Schema 2020-12).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use deskhand_domain::action::{Action, FieldError};
use deskhand_domain::check::{Callable, SchemaCheck};
use deskhand_domain::id::ActionId;
use deskhand_domain::parameters;
use deskhand_domain::report::{Problem, ProblemKind};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

/// Largest compiled size of one pattern: keeps a hostile schema from taking the memory.
const PATTERN_BYTES: usize = 1024 * 1024;

/// Most problems reported of one value: enough to mend it, too few to flood the prompt.
const PROBLEMS: usize = 20;

struct Compiled(Validator);

impl SchemaCheck for Compiled {
    fn problems(&self, parameters: &Value) -> Vec<Problem> {
        self.0
            .iter_errors(parameters)
            .take(PROBLEMS)
            .flat_map(|error| {
                let at = error
                    .instance_path()
                    .as_str()
                    .trim_start_matches('/')
                    .to_owned();
                let below = |name: &str| {
                    if at.is_empty() {
                        name.to_owned()
                    } else {
                        format!("{at}/{name}")
                    }
                };
                match error.kind() {
                    ValidationErrorKind::Required { property } => {
                        let name = property.as_str().unwrap_or_default();
                        vec![Problem {
                            parameter: below(name),
                            problem: ProblemKind::Missing,
                            message: "Required, and not given. Ask the customer for it.".to_owned(),
                        }]
                    }
                    ValidationErrorKind::AdditionalProperties { unexpected }
                    | ValidationErrorKind::UnevaluatedProperties { unexpected } => unexpected
                        .iter()
                        .map(|name| Problem {
                            parameter: below(name),
                            problem: ProblemKind::Invalid,
                            message: "There is no such parameter. Leave it out.".to_owned(),
                        })
                        .collect(),
                    _ => vec![Problem {
                        message: format!("Does not fit: {error}."),
                        parameter: at,
                        problem: ProblemKind::Invalid,
                    }],
                }
            })
            .collect()
    }
}

/// Compiles one schema. Formats are checked, patterns are matched in linear time (so look-around and
/// back-references are refused), and nothing is fetched.
pub fn compile(schema: &Value) -> Result<Box<dyn SchemaCheck>, FieldError> {
    let validator = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .with_pattern_options(
            PatternOptions::regex()
                .size_limit(PATTERN_BYTES)
                .dfa_size_limit(PATTERN_BYTES),
        )
        .offline()
        .build(schema)
        .map_err(|error| {
            let at = error.instance_path().as_str().replace('/', ".");
            FieldError::new(
                format!("parameters{at}"),
                format!("is not valid JSON Schema 2020-12: {error}"),
            )
        })?;
    Ok(Box::new(Compiled(validator)))
}

/// What keeps a schema from being used: it, or the part of it that models see, does not compile.
pub fn check(schema: &Value) -> Option<FieldError> {
    compile(&parameters::closed(schema))
        .and_then(|_| compile(&parameters::visible(schema)))
        .err()
}

/// Compiled actions by id; each holds the version asked for last.
#[derive(Debug, Default)]
pub struct Callables(Mutex<HashMap<ActionId, Arc<Callable>>>);

/// Most actions kept compiled.
const KEPT: usize = 10_000;

impl Callables {
    /// The compiled form of this very version, made at most once while it is in use.
    pub fn get(&self, action: &Action) -> Result<Arc<Callable>, FieldError> {
        if let Some(callable) = self.lock().get(&action.id)
            && callable.action.version == action.version
        {
            return Ok(Arc::clone(callable));
        }
        let callable = Arc::new(Callable::compile(action.clone(), compile)?);
        let mut kept = self.lock();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(action.id, Arc::clone(&callable));
        Ok(callable)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ActionId, Arc<Callable>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn problems_name_the_parameter() {
        let schema = json!({
            "type": "object",
            "properties": {
                "email": {"type": "string", "format": "email"},
                "lines": {"type": "array", "items": {"type": "object", "required": ["sku"]}}
            },
            "required": ["email", "lines"],
            "unevaluatedProperties": false
        });
        let check = compile(&schema).unwrap();
        let problems = |value: Value| {
            let mut found: Vec<_> = check
                .problems(&value)
                .into_iter()
                .map(|problem| (problem.parameter, problem.problem.as_str()))
                .collect();
            found.sort();
            found
        };
        assert_eq!(
            problems(json!({"email": "nobody", "lines": [{}], "extra": 1})),
            [
                ("email".to_owned(), "invalid"),
                ("extra".to_owned(), "invalid"),
                ("lines/0/sku".to_owned(), "missing"),
            ]
        );
        assert!(problems(json!({"email": "a@example.com", "lines": []})).is_empty());
    }

    #[test]
    fn a_bad_schema_is_named() {
        for schema in [
            json!({"type": "object", "properties": {"a": {"type": "text"}}}),
            json!({"type": "object", "properties": {"a": {"pattern": "(unclosed"}}}),
            json!({"type": "object", "properties": {"a": {"pattern": "(?=look)"}}}),
            json!({"type": "object", "properties": {"a": {"$ref": "https://example.com/schema.json"}}}),
        ] {
            let Err(error) = compile(&schema) else {
                panic!("accepted {schema}")
            };
            assert!(error.field.starts_with("parameters"), "{error:?}");
        }
    }
}
