//! Order and limits in front of the turns: one turn at a time in a conversation, and so many
//! messages a minute for a contact.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use deskhand_domain::id::{ConversationId, WorkspaceId};
use deskhand_domain::limits;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Result, ServiceError};

/// Most messages that wait in one conversation.
const WAITING: usize = 16;

/// One place at a time in each conversation, given in the order asked for.
#[derive(Debug, Default)]
pub struct Queues(Mutex<HashMap<ConversationId, Weak<Line>>>);

#[derive(Debug)]
struct Line {
    /// Tokio's semaphore serves in order.
    place: Arc<Semaphore>,
    waiting: Semaphore,
}

/// The right to run a turn in a conversation, until dropped.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
    _line: Arc<Line>,
}

impl Queues {
    /// Waits for its turn in the conversation.
    pub async fn enter(&self, conversation: ConversationId) -> Result<Place> {
        let line = self.line(conversation);
        let Ok(waiting) = line.waiting.try_acquire() else {
            return Err(ServiceError::TooMany {
                message: "too many messages are waiting in this conversation",
                retry_after: Duration::from_secs(5),
            });
        };
        let permit = Arc::clone(&line.place)
            .acquire_owned()
            .await
            .map_err(|_| ServiceError::Internal("a conversation's queue was closed".to_owned()))?;
        drop(waiting);
        Ok(Place {
            _permit: permit,
            _line: line,
        })
    }

    /// Whether somebody is in the conversation's line, or has the place.
    pub fn is_busy(&self, conversation: ConversationId) -> bool {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.get(&conversation);
        line.is_some_and(|line| line.strong_count() > 0)
    }

    fn line(&self, conversation: ConversationId) -> Arc<Line> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(&conversation).and_then(Weak::upgrade) {
            return line;
        }
        // Forgetting the empty ones costs one pass each time their number has doubled.
        if lines.len() == lines.capacity() {
            lines.retain(|_, line| line.strong_count() > 0);
        }
        let line = Arc::new(Line {
            place: Arc::new(Semaphore::new(1)),
            waiting: Semaphore::new(WAITING),
        });
        lines.insert(conversation, Arc::downgrade(&line));
        line
    }
}

/// Messages of each contact within the last minute.
#[derive(Debug, Default)]
pub struct ContactLimit(Mutex<HashMap<(WorkspaceId, String), VecDeque<Timestamp>>>);

const WINDOW: SignedDuration = SignedDuration::from_secs(60);

impl ContactLimit {
    /// Counts a message, or says when the next one will be welcome.
    pub fn admit(&self, workspace: WorkspaceId, contact: String, now: Timestamp) -> Result<()> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() == seen.capacity() {
            seen.retain(|_, times| {
                times
                    .back()
                    .is_some_and(|last| now.duration_since(*last) < WINDOW)
            });
        }
        let times = seen.entry((workspace, contact)).or_default();
        while times
            .front()
            .is_some_and(|first| now.duration_since(*first) >= WINDOW)
        {
            times.pop_front();
        }
        match times.front() {
            Some(first) if times.len() >= limits::MESSAGES_PER_CONTACT_MINUTE => {
                let wait = WINDOW.saturating_sub(now.duration_since(*first));
                Err(ServiceError::TooMany {
                    message: "this contact has sent too many messages within a minute",
                    retry_after: wait.unsigned_abs(),
                })
            }
            _ => {
                times.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use deskhand_domain::clock::Entropy;

    use super::*;

    #[derive(Debug)]
    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(1);
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn thirty_messages_a_minute_for_one_contact() {
        let limit = ContactLimit::default();
        let workspace = WorkspaceId::new(at(0), &Fixed);
        for second in 0..30 {
            limit
                .admit(workspace, "cus_1".to_owned(), at(second))
                .unwrap();
        }
        let Err(ServiceError::TooMany { retry_after, .. }) =
            limit.admit(workspace, "cus_1".to_owned(), at(30))
        else {
            panic!("admitted the 31st");
        };
        assert_eq!(retry_after, Duration::from_secs(30));
        limit.admit(workspace, "cus_2".to_owned(), at(30)).unwrap();
        limit.admit(workspace, "cus_1".to_owned(), at(60)).unwrap();
    }

    #[tokio::test]
    async fn one_at_a_time_in_the_order_of_arrival() {
        let queues = Arc::new(Queues::default());
        let conversation = ConversationId::new(at(0), &Fixed);
        let first = queues.enter(conversation).await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut others = Vec::new();
        for n in 0..3 {
            let (queues, order) = (Arc::clone(&queues), Arc::clone(&order));
            others.push(tokio::spawn(async move {
                let _place = queues.enter(conversation).await.unwrap();
                order.lock().unwrap().push(n);
            }));
            tokio::task::yield_now().await;
        }
        assert!(order.lock().unwrap().is_empty());
        drop(first);
        for other in others {
            other.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), [0, 1, 2]);
    }

    #[tokio::test]
    async fn the_line_is_bounded() {
        let queues = Arc::new(Queues::default());
        let conversation = ConversationId::new(at(0), &Fixed);
        let _first = queues.enter(conversation).await.unwrap();
        let mut waiting: Vec<_> = (0..WAITING)
            .map(|_| Box::pin(queues.enter(conversation)))
            .collect();
        for one in &mut waiting {
            assert!(futures_util::poll!(one.as_mut()).is_pending());
        }
        assert!(matches!(
            queues.enter(conversation).await,
            Err(ServiceError::TooMany { .. })
        ));
    }
}
