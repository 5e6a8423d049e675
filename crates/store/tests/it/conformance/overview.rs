//! What stands in a list beside its rows, and the lists that the numbers of an overview lead to.

use deskhand_store::{ConversationFilter, InvocationFilter};

use crate::world::*;

pub async fn conversations_with_how_they_begin(w: &World) {
    let long = "Where is my order? ".repeat(20);
    let mut begun = Vec::new();
    for text in ["Where is\n it?", &long] {
        let conversation = w.conversation(None);
        let first = w.next_turn(&conversation, true, text).await;
        w.store.finish_turn(&w.end(&first)).await.unwrap();
        w.next_turn(&first.conversation, false, "And now?").await;
        begun.push(conversation.id);
    }
    let other = w.other().await;
    other.running().await;
    let filter = ConversationFilter::default();
    let found = w.store.conversations(w.ws, &filter, all()).await.unwrap();
    let ids: Vec<_> = found.rows.iter().map(|row| row.conversation.id).collect();
    assert_eq!(ids, [begun[1], begun[0]]);
    let previews: Vec<_> = found
        .rows
        .iter()
        .map(|row| row.preview.as_deref())
        .collect();
    assert_eq!(previews[1], Some("Where is it?"));
    let cut = previews[0].unwrap();
    assert!(
        cut.ends_with("order? Where\u{2026}") && cut.chars().count() <= 140,
        "{cut}"
    );
}

pub async fn invocations_that_were_slow(w: &World) {
    let calls = super::lists::calls(w).await;
    let took: Vec<u64> = calls.iter().filter_map(|call| call.duration_ms).collect();
    let most = took.iter().max().copied().unwrap();
    let slower = async |ms: u64| {
        let filter = InvocationFilter {
            slower_than_ms: Some(ms),
            ..InvocationFilter::default()
        };
        let found = w.store.invocations(w.ws, &filter, all()).await.unwrap();
        found.rows.iter().map(|call| call.id).collect::<Vec<_>>()
    };
    let expected = took.iter().filter(|ms| **ms > most - 1).count();
    assert_eq!(slower(most - 1).await.len(), expected);
    assert!(slower(most).await.is_empty());
    assert!(slower(u64::MAX).await.is_empty());
}

pub async fn invocations_by_the_host_that_was_called(w: &World) {
    let running = w.running().await;
    let before = w.call(&running);
    w.record(&before, 1).await;
    // The action moves; what was called before stays with the old host.
    let mut moved = w.action.clone();
    moved.version = 2;
    moved.definition.webhook_url =
        "https://new.example:8443/orders?from=api.example.com".to_owned();
    w.store.update_action(&moved, &[]).await.unwrap();
    let mut after = w.call(&running);
    after.action_version = 2;
    w.record(&after, 2).await;
    let at = async |host: &str| {
        let filter = InvocationFilter {
            host: Some(host.to_owned()),
            ..InvocationFilter::default()
        };
        let found = w.store.invocations(w.ws, &filter, all()).await.unwrap();
        found.rows.iter().map(|call| call.id).collect::<Vec<_>>()
    };
    assert_eq!(at("NEW.example").await, [after.id]);
    let old = deskhand_domain::trace::host_of(&w.action.definition.webhook_url);
    assert_eq!(at(old).await, [before.id]);
    for none in ["example", "new.example:8443", "%", "elsewhere.example"] {
        assert!(at(none).await.is_empty(), "{none}");
    }
}
