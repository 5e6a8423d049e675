//! Text for people. Colours only on a terminal.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether something could not be written for another reason than that nobody reads it any more: the process then
/// does not say that all went well.
static LOST: AtomicBool = AtomicBool::new(false);

/// Whether output of this process was lost.
pub(crate) fn output_was_lost() -> bool {
    LOST.load(Ordering::Relaxed)
}

/// One of the process's text outputs.
pub(crate) struct Terminal {
    out: Box<dyn Write + Send>,
    live: bool,
    colours: bool,
    gone: bool,
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
        let live = out.is_terminal();
        Self {
            out: Box::new(out),
            live,
            colours: live && crate::config::colours_welcome(),
            gone: false,
        }
    }

    /// Errors and notices.
    pub(crate) fn stderr() -> Self {
        let out = io::stderr();
        let live = out.is_terminal();
        Self {
            out: Box::new(out),
            live,
            colours: live && crate::config::colours_welcome(),
            gone: false,
        }
    }

    /// Writes a line at once. A reader that has gone away is no reason to fail.
    pub(crate) fn line(&mut self, text: &str) {
        self.write(&format!("{text}\n"));
    }

    /// Writes a text at once, without ending the line.
    pub(crate) fn write(&mut self, text: &str) {
        let written = write!(self.out, "{text}").and_then(|()| self.out.flush());
        if let Err(error) = written {
            tracing::debug!(%error, "nobody reads the output");
            self.gone = true;
            if error.kind() != io::ErrorKind::BrokenPipe {
                LOST.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Puts a text in place of the line, on a terminal.
    pub(crate) fn rewrite(&mut self, text: &str) {
        if self.live {
            self.write(&format!("\r\u{1b}[2K{text}"));
        }
    }

    /// Whether its reader was seen to have gone away.
    pub(crate) fn is_gone(&self) -> bool {
        self.gone
    }

    /// Whether a person looks at it.
    pub(crate) fn is_live(&self) -> bool {
        self.live
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

#[cfg(test)]
mod for_tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What was written to a terminal made for a test.
    #[derive(Clone, Default)]
    pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

    impl Written {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Terminal {
        /// One without colours that keeps what is written.
        pub(crate) fn for_test(live: bool) -> (Self, Written) {
            let written = Written::default();
            let terminal = Self {
                out: Box::new(written.clone()),
                live,
                colours: false,
                gone: false,
            };
            (terminal, written)
        }
    }
}
