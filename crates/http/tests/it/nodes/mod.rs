//! Two nodes on one PostgreSQL: whoever listens, waits or asks at one of them gets what happens at the
//! other. Where PostgreSQL is not installed there is nothing to be tried, which is said loudly.

mod back;
mod kept;
mod settled;

use deskhand_domain::id::{ConversationId, WorkspaceId};
use deskhand_service::{EventId, Listening, LiveEvent, Service, WorkspaceEvent};
use deskhand_store::Store;
use deskhand_testkit::{ADMIN_KEY, Answer, Reply, Server, TestApp, id, pages, request};
use serde_json::{Value, json};

/// Two nodes, of which the first has the doubles and a conversation that has begun.
struct Two {
    app: TestApp,
    other: Service,
    server: Server,
    agent: String,
    chat: String,
    workspace: WorkspaceId,
    conversation: ConversationId,
}

impl Two {
    async fn start() -> Option<Self> {
        Self::of(json!({})).await
    }

    /// Two with one action: the documentation page's, with these fields changed.
    async fn of(action: Value) -> Option<Self> {
        let app = TestApp::start_on_postgres().await?;
        let agent = app.shop(action).await.agent;
        let other = app.another_process().await;
        for service in [&app.service, &other] {
            service.recover().await.unwrap();
            service.start_background();
        }
        let server = Server::start(other.clone(), pages()).await;
        app.models.reply("Hello!");
        let chat = format!("/v1/agents/{agent}/chat");
        let begun = app.post(&chat, json!({"message": "Hi"})).await.expect(200);
        let conversation = begun["conversation_id"].as_str().unwrap().parse().unwrap();
        let workspace = app.store.first_workspace().await.unwrap().unwrap().id;
        Some(Self {
            app,
            other,
            server,
            agent,
            chat,
            workspace,
            conversation,
        })
    }

    async fn post_there(&self, path: &str, body: Value) -> Answer {
        let bearer = format!("Bearer {ADMIN_KEY}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        let body = body.to_string().into_bytes();
        request(self.server.address, "POST", path, &headers, body).await
    }

    async fn say_here(&self, text: &str) -> Answer {
        self.app.post(&self.chat, self.message(text)).await
    }

    async fn say_there(&self, text: &str) -> Answer {
        self.post_there(&self.chat, self.message(text)).await
    }

    fn message(&self, text: &str) -> Value {
        json!({"message": text, "conversation_id": self.conversation})
    }

    async fn listen(&self, service: &Service, last: Option<EventId>) -> Listening {
        let listening = service.listen(self.workspace, self.conversation, last, false);
        listening.await.unwrap()
    }

    /// The next call is answered only when another request has come in.
    fn hold_the_call(&self) {
        let yes = Reply::json(200, &json!({"success": true}));
        self.app.webhook.reply(yes.clone().after_requests(2));
        self.app.webhook.otherwise(yes);
    }

    async fn release_the_call(&self) {
        let actions = self.app.get("/v1/actions").await.expect(200);
        let test = format!("/v1/actions/{}/test", id(&actions["data"][0]));
        let run = json!({"parameters": {"order_number": "B-2"}});
        self.app.post(&test, run).await.expect(200);
    }
}

async fn until_the_end(listening: &mut Listening) -> Vec<LiveEvent> {
    let mut events = Vec::new();
    loop {
        let event = listening.next().await.expect("nobody is let go");
        let is_last = event.is_last();
        events.push(event);
        if is_last {
            return events;
        }
    }
}

fn told(events: &[LiveEvent]) -> Vec<(String, &str, &str)> {
    events
        .iter()
        .map(|event| (event.id.to_string(), event.name, &*event.data))
        .collect()
}

#[tokio::test]
async fn a_listener_hears_every_event_of_a_turn_on_another_node() {
    let Some(two) = Two::start().await else {
        return;
    };
    let mut here = two.listen(&two.app.service, None).await;
    let mut there = two.listen(&two.other, None).await;
    // Words come in order: once this is heard, the other node knows who listens.
    let path = format!("/v1/conversations/{}/messages", two.conversation);
    two.post_there(&path, json!({"text": "Hello"})).await;
    until_the_end(&mut here).await;
    until_the_end(&mut there).await;
    two.app
        .models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("It has shipped. It will arrive tomorrow.");
    let say = two.say_here("Where is A-1?");
    let (answer, here, there) =
        tokio::join!(say, until_the_end(&mut here), until_the_end(&mut there));
    answer.expect(200);
    assert!(here.len() > 4);
    assert_eq!(told(&there), told(&here));
}

#[tokio::test]
async fn a_listener_who_comes_back_to_another_node_misses_nothing_and_hears_nothing_twice() {
    let Some(two) = Two::start().await else {
        return;
    };
    two.hold_the_call();
    two.app
        .models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("It has shipped.");
    let mut here = two.listen(&two.app.service, None).await;
    let listen = async {
        two.app.webhook.wait_for_requests(1).await;
        let first = here.next().await.unwrap();
        let mut there = two.listen(&two.other, Some(first.id)).await;
        // It runs still, and what it has told so far comes from the other node.
        let second = there.next().await.unwrap();
        two.release_the_call().await;
        let mut rest = vec![second];
        rest.extend(until_the_end(&mut there).await);
        rest
    };
    let say = two.say_here("Where is A-1?");
    let (answer, there) = tokio::join!(say, listen);
    answer.expect(200);
    let here = until_the_end(&mut here).await;
    assert_eq!(there[0].name, "action.started");
    assert_eq!(told(&there), told(&here));
}

#[tokio::test]
async fn a_message_to_another_node_waits_its_turn() {
    let Some(two) = Two::start().await else {
        return;
    };
    two.hold_the_call();
    two.app
        .models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("It has shipped.")
        .reply("You are welcome.");
    let thanks = async {
        two.app.webhook.wait_for_requests(1).await;
        let waits = two.say_there("Thanks");
        let release = async {
            crate::settle().await;
            two.release_the_call().await;
        };
        tokio::join!(waits, release).0
    };
    let first = two.say_here("Where is A-1?");
    let (first, second) = tokio::join!(first, thanks);
    assert_eq!(first.expect(200)["reply"], "It has shipped.");
    assert_eq!(second.expect(200)["reply"], "You are welcome.");
    let asked = two.app.models.last_request().body.to_string();
    assert!(asked.contains("It has shipped."), "{asked}");
}

#[tokio::test]
async fn what_a_person_says_at_one_node_is_heard_at_the_other() {
    let Some(two) = Two::start().await else {
        return;
    };
    let mut here = two.listen(&two.app.service, None).await;
    let path = format!("/v1/conversations/{}/messages", two.conversation);
    let said = two.post_there(&path, json!({"text": "This is Ada."}));
    assert_eq!(said.await.status, 201);
    let heard = until_the_end(&mut here).await;
    assert_eq!(heard.len(), 1);
    assert!(heard[0].data.contains("This is Ada."));
}

#[tokio::test]
async fn who_watches_at_one_node_is_told_of_calls_at_the_other() {
    let Some(two) = Two::start().await else {
        return;
    };
    let mut there = two.other.watch(two.workspace, None);
    // Heard by the other node before what comes next, as words come in order.
    let mut listening = two.listen(&two.app.service, None).await;
    let path = format!("/v1/conversations/{}/messages", two.conversation);
    two.post_there(&path, json!({"text": "Hello"})).await;
    until_the_end(&mut listening).await;
    two.release_the_call().await;
    loop {
        if let Some(WorkspaceEvent::Invocation { status, .. }) = there.next().await
            && status.as_str() == "succeeded"
        {
            break;
        }
    }
}

#[tokio::test]
async fn what_is_changed_at_one_node_holds_at_the_other() {
    let Some(two) = Two::start().await else {
        return;
    };
    let agent = format!("/v1/agents/{}", two.agent);
    two.app.models.reply("Hello again!").reply("Ahoy!");
    let first = two.say_there("Hi").await;
    assert_eq!(first.expect(200)["reply"], "Hello again!");
    let change = json!({"instructions": "Speak like a pirate."});
    two.app.patch(&agent, change).await.expect(200);
    let second = two.say_there("Hi").await;
    assert_eq!(second.expect(200)["reply"], "Ahoy!");
    let asked = two.app.models.last_request().body.to_string();
    assert!(asked.contains("Speak like a pirate."), "{asked}");
}
