//! Word between the nodes that share a database: what happens on one is told to the others as it happens.
//! Nothing is kept and nothing is certain: a word may be lost. Whoever must not miss a thing looks into the
//! database, and hears from here when to look.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{broadcast, mpsc};

/// Words that may wait to be said, and that a listener may be behind.
const QUEUE: usize = 4_096;

/// Something said to other nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What it is about: a short name without spaces.
    pub topic: String,
    /// What is said.
    pub body: String,
}

/// What a listener hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Another node has said this.
    Word(Arc<Word>),
    /// Words may have been lost before this.
    Gap,
}

/// One node's ear and mouth.
pub struct Bus {
    says: mpsc::Sender<Word>,
    hears: broadcast::Sender<Heard>,
    /// Whether words are being lost; said once each time it begins.
    full: AtomicBool,
}

/// A listener.
#[derive(Debug)]
pub struct Listener(broadcast::Receiver<Heard>);

impl Bus {
    /// A bus, and what is to be carried to the others.
    pub(crate) fn new() -> (Arc<Self>, mpsc::Receiver<Word>) {
        let (says, to_say) = mpsc::channel(QUEUE);
        let bus = Self {
            says,
            hears: broadcast::Sender::new(QUEUE),
            full: AtomicBool::new(false),
        };
        (Arc::new(bus), to_say)
    }

    /// Tells the other nodes, soon. Never waits: where too much is to be said, it is left out.
    pub fn say(&self, topic: &str, body: String) {
        let word = Word {
            topic: topic.to_owned(),
            body,
        };
        let lost = self.says.try_send(word).is_err();
        if lost && !self.full.swap(true, Ordering::Relaxed) {
            tracing::warn!("more happens than other nodes can be told of");
        }
        if !lost {
            self.full.store(false, Ordering::Relaxed);
        }
    }

    /// Hears what is said from now on.
    pub fn listen(&self) -> Listener {
        Listener(self.hears.subscribe())
    }

    /// Passes on what has been heard.
    pub(crate) fn hear(&self, heard: Heard) {
        // Nobody may be listening.
        let _ = self.hears.send(heard);
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bus")
    }
}

impl Listener {
    /// What is heard next; `None` when the database has been closed.
    pub async fn next(&mut self) -> Option<Heard> {
        match self.0.recv().await {
            Ok(heard) => Some(heard),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Heard::Gap),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
