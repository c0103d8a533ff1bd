use super::*;
use proptest::prelude::*;
use std::io::Write;

fn sniff_bytes(bytes: &[u8]) -> Result<Sniffed, SniffError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    sniff(&Delivery::open(file.path()).unwrap(), &Overrides::default())
}

#[test]
fn delimiters_are_written_as_people_write_them() {
    for (text, byte) in
        [(",", b','), ("tab", b'\t'), ("\\t", b'\t'), ("\t", b'\t'), ("pipe", b'|'), ("space", b' '), ("~", b'~')]
    {
        assert_eq!(parse_delimiter(text), Ok(byte), "{text}");
    }
    for text in ["", ";;", "a", "7", "\"", "\n", "§"] {
        assert!(parse_delimiter(text).is_err(), "{text}");
    }
}

#[test]
fn every_decision_has_a_reason_to_show() {
    let sniffed = sniff_bytes(b"Title\n\na;b;\n1;2;\n3;4;\n").unwrap();
    let shown: Vec<(&str, &str)> = sniffed.reasons.iter().map(|r| (r.what, r.chosen.as_str())).collect();
    let expected = [
        ("encoding", "UTF-8"),
        ("delimiter", ";"),
        ("quote", "\", doubled inside"),
        ("header_row", "3"),
        ("columns", "2"),
    ];
    assert_eq!(shown, expected);
    assert!(sniffed.reasons.iter().all(|reason| !reason.why.is_empty()));
}

#[test]
fn line_ends_inside_quotes_are_not_those_of_the_file() {
    for (text, newline) in [
        ("a,b\r\n1,\"x\ny\"\r\n", Newline::Crlf),
        ("a,b\n1,2\n", Newline::Lf),
        ("a,b\r1,2\r", Newline::Cr),
        ("a,b\r\n1,2\n", Newline::Mixed),
        ("a,b", Newline::Lf),
    ] {
        assert_eq!(sniff_bytes(text.as_bytes()).unwrap().dialect.newline, newline, "{text:?}");
    }
}

#[test]
fn what_cannot_be_decided_is_said_with_the_candidates() {
    let sniffed = sniff_bytes(b"name,city\nAnn,\x8a\nBo,x\n").unwrap();
    let problem = sniffed.problems.iter().find(|problem| problem.code == "encoding_uncertain").unwrap();
    assert!(problem.detail.contains(" or ") && problem.detail.contains("--encoding"), "{}", problem.detail);
}

#[test]
fn an_encoding_that_cannot_be_read_is_refused_by_name() {
    let error = sniff_bytes(b"name,city\n\x1b$)C\x0e0h\x0f,x\n").unwrap_err();
    assert_eq!(error.code(), "encoding_unknown");
    assert!(error.to_string().contains("ISO-2022-KR"), "{error}");
}

#[test]
fn a_first_line_without_end_is_no_header() {
    let error = sniff_bytes(&b"x,".repeat(HEAD_BYTES)).unwrap_err();
    assert_eq!(error.code(), "no_header");
    assert!(error.to_string().contains("longer than 512 KiB"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn whatever_the_bytes_what_is_sniffed_can_be_read_and_adds_up(
        wide in any::<bool>(),
        pieces in proptest::collection::vec(
            prop_oneof![
                "[a-zA-Zé]{1,6}", "[0-9]{1,4}", Just(",".to_owned()), Just(",".to_owned()), Just(";".to_owned()),
                Just("\t".to_owned()), Just("\"".to_owned()), Just("'".to_owned()), Just("\\".to_owned()),
                Just("\n".to_owned()), Just("\r\n".to_owned()), Just("\r".to_owned()), Just("\0".to_owned()),
                Just("a@b.example".to_owned()), Just("sep=;".to_owned()), Just("ü".to_owned()), Just("日本".to_owned()),
            ],
            0..60),
    ) {
        let text = pieces.concat();
        let bytes: Vec<u8> = if wide { text.encode_utf16().flat_map(u16::to_le_bytes).collect() } else { text.into_bytes() };
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let Ok(delivery) = Delivery::open(file.path()) else { return Ok(()) };
        let Ok(sniffed) = sniff(&delivery, &Overrides::default()) else { return Ok(()) };
        prop_assert!(!sniffed.dialect.columns.is_empty());
        let mut reader = RecordReader::new(&delivery, &sniffed.dialect).unwrap();
        let mut batch = RowBatch::new();
        while reader.read_batch(&mut batch, 7).unwrap() > 0 {}
        prop_assert_eq!(reader.position().tally.bytes(), bytes.len() as u64);
        prop_assert_eq!(reader.position().tally.total_lines() + 1, reader.position().line);
    }
}
