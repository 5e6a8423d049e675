//! `deskhand chat` and `deskhand invocations` against a running server.

use std::io::Write;
use std::net::SocketAddr;
use std::process::{Command, Output, Stdio};

use deskhand_domain::workspace::Scope;
use deskhand_testkit::{ADMIN_KEY, TestApp, id};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// Runs the program with the server and the key in its environment.
async fn run(server: SocketAddr, key: &str, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskhand"));
    command
        .args(arguments)
        .env_clear()
        .env("DESKHAND_URL", format!("http://{server}"))
        .env("DESKHAND_API_KEY", key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let input = input.to_owned();
    let finished = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        // A program that does not read its input may be gone before all of it is written.
        if let Err(error) = child.stdin.take().unwrap().write_all(input.as_bytes()) {
            assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
        }
        child.wait_with_output().unwrap()
    });
    finished.await.unwrap()
}

async fn good(app: &TestApp, arguments: &[&str], input: &str) -> String {
    let output = run(app.address(), ADMIN_KEY, arguments, input).await;
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}: {errors}");
    assert_eq!(errors, "", "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

async fn bad(server: SocketAddr, key: &str, arguments: &[&str], input: &str) -> String {
    let output = run(server, key, arguments, input).await;
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn a_call(app: &TestApp) {
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("It has shipped.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piped_conversation_prints_actions_and_replies_without_colours() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    a_call(&app);
    app.models.reply("You're welcome!");
    let said = good(
        &app,
        &["chat", "--agent", &talk.agent],
        "Where is A-1?\n\nThanks",
    )
    .await;
    let lines: Vec<_> = said.lines().collect();
    let [action, reply, welcome] = lines.as_slice() else {
        panic!("{said}");
    };
    assert!(action.contains("→ check_order_status  order_number=A-1   succeeded in "));
    assert_eq!(
        (*reply, *welcome),
        ("agent  It has shipped.", "agent  You're welcome!")
    );
    assert!(!said.contains('\u{1b}'));
    let list = app.get("/v1/conversations").await.expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_gets_the_events() {
    let app = TestApp::start().await;
    app.shop(json!({})).await;
    a_call(&app);
    // The only agent need not be named.
    let said = good(&app, &["chat", "--json"], "Where is A-1?\n").await;
    let events: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<_> = events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(names.first(), Some(&"turn.started"));
    assert!(names.contains(&"action.started") && names.contains(&"action.finished"));
    let last = events.last().unwrap();
    assert_eq!(last["event"], "message.completed");
    assert_eq!(last["data"]["reply"], "It has shipped.");
}

/// Passes everything on to the server, but cuts the first answer after this many bytes.
#[expect(
    clippy::disallowed_methods,
    reason = "connects to a server of the same test"
)]
async fn cutting_proxy(server: SocketAddr, after: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut first = true;
        while let Ok((mut client, _)) = listener.accept().await {
            let mut upstream = TcpStream::connect(server).await.unwrap();
            if !std::mem::take(&mut first) {
                tokio::spawn(async move {
                    // Either side may hang up.
                    let _ = copy_bidirectional(&mut client, &mut upstream).await;
                });
                continue;
            }
            let mut request = vec![0; 64 * 1024];
            let mut end = 0;
            while !request[..end].ends_with(b"}") {
                end += client.read(&mut request[end..]).await.unwrap();
            }
            upstream.write_all(&request[..end]).await.unwrap();
            let mut answer = vec![0; after];
            upstream.read_exact(&mut answer).await.unwrap();
            client.write_all(&answer).await.unwrap();
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_connection_loses_nothing_and_doubles_nothing() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    for cut in [0, 1, 150, 400, 600] {
        a_call(&app);
        let proxy = cutting_proxy(app.address(), cut).await;
        let arguments = ["chat", "--agent", &talk.agent];
        let output = run(proxy, ADMIN_KEY, &arguments, "Where is A-1?\n").await;
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "cut after {cut}: {errors}");
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(
            said.matches("agent  It has shipped.\n").count(),
            1,
            "{said}"
        );
        assert_eq!(said.matches("→ check_order_status").count(), 1, "{said}");
    }
    assert_eq!(app.webhook.requests().len(), 5);
    let list = app.get("/v1/conversations").await.expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_learns_that_an_answer_was_none() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    app.models.status(400, "no such model");
    let arguments = ["chat", "--agent", &talk.agent];
    let said = bad(app.address(), ADMIN_KEY, &arguments, "Hi\n").await;
    assert!(said.contains("1 of the messages"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_said_with_a_next_step() {
    let app = TestApp::start().await;
    let address = app.address();
    let hi = "Hi\n";
    let none = bad(address, ADMIN_KEY, &["chat"], hi).await;
    assert!(none.contains("no agent yet"), "{none}");
    let (one, two) = (app.agent(json!({})).await, app.agent(json!({})).await);
    let which = bad(address, ADMIN_KEY, &["chat"], hi).await;
    assert!(
        which.contains(id(&one)) && which.contains(id(&two)),
        "{which}"
    );
    let wrong = bad(address, ADMIN_KEY, &["chat", "--agent", "agt_x"], hi).await;
    assert!(wrong.contains("agt_x"), "{wrong}");
    let key = bad(address, "wrong", &["chat", "--agent", id(&one)], hi).await;
    assert!(key.contains("DESKHAND_API_KEY"), "{key}");
    let key = bad(address, "", &["invocations", "list"], "").await;
    assert!(key.contains("deskhand keys create"), "{key}");
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = free.local_addr().unwrap();
    drop(free);
    let gone = bad(nobody, ADMIN_KEY, &["chat", "--agent", id(&one)], hi).await;
    assert!(gone.contains("deskhand serve"), "{gone}");
    let chat = app
        .key(app.first_workspace().await, Scope::Chat, |_| {})
        .await;
    let forbidden = bad(address, &chat, &["chat"], hi).await;
    assert!(forbidden.contains("--agent"), "{forbidden}");
}

#[tokio::test(flavor = "multi_thread")]
async fn invocations_are_listed_and_shown() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    for _ in 0..3 {
        a_call(&app);
        talk.say("Where is A-1?").await;
    }
    let list = good(&app, &["invocations", "list", "--limit", "2"], "").await;
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(
        list.contains("check_order_status  order_number=A-1   succeeded"),
        "{list}"
    );
    let all = good(
        &app,
        &[
            "invocations",
            "list",
            "--json",
            "--action",
            "check_order_status",
        ],
        "",
    )
    .await;
    let newest: Value = serde_json::from_str(all.lines().next().unwrap()).unwrap();
    assert_eq!(all.lines().count(), 3);
    let none = good(&app, &["invocations", "list", "--status", "failed"], "").await;
    assert_eq!(none, "");
    let shown = good(&app, &["invocations", "show", id(&newest)], "").await;
    for part in [
        "attempt 1  POST https://",
        "webhook-id: inv_",
        "\"order_number\":\"A-1\"",
        "    200",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let shown = good(&app, &["invocations", "show", id(&newest), "--json"], "").await;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["attempts"].as_array().unwrap().len(), 1);
    let lost = bad(
        app.address(),
        ADMIN_KEY,
        &["invocations", "show", "inv_x"],
        "",
    )
    .await;
    assert!(lost.contains("invocations list"), "{lost}");
}

#[tokio::test(flavor = "multi_thread")]
async fn invocations_are_followed_as_they_happen() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    a_call(&app);
    talk.say("Where is A-1?").await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskhand"));
    command
        .args(["invocations", "follow"])
        .env_clear()
        .env("DESKHAND_URL", format!("http://{}", app.address()))
        .env("DESKHAND_API_KEY", ADMIN_KEY);
    let mut follow = crate::process::Process::start(&mut command);
    let follow = tokio::task::spawn_blocking(move || {
        follow.line("order_number=A-1");
        follow
    });
    let mut follow = follow.await.unwrap();
    app.models
        .call("check_order_status", json!({"order_number": "B-2"}))
        .reply("It has shipped.");
    talk.say("Where is B-2?").await;
    let line = tokio::task::spawn_blocking(move || follow.line("order_number=B-2"));
    assert!(line.await.unwrap().contains("succeeded"));
}

#[tokio::test(flavor = "multi_thread")]
async fn following_ends_when_nobody_reads_any_more() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    a_call(&app);
    talk.say("Where is A-1?").await;
    let mut child = Command::new(env!("CARGO_BIN_EXE_deskhand"))
        .args(["invocations", "follow"])
        .env_clear()
        .env("DESKHAND_URL", format!("http://{}", app.address()))
        .env("DESKHAND_API_KEY", ADMIN_KEY)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 1];
    let mut out = child.stdout.take().unwrap();
    let read = tokio::task::spawn_blocking(move || {
        std::io::Read::read_exact(&mut out, &mut first).unwrap();
    });
    read.await.unwrap();
    a_call(&app);
    talk.say("And where is A-1 now?").await;
    let ended = tokio::task::spawn_blocking(move || child.wait().unwrap());
    assert!(ended.await.unwrap().success());
}
