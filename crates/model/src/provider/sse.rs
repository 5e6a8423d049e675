//! Server-sent events out of a provider's bytes (HTML standard §9.2.6), each bounded.

use deskhand_domain::limits::MODEL_EVENT_BYTES;
use memchr::memchr2;

/// One event. What it is called matters only where it is called an error.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) is_error: bool,
    pub(super) data: Vec<u8>,
}

/// An event that is longer than [`MODEL_EVENT_BYTES`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// What has come and is no event yet.
#[derive(Debug, Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    is_error: bool,
    /// The line before ended in CR, so that a LF right behind it ends none.
    after_cr: bool,
    has_begun: bool,
}

impl Events {
    /// The events that end in this piece.
    pub(super) fn feed(&mut self, mut piece: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        while let Some(first) = piece.first() {
            if std::mem::take(&mut self.after_cr) && *first == b'\n' {
                piece = &piece[1..];
                continue;
            }
            let Some(end) = memchr2(b'\n', b'\r', piece) else {
                self.hold(piece)?;
                break;
            };
            self.hold(&piece[..end])?;
            self.after_cr = piece[end] == b'\r';
            events.extend(self.end_line());
            piece = &piece[end + 1..];
        }
        Ok(events)
    }

    fn hold(&mut self, part: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + self.data.len() + part.len() > MODEL_EVENT_BYTES {
            return Err(TooLong);
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    /// What the stream ended with. Some servers leave out the blank line behind the last event, or even
    /// the end of its line.
    pub(super) fn finish(mut self) -> Option<Event> {
        self.end_line().or_else(|| self.dispatch())
    }

    fn end_line(&mut self) -> Option<Event> {
        let mut whole = std::mem::take(&mut self.line);
        let line = match whole.strip_prefix(b"\xEF\xBB\xBF") {
            Some(rest) if !self.has_begun => rest,
            _ => &whole,
        };
        self.has_begun = true;
        let ended = if line.is_empty() {
            self.dispatch()
        } else {
            self.read_field(line);
            None
        };
        // Its room serves the next line.
        whole.clear();
        self.line = whole;
        ended
    }

    fn read_field(&mut self, line: &[u8]) {
        if let Some(data) = field(line, b"data") {
            if self.has_data {
                self.data.push(b'\n');
            }
            self.has_data = true;
            self.data.extend_from_slice(data);
        } else if let Some(name) = field(line, b"event") {
            self.is_error = name == b"error";
        }
    }

    fn dispatch(&mut self) -> Option<Event> {
        let data = std::mem::take(&mut self.data);
        let is_error = std::mem::take(&mut self.is_error);
        let has_data = std::mem::take(&mut self.has_data);
        (has_data && !data.is_empty()).then_some(Event { is_error, data })
    }
}

fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let value = line.strip_prefix(name)?.strip_prefix(b":")?;
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<String> {
        let mut events = Events::default();
        let mut found: Vec<Event> = Vec::new();
        for piece in pieces {
            found.extend(events.feed(piece).unwrap());
        }
        found.extend(events.finish());
        found
            .into_iter()
            .map(|event| {
                let data = String::from_utf8(event.data).unwrap();
                format!("{}{data}", if event.is_error { "!" } else { "" })
            })
            .collect()
    }

    #[test]
    fn events_are_the_same_wherever_the_bytes_are_cut() {
        let stream = "\u{feff}: hi\r\n\r\ndata: {\"é\":\r\ndata:\"🙂\"}\r\n\r\n\
            event: error\ndata: no\n\n\ndata: a\r\rid: 7\rdata:  b\n\ndata:\n\ndata: [DONE]"
            .as_bytes();
        let whole = ["{\"é\":\n\"🙂\"}", "!no", "a", " b", "[DONE]"];
        assert_eq!(read(&[stream]), whole);
        for cut in 0..stream.len() {
            let (first, second) = stream.split_at(cut);
            assert_eq!(read(&[first, second]), whole, "cut at {cut}");
        }
        let single: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(read(&single), whole);
    }

    #[test]
    fn an_event_that_goes_on_and_on_is_an_error() {
        let most = vec![b'x'; MODEL_EVENT_BYTES];
        let mut events = Events::default();
        assert_eq!(events.feed(&most), Ok(Vec::new()));
        assert_eq!(events.feed(b"x"), Err(TooLong));
        let mut events = Events::default();
        let line = [b"data: ", &most[..MODEL_EVENT_BYTES / 2], b"\n"].concat();
        assert_eq!(events.feed(&line), Ok(Vec::new()));
        assert_eq!(events.feed(&line), Err(TooLong));
        let mut events = Events::default();
        for _ in 0..4 {
            let event = [line.as_slice(), b"\n"].concat();
            assert_eq!(events.feed(&event).unwrap().len(), 1);
        }
    }
}
