//! Text for people. Colours only on a terminal.

use std::io::{self, IsTerminal, Write};

/// One of the process's text outputs.
pub(crate) struct Terminal {
    out: Box<dyn Write + Send>,
    colours: bool,
}

/// What a piece of text is.
#[derive(Clone, Copy)]
pub(crate) enum Style {
    /// Of less interest.
    Faint,
    /// Who speaks, headings.
    Strong,
    /// It worked.
    Good,
    /// Waiting or uncertain.
    Doubtful,
    /// It failed.
    Bad,
}

impl Terminal {
    /// What the user asked for.
    pub(crate) fn stdout() -> Self {
        let out = io::stdout();
        let colours = out.is_terminal() && crate::config::colours_welcome();
        Self {
            out: Box::new(out),
            colours,
        }
    }

    /// Errors and notices.
    pub(crate) fn stderr() -> Self {
        let out = io::stderr();
        let colours = out.is_terminal() && crate::config::colours_welcome();
        Self {
            out: Box::new(out),
            colours,
        }
    }

    /// Writes a line at once. A reader that has gone away is no reason to fail.
    pub(crate) fn line(&mut self, text: &str) {
        let written = writeln!(self.out, "{text}").and_then(|()| self.out.flush());
        if let Err(error) = written {
            tracing::debug!(%error, "nobody reads the output");
        }
    }

    /// The text in its style, or plain where there are no colours.
    pub(crate) fn styled(&self, style: Style, text: &str) -> String {
        if !self.colours {
            return text.to_owned();
        }
        let code = match style {
            Style::Faint => "2",
            Style::Strong => "1",
            Style::Good => "32",
            Style::Doubtful => "33",
            Style::Bad => "31",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}
