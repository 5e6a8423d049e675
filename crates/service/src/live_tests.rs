use deskhand_domain::clock::Entropy;
use jiff::Timestamp;

use super::*;

#[derive(Debug)]
struct Fixed(u8);
impl Entropy for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

fn turn(n: u8) -> TurnId {
    TurnId::new(Timestamp::UNIX_EPOCH, &Fixed(n))
}

fn started(n: u8) -> TurnEvent {
    TurnEvent::Started {
        conversation_id: ConversationId::new(Timestamp::UNIX_EPOCH, &Fixed(0)),
        turn_id: turn(n),
    }
}

fn delta(text: &str) -> TurnEvent {
    TurnEvent::Delta {
        text: text.to_owned(),
    }
}

#[tokio::test]
async fn a_reader_gets_the_running_turn_from_its_start_and_then_what_comes() {
    let feed = Arc::new(Feed::default());
    feed.publish(turn(1), &started(1));
    feed.publish(turn(1), &delta("Your"));
    let mut reader = feed.read();
    feed.publish(turn(1), &delta(" order"));
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(reader.next().await.unwrap());
    }
    assert_eq!(seen[0].name, "turn.started");
    assert_eq!(&*seen[2].data, r#"{"text":" order"}"#);
    assert_eq!(
        seen[2].id,
        EventId {
            turn_id: turn(1),
            place: Some(2)
        }
    );
}

#[tokio::test]
async fn a_reader_goes_on_after_the_event_it_names() {
    let feed = Arc::new(Feed::default());
    feed.publish(turn(1), &started(1));
    for text in ["a", "b", "c"] {
        feed.publish(turn(1), &delta(text));
    }
    let id: EventId = format!("{}.2", turn(1)).parse().unwrap();
    let mut reader = feed.read_after(id).unwrap();
    assert_eq!(&*reader.next().await.unwrap().data, r#"{"text":"c"}"#);
    assert!(
        feed.read_after(EventId {
            turn_id: turn(2),
            place: Some(0)
        })
        .is_none()
    );
}

#[tokio::test]
async fn a_reader_that_falls_behind_is_let_go_and_nothing_piles_up() {
    let feed = Arc::new(Feed::default());
    feed.publish(turn(1), &started(1));
    let mut slow = feed.read();
    let text = "x".repeat(10_000);
    for _ in 0..1_000 {
        feed.publish(turn(1), &delta(&text));
    }
    assert!(slow.next().await.is_none());
    assert!(feed.lock().bytes <= KEPT_BYTES);
}

#[test]
fn feeds_live_as_long_as_somebody_holds_them() {
    let feeds = Feeds::default();
    let conversation = ConversationId::new(Timestamp::UNIX_EPOCH, &Fixed(1));
    let one = feeds.of(conversation);
    assert!(Arc::ptr_eq(&one, &feeds.of(conversation)));
    let weak = Arc::downgrade(&one);
    drop(one);
    assert!(weak.upgrade().is_none());
}

fn answer(n: u8) -> ChatAnswer {
    ChatAnswer {
        conversation_id: ConversationId::new(Timestamp::UNIX_EPOCH, &Fixed(0)),
        turn_id: turn(n),
        status: deskhand_domain::conversation::TurnStatus::Completed,
        role: None,
        reply: "It is done.".to_owned(),
        invocations: Vec::new(),
        confirmation: None,
    }
}

#[tokio::test]
async fn what_is_said_in_the_midst_of_a_turn_does_not_disturb_it() {
    let feed = Arc::new(Feed::default());
    feed.publish(turn(1), &started(1));
    let mut own = feed.read().only(turn(1));
    feed.publish(turn(1), &delta("Your"));
    feed.interject(answer(2));
    feed.publish(turn(1), &delta(" order"));
    let mut all = feed.read();
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(all.next().await.unwrap().id.to_string());
    }
    let (one, two) = (turn(1), turn(2));
    assert_eq!(
        seen,
        [
            format!("{one}.0"),
            format!("{one}.1"),
            format!("{two}.end"),
            format!("{one}.2")
        ]
    );
    let mut heard = Vec::new();
    for _ in 0..3 {
        heard.push(own.next().await.unwrap());
    }
    assert!(heard.iter().all(|event| event.id.turn_id == one));
    assert_eq!(&*heard[2].data, r#"{"text":" order"}"#);
}
