//! The customer, as the host site describes them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What the host site says about its customer. Every part is optional.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Contact {
    /// The host site's own id.
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = r"\S"), length(max = 200))
    )]
    pub id: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// Email address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// IANA time zone name, such as `Europe/London`.
    pub timezone: Option<String>,
    /// BCP 47 language tag.
    pub locale: Option<String>,
    /// Anything else, by key.
    pub attributes: Map<String, Value>,
}

impl Contact {
    /// The value an `x-source` such as `contact.email` or `contact.attributes.plan` names.
    /// `None` where it is absent, null or empty.
    pub fn source(&self, path: &str) -> Option<Value> {
        let text =
            |value: &Option<String>| value.clone().filter(|v| !v.is_empty()).map(Value::String);
        match path.strip_prefix("contact.")? {
            "id" => text(&self.id),
            "name" => text(&self.name),
            "email" => text(&self.email),
            "phone" => text(&self.phone),
            other => self
                .attributes
                .get(other.strip_prefix("attributes.")?)
                .filter(|value| !value.is_null() && value.as_str() != Some(""))
                .cloned(),
        }
    }

    /// Every value in it that a call may rely on, with its path: `contact.email`, ….
    pub fn leaves(&self) -> Vec<(String, Value)> {
        let mut leaves: Vec<(String, Value)> = ["id", "name", "email", "phone"]
            .into_iter()
            .filter_map(|key| {
                let path = format!("contact.{key}");
                self.source(&path).map(|value| (path, value))
            })
            .collect();
        for (key, value) in &self.attributes {
            collect(format!("contact.attributes.{key}"), value, &mut leaves);
        }
        leaves
    }
}

fn collect(path: String, value: &Value, leaves: &mut Vec<(String, Value)>) {
    match value {
        Value::Null => {}
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                collect(format!("{path}.{i}"), item, leaves);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                collect(format!("{path}.{key}"), item, leaves);
            }
        }
        leaf => leaves.push((path, leaf.clone())),
    }
}
