//! Phone numbers hold their promise over 1,500 ways of writing them, and over numbers of every kind of every country:
//! never a valid number that was not meant.
//!
//! `data/phone.jsonl` was made from libphonenumber's example numbers. Of each case, `want` is what libphonenumber
//! answers to the raw text, and `intent` the number that was meant; `intent` rules.

use landfall::domain::issue::Note;
use landfall::domain::values::clean::trim;
use landfall::domain::values::phone::PhoneReader;
use rlibphonenumber::{
    PhoneNumber, PhoneNumberFormat, PhoneNumberType, PhoneNumberUtil, Region, get_national_significant_number_owned,
};
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

/// Numbers that are valid in a region, of every kind that it has: the library's example and some near it.
fn valid_numbers(util: &PhoneNumberUtil, region: Region) -> Vec<PhoneNumber> {
    use PhoneNumberType::*;
    const KINDS: [PhoneNumberType; 10] =
        [FixedLine, Mobile, TollFree, PremiumRate, SharedCost, VoIP, PersonalNumber, Pager, UAN, VoiceMail];
    let mut numbers = Vec::new();
    let mut seed = 7_u64;
    for kind in KINDS {
        let Ok(example) = util.get_example_number_for_type_and_region(region, kind) else { continue };
        for _ in 0..4 {
            // Other digits at the end, as many as chance says.
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let length = u64::from(example.national_number.ilog10()) + 1;
            let changed = 10_u64.pow(((seed >> 40) % length) as u32);
            let mut number = example.clone();
            number.national_number = number.national_number / changed * changed + (seed >> 13) % changed;
            if util.is_valid_number_for_region(&number, region) {
                numbers.push(number);
            }
        }
        numbers.push(example);
    }
    numbers
}

#[test]
fn numbers_of_every_kind_and_country_are_read_in_every_plain_form_and_never_as_another_number() {
    let util = PhoneNumberUtil::new().expect("the library holds its data");
    let reader = PhoneReader::new();
    let mut wrong = String::new();
    let mut missed = String::new();
    let mut read = 0;
    for region in util.get_supported_regions() {
        let home = region.as_region_str();
        let home = Some(home.as_str());
        for number in valid_numbers(&util, region) {
            let written = |format| util.format(&number, format).to_string();
            let e164 = written(PhoneNumberFormat::E164);
            let bare = &e164[1..];
            let code = number.country_code;
            let national = written(PhoneNumberFormat::National);
            let international = written(PhoneNumberFormat::International);
            let significant = get_national_significant_number_owned(&number);
            let digits: String = national.chars().filter(char::is_ascii_digit).collect();
            let plain = [
                (e164.clone(), None),
                (e164.clone(), Some("US")),
                (format!("{e164}.0"), home),
                (written(PhoneNumberFormat::RFC3966), home),
                (international.clone(), home),
                (format!("{international} (work)"), home),
                (format!("{international} / {international}"), home),
                (format!("+{code} (0) {significant}"), home),
                (national.clone(), home),
                (national.replace([' ', '-'], "/"), home),
                (format!("{national}, {national}"), home),
                (digits.clone(), home),
                (format!("00{bare}"), Some("US")),
                (format!("011{bare}"), Some("US")),
            ];
            // What damage or habit leaves open may be refused.
            let open = [
                (bare.to_string(), home),
                (format!("{bare}.0"), home),
                (format!("00{bare}"), home),
                (significant.trim_start_matches('0').to_string(), home),
                (format!("{international} (12)"), home),
                (format!("{national} / {national}"), home),
            ];
            let plain_forms = plain.len();
            for (place, (text, country)) in plain.into_iter().chain(open).enumerate() {
                match reader.read(&text, country) {
                    Ok(reading) if reading.value.first == e164 => read += 1,
                    Ok(reading) if !reading.notes.contains(&Note::PhoneNotAssigned) => {
                        let _ = writeln!(wrong, "{text:?} in {country:?}: {}, not {e164}", reading.value.first);
                    }
                    answer if place < plain_forms => {
                        let _ = writeln!(missed, "{text:?} in {country:?}: {answer:?}, not {e164}");
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(wrong.is_empty(), "valid numbers that were not meant:\n{wrong}");
    assert!(missed.is_empty(), "plainly written numbers not read:\n{missed}");
    assert!(read > 50_000, "only {read} numbers were tried");
}
