//! The chat button on the owner's pages: how it looks, and from where it may be used.

use serde::{Deserialize, Serialize};

use crate::action::FieldError;
use crate::limits;
use crate::text_enum::text_enum;

text_enum! {
    /// The corner of the page in which the button stands.
    Position {
        /// Bottom right.
        Right = "right",
        /// Bottom left.
        Left = "left",
    }
}

/// How an agent's widget looks and whether there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct WidgetSettings {
    /// Whether customers can use it.
    pub enabled: bool,
    /// What stands at the top of it; null means the agent's name.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"\S"), length(max = limits::DISPLAY_NAME_CHARS)))]
    pub title: Option<String>,
    /// What the customer reads before anything has been said.
    #[cfg_attr(feature = "schema", schemars(length(max = limits::GREETING_CHARS)))]
    pub greeting: String,
    /// The colour of the button and the head, such as `#1f6feb`.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^#[0-9a-fA-F]{6}$")))]
    pub color: String,
    /// The colour of text on it; the two differ in lightness by at least 4.5 to 1 (WCAG 2.2, 1.4.3).
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^#[0-9a-fA-F]{6}$")))]
    pub text_color: String,
    /// Where the button stands.
    pub position: Position,
}

impl Default for WidgetSettings {
    fn default() -> Self {
        Self {
            enabled: false,
            title: None,
            greeting: "Hello! How can I help you?".to_owned(),
            color: "#1f6feb".to_owned(),
            text_color: "#ffffff".to_owned(),
            position: Position::Right,
        }
    }
}

impl WidgetSettings {
    /// What is wrong with it, field by field. Empty: it may be saved.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let chars = self
            .title
            .as_deref()
            .map_or(0, |title| title.chars().count());
        if chars > limits::DISPLAY_NAME_CHARS {
            let most = limits::DISPLAY_NAME_CHARS;
            let message = format!("is {chars} characters long; at most {most}");
            errors.push(FieldError::new("title", message));
        }
        if self
            .title
            .as_deref()
            .is_some_and(|title| title.trim().is_empty())
        {
            errors.push(FieldError::new(
                "title",
                "is empty; leave it out or use null",
            ));
        }
        let chars = self.greeting.chars().count();
        if chars > limits::GREETING_CHARS {
            let most = limits::GREETING_CHARS;
            let message = format!("is {chars} characters long; at most {most}");
            errors.push(FieldError::new("greeting", message));
        }
        let mut colors = Vec::new();
        for (field, text) in [("color", &self.color), ("text_color", &self.text_color)] {
            match luminance(text) {
                Some(luminance) => colors.push(luminance),
                None => errors.push(FieldError::new(
                    field,
                    "must be a colour as six hexadecimal digits, such as #1f6feb",
                )),
            }
        }
        if let [ground, text] = colors[..] {
            let ratio = contrast(ground, text);
            if ratio < MIN_CONTRAST {
                // Cut, not rounded: a refused colour must not read as 4.5.
                let shown = (ratio * 100.0).floor() / 100.0;
                errors.push(FieldError::new(
                    "text_color",
                    format!(
                        "is hard to read on {}: their contrast is {shown}:1, and it takes \
                         {MIN_CONTRAST}:1; choose a lighter or a darker one",
                        self.color
                    ),
                ));
            }
        }
        errors
    }
}

/// Least contrast of text that everybody can read (WCAG 2.2, 1.4.3).
const MIN_CONTRAST: f64 = 4.5;

/// The contrast ratio of two relative luminances (WCAG 2.2).
fn contrast(a: f64, b: f64) -> f64 {
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The relative luminance of `#rrggbb` (WCAG 2.2), from 0 to 1.
fn luminance(color: &str) -> Option<f64> {
    let digits = color.strip_prefix('#')?;
    if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let linear = |at: usize| {
        let byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
        let part = f64::from(byte) / 255.0;
        Some(match part <= 0.040_45 {
            true => part / 12.92,
            false => ((part + 0.055) / 1.055).powf(2.4),
        })
    };
    Some(0.2126 * linear(0)? + 0.7152 * linear(2)? + 0.0722 * linear(4)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrong(change: impl FnOnce(&mut WidgetSettings)) -> Vec<String> {
        let mut settings = WidgetSettings::default();
        change(&mut settings);
        let errors = settings.check();
        errors.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn the_defaults_may_be_saved() {
        assert_eq!(wrong(|_| {}), [""; 0]);
    }

    #[test]
    fn colours_are_six_digits() {
        for color in ["", "red", "#fff", "1f6feb", "#1f6feg", "#1f6feb0", "#é0000"] {
            assert_eq!(wrong(|s| s.color = color.to_owned()), ["color"], "{color}");
            let fields = wrong(|s| s.text_color = color.to_owned());
            assert_eq!(fields, ["text_color"], "{color}");
        }
    }

    #[test]
    fn text_that_is_hard_to_read_is_refused() {
        let of = |ground: &str, text: &str| {
            wrong(|settings| {
                settings.color = ground.to_owned();
                settings.text_color = text.to_owned();
            })
        };
        assert_eq!(of("#000000", "#FFFFFF"), [""; 0]);
        // The greys on either side of 4.5:1 on white.
        assert_eq!(of("#767676", "#ffffff"), [""; 0]);
        assert_eq!(of("#777777", "#ffffff"), ["text_color"]);
        assert_eq!(of("#ffffff", "#ffffff"), ["text_color"]);
    }

    #[test]
    fn texts_have_their_bounds() {
        assert_eq!(wrong(|s| s.title = Some(" ".to_owned())), ["title"]);
        assert_eq!(wrong(|s| s.title = Some("é".repeat(81))), ["title"]);
        assert_eq!(wrong(|s| s.title = Some("é".repeat(80))), [""; 0]);
        assert_eq!(wrong(|s| s.greeting = "é".repeat(501)), ["greeting"]);
        assert_eq!(wrong(|s| s.greeting.clear()), [""; 0]);
    }

    proptest! {
        #[test]
        fn contrast_is_the_same_both_ways_and_from_1_to_21(a: [u8; 3], b: [u8; 3]) {
            let text = |[r, g, b]: [u8; 3]| format!("#{r:02x}{g:02x}{b:02X}");
            let (a, b) = (luminance(&text(a)).unwrap(), luminance(&text(b)).unwrap());
            let ratio = contrast(a, b);
            prop_assert_eq!(ratio, contrast(b, a));
            prop_assert!((1.0..=21.000_001).contains(&ratio), "{}", ratio);
        }

        #[test]
        fn any_text_is_judged(color in ".{0,9}") {
            let _ = wrong(|settings| settings.color = color);
        }
    }
}
