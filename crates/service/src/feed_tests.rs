use deskhand_domain::clock::Entropy;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

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

fn feed() -> Feed {
    Feed::new(ConversationId::new(Timestamp::UNIX_EPOCH, &Fixed(0)), None)
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
    let feed = Arc::new(feed());
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
    let feed = Arc::new(feed());
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
    let feed = Arc::new(feed());
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
    let feeds = crate::live::Feeds::new(None);
    let conversation = ConversationId::new(Timestamp::UNIX_EPOCH, &Fixed(1));
    let one = feeds.of(conversation);
    assert!(Arc::ptr_eq(&one, &feeds.of(conversation)));
    let weak = Arc::downgrade(&one);
    drop(one);
    assert!(weak.upgrade().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_feed_in_which_a_turn_has_ended_is_kept_for_a_minute() {
    let feeds = crate::live::Feeds::new(None);
    let conversation = ConversationId::new(Timestamp::UNIX_EPOCH, &Fixed(0));
    let feed = feeds.of(conversation);
    feed.publish(turn(1), &started(1));
    feed.publish(turn(1), &TurnEvent::of_answer(answer(1)));
    feeds.keep(&feed);
    drop(feed);
    tokio::time::advance(std::time::Duration::from_secs(59)).await;
    feeds.forget_ended();
    let start: EventId = format!("{}.0", turn(1)).parse().unwrap();
    let known = feeds.known(conversation).unwrap();
    let end = known.read_after(start).unwrap().next().await.unwrap();
    assert!(end.is_last());
    drop(known);
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    feeds.forget_ended();
    assert!(feeds.known(conversation).is_none());
}

#[tokio::test(start_paused = true)]
async fn of_feeds_in_which_turns_have_ended_only_so_many_bytes_are_kept() {
    let feeds = crate::live::Feeds::new(None);
    let conversation = |n: u8| ConversationId::new(Timestamp::UNIX_EPOCH, &Fixed(n));
    let full = |n: u8| {
        let feed = feeds.of(conversation(n));
        let long = "x".repeat(KEPT_BYTES / 8);
        for _ in 0..7 {
            feed.publish(turn(n), &delta(&long));
        }
        feeds.keep(&feed);
    };
    (0..200).for_each(full);
    // The same one again and again takes no more room.
    for _ in 0..200 {
        feeds.keep(&feeds.of(conversation(199)));
    }
    let kept = (0..200).filter(|n| feeds.known(conversation(*n)).is_some());
    let kept: Vec<u8> = kept.collect();
    assert!(
        kept.len() * KEPT_BYTES * 7 / 8 <= 32 * 1024 * 1024,
        "{kept:?}"
    );
    assert!(kept.len() > 60, "{kept:?}");
    assert_eq!(kept.last(), Some(&199));
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
    let feed = Arc::new(feed());
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

/// An event that another node tells of.
fn word(n: u8, place: Option<u32>, event: &TurnEvent) -> LiveEvent {
    let turn_id = turn(n);
    LiveEvent::new(EventId { turn_id, place }, event)
}

async fn ids(reader: &mut Reader, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..count {
        let id = reader.next().await.unwrap().id.to_string();
        ids.push(id.rsplit_once('.').unwrap().1.to_owned());
    }
    ids
}

#[tokio::test]
async fn what_another_node_tells_twice_is_heard_once() {
    let feed = Arc::new(feed());
    let mut reader = feed.read();
    for _ in 0..2 {
        feed.relayed(word(1, Some(0), &started(1)));
        feed.relayed(word(1, Some(1), &delta("a")));
    }
    for _ in 0..2 {
        feed.relayed(word(1, None, &TurnEvent::Completed(answer(1))));
        feed.end(answer(1));
    }
    feed.relayed(word(1, Some(0), &started(1)));
    feed.relayed(word(2, Some(0), &started(2)));
    assert_eq!(ids(&mut reader, 4).await, ["0", "1", "end", "0"]);
}

#[tokio::test]
async fn where_an_event_is_missing_readers_are_let_go_and_those_of_a_turn_stay() {
    let feed = Arc::new(feed());
    let mut follows = feed.read();
    feed.relayed(word(1, Some(0), &started(1)));
    let mut only = feed.read().only(turn(1));
    assert_eq!(ids(&mut follows, 1).await, ["0"]);
    feed.relayed(word(1, Some(2), &delta("b")));
    assert!(follows.next().await.is_none());
    // Whoever comes back is told what is stored, not what is kept here.
    let seen = EventId {
        turn_id: turn(1),
        place: Some(0),
    };
    assert!(feed.read_after(seen).is_none());
    feed.end(answer(1));
    assert_eq!(ids(&mut only, 2).await, ["0", "end"]);
}

#[tokio::test]
async fn a_turn_that_is_not_known_from_its_beginning_is_heard_of_at_its_end() {
    let feed = Arc::new(feed());
    let mut reader = feed.read();
    feed.relayed(word(1, Some(3), &delta("b")));
    feed.relayed(word(1, None, &TurnEvent::Completed(answer(1))));
    assert_eq!(ids(&mut reader, 1).await, ["end"]);
}

#[tokio::test]
async fn a_turn_that_another_node_goes_on_with_begins_anew() {
    let feed = Arc::new(feed());
    let mut reader = feed.read();
    feed.publish(turn(1), &started(1));
    feed.publish(turn(1), &delta("a"));
    feed.relayed(word(1, Some(1_000_000), &started(1)));
    feed.relayed(word(1, Some(1_000_001), &TurnEvent::Reset {}));
    assert_eq!(ids(&mut reader, 4).await, ["0", "1", "1000000", "1000001"]);
}

#[tokio::test]
async fn a_reader_whose_turn_is_handed_over_reads_what_was_said_and_ends() {
    let feed = Arc::new(feed());
    let handing_over = CancellationToken::new();
    feed.publish(turn(1), &started(1));
    let mut reader = feed.read().only(turn(1)).until(handing_over.clone());
    feed.publish(turn(1), &delta("Your"));
    handing_over.cancel();
    assert_eq!(reader.next().await.unwrap().name, "turn.started");
    assert_eq!(reader.next().await.unwrap().name, "message.delta");
    assert!(reader.next().await.is_none());
}

#[tokio::test]
async fn the_rest_of_a_turn_is_at_hand_whatever_was_missed_of_others() {
    let feed = Arc::new(feed());
    feed.publish(turn(1), &started(1));
    feed.publish(turn(1), &delta("Your"));
    feed.interject(answer(2));
    feed.publish(turn(1), &delta(" order"));
    let seen: EventId = format!("{}.1", turn(1)).parse().unwrap();
    assert!(feed.rest_of_turn(seen).is_none(), "it runs");
    feed.publish(turn(1), &TurnEvent::of_answer(answer(1)));
    // Something may have happened elsewhere.
    feed.let_go();
    assert!(feed.read_after(seen).is_none());
    let rest = feed.rest_of_turn(seen).unwrap();
    let rest: Vec<_> = rest.iter().map(|event| event.id).collect();
    let place = |place| EventId {
        turn_id: turn(1),
        place,
    };
    assert_eq!(rest, [place(Some(2)), place(None)]);
}

#[tokio::test]
async fn of_a_turn_that_runs_elsewhere_a_gap_leaves_no_rest() {
    let feed = Arc::new(feed());
    feed.relayed(word(1, Some(0), &started(1)));
    feed.relayed(word(1, Some(1), &delta("Your")));
    feed.let_go();
    feed.relayed(word(1, Some(3), &delta("is on")));
    feed.end(answer(1));
    let seen: EventId = format!("{}.1", turn(1)).parse().unwrap();
    assert!(feed.knows_end(turn(1)));
    assert!(feed.rest_of_turn(seen).is_none());
}
