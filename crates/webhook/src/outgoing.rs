//! What a request carries: a call, which may have to happen once only, or an event, which may arrive
//! twice. All else about a request is the same for both: the policy, the signature, the caps.

use bytes::Bytes;
use deskhand_domain::id::WorkspaceId;

use crate::client::Call;
use crate::headers::{HeaderText, callback_token};
use crate::notify::Notification;
use crate::outcome::Nature;
use crate::redact::Redactor;
use crate::sign::SigningSecret;

/// What a request carries.
#[derive(Clone, Copy)]
pub(crate) enum Outgoing<'a> {
    Call(&'a Call),
    Event(&'a Notification),
}

impl<'a> Outgoing<'a> {
    pub(crate) fn workspace_id(self) -> WorkspaceId {
        match self {
            Self::Call(call) => call.workspace_id,
            Self::Event(event) => event.workspace_id,
        }
    }

    /// The `webhook-id`: the same however often it is sent.
    pub(crate) fn id(self) -> String {
        match self {
            Self::Call(call) => call.invocation_id.to_string(),
            Self::Event(event) => event.event_id.to_string(),
        }
    }

    pub(crate) fn url(self) -> &'a str {
        match self {
            Self::Call(call) => &call.url,
            Self::Event(event) => &event.url,
        }
    }

    pub(crate) fn body(self) -> &'a Bytes {
        match self {
            Self::Call(call) => &call.body,
            Self::Event(event) => &event.body,
        }
    }

    pub(crate) fn signing_secrets(self) -> &'a [SigningSecret] {
        match self {
            Self::Call(call) => &call.signing_secrets,
            Self::Event(event) => &event.signing_secrets,
        }
    }

    /// Receivers tell events apart by their ids, so one may arrive twice.
    pub(crate) fn nature(self) -> Nature {
        match self {
            Self::Call(call) => Nature::of(call.read_only, call.idempotent),
            Self::Event(_) => Nature::IdempotentWrite,
        }
    }

    /// Knows every secret that is sent.
    pub(crate) fn redactor(self) -> Redactor {
        let signing: Vec<_> = self
            .signing_secrets()
            .iter()
            .map(SigningSecret::expose)
            .collect();
        let bare = signing
            .iter()
            .filter_map(|text| text.strip_prefix("whsec_"));
        let whole = signing.iter().map(|text| text.as_str());
        let (headers, callback_url) = match self {
            Self::Call(call) => (call.headers.as_slice(), call.callback_url.as_deref()),
            Self::Event(_) => (&[][..], None),
        };
        let headers = headers.iter().filter_map(|header| match &header.value {
            HeaderText::Secret(text) => Some(text.as_str()),
            HeaderText::Plain(_) => None,
        });
        let token = callback_url
            .and_then(callback_token)
            .map(|(_, token)| token);
        Redactor::new(headers.chain(whole).chain(bare).chain(token))
    }
}
