//! One event of Anthropic's messages, as far as anything is made of it.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The data of an event. Which fields it has depends on its type.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow)]
    r#type: Kept<'a>,
    /// The number of the block that it is about.
    pub(super) index: Kept<'a>,
    /// Of `message_start`.
    pub(super) message: Kept<'a, Message<'a>>,
    /// Of `content_block_start`.
    pub(super) content_block: Kept<'a, Block<'a>>,
    /// Of `content_block_delta` and `message_delta`.
    pub(super) delta: Kept<'a, Delta<'a>>,
    /// Of `message_delta`.
    pub(super) usage: Kept<'a, Usage<'a>>,
    /// Of `error`.
    error: Kept<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) usage: Kept<'a, Usage<'a>>,
}

/// A block of content as it begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Block<'a> {
    #[serde(borrow)]
    pub(super) r#type: Kept<'a>,
    pub(super) text: Kept<'a>,
    pub(super) id: Kept<'a>,
    pub(super) name: Kept<'a>,
    /// An empty object where the arguments follow, which is nearly always.
    pub(super) input: Value,
}

/// What is added to a block, or to the whole message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Delta<'a> {
    #[serde(borrow)]
    pub(super) r#type: Kept<'a>,
    pub(super) text: Kept<'a>,
    pub(super) partial_json: Kept<'a>,
    pub(super) stop_reason: Kept<'a>,
}

/// Counts of tokens. Those of the input exclude each other.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Usage<'a> {
    #[serde(borrow)]
    pub(super) input_tokens: Kept<'a>,
    pub(super) cache_creation_input_tokens: Kept<'a>,
    pub(super) cache_read_input_tokens: Kept<'a>,
    pub(super) output_tokens: Kept<'a>,
}

impl<'a> Event<'a> {
    /// None if the data is no JSON object.
    pub(super) fn read(data: &'a [u8]) -> Option<Self> {
        match serde_json::from_slice(data) {
            Ok(Kept::Object(event)) => Some(event),
            _ => None,
        }
    }

    /// Empty where there is none.
    pub(super) fn kind(&self) -> &str {
        self.r#type.text()
    }

    /// Whether it tells of an error. Gateways send theirs without a type.
    pub(super) fn is_error(&self) -> bool {
        match self.kind() {
            "error" => true,
            "" => match &self.error {
                Kept::Text(text) => !text.is_empty(),
                Kept::Object(_) => true,
                Kept::Count(_) | Kept::Other => false,
            },
            _ => false,
        }
    }
}

/// The value of a field. One that has another shape than it should is as good as none, and spoils
/// nothing of what stands beside it.
#[derive(Debug, Default)]
pub(super) enum Kept<'a, T = IgnoredAny> {
    Text(Cow<'a, str>),
    Count(u64),
    Object(T),
    #[default]
    Other,
}

impl<T> Kept<'_, T> {
    /// The text, empty where there is none.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }

    pub(super) fn count(&self) -> Option<u64> {
        match self {
            Self::Count(count) => Some(*count),
            _ => None,
        }
    }
}

impl<T: Default> Kept<'_, T> {
    /// The object, an empty one where there is none.
    pub(super) fn object(self) -> T {
        match self {
            Self::Object(object) => object,
            _ => T::default(),
        }
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Kept<'a, T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyShape(PhantomData))
    }
}

struct AnyShape<'a, T>(PhantomData<(&'a str, T)>);

impl<'de: 'a, 'a, T: Deserialize<'de>> Visitor<'de> for AnyShape<'a, T> {
    type Value = Kept<'a, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Kept::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Kept::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, count: u64) -> Result<Self::Value, E> {
        Ok(Kept::Count(count))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Kept::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Kept::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Kept::Other)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Kept::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Kept::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Kept::Object)
    }
}
