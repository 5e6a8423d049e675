//! HTML, written safely: all text is escaped here.

use serde_json::Value;

/// A page as far as it is written.
pub(super) struct Html(String);

impl Html {
    pub(super) fn new() -> Self {
        Self(String::new())
    }

    pub(super) fn finish(self) -> String {
        self.0
    }

    /// Markup of our own.
    pub(super) fn raw(&mut self, markup: &str) {
        self.0.push_str(markup);
    }

    /// Text, escaped.
    pub(super) fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c => self.0.push(c),
            }
        }
    }

    /// Opens an element that can be linked to.
    pub(super) fn open(&mut self, name: &str, id: &str) {
        self.raw(&format!("<{name} id=\""));
        self.text(id);
        self.raw("\">");
    }

    /// An element that holds nothing but text.
    pub(super) fn element(&mut self, name: &str, text: &str) {
        self.raw(&format!("<{name}>"));
        self.text(text);
        self.raw(&format!("</{name}>"));
    }

    /// A link within the page.
    pub(super) fn link(&mut self, id: &str, text: &str) {
        self.raw("<a href=\"#");
        self.text(id);
        self.raw("\">");
        self.text(text);
        self.raw("</a>");
    }

    /// Text in which what stands in backquotes is code.
    pub(super) fn inline(&mut self, text: &str) {
        for (i, part) in text.split('`').enumerate() {
            if i % 2 == 1 {
                self.element("code", part);
            } else {
                self.text(part);
            }
        }
    }

    /// The same in paragraphs, parted by empty lines.
    pub(super) fn paragraphs(&mut self, text: &str) {
        for paragraph in text.split("\n\n").filter(|part| !part.trim().is_empty()) {
            self.raw("<p>");
            self.inline(paragraph);
            self.raw("</p>");
        }
    }

    /// Lines to be read as they stand.
    pub(super) fn code(&mut self, lines: &str) {
        self.raw("<pre><code>");
        self.text(lines);
        self.raw("</code></pre>");
    }

    /// An example that can be unfolded, if there is one.
    pub(super) fn example(&mut self, title: &str, example: &Value) {
        let lines = match example {
            Value::Null => return,
            Value::String(text) => text.clone(),
            value => format!("{value:#}"),
        };
        self.raw("<details><summary>");
        self.text(title);
        self.raw("</summary>");
        self.code(&lines);
        self.raw("</details>");
    }
}

/// The id of a part of the page.
pub(super) fn anchor(kind: &str, name: &str) -> String {
    format!("{kind}-{}", name.replace(['.', ' '], "-"))
}

/// A text; empty if it is none.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A list; empty if it is none.
pub(super) fn slice(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        let mut html = Html::new();
        html.inline("<b onclick='x'> & `<i>\"`");
        assert_eq!(
            html.finish(),
            "&lt;b onclick=&#39;x&#39;&gt; &amp; <code>&lt;i&gt;&quot;</code>"
        );
    }

    #[test]
    fn paragraphs_are_parted_by_empty_lines() {
        let mut html = Html::new();
        html.paragraphs("One.\n\nTwo.");
        assert_eq!(html.finish(), "<p>One.</p><p>Two.</p>");
    }
}
