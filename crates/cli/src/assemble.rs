//! Builds the service out of its parts, from the settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use deskhand_domain::clock::Entropy;
use deskhand_domain::secret::Secret;
use deskhand_model::{Models, ModelsConfig};
use deskhand_service::{Parts, Service};
use deskhand_store::{Database, MasterKey, StoreError};
use deskhand_webhook::{Client, ClientConfig, EgressPolicy, SystemResolver};
use sha2::{Digest, Sha256};

use crate::config::Config;
use crate::database;
use crate::system::{SystemClock, SystemEntropy};

/// Shortest passphrase that is taken for a secret key.
const PASSPHRASE_CHARS: usize = 32;

/// Opens the database, the models and the way out.
pub(crate) async fn service(config: &Config) -> anyhow::Result<Service> {
    let extra_roots_pem = match &config.egress_ca_file {
        Some(path) => Some(
            std::fs::read(path).with_context(|| format!("egress_ca_file {}", path.display()))?,
        ),
        None => None,
    };
    service_with_roots(config, extra_roots_pem).await
}

/// The same with the extra root certificates at hand.
pub(crate) async fn service_with_roots(
    config: &Config,
    extra_roots_pem: Option<Vec<u8>>,
) -> anyhow::Result<Service> {
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let models = Models::new(ModelsConfig {
        default: config.model.clone(),
        url: config.model_url.clone(),
        api_key: config
            .model_api_key
            .as_ref()
            .map(|key| key.expose().to_owned()),
    })
    .context("model")?;
    let webhook = webhook(config, true, extra_roots_pem)?;
    let (key, new) = master_key(config, &*entropy)?;
    let named = format!("database {}", database::shown(&config.database_url));
    let store = Database::open(&config.database_url, &key, Arc::clone(&entropy))
        .await
        .map_err(|error| database::failed(&named, error))?;
    match store.check_master_key().await {
        Err(StoreError::Damaged(_)) => bail!("{named}: {}", other_key(config)),
        checked => checked.map_err(|error| database::failed(&named, error))?,
    }
    if let Some(new) = new {
        new.keep()?;
    }
    Ok(Service::new(Parts {
        store: Arc::new(store),
        webhook,
        models,
        public_url: config.public_url(),
        callback_duration: config.callback_duration(),
        egress_addresses: config.egress_addresses.clone(),
        clock: Arc::new(SystemClock),
        entropy,
    }))
}

/// Where calls may go.
pub(crate) fn policy(config: &Config) -> anyhow::Result<EgressPolicy> {
    Ok(EgressPolicy::parse(&config.egress_allow)
        .context("egress_allow")?
        .with_own_addresses(config.egress_addresses.iter().copied()))
}

/// The way out to webhooks.
pub(crate) fn webhook(
    config: &Config,
    native_roots: bool,
    extra_roots_pem: Option<Vec<u8>>,
) -> anyhow::Result<Client> {
    Client::new(ClientConfig {
        policy: policy(config)?,
        resolver: Arc::new(SystemResolver::new().context("name resolution")?),
        native_roots,
        extra_roots_pem,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    })
    .context("webhook client")
}

/// What to do where the key is another one than the database's.
fn other_key(config: &Config) -> String {
    let file = database::path(&config.database_url).map(key_path);
    match (&config.secret_key, file) {
        (None, Some(file)) => format!(
            "it was made with another key; put back the {} that was beside it, or set DESKHAND_SECRET_KEY to \
             what it was made with",
            file.display()
        ),
        _ => "it was made with another key; set DESKHAND_SECRET_KEY to what it was made with, or leave it \
              unset if there was none"
            .to_owned(),
    }
}

/// The key, and where it is to be kept if it is a new one.
fn master_key(
    config: &Config,
    entropy: &dyn Entropy,
) -> anyhow::Result<(MasterKey, Option<NewKey>)> {
    if let Some(secret) = &config.secret_key {
        return Ok((key_from_text(secret).context("secret_key")?, None));
    }
    let file = database::path(&config.database_url).map(key_path);
    if let Some(file) = &file
        && let Some(key) =
            key_from_file(file).with_context(|| format!("database_url {}", config.database_url))?
    {
        return Ok((key, None));
    }
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    // Nothing outlives a database in memory, so nothing has to open it again.
    let new = file.map(|file| NewKey { file, bytes });
    Ok((MasterKey::new(bytes), new))
}

/// A key that was made for a new database.
struct NewKey {
    file: PathBuf,
    bytes: [u8; 32],
}

impl NewKey {
    /// Keeps it beside the database, for its owner to read only.
    fn keep(self) -> anyhow::Result<()> {
        write_private(&self.file, &STANDARD.encode(self.bytes))
            .with_context(|| format!("cannot make {}", self.file.display()))
    }
}

/// Whether opening the database would make a new key for it.
pub(crate) fn would_make_a_key(config: &Config) -> bool {
    config.secret_key.is_none()
        && database::path(&config.database_url).is_some_and(|path| !key_path(path).exists())
}

pub(crate) fn key_path(database: PathBuf) -> PathBuf {
    let mut name = database.into_os_string();
    name.push(".key");
    PathBuf::from(name)
}

fn key_from_text(secret: &Secret) -> anyhow::Result<MasterKey> {
    let text = secret.expose().trim();
    if let Ok(bytes) = STANDARD.decode(text)
        && let Ok(bytes) = <[u8; 32]>::try_from(bytes)
    {
        return Ok(MasterKey::new(bytes));
    }
    if let Some(bytes) = from_hex(text) {
        return Ok(MasterKey::new(bytes));
    }
    if text.chars().count() < PASSPHRASE_CHARS {
        bail!(
            "must be 32 bytes in base64 or hex, or a passphrase of at least {PASSPHRASE_CHARS} characters"
        );
    }
    Ok(MasterKey::new(Sha256::digest(text.as_bytes()).into()))
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
    }
    Some(bytes)
}

/// Reads the key beside the database, if there is one.
fn key_from_file(path: &Path) -> anyhow::Result<Option<MasterKey>> {
    match std::fs::read_to_string(path) {
        Ok(text) => key_from_text(&Secret::new(text))
            .map(Some)
            .with_context(|| format!("the key in {}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_base64_or_hex_or_a_long_passphrase() {
        for text in [
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "correct horse battery staple and then some more",
        ] {
            assert!(key_from_text(&Secret::new(text)).is_ok(), "{text}");
        }
        assert!(key_from_text(&Secret::new("short")).is_err());
    }
}
