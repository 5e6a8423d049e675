//! Secrets at rest. Each workspace has a random data key, wrapped by the master key; a secret is
//! sealed with the data key of its workspace for one place (table, column and row) and opens nowhere
//! else. XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with random 24-byte nonces.
//!
//! A sealed text is base64 of: one byte that says how it was sealed (1), the nonce, the ciphertext
//! with its tag. The byte leaves room for other ways later; a new master key only re-wraps data keys.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use deskhand_domain::clock::Entropy;
use deskhand_domain::id::WorkspaceId;
use deskhand_domain::secret::Secret;
use zeroize::Zeroizing;

use crate::{Result, StoreError};

const FORMAT: u8 = 1;
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// Data keys kept in memory; past this all are forgotten and read again as needed.
const CACHED_KEYS: usize = 10_000;

/// The key that wraps every workspace's data key. Its memory is wiped when dropped.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; KEY_BYTES]>);

impl MasterKey {
    /// Takes 32 random bytes.
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl From<[u8; KEY_BYTES]> for MasterKey {
    fn from(bytes: [u8; KEY_BYTES]) -> Self {
        Self::new(bytes)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The one place where a sealed text opens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) workspace: WorkspaceId,
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) row: &'a str,
}

impl Place<'_> {
    fn aad(&self) -> String {
        let Self {
            workspace,
            table,
            column,
            row,
        } = self;
        format!("{workspace}|{table}|{column}|{row}")
    }
}

/// Seals and opens.
pub(crate) struct Vault {
    master: XChaCha20Poly1305,
    entropy: Arc<dyn Entropy>,
    keys: Mutex<HashMap<WorkspaceId, DataKey>>,
}

/// A workspace's key, ready for use; wiped when the last copy is dropped.
#[derive(Clone)]
pub(crate) struct DataKey(Arc<XChaCha20Poly1305>);

impl Vault {
    pub(crate) fn new(master: &MasterKey, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            master: cipher(&master.0),
            entropy,
            keys: Mutex::default(),
        }
    }

    /// The randomness it was given.
    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }

    /// Makes a data key for a new workspace and wraps it for its row.
    pub(crate) fn make_data_key(&self, workspace: WorkspaceId) -> Result<String> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        self.entropy.fill(&mut *key);
        let row = workspace.to_string();
        self.seal_with(&self.master, wrapped_at(workspace, &row), &*key)
    }

    /// A data key that was unwrapped before.
    pub(crate) fn cached(&self, workspace: WorkspaceId) -> Option<DataKey> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.get(&workspace).cloned()
    }

    /// Unwraps the data key from its row, and remembers it.
    pub(crate) fn unwrap_data_key(&self, workspace: WorkspaceId, wrapped: &str) -> Result<DataKey> {
        let row = workspace.to_string();
        let opened = open_with(&self.master, wrapped_at(workspace, &row), wrapped)?;
        let bytes = opened
            .as_slice()
            .try_into()
            .map(Zeroizing::new)
            .map_err(|_| StoreError::Damaged("a data key has the wrong length".to_owned()))?;
        let key = DataKey(Arc::new(cipher(&bytes)));
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= CACHED_KEYS {
            keys.clear();
        }
        keys.insert(workspace, key.clone());
        Ok(key)
    }

    /// Seals a secret for one place.
    pub(crate) fn seal(&self, key: &DataKey, place: Place<'_>, secret: &Secret) -> Result<String> {
        self.seal_with(&key.0, place, secret.expose().as_bytes())
    }

    /// Opens what was sealed for this place.
    pub(crate) fn open(&self, key: &DataKey, place: Place<'_>, sealed: &str) -> Result<Secret> {
        let bytes = open_with(&key.0, place, sealed)?;
        std::str::from_utf8(&bytes)
            .map(Secret::new)
            .map_err(|_| StoreError::Damaged("a secret is not text".to_owned()))
    }

    fn seal_with(
        &self,
        cipher: &XChaCha20Poly1305,
        place: Place<'_>,
        plain: &[u8],
    ) -> Result<String> {
        let mut nonce = [0; NONCE_BYTES];
        self.entropy.fill(&mut nonce);
        let aad = place.aad();
        let payload = Payload {
            msg: plain,
            aad: aad.as_bytes(),
        };
        let ciphertext = cipher
            .encrypt(&nonce.into(), payload)
            .map_err(|_| StoreError::Damaged("a secret is too long to seal".to_owned()))?;
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + ciphertext.len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        Ok(STANDARD.encode(sealed))
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

fn cipher(key: &[u8; KEY_BYTES]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.into())
}

fn wrapped_at(workspace: WorkspaceId, row: &str) -> Place<'_> {
    Place {
        workspace,
        table: "workspaces",
        column: "data_key",
        row,
    }
}

fn open_with(
    cipher: &XChaCha20Poly1305,
    place: Place<'_>,
    sealed: &str,
) -> Result<Zeroizing<Vec<u8>>> {
    let damaged = || {
        StoreError::Damaged(format!(
            "{} of {} does not open: it was changed or moved, or the master key is another one",
            place.column, place.table
        ))
    };
    let sealed = STANDARD.decode(sealed).map_err(|_| damaged())?;
    let (&format, rest) = sealed.split_first().ok_or_else(damaged)?;
    let (nonce, ciphertext) = rest
        .split_first_chunk::<NONCE_BYTES>()
        .filter(|_| format == FORMAT)
        .ok_or_else(damaged)?;
    let aad = place.aad();
    let payload = Payload {
        msg: ciphertext,
        aad: aad.as_bytes(),
    };
    cipher
        .decrypt(nonce.into(), payload)
        .map(Zeroizing::new)
        .map_err(|_| damaged())
}

#[cfg(test)]
#[path = "vault_tests.rs"]
mod tests;
