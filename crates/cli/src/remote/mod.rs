//! Commands that talk to a running server over its API.

pub(crate) mod chat;
mod client;
mod events;
pub(crate) mod invocations;
mod screen;
mod watched;
pub(crate) mod words;

/// Which server, and as whom.
#[derive(clap::Args)]
pub(crate) struct Server {
    /// The server's address. Default: DESKHAND_URL, else http://127.0.0.1:8080.
    #[arg(long, global = true, value_name = "URL")]
    url: Option<String>,
    /// An API key. Default: DESKHAND_API_KEY, which other users of this machine cannot see.
    #[arg(long, global = true, value_name = "KEY")]
    key: Option<String>,
}
