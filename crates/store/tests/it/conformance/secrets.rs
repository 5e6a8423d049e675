//! The secrets of actions.

use deskhand_domain::action::Action;
use deskhand_domain::secret::Secret;
use deskhand_store::{ActionSecrets, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::world::*;

fn headers(values: &[(&str, &str)]) -> Vec<(String, Secret)> {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Secret::new(*value)))
        .collect()
}

/// An action with two secret headers.
async fn made(w: &World) -> Action {
    let mut action = w.new_action("cancel_order");
    with_headers(&mut action, &["authorization", "x-key"]);
    let secrets = ActionSecrets {
        headers: headers(&[("authorization", "Bearer a"), ("x-key", "k")]),
        ..signing("whsec_1")
    };
    w.store.insert_action(&action, &secrets).await.unwrap();
    action
}

async fn stored(w: &World, action: &Action, at: Timestamp) -> (Vec<(String, Secret)>, Vec<String>) {
    let secrets = w.store.action_secrets(w.ws, action.id, at).await.unwrap();
    let signing = secrets.signing.iter();
    let signing = signing.map(|s| s.secret.expose().to_owned()).collect();
    (secrets.headers, signing)
}

pub async fn kept_when_none_is_given(w: &World) {
    let action = made(w).await;
    w.store
        .update_action(&next(&action, w.now()), &[])
        .await
        .unwrap();
    let (found, signing) = stored(w, &action, w.now()).await;
    assert_eq!(
        found,
        headers(&[("authorization", "Bearer a"), ("x-key", "k")])
    );
    assert_eq!(signing, ["whsec_1"]);
}

pub async fn replaced_when_one_is_given(w: &World) {
    let action = made(w).await;
    let new = headers(&[("x-key", "k2")]);
    w.store
        .update_action(&next(&action, w.now()), &new)
        .await
        .unwrap();
    let (found, _) = stored(w, &action, w.now()).await;
    assert_eq!(
        found,
        headers(&[("authorization", "Bearer a"), ("x-key", "k2")])
    );
}

pub async fn removed_with_their_header(w: &World) {
    let action = made(w).await;
    let mut second = next(&action, w.now());
    with_headers(&mut second, &["x-key"]);
    w.store.update_action(&second, &[]).await.unwrap();
    let (found, _) = stored(w, &action, w.now()).await;
    assert_eq!(found, headers(&[("x-key", "k")]));
}

pub async fn gone_for_good_when_the_header_comes_back(w: &World) {
    let action = made(w).await;
    let mut second = next(&action, w.now());
    with_headers(&mut second, &[]);
    w.store.update_action(&second, &[]).await.unwrap();
    let mut third = next(&second, w.now());
    with_headers(&mut third, &["x-key"]);
    w.store.update_action(&third, &[]).await.unwrap();
    assert_eq!(stored(w, &action, w.now()).await.0, headers(&[]));
}

pub async fn removed_when_the_header_is_no_secret_any_more(w: &World) {
    let action = made(w).await;
    let mut second = next(&action, w.now());
    second.definition.headers[0].has_secret = false;
    second.definition.headers[0].value = Some("open".to_owned());
    w.store.update_action(&second, &[]).await.unwrap();
    assert_eq!(
        stored(w, &action, w.now()).await.0,
        headers(&[("x-key", "k")])
    );
}

pub async fn refused_for_a_header_that_is_not_there(w: &World) {
    let action = made(w).await;
    let stray = headers(&[("x-other", "o")]);
    let changed = w.store.update_action(&next(&action, w.now()), &stray).await;
    assert!(matches!(changed, Err(StoreError::Conflict(_))));
}

pub async fn untouched_by_a_stale_change(w: &World) {
    let action = made(w).await;
    let new = headers(&[("x-key", "k2")]);
    assert!(w.store.update_action(&action, &new).await.is_err());
    let (found, _) = stored(w, &action, w.now()).await;
    assert_eq!(
        found,
        headers(&[("authorization", "Bearer a"), ("x-key", "k")])
    );
}

pub async fn wiped_with_their_action(w: &World) {
    let action = made(w).await;
    w.store.delete_action(w.ws, action.id).await.unwrap();
    let found = w.store.action_secrets(w.ws, action.id, w.now()).await;
    assert!(matches!(found, Err(StoreError::NotFound)));
}

pub async fn rotated_the_old_one_lives_until_its_time(w: &World) {
    let action = made(w).await;
    let now = w.now();
    let until = now + SignedDuration::from_hours(1);
    let new = Secret::new("whsec_2");
    w.store
        .rotate_signing_secret(w.ws, action.id, &new, now, until)
        .await
        .unwrap();
    let secrets = w.store.action_secrets(w.ws, action.id, now).await.unwrap();
    let expiries: Vec<_> = secrets.signing.iter().map(|s| s.expires_at).collect();
    assert_eq!(expiries, [None, Some(until)]);
    assert_eq!(stored(w, &action, now).await.1, ["whsec_2", "whsec_1"]);
    assert_eq!(stored(w, &action, until).await.1, ["whsec_2"]);
}

pub async fn rotated_twice_no_life_is_prolonged(w: &World) {
    let action = made(w).await;
    let now = w.now();
    let hours = |h| now + SignedDuration::from_hours(h);
    for (secret, until) in [("whsec_2", hours(1)), ("whsec_3", hours(2))] {
        w.store
            .rotate_signing_secret(w.ws, action.id, &Secret::new(secret), now, until)
            .await
            .unwrap();
    }
    let (_, all) = stored(w, &action, now).await;
    assert_eq!(all, ["whsec_3", "whsec_2", "whsec_1"]);
    assert_eq!(stored(w, &action, hours(1)).await.1, ["whsec_3", "whsec_2"]);
    assert_eq!(stored(w, &action, hours(2)).await.1, ["whsec_3"]);
}

pub async fn rotated_at_once_the_old_one_is_gone(w: &World) {
    let action = made(w).await;
    let now = w.now();
    w.store
        .rotate_signing_secret(w.ws, action.id, &Secret::new("whsec_2"), now, now)
        .await
        .unwrap();
    assert_eq!(stored(w, &action, now).await.1, ["whsec_2"]);
}
