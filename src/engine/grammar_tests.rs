use super::*;
use proptest::prelude::*;

const PLAIN: Grammar =
    Grammar { delimiter: b',', quote: Some(b'"'), escape: Escape::Doubled, spaces_around_quotes: false };

fn cells(grammar: &Grammar, record: &str) -> Vec<String> {
    let (mut text, mut ends, mut start) = (String::new(), Vec::new(), 0);
    grammar.split(record, &mut text, &mut ends);
    ends.into_iter()
        .map(|end| {
            let cell = text[start..end as usize].to_owned();
            start = end as usize + 1;
            cell
        })
        .collect()
}

/// All records that are not empty lines, read by this grammar alone.
fn read_all(grammar: &Grammar, text: &str) -> Option<Vec<Vec<String>>> {
    let mut records = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let Scan::Record(extent) = grammar.scan(&text.as_bytes()[at..], true, true) else { return None };
        if extent.flaw.is_some() {
            return None;
        }
        if extent.end > 0 {
            let found = cells(grammar, &text[at..at + extent.end]);
            assert_eq!(found.len(), extent.cells as usize);
            records.push(found);
        }
        at += extent.next;
    }
    Some(records)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn wherever_quotes_are_whole_cells_are_those_of_the_csv_crate(text in "[ab,\"\r\n]{0,40}") {
        if let Some(records) = read_all(&PLAIN, &text) {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let theirs: Vec<Vec<String>> =
                reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
            prop_assert_eq!(records, theirs);
        }
    }

    #[test]
    fn more_text_never_changes_where_a_record_ends(text in "[a,\"\r\n]{0,30}", rest in "[a,\"\r\n]{0,10}") {
        if let Scan::Record(extent) = PLAIN.scan(text.as_bytes(), false, true) {
            let longer = format!("{text}{rest}");
            prop_assert_eq!(PLAIN.scan(longer.as_bytes(), true, true), Scan::Record(extent));
        }
    }
}

#[test]
fn cells_are_cut_as_the_dialect_says() {
    let backslash = Grammar { escape: Escape::Backslash, ..PLAIN };
    let spaced = Grammar { spaces_around_quotes: true, ..PLAIN };
    let single = Grammar { quote: Some(b'\''), delimiter: b';', ..PLAIN };
    let none = Grammar { quote: None, delimiter: b'\t', ..PLAIN };
    let cases: &[(&Grammar, &str, &[&str])] = &[
        (&PLAIN, "a,b,", &["a", "b", ""]),
        (&PLAIN, "\"a,\"\"b\"\"\",c", &["a,\"b\"", "c"]),
        (&PLAIN, "5\" pipe,a\"b\"", &["5\" pipe", "a\"b\""]),
        (&PLAIN, "\"\",\"\"", &["", ""]),
        (&backslash, r#""say \"hi\"","C:\Users","a\\",x\y"#, &["say \"hi\"", "C:\\Users", "a\\", "x\\y"]),
        (&spaced, "a, \"b, c\" , \"d\"", &["a", "b, c", "d"]),
        (&single, "'O''Neil; x';\"y\"", &["O'Neil; x", "\"y\""]),
        (&none, "\"a\t'b'", &["\"a", "'b'"]),
    ];
    for (grammar, record, expected) in cases {
        assert_eq!(&cells(grammar, record), expected, "{record}");
        let Scan::Record(extent) = grammar.scan(record.as_bytes(), true, true) else { panic!("{record} is open") };
        assert_eq!((extent.cells as usize, extent.flaw), (expected.len(), None), "{record}");
    }
}

#[test]
fn broken_quotes_are_named_with_their_place() {
    let Scan::Record(extent) = PLAIN.scan(b"a,\"b\nc\"d,e\nf", true, true) else { panic!("it ends") };
    assert_eq!(extent.flaw, Some(QuoteFlaw { kind: QuoteFlawKind::TextAfterQuote, at: 7, breaks_before: 1 }));
    assert_eq!((extent.end, extent.next, extent.cells, extent.breaks), (10, 11, 3, 1));
    assert_eq!(PLAIN.scan(b"a,\"b\nc", true, true), Scan::Open { at: 2, breaks_before: 0, at_end_of_file: true });
    assert_eq!(PLAIN.scan(b"a,\"b\nc", false, true), Scan::More);
    let long = format!("\"{}\",x\n", "\n".repeat(1001));
    assert_eq!(PLAIN.scan(long.as_bytes(), true, true), Scan::Open { at: 0, breaks_before: 0, at_end_of_file: false });
    let allowed = format!("\"{}\",x\n", "\n".repeat(1000));
    assert!(matches!(PLAIN.scan(allowed.as_bytes(), true, true), Scan::Record(Extent { flaw: None, .. })));
}

#[test]
fn line_breaks_of_every_kind_count_once() {
    for (text, breaks) in [("a\nb", 1), ("a\r\nb", 1), ("a\rb", 1), ("\r\r\n\n", 3), ("a\r", 1)] {
        assert_eq!(count_breaks(text.as_bytes()), breaks, "{text:?}");
    }
}

/// The cells of a record that is read in one pass, with its extent; none where it takes the longer way.
fn plain_cells<'t>(grammar: &Grammar, text: &'t str) -> Option<(Plain, Vec<&'t str>)> {
    const BASE: u32 = 7;
    let mut spans = Vec::new();
    let plain = grammar.read_plain(text.as_bytes(), BASE, &mut spans)?;
    let at = |place: u32| (place - BASE) as usize;
    Some((plain, spans.iter().map(|span| &text[at(span.start)..at(span.end)]).collect()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]
    #[test]
    fn what_is_read_in_one_pass_is_what_scanning_and_splitting_read(
        text in "([ab,;]|[ \té\0\\\\]|\"|,\"|\",|\r|\n){0,20}",
        quote in prop::sample::select(vec![Some(b'"'), Some(b';'), None]),
        escape in prop::sample::select(vec![Escape::Doubled, Escape::Backslash]),
        delimiter in prop::sample::select(vec![b',', b'\t']),
        spaces_around_quotes: bool,
    ) {
        let grammar = Grammar { delimiter, quote, escape, spaces_around_quotes };
        if let Some((plain, found)) = plain_cells(&grammar, &text) {
            let Scan::Record(extent) = grammar.scan(text.as_bytes(), false, true) else { panic!("it has no end") };
            prop_assert_eq!((plain.end, plain.next, plain.breaks), (extent.end, extent.next, extent.breaks));
            prop_assert_eq!((extent.flaw, extent.cells as usize), (None, found.len()));
            prop_assert_eq!(found, cells(&grammar, &text[..plain.end]));
            let (line, _) = line_end(text.as_bytes(), 0, false).unwrap();
            prop_assert!(!grammar.is_blank(&text.as_bytes()[..line]));
        }
    }
}

#[test]
fn ordinary_records_are_read_in_one_pass_and_odd_ones_are_not() {
    let ordinary: &[(&str, &[&str], u32)] = &[
        ("a,b,\nx", &["a", "b", ""], 0),
        (",\"b, c\",\"\"\r\nx", &["", "b, c", ""], 0),
        ("5\" pipe,a\"b\"\nx", &["5\" pipe", "a\"b\""], 0),
        ("\"a\r\nb\",c\rx", &["a\r\nb", "c"], 1),
    ];
    for (text, expected, breaks) in ordinary {
        let (plain, found) = plain_cells(&PLAIN, text).unwrap();
        assert_eq!((&found[..], plain.breaks, plain.next), (*expected, *breaks, text.len() - 1), "{text:?}");
    }
    let odd =
        ["", "a,b", "a,b\r", "\nx", " ,\t\nx", "\"a\"\"b\"\nx", "\"a\" ,b\nx", "\"a\"b\nx", "\"a\nb\nc\"\nx", "\"a\nx"];
    for text in odd {
        assert_eq!(plain_cells(&PLAIN, text), None, "{text:?}");
    }
}
