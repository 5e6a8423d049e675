//! The judgement on a call that a model asks for: whether it may leave, and as what. Nothing can be
//! dispatched but a [`CheckedCall`], and nothing but [`check`] makes one.

use serde_json::{Map, Value};

use crate::action::{Action, Confirmation};
use crate::contact::Contact;
use crate::grounding::{self, Evidence, Provenance, ProvenanceSource, RefusedReason, Rules};
use crate::id::ActionId;
use crate::invocation::FailureCode;
use crate::limits;
use crate::parameters::{self, FilledFrom, ServerFilled};
use crate::prompt::{Tool, ToolCall};
use crate::report::{Problem, ProblemKind, Report};
use crate::wording;

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
    pub tool: Tool,
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
            tool: Tool {
                name: action.definition.name.clone(),
                display_name: action.definition.display_name.clone(),
                description: action.definition.description.clone(),
                parameters: visible,
                examples: action.definition.examples.clone(),
            },
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

/// A call that has passed every check that can be made without a database: its parameters fit the
/// schema, and the customer, the contact, a result or the owner vouches for each value.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedCall {
    action_id: ActionId,
    action_version: u32,
    action: String,
    display_name: String,
    parameters: Map<String, Value>,
    provenance: Vec<Provenance>,
    canonical: String,
}

impl CheckedCall {
    fn new(action: &Action, parameters: Map<String, Value>, provenance: Vec<Provenance>) -> Self {
        Self {
            action_id: action.id,
            action_version: action.version,
            action: action.definition.name.clone(),
            display_name: action.definition.display_name.clone(),
            canonical: canonical(&Value::Object(parameters.clone())),
            parameters,
            provenance,
        }
    }

    /// What is to be run.
    pub fn action_id(&self) -> ActionId {
        self.action_id
    }

    /// Which version of it.
    pub fn action_version(&self) -> u32 {
        self.action_version
    }

    /// Its name.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// Its display name.
    pub fn display_name(&self) -> &str {
        &self.display_name
    }

    /// Exactly what is sent as `parameters`.
    pub fn parameters(&self) -> &Map<String, Value> {
        &self.parameters
    }

    /// Where each value came from.
    pub fn provenance(&self) -> &[Provenance] {
        &self.provenance
    }

    /// The parameters as JSON with sorted keys and no spaces: equal for equal calls.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// Whether both would send the same to the same action.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.action_id == other.action_id && self.canonical == other.canonical
    }

    /// Whether this tries again what an earlier call of the same action wanted: the parameters that
    /// both give are the same but for spelling, and one gives no more than the other adds to.
    pub fn is_another_try_of(&self, earlier: &Self) -> bool {
        let within = |small: &Map<String, Value>, large: &Map<String, Value>| {
            small.iter().all(|(name, value)| {
                large
                    .get(name)
                    .is_some_and(|v| spelled(v) == spelled(value))
            })
        };
        let (now, then) = (&self.parameters, &earlier.parameters);
        self.action_id == earlier.action_id
            && (within(then, now) || (!now.is_empty() && within(now, then)))
    }

    /// The values that tell this call from another of the same action, for a sentence to the
    /// customer: only what came out of the conversation, a few and not long.
    pub fn in_short(&self) -> String {
        let parameters = Value::Object(self.parameters.clone());
        let values: Vec<String> = self
            .provenance
            .iter()
            .filter(|one| {
                !matches!(
                    one.source,
                    ProvenanceSource::Contact | ProvenanceSource::Schema
                )
            })
            .filter_map(|one| parameters.pointer(&one.path))
            .map(wording::plain)
            .filter(|text| !text.is_empty() && text.chars().count() <= IN_SHORT_CHARS)
            .take(IN_SHORT_VALUES)
            .collect();
        values.join(", ")
    }

    #[cfg(test)]
    pub(crate) fn for_test(action: &Action, parameters: Map<String, Value>) -> Self {
        Self::new(action, parameters, Vec::new())
    }
}

/// Most values named where a call is told from another.
const IN_SHORT_VALUES: usize = 3;
/// Longest of them.
const IN_SHORT_CHARS: usize = 60;

/// A value without what spellings differ in.
fn spelled(value: &Value) -> String {
    canonical(value)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
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
    callables: &[std::sync::Arc<Callable>],
    contact: &Contact,
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
    complete(callable, given, grounding.accepted, contact)
}

/// Adds what the server fills in, and applies the action's own conditions.
fn complete(
    callable: &Callable,
    mut parameters: Map<String, Value>,
    mut provenance: Vec<Provenance>,
    contact: &Contact,
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
    if refusal.is_none() && definition.requires_verified_contact {
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
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("The arguments must be one JSON object.".to_owned()),
        Err(error) => Err(format!("The arguments are not valid JSON: {error}.")),
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

/// JSON with sorted keys and no spaces.
fn canonical(value: &Value) -> String {
    fn write(value: &Value, out: &mut String) {
        match value {
            Value::Object(map) => {
                let mut keys: Vec<&String> = map.keys().collect();
                keys.sort_unstable();
                out.push('{');
                for (i, key) in keys.into_iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    out.push_str(&Value::String(key.clone()).to_string());
                    out.push(':');
                    write(&map[key.as_str()], out);
                }
                out.push('}');
            }
            Value::Array(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    write(item, out);
                }
                out.push(']');
            }
            leaf => out.push_str(&leaf.to_string()),
        }
    }
    let mut out = String::new();
    write(value, &mut out);
    out
}
