//! Lookups in a workspace of any size: `LANDFALL_BENCH_WORKSPACE`, else one of `LANDFALL_BENCH_RECORDS` records
//! (100,000 when it is not set) that is made first.

use crate::common::Landfall;
use crate::world;
use divan::{Bencher, black_box};
use landfall::domain::field::{Catalog, Role};
use landfall::domain::id::{RecordId, SourceId};
use landfall::domain::record::Record;
use landfall::store::{Find, Narrow, Store};
use std::cell::Cell;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Instant;

/// As many contacts as a screen or a page of a list shows.
const PAGE: usize = 50;

/// How many people are looked for, one after the other.
const PEOPLE: u64 = 2_000;

/// The ways of looking.
const WAYS: [&str; 8] =
    ["reference", "email", "phone", "reference_prefix", "name_word", "two_words", "outcome_of_reference", "missing"];

/// What is known of somebody.
struct Person {
    reference: (SourceId, String),
    email: String,
    phone: Option<String>,
    first_name: String,
    last_name: String,
}

struct Place {
    workspace: PathBuf,
    people: Vec<Person>,
    _made: Option<Landfall>,
}

static PLACE: LazyLock<Place> = LazyLock::new(|| {
    let given = std::env::var_os("LANDFALL_BENCH_WORKSPACE").map(PathBuf::from);
    let made = given.is_none().then(|| {
        let records = std::env::var("LANDFALL_BENCH_RECORDS").map_or(100_000, |n| n.parse().expect("a number"));
        world::imported(records)
    });
    let workspace = given.or(made.as_ref().map(Landfall::workspace)).expect("one of the two");
    let people = people(&Store::open_read_only(&workspace).expect("a workspace"));
    Place { workspace, people, _made: made }
});

/// People from all over the workspace.
fn people(store: &Store) -> Vec<Person> {
    let catalog = store.catalog().expect("a catalog");
    let RecordId(next) = store.next_record().expect("a number");
    // A step that meets all of a workspace's ages in no order.
    let step = (next as f64 * 0.618_033_988) as u64 | 1;
    let ids: Vec<RecordId> = (0..PEOPLE * 2).map(|n| RecordId(1 + n.wrapping_mul(step) % next.max(2))).collect();
    let records = store.records(&ids).expect("records");
    let found: Vec<Person> =
        records.iter().filter_map(|record| person(&catalog, record)).take(PEOPLE as usize).collect();
    assert!(!found.is_empty(), "nobody in the workspace has a reference, an email and a name");
    found
}

fn person(catalog: &Catalog, record: &Record) -> Option<Person> {
    let text = |role| Some(record.get(catalog.role(role)?)?.first()?.to_owned());
    let (source, reference) = record.references.first()?;
    Some(Person {
        reference: (*source, reference.to_string()),
        email: text(Role::MatchEmail)?,
        phone: text(Role::MatchPhone),
        first_name: text(Role::FirstName)?,
        last_name: text(Role::LastName)?,
    })
}

/// Looks for somebody in this way. Answers how many are found.
fn look(store: &Store, way: &str, person: &Person) -> usize {
    let (source, reference) = &person.reference;
    let found = |find: &Find<'_>| store.lookup(find, &Narrow::default(), None, PAGE).expect("an answer").len();
    match way {
        "reference" => found(&Find::Reference(reference)),
        "email" => found(&Find::Email(&person.email)),
        "phone" => person.phone.as_ref().map_or(0, |phone| found(&Find::Phone(phone))),
        // All but the last two characters, so that it is a few of millions.
        "reference_prefix" => {
            let length = reference.char_indices().rev().nth(1).map_or(0, |(at, _)| at);
            found(&Find::ReferencePrefix(&reference[..length]))
        }
        "name_word" => found(&Find::Name(&person.last_name)),
        "two_words" => found(&Find::Name(&format!("{} {}", person.last_name, person.first_name))),
        "outcome_of_reference" => usize::from(store.last_row_of(*source, reference).expect("an answer").is_some()),
        "missing" => found(&Find::Reference(&format!("{reference}-none"))),
        _ => panic!("there is no such way: {way}"),
    }
}

#[divan::bench(args = WAYS)]
fn lookups(bencher: Bencher<'_, '_>, way: &str) {
    let place = &*PLACE;
    let store = Store::open_read_only(&place.workspace).expect("a workspace");
    let next = Cell::new(0);
    bencher
        .with_inputs(|| {
            next.set(next.get() + 1);
            &place.people[next.get() % place.people.len()]
        })
        .bench_local_values(|person| look(&store, way, black_box(person)));
}

/// Prints how long single lookups take.
pub fn percentiles() {
    let place = &*PLACE;
    let store = Store::open_read_only(&place.workspace).expect("a workspace");
    for way in WAYS {
        let mut took: Vec<f64> = Vec::with_capacity(place.people.len());
        for person in &place.people {
            let start = Instant::now();
            black_box(look(&store, way, person));
            took.push(start.elapsed().as_secs_f64() * 1e6);
        }
        took.sort_by(f64::total_cmp);
        let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize];
        println!(
            r#"{{"lookup":"{way}","times":{},"median_us":{:.1},"p99_us":{:.1},"longest_us":{:.1}}}"#,
            took.len(),
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
}
