//! The stories beside this file: what the customer says (`>`), what is called, what is answered. A new
//! story is a new paragraph under a heading (`#`).

use deskhand_domain::prompt::Tool;

use super::shops::{
    account, account_endpoint, salon, salon_endpoint, shop, shop_endpoint, stay, stay_endpoint,
};
use super::{Endpoint, talk};

/// The customer's lines are played, and everything else has to come out as it is written.
fn play(tools: &[Tool], endpoint: Endpoint, stories: &str) {
    let mut played = 0;
    for story in format!("\n{stories}").split("\n# ").skip(1) {
        let (name, written) = story.split_once('\n').unwrap();
        let lines: Vec<&str> = written
            .lines()
            .filter_map(|line| line.strip_prefix("> "))
            .collect();
        assert_eq!(
            talk(tools, endpoint, &lines).trim(),
            written.trim(),
            "in the story of {name}"
        );
        played += 1;
    }
    assert!(played > 0);
}

#[test]
fn a_shop() {
    play(&shop(), shop_endpoint, include_str!("stories/shop.txt"));
}

#[test]
fn one_action_that_looks_up() {
    play(
        &shop()[..1],
        shop_endpoint,
        include_str!("stories/one_look_up.txt"),
    );
}

#[test]
fn one_action_that_does_something() {
    play(
        &shop()[1..2],
        shop_endpoint,
        include_str!("stories/one_deed.txt"),
    );
}

#[test]
fn a_salon() {
    play(&salon(), salon_endpoint, include_str!("stories/salon.txt"));
}

#[test]
fn parameters_that_look_alike() {
    play(&stay(), stay_endpoint, include_str!("stories/stay.txt"));
}

#[test]
fn an_account() {
    play(
        &account(),
        account_endpoint,
        include_str!("stories/account.txt"),
    );
}

#[test]
fn an_agent_without_actions() {
    play(&[], shop_endpoint, include_str!("stories/no_actions.txt"));
}

#[test]
fn all_of_them_at_once() {
    let everything = [shop(), salon(), account()].concat();
    play(
        &everything,
        |name, arguments| match name {
            "book_appointment" | "cancel_appointment" => salon_endpoint(name, arguments),
            "change_email" | "create_ticket" => account_endpoint(name, arguments),
            _ => shop_endpoint(name, arguments),
        },
        include_str!("stories/everything.txt"),
    );
}
