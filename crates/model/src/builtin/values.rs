//! Values of a result as they are spoken.

use deskhand_domain::grounding::normal::fold;
use jiff::civil::{Date, DateTime};
use serde_json::{Map, Value};

use super::say::and;

/// Keys of amounts of money.
const MONEY: &[&str] = &[
    "amount", "total", "price", "cost", "fee", "balance", "subtotal", "tax", "refund",
];

/// The members of a result that are still to be told, in its order.
pub(super) struct Facts<'a> {
    left: Vec<(&'a str, &'a Value)>,
    currency: Option<&'a str>,
}

impl<'a> Facts<'a> {
    /// Without what only repeats the question, and what says no more than that it worked.
    pub(super) fn read(map: &'a Map<String, Value>, arguments: &Map<String, Value>) -> Self {
        let repeats = |key: &str, value: &Value| {
            arguments.get(key).is_some_and(|given| same(given, value))
                || value
                    .as_str()
                    .is_some_and(|text| text.contains(|c: char| c.is_ascii_digit() || c == '@'))
                    && arguments.values().any(|given| same(given, value))
        };
        let currency = map.get("currency").and_then(Value::as_str);
        let left = map
            .iter()
            .map(|(key, value)| (key.as_str(), value))
            .filter(|(key, value)| {
                !value.is_null()
                    && !repeats(key, value)
                    && !matches!((*key, value), ("success" | "ok", Value::Bool(true)))
                    && *key != "currency"
            })
            .collect();
        Self { left, currency }
    }

    /// Takes out the first of the keys that is there.
    pub(super) fn take(&mut self, keys: &[&str]) -> Option<&'a Value> {
        let at = keys.iter().find_map(|wanted| {
            self.left
                .iter()
                .position(|(key, value)| snake(key) == *wanted && !value.is_object())
        })?;
        Some(self.left.remove(at).1)
    }

    /// What is left: how it is called, and the value as spoken.
    pub(super) fn rest(self) -> Vec<(String, String)> {
        let currency = self.currency;
        self.left
            .into_iter()
            .map(|(key, value)| {
                let key = snake(key);
                let label = key
                    .split('_')
                    .map(|word| if word == "id" { "ID" } else { word })
                    .collect::<Vec<_>>()
                    .join(" ");
                let is_money = key.split('_').any(|word| MONEY.contains(&word));
                let value = match value {
                    Value::Number(number) if is_money => money(number.as_f64(), currency),
                    other => spoken(other),
                };
                (label, value)
            })
            .collect()
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => fold(a) == fold(b),
        _ => a == b,
    }
}

/// `estimatedDelivery` and `Estimated-Delivery` → `estimated_delivery`.
fn snake(key: &str) -> String {
    let mut out = String::new();
    let mut last_lower = false;
    for c in key.chars() {
        if c.is_uppercase() && last_lower {
            out.push('_');
        }
        last_lower = c.is_lowercase();
        match c {
            '-' | ' ' | '.' => out.push('_'),
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// A value in plain words.
pub(super) fn spoken(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => date(text).unwrap_or_else(|| words_of(text)),
        Value::Array(items) => {
            let items: Vec<String> = items
                .iter()
                .take(6)
                .map(spoken)
                .filter(|text| !text.is_empty())
                .collect();
            and(&items)
        }
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (snake(key).replace('_', " "), spoken(value)))
            .filter(|(_, value)| !value.is_empty())
            .take(8)
            .map(|(key, value)| format!("{key} {value}"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// Text in one line; a word like `in_transit` without its underscores.
fn words_of(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_word = !text.contains(' ')
        && text.contains('_')
        && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let text = if is_word {
        text.replace('_', " ")
    } else {
        text
    };
    match text.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.trim_end_matches('.').to_owned(),
    }
}

/// "2027-03-25" → "March 25, 2027"; with a time "March 25, 2027 at 14:30".
fn date(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() < 10 || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let day: Date = text.get(..10)?.parse().ok()?;
    let spoken = day.strftime("%B %-d, %Y").to_string();
    if text.len() == 10 {
        return Some(spoken);
    }
    // The time as written, in the zone it was written in.
    let local = text.get(..19).or_else(|| text.get(..16))?;
    let time: DateTime = local.parse().ok()?;
    if time.hour() == 0 && time.minute() == 0 {
        Some(spoken)
    } else {
        Some(format!(
            "{spoken} at {:02}:{:02}",
            time.hour(),
            time.minute()
        ))
    }
}

fn money(amount: Option<f64>, currency: Option<&str>) -> String {
    let amount = amount.unwrap_or_default();
    let digits = if amount.fract() == 0.0 && currency.is_none() {
        format!("{amount}")
    } else {
        format!("{amount:.2}")
    };
    match currency.map(str::to_uppercase).as_deref() {
        Some("USD") => format!("${digits}"),
        Some("EUR") => format!("€{digits}"),
        Some("GBP") => format!("£{digits}"),
        Some(other) => format!("{digits} {other}"),
        None => digits,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dates_are_spoken() {
        for (written, said) in [
            ("2027-03-25", "March 25, 2027"),
            ("2027-03-25T14:30:00Z", "March 25, 2027 at 14:30"),
            ("2027-03-25T00:00:00Z", "March 25, 2027"),
            ("March 25", "March 25"),
            ("1Z999AA10123456784", "1Z999AA10123456784"),
            ("in_transit", "in transit"),
        ] {
            assert_eq!(spoken(&json!(written)), said);
        }
    }

    #[test]
    fn money_has_its_sign() {
        let result = json!({"refundAmount": 49.9, "currency": "USD", "fee": 5});
        let facts = Facts::read(result.as_object().unwrap(), &Map::new());
        assert_eq!(
            facts.rest(),
            [
                ("refund amount".to_owned(), "$49.90".to_owned()),
                ("fee".to_owned(), "$5.00".to_owned())
            ]
        );
    }
}
