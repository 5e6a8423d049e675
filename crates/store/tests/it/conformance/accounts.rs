//! Accounts, sessions, links, invitations.

use deskhand_domain::account::{Email, Invitation, User};
use deskhand_domain::id::{InvitationId, SessionId, UserId, WorkspaceId};
use deskhand_domain::secret::Secret;
use deskhand_domain::workspace::Workspace;
use deskhand_store::{
    AcceptInvitation, AccountChanges, Credentials, NewSession, OpenSession, SetUp, SetUpDone,
    StoreError,
};
use jiff::{SignedDuration, Timestamp};

use crate::world::*;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

pub fn session(w: &World, hash: u8) -> NewSession {
    let now = w.now();
    NewSession {
        id: SessionId::new(now, &w.entropy),
        hash: [hash; 32],
        user_agent: Some("Firefox".to_owned()),
        replaces: None,
        now,
        expires_at: now + HOUR,
    }
}

pub fn set_up(w: &World, token: u8, hash: u8) -> SetUp {
    let now = w.now();
    let workspace = Workspace {
        id: WorkspaceId::new(now, &w.entropy),
        name: "Willow".to_owned(),
        created_at: now,
    };
    SetUp {
        token: [token; 32],
        first: Credentials {
            user: User {
                id: UserId::new(now, &w.entropy),
                workspace_id: workspace.id,
                name: "Ada".to_owned(),
                email: email("Ada@example.com"),
                created_at: now,
            },
            password_hash: Secret::new("$argon2id$ada"),
        },
        workspace,
        session: session(w, hash),
    }
}

/// The first account, signed in with the token that has this hash.
pub async fn first(w: &World, hash: u8) -> OpenSession {
    let until = w.now() + HOUR;
    assert!(w.store.put_setup_token([90; 32], until).await.unwrap());
    match w.store.set_up(&set_up(w, 90, hash)).await.unwrap() {
        SetUpDone::Done(open) => *open,
        other => panic!("{other:?}"),
    }
}

fn invitation(w: &World, address: &str) -> Invitation {
    let now = w.now();
    Invitation {
        id: InvitationId::new(now, &w.entropy),
        workspace_id: w.ws,
        email: email(address),
        created_at: now,
        expires_at: now + HOUR,
    }
}

fn accept(w: &World, token: u8, hash: u8) -> AcceptInvitation {
    AcceptInvitation {
        token: [token; 32],
        user_id: UserId::new(w.now(), &w.entropy),
        name: "Bob".to_owned(),
        password_hash: Secret::new("$argon2id$bob"),
        session: session(w, hash),
    }
}

/// Somebody invited who has joined, signed in with the token that has this hash.
pub async fn joined(w: &World, address: &str, hash: u8) -> OpenSession {
    let invitation = invitation(w, address);
    w.store
        .insert_invitation(&invitation, [hash; 32])
        .await
        .unwrap();
    let done = w.store.accept_invitation(&accept(w, hash, hash)).await;
    done.unwrap().unwrap()
}

async fn opens(w: &World, hash: u8, at: Timestamp) -> bool {
    w.store
        .session_by_hash([hash; 32], at)
        .await
        .unwrap()
        .is_some()
}

pub async fn the_first_joins_the_workspace_that_is_there(w: &World) {
    assert!(!w.store.has_users().await.unwrap());
    let open = first(w, 1).await;
    assert!(w.store.has_users().await.unwrap());
    assert_eq!(
        (open.workspace.id, open.workspace.name.as_str()),
        (w.ws, "Willow")
    );
    assert_eq!(
        (open.user.workspace_id, open.session.user_id),
        (w.ws, open.user.id)
    );
    let read = w.store.session_by_hash([1; 32], w.now()).await.unwrap();
    assert_eq!(read.as_ref(), Some(&open));
    assert_eq!(w.store.workspace(w.ws).await.unwrap(), open.workspace);
    let stored = w
        .store
        .credentials_by_email(&email("ADA@EXAMPLE.com"))
        .await;
    let stored = stored.unwrap().unwrap();
    assert_eq!(stored.user, open.user);
    assert_eq!(stored.password_hash.expose(), "$argon2id$ada");
}

pub async fn a_set_up_token_is_the_last_one_in_time_and_once(w: &World) {
    let until = w.now() + HOUR;
    w.store.put_setup_token([1; 32], until).await.unwrap();
    w.store.put_setup_token([2; 32], until).await.unwrap();
    let works = async |token: u8, at| w.store.setup_token_works([token; 32], at).await.unwrap();
    assert!(!works(1, w.now()).await);
    assert!(works(2, w.now()).await && !works(2, until).await);
    let done = w.store.set_up(&set_up(w, 1, 1)).await.unwrap();
    assert!(matches!(done, SetUpDone::TokenInvalid));
    let mut late = set_up(w, 2, 1);
    late.session.now = until;
    let done = w.store.set_up(&late).await.unwrap();
    assert!(matches!(done, SetUpDone::TokenInvalid));
    assert!(!w.store.has_users().await.unwrap());
    w.store.set_up(&set_up(w, 2, 1)).await.unwrap();
    let done = w.store.set_up(&set_up(w, 2, 2)).await.unwrap();
    assert!(matches!(done, SetUpDone::AlreadySetUp));
    assert!(!w.store.put_setup_token([3; 32], until).await.unwrap());
}

pub async fn a_session_ends_in_its_time(w: &World) {
    let open = first(w, 1).await;
    let end = open.session.expires_at;
    assert!(opens(w, 1, end - SignedDuration::from_millis(1)).await);
    assert!(!opens(w, 1, end).await);
    let later = w.now() + HOUR;
    let id = open.session.id;
    let now = w.now();
    w.store.touch_session(w.ws, id, now, later).await.unwrap();
    assert!(opens(w, 1, end).await);
    let read = w
        .store
        .session_by_hash([1; 32], end)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (read.session.last_used_at, read.session.expires_at),
        (now, later)
    );
    let members = w.store.members(w.ws, all()).await.unwrap().rows;
    assert_eq!(members[0].last_seen_at, Some(now));
}

pub async fn a_new_session_may_end_another(w: &World) {
    let open = first(w, 1).await;
    let mut next = session(w, 2);
    next.replaces = Some([1; 32]);
    let begun = w.store.insert_session(w.ws, open.user.id, &next).await;
    assert_eq!(begun.unwrap().user, open.user);
    assert!(opens(w, 2, w.now()).await && !opens(w, 1, w.now()).await);
    let nobody = UserId::new(w.now(), &w.entropy);
    let begun = w.store.insert_session(w.ws, nobody, &session(w, 3)).await;
    assert!(matches!(begun, Err(StoreError::NotFound)));
}

pub async fn sessions_are_ones_own(w: &World) {
    let ada = first(w, 1).await;
    let bob = joined(w, "bob@example.com", 2).await;
    let second = session(w, 3);
    w.store
        .insert_session(w.ws, ada.user.id, &second)
        .await
        .unwrap();
    let list = async |user, at| w.store.sessions(w.ws, user, at, all()).await.unwrap().rows;
    let own = list(ada.user.id, w.now()).await;
    let ids: Vec<_> = own.iter().map(|session| session.id).collect();
    assert_eq!(ids, [second.id, ada.session.id]);
    assert!(list(ada.user.id, second.expires_at).await.is_empty());
    let foreign = w.store.delete_session(w.ws, bob.user.id, second.id).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)));
    w.store
        .delete_session(w.ws, ada.user.id, second.id)
        .await
        .unwrap();
    assert!(!opens(w, 3, w.now()).await && opens(w, 1, w.now()).await);
}

pub async fn an_account_changes_in_what_is_given(w: &World) {
    let ada = first(w, 1).await;
    joined(w, "bob@example.com", 2).await;
    w.store
        .insert_session(w.ws, ada.user.id, &session(w, 3))
        .await
        .unwrap();
    let change = async |changes| w.store.update_account(w.ws, ada.user.id, &changes).await;
    let changed = change(AccountChanges {
        name: Some("Ada L.".to_owned()),
        ..AccountChanges::default()
    });
    let changed = changed.await.unwrap();
    assert_eq!(
        (changed.name.as_str(), &changed.email),
        ("Ada L.", &ada.user.email)
    );
    let taken = change(AccountChanges {
        email: Some(email("BOB@example.com")),
        ..AccountChanges::default()
    });
    assert!(matches!(
        taken.await,
        Err(StoreError::Taken { field: "email" })
    ));
    change(AccountChanges {
        password: Some((Secret::new("$argon2id$new"), ada.session.id)),
        ..AccountChanges::default()
    })
    .await
    .unwrap();
    let stored = w.store.credentials(w.ws, ada.user.id).await.unwrap();
    assert_eq!(stored.password_hash.expose(), "$argon2id$new");
    let now = w.now();
    assert!(opens(w, 1, now).await && opens(w, 2, now).await && !opens(w, 3, now).await);
}

pub async fn the_last_account_stays(w: &World) {
    let ada = first(w, 1).await;
    let gone = w.store.delete_member(w.ws, ada.user.id).await;
    assert!(matches!(gone, Err(StoreError::LastMember)));
    joined(w, "bob@example.com", 2).await;
    let until = w.now() + HOUR;
    w.store
        .insert_sign_in_link(w.ws, ada.user.id, [4; 32], until)
        .await
        .unwrap();
    w.store.delete_member(w.ws, ada.user.id).await.unwrap();
    assert!(!opens(w, 1, w.now()).await);
    let link = w.store.redeem_sign_in_link([4; 32], &session(w, 5)).await;
    assert!(link.unwrap().is_none());
    let again = w.store.delete_member(w.ws, ada.user.id).await;
    assert!(matches!(again, Err(StoreError::NotFound)));
    joined(w, "ada@example.com", 6).await;
}

pub async fn a_link_signs_in_once_and_in_time(w: &World) {
    let ada = first(w, 1).await;
    let until = w.now() + HOUR;
    for token in [4, 5] {
        w.store
            .insert_sign_in_link(w.ws, ada.user.id, [token; 32], until)
            .await
            .unwrap();
    }
    let redeem = async |token: u8, session| {
        let done = w.store.redeem_sign_in_link([token; 32], &session).await;
        done.unwrap().map(|open| open.user.id)
    };
    let mut late = session(w, 6);
    late.now = until;
    assert_eq!(redeem(4, late).await, None);
    assert_eq!(redeem(9, session(w, 6)).await, None);
    assert_eq!(redeem(5, session(w, 6)).await, Some(ada.user.id));
    assert_eq!(redeem(5, session(w, 7)).await, None);
    assert!(opens(w, 6, w.now()).await && !opens(w, 7, w.now()).await);
}

pub async fn an_invitation_is_accepted_once_and_in_time(w: &World) {
    let invited = invitation(w, "bob@example.com");
    w.store.insert_invitation(&invited, [1; 32]).await.unwrap();
    let works = async |token: u8, at| w.store.invitation_works([token; 32], at).await.unwrap();
    assert!(works(1, w.now()).await && !works(1, invited.expires_at).await);
    let listed = w.store.invitations(w.ws, all()).await.unwrap().rows;
    assert_eq!(listed.as_slice(), std::slice::from_ref(&invited));
    let mut late = accept(w, 1, 1);
    late.session.now = invited.expires_at;
    assert!(w.store.accept_invitation(&late).await.unwrap().is_none());
    let open = w
        .store
        .accept_invitation(&accept(w, 1, 1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (&open.user.email, open.workspace.id),
        (&invited.email, w.ws)
    );
    let again = w.store.accept_invitation(&accept(w, 1, 2)).await.unwrap();
    assert!(again.is_none());
    assert!(
        w.store
            .invitations(w.ws, all())
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}

pub async fn a_later_invitation_takes_the_place_of_an_earlier(w: &World) {
    let (one, two) = (
        invitation(w, "bob@example.com"),
        invitation(w, "Bob@Example.com"),
    );
    w.store.insert_invitation(&one, [1; 32]).await.unwrap();
    w.store.insert_invitation(&two, [2; 32]).await.unwrap();
    assert!(!w.store.invitation_works([1; 32], w.now()).await.unwrap());
    w.store.delete_invitation(w.ws, two.id).await.unwrap();
    let again = w.store.delete_invitation(w.ws, two.id).await;
    assert!(matches!(again, Err(StoreError::NotFound)));
    assert!(!w.store.invitation_works([2; 32], w.now()).await.unwrap());
}

pub async fn an_address_has_one_account_on_the_server(w: &World) {
    first(w, 1).await;
    let here = invitation(w, "ada@example.com");
    let made = w.store.insert_invitation(&here, [2; 32]).await;
    assert!(matches!(made, Err(StoreError::Taken { field: "email" })));
    let other = w.other().await;
    let there = invitation(&other, "ADA@example.com");
    other
        .store
        .insert_invitation(&there, [3; 32])
        .await
        .unwrap();
    let joined = other.store.accept_invitation(&accept(&other, 3, 3)).await;
    assert!(matches!(joined, Err(StoreError::Taken { field: "email" })));
    // All of it or nothing.
    assert!(
        other
            .store
            .invitation_works([3; 32], other.now())
            .await
            .unwrap()
    );
    assert!(!opens(w, 3, w.now()).await);
}
