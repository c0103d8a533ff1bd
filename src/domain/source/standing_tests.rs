//! How a contract stands, case by case.

use super::super::contract::{DriftPolicy, FinishedSign};
use super::super::found::{FileIdentity, Ignored};
use super::super::pattern::NamePattern;
use super::*;
use crate::domain::id::{DeliveryId, SourceId};
use chrono::{NaiveDateTime, TimeZone};

fn at(text: &str) -> i64 {
    let local = NaiveDateTime::parse_from_str(&format!("2026-11-{text}"), "%Y-%m-%d %H:%M").unwrap();
    Tz::Europe__Berlin.from_local_datetime(&local).unwrap().timestamp_millis()
}

fn contract(cadence: Option<&str>) -> Contract {
    Contract {
        pattern: NamePattern::parse("c*.csv").unwrap(),
        cadence: cadence.map(|cron| Schedule::parse(cron, Tz::Europe__Berlin).unwrap()),
        grace_minutes: 30,
        verified_by: None,
        columns: None,
        rows: None,
        finished: FinishedSign::Still { seconds: 30 },
        control: None,
        drift: DriftPolicy::CarryOn,
    }
}

fn file(name: &str, seen: &str, state: FoundState) -> FoundFile {
    FoundFile {
        source: SourceId(1),
        identity: FileIdentity { name: name.into(), size: 5, modified_ms: at(seen) },
        first_seen_ms: at(seen),
        last_seen_ms: at(seen),
        is_there: true,
        state,
        trouble: None,
    }
}

fn held(why: Held) -> FoundState {
    FoundState::Held { delivery: Some(DeliveryId(1)), why }
}

fn judged(cadence: Option<&str>, files: &[FoundFile], now: &str) -> ContractStanding {
    let facts = ContractFacts {
        source: "crm",
        owner: Some("Dana (ERP team)"),
        watched_since_ms: at("19 12:00"),
        files,
        complete: &[RunId(7)],
    };
    judge(&contract(cadence), &facts, at(now))
}

#[test]
fn the_state_follows_from_the_newest_file_and_the_due_times_since_it() {
    use ContractState::*;
    let daily = Some("30 6 * * *");
    let delivery = DeliveryId(1);
    let done = FoundState::Taken { delivery, run: RunId(7) };
    let taken = FoundState::Taken { delivery, run: RunId(8) };
    let unfinished = held(Held::PerhapsUnfinished { sign: "it ends inside a quote".into() });
    let one = |seen: &str, state: &FoundState| vec![file("c1.csv", seen, state.clone())];
    for (cadence, files, now, state, says) in [
        (daily, vec![], "20 06:29", NotDue, "is due at 06:30 on 20 Nov 2026 (Europe/Berlin)"),
        (daily, vec![], "20 06:30", Due, "late after 07:00"),
        (daily, vec![], "20 07:00", Late, "No file matching c*.csv arrived by 06:30 on 20 Nov 2026"),
        (daily, vec![], "20 07:59", Late, "None has ever come"),
        (daily, vec![], "20 08:00", Missing, "arrived by 06:30"),
        (daily, vec![], "22 08:00", Missing, "2 more have been due since"),
        (daily, one("20 06:10", &done), "20 06:20", Imported, "next is due at 06:30 on 21 Nov"),
        (daily, one("20 06:40", &done), "21 06:29", Imported, "imported by run 7"),
        (daily, one("20 06:40", &done), "21 06:31", Due, "last one was c1.csv"),
        (daily, one("20 06:40", &done), "21 07:01", Late, "The last one was c1.csv"),
        (daily, one("20 06:40", &done), "21 09:00", Missing, "by 06:30 on 21 Nov"),
        // Nearer to the next day's time than to its own.
        (daily, one("20 20:00", &done), "21 09:00", Imported, "next is due at 06:30 on 22 Nov"),
        (daily, one("20 06:40", &taken), "20 06:50", Arrived, "run 8"),
        (daily, one("20 06:40", &FoundState::New), "20 06:50", Arrived, "has not been imported"),
        (daily, one("20 06:40", &FoundState::Settling), "20 06:50", Arrived, "may still be uploaded"),
        (daily, one("20 06:40", &FoundState::Identical { delivery, to: delivery }), "20 07:50", Imported, "identical"),
        (daily, one("20 06:40", &held(Held::Empty)), "20 06:50", Empty, "no records"),
        (daily, one("20 06:40", &held(Held::Empty)), "21 08:50", Missing, "by 06:30 on 21 Nov"),
        (daily, one("20 06:40", &held(Held::Unreadable { why: "bad zip".into() })), "20 06:50", Unreadable, "bad zip"),
        (daily, one("20 06:40", &FoundState::Refused { why: "it is a link".into() }), "20 06:50", Unreadable, "link"),
        (
            daily,
            one("20 06:40", &held(Held::SchemaChanged { what: "Email is gone".into() })),
            "20 06:50",
            SchemaChanged,
            "Email",
        ),
        (daily, one("20 06:40", &unfinished), "20 06:59", Arrived, "may still be uploaded"),
        (daily, one("20 06:40", &unfinished), "20 07:00", PerhapsUnfinished, "ends inside a quote"),
        (
            daily,
            one("20 06:40", &held(Held::ControlMismatch { what: "5 rows".into() })),
            "20 06:45",
            PerhapsUnfinished,
            "5 rows",
        ),
        (
            daily,
            one("20 06:40", &FoundState::Ignored { why: Ignored::Hidden }),
            "20 08:00",
            Missing,
            "None has ever come",
        ),
        (daily, vec![file("other.csv", "20 06:40", done.clone())], "20 08:00", Missing, "c*.csv"),
        (None, vec![], "22 08:00", NotDue, "no time was agreed"),
        (None, one("20 06:40", &done), "22 08:00", Imported, "imported by run 7"),
        (None, one("20 06:40", &held(Held::Empty)), "22 08:00", Empty, "no records"),
        (None, one("20 06:40", &unfinished), "20 07:09", Arrived, "may still"),
        (None, one("20 06:40", &unfinished), "20 07:10", PerhapsUnfinished, "quote"),
    ] {
        let standing = judged(cadence, &files, now);
        assert_eq!(standing.state, state, "{now} {standing:#?}");
        assert!(standing.message.contains(says), "{says}: {standing:#?}");
    }
}

#[test]
fn a_file_that_waits_for_a_person_stays_in_front_until_one_of_its_name_replaces_it() {
    let done = FoundState::Taken { delivery: DeliveryId(2), run: RunId(7) };
    let empty = file("c1.csv", "20 06:40", held(Held::Empty));
    let other = file("c2.csv", "20 06:50", done.clone());
    assert_eq!(judged(None, &[empty.clone(), other], "20 08:00").state, ContractState::Empty);
    let again = file("c1.csv", "20 06:50", done);
    assert_eq!(judged(None, &[empty, again], "20 08:00").state, ContractState::Imported);
}

#[test]
fn a_file_whose_name_says_another_day_does_not_stand_for_this_one() {
    use ContractState::*;
    let done = FoundState::Taken { delivery: DeliveryId(1), run: RunId(7) };
    let of = |day: u8, seen: &str| file(&format!("c_2026-11-{day}.csv"), seen, done.clone());
    let dated = |files: &[FoundFile], now: &str| {
        let pattern = NamePattern::parse("c_{YYYY}-{MM}-{DD}.csv").unwrap();
        let contract = Contract { pattern, ..contract(Some("30 6 * * *")) };
        let watched_since_ms = at("19 12:00");
        let facts = ContractFacts { source: "crm", owner: None, watched_since_ms, files, complete: &[RunId(7)] };
        let standing = judge(&contract, &facts, at(now));
        // It stands so until the moment that is told.
        let until = stands_until(&contract, &facts, at(now)).unwrap_or(i64::MAX);
        assert!(until > at(now) && judge(&contract, &facts, until - 1) == standing, "{now} {standing:#?}");
        standing
    };
    for (files, now, state, says) in [
        (vec![of(20, "20 06:20")], "20 06:40", Imported, "next is due at 06:30 on 21 Nov"),
        // Yesterday's comes today: today's is missing as before.
        (vec![of(20, "21 06:20")], "21 06:25", Imported, "next is due at 06:30 on 21 Nov"),
        (vec![of(20, "21 06:20")], "21 06:40", Due, "due since 06:30 on 21 Nov"),
        (
            vec![of(20, "21 06:20")],
            "21 09:00",
            Missing,
            "by 06:30 on 21 Nov 2026 (Europe/Berlin). The last one was \
          c_2026-11-20.csv, at 06:20 on 21 Nov 2026 (Europe/Berlin). It is not for that time, by its name.",
        ),
        // Today's came, and then yesterday's.
        (vec![of(21, "21 06:20"), of(20, "21 08:00")], "21 09:00", Imported, "next is due at 06:30 on 22 Nov"),
        // Tomorrow's is here, and today's is not.
        (vec![of(20, "20 06:20"), of(22, "21 06:20")], "21 09:00", Missing, "by 06:30 on 21 Nov"),
        (vec![of(21, "21 06:20"), of(22, "21 06:25")], "21 09:00", Imported, "next is due at 06:30 on 23 Nov"),
        (vec![of(20, "20 06:20"), of(22, "21 06:20")], "22 07:00", Imported, "next is due at 06:30 on 23 Nov"),
    ] {
        let standing = dated(&files, now);
        assert_eq!(standing.state, state, "{now} {standing:#?}");
        assert!(standing.message.contains(says), "{says}: {standing:#?}");
    }
}

#[test]
fn of_several_held_files_it_is_said_how_many_there_are_and_the_worst_comes_first() {
    let not_ready = Held::NotReady { code: "unmapped".into(), message: "c3.csv: no mapping.".into() };
    let files = [
        file("c1.csv", "20 06:40", held(Held::Unreadable { why: "“c1.csv” is no text".into() })),
        file("c2.csv", "20 06:45", held(Held::Empty)),
        file("c3.csv", "20 06:50", held(not_ready)),
    ];
    let standing = judged(None, &files, "20 08:00");
    assert_eq!((standing.state, standing.file.as_deref()), (ContractState::Unreadable, Some("c1.csv")));
    assert_eq!(standing.message, "3 files are held. c1.csv cannot be read: it is no text.");
    let action = standing.action.unwrap();
    assert!(action.contains("Dana (ERP team)") && action.ends_with("Then look at the others."), "{action}");
    assert!(!standing.tell_upstream.unwrap().contains("files are held"));
    // Of one, its name is said once.
    let one = judged(None, &files[2..], "20 08:00");
    assert_eq!(one.message, "c3.csv arrived and cannot be imported yet: no mapping.");
}

#[test]
fn a_contract_without_a_cadence_is_not_said_to_be_due_some_time() {
    assert_eq!(judged(None, &[], "20 08:00").label(), "Any time");
    assert_eq!(judged(Some("30 6 * * *"), &[], "20 06:00").label(), "Not due");
    let done = file("c1.csv", "20 06:40", FoundState::Taken { delivery: DeliveryId(1), run: RunId(7) });
    let standing = judged(None, &[done], "20 08:00");
    assert_eq!(standing.label(), "Imported");
    assert!(standing.message.contains("c1.csv arrived at 05:40"), "{standing:?}");
}

#[test]
fn between_the_moments_at_which_it_says_so_a_contract_stands_as_before() {
    let daily = contract(Some("30 6 * * *"));
    let done = FoundState::Taken { delivery: DeliveryId(1), run: RunId(7) };
    let unfinished = held(Held::PerhapsUnfinished { sign: "it ends inside a quote".into() });
    for files in [vec![], vec![file("c1.csv", "20 06:40", done)], vec![file("c1.csv", "20 06:40", unfinished)]] {
        let facts = ContractFacts {
            source: "crm",
            owner: None,
            watched_since_ms: at("19 12:00"),
            files: &files,
            complete: &[RunId(7)],
        };
        let mut now = at("20 06:45");
        let mut moments = Vec::new();
        while now < at("23 12:00") {
            let standing = judge(&daily, &facts, now);
            let until = stands_until(&daily, &facts, now).unwrap_or(i64::MAX);
            assert!(until > now);
            let mut between = now;
            while between < until.min(at("23 12:00")) {
                assert_eq!(judge(&daily, &facts, between), standing, "{} {}", between - now, until - now);
                between += 5 * MINUTE;
            }
            moments.push(until);
            now = until;
        }
        assert!(moments.len() > 3 && moments.len() < 15, "{moments:?}");
    }
}

#[test]
fn a_missing_file_is_a_failure_upstream_with_its_owner_and_what_to_tell_them() {
    let standing = judged(Some("30 6 * * *"), &[], "20 08:00");
    assert!(standing.means.contains("failed upstream"), "{standing:?}");
    assert!(standing.action.as_ref().unwrap().contains("Dana (ERP team)"), "{standing:?}");
    let tell = standing.tell_upstream.unwrap();
    assert!(tell.contains("c*.csv") && tell.contains("crm") && tell.contains("06:30 on 20 Nov 2026"), "{tell}");
    assert_eq!((standing.due_ms, standing.since_ms), (Some(at("20 06:30")), Some(at("20 07:00"))));
}
