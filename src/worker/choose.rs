//! Which source a start is for.

use super::error::{Refusal, WorkerError};
use super::prepare::{SourceChoice, name_of};
use super::request::ImportRequest;
use crate::domain::source::{self, Source, is_near};
use crate::store::Store;

/// The source that a request names, or is named after its file.
pub(super) fn choose_source(store: &Store, request: &ImportRequest) -> Result<SourceChoice, WorkerError> {
    let name = match &request.source {
        Some(name) => name.trim().to_owned(),
        None => source::name_of_file(&name_of(&request.file)).to_owned(),
    };
    if name.is_empty() {
        return Err(Refusal::new("source_name", "A source needs a name.", "Give one with --source NAME.").into());
    }
    let sources = store.sources()?;
    if let Some(source) = sources.iter().find(|source| source.name == name) {
        if source.paused.is_some() && !request.dry_run {
            return Err(paused(source).into());
        }
        return Ok(SourceChoice::Known(source.id, name));
    }
    if let Some(removed) = store.removed_source(&name)? {
        return Ok(SourceChoice::Removed(removed.id, name));
    }
    // A source that only dry runs were made for has no mapping yet, and is no home of references.
    let near = sources.iter().find(|source| source.mapping.is_some() && is_near(&source.name, &name));
    match near {
        Some(near) if !request.new_source => Err(Refusal::new(
            "source_name_near",
            format!("There is no source {name:?}, but there is {:?}.", near.name),
            format!(
                "If that one is meant, take --source {:?}; a second home for the same references would make duplicates. If {name:?} is another source, take --new-source.",
                near.name
            ),
        )
        .into()),
        _ => Ok(SourceChoice::New(name)),
    }
}

/// That a source does not run until it is resumed (R100).
fn paused(source: &Source) -> Refusal {
    let name = &source.name;
    let by = source.paused.as_ref().and_then(|paused| paused.by.as_ref());
    let by = by.map(|by| format!(" by {by}")).unwrap_or_default();
    Refusal::new(
        "source_paused",
        format!("Source {name:?} was paused{by}: nothing is imported into it."),
        format!("Resume it with `landfall source resume {name:?}`, then import; --dry-run shows what would happen."),
    )
}
