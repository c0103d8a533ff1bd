//! Breaking a command at many of its calls, going on in each way there is, and comparing.

use super::data;
use super::state::{State, status_of};
use super::strace::{self, Call, Harm};
use crate::common::{Landfall, Said};
use landfall::domain::run::RunStatus;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Rows a transaction in the sweeps: enough transactions for two merges of keys and for checkpoints in between.
pub const COMMIT_ROWS: u64 = 100;

/// The index of the write-ahead log, which SQLite makes anew whenever it is missing.
const SHARED: &str = "landfall.db-shm";

/// How many broken runs go on at the same time.
const AT_ONCE: usize = 2;

/// A command to break, and what there is when nobody breaks it.
pub struct Scenario {
    pub name: &'static str,
    /// As it is before the command.
    before: Landfall,
    /// The import; without `--json`.
    args: Vec<String>,
    /// For whoever goes on with the run.
    tuning: Vec<String>,
    /// The number of its run.
    pub run: u64,
    /// What the command ends with when nothing stands in its way.
    exit: i32,
    pub expected: State,
    /// What it does to files.
    pub calls: Vec<Call>,
}

/// How people go on with a run that was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Resume,
    Worker,
    SameImport,
}

pub const WAYS: [Way; 3] = [Way::Resume, Way::Worker, Way::SameImport];

/// Which of the writes that were not synced are garbage after a loss of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    All,
    /// Every other one: a disk writes in the order that it likes.
    Some,
    /// All but the first.
    Later,
}

impl Lost {
    fn skips(self) -> usize {
        usize::from(self != Lost::All)
    }

    fn step(self) -> usize {
        if self == Lost::Some { 2 } else { 1 }
    }
}

impl Scenario {
    /// The first import of a new workspace, its making included.
    pub fn first_import(flags: &[&str]) -> Scenario {
        let before = Landfall::new();
        before.file("people.csv", data::first());
        Scenario::of("first import", before, 1, flags)
    }

    /// An import that finds most of its people there, and changes many.
    pub fn import_of_changes(flags: &[&str]) -> Scenario {
        let before = Landfall::new();
        before.file("people.csv", data::first());
        before.run(&["import", "people.csv", "--yes", "--accept-unmapped", "--commit-rows", "100"]).exits(3);
        before.file("people.csv", data::second());
        Scenario::of("import of changes", before, 2, flags)
    }

    /// A dry run of the changes. Only `run resume` goes on with one.
    pub fn dry_run() -> Scenario {
        let before = Landfall::new();
        before.file("people.csv", data::first());
        before.run(&["import", "people.csv", "--yes", "--accept-unmapped"]).exits(3);
        before.file("people.csv", data::second());
        Scenario::of("dry run", before, 2, &["--dry-run"])
    }

    /// The first import of a file that takes several writes to land.
    pub fn large_file() -> Scenario {
        let before = Landfall::new();
        before.file("people.csv", data::large());
        Scenario::of("large file", before, 1, &[])
    }

    fn of(name: &'static str, before: Landfall, run: u64, flags: &[&str]) -> Scenario {
        let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let batches = ["--commit-rows", &COMMIT_ROWS.to_string()];
        let args = [own(&["import", "people.csv", "--yes", "--accept-unmapped"]), own(&batches), own(flags)].concat();
        let tuning = [own(&batches), own(flags).into_iter().filter(|flag| flag != "--dry-run").collect()].concat();
        let mut scenario =
            Scenario { name, before, args, tuning, run, exit: 0, expected: State::default(), calls: Vec::new() };
        let undisturbed = scenario.fresh();
        let said = undisturbed.run(&scenario.import());
        scenario.exit = said.status.unwrap();
        assert!([0, 3].contains(&scenario.exit), "{name}: {said:?}");
        scenario.expected = State::of(&undisturbed);
        let traced = scenario.fresh();
        let (said, calls) = strace::calls(&traced, &scenario.import());
        said.exits(scenario.exit);
        scenario.calls = calls;
        assert_eq!(scenario.differences(&traced), [""; 0], "{name}: two runs that nobody disturbed differ");
        scenario
    }

    /// The workspace as it is before the command, to be broken.
    pub fn fresh(&self) -> Landfall {
        copy_of(&self.before)
    }

    pub fn import(&self) -> Vec<&str> {
        self.args.iter().map(String::as_str).chain(["--json"]).collect()
    }

    /// Runs the command with harm done to one of its calls.
    pub fn harmed(&self, call: &Call, harm: Harm) -> (Landfall, Said) {
        let landfall = self.fresh();
        let said = strace::harmed(&landfall, &self.import(), call, harm);
        (landfall, said)
    }

    pub fn differences(&self, landfall: &Landfall) -> Vec<String> {
        State::of(landfall).differences(&self.expected)
    }

    /// Goes on in this way with a copy of what is left. Answers what is not as without the harm.
    pub fn goes_on(&self, left: &Landfall, way: Way) -> Vec<String> {
        // A workspace that cannot be read any more is something to tell, with the call that led there.
        let told = std::panic::catch_unwind(AssertUnwindSafe(|| self.gone_on(left, way)));
        let told = told.unwrap_or_else(|_| vec!["the workspace cannot be read (see above)".to_owned()]);
        told.into_iter().map(|told| format!("{way:?}: {told}")).collect()
    }

    fn gone_on(&self, left: &Landfall, way: Way) -> Vec<String> {
        let status = status_of(&copy_of(left), self.run);
        let landfall = copy_of(left);
        let number = self.run.to_string();
        let tuning = self.tuning.iter().map(String::as_str);
        let with = |words: &[&'static str]| words.to_vec();
        let said = match (way, status) {
            // A second run of a finished one is what was asked for.
            (Way::SameImport, Some(status)) if status.is_finished() => return self.differences(&landfall),
            (Way::SameImport, _) => landfall.run(&self.import()),
            (Way::Worker, _) => {
                landfall.run(&with(&["worker", "--once", "--json"]).into_iter().chain(tuning).collect::<Vec<_>>())
            }
            (Way::Resume, _) => {
                let words = ["run", "resume", &number, "--json"];
                landfall.run(&words.into_iter().chain(tuning).collect::<Vec<_>>())
            }
        };
        let code = said.object_or_null()["error"]["code"].as_str().unwrap_or_default().to_owned();
        let as_due = match (way, status) {
            (Way::Resume, None) => said.status == Some(1) && code == "not_found",
            (Way::Resume, Some(status)) if status.is_finished() => said.status == Some(1) && code == "run_ended",
            (Way::Worker, None) => said.status == Some(0),
            (Way::Worker, Some(status)) if status.is_finished() => said.status == Some(0),
            _ => said.status == Some(self.exit),
        };
        if !as_due {
            return vec![format!("{way:?} of a run that is {status:?} ended so: {said:?}")];
        }
        if status.is_none() && way != Way::SameImport {
            // Nothing had begun, so there was nothing to go on with.
            let said = landfall.run(&self.import());
            if said.status != Some(self.exit) {
                return vec![format!("the import after {way:?} without a run ended so: {said:?}")];
            }
        }
        self.differences(&landfall)
    }

    /// Kills the command at this call and goes on in these ways.
    pub fn kill(&self, call: &Call, ways: &[Way]) -> Broken {
        let (left, said) = self.harmed(call, Harm::Kill);
        if said.status.is_some() {
            // Calls come and go with the scheduling of threads; the run must then be whole.
            return Broken { reached: false, complaints: self.differences(&left) };
        }
        Broken { reached: true, complaints: ways.iter().flat_map(|way| self.goes_on(&left, *way)).collect() }
    }

    /// The power fails at this call: what was written to a file since it was last synced is as `lost` leaves it. (The
    /// call itself does not happen, and names of files are taken to be on the disk.)
    pub fn lose_power(&self, call: &Call, lost: Lost, way: Way) -> Broken {
        let left = self.fresh();
        let (said, done) = strace::killed(&left, &self.import(), call);
        let workspace = left.workspace();
        // The index of the log is memory that processes share.
        let _ = fs::remove_file(workspace.join(SHARED));
        let mut unsynced: BTreeMap<&str, Vec<(u64, u64)>> = BTreeMap::new();
        for earlier in &done {
            match earlier.range {
                Some(range) => unsynced.entry(&earlier.file).or_default().push(range),
                None if earlier.name.ends_with("sync") => drop(unsynced.remove(&*earlier.file)),
                None => {}
            }
        }
        let mut ranges = 0;
        for (file, written) in unsynced {
            // What is gone by now was removed on purpose.
            let Ok(file) = File::options().write(true).open(workspace.join(file)) else { continue };
            for (offset, length) in written.into_iter().skip(lost.skips()).step_by(lost.step()) {
                file.write_all_at(&vec![0xA5; length as usize], offset).unwrap();
                ranges += 1;
            }
        }
        Broken { reached: said.status.is_none() && ranges > 0, complaints: self.goes_on(&left, way) }
    }

    /// Kills the command at this call, then whoever goes on with it at this call of theirs; the next one brings it to
    /// its end.
    pub fn kill_twice(&self, first: &Call, second: &Call) -> Broken {
        let (left, _) = self.harmed(first, Harm::Kill);
        let number = self.run.to_string();
        let tuning = self.tuning.iter().map(String::as_str);
        let resume: Vec<&str> = ["run", "resume", &number].into_iter().chain(tuning).collect();
        let said = strace::harmed(&left, &resume, second, Harm::Kill);
        Broken { reached: said.status.is_none(), complaints: self.goes_on(&left, Way::Resume) }
    }

    /// Lets a call fail: the command must say so and leave a run that can go on, or none, unless it can do without.
    pub fn fail(&self, call: &Call, harm: Harm, way: Way) -> Broken {
        let (left, said) = self.harmed(call, harm);
        if said.stderr.contains("panicked") {
            return Broken { reached: true, complaints: vec![format!("it panicked: {said:?}")] };
        }
        if said.status == Some(self.exit) {
            return Broken { reached: false, complaints: self.differences(&left) };
        }
        let mut complaints = Vec::new();
        let error = &said.object_or_null()["error"];
        let told = |key: &str| error[key].as_str().unwrap_or_default();
        if said.status != Some(1) || told("message").len() < 20 || told("next").len() < 5 {
            complaints.push(format!("the error is not told: {said:?}"));
        }
        // SQLite tells a full disk from a failing one only where a plain write fails.
        let clear = match harm {
            Harm::Error("ENOSPC") | Harm::ErrorFrom("ENOSPC") if call.name.contains("write") && call.file != SHARED => {
                ["disk is full", "No space"].iter().any(|words| told("message").contains(words))
            }
            _ => ["disk", "disk_full", "file"].contains(&told("code")),
        };
        if !clear {
            complaints.push(format!("the error says something else: {error}"));
        }
        let status = status_of(&copy_of(&left), self.run);
        let may_stand = match harm {
            // Not even how the run stands can be written down.
            Harm::ErrorFrom(_) => {
                vec![None, Some(RunStatus::Queued), Some(RunStatus::Running), Some(RunStatus::Interrupted)]
            }
            _ => vec![None, Some(RunStatus::Queued), Some(RunStatus::Interrupted)],
        };
        if !may_stand.contains(&status) {
            complaints.push(format!("the run is {status:?} after {said:?}"));
        }
        complaints.extend(self.goes_on(&left, way));
        Broken { reached: true, complaints }
    }

    /// Calls of this name on this kind of file, at most so many, spread evenly, the first and the last among them.
    pub fn some_calls(&self, name: &str, file: &str, most: usize) -> Vec<Call> {
        let all: Vec<&Call> = self.calls.iter().filter(|call| call.name == name && call.file == file).collect();
        let taken = most.min(all.len());
        (0..taken).map(|place| all[place * (all.len() - 1) / (taken - 1).max(1)].clone()).collect()
    }

    /// At most so many calls of every name and kind of file.
    pub fn spread(&self, most: impl Fn(&str, &str) -> usize) -> Vec<Call> {
        let mut kinds: Vec<(&str, &str)> = self.calls.iter().map(|call| (&*call.name, &*call.file)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds.into_iter().flat_map(|(name, file)| self.some_calls(name, file, most(name, file))).collect()
    }
}

/// What came of a broken command.
pub struct Broken {
    /// Whether the harm had an effect.
    pub reached: bool,
    /// What is not as it would have been without.
    pub complaints: Vec<String>,
}

/// Does something for each of these, some at the same time; the answers come in the order of the items.
pub fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((place, item)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|p| Some((p, items.get(p)?)))
                {
                    let answer = work(item);
                    done.lock().unwrap().insert(place, answer);
                }
            });
        }
    });
    done.into_inner().unwrap().into_values().collect()
}

/// A copy with everything in it: the workspace and the files beside it.
pub fn copy_of(landfall: &Landfall) -> Landfall {
    let copy = Landfall::new();
    copy_directory(landfall.dir(), copy.dir());
    copy
}

fn copy_directory(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            fs::set_permissions(&target, entry.metadata().unwrap().permissions()).unwrap();
            copy_directory(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}
