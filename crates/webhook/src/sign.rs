//! Signatures as the Standard Webhooks specification has them: HMAC-SHA256 over
//! `{id}.{timestamp}.{body}`, base64, prefixed by the scheme `v1`.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use deskhand_domain::clock::Entropy;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::Error;

const PREFIX: &str = "whsec_";
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
const NEW_KEY_BYTES: usize = 32;

/// The key that an action's calls are signed with. It is wiped from memory when dropped and never
/// printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret {
    key: Zeroizing<Vec<u8>>,
}

impl SigningSecret {
    /// Makes a new one of 32 random bytes.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut key = Zeroizing::new(vec![0; NEW_KEY_BYTES]);
        entropy.fill(&mut key);
        Self { key }
    }

    /// Reads `whsec_` and the base64 of 24 to 64 bytes.
    ///
    /// # Errors
    /// [`Error::SigningSecret`]; the text is not repeated in it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let encoded = text
            .strip_prefix(PREFIX)
            .ok_or(Error::SigningSecret("it must begin with whsec_"))?;
        let key = STANDARD
            .decode(encoded)
            .map(Zeroizing::new)
            .map_err(|_| Error::SigningSecret("what follows whsec_ is not base64"))?;
        if !KEY_BYTES.contains(&key.len()) {
            return Err(Error::SigningSecret("it must hold 24 to 64 bytes"));
        }
        Ok(Self { key })
    }

    /// The text form, to be shown once to its owner or encrypted for storage.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", STANDARD.encode(&*self.key)))
    }

    /// The signature of one message, with its scheme: `v1,…`. `timestamp` is in unix seconds.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret([redacted])")
    }
}

/// The value of `webhook-signature`: one signature for each secret that is alive.
pub fn signature_header(
    secrets: &[SigningSecret],
    id: &str,
    timestamp: i64,
    body: &[u8],
) -> String {
    let signatures: Vec<String> = secrets
        .iter()
        .map(|s| s.sign(id, timestamp, body))
        .collect();
    signatures.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vectors() {
        let table = include_str!("../tests/data/signing_vectors.tsv");
        let mut checked = 0;
        for line in table
            .lines()
            .filter(|line| line.starts_with("standard-webhooks v1\t"))
        {
            let cells: Vec<&str> = line.split('\t').collect();
            let mut parts = cells[2].splitn(3, '.');
            let (id, timestamp, body) = (
                parts.next().unwrap(),
                parts.next().unwrap(),
                parts.next().unwrap(),
            );
            let secret = SigningSecret::parse(cells[1]).unwrap();
            assert_eq!(
                secret.sign(id, timestamp.parse().unwrap(), body.as_bytes()),
                cells[3]
            );
            checked += 1;
        }
        assert_eq!(checked, 2);
    }

    #[test]
    fn the_text_form_comes_back_and_debug_hides_it() {
        let text = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
        let secret = SigningSecret::parse(text).unwrap();
        assert_eq!(*secret.expose(), text);
        assert_eq!(format!("{secret:?}"), "SigningSecret([redacted])");
    }

    #[test]
    fn what_is_not_a_secret_is_refused_without_being_repeated() {
        for text in [
            "",
            "whsec_",
            "whsk_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            "whsec_!!!!",
            "whsec_c2hvcnQ=",
        ] {
            let error = SigningSecret::parse(text).unwrap_err();
            assert!(matches!(error, Error::SigningSecret(_)), "{text}");
        }
    }
}
