//! Names to addresses: one look-up an attempt, nothing remembered.

use std::fmt;
use std::net::IpAddr;

use async_trait::async_trait;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{LookupIpStrategy, ResolveHosts, ResolverOpts};
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::rr::RData;

use crate::error::Error;

/// What a name resolves to, as far as the resolver says. Nothing in it has been judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// All addresses of both families, in the order to be tried.
    pub addresses: Vec<IpAddr>,
    /// The names it is an alias of (CNAME), without trailing dots.
    pub aliases: Vec<String>,
}

/// Why a name gave no addresses. All of them fail the call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// NXDOMAIN.
    #[error("the name does not exist")]
    NoSuchName,
    /// The name exists but has no A or AAAA record.
    #[error("the name has no address")]
    NoAddress,
    /// SERVFAIL, REFUSED and the like.
    #[error("the name servers answered with an error")]
    ServerFailure,
    /// No answer in time.
    #[error("the name servers did not answer in time")]
    TimedOut,
    /// Anything else, such as an alias loop.
    #[error("the name could not be resolved")]
    Other,
}

/// Resolves names. Implementations bound their own time loosely; the caller bounds it exactly.
#[async_trait]
pub trait Resolve: Send + Sync + fmt::Debug {
    /// Looks an absolute name up once, both address families together.
    ///
    /// # Errors
    /// Every way in which there are no addresses.
    async fn resolve(&self, name: &str) -> Result<Answer, ResolveError>;
}

/// The system's name servers and hosts file, by way of hickory. It keeps no cache, so that what is
/// checked is what is true now, and never tries a search list.
#[derive(Debug)]
pub struct SystemResolver {
    resolver: TokioResolver,
}

impl SystemResolver {
    /// Reads the system's settings once (`/etc/resolv.conf` and `/etc/hosts` on Unix).
    ///
    /// # Errors
    /// [`Error::SystemDns`] where they cannot be read.
    pub fn new() -> Result<Self, Error> {
        let mut builder =
            TokioResolver::builder_tokio().map_err(|e| Error::SystemDns(e.to_string()))?;
        harden(builder.options_mut());
        let resolver = builder
            .build()
            .map_err(|e| Error::SystemDns(e.to_string()))?;
        Ok(Self { resolver })
    }

    /// One with its own name servers and hosts, for tests of the protocol itself.
    ///
    /// # Errors
    /// [`Error::SystemDns`] where hickory refuses them.
    #[cfg(feature = "testing")]
    pub fn with_config(
        config: hickory_resolver::config::ResolverConfig,
        hosts: hickory_resolver::Hosts,
    ) -> Result<Self, Error> {
        let mut builder = TokioResolver::builder_with_config(
            config,
            hickory_resolver::net::runtime::TokioRuntimeProvider::default(),
        );
        harden(builder.options_mut());
        let mut resolver = builder
            .build()
            .map_err(|e| Error::SystemDns(e.to_string()))?;
        resolver.set_hosts(std::sync::Arc::new(hosts));
        Ok(Self { resolver })
    }
}

fn harden(options: &mut ResolverOpts) {
    options.ndots = 0;
    options.timeout = std::time::Duration::from_secs(2);
    options.attempts = 2;
    options.cache_size = 0;
    options.positive_min_ttl = None;
    options.negative_min_ttl = None;
    options.positive_max_ttl = Some(std::time::Duration::ZERO);
    options.negative_max_ttl = Some(std::time::Duration::ZERO);
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    options.use_hosts_file = ResolveHosts::Always;
    options.preserve_intermediates = true;
}

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, name: &str) -> Result<Answer, ResolveError> {
        // The trailing dot makes the name absolute: no search list is tried.
        let lookup = self
            .resolver
            .lookup_ip(format!("{name}."))
            .await
            .map_err(|error| why(&error))?;
        let mut answer = Answer::default();
        for record in lookup.as_lookup().answers() {
            match &record.data {
                RData::A(a) => answer.addresses.push(a.0.into()),
                RData::AAAA(aaaa) => answer.addresses.push(aaaa.0.into()),
                RData::CNAME(alias) => {
                    let alias = alias.0.to_ascii().to_ascii_lowercase();
                    answer.aliases.push(alias.trim_end_matches('.').to_owned());
                }
                _ => {}
            }
        }
        Ok(answer)
    }
}

fn why(error: &NetError) -> ResolveError {
    match error {
        _ if error.is_nx_domain() => ResolveError::NoSuchName,
        _ if error.is_no_records_found() => ResolveError::NoAddress,
        NetError::Dns(DnsError::ResponseCode(_)) => ResolveError::ServerFailure,
        NetError::Timeout => ResolveError::TimedOut,
        _ => ResolveError::Other,
    }
}
