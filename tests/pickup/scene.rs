//! A workspace with a source whose files lie in a directory beside it.

use crate::common::Landfall;
use landfall::domain::id::{RunId, SourceId};
use landfall::domain::run::RunKind;
use landfall::domain::source::{
    AfterImport, Connection, Contract, Directory, DriftPolicy, FinishedSign, FoundState, NamePattern, Schedule,
    SourceEdit, SourceMode,
};
use landfall::store::{NewSource, RunFilter, Source, Store};
use landfall::worker::pickup::Means;
use std::cell::Cell;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Child;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant, UNIX_EPOCH};

pub const NAME: &str = "globex";

/// 2026-01-01, in seconds.
const START: u64 = 1_767_225_600;

pub struct Scene {
    pub landfall: Landfall,
}

impl Scene {
    /// A source whose files are taken as soon as they are seen, and which nobody has mapped.
    pub fn new() -> Scene {
        let scene = Scene { landfall: Landfall::new() };
        fs::create_dir(scene.drop()).unwrap();
        let mut store = scene.store();
        let new = NewSource { name: NAME, kind: "dir", provider: None, mode: SourceMode::Ongoing, created_ms: 1_000 };
        let id = store.add_source(&new).unwrap().id();
        let edit = SourceEdit { contract: Some(contract(0)), ..SourceEdit::default() };
        store.edit_source(id, &edit, "ann", 1_000).unwrap();
        scene.looks_into_its_own_directory();
        scene
    }

    /// The same with a mapping, which a person gave its first file.
    pub fn mapped() -> Scene {
        let scene = Scene::new();
        scene.put("first.csv", "ref,name,email\nF-1,Ada One,ada@example.com\n", 0);
        let imported = scene.landfall.json(&["import", "--from", NAME, "--file", "first.csv", "--yes"], 0);
        assert_eq!((&imported[0]["created"], &imported[0]["kind"]), (&1.into(), &"import".into()));
        scene
    }

    /// Files are looked for in the directory beside this very workspace.
    pub fn looks_into_its_own_directory(&self) {
        let path = self.drop().to_str().unwrap().to_owned();
        self.edit(SourceEdit { connection: Some(Connection::Dir(Directory { path })), ..SourceEdit::default() });
    }

    pub fn drop(&self) -> PathBuf {
        self.landfall.dir().join("drop")
    }

    pub fn store(&self) -> Store {
        Store::create_or_open(&self.landfall.workspace(), 0, 7).unwrap()
    }

    pub fn source(&self) -> Source {
        self.store().source_by_name(NAME).unwrap().unwrap()
    }

    pub fn id(&self) -> SourceId {
        self.source().id
    }

    pub fn edit(&self, edit: SourceEdit) {
        self.edit_at(edit, 2_000);
    }

    pub fn edit_at(&self, edit: SourceEdit, at_ms: i64) {
        let id = self.id();
        self.store().edit_source(id, &edit, "ann", at_ms).unwrap();
    }

    pub fn contract(&self, change: impl FnOnce(&mut Contract)) {
        let mut changed = contract(0);
        change(&mut changed);
        self.edit(SourceEdit { contract: Some(changed), ..SourceEdit::default() });
    }

    pub fn after(&self, after: AfterImport) {
        self.edit(SourceEdit { after_import: Some(after), ..SourceEdit::default() });
    }

    /// A schedule that was set at this time (ms since 1970).
    pub fn schedule(&self, cron: &str, at_ms: i64) {
        let schedule = Schedule::parse(cron, chrono_tz::UTC).unwrap();
        self.edit_at(SourceEdit { schedule: Some(Some(schedule)), ..SourceEdit::default() }, at_ms);
    }

    /// Puts a file into the directory, as if it had been changed so many seconds after a fixed moment.
    pub fn put(&self, name: &str, content: &str, seconds: u64) {
        let path = self.drop().join(name);
        fs::write(&path, content).unwrap();
        let at = UNIX_EPOCH + Duration::from_secs(START + seconds);
        File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
    }

    /// Has `work` done with what a pickup needs from outside, on a clock that only sleeping moves; `on_sleep` is told of
    /// each sleep.
    pub fn with_means<T>(&self, on_sleep: &dyn Fn(Duration), work: impl FnOnce(&mut Store, &Means<'_>) -> T) -> T {
        let now_ms = Cell::new(chrono::Utc::now().timestamp_millis());
        let sleep = |time: Duration| {
            on_sleep(time);
            now_ms.set(now_ms.get() + time.as_millis() as i64);
        };
        let means = Means {
            stop: &AtomicBool::new(false),
            now_ms: &|| now_ms.get(),
            env: &|_| None,
            sleep: &sleep,
            random: &|| 0.5,
            user: "ann",
            threads: 1,
            on_wait: &|_| {},
            #[cfg(feature = "broken-variants")]
            taken_apart: false,
        };
        work(&mut self.store(), &means)
    }

    /// The command, beside whatever else is at work, until what it waits for has come about; what it said until then.
    pub fn stay(&self, args: &[&str]) -> Staying {
        let at = |name: &str| self.landfall.dir().join(name);
        let mut command = self.landfall.command(args);
        command.stdout(File::create(at("stdout")).unwrap()).stderr(File::create(at("stderr")).unwrap());
        Staying { child: command.spawn().unwrap(), said: [at("stdout"), at("stderr")] }
    }

    /// What became of each file that was found.
    pub fn states(&self) -> Vec<(String, FoundState)> {
        let files = self.store().found_files(self.id()).unwrap();
        files.into_iter().map(|file| (file.identity.name, file.state)).collect()
    }

    pub fn state(&self, name: &str) -> FoundState {
        let found = self.states().into_iter().find(|(found, _)| found == name);
        found.unwrap_or_else(|| panic!("{name} was not found: {:?}", self.states())).1
    }

    /// The runs that wrote, oldest first: the file of each, its kind and its status.
    pub fn runs(&self) -> Vec<(RunId, String, RunKind, String)> {
        let mut runs = self.store().run_lines(&RunFilter::default()).unwrap();
        runs.reverse();
        let told = runs.into_iter().filter(|run| run.kind != RunKind::DryRun);
        told.map(|run| (run.id, run.delivery_name, run.kind, run.status.as_str().to_owned())).collect()
    }

    /// The files of the runs that wrote.
    pub fn imported(&self) -> Vec<String> {
        self.runs().into_iter().map(|(_, file, _, _)| file).collect()
    }

    /// Every run is complete, and accounts for every row.
    #[track_caller]
    pub fn assert_conserved(&self) {
        for (run, file, _, status) in self.runs() {
            assert!(["completed", "needs_attention"].contains(&status.as_str()), "run {run} of {file} is {status}");
            self.landfall.assert_conserved(run.0);
        }
    }

    /// The names in the directory.
    pub fn left(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(self.drop()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }
}

/// A process at work; it is killed with the value.
pub struct Staying {
    child: Child,
    said: [PathBuf; 2],
}

impl Staying {
    /// Every line that it has said so far, on standard output and on standard error.
    pub fn said(&self) -> Vec<String> {
        let lines = |path| fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect::<Vec<_>>();
        self.said.iter().flat_map(lines).collect()
    }

    /// How it ended.
    pub fn ended(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Has it end as a service manager would.
    pub fn end(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.ended();
    }
}

impl Drop for Staying {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
pub fn eventually(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} did not come about");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Whatever ends in `.csv`, whole when it has not changed for so long.
pub fn contract(seconds: u32) -> Contract {
    Contract {
        pattern: NamePattern::parse("*.csv").unwrap(),
        cadence: None,
        grace_minutes: 60,
        verified_by: None,
        columns: None,
        rows: None,
        finished: FinishedSign::Still { seconds },
        control: None,
        drift: DriftPolicy::CarryOn,
    }
}

pub fn rows(prefix: &str, count: usize) -> String {
    let mut text = "ref,name,email\n".to_owned();
    for row in 0..count {
        text.push_str(&format!("{prefix}-{row},Name {row},{prefix}{row}@example.com\n"));
    }
    text
}
