//! Before an import: what it will do, in numbers, and the disclaimer; or why it does not start, and what would let it.

use super::data::{ImportWanted, Preparation, PreparedImport, RefusedImport, Remedy};
use super::dialog::{self, Dialog, Prompt, Purpose, TextLine};
use super::field::Field;
use super::keys::{Binding, Scope};
use super::list::List;
use super::message::{Act, Effect, Failure, Question};
use super::{App, Effects, picker};
use crate::domain::id::SourceId;
use crate::domain::run::Mode;
use std::path::PathBuf;

/// The state of the dialog.
#[derive(Debug, Clone)]
pub struct Import {
    /// The name of the source.
    pub name: String,
    pub wanted: ImportWanted,
    pub step: Step,
    /// Whether the disclaimer is accepted (R264).
    pub accepted: bool,
    /// Where the text is scrolled to.
    pub list: List,
}

/// How far it is.
#[derive(Debug, Clone)]
pub enum Step {
    Preparing,
    /// The pause of the source is being taken back.
    Resuming,
    Refused(RefusedImport),
    Failed(Failure),
    Ready(Box<PreparedImport>),
    /// The start is asked for.
    Starting(Box<PreparedImport>),
}

/// What must be accepted before anything is written (R217, R264).
pub const DISCLAIMER: &str = "Updates of existing contacts cannot be taken back, and imported contacts can receive \
                              messages. I may hold this data, and I have looked at the columns above.";

macro_rules! key {
    ($keys:expr, $hint:expr, $help:expr, $when:expr, $run:expr) => {
        Binding { scope: Scope::Import, keys: $keys, hint: $hint, help: $help, priority: 1, when: $when, run: $run }
    };
}

pub(super) const KEYS: &[Binding] = &[
    key!(&["<space>"], "accept", "Accept the disclaimer, or take that back", is_ready, accept),
    key!(&["<enter>"], "start", "Start the import", is_accepted, start),
    key!(&["t"], "tags", "Change the tags that every contact of this import gets", is_ready, ask_tags),
    key!(&["u"], "leave them out", "Leave the columns that are not mapped out", offers_unmapped, |app, fx| {
        decide(app, |remedy| *remedy == Remedy::AcceptUnmapped, fx);
    }),
    key!(&["n"], "import again", "Import the same file again, on purpose", offers_again, |app, fx| {
        decide(app, |remedy| *remedy == Remedy::Again, fx);
    }),
    key!(&["s"], "accept short rows", "Import although many rows end early", offers_short, |app, fx| {
        decide(app, |remedy| *remedy == Remedy::AcceptShortRows, fx);
    }),
    key!(&["d"], "day first", "Read the column's dates day first", offers_day, |app, fx| {
        decide(app, |remedy| matches!(remedy, Remedy::DayFirst(_)), fx);
    }),
    key!(&["m"], "month first", "Read the column's dates month first", offers_month, |app, fx| {
        decide(app, |remedy| matches!(remedy, Remedy::MonthFirst(_)), fx);
    }),
    key!(&["p"], "resume source", "Take the pause of the source back", offers_resume, resume_source),
    key!(&["c"], "copy command", "Copy the command that does it on the command line", has_command, |app, fx| {
        if let Some(Step::Refused(refused)) = shown(app).map(|import| &import.step) {
            // What the words in it stand for is no part of the command.
            let command = refused.next.split(" (for each ").next().unwrap_or_default().to_owned();
            dialog::copy_commands(app, &[command], fx);
        }
    }),
    key!(&["f"], "choose a file", "Choose another file", offers_file, choose_file),
];

/// Opens the dialog and begins to prepare: of `file`, or of the file that the source names.
pub(super) fn open(app: &mut App, source: SourceId, name: String, file: Option<PathBuf>, fx: &mut Effects) {
    let wanted = ImportWanted { source, file, tags: None, remedies: Vec::new() };
    let import = Import { name, wanted: wanted.clone(), step: Step::Preparing, accepted: false, list: List::default() };
    app.open(Dialog::Import(Box::new(import)));
    app.ask(Question::Prepare(Box::new(wanted)), fx);
}

fn import(app: &mut App) -> Option<&mut Import> {
    match app.dialogs.last_mut() {
        Some(Dialog::Import(import)) => Some(import),
        _ => None,
    }
}

fn shown(app: &App) -> Option<&Import> {
    match app.dialogs.last() {
        Some(Dialog::Import(import)) => Some(import),
        _ => None,
    }
}

impl Import {
    pub fn is_starting(&self) -> bool {
        matches!(self.step, Step::Starting(_))
    }

    /// The place in its text, with how many paragraphs that has.
    pub(super) fn list_mut(&mut self) -> (&mut List, usize) {
        let len = match &self.step {
            Step::Ready(prepared) | Step::Starting(prepared) => {
                told(prepared, |_| String::new(), |_| String::new()).len()
            }
            Step::Refused(refused) => refusal(refused).len(),
            Step::Preparing | Step::Resuming | Step::Failed(_) => 0,
        };
        (&mut self.list, len)
    }

    fn offers(&self, which: impl Fn(&Remedy) -> bool) -> bool {
        matches!(&self.step, Step::Refused(refused) if refused.remedies.iter().any(which))
    }
}

/// What holds back the start, where the dialog says so.
pub(super) fn refused(dialog: &Dialog) -> Option<&RefusedImport> {
    match dialog {
        Dialog::Import(import) => match &import.step {
            Step::Refused(refused) => Some(refused),
            _ => None,
        },
        _ => None,
    }
}

fn is_ready(app: &App) -> bool {
    shown(app).is_some_and(|import| matches!(import.step, Step::Ready(_)))
}

fn has_command(app: &App) -> bool {
    shown(app)
        .is_some_and(|import| matches!(&import.step, Step::Refused(refused) if refused.next.starts_with("landfall ")))
}

fn is_accepted(app: &App) -> bool {
    shown(app).is_some_and(|import| matches!(import.step, Step::Ready(_)) && import.accepted)
}

fn offers(app: &App, which: impl Fn(&Remedy) -> bool) -> bool {
    shown(app).is_some_and(|import| import.offers(which))
}

fn offers_unmapped(app: &App) -> bool {
    offers(app, |remedy| *remedy == Remedy::AcceptUnmapped)
}

fn offers_again(app: &App) -> bool {
    offers(app, |remedy| *remedy == Remedy::Again)
}

fn offers_short(app: &App) -> bool {
    offers(app, |remedy| *remedy == Remedy::AcceptShortRows)
}

fn offers_day(app: &App) -> bool {
    offers(app, |remedy| matches!(remedy, Remedy::DayFirst(_)))
}

fn offers_month(app: &App) -> bool {
    offers(app, |remedy| matches!(remedy, Remedy::MonthFirst(_)))
}

fn offers_resume(app: &App) -> bool {
    offers(app, |remedy| *remedy == Remedy::ResumeSource)
}

fn offers_file(app: &App) -> bool {
    offers(app, |remedy| *remedy == Remedy::ChooseFile)
        || shown(app).is_some_and(|import| matches!(import.step, Step::Failed(_)))
}

fn accept(app: &mut App, _: &mut Effects) {
    if let Some(import) = import(app) {
        import.accepted = !import.accepted;
    }
}

fn ask_tags(app: &mut App, _: &mut Effects) {
    let Some(Step::Ready(prepared)) = shown(app).map(|import| &import.step) else { return };
    let prompt = Prompt {
        title: "Tags of this import".to_owned(),
        label: "Every contact that it creates or updates gets them; commas between.".to_owned(),
        field: Field::with(&prepared.tags.join(", ")),
        purpose: Purpose::TagImport,
        error: None,
    };
    app.open(Dialog::Prompt(prompt));
}

/// Prepares anew with these tags.
pub(super) fn tagged(app: &mut App, text: &str, fx: &mut Effects) {
    let Some(import) = import(app) else { return };
    let tags = text.split(',').map(str::trim).filter(|tag| !tag.is_empty());
    import.wanted.tags = Some(tags.map(str::to_owned).collect());
    prepare_anew(app, fx);
}

/// Starts it once, however often the key is pressed.
fn start(app: &mut App, fx: &mut Effects) {
    let Some(import) = import(app).filter(|import| import.accepted) else { return };
    if let Step::Ready(prepared) = std::mem::replace(&mut import.step, Step::Preparing) {
        import.step = Step::Starting(prepared);
        fx.push(Effect::Do(Act::StartPrepared));
    }
}

/// Prepares anew with one of the decisions that are offered.
fn decide(app: &mut App, which: impl Fn(&Remedy) -> bool, fx: &mut Effects) {
    let Some(import) = import(app) else { return };
    let Step::Refused(refused) = &import.step else { return };
    let Some(remedy) = refused.remedies.iter().find(|remedy| which(remedy)) else { return };
    import.wanted.remedies.push(remedy.clone());
    prepare_anew(app, fx);
}

fn prepare_anew(app: &mut App, fx: &mut Effects) {
    let Some(import) = import(app) else { return };
    (import.step, import.accepted) = (Step::Preparing, false);
    let wanted = import.wanted.clone();
    app.ask(Question::Prepare(Box::new(wanted)), fx);
}

fn resume_source(app: &mut App, fx: &mut Effects) {
    let Some(import) = import(app) else { return };
    import.step = Step::Resuming;
    fx.push(Effect::Do(Act::ResumeSource(import.wanted.source)));
}

/// The source is resumed.
pub(super) fn resumed(app: &mut App, fx: &mut Effects) {
    if shown(app).is_some_and(|import| matches!(import.step, Step::Resuming)) {
        prepare_anew(app, fx);
    }
}

fn choose_file(app: &mut App, fx: &mut Effects) {
    let Some(import) = shown(app) else { return };
    let purpose = picker::Purpose::ImportInto(import.wanted.source, import.name.clone());
    app.dialogs.pop();
    picker::open(app, purpose, fx);
}

/// The dialog was closed: what has landed for the import goes.
pub(super) fn closed(import: &Import, fx: &mut Effects) {
    if matches!(import.step, Step::Preparing | Step::Ready(_)) {
        fx.push(Effect::Do(Act::DiscardPrepared));
    }
}

pub(super) fn answered(app: &mut App, preparation: Preparation) {
    let Some(import) = import(app) else { return };
    import.list = List::default();
    import.step = match preparation {
        Preparation::Ready(prepared) => Step::Ready(Box::new(prepared)),
        Preparation::Refused(refused) => Step::Refused(refused),
    };
}

pub(super) fn failed(app: &mut App, failure: &Failure) -> bool {
    let Some(import) = import(app) else { return false };
    import.step = Step::Failed(failure.clone());
    true
}

/// The start did not come about.
pub(super) fn not_started(app: &mut App, failure: &Failure) -> bool {
    import(app).is_some_and(|import| import.is_starting() || matches!(import.step, Step::Resuming))
        && failed(app, failure)
}

/// The run is queued.
pub(super) fn started(app: &mut App) {
    if import(app).is_some_and(|import| import.is_starting()) {
        app.dialogs.pop();
    }
}

/// A button was clicked: 0 closes, 1 is the box of the disclaimer, 2 starts.
pub(super) fn clicked(app: &mut App, place: usize, fx: &mut Effects) {
    match place {
        0 => dialog::close(app, fx),
        1 if is_ready(app) => accept(app, fx),
        2 if is_accepted(app) => start(app, fx),
        _ => {}
    }
}

/// What is told of an import that is ready.
pub fn told(
    prepared: &PreparedImport,
    counted: impl Fn(u64) -> String,
    bytes: impl Fn(u64) -> String,
) -> Vec<TextLine> {
    let mut lines = Vec::new();
    let mut pair = |word: &str, text: String| lines.push(TextLine::Pair(word.to_owned(), text));
    pair("File", format!("{}: {}, {}", prepared.file, counted(prepared.rows), bytes(prepared.bytes)));
    pair("Into", prepared.source.clone());
    let mode = match prepared.mode {
        Mode::Upsert => "creates contacts, and updates those that it finds",
        Mode::Create => "creates contacts; rows of contacts that are here already are skipped",
        Mode::Update => "updates contacts; rows of contacts that are not here are skipped",
    };
    pair("Mode", mode.to_owned());
    let matching = match prepared.matching.as_slice() {
        [] => "nothing: every row becomes a contact of its own".to_owned(),
        by => by.join(", then by "),
    };
    pair("Finds them by", matching);
    let empty = if prepared.clear_empty { "clear what their fields hold" } else { "change nothing" };
    pair("Empty cells", empty.to_owned());
    if prepared.allow_duplicates {
        pair("Duplicates", "several contacts may share an email or phone".to_owned());
    }
    let no_country = "none: phone numbers need their +, such as +49";
    pair(
        "Country",
        prepared.country.as_ref().map_or(no_country.to_owned(), |code| format!("{code}, for phone numbers without +")),
    );
    if !prepared.tags.is_empty() {
        pair("Tags", prepared.tags.join(", "));
    }
    let since = prepared.since.iter().map(|day| format!("changed since {day}"));
    let only: Vec<String> = prepared.filters.iter().cloned().chain(since).collect();
    if !only.is_empty() {
        pair("Only rows with", only.join(" and "));
    }
    if let Some(run) = prepared.resumes {
        pair("Goes on", format!("run {run} of this file has begun and not ended: it goes on where it stopped"));
    }
    for reason in &prepared.attention {
        pair("! Attention", reason.clone());
    }
    for remark in &prepared.remarks {
        pair("Note", remark.clone());
    }
    let mapped = prepared.columns.iter().filter(|column| column.field.is_some()).count();
    let columns = prepared.columns.len();
    pair("Columns", format!("{mapped} of {columns} go into fields; beside each, what the first rows hold"));
    for column in &prepared.columns {
        let field = column.field.as_ref().map_or("– left out".to_owned(), |field| format!("→ {field}"));
        let filled: Vec<&str> = column.first.iter().map(|cell| if cell.is_empty() { "–" } else { cell }).collect();
        pair("", format!("{} {field}: {}", column.name, filled.join(" · ")));
    }
    lines
}

/// What is told of an import that does not start.
pub fn refusal(refused: &RefusedImport) -> Vec<TextLine> {
    let mut lines = vec![TextLine::Error(refused.message.clone()), TextLine::Empty];
    if !refused.columns.is_empty() {
        let word = if refused.columns.len() == 1 { "Column" } else { "Columns" };
        lines.extend([TextLine::Pair(word.to_owned(), refused.columns.join(" · ")), TextLine::Empty]);
    }
    let keys = refused.remedies.iter().map(|remedy| match remedy {
        Remedy::AcceptUnmapped => ("u", "Don't import data for unmapped columns: they are left out".to_owned()),
        Remedy::Again => ("n", "import it again on purpose: those rows become further contacts".to_owned()),
        Remedy::AcceptShortRows => ("s", "import all the same: the rows are right and only end early".to_owned()),
        Remedy::DayFirst(column) => ("d", format!("read {column} day first, as 26/06/2024")),
        Remedy::MonthFirst(column) => {
            ("m", format!("read {column} month first, as 06/26/2024; what does not fit is reported"))
        }
        Remedy::ResumeSource => ("p", "resume the source, and go on".to_owned()),
        Remedy::ChooseFile => ("f", "choose a file".to_owned()),
    });
    lines.extend(keys.map(|(key, text)| TextLine::Strong(format!("{key}  {text}"))));
    if refused.remedies.is_empty() {
        lines.push(TextLine::Plain(refused.next.clone()));
    } else {
        lines.extend([TextLine::Empty, TextLine::Dim(format!("Or on the command line: {}", refused.next))]);
    }
    lines
}
