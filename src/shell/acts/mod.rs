//! What the application wants done, done. One file a part of the screen.
mod arrivals;
mod brings;
mod connecting;
pub(super) mod imports;
mod mapping;
mod runs;
mod sources;
mod workspaces;

pub(in crate::shell) use arrivals::with_means;

use super::desk::Desk;
use crate::app::message::{Act, Done, Failure};

/// Carries out an act.
///
/// # Errors
/// What went wrong, and what to do about it.
pub fn carry_out(desk: &mut Desk, act: Act) -> Result<Done, Failure> {
    match act {
        Act::AddSource(form, None) => sources::add(desk, &form),
        Act::AddSource(form, Some(said)) => brings::add(desk, &form, *said),
        Act::EditSource(id, form, said) => sources::edit(desk, id, &form, said.map(|said| *said)),
        Act::TestSource(id) => connecting::test(desk, id),
        Act::Reconnect(id) => connecting::reconnect(desk, id),
        Act::TrustHost(id, trust, unblocks) => connecting::trust(desk, id, trust, unblocks),
        Act::RenameSource(id, name) => sources::rename(desk, id, &name),
        Act::PauseSource(id) => sources::pause(desk, id),
        Act::ResumeSource(id) => sources::resume(desk, id),
        Act::RemoveSource(id) => sources::remove(desk, id),
        Act::LookAtSource(id) => arrivals::look(desk, id),
        Act::SyncSource(id) => arrivals::sync(desk, id),
        Act::StartBackfill(id) => arrivals::start_backfill(desk, id),
        Act::ImportFiles(id, names) => arrivals::import(desk, id, &names),
        Act::FetchFile(id, name) => arrivals::fetch(desk, id, name.as_deref()),
        Act::StartPrepared => imports::start(desk),
        Act::DiscardPrepared => imports::discard(desk),
        Act::PlanDryRun => imports::plan_dry_run(desk),
        Act::DryRun(run) => imports::dry_run(desk, run),
        Act::CancelRun(run) => runs::cancel(desk, run),
        Act::ResumeRun(run) => runs::resume(desk, run),
        Act::NoteRun(run, text) => runs::note(desk, run, &text),
        Act::ExportRows(rows, file) => runs::export(desk, &rows, &file),
        Act::ReviewMapping(source, seen) => mapping::review(desk, source, &seen),
        Act::SaveMapping(draft) => mapping::save(desk, &draft),
        Act::ExportMapping(mapping, file) => mapping::export(desk, &mapping, &file),
        Act::AddField(field) => mapping::add_field(desk, &field),
        Act::WriteSample => imports::write_sample(desk),
        Act::StartWorker => workspaces::start_worker(desk),
        Act::SwitchWorkspace(path) => workspaces::switch(desk, &path),
    }
}
