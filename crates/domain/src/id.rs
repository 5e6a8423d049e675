//! Identifiers: a prefix that names the noun, then a UUIDv7 (RFC 9562 §5.7) as 26 characters of
//! lower-case Crockford base32, so that text order is creation order to the millisecond.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::clock::Entropy;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TEXT_LEN: usize = 26;

/// The text is not an identifier of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {expected} id")]
pub struct InvalidId {
    /// The prefix that was expected, without the underscore.
    pub expected: &'static str,
}

fn encode(value: u128, out: &mut String) {
    for i in (0..TEXT_LEN).rev() {
        let digit = (value >> (5 * i)) & 31;
        out.push(char::from(ALPHABET[digit as usize]));
    }
}

fn decode(text: &str) -> Option<u128> {
    if text.len() != TEXT_LEN {
        return None;
    }
    let mut value: u128 = 0;
    for (i, byte) in text.bytes().enumerate() {
        let digit = ALPHABET.iter().position(|&a| a == byte)? as u128;
        // 26 digits hold 130 bits; the first may only use its low three.
        if i == 0 && digit > 7 {
            return None;
        }
        value = (value << 5) | digit;
    }
    Some(value)
}

fn uuid_v7(now: Timestamp, entropy: &dyn Entropy) -> u128 {
    let mut random = [0u8; 10];
    entropy.fill(&mut random);
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random)
        .into_uuid()
        .as_u128()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// What its text begins with, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Makes a new one for this moment.
            pub fn new(now: Timestamp, entropy: &dyn Entropy) -> Self {
                Self(uuid_v7(now, entropy))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = String::with_capacity($prefix.len() + 1 + TEXT_LEN);
                text.push_str($prefix);
                text.push('_');
                encode(self.0, &mut text);
                f.write_str(&text)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix($prefix)
                    .and_then(|rest| rest.strip_prefix('_'))
                    .and_then(decode)
                    .map(Self)
                    .ok_or(InvalidId { expected: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": concat!("^", $prefix, "_[0-7][0-9a-hjkmnp-tv-z]{25}$"),
                })
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A tenant.
    WorkspaceId = "ws";
    /// A persona with instructions, a model and actions.
    AgentId = "agt";
    /// Something an agent can do.
    ActionId = "act";
    /// A customer, where the host site gave no id of its own.
    ContactId = "con";
    /// What a contact and an agent say to each other.
    ConversationId = "conv";
    /// One thing said.
    MessageId = "msg";
    /// The handling of one customer message.
    TurnId = "turn";
    /// One decision to run one action with one set of parameters.
    InvocationId = "inv";
    /// One HTTP request made for an invocation.
    AttemptId = "att";
    /// An API key.
    KeyId = "key";
    /// A person who has an account.
    UserId = "usr";
    /// A person signed in, in one browser.
    SessionId = "ses";
    /// Somebody asked to join a workspace.
    InvitationId = "ivt";
    /// One run of the server, from its start to its end.
    NodeId = "node";
    /// Something that other systems are told.
    EventId = "evt";
    /// Where a workspace's events go.
    EndpointId = "ep";
    /// One event on its way to one endpoint.
    DeliveryId = "dlv";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug)]
    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    proptest! {
        #[test]
        fn text_and_back(millis in 0i64..4_000_000_000_000, byte in any::<u8>()) {
            let now = Timestamp::from_millisecond(millis).unwrap();
            let id = InvocationId::new(now, &Fixed(byte));
            prop_assert_eq!(id.to_string().parse::<InvocationId>().unwrap(), id);
            prop_assert_eq!(id.to_string().len(), 30);
        }

        #[test]
        fn text_order_is_creation_order(a in 0i64..4_000_000_000_000, b in 0i64..4_000_000_000_000) {
            prop_assume!(a != b);
            let id = |millis| TurnId::new(Timestamp::from_millisecond(millis).unwrap(), &Fixed(7)).to_string();
            prop_assert_eq!(a.cmp(&b), id(a).cmp(&id(b)));
        }

        #[test]
        fn any_other_text_is_refused(text in ".{0,40}") {
            if let Ok(id) = text.parse::<AgentId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }

    #[test]
    fn another_noun_is_refused() {
        let id = AgentId::new(Timestamp::UNIX_EPOCH, &Fixed(1)).to_string();
        assert!(id.parse::<ActionId>().is_err());
        assert!(id.to_uppercase().parse::<AgentId>().is_err());
    }
}
