use super::shops::*;
use super::talk;
#[test]
fn dump() {
    let d = |t: String| println!("{t}-----");
    for l in [
        &["Where's my order? Order number is ORD-12345"][..],
        &["Where is my package?", "ORD-12345"],
        &["Where is my package?", "12345"],
        &[
            "Where is my package?",
            "it's ord 12345",
            "thanks!",
            "and ORD-222?",
        ],
        &[
            "hi",
            "Can you check order ORD-99999?",
            "Sorry, it's ORD-222",
        ],
        &["Track ORD-12345 please", "Then cancel it"],
        &["I want to cancel my order ORD-222 because I found it cheaper"],
        &["cancel order ORD-5"],
        &[
            "I want my money back",
            "ORD-12345, $49.90, it arrived broken",
            "it arrived broken",
        ],
        &[
            "I want my money back for ORD-12345, $49.90",
            "It arrived broken",
        ],
        &["Don't cancel my order ORD-12345, where is it?"],
        &["What's the weather like?", "Tell me a joke"],
        &["What can you do?"],
        &["Where are ORD-12345 and ORD-222?"],
        &["Where is my order?", "never mind"],
        &["Where is my order?", "I don't know"],
        &[
            "Where is my order?",
            "What's an order number?",
            "ah ORD-222",
        ],
        &["Where's ORD-500"],
        &["status of my order"],
        &["has my parcel shipped yet? ada@example.com"],
        &["any news about tracking?"],
        &["Do you sell shoes?"],
        &["Where is my order ORD-12345? Sorry, I mean ORD-222"],
        &["Where is my package?", "Actually, cancel my order ORD-222"],
        &[
            "Is my delivery coming? order number: ORD-12345",
            "What about my other order?",
        ],
        &["Cancel my order", "ORD-222", "great, thank you so much"],
    ] {
        d(talk(&shop(), shop_endpoint, l));
    }
    for l in [
        &["I'd like to book a haircut on May 3, 2027"][..],
        &["I need an appointment", "haircut", "Dec 24"],
        &[
            "I need a colour for 2 guests tomorrow",
            "December 24th, 2026",
        ],
        &["Can I come in for a styling on 2027-01-05 with three guests?"],
        &["I can't make it to my appointment", "bk7 qx21"],
        &["Please cancel my appointment BK7-QX21"],
    ] {
        d(talk(&salon(), salon_endpoint, l));
    }
    for l in [
        &["I want to change my email to new@example.org", "yes please"][..],
        &["change my email address", "ada@new.example", "no"],
        &["The app shows an error whenever I log in"],
        &[
            "I need to open a ticket",
            "The export button does nothing.",
            "bye",
        ],
    ] {
        d(talk(&account(), account_endpoint, l));
    }
    d(talk(
        &[],
        shop_endpoint,
        &["Hello", "Where is my order?", "thanks"],
    ));
}
