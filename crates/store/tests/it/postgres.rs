//! The conformance cases on PostgreSQL, each in a database of its own.

mod upgrades;

use std::sync::Arc;
use std::time::Duration;

use deskhand_store::{Database, Heard, Listener, MasterKey, Store, Word};

use crate::pg_server::{Durability, PostgresServer, postgres_database};
use crate::world::{Seeded, World, all};

pub async fn open(url: &str) -> Database {
    open_as(url, 1).await
}

/// The same for one of several nodes.
async fn open_as(url: &str, node: u64) -> Database {
    let entropy = Arc::new(Seeded::of(node));
    Database::open(url, &MasterKey::new([7; 32]), entropy)
        .await
        .unwrap()
}

async fn in_a_database() -> Option<(Arc<dyn Store>, ())> {
    let store = open(&postgres_database()?).await;
    Some((Arc::new(store), ()))
}

mod server {
    crate::conformance::instantiate!(crate::postgres::in_a_database);
}

/// What is heard next that is a word.
async fn word(listener: &mut Listener) -> Arc<Word> {
    loop {
        match listener.next().await.unwrap() {
            Heard::Word(word) => return word,
            Heard::Gap => {}
        }
    }
}

#[tokio::test]
async fn nodes_hear_each_other_and_not_themselves() {
    let Some(url) = postgres_database() else {
        return;
    };
    let (one, two) = (open(&url).await, open_as(&url, 2).await);
    let mut ears = [one.bus().unwrap().listen(), two.bus().unwrap().listen()];
    let long = "é".repeat(20_000);
    one.bus().unwrap().say("live", "from one".to_owned());
    one.bus().unwrap().say("live", long.clone());
    assert_eq!(word(&mut ears[1]).await.body, "from one");
    assert_eq!(word(&mut ears[1]).await.body, long);
    two.bus().unwrap().say("wake", "from two".to_owned());
    assert_eq!(word(&mut ears[0]).await.body, "from two");
    one.close().await;
    two.close().await;
}

/// The server is stopped as by a power cut and started again. What is asked for meanwhile waits, and
/// is done once.
#[tokio::test]
async fn a_lost_database_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let Some(server) =
        PostgresServer::start(dir.path(), std::process::id(), Durability::Process).unwrap()
    else {
        return;
    };
    let store = Arc::new(open(&server.create_database("lost")).await);
    let w = World::new(store.clone()).await;
    let running = w.running().await;
    let mut ear = store.bus().unwrap().listen();
    server.run("stop").unwrap();
    assert!(store.ping().await.is_err());

    let call = w.call(&running);
    let begin = w.begin(vec![(call.clone(), 1)]);
    let (waiting, node) = (store.clone(), w.node);
    let at = w.now();
    let work = tokio::spawn(async move {
        waiting.begin_invocations(&begin).await?;
        waiting
            .mark_sending(begin.workspace_id, call.id, node.into(), at)
            .await
    });
    tokio::task::yield_now().await;
    // However many wait, whoever asks how it stands is told at once.
    let many: Vec<_> = (0..40)
        .map(|_| {
            let (store, w) = (store.clone(), w.ws);
            tokio::spawn(async move { store.actions(w, all()).await })
        })
        .collect();
    tokio::task::yield_now().await;
    let asked = tokio::time::timeout(Duration::from_secs(5), store.ping());
    assert!(asked.await.unwrap().is_err());
    server.run("start").unwrap();
    for waited in many {
        waited.await.unwrap().unwrap();
    }
    assert!(work.await.unwrap().unwrap());
    store.ping().await.unwrap();
    let calls = w.store.turn_invocations(w.ws, running.turn).await.unwrap();
    assert_eq!(calls.len(), 1);
    // Whoever listens is told that something may have been missed.
    assert_eq!(ear.next().await, Some(Heard::Gap));
    store.close().await;
    server.run("stop").unwrap();
}
