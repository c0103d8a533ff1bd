//! Everything that a workspace holds, in a form in which two of them can be compared: without the moments at which
//! things happened, and without the workspace's own code.

use crate::common::Landfall;
use landfall::domain::field::Role;
use landfall::domain::id::{RecordId, RunId};
use landfall::domain::record::Record;
use landfall::domain::run::RunStatus;
use landfall::store::{Find, KeyKind, Narrow, RunFilter, RunRow, Store, index};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

const KINDS: [KeyKind; 5] =
    [KeyKind::Reference, KeyKind::Email, KeyKind::Phone, KeyKind::NameWord, KeyKind::RowReference];

/// One record in so many is looked up by all that it can be found by.
const LOOKED_UP: usize = 113;

/// Lines of text by what they are about.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct State {
    /// What Contact IDs of the workspace begin with.
    code: String,
    parts: BTreeMap<&'static str, Vec<String>>,
}

/// How the one run of a workspace stands; none where there is no run. Looks at the workspace, and so lets SQLite mend
/// it: give it a copy where that is not wanted.
pub fn status_of(landfall: &Landfall, run: u64) -> Option<RunStatus> {
    if !landfall.workspace().exists() {
        return None;
    }
    open(landfall).run(RunId(run)).unwrap().map(|row| row.status)
}

pub fn open(landfall: &Landfall) -> Store {
    Store::create_or_open(&landfall.workspace(), 0, 0).unwrap_or_else(|error| panic!("{error}"))
}

impl State {
    /// What the workspace holds. The law of conservation is checked for each run.
    pub fn of(landfall: &Landfall) -> State {
        let store = open(landfall);
        let mut state = State { code: format!("{}-", store.workspace_code().as_str()), parts: BTreeMap::new() };
        state.add("files", files(&landfall.workspace()));
        let runs = store.runs(&RunFilter::default()).unwrap();
        for run in &runs {
            if let Err(error) = store.check_run(run.id) {
                state.add("conservation", [error.to_string()]);
            }
            state.add("runs", [of_run(run)]);
            state.add("ledger", store.ledger_rows(run.id, None, 0).unwrap().map(|row| row.unwrap()));
            let mut before = Vec::new();
            let mut each = |row, record| {
                before.push((row, undated(record)));
                Ok(())
            };
            store.before_images(run.id, &mut each).unwrap();
            state.add("before-images", before);
        }
        for source in store.sources().unwrap() {
            let named = (source.id, source.name, source.mapping, source.error, source.paused);
            state.add("sources", [(named, source.last_ran_ms.is_some(), source.last_imported_ms.is_some())]);
            let deliveries = store.deliveries_of(source.id).unwrap();
            state.add("deliveries", deliveries.iter().map(|landed| (landed.id, &landed.name, &landed.sha256)));
        }
        state.add("mappings", store.mappings().unwrap().iter().map(|mapping| (&mapping.name, mapping.version)));

        let conn = Connection::open(landfall.workspace().join("landfall.db")).unwrap();
        let sound: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        state.add("integrity of the database", [sound]);
        let next: i64 = conn.query_row("SELECT next_record FROM meta", [], |row| row.get(0)).unwrap();
        let records = store.records(&(1..next as u64 + 10).map(RecordId).collect::<Vec<_>>()).unwrap();
        state.add("lookups", lookups(&store, &records));
        state.add("records", records.into_iter().map(undated));
        state.add("next record", [next]);
        for kind in KINDS {
            let keys = index::scan_prefix(&conn, kind, b"", None, usize::MAX).unwrap();
            state.add("keys", keys.into_iter().map(|(key, value)| (kind, key, value)));
        }
        state
    }

    fn add<T: Debug>(&mut self, part: &'static str, lines: impl IntoIterator<Item = T>) {
        let code = &self.code;
        let lines = lines.into_iter().map(|line| without_code(format!("{line:?}"), code));
        self.parts.entry(part).or_default().extend(lines);
    }

    /// Runs whose numbers do not add up.
    pub fn broken_laws(&self) -> &[String] {
        self.parts.get("conservation").map_or(&[], Vec::as_slice)
    }

    /// For each part that is not as expected where it first differs. None when all is equal.
    pub fn differences(&self, expected: &State) -> Vec<String> {
        let mut parts: Vec<&&str> = self.parts.keys().chain(expected.parts.keys()).collect();
        parts.sort_unstable();
        parts.dedup();
        let none = Vec::new();
        let mut found = Vec::new();
        for part in parts {
            let (is, due) = (self.parts.get(*part).unwrap_or(&none), expected.parts.get(*part).unwrap_or(&none));
            if is == due {
                continue;
            }
            let at = is.iter().zip(due).position(|(is, due)| is != due).unwrap_or(is.len().min(due.len()));
            let line = |lines: &[String]| lines.get(at).map_or("nothing".to_owned(), |line| shortened(line));
            found.push(format!("{part} ({} of {}): {} instead of {}", is.len(), due.len(), line(is), line(due)));
        }
        found
    }
}

/// Contact IDs in the text with their number only: code and check character differ from workspace to workspace.
fn without_code(text: String, code: &str) -> String {
    if !text.contains(code) {
        return text;
    }
    let mut pieces = text.split(code);
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (number, rest) = piece.split_once('-').expect("a Contact ID has a check character");
        plain.extend(["contact ", number, rest.get(1..).unwrap_or_default()]);
    }
    plain
}

fn shortened(text: &str) -> String {
    text.chars().take(600).collect()
}

/// The names of all files, but for those that SQLite keeps or not as it likes.
fn files(workspace: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for directory in ["", "deliveries", "dry"] {
        for entry in fs::read_dir(workspace.join(directory)).unwrap() {
            found.push(format!("{directory}/{}", entry.unwrap().file_name().display()));
        }
    }
    found.retain(|name| !name.ends_with(".db-wal") && !name.ends_with(".db-shm"));
    found.sort_unstable();
    found
}

fn of_run(run: &RunRow) -> String {
    let ends = (run.started_ms.is_some(), run.finished_ms.is_some(), run.cancel_requested);
    let adds_up = (run.position, run.counts, run.tally, run.content_bytes, run.not_reached());
    format!(
        "{:?} {:?} {:?} of {:?} {:?} {ends:?} {adds_up:?} {:?} {:?} {:?} {:?}",
        run.id, run.kind, run.status, run.delivery, run.mode, run.issue_counts, run.error, run.notes, run.plan
    )
}

fn undated(mut record: Record) -> Record {
    (record.created.at_ms, record.updated.at_ms) = (0, 0);
    record
}

/// Which records are found by what records hold.
fn lookups(store: &Store, records: &[Record]) -> Vec<(String, Vec<RecordId>)> {
    let catalog = store.catalog().unwrap();
    let mut found = Vec::new();
    let mut look = |find: Find<'_>| {
        let records = store.lookup(&find, &Narrow::default(), None, 50).unwrap();
        found.push((format!("{find:?}"), records.iter().map(|record| record.id).collect()));
    };
    for record in records.iter().step_by(LOOKED_UP) {
        let value = |role| record.get(catalog.role(role)?)?.first();
        for (_, reference) in &record.references {
            look(Find::Reference(reference));
            look(Find::ReferencePrefix(&reference[..4]));
        }
        if let Some(email) = value(Role::MatchEmail) {
            look(Find::Email(email));
        }
        if let Some(phone) = value(Role::MatchPhone) {
            look(Find::Phone(phone));
        }
    }
    for name in ["chlo", "jurgen", "o'brien", "soren dia", "tanaka zoe"] {
        look(Find::Name(name));
    }
    found
}
