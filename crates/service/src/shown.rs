//! What listeners are shown of a reply while it is being written.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskhand_domain::id::TurnId;
use deskhand_model::Deltas;

use crate::live::{Feed, TurnEvent};
use crate::turns::Running;

/// Shows listeners the reply while it is being written.
pub struct Shown<'a> {
    pub running: &'a Running,
    pub text: String,
    /// Shows nothing for now.
    pub muted: bool,
}

impl<'a> Shown<'a> {
    pub fn new(running: &'a Running) -> Self {
        Self {
            running,
            text: String::new(),
            muted: false,
        }
    }

    /// Nothing of what waits has been said.
    pub fn forget(&mut self) {
        self.running.outlet.forget();
        self.text.clear();
    }
}

impl Deltas for Shown<'_> {
    fn text(&mut self, piece: &str) {
        self.running.trace.hears();
        if self.muted {
            return;
        }
        self.text.push_str(piece);
        let text = piece.to_owned();
        self.running.outlet.publish(TurnEvent::Delta { text });
    }

    fn alive(&mut self) {
        self.running.trace.hears();
    }

    fn reset(&mut self) {
        self.running.trace.forgets();
        if !self.text.is_empty() {
            self.text.clear();
            self.running.outlet.publish(TurnEvent::Reset {});
        }
    }
}

/// The way of what a model does to those who listen. While a commit is under way that it depends on, it
/// waits there.
#[derive(Debug)]
pub struct Outlet {
    turn_id: TurnId,
    feed: Arc<Feed>,
    /// `None`: everything is told as it comes.
    waiting: Mutex<Option<Vec<TurnEvent>>>,
}

impl Outlet {
    /// To a feed, which is told everything as it comes.
    pub fn new(turn_id: TurnId, feed: Arc<Feed>) -> Self {
        Self {
            turn_id,
            feed,
            waiting: Mutex::default(),
        }
    }

    /// From now on everything waits.
    pub fn hold(&self) {
        self.lock().get_or_insert_default();
    }

    /// Tells of an event, now or when it need not wait any more.
    pub fn publish(&self, event: TurnEvent) {
        match &mut *self.lock() {
            Some(waiting) => waiting.push(event),
            None => self.feed.publish(self.turn_id, &event),
        }
    }

    /// Whether anybody asks for the trace, or may by the time that it need not wait any more.
    pub fn is_traced(&self) -> bool {
        self.feed.is_traced() || self.lock().is_some()
    }

    /// Tells of what waits, and of the rest as it comes.
    pub fn release(&self) {
        let mut waiting = self.lock();
        let is_traced = self.feed.is_traced();
        for event in waiting.take().into_iter().flatten() {
            if is_traced || !event.is_trace() {
                self.feed.publish(self.turn_id, &event);
            }
        }
    }

    /// What waits is told to nobody; the rest as it comes.
    pub fn forget(&self) {
        self.lock().take();
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<TurnEvent>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
