//! What is done to mappings.

use crate::app::mapping::data::{MappingToSave, NewField};
use crate::app::message::{Done, Failure};
use crate::cli::field;
use crate::domain::id::SourceId;
use crate::domain::mapping::Mapping;
use crate::domain::source::{Source, SourceEdit, SourceOptions};
use crate::shell::answers;
use crate::shell::desk::{Desk, at_home, failure};
use crate::store::{SavedMapping, Store};
use crate::worker::prepare::header_fingerprint;
use std::io::Write;
use std::path::Path;

/// Saves a draft as a new version, and makes it what the next import of its source does. A draft may be half done: its
/// undecided columns stay undecided, and hold up an import until somebody decides.
pub(super) fn save(desk: &mut Desk, draft: &MappingToSave) -> Result<Done, Failure> {
    let begun_with = desk.mapping.files.begun_with(draft.source);
    let (user, now_ms) = (desk.user.clone(), desk.now_ms());
    let (saved, remark) = desk.store.atomically(|store| {
        let gone = || failure("The source is not there any more.", "export the mapping to keep it");
        let source = store.source(draft.source)?.filter(|source| source.removed_ms.is_none()).ok_or_else(gone)?;
        let name = name_of(draft, &source)?;
        let remark = match begun_with {
            Some(begun) if begun != source.mapping => overtaken(store, &source)?,
            _ => None,
        };
        let headers: Vec<String> = draft.mapping.columns.iter().map(|column| column.header.clone()).collect();
        let toml = draft.mapping.to_toml();
        let version = store.save_mapping(&name, &toml, &header_fingerprint(&headers), &user, now_ms)?;
        store.remember_mapping(source.id, &name, version)?;
        let options = without_reading(&source.options, &name);
        if options != source.options {
            let edit = SourceEdit { options: Some(options), ..SourceEdit::default() };
            store.edit_source(source.id, &edit, &user, now_ms)?;
        }
        let missing = || failure(format!("The mapping {name} is not there."), "");
        Ok::<(SavedMapping, _), Failure>((store.mapping(&name, Some(version))?.ok_or_else(missing)?, remark))
    })?;
    desk.mapping.files.begin_with(draft.source, Some((saved.name.clone(), saved.version)));
    Ok(Done::MappingSaved(draft.source, draft.mapping.clone(), answers::saved_as(&saved), remark))
}

/// The name to save under: the one that was given, else that of the source's mapping, else the source's own.
fn name_of(draft: &MappingToSave, source: &Source) -> Result<String, Failure> {
    let named = draft.name.as_deref().map(str::trim);
    let name = match (named, &source.mapping) {
        (Some(name), _) => name,
        (None, Some((name, _))) => name,
        (None, None) => &source.name,
    };
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(failure("A mapping needs a name.", "type one"));
    }
    if name.ends_with(".toml") {
        return Err(failure(
            "The name of a saved mapping cannot end in .toml.",
            "options that name one mean a file then",
        ));
    }
    Ok(name.to_owned())
}

/// That somebody else has saved another version since the draft was begun.
fn overtaken(store: &Store, source: &Source) -> Result<Option<String>, Failure> {
    let Some((name, version)) = &source.mapping else { return Ok(None) };
    let by = store.mapping(name, Some(*version))?.map(|saved| format!(" by {}", saved.user)).unwrap_or_default();
    Ok(Some(format!("It stands over version {version} of {name}, saved{by} while you edited.")))
}

/// The options of a source without what its mapping says itself from now on: so the next import does what the draft
/// showed. What names another mapping goes, too.
fn without_reading(options: &SourceOptions, name: &str) -> SourceOptions {
    SourceOptions {
        mapping: options.mapping.clone().filter(|other| other == name),
        map: Vec::new(),
        day_first: Vec::new(),
        month_first: Vec::new(),
        accept_unmapped: false,
        delimiter: None,
        encoding: None,
        header_row: None,
        country: None,
        timezone: None,
        ..options.clone()
    }
}

/// Writes a mapping to a new file.
pub(super) fn export(desk: &mut Desk, mapping: &Mapping, file: &Path) -> Result<Done, Failure> {
    let path = desk.directory.join(at_home(desk, file));
    let unwritable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            failure(format!("Nothing was written: {} exists already", file.display()), "choose another name")
        }
        _ => failure(format!("{} could not be written: {error}", path.display()), "choose another place"),
    };
    let mut new = std::fs::File::create_new(&path).map_err(unwritable)?;
    let written = new.write_all(mapping.to_toml().as_bytes()).and_then(|()| new.sync_all());
    if let Err(error) = written {
        // Half a mapping is of no use; that it could not be removed changes nothing about the error.
        let _ = std::fs::remove_file(&path);
        return Err(unwritable(error));
    }
    Ok(Done::Said(format!("The mapping is written to {}.", path.display())))
}

/// Makes a custom field (R215), with the checks of the command line.
pub(super) fn add_field(desk: &mut Desk, new: &NewField) -> Result<Done, Failure> {
    let label = Some(new.label.trim()).filter(|label| !label.is_empty());
    let options = new.options.iter().map(|option| option.trim()).filter(|option| !option.is_empty());
    let options: Vec<String> = options.map(str::to_owned).collect();
    let options = Some(options).filter(|options| !options.is_empty());
    let field = desk.store.atomically(|store| field::add(store, new.key.trim(), Some(new.kind), label, options))?;
    Ok(Done::FieldAdded(field.key))
}

/// Marks the mapping of a source as reviewed, if it is still the one that was seen.
pub(super) fn review(desk: &mut Desk, id: SourceId, seen: &(String, u64)) -> Result<Done, Failure> {
    let now_ms = desk.now_ms();
    let user = desk.user.clone();
    let reviewed = desk.store.atomically(|store| {
        let has = store.source(id)?.and_then(|source| source.mapping);
        if has.as_ref() == Some(seen) { store.review_mapping(id, &user, now_ms) } else { Ok(None) }
    })?;
    let other = || failure("The source has another mapping by now; nothing is marked.", "Look at that one first.");
    let reviewed = reviewed.ok_or_else(other)?;
    Ok(Done::Said(format!("Version {} of the mapping is marked as reviewed by {}.", reviewed.version, reviewed.by)))
}
