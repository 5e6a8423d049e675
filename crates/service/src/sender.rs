//! Who says a message, and what is known of them.

use deskhand_domain::action::FieldError;
use deskhand_domain::contact::Contact;
use deskhand_domain::conversation::Mode;
use deskhand_domain::id::WorkspaceId;

use crate::{Chat, Result, Service, ServiceError, Visitor};

/// Who says a message.
#[derive(Debug, Clone, Default)]
pub struct Sender {
    /// What the host site says of them with this message.
    pub contact: Option<Contact>,
    /// Whether it has proven it.
    pub verified: bool,
    /// The visitor, if it is one and not a client with a key.
    pub visitor: Option<Visitor>,
}

impl Service {
    /// A client's customer, as the request has it.
    pub(crate) async fn sender(&self, workspace: WorkspaceId, chat: &Chat) -> Result<Sender> {
        let Some(token) = &chat.contact_token else {
            return Ok(Sender {
                contact: chat.contact.clone(),
                ..Sender::default()
            });
        };
        let proven = self.prove(workspace, token).await?.contact;
        let asserted = chat.contact.clone().unwrap_or_default();
        if asserted.id.is_some() && asserted.id != proven.id {
            return Err(ServiceError::field(
                "contact.id",
                "is another than the `sub` of contact_token; leave it out",
            ));
        }
        Ok(Sender {
            contact: Some(joined(asserted, proven)),
            verified: true,
            visitor: None,
        })
    }
}

impl Sender {
    /// A visitor, of whom the request itself says nothing.
    pub fn of_visitor(visitor: Visitor, chat: &Chat) -> Result<Self> {
        let given = [
            ("contact", chat.contact.is_some()),
            ("contact_token", chat.contact_token.is_some()),
            ("mode", chat.mode != Mode::Live),
            ("trace", chat.trace),
        ];
        let errors: Vec<FieldError> = given
            .into_iter()
            .filter(|(_, given)| *given)
            .map(|(field, _)| FieldError::new(field, "cannot be given by a visitor; leave it out"))
            .collect();
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        Ok(Self {
            contact: visitor.proven().cloned(),
            verified: visitor.proven().is_some(),
            visitor: Some(visitor),
        })
    }
}

/// What is proven goes before what is only asserted.
fn joined(asserted: Contact, proven: Contact) -> Contact {
    let mut attributes = asserted.attributes;
    attributes.extend(proven.attributes);
    Contact {
        id: proven.id,
        name: proven.name.or(asserted.name),
        email: proven.email.or(asserted.email),
        phone: proven.phone.or(asserted.phone),
        timezone: proven.timezone.or(asserted.timezone),
        locale: proven.locale.or(asserted.locale),
        attributes,
    }
}
