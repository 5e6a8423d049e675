//! Nodes of two versions on one database, and nodes that start together.

use std::sync::Arc;

use ::postgres::{Client, NoTls};
use deskhand_domain::invocation::InvocationStatus;
use deskhand_store::{Database, MasterKey, Store, StoreError};

use super::open;
use crate::pg_server::postgres_database;
use crate::world::{Seeded, World, all, outcome};

/// What the next version's step may do: more columns, another table, another index.
const NEXT_STEP: &str = "
    DO $$ DECLARE which TEXT; BEGIN
        FOR which IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('ALTER TABLE %I ADD COLUMN later TEXT', which);
            EXECUTE format('ALTER TABLE %I ADD COLUMN later_count BIGINT NOT NULL DEFAULT 0', which);
        END LOOP;
    END $$;
    CREATE TABLE later (id TEXT PRIMARY KEY);
    CREATE INDEX later_actions ON actions (later);";
const NOTE_IT: &str = "INSERT INTO migrations (version, about, checksum)
    SELECT max(version) + 1, 'later', '00' FROM migrations";

/// Runs SQL as somebody beside the nodes.
async fn beside(url: &str, sql: &'static str) {
    let url = url.to_owned();
    let run = move || Client::connect(&url, NoTls).and_then(|mut db| db.batch_execute(sql));
    tokio::task::spawn_blocking(run).await.unwrap().unwrap();
}

async fn start(url: &str) -> Result<Database, StoreError> {
    let entropy = Arc::new(Seeded::of(2));
    Database::open(url, &MasterKey::new([7; 32]), entropy).await
}

/// A conversation with a call, from its beginning to its end.
async fn converse(w: &World) {
    let running = w.running().await;
    let call = w.call(&running);
    w.record(&call, 1).await;
    let sent = w.store.mark_sending(w.ws, call.id, w.node.into(), w.now());
    assert!(sent.await.unwrap());
    assert!(
        w.finish(call.id, &outcome(InvocationStatus::Succeeded))
            .await
    );
    w.store.finish_turn(&w.end(&running)).await.unwrap();
    let past = w.store.past_turns(w.ws, running.conversation.id, 5);
    assert_eq!(past.await.unwrap().len(), 1);
    let calls = w.store.turn_invocations(w.ws, running.turn).await.unwrap();
    assert_eq!(calls[0].id, call.id);
    assert!(!w.store.actions(w.ws, all()).await.unwrap().rows.is_empty());
    assert!(!w.store.agents(w.ws, all()).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn of_nodes_that_start_at_once_one_takes_the_steps() {
    let Some(url) = postgres_database() else {
        return;
    };
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { Database::migrate(&url).await })
        })
        .collect();
    let mut took = Vec::new();
    for start in starts {
        let steps = start.await.unwrap().unwrap();
        took.push(steps.iter().filter(|step| step.now).count());
        assert_eq!(steps[0].version, 1);
    }
    took.sort_unstable();
    assert_eq!(took[..3], [0, 0, 0]);
    let steps = Database::migrate(&url).await.unwrap();
    assert_eq!(took[3], steps.len());
}

#[tokio::test]
async fn a_node_of_the_version_before_goes_on_with_the_next_ones_schema() {
    let Some(url) = postgres_database() else {
        return;
    };
    let old = Arc::new(open(&url).await);
    let w = World::new(old.clone()).await;
    // It has its statements prepared, of which the step changes what they give.
    converse(&w).await;
    beside(&url, NEXT_STEP).await;
    beside(&url, NOTE_IT).await;
    converse(&w).await;
    let later = start(&url).await.unwrap();
    assert_eq!(later.first_workspace().await.unwrap().unwrap().id, w.ws);
    later.close().await;
    old.close().await;
}

#[tokio::test]
async fn a_node_two_versions_behind_does_not_start() {
    let Some(url) = postgres_database() else {
        return;
    };
    open(&url).await.close().await;
    beside(&url, NOTE_IT).await;
    start(&url).await.unwrap().close().await;
    beside(&url, NOTE_IT).await;
    match start(&url).await {
        Err(StoreError::Migration(why)) => {
            assert!(why.contains("at most one step behind"), "{why}");
        }
        other => panic!("{other:?}"),
    }
}
