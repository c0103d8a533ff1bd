use super::ListKind::{Options, Tags, Textbox};
use super::*;
use crate::domain::issue::Code;
use crate::domain::values::clean::folded;
use proptest::prelude::*;

fn declared(names: &[&str]) -> Declared {
    Declared::new(&names.iter().map(|name| name.to_string()).collect::<Vec<_>>())
}

fn read(text: &str, kind: ListKind, names: &[&str], separator: Option<Separator>) -> Vec<String> {
    read_list(text, kind, &declared(names), separator).unwrap_or_else(|problem| panic!("{text}: {problem:?}")).value
}

#[test]
fn options_part_at_comma_semicolon_or_period() {
    // R228, R229, R231–R233.
    let colours = ["Blue", "Yellow", "Green"];
    for text in [
        "Blue, Yellow, Green",
        "Blue,Yellow,Green",
        "Blue; Yellow; Green",
        "Blue.Yellow.Green",
        "Blue. Yellow. Green",
        "blue,YELLOW,green",
        " ,Blue,,Yellow , Green,",
        "Blue.Yellow.Green.",
        "Blue, Yellow, blue, Green",
    ] {
        assert_eq!(read(text, Options, &colours, None), colours, "{text}");
        assert_eq!(read(text, Tags, &colours, None), colours, "{text}");
    }
    assert_eq!(read("Blue", Options, &colours, None), ["Blue"]);
    assert_eq!(read(" ; ", Options, &colours, None), [""; 0]);
}

#[test]
fn a_cell_has_one_kind_of_separator() {
    for (text, want) in [
        ("a, b; c, d", vec!["a, b", "c, d"]),
        ("a. b, c. d", vec!["a. b", "c. d"]),
        ("a. b; c", vec!["a. b", "c"]),
        ("a.b; c", vec!["a.b", "c"]),
    ] {
        assert_eq!(read(text, Tags, &[], None), want, "{text}");
        assert_eq!(read(text, Textbox, &[], None), want, "{text}");
    }
}

#[test]
fn a_period_parts_open_lists_only_before_a_space() {
    // R230, R237, R238.
    for (text, want) in [
        ("lead. hot. vip", vec!["lead", "hot", "vip"]),
        ("node.js", vec!["node.js"]),
        ("v1.2", vec!["v1.2"]),
        ("lead. node.js", vec!["lead", "node.js"]),
        ("Blue.Yellow.Green", vec!["Blue.Yellow.Green"]),
        ("Acme Inc.", vec!["Acme Inc."]),
        ("one two", vec!["one two"]),
    ] {
        assert_eq!(read(text, Tags, &[], None), want, "{text}");
        assert_eq!(read(text, Textbox, &[], None), want, "{text}");
        assert_eq!(read(text, Options, &[], None), want, "{text}");
    }
}

#[test]
fn what_is_declared_is_never_parted() {
    let places = ["St. Louis", "Boston", "Washington, D.C.", "Trinidad; Tobago"];
    for (text, want) in [
        ("St. Louis", vec!["St. Louis"]),
        ("st. louis", vec!["St. Louis"]),
        ("St. Louis, Boston", vec!["St. Louis", "Boston"]),
        ("St. Louis.Boston", vec!["St. Louis", "Boston"]),
        ("St. Louis. Boston", vec!["St. Louis", "Boston"]),
        ("Washington, D.C.", vec!["Washington, D.C."]),
        ("Boston, Washington, D.C., St. Louis", vec!["Boston", "Washington, D.C.", "St. Louis"]),
        ("Boston; Trinidad; Tobago", vec!["Boston", "Trinidad; Tobago"]),
    ] {
        assert_eq!(read(text, Options, &places, None), want, "{text}");
        assert_eq!(read(text, Tags, &places, None), want, "{text}");
    }
    assert_eq!(read("St. Louis. lead", Tags, &places, None), ["St. Louis", "lead"]);
    assert_eq!(read("lead. St. Louis", Tags, &places, None), ["lead", "St. Louis"]);
}

#[test]
fn a_column_may_name_its_separator() {
    for (text, separator, want) in [
        ("Blue.Yellow.Green", Separator::Period, vec!["Blue", "Yellow", "Green"]),
        ("a, b.c", Separator::Period, vec!["a, b", "c"]),
        ("a, b; c", Separator::Comma, vec!["a", "b; c"]),
        ("a, b", Separator::Semicolon, vec!["a, b"]),
        ("lead. hot", Separator::Comma, vec!["lead. hot"]),
    ] {
        assert_eq!(read(text, Tags, &[], Some(separator)), want, "{text}");
    }
    assert_eq!(
        read("St. Louis.Boston", Options, &["St. Louis", "Boston"], Some(Separator::Period)),
        ["St. Louis", "Boston"]
    );
}

#[test]
fn unknown_options_are_named_and_unknown_tags_are_kept() {
    for text in ["Blue, Purple", "Purple", "Blue.Purple", "Blue. Purple"] {
        let problem = read_list(text, Options, &declared(&["Blue", "Green"]), None).unwrap_err();
        assert_eq!(problem.code, Code::OptionUnknown);
        assert!(problem.guidance.contains("accepted are Blue, Green."), "{}", problem.guidance);
    }
    assert_eq!(read("blue, Purple", Tags, &["Blue"], None), ["Blue", "Purple"]);
}

#[test]
fn repetitions_are_left_out() {
    assert_eq!(read("Hot, hot, cold, HOT", Tags, &[], None), ["Hot", "cold"]);
    assert_eq!(read("Hot, hot, Hot", Textbox, &[], None), ["Hot", "hot"]);
}

#[test]
fn long_cells_and_nul_characters_are_named() {
    assert_eq!(read_list(&"x".repeat(10_001), Tags, &declared(&[]), None).unwrap_err().code, Code::TooLong);
    let reading = read_list("a\0, b", Tags, &declared(&[]), None).unwrap();
    assert_eq!((reading.value, reading.notes), (vec!["a".into(), "b".into()], vec![Note::NulRemoved]));
}

#[test]
fn words_joined_by_periods_are_noticed() {
    for text in ["Blue.Yellow.Green", "lead.hot", "grün.gelb"] {
        assert!(is_joined_by_periods(text), "{text}");
    }
    for text in ["Blue", "v1.2", "St. Louis", "a.b", "Blue.", "one two.three", ""] {
        assert!(!is_joined_by_periods(text), "{text}");
    }
}

proptest! {
    #[test]
    fn of_values_that_are_the_same_the_first_is_kept_however_many_there_are(parts in proptest::collection::vec("[a-cA-C]{1,2}|É|é| d  D ", 0..40)) {
        for kind in [Textbox, Tags] {
            let key = |part: &str| if kind == Tags { folded(part) } else { part.to_owned() };
            let mut keys = HashSet::new();
            let want: Vec<String> = parts.iter().filter(|part| keys.insert(key(part))).cloned().collect();
            let got = read_values(parts.iter().map(String::as_str), kind, &Declared::default());
            prop_assert_eq!(got, Ok(want));
        }
    }

    #[test]
    fn no_text_panics_and_lists_joined_again_read_as_themselves(text in "[aB éß.,;\u{0}]{0,12}", names in proptest::collection::vec("[aB.,; ]{1,5}", 0..4)) {
        let declared = Declared::new(&names);
        for kind in [Options, Textbox, Tags] {
            for separator in [None, Some(Separator::Semicolon), Some(Separator::Comma), Some(Separator::Period)] {
                let _ = read_list(&text, kind, &declared, separator);
            }
            if let Ok(Reading { value, .. }) = read_list(&text, kind, &Declared::default(), None)
                && !value.iter().any(|value| value.contains(';'))
            {
                let joined = format!("{};", value.join("; "));
                prop_assert_eq!(read_list(&joined, kind, &Declared::default(), None).map(|r| r.value), Ok(value));
            }
        }
    }

    #[test]
    fn declared_options_joined_by_anything_read_back(separator in "[,;.]", chosen in proptest::collection::vec(0usize..4, 1..6)) {
        let names = ["Blue", "St. Louis", "A, B", "C; D"];
        let mut want: Vec<&str> = Vec::new();
        for &place in &chosen {
            if !want.contains(&names[place]) {
                want.push(names[place]);
            }
        }
        // A cell has one kind of separator: values that contain the stronger ones need these.
        let strength = |text: &str| if text.contains(';') { 2 } else { usize::from(text.contains(',')) };
        let of_separator = strength(&separator);
        if want.iter().all(|name| strength(name) <= of_separator) {
            let joined = chosen.iter().map(|&place| names[place]).collect::<Vec<_>>().join(&separator);
            prop_assert_eq!(read(&joined, Options, &names, None), want);
        }
    }
}
