//! Secrets are planted everywhere and looked for everywhere else.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use deskhand_testkit::{ADMIN_KEY, MODEL_KEY, Reply, TestApp, id};
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

/// Every line that was logged in this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Begins to listen, once for all tests, to everything that any library says.
    fn listen() -> Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Log::default();
            let subscriber = tracing_subscriber::fmt()
                .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
                .with_writer(log.clone())
                .with_ansi(false)
                .finish();
            tracing_subscriber::util::SubscriberInitExt::try_init(subscriber)
                .expect("nobody else listens");
            log
        })
        .clone()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

const HEADER_SECRET: &str = "Bearer header-canary-4f9a71c2";
const HEADER_TOKEN: &str = "header-canary-4f9a71c2";

/// The endpoint and the model provider repeat every secret they know of, in every way they can.
#[tokio::test]
async fn no_secret_is_in_a_prompt_an_answer_a_log_or_the_database() {
    let log = Log::listen();
    let app = TestApp::start().await;
    let agent = app.agent(json!({})).await;
    let headers = json!([{"name": "Authorization", "secret": HEADER_SECRET}]);
    let action = app
        .action(json!({"headers": headers.clone(), "effect": "read"}))
        .await;
    app.attach(&agent, &action).await;
    let mut talk = deskhand_testkit::Talk::new(&app, id(&agent));
    let first = action["signing_secret"].as_str().unwrap().to_owned();
    let rotated = app
        .post(&format!("/v1/actions/{}/secret", id(&action)), json!({}))
        .await
        .expect(200);
    let second = rotated["signing_secret"].as_str().unwrap().to_owned();
    // Answers that are kept for a repeated request carry secrets too.
    let once = async |path: String, body: Value| {
        let bearer = format!("Bearer {ADMIN_KEY}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", "\"once\""),
        ];
        let body = body.to_string().into_bytes();
        let first = app.send_raw("POST", &path, &headers, body.clone()).await;
        let again = app.send_raw("POST", &path, &headers, body).await;
        assert_eq!(first.text, again.text);
        assert!((200..300).contains(&first.status), "{}", first.text);
        first.body
    };
    let other = json!({"name": "other", "headers": headers});
    let other = once("/v1/actions".to_owned(), app.order_action(other)).await;
    let third = other["signing_secret"].as_str().unwrap().to_owned();
    let rotate = format!("/v1/actions/{}/secret", id(&other));
    let fourth = once(rotate, json!({})).await["signing_secret"]
        .as_str()
        .unwrap()
        .to_owned();
    let spare = json!({"name": "Spare", "scope": "read"});
    let spare = once("/v1/keys".to_owned(), spare).await["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let canaries = [
        third.trim_start_matches("whsec_"),
        fourth.trim_start_matches("whsec_"),
        &spare,
        HEADER_TOKEN,
        first.trim_start_matches("whsec_"),
        second.trim_start_matches("whsec_"),
        MODEL_KEY,
        ADMIN_KEY,
    ];

    let echo = json!({"authorization": HEADER_SECRET, "token": HEADER_TOKEN,
        "signing": [first, second], (HEADER_TOKEN): 1, "nested": {"text": format!("you sent {HEADER_SECRET}!")}});
    let said = format!("bad header {HEADER_SECRET}, bad secret {second}");
    let replies = [
        Reply::json(200, &json!({"success": true, "result": echo})),
        Reply::json(200, &json!({"success": false, "error": said})),
        Reply::json(500, &json!({"error": said})),
        Reply::full(200, &[("x-echo", HEADER_SECRET)], said.as_bytes()),
        Reply::full(
            302,
            &[(
                "location",
                &format!("https://example.com/?t={HEADER_TOKEN}"),
            )],
            b"",
        ),
        Reply::json(200, &echo),
    ];
    let mut answers = Vec::new();
    for (n, reply) in replies.into_iter().enumerate() {
        app.webhook.reply(reply);
        app.models.call(
            "check_order_status",
            json!({"order_number": format!("A-{n}")}),
        );
        // What it sees it says.
        app.models.reply("Here is what I saw.");
        let answer = talk.try_to_say(&format!("Where is A-{n}?")).await;
        talk.conversation = answer.body["conversation_id"].as_str().map(str::to_owned);
        answers.push(answer);
    }
    for reply in [
        Reply::json(200, &json!({"success": true, "result": echo})),
        Reply::json(400, &json!({"error": said})),
    ] {
        app.webhook.reply(reply);
        let body = json!({"parameters": {"order_number": "A-1"}});
        answers.push(
            app.post(&format!("/v1/actions/{}/test", id(&action)), body)
                .await,
        );
    }
    app.models
        .status(401, &format!("Incorrect API key provided: {MODEL_KEY}"));
    answers.push(talk.try_to_say("Hi").await);
    app.models.status(400, &format!("key={MODEL_KEY};"));
    answers.push(talk.try_to_say("Hi").await);
    // A header secret that cannot be sent is refused without being repeated.
    let bad = json!({"headers": [{"name": "x", "secret": format!("{HEADER_TOKEN}\n")}]});
    answers.push(
        app.patch(&format!("/v1/actions/{}", id(&action)), bad)
            .await,
    );
    let bad = json!({"headers": [{"name": "x", "secret": [HEADER_TOKEN]}]});
    answers.push(
        app.patch(&format!("/v1/actions/{}", id(&action)), bad)
            .await,
    );

    let list = app.get("/v1/invocations?limit=100").await;
    for row in list.body["data"].as_array().unwrap() {
        answers.push(app.get(&format!("/v1/invocations/{}", id(row))).await);
    }
    assert_eq!(list.body["data"].as_array().unwrap().len(), 8);
    answers.push(list);
    let conversation = talk_path(&answers[0].body);
    for path in [
        "/v1/agents",
        "/v1/actions",
        "/v1/conversations",
        &conversation,
    ] {
        answers.push(app.get(path).await);
    }
    answers.push(
        app.get(&format!("/v1/actions/{}/versions", id(&action)))
            .await,
    );

    let hidden = |what: &str, text: &str| {
        for canary in canaries {
            assert!(!text.contains(canary), "{canary} is in {what}: {text}");
        }
    };
    for request in app.models.requests() {
        hidden("a prompt", &request.body.to_string());
    }
    for answer in &answers {
        hidden("an answer", &answer.text);
        hidden("a header of an answer", &format!("{:?}", answer.headers));
    }
    app.service.shut_down().await;
    let text = log.text();
    for line in text.lines() {
        hidden("a log line", line);
    }
    assert!(text.contains("turn completed"), "nothing was logged");
    let mut files = 0;
    // PostgreSQL keeps its files elsewhere; the columns are the same.
    for file in std::fs::read_dir(app.directory()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        hidden(
            "a database file",
            &String::from_utf8_lossy(&bytes).replace('\0', ""),
        );
        files += 1;
    }
    assert!(files > 0 || app.is_on_postgres());
}

fn talk_path(answer: &Value) -> String {
    format!(
        "/v1/conversations/{}",
        answer["conversation_id"].as_str().unwrap()
    )
}

#[tokio::test]
async fn the_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let app = TestApp::start().await;
    app.agent(json!({})).await;
    for file in std::fs::read_dir(app.directory()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file:?}");
    }
}
