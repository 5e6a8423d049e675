//! Shows a turn as it happens: text as it is written, a spinner while something runs, one line for
//! each action's outcome. On anything but a terminal, only what is final.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::words::{outcome, parameters, plain_lines, style, text};
use crate::terminal::{Style, Terminal};

const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME: Duration = Duration::from_millis(100);
/// Longest text beside the spinner: it must not wrap.
const BESIDE: usize = 60;

/// Where a conversation is shown.
pub(crate) struct Screen {
    out: Terminal,
    as_json: bool,
    /// Actions that run now: id and what a customer would be shown.
    running: Vec<(String, String)>,
    /// Actions whose outcome has been shown.
    finished: HashSet<String>,
    /// What has been shown of the reply.
    said: String,
    frame: usize,
    spinning: bool,
}

impl Screen {
    pub(crate) fn new(as_json: bool) -> Self {
        Self::on(Terminal::stdout(), as_json)
    }

    fn on(out: Terminal, as_json: bool) -> Self {
        Self {
            out,
            as_json,
            running: Vec::new(),
            finished: HashSet::new(),
            said: String::new(),
            frame: 0,
            spinning: false,
        }
    }

    /// Whether a person watches.
    pub(crate) fn is_live(&self) -> bool {
        self.out.is_live() && !self.as_json
    }

    /// Says something of our own.
    pub(crate) fn note(&mut self, text: &str) {
        let line = self.out.styled(Style::Faint, text);
        self.out.line(&line);
    }

    /// Asks for the next message.
    pub(crate) fn prompt(&mut self) {
        let who = self.out.styled(Style::Strong, "you    ");
        self.out.write(&who);
    }

    /// Waits for the spinner's next frame and draws it; forever where nobody watches.
    pub(crate) async fn tick(&mut self) {
        if !self.is_live() {
            return std::future::pending().await;
        }
        tokio::time::sleep(FRAME).await;
        if !self.said.is_empty() {
            return;
        }
        self.frame = (self.frame + 1) % FRAMES.len();
        let names: Vec<_> = self.running.iter().map(|(_, name)| name.as_str()).collect();
        let beside: String = names.join(", ").chars().take(BESIDE).collect();
        let line = self
            .out
            .styled(Style::Faint, &format!("{} {beside}", FRAMES[self.frame]));
        self.out.rewrite(&line);
        self.spinning = true;
    }

    /// Clears what is only for the moment.
    pub(crate) fn stop(&mut self) {
        if std::mem::take(&mut self.spinning) {
            self.out.rewrite("");
        }
        if !std::mem::take(&mut self.said).is_empty() {
            self.out.line("");
        }
        self.running.clear();
    }

    /// Shows one event. True: it was the last of its turn.
    pub(crate) fn show(&mut self, name: &str, data: &Value) -> bool {
        let last = matches!(name, "message.completed" | "turn.failed");
        if self.as_json {
            let event = json!({"event": name, "data": data});
            self.out.line(&event.to_string());
            return last;
        }
        match name {
            "message.delta" if self.is_live() => {
                self.begin_reply();
                let piece = plain_lines(data["text"].as_str().unwrap_or_default());
                self.out.write(&piece);
                self.said.push_str(&piece);
            }
            "message.reset" if !self.said.is_empty() => {
                self.said.clear();
                self.out.line("");
                self.note("       (takes that back)");
            }
            "action.started" => {
                let shown = text(data, "display_name");
                self.running.push((text(data, "id"), shown));
            }
            "action.finished" => self.finish(data),
            _ if last => self.reply(data),
            _ => {}
        }
        last
    }

    fn begin_reply(&mut self) {
        if self.said.is_empty() {
            if std::mem::take(&mut self.spinning) {
                self.out.rewrite("");
            }
            let who = self.out.styled(Style::Strong, "agent  ");
            self.out.write(&who);
        }
    }

    fn finish(&mut self, invocation: &Value) {
        let id = text(invocation, "id");
        self.running.retain(|(running, _)| *running != id);
        if !self.finished.insert(id) {
            return;
        }
        if std::mem::take(&mut self.spinning) {
            self.out.rewrite("");
        }
        let line = format!(
            "       \u{2192} {}  {}   {}",
            text(invocation, "action"),
            parameters(invocation),
            outcome(invocation)
        );
        let line = self.out.styled(style(invocation), &line);
        self.out.line(&line);
    }

    fn reply(&mut self, answer: &Value) {
        let reply = plain_lines(answer["reply"].as_str().unwrap_or_default());
        if self.said.trim() == reply.trim() && !self.said.is_empty() {
            self.said.clear();
            self.out.line("");
        } else {
            if !std::mem::take(&mut self.said).is_empty() {
                self.out.line("");
            }
            // What happened while nobody could be told.
            for invocation in answer["invocations"].as_array().into_iter().flatten() {
                self.finish(invocation);
            }
            self.begin_reply();
            self.out.line(&reply);
        }
        if answer["status"] == "failed" {
            self.note("       (the turn failed; the server's log and the transcript say why)");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(live: bool, as_json: bool, events: &[(&str, Value)]) -> String {
        let (out, written) = Terminal::for_test(live);
        let mut screen = Screen::on(out, as_json);
        for (name, data) in events {
            screen.show(name, data);
        }
        screen.stop();
        written.text()
    }

    fn turn() -> Vec<(&'static str, Value)> {
        let call = json!({"id": "inv_1", "action": "check", "parameters": {"order": "A-1"},
            "status": "succeeded", "duration_ms": 41});
        vec![
            ("turn.started", json!({"conversation_id": "conv_1"})),
            ("message.delta", json!({"text": "Let me"})),
            ("message.reset", json!({})),
            (
                "action.started",
                json!({"id": "inv_1", "display_name": "Check"}),
            ),
            ("action.finished", call.clone()),
            ("message.delta", json!({"text": "It has "})),
            ("message.delta", json!({"text": "shipped."})),
            (
                "message.completed",
                json!({"reply": "It has shipped.", "status": "completed", "invocations": [call]}),
            ),
        ]
    }

    #[test]
    fn a_pipe_gets_outcomes_and_the_whole_reply() {
        assert_eq!(
            shown(false, false, &turn()),
            "       → check  order=A-1   succeeded in 41 ms\nagent  It has shipped.\n"
        );
    }

    #[test]
    fn a_terminal_gets_the_words_as_they_come() {
        assert_eq!(
            shown(true, false, &turn()),
            "agent  Let me\n       (takes that back)\n       \
             → check  order=A-1   succeeded in 41 ms\nagent  It has shipped.\n"
        );
    }

    #[test]
    fn what_was_missed_is_made_up_for() {
        let all = turn();
        let missed = [all[0].clone(), all[7].clone()];
        assert_eq!(shown(true, false, &missed), shown(false, false, &turn()));
    }

    #[test]
    fn a_script_gets_every_event_as_a_line() {
        let lines = shown(false, true, &turn());
        let names: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["event"].take())
            .collect();
        let expected: Vec<_> = turn().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, expected);
    }
}
