//! That nothing is counted by walking a table: what SQLite says that it would do.

use super::*;
use crate::sqlite::tests::plan;

fn workspace() -> WorkspaceId {
    "ws_00000000000000000000000000".parse().unwrap()
}

fn filter() -> StatisticsFilter {
    StatisticsFilter {
        from: Timestamp::UNIX_EPOCH,
        to: Timestamp::from_second(86_400).unwrap(),
        parts: 24,
        agent_id: Some("agt_00000000000000000000000000".parse().unwrap()),
        action: Some("cancel_order".to_owned()),
    }
}

#[test]
fn finished_calls_are_counted_in_their_index_alone() {
    let plan = plan(finished(workspace(), &filter()));
    let index = "USING COVERING INDEX invocations_statistics (workspace_id=? AND created_at>? AND created_at<?)";
    assert!(plan.contains(index), "{plan}");
}

#[test]
fn times_are_taken_from_that_index_newest_first() {
    let plan = plan(times::grouped_by(workspace(), &filter(), " action_id", 10));
    let index = "USING COVERING INDEX invocations_statistics (workspace_id=? AND created_at>? AND created_at<?)";
    assert!(plan.contains(index), "{plan}");
}

#[test]
fn calls_under_way_are_found_by_their_status() {
    let all = StatisticsFilter {
        agent_id: None,
        action: None,
        ..filter()
    };
    for filter in [filter(), all] {
        let plan = plan(under_way(workspace(), &filter));
        let index = "invocations_status (workspace_id=? AND status=? AND id>? AND id<?)";
        assert!(plan.contains(index), "{plan}");
    }
}

#[test]
fn turns_are_counted_in_their_index_alone() {
    let plan = plan(turns(workspace(), &filter()));
    let index =
        "USING COVERING INDEX turns_statistics (workspace_id=? AND started_at>? AND started_at<?)";
    assert!(plan.contains(index), "{plan}");
}

#[test]
fn conversations_are_counted_by_an_index() {
    let mut filter = filter();
    let of_one = plan(conversations(workspace(), &filter));
    assert!(
        of_one.contains("conversations_agent (workspace_id=? AND agent_id=? AND id>? AND id<?)"),
        "{of_one}"
    );
    filter.agent_id = None;
    let of_all = plan(conversations(workspace(), &filter));
    assert!(
        of_all.contains("(workspace_id=? AND id>? AND id<?)"),
        "{of_all}"
    );
}

#[test]
fn open_questions_are_read_newest_first() {
    let plan = plan(unanswered(workspace(), &filter()));
    assert!(plan.contains("USING INDEX turns_unanswered"), "{plan}");
    assert!(plan.contains("messages_turn"), "{plan}");
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}

#[test]
fn the_last_failure_of_an_action_is_one_look() {
    let id = "act_00000000000000000000000000".parse().unwrap();
    let plan = plan(lookup::last_failure(workspace(), id, &filter()));
    assert!(
        plan.contains(
            "USING INDEX invocations_failures (workspace_id=? AND action_id=? AND id>? AND id<?)"
        ),
        "{plan}"
    );
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}

#[test]
fn the_latest_calls_of_an_action_are_read_in_order() {
    let plan = plan(times::latest(
        workspace(),
        "cancel_order",
        Timestamp::UNIX_EPOCH,
    ));
    assert!(
        plan.contains("USING INDEX invocations_action (workspace_id=? AND action=? AND id>?)"),
        "{plan}"
    );
}

#[test]
fn parts_begin_where_the_one_before_ends() {
    let mut filter = filter();
    filter.parts = 7;
    assert_eq!(filter.start_of(0), filter.from);
    assert_eq!(filter.start_of(7), filter.to);
    let span = filter.to.as_millisecond();
    for part in 0..7 {
        let first = filter.start_of(part).as_millisecond();
        assert_eq!(first * 7 / span, i64::from(part));
        assert_eq!((first - 1) * 7 / span, i64::from(part.max(1)) - 1);
    }
}
