//! DNS that answers as scripted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use deskhand_webhook::{DnsAnswer, Resolve, ResolveError};
use tokio::sync::Notify;

/// One answer to one look-up.
#[derive(Debug, Clone)]
pub enum DnsReply {
    /// These addresses, maybe none.
    Addresses(Vec<IpAddr>),
    /// These addresses, by way of these other names.
    Alias(Vec<String>, Vec<IpAddr>),
    /// No addresses, for this reason.
    Fails(ResolveError),
    /// Nothing, ever.
    Never,
    /// These addresses, when it is notified.
    When(Arc<Notify>, Vec<IpAddr>),
}

impl DnsReply {
    /// Addresses written as text.
    pub fn addresses(texts: &[&str]) -> Self {
        Self::Addresses(
            texts
                .iter()
                .map(|text| text.parse().expect("an address"))
                .collect(),
        )
    }
}

#[derive(Debug, Default)]
struct Script {
    replies: Vec<DnsReply>,
    looked_up: usize,
}

/// A resolver that knows only what it was told; any other name does not exist.
#[derive(Debug, Default)]
pub struct FakeDns {
    names: Mutex<HashMap<String, Script>>,
}

impl FakeDns {
    /// One that knows no name.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers every look-up of `name` with these addresses.
    pub fn answer(&self, name: &str, addresses: &[&str]) {
        self.script(name, vec![DnsReply::addresses(addresses)]);
    }

    /// Answers look-ups of `name` with these, one after the other; the last one stays.
    pub fn script(&self, name: &str, replies: Vec<DnsReply>) {
        let script = Script {
            replies,
            looked_up: 0,
        };
        self.names.lock().unwrap().insert(name.to_owned(), script);
    }

    /// How often `name` was looked up since it was scripted.
    pub fn lookups(&self, name: &str) -> usize {
        self.names
            .lock()
            .unwrap()
            .get(name)
            .map_or(0, |script| script.looked_up)
    }

    fn next(&self, name: &str) -> DnsReply {
        let mut names = self.names.lock().unwrap();
        let Some(script) = names.get_mut(name) else {
            return DnsReply::Fails(ResolveError::NoSuchName);
        };
        let index = script.looked_up.min(script.replies.len() - 1);
        script.looked_up += 1;
        script.replies[index].clone()
    }
}

#[async_trait]
impl Resolve for FakeDns {
    async fn resolve(&self, name: &str) -> Result<DnsAnswer, ResolveError> {
        match self.next(name) {
            DnsReply::Addresses(addresses) => Ok(DnsAnswer {
                addresses,
                aliases: Vec::new(),
            }),
            DnsReply::Alias(aliases, addresses) => Ok(DnsAnswer { addresses, aliases }),
            DnsReply::Fails(why) => Err(why),
            DnsReply::Never => std::future::pending().await,
            DnsReply::When(notified, addresses) => {
                notified.notified().await;
                Ok(DnsAnswer {
                    addresses,
                    aliases: Vec::new(),
                })
            }
        }
    }
}
