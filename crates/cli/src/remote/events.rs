//! Reads an event stream (WHATWG HTML §9.2.6).

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Event {
    /// The `event` field.
    pub(crate) name: String,
    /// The `data` lines, joined by line feeds.
    pub(crate) data: String,
}

/// Takes bytes as they come and gives whole events.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    line: Vec<u8>,
    after_cr: bool,
    event: Event,
    has_data: bool,
}

impl Parser {
    /// The events that these bytes complete.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for &byte in bytes {
            let second_of_crlf = std::mem::replace(&mut self.after_cr, byte == b'\r');
            match byte {
                b'\n' if second_of_crlf => {}
                b'\n' | b'\r' => events.extend(self.end_of_line()),
                _ => self.line.push(byte),
            }
        }
        events
    }

    fn end_of_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            // Without data it is only a sign of life.
            return std::mem::take(&mut self.has_data).then_some(event);
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STREAM: &str = ": still here\n\nevent: turn.started\nid: turn_1.0\ndata: {\"a\":1}\n\n\
        event:message.delta\r\ndata: Grüße\r\ndata: zwei\r\n\r\nevent: lost\n\nevent: cut\ndata: x\n";

    fn expected() -> Vec<Event> {
        [
            ("turn.started", "{\"a\":1}"),
            ("message.delta", "Grüße\nzwei"),
        ]
        .map(|(name, data)| Event {
            name: name.to_owned(),
            data: data.to_owned(),
        })
        .into()
    }

    #[test]
    fn whole_events_come_out_and_nothing_else() {
        assert_eq!(Parser::default().take(STREAM.as_bytes()), expected());
    }

    proptest! {
        #[test]
        fn wherever_the_bytes_are_cut(cuts in proptest::collection::vec(0..STREAM.len(), 0..8)) {
            let mut cuts = cuts;
            cuts.sort_unstable();
            let (mut parser, mut events, mut from) = (Parser::default(), Vec::new(), 0);
            for cut in cuts.into_iter().chain([STREAM.len()]) {
                events.extend(parser.take(&STREAM.as_bytes()[from..cut]));
                from = cut;
            }
            prop_assert_eq!(events, expected());
        }
    }
}
