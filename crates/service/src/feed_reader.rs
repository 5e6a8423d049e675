//! A place in a feed.

use std::sync::Arc;

use deskhand_domain::id::TurnId;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::feed::Feed;
use crate::live::LiveEvent;

/// A place in a feed.
#[derive(Debug)]
pub struct Reader {
    feed: Arc<Feed>,
    woken: watch::Receiver<u64>,
    at: u64,
    /// Whether it asks for the trace.
    traced: bool,
    /// The turn it asks for, if it is not to hear of others.
    only: Option<TurnId>,
    /// When nothing comes any more.
    until: Option<CancellationToken>,
    /// How often something had been missed when it began.
    gaps: u64,
}

impl Drop for Reader {
    fn drop(&mut self) {
        if self.traced {
            self.feed.count_tracer(false);
        }
    }
}

impl Reader {
    pub(crate) fn new(feed: Arc<Feed>, woken: watch::Receiver<u64>, at: u64, gaps: u64) -> Self {
        Self {
            feed,
            woken,
            at,
            traced: false,
            only: None,
            until: None,
            gaps,
        }
    }

    /// Asks for the trace too, from what happens now on.
    #[must_use]
    pub fn traced(mut self) -> Self {
        if !self.traced {
            self.traced = true;
            self.feed.count_tracer(true);
        }
        self
    }

    /// Asks for the events of one turn only: other things may be said while it runs.
    #[must_use]
    pub fn only(mut self, turn: TurnId) -> Self {
        self.only = Some(turn);
        self
    }

    /// Ends when this is cancelled, once what was published before has been read.
    #[must_use]
    pub fn until(mut self, end: CancellationToken) -> Self {
        self.until = Some(end);
        self
    }

    fn is_for_it(&self, event: &LiveEvent) -> bool {
        (self.traced || !event.is_trace()) && self.only.is_none_or(|turn| turn == event.id.turn_id)
    }

    /// The next event, when there is one. `None`: this reader has fallen behind what is kept, has come to its
    /// end, or, if it follows the conversation, may have missed something that happened on another node.
    pub async fn next(&mut self) -> Option<LiveEvent> {
        loop {
            // Marked as seen before looking, so that nothing published after is slept through.
            self.woken.borrow_and_update();
            {
                let buffer = self.feed.lock();
                let missed = self.only.is_none() && self.gaps != buffer.gaps;
                if missed || self.at < buffer.first {
                    return None;
                }
                let offset = usize::try_from(self.at - buffer.first).unwrap_or(usize::MAX);
                for event in buffer.events.range(offset.min(buffer.events.len())..) {
                    self.at += 1;
                    if self.is_for_it(event) {
                        return Some(event.clone());
                    }
                }
            }
            let end = async {
                match &self.until {
                    Some(end) => end.cancelled().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                // The sender lives in the feed, which this reader holds.
                changed = self.woken.changed() => changed.ok()?,
                () = end => return None,
            }
        }
    }
}
