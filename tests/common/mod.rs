//! What the tests of the binary share: running it in a workspace of its own, and the laws that always hold.
#![allow(dead_code)] // Each test file is a crate of its own and uses a part of this.

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The real binary, in a temporary workspace that goes with it.
pub struct Landfall {
    dir: tempfile::TempDir,
}

/// What one call of the binary said.
#[derive(Debug)]
pub struct Said {
    /// The exit status; none when a signal ended it.
    pub status: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Said {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("standard output is UTF-8")
    }

    /// Standard output as JSON, one object a line.
    pub fn lines(&self) -> Vec<Value> {
        let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.text().lines().map(parse).collect()
    }

    /// Standard output as the one JSON object that it is.
    pub fn object(&self) -> Value {
        let mut lines = self.lines();
        assert_eq!(lines.len(), 1, "one object was expected: {self:?}");
        lines.remove(0)
    }

    /// The same, or null where it is not one object.
    pub fn object_or_null(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or_default()
    }

    /// The same, when the exit status is this one.
    #[track_caller]
    pub fn exits(self, status: i32) -> Said {
        assert_eq!(
            self.status,
            Some(status),
            "stdout: {}\nstderr: {}",
            String::from_utf8_lossy(&self.stdout),
            self.stderr
        );
        self
    }
}

impl Landfall {
    /// A workspace that is not made yet.
    pub fn new() -> Landfall {
        Landfall { dir: tempfile::tempdir().expect("a temporary directory") }
    }

    /// Where files for imports can be put.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn workspace(&self) -> PathBuf {
        self.dir.path().join("workspace")
    }

    /// Writes a file beside the workspace.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, content).expect("a file can be written");
        path
    }

    /// A second workspace that is what this one is now.
    pub fn copy(&self) -> Landfall {
        let copy = Landfall::new();
        copy_dir(&self.workspace(), &copy.workspace());
        copy
    }

    /// The path of a file beside the workspace, as an argument.
    pub fn path(&self, name: &str) -> String {
        self.dir.path().join(name).into_os_string().into_string().expect("temporary paths are UTF-8")
    }

    /// The binary with the workspace's environment and nothing else of the caller's; for calls that need more.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_landfall"));
        command.args(args).env_clear().env("LANDFALL_WORKSPACE", self.workspace()).env("USER", "tester");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", self.dir.path());
        command.current_dir(self.dir.path()).stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, args: &[&str]) -> Said {
        said(self.command(args).output().expect("the binary starts"))
    }

    /// Runs it with text on standard input.
    pub fn run_with_input(&self, args: &[&str], input: impl AsRef<[u8]>) -> Said {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        let input = input.as_ref().to_owned();
        // A child that does not read all of it is no failure of the test.
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().expect("the binary ends");
        let _ = writer.join();
        said(output)
    }

    /// Runs it with `--json`; it must exit with this status.
    #[track_caller]
    pub fn json(&self, args: &[&str], status: i32) -> Vec<Value> {
        self.run(&[args, &["--json"]].concat()).exits(status).lines()
    }

    /// Runs an import with `--yes` and `--json`, which must finish whatever rows fail, and checks that it is conserved.
    #[track_caller]
    pub fn import(&self, file: &str, more: &[&str]) -> Value {
        let said = self.run(&[&["import", file, "--yes", "--json"], more].concat());
        assert!(matches!(said.status, Some(0 | 3)), "{said:?}");
        let run = said.object();
        self.assert_conserved(run["run"].as_u64().expect("a run has a number"));
        run
    }

    /// The rows of a run.
    #[track_caller]
    pub fn rows(&self, run: &Value) -> Vec<Value> {
        self.json(&["run", "rows", &run["run"].to_string()], 0)
    }

    /// The conservation law of one run (README, "Every record is accounted for"): its counts add up, each count is the
    /// number of rows that its ledger gives for that outcome, every row has exactly one outcome, and no row is missing.
    #[track_caller]
    pub fn assert_conserved(&self, run: u64) -> Value {
        let id = run.to_string();
        let shown = self.json(&["run", "show", &id], 0).remove(0);
        let count = |key: &str| shown[key].as_u64().unwrap_or_else(|| panic!("{key} is no number: {shown}"));
        let outcomes = ["created", "updated", "unchanged", "skipped", "failed"];
        let sum: u64 = outcomes.iter().map(|outcome| count(outcome)).sum();
        assert_eq!(count("rows"), sum, "rows are not the sum of the outcomes: {shown}");
        let rows = self.json(&["run", "rows", &id], 0);
        let mut of: BTreeMap<String, u64> = BTreeMap::new();
        for row in &rows {
            *of.entry(row["outcome"].as_str().expect("every row has an outcome").to_owned()).or_default() += 1;
        }
        for outcome in outcomes {
            assert_eq!(count(outcome), of.remove(outcome).unwrap_or(0), "{outcome} in the run and in its ledger");
            let only = self.json(&["run", "rows", &id, "--only", outcome], 0);
            assert_eq!(only.len() as u64, count(outcome), "--only {outcome}");
            assert!(only.iter().all(|row| row["outcome"] == outcome), "--only {outcome} gives others too");
        }
        assert!(of.is_empty(), "outcomes that there are not: {of:?}");
        let numbers: Vec<u64> = rows.iter().map(|row| row["row"].as_u64().expect("a row has a number")).collect();
        assert_eq!(numbers, (1..=count("rows")).collect::<Vec<_>>(), "rows are missing or doubled");
        let store = landfall::store::Store::open_read_only(&self.workspace()).expect("the workspace opens");
        store.check_run(landfall::domain::id::RunId(run)).expect("the numbers of the run add up, its bytes too");
        shown
    }
}

fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("a directory can be made");
    for entry in std::fs::read_dir(from).expect("a directory can be read") {
        let entry = entry.expect("an entry can be read");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("an entry has a type").is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

pub fn said(output: Output) -> Said {
    Said {
        status: output.status.code(),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
