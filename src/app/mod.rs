//! The application: its state, and what every message makes of it.
//!
//! Pure: [`App::update`] takes a message and the time and answers effects, which the shell carries out. No I/O, no
//! clock, no thread lives here, and nothing of the store: the shell hands in what it read as [`data`]. What is drawn is
//! decided by `ui` from `&App`. One file a tab or page; [`keys`] holds the one key table.
pub mod arrival_text;
pub mod arrivals;
pub mod brings;
pub mod config;
pub mod connecting;
pub mod contact;
pub mod data;
pub mod dialog;
mod everywhere;
pub mod explain;
pub mod fetching;
pub mod field;
pub mod guide;
pub mod help_pages;
pub mod import;
pub mod key;
pub mod keys;
pub mod list;
pub mod lookup;
pub mod mapping;
pub mod message;
mod mouse;
pub mod numbers;
pub mod picker;
pub mod review;
pub mod row;
pub mod rows;
pub mod run;
pub mod runs;
pub mod screen;
pub mod shell_word;
mod source_acts;
mod source_checks;
pub mod source_data;
pub mod source_files;
pub mod source_form;
pub mod source_item;
pub mod source_text;
pub mod source_texts;
mod source_versions;
pub mod sources;
pub mod time;
pub mod toast;
pub mod tour;

use crate::domain::id::RunId;
use chrono_tz::Tz;
use config::{Config, ThemeName};
use data::WorkspaceView;
use dialog::Dialog;
use field::Field;
use key::{Key, KeyCode};
use keys::Scope;
use list::{List, Move};
use message::{Answer, AwaitedBy, Done, Effect, Failure, Message, Question, Slot, Ticket};
use screen::{Drawn, ListId, Target};
use std::collections::HashMap;
use std::path::PathBuf;
use toast::Toast;

/// The tabs, in their order on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Sources,
    Mapping,
    Runs,
    Lookup,
}

impl Tab {
    pub const ALL: [Tab; 4] = [Tab::Sources, Tab::Mapping, Tab::Runs, Tab::Lookup];

    pub fn title(self) -> &'static str {
        match self {
            Tab::Sources => "Sources",
            Tab::Mapping => "Mapping",
            Tab::Runs => "Runs",
            Tab::Lookup => "Lookup",
        }
    }
}

/// The workspace that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The last part of its path.
    pub name: String,
    pub dir: PathBuf,
    pub user: String,
    /// Why nothing can be changed, where that is so.
    pub read_only: Option<String>,
    /// Others' changes are not noticed at once here, but looked for once a second.
    pub polled: bool,
}

/// What the application is started with.
#[derive(Debug, Clone)]
pub struct Start {
    pub workspace: Workspace,
    pub config: Config,
    pub theme: ThemeName,
    /// Only ASCII symbols are drawn.
    pub ascii: bool,
    pub zone: Tz,
    /// Where the file picker begins.
    pub directory: PathBuf,
    pub home: Option<PathBuf>,
    pub size: (u16, u16),
    pub now_ms: i64,
    /// Whether it begins with the tour of the demo.
    pub tour: bool,
}

/// What an update asks the shell to do.
#[derive(Debug, Default)]
pub struct Effects {
    pub list: Vec<Effect>,
}

impl Effects {
    pub fn push(&mut self, effect: Effect) {
        self.list.push(effect);
    }
}

/// A question that has not been answered yet.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub number: u64,
    pub since_ms: i64,
    pub answered: bool,
}

/// The state of the application.
pub struct App {
    pub workspace: Workspace,
    pub view: WorkspaceView,
    pub theme: ThemeName,
    pub ascii: bool,
    pub zone: Tz,
    pub directory: PathBuf,
    pub home: Option<PathBuf>,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// When the last message came (ms since 1970, UTC).
    pub now_ms: i64,
    pub tab: Tab,
    pub sources: sources::Sources,
    pub mapping: mapping::MappingTab,
    pub runs: runs::Runs,
    pub lookup: lookup::Lookup,
    /// Open dialogs; the last one has the keys.
    pub dialogs: Vec<Dialog>,
    /// The review of an import that waits while the rows behind its numbers are looked at.
    pub review: Option<Box<import::Import>>,
    /// A file that is fetched to be looked at.
    pub fetching: fetching::Fetching,
    /// The guide of the first import.
    pub guide: Option<guide::Guide>,
    /// The tour of the demo.
    pub tour: Option<tour::Tour>,
    pub toast: Option<Toast>,
    /// Whether the terminal reports the mouse.
    pub mouse: bool,
    /// Whether a text field takes the keys that are characters.
    pub typing: bool,
    /// What the mouse points at.
    pub hover: Option<Target>,
    /// What the last drawing found out.
    drawn: Drawn,
    asked: HashMap<Slot, Asked>,
    tickets: u64,
    /// Acts that are under way, and since when.
    acts: usize,
    acting_since_ms: i64,
    /// For what a worker was started that has not been seen at work, and when.
    worker_started: Option<(WorkspaceView, i64)>,
}

/// Answers that take longer than this are told to be under way, ms.
pub const SLOW: i64 = 200;

impl App {
    /// The application at its start, and what it wants to know first.
    pub fn new(start: Start) -> (App, Vec<Effect>) {
        let mut app = App {
            workspace: start.workspace,
            view: WorkspaceView::default(),
            theme: start.theme,
            ascii: start.ascii,
            zone: start.zone,
            directory: start.directory,
            home: start.home,
            size: start.size,
            now_ms: start.now_ms,
            tab: Tab::Sources,
            sources: Default::default(),
            mapping: Default::default(),
            runs: Default::default(),
            lookup: Default::default(),
            dialogs: Vec::new(),
            review: None,
            fetching: Default::default(),
            guide: None,
            tour: start.tour.then(tour::Tour::default),
            toast: None,
            mouse: start.config.mouse,
            typing: false,
            hover: None,
            drawn: Drawn::default(),
            asked: HashMap::new(),
            tickets: 0,
            acts: 0,
            acting_since_ms: 0,
            worker_started: None,
        };
        let mut fx = Effects::default();
        app.refresh(&mut fx);
        (app, fx.list)
    }

    /// What a message makes of the state, and what is to be done. `now_ms` is the time (ms since 1970, UTC).
    pub fn update(&mut self, message: Message, now_ms: i64) -> Vec<Effect> {
        self.now_ms = now_ms;
        if self.toast.as_ref().is_some_and(|toast| toast.until_ms <= now_ms) {
            self.toast = None;
        }
        let mut fx = Effects::default();
        match message {
            Message::Key(key) => self.key(key, &mut fx),
            Message::Paste(text) => {
                if let Some(field) = self.field_mut() {
                    field.paste(&text);
                    self.typed(&mut fx);
                }
            }
            Message::Mouse(mouse) => {
                let under: Vec<Target> = self.drawn.at(mouse.x, mouse.y).cloned().collect();
                mouse::update(self, mouse, &under, &mut fx);
            }
            Message::Resize(width, height) => self.size = (width, height),
            Message::Changed => self.refresh(&mut fx),
            Message::Due => sources::due(self, &mut fx),
            Message::Fetching(progress) => fetching::told(self, progress),
            Message::Answered(ticket, answer) => self.answered(ticket, answer, &mut fx),
            Message::Done(of, done) => {
                self.acts = self.acts.saturating_sub(usize::from(of != AwaitedBy::DryRun));
                self.done(of, done, &mut fx);
            }
        }
        // A dry run may take as long as an import, and nobody who leaves has to wait for it.
        let is_act = |effect: &&Effect| matches!(effect, Effect::Do(act) if act.awaited_by() != AwaitedBy::DryRun);
        let acts = fx.list.iter().filter(is_act).count();
        if self.acts == 0 && acts > 0 {
            self.acting_since_ms = now_ms;
        }
        self.acts += acts;
        guide::follow(self);
        self.typing = self.field_mut().is_some();
        fx.list
    }

    /// Takes over what the last drawing found out.
    pub fn drawn(&mut self, drawn: Drawn) {
        self.drawn = drawn;
    }

    fn key(&mut self, key: Key, fx: &mut Effects) {
        self.hover = None;
        let typing = self.field_mut().is_some() && Field::takes(key);
        if !typing && let Some(binding) = keys::find(self, key) {
            (binding.run)(self, fx);
        } else if typing
            && let Some(field) = self.field_mut()
            && field.key(key)
        {
            self.typed(fx);
        } else if !typing
            && let Some(binding) =
                keys::find_impossible(self, key).filter(|binding| !binding.hint.is_empty() && key.code != KeyCode::Esc)
        {
            let why = if self.can_change() { "" } else { " (read-only)" };
            self.toast = Some(Toast::error(format!("Not possible now{why}: {}.", binding.help), self.now_ms));
        }
    }

    /// Where keys mean something now, innermost first.
    pub fn scopes(&self) -> Vec<Scope> {
        if let Some(dialog) = self.dialogs.last() {
            return vec![dialog.scope(), Scope::Dialog, Scope::Moving];
        }
        let mut scopes: Vec<Scope> = self.tour.iter().map(|_| Scope::Tour).collect();
        scopes.extend(match self.tab {
            Tab::Sources => vec![Scope::Sources],
            Tab::Mapping => vec![Scope::Mapping],
            Tab::Runs => self.runs.scopes(),
            Tab::Lookup => self.lookup.scopes(),
        });
        scopes.extend([Scope::Moving, Scope::Everywhere]);
        scopes
    }

    /// The text field that is typed in.
    pub fn field_mut(&mut self) -> Option<&mut Field> {
        if let Some(dialog) = self.dialogs.last_mut() {
            return dialog.field_mut();
        }
        match self.tab {
            Tab::Sources => self.sources.field_mut(),
            Tab::Mapping => self.mapping.field_mut(),
            Tab::Runs => self.runs.field_mut(),
            Tab::Lookup => self.lookup.field_mut(),
        }
    }

    /// The text of the field that is typed in has changed.
    fn typed(&mut self, fx: &mut Effects) {
        if !self.dialogs.is_empty() {
            return dialog::typed(self, fx);
        }
        match self.tab {
            Tab::Sources => sources::typed(self, fx),
            Tab::Mapping => mapping::find::typed(self),
            Tab::Runs => runs::typed(self, fx),
            Tab::Lookup => lookup::typed(self, fx),
        }
    }

    /// The list that moving keys move in.
    pub fn focused_list(&self) -> Option<ListId> {
        if let Some(dialog) = self.dialogs.last() {
            return dialog.has_list().then_some(ListId::Dialog);
        }
        match self.tab {
            Tab::Sources => Some(ListId::Sources),
            Tab::Mapping => Some(ListId::Mapping),
            Tab::Runs => self.runs.focused_list(),
            Tab::Lookup => self.lookup.focused_list(),
        }
    }

    /// A list with the number of its entries.
    fn list_mut(&mut self, id: ListId) -> Option<(&mut List, usize)> {
        let lines = self.drawn.lines.get(&id).map_or(0, Vec::len);
        match id {
            ListId::Sources => Some(self.sources.list_mut()),
            ListId::Mapping | ListId::Preview => self.mapping.list_mut(id),
            ListId::Runs | ListId::Issues | ListId::Rows | ListId::Row => self.runs.list_mut(id),
            ListId::Found | ListId::Record => self.lookup.list_mut(id, lines),
            ListId::Dialog => self.dialogs.last_mut()?.list_mut(lines),
        }
    }

    /// Of a list that is drawn in lines: the entry that a line is of.
    fn entry_of_line(&self, id: ListId, line: usize) -> Option<usize> {
        self.drawn.lines.get(&id)?.get(line).copied().flatten()
    }

    /// How many entries of a list fit; a guess before it was first drawn.
    pub fn height(&self, id: ListId) -> usize {
        self.drawn.heights.get(&id).copied().unwrap_or(usize::from(self.size.1).saturating_sub(6)).max(1)
    }

    fn go_in_list(&mut self, to: Move, fx: &mut Effects) {
        let Some(id) = self.focused_list() else { return };
        let height = self.height(id);
        let Some((list, len)) = self.list_mut(id) else { return };
        list.go(to, len, height);
        self.moved(id, fx);
    }

    /// The selection of a list, or what is shown of it, has changed.
    fn moved(&mut self, id: ListId, fx: &mut Effects) {
        match id {
            ListId::Sources => sources::moved(self, fx),
            ListId::Runs => runs::moved(self, fx),
            ListId::Rows => rows::moved(self, fx),
            ListId::Found => lookup::moved(self, fx),
            ListId::Mapping => mapping::moved(self),
            ListId::Issues | ListId::Row | ListId::Record | ListId::Preview => {}
            ListId::Dialog => dialog::moved(self, fx),
        }
    }

    /// Asks a question; only the answer to the latest one of its slot will count.
    pub fn ask(&mut self, question: Question, fx: &mut Effects) {
        self.tickets += 1;
        let ticket = Ticket { slot: question.slot(), number: self.tickets };
        let still = self.asked.get(&ticket.slot).filter(|asked| !asked.answered).map(|asked| asked.since_ms);
        let since_ms = still.unwrap_or(self.now_ms);
        self.asked.insert(ticket.slot, Asked { number: ticket.number, since_ms, answered: false });
        fx.push(Effect::Ask(ticket, question));
    }

    /// Since when a question waits for its answer.
    pub fn waiting_since(&self, slot: Slot) -> Option<i64> {
        self.asked.get(&slot).filter(|asked| !asked.answered).map(|asked| asked.since_ms)
    }

    /// Since when something that was asked or wanted is under way (ms since 1970, UTC).
    ///
    /// The profile of a file is not counted: its own progress is shown, and it may take a minute.
    pub fn busy_since(&self) -> Option<i64> {
        let asked = self.waiting().map(|asked| asked.since_ms);
        asked.chain((self.acts > 0).then_some(self.acting_since_ms)).min()
    }

    /// Whether any question waits for its answer, but for the profile of a file.
    pub fn is_waiting(&self) -> bool {
        self.waiting().next().is_some()
    }

    fn waiting(&self) -> impl Iterator<Item = &Asked> {
        let waits = |(slot, asked): &(&Slot, &Asked)| !asked.answered && **slot != Slot::Profile;
        self.asked.iter().filter(waits).map(|(_, asked)| asked)
    }

    /// Whether anything that was wanted is still being done.
    pub fn is_acting(&self) -> bool {
        self.acts > 0
    }

    /// Asks anew for everything that is shown.
    fn refresh(&mut self, fx: &mut Effects) {
        self.ask(Question::Workspace, fx);
        self.ask(Question::Sources, fx);
        import::refresh(self, fx);
        source_files::refresh(self, fx);
        match self.tab {
            Tab::Sources => {}
            Tab::Mapping => mapping::refresh(self, fx),
            Tab::Runs => runs::refresh(self, fx),
            Tab::Lookup => lookup::refresh(self, fx),
        }
    }

    fn answered(&mut self, ticket: Ticket, answer: Result<Answer, Failure>, fx: &mut Effects) {
        match self.asked.get_mut(&ticket.slot) {
            Some(asked) if asked.number == ticket.number => asked.answered = true,
            _ => return,
        }
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => {
                if ticket.slot == Slot::Found {
                    lookup::failed(self);
                }
                if !dialog::failed(self, ticket.slot, &failure) && !mapping::failed(self, ticket.slot, &failure) {
                    self.fail(&failure);
                }
                return;
            }
        };
        match answer {
            Answer::Workspace(view) => everywhere::workspace_answered(self, view, fx),
            Answer::Sources(lines) => {
                sources::answered(self, lines, fx);
                mapping::sources_answered(self, fx);
            }
            Answer::Source(more) => sources::more_answered(self, more),
            Answer::Runs(lines, more) => runs::answered(self, lines, more, fx),
            Answer::Run(detail) => run::answered(self, *detail, fx),
            Answer::Rows(page) => rows::answered(self, page, fx),
            Answer::Row(detail) => row::answered(self, *detail, fx),
            Answer::Found(found) => lookup::answered(self, found, fx),
            Answer::Record(held) => contact::answered(self, *held),
            Answer::MappingOpened(opened) => mapping::opened(self, *opened, fx),
            Answer::Preview(preview) => mapping::previewed(self, *preview),
            Answer::Profile(profile) => mapping::profiled(self, *profile, fx),
            Answer::SavedMappings(_)
            | Answer::SavedMapping(_)
            | Answer::MappingFile(..)
            | Answer::Compared(_)
            | Answer::Listing(_)
            | Answer::FileLook(_)
            | Answer::FileNames(..)
            | Answer::Access(_)
            | Answer::Prepared(_)
            | Answer::DryRun(_)
            | Answer::SourceFiles(_)
            | Answer::SourceVersions(_)
            | Answer::Backfill(_)
            | Answer::Workspaces(_) => {
                dialog::answered(self, answer, fx);
            }
        }
    }

    fn done(&mut self, of: AwaitedBy, done: Result<Done, Failure>, fx: &mut Effects) {
        match done {
            Err(failure) => {
                let is_shown = match of {
                    AwaitedBy::Form => source_form::not_saved(self, &failure),
                    AwaitedBy::Connecting => connecting::not_tested(self, &failure),
                    AwaitedBy::Import => import::not_started(self, &failure),
                    AwaitedBy::DryRun => import::not_counted(self, &failure),
                    AwaitedBy::Mapping => {
                        let is_shown = mapping::new_field::not_made(self, &failure);
                        if !is_shown {
                            mapping::not_saved(self);
                        }
                        is_shown
                    }
                    AwaitedBy::Fetching => fetching::failed(self, &failure),
                    AwaitedBy::Nobody => false,
                };
                if !is_shown {
                    self.fail(&failure);
                }
            }
            Ok(Done::Quietly) => {}
            Ok(Done::Said(text)) => {
                self.say(text);
                match of {
                    AwaitedBy::Form => source_form::saved(self, fx),
                    AwaitedBy::Import => import::resumed(self, fx),
                    AwaitedBy::DryRun
                    | AwaitedBy::Mapping
                    | AwaitedBy::Connecting
                    | AwaitedBy::Fetching
                    | AwaitedBy::Nobody => {}
                }
            }
            Ok(Done::Waiting(text)) => self.toast = Some(Toast::until_begun(text, self.now_ms)),
            Ok(Done::Fetched(source, delivery, path, name)) => {
                fetching::done(self, source, (delivery, path), &name, fx)
            }
            Ok(Done::Queued(run, text)) => {
                self.toast = Some(Toast::until_begun(text, self.now_ms));
                import::started(self);
                guide::started(self, run);
                self.show_run(run, fx);
            }
            Ok(Done::DryRunPlanned(run, is_new)) => import::dry_run_planned(self, run, is_new, fx),
            Ok(Done::Tested(id, check)) => connecting::tested(self, id, check, fx),
            Ok(Done::SourceAdded(id, text)) => {
                self.say(text);
                sources::added(self, id, fx);
            }
            Ok(Done::MappingSaved(source, mapping, saved, remark)) => {
                mapping::saved(self, source, &mapping, saved, remark, fx);
            }
            Ok(Done::FieldAdded(key)) => mapping::new_field::made(self, &key, fx),
            Ok(Done::Switched(workspace)) => everywhere::switched(self, *workspace),
        }
        self.refresh(fx);
    }

    /// Something could not be done, or be found out.
    fn fail(&mut self, failure: &Failure) {
        self.toast = Some(Toast::error(failure.told(), self.now_ms));
    }

    /// A sentence for the rule above the hints.
    pub fn say(&mut self, text: impl Into<String>) {
        self.toast = Some(Toast::said(text, self.now_ms));
    }

    pub fn open(&mut self, dialog: Dialog) {
        self.hover = None;
        self.dialogs.push(dialog);
    }

    /// Shows a tab.
    pub fn go(&mut self, tab: Tab, fx: &mut Effects) {
        self.tab = tab;
        self.hover = None;
        (self.mapping.finding, self.mapping.drag) = (None, None);
        if tab == Tab::Lookup {
            lookup::opened(self);
        }
        self.refresh(fx);
    }

    /// Shows a run in the Runs tab.
    pub fn show_run(&mut self, id: RunId, fx: &mut Effects) {
        self.tab = Tab::Runs;
        run::open(self, id, fx);
    }

    pub fn can_change(&self) -> bool {
        self.workspace.read_only.is_none()
    }
}
