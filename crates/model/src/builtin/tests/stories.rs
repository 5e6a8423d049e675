//! Each story is what the customer says (`>`), what is called, and what is answered.

use super::shops::{account, account_endpoint, salon, salon_endpoint, shop, shop_endpoint};
use super::{Endpoint, talk};
use deskhand_domain::prompt::Tool;

/// The customer's lines are played, and everything else has to come out as it is written.
fn story(tools: &[Tool], endpoint: Endpoint, written: &str) {
    let written = written.trim();
    let lines: Vec<&str> = written
        .lines()
        .filter_map(|line| line.strip_prefix("> "))
        .collect();
    assert_eq!(talk(tools, endpoint, &lines).trim(), written);
}

#[test]
fn everything_in_one_message() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> Where's my order? Order number is ORD-12345
  check_order_status {"order_number":"ORD-12345"}
Your order ORD-12345 has shipped! Your tracking number is 1Z999AA10123456784 and it should arrive by March 25.
"#,
    );
}

#[test]
fn asks_and_takes_the_bare_answer() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> Where is my package?
I'd be happy to help with that! Could you please give me the order number?
> ORD-12345
  check_order_status {"order_number":"ORD-12345"}
Your order ORD-12345 has shipped! Your tracking number is 1Z999AA10123456784 and it should arrive by March 25.
"#,
    );
}

#[test]
fn never_makes_a_prefix_up() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> Where is my package?
I'd be happy to help with that! Could you please give me the order number?
> 12345
  check_order_status {"order_number":"12345"}
I couldn't find that order number. Could you double-check it and send it again?
"#,
    );
}

#[test]
fn other_spellings_thanks_and_a_follow_up() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> Where is my package?
I'd be happy to help with that! Could you please give me the order number?
> it's ord 12345
  check_order_status {"order_number":"ORD-12345"}
Your order ORD-12345 has shipped! Your tracking number is 1Z999AA10123456784 and it should arrive by March 25.
> thanks!
You're welcome! Is there anything else I can help you with?
> and ORD-222?
  check_order_status {"order_number":"ORD-222"}
Your order ORD-222 is on its way! It travels with UPS and it should arrive by December 1, 2026.
"#,
    );
}

#[test]
fn an_order_that_does_not_exist() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> hi
Hello! How can I help you today?
> Can you check order ORD-99999?
  check_order_status {"order_number":"ORD-99999"}
I couldn't find that order number. Could you double-check it and send it again?
> Sorry, it's ORD-222
  check_order_status {"order_number":"ORD-222"}
Your order ORD-222 is on its way! It travels with UPS and it should arrive by December 1, 2026.
"#,
    );
}

#[test]
fn the_order_just_spoken_of() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> Track ORD-12345 please
  check_order_status {"order_number":"ORD-12345"}
Your order ORD-12345 has shipped! Your tracking number is 1Z999AA10123456784 and it should arrive by March 25.
> Then cancel it
  cancel_order {"order_number":"ORD-12345"}
I wasn't able to do that: this order has already shipped and can't be cancelled. Is there anything else I can help you with?
"#,
    );
}

#[test]
fn a_reason_given_on_the_way() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> I want to cancel my order ORD-222 because I found it cheaper
  cancel_order {"order_number":"ORD-222","reason":"I found it cheaper"}
Your order ORD-222 has been cancelled.
"#,
    );
}

#[test]
fn an_uncertain_outcome_in_the_servers_words() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> cancel order ORD-5
  cancel_order {"order_number":"ORD-5"}
I couldn't complete that in time, and I can't confirm whether it went through.
"#,
    );
}

#[test]
fn several_answers_in_one_message() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> I want my money back
I'd be happy to help with that! Could you please give me the order number, the amount, and the reason?
> ORD-12345, $49.90, it arrived broken
  request_refund {"order_number":"ORD-12345","amount":49.9,"reason":"it arrived broken"}
Your refund has been started.
"#,
    );
}

#[test]
fn the_last_answer_in_free_words() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> I want my money back for ORD-12345, $49.90
I'd be happy to help with that! Could you please give me the reason?
> It arrived broken
  request_refund {"order_number":"ORD-12345","amount":49.9,"reason":"It arrived broken"}
Your refund has been started.
"#,
    );
}

#[test]
fn what_is_negated_is_not_done() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> Don't cancel my order ORD-12345, where is it?
  check_order_status {"order_number":"ORD-12345"}
Your order ORD-12345 has shipped! Your tracking number is 1Z999AA10123456784 and it should arrive by March 25.
"#,
    );
}

#[test]
fn what_no_action_covers() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> What's the weather like?
I'm sorry, I can't help with that. Here is what I can do for you: check order status, cancel order or request a refund.
> Tell me a joke
I'm sorry, I can't help with that. Here is what I can do for you: check order status, cancel order or request a refund.
"#,
    );
}

#[test]
fn what_it_can_do() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> What can you do?
Here is what I can do for you: check order status, cancel order or request a refund. Just tell me what you need.
"#,
    );
}

#[test]
fn two_orders_at_once() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> Where are ORD-12345 and ORD-222?
  check_order_status {"order_number":"ORD-12345"}
  check_order_status {"order_number":"ORD-222"}
Your order ORD-12345 has shipped! Your tracking number is 1Z999AA10123456784 and it should arrive by March 25.

Your order ORD-222 is on its way! It travels with UPS and it should arrive by December 1, 2026.
"#,
    );
}

#[test]
fn which_of_two_is_asked() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> Cancel ORD-222, not ORD-12345
I'd be happy to help with that! Could you please give me the order number?
> ORD-222
  cancel_order {"order_number":"ORD-222"}
Your order ORD-222 has been cancelled.
"#,
    );
}

#[test]
fn never_mind() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> Where is my order?
I'd be happy to help with that! Could you please give me the order number?
> never mind
All right, I'll leave that. Is there anything else I can help you with?
"#,
    );
}

#[test]
fn an_answer_that_is_none() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> Where is my order?
I'd be happy to help with that! Could you please give me the order number?
> I don't know
Sorry, I didn't quite get that. Could you please give me the order number?
"#,
    );
}

#[test]
fn a_question_back() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> Where is my order?
I'd be happy to help with that! Could you please give me the order number?
> What's an order number?
Sorry, I didn't quite get that. Could you please give me the order number?
> ah ORD-222
  check_order_status {"order_number":"ORD-222"}
Your order ORD-222 is on its way! It travels with UPS and it should arrive by December 1, 2026.
"#,
    );
}

#[test]
fn a_call_that_failed() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> Where's ORD-500
  check_order_status {"order_number":"ORD-500"}
I'm sorry, I wasn't able to complete that just now. You can try again in a few minutes.
"#,
    );
}

#[test]
fn another_word_for_it() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> any news about tracking?
I'd be happy to help with that! Could you please give me the order number?
"#,
    );
}

#[test]
fn a_correction() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> Where is my order ORD-12345? Sorry, I mean ORD-222
  check_order_status {"order_number":"ORD-222"}
Your order ORD-222 is on its way! It travels with UPS and it should arrive by December 1, 2026.
"#,
    );
}

#[test]
fn a_change_of_mind() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> Where is my package?
I'd be happy to help with that! Could you please give me the order number?
> Actually, cancel my order ORD-222
  cancel_order {"order_number":"ORD-222"}
Your order ORD-222 has been cancelled.
"#,
    );
}

#[test]
fn another_order_is_another_number() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> Is my delivery coming? order number: ORD-12345
  check_order_status {"order_number":"ORD-12345"}
Your order ORD-12345 has shipped! Your tracking number is 1Z999AA10123456784 and it should arrive by March 25.
> What about my other order?
I'd be happy to help with that! Could you please give me the order number?
"#,
    );
}

#[test]
fn a_new_request_instead_of_an_answer() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> I want my money back
I'd be happy to help with that! Could you please give me the order number, the amount, and the reason?
> Cancel my order ORD-222
  cancel_order {"order_number":"ORD-222"}
Your order ORD-222 has been cancelled.
"#,
    );
}

#[test]
fn yes_and_no_without_a_question() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> cancel ORD-12345
  cancel_order {"order_number":"ORD-12345"}
I wasn't able to do that: this order has already shipped and can't be cancelled. Is there anything else I can help you with?
> yes
Sure, what can I do for you?
"#,
    );
}

#[test]
fn double_checked() {
    story(
        &shop(),
        shop_endpoint,
        r#"
> cancel ORD-777
  cancel_order {"order_number":"ORD-777"}
I couldn't find that order number. Could you double-check it and send it again?
> yes
Sorry, I didn't quite get that. Could you please give me the order number?
> ORD-222
  cancel_order {"order_number":"ORD-222"}
Your order ORD-222 has been cancelled.
"#,
    );
}

#[test]
fn a_choice_and_a_date() {
    story(
        &salon(),
        salon_endpoint,
        r#"
> I'd like to book a haircut on May 3, 2027
  book_appointment {"service":"haircut","date":"2027-05-03"}
Your appointment is booked. The booking code is BK7-QX21.
"#,
    );
}

#[test]
fn asks_for_one_after_the_other() {
    story(
        &salon(),
        salon_endpoint,
        r#"
> I need an appointment
I'd be happy to help with that! Could you please give me the service and the date? You can choose haircut, colour or styling. Please give the date with the year.
> haircut
Thank you! Could you please give me the date? Please give the date with the year.
> Dec 24
  book_appointment {"service":"haircut","date":"2026-12-24"}
Your appointment is booked. The booking code is BK7-QX21.
"#,
    );
}

#[test]
fn a_relative_date_is_asked_for() {
    story(
        &salon(),
        salon_endpoint,
        r#"
> I need a colour for 2 guests tomorrow
I'd be happy to help with that! Could you please give me the date? Please give the date with the year.
> December 24th, 2026
  book_appointment {"service":"colour","date":"2026-12-24","guests":2}
Your appointment is booked. The booking code is BK7-QX21.
"#,
    );
}

#[test]
fn numbers_in_words() {
    story(
        &salon(),
        salon_endpoint,
        r#"
> Can I come in for a styling on 2027-01-05 with three guests?
  book_appointment {"service":"styling","date":"2027-01-05","guests":3}
Your appointment is booked. The booking code is BK7-QX21.
"#,
    );
}

#[test]
fn a_code_of_mixed_letters() {
    story(
        &salon(),
        salon_endpoint,
        r#"
> I can't make it to my appointment
I'd be happy to help with that! Could you please give me the booking code?
> bk7 qx21
  cancel_appointment {"booking_code":"BK7-QX21"}
Your appointment is cancelled. See you another time.
"#,
    );
}

#[test]
fn yes_is_a_value_when_asked() {
    story(
        &account(),
        account_endpoint,
        r#"
> I want to change my email to new@example.org
I'd be happy to help with that! Could you please give me the newsletter? A yes or no is enough.
> yes please
  change_email {"new_email":"new@example.org","newsletter":true}
Your email has been updated.
"#,
    );
}

#[test]
fn no_is_a_value_too() {
    story(
        &account(),
        account_endpoint,
        r#"
> change my email address
I'd be happy to help with that! Could you please give me the new email and the newsletter? A yes or no is enough.
> ada@new.example
Thank you! Could you please give me the newsletter? A yes or no is enough.
> no
  change_email {"new_email":"ada@new.example","newsletter":false}
Your email has been updated.
"#,
    );
}

#[test]
fn a_description_in_the_customers_words() {
    story(
        &account(),
        account_endpoint,
        r#"
> I need to open a ticket
I'd be happy to help with that! Could you please give me the description?
> The export button does nothing.
  create_ticket {"description":"The export button does nothing"}
Your ticket is open. The ticket ID is T-81.
> bye
Goodbye, and have a nice day!
"#,
    );
}

#[test]
fn no_actions_at_all() {
    story(
        &[],
        shop_endpoint,
        r#"
> Hello
Hello! How can I help you today?
> Where is my order?
I'm sorry, I'm not able to help with that here.
> thanks
You're welcome! Is there anything else I can help you with?
"#,
    );
}
