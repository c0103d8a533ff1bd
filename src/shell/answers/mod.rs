//! Questions of the application, answered from the workspace. One file a part of the screen; all of it reads only, but
//! for what lands before an import.
mod arrivals;
mod backfill;
mod brings;
mod files;
mod imports;
mod lookup;
mod mapping;
mod rows;
mod runs;
mod sources;
mod workspaces;

use super::desk::Desk;
use crate::app::message::{Answer, Failure, Question};
pub use mapping::Profiling;
pub(super) use mapping::saved_as;
pub(super) use runs::ledger_only;

/// Answers a question.
///
/// # Errors
/// What went wrong, and what to do about it.
pub fn answer(desk: &mut Desk, question: &Question) -> Result<Answer, Failure> {
    match question {
        Question::Workspace => workspaces::view(desk).map(Answer::Workspace),
        Question::Workspaces => workspaces::known(desk).map(Answer::Workspaces),
        Question::Sources => sources::all(desk).map(Answer::Sources),
        Question::Source(id) => sources::more(desk, *id).map(Answer::Source),
        Question::SourceFiles(id) => arrivals::files(desk, *id).map(Answer::SourceFiles),
        Question::SourceVersions(id) => arrivals::versions(desk, *id).map(Answer::SourceVersions),
        Question::Backfill(id, since) => backfill::count(desk, *id, *since).map(Answer::Backfill),
        Question::Runs(wanted) => runs::page(desk, wanted).map(|(lines, more)| Answer::Runs(lines, more)),
        Question::Run(id) => runs::detail(desk, *id).map(|detail| Answer::Run(Box::new(detail))),
        Question::Rows(wanted) => rows::page(desk, wanted).map(Answer::Rows),
        Question::Row(run, row) => rows::detail(desk, *run, *row).map(|detail| Answer::Row(Box::new(detail))),
        Question::Find(wanted) => lookup::find(desk, wanted).map(Answer::Found),
        Question::Record(id) => lookup::held(desk, *id).map(|held| Answer::Record(Box::new(held))),
        Question::OpenMapping(wanted) => {
            mapping::open(desk, wanted).map(|opened| Answer::MappingOpened(Box::new(opened)))
        }
        Question::Preview(wanted) => mapping::preview(desk, wanted).map(|preview| Answer::Preview(Box::new(preview))),
        Question::Profile(wanted) => mapping::profile(desk, wanted).map(|profile| Answer::Profile(Box::new(profile))),
        Question::SavedMappings(source) => mapping::saved_mappings(desk, *source).map(Answer::SavedMappings),
        Question::SavedMapping(name, version) => {
            mapping::saved_version(desk, name, *version).map(|saved| Answer::SavedMapping(Box::new(saved)))
        }
        Question::MappingFile(path) => {
            mapping::from_file(desk, path).map(|mapping| Answer::MappingFile(path.clone(), Box::new(mapping)))
        }
        Question::Compare(wanted) => {
            mapping::compare(desk, wanted).map(|compared| Answer::Compared(Box::new(compared)))
        }
        Question::DryRun(id) => runs::detail(desk, *id).map(|detail| Answer::DryRun(Box::new(detail))),
        Question::List(dir) => files::list(desk, dir).map(Answer::Listing),
        Question::LookAt(path) => files::look(desk, path).map(|look| Answer::FileLook(Box::new(look))),
        Question::Access(id) => brings::access(desk, *id).map(|access| Answer::Access(Box::new(access))),
        Question::FileNames(wanted) => {
            let names = brings::file_names(desk, wanted);
            Ok(Answer::FileNames(wanted.clone(), names))
        }
        Question::Prepare(wanted) => {
            imports::prepare(desk, wanted).map(|prepared| Answer::Prepared(Box::new(prepared)))
        }
    }
}
