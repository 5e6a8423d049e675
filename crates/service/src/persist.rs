//! A database that fails for a while is asked again.

use std::time::Duration;

use deskhand_store::{Result, StoreError};
use tokio::time::Instant;

use crate::Service;

/// The wait before the second try; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_millis(50);
/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// Tries of what is not likely to pass by itself, such as a full disk.
const FEW_TRIES: u32 = 4;

impl Service {
    /// Does a write that a turn cannot go on without, again and again while the database fails and
    /// there is time. It has to be one that may be done twice: whether a try that failed came through
    /// is not known. It is told the number of the try.
    pub(crate) async fn persist<T, F>(
        &self,
        what: &'static str,
        until: Instant,
        write: impl Fn(u32) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut wait = FIRST_WAIT;
        let mut tries = 0;
        loop {
            tries += 1;
            let error = match write(tries).await {
                Err(StoreError::Database(error)) => error,
                other => return other,
            };
            let in_vain = !error.will_pass() && tries >= FEW_TRIES;
            if in_vain || Instant::now() + wait >= until {
                return Err(StoreError::Database(error));
            }
            tracing::warn!(what, tries, %error, "the database failed; it is asked again");
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }
}
