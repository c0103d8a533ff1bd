use super::plan::{self, after_code, north_american};
use super::*;
use crate::domain::issue::Code;
use crate::domain::values::clean::trim;
use proptest::prelude::*;
use rlibphonenumber::{PhoneNumber, PhoneNumberUtil, Region};

const NONE: &[Note] = &[];
const NOT_ASSIGNED: &[Note] = &[Note::PhoneNotAssigned];
const SPLIT: &[Note] = &[Note::PhoneSplit];
const WORDS: &[Note] = &[Note::PhoneWordsDropped];
const PLUS: &[Note] = &[Note::PhonePlusAdded];

/// A country written as "" is none.
fn country(code: &str) -> Option<&str> {
    Some(code).filter(|code| !code.is_empty())
}

/// Text, default country, the numbers it gives (`|` between them), notes.
fn assert_read(table: &[(&str, &str, &str, &[Note])]) {
    let reader = PhoneReader::new();
    for &(text, code, want, notes) in table {
        let got = reader.read(trim(text), country(code)).map(|reading| {
            let mut numbers = vec![reading.value.first];
            numbers.extend(reading.value.rest);
            (numbers.join("|"), reading.notes)
        });
        assert_eq!(got, Ok((want.to_string(), notes.to_vec())), "{text:?} in {code:?}");
    }
}

/// Text, default country, words that the guidance must hold.
fn assert_unreadable(table: &[(&str, &str, &str)]) {
    let reader = PhoneReader::new();
    for &(text, code, words) in table {
        match reader.read(trim(text), country(code)) {
            Ok(reading) => panic!("{text:?} in {code:?} was read: {reading:?}"),
            Err(problem) => {
                assert_eq!(problem.code, Code::PhoneUnreadable, "{text:?}");
                assert!(problem.guidance.contains(words), "{text:?} in {code:?}: {}", problem.guidance);
                assert!(problem.guidance.contains("E.164 always works (+1 1234567890)"), "{}", problem.guidance);
            }
        }
    }
}

#[test]
fn the_samples_of_the_specification_are_accepted_with_a_note() {
    assert_read(&[
        ("+1 1234567890", "US", "+11234567890", NOT_ASSIGNED),
        ("+1 1234567890", "", "+11234567890", NOT_ASSIGNED),
        ("+1 1234567890", "AT", "+11234567890", NOT_ASSIGNED),
        ("123-456-7890", "US", "+11234567890", NOT_ASSIGNED),
        ("(123) 456-7890", "US", "+11234567890", NOT_ASSIGNED),
        ("(123) 4567890", "US", "+11234567890", NOT_ASSIGNED),
        ("1234567890", "US", "+11234567890", NOT_ASSIGNED),
    ]);
}

#[test]
fn what_is_not_possible_is_unreadable_and_says_why() {
    assert_unreadable(&[
        ("5551234", "US", "only local: area code missing"),
        ("12", "US", "too few digits"),
        ("call me", "US", "no number in it"),
        ("+999 123", "US", "calling code"),
        ("+1 212 555 01234567", "US", "too many digits"),
        ("1234567890123456789012345678901234567890", "US", "too many digits"),
        ("212-555-0123", "", "national forms need the default country, and none is set"),
        ("12", "AT", "national forms need the default country, now AT"),
        ("+", "US", "no number in it"),
        ("()", "US", "no number in it"),
        (";", "US", "no number in it"),
    ]);
}

#[test]
fn e164_is_read_whatever_the_default_country_is() {
    for code in ["US", "AT", "JP", "XX", "no country at all", ""] {
        assert_read(&[
            ("+436641234567", code, "+436641234567", NONE),
            ("+43 (664) 123-45.67", code, "+436641234567", NONE),
            ("+1 212-555-0123", code, "+12125550123", NONE),
            ("0043 664 1234567", code, "+436641234567", NONE),
        ]);
    }
}

#[test]
fn what_spreadsheets_do_is_undone_or_named() {
    assert_read(&[
        ("436641234567.0", "AT", "+436641234567", PLUS),
        ("436641234567,0", "AT", "+436641234567", PLUS),
        ("+436641234567.0", "", "+436641234567", NONE),
        ("2125550123.0", "US", "+12125550123", NONE),
        ("'+436641234567", "US", "+436641234567", NONE),
        ("=\"06641234567\"", "AT", "+436641234567", NONE),
    ]);
    let damaged = "damaged by a spreadsheet: digits are lost";
    assert_unreadable(&[
        ("1.23457E+10", "US", damaged),
        ("4,3123E+11", "AT", damaged),
        ("4E+11", "AT", damaged),
        ("1.23457e10", "US", damaged),
        ("+1.23457E+10", "US", damaged),
        // Decimals or the last digits of the number: both can be.
        ("+431234567.00", "AT", "+43123456700"),
        // Gabon's numbers begin with a 0 that spreadsheets take; what is left was a number once.
        ("6031234", "GA", "+24106031234"),
    ]);
}

#[test]
fn words_after_the_number_are_no_vanity_digits() {
    assert_read(&[
        ("+43 664 1234567 (work)", "US", "+436641234567", WORDS),
        ("0664 1234567 mobil", "AT", "+436641234567", WORDS),
        ("+268 7612 3456 - work", "SZ", "+26876123456", WORDS),
        ("+1 1234567890 (home)", "US", "+11234567890", &[Note::PhoneNotAssigned, Note::PhoneWordsDropped]),
        ("212-555-0123 ask for Ann", "US", "+12125550123", WORDS),
        ("Ann: 212-555-0123", "US", "+12125550123", WORDS),
    ]);
    assert_unreadable(&[
        ("212-555-0123 after 5", "US", "more digits follow"),
        ("1-800 work", "DE", "no assigned number"),
        ("Kundennummer 12345678", "DE", "no assigned number"),
    ]);
}

#[test]
fn words_that_say_so_make_an_extension() {
    let number = "+4315885812;ext=34";
    for text in [
        "+43 1 5885812 ext. 34",
        "+43 1 5885812 EXT 34",
        "+43 1 5885812 extension 34",
        "+43 1 5885812x34",
        "+43 1 5885812 x 34",
        "+43 1 5885812 #34",
        "+43 1 5885812#34",
        "+43 1 5885812,,34",
        "+43 1 5885812;ext=34",
        "+43 1 5885812 - 34#",
        "+43 1 5885812 poste 34",
        "+43 1 5885812 Durchw. 34",
        "+43 1 5885812 (Durchwahl: 34)",
        "+43 1 5885812, DW 34",
        "+43 1 5885812 доб. 34",
        "+43 1 5885812 内線34",
        "tel:+43-1-5885812;ext=34",
    ] {
        assert_read(&[(text, "", number, NONE)]);
    }
    assert_read(&[("+43 1 5885812 (office) ext 34", "", number, WORDS)]);
    assert_unreadable(&[
        ("+43 1 5885812 ext 34 ext 56", "", "more digits follow"),
        ("+43 1 5885812 ext 34a", "", "letters stand among the digits"),
        ("212-555-0123 x 2125550124", "US", "more digits follow"),
        // The same digits may be the end of the number.
        ("+43 664 1234567 (12)", "", "+436641234567 or +43664123456712"),
    ]);
}

#[test]
fn capital_letters_are_vanity_digits_only_where_nothing_else_makes_a_number() {
    assert_read(&[
        ("1-800-FLOWERS", "US", "+18003569377", NONE),
        ("+1 800 GO FEDEX", "", "+18004633339", NONE),
        // Too long to be one, so the letters are words.
        ("+43 664 1234567 WIEN", "", "+436641234567", WORDS),
    ]);
    assert_unreadable(&[
        ("212-555 XXXX", "US", "masked"),
        ("+43 664 123 XXX", "", "masked"),
        ("+43 664 123...", "", "cut off"),
        ("+43 664 123…", "", "cut off"),
        ("212-555-****", "US", "\"*\" is not part of a phone number"),
        ("800SDFGHJK", "US", "letters"),
        ("A1B2C3D4E5", "US", "letters"),
    ]);
}

#[test]
fn letters_stuck_to_digits_are_slips_or_other_codes() {
    assert_unreadable(&[
        ("O664 1234567", "AT", "letters"),
        ("0664 123456O", "AT", "letters"),
        ("0664 I234567", "AT", "letters"),
        ("C-2125550123", "US", "letters"),
        ("CUST2125550123", "US", "letters"),
        ("436641234567@s.whatsapp.net", "AT", "\"@\" is not part of a phone number"),
        ("0664 123456?", "AT", "\"?\" is not part of a phone number"),
        ("²125550123", "US", "\"²\" is not part of a phone number"),
        ("*123#", "US", "\"*\" is not part of a phone number"),
    ]);
}

#[test]
fn the_own_calling_code_without_a_plus_is_read_where_only_that_is_a_number() {
    assert_read(&[
        ("38562123456", "HR", "+38562123456", PLUS),
        ("43 664 1234567", "AT", "+436641234567", PLUS),
        ("55800123456", "BR", "+55800123456", PLUS),
        // A 1 before a North American number is dialled at home as well.
        ("12125550123", "US", "+12125550123", NONE),
        ("1 (212) 555-0123", "CA", "+12125550123", NONE),
        ("1 1234567890", "US", "+11234567890", NOT_ASSIGNED),
    ]);
    let reader = PhoneReader::new();
    for (text, code, one, other) in [
        ("4915123456789", "DE", "+494915123456789", "+4915123456789"),
        ("468123456", "SE", "+46468123456", "+468123456"),
    ] {
        let problem = reader.read(text, Some(code)).expect_err("both are numbers");
        assert!(problem.guidance.contains(one) && problem.guidance.contains(other), "{}", problem.guidance);
    }
    // Another country's calling code is never guessed.
    let answer = reader.read("447400123456", Some("US"));
    assert!(answer.is_err(), "{answer:?}");
}

#[test]
fn a_trunk_zero_in_brackets_is_dropped_unless_it_belongs_to_the_number() {
    assert_read(&[
        ("+44 (0)20 7946 0958", "US", "+442079460958", NONE),
        ("+44(0)2079460958", "", "+442079460958", NONE),
        ("0044 (0) 20 7946 0958", "GB", "+442079460958", NONE),
        ("44 (0)20 7946 0958", "GB", "+442079460958", PLUS),
        ("(+44) (0)20 7946 0958", "US", "+442079460958", NONE),
        ("+39 (0)6 6982 1234", "US", "+390669821234", NONE),
        ("+241 (0) 06031234", "GA", "+24106031234", NONE),
        ("(0)20 7946 0958", "GB", "+442079460958", NONE),
    ]);
}

#[test]
fn international_prefixes_are_read_also_where_they_are_not_dialled() {
    assert_read(&[
        ("0044 20 7946 0958", "AT", "+442079460958", NONE),
        ("0044 20 7946 0958", "US", "+442079460958", NONE),
        ("0044 20 7946 0958", "", "+442079460958", NONE),
        ("011 44 20 7946 0958", "US", "+442079460958", NONE),
        ("011 44 20 7946 0958", "AT", "+442079460958", NONE),
        ("011 44 20 7946 0958", "", "+442079460958", NONE),
        ("+0044 20 7946 0958", "US", "+442079460958", NONE),
        ("0079123456789", "RU", "+79123456789", NONE),
        // Sapporo's area code: the national reading comes first.
        ("011-231-1234", "JP", "+81112311234", NONE),
    ]);
    // Thailand's carriers have prefixes of their own, 006 among them.
    assert_unreadable(&[("0066622396989", "TH", "+6622396989 or +66622396989")]);
}

#[test]
fn labels_links_scripts_and_dashes_of_every_kind_are_read() {
    let number = "+46701234567";
    for text in [
        "p:+46701234567",
        "tel:+46-70-123-45-67",
        "TEL:+46701234567",
        "Tel. +46 70 123 45 67",
        "Tel.: +46 70 123 45 67",
        "Phone No: +46 70 123 45 67",
        "M +46 70 123 45 67",
        "☎ +46 70 123 45 67",
        "＋４６ ７０ １２３４５６７",
        "+٤٦ ٧٠ ١٢٣٤٥٦٧",
        "+४६ ७० १२३४५६७",
        "+46\u{2013}70\u{2014}123\u{2212}45\u{2011}67",
        "+46\u{A0}70\u{2009}123\u{3000}45\t67",
        "+46\u{200B}70\u{AD}1234567",
        "\u{202A}+46 70 123 45 67\u{202C}",
        "<+46 70 123 45 67>",
        "\"+46 70 123 45 67\"",
        "++46 70 123 45 67",
        "tel:70-123-45-67;phone-context=+46",
        "+46 70\n123 45 67",
    ] {
        assert_read(&[(text, "US", number, NONE)]);
    }
}

#[test]
fn several_numbers_in_one_cell_are_first_and_rest() {
    let two = "+12125550123|+12125550124";
    for text in [
        "212-555-0123; 212-555-0124",
        "212-555-0123 / 212-555-0124",
        "212-555-0123/212-555-0124",
        "212-555-0123, 212-555-0124",
        "212-555-0123\n212-555-0124",
        "212-555-0123 | 212-555-0124",
        "+1 212-555-0123 +1 212-555-0124",
        "212-555-0123;;212-555-0124;",
        "212-555-0123; 212-555-0124; 212-555-0123",
    ] {
        assert_read(&[(text, "US", two, SPLIT)]);
    }
    assert_read(&[
        ("212-555-0123; 212-555-0123", "US", "+12125550123", SPLIT),
        ("212-555-0123;", "US", "+12125550123", NONE),
        ("tel:+12125550123;ext=7; +12125550124", "US", "+12125550123;ext=7|+12125550124", SPLIT),
        ("212-555-0123 (home) / 212-555-0124 (work)", "US", two, &[Note::PhoneSplit, Note::PhoneWordsDropped]),
        ("123-456-7890; 212-555-0124", "US", "+11234567890|+12125550124", &[Note::PhoneNotAssigned, Note::PhoneSplit]),
    ]);
}

#[test]
fn a_slash_splits_only_what_is_not_one_number() {
    assert_read(&[
        ("030 / 1234567", "DE", "+49301234567", NONE),
        ("06/6981/2345", "VA", "+390669812345", NONE),
        ("+43 1 5885812 / +43 664 1234567", "AT", "+4315885812|+436641234567", SPLIT),
    ]);
    assert_unreadable(&[
        ("212-555-0123 / 555-0124", "US", "number"),
        ("212-555-0123; 12", "US", "number 2 in the cell: too few digits"),
        ("212-555-0123, 12", "US", "more digits follow"),
        // Possible as one, assigned as two.
        ("21123 / 21123", "UY", "+5982112321123 or +59821123"),
    ]);
}

#[test]
fn a_list_is_parted_by_comma_and_semicolon_only() {
    let reader = PhoneReader::new();
    let read = |text: &str| reader.read_list(text, Some("US")).map(|reading| (reading.value.join("|"), reading.notes));
    for (text, want, notes) in [
        ("+1 7877123460,+1 7877123461", "+17877123460|+17877123461", NONE),
        ("787-712-3460; 787-712-3461", "+17877123460|+17877123461", NONE),
        ("787-712-3460", "+17877123460", NONE),
        ("787-712-3460,,787-712-3460,", "+17877123460", NONE),
        (
            "787/712-3460, 123-456-7890 (old)",
            "+17877123460|+11234567890",
            &[Note::PhoneNotAssigned, Note::PhoneWordsDropped],
        ),
        ("+17877123460;ext=5", "+17877123460;ext=5", NONE),
    ] {
        assert_eq!(read(text), Ok((want.to_string(), notes.to_vec())), "{text:?}");
    }
    for (text, words) in [
        ("787-712-3460, 12", "number 2 in the cell: too few digits"),
        ("12", "too few digits"),
        ("787-712-3460 / 787-712-3461", "too many digits"),
        (",", "no number in it"),
    ] {
        let problem = reader.read_list(text, Some("US")).expect_err(text);
        assert!(problem.guidance.contains(words), "{text:?}: {}", problem.guidance);
    }
}

#[test]
fn the_short_way_of_north_american_numbers_answers_as_the_library() {
    let util = PhoneNumberUtil::new().expect("the library holds its data");
    let mut seed = 1_u64;
    let mut compared = 0;
    for region in util.get_supported_regions().filter(|region| util.is_nanpa_country(*region)) {
        for _ in 0..200 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let ten = format!("{}{:09}", 2 + (seed >> 60) % 8, (seed >> 20) % 1_000_000_000);
            for digits in [ten.clone(), format!("1{ten}")] {
                assert_eq!(north_american(&digits), util.parse(&digits, Some(region)).ok(), "{digits} in {region}");
                compared += 1;
            }
        }
    }
    assert!(compared > 5_000, "{compared}");
}

/// Numbers of every region, assigned and not: the examples of each kind, and others with digits changed, added and
/// taken away at random.
fn numbers_of(util: &PhoneNumberUtil, region: Region, seed: &mut u64) -> Vec<PhoneNumber> {
    use rlibphonenumber::PhoneNumberType::*;
    let mut chance = |below: u64| {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) % below
    };
    let kinds = [FixedLine, Mobile, TollFree, PremiumRate, SharedCost, VoIP, PersonalNumber, Pager, UAN, VoiceMail];
    let examples = kinds.iter().filter_map(|kind| util.get_example_number_for_type_and_region(region, *kind).ok());
    let mut numbers = Vec::new();
    for example in examples {
        for _ in 0..20 {
            let mut digits = rlibphonenumber::get_national_significant_number_owned(&example).into_bytes();
            for _ in 0..chance(4) {
                let place = chance(digits.len() as u64) as usize;
                digits[place] = b'0' + chance(10) as u8;
            }
            match chance(8) {
                0 => digits.push(b'0' + chance(10) as u8),
                1 => digits.truncate(digits.len().saturating_sub(1).max(2)),
                _ => {}
            }
            let digits = String::from_utf8(digits).expect("digits are ASCII");
            numbers.extend(plan::number(example.country_code, &digits));
        }
        numbers.push(example);
    }
    numbers
}

#[test]
fn what_is_plainly_written_is_read_as_any_other_text_in_every_region() {
    let reader = PhoneReader::new();
    let util = PhoneNumberUtil::new().expect("the library holds its data");
    let (mut seed, mut compared, mut short) = (1, 0, 0);
    for region in util.get_supported_regions() {
        let home = region.as_region_str();
        for number in numbers_of(&util, region, &mut seed) {
            assert_eq!(reader.plan.is_assigned(&number), util.is_valid_number(&number), "{number:?}");
            let national = rlibphonenumber::get_national_significant_number_owned(&number);
            let (front, back) = national.split_at(national.len() / 2);
            let code = number.country_code;
            for text in [
                format!("+{code}{national}"),
                format!("+{code} {front} {back}"),
                format!("+{code} ({front}) {back}"),
                format!("+0{code}{national}"),
                format!("+00{code}{national}"),
                national.clone(),
                format!("({front}) {back}"),
                format!("{front}.{back}"),
                format!("{front}-{back}"),
                format!("{code}{national}"),
                format!("1{national}"),
            ] {
                for country in [Some(&*home), Some("US"), None] {
                    compared += 1;
                    if let Some(first) = reader.plainly_written(&text, country) {
                        short += 1;
                        let plain = Reading::plain(Phones { first, rest: Vec::new() });
                        assert_eq!(reader.read_any(&text, country), Ok(plain), "{text} in {country:?}");
                    }
                }
            }
        }
    }
    assert!(compared > 300_000 && short > 60_000, "{short} of {compared}");
}

#[test]
fn calling_codes_of_every_length_are_found() {
    for (digits, code, rest) in
        [("15", 1, Some("5")), ("445", 44, Some("5")), ("3855", 385, Some("5")), ("44", 385, None)]
    {
        assert_eq!(after_code(digits, code), rest, "{digits} {code}");
    }
}

/// Text made of what phone cells are made of, and of anything else.
fn cell() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[0-9]{1,8}",
        2 => "[ ()+./,;|&#~x\\n-]{1,3}",
        1 => "(ext|tel:|DW|E\\+|;ext=|;phone-context=\\+|\\(0\\)|00|011|\\.0|FLOWERS)",
        1 => "[０-９٠-٩०-९－＋（）\u{200B}\u{202A}\u{2013}\u{A0}]{1,4}",
        1 => "\\PC{1,4}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn is_canonical(number: &str) -> bool {
    let (number, extension) = number.split_once(";ext=").unwrap_or((number, "1"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    number.strip_prefix('+').is_some_and(|rest| digits(rest) && !rest.starts_with('0')) && digits(extension)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_plainly_written_is_taken_apart_the_same(text in "[+(]?[0-9 .()-]{0,22}") {
        if let Some(digits) = Digits::of(&text) {
            let written = clean::take_apart(&text);
            let want = Written { plus: digits.plus, digits: digits.as_str().to_owned(), ..Written::default() };
            prop_assert_eq!(written.as_ref(), Ok(&want), "{:?}", text);
            prop_assert!(Separator::ALL.iter().all(|separator| split::parts(&text, *separator).is_empty()));
        }
    }

    #[test]
    fn any_text_is_read_as_canonical_numbers_or_refused(text in cell(), code in "(US|AT|DE|IT|AR|BR|KR|SG|GA|MX|ZZ|)") {
        thread_local!(static READER: PhoneReader = PhoneReader::new());
        READER.with(|reader| -> Result<(), TestCaseError> {
            let country = country(&code);
            if let Ok(reading) = reader.read(trim(&text), country) {
                for number in std::iter::once(&reading.value.first).chain(&reading.value.rest) {
                    prop_assert!(is_canonical(number), "{:?}: {}", text, number);
                    // What is stored reads as itself, wherever it is read again.
                    let again = reader.read(number, None).map(|reading| reading.value.first);
                    prop_assert_eq!(again.as_ref(), Ok(number), "{:?}", text);
                }
            }
            if let Ok(reading) = reader.read_list(trim(&text), country) {
                prop_assert!(reading.value.iter().all(|number| is_canonical(number)), "{:?}: {:?}", text, reading);
            }
            Ok(())
        })?;
    }
}

#[test]
fn every_region_of_the_library_is_a_country_that_numbers_are_read_in() {
    let reader = PhoneReader::new();
    let util = PhoneNumberUtil::new().expect("the library holds its data");
    for region in util.get_supported_regions() {
        let Ok(example) = util.get_example_number(region) else { continue };
        let e164 = util.format(&example, rlibphonenumber::PhoneNumberFormat::E164).to_string();
        let national = util.format(&example, rlibphonenumber::PhoneNumberFormat::National).to_string();
        for (text, country) in [(&e164, None), (&national, Some(region.as_region_str()))] {
            let got = reader.read(text, country.as_deref()).map(|reading| reading.value.first);
            assert_eq!(got.as_ref(), Ok(&e164), "{text} in {region}");
        }
    }
}
