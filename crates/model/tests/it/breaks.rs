//! Answers of every kind, whole and broken, in both formats.

use std::time::Duration;

use deskhand_domain::limits::{
    CALLS_PER_ANSWER, MODEL_ANSWER, MODEL_FIRST_TOKEN, MODEL_SILENCE, REPLY_CHARS,
};
use deskhand_domain::prompt::{Answer, Usage};
use deskhand_model::{Deltas, ModelError};
use deskhand_testkit::ModelServer;
use deskhand_testkit::model_server::{Call, Script};
use serde_json::json;
use tokio::time::Instant;

use crate::support::{PROVIDERS, ask_of, is_retry, long_prompt, model_of, prompt};

#[derive(Default)]
struct Pieces(Vec<String>);

impl Deltas for Pieces {
    fn text(&mut self, piece: &str) {
        self.0.push(piece.to_owned());
    }
    fn reset(&mut self) {
        self.0.clear();
    }
}

const USAGE: Usage = Usage {
    input_tokens: 100,
    output_tokens: 20,
};

#[tokio::test]
async fn a_reply_comes_whole_and_in_pieces() {
    for provider in PROVIDERS {
        let server = ModelServer::start().await;
        server.reply("Grüße! Your order has shipped.");
        let mut pieces = Pieces::default();
        let answer = model_of(provider, &server)
            .answer(&prompt(), &mut pieces)
            .await
            .unwrap();
        assert_eq!(answer.text, "Grüße! Your order has shipped.", "{provider}");
        assert!(pieces.0.len() > 1);
        assert_eq!(pieces.0.concat(), answer.text);
        assert_eq!(answer.usage, Some(USAGE), "{provider}");
        server.assert_protocol();
    }
}

#[tokio::test]
async fn several_calls_come_in_one_answer() {
    for provider in PROVIDERS {
        let server = ModelServer::start().await;
        server.script(Script::Answer {
            text: "Let me look.".to_owned(),
            calls: ["ORD-1", "ORD-2"]
                .map(|order| Call {
                    id: format!("call_{order}"),
                    name: "check_order_status".to_owned(),
                    arguments: json!({"order_number": order}).to_string(),
                })
                .to_vec(),
        });
        let answer = ask_of(provider, &server).await.unwrap();
        assert_eq!(answer.text, "Let me look.");
        assert_eq!(answer.usage, Some(USAGE), "{provider}");
        let calls: Vec<_> = answer
            .calls
            .iter()
            .map(|call| {
                (
                    call.id.as_str(),
                    call.name.as_str(),
                    call.arguments.as_str(),
                )
            })
            .collect();
        assert_eq!(
            calls,
            [
                (
                    "call00000",
                    "check_order_status",
                    r#"{"order_number":"ORD-1"}"#
                ),
                (
                    "call00001",
                    "check_order_status",
                    r#"{"order_number":"ORD-2"}"#
                ),
            ],
            "{provider}"
        );
    }
}

#[tokio::test]
async fn every_call_is_sent_back_with_its_result_right_behind_it() {
    for provider in PROVIDERS {
        let server = ModelServer::start().await;
        server.reply("Still nothing.");
        model_of(provider, &server)
            .answer(&long_prompt(), &mut Pieces::default())
            .await
            .unwrap();
        server.assert_protocol();
    }
}

#[tokio::test]
async fn broken_arguments_and_unknown_names_arrive_as_written() {
    for provider in PROVIDERS {
        let server = ModelServer::start().await;
        server.call_raw("no_such_tool", r#"{"order_number": "ORD-"#);
        let answer = ask_of(provider, &server).await.unwrap();
        assert_eq!(answer.calls[0].name, "no_such_tool");
        assert_eq!(
            answer.calls[0].arguments, r#"{"order_number": "ORD-"#,
            "{provider}"
        );
    }
}

#[tokio::test]
async fn arguments_that_are_no_object_arrive_as_written() {
    for provider in PROVIDERS {
        let server = ModelServer::start().await;
        for odd in ["[1]", "7", "null", "\"ORD-1\""] {
            server.call_raw("check_order_status", odd);
            let answer = ask_of(provider, &server).await.unwrap();
            let arrived = answer.calls[0].arguments.as_str();
            // `null` says nothing, as the empty text does.
            let expected = if odd == "null" { "{}" } else { odd };
            assert!(
                arrived == expected || format!("\"{arrived}\"") == odd,
                "{provider}: {odd} became {arrived}"
            );
        }
    }
}

#[tokio::test]
async fn no_arguments_are_an_empty_object() {
    for provider in PROVIDERS {
        let server = ModelServer::start().await;
        server.call_raw("list_orders", "");
        let answer = ask_of(provider, &server).await.unwrap();
        assert_eq!(answer.calls[0].arguments, "{}", "{provider}");
    }
}

#[tokio::test]
async fn ids_that_are_empty_odd_or_used_twice_are_replaced() {
    for provider in PROVIDERS {
        let server = ModelServer::start().await;
        server.calls_with_ids([
            ("abcdefgh1", "f", "{}"),
            ("abcdefgh1", "g", "{}"),
            ("", "h", "{}"),
            ("functions.i:0", "i", "{}"),
            ("toolu_01A09q90qw90lq917835lq9", "j", "{}"),
        ]);
        let calls = ask_of(provider, &server).await.unwrap().calls;
        let mut ids: Vec<_> = calls.iter().map(|call| call.id.as_str()).collect();
        assert_eq!(ids[0], "abcdefgh1");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 5, "{provider}");
        // The one form that Mistral takes.
        let is_taken = |id: &&str| id.len() == 9 && id.bytes().all(|b| b.is_ascii_alphanumeric());
        assert!(ids.iter().all(is_taken), "{ids:?}");
    }
}

#[tokio::test]
async fn no_more_calls_are_read_than_a_turn_could_use() {
    for provider in PROVIDERS {
        let server = ModelServer::start().await;
        server.calls((0..40).map(|n| ("f", json!({"n": n}))));
        let answer = ask_of(provider, &server).await.unwrap();
        assert_eq!(answer.calls.len(), CALLS_PER_ANSWER, "{provider}");
    }
}

#[tokio::test]
async fn an_absurdly_long_reply_is_cut() {
    for provider in PROVIDERS {
        let server = ModelServer::start().await;
        server.reply(&"long ".repeat(100_000));
        let answer = ask_of(provider, &server).await.unwrap();
        assert_eq!(answer.text.chars().count(), REPLY_CHARS, "{provider}");
    }
}

#[tokio::test]
async fn absurdly_long_arguments_are_another_try() {
    for provider in PROVIDERS {
        let server = ModelServer::start().await;
        server.call("f", json!({"x": "y".repeat(200_000)}));
        let outcome = ask_of(provider, &server).await;
        assert!(is_retry(&outcome), "{provider}: {outcome:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_whole_is_another_try() {
    for provider in PROVIDERS {
        let server = ModelServer::start().await;
        server
            .reply("")
            .reply(" \n")
            .script(Script::Cut("Your ord".to_owned()))
            .script(Script::NoEnd("Your order".to_owned()))
            .script(Script::ErrorMidStream("Your order".to_owned()))
            .script(Script::Raw("data: <html>\n\n".to_owned()))
            .script(Script::Raw(String::new()))
            .script(Script::Raw(
                "event: content_block_delta\ndata: {\"delta\"\n\n".to_owned(),
            ))
            .status(500, "oops")
            .status(502, "no upstream")
            .status(503, "busy")
            .status(529, "Overloaded");
        while server.left() > 0 {
            let outcome = ask_of(provider, &server).await;
            assert!(
                is_retry(&outcome),
                "{provider}, {} left: {outcome:?}",
                server.left()
            );
        }
    }
}

#[tokio::test]
async fn what_will_never_work_is_given_up() {
    for provider in PROVIDERS {
        let server = ModelServer::start().await;
        server
            .status(400, "max_tokens: too large")
            .status(401, "invalid x-api-key")
            .status(403, "not for you")
            .status(404, "model: scripted")
            .status(413, "Request exceeds the maximum size");
        while server.left() > 0 {
            let outcome = ask_of(provider, &server).await;
            assert!(
                matches!(outcome, Err(ModelError::GiveUp { .. })),
                "{provider}: {outcome:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_full_house_says_when_to_come_back() {
    for provider in PROVIDERS {
        let server = ModelServer::start().await;
        server.too_many("7");
        assert_eq!(
            ask_of(provider, &server).await,
            Err(ModelError::Retry {
                after: Some(Duration::from_secs(7)),
                detail: "429 Too Many Requests: Rate limit reached".to_owned()
            }),
            "{provider}"
        );
    }
}

/// Asks, lets only timers move once the request has arrived, and says how long it took.
async fn waits(provider: &str, script: Script) -> (Result<Answer, ModelError>, Duration) {
    let server = ModelServer::start().await;
    server.script(script);
    let model = model_of(provider, &server);
    let asking = tokio::spawn(async move { model.answer(&prompt(), &mut Pieces::default()).await });
    server.arrived(1).await;
    tokio::time::pause();
    let start = Instant::now();
    let outcome = asking.await.unwrap();
    let took = start.elapsed();
    tokio::time::resume();
    (outcome, took)
}

fn near(took: Duration, limit: Duration) -> bool {
    took + Duration::from_secs(2) >= limit && took <= limit + Duration::from_secs(2)
}

#[tokio::test]
async fn silence_is_another_try() {
    for provider in PROVIDERS {
        let (outcome, took) = waits(provider, Script::Hang).await;
        assert!(is_retry(&outcome), "{provider}: {outcome:?}");
        assert!(near(took, MODEL_FIRST_TOKEN), "{provider}: {took:?}");
        let (outcome, took) = waits(provider, Script::HangMidStream("Your ord".to_owned())).await;
        assert!(is_retry(&outcome), "{provider}: {outcome:?}");
        assert!(near(took, MODEL_SILENCE), "{provider}: {took:?}");
    }
}

#[tokio::test]
async fn a_sign_of_life_is_no_first_word() {
    for provider in PROVIDERS {
        let (outcome, took) = waits(provider, Script::Heartbeats(Duration::from_secs(5))).await;
        assert!(is_retry(&outcome), "{provider}: {outcome:?}");
        assert!(near(took, MODEL_FIRST_TOKEN), "{provider}: {took:?}");
    }
}

#[tokio::test]
async fn an_answer_that_trickles_on_ends_in_another_try() {
    for provider in PROVIDERS {
        let trickle = Script::Trickle {
            text: "and ".to_owned(),
            every: Duration::from_secs(10),
        };
        let (outcome, took) = waits(provider, trickle).await;
        assert!(is_retry(&outcome), "{provider}: {outcome:?}");
        assert!(near(took, MODEL_ANSWER), "{provider}: {took:?}");
    }
}
