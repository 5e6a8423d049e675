//! What a parameter schema says about evidence: compiled once per version of an action.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::decimal::Decimal;
use super::examples::examples_in;

/// `x-grounding` of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    /// Any value needs evidence.
    Verbatim,
    /// No value does.
    Free,
}

#[derive(Debug, Default)]
struct Node {
    /// `enum` and `default` values.
    exempt: Vec<Value>,
    constant: Option<Value>,
    /// `x-source`.
    source: Option<String>,
    demand: Option<Demand>,
    /// A `pattern`, or an example in the description or the schema.
    shaped: bool,
    required: Vec<String>,
    properties: BTreeMap<String, usize>,
    /// `patternProperties` and `additionalProperties`: any of them may apply to an undeclared key.
    others: Vec<usize>,
    prefix: Vec<usize>,
    items: Option<usize>,
    /// `$ref`, `allOf`, `anyOf`, `oneOf`, `if`, `then`, `else`: they speak of the same value.
    same: Vec<usize>,
}

/// The grounding rules of one parameter schema (JSON Schema 2020-12, root object).
#[derive(Debug)]
pub struct Rules {
    nodes: Vec<Node>,
    root: usize,
}

impl Rules {
    /// Compiles a schema. Local references (`#`, `#/…`, and plain-name anchors) are followed,
    /// recursive ones included; keywords that say nothing about evidence are passed over.
    pub fn compile(schema: &Value) -> Self {
        let mut compiler = Compiler {
            root: schema,
            nodes: Vec::new(),
            by_reference: HashMap::new(),
        };
        let root = compiler.reference("#");
        Self {
            nodes: compiler.nodes,
            root,
        }
    }

    /// The place of the root object.
    pub(super) fn root(&self) -> Place<'_> {
        Place {
            rules: self,
            nodes: self.closure(vec![self.root]),
            inherited: None,
            inherited_shape: false,
            required: true,
        }
    }

    /// All schemas that apply to the same value.
    fn closure(&self, mut nodes: Vec<usize>) -> Vec<usize> {
        let mut at = 0;
        while at < nodes.len() {
            for &next in &self.nodes[nodes[at]].same {
                if !nodes.contains(&next) {
                    nodes.push(next);
                }
            }
            at += 1;
        }
        nodes
    }
}

/// Where in the schema a value stands: every sub-schema that applies to it, and what it inherits.
#[derive(Debug)]
pub(super) struct Place<'a> {
    rules: &'a Rules,
    nodes: Vec<usize>,
    inherited: Option<Demand>,
    inherited_shape: bool,
    required: bool,
}

impl<'a> Place<'a> {
    fn each(&self) -> impl Iterator<Item = &'a Node> + '_ {
        self.nodes.iter().map(|&i| &self.rules.nodes[i])
    }

    fn own_demand(&self) -> Option<Demand> {
        let mut own = self.each().filter_map(|n| n.demand);
        let first = own.next()?;
        Some(if first == Demand::Free && own.all(|d| d == Demand::Free) {
            Demand::Free
        } else {
            Demand::Verbatim
        })
    }

    /// `x-grounding`, its own or inherited.
    pub(super) fn demand(&self) -> Option<Demand> {
        self.own_demand().or(self.inherited)
    }

    /// Whether the parameter must be there, so that a placeholder must not stand in for it.
    pub(super) fn required(&self) -> bool {
        self.required
    }

    /// Whether even a value with no digit in it needs evidence.
    pub(super) fn shaped(&self) -> bool {
        self.inherited_shape || self.each().any(|n| n.shaped)
    }

    /// `x-source`, if the server fills it.
    pub(super) fn source(&self) -> Option<&'a str> {
        self.each().find_map(|n| n.source.as_deref())
    }

    /// Whether the value is the owner's own word: a `const`, or a listed `enum` or `default` value.
    /// A property that itself says `verbatim` keeps no exemption but its `const`.
    pub(super) fn exempts(&self, value: &Value) -> bool {
        let lists = self.own_demand() != Some(Demand::Verbatim);
        self.each().any(|n| {
            n.constant.as_ref().is_some_and(|c| same(c, value))
                || (lists && n.exempt.iter().any(|e| same(e, value)))
        })
    }

    /// The place of a property; the flag says whether its name is declared in the schema.
    pub(super) fn property(&self, name: &str) -> (Place<'a>, bool) {
        let declared: Vec<usize> = self
            .each()
            .filter_map(|n| n.properties.get(name).copied())
            .collect();
        let known = !declared.is_empty();
        let nodes = if known {
            declared
        } else {
            self.each().flat_map(|n| n.others.iter().copied()).collect()
        };
        let required = self.each().any(|n| n.required.iter().any(|r| r == name));
        (self.child(nodes, false, required), known)
    }

    /// The place of an array item.
    pub(super) fn item(&self, index: usize) -> Place<'a> {
        let nodes = self
            .each()
            .filter_map(|n| n.prefix.get(index).copied().or(n.items))
            .collect();
        self.child(nodes, self.shaped(), self.required)
    }

    fn child(&self, nodes: Vec<usize>, inherited_shape: bool, required: bool) -> Place<'a> {
        Place {
            rules: self.rules,
            nodes: self.rules.closure(nodes),
            inherited: self.demand(),
            inherited_shape,
            required,
        }
    }
}

/// JSON equality with numbers by value.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            a == b
                || Decimal::parse(&a.to_string())
                    .is_some_and(|x| Decimal::parse(&b.to_string()) == Some(x))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

struct Compiler<'s> {
    root: &'s Value,
    nodes: Vec<Node>,
    by_reference: HashMap<String, usize>,
}

impl Compiler<'_> {
    /// The node a reference leads to; made once, before its content is read, so that recursion ends.
    fn reference(&mut self, reference: &str) -> usize {
        if let Some(&node) = self.by_reference.get(reference) {
            return node;
        }
        let node = self.nodes.len();
        self.nodes.push(Node::default());
        self.by_reference.insert(reference.to_owned(), node);
        if let Some(Value::Object(schema)) = self.resolve(reference) {
            let schema = schema.clone();
            self.fill(node, &schema);
        }
        node
    }

    fn resolve(&self, reference: &str) -> Option<&Value> {
        let fragment = reference.strip_prefix('#')?;
        if fragment.is_empty() || fragment.starts_with('/') {
            return self.root.pointer(&percent_decoded(fragment));
        }
        anchor(self.root, fragment)
    }

    fn schema(&mut self, schema: &Value) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node::default());
        if let Value::Object(schema) = schema {
            self.fill(node, schema);
        }
        node
    }

    fn fill(&mut self, node: usize, schema: &Map<String, Value>) {
        let mut out = Node::default();
        if let Some(Value::Array(values)) = schema.get("enum") {
            out.exempt.extend(values.iter().cloned());
        }
        out.exempt.extend(schema.get("default").cloned());
        out.constant = schema.get("const").cloned();
        out.source = schema
            .get("x-source")
            .and_then(Value::as_str)
            .map(str::to_owned);
        out.demand = match schema.get("x-grounding").and_then(Value::as_str) {
            Some("verbatim") => Some(Demand::Verbatim),
            Some("free") => Some(Demand::Free),
            _ => None,
        };
        let described = schema
            .get("description")
            .and_then(Value::as_str)
            .is_some_and(|d| !examples_in(d).is_empty());
        let exemplified = schema
            .get("examples")
            .and_then(Value::as_array)
            .is_some_and(|e| !e.is_empty());
        let object = schema.get("type").and_then(Value::as_str) == Some("object");
        out.shaped = !object && (schema.contains_key("pattern") || described || exemplified);
        if let Some(Value::Array(names)) = schema.get("required") {
            out.required = names
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect();
        }
        if let Some(Value::Object(properties)) = schema.get("properties") {
            for (name, property) in properties {
                out.properties.insert(name.clone(), self.schema(property));
            }
        }
        if let Some(Value::Object(patterns)) = schema.get("patternProperties") {
            for property in patterns.values() {
                out.others.push(self.schema(property));
            }
        }
        for keyword in ["additionalProperties", "unevaluatedProperties"] {
            if let Some(property @ Value::Object(_)) = schema.get(keyword) {
                out.others.push(self.schema(property));
            }
        }
        if let Some(Value::Array(prefix)) = schema.get("prefixItems") {
            out.prefix = prefix.iter().map(|item| self.schema(item)).collect();
        }
        for keyword in ["items", "unevaluatedItems"] {
            if let (None, Some(items @ Value::Object(_))) = (out.items, schema.get(keyword)) {
                out.items = Some(self.schema(items));
            }
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            if let Some(Value::Array(parts)) = schema.get(keyword) {
                for part in parts {
                    out.same.push(self.schema(part));
                }
            }
        }
        for keyword in ["if", "then", "else"] {
            if let Some(part @ Value::Object(_)) = schema.get(keyword) {
                out.same.push(self.schema(part));
            }
        }
        if let Some(Value::Object(dependents)) = schema.get("dependentSchemas") {
            for part in dependents.values() {
                out.same.push(self.schema(part));
            }
        }
        for keyword in ["$ref", "$dynamicRef"] {
            if let Some(reference) = schema.get(keyword).and_then(Value::as_str) {
                let target = self.reference(reference);
                out.same.push(target);
            }
        }
        self.nodes[node] = out;
    }
}

fn anchor<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(map) => {
            let named = |keyword| map.get(keyword).and_then(Value::as_str) == Some(name);
            if named("$anchor") || named("$dynamicAnchor") {
                return Some(value);
            }
            map.values().find_map(|v| anchor(v, name))
        }
        Value::Array(items) => items.iter().find_map(|v| anchor(v, name)),
        _ => None,
    }
}

/// A JSON Pointer in a URI fragment is percent-encoded (RFC 6901 §6).
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let hex = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        if byte == b'%'
            && let (Some(high), Some(low)) = (hex(ahead.next()), hex(ahead.next()))
        {
            bytes.push((high * 16 + low) as u8);
            rest = ahead;
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
