//! Conversations and turns.

use deskhand_domain::conversation::{Speaker, Step, StopReason, TurnStatus};
use deskhand_domain::prompt::{ToolCall, Usage};
use deskhand_domain::trace::{ModelOutcome, ModelTrace, TraceEntry};
use deskhand_store::{StoreError, WholeTurn};

use crate::world::*;

pub fn asked(text: &str) -> Step {
    Step::Asked {
        text: text.to_owned(),
        calls: vec![ToolCall {
            id: "call_1".to_owned(),
            name: "check_order_status".to_owned(),
            arguments: "{}".to_owned(),
        }],
    }
}

pub async fn a_turn_from_beginning_to_end(w: &World) {
    let running = w.running().await;
    let conversation = running.conversation.id;
    let open = w.store.past_turns(w.ws, conversation, 10).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].message.as_ref(), &open[0].reply),
        (Some(&running.message), &None)
    );
    let end = w.end(&running);
    w.store.finish_turn(&end).await.unwrap();
    let past = w.store.past_turns(w.ws, conversation, 10).await.unwrap();
    assert_eq!(past[0].reply, Some(end.reply.clone()));
    let stored = w.store.conversation(w.ws, conversation).await.unwrap();
    assert_eq!(stored.updated_at, end.reply.created_at);
}

pub async fn its_record_says_how_it_went(w: &World) {
    let running = w.running().await;
    let mut end = w.end(&running);
    end.status = TurnStatus::Failed;
    end.stop_reason = Some(StopReason::CallBudget);
    end.stop_detail = Some("5 of 5".to_owned());
    end.model_calls = 6;
    end.usage = Some(Usage {
        input_tokens: 900,
        output_tokens: 30,
    });
    w.store.finish_turn(&end).await.unwrap();
    let turns = w
        .store
        .turns(w.ws, running.conversation.id, 5)
        .await
        .unwrap();
    let turn = &turns[0];
    assert_eq!((turn.id, turn.status), (running.turn, TurnStatus::Failed));
    assert_eq!(turn.stop_reason, Some(StopReason::CallBudget));
    assert_eq!(turn.stop_detail.as_deref(), Some("5 of 5"));
    assert_eq!((turn.model_calls, turn.usage), (6, end.usage));
    assert_eq!(turn.started_at, running.message.created_at);
    assert_eq!(turn.finished_at, Some(end.reply.created_at));
}

pub async fn its_trace_is_read_back(w: &World) {
    let running = w.running().await;
    let mut end = w.end(&running);
    end.trace = vec![TraceEntry::Model(ModelTrace {
        n: 1,
        model: "builtin".to_owned(),
        started_ms: 0,
        first_token_ms: Some(1),
        duration_ms: 2,
        input_tokens: None,
        output_tokens: None,
        outcome: ModelOutcome::Reply,
        error: None,
    })];
    w.store.finish_turn(&end).await.unwrap();
    let next = w.next_turn(&running.conversation, false, "And now?").await;
    w.store.finish_turn(&w.end(&next)).await.unwrap();
    let turns = w.store.turns(w.ws, running.conversation.id, 5);
    let turns = turns.await.unwrap();
    assert_eq!(turns[0].trace.as_ref(), Some(&end.trace));
    assert_eq!(turns[1].trace, Some(Vec::new()));
}

pub async fn its_tokens_count_for_the_agents_day(w: &World) {
    let day = |end: &deskhand_store::FinishTurn| end.reply.created_at;
    let mut ends = Vec::new();
    for (input_tokens, output_tokens) in [(900, 30), (5, 1)] {
        let mut end = w.end(&w.running().await);
        end.usage = Some(Usage {
            input_tokens,
            output_tokens,
        });
        w.store.finish_turn(&end).await.unwrap();
        ends.push(end);
    }
    let free = w.end(&w.running().await);
    w.store.finish_turn(&free).await.unwrap();
    let tokens = async |at| {
        w.store
            .agent_tokens_of_day(w.ws, w.agent.id, at)
            .await
            .unwrap()
    };
    assert_eq!(tokens(day(&ends[1])).await, 936);
    let next_day = day(&ends[1]) + jiff::SignedDuration::from_hours(24);
    assert_eq!(tokens(next_day).await, 0);
}

pub async fn one_runs_at_a_time(w: &World) {
    let running = w.running().await;
    let second = w.turn(&running.conversation, false, "Hello?");
    let begun = w.store.begin_turn(&second).await;
    assert!(matches!(begun, Err(StoreError::TurnRunning)));
    let past = w.store.past_turns(w.ws, running.conversation.id, 10).await;
    assert_eq!(past.unwrap().len(), 1);
    let stored = w.store.conversation(w.ws, running.conversation.id).await;
    assert_eq!(stored.unwrap().updated_at, running.conversation.updated_at);
}

pub async fn one_is_begun_by_whoever_knows_all_before_it(w: &World) {
    let running = w.running().await;
    w.store.finish_turn(&w.end(&running)).await.unwrap();
    let said = w.say(&running.conversation, Speaker::Agent, "By the way.");
    w.store.say(&said).await.unwrap();
    let mut next = w.turn(&running.conversation, false, "And now?");
    for (known, begins) in [(1, false), (3, false), (2, true)] {
        next.known_turns = Some(known);
        let begun = w.store.begin_turn(&next).await;
        match begins {
            true => begun.unwrap(),
            false => assert!(matches!(begun, Err(StoreError::Behind)), "{begun:?}"),
        }
    }
    let past = w.store.past_turns(w.ws, running.conversation.id, 10).await;
    assert_eq!(past.unwrap().len(), 3);
}

pub async fn the_older_ones_are_read_apart(w: &World) {
    let running = w.running().await;
    w.store.finish_turn(&w.end(&running)).await.unwrap();
    for number in 2..=5 {
        let said = w.say(&running.conversation, Speaker::Agent, &format!("{number}"));
        w.store.say(&said).await.unwrap();
    }
    let other = w.running().await;
    let id = running.conversation.id;
    let all = w.store.past_turns(w.ws, id, 10).await.unwrap();
    let newest = w.store.past_turns(w.ws, id, 2).await.unwrap();
    assert_eq!(newest, all[3..]);
    let before = async |turn, most| w.store.past_turns_before(w.ws, id, turn, most).await;
    assert_eq!(before(newest[0].id, 2).await.unwrap(), all[1..3]);
    assert_eq!(before(newest[0].id, 10).await.unwrap(), all[..3]);
    assert_eq!(before(all[0].id, 10).await.unwrap(), []);
    let elsewhere = before(other.turn, 10).await;
    assert!(matches!(elsewhere, Err(StoreError::NotFound)));
    // Each by itself.
    let records = w.store.turns(w.ws, id, 10).await.unwrap();
    for (record, past) in records.into_iter().zip(all) {
        let one = w.store.turn(w.ws, record.id).await.unwrap();
        assert_eq!(one, WholeTurn { record, past });
    }
}

pub async fn another_conversation_is_not_held_up(w: &World) {
    w.running().await;
    w.running().await;
}

pub async fn the_next_begins_after_the_end(w: &World) {
    let running = w.running().await;
    w.store.finish_turn(&w.end(&running)).await.unwrap();
    let mut conversation = running.conversation.clone();
    conversation.contact.email = Some("ada@example.com".to_owned());
    let second = w.next_turn(&conversation, false, "And now?").await;
    let stored = w.store.conversation(w.ws, conversation.id).await.unwrap();
    assert_eq!(stored, second.conversation);
    assert_eq!(stored.contact.email.as_deref(), Some("ada@example.com"));
}

pub async fn it_ends_once(w: &World) {
    let running = w.running().await;
    w.store.finish_turn(&w.end(&running)).await.unwrap();
    let again = w.store.finish_turn(&w.end(&running)).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))));
}

pub async fn it_ends_in_its_own_conversation_only(w: &World) {
    let (one, two) = (w.running().await, w.running().await);
    let mut end = w.end(&one);
    end.conversation_id = two.conversation.id;
    let ended = w.store.finish_turn(&end).await;
    assert!(matches!(ended, Err(StoreError::NotFound)));
}

pub async fn steps_come_back_in_order(w: &World) {
    let running = w.running().await;
    let mut begin = w.begin(vec![(w.call(&running), 1)]);
    begin.steps = vec![asked("one"), Step::Answered { results: vec![] }];
    w.store.begin_invocations(&begin).await.unwrap();
    let mut begin = w.begin(vec![(w.call(&running), 2)]);
    begin.steps = vec![asked("two")];
    w.store.begin_invocations(&begin).await.unwrap();
    let mut end = w.end(&running);
    end.steps = vec![Step::Answered { results: vec![] }, asked("three")];
    w.store.finish_turn(&end).await.unwrap();
    let past = w.store.past_turns(w.ws, running.conversation.id, 1).await;
    let answered = || Step::Answered { results: vec![] };
    let expected = [
        asked("one"),
        answered(),
        asked("two"),
        answered(),
        asked("three"),
    ];
    assert_eq!(past.unwrap()[0].steps, expected);
}

pub async fn only_the_last_turns_come_back(w: &World) {
    let mut running = w.running().await;
    for n in 0..4 {
        let mut end = w.end(&running);
        end.steps = vec![asked(&n.to_string())];
        w.store.finish_turn(&end).await.unwrap();
        let text = format!("message {n}");
        running = w.next_turn(&running.conversation, false, &text).await;
    }
    let id = running.conversation.id;
    let past = w.store.past_turns(w.ws, id, 3).await.unwrap();
    let texts: Vec<_> = past
        .iter()
        .map(|t| t.message.as_ref().unwrap().text.as_str())
        .collect();
    assert_eq!(texts, ["message 1", "message 2", "message 3"]);
    let steps: Vec<_> = past.iter().map(|t| t.steps.clone()).collect();
    assert_eq!(steps, [vec![asked("2")], vec![asked("3")], vec![]]);
    let records = w.store.turns(w.ws, id, 2).await.unwrap();
    let ids: Vec<_> = past[1..].iter().map(|t| t.id).collect();
    assert_eq!(records.iter().map(|r| r.id).collect::<Vec<_>>(), ids);
}

pub async fn turns_of_one_moment_stay_in_order(w: &World) {
    let first = w.running().await;
    let mut expected = vec![first.turn];
    w.store.finish_turn(&w.end(&first)).await.unwrap();
    let now = w.now();
    for _ in 0..5 {
        let mut begin = w.turn(&first.conversation, false, "again");
        begin.turn_id = deskhand_domain::id::TurnId::new(now, &w.entropy);
        begin.message.turn_id = begin.turn_id;
        begin.message.created_at = now;
        w.store.begin_turn(&begin).await.unwrap();
        expected.push(begin.turn_id);
        let running = Running {
            turn: begin.turn_id,
            ..first.clone()
        };
        w.store.finish_turn(&w.end(&running)).await.unwrap();
    }
    let past = w.store.past_turns(w.ws, first.conversation.id, 9).await;
    let ids: Vec<_> = past.unwrap().iter().map(|t| t.id).collect();
    assert_eq!(ids, expected);
}

pub async fn a_step_needs_a_running_turn(w: &World) {
    let running = w.running().await;
    w.store.finish_turn(&w.end(&running)).await.unwrap();
    let begin = w.begin(vec![(w.call(&running), 1)]);
    let begun = w.store.begin_invocations(&begin).await;
    assert!(matches!(begun, Err(StoreError::Conflict(_))));
}

pub async fn something_may_be_said_while_one_runs(w: &World) {
    let running = w.running().await;
    let id = running.conversation.id;
    let say = w.say(
        &running.conversation,
        Speaker::Person,
        "I am looking into it.",
    );
    w.store.say(&say).await.unwrap();
    w.store.finish_turn(&w.end(&running)).await.unwrap();
    let past = w.store.past_turns(w.ws, id, 9).await.unwrap();
    let said: Vec<_> = past
        .iter()
        .map(|turn| turn.said().map(|message| message.text.as_str()).collect())
        .collect::<Vec<Vec<_>>>();
    assert_eq!(
        said,
        [
            vec!["Where is it?", "Here it is."],
            vec!["I am looking into it."]
        ]
    );
    assert_eq!(past[1].reply, Some(say.message.clone()));
    let records = w.store.turns(w.ws, id, 9).await.unwrap();
    assert_eq!(records[1].status, TurnStatus::Completed);
    assert_eq!(records[1].about_invocation_id, None);
    assert_eq!(records[1].finished_at, Some(say.message.created_at));
    let newest = w.store.newest_turn(w.ws, id).await.unwrap();
    assert_eq!(newest, Some((say.message.turn_id, 2)));
}

pub async fn what_is_said_is_said_where_the_conversation_is(w: &World) {
    let other = w.other().await;
    let running = w.running().await;
    let mut say = w.say(&running.conversation, Speaker::Agent, "Hello");
    say.workspace_id = other.ws;
    let said = w.store.say(&say).await;
    assert!(matches!(said, Err(StoreError::NotFound)));
    let turns = w.store.turns(w.ws, running.conversation.id, 9).await;
    assert_eq!(turns.unwrap().len(), 1);
}
