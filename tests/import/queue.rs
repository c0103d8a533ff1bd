//! One import at a time: what waits, what does not, and who carries it out.

use super::*;
use std::fs::File;
use std::process::Stdio;

/// A workspace with a file, and what another process at work holds: its lock.
fn held() -> (Landfall, File) {
    let landfall = Landfall::new();
    landfall.file("a.csv", "ref,name\n1,Ann\n2,Bob\n");
    landfall.file("b.csv", "ref,name\n7,Eve\n");
    landfall.run(&["worker", "--once"]).exits(0);
    let lock = File::options().read(true).write(true).open(landfall.workspace().join("lock")).expect("the lock file");
    lock.lock().expect("the lock is free");
    (landfall, lock)
}

fn status(landfall: &Landfall, run: &str) -> String {
    let said = landfall.run(&["run", "show", run, "--json"]);
    said.object_or_null()["status"].as_str().unwrap_or_default().to_owned()
}

/// Starts a worker. The one that a detached import started may be late and be at it already.
#[track_caller]
fn work(landfall: &Landfall) {
    let said = landfall.run(&["worker", "--once", "--json"]);
    assert!(said.status == Some(0) || said.object_or_null()["error"]["code"] == "locked", "{said:?}");
}

#[test]
fn an_import_waits_for_its_turn_and_then_runs() {
    let (landfall, lock) = held();
    let mut command = landfall.command(&["import", "a.csv", "--yes", "--json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    eventually("queued run", || status(&landfall, "1") == "queued");
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(status(&landfall, "1"), "queued", "it does not start while the lock is held");
    drop(lock);
    let output = child.wait_with_output().expect("it ends");
    let run: Value = serde_json::from_slice(&output.stdout).expect("a run object");
    assert_eq!((output.status.code(), &run["status"], counts(&run)), (Some(0), &json!("completed"), [2, 0, 0, 0, 0]));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("waits for its turn"), "{stderr}");
    landfall.assert_conserved(1);
}

#[test]
fn with_no_wait_a_locked_workspace_is_a_refusal() {
    let (landfall, _lock) = held();
    let error = refused(&landfall, &landfall.path("a.csv"), &["--no-wait"]);
    assert_eq!(error["code"], "locked", "{error}");
    assert!(error["next"].as_str().unwrap().contains("without --no-wait an import waits"), "{error}");
    let error = landfall.run(&["worker", "--once", "--json"]).exits(1).object()["error"].clone();
    assert_eq!(
        (&error["code"], &error["next"]),
        (&json!("locked"), &json!("wait until it has finished, then try again"))
    );
}

#[test]
fn a_dry_run_and_every_question_need_no_turn() {
    let (landfall, _lock) = held();
    let run = landfall.import("a.csv", &["--dry-run"]);
    assert_eq!(counts(&run), [2, 0, 0, 0, 0]);
    landfall.run(&["lookup", "1"]).exits(1);
    landfall.run(&["worker", "--once", "--json"]).exits(1);
}

#[test]
fn a_queued_run_survives_its_starter_and_a_worker_carries_it_out() {
    let (landfall, lock) = held();
    let queued = landfall.json(&["import", "a.csv", "--yes", "--detach"], 0).remove(0);
    assert_eq!((&queued["status"], &queued["rows"]), (&json!("queued"), &json!(0)), "{queued}");
    let mut command = landfall.command(&["import", "b.csv", "--yes"]);
    let mut child = command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().expect("the binary starts");
    eventually("second queued run", || status(&landfall, "2") == "queued");
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    assert_eq!((status(&landfall, "1"), status(&landfall, "2")), ("queued".to_owned(), "queued".to_owned()));
    drop(lock);
    work(&landfall);
    eventually("end of both", || status(&landfall, "1") == "completed" && status(&landfall, "2") == "completed");
    assert_eq!(
        (counts(&landfall.assert_conserved(1)), counts(&landfall.assert_conserved(2))),
        ([2, 0, 0, 0, 0], [1, 0, 0, 0, 0])
    );
}

#[test]
fn whoever_frees_the_lock_starts_what_is_queued() {
    let (landfall, lock) = held();
    landfall.json(&["import", "a.csv", "--yes", "--detach"], 0);
    // The worker that was started for it has seen the lock and gone.
    std::thread::sleep(std::time::Duration::from_millis(500));
    drop(lock);
    landfall.import("b.csv", &[]);
    eventually("end of the queued run", || status(&landfall, "1") == "completed");
    landfall.assert_conserved(1);
}

#[test]
fn a_detached_import_comes_back_at_once_and_completes_by_itself() {
    let landfall = Landfall::new();
    let mut text = "ref,name\n".to_owned();
    (0..3_000).for_each(|row| text.push_str(&format!("{row},Name {row}\n")));
    landfall.file("a.csv", text);
    landfall.json(&["import", "a.csv", "--yes", "--detach"], 0);
    eventually("end of the run", || status(&landfall, "1") == "completed");
    assert_eq!(landfall.assert_conserved(1)["created"], 3_000);
}

#[test]
fn the_same_import_again_while_it_waits_is_the_same_run() {
    let (landfall, lock) = held();
    for _ in 0..2 {
        let run = landfall.json(&["import", "a.csv", "--yes", "--detach"], 0).remove(0);
        assert_eq!(run["run"], 1, "{run}");
    }
    drop(lock);
    work(&landfall);
    eventually("end of the run", || status(&landfall, "1") == "completed");
    assert_eq!(landfall.json(&["runs"], 0).len(), 1);
}
