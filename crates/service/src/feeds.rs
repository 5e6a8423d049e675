//! The feeds of all conversations.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use deskhand_domain::id::ConversationId;
use deskhand_store::Bus;
use tokio::time::Instant;

use crate::live::Feed;

/// The feeds of the conversations in which something runs or somebody listens, here or on another node.
#[derive(Debug)]
pub struct Feeds {
    bus: Option<Arc<Bus>>,
    feeds: Mutex<HashMap<ConversationId, Weak<Feed>>>,
    /// Those that other nodes want to be told of, kept for them.
    wanted: Mutex<HashMap<ConversationId, Arc<Feed>>>,
}

impl Feeds {
    /// None yet.
    pub fn new(bus: Option<Arc<Bus>>) -> Self {
        Self {
            bus,
            feeds: Mutex::default(),
            wanted: Mutex::default(),
        }
    }

    /// The feed of a conversation, made if there is none.
    pub fn of(&self, conversation: ConversationId) -> Arc<Feed> {
        let mut feeds = lock(&self.feeds);
        if let Some(feed) = feeds.get(&conversation).and_then(Weak::upgrade) {
            return feed;
        }
        // Forgetting the empty ones costs one pass each time their number has doubled.
        if feeds.len() == feeds.capacity() {
            feeds.retain(|_, feed| feed.strong_count() > 0);
        }
        let feed = Arc::new(Feed::new(conversation, self.bus.clone()));
        feeds.insert(conversation, Arc::downgrade(&feed));
        feed
    }

    /// The feed of a conversation, if there is one.
    pub fn known(&self, conversation: ConversationId) -> Option<Arc<Feed>> {
        lock(&self.feeds).get(&conversation).and_then(Weak::upgrade)
    }

    /// All that there are.
    pub fn all(&self) -> Vec<(ConversationId, Arc<Feed>)> {
        let feeds = lock(&self.feeds);
        let feed = |(id, feed): (&ConversationId, &Weak<Feed>)| Some((*id, feed.upgrade()?));
        feeds.iter().filter_map(feed).collect()
    }

    /// Another node wants to be told of a conversation.
    pub fn want(&self, conversation: ConversationId, until: Instant, trace: bool, anew: bool) {
        let feed = self.of(conversation);
        feed.want(until, trace, anew);
        lock(&self.wanted).insert(conversation, feed);
    }

    /// Forgets what other nodes do not want any more.
    pub fn forget_unwanted(&self) {
        lock(&self.wanted).retain(|_, feed| feed.is_wanted());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
