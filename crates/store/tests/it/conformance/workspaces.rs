//! Workspaces and keys.

use deskhand_domain::workspace::{ApiKey, Scope, Workspace};
use deskhand_store::{Page, StoreError};

use crate::world::*;

pub async fn the_first_is_the_oldest(w: &World) {
    w.other().await;
    let first = w.store.first_workspace().await.unwrap().unwrap();
    assert_eq!((first.id, first.name.as_str()), (w.ws, "Shop"));
}

pub async fn one_is_not_made_twice(w: &World) {
    let again = Workspace {
        id: w.ws,
        name: "Again".to_owned(),
        created_at: w.now(),
    };
    assert!(w.store.insert_workspace(&again).await.is_err());
}

pub async fn it_answers(w: &World) {
    w.store.ping().await.unwrap();
}

pub async fn closed_it_answers_no_more(w: &World) {
    w.store.close().await;
    assert!(matches!(w.store.ping().await, Err(StoreError::Closed)));
    assert!(w.store.agent(w.ws, w.agent.id).await.is_err());
}

pub async fn a_key_is_found_by_its_hash(w: &World) {
    let key = w.new_key();
    w.store.insert_key(&key, [3; 32]).await.unwrap();
    assert_eq!(w.store.key_by_hash([3; 32]).await.unwrap(), Some(key));
    assert_eq!(w.store.key_by_hash([4; 32]).await.unwrap(), None);
}

pub async fn a_key_hash_is_taken_once(w: &World) {
    w.store.insert_key(&w.new_key(), [3; 32]).await.unwrap();
    let again = w.store.insert_key(&w.new_key(), [3; 32]).await;
    assert!(matches!(again, Err(StoreError::Taken { field: "key" })));
}

pub async fn a_deleted_key_opens_nothing(w: &World) {
    let key = w.new_key();
    w.store.insert_key(&key, [3; 32]).await.unwrap();
    w.store.delete_key(w.ws, key.id, w.now()).await.unwrap();
    assert_eq!(w.store.key_by_hash([3; 32]).await.unwrap(), None);
    let again = w.store.delete_key(w.ws, key.id, w.now()).await;
    assert!(matches!(again, Err(StoreError::NotFound)));
}

pub async fn keys_are_listed_newest_first(w: &World) {
    let (one, mut two) = (w.new_key(), w.new_key());
    (two.agent_id, two.expires_at) = (None, None);
    w.store.insert_key(&one, [1; 32]).await.unwrap();
    w.store.insert_key(&two, [2; 32]).await.unwrap();
    let page = Page {
        limit: 1,
        before: None,
    };
    let first = w.store.keys(w.ws, page).await.unwrap();
    assert_eq!((first.rows, first.more), (vec![two.clone()], true));
    let page = Page {
        limit: 1,
        before: Some(two.id),
    };
    let rest = w.store.keys(w.ws, page).await.unwrap();
    assert_eq!((rest.rows, rest.more), (vec![one], false));
}

pub async fn a_key_of_an_agent_elsewhere_is_refused(w: &World) {
    let other = w.other().await;
    let mut key = w.new_key();
    key.agent_id = Some(other.agent.id);
    let made = w.store.insert_key(&key, [1; 32]).await;
    assert!(matches!(made, Err(StoreError::NotFound)));
}

pub async fn the_last_live_admin_key_stays(w: &World) {
    let admin = || ApiKey {
        scope: Scope::Admin,
        agent_id: None,
        expires_at: None,
        ..w.new_key()
    };
    let (last, other) = (admin(), admin());
    let expired = ApiKey {
        expires_at: Some(w.now()),
        ..admin()
    };
    for (n, key) in (1..).zip([&last, &other, &expired, &w.new_key()]) {
        w.store.insert_key(key, [n; 32]).await.unwrap();
    }
    w.store.delete_key(w.ws, other.id, w.now()).await.unwrap();
    let gone = w.store.delete_key(w.ws, last.id, w.now()).await;
    assert!(matches!(gone, Err(StoreError::LastAdminKey)));
    w.store.delete_key(w.ws, expired.id, w.now()).await.unwrap();
    assert!(w.store.key_by_hash([1; 32]).await.unwrap().is_some());
}
