use serde_json::json;

use super::*;

#[test]
fn numbers_count_by_value() {
    for (said, value, words) in [
        ("two please", json!(2), "two"),
        ("a dozen eggs", json!(12), "a dozen"),
        ("half a dozen", json!(6), "half a dozen"),
        ("two dozen", json!(24), "two dozen"),
        ("a couple of them", json!(2), "a couple"),
        ("twenty-one", json!(21), "twenty-one"),
        ("twenty one", json!(21), "twenty one"),
        ("a hundred", json!(100), "a hundred"),
        ("one hundred and five", json!(105), "one hundred and five"),
        (
            "two thousand five hundred",
            json!(2500),
            "two thousand five hundred",
        ),
        (
            "three million two hundred thousand",
            json!(3_200_000),
            "three million two hundred thousand",
        ),
        ("one and a half hours", json!(1.5), "one and a half"),
        ("half a million", json!(500_000), "half a million"),
        ("one point five", json!(1.5), "one point five"),
        ("1½ cups", json!(1.5), "1½"),
        ("about 1.5k", json!(1500), "1.5k"),
        ("1.1k", json!(1100), "1.1k"),
        ("2m", json!(2_000_000), "2m"),
        ("1.5 million", json!(1_500_000), "1.5 million"),
        ("5 %", json!(5), "5 %"),
        ("5 %", json!(0.05), "5 %"),
        ("five percent", json!(0.05), "five percent"),
        ("7 per cent", json!(7), "7 per cent"),
        ("$20", json!(20), "$20"),
        ("$20", json!(20.0), "$20"),
        ("20 euros", json!(20), "20 euros"),
        ("EUR 20", json!(20), "EUR 20"),
        ("€ 20,- bitte", json!(20), "€ 20,-"),
        ("1,234.50", json!(1234.5), "1,234.50"),
        ("1.234,50", json!(1234.5), "1.234,50"),
        ("1 234,50", json!(1234.5), "1 234,50"),
        ("12,500", json!(12500), "12,500"),
        ("1,234,567", json!(1_234_567), "1,234,567"),
        ("1'234.50", json!(1234.5), "1'234.50"),
        ("1,00,000 rupees", json!(100_000), "1,00,000 rupees"),
        ("12,50", json!(12.5), "12,50"),
        ("it is -5 outside", json!(-5), "-5"),
        ("minus five", json!(-5), "minus five"),
        ("-$5.50", json!(-5.5), "-$5.50"),
        (".5 then", json!(0.5), ".5"),
        ("the second", json!(2), "second"),
        ("my 3rd one", json!(3), "3rd"),
        ("the twenty-first", json!(21), "twenty-first"),
        ("١٢ pieces", json!(12), "١٢"),
        ("１２ pieces", json!(12), "１２"),
        ("order ORD-12345", json!(12345), "12345"),
        ("order #12345.", json!(12345), "12345"),
        (
            "card 1234 5678 9012",
            json!(123_456_789_012_i64),
            "1234 5678 9012",
        ),
        ("2-3 people", json!(3), "3"),
        ("1,2,3", json!(2), "2"),
        ("007", json!(7), "007"),
        ("1e3 no, 1000", json!(1e3), "1000"),
        ("two", json!("2"), "two"),
        ("a dozen", json!("12"), "a dozen"),
        ("$20", json!("20.00"), "$20"),
        ("20 dollars", json!("$20.00"), "20 dollars"),
        ("1.5k", json!("1500"), "1.5k"),
        ("5%", json!("0.05"), "5%"),
        ("USD20", json!(20), "USD20"),
        ("20USD", json!(20), "20USD"),
        ("$1.5 million", json!(1_500_000), "$1.5 million"),
        (
            "two hundred and fifty dollars",
            json!(250),
            "two hundred and fifty dollars",
        ),
        ("20 bucks", json!("$20.0"), "20 bucks"),
        ("3x", json!(3), "3"),
        ("１，２３４．５０", json!(1234.5), "１，２３４．５０"),
        ("١٬٢٣٤٫٥", json!(1234.5), "١٬٢٣٤٫٥"),
        ("12 500", json!(12500), "12 500"),
        ("12 500", json!(12), "12"),
        ("both of them", json!(2), "both"),
        ("one, two or three", json!(2), "two"),
        ("ten to twelve", json!(12), "twelve"),
        ("nineteen", json!(19.0), "nineteen"),
        ("zero", json!(0), "zero"),
        (
            "ninety-nine point nine percent",
            json!(0.999),
            "ninety-nine point nine percent",
        ),
        ("5.", json!(5), "5"),
        ("(12)", json!(12), "12"),
        ("quantity=12", json!(12), "12"),
        ("12/15", json!(12), "12"),
        ("50c", json!(50), "50"),
        ("a thousand and one", json!(1001), "a thousand and one"),
    ] {
        assert_eq!(
            talk(&[said]).words(value.clone()),
            words,
            "{value} after {said}"
        );
    }
}

#[test]
fn a_number_token_is_read_whole() {
    for (said, value) in [
        ("12.50", json!(12)),
        ("12.50", json!(50)),
        ("12.50", json!(1250)),
        ("12,500", json!(12)),
        ("12,500", json!(500)),
        ("12:30", json!(12)),
        ("12:30", json!(30)),
        ("2026-05-12", json!(12)),
        ("12/05/2026", json!(5)),
        ("12.05.2026", json!(12)),
        ("10.0.0.1", json!(10)),
        ("ORD-12345", json!(12)),
        ("ORD-12345", json!(-12345)),
        ("5", json!(-5)),
        ("-5", json!(5)),
        ("1.5k", json!(1.5)),
        ("twenty-one", json!(20)),
        ("two hundred", json!(2)),
        ("half a dozen", json!(12)),
        ("wait a second", json!(2)),
        ("hello", json!(0)),
        ("an apple", json!(1)),
        ("$20", json!(2000)),
        ("1½", json!(11)),
        ("7", json!("007")),
        ("account 002134", json!("2134")),
        ("٠٠٢١٣٤", json!("2134")),
        ("$20", json!("20 EUR")),
        ("someone", json!(1)),
        ("often", json!(10)),
    ] {
        assert_eq!(
            talk(&[said]).refuses(value.clone()),
            RefusedReason::NotSaid,
            "{value} after {said}"
        );
    }
}

#[test]
fn tokens_give_span_and_values() {
    let found = super::super::numbers::find("pay €1.234,50 for two");
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].span, (4, 13));
    assert_eq!(found[0].currency, Some("eur"));
    assert_eq!(found[0].values[0].to_string(), "1234.5");
    assert_eq!(found[1].span, (18, 21));
}
