//! The file of a draft, opened anew: it is read otherwise, there is a new field, or another mapping was loaded. The draft
//! goes on, and what changes in it is one step.

use super::data::{ColumnLook, OpenWanted, Opened};
use super::dialogs::{self, MappingDialog};
use super::new_field::{self, For};
use super::{Editor, changed, columns_changed, editor, editor_mut, reading};
use crate::app::message::{Failure, Question};
use crate::app::numbers::counted;
use crate::app::{App, Effects};
use crate::domain::field::Catalog;
use crate::domain::mapping::{Column, Mapping, Reading};
use std::collections::HashMap;

/// The file is being opened anew.
#[derive(Debug)]
pub(super) struct Reopening {
    /// How it is to be read.
    reading: Reading,
    then: Then,
}

/// What becomes of the draft once the file is open.
#[derive(Debug)]
pub(super) enum Then {
    /// The draft says how the file is read, and it is now: a step was undone or done again.
    Nothing,
    /// The columns are fitted, as a step.
    Refit { what: String },
    /// Another mapping is taken over, as a step.
    Load { what: String, mapping: Box<Mapping> },
    /// A field was made, and goes where it was made for.
    Field { key: String, to: For },
}

/// Opens the file anew, with the draft kept.
pub(super) fn ask(app: &mut App, reading: Reading, then: Then, fx: &mut Effects) {
    let Some(editor) = editor(app) else { return };
    let OpenWanted { source, file, .. } = editor.opened.wanted.clone();
    let wanted = OpenWanted { source, file, reading: Some(reading.clone()) };
    app.mapping.reopening = Some(Reopening { reading, then });
    // Of this question and one for another source only the later is answered; that one is asked again when it is missed.
    app.mapping.wanted = None;
    app.ask(Question::OpenMapping(Box::new(wanted)), fx);
}

/// Something else is opened meanwhile: what was to come then does not.
pub(super) fn give_up(app: &mut App) {
    if app.mapping.reopening.take().is_some() {
        reading::opened(app);
    }
}

/// The draft has changed: where it says another way of reading than the file is opened with (a step was undone), the file
/// is opened anew. Answers whether it is, and what depends on it comes later.
pub(super) fn follow(app: &mut App, fx: &mut Effects) -> bool {
    let Some(editor) = editor(app).filter(|editor| editor.opened.file.is_some()) else { return false };
    let reading = &editor.draft.mapping().reading;
    if *reading == editor.opened.mapping.reading {
        return false;
    }
    let reading = reading.clone();
    // Until it is open, what is known of the columns is brought to those of the draft.
    if let Some(editor) = editor_mut(app) {
        editor.opened.columns = looks(&editor.opened.columns, editor.draft.mapping());
    }
    ask(app, reading, Then::Nothing, fx);
    true
}

/// What is known of the columns of a mapping: one a column, in its order.
pub(super) fn looks(known: &[ColumnLook], mapping: &Mapping) -> Vec<ColumnLook> {
    let known: HashMap<&str, &ColumnLook> = known.iter().map(|look| (look.header.as_str(), look)).collect();
    let look = |column: &Column| match known.get(column.header.as_str()) {
        Some(look) => ColumnLook::clone(look),
        None => ColumnLook { header: column.header.clone(), ..ColumnLook::default() },
    };
    mapping.columns.iter().map(look).collect()
}

/// The file was opened. Answers what was, where that is not for the draft that is edited.
pub(super) fn opened(app: &mut App, mut opened: Opened, fx: &mut Effects) -> Option<Opened> {
    let Some(Reopening { reading, then }) = app.mapping.reopening.take() else { return Some(opened) };
    if editor(app).map(Editor::source) != Some(opened.wanted.source) {
        // The draft was put away meanwhile, and what was wanted is not done.
        reading::opened(app);
        return Some(opened);
    }
    opened.mapping.reading.clone_from(&reading);
    let is_new_field = matches!(then, Then::Field { .. });
    if opened.file.is_none() && !is_new_field {
        let message = opened.no_file.unwrap_or_else(|| "The file is not there any more.".to_owned());
        let failure = Failure { message, next: "The mapping is as it was.".to_owned() };
        if !reading::failed_to_open(app, &failure) {
            app.fail(&failure);
        }
        return None;
    }
    let suggested = opened.mapping.clone();
    let headers: Vec<String> = opened.columns.iter().map(|look| look.header.clone()).collect();
    let catalog = opened.catalog.clone();
    let before = editor(app).map(Editor::headers);
    let editor = editor_mut(app)?;
    // Whether somebody saved meanwhile is looked for elsewhere.
    opened.saved.clone_from(&editor.opened.saved);
    opened.reviewed.clone_from(&editor.opened.reviewed);
    // Where only the fields are others, what is known of the rows stays until there is better.
    if reading != editor.opened.mapping.reading || !editor.opened.columns.iter().map(|look| &look.header).eq(&headers) {
        (editor.preview, editor.profile, editor.rows) = (None, None, Vec::new());
    }
    if let Some(file) = &opened.file {
        editor.newest = editor.newest.max(file.delivery);
        editor.opened = opened;
    } else {
        // The file is gone by now; the new field is there all the same.
        editor.opened.catalog = opened.catalog;
    }
    match then {
        Then::Nothing => {}
        Then::Refit { what } => {
            editor.draft.edit(what, |mapping| refit(mapping, &suggested, &headers, &catalog, &reading));
        }
        Then::Load { what, mapping } => take(app, *mapping, what),
        Then::Field { key, to } => new_field::assign(app, &key, to),
    }
    if let Some(editor) = editor_mut(app) {
        editor.list.selected = editor.list.selected.min(editor.draft.mapping().columns.len().saturating_sub(1));
    }
    reading::opened(app);
    changed(app, fx);
    columns_changed(app, before);
    None
}

/// The file could not be opened anew: the draft goes on as it was. Answers whether that was it.
pub(super) fn failed(app: &mut App, failure: &Failure) -> bool {
    let was_asked = app.mapping.reopening.take().is_some();
    if was_asked && !reading::failed_to_open(app, failure) {
        app.fail(failure);
    }
    was_asked
}

/// Columns whose headers stay keep what was decided about them; new ones get what is suggested.
fn refit(mapping: &mut Mapping, suggested: &Mapping, headers: &[String], catalog: &Catalog, reading: &Reading) {
    let is_encoding_only = Reading { encoding: reading.encoding.clone(), ..mapping.reading.clone() } == *reading;
    let before = std::mem::take(&mut mapping.columns);
    let was = Mapping { columns: before, ..Mapping::default() };
    let mut columns: Vec<Column> = if is_encoding_only && headers.len() == was.columns.len() {
        // Another encoding changes how a header is written, and not whose it is.
        let renamed = |(column, header): (&Column, &String)| Column { header: header.clone(), ..column.clone() };
        was.columns.iter().zip(headers).map(renamed).collect()
    } else {
        was.fitted_to(headers).0.columns
    };
    let is_single = |key: &str| catalog.by_key(key).is_some_and(|field| !field.takes_several());
    let mut taken: Vec<String> = columns.iter().flat_map(Column::targets).map(str::to_owned).collect();
    for column in columns.iter_mut().filter(|column| column.is_undecided() && was.column(&column.header).is_none()) {
        let Some(new) = suggested.column(&column.header) else { continue };
        if !new.targets().any(|key| is_single(key) && taken.iter().any(|taken| taken == key)) {
            *column = new.clone();
            taken.extend(new.targets().map(str::to_owned));
        }
    }
    mapping.columns = columns;
    mapping.reading.clone_from(reading);
}

/// Takes another mapping over for the file, as one step.
pub(super) fn load(app: &mut App, mapping: Mapping, what: String, fx: &mut Effects) {
    let Some(editor) = editor(app) else { return };
    if editor.opened.file.is_some() && mapping.reading != editor.opened.mapping.reading {
        let reading = mapping.reading.clone();
        return ask(app, reading, Then::Load { what, mapping: Box::new(mapping) }, fx);
    }
    take(app, mapping, what);
    changed(app, fx);
}

fn take(app: &mut App, loaded: Mapping, what: String) {
    let Some(editor) = editor_mut(app) else { return };
    let headers: Vec<String> = editor.opened.columns.iter().map(|look| look.header.clone()).collect();
    let mut gone = Vec::new();
    let fitted = if editor.opened.file.is_some() {
        let (fitted, lacking) = loaded.fitted_to(&headers);
        gone = lacking
            .into_iter()
            .filter(|column| column.targets().next().is_some())
            .map(|column| column.header)
            .collect();
        fitted
    } else {
        editor.opened.columns = looks(&editor.opened.columns, &loaded);
        loaded
    };
    let catalog = editor.opened.catalog.clone();
    if let Err(error) = fitted.check(&catalog) {
        let failure = Failure { message: format!("It does not fit this workspace: {error}."), next: String::new() };
        return app.fail(&failure);
    }
    let undecided = fitted.columns.iter().filter(|column| column.is_undecided()).count();
    editor.draft.edit(what.clone(), |mapping| *mapping = fitted);
    if matches!(dialogs::top(app), Some(MappingDialog::Versions(_))) {
        app.dialogs.pop();
    }
    if matches!(dialogs::top(app), Some(MappingDialog::Saved(_))) {
        app.dialogs.pop();
    }
    let mut said = format!("Done: {what}.");
    if undecided > 0 {
        said.push_str(&format!(" It says nothing of {}.", counted(undecided as u64, "column", "columns")));
    }
    if !gone.is_empty() {
        said.push_str(&format!(" Not in this file: {}.", gone.join(", ")));
    }
    app.say(said);
}
