//! Starting a worker on demand: a process in a session of its own, so that the end of the one who wanted it ends no run.

use super::error::WorkerError;
use crate::store::Store;
use std::path::Path;
use std::process::{Command, Stdio};

/// What becomes of a worker when whoever started it logs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlives {
    /// It goes on.
    Login,
    /// It ends with the login: this system's session manager ends what a login leaves behind, and the user may not have
    /// processes that stay (`loginctl enable-linger`). The run pauses then, and is resumed with the next worker.
    Nothing,
}

/// What would become of a worker that is started now. Asks the session manager, which takes some milliseconds.
pub fn outlives() -> Outlives {
    match fate() {
        Fate::GoesOn | Fate::GoesOnInScope => Outlives::Login,
        Fate::Ends => Outlives::Nothing,
    }
}

/// Starts `program worker --once` for a workspace, with what it says in the workspace's log. One that finds another
/// worker at work waits a little for it to end, and leaves what is queued to it otherwise; so starting one too many does
/// no harm.
///
/// # Errors
/// When the log cannot be written or the program cannot be started.
pub fn start(program: &Path, workspace: &Path) -> Result<Outlives, WorkerError> {
    let (outlives, mut command) = match fate() {
        Fate::GoesOn => (Outlives::Login, Command::new(program)),
        Fate::GoesOnInScope => {
            let mut command = Command::new(SYSTEMD_RUN[0]);
            command.args(&SYSTEMD_RUN[1..]).arg("--").arg(program);
            (Outlives::Login, command)
        }
        Fate::Ends => (Outlives::Nothing, Command::new(program)),
    };
    let log = Store::open_log(workspace)?;
    let both = log.try_clone().map_err(|error| WorkerError::write(workspace, error))?;
    let mut child = command
        .args(["worker", "--once", "--own-session", "--quiet", "--workspace"])
        .arg(workspace)
        .stdin(Stdio::null())
        .stdout(both)
        .stderr(log)
        .spawn()
        .map_err(|error| WorkerError::Start { program: program.to_owned(), error })?;
    // Whoever stays longer than the worker must not leave it a zombie; nobody waits for what it answers.
    let _ = std::thread::Builder::new().name("worker's end".to_owned()).spawn(move || child.wait());
    Ok(outlives)
}

const SYSTEMD_RUN: [&str; 5] = ["systemd-run", "--user", "--scope", "--quiet", "--collect"];

enum Fate {
    GoesOn,
    /// In a scope of the user's own service manager, which stays.
    GoesOnInScope,
    Ends,
}

/// What happens to a process in a session of its own when the login ends that it was started in.
fn fate() -> Fate {
    let in_login = std::env::var_os("XDG_SESSION_ID").is_some();
    if !in_login || rustix::process::getuid().is_root() || !login_ends_processes() {
        return Fate::GoesOn;
    }
    let stays =
        answer("loginctl", &["show-user", "--property=Linger", "--value", &uid()]).is_some_and(|it| it == "yes");
    let has_scopes = || answer(SYSTEMD_RUN[0], &[&SYSTEMD_RUN[1..], &["--", "true"]].concat()).is_some();
    if stays && has_scopes() { Fate::GoesOnInScope } else { Fate::Ends }
}

/// Whether the session manager ends what a login leaves behind (`KillUserProcesses=` of logind.conf, as it is in force).
fn login_ends_processes() -> bool {
    let manager = "org.freedesktop.login1";
    let property = ["get-property", manager, "/org/freedesktop/login1", "org.freedesktop.login1.Manager"];
    let asked = answer("busctl", &[&property[..], &["KillUserProcesses"]].concat());
    asked.is_some_and(|it| it == "b true")
}

fn uid() -> String {
    rustix::process::getuid().as_raw().to_string()
}

/// What a program says, in one line; none where it is not there or fails.
fn answer(program: &str, args: &[&str]) -> Option<String> {
    let said = Command::new(program).args(args).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(said.stdout).ok()?;
    said.status.success().then(|| text.trim().to_owned())
}
