//! People: who has an account, where they are signed in, whom they have asked to join.

use jiff::Timestamp;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::id::{InvitationId, SessionId, UserId, WorkspaceId};
use crate::limits;
use crate::secret::Secret;

/// A person with an account in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct User {
    /// Identifies them.
    pub id: UserId,
    /// Where they belong. Left out of answers: a client only ever sees its own.
    #[serde(skip_serializing)]
    pub workspace_id: WorkspaceId,
    /// For people.
    pub name: String,
    /// What they sign in with.
    pub email: Email,
    /// When the account was made.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub created_at: Timestamp,
}

/// A person as their colleagues see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Member {
    /// The person.
    #[serde(flatten)]
    pub user: User,
    /// When they last did something, to the minute; null if they never have.
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Moment>"))]
    pub last_seen_at: Option<Timestamp>,
}

/// A person signed in, in one browser. Its token is kept only as a SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    /// Identifies it.
    pub id: SessionId,
    /// Where they belong.
    #[serde(skip_serializing)]
    pub workspace_id: WorkspaceId,
    /// Who it is.
    #[serde(skip_serializing)]
    pub user_id: UserId,
    /// When they signed in.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub last_used_at: Timestamp,
    /// What the browser called itself when they signed in.
    pub user_agent: Option<String>,
    /// When it ends, unless it is used before.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub expires_at: Timestamp,
}

/// Somebody asked to join. The token of the link is kept only as a SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invitation {
    /// Identifies it.
    pub id: InvitationId,
    /// What they are asked to join.
    #[serde(skip_serializing)]
    pub workspace_id: WorkspaceId,
    /// Who is asked, and will sign in with this.
    pub email: Email,
    /// When they were asked.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub created_at: Timestamp,
    /// When the link stops working.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub expires_at: Timestamp,
}

/// An email address that could be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Reads one. Whether mail arrives there is not looked at.
    ///
    /// # Errors
    /// What it must be, to be read after a field's name.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const MEND: &str = "must be an email address, such as ada@example.com";
        let text: String = text.trim().nfc().collect();
        let fits = text.len() <= limits::EMAIL_OCTETS
            && !text.chars().any(|c| {
                c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"')
            });
        match text.rsplit_once('@') {
            Some((name, host))
                if fits && !name.is_empty() && !name.contains('@') && is_host(host) =>
            {
                Ok(Self(text))
            }
            _ => Err(MEND),
        }
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one address have in common. Some hosts tell capitals in the name apart;
    /// no two people of one team rely on it.
    pub fn key(&self) -> String {
        self.0.to_lowercase().nfc().collect()
    }
}

/// Labels between dots; one alone will do, for those who run mail inside.
fn is_host(host: &str) -> bool {
    host.split('.').all(|label| {
        let inner = label.chars().all(|c| c.is_alphanumeric() || c == '-');
        !label.is_empty() && inner
    })
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Email {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Email".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "minLength": 3, "maxLength": limits::EMAIL_OCTETS})
    }
}

/// The name of a person or a workspace, without space around it.
///
/// # Errors
/// What it must be, to be read after a field's name.
pub fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let chars = text.chars().count();
    if (1..=limits::PERSON_NAME_CHARS).contains(&chars) && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "must be 1 to {} characters",
            limits::PERSON_NAME_CHARS
        ))
    }
}

/// A password that is to be set. Long enough is all that is asked of it.
///
/// # Errors
/// What it must be, to be read after a field's name.
pub fn new_password(text: &str) -> Result<Secret, String> {
    let password = typed_password(text);
    let chars = password.expose().chars().count();
    if limits::PASSWORD_CHARS.contains(&chars) {
        Ok(password)
    } else {
        Err(format!(
            "must be {} to {} characters",
            limits::PASSWORD_CHARS.start(),
            limits::PASSWORD_CHARS.end()
        ))
    }
}

/// A password as somebody typed it. Keyboards write one letter in different ways (RFC 8265 §4.2).
pub fn typed_password(text: &str) -> Secret {
    Secret::new(text.nfc().collect::<String>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_that_could_be_some() {
        for text in [
            "ada@example.com",
            " Ada.Lovelace+work@Example.COM ",
            "root@mailhost",
            "jürgen@müller.example",
            "o'neil@example.ie",
        ] {
            let email = Email::parse(text).unwrap();
            assert_eq!(email.as_str(), text.trim());
        }
        assert_eq!(Email::parse("Ada@X.com").unwrap().key(), "ada@x.com");
    }

    #[test]
    fn addresses_that_could_not() {
        let long = format!("{}@example.com", "a".repeat(250));
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@@example.com",
            "ada@example..com",
            "ada@.com",
            "ada lovelace@example.com",
            "ada@exam ple.com",
            "Ada <ada@example.com>",
            "ada@example.com,eve@example.com",
            "ada@example.com\nbcc: eve@example.com",
            "ada@exa/mple.com",
            long.as_str(),
        ] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_one_line_with_one_at(text in "\\PC{0,12}@\\PC{0,12}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(email.as_str().matches('@').count(), 1);
                prop_assert!(!email.as_str().contains(char::is_whitespace));
                prop_assert_eq!(&Email::parse(email.as_str()).unwrap(), &email);
            }
        }
    }

    #[test]
    fn passwords_are_long_enough_and_not_endless() {
        assert!(new_password("1234567").is_err());
        assert!(new_password("12345678").is_ok());
        assert!(new_password(&"x".repeat(128)).is_ok());
        assert!(new_password(&"x".repeat(129)).is_err());
        // Counted in characters, spaces included.
        assert!(new_password("ä ö ü é ").is_ok());
    }

    #[test]
    fn one_password_however_its_letters_are_put_together() {
        assert_eq!(
            typed_password("cafe\u{301} au lait").expose(),
            "café au lait"
        );
    }

    #[test]
    fn names_are_short_and_on_one_line() {
        assert_eq!(name("  Ada ").as_deref(), Ok("Ada"));
        for text in ["", "  ", "a\nb", &"x".repeat(81)] {
            assert!(name(text).is_err(), "{text:?}");
        }
    }
}
