//! The description of the API (OpenAPI 3.1), made from the routes themselves. A route can only be
//! added together with the operation that describes it; what its extractors read from a request (key,
//! path, query, body) is described by the extractors, and what it carries by the types that are
//! serialised. `tests/it/openapi.rs` holds every answer of the tests against it.

mod codes;
mod document;
mod extracted;
mod operation;
mod schemas;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use deskhand_service::Service;
use serde_json::{Map, Value};

pub(crate) use self::codes::is_known;
pub(crate) use self::extracted::Extracted;
pub(crate) use self::operation::{Operation, operation};
pub(crate) use self::schemas::{Schemas, action_name, changed, made};

/// Real answers, as the tests got them. Renewed by `cargo xtask openapi`.
const EXAMPLES: &str = include_str!("examples.json");

/// Routes and what is to be known of each.
#[derive(Default)]
pub(crate) struct Api {
    router: Router<Service>,
    operations: Vec<Operation>,
}

/// What the extractors of a handler read, taken together.
pub(crate) trait Reads {
    fn describe(operation: &mut Operation);
}

impl Api {
    pub(crate) fn get<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Service>,
        T: Reads + 'static,
    {
        self.on(MethodFilter::GET, "get", path, handler, operation)
    }

    pub(crate) fn post<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Service>,
        T: Reads + 'static,
    {
        self.on(MethodFilter::POST, "post", path, handler, operation)
    }

    pub(crate) fn put<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Service>,
        T: Reads + 'static,
    {
        self.on(MethodFilter::PUT, "put", path, handler, operation)
    }

    pub(crate) fn patch<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Service>,
        T: Reads + 'static,
    {
        self.on(MethodFilter::PATCH, "patch", path, handler, operation)
    }

    pub(crate) fn delete<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Service>,
        T: Reads + 'static,
    {
        self.on(MethodFilter::DELETE, "delete", path, handler, operation)
    }

    /// For what browsers ask before they let a page of another origin ask.
    pub(crate) fn options<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Service>,
        T: Reads + 'static,
    {
        self.on(MethodFilter::OPTIONS, "options", path, handler, operation)
    }

    /// Adds the routes of one noun.
    pub(crate) fn with(self, routes: impl FnOnce(Self) -> Self) -> Self {
        routes(self)
    }

    fn on<H, T>(
        mut self,
        filter: MethodFilter,
        method: &'static str,
        path: &'static str,
        handler: H,
        mut operation: Operation,
    ) -> Self
    where
        H: Handler<T, Service>,
        T: Reads + 'static,
    {
        operation.stand_at(method, path);
        T::describe(&mut operation);
        self.router = self.router.route(path, on(filter, handler));
        self.operations.push(operation);
        self
    }

    pub(crate) fn into_router(self) -> Router<Service> {
        self.router
    }

    /// The OpenAPI document, with these examples by operation.
    pub(crate) fn into_document(self, examples: &Map<String, Value>) -> Value {
        document::write(&self.operations, examples)
    }
}

/// The examples that are built in.
pub(crate) fn examples() -> Map<String, Value> {
    serde_json::from_str(EXAMPLES).expect("the file is a JSON object; a test reads it too")
}
