//! Phone numbers hold their promise over 1,500 ways of writing them: never a valid number that was not meant.
//!
//! `data/phone.jsonl` was made from libphonenumber's example numbers. Of each case, `want` is what libphonenumber
//! answers to the raw text, and `intent` the number that was meant; `intent` rules.

use landfall::domain::issue::Note;
use landfall::domain::values::clean::trim;
use landfall::domain::values::phone::PhoneReader;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Classes in which the number stands in the cell as people write it, undamaged and unambiguous for a person.
const PLAIN: [&str; 24] = [
    "apostrophe",
    "apostrophe_national",
    "arabic_indic",
    "e164",
    "e164_no_region",
    "e164_wrong_region",
    "ext_hash",
    "ext_rfc",
    "ext_word",
    "ext_x",
    "fullwidth",
    "international",
    "intl_en_dash",
    "lrm_wrapped",
    "national",
    "national_digits",
    "national_dots",
    "national_nbsp",
    "national_slashes",
    "newline",
    "p_prefix",
    "rfc3966",
    "tel_label",
    "zero_width",
];

struct Case {
    class: String,
    raw: String,
    region: Option<String>,
    intent: Option<String>,
    /// What libphonenumber answers, where it is a valid number.
    want: Option<String>,
    want_extension: String,
}

fn cases() -> Vec<Case> {
    let text = |value: &Value| value.as_str().map(str::to_string);
    include_str!("data/phone.jsonl")
        .lines()
        .map(|line| {
            let case: Value = serde_json::from_str(line).expect("the data are JSON lines");
            let want = &case["want"];
            Case {
                class: text(&case["cls"]).expect("every case has a class"),
                raw: text(&case["raw"]).expect("every case has a text"),
                region: text(&case["region"]),
                intent: text(&case["intent"]),
                want: if want["valid"] == true { text(&want["e164"]) } else { None },
                want_extension: text(&want["ext"]).unwrap_or_default(),
            }
        })
        .collect()
}

#[derive(Default)]
struct Tally {
    cases: usize,
    meant: usize,
    only_possible: usize,
    unreadable: usize,
    wanted: usize,
    want_met: usize,
}

#[test]
fn never_a_valid_number_that_was_not_meant_and_every_plain_form_is_read() {
    let reader = PhoneReader::new();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut wrong = String::new();
    let mut missed = String::new();
    for case in cases() {
        let tally = tallies.entry(case.class.clone()).or_default();
        tally.cases += 1;
        let answer = reader.read(trim(&case.raw), case.region.as_deref());
        let said = format!("{} {:?} in {:?}", case.class, case.raw, case.region);
        let number = match &answer {
            Ok(reading) if reading.notes.contains(&Note::PhoneNotAssigned) => {
                tally.only_possible += 1;
                None
            }
            Ok(reading) => Some(reading.value.first.as_str()),
            Err(_) => {
                tally.unreadable += 1;
                None
            }
        };
        let bare = number.map(|number| number.split_once(";ext=").map_or(number, |(bare, _)| bare));
        if let (Some(bare), Some(intent)) = (bare, &case.intent) {
            if bare == intent {
                tally.meant += 1;
            } else {
                let _ = writeln!(wrong, "{said}: {bare}, but {intent} was meant");
            }
        }
        if let Some(want) = &case.want {
            tally.wanted += 1;
            let mut want = want.clone();
            if !case.want_extension.is_empty() {
                let _ = write!(want, ";ext={}", case.want_extension);
            }
            if number == Some(&want) {
                tally.want_met += 1;
            } else if PLAIN.contains(&case.class.as_str()) {
                let _ = writeln!(missed, "{said}: {answer:?}, want {want}");
            }
        }
    }
    println!("{:22} cases meant only-possible unreadable want-met", "class");
    for (class, tally) in &tallies {
        println!(
            "{class:22} {:5} {:5} {:13} {:10} {:5}/{}",
            tally.cases, tally.meant, tally.only_possible, tally.unreadable, tally.want_met, tally.wanted
        );
    }
    assert!(wrong.is_empty(), "valid numbers that were not meant:\n{wrong}");
    assert!(missed.is_empty(), "plainly written numbers not read:\n{missed}");
}
