//! The feeds of all conversations.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use deskhand_domain::id::ConversationId;
use deskhand_store::Bus;
use hashlink::LinkedHashMap;
use tokio::time::Instant;

use crate::live::Feed;

/// How long the feed of a conversation is kept once a turn in it has ended: whoever was cut off before the
/// end, and comes back, goes on word by word.
const ENDED_KEPT: Duration = Duration::from_secs(60);
/// Most feeds kept for that.
const ENDED_FEEDS: usize = 4_096;
/// Most bytes in them.
const ENDED_BYTES: usize = 32 * 1024 * 1024;

/// The feeds of the conversations in which something runs, has just ended, or somebody listens, here or on
/// another node.
#[derive(Debug)]
pub struct Feeds {
    bus: Option<Arc<Bus>>,
    feeds: Mutex<HashMap<ConversationId, Weak<Feed>>>,
    /// Those that other nodes want to be told of, kept for them.
    wanted: Mutex<HashMap<ConversationId, Arc<Feed>>>,
    ended: Mutex<JustEnded>,
}

/// The feeds in which a turn has just ended; that whose turn ended longest ago comes first.
#[derive(Debug, Default)]
struct JustEnded {
    feeds: LinkedHashMap<ConversationId, EndedFeed>,
    bytes: usize,
}

#[derive(Debug)]
struct EndedFeed {
    _feed: Arc<Feed>,
    until: Instant,
    /// As counted.
    bytes: usize,
}

impl JustEnded {
    fn keep(&mut self, feed: &Arc<Feed>, until: Instant) {
        let (feed, bytes) = (Arc::clone(feed), feed.bytes());
        self.bytes += bytes;
        let conversation = feed.conversation();
        let new = EndedFeed {
            _feed: feed,
            until,
            bytes,
        };
        if let Some(old) = self.feeds.insert(conversation, new) {
            self.bytes -= old.bytes;
        }
    }

    fn forget(&mut self, now: Instant) {
        while let Some((_, oldest)) = self.feeds.front() {
            let is_too_many = self.feeds.len() > ENDED_FEEDS || self.bytes > ENDED_BYTES;
            if oldest.until > now && !is_too_many {
                return;
            }
            if let Some((_, gone)) = self.feeds.pop_front() {
                self.bytes -= gone.bytes;
            }
        }
    }
}

impl Feeds {
    /// None yet.
    pub fn new(bus: Option<Arc<Bus>>) -> Self {
        Self {
            bus,
            feeds: Mutex::default(),
            wanted: Mutex::default(),
            ended: Mutex::default(),
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

    /// Keeps a feed for a while: a turn in it has just ended.
    pub fn keep(&self, feed: &Arc<Feed>) {
        let now = Instant::now();
        let mut ended = lock(&self.ended);
        ended.keep(feed, now + ENDED_KEPT);
        ended.forget(now);
    }

    /// Forgets the feeds in which nothing has ended for a while.
    pub fn forget_ended(&self) {
        lock(&self.ended).forget(Instant::now());
    }

    /// Forgets what other nodes do not want any more.
    pub fn forget_unwanted(&self) {
        lock(&self.wanted).retain(|_, feed| feed.is_wanted());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
