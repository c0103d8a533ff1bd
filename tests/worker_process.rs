//! Workers as processes: what they take up, that there is one of them, and that none of their ends loses a row.

mod common;

use common::Landfall;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Waits until something holds, as long as a test may take.
#[track_caller]
fn eventually(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A process that is ended with the test.
struct Process(Child);

impl Process {
    fn start(landfall: &Landfall, args: &[&str]) -> Process {
        let mut command = landfall.command(args);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Process(command.spawn().expect("the binary starts"))
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.0)
    }

    /// Sends a signal and waits for the end; answers the exit status, none when the signal ended it.
    fn end(&mut self, signal: Signal) -> Option<i32> {
        kill_process(self.pid(), signal).expect("it is there");
        self.0.wait().expect("it ends").code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended cannot be killed, which is as well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn file_of(landfall: &Landfall, name: &str, rows: usize) {
    let mut text = "ref,name\n".to_owned();
    (0..rows).for_each(|row| text.push_str(&format!("{name}-{row},Name {row}\n")));
    landfall.file(name, text);
}

/// One line of `runs`; null before there is any.
fn run(landfall: &Landfall, number: u64) -> Value {
    let runs = landfall.run(&["runs", "--json", "--read-only"]);
    runs.lines().into_iter().find(|run| run["run"] == number).unwrap_or_default()
}

fn is(landfall: &Landfall, number: u64, status: &str) -> bool {
    run(landfall, number)["status"] == status
}

/// A workspace whose worker stays.
fn with_worker(more: &[&str]) -> (Landfall, Process) {
    let landfall = Landfall::new();
    landfall.json(&["settings"], 0);
    let worker = Process::start(&landfall, &[&["worker"], more].concat());
    let lock = landfall.workspace();
    eventually("lock", || landfall::store::Store::is_locked(&lock).unwrap());
    (landfall, worker)
}

#[test]
fn a_worker_that_stays_takes_what_others_queue_and_stops_when_told() {
    let (landfall, mut worker) = with_worker(&[]);
    file_of(&landfall, "a.csv", 200);
    file_of(&landfall, "b.csv", 100);
    // One that is followed and one that is not: the worker carries both out, since it holds the workspace.
    assert_eq!(landfall.import("a.csv", &[])["created"], 200);
    landfall.json(&["import", "b.csv", "--yes", "--detach"], 0);
    eventually("end of the second run", || is(&landfall, 2, "completed"));
    landfall.assert_conserved(2);
    // While it waits for runs it is in nobody's way.
    let contact = landfall.json(&["lookup", "a.csv-7"], 0)[0]["contact"].as_str().unwrap().to_owned();
    landfall.run(&["contact", "delete", &contact, "--yes"]).exits(0);
    assert_eq!(worker.end(Signal::TERM), Some(0));
    assert!(!landfall::store::Store::is_locked(&landfall.workspace()).unwrap());
}

#[test]
fn a_second_worker_is_refused_with_the_process_of_the_first() {
    let (landfall, worker) = with_worker(&[]);
    let error = landfall.run(&["worker", "--json"]).exits(1).object()["error"].clone();
    assert_eq!(error["code"], "locked");
    let pid = worker.pid().as_raw_nonzero().to_string();
    assert!(error["message"].as_str().unwrap().contains(&format!("process {pid}")), "{error}");
}

#[test]
fn a_worker_that_cannot_stay_says_who_is_there_and_leaves_that_untouched() {
    use landfall::domain::source::Keeper;
    use landfall::store::Store;
    let landfall = Landfall::new();
    landfall.json(&["settings"], 0);
    let keeper = || Store::keeper(&landfall.workspace()).unwrap();
    let comes_by = Store::try_keeper_lock(&landfall.workspace(), false).unwrap().expect("nobody is there");
    let error = landfall.run(&["worker", "--json"]).exits(1).object()["error"].clone();
    let said = error["message"].as_str().unwrap();
    assert!(error["code"] == "locked" && said.contains("worker --once") && !said.contains("stays"), "{error}");
    drop(comes_by);
    let lock = landfall.workspace().join("lock");
    let lock = std::fs::File::options().read(true).write(true).open(lock).expect("the lock file");
    lock.lock().expect("the lock is free");
    let error = landfall.run(&["worker", "--json"]).exits(1).object()["error"].clone();
    assert!(error["message"].as_str().unwrap().contains("works on the workspace"), "{error}");
    assert!(!error["next"].as_str().unwrap().contains("--no-wait"), "{error}");
    assert_eq!(keeper(), Keeper::ComesBy, "one that could not stay takes nothing from it");
}

#[test]
fn whoever_looks_knows_whether_a_worker_stays() {
    use landfall::domain::source::Keeper;
    use landfall::store::Store;
    let (landfall, mut worker) = with_worker(&[]);
    let keeper = || Store::keeper(&landfall.workspace()).unwrap();
    assert_eq!(keeper(), Keeper::Stays);
    // One that is started for what waits is no promise that anybody looks when it is time.
    landfall.run(&["worker", "--once", "--own-session"]);
    assert_eq!(keeper(), Keeper::Stays);
    worker.end(Signal::KILL);
    assert_eq!(keeper(), Keeper::Nobody);
    landfall.run(&["worker", "--once", "--own-session"]).exits(0);
    assert_eq!(keeper(), Keeper::Nobody);
    landfall.run(&["worker", "--once"]).exits(0);
    assert_eq!(keeper(), Keeper::ComesBy);
}

#[test]
fn a_worker_that_is_told_to_stop_leaves_a_run_that_waits_for_somebody() {
    let (landfall, mut worker) = with_worker(&["--commit-rows", "50"]);
    file_of(&landfall, "a.csv", 60_000);
    landfall.json(&["import", "a.csv", "--yes", "--detach"], 0);
    eventually("some rows", || run(&landfall, 1)["rows"].as_u64().unwrap_or(0) > 0);
    assert_eq!(worker.end(Signal::INT), Some(0));
    assert!(is(&landfall, 1, "interrupted"), "{}", run(&landfall, 1));
    landfall.assert_conserved(1);

    // A worker that stays leaves it alone, and goes on when somebody says so.
    let mut worker = Process::start(&landfall, &["worker"]);
    eventually("lock", || landfall::store::Store::is_locked(&landfall.workspace()).unwrap());
    file_of(&landfall, "b.csv", 10);
    landfall.import("b.csv", &[]);
    assert!(is(&landfall, 1, "interrupted"));
    let resumed = landfall.json(&["run", "resume", "1"], 0).remove(0);
    assert_eq!((&resumed["status"], &resumed["created"]), (&"completed".into(), &60_000.into()));
    landfall.assert_conserved(1);
    assert_eq!(worker.end(Signal::HUP), Some(0));
}

#[test]
fn a_run_whose_worker_was_killed_is_seen_and_goes_on_with_the_next_worker() {
    let (landfall, mut worker) = with_worker(&["--commit-rows", "50"]);
    file_of(&landfall, "a.csv", 60_000);
    landfall.json(&["import", "a.csv", "--yes", "--detach"], 0);
    eventually("some rows", || run(&landfall, 1)["rows"].as_u64().unwrap_or(0) > 0);
    worker.end(Signal::KILL);
    let store = landfall::store::Store::open_read_only(&landfall.workspace()).unwrap();
    let orphans = landfall::worker::queue::orphaned(&store).unwrap();
    assert_eq!((orphans.iter().map(|run| run.0).collect::<Vec<_>>(), is(&landfall, 1, "running")), (vec![1], true));

    landfall.run(&["worker", "--once", "--own-session"]).exits(0);
    assert!(is(&landfall, 1, "completed"), "{}", run(&landfall, 1));
    assert_eq!(landfall.assert_conserved(1)["created"], 60_000);
    assert!(landfall::worker::queue::orphaned(&store).unwrap().is_empty());
}

#[test]
fn a_run_after_which_another_of_its_source_began_is_not_gone_on_with_by_itself() {
    let landfall = Landfall::new();
    file_of(&landfall, "a.csv", 60_000);
    file_of(&landfall, "b.csv", 10);
    let mut import = Process::start(&landfall, &["import", "a.csv", "--source", "crm", "--yes", "--commit-rows", "50"]);
    eventually("some rows", || run(&landfall, 1)["rows"].as_u64().unwrap_or(0) > 0);
    import.end(Signal::KILL);
    landfall.import("b.csv", &["--source", "crm"]);
    landfall.run(&["worker", "--once", "--own-session"]).exits(0);
    assert!(is(&landfall, 1, "interrupted"), "{}", run(&landfall, 1));
    landfall.run(&["run", "resume", "1"]).exits(0);
    assert_eq!(landfall.assert_conserved(1)["created"], 60_000);
}

#[test]
fn a_run_that_dies_without_getting_further_is_left_to_a_person_after_three_times() {
    let landfall = Landfall::new();
    file_of(&landfall, "a.csv", 10);
    landfall.json(&["settings"], 0);
    let lock = std::fs::File::open(landfall.workspace().join("lock")).unwrap();
    lock.lock().unwrap();
    landfall.json(&["import", "a.csv", "--yes", "--detach"], 0);
    let mut store = landfall::store::Store::create_or_open(&landfall.workspace(), 0, 0).unwrap();
    let id = landfall::domain::id::RunId(1);
    // As a process leaves it that dies in the middle, again and again.
    for by_itself in [false, true, true, true] {
        if by_itself {
            let death = landfall::domain::run::Interruption::Death;
            store.interrupt_run(id, death, "it died", 1).unwrap();
            store.requeue_run(id, true).unwrap();
        }
        store.set_run_status(id, landfall::domain::run::RunStatus::Running, None, 1).unwrap();
    }
    drop((store, lock));
    landfall.run(&["worker", "--once", "--own-session"]);
    eventually("the run is left", || is(&landfall, 1, "interrupted"));
    let error = run(&landfall, 1)["error"].as_str().unwrap_or_default().to_owned();
    assert!(error.contains("4 times") && error.contains("resume"), "{error}");
    assert_eq!(landfall.json(&["run", "resume", "1"], 0)[0]["created"], 10);
}

#[test]
fn a_run_that_another_process_carries_out_is_cancelled_at_its_next_batch() {
    let (landfall, _worker) = with_worker(&["--commit-rows", "50"]);
    file_of(&landfall, "a.csv", 60_000);
    landfall.json(&["import", "a.csv", "--yes", "--detach"], 0);
    eventually("some rows", || run(&landfall, 1)["rows"].as_u64().unwrap_or(0) > 0);
    landfall.run(&["run", "cancel", "1"]).exits(0);
    eventually("end of the run", || is(&landfall, 1, "cancelled"));
    let cancelled = landfall.assert_conserved(1);
    assert!(cancelled["rows"].as_u64().unwrap() < 60_000, "{cancelled}");
}

#[test]
fn a_worker_started_on_demand_writes_to_a_log_in_the_workspace() {
    let landfall = Landfall::new();
    file_of(&landfall, "a.csv", 10);
    landfall.json(&["import", "a.csv", "--yes", "--detach"], 0);
    eventually("end of the run", || is(&landfall, 1, "completed"));
    let log = landfall.workspace().join("worker.log");
    eventually("its result in the log", || {
        std::fs::read_to_string(&log).is_ok_and(|text| text.contains("10 rows read, every one accounted for"))
    });
    landfall.assert_conserved(1);
}
