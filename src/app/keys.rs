//! The one key table: it feeds dispatch, the hint bar, the help page and the command palette. Each tab and each dialog
//! declares its part beside what its keys do; nothing else in the program names a key.

use super::field::Field;
use super::key::Key;
use super::{
    App, Effects, brings, connecting, contact, dialog, everywhere, guide, help_pages, import, lookup, mapping, picker,
    row, rows, run, runs, source_acts, source_files, source_form, sources, tour,
};
use std::sync::LazyLock;

/// Where a key means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Wherever no dialog is open.
    Everywhere,
    /// Wherever a list has the focus, in dialogs too.
    Moving,
    Sources,
    Mapping,
    Runs,
    /// One run, with its issues.
    Run,
    /// The rows of a run.
    Rows,
    /// One row beside its record.
    Row,
    Lookup,
    /// One contact.
    Contact,
    /// Any dialog.
    Dialog,
    /// A question that is answered with yes or no.
    Confirm,
    /// A text that can be copied.
    Text,
    Help,
    Palette,
    /// One line that is typed.
    Prompt,
    Workspaces,
    /// The file picker of a new source.
    Picker,
    /// Which kind of source is added.
    SourceKind,
    /// How a source's files are reached.
    Connecting,
    /// What is said of a source.
    SourceForm,
    /// The files of a source.
    SourceFiles,
    /// What would be imported, before it is.
    Import,
    /// One of several values.
    Choice,
    /// Lines that are typed.
    Lines,
    /// The options of a column of a mapping.
    ColumnOptions,
    /// What is found and replaced in a column.
    Replacements,
    /// How a column is split.
    Split,
    /// Their values and ours.
    ValueMap,
    Constants,
    /// How a file is read.
    Reading,
    /// Cells under two encodings.
    Encodings,
    SavedMappings,
    /// The versions of a saved mapping.
    Versions,
    NewField,
    /// The field that a column becomes.
    FieldPicker,
    /// The rows behind a problem of a column.
    ProblemRows,
    /// The tour of the demo, over any tab.
    Tour,
}

impl Scope {
    /// As the help page calls it.
    pub fn title(self) -> &'static str {
        match self {
            Scope::Everywhere => "Everywhere",
            Scope::Moving => "Moving about",
            Scope::Sources => "Data Sources",
            Scope::Mapping => "Mapping",
            Scope::Runs => "Runs",
            Scope::Run => "One run",
            Scope::Rows => "Rows of a run",
            Scope::Row => "One row",
            Scope::Lookup => "Lookup",
            Scope::Contact => "One contact",
            Scope::Dialog => "In a dialog",
            Scope::Confirm => "A question",
            Scope::Text => "A text",
            Scope::Help => "Help",
            Scope::Palette => "Commands",
            Scope::Prompt => "Typing",
            Scope::Workspaces => "Workspaces",
            Scope::Picker => "Choosing a file",
            Scope::SourceKind => "A new source",
            Scope::Connecting => "Reaching a source",
            Scope::SourceForm => "A source",
            Scope::SourceFiles => "Files of a source",
            Scope::Import => "Review and Confirm",
            Scope::Choice => "A choice",
            Scope::Lines => "Typing",
            Scope::ColumnOptions => "Options of a column",
            Scope::Replacements => "Find and replace",
            Scope::Split => "Splitting a column",
            Scope::ValueMap => "Their values and ours",
            Scope::Constants => "Constants",
            Scope::Reading => "How the file is read",
            Scope::Encodings => "Two encodings",
            Scope::SavedMappings => "Saved mappings",
            Scope::Versions => "Versions of a mapping",
            Scope::NewField => "A new field",
            Scope::FieldPicker => "Choosing a field",
            Scope::ProblemRows => "Rows with a problem",
            Scope::Tour => "The tour",
        }
    }
}

/// A key, or several, and what it does.
pub struct Binding {
    pub scope: Scope,
    /// In the notation of [`Key::parse`]; the first one is shown in hints.
    pub keys: &'static [&'static str],
    /// A word or two for the hint bar; empty where it is not shown there.
    pub hint: &'static str,
    /// What it does, for help and the command palette.
    pub help: &'static str,
    /// Hints with low numbers stay when there is no room for all.
    pub priority: u8,
    /// Whether it would do anything now.
    pub when: fn(&App) -> bool,
    pub run: fn(&mut App, &mut Effects),
}

/// A [`Binding`] on one line: scope, keys, hint, priority, help, when, run. Where a file declares many.
macro_rules! binding {
    ($scope:expr, $keys:expr, $hint:expr, $priority:expr, $help:expr, $when:expr, $run:expr) => {
        Binding { scope: $scope, keys: $keys, hint: $hint, help: $help, priority: $priority, when: $when, run: $run }
    };
}
pub(super) use binding;

/// For [`Binding::when`].
pub fn always(_: &App) -> bool {
    true
}

/// All bindings. Places in it are stable while the program runs.
pub fn table() -> &'static [&'static Binding] {
    static TABLE: LazyLock<Vec<&'static Binding>> = LazyLock::new(|| {
        [
            tour::KEYS,
            guide::KEYS,
            dialog::KEYS,
            picker::KEYS,
            brings::kind::KEYS,
            connecting::KEYS,
            source_form::KEYS,
            import::KEYS,
            import::ASIDE,
            sources::KEYS,
            source_acts::KEYS,
            source_files::KEYS,
            mapping::keys::KEYS,
            mapping::options::KEYS,
            mapping::reading::KEYS,
            mapping::saved::KEYS,
            mapping::constants::KEYS,
            mapping::asking::KEYS,
            mapping::replacements::KEYS,
            mapping::split::KEYS,
            mapping::value_map::KEYS,
            mapping::encodings::KEYS,
            mapping::new_field::KEYS,
            mapping::picker::KEYS,
            mapping::problem_rows::KEYS,
            runs::KEYS,
            run::KEYS,
            rows::KEYS,
            row::KEYS,
            lookup::KEYS,
            contact::KEYS,
            help_pages::KEYS,
            everywhere::KEYS,
        ]
        .concat_refs()
    });
    &TABLE
}

trait ConcatRefs {
    fn concat_refs(&self) -> Vec<&'static Binding>;
}

impl<const N: usize> ConcatRefs for [&'static [Binding]; N] {
    fn concat_refs(&self) -> Vec<&'static Binding> {
        self.iter().flat_map(|part| part.iter()).collect()
    }
}

/// The binding that a key leads to now, with its place in the table.
pub fn find(app: &App, key: Key) -> Option<&'static Binding> {
    app.scopes().into_iter().find_map(|scope| {
        let of_scope = table().iter().filter(|binding| binding.scope == scope);
        of_scope
            .copied()
            .find(|binding| binding.keys.iter().any(|text| Key::parse(text) == Some(key)) && (binding.when)(app))
    })
}

/// What a key would do here if it were possible now.
pub fn find_impossible(app: &App, key: Key) -> Option<&'static Binding> {
    app.scopes().into_iter().find_map(|scope| {
        let of_scope = table().iter().filter(|binding| binding.scope == scope);
        of_scope.copied().find(|binding| binding.keys.iter().any(|text| Key::parse(text) == Some(key)))
    })
}

/// What can be done now, innermost scope first, with places in the table. A key that an inner scope takes is not offered
/// again by an outer one.
pub fn possible(app: &App) -> Vec<(usize, &'static Binding)> {
    let mut taken: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for scope in app.scopes() {
        let here: Vec<_> = table()
            .iter()
            .enumerate()
            .filter(|(_, binding)| binding.scope == scope && (binding.when)(app))
            .filter(|(_, binding)| binding.keys.iter().any(|key| !taken.contains(key)))
            .map(|(place, binding)| (place, *binding))
            .collect();
        taken.extend(here.iter().flat_map(|(_, binding)| binding.keys.iter()));
        found.extend(here);
    }
    found
}

/// The key to show for a binding: the first one that is not text for the field that is typed in, and that nothing
/// before it has taken.
pub fn hint_key(app: &App, binding: &Binding, taken: &[&str]) -> Option<&'static str> {
    let is_text = |text: &str| app.typing && Key::parse(text).is_some_and(Field::takes);
    binding.keys.iter().copied().find(|text| !is_text(text) && !taken.contains(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_key_is_written_in_the_notation_and_every_binding_says_what_it_does() {
        for binding in table() {
            for key in binding.keys {
                assert!(Key::parse(key).is_some(), "{key}");
            }
            assert!(!binding.keys.is_empty() && !binding.help.is_empty(), "{:?} {:?}", binding.scope, binding.keys);
            assert!(binding.hint.len() <= 20, "{}", binding.hint);
        }
    }

    #[test]
    fn no_scope_declares_the_same_unconditional_key_twice() {
        let mut seen = HashSet::new();
        for binding in table().iter().filter(|binding| std::ptr::fn_addr_eq(binding.when, always as fn(&App) -> bool)) {
            for key in binding.keys {
                assert!(seen.insert((binding.scope, *key)), "{:?} {key}", binding.scope);
            }
        }
    }
}
