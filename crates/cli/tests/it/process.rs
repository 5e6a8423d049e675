//! Processes of these tests: started, listened to, and ended with the test.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Longest wait for a line. Only reached when something is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running program and what it prints. It is killed when dropped.
pub(crate) struct Process {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} did not start: {error}"));
        let (sender, lines) = channel();
        let pipes: [Box<dyn Read + Send>; 2] = [
            Box::new(child.stdout.take().unwrap()),
            Box::new(child.stderr.take().unwrap()),
        ];
        for pipe in pipes {
            let sender = sender.clone();
            thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        Self {
            child,
            lines,
            seen: Vec::new(),
        }
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line that has this in it, or everything printed if the program ends before.
    pub(crate) fn try_line(&mut self, part: &str) -> Result<String, String> {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(part) => return Ok(line),
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Disconnected) => return Err(self.seen.join("\n")),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("no line with {part:?} in:\n{}", self.seen.join("\n"))
                }
            }
        }
    }

    /// What was printed before the line that was asked for last.
    pub(crate) fn seen(&self) -> &[String] {
        &self.seen
    }

    /// The same where the program must not end before.
    pub(crate) fn line(&mut self, part: &str) -> String {
        self.try_line(part)
            .unwrap_or_else(|printed| panic!("it ended without {part:?}:\n{printed}"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Either may fail because it has ended by itself, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program to its end, but not for longer than this. What it printed is the error if it
/// fails.
pub(crate) fn run(command: &mut Command, at_most: Duration) -> Result<(), String> {
    let until = Instant::now() + at_most;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{command:?} does not start: {error}"))?;
    let (sender, printed) = channel();
    let pipes: [Box<dyn Read + Send>; 2] = [
        Box::new(child.stdout.take().unwrap()),
        Box::new(child.stderr.take().unwrap()),
    ];
    for mut pipe in pipes {
        let sender = sender.clone();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            // What can be read is what there is to show.
            let _ = pipe.read_to_end(&mut bytes);
            let _ = sender.send(String::from_utf8_lossy(&bytes).trim().to_owned());
        });
    }
    drop(sender);
    let mut texts = Vec::new();
    loop {
        match printed.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(text) => texts.push(text),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("{command:?} took longer than {at_most:?}"));
            }
        }
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?}: {status}\n{}", texts.join("\n"))),
        Err(error) => Err(format!("{command:?}: {error}")),
    }
}
