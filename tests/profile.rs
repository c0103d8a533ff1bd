//! What all rows of a file say about a mapping that is edited on it: complete, the same whatever was edited meanwhile,
//! and bounded.

#[path = "common/bench.rs"]
mod bench;

use bench::{Bench, mapping};
use landfall::app::mapping::data::{ColumnProfile, ProblemKind};
use landfall::domain::field::Kind;
use landfall::domain::issue::Code;
use landfall::domain::mapping::{Column, Mapping};
use landfall::domain::plan::Plan;
use landfall::domain::values::date::DateOrder;
use landfall::engine::open::Delivery;
use landfall::engine::profile::Profiler;
use landfall::worker::prepare;
use landfall::worker::request::ImportRequest;
use proptest::prelude::*;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

fn told(column: &ColumnProfile) -> Vec<(ProblemKind, u64, u64)> {
    column.problems.iter().map(|p| (p.what, p.count, p.rows.first().map_or(0, |row| row.row))).collect()
}

#[test]
fn each_kind_of_problem_is_counted_with_its_first_row() {
    use ProblemKind::{AssumedOrder, DayFirst, Issue, MixedOrder, NotDeclared};
    /// A field, the values of its column, and what is told of them: how often, and the first row.
    type Case = (&'static str, &'static str, &'static [(ProblemKind, u64, u64)]);
    let cases: [Case; 10] = [
        ("created_at", "03/04/2024,25/12/2024,13/01/2024", &[(DayFirst, 2, 2)]),
        ("created_at", "03/04/2024,25/12/2024,12/25/2024", &[(Issue(Code::DateUnreadable), 1, 2), (MixedOrder, 1, 2)]),
        ("created_at", "03/04/2024,05/04/2024,2024-01-01", &[(AssumedOrder, 2, 1)]),
        ("created_at", "12/25/2024,05/04/2024", &[]),
        ("email", "a@x.com,nobody,b@x.com,someone", &[(Issue(Code::EmailInvalid), 2, 2)]),
        ("phone", "+12125550101,12,+12125550102", &[(Issue(Code::PhoneUnreadable), 1, 2)]),
        ("custom.plan", "Free,Gold,pro,gold,Gold", &[(NotDeclared(Code::OptionUnknown), 3, 2)]),
        ("notes", "a,b,c", &[]),
        ("email", "", &[]),
        ("", "nobody,12", &[]),
    ];
    for (field, values, expected) in cases {
        let mut bench = Bench::new();
        let mut text = "First Name,Value\n".to_owned();
        values.split(',').filter(|value| !value.is_empty()).for_each(|value| {
            let _ = writeln!(text, "Ann,{value}");
        });
        let file = bench.file("contacts.csv", &text);
        bench.open(file);
        let profile = bench.profile(&mapping(&[("First Name", "first_name"), ("Value", field)]));
        let rows = text.lines().count() as u64 - 1;
        assert_eq!((profile.rows, profile.columns[1].filled), (rows, rows), "{field}: {values}");
        assert_eq!(profile.bytes, text.len() as u64, "{field}: {values}");
        assert_eq!(told(&profile.columns[1]), expected, "{field}: {values}");
    }
}

#[test]
fn undeclared_values_are_told_once_each_with_how_often_they_are_there() {
    let mut bench = Bench::new();
    let file = bench.file("contacts.csv", "Name,Plan\nA,Gold\nB,Silver\nC,Silver\nD,Free\n");
    bench.open(file);
    let profile = bench.profile(&mapping(&[("Name", "name"), ("Plan", "custom.plan")]));
    let problem = &profile.columns[1].problems[0];
    let rows: Vec<_> = problem.rows.iter().map(|row| (row.row, row.value.as_str(), row.guidance.as_str())).collect();
    assert_eq!(rows, [(2, "Silver", "2 rows"), (1, "Gold", "1 row")]);
}

#[test]
fn of_lists_the_values_that_are_not_declared_are_told_and_not_the_cells() {
    let mut bench = Bench::new();
    let colours = ["Red", "Blue"].map(str::to_owned);
    bench.desk.store.add_custom_field("colours", Kind::MultipleOptions, None, &colours).expect("a field");
    let file = bench.file("contacts.csv", "Name;Colours\nA;red, mauve\nB;blue,pink, Mauve\nC;mauve\nD;red\n");
    bench.open(file);
    let profile = bench.profile(&mapping(&[("Name", "name"), ("Colours", "custom.colours")]));
    let problem = &profile.columns[1].problems[0];
    assert_eq!((problem.what, problem.count), (ProblemKind::NotDeclared(Code::OptionUnknown), 3));
    let rows: Vec<_> = problem.rows.iter().map(|row| (row.row, row.value.as_str(), row.guidance.as_str())).collect();
    assert_eq!(rows, [(1, "mauve", "2 rows"), (2, "Mauve", "1 row"), (2, "pink", "1 row")]);
}

#[test]
fn what_all_rows_say_of_a_column_takes_the_place_of_what_a_few_said() {
    // The first thousand rows are no addresses, and the many after them are.
    let mut text = "Name,Email\n".to_owned();
    for row in 0..20_000 {
        let _ = writeln!(text, "Ann,{}", if row < 1_000 { "nobody" } else { "a@x.com" });
    }
    let mut bench = Bench::new();
    let file = bench.file("contacts.csv", text);
    bench.open(file);
    let mapping = mapping(&[("Name", "name"), ("Email", "email")]);
    assert_eq!(bench.preview(&mapping, &[]).doubts.len(), 1);
    bench.profile(&mapping);
    assert_eq!(bench.preview(&mapping, &[]).doubts, []);
}

#[test]
fn a_required_column_counts_its_empty_cells_and_those_that_short_rows_lack() {
    let mut bench = Bench::new();
    let file = bench.file("contacts.csv", "Name,City,Email\nA,x,a@x.com\nB,y,\nC,z\nD,w,d@x.com\n");
    bench.open(file);
    let mut mapping = mapping(&[("Name", "name"), ("City", ""), ("Email", "email")]);
    mapping.columns[2].required = true;
    let profile = bench.profile(&mapping);
    assert_eq!(told(&profile.columns[2]), [(ProblemKind::Issue(Code::RequiredMissing), 2, 2)]);
    assert_eq!((profile.short_rows, profile.first_short_row), (1, Some(3)));
}

#[test]
fn any_file_is_profiled_whatever_its_form() {
    let wide = |rows: usize| {
        let header: Vec<String> = (0..2_000).map(|n| format!("Column {n}")).collect();
        let row: Vec<String> = (0..2_000).map(|n| format!("value {n}")).collect();
        let mut text = header.join(",") + "\n";
        (0..rows).for_each(|_| text.push_str(&(row.join(",") + "\n")));
        text
    };
    let long = "y".repeat(1 << 20);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"Name,Email\nA,a@x.com\nB,b\n").expect("a Vec takes all");
    let cases: [(&str, Vec<u8>, u64, usize); 6] = [
        ("2,000 columns", wide(30).into(), 30, 2_000),
        ("cells of 1 MB", format!("Name,Notes\nA,{long}\nB,{long}\nC,{long}\n").into(), 3, 2),
        ("no rows", b"Name,Email\n".to_vec(), 0, 2),
        ("one column", b"Email\na@x.com\nb@x.com\n".to_vec(), 2, 1),
        ("CP1252", b"Name;Stadt\nM\xfcller;K\xf6ln\nGr\xfcn;Z\xfcrich\n".to_vec(), 2, 2),
        ("gzip", packed.finish().expect("a Vec takes all"), 2, 2),
    ];
    for (name, content, rows, columns) in cases {
        let mut bench = Bench::new();
        let file = bench.file("contacts.csv", content);
        let opened = bench.open(file);
        let profile = bench.profile(&opened.mapping);
        assert_eq!((profile.rows, profile.columns.len()), (rows, columns), "{name}");
        assert!(profile.columns.iter().all(|column| column.filled == rows), "{name}");
        assert_eq!(profile.bytes_expected, Some(profile.bytes), "{name}");
        let preview = bench.preview(&opened.mapping, &[]);
        assert_eq!(preview.rows.len() as u64, rows.min(3), "{name}");
    }
}

#[test]
fn a_file_that_changes_while_it_is_profiled_is_said_to_have_changed() {
    for content in ["Name,Email\nA,a@x.com\n", "Name,Email\nA,a@x.com\nB,b@x.com\nC,c@x.com\n", ""] {
        let mut bench = Bench::new();
        let file = bench.file("contacts.csv", "Name,Email\nA,a@x.com\nB,b@x.com\n");
        let opened = bench.open(file);
        bench.profile(&opened.mapping);
        bench.file("contacts.csv", content);
        let failure = bench.part(&opened.mapping).expect_err("it has changed");
        assert!(failure.message.contains("has changed"), "{failure:?}");
    }
}

#[test]
fn rows_that_the_profile_has_found_are_previewed_wherever_they_are() {
    let mut text = "Name,Email\n".to_owned();
    for row in 1..=20_000 {
        let at = if row % 7_000 == 0 { "" } else { "@" };
        let _ = writeln!(text, "Ann {row},a{row}{at}x.com");
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).expect("a Vec takes all");
    for content in [text.into_bytes(), packed.finish().expect("a Vec takes all")] {
        let mut bench = Bench::new();
        let file = bench.file("contacts.csv", content);
        bench.open(file);
        let mapping = mapping(&[("Name", "name"), ("Email", "email")]);
        let profile = bench.profile(&mapping);
        assert_eq!(told(&profile.columns[1]), [(ProblemKind::Issue(Code::EmailInvalid), 2, 7_000)]);
        let preview = bench.preview(&mapping, &[14_000, 7_000]);
        let rows: Vec<_> =
            preview.rows.iter().map(|row| (row.row, row.line, row.follows, row.raw[0].as_str())).collect();
        let expected = [
            (1, 2, true, "Ann 1"),
            (2, 3, true, "Ann 2"),
            (3, 4, true, "Ann 3"),
            (7_000, 7_001, false, "Ann 7000"),
            (14_000, 14_001, false, "Ann 14000"),
        ];
        assert_eq!(rows, expected);
    }
}

/// A change of the draft.
#[derive(Debug, Clone, Copy)]
enum Edit {
    To(usize, &'static str),
    LeaveOut(usize),
    Require(usize),
    DayFirst(usize),
    Country(&'static str),
    Nothing,
}

fn edit() -> impl Strategy<Value = Edit> {
    const FIELDS: [&str; 7] = ["email", "phone", "created_at", "custom.plan", "notes", "birth_date", "name"];
    prop_oneof![
        4 => (0_usize..5, prop::sample::select(&FIELDS[..])).prop_map(|(column, field)| Edit::To(column, field)),
        1 => (0_usize..5).prop_map(Edit::LeaveOut),
        2 => (0_usize..5).prop_map(Edit::Require),
        2 => (0_usize..5).prop_map(Edit::DayFirst),
        1 => prop::sample::select(&["US", "DE"][..]).prop_map(Edit::Country),
        1 => Just(Edit::Nothing),
    ]
}

fn change(mapping: &mut Mapping, edit: Edit) {
    match edit {
        Edit::To(column, field) => mapping.columns[column] = Column::to(mapping.columns[column].header.clone(), field),
        Edit::LeaveOut(column) => mapping.columns[column] = Column::unmapped(mapping.columns[column].header.clone()),
        Edit::Require(column) => mapping.columns[column].required ^= true,
        Edit::DayFirst(column) => mapping.columns[column].date_order = Some(DateOrder::DayFirst),
        Edit::Country(country) => mapping.reading.country = Some(country.to_owned()),
        Edit::Nothing => {}
    }
}

/// Rows of five columns in which everything goes wrong now and then, but only in a few ways.
fn messy(rows: usize) -> String {
    let mut text = "Email,Phone,Created,Plan,Notes\n".to_owned();
    for n in 0..rows {
        let pick = |of: usize, by: usize| n.wrapping_mul(2_654_435_761).wrapping_add(by) / 7 % of;
        let email = ["a@x.com", "", "nobody", "b@y.org"][pick(4, 1)];
        let phone = ["+12125550101", "030 123456", "12", ""][pick(4, 5)];
        let day = ["2024-05-01", "03/04/2024", "25/12/2024", "soon"][pick(4, 11)];
        let plan = ["Free", "Gold", "Team", "silver", ""][pick(5, 17)];
        let _ = match n % 997 {
            5 => writeln!(text, "{email},{phone},{day}"),
            _ => writeln!(text, "{email},{phone},{day},{plan},note {n}"),
        };
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_edited_while_a_file_is_profiled_the_result_is_that_of_a_profile_from_scratch(
        edits in proptest::collection::vec((edit(), 0_usize..9), 1..8),
    ) {
        let bench = Bench::new();
        let file = bench.file("contacts.csv", messy(30_000));
        let request = ImportRequest::new(file.clone(), "ana".to_owned());
        let store = &bench.desk.store;
        let looked = prepare::look(store, &request, None).expect("a file");
        let plan = |mapping: &Mapping| -> Plan {
            prepare::plan_of(store, &request, &looked, mapping, &mapping.reading).expect("a plan")
        };
        let dialect = looked.inspection.dialect().clone();
        let profiler = || Profiler::new(Delivery::open(&file).expect("a file"), dialect.clone());
        let advance = |profiler: &mut Profiler, mapping: &Mapping, batches: usize| {
            let left = AtomicUsize::new(batches);
            let goes_on = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
            profiler.advance(&plan(mapping), &looked.catalog, store.workspace_code(), 2, &goes_on).expect("a part");
        };
        let mut edited = profiler();
        let mut mapping = Mapping { columns: dialect.columns.iter().map(Column::unmapped).collect(), ..Mapping::default() };
        for (edit, batches) in edits {
            change(&mut mapping, edit);
            advance(&mut edited, &mapping, batches);
        }
        advance(&mut edited, &mapping, 1_000);
        let mut scratch = profiler();
        advance(&mut scratch, &mapping, 1_000);
        prop_assert!(edited.is_done() && scratch.is_done());
        // Both are too long to be shown.
        prop_assert!(edited.found() == scratch.found());
    }
}

#[test]
fn a_changed_column_leaves_what_was_counted_of_the_others() {
    let mut bench = Bench::new();
    let file = bench.file("contacts.csv", messy(5_000));
    bench.open(file);
    let mut mapping =
        mapping(&[("Email", "email"), ("Phone", "phone"), ("Created", ""), ("Plan", ""), ("Notes", "notes")]);
    let before = bench.profile(&mapping);
    mapping.columns[1].required = true;
    let after = bench.profile(&mapping);
    assert_eq!(before.columns[0], after.columns[0]);
    assert_ne!(before.columns[1].problems, after.columns[1].problems);
    assert_eq!((before.rows, before.bytes), (after.rows, after.bytes));
}
