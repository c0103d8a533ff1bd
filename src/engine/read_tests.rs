use super::*;
use crate::domain::dialect::{Encoding, Escape, Newline};
use crate::engine::fetch::RowFetcher;
use proptest::prelude::*;
use std::io::Write;

/// A delivery with these bytes, read with commas and quotes, its header on the first line.
struct Case {
    file: tempfile::NamedTempFile,
    delivery: Delivery,
    dialect: Dialect,
}

impl Case {
    fn new(header: &str, body: &[u8]) -> Case {
        Case::encoded("UTF-8", header.as_bytes(), header, body)
    }

    /// The header as bytes in its encoding, with its line end, and as text.
    fn encoded(encoding: &str, raw_header: &[u8], header: &str, body: &[u8]) -> Case {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        // Opened before there is anything in it that may look like no text.
        file.write_all(b"a").unwrap();
        let delivery = Delivery::open(file.path()).unwrap();
        let mut content = raw_header.to_vec();
        content.extend_from_slice(body);
        std::fs::write(file.path(), content).unwrap();
        let cells: Vec<&str> = header.trim_end().split(',').collect();
        let dialect = Dialect {
            encoding: Encoding::named(encoding),
            bom: 0,
            delimiter: b',',
            quote: Some(b'"'),
            escape: Escape::Doubled,
            spaces_around_quotes: false,
            newline: Newline::Lf,
            sep_line: false,
            header_line: 1,
            header_offset: 0,
            data_offset: raw_header.len() as u64,
            data_line: 2,
            columns: column_names(&cells),
        };
        Case { file, delivery, dialect }
    }

    fn bytes(&self) -> u64 {
        self.file.as_file().metadata().unwrap().len()
    }
}

/// A row as the tests compare it.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    row: u64,
    line: u64,
    offset: u64,
    len: u64,
    shape: Shape,
    cells: Vec<String>,
}

fn seen(batch: &RowBatch) -> Vec<Seen> {
    let see = |row: super::super::rows::Row<'_>| {
        let info = row.info();
        Seen {
            row: info.row,
            line: info.line,
            offset: info.offset,
            len: info.len,
            shape: info.shape.clone(),
            cells: row.cells().map(str::to_owned).collect(),
        }
    };
    batch.iter().map(see).collect()
}

fn read(case: &Case) -> (Vec<Seen>, Position) {
    let mut reader = RecordReader::new(&case.delivery, &case.dialect).unwrap();
    let mut batch = RowBatch::new();
    let mut rows = Vec::new();
    while reader.read_batch(&mut batch, 1000).unwrap() > 0 {
        rows.extend(seen(&batch));
    }
    (rows, *reader.position())
}

/// Reads with a new reader for every record.
fn read_resumed(case: &Case) -> (Vec<Seen>, Position) {
    let mut position = case.dialect.start();
    let mut rows = Vec::new();
    let mut batch = RowBatch::new();
    loop {
        let mut reader = RecordReader::resume(&case.delivery, &case.dialect, position).unwrap();
        let count = reader.read_batch(&mut batch, 1).unwrap();
        position = *reader.position();
        if count == 0 {
            return (rows, position);
        }
        rows.extend(seen(&batch));
    }
}

/// Checks what holds for every delivery, and gives its rows.
fn check(case: &Case) -> Vec<Seen> {
    let (rows, end) = read(case);
    assert_eq!(end.tally.bytes(), case.bytes(), "the bytes add up");
    assert_eq!(end.offset, case.bytes());
    assert_eq!(end.row, rows.len() as u64);
    assert_eq!(end.tally.records.bytes, rows.iter().map(|row| row.len).sum::<u64>());
    assert_eq!(read_resumed(case), (rows.clone(), end), "stopping changes nothing");
    let mut fetcher = RowFetcher::new(&case.delivery, &case.dialect);
    for row in &rows {
        assert!(fetcher.fetch(row.offset, row.row, row.line).unwrap().is_some());
        assert_eq!(seen(&fetcher.batch), std::slice::from_ref(row), "fetched alone");
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn whatever_the_bytes_every_one_is_accounted_for_and_stopping_changes_nothing(
        body in proptest::collection::vec(
            prop_oneof![8 => Just(b'a'), 5 => Just(b','), 3 => Just(b'"'), 4 => Just(b'\n'), 2 => Just(b'\r'),
                1 => Just(b' '), 1 => Just(0u8), 1 => any::<u8>()],
            0..200),
    ) {
        check(&Case::new("a,b,c\n", &body));
    }

    #[test]
    fn so_it_is_in_other_encodings(
        which in 0usize..5,
        body in proptest::collection::vec(
            prop_oneof![8 => Just(b'a'), 5 => Just(b','), 3 => Just(b'"'), 4 => Just(b'\n'), 2 => Just(b'\r'),
                2 => Just(0u8), 2 => any::<u8>()],
            0..200),
    ) {
        let (name, wide) = [("UTF-16LE", 1), ("UTF-16BE", 2), ("Shift_JIS", 0), ("IBM850", 0), ("ISO-2022-JP", 0)][which];
        let header: Vec<u8> = match wide {
            1 => b"a,b,c\n".iter().flat_map(|&b| [b, 0]).collect(),
            2 => b"a,b,c\n".iter().flat_map(|&b| [0, b]).collect(),
            _ => b"a,b,c\n".to_vec(),
        };
        let case = Case::encoded(name, &header, "a,b,c\n", &body);
        let (rows, end) = read(&case);
        prop_assert_eq!(end.tally.bytes(), case.bytes());
        prop_assert_eq!(read_resumed(&case), (rows, end));
    }
}

#[test]
fn each_record_has_the_shape_that_its_cells_give_it() {
    /// Line, cells and shape of a row.
    type Expected<'a> = (u64, &'a [&'a str], &'a str);
    let cases: &[(&str, &[Expected])] = &[
        ("1,2,3\n4,5,6", &[(2, &["1", "2", "3"], "Normal"), (3, &["4", "5", "6"], "Normal")]),
        ("1,2\n", &[(2, &["1", "2"], "Short(1)")]),
        ("1,2,3,,\n", &[(2, &["1", "2", "3"], "Normal")]),
        ("1,2,3,4\n", &[(2, &["1", "2", "3", "4"], "Long(1)")]),
        (
            "\n,,\n  \n1,2,3\r\r\n4,5,6\r7,8,9\r\n",
            &[(5, &["1", "2", "3"], "Normal"), (7, &["4", "5", "6"], "Normal"), (8, &["7", "8", "9"], "Normal")],
        ),
        ("1,\"a\nb\r\nc\",3\n4,5,6\n", &[(2, &["1", "a\nb\r\nc", "3"], "Normal"), (5, &["4", "5", "6"], "Normal")]),
        (
            "1,\"a\"b,3\n4,5,6\n",
            &[
                (2, &["1", "ab", "3"], "Malformed(Flaw { kind: TextAfterQuote, byte: 11, line: 2 })"),
                (3, &["4", "5", "6"], "Normal"),
            ],
        ),
        (
            "1,\"a,3\n4,5,6\n7,8,9\n",
            &[
                (2, &["1", "a,3"], "Malformed(Flaw { kind: OpenQuote, byte: 8, line: 2 })"),
                (3, &["4", "5", "6"], "Normal"),
                (4, &["7", "8", "9"], "Normal"),
            ],
        ),
        (
            "1,2,3\n4,\"open",
            &[
                (2, &["1", "2", "3"], "Normal"),
                (3, &["4", "open"], "Malformed(Flaw { kind: OpenQuote, byte: 14, line: 3 })"),
            ],
        ),
        ("1,5\" pipe,x\"y\"\n", &[(2, &["1", "5\" pipe", "x\"y\""], "Normal")]),
        ("1,a\0b,3\n", &[(2, &["1", "a\0b", "3"], "Normal")]),
        ("a,b,c\n1,2,3\n\"a\",b,c\n", &[(3, &["1", "2", "3"], "Normal")]),
        ("1,2,3\nTotal,,6\n\nGenerated by a tool\n", &[(2, &["1", "2", "3"], "Normal")]),
    ];
    for (body, expected) in cases {
        let rows = check(&Case::new("a,b,c\n", body.as_bytes()));
        let got: Vec<(u64, Vec<&str>, String)> = rows
            .iter()
            .map(|row| (row.line, row.cells.iter().map(String::as_str).collect(), format!("{:?}", row.shape)))
            .collect();
        let expected: Vec<(u64, Vec<&str>, String)> =
            expected.iter().map(|(line, cells, shape)| (*line, cells.to_vec(), (*shape).to_owned())).collect();
        assert_eq!(got, expected, "{body:?}");
    }
}

#[test]
fn what_is_no_record_is_counted_by_kind() {
    let case = Case::new("a,b,c\n", b"1,2,3\n\n,,\na,b,c\n4,5,6\nTotal: 2\n(2 rows)\n\0\0");
    let (_, end) = read(&case);
    let amount = |bytes, lines| crate::domain::dialect::Amount { bytes, lines };
    assert_eq!(end.tally.header, amount(12, 2));
    assert_eq!(end.tally.records, amount(12, 2));
    assert_eq!(end.tally.blank, amount(4, 2));
    assert_eq!(end.tally.footer, amount(20, 3));
}

#[test]
fn a_reader_and_its_batches_go_between_threads() {
    fn goes<T: Send>() {}
    goes::<RecordReader>();
    goes::<RowBatch>();
}

#[test]
fn joined_exports_repeat_their_header_in_any_dress() {
    for again in ["a,b,c\n", "\"a\",b , c\n", "\u{feff}a,b,c\n", "\u{feff}\"a\",\"b\",\"c\"\n", "a,b,c,,\n"] {
        let case = Case::new("a,b,c\n", format!("1,2,3\n{again}4,5,6\n").as_bytes());
        assert_eq!(check(&case).len(), 2, "{again}");
        assert_eq!(read(&case).1.tally.header.lines, 2, "{again}");
    }
    assert_eq!(check(&Case::new("a,b,c\n", b"a,b,x\na,b\n")).len(), 2, "what only begins like it is a record");
}

#[test]
fn a_stray_quote_costs_one_row_of_fifty_thousand() {
    for stray in ["\"x", "\"x\"y", "x\"", "\"x\"\"", "\""] {
        for quoted_elsewhere in [false, true] {
            let mut body = String::new();
            for row in 0..50_000 {
                let name = if row == 25_000 {
                    stray.to_owned()
                } else if quoted_elsewhere && row % 3 == 0 {
                    "\"Lee, Ann\"".to_owned()
                } else {
                    "Ann".to_owned()
                };
                body.push_str(&format!("{row},{name},a{row}@example.com,x,y\n"));
            }
            let case = Case::new("id,name,email,d,e\n", body.as_bytes());
            let (rows, end) = read(&case);
            assert_eq!(end.tally.bytes(), case.bytes());
            assert_eq!(rows.len(), 50_000, "{stray} {quoted_elsewhere}");
            let bad: Vec<&Seen> = rows.iter().filter(|row| row.shape != Shape::Normal).collect();
            if stray == "x\"" {
                assert!(bad.is_empty(), "a quote within a cell is a character");
            } else {
                assert_eq!(bad.len(), 1, "{stray} {quoted_elsewhere}");
                assert_eq!((bad[0].row, bad[0].line), (25_001, 25_002));
            }
        }
    }
}

#[test]
fn two_stray_quotes_do_not_hide_the_rows_between_them() {
    let mut body = String::new();
    for row in 0..1_000 {
        let (d, e) = match row {
            500 => ("\"x", "y"),
            540 => ("x", "y\""),
            _ => ("x", "y"),
        };
        body.push_str(&format!("{row},Ann,a{row}@example.com,{d},{e}\n"));
    }
    let rows = check(&Case::new("id,name,email,d,e\n", body.as_bytes()));
    assert_eq!(rows.len(), 1_000);
    assert_eq!(rows.iter().filter(|row| row.shape != Shape::Normal).count(), 1);
}

#[test]
fn long_notes_with_line_breaks_and_commas_stay_whole() {
    let note = "\"Dear Ann, thanks, see you\nLine two, with, commas\n\nBest, Bob, Lee\"";
    let body = format!("1,{note},x\n2,{note},y\n3,short\n");
    let rows = check(&Case::new("id,notes,c\n", body.as_bytes()));
    let shapes: Vec<&Shape> = rows.iter().map(|row| &row.shape).collect();
    assert_eq!(shapes, [&Shape::Normal, &Shape::Normal, &Shape::Short(1)]);
}

#[test]
fn a_cell_with_too_many_line_breaks_is_one_malformed_record() {
    let cell = "line\n".repeat(1_500);
    let body = format!("1,\"{cell}\",x\n2,b,y\n");
    let rows = check(&Case::new("id,notes,c\n", body.as_bytes()));
    assert_eq!(rows.len(), 2);
    assert!(matches!(rows[0].shape, Shape::Malformed(Flaw { kind: FlawKind::TooManyBreaks, byte: 13, line: 2 })));
    assert_eq!((rows[1].line, &rows[1].shape), (1_503, &Shape::Normal));
}

#[test]
fn bytes_that_are_no_text_fail_their_row_and_name_their_place() {
    let rows = check(&Case::new("a,b,c\n", b"1,2,3\n4,\xff,6\n7,8,9\n"));
    assert_eq!(rows[1].shape, Shape::BadEncoding { byte: 14, line: 3 });
    assert_eq!(rows[1].cells, ["4", "\u{fffd}", "6"]);
    assert_eq!(rows[2].shape, Shape::Normal);
    let case = Case::encoded("Shift_JIS", b"a,b,c\n", "a,b,c\n", b"1,\x82\xa0,3\n4,\x82\xff,6\n7,8,9\n");
    let rows = check(&case);
    assert_eq!(rows[0].cells, ["1", "あ", "3"]);
    assert_eq!(rows[1].shape, Shape::BadEncoding { byte: 15, line: 3 });
    assert_eq!(rows[2].shape, Shape::Normal);
}

#[test]
fn a_record_too_large_for_memory_is_let_go_and_the_next_one_read() {
    for (name, large) in [
        ("one line", vec![b'x'; RECORD_MAX_BYTES * 2 + 17]),
        ("open quote", {
            let mut large = b"\"".to_vec();
            large.extend(std::iter::repeat_n(b'x', RECORD_MAX_BYTES + 5));
            large
        }),
    ] {
        let mut body = b"1,2,3\n".to_vec();
        body.extend_from_slice(&large);
        body.extend_from_slice(b"\n4,5,6\n7,8,9\n");
        let case = Case::new("a,b,c\n", &body);
        let (rows, end) = read(&case);
        assert_eq!(end.tally.bytes(), case.bytes(), "{name}");
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3, 4, 5], "{name}");
        assert!(matches!(rows[1].shape, Shape::Malformed(Flaw { kind: FlawKind::TooLarge, byte: 12, line: 3 })));
        assert!(rows[1].cells.iter().map(String::len).sum::<usize>() <= SHOWN_BYTES);
        assert_eq!(rows[2].cells, ["4", "5", "6"], "{name}");
        assert_eq!(read_resumed(&case), (rows, end), "{name}");
    }
}

/// All rows, each taken by itself: nothing is read in one pass.
fn read_by_steps(case: &Case) -> (Vec<Seen>, Position) {
    let mut reader = RecordReader::new(&case.delivery, &case.dialect).unwrap();
    let mut batch = RowBatch::new();
    while reader.step(&mut batch).unwrap() {}
    (seen(&batch), *reader.position())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn records_that_are_read_in_one_pass_are_those_that_are_read_step_by_step(
        pieces in prop::collection::vec(prop::sample::select(vec![
            &b"1,2,3\n"[..], b"1,2,3\n", b"\"q\",2,3\n", b"\"q, r\",2,\"\"\r\n", b"\"p\nq\",2,3\n", b"\"p\r\nq\nr\",2,3\n",
            b"1,2\n", b"1,2,3,4\n", b"1,2,3, ,\"\"\n", b"a,b,c\n", b"\"a\",b,c\n", b"\xEF\xBB\xBFa,b,c\n", b",,\n", b"\n",
            b"\r", b" \0\n", b"\"o\"\"o\",2,3\n", b"\"q\" ,2,3\n", b"\"q\"r,2,3\n", b"\"open,2,3\n", b"5\",2,3\n", b"Total,7,\n",
            b"\xC3\xA9,2,3\n", b"\x82\xFF,2,3\n",
        ]), 0..80),
        encoding in prop::sample::select(vec!["UTF-8", "windows-1252", "Shift_JIS"]),
        spaces_around_quotes: bool,
        most in 1_usize..50,
    ) {
        // Near the end of a file every record is taken by itself: it may be the footer.
        let body = [pieces.concat(), b"4,5,6\n".repeat(800)].concat();
        let mut case = Case::encoded(encoding, b"a,b,c\n", "a,b,c\n", &body);
        case.dialect.spaces_around_quotes = spaces_around_quotes;
        let mut reader = RecordReader::new(&case.delivery, &case.dialect).unwrap();
        let (mut batch, mut found) = (RowBatch::new(), Vec::new());
        while reader.read_batch(&mut batch, most).unwrap() > 0 {
            found.extend(seen(&batch));
        }
        prop_assert_eq!((found, *reader.position()), read_by_steps(&case));
        prop_assert_eq!(reader.position().tally.bytes(), case.bytes());
    }
}
