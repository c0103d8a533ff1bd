//! What is done to sources.

use super::brings;
use crate::app::data::SourceForm;
use crate::app::message::{Done, Failure};
use crate::app::source_data::BringsSaid;
use crate::domain::filter::Filter;
use crate::domain::id::SourceId;
use crate::domain::source::{SourceEdit, SourceOptions};
use crate::shell::desk::{Desk, failure};
use crate::store::{AddedSource, NewSource, Store, StoreError};
use crate::worker::prepare::FILE;
use crate::worker::queue;
use std::path::Path;

pub(super) fn add(desk: &mut Desk, form: &SourceForm) -> Result<Done, Failure> {
    let edit = edit_of(desk, form, &SourceOptions::default())?;
    // One that is brought back begins anew with what the form shows.
    let edit = SourceEdit { options: edit.options.or_else(|| Some(form.options.clone())), ..edit };
    let (user, created_ms) = (desk.user.clone(), desk.now_ms());
    let added = desk.store.atomically(|store: &mut Store| {
        let new = NewSource { name: &form.name, kind: FILE, provider: None, mode: form.mode, created_ms };
        let added = store.add_source(&new)?;
        store.edit_source(added.id(), &edit, &user, created_ms)?;
        Ok::<_, StoreError>(added)
    })?;
    Ok(match added {
        AddedSource::New(id) => Done::SourceAdded(id, format!("Source “{}” is added.", form.name)),
        AddedSource::BroughtBack(id) => {
            let text = format!("Source “{}” was removed once: it is back, with its runs and references.", form.name);
            Done::SourceAdded(id, text)
        }
    })
}

pub(super) fn edit(
    desk: &mut Desk,
    id: SourceId,
    form: &SourceForm,
    said: Option<BringsSaid>,
) -> Result<Done, Failure> {
    let gone = || failure(format!("Source “{}” is not there any more.", form.name), "");
    let before = desk.store.source(id)?.ok_or_else(gone)?;
    let edit = edit_of(desk, form, &before.options)?;
    let edit = match said {
        Some(said) => brings::edit_of(desk, &before, said, edit)?,
        None => edit,
    };
    let (user, now_ms) = (desk.user.clone(), desk.now_ms());
    desk.store.atomically(|store: &mut Store| {
        store.rename_source(id, &form.name)?;
        store.edit_source(id, &edit, &user, now_ms)
    })?;
    Ok(Done::Said(format!("Source “{}” is saved.", form.name)))
}

/// What a form changes, once all of it can be understood. Options that are as `before` were not said on purpose.
pub(super) fn edit_of(desk: &Desk, form: &SourceForm, before: &SourceOptions) -> Result<SourceEdit, Failure> {
    let catalog = desk.store.catalog()?;
    for filter in &form.options.filters {
        Filter::parse(filter, &catalog, form.options.country.as_deref())
            .map_err(|error| failure(error.to_string(), "Correct it in “Only rows with”."))?;
    }
    let is_changed = SourceOptions { set_by: before.set_by.clone(), ..form.options.clone() } != *before;
    let location = form.location.as_ref().map(|text| desk.directory.join(Path::new(text)));
    Ok(SourceEdit {
        mode: Some(form.mode),
        purpose: Some(form.purpose.clone()),
        owner: Some(form.owner.clone()),
        notes: Some(form.notes.clone()),
        location: Some(location.map(|path| path.to_string_lossy().into_owned())),
        options: is_changed.then(|| SourceOptions { set_by: Some(desk.user.clone()), ..form.options.clone() }),
        ..SourceEdit::default()
    })
}

pub(super) fn rename(desk: &mut Desk, id: SourceId, name: &str) -> Result<Done, Failure> {
    desk.store.rename_source(id, name)?;
    Ok(Done::Said(format!("The source is named “{name}” now.")))
}

pub(super) fn pause(desk: &mut Desk, id: SourceId) -> Result<Done, Failure> {
    let now_ms = desk.now_ms();
    desk.store.pause_source(id, &desk.user, now_ms)?;
    let is_looked_at = desk.store.source(id)?.is_some_and(|source| source.schedule.is_some());
    Ok(Done::Said(match is_looked_at {
        true => "Paused: no file is looked for or imported until it is resumed (p).".to_owned(),
        false => "Paused: its imports do not start until it is resumed (p).".to_owned(),
    }))
}

pub(super) fn resume(desk: &mut Desk, id: SourceId) -> Result<Done, Failure> {
    desk.store.resume_source(id)?;
    let is_looked_at = desk.store.source(id)?.is_some_and(|source| source.schedule.is_some());
    Ok(Done::Said(match is_looked_at {
        true => "Resumed: it is looked at when its schedule says; S looks now.".to_owned(),
        false => "Resumed: it can be imported again.".to_owned(),
    }))
}

pub(super) fn remove(desk: &mut Desk, id: SourceId) -> Result<Done, Failure> {
    if let Some(run) = queue::unfinished_of(&desk.store, id)? {
        let message = format!("Run {} of the source has not ended; nothing was removed", run.id);
        return Err(failure(message, "wait for its end, or cancel it in Runs"));
    }
    let now_ms = desk.now_ms();
    desk.store.remove_source(id, now_ms)?;
    Ok(Done::Said("Removed; its runs and contacts stay.".to_owned()))
}
