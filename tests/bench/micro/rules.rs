//! What rows are read with: one value of each kind of field, and whole rows.

use crate::common::Landfall;
use crate::world;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use landfall::domain::field::Catalog;
use landfall::domain::id::{RunId, WorkspaceCode};
use landfall::domain::plan::Plan;
use landfall::domain::rules::{RawRow, ReadRow, RowRules, Shape};
use landfall::store::Store;
use landfall::worker::execute::plan_of;
use std::sync::LazyLock;

const FIELDS: [(&str, &str); 20] = [
    ("source_ref", "C-0000001EEF"),
    ("last_name", "Nguyễn"),
    ("email", "Ana.Brown@Example.com"),
    ("additional_emails", "ana@example.org; brown@mail.example.net"),
    ("phone", "(206) 555-0147"),
    ("additional_phones", "+49 1512 3000000; 212.201.2345"),
    ("timezone", "Europe/Paris"),
    ("created_at", "Sep 8th, 2024"),
    ("date_of_birth", "8 September 1990"),
    ("owner", "Adam Smith"),
    ("followers", "Adam Smith; David Lee"),
    ("tags", "lead, customer, hot"),
    ("notes", "first line\nsecond line, with \"quotes\""),
    ("do_not_contact", "yes"),
    ("website", "https://example.com/ana"),
    ("country", "Germany"),
    ("custom.plan", "pro"),
    ("custom.interests", "Boats; Planes"),
    ("custom.employees", "1,234"),
    ("custom.deal_value", "$1,234,567.89"),
];

/// The plan of a run, with what rules are made of.
struct Made {
    plan: Plan,
    catalog: Catalog,
    code: WorkspaceCode,
    landfall: Landfall,
}

impl Made {
    fn of(landfall: Landfall) -> Made {
        let store = Store::open_read_only(&landfall.workspace()).expect("a workspace");
        let run = store.run(RunId(1)).expect("the run can be read").expect("there is one");
        let plan = plan_of(&run).expect("a plan");
        let catalog = Catalog::of(plan.fields.clone()).expect("a catalog");
        Made { plan, catalog, code: store.workspace_code().clone(), landfall }
    }

    fn rules(&self) -> RowRules<'_> {
        RowRules::new(&self.plan, &self.catalog, &self.code)
    }
}

/// A file with one row and a column for each of [`FIELDS`].
static KINDS: LazyLock<Made> = LazyLock::new(|| {
    let landfall = world::workspace(1);
    landfall.run(&["field", "add", "plan", "--kind", "single_option", "--options", "Free,Pro"]).exits(0);
    landfall.run(&["field", "add", "interests", "--kind", "checkbox", "--options", "Boats,Planes,Trains"]).exits(0);
    landfall.run(&["field", "add", "employees", "--kind", "number"]).exits(0);
    let line = |cells: Vec<String>| format!("{}\r\n", cells.join(","));
    let header = line(FIELDS.iter().map(|(field, _)| format!("Column {field}")).collect());
    let row = line(FIELDS.iter().map(|(_, cell)| format!("\"{}\"", cell.replace('"', "\"\""))).collect());
    landfall.file("kinds.csv", header + &row);
    let maps: Vec<String> = FIELDS.iter().map(|(field, _)| format!("Column {field}={field}")).collect();
    let maps = maps.iter().flat_map(|map| ["--map", map]);
    let args: Vec<&str> = ["import", "kinds.csv", "--yes"].into_iter().chain(maps).collect();
    landfall.run(&args).exits(0);
    Made::of(landfall)
});

/// Rows of make-contacts, and their plan.
static CONTACTS: LazyLock<Made> = LazyLock::new(|| Made::of(world::imported(ROWS)));

const ROWS: u64 = 1_000;

#[divan::bench(args = FIELDS.map(|(field, _)| field))]
fn one_value(bencher: Bencher<'_, '_>, field: &str) {
    let rules = KINDS.rules();
    let place = rules.values().position(|value| value.field.key == field).expect("it is mapped");
    let cells = FIELDS.map(|(_, cell)| cell);
    bencher.bench_local(|| {
        let mut row = ReadRow::default();
        rules.read_alone(place, black_box(&cells), &mut row);
        row
    });
}

#[divan::bench]
fn a_row_of_all_kinds(bencher: Bencher<'_, '_>) {
    let rules = KINDS.rules();
    let cells = FIELDS.map(|(_, cell)| cell);
    bencher.bench_local(|| rules.read(black_box(&RawRow { shape: Shape::Whole, cells: &cells })));
}

#[divan::bench]
fn a_thousand_rows_of_contacts(bencher: Bencher<'_, '_>) {
    let made = &*CONTACTS;
    let rules = made.rules();
    let file = made.landfall.dir().join("contacts.csv");
    let mut reader = csv::Reader::from_path(file).expect("a file");
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().collect()).collect();
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
        for cells in &rows {
            black_box(rules.read(black_box(&RawRow { shape: Shape::Whole, cells })));
        }
    });
}
