//! A real workspace in which a scene is played through the library.

use crate::scene::{COLOURS, Import};
use landfall::app::mapping::data::{OpenWanted, Preview, PreviewWanted, Profile, ProfileWanted};
use landfall::app::message::{Answer, Question};
use landfall::cli::context::Environment;
use landfall::domain::field::{Catalog, Kind};
use landfall::domain::id::{RecordId, RunId, SourceId, WorkspaceCode};
use landfall::domain::mapping::{Mapping, Reading};
use landfall::domain::outcome::LedgerRow;
use landfall::domain::record::Record;
use landfall::domain::run::RunStatus;
use landfall::domain::source::{SourceEdit, SourceMode, SourceOptions};
use landfall::engine::decode::Codec;
use landfall::engine::sniff::Overrides;
use landfall::shell::answers;
use landfall::shell::desk::{Desk, MappingDesk};
use landfall::store::{NewSource, RunRow, Store};
use landfall::worker::error::{Refusal, WorkerError};
use landfall::worker::execute::{COMMIT_ROWS, Control, Tuning, execute};
use landfall::worker::prepare;
use landfall::worker::request::{ImportRequest, MappingChoice};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const NOW_MS: i64 = 1_700_000_000_000;
/// More records than any scene makes.
const RECORDS: u64 = 200;

/// How a run goes about its rows, which must not show in what it does.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub commit_rows: usize,
    pub read_rows: usize,
    pub threads: usize,
    /// How many times it is stopped at the end of a batch, and resumed.
    pub pauses: u32,
}

impl Pace {
    pub const AT_ONCE: Pace = Pace { commit_rows: COMMIT_ROWS, read_rows: COMMIT_ROWS, threads: 1, pauses: 0 };
}

/// What a run left behind.
pub struct Played {
    pub run: RunRow,
    pub ledger: Vec<LedgerRow>,
    /// All records after it, deleted ones too.
    pub records: Vec<Record>,
}

pub struct World {
    dir: tempfile::TempDir,
    store: Store,
    shortcuts: bool,
}

/// The code of every workspace of these tests.
pub fn code() -> WorkspaceCode {
    WorkspaceCode::from_random(7)
}

/// A cell with its placeholder replaced.
pub fn cell_text(cell: &str) -> String {
    match cell {
        "{elsewhere}" => WorkspaceCode::from_random(8).contact_id(RecordId(1)),
        _ => match cell.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')?.parse().ok()) {
            Some(number) => code().contact_id(RecordId(number)),
            None => cell.to_owned(),
        },
    }
}

impl World {
    pub fn new() -> World {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut store = Store::create_or_open(&dir.path().join("workspace"), NOW_MS, 7).expect("a workspace");
        let colours = COLOURS.map(str::to_owned);
        store.add_custom_field("colours", Kind::MultipleOptions, None, &colours).expect("a custom field");
        World { dir, store, shortcuts: true }
    }

    /// A world whose runs take every row the general way.
    pub fn without_shortcuts() -> World {
        World { shortcuts: false, ..World::new() }
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    pub fn catalog(&self) -> Catalog {
        self.store.catalog().expect("the fields can be read")
    }

    pub fn delete(&mut self, record: u64) {
        self.store.delete_contact(RecordId(record), NOW_MS).expect("a contact can be deleted");
    }

    /// All records, deleted ones too.
    pub fn records(&self) -> Vec<Record> {
        let ids: Vec<RecordId> = (1..RECORDS).map(RecordId).collect();
        self.store.records(&ids).expect("the records can be read")
    }

    /// All rows of a table of the database, as they are stored.
    pub fn table(&self, name: &str) -> Vec<Vec<Value>> {
        let conn = Connection::open(self.store.dir().join("landfall.db")).expect("the database");
        let mut query = conn.prepare(&format!("SELECT * FROM {name} ORDER BY id")).expect("a table");
        let columns = query.column_count();
        let rows = query.query_map([], |row| (0..columns).map(|place| row.get(place)).collect());
        rows.and_then(Iterator::collect).expect("rows")
    }

    /// Prepares an import and carries it out, or what a dry run of it does. What is refused comes back.
    pub fn play(&mut self, import: &Import, dry_run: bool, pace: Pace) -> Result<Played, Refusal> {
        let run = match self.queue(import, dry_run, pace) {
            Ok(run) => run,
            Err(WorkerError::Refused(refusal)) => return Err(refusal),
            Err(error) => panic!("the import cannot be prepared: {error}"),
        };
        if dry_run {
            // A paused dry run begins again with its file, as another process would.
            for pauses in (0..=pace.pauses).rev() {
                let mut store = Store::open_dry(self.store.dir(), run).expect("a dry run's store");
                carry_out(&mut store, run, Pace { pauses: pauses.min(1), ..pace }, self.shortcuts);
            }
        } else {
            for pauses in (0..=pace.pauses).rev() {
                carry_out(&mut self.store, run, Pace { pauses: pauses.min(1), ..pace }, self.shortcuts);
            }
        }
        let ledger = self.store.ledger_rows(run, None, 0).expect("a ledger");
        let ledger = ledger.collect::<Result<_, _>>().expect("a ledger that can be read");
        let played = self.store.run(run).expect("the run can be read").expect("the run exists");
        Ok(Played { run: played, ledger, records: self.records() })
    }

    /// What the Mapping tab says of an import before it is started: of its first rows, and of all.
    pub fn preview(&mut self, import: &Import) -> (Preview, Profile) {
        let (file, source) = (self.write("contacts.csv", import.csv(cell_text)), self.source(import));
        let mut desk = self.desk();
        let reading = Reading {
            delimiter: Some(",".to_owned()),
            encoding: Some("utf-8".to_owned()),
            header_row: Some(1),
            ..Reading::default()
        };
        let wanted = OpenWanted { source, file: Some(file), reading: Some(reading.clone()) };
        let opened = answers::answer(&mut desk, &Question::OpenMapping(Box::new(wanted)));
        assert!(matches!(opened, Ok(Answer::MappingOpened(_))), "{opened:?}");
        let mapping = Arc::new(Mapping { reading, ..import.mapping() });
        let wanted = PreviewWanted { source, revision: 3, mapping: mapping.clone(), first: 30, rows: Vec::new() };
        let preview = match answers::answer(&mut desk, &Question::Preview(Box::new(wanted))) {
            Ok(Answer::Preview(preview)) => *preview,
            other => panic!("no preview: {other:?}"),
        };
        let wanted = ProfileWanted { source, revision: 3, mapping };
        loop {
            match answers::answer(&mut desk, &Question::Profile(Box::new(wanted.clone()))) {
                Ok(Answer::Profile(profile)) if profile.is_done => return (preview, *profile),
                Ok(Answer::Profile(_)) => {}
                other => panic!("no profile: {other:?}"),
            }
        }
    }

    /// The source of an import, with the options that the import asks for.
    fn source(&mut self, import: &Import) -> SourceId {
        let new = NewSource {
            name: import.source,
            kind: "file",
            provider: None,
            mode: SourceMode::OneTime,
            created_ms: NOW_MS,
        };
        let known = self.store.source_by_name(import.source).expect("sources");
        let id = known.map_or_else(|| self.store.add_source(&new).expect("a source").id(), |known| known.id);
        let options = SourceOptions {
            mode: import.mode,
            tags: import.tags.clone(),
            clear_empty: import.clear_empty,
            allow_duplicates: import.match_on.is_none(),
            match_on: import.match_on,
            filters: import.filters.iter().map(|filter| filter.text.to_owned()).collect(),
            since: import.since.map(|day| day.parse().expect("a day")),
            recreate_deleted: import.recreate_deleted,
            ..SourceOptions::default()
        };
        let edit = SourceEdit { options: Some(options), ..SourceEdit::default() };
        self.store.edit_source(id, &edit, "ann", 10).expect("a source that can be edited");
        id
    }

    fn desk(&self) -> Desk {
        Desk {
            store: Store::open_read_only(self.store.dir()).expect("the workspace"),
            user: "tester".to_owned(),
            clock: || NOW_MS,
            directory: self.dir.path().to_owned(),
            program: "landfall".into(),
            environment: Environment::default(),
            prepared: None,
            backfill: None,
            skips: None,
            mapping: MappingDesk::default(),
        }
    }

    fn write(&self, name: &str, text: String) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).expect("a file can be written");
        path
    }

    fn queue(&mut self, import: &Import, dry_run: bool, pace: Pace) -> Result<RunId, WorkerError> {
        let mapping = self.write("mapping.toml", import.mapping().to_toml());
        let file = self.write("contacts.csv", import.csv(cell_text));
        let day = |text: &str| text.parse().expect("a day");
        let request = ImportRequest {
            source: Some(import.source.to_owned()),
            mode: import.mode,
            mapping: MappingChoice::File(mapping),
            tags: import.tags.clone(),
            clear_empty: import.clear_empty,
            allow_duplicates: import.match_on.is_none(),
            match_on: import.match_on,
            filters: import.filters.iter().map(|filter| filter.text.to_owned()).collect(),
            since: import.since.map(day),
            reading: Overrides {
                delimiter: Some(b','),
                encoding: Codec::of("utf-8"),
                header_line: Some(1),
                quote: None,
            },
            accept_short_rows: true,
            recreate_deleted: import.recreate_deleted,
            again: true,
            dry_run,
            sample: import.sample,
            ..ImportRequest::new(file, "tester".to_owned())
        };
        let prepared = prepare::prepare(&self.store, &request, pace.threads)?;
        prepare::enqueue(&mut self.store, &prepared, NOW_MS)
    }
}

/// Goes on with a run; with a pause only as far as its next batch.
fn carry_out(store: &mut Store, run: RunId, pace: Pace, shortcuts: bool) {
    let row = store.run(run).expect("the run can be read").expect("the run exists");
    if row.status.is_finished() {
        return;
    }
    let stop = AtomicBool::new(false);
    let mut control = Control {
        stop: &stop,
        now_ms: &|| NOW_MS,
        on_progress: &mut |_| stop.store(pace.pauses > 0, Ordering::Relaxed),
        threads: pace.threads,
        tuning: Tuning {
            commit_rows: pace.commit_rows,
            read_rows: pace.read_rows,
            shortcuts,
            #[cfg(feature = "broken-variants")]
            position_apart: false,
        },
    };
    let status = execute(store, run, &mut control).expect("the run ends or pauses");
    assert!(status.is_finished() || pace.pauses > 0 && status == RunStatus::Interrupted, "{status:?}");
}
