//! What every store must do. A case takes a fresh [`World`](crate::world::World) on an empty store
//! and knows nothing of the database behind it; a new case is a function and its name in the list.

pub mod accounts;
pub mod actions;
pub mod agents;
pub mod callbacks;
pub mod circuits;
pub mod deliveries;
pub mod events;
pub mod foreign;
pub mod handoffs;
pub mod idempotency;
pub mod invocations;
pub mod lists;
pub mod nodes;
pub mod overview;
pub mod races;
pub mod secrets;
pub mod settling;
pub mod statistics;
pub mod turns;
pub mod widgets;
pub mod workspaces;

/// Makes one test of every case, on the store that `$open` (an async function) gives.
macro_rules! instantiate {
    ($open:path) => {
        crate::conformance::cases! { $open,
            workspaces {
                the_first_is_the_oldest
                one_is_not_made_twice
                it_answers
                closed_it_answers_no_more
                a_key_is_found_by_its_hash
                a_key_hash_is_taken_once
                a_deleted_key_opens_nothing
                keys_are_listed_newest_first
                a_key_of_an_agent_elsewhere_is_refused
                the_last_live_admin_key_stays
            }
            accounts {
                the_first_joins_the_workspace_that_is_there
                a_set_up_token_is_the_last_one_in_time_and_once
                a_session_ends_in_its_time
                a_new_session_may_end_another
                sessions_are_ones_own
                an_account_changes_in_what_is_given
                the_last_account_stays
                a_link_signs_in_once_and_in_time
                an_invitation_is_accepted_once_and_in_time
                a_later_invitation_takes_the_place_of_an_earlier
                an_address_has_one_account_on_the_server
            }
            actions {
                read_back_as_stored
                a_name_is_unique_in_its_workspace
                a_name_is_free_in_another_workspace
                a_refused_name_leaves_nothing
                a_name_cannot_be_changed_to_a_taken_one
                a_name_is_free_after_a_delete
                a_deleted_one_is_out_of_sight
                a_change_makes_a_version
                a_stale_version_conflicts
                a_delete_is_refused_while_a_call_awaits_confirmation
                a_delete_is_refused_while_a_call_is_intended
                a_delete_is_refused_while_a_call_is_sending
                a_delete_is_refused_while_a_call_is_accepted
                a_delete_is_allowed_when_calls_are_settled
            }
            races {
                one_turn_begins
                one_new_conversation_is_made
                one_admin_key_stays
                no_more_are_attached_than_may_be
                one_change_of_an_action_follows_on_each
                identical_calls_are_one
                a_call_comes_to_one_end
                nothing_is_lost_of_changes_to_different_fields
            }
            secrets {
                kept_when_none_is_given
                replaced_when_one_is_given
                removed_with_their_header
                gone_for_good_when_the_header_comes_back
                removed_when_the_header_is_no_secret_any_more
                refused_for_a_header_that_is_not_there
                untouched_by_a_stale_change
                wiped_with_their_action
                rotated_the_old_one_lives_until_its_time
                rotated_twice_no_life_is_prolonged
                rotated_at_once_the_old_one_is_gone
            }
            agents {
                what_has_changed_is_offered_anew
                read_back_as_stored
                changed_as_a_whole
                a_deleted_one_is_out_of_sight
                actions_come_in_the_order_attached
                the_order_holds_within_one_moment
                attaching_again_changes_nothing
                no_more_than_the_limit
                detached_once
                attached_actions_are_the_current_version
                what_is_deleted_cannot_be_attached
            }
            turns {
                a_turn_from_beginning_to_end
                its_record_says_how_it_went
                its_trace_is_read_back
                its_tokens_count_for_the_agents_day
                one_runs_at_a_time
                one_is_begun_by_whoever_knows_all_before_it
                something_may_be_said_while_one_runs
                what_is_said_is_said_where_the_conversation_is
                the_older_ones_are_read_apart
                another_conversation_is_not_held_up
                the_next_begins_after_the_end
                it_ends_once
                it_ends_in_its_own_conversation_only
                steps_come_back_in_order
                only_the_last_turns_come_back
                turns_of_one_moment_stay_in_order
                a_step_needs_a_running_turn
            }
            invocations {
                recorded_and_read_back
                a_test_run_needs_no_conversation
                a_turns_calls_come_in_their_order
                intended_is_an_open_twin
                sending_is_an_open_twin
                unknown_is_an_open_twin
                accepted_is_an_open_twin
                awaiting_confirmation_is_no_twin
                succeeded_is_no_twin
                declined_is_no_twin
                failed_is_no_twin
                completed_is_no_twin
                expired_is_no_twin
                cancelled_is_no_twin
                a_twin_may_stand_in_the_same_batch
                other_parameters_make_no_twin
                another_action_makes_no_twin
                another_conversation_makes_no_twin
                the_budget_stops_the_next_call
                the_budget_counts_earlier_turns
                the_budget_is_one_conversations
                the_budget_forgets_what_is_before_its_window
                the_budget_does_not_count_refusals
                the_budget_counts_what_failed_on_its_way
                a_twin_costs_no_budget
                a_batch_is_all_or_nothing
                each_call_needs_its_hash
                sending_is_marked_from_intended
                a_later_attempt_keeps_the_first_moment
                nothing_else_may_be_sent
                a_success_is_kept
                a_refusal_is_kept
                a_failure_is_kept
                an_unknown_outcome_is_kept
                what_is_accepted_has_no_end_yet
                it_is_settled_once
                late_attempts_are_kept_all_the_same
                a_call_without_attempts_has_none
                a_call_may_be_recorded_as_sending
                what_was_not_sent_after_all_counts_as_never_sent
            }
            lists {
                agents_newest_first
                rows_of_one_moment_come_once_each
                a_full_last_page_has_no_more
                actions_newest_first
                conversations_newest_first_by_contact_and_agent
                conversations_from_a_moment_to_before_another
                conversations_of_a_contact_by_our_own_id
                conversations_by_mode_and_by_how_a_turn_ended
                conversations_by_what_was_said
                invocations_newest_first
                invocations_by_agent
                invocations_by_action
                invocations_by_status
                invocations_by_failure
                invocations_by_failure_and_status
                invocations_by_conversation
                invocations_from_a_moment_to_before_another
                invocations_by_text
                invocations_that_are_trials
            }
            overview {
                conversations_with_how_they_begin
                invocations_that_were_slow
                invocations_by_the_host_that_was_called
            }
            statistics {
                calls_are_counted_by_part_version_and_status
                the_times_are_those_of_the_nearest_rank
                trials_are_not_counted
                one_agent_or_action_is_counted_alone
                turns_tokens_and_conversations_are_summed
                open_questions_are_listed_newest_first
                the_last_failure_of_each_action_is_found
                versions_are_found_removed_ones_too
                the_latest_calls_of_an_action_say_how_slow_it_is
                another_workspace_counts_nothing
            }
            foreign {
                keys_are_not_found
                people_are_not_found
                claims_are_not_found
                agents_are_not_found
                actions_are_not_found
                attaching_finds_neither_side
                conversations_are_not_found
                turns_are_not_found
                a_conversation_with_a_foreign_agent_is_not_made
                invocations_are_not_found
                an_invocation_of_foreign_things_is_not_recorded
            }
            idempotency {
                the_first_claim_is_fresh
                a_second_one_finds_it_running
                of_many_at_once_one_is_fresh
                asked_for_twice_under_one_id_it_is_fresh_twice
                a_settled_one_gives_its_answer
                another_body_is_told_apart
                another_route_is_another_key
                another_workspace_is_another_key
                a_released_one_is_fresh_again
                it_is_settled_once
                the_turn_is_noted_with_its_beginning
                a_turn_is_not_begun_for_a_lost_claim
                one_with_a_turn_is_not_released
                an_answer_is_forgotten_in_its_time
                a_running_one_is_not_forgotten
                a_forgotten_one_settles_no_later_one
                left_behind_without_a_turn_it_is_fresh_again
                left_behind_with_a_turn_it_stands_for_it
                what_was_stored_outlives_a_restart
                of_a_living_node_it_is_left_alone
                a_failure_after_a_turn_began_leaves_the_answer_to_the_turn
                left_behind_after_its_work_it_is_not_worked_for_again
                given_back_after_its_work_it_is_not_worked_for_again
                what_came_to_nothing_is_no_work
                the_answer_may_come_after_it_was_given_up
                for_a_lost_claim_nothing_is_stored
            }
            callbacks {
                a_call_is_found_by_its_tokens
                what_is_over_gets_no_token
                progress_is_kept_while_it_is_under_way
                of_a_hundred_reports_at_once_one_settles
                a_report_settles_what_is_open_and_nothing_else
                ends_that_come_while_their_turn_runs_are_said_with_its_reply_or_right_after_it
                of_a_report_and_the_end_of_its_turn_at_once_the_later_says_it
                a_report_beats_the_calls_own_answer
                an_operator_settles_what_is_unknown_once
                what_nobody_reports_on_is_overdue_in_its_time
                one_of_another_workspace_is_not_found
            }
            handoffs {
                one_waits_from_the_end_of_its_turn_until_it_is_handed_back
                whoever_wants_to_know_is_told_once
                those_that_wait_are_listed
                what_nobody_knows_the_outcome_of_is_counted
                one_of_another_workspace_is_not_answered_in
            }
            circuits {
                one_is_opened_once_by_whoever_is_first
                one_call_goes_through_whoever_asks
                a_change_is_seen_with_what_is_on_offer
                a_changed_action_begins_anew
                one_of_another_workspace_is_not_found
            }
            widgets {
                settings_read_back_as_stored
                settings_need_an_agent
                a_page_finds_the_agent_by_its_id
                a_deleted_agent_has_no_page
                origins_are_replaced_in_their_order
                a_workspace_changes_in_what_is_given
                an_origin_is_known_as_long_as_one_has_it
                an_identity_secret_is_kept_sealed_to_its_workspace
                rotated_the_old_identity_secret_lives_until_its_time
                rotated_at_once_the_old_identity_secret_is_gone
                a_token_opens_in_its_workspace_only
                a_conversation_keeps_whether_its_contact_was_proven
                a_visitor_finds_their_own_conversations
            }
            events {
                a_turn_is_told_from_its_beginning_to_its_end
                what_is_said_without_a_question_is_told
                a_call_is_told_with_its_outcome
                a_call_that_was_refused_is_told
                a_call_is_told_once
                trials_are_told_to_nobody
                what_is_taken_back_is_told_to_nobody
                each_endpoint_gets_what_it_wants
                an_endpoint_hears_of_what_comes_after_it
                one_that_is_off_hears_nothing_and_what_was_under_way_ends
                a_removed_one_is_out_of_sight_with_its_deliveries
                it_changes_in_what_is_given
                there_are_no_more_than_the_limit
                its_secret_is_rotated_as_an_actions
                those_of_another_workspace_are_not_there
            }
            deliveries {
                claimed_by_one_until_the_claim_ends
                of_many_claims_at_once_each_delivery_has_one
                a_slow_endpoint_leaves_room_for_others
                one_that_fails_is_tried_one_at_a_time_and_last
                tried_again_when_its_time_has_come
                an_endpoint_that_is_gone_is_disabled_and_the_others_hear_of_it
                five_days_of_nothing_but_failure_disable
                one_success_in_five_days_is_enough
                a_trial_by_hand_says_nothing_of_the_endpoint
                delivered_again_it_is_the_same_event
                forgotten_after_their_time_a_little_at_once
            }
            settling {
                intended_has_failed
                sending_is_unknown
                a_look_up_that_was_sending_has_failed
                what_was_settled_or_waits_stands
                a_running_turn_ends_with_the_apology
                a_turn_whose_call_may_have_gone_through_does_not_say_that_it_did_not
                every_workspace_is_looked_through_once
                a_trial_of_a_node_that_is_gone_is_settled
                a_trial_of_a_living_node_is_not
                a_call_left_in_flight_by_a_turn_that_ended_is_settled
            }
            nodes {
                a_turn_without_a_living_node_is_taken_over
                a_turn_of_a_living_node_is_left_alone
                a_lease_ends_and_can_be_renewed
                a_turn_is_taken_over_once
                no_more_are_taken_than_asked_for
                a_node_that_lost_its_turn_writes_nothing_in_it
                the_new_owner_goes_on_with_it
                what_is_handed_over_is_taken_at_once
                a_turn_of_ones_own_is_begun_anew
                a_turn_that_comes_back_is_not_its_owners_of_before
                a_node_that_begins_is_alive
            }
        }
    };
}
pub(crate) use instantiate;

macro_rules! cases {
    ($open:path, $($noun:ident { $($case:ident)* })*) => {
        $(
            crate::conformance::noun! { $open, $noun, $($case)* }
        )*
    };
}
pub(crate) use cases;

macro_rules! noun {
    ($open:path, $noun:ident, $($case:ident)*) => {
        mod $noun { $(
            #[tokio::test]
            async fn $case() {
                // None where the database is not installed, which has been said.
                let Some((store, _keep)) = $open().await else {
                    return;
                };
                let world = crate::world::World::new(store).await;
                crate::conformance::$noun::$case(&world).await;
                world.store.close().await;
            }
        )* }
    };
}
pub(crate) use noun;
