//! How long single questions take in a workspace that somebody has filled, in the process, at the median and at the 99th
//! of a hundred.
//!
//! ```text
//! LANDFALL_BENCH_WORKSPACE=DIR cargo bench --bench at_scale
//! ```
//! Changes nothing in the workspace. What it asks for is taken from the workspace itself, at random and the same each
//! time. `LANDFALL_BENCH_ONLY` names one question (a part of its name), `LANDFALL_BENCH_TIMES` of how many things each is
//! asked, `LANDFALL_BENCH_BEST_OF` how often of each: the fastest answer counts, which helps where other programs run.

use landfall::domain::field::Role;
use landfall::domain::id::{RecordId, RunId};
use landfall::domain::outcome::OutcomeKind;
use landfall::domain::record::Record;
use landfall::store::{Find, Narrow, RowsOnly, RunFilter, RunRow, Store, keys};
use std::error::Error;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What a screen shows of what is found.
const SHOWN: usize = 50;

fn main() -> Outcome<()> {
    let Some(dir) = std::env::var_os("LANDFALL_BENCH_WORKSPACE").map(PathBuf::from) else {
        println!("at_scale: set LANDFALL_BENCH_WORKSPACE to a workspace with contacts in it");
        return Ok(());
    };
    let times = match std::env::var("LANDFALL_BENCH_TIMES") {
        Ok(times) => times.parse()?,
        Err(_) => 2_000,
    };
    let store = Store::open_read_only(&dir)?;
    let best_of = match std::env::var("LANDFALL_BENCH_BEST_OF") {
        Ok(best_of) => best_of.parse()?,
        Err(_) => 1,
    };
    let bench = Bench { only: std::env::var("LANDFALL_BENCH_ONLY").unwrap_or_default(), times, best_of };
    println!("{:<44} {:>6} {:>10} {:>10} {:>10}", "question", "asked", "p50", "p99", "longest");
    lookups(&bench, &store)?;
    outcomes(&bench, &store)?;
    runs(&bench, &store)
}

/// Asks questions and tells how long the answers took.
struct Bench {
    only: String,
    times: usize,
    best_of: usize,
}

impl Bench {
    /// Asks about one thing after the other.
    fn ask<T>(&self, name: &str, of: &[T], mut question: impl FnMut(&T) -> Outcome<()>) -> Outcome<()> {
        if !name.contains(&self.only) || of.is_empty() {
            return Ok(());
        }
        let mut took = Vec::with_capacity(of.len());
        for it in of {
            let mut fastest = Duration::MAX;
            for _ in 0..self.best_of.max(1) {
                let begun = Instant::now();
                question(it)?;
                fastest = fastest.min(begun.elapsed());
            }
            took.push(fastest);
        }
        took.sort_unstable();
        let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)];
        let ms = |time: Duration| format!("{:.3} ms", time.as_secs_f64() * 1e3);
        println!("{name:<44} {:>6} {:>10} {:>10} {:>10}", took.len(), ms(at(50)), ms(at(99)), ms(took[took.len() - 1]));
        Ok(())
    }
}

/// Numbers without a pattern, the same in each process (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % end.max(1)
    }
}

fn some_records(store: &Store, many: usize, seed: u64) -> Outcome<Vec<Record>> {
    let (end, mut numbers) = (store.next_record()?.0, Numbers(seed));
    let mut records = Vec::with_capacity(many);
    for _ in 0..2 * many {
        if records.len() < many {
            records.extend(store.record(RecordId(numbers.below(end)))?.filter(Record::is_alive));
        }
    }
    Ok(records)
}

/// The first `chars` characters of a text.
fn beginning(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

fn lookups(bench: &Bench, store: &Store) -> Outcome<()> {
    let catalog = store.catalog()?;
    let records = some_records(store, bench.times, 1)?;
    let of_role = |role: Role| -> Vec<String> {
        let Some(field) = catalog.role(role) else { return Vec::new() };
        records.iter().filter_map(|record| Some(record.get(field)?.first()?.to_owned())).collect()
    };
    let references: Vec<String> =
        records.iter().filter_map(|record| record.references.first()).map(|(_, text)| text.clone()).collect();
    let narrow = Narrow::default();
    let look = |find: &Find<'_>| -> Outcome<()> {
        black_box(store.lookup(find, &narrow, None, SHOWN)?);
        Ok(())
    };
    bench.ask("reference", &references, |text| look(&Find::Reference(text)))?;
    let absent: Vec<String> = references.iter().map(|text| format!("{text}~")).collect();
    bench.ask("reference that is not there", &absent, |text| look(&Find::Reference(text)))?;
    bench.ask("e-mail", &of_role(Role::MatchEmail), |text| look(&Find::Email(text)))?;
    bench.ask("phone", &of_role(Role::MatchPhone), |text| look(&Find::Phone(text)))?;
    for chars in [1, 3, 5, 8] {
        let prefixes: Vec<String> = references.iter().map(|text| beginning(text, chars)).collect();
        let name = format!("references that begin with {chars} characters");
        bench.ask(&name, &prefixes, |text| look(&Find::ReferencePrefix(text)))?;
    }
    let (first, last) = (of_role(Role::FirstName), of_role(Role::LastName));
    let words: Vec<String> = first.iter().chain(&last).flat_map(|name| keys::name_words(name)).collect();
    bench.ask("name: a word", &words, |text| look(&Find::Name(text)))?;
    for chars in [1, 2, 3] {
        let beginnings: Vec<String> = words.iter().map(|word| beginning(word, chars)).collect();
        let name = format!("name: {chars} characters of a word");
        bench.ask(&name, &beginnings, |text| look(&Find::Name(text)))?;
    }
    let both: Vec<String> = first.iter().zip(&last).map(|(first, last)| format!("{first} {last}")).collect();
    bench.ask("name: first and last", &both, |text| look(&Find::Name(text)))?;
    let begun: Vec<String> = first
        .iter()
        .zip(&last)
        .map(|(first, last)| format!("{} {}", beginning(first, 3), beginning(last, 3)))
        .collect();
    bench.ask("name: 3 characters of first and of last", &begun, |text| look(&Find::Name(text)))?;
    // Nobody is called so, and each word is common.
    let apart: Vec<String> = first.iter().map(|name| format!("{name} {name}x")).collect();
    bench.ask("name: a word, and one that is not there", &apart, |text| look(&Find::Name(text)))
}

/// What became of any reference: of those that landed, and of those that did not.
fn outcomes(bench: &Bench, store: &Store) -> Outcome<()> {
    let records = some_records(store, bench.times, 2)?;
    let of_record = |record: &Record| -> Outcome<()> {
        black_box(store.last_row_of_record(record)?);
        Ok(())
    };
    bench.ask("outcome: of a contact", &records, of_record)?;
    let references: Vec<_> = records.iter().filter_map(|record| record.references.first().cloned()).collect();
    bench.ask("outcome: of a reference", &references, |(source, text)| {
        black_box(store.last_row_of(*source, text)?);
        Ok(())
    })?;
    bench.ask("outcome: of a reference that is not there", &references, |(source, text)| {
        black_box(store.last_row_of(*source, &format!("{text}~"))?);
        Ok(())
    })?;
    bench.ask("history of a contact", &records, |record| {
        black_box(store.history(record)?);
        Ok(())
    })
}

/// The largest run of each kind of outcome, its pages and its numbers.
fn runs(bench: &Bench, store: &Store) -> Outcome<()> {
    bench.ask("list of runs", &[(); 20], |()| {
        black_box(store.run_lines(&RunFilter::default())?);
        Ok(())
    })?;
    let all = store.runs(&RunFilter::default())?;
    for kind in OutcomeKind::ALL {
        let many = |run: &&RunRow| rows_of(run, kind);
        let Some(run) = all.iter().max_by_key(many).filter(|run| rows_of(run, kind) > 0) else { continue };
        pages(bench, store, run.id, kind, run.counts.rows())?;
    }
    if let Some(run) = all.iter().max_by_key(|run| run.counts.skipped).filter(|run| run.counts.skipped > 0) {
        bench.ask(&format!("run {}: why rows were skipped", run.id), &[(); 3], |()| {
            black_box(store.skip_counts(run.id)?);
            Ok(())
        })?;
    }
    Ok(())
}

fn rows_of(run: &RunRow, kind: OutcomeKind) -> u64 {
    match kind {
        OutcomeKind::Created => run.counts.created,
        OutcomeKind::Updated => run.counts.updated,
        OutcomeKind::Unchanged => run.counts.unchanged,
        OutcomeKind::Skipped => run.counts.skipped,
        OutcomeKind::Failed => run.counts.failed,
    }
}

fn pages(bench: &Bench, store: &Store, run: RunId, kind: OutcomeKind, rows: u64) -> Outcome<()> {
    let only = RowsOnly::Kind(kind);
    let name = |what: &str| format!("run {run}: {what} {}", kind.as_str());
    bench.ask(&name("first row"), &[(); 20], |()| {
        black_box(store.ledger_rows(run, Some(only.clone()), 0)?.next().transpose()?);
        Ok(())
    })?;
    let mut numbers = Numbers(3);
    let places: Vec<u64> = (0..200).map(|_| numbers.below(rows)).collect();
    bench.ask(&name("a page after any row,"), &places, |after| {
        for row in store.ledger_rows(run, Some(only.clone()), *after)?.take(SHOWN) {
            black_box(row?);
        }
        Ok(())
    })?;
    bench.ask(&name("the page before any row,"), &places, |before| {
        black_box(store.ledger_rows_before(run, Some(&only), before + 1, SHOWN)?);
        Ok(())
    })
}
