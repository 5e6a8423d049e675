//! Hashing of passwords: Argon2id (RFC 9106) with 19 MiB, two passes, one lane. Slow by design, so on
//! threads of its own, and only a few at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use deskhand_domain::limits;
use deskhand_domain::secret::Secret;
use tokio::sync::Semaphore;

use crate::{Result, Service, ServiceError};

/// What a password is compared with where there is no account: a hash of the same cost that no
/// password is known to have.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IHdob21zb2V2ZXI$\
                      UJ3q3m1yqkq0nJ0C2nq9b2m1yQe6c8rQ1u8nS9m4m3I";

/// The bounds on how many are hashed.
pub(crate) struct Passwords {
    at_once: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(limits::PASSWORDS_AT_ONCE)),
            waiting: AtomicUsize::new(0),
        }
    }
}

impl Passwords {
    /// Does the work when its turn comes.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let waiting = Waiting::join(&self.waiting)?;
        let permit = Arc::clone(&self.at_once)
            .acquire_owned()
            .await
            .map_err(|error| ServiceError::Internal(error.to_string()))?;
        drop(waiting);
        let task = tokio::task::spawn_blocking(move || {
            // Held until the work is done, also when nobody waits for it any more.
            let _permit = permit;
            work()
        });
        task.await
            .map_err(|error| ServiceError::Internal(format!("hashing a password: {error}")))
    }
}

/// A place among those who wait.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn join(count: &'a AtomicUsize) -> Result<Self> {
        let before = count.fetch_add(1, Ordering::Relaxed);
        let place = Self(count);
        if before >= limits::PASSWORDS_WAITING {
            return Err(ServiceError::TooMany {
                message: "Many people are signing in at this moment. Try again in a second.",
                retry_after: Duration::from_secs(1),
            });
        }
        Ok(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Service {
    /// Hashes a password for its row.
    pub(super) async fn hash_password(&self, password: Secret) -> Result<Secret> {
        let mut salt = [0u8; 16];
        self.entropy().fill(&mut salt);
        self.inner
            .passwords
            .run(move || hash(&password, &salt))
            .await?
    }

    /// Whether the password is the one that was hashed. Without a hash it is not, after as long.
    pub(super) async fn verify_password(
        &self,
        password: Secret,
        stored: Option<Secret>,
    ) -> Result<bool> {
        self.inner
            .passwords
            .run(move || match stored {
                Some(stored) => verify(&password, stored.expose()),
                None => verify(&password, NOBODY).map(|_| false),
            })
            .await?
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19_456, 2, 1, None).map_err(|error| failed(&error))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &Secret, salt: &[u8]) -> Result<Secret> {
    let hash: PasswordHash = argon2()?
        .hash_password_with_salt(password.expose().as_bytes(), salt)
        .map_err(|error| failed(&error))?;
    Ok(Secret::new(hash.to_string()))
}

fn verify(password: &Secret, stored: &str) -> Result<bool> {
    use argon2::password_hash::Error;
    let stored = PasswordHash::new(stored).map_err(|error| failed(&error))?;
    match argon2()?.verify_password(password.expose().as_bytes(), &stored) {
        Ok(()) => Ok(true),
        Err(Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(failed(&error)),
    }
}

fn failed(error: &dyn std::fmt::Display) -> ServiceError {
    ServiceError::Internal(format!("hashing a password: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_no_other_is() {
        let stored = hash(&Secret::new("correct horse"), &[7; 16]).unwrap();
        assert!(
            stored
                .expose()
                .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
        );
        assert!(verify(&Secret::new("correct horse"), stored.expose()).unwrap());
        assert!(!verify(&Secret::new("correct horsf"), stored.expose()).unwrap());
        assert!(!verify(&Secret::new(""), stored.expose()).unwrap());
    }

    #[test]
    fn nobody_costs_what_somebody_does() {
        let somebody = hash(&Secret::new("x"), &[7; 16]).unwrap();
        let cost = |stored: &str| stored.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(cost(NOBODY), cost(somebody.expose()));
        assert!(!verify(&Secret::new("x"), NOBODY).unwrap());
    }

    #[tokio::test]
    async fn two_at_once_and_the_rest_wait_or_are_sent_away() {
        let passwords = Arc::new(Passwords::default());
        let (go, stop) = std::sync::mpsc::channel::<()>();
        let stop = Arc::new(std::sync::Mutex::new(stop));
        let mut first = Vec::new();
        for _ in 0..limits::PASSWORDS_AT_ONCE {
            let (passwords, stop) = (Arc::clone(&passwords), Arc::clone(&stop));
            first.push(tokio::spawn(async move {
                passwords.run(move || stop.lock().unwrap().recv()).await
            }));
        }
        while passwords.at_once.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let mut waiting: Vec<_> = (0..limits::PASSWORDS_WAITING)
            .map(|_| Box::pin(passwords.run(|| ())))
            .collect();
        for one in &mut waiting {
            assert!(futures_util::poll!(one.as_mut()).is_pending());
        }
        let refused = passwords.run(|| ()).await;
        assert!(matches!(refused, Err(ServiceError::TooMany { .. })));
        for _ in 0..limits::PASSWORDS_AT_ONCE {
            go.send(()).unwrap();
        }
        for one in waiting {
            one.await.unwrap();
        }
        for one in first {
            one.await.unwrap().unwrap().unwrap();
        }
    }
}
