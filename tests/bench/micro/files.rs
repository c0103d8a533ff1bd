//! The look at a file before anything is imported: what it is, and which column becomes which field.

use crate::world;
use divan::{Bencher, black_box};
use landfall::domain::field::Catalog;
use landfall::engine::open::Delivery;
use landfall::engine::sniff::{Overrides, sniff};
use landfall::engine::suggest::{ColumnEvidence, suggest};

/// More rows than are looked at.
const ROWS: u64 = 50_000;

const HEADERS: [&str; 12] = [
    "External ID",
    "First Name",
    "Last Name",
    "Email",
    "Phone",
    "Created Date",
    "Timezone",
    "Company",
    "Tags",
    "Owner",
    "Deal Value",
    "Notes",
];

#[divan::bench]
fn sniffing(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("contacts.csv");
    world::contacts(ROWS, &file);
    let delivery = Delivery::open(&file).expect("a file");
    bencher.bench_local(|| sniff(black_box(&delivery), &Overrides::default()).expect("a table"));
}

#[divan::bench(args = [12, 100, 500])]
fn mapping_by_headers(bencher: Bencher<'_, '_>, columns: usize) {
    let catalog = Catalog::contacts(Vec::new()).expect("a catalog");
    let header = |n: usize| match n / HEADERS.len() {
        0 => HEADERS[n].to_owned(),
        again => format!("{} {}", HEADERS[n % HEADERS.len()], again + 1),
    };
    let evidence: Vec<ColumnEvidence> = (0..columns).map(|n| ColumnEvidence::header_only(&header(n))).collect();
    bencher.bench_local(|| suggest(&catalog, black_box(&evidence)));
}
