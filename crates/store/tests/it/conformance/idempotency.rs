//! What clients' idempotency keys stand for.

use deskhand_store::{BeginTurn, ClaimId, Claimed, StoreError, under_claim};
use jiff::SignedDuration;

use crate::world::*;

async fn fresh(w: &World, key: &str) -> ClaimId {
    match w.store.claim(&w.claim_key(key, 1)).await.unwrap() {
        Claimed::Fresh(id) => id,
        other => panic!("{other:?}"),
    }
}

async fn again(w: &World, key: &str) -> Claimed {
    w.store.claim(&w.claim_key(key, 1)).await.unwrap()
}

async fn settle(w: &World, id: &ClaimId) {
    let keep_until = w.now() + SignedDuration::from_hours(24);
    w.store
        .settle_claim(w.ws, id, &answer(201), keep_until)
        .await
        .unwrap();
}

fn turn_for(w: &World, claim: &ClaimId) -> BeginTurn {
    BeginTurn {
        claim: Some(claim.clone()),
        ..w.turn(&w.conversation(None), true, "Where is it?")
    }
}

pub async fn the_first_claim_is_fresh(w: &World) {
    fresh(w, "a").await;
    fresh(w, "b").await;
}

pub async fn a_second_one_finds_it_running(w: &World) {
    fresh(w, "a").await;
    assert_eq!(again(w, "a").await, Claimed::Running(None));
}

pub async fn of_many_at_once_one_is_fresh(w: &World) {
    let mut claims = Vec::new();
    for _ in 0..50 {
        let (store, key) = (w.store.clone(), w.claim_key("a", 1));
        claims.push(tokio::spawn(
            async move { store.claim(&key).await.unwrap() },
        ));
    }
    let mut won = 0;
    for claim in claims {
        match claim.await.unwrap() {
            Claimed::Fresh(_) => won += 1,
            other => assert_eq!(other, Claimed::Running(None)),
        }
    }
    assert_eq!(won, 1);
}

pub async fn asked_for_twice_under_one_id_it_is_fresh_twice(w: &World) {
    let key = w.claim_key("a", 1);
    for _ in 0..2 {
        let claimed = w.store.claim(&key).await.unwrap();
        assert_eq!(claimed, Claimed::Fresh(key.id.clone()));
    }
    assert_eq!(again(w, "a").await, Claimed::Running(None));
    settle(w, &key.id).await;
    let late = w.store.claim(&key).await.unwrap();
    assert_eq!(late, Claimed::Stored(answer(201)));
}

pub async fn a_settled_one_gives_its_answer(w: &World) {
    settle(w, &fresh(w, "a").await).await;
    assert_eq!(again(w, "a").await, Claimed::Stored(answer(201)));
    assert_eq!(again(w, "a").await, Claimed::Stored(answer(201)));
}

pub async fn another_body_is_told_apart(w: &World) {
    let id = fresh(w, "a").await;
    let other = w.claim_key("a", 2);
    assert_eq!(w.store.claim(&other).await.unwrap(), Claimed::OtherBody);
    settle(w, &id).await;
    assert_eq!(w.store.claim(&other).await.unwrap(), Claimed::OtherBody);
}

pub async fn another_route_is_another_key(w: &World) {
    fresh(w, "a").await;
    let mut key = w.claim_key("a", 1);
    key.route = "POST /v1/actions".to_owned();
    let claimed = w.store.claim(&key).await.unwrap();
    assert!(matches!(claimed, Claimed::Fresh(_)));
}

pub async fn another_workspace_is_another_key(w: &World) {
    settle(w, &fresh(w, "a").await).await;
    let other = w.other().await;
    fresh(&other, "a").await;
}

pub async fn a_released_one_is_fresh_again(w: &World) {
    let id = fresh(w, "a").await;
    w.store.release_claim(w.ws, &id).await.unwrap();
    assert_ne!(fresh(w, "a").await, id);
}

pub async fn it_is_settled_once(w: &World) {
    let id = fresh(w, "a").await;
    settle(w, &id).await;
    let late = w.store.settle_claim(w.ws, &id, &answer(500), w.now()).await;
    assert!(matches!(late, Err(StoreError::ClaimLost)));
    w.store.release_claim(w.ws, &id).await.unwrap();
    assert_eq!(again(w, "a").await, Claimed::Stored(answer(201)));
}

pub async fn the_turn_is_noted_with_its_beginning(w: &World) {
    let begin = turn_for(w, &fresh(w, "a").await);
    w.store.begin_turn(&begin).await.unwrap();
    let turn = (begin.conversation.id, begin.turn_id);
    assert_eq!(again(w, "a").await, Claimed::Running(Some(turn)));
}

pub async fn a_turn_is_not_begun_for_a_lost_claim(w: &World) {
    let id = fresh(w, "a").await;
    w.store.release_claim(w.ws, &id).await.unwrap();
    let begin = turn_for(w, &id);
    let begun = w.store.begin_turn(&begin).await;
    assert!(matches!(begun, Err(StoreError::ClaimLost)));
    let made = w.store.conversation(w.ws, begin.conversation.id).await;
    assert!(matches!(made, Err(StoreError::NotFound)));
}

pub async fn one_with_a_turn_is_not_released(w: &World) {
    let id = fresh(w, "a").await;
    let begin = turn_for(w, &id);
    w.store.begin_turn(&begin).await.unwrap();
    w.store.release_claim(w.ws, &id).await.unwrap();
    let expected = Claimed::Broken(begin.conversation.id, begin.turn_id);
    assert_eq!(again(w, "a").await, expected);
}

pub async fn an_answer_is_forgotten_in_its_time(w: &World) {
    settle(w, &fresh(w, "a").await).await;
    w.pass(SignedDuration::from_hours(23));
    assert_eq!(again(w, "a").await, Claimed::Stored(answer(201)));
    w.pass(SignedDuration::from_hours(1));
    fresh(w, "a").await;
}

pub async fn a_running_one_is_not_forgotten(w: &World) {
    fresh(w, "a").await;
    w.pass(SignedDuration::from_hours(48));
    assert_eq!(again(w, "a").await, Claimed::Running(None));
}

pub async fn a_forgotten_one_settles_no_later_one(w: &World) {
    let first = fresh(w, "a").await;
    w.store.release_claim(w.ws, &first).await.unwrap();
    let second = fresh(w, "a").await;
    let late = w
        .store
        .settle_claim(w.ws, &first, &answer(201), w.now())
        .await;
    assert!(matches!(late, Err(StoreError::ClaimLost)));
    settle(w, &second).await;
}

pub async fn left_behind_without_a_turn_it_is_fresh_again(w: &World) {
    fresh(w, "a").await;
    w.abandoned().await;
    fresh(w, "a").await;
}

pub async fn left_behind_with_a_turn_it_stands_for_it(w: &World) {
    let id = fresh(w, "a").await;
    let begin = turn_for(w, &id);
    w.store.begin_turn(&begin).await.unwrap();
    w.abandoned().await;
    let (talk, turn) = (begin.conversation.id, begin.turn_id);
    assert_eq!(again(w, "a").await, Claimed::Broken(talk, turn));
    let other = w.store.claim(&w.claim_key("a", 2)).await.unwrap();
    assert_eq!(other, Claimed::OtherBody);
    let past = w.store.past_turns(w.ws, talk, 1).await.unwrap();
    assert_eq!(past[0].reply.as_ref().unwrap().text, "Sorry.");
    w.pass(SignedDuration::from_hours(24));
    fresh(w, "a").await;
}

pub async fn what_was_stored_outlives_a_restart(w: &World) {
    settle(w, &fresh(w, "a").await).await;
    w.abandoned().await;
    assert_eq!(again(w, "a").await, Claimed::Stored(answer(201)));
}

pub async fn of_a_living_node_it_is_left_alone(w: &World) {
    w.alive().await;
    fresh(w, "a").await;
    w.abandoned().await;
    assert_eq!(again(w, "a").await, Claimed::Running(None));
}

pub async fn a_failure_after_a_turn_began_leaves_the_answer_to_the_turn(w: &World) {
    let id = fresh(w, "a").await;
    let begin = turn_for(w, &id);
    w.store.begin_turn(&begin).await.unwrap();
    let keep = w.now() + SignedDuration::from_hours(24);
    w.store
        .settle_claim(w.ws, &id, &answer(500), keep)
        .await
        .unwrap();
    let stands_for = Claimed::Broken(begin.conversation.id, begin.turn_id);
    assert_eq!(again(w, "a").await, stands_for);
}

/// Makes an agent under a claim, as a request does.
async fn work(w: &World, claim: &ClaimId) -> Result<(), StoreError> {
    let agent = w.new_agent();
    under_claim(w.ws, claim.clone(), w.store.insert_agent(&agent)).await
}

pub async fn left_behind_after_its_work_it_is_not_worked_for_again(w: &World) {
    work(w, &fresh(w, "a").await).await.unwrap();
    w.abandoned().await;
    assert_eq!(again(w, "a").await, Claimed::Lost);
    let other = w.store.claim(&w.claim_key("a", 2)).await.unwrap();
    assert_eq!(other, Claimed::OtherBody);
    w.pass(SignedDuration::from_hours(24));
    fresh(w, "a").await;
}

pub async fn given_back_after_its_work_it_is_not_worked_for_again(w: &World) {
    let id = fresh(w, "a").await;
    work(w, &id).await.unwrap();
    w.store.release_claim(w.ws, &id).await.unwrap();
    assert_eq!(again(w, "a").await, Claimed::Lost);
}

pub async fn what_came_to_nothing_is_no_work(w: &World) {
    let id = fresh(w, "a").await;
    let again = w.store.insert_agent(&w.agent);
    let refused = under_claim(w.ws, id, again).await;
    assert!(refused.is_err());
    w.abandoned().await;
    fresh(w, "a").await;
}

pub async fn the_answer_may_come_after_it_was_given_up(w: &World) {
    let id = fresh(w, "a").await;
    work(w, &id).await.unwrap();
    w.abandoned().await;
    settle(w, &id).await;
    assert_eq!(again(w, "a").await, Claimed::Stored(answer(201)));
}

pub async fn for_a_lost_claim_nothing_is_stored(w: &World) {
    let id = fresh(w, "a").await;
    w.abandoned().await;
    let second = fresh(w, "a").await;
    assert!(matches!(work(w, &id).await, Err(StoreError::ClaimLost)));
    work(w, &second).await.unwrap();
}
