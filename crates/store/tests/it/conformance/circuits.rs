//! Circuit breakers: what is stored changes by the rule, once, for everybody.

use deskhand_domain::circuit::{Change, Circuit, Passage, Probe};
use deskhand_domain::id::InvocationId;
use deskhand_store::StoreError;
use futures_util::future::join_all;
use jiff::SignedDuration;

use crate::world::*;

fn failing(known: i64) -> Change {
    Change::Open {
        known,
        reason: "8 of the last 10 calls failed, mostly timeout".to_owned(),
    }
}

async fn change(w: &World, change: Change) -> (bool, Circuit) {
    let now = w.now();
    let changed = w.store.change_circuit(w.ws, w.action.id, &change, now);
    changed.await.unwrap()
}

fn probe(w: &World) -> Probe {
    Probe::new(InvocationId::new(w.now(), &w.entropy), w.now(), 30)
}

pub async fn one_is_opened_once_by_whoever_is_first(w: &World) {
    assert_eq!(w.store.circuits(w.ws).await.unwrap(), []);
    let opened = join_all((0..20).map(|_| change(w, failing(0)))).await;
    assert_eq!(opened.iter().filter(|(done, _)| *done).count(), 1);
    let stored = w.store.circuits(w.ws).await.unwrap();
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].0, w.action.id);
    // Everybody knows the same of it, whoever did it.
    assert!(opened.iter().all(|(_, circuit)| *circuit == stored[0].1));
    assert_eq!(stored[0].1.passage(w.now()), Passage::Barred);
}

pub async fn one_call_goes_through_whoever_asks(w: &World) {
    change(w, failing(0)).await;
    let early = change(w, Change::Probe(probe(w))).await;
    assert!(!early.0);
    w.pass(SignedDuration::from_secs(31));
    let asked = join_all((0..20).map(|_| change(w, Change::Probe(probe(w))))).await;
    assert_eq!(asked.iter().filter(|(done, _)| *done).count(), 1);
    let through = asked[0].1.open.clone().unwrap().probe.unwrap().by;
    let (other, _) = change(w, Change::Answered(probe(w).by)).await;
    assert!(!other);
    let (failed, again) = change(w, Change::Failed(through)).await;
    assert!(failed);
    assert_eq!(again.passage(w.now()), Passage::Barred);
    w.pass(SignedDuration::from_secs(31));
    let next = probe(w);
    assert!(change(w, Change::Probe(next.clone())).await.0);
    let (closed, circuit) = change(w, Change::Answered(next.by)).await;
    assert!(closed);
    assert_eq!(circuit.passage(w.now()), Passage::Free);
    // What was counted before it was opened does not open it again.
    assert!(!change(w, failing(0)).await.0);
    assert!(change(w, failing(circuit.generation)).await.0);
}

pub async fn a_change_is_seen_with_what_is_on_offer(w: &World) {
    let offer = w
        .store
        .offer(w.ws, w.agent.id, None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(offer.circuits, []);
    let (_, opened) = change(w, failing(0)).await;
    let known = Some(offer.revision);
    let offer = w.store.offer(w.ws, w.agent.id, known).await.unwrap();
    assert_eq!(offer.unwrap().circuits, [(w.action.id, opened)]);
}

pub async fn a_changed_action_begins_anew(w: &World) {
    let (_, opened) = change(w, failing(0)).await;
    let mut next = w.action.clone();
    next.version += 1;
    next.definition.webhook_url = "https://api.example.com/mended".to_owned();
    w.store.update_action(&next, &[]).await.unwrap();
    let stored = w.store.circuits(w.ws).await.unwrap();
    assert_eq!(stored[0].1.open, None);
    assert!(stored[0].1.generation > opened.generation);
    w.store.delete_action(w.ws, w.action.id).await.unwrap();
    assert_eq!(w.store.circuits(w.ws).await.unwrap(), []);
}

pub async fn one_of_another_workspace_is_not_found(w: &World) {
    let other = w.other().await;
    let now = w.now();
    let open = failing(0);
    let foreign = w.store.change_circuit(other.ws, w.action.id, &open, now);
    assert!(matches!(foreign.await, Err(StoreError::NotFound)));
    change(w, failing(0)).await;
    assert_eq!(w.store.circuits(other.ws).await.unwrap(), []);
}
