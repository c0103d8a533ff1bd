//! The dialogs of the Mapping tab, as one kind among the dialogs of the application. What each of them does stands in
//! its own file.

use super::asking::{self, Choice, Lines};
use super::constants::Constants;
use super::encodings::{self, Encodings};
use super::new_field::{self, FieldForm};
use super::options::Options;
use super::reading::ReadingDialog;
use super::replacements::Replacements;
use super::saved::{self, SavedList, Versions};
use super::split::SplitForm;
use super::value_map::{self, ValueMap};
use crate::app::dialog::Dialog;
use crate::app::field::Field;
use crate::app::keys::Scope;
use crate::app::list::List;
use crate::app::message::{Answer, Failure, Slot};
use crate::app::{App, Effects};

/// An open dialog of the tab.
#[derive(Debug, Clone)]
pub enum MappingDialog {
    Choice(Choice),
    Lines(Lines),
    Options(Options),
    Replacements(Replacements),
    Split(SplitForm),
    Values(ValueMap),
    Constants(Constants),
    Reading(ReadingDialog),
    Encodings(Encodings),
    Saved(SavedList),
    Versions(Versions),
    NewField(FieldForm),
}

impl MappingDialog {
    pub fn scope(&self) -> Scope {
        match self {
            MappingDialog::Choice(_) => Scope::Choice,
            MappingDialog::Lines(_) => Scope::Lines,
            MappingDialog::Options(_) => Scope::ColumnOptions,
            MappingDialog::Replacements(_) => Scope::Replacements,
            MappingDialog::Split(_) => Scope::Split,
            MappingDialog::Values(_) => Scope::ValueMap,
            MappingDialog::Constants(_) => Scope::Constants,
            MappingDialog::Reading(_) => Scope::Reading,
            MappingDialog::Encodings(_) => Scope::Encodings,
            MappingDialog::Saved(_) => Scope::SavedMappings,
            MappingDialog::Versions(_) => Scope::Versions,
            MappingDialog::NewField(_) => Scope::NewField,
        }
    }

    pub(crate) fn field_mut(&mut self) -> Option<&mut Field> {
        match self {
            MappingDialog::Choice(choice) => Some(&mut choice.field),
            MappingDialog::Lines(lines) => lines.lines.get_mut(lines.focus).map(|line| &mut line.field),
            MappingDialog::NewField(form) => form.field_mut(),
            _ => None,
        }
    }

    pub(crate) fn has_list(&self) -> bool {
        !matches!(self, MappingDialog::Lines(_) | MappingDialog::NewField(_))
    }

    /// Whether something typed would be lost if a click beside it closed it.
    pub(crate) fn is_typed_in(&self) -> bool {
        matches!(self, MappingDialog::Lines(_) | MappingDialog::NewField(_) | MappingDialog::Split(_))
    }

    pub(crate) fn list_mut(&mut self) -> Option<(&mut List, usize)> {
        Some(match self {
            MappingDialog::Choice(choice) => {
                let len = choice.len();
                (&mut choice.list, len)
            }
            MappingDialog::Options(options) => (&mut options.list, options.items.len()),
            MappingDialog::Replacements(open) => (&mut open.list, open.len),
            MappingDialog::Split(form) => {
                let len = form.len();
                (&mut form.list, len)
            }
            MappingDialog::Values(values) => (&mut values.list, values.rows.len()),
            MappingDialog::Constants(constants) => (&mut constants.list, constants.len),
            MappingDialog::Reading(open) => (&mut open.list, open.len),
            MappingDialog::Encodings(open) => {
                let len = open.compared.as_ref().map_or(0, |compared| compared.cells.len());
                (&mut open.list, len)
            }
            MappingDialog::Saved(saved) => {
                let len = saved.lines.as_ref().map_or(0, Vec::len);
                (&mut saved.list, len)
            }
            MappingDialog::Versions(versions) => (&mut versions.list, versions.versions.len()),
            MappingDialog::Lines(_) | MappingDialog::NewField(_) => return None,
        })
    }
}

/// The dialog of the tab that has the keys.
pub fn top(app: &App) -> Option<&MappingDialog> {
    match app.dialogs.last() {
        Some(Dialog::Mapping(open)) => Some(open),
        _ => None,
    }
}

pub(super) fn top_mut(app: &mut App) -> Option<&mut MappingDialog> {
    match app.dialogs.last_mut() {
        Some(Dialog::Mapping(open)) => Some(open),
        _ => None,
    }
}

pub(super) fn open(app: &mut App, dialog: MappingDialog) {
    app.open(Dialog::Mapping(Box::new(dialog)));
}

/// The columns are others by now: what is open about one of them, by its place, is closed with all that lies over it.
pub(super) fn close_of_columns(app: &mut App) {
    let is_of_column = |dialog: &Dialog| match dialog {
        Dialog::FieldPicker(_) => true,
        Dialog::Mapping(open) => matches!(
            **open,
            MappingDialog::Options(_)
                | MappingDialog::Replacements(_)
                | MappingDialog::Split(_)
                | MappingDialog::Values(_)
        ),
        _ => false,
    };
    if let Some(place) = app.dialogs.iter().position(is_of_column) {
        app.dialogs.truncate(place);
    }
}

/// The text of the dialog's field has changed.
pub(crate) fn typed(app: &mut App) {
    match top_mut(app) {
        Some(MappingDialog::Choice(choice)) => choice.find(),
        Some(MappingDialog::Lines(lines)) => lines.error = None,
        Some(MappingDialog::NewField(form)) => form.typed(),
        _ => {}
    }
}

/// Another entry of the dialog's list is selected.
pub(crate) fn moved(app: &mut App, fx: &mut Effects) {
    if let Some(MappingDialog::Versions(_)) = top(app) {
        saved::ask_version(app, fx);
    }
}

/// A line or a button was clicked.
pub(crate) fn button(app: &mut App, place: usize, fx: &mut Effects) {
    match top(app) {
        Some(MappingDialog::Lines(_)) => asking::focus(app, place),
        Some(MappingDialog::NewField(_)) => new_field::clicked(app, place, fx),
        Some(MappingDialog::Encodings(_)) => encodings::clicked(app, place),
        _ => {}
    }
}

/// Whether the dialog takes its closing over; it is still open then, or has done what closing it means.
pub(crate) fn closes(app: &mut App, fx: &mut Effects) -> bool {
    match top(app) {
        Some(MappingDialog::Values(_)) => value_map::done(app, fx),
        Some(MappingDialog::NewField(form)) => return form.is_making(),
        _ => return false,
    }
    true
}

/// An answer that a dialog of the tab waits for.
pub(crate) fn answered(app: &mut App, answer: Answer, fx: &mut Effects) {
    match answer {
        Answer::SavedMappings(lines) => saved::answered(app, lines),
        Answer::SavedMapping(version) => saved::version_answered(app, *version, fx),
        Answer::MappingFile(path, mapping) => saved::file_answered(app, &path, *mapping, fx),
        Answer::Compared(compared) => encodings::answered(app, *compared),
        _ => {}
    }
}

/// A question of a dialog of the tab failed. Answers whether the dialog shows that itself.
pub(crate) fn failed(app: &mut App, slot: Slot, failure: &Failure) -> bool {
    match slot {
        Slot::Mapping => super::reopen::failed(app, failure),
        Slot::SavedMappings | Slot::SavedMapping => saved::failed(app, failure),
        Slot::Compared => encodings::failed(app, failure),
        _ => false,
    }
}
