//! Work on a turn, broken off where the server hands its turns over.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use tokio_util::sync::CancellationToken;

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Handed<T> {
    /// It is done.
    Done(T),
    /// Another server goes on with the turn.
    Over,
}

/// Keeps work from being broken off for as long as it is doing what cannot be left half known: a message that is
/// being stored is stored, whether or not anybody waits for it, and must not be sent again.
#[derive(Debug, Clone, Default)]
pub struct Held(Arc<AtomicBool>);

impl Held {
    /// Does this to its end.
    pub async fn through<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.store(true, Ordering::Relaxed);
        let done = work.await;
        self.0.store(false, Ordering::Relaxed);
        done
    }

    fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Works until it is done, or broken off while it is not held.
pub async fn unless_handed_over<T>(
    handing_over: &CancellationToken,
    held: &Held,
    work: impl Future<Output = T>,
) -> Handed<T> {
    let mut work = pin!(work);
    tokio::select! {
        biased;
        () = handing_over.cancelled() => {}
        done = &mut work => return Handed::Done(done),
    }
    std::future::poll_fn(|context| {
        if !held.is_on() {
            return Poll::Ready(Handed::Over);
        }
        match work.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Handed::Done(done)),
            Poll::Pending if held.is_on() => Poll::Pending,
            Poll::Pending => Poll::Ready(Handed::Over),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_util::FutureExt;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn work_that_is_not_held_is_broken_off() {
        let token = CancellationToken::new();
        let held = Held::default();
        assert_eq!(
            unless_handed_over(&token, &held, async { 7 }).await,
            Handed::Done(7)
        );
        token.cancel();
        let endless = std::future::pending::<()>();
        assert_eq!(
            unless_handed_over(&token, &held, endless).await,
            Handed::Over
        );
    }

    #[tokio::test]
    async fn what_is_being_stored_is_stored_and_then_known() {
        let token = CancellationToken::new();
        let held = Held::default();
        let (commit, committed) = oneshot::channel();
        let stored = Cell::new(false);
        let work = async {
            held.through(committed).await.unwrap();
            stored.set(true);
            std::future::pending::<()>().await;
        };
        let mut outcome = pin!(unless_handed_over(&token, &held, work));
        assert!(outcome.as_mut().now_or_never().is_none());
        token.cancel();
        assert!(outcome.as_mut().now_or_never().is_none());
        commit.send(()).unwrap();
        assert_eq!(outcome.await, Handed::Over);
        assert!(stored.get());
    }
}
