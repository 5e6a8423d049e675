use proptest::prelude::*;
use serde_json::json;

use super::super::evidence::overlap;
use super::super::normal::fold;
use super::super::numbers;
use super::super::token::tokens;
use super::*;

/// The same text in another case, with other digits and other things between its runs.
fn respelt(text: &str, seed: u8) -> String {
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        let roll = (usize::from(seed) + i * 7) % 5;
        match c {
            '0'..='9' => {
                let digit = u32::from(c) - 0x30;
                let zero = [0x30, 0xFF10, 0x660, 0x966, 0x1D7CE][usize::from(seed) % 5];
                out.push(char::from_u32(zero + digit).unwrap());
            }
            c if c.is_ascii_alphabetic() && roll < 2 => out.push(c.to_ascii_uppercase()),
            ' ' | '-' => out.push_str(["", " ", "-", " / ", "\u{a0}"][roll]),
            c => out.push(c),
        }
    }
    out
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(leaves).sum(),
        Value::Object(map) => map.values().map(leaves).sum(),
        _ => 1,
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[0-9:/. apm-]{0,12}".prop_map(Value::from),
        "(ORD-1|tomorrow|5 May|none|12)".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z~/]{1,3}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

/// What a customer and an agent may say, much of it about moments, amounts and orders.
fn lines() -> impl Strategy<Value = Vec<String>> {
    let line = "(agent: )?(yes|no|ORD-1|ORD-12|tomorrow|at 3|tomorrow at 3|12.50|12|not |for example |5 May|the week after|half past 3| and | or |\\?|, ){1,6}";
    prop::collection::vec(line, 1..5)
}

proptest! {
    #[test]
    fn numbers_are_found_by_their_place(
        text in "([0-9]{1,3}[ ,.$€%k-]{0,2}|two |a dozen |[a-z]{1,3} ){0,12}",
        from in 0_usize..40,
        length in 1_usize..10,
    ) {
        let scan = numbers::scan(&tokens(&text));
        let span = (from, from + length);
        let there: Vec<_> = scan.at(span).collect();
        let all: Vec<_> = scan.numbers.iter().filter(|n| overlap(n.span, span)).collect();
        prop_assert_eq!(there, all);
    }
}

proptest! {
    #[test]
    fn what_was_said_passes_in_any_spelling(
        before in "[a-z ]{0,12}", value in "[A-Z]{2,4}-[0-9]{4,6}", after in "[a-z .]{0,12}", seed in any::<u8>(),
    ) {
        let said = format!("{before} {} {after}", respelt(&value, seed));
        let found = talk(&[&said]).accepts(value);
        prop_assert_eq!(found.source, ProvenanceSource::Message);
        let (start, end) = found.span.unwrap();
        let words: String = said.chars().skip(start).take(end - start).collect();
        prop_assert_eq!(Some(words), found.text);
    }

    #[test]
    fn a_piece_of_a_run_never_passes(digits in "[1-9][0-9]{4,9}", cut in 1usize..4, front in any::<bool>()) {
        let said = format!("my order is ORD-{digits}");
        let piece = if front { &digits[..cut] } else { &digits[cut..] };
        talk(&[&said]).refuses(piece);
        talk(&[&said]).refuses(format!("ORD-{piece}"));
        talk(&[&said]).refuses(piece.parse::<i64>().unwrap());
    }

    #[test]
    fn whatever_is_cut_out_between_runs_passes(
        runs in prop::collection::vec("[a-zж]{1,5}|[0-9]{1,5}", 1..8), from in any::<prop::sample::Index>(), length in 1usize..4,
    ) {
        let said = runs.join(" ");
        let from = from.index(runs.len());
        let cut = &runs[from..runs.len().min(from + length)];
        let found = talk(&[&said]).property(json!({"x-grounding": "verbatim"})).judge(json!({"v": cut.join("-")}));
        // A cut such as "3-pm" may read as a time, which then counts by value.
        prop_assert!(found.refused.iter().all(|r| r.reason != RefusedReason::NotSaid), "{:?}", found);
    }

    #[test]
    fn a_whole_message_vouches_for_itself(said in "[^\\pC\\pL]{0,3}\\PC{0,20}[@＠1-9]?\\PC{0,20}") {
        prop_assume!(!fold(&said).is_empty());
        let found = talk(&[&said]).property(json!({"x-grounding": "verbatim"})).judge(json!({"v": said}));
        prop_assert!(found.refused.iter().all(|r| r.reason != RefusedReason::NotSaid), "{:?}", found);
    }

    #[test]
    fn an_invented_id_is_refused(said in "[a-z ,.!]{0,60}", value in "[A-Z]{3}-[0-9]{5}") {
        talk(&[&said]).refuses(value);
    }

    #[test]
    fn every_leaf_is_judged_once_whatever_is_said(
        lines in prop::collection::vec("(agent: )?(\\PC|yes|ORD-1|tomorrow at 3|12.50|[0-9:/-]| the week after | 5 May | half past | a dozen ){0,24}", 0..4),
        value in any_json(),
    ) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let judged = talk(&lines).judge(json!({"v": value}));
        prop_assert_eq!(judged.accepted.len() + judged.refused.len(), leaves(&value));
        for found in &judged.accepted {
            if let (Some((start, end)), Some(text)) = (found.span, &found.text) {
                prop_assert_eq!(text.chars().count(), end - start);
            }
        }
    }

    // A long conversation is judged by its end first.
    #[test]
    fn what_was_said_before_takes_no_ground_away(
        older in lines(), newer in lines(), value in "(ORD-1|tomorrow|tomorrow at 3|5 May|2026-05-05|2026-05-06T15:00:00+01:00|12|12.50|yes|half past 3)",
    ) {
        let all: Vec<&str> = older.iter().chain(&newer).map(String::as_str).collect();
        let newer: Vec<&str> = newer.iter().map(String::as_str).collect();
        let value = json!({"v": value});
        if talk(&newer).judge(value.clone()).refused.is_empty() {
            let judged = talk(&all).judge(value);
            prop_assert!(judged.refused.is_empty(), "{:?}", judged);
        }
    }

    #[test]
    fn no_text_makes_a_scanner_panic(text in "(\\PC|[0-9.,:/'½%$-]|half|past|the|next|of|in|to|and|a|dozen|hundred|million| ){0,40}") {
        let zone = jiff::tz::TimeZone::UTC;
        let _ = numbers::find(&text);
        let _ = when::find(&text, now(), &zone);
        let _ = when::parse(&text, now(), &zone, false);
        let _ = examples_in(&text);
        let _ = is_placeholder(&text);
        let _ = agrees(&text);
    }

    #[test]
    fn no_schema_makes_the_rules_panic(schema in any_json(), value in any_json()) {
        let judged = talk(&["hi"]).schema(json!({"properties": {"v": schema}})).judge(json!({"v": value}));
        prop_assert_eq!(judged.accepted.len() + judged.refused.len(), leaves(&value));
    }
}
