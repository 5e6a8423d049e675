//! The judgement on a call that a model asks for: whether it may leave, and as what. Nothing can be
//! dispatched but a [`CheckedCall`], and nothing but [`check`] makes one, or reads one back that was
//! recorded.

mod call;
mod repeat;
mod spelling;

use std::sync::Arc;

use serde_json::{Map, Value};

pub use self::call::{CheckedCall, canonical, in_short};
pub use self::repeat::Wish;
use crate::action::{Action, Confirmation};
use crate::contact::Contact;
use crate::grounding::{self, Evidence, Provenance, ProvenanceSource, RefusedReason, Rules};
use crate::invocation::FailureCode;
use crate::limits;
use crate::parameters::{self, FilledFrom, ServerFilled};
use crate::prompt::{Tool, ToolCall};
use crate::report::{Problem, ProblemKind, Report};

/// Validates values against one compiled schema.
pub trait SchemaCheck: Send + Sync {
    /// What does not fit, value by value: what is required and absent as `missing`, all else as
    /// `invalid`. Empty: it fits.
    fn problems(&self, parameters: &Value) -> Vec<Problem>;
}

/// One version of an action with everything compiled that checking a call needs. Made once a version.
pub struct Callable {
    /// The action.
    pub action: Action,
    /// What the model sees of it.
    pub tool: Arc<Tool>,
    /// Accepts what the model may send.
    from_model: Box<dyn SchemaCheck>,
    /// Accepts what the endpoint may get.
    to_endpoint: Box<dyn SchemaCheck>,
    filled: Vec<ServerFilled>,
    rules: Rules,
}

impl std::fmt::Debug for Callable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Callable")
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}

impl Callable {
    /// Compiles an action. `compile` turns a JSON Schema into its check.
    pub fn compile<E>(
        action: Action,
        compile: impl Fn(&Value) -> Result<Box<dyn SchemaCheck>, E>,
    ) -> Result<Self, E> {
        let schema = &action.definition.parameters;
        let visible = parameters::visible(schema);
        Ok(Self {
            from_model: compile(&parameters::closed(&visible))?,
            to_endpoint: compile(&parameters::closed(schema))?,
            filled: parameters::server_filled(schema),
            rules: Rules::compile(schema),
            tool: Arc::new(Tool {
                name: action.definition.name.clone(),
                display_name: action.definition.display_name.clone(),
                description: action.definition.description.clone(),
                parameters: parameters::for_providers(&visible),
                examples: action.definition.examples.clone(),
            }),
            action,
        })
    }

    /// Checks parameters that did not come from a model, for a test run from the API: fills in what
    /// the server fills in and is not given, then asks for the schema as the endpoint will see it.
    pub fn check_given(
        &self,
        mut given: Map<String, Value>,
        contact: &Contact,
    ) -> Result<CheckedCall, Vec<Problem>> {
        for filled in &self.filled {
            if let Some(value) = filled.value(contact) {
                given.entry(filled.property.clone()).or_insert(value);
            }
        }
        let problems = self.to_endpoint.problems(&Value::Object(given.clone()));
        if problems.is_empty() {
            Ok(CheckedCall::new(&self.action, given, Vec::new()))
        } else {
            Err(problems)
        }
    }
}

/// What is to become of one call.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It may be sent.
    Send(CheckedCall),
    /// It is sound but must not be sent; it is recorded as failed.
    Refuse(CheckedCall, FailureCode, String),
    /// It is not sound; the model is told.
    Told(Report),
}

/// Judges one call. `callables` are the actions on offer in this turn.
pub fn check(
    call: &ToolCall,
    callables: &[Arc<Callable>],
    contact: &Contact,
    contact_verified: bool,
    evidence: &Evidence<'_>,
) -> Verdict {
    let Some(callable) = callables
        .iter()
        .find(|callable| callable.tool.name == call.name)
    else {
        let names: Vec<&str> = callables.iter().map(|c| c.tool.name.as_str()).collect();
        return Verdict::Told(Report::invalid(
            format!(
                "There is no action of that name. The actions are: {}.",
                names.join(", ")
            ),
            Vec::new(),
        ));
    };
    let mut given = match parse(&call.arguments) {
        Ok(given) => given,
        Err(message) => return Verdict::Told(Report::invalid(message, Vec::new())),
    };
    let schema = &callable.tool.parameters;
    drop_empty(schema, &mut given);

    let mut problems = callable.from_model.problems(&Value::Object(given.clone()));
    let grounding = grounding::ground(&callable.rules, &given, evidence);
    let required = parameters::required_names(schema);
    for refused in &grounding.refused {
        // What does not even fit the schema is said once, as that.
        let name = refused.path.trim_start_matches('/');
        if !problems.iter().any(|problem| problem.parameter == name) {
            problems.push(Problem {
                parameter: name.to_owned(),
                problem: ProblemKind::NotGiven,
                message: explain(
                    refused.reason,
                    name.split('/')
                        .next()
                        .is_some_and(|first| required.contains(&first)),
                )
                .to_owned(),
            });
        }
    }
    if problems
        .iter()
        .any(|problem| problem.problem == ProblemKind::Invalid)
    {
        return Verdict::Told(Report::invalid(
            "Not sent: the parameters do not fit. Mend what you can from what the customer said, ask \
             them for the rest.",
            problems,
        ));
    }
    if !problems.is_empty() {
        return Verdict::Told(Report::needs_input(problems));
    }
    complete(
        callable,
        given,
        grounding.accepted,
        contact,
        contact_verified,
    )
}

/// Adds what the server fills in, and applies the action's own conditions.
fn complete(
    callable: &Callable,
    mut parameters: Map<String, Value>,
    mut provenance: Vec<Provenance>,
    contact: &Contact,
    contact_verified: bool,
) -> Verdict {
    let mut refusal = None;
    for filled in &callable.filled {
        match filled.value(contact) {
            Some(value) => {
                parameters.insert(filled.property.clone(), value);
                provenance.push(provenance_of(filled));
            }
            None if filled.required => {
                if let FilledFrom::Contact(source) = &filled.from {
                    refusal = Some((
                        FailureCode::ContactFieldMissing,
                        format!(
                            "{} comes from {source}, which this contact does not have",
                            filled.property
                        ),
                    ));
                }
            }
            None => {}
        }
    }
    let definition = &callable.action.definition;
    if refusal.is_none() {
        let problems = callable
            .to_endpoint
            .problems(&Value::Object(parameters.clone()));
        if let Some(problem) = problems.first() {
            refusal = Some((
                FailureCode::ContactFieldMissing,
                format!("{}: {}", problem.parameter, problem.message),
            ));
        }
    }
    if refusal.is_none() && definition.requires_verified_contact && !contact_verified {
        refusal = Some((
            FailureCode::NotVerified,
            "the action asks for a verified contact, and this contact is only asserted".to_owned(),
        ));
    }
    if refusal.is_none() && definition.confirmation == Confirmation::Always {
        refusal = Some((
            FailureCode::ConfirmationUnavailable,
            "the action asks for a confirmation, which this version of Deskhand cannot ask for yet"
                .to_owned(),
        ));
    }
    let call = CheckedCall::new(&callable.action, parameters, provenance);
    match refusal {
        Some((code, why)) => Verdict::Refuse(call, code, why),
        None => Verdict::Send(call),
    }
}

fn provenance_of(filled: &ServerFilled) -> Provenance {
    let (source, reference) = match &filled.from {
        FilledFrom::Contact(path) => (ProvenanceSource::Contact, Some(path.clone())),
        FilledFrom::Const(_) => (ProvenanceSource::Schema, None),
    };
    Provenance {
        path: format!("/{}", filled.property.replace('~', "~0").replace('/', "~1")),
        source,
        reference,
        pointer: None,
        span: None,
        text: None,
    }
}

fn parse(arguments: &str) -> Result<Map<String, Value>, String> {
    // A call without parameters often comes with no arguments at all.
    let text = arguments.trim();
    if text.is_empty() {
        return Ok(Map::new());
    }
    if text.len() > limits::ARGUMENTS_BYTES {
        return Err(format!(
            "The arguments are longer than {} bytes.",
            limits::ARGUMENTS_BYTES
        ));
    }
    match serde_json::from_str(text) {
        // Each is looked for in all that was said.
        Ok(Value::Object(map))
            if map.values().map(leaves).sum::<usize>() > limits::ARGUMENTS_LEAVES =>
        {
            Err(format!(
                "The arguments have more than {} values. Send fewer at a time.",
                limits::ARGUMENTS_LEAVES
            ))
        }
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("The arguments must be one JSON object.".to_owned()),
        Err(error) => Err(format!("The arguments are not valid JSON: {error}.")),
    }
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(leaves).sum(),
        Value::Object(members) => members.values().map(leaves).sum(),
        _ => 1,
    }
}

/// Models write `null`, `""` or "n/a" for what they do not have. That is the same as leaving it out,
/// unless the schema names the word.
fn drop_empty(schema: &Value, given: &mut Map<String, Value>) {
    given.retain(|name, value| {
        let property = schema
            .get("properties")
            .and_then(|properties| properties.get(name));
        let Some(property) = property else {
            return true; // Undeclared: for the schema check to refuse.
        };
        match value {
            Value::Null => allows_null(property),
            Value::String(text) => !grounding::is_placeholder(text) || names_value(property, value),
            _ => true,
        }
    });
}

fn allows_null(property: &Value) -> bool {
    let is_null = |name: &Value| name.as_str() == Some("null");
    match property.get("type") {
        Some(Value::Array(types)) => types.iter().any(is_null),
        Some(one) => is_null(one),
        None => names_value(property, &Value::Null),
    }
}

fn names_value(property: &Value, value: &Value) -> bool {
    let in_enum = property
        .get("enum")
        .and_then(Value::as_array)
        .is_some_and(|allowed| allowed.contains(value));
    in_enum || property.get("default") == Some(value)
}

fn explain(reason: RefusedReason, required: bool) -> &'static str {
    match reason {
        _ if !required => {
            "The customer has not given this value. Leave it out, unless they give it."
        }
        RefusedReason::Placeholder => "This is a placeholder. Ask the customer for the value.",
        RefusedReason::TimeNotSaid => {
            "The customer did not say this date or time. Ask for it in figures."
        }
        _ => "The customer has not given this value. Ask them for it; do not guess.",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_have_at_most_a_thousand_values_however_deep() {
        let with = |count: usize| parse(&json!({"a": {"b": vec![1; count]}}).to_string());
        assert!(with(limits::ARGUMENTS_LEAVES).is_ok());
        let refused = with(limits::ARGUMENTS_LEAVES + 1).unwrap_err();
        assert!(refused.contains("1000 values"), "{refused}");
    }
}
