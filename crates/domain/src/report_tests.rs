//! What is told to a model of a call, and how it is cut.

use proptest::prelude::*;

use super::*;

#[test]
fn only_the_named_fields_are_visible() {
    let result = json!({"order": {"status": "shipped", "cost_price": 3}, "lines": [{"sku": "A"}, {"sku": "B"}]});
    let fields = [
        "/order/status".to_owned(),
        "/lines/1/sku".to_owned(),
        "/absent".to_owned(),
    ];
    assert_eq!(
        visible_result(&result, Some(&fields)),
        json!({"order": {"status": "shipped"}, "lines": {"1": {"sku": "B"}}})
    );
    assert_eq!(visible_result(&result, None), result);
}

#[test]
fn a_large_result_says_how_much_is_left_out() {
    let result = json!({"log": "x".repeat(40_000), "status": "shipped"});
    let Report::Succeeded {
        result,
        left_out_bytes,
        ..
    } = Report::succeeded(Some(&result), None)
    else {
        panic!("a success");
    };
    assert_eq!(result["status"], "shipped");
    assert!(left_out_bytes.unwrap() > 20_000);
}

#[test]
fn a_number_that_does_not_fit_is_left_out() {
    let wide = json!({"a": "x".repeat(40), "b": 1_000_000_000_000_000_000_u64});
    let (kept, _) = cut(wide, 64);
    assert!(json_len(&kept) <= 64, "{kept}");
    let (kept, _) = cut(json!([u64::MAX, u64::MAX, u64::MAX, u64::MAX]), 64);
    assert!(json_len(&kept) <= 64, "{kept}");
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,60}".prop_map(Value::from),
        "[\u{0}-\u{1f}\"\\\\é]{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec(("[a-z]{1,8}", inner), 0..8)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_cut_fits_and_what_fits_is_not_cut(value in value(), max in 64usize..2_000) {
        let before = json_len(&value);
        let (kept, left_out) = cut(value.clone(), max);
        prop_assert!(json_len(&kept) <= max);
        prop_assert_eq!(left_out == 0, before <= max);
        if left_out == 0 { prop_assert_eq!(kept, value); }
    }
}
