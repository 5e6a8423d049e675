//! testkit

pub mod model_server;

pub use model_server::ModelServer;
