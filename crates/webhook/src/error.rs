//! What can be wrong with the settings this crate is made from.

/// A setting or secret that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An entry of the operator's exceptions.
    #[error("egress exception {entry:?}: {reason}")]
    EgressAllow {
        /// The entry as written.
        entry: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The operator's extra roots.
    #[error("egress CA file: {0}")]
    CaFile(String),
    /// The system's resolver settings could not be read.
    #[error("system DNS settings: {0}")]
    SystemDns(String),
    /// The TLS library refused its settings.
    #[error("TLS settings: {0}")]
    Tls(String),
    /// A signing secret.
    #[error("signing secret: {0}")]
    SigningSecret(&'static str),
    /// A header that an action may not send.
    #[error("header: {0}")]
    Header(&'static str),
}
