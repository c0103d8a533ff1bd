//! How the workspace and its worker stand, and which others are known here.

use crate::app::data::{Worker, WorkspaceLine, WorkspaceView};
use crate::app::message::Failure;
use crate::domain::run::{RunKind, RunStatus};
use crate::shell::desk::Desk;
use crate::store::Store;
use crate::worker::queue;

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
        queued: queue::queued(store)?.len() as u64,
        orphaned: queue::orphaned(store)?,
    })
}

pub(super) fn known(desk: &Desk) -> Result<Vec<WorkspaceLine>, Failure> {
    let path = desk.store.dir().to_owned();
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(vec![WorkspaceLine { path, name, is_current: true }])
}
