use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use deskhand_model::NoDeltas;
use deskhand_testkit::ModelServer;
use deskhand_testkit::model_server::Script;
use tracing::field::{Field, Visit};
use tracing::span;
use tracing::{Event, Metadata, Subscriber};

use crate::support::{PROVIDERS, model_of, prompt};

/// Keeps every word that is logged, at any level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut Words(&mut self.0.lock().unwrap()));
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Words<'a>(&'a mut String);

impl Visit for Words<'_> {
    fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
        self.0.push_str(&format!("{value:?}\n"));
    }
}

/// SECURITY rule 26: what a provider quotes of the conversation reaches no log.
#[tokio::test]
async fn no_log_quotes_the_conversation() {
    let log = Log::default();
    let _listening = tracing::subscriber::set_default(log.clone());
    let quote = "you said: It's ORD-12345";
    for provider in PROVIDERS {
        let server = ModelServer::start().await;
        server
            .status(400, quote)
            .status(500, quote)
            .script(Script::ErrorMidStream(quote.to_owned()))
            .script(Script::Raw(format!("data: {quote}\n\n")))
            .script(Script::Raw(format!(
                "event: error\ndata: {{\"error\": \"{quote}\"}}\n\n"
            )))
            .script(Script::Raw(format!("event: error\ndata: {quote}\n\n")));
        while server.left() > 0 {
            let error = model_of(provider, &server)
                .answer(&prompt(), &mut NoDeltas)
                .await
                .unwrap_err();
            assert!(!error.to_string().contains("ORD-12345"), "{error}");
        }
    }
    let log = log.0.lock().unwrap();
    assert!(!log.contains("ORD-12345"), "{log}");
}
