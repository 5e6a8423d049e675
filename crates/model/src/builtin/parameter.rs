//! What a parameter wants, read from its schema.

use deskhand_domain::wording;
use regex_lite::Regex;
use serde_json::Value;

use super::evidence::examples;
use super::shape::Shape;

/// One parameter of an action.
#[derive(Debug)]
pub(super) struct Parameter<'a> {
    pub(super) name: &'a str,
    pub(super) schema: &'a Value,
    pub(super) required: bool,
    pub(super) kind: Kind,
}

/// How its value is recognised.
#[derive(Debug)]
pub(super) enum Kind {
    /// One of the owner's own words.
    OneOf(Vec<Value>),
    /// Yes or no.
    Bool,
    /// A number.
    Number {
        /// Without a fraction.
        whole: bool,
        /// An amount of money, by its name.
        money: bool,
    },
    /// An email address.
    Email,
    /// A web address.
    Url,
    /// `YYYY-MM-DD`.
    Date,
    /// A telephone number.
    Phone,
    /// What the schema's `pattern` takes.
    Pattern(Regex),
    /// What looks like the examples in its description.
    Like(Vec<Shape>),
    /// A number or code whose look is not known.
    Code,
    /// A time in any words.
    When,
    /// Several of something.
    List,
    /// Any words.
    Text,
    /// An object, which a sentence does not give.
    Other,
}

impl<'a> Parameter<'a> {
    pub(super) fn new(name: &'a str, schema: &'a Value, required: bool) -> Self {
        Self {
            name,
            schema,
            required,
            kind: kind(name, schema),
        }
    }

    pub(super) fn description(&self) -> Option<&'a str> {
        self.schema.get("description").and_then(Value::as_str)
    }

    /// "the order number", "your email address".
    pub(super) fn label(&self) -> String {
        wording::label(self.name, self.description())
    }

    /// "order number".
    pub(super) fn spoken(&self) -> String {
        self.name.replace(['_', '-'], " ").to_lowercase()
    }

    /// What it is the number of: "order" for "order_number"; its whole name for others.
    pub(super) fn noun(&self) -> String {
        let spoken = self.spoken();
        let words: Vec<&str> = spoken
            .split(' ')
            .filter(|word| !CODE_WORDS.contains(word) && !matches!(*word, "customer" | "user"))
            .collect();
        if words.is_empty() {
            spoken
        } else {
            words.join(" ")
        }
    }

    pub(super) fn is_named_one_of(&self, names: &[&str]) -> bool {
        self.spoken().split(' ').any(|word| names.contains(&word))
    }

    /// Points to one thing of the customer's: worth remembering, and the first suspect when the
    /// endpoint finds nothing.
    pub(super) fn is_identifier(&self) -> bool {
        matches!(
            self.kind,
            Kind::Pattern(_) | Kind::Like(_) | Kind::Code | Kind::Email | Kind::Phone
        )
    }
}

impl Parameter<'_> {
    /// Its value is known by its looks alone, so that another parameter of the kind is filled alike.
    pub(super) fn goes_by_looks(&self) -> bool {
        self.is_identifier() || matches!(self.kind, Kind::Date | Kind::When | Kind::Url)
    }
}

const CODE_WORDS: &[&str] = &[
    "number",
    "id",
    "code",
    "no",
    "num",
    "ref",
    "reference",
    "sku",
    "zip",
    "postcode",
    "serial",
    "pin",
];
const MONEY_WORDS: &[&str] = &[
    "amount", "price", "total", "sum", "refund", "budget", "payment",
];
const TIME_WORDS: &[&str] = &[
    "date", "time", "day", "when", "datetime", "slot", "checkin", "checkout",
];

fn kind(name: &str, schema: &Value) -> Kind {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return Kind::OneOf(
            values
                .iter()
                .filter(|value| !value.is_null())
                .cloned()
                .collect(),
        );
    }
    let name = name.to_lowercase();
    let named = |words: &[&str]| {
        name.split(['_', '-', ' '])
            .any(|word| words.contains(&word))
    };
    match kind_of_value(schema) {
        "boolean" => Kind::Bool,
        "integer" => Kind::Number {
            whole: true,
            money: named(MONEY_WORDS),
        },
        "number" => Kind::Number {
            whole: false,
            money: named(MONEY_WORDS),
        },
        "array" => Kind::List,
        "object" => Kind::Other,
        _ => text_kind(schema, &named),
    }
}

fn text_kind(schema: &Value, named: &dyn Fn(&[&str]) -> bool) -> Kind {
    match schema.get("format").and_then(Value::as_str) {
        Some("email" | "idn-email") => return Kind::Email,
        Some("uri" | "url" | "uri-reference" | "iri") => return Kind::Url,
        Some("date") => return Kind::Date,
        Some("date-time" | "time" | "duration") => return Kind::When,
        Some("phone" | "tel") => return Kind::Phone,
        Some("uuid") => return Kind::Code,
        _ => {}
    }
    let pattern = schema.get("pattern").and_then(Value::as_str);
    // One that any words fit says nothing.
    if let Some(regex) = pattern
        .and_then(|pattern| Regex::new(pattern).ok())
        .filter(|regex| !regex.is_match("any words at all"))
    {
        return Kind::Pattern(regex);
    }
    let examples = examples(schema);
    if named(&["email", "mail"]) || examples.iter().any(|example| example.contains('@')) {
        return Kind::Email;
    }
    if named(&["phone", "mobile", "telephone"]) {
        return Kind::Phone;
    }
    if named(TIME_WORDS) {
        let iso = examples
            .iter()
            .any(|example| example.parse::<jiff::civil::Date>().is_ok());
        let says = schema
            .get("description")
            .and_then(Value::as_str)
            .is_some_and(|text| text.to_uppercase().contains("YYYY-MM-DD"));
        return if iso || says { Kind::Date } else { Kind::When };
    }
    if named(&["url", "link", "website"]) {
        return Kind::Url;
    }
    let shapes: Vec<Shape> = examples
        .iter()
        .filter_map(|example| Shape::of(example))
        .collect();
    if !shapes.is_empty() {
        return Kind::Like(shapes);
    }
    if named(CODE_WORDS) {
        return Kind::Code;
    }
    Kind::Text
}

/// The first type that is not `null`; a schema without one takes text.
fn kind_of_value(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(name)) => name,
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .find(|name| *name != "null")
            .unwrap_or("string"),
        _ if schema.get("properties").is_some() => "object",
        _ => "string",
    }
}
