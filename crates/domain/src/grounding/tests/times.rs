use serde_json::json;

use super::*;

// The conversation takes place on Tuesday, 5 May 2026, at 10:00 in London.

#[test]
fn dates_and_times_count_by_value() {
    for (said, value, words) in [
        ("tomorrow", "2026-05-06", "tomorrow"),
        ("today please", "2026-05-05", "today"),
        ("yesterday", "2026-05-04", "yesterday"),
        (
            "the day after tomorrow",
            "2026-05-07",
            "the day after tomorrow",
        ),
        ("next Friday", "2026-05-08", "next Friday"),
        ("next Friday", "2026-05-15", "next Friday"),
        ("this Friday", "2026-05-08", "this Friday"),
        ("on Friday", "2026-05-08", "Friday"),
        ("last Friday", "2026-05-01", "last Friday"),
        ("Friday next week", "2026-05-15", "Friday next week"),
        ("coming Monday", "2026-05-11", "coming Monday"),
        ("5 May", "2026-05-05", "5 May"),
        ("5th of May", "2026-05-05", "5th of May"),
        ("May 5th", "2026-05-05", "May 5th"),
        ("the fifth of May", "2026-05-05", "the fifth of May"),
        ("3 March", "2027-03-03", "3 March"),
        ("3 March", "2026-03-03", "3 March"),
        ("20 December", "2025-12-20", "20 December"),
        ("May 5, 2027", "2027-05-05", "May 5, 2027"),
        ("2023 April 4th", "2023-04-04", "2023 April 4th"),
        ("Fri, 8 May", "2026-05-08", "Fri, 8 May"),
        ("5/6/2026", "2026-06-05", "5/6/2026"),
        ("5/6/2026", "2026-05-06", "5/6/2026"),
        ("05.06.26", "2026-06-05", "05.06.26"),
        ("8/5", "2026-05-08", "8/5"),
        ("2026-05-12", "2026-05-12", "2026-05-12"),
        ("2026-05-12", "12 May 2026", "2026-05-12"),
        ("2026/05/12", "2026-05-12", "2026/05/12"),
        ("the 3rd", "2026-06-03", "the 3rd"),
        ("the 3rd", "2026-05-03", "the 3rd"),
        (
            "on the 15th of next month",
            "2026-06-15",
            "the 15th of next month",
        ),
        ("in two weeks", "2026-05-19", "in two weeks"),
        ("in 3 days", "2026-05-08", "in 3 days"),
        ("3 days from now", "2026-05-08", "3 days from now"),
        ("3 days ago", "2026-05-02", "3 days ago"),
        ("a week from Monday", "2026-05-18", "a week from Monday"),
        ("in a month", "2026-06-05", "in a month"),
        ("a fortnight ago", "2026-04-21", "a fortnight ago"),
        (
            "the first Monday of June",
            "2026-06-01",
            "the first Monday of June",
        ),
        ("end of the month", "2026-05-31", "end of the month"),
        ("Christmas Eve", "2026-12-24", "Christmas Eve"),
        ("half past seven", "19:30", "half past seven"),
        ("half past seven", "07:30", "half past seven"),
        ("quarter to nine", "08:45", "quarter to nine"),
        ("ten past six pm", "18:10", "ten past six pm"),
        ("twenty to nine", "20:40", "twenty to nine"),
        ("7pm", "19:00", "7pm"),
        ("7 p.m.", "19:00:00", "7 p.m."),
        ("19:00", "7pm", "19:00"),
        ("19:30", "19:30", "19:30"),
        ("19:30", "7:30 PM", "19:30"),
        ("at 3", "15:00", "3"),
        ("at 3", "03:00", "3"),
        ("3 o'clock", "15:00", "3 o'clock"),
        ("at noon", "12:00", "noon"),
        ("midnight", "00:00", "midnight"),
        ("7 in the evening", "19:00", "7 in the evening"),
        ("3-4pm", "16:00", "4pm"),
        ("3-4pm", "15:00", "3"),
        ("seven thirty", "19:30", "seven thirty"),
        ("7", "19:00", "7"),
        ("15h30", "15:30", "15h30"),
        ("May 5th at 3pm", "2026-05-05T15:00:00", "May 5th at 3pm"),
        ("5 May, 3 pm", "2026-05-05T15:00:00+01:00", "5 May, 3 pm"),
        ("5 May, 3 pm", "2026-05-05T14:00:00Z", "5 May, 3 pm"),
        ("5 May, 3 pm", "2026-05-05 15:00", "5 May, 3 pm"),
        ("5 May, 3 pm", "5 May 2026 15:00", "5 May, 3 pm"),
        ("3pm tomorrow", "2026-05-06T15:00", "3pm tomorrow"),
        ("tomorrow", "2026-05-06T00:00:00", "tomorrow"),
        ("tonight at 8", "2026-05-05T20:00", "tonight at 8"),
        (
            "2026-05-05T15:00:00+01:00",
            "2026-05-05T14:00:00Z",
            "2026-05-05T15:00:00+01:00",
        ),
        (
            "2026-05-05T15:00Z",
            "2026-05-05T16:00+01:00",
            "2026-05-05T15:00Z",
        ),
        ("in 2 hours", "2026-05-05T12:00", "in 2 hours"),
        ("٥ May", "2026-05-05", "٥ May"),
        (
            "for two days on the 12th of May",
            "2026-05-12",
            "two days on the 12th of May",
        ),
        ("from 5 to 8 May", "2026-05-05", "5 to 8 May"),
        ("from 5 to 8 May", "2026-05-08", "5 to 8 May"),
        ("May 5-8", "2026-05-08", "May 5-8"),
        ("12-15 June 2026", "2026-06-12", "12-15 June 2026"),
        (
            "June 12th to the 15th",
            "2026-06-15",
            "June 12th to the 15th",
        ),
        ("Friday the eighth", "2026-05-08", "Friday the eighth"),
        (
            "Friday 8th at six-thirty pm",
            "2026-05-08T18:30",
            "Friday 8th at six-thirty pm",
        ),
        ("8 tonight", "20:00", "8 tonight"),
        ("right now", "2026-05-05T10:00", "now"),
        (
            "tomorrow evening at 7",
            "2026-05-06T19:00",
            "tomorrow evening at 7",
        ),
        ("this afternoon", "2026-05-05", "this afternoon"),
        ("7:30 this evening", "2026-05-05T19:30", "7:30 this evening"),
        ("this evening 7:30", "2026-05-05T19:30", "this evening 7:30"),
        (
            "this Friday at noon",
            "2026-05-08T12:00:00.000+01:00",
            "this Friday at noon",
        ),
        (
            "at 15:00 on 2026-05-08",
            "2026-05-08T15:00",
            "15:00 on 2026-05-08",
        ),
        ("8-May-2026", "2026-05-08", "8-May-2026"),
        ("May 8", "8 May", "May 8"),
        ("May 8", "08/05/2026", "May 8"),
        ("in 2 weeks' time", "2026-05-19", "in 2 weeks"),
        ("5/6", "5/6", "5/6"),
        (
            "the 1st of this month",
            "2026-05-01",
            "the 1st of this month",
        ),
        ("a week on Friday", "2026-05-15", "a week on Friday"),
        ("Friday after next", "2026-05-22", "Friday after next"),
        ("8 May 2026", "20260508", "8 May 2026"),
        ("1530 hours", "15:30", "1530 hours"),
        ("at 7.30", "07:30", "7.30"),
        ("between 3 and 5", "17:00", "5"),
        ("quarter past noon", "12:15", "quarter past noon"),
        ("half 7", "19:30", "half 7"),
        ("Sept 3rd", "2026-09-03", "Sept 3rd"),
        ("12 noon", "12:00", "noon"),
        (
            "3pm tomorrow or Friday",
            "2026-05-08T15:00",
            "3pm tomorrow or Friday",
        ),
    ] {
        assert_eq!(talk(&[said]).words(value), words, "{value} after {said}");
    }
}

#[test]
fn another_date_or_time_is_refused() {
    for (said, value) in [
        ("tomorrow", "2026-05-07"),
        ("tomorrow", "2027-05-06"),
        ("next Friday", "2026-05-22"),
        ("5 May", "2026-05-06"),
        ("5 May", "2024-05-05"),
        ("5 May 2026", "2027-05-05"),
        ("7pm", "07:00"),
        ("7pm", "19:30"),
        ("19:30", "07:30"),
        ("half past seven", "08:30"),
        ("tomorrow", "2026-05-06T15:00:00"),
        ("at 3pm", "2026-05-06T15:00:00"),
        ("5 May, 3 pm", "2026-05-05T15:00:00Z"),
        ("5 May, 3 pm", "2026-05-05T15:00:00+02:00"),
        ("2026-05-05 15:00", "05:15"),
        ("hello", "2026-05-05"),
        ("hello", "10:00"),
        ("next week", "2026-05-25"),
        ("tomorrow morning", "2026-05-06T15:00"),
        ("I may come", "2026-05-01"),
        ("next Friday", "2026-05-09"),
        ("May 5-8", "2026-05-07"),
        ("tonight at 8", "2026-05-05T09:00"),
        ("a table for 2", "14:00"),
        ("I need 3 tickets at 5 euros", "05:00"),
        ("at 3 Main Street", "15:00"),
        ("8 May 2026", "20260509"),
        ("12 noon", "00:00"),
        ("tomorrow at 3pm, Friday at 5pm", "2026-05-08T15:00"),
        ("tomorrow, before Easter if you can", "2026-05-09T03:00"),
    ] {
        assert_eq!(
            talk(&[said]).refuses(value),
            RefusedReason::TimeNotSaid,
            "{value} after {said}"
        );
    }
}

#[test]
fn what_the_parser_cannot_work_out_is_derived() {
    for (said, value) in [
        ("the week after Easter", "2027-04-05"),
        ("the first weekend of the month", "2026-06-06"),
        ("next week", "2026-05-13"),
        ("in June", "2026-06-17"),
        ("mid June", "2026-06-15"),
        ("tomorrow morning", "2026-05-06T09:00"),
        ("the week after Easter at 3 pm", "2027-04-05T15:00"),
        ("this weekend", "2026-05-09"),
    ] {
        let found = talk(&["agent: When?", said]).accepts(value);
        assert_eq!(
            found.source,
            ProvenanceSource::Derived,
            "{value} after {said}"
        );
        assert!(found.span.is_some());
    }
    // Only in the message that answers, and only for the part it speaks of.
    talk(&["the week after Easter", "and bring cake"]).refuses("2027-04-05");
    talk(&["the week after Easter"]).refuses("2027-04-05T15:00");
    let verbatim = talk(&["the week after Easter"])
        .property(json!({"type": "string", "x-grounding": "verbatim"}));
    verbatim.refuses("2027-04-05");
}

#[test]
fn a_date_and_a_time_may_come_from_two_messages() {
    let talk = talk(&[
        "Book me in for next Friday",
        "agent: What time?",
        "half past seven",
    ]);
    assert_eq!(talk.words("2026-05-08T19:30:00"), "half past seven");
    talk.refuses("2026-05-08T20:30:00");
}

#[test]
fn the_contacts_zone_decides_what_day_it_is() {
    let contact = |zone: &str| Contact {
        timezone: Some(zone.to_owned()),
        ..Contact::default()
    };
    talk(&["today"])
        .contact(contact("Pacific/Kiritimati"))
        .accepts("2026-05-05");
    talk(&["today"])
        .contact(contact("Pacific/Pago_Pago"))
        .accepts("2026-05-04T00:00");
    // An unknown zone: what is written is taken at its word.
    let unknown = talk(&["5 May at 3pm"]).contact(contact("Mars/Olympus"));
    unknown.accepts("2026-05-05T15:00:00+01:00");
    unknown.accepts("2026-05-05T15:00:00Z");
}

#[test]
fn a_day_is_reckoned_from_another_and_a_length() {
    for (said, value, words) in [
        (
            &["from 5 May 2027 for three nights"][..],
            "2027-05-08",
            "three nights",
        ),
        (&["tomorrow, 2 nights"], "2026-05-08", "2 nights"),
        (
            &["I arrive on 5 May 2027", "for a week please"],
            "2027-05-12",
            "for a week",
        ),
        (
            &["for 10 days", "agent: From when?", "12 May 2026"],
            "2026-05-22",
            "for 10 days",
        ),
        (
            &["out on 5 May 2027, back two weeks later"],
            "2027-05-19",
            "two weeks later",
        ),
    ] {
        let found = talk(said).accepts(value);
        assert_eq!(found.source, ProvenanceSource::Derived, "{said:?}");
        assert_eq!(found.text.as_deref(), Some(words), "{said:?}");
    }
    for (said, value) in [
        (&["from 5 May 2027 for three nights"][..], "2027-05-09"),
        (&["for three nights"], "2026-05-08"),
        (&["agent: from 5 May 2027?", "three nights"], "2027-05-08"),
        (&["on 5 May 2027, as I said 3 days ago"], "2027-05-08"),
        (
            &["from 5 May 2027", "agent: For three nights?", "no"],
            "2027-05-08",
        ),
    ] {
        assert_eq!(
            talk(said).refuses(value),
            RefusedReason::TimeNotSaid,
            "{said:?}"
        );
    }
}
