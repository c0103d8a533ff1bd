//! The files of a source: what lies there, what became of each and why, and which are to be imported (R352–R354).

use super::arrivals::{FileLine, Files};
use super::dialog::{self, Confirm, Dialog, TextLine};
use super::keys::{Binding, Scope, always, binding};
use super::list::List;
use super::message::{Act, Effect, Failure, Question};
use super::numbers::{bytes, counted};
use super::{App, Effects, fetching, import, source_text};
use crate::domain::id::SourceId;
use crate::domain::run::RunStatus;
use crate::domain::source::{FileIdentity, FileWord, FoundState, Held};
use std::collections::{HashMap, HashSet};

/// The state of the dialog.
#[derive(Debug, Clone)]
pub struct SourceFiles {
    pub source: SourceId,
    pub name: String,
    /// None before the answer.
    pub files: Option<Files>,
    /// Why there is no answer.
    pub failure: Option<Failure>,
    pub list: List,
    /// Those that were chosen: they stay so when the list is read anew.
    pub chosen: HashSet<FileIdentity>,
}

impl SourceFiles {
    pub fn lines(&self) -> &[FileLine] {
        self.files.as_ref().map_or(&[], |files| &files.lines)
    }

    pub fn selected(&self) -> Option<&FileLine> {
        self.lines().get(self.list.selected)
    }

    pub fn is_chosen(&self, line: &FileLine) -> bool {
        self.chosen.contains(&line.file.identity)
    }

    /// What would be imported: what was chosen, else what is selected.
    fn meant(&self) -> Vec<&FileLine> {
        if self.chosen.is_empty() {
            return self.selected().filter(|line| line.can_be_imported()).into_iter().collect();
        }
        self.lines().iter().filter(|line| self.is_chosen(line)).collect()
    }
}

macro_rules! key {
    ($($rest:tt)*) => {
        binding!(Scope::SourceFiles, $($rest)*)
    };
}

pub(super) const KEYS: &[Binding] = &[
    key!(&["<space>"], "choose", 1, "Choose the file for import, or no longer", may_choose, choose),
    key!(&["n"], "all new", 2, "Choose all files that are new or have changed", has_new, choose_new),
    key!(&["<enter>"], "show run", 1, "Show the run that imports the file", is_under_way, show_run),
    key!(
        &["<enter>", "i"],
        "import again",
        1,
        "Import the file again, which was imported before; asks first",
        may_import_again,
        import_chosen
    ),
    key!(
        &["<enter>", "i"],
        "import",
        1,
        "Import the chosen files, else the selected one; asks first",
        may_import,
        import_chosen
    ),
    key!(&["r"], "look again", 3, "Look again at what lies there; nothing is fetched", can_change, look_again),
    key!(&["c", "y"], "copy name", 5, "Copy the name of the file", has_selected, copy_name),
    key!(&["q"], "", 9, "Close the list", always, dialog::close),
];

fn top(app: &App) -> Option<&SourceFiles> {
    match app.dialogs.last() {
        Some(Dialog::SourceFiles(files)) => Some(files),
        _ => None,
    }
}

fn top_mut(app: &mut App) -> Option<&mut SourceFiles> {
    match app.dialogs.last_mut() {
        Some(Dialog::SourceFiles(files)) => Some(files),
        _ => None,
    }
}

fn can_change(app: &App) -> bool {
    app.can_change()
}

fn has_selected(app: &App) -> bool {
    top(app).is_some_and(|files| files.selected().is_some())
}

fn may_choose(app: &App) -> bool {
    app.can_change() && top(app).and_then(SourceFiles::selected).is_some_and(FileLine::can_be_imported)
}

fn has_new(app: &App) -> bool {
    app.can_change() && top(app).is_some_and(|files| files.lines().iter().any(FileLine::is_new))
}

/// Nothing of a paused source is imported (R100).
fn may_import(app: &App) -> bool {
    let Some(files) = top(app) else { return false };
    let line = app.sources.lines.iter().flatten().find(|line| line.id == files.source);
    app.can_change() && line.is_some_and(|line| !line.is_paused()) && !files.meant().is_empty()
}

/// A run imports the selected file just now, or is about to, and nothing else is chosen.
fn is_under_way(app: &App) -> bool {
    let Some(files) = top(app).filter(|files| files.chosen.is_empty()) else { return false };
    let is_open = |status: RunStatus| matches!(status, RunStatus::Queued | RunStatus::Running);
    files.selected().is_some_and(|line| line.run.is_some_and(is_open))
}

fn may_import_again(app: &App) -> bool {
    let is_imported = |line: &&FileLine| line.told.word == FileWord::Imported;
    may_import(app) && top(app).is_some_and(|files| files.meant().iter().all(is_imported))
}

fn show_run(app: &mut App, fx: &mut Effects) {
    let Some(run) = top(app).and_then(SourceFiles::selected).and_then(|line| line.told.run) else { return };
    app.dialogs.clear();
    app.show_run(run, fx);
}

/// Whether the list of this source's files is what is looked at.
pub(super) fn is_open(app: &App, source: SourceId) -> bool {
    top(app).is_some_and(|files| files.source == source)
}

/// Opens the list of the files that were found for a source.
pub(super) fn open(app: &mut App, source: SourceId, name: String, fx: &mut Effects) {
    let files = SourceFiles { source, name, files: None, failure: None, list: List::default(), chosen: HashSet::new() };
    app.open(Dialog::SourceFiles(Box::new(files)));
    app.ask(Question::SourceFiles(source), fx);
}

/// Asks anew for what is shown.
pub(super) fn refresh(app: &mut App, fx: &mut Effects) {
    let open = app.dialogs.iter().find_map(|dialog| match dialog {
        Dialog::SourceFiles(files) => Some(files.source),
        _ => None,
    });
    if let Some(source) = open {
        app.ask(Question::SourceFiles(source), fx);
    }
}

pub(super) fn answered(app: &mut App, found: Files) {
    let open = app.dialogs.iter_mut().find_map(|dialog| match dialog {
        Dialog::SourceFiles(files) if files.source == found.source => Some(files),
        _ => None,
    });
    let Some(files) = open else { return };
    let selected = files.selected().map(|line| line.file.identity.clone());
    let place = selected.and_then(|file| found.lines.iter().position(|line| line.file.identity == file));
    files.list.selected = place.unwrap_or(files.list.selected).min(found.lines.len().saturating_sub(1));
    // What became something else meanwhile, such as imported, is no longer chosen.
    let word = |lines: &[FileLine]| -> HashMap<FileIdentity, FileWord> {
        lines.iter().map(|line| (line.file.identity.clone(), line.told.word)).collect()
    };
    let (before, now) = (word(files.lines()), word(&found.lines));
    files.chosen.retain(|file| now.get(file).is_some_and(|word| before.get(file) == Some(word)));
    (files.files, files.failure) = (Some(found), None);
}

/// The question failed. Answers whether the dialog shows that.
pub(super) fn failed(app: &mut App, failure: &Failure) -> bool {
    let Some(files) = top_mut(app) else { return false };
    files.failure = Some(failure.clone());
    true
}

fn choose(app: &mut App, fx: &mut Effects) {
    let Some(files) = top_mut(app) else { return };
    let Some(file) = files.selected().map(|line| line.file.identity.clone()) else { return };
    if !files.chosen.remove(&file) {
        files.chosen.insert(file);
    }
    app.go_in_list(super::list::Move::Down, fx);
}

fn choose_new(app: &mut App, _: &mut Effects) {
    let Some(files) = top_mut(app) else { return };
    files.chosen = files.lines().iter().filter(|line| line.is_new()).map(|line| line.file.identity.clone()).collect();
}

fn look_again(app: &mut App, fx: &mut Effects) {
    let Some(source) = top(app).map(|files| files.source) else { return };
    app.say("Looking …");
    fx.push(Effect::Do(Act::LookAtSource(source)));
}

fn copy_name(app: &mut App, fx: &mut Effects) {
    if let Some(name) = top(app).and_then(SourceFiles::selected).map(|line| line.file.identity.name.clone()) {
        dialog::copy(app, name, fx);
    }
}

/// Imports what is meant. Where nobody has said yet where the columns go, one file is brought for a look at that.
fn import_chosen(app: &mut App, fx: &mut Effects) {
    let Some(files) = top(app) else { return };
    if import::is_mapped(app, files.source) {
        return ask(app);
    }
    if fetching::is_under_way(app) {
        return;
    }
    let meant = files.meant();
    let Some(first) = meant.first() else { return };
    let (source, name) = (files.source, first.file.identity.name.clone());
    let mut mind: Vec<String> = minded(first).into_iter().collect();
    if meant.len() > 1 {
        let rest = counted(meant.len() as u64 - 1, "other chosen file", "other chosen files");
        mind.push(format!("the {rest} can be imported when its columns are mapped"));
    }
    app.say(format!("Fetching {name} …"));
    fetching::start(app, source, Some(name), fetching::Then::Import { mind }, fx);
}

/// What is special about a file, for a line of its own.
fn minded(line: &FileLine) -> Option<String> {
    match line.told.word {
        // That its columns are not mapped is what is asked for anyway.
        FileWord::Held if !is_unmapped(line) => {
            Some(format!("held until now: {}", line.told.why.clone().unwrap_or_default()))
        }
        FileWord::Settling => Some("it may still be uploaded: what comes later would be missing".to_owned()),
        FileWord::Identical => Some("it has the content of an earlier delivery".to_owned()),
        _ => None,
    }
}

/// Whether a file is held only because nobody has said where its columns go.
pub fn is_unmapped(line: &FileLine) -> bool {
    matches!(&line.file.state, FoundState::Held { why: Held::NotReady { code, .. }, .. } if code == "unmapped")
}

/// Asks, with what is special about the files.
fn ask(app: &mut App) {
    let Some(files) = top(app) else { return };
    let meant = files.meant();
    let names: Vec<String> = meant.iter().map(|line| line.file.identity.name.clone()).collect();
    let size: u64 = meant.iter().map(|line| line.file.identity.size).sum();
    let number = |word: FileWord| meant.iter().filter(|line| line.told.word == word).count() as u64;
    let mut lines = vec![match meant.as_slice() {
        [one] => TextLine::Plain(format!(
            "{}, {}, is imported into “{}”.",
            names[0],
            bytes(one.file.identity.size),
            files.name
        )),
        _ => TextLine::Plain(format!(
            "{}, {} together, are imported into “{}”, one after the other.",
            counted(names.len() as u64, "file", "files"),
            bytes(size),
            files.name
        )),
    }];
    let line = app.sources.lines.iter().flatten().find(|line| line.id == files.source);
    if let Some(line) = line {
        lines.push(TextLine::Plain(source_text::reimport(line, app.sources.more(line.id)).to_owned()));
        lines.push(TextLine::Empty);
        let mapping = source_text::mapping(line, |at_ms| super::time::in_full(at_ms, app.zone));
        let mapping = mapping.strip_prefix("mapping ").unwrap_or(&mapping).to_owned();
        lines.push(TextLine::Pair("Mapping".to_owned(), mapping));
    }
    let held: Vec<&&FileLine> = meant.iter().filter(|line| line.told.word == FileWord::Held).collect();
    for line in held.iter().take(3) {
        let why = match is_unmapped(line) {
            true => "it came before its columns were mapped".to_owned(),
            false => line.told.why.clone().unwrap_or_default(),
        };
        lines.push(TextLine::Pair("Held until now".to_owned(), format!("{}: {why}", line.file.identity.name)));
    }
    if held.len() > 3 {
        let more = counted(held.len() as u64 - 3, "more file", "more files");
        lines.push(TextLine::Pair(String::new(), format!("and {more}")));
    }
    for (word, text) in [
        (FileWord::Settling, "may still be uploaded: what comes later would be missing"),
        (FileWord::Changed, "changed since they were imported"),
        (FileWord::Imported, "were imported before"),
        (FileWord::Identical, "have the content of an earlier delivery"),
    ] {
        if number(word) > 0 {
            let files = counted(number(word), "file", "files");
            lines.push(TextLine::Pair("Mind".to_owned(), format!("{files}: {text}")));
        }
    }
    let yes = if names.len() == 1 { "Import it".to_owned() } else { format!("Import {} files", names.len()) };
    let act = Act::ImportFiles(files.source, names).into();
    app.open(Dialog::Confirm(Confirm {
        title: "Import files".to_owned(),
        lines,
        yes,
        act,
        chosen: false,
        list: List::default(),
    }));
}
