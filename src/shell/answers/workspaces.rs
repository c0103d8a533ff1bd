//! How the workspace and its worker stand, and which others are known here.

use crate::app::data::{Worker, WorkspaceLine, WorkspaceView};
use crate::app::message::Failure;
use crate::cli::known;
use crate::domain::run::{RunKind, RunStatus};
use crate::shell::desk::Desk;
use crate::shell::threads::name_of;
use crate::store::Store;
use crate::worker::queue;
use std::path::PathBuf;

/// How the workspace and its worker stand.
pub(super) fn view(desk: &Desk) -> Result<WorkspaceView, Failure> {
    let store = &desk.store;
    let at_work = Store::is_locked(store.dir())?;
    let running: Vec<_> = store
        .runs_to_do()?
        .into_iter()
        .filter(|run| run.status == RunStatus::Running && run.kind != RunKind::DryRun)
        .map(|run| run.id)
        .collect();
    let worker = match (at_work, running.first()) {
        (false, _) => Worker::None,
        (true, None) => Worker::Idle,
        (true, Some(run)) => Worker::Busy(*run),
    };
    Ok(WorkspaceView {
        support_contact: store.settings()?.support_contact,
        worker,
        keeper: Store::keeper(store.dir())?,
        queued: queue::queued(store)?.len() as u64,
        orphaned: queue::orphaned(store)?,
    })
}

/// The workspaces that were opened here, the one that is shown among them, the last one first.
pub(super) fn known(desk: &Desk) -> Result<Vec<WorkspaceLine>, Failure> {
    let current = desk.store.dir();
    let mut paths: Vec<PathBuf> = known::list(&desk.environment)?.into_iter().map(|known| known.path).collect();
    if !paths.iter().any(|path| path == current) {
        paths.insert(0, current.to_owned());
    }
    let line = |path: PathBuf| WorkspaceLine {
        name: name_of(&path),
        is_current: path == current,
        is_there: Store::is_workspace(&path),
        path,
    };
    Ok(paths.into_iter().map(line).collect())
}
