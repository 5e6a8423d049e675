//! One operation: what a request may hold and what may come back.

use std::collections::{BTreeMap, BTreeSet};

use deskhand_domain::workspace::Scope;
use schemars::JsonSchema;
use serde_json::{Value, json};

use super::codes;
use super::schemas::{Make, Schemas};

/// The media type of event streams.
pub(super) const EVENTS: &str = "text/event-stream";

/// What is to be known of an operation.
pub(crate) struct Operation {
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: String,
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// The scopes of which the key needs one; none for what anybody may do. `None`: not said.
    pub(super) scopes: Option<&'static [Scope]>,
    /// Whether a visitor's token does as well.
    pub(super) visitors: bool,
    /// Whether somebody who is signed in may do it.
    pub(super) signed_in: bool,
    pub(super) parameters: Vec<Parameter>,
    pub(super) reads_body: bool,
    pub(super) body: Option<Body>,
    pub(super) answers: Vec<Answer>,
    /// Whether an answer may have been given before.
    pub(super) replays: bool,
    /// Whether its success sets the cookie of a session.
    pub(super) sets_cookie: bool,
    /// Codes of problems by status.
    pub(super) problems: BTreeMap<u16, BTreeSet<&'static str>>,
}

pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) place: &'static str,
    pub(super) description: String,
    pub(super) required: bool,
    pub(super) schema: Make,
}

pub(super) struct Body {
    pub(super) schema: Make,
    pub(super) required: bool,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) description: &'static str,
    pub(super) content: Option<(&'static str, Make)>,
}

/// An operation with the name that clients made from the document give it.
pub(crate) fn operation(id: &'static str, summary: &'static str) -> Operation {
    Operation {
        id,
        summary,
        description: String::new(),
        method: "",
        path: "",
        scopes: None,
        visitors: false,
        signed_in: false,
        parameters: Vec::new(),
        reads_body: false,
        body: None,
        answers: Vec::new(),
        replays: false,
        sets_cookie: false,
        problems: BTreeMap::new(),
    }
    .fails_with(&["internal", "database_unavailable"])
}

impl Operation {
    /// More than the summary says, as Markdown paragraphs.
    pub(crate) fn says(mut self, description: &str) -> Self {
        self.description = description.to_owned();
        self
    }

    /// Anybody may do this, without a key.
    pub(crate) fn public(mut self) -> Self {
        self.scopes = Some(&[]);
        self
    }

    /// A visitor's token does as well as a key.
    pub(crate) fn let_visitors_in(&mut self) {
        self.visitors = true;
    }

    /// Its success sets the cookie of a session.
    pub(crate) fn sets_cookie(mut self) -> Self {
        self.sets_cookie = true;
        self
    }

    /// The body of the request, which must be there.
    pub(crate) fn takes<T: JsonSchema>(self) -> Self {
        self.takes_schema(Schemas::input::<T>, true)
    }

    /// The body of the request, every part of which may be left out.
    pub(crate) fn may_take<T: JsonSchema>(self) -> Self {
        self.takes_schema(Schemas::input::<T>, false)
    }

    /// A body whose schema is no type's.
    pub(crate) fn takes_schema(mut self, schema: Make, required: bool) -> Self {
        self.body = Some(Body { schema, required });
        self
    }

    /// An answer that is JSON.
    pub(crate) fn answers<T: JsonSchema>(self, status: u16, description: &'static str) -> Self {
        self.answers_as(
            status,
            description,
            Some(("application/json", Schemas::output::<T>)),
        )
    }

    /// An answer without a body.
    pub(crate) fn answers_nothing(self, description: &'static str) -> Self {
        self.answers_as(204, description, None)
    }

    /// An answer that is text of this media type.
    pub(crate) fn answers_text(self, description: &'static str, kind: &'static str) -> Self {
        self.answers_as(
            200,
            description,
            Some((kind, |_| json!({"type": "string"}))),
        )
    }

    /// An answer that is a JSON object of somebody else's shape.
    pub(crate) fn answers_object(self, description: &'static str) -> Self {
        let content = ("application/json", (|_| json!({"type": "object"})) as Make);
        self.answers_as(200, description, Some(content))
    }

    /// An answer that is the stream of events of turns. With another answer of this status, it is
    /// the other form of it.
    pub(crate) fn answers_events(self, description: &'static str) -> Self {
        let event = |_: &mut Schemas| json!({"$ref": "#/components/schemas/TurnEvent"});
        self.answers_as(200, description, Some((EVENTS, event)))
    }

    /// An answer that is the stream of what changes in the workspace.
    pub(crate) fn answers_changes(self, description: &'static str) -> Self {
        let event = |_: &mut Schemas| json!({"$ref": "#/components/schemas/WorkspaceEvent"});
        self.answers_as(200, description, Some((EVENTS, event)))
    }

    fn answers_as(
        mut self,
        status: u16,
        description: &'static str,
        content: Option<(&'static str, Make)>,
    ) -> Self {
        self.answers.push(Answer {
            status,
            description,
            content,
        });
        self
    }

    /// A parameter of the query.
    pub(crate) fn filter<T: JsonSchema>(mut self, name: &'static str, description: &str) -> Self {
        self.add("query", name, description, false, Schemas::parameter::<T>);
        self
    }

    /// A parameter of the query whose schema is no type's.
    pub(crate) fn filter_as(mut self, name: &'static str, description: &str, schema: Make) -> Self {
        self.add("query", name, description, false, schema);
        self
    }

    /// A header of the request.
    pub(crate) fn header<T: JsonSchema>(mut self, name: &'static str, description: &str) -> Self {
        self.add("header", name, description, false, Schemas::parameter::<T>);
        self
    }

    /// Problems it may answer with, besides those that its extractors give.
    pub(crate) fn fails_with(mut self, codes: &[&'static str]) -> Self {
        self.may_fail(codes);
        self
    }

    /// As [`Self::fails_with`], for extractors.
    pub(super) fn may_fail(&mut self, codes: &[&'static str]) {
        for code in codes {
            let status = codes::status_of(code).as_u16();
            self.problems.entry(status).or_default().insert(code);
        }
    }

    pub(super) fn add(
        &mut self,
        place: &'static str,
        name: &'static str,
        description: &str,
        required: bool,
        schema: Make,
    ) {
        self.parameters.push(Parameter {
            name,
            place,
            description: description.to_owned(),
            required,
            schema,
        });
    }

    pub(super) fn stand_at(&mut self, method: &'static str, path: &'static str) {
        self.method = method;
        self.path = path;
    }

    /// What it is about: the first part of the path after the version.
    pub(super) fn noun(&self) -> &'static str {
        if self.path.ends_with("/chat") {
            return "chat";
        }
        let Some(rest) = self.path.strip_prefix("/v1/") else {
            return "server";
        };
        match rest.split('/').next().unwrap_or(rest) {
            "setup" | "session" | "sessions" | "account" => "account",
            "members" | "invitations" => "workspace",
            "event_endpoints" | "deliveries" => "events",
            noun => noun,
        }
    }

    /// `security` as OpenAPI has it: one of these scopes, a session, or a visitor's token.
    pub(super) fn security(&self) -> Value {
        self.scopes
            .unwrap_or_default()
            .iter()
            .map(|scope| json!({"key": [scope.as_str()]}))
            .chain(self.visitors.then(|| json!({"visitor": []})))
            .chain(self.signed_in.then(|| json!({"session": []})))
            .collect()
    }
}
