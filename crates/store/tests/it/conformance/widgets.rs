//! The widget: settings, origins, identity secrets, visitors' tokens.

use deskhand_domain::id::WorkspaceId;
use deskhand_domain::secret::Secret;
use deskhand_domain::widget::{Position, WidgetSettings};
use deskhand_store::{ConversationFilter, StoreError, Whose};
use jiff::SignedDuration;

use crate::world::*;

fn settings() -> WidgetSettings {
    WidgetSettings {
        enabled: true,
        title: Some("Ask us".to_owned()),
        position: Position::Left,
        ..WidgetSettings::default()
    }
}

async fn put(w: &World) {
    let settings = settings();
    let put = w.store.put_widget(w.ws, w.agent.id, &settings, w.now());
    put.await.unwrap();
}

async fn set_origins(w: &World, origins: &[String]) {
    let change = w.store.change_workspace(w.ws, None, Some(origins));
    change.await.unwrap();
}

fn texts(origins: &[&str]) -> Vec<String> {
    origins.iter().map(|origin| (*origin).to_owned()).collect()
}

pub async fn settings_read_back_as_stored(w: &World) {
    assert_eq!(w.store.widget(w.ws, w.agent.id).await.unwrap(), None);
    for settings in [settings(), WidgetSettings::default()] {
        let put = w.store.put_widget(w.ws, w.agent.id, &settings, w.now());
        put.await.unwrap();
        let stored = w.store.widget(w.ws, w.agent.id).await.unwrap();
        assert_eq!(stored, Some(settings));
    }
}

pub async fn settings_need_an_agent(w: &World) {
    let other = w.other().await;
    let put = async |ws: WorkspaceId| {
        w.store
            .put_widget(ws, w.agent.id, &settings(), w.now())
            .await
    };
    assert!(matches!(put(other.ws).await, Err(StoreError::NotFound)));
    put(w.ws).await.unwrap();
    assert_eq!(w.store.widget(other.ws, w.agent.id).await.unwrap(), None);
    w.store.delete_agent(w.ws, w.agent.id).await.unwrap();
    assert!(matches!(put(w.ws).await, Err(StoreError::NotFound)));
}

pub async fn a_page_finds_the_agent_by_its_id(w: &World) {
    assert_eq!(w.store.widget_host(w.agent.id).await.unwrap(), None);
    let origins = texts(&["https://shop.example"]);
    set_origins(w, &origins).await;
    put(w).await;
    let host = w.store.widget_host(w.agent.id).await.unwrap().unwrap();
    assert_eq!(host.agent, w.agent);
    assert_eq!(host.settings, settings());
    assert_eq!(host.origins, origins);
    let other = w.other().await;
    assert_eq!(w.store.widget_host(other.agent.id).await.unwrap(), None);
}

pub async fn a_deleted_agent_has_no_page(w: &World) {
    put(w).await;
    w.store.delete_agent(w.ws, w.agent.id).await.unwrap();
    assert_eq!(w.store.widget_host(w.agent.id).await.unwrap(), None);
}

pub async fn origins_are_replaced_in_their_order(w: &World) {
    let other = w.other().await;
    let theirs = texts(&["https://b.example"]);
    set_origins(&other, &theirs).await;
    for origins in [
        texts(&[
            "https://z.example",
            "https://b.example",
            "https://m.example",
        ]),
        texts(&["https://b.example", "https://z.example"]),
        Vec::new(),
    ] {
        set_origins(w, &origins).await;
        assert_eq!(w.store.widget_origins(w.ws).await.unwrap(), origins);
    }
    assert_eq!(w.store.widget_origins(other.ws).await.unwrap(), theirs);
}

pub async fn an_origin_is_known_as_long_as_one_has_it(w: &World) {
    let other = w.other().await;
    let known = async || w.store.is_widget_origin("https://b.example").await.unwrap();
    let origins = texts(&["https://b.example"]);
    assert!(!known().await);
    set_origins(w, &origins).await;
    set_origins(&other, &origins).await;
    set_origins(w, &[]).await;
    assert!(known().await);
    assert!(!w.store.is_widget_origin("https://b.exampl").await.unwrap());
    set_origins(&other, &[]).await;
    assert!(!known().await);
}

pub async fn a_workspace_changes_in_what_is_given(w: &World) {
    let origins = texts(&["https://shop.example"]);
    let change = async |ws, name: Option<&str>, origins: Option<&[String]>| {
        w.store.change_workspace(ws, name, origins).await
    };
    change(w.ws, Some("Bakery"), Some(&origins)).await.unwrap();
    change(w.ws, None, None).await.unwrap();
    assert_eq!(w.store.workspace(w.ws).await.unwrap().name, "Bakery");
    assert_eq!(w.store.widget_origins(w.ws).await.unwrap(), origins);
    let nobodys = WorkspaceId::new(w.now(), &w.entropy);
    for (name, origins) in [(Some("Bakery"), None), (None, Some(&*origins))] {
        let changed = change(nobodys, name, origins).await;
        assert!(matches!(changed, Err(StoreError::NotFound)));
    }
}

async fn secrets(w: &World, after: SignedDuration) -> Vec<String> {
    let at = w.now() + after;
    let secrets = w.store.identity_secrets(w.ws, at).await.unwrap();
    let texts = secrets.iter().map(|one| one.secret.expose().to_owned());
    texts.collect()
}

async fn rotate(w: &World, secret: &str, overlap: SignedDuration) {
    let now = w.now();
    let secret = Secret::new(secret);
    let rotated = w
        .store
        .rotate_identity_secret(w.ws, &secret, now, now + overlap);
    rotated.await.unwrap();
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);

pub async fn an_identity_secret_is_kept_sealed_to_its_workspace(w: &World) {
    let other = w.other().await;
    assert_eq!(secrets(w, SignedDuration::ZERO).await, [""; 0]);
    rotate(w, "first", HOUR).await;
    assert_eq!(secrets(w, HOUR * 24 * 365).await, ["first"]);
    assert!(secrets(&other, SignedDuration::ZERO).await.is_empty());
}

pub async fn rotated_the_old_identity_secret_lives_until_its_time(w: &World) {
    rotate(w, "first", HOUR).await;
    rotate(w, "second", HOUR).await;
    assert_eq!(secrets(w, SignedDuration::ZERO).await, ["second", "first"]);
    assert_eq!(secrets(w, HOUR * 2).await, ["second"]);
    // No life is prolonged.
    rotate(w, "third", HOUR * 10).await;
    let after = secrets(w, HOUR * 2).await;
    assert_eq!(after, ["third", "second"]);
}

pub async fn rotated_at_once_the_old_identity_secret_is_gone(w: &World) {
    rotate(w, "first", HOUR).await;
    rotate(w, "second", SignedDuration::ZERO).await;
    assert_eq!(secrets(w, SignedDuration::ZERO).await, ["second"]);
}

pub async fn a_token_opens_in_its_workspace_only(w: &World) {
    let other = w.other().await;
    let says = Secret::new("who they are");
    let token = w.store.seal_token(w.ws, &says).await.unwrap();
    assert!(!token.contains("who"), "{token}");
    let open = async |ws, token: &str| w.store.open_token(ws, token).await.unwrap();
    assert_eq!(open(w.ws, &token).await, Some(says));
    assert_eq!(open(other.ws, &token).await, None);
    let nobodys = WorkspaceId::new(w.now(), &w.entropy);
    assert_eq!(open(nobodys, &token).await, None);
    for broken in ["", "AQ==", "made up", &token[1..], &format!("{token}A")] {
        assert_eq!(open(w.ws, broken).await, None, "{broken}");
    }
}

pub async fn a_conversation_keeps_whether_its_contact_was_proven(w: &World) {
    let mut conversation = w.conversation(Some("cus_1"));
    conversation.contact_verified = true;
    let first = w.next_turn(&conversation, true, "hi").await;
    let stored = w.store.conversation(w.ws, conversation.id).await.unwrap();
    assert!(stored.contact_verified);
    w.store.finish_turn(&w.end(&first)).await.unwrap();
    conversation.contact_verified = false;
    w.next_turn(&conversation, false, "hi again").await;
    let stored = w.store.conversation(w.ws, conversation.id).await.unwrap();
    assert!(!stored.contact_verified);
}

pub async fn a_visitor_finds_their_own_conversations(w: &World) {
    let mut made = Vec::new();
    for (contact, verified) in [
        (None, false),
        (None, false),
        (Some("cus_1"), true),
        (Some("cus_1"), false),
    ] {
        let mut conversation = w.conversation(contact);
        conversation.contact_verified = verified;
        let begin = w.turn(&conversation, true, "hi");
        w.store.begin_turn(&begin).await.unwrap();
        made.push(conversation);
    }
    let find = async |whose: Whose| {
        let filter = ConversationFilter {
            whose: Some(whose),
            ..ConversationFilter::default()
        };
        let listed = w.store.conversations(w.ws, &filter, all()).await.unwrap();
        listed
            .rows
            .iter()
            .map(|row| row.conversation.id)
            .collect::<Vec<_>>()
    };
    let unnamed = |at: usize| Whose::Unnamed(made[at].own_contact_id);
    let proven = |id: &str| Whose::Proven(id.to_owned());
    assert_eq!(find(unnamed(0)).await, [made[0].id]);
    assert_eq!(find(unnamed(1)).await, [made[1].id]);
    // Somebody whom the host site has named is found by that name alone.
    assert!(find(unnamed(2)).await.is_empty());
    // What was only asserted may be anybody's.
    assert_eq!(find(proven("cus_1")).await, [made[2].id]);
    assert!(find(proven("cus_2")).await.is_empty());
}
