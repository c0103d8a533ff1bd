//! The binary under strace: which system calls it makes, and what happens when one of them fails or is its last.

use crate::common::{Landfall, Said};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// The calls that change files. Those with a question mark do not exist on every architecture.
const WRITING: &str = "pwrite64,fsync,fdatasync,?rename,?renameat,?renameat2,write,ftruncate,?unlink,?unlinkat";

/// One system call of an undisturbed run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Such as `pwrite64`.
    pub name: String,
    /// What it is about: the name of the file, where that differs from run to run the kind of file.
    pub file: String,
    /// The how-manieth call of this name it is, from 1, in the thread that writes.
    pub n: usize,
    /// Where a `pwrite64` writes, and how much.
    pub range: Option<(u64, u64)>,
}

/// What is done to a call, and to those after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// The process is killed as it enters the call, which therefore does not happen.
    Kill,
    /// It fails with this error, such as `ENOSPC`.
    Error(&'static str),
    /// It and all later ones of its name fail: the disk stays full.
    ErrorFrom(&'static str),
    /// The process receives this signal, such as `INT`.
    Signal(&'static str),
    /// The signal again at every so manieth call.
    SignalEvery(&'static str, usize),
}

impl Harm {
    fn inject(self, call: &Call) -> String {
        let Call { name, n, .. } = call;
        match self {
            Harm::Kill => format!("inject={name}:signal=KILL:when={n}"),
            Harm::Error(error) => format!("inject={name}:error={error}:when={n}"),
            Harm::ErrorFrom(error) => format!("inject={name}:error={error}:when={n}+"),
            Harm::Signal(signal) => format!("inject={name}:signal={signal}:when={n}"),
            Harm::SignalEvery(signal, step) => format!("inject={name}:signal={signal}:when={n}+{step}"),
        }
    }
}

/// Runs the binary with harm done to a call. A killed one has no exit status.
pub fn harmed(landfall: &Landfall, args: &[&str], call: &Call, harm: Harm) -> Said {
    let trace = format!("trace={}", call.name);
    let output = under_strace(landfall, args, &["-o", "/dev/null", "-e", &trace, "-e", &harm.inject(call)]);
    assert!(!output.stderr.contains("strace: "), "strace itself failed: {}", output.stderr);
    output
}

/// Runs the binary to its end and lists the calls with which it changed files of its workspace. They must be of one
/// thread, since strace counts for each thread apart.
pub fn calls(landfall: &Landfall, args: &[&str]) -> (Said, Vec<Call>) {
    traced(landfall, args, &[])
}

/// Kills the binary at a call and lists what it did before.
pub fn killed(landfall: &Landfall, args: &[&str], call: &Call) -> (Said, Vec<Call>) {
    let (said, mut calls) = traced(landfall, args, &["-e", &Harm::Kill.inject(call)]);
    if said.status.is_none() {
        // The last one did not happen.
        let last = calls.pop();
        assert_eq!(last.map(|last| (last.name, last.n)), Some((call.name.clone(), call.n)));
    }
    (said, calls)
}

fn traced(landfall: &Landfall, args: &[&str], options: &[&str]) -> (Said, Vec<Call>) {
    let log = landfall.dir().join("strace.log");
    let trace = format!("trace={WRITING}");
    let own = ["-y", "-o", log.to_str().unwrap(), "-e", &trace];
    let said = under_strace(landfall, args, &[&own, options].concat());
    let text = std::fs::read_to_string(&log).expect("strace wrote its log");
    std::fs::remove_file(&log).unwrap();
    (said, listed(&text, &landfall.workspace()))
}

fn listed(log: &str, workspace: &Path) -> Vec<Call> {
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut calls = Vec::new();
    let mut writer = None;
    for line in log.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let Some((name, arguments)) = rest.trim_start().split_once('(') else { continue };
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            continue; // The second half of a call that another thread interrupted, or the end of a thread.
        }
        let n = seen.entry((thread, name)).and_modify(|n| *n += 1).or_insert(1);
        let Some(file) = workspace_file(arguments, workspace) else { continue };
        let writer = *writer.get_or_insert(thread);
        assert_eq!(writer, thread, "two threads change the workspace's files: {line}");
        let range = (name == "pwrite64").then(|| range(arguments).expect("a pwrite64 says where it writes"));
        calls.push(Call { name: name.to_owned(), file, n: *n, range });
    }
    calls
}

/// Offset and length, the last two arguments of a `pwrite64`.
fn range(arguments: &str) -> Option<(u64, u64)> {
    let given = arguments.rsplit_once(") = ").or_else(|| arguments.rsplit_once(" <unfinished"))?.0;
    let (rest, offset) = given.rsplit_once(", ")?;
    let (_, length) = rest.rsplit_once(", ")?;
    Some((offset.parse().ok()?, length.parse().ok()?))
}

/// The file of the workspace that the arguments of a call are about, by its kind.
fn workspace_file(arguments: &str, workspace: &Path) -> Option<String> {
    let workspace = workspace.to_str().unwrap();
    let place = arguments.find(workspace)? + workspace.len();
    let name: String = arguments[place..].chars().take_while(|c| !matches!(c, '>' | '"')).collect();
    Some(match name.strip_prefix("/deliveries/") {
        Some(name) if name.starts_with(".incoming") => "incoming".to_owned(),
        Some(_) => "delivery".to_owned(),
        None => name.trim_start_matches('/').to_owned(),
    })
}

/// Runs the binary under strace with these options beside those for its threads.
pub fn under_strace(landfall: &Landfall, args: &[&str], options: &[&str]) -> Said {
    let plain = landfall.command(args);
    let mut command = Command::new("strace");
    command.args(["-f", "-qq"]).args(options).arg("--").arg(plain.get_program()).args(plain.get_args());
    command.env_clear().current_dir(plain.get_current_dir().expect("it runs beside its workspace"));
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| {
        panic!("strace cannot be started ({error}). These tests break the binary with it; install it (tests/run does)")
    });
    Said {
        status: output.status.code(),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
