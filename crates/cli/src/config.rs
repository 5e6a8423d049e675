//! Settings: from `deskhand.toml` and from the environment, which wins. The only place that reads the
//! environment.

use std::ffi::OsString;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use deskhand_domain::secret::Secret;
use deskhand_http::TrustedProxies;
use serde::Deserialize;

use crate::{database, variables};

/// Every setting with its default and comments.
pub(crate) const EXAMPLE: &str = include_str!("../../../config.example.toml");

/// Thirty days.
const LONGEST_CALLBACK_HOURS: u64 = 720;

const DEFAULT_FILE: &str = "deskhand.toml";

/// All settings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    #[serde(deserialize_with = "listen")]
    pub(crate) listen: SocketAddr,
    pub(crate) database_url: String,
    pub(crate) public_url: Option<String>,
    #[serde(deserialize_with = "proxies")]
    pub(crate) trusted_proxies: TrustedProxies,
    pub(crate) tls_cert_file: Option<PathBuf>,
    pub(crate) tls_key_file: Option<PathBuf>,
    #[serde(default, deserialize_with = "secret")]
    pub(crate) secret_key: Option<Secret>,
    #[serde(default, deserialize_with = "secret")]
    pub(crate) bootstrap_api_key: Option<Secret>,
    pub(crate) model: String,
    pub(crate) model_url: Option<String>,
    #[serde(default, deserialize_with = "secret")]
    pub(crate) model_api_key: Option<Secret>,
    pub(crate) egress_allow: String,
    pub(crate) egress_ca_file: Option<PathBuf>,
    #[serde(deserialize_with = "addresses")]
    pub(crate) egress_addresses: Vec<IpAddr>,
    #[serde(deserialize_with = "callback_hours")]
    pub(crate) callback_hours: u64,
    #[serde(deserialize_with = "drain_seconds")]
    pub(crate) drain_seconds: u64,
    pub(crate) log: String,
}

/// The names of all settings, as they stand in the file.
const NAMES: &[&str] = &[
    "listen",
    "database_url",
    "public_url",
    "trusted_proxies",
    "tls_cert_file",
    "tls_key_file",
    "secret_key",
    "bootstrap_api_key",
    "model",
    "model_url",
    "model_api_key",
    "egress_allow",
    "egress_ca_file",
    "egress_addresses",
    "callback_hours",
    "drain_seconds",
    "log",
];

/// Reads the settings of this process.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
pub(crate) fn load(file: Option<&Path>) -> anyhow::Result<Config> {
    let text = match file {
        Some(path) => Some(
            std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?,
        ),
        None if Path::new(DEFAULT_FILE).exists() => Some(
            std::fs::read_to_string(DEFAULT_FILE)
                .with_context(|| format!("cannot read {DEFAULT_FILE}"))?,
        ),
        None => None,
    };
    let from = file.unwrap_or_else(|| Path::new(DEFAULT_FILE));
    merge(text.as_deref(), |name| std::env::var_os(name))
        .with_context(|| format!("settings ({}, environment)", from.display()))
}

/// Variables that look like settings and are none, each with the one that may be meant.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
pub(crate) fn unknown_variables() -> Vec<(String, Option<String>)> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    variables::unknown(names, NAMES)
}

/// Whether the user has not asked for plain output (<https://no-color.org>).
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
pub(crate) fn colours_welcome() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A setting of the commands that talk to a server. An empty text is no text.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
pub(crate) fn of_client(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where a test wants this process to die.
#[cfg(all(debug_assertions, unix))]
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
pub(crate) fn crash_at() -> Option<String> {
    std::env::var("DESKHAND_CRASH_AT").ok()
}

/// Defaults, then the file, then the environment. An empty text is no text.
fn merge(
    file: Option<&str>,
    environment: impl Fn(&str) -> Option<OsString>,
) -> anyhow::Result<Config> {
    let mut table: toml::Table = EXAMPLE.parse().context("the embedded defaults")?;
    if let Some(text) = file {
        for (name, value) in parse(text)? {
            if !NAMES.contains(&name.as_str()) {
                bail!("there is no setting {name}; `deskhand config` prints all of them");
            }
            if !value.is_str() {
                bail!("{name} must be text in quotes");
            }
            table.insert(name, value);
        }
    }
    for name in NAMES {
        let variable = format!("DESKHAND_{}", name.to_ascii_uppercase());
        if let Some(value) = environment(&variable) {
            let Ok(value) = value.into_string() else {
                bail!("{variable} is not UTF-8 text");
            };
            table.insert((*name).to_owned(), toml::Value::String(value));
        }
    }
    // Where there is no default, an empty text means "not set".
    let defaults: toml::Table = EXAMPLE.parse().context("the embedded defaults")?;
    table.retain(|name, value| defaults.contains_key(name) || value.as_str() != Some(""));
    for (name, default) in &defaults {
        if table.get(name).and_then(toml::Value::as_str) == Some("") {
            table.insert(name.clone(), default.clone());
        }
    }
    // Errors of the whole table would quote it, secrets and all.
    let config: Config = table
        .try_into()
        .map_err(|error: toml::de::Error| anyhow::anyhow!("{}", error.message()))?;
    database::check(&config.database_url)?;
    if database::is_postgres(&config.database_url) && config.secret_key.is_none() {
        bail!(
            "secret_key must be set with PostgreSQL: it encrypts secrets at rest, and every node needs \
             the same one; make it with `openssl rand -base64 32`"
        );
    }
    check_public_url(config.public_url.as_deref())?;
    if let Some(key) = &config.model_api_key
        && !key.expose().bytes().all(|b| b.is_ascii_graphic())
    {
        bail!("model_api_key must be visible ASCII characters without spaces");
    }
    Ok(config)
}

/// Reads the file. The error shows where it is not TOML, but not the line: a secret may stand there.
fn parse(text: &str) -> anyhow::Result<toml::Table> {
    text.parse().map_err(|error: toml::de::Error| {
        let line = error
            .span()
            .and_then(|span| text.get(..span.start))
            .map_or(1, |before| before.matches('\n').count() + 1);
        anyhow::anyhow!("not a TOML file: line {line}: {}", error.message())
    })
}

fn check_public_url(url: Option<&str>) -> anyhow::Result<()> {
    let Some(url) = url else { return Ok(()) };
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .map(|rest| rest.trim_end_matches('/'));
    let unfit = |c: char| !c.is_ascii_graphic() || matches!(c, '/' | '\\' | '?' | '#' | '@');
    match host {
        Some(host) if !host.is_empty() && !host.contains(unfit) => Ok(()),
        _ => bail!(
            "public_url must be http:// or https:// and a host, without a path, such as https://deskhand.example.com"
        ),
    }
}

impl Config {
    /// How long a callback URL works.
    pub(crate) fn callback_duration(&self) -> Duration {
        Duration::from_secs(self.callback_hours * 60 * 60)
    }

    /// How long turns under way may take when the server is asked to stop.
    pub(crate) fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }

    /// Where others reach this server.
    pub(crate) fn public_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => {
                let scheme = match &self.tls_cert_file {
                    Some(_) => "https",
                    None => "http",
                };
                // All addresses are none that a browser could go to.
                match self.listen.ip().is_unspecified() {
                    true => format!("{scheme}://localhost:{}", self.listen.port()),
                    false => format!("{scheme}://{}", self.listen),
                }
            }
        }
    }
}

fn listen<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(|_| {
        serde::de::Error::custom("listen must be an IP address and a port, such as 127.0.0.1:8080")
    })
}

fn secret<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
}

fn proxies<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<TrustedProxies, D::Error> {
    TrustedProxies::parse(&String::deserialize(deserializer)?)
        .map_err(|error| serde::de::Error::custom(format!("trusted_proxies: {error}")))
}

fn callback_hours<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let hours = String::deserialize(deserializer)?.parse().ok();
    hours
        .filter(|hours| (1..=LONGEST_CALLBACK_HOURS).contains(hours))
        .ok_or_else(|| {
            serde::de::Error::custom(format!(
                "callback_hours must be a whole number from 1 to {LONGEST_CALLBACK_HOURS}"
            ))
        })
}

fn drain_seconds<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let seconds = String::deserialize(deserializer)?.parse().ok();
    seconds.filter(|seconds| *seconds <= 3600).ok_or_else(|| {
        serde::de::Error::custom("drain_seconds must be a whole number from 0 to 3600")
    })
}

fn addresses<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<IpAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            part.parse().map_err(|_| {
                serde::de::Error::custom(format!("egress_addresses: {part} is not an IP address"))
            })
        })
        .collect()
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} on {}, model {}",
            database::shown(&self.database_url),
            self.listen,
            self.model
        )
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
