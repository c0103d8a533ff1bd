//! Review and Confirm: what an import will do, in the numbers of a dry run, what of it can be changed, and the
//! disclaimer; or why it does not start, and what would let it. What the page says is in [`super::review`].

mod change;
mod keys;

pub(super) use change::{day_of, filtered, since, tagged};
pub(super) use keys::{ASIDE, KEYS};

use super::data::{ImportWanted, Preparation, PreparedImport, RefusedImport, Remedy, RunDetail, Worker};
use super::dialog::{self, Dialog};
use super::list::List;
use super::message::{Act, Effect, Failure, Question};
use super::review::Change;
use super::{App, Effects, Tab, mapping, picker, sources};
use crate::domain::id::{DeliveryId, RunId, SourceId};
use crate::domain::run::RunStatus;
use change::change;
use keys::{
    has_rows, is_ready, is_unseen, may_count_again, may_edit, may_filter, may_review, may_start, may_start_early,
};
use std::path::PathBuf;

/// The state of the review.
#[derive(Debug, Clone)]
pub struct Import {
    /// The name of the source.
    pub name: String,
    pub wanted: ImportWanted,
    /// As it was when it could last be started: a change that is refused can be taken back.
    before: Option<ImportWanted>,
    pub step: Step,
    /// Whether the disclaimer is accepted (R264).
    pub accepted: bool,
    pub dry_run: DryRun,
    /// Somebody has seen the mapping, or goes on without.
    is_seen: bool,
    /// What is special about the file, in sentences.
    pub mind: Vec<String>,
    /// The tab that it lies over.
    tab: Tab,
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
    /// It could start, with a suggested mapping that nobody has seen.
    Unseen(Box<PreparedImport>),
    Ready(Box<PreparedImport>),
    /// The start is asked for.
    Starting(Box<PreparedImport>),
}

/// The dry run whose numbers the review shows.
#[derive(Debug, Clone)]
pub enum DryRun {
    /// It is being written down.
    Planned,
    /// None before the first answer.
    Begun(RunId, Option<Box<RunDetail>>),
    /// Why there is none.
    Failed(Failure),
    /// An interrupted run goes on: what its first rows did is done, and a dry run would count them anew.
    GoesOn,
}

impl DryRun {
    /// The numbers, once all rows are counted.
    pub fn counted(&self) -> Option<&RunDetail> {
        match self {
            DryRun::Begun(_, Some(detail)) if detail.line.status.is_finished() => Some(detail),
            _ => None,
        }
    }

    /// As far as it is.
    pub fn detail(&self) -> Option<&RunDetail> {
        match self {
            DryRun::Begun(_, detail) => detail.as_deref(),
            _ => None,
        }
    }
}

/// What must be accepted before anything is written (R217, R264).
pub const DISCLAIMER: &str = "Updates of contacts cannot be taken back, and imported contacts can receive messages. \
                              I may hold this data, and have looked at the columns.";

/// Opens the review and begins to prepare: of `file`, or of the file that the source names. Where nobody has saved or seen
/// a mapping, it asks for a look at that first.
pub(super) fn open(app: &mut App, source: SourceId, name: String, file: Option<PathBuf>, fx: &mut Effects) {
    let is_seen = mapping::has_shown(app, source);
    open_with(app, Opening { source, name, file, delivery: None, is_seen, mind: Vec::new() }, fx);
}

/// The same from the mapping, which was just looked at.
pub(super) fn open_mapped(app: &mut App, source: SourceId, name: String, file: Option<PathBuf>, fx: &mut Effects) {
    open_with(app, Opening { source, name, file, delivery: None, is_seen: true, mind: Vec::new() }, fx);
}

/// The same of a file that was fetched, with what is special about it.
pub(super) fn open_of(
    app: &mut App,
    source: SourceId,
    name: String,
    (delivery, file): (DeliveryId, PathBuf),
    mind: Vec<String>,
    fx: &mut Effects,
) {
    let is_seen = mapping::has_shown(app, source);
    open_with(app, Opening { source, name, file: Some(file), delivery: Some(delivery), is_seen, mind }, fx);
}

struct Opening {
    source: SourceId,
    name: String,
    file: Option<PathBuf>,
    delivery: Option<DeliveryId>,
    is_seen: bool,
    mind: Vec<String>,
}

fn open_with(app: &mut App, opening: Opening, fx: &mut Effects) {
    let Opening { source, name, file, delivery, is_seen, mind } = opening;
    let wanted = ImportWanted { delivery, ..ImportWanted::of(source, file) };
    let tab = app.tab;
    app.review = None;
    app.open(Dialog::Import(Box::new(Import {
        name,
        is_seen,
        mind,
        wanted: wanted.clone(),
        before: None,
        step: Step::Preparing,
        accepted: false,
        dry_run: DryRun::Planned,
        tab,
        list: List::default(),
    })));
    app.ask(Question::Prepare(Box::new(wanted)), fx);
}

/// The review that has the keys.
pub fn shown(app: &App) -> Option<&Import> {
    match app.dialogs.last() {
        Some(Dialog::Import(import)) => Some(import),
        _ => None,
    }
}

fn import(app: &mut App) -> Option<&mut Import> {
    match app.dialogs.last_mut() {
        Some(Dialog::Import(import)) => Some(import),
        _ => None,
    }
}

/// The review that is open, under other dialogs too, or that waits aside.
pub fn anywhere(app: &App) -> Option<&Import> {
    let open = app.dialogs.iter().rev().find_map(|dialog| match dialog {
        Dialog::Import(import) => Some(import.as_ref()),
        _ => None,
    });
    open.or(app.review.as_deref())
}

fn anywhere_mut(app: &mut App) -> Option<&mut Import> {
    let open = app.dialogs.iter_mut().rev().find_map(|dialog| match dialog {
        Dialog::Import(import) => Some(import.as_mut()),
        _ => None,
    });
    open.or(app.review.as_deref_mut())
}

impl Import {
    pub fn is_starting(&self) -> bool {
        matches!(self.step, Step::Starting(_))
    }

    /// Whether Enter may start it: everything that it will do is counted.
    pub fn is_counted(&self) -> bool {
        self.dry_run.counted().is_some() || matches!(self.dry_run, DryRun::GoesOn)
    }

    /// What is prepared, where something is.
    pub fn prepared(&self) -> Option<&PreparedImport> {
        match &self.step {
            Step::Ready(prepared) | Step::Starting(prepared) => Some(prepared),
            _ => None,
        }
    }

    fn offers(&self, which: impl Fn(&Remedy) -> bool) -> bool {
        matches!(&self.step, Step::Refused(refused) if refused.remedies.iter().any(which))
    }

    /// Whether the change that was refused can be taken back.
    pub fn may_take_back(&self) -> bool {
        matches!(self.step, Step::Refused(_) | Step::Failed(_)) && self.before.is_some()
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

fn accept(app: &mut App, _: &mut Effects) {
    if let Some(import) = import(app) {
        import.accepted = !import.accepted;
    }
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

fn take_back(app: &mut App, fx: &mut Effects) {
    let Some(import) = import(app) else { return };
    if let Some(before) = import.before.clone() {
        import.wanted = before;
        prepare_anew(app, fx);
    }
}

fn prepare_anew(app: &mut App, fx: &mut Effects) {
    let Some(import) = import(app) else { return };
    (import.step, import.accepted, import.dry_run) = (Step::Preparing, false, DryRun::Planned);
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

/// Closes the review and shows the mapping of its source on its file.
fn edit_mapping(app: &mut App, fx: &mut Effects) {
    let Some(import) = shown(app) else { return };
    let (source, file) = (import.wanted.source, import.wanted.file.clone());
    closed(import, fx);
    app.dialogs.clear();
    sources::select(app, source);
    mapping::open(app, source, file, fx);
    app.go(Tab::Mapping, fx);
}

/// Puts the review aside and shows the rows behind its numbers.
fn show_rows(app: &mut App, fx: &mut Effects) {
    let Some(run) = shown(app).and_then(|import| import.dry_run.counted()).map(|detail| detail.line.id) else { return };
    if let Some(Dialog::Import(import)) = app.dialogs.pop() {
        app.review = Some(import);
        app.show_run(run, fx);
    }
}

/// Shows the review again that was put aside. Answers whether there was one.
pub(super) fn back(app: &mut App, fx: &mut Effects) -> bool {
    let Some(import) = app.review.take() else { return false };
    app.dialogs.clear();
    app.go(import.tab, fx);
    app.open(Dialog::Import(import));
    refresh(app, fx);
    true
}

/// The run whose numbers the review that waits aside shows.
pub(super) fn aside(app: &App) -> Option<RunId> {
    match app.review.as_ref()?.dry_run {
        DryRun::Begun(run, _) => Some(run),
        _ => None,
    }
}

/// The review was closed: what has landed for the import goes, and its dry run is given up.
pub(super) fn closed(import: &Import, fx: &mut Effects) {
    if matches!(import.step, Step::Preparing | Step::Unseen(_) | Step::Ready(_) | Step::Failed(_)) {
        fx.push(Effect::Do(Act::DiscardPrepared));
    }
}

/// Asks anew how the dry run stands: whether it has ended, and whether its numbers still hold.
pub(super) fn refresh(app: &mut App, fx: &mut Effects) {
    if let Some(DryRun::Begun(run, _)) = anywhere(app).map(|import| &import.dry_run) {
        let run = *run;
        app.ask(Question::DryRun(run), fx);
    }
}

/// It is prepared, or refused. A dry run of what is prepared begins by itself.
pub(super) fn answered(app: &mut App, preparation: Preparation, fx: &mut Effects) {
    let is_mapped = anywhere(app).is_some_and(|import| is_mapped(app, import.wanted.source));
    let Some(import) = anywhere_mut(app) else { return };
    import.list = List::default();
    import.step = match preparation {
        Preparation::Ready(prepared) if !import.is_seen && !is_mapped && prepared.resumes.is_none() => {
            import.before = Some(import.wanted.clone());
            Step::Unseen(prepared)
        }
        Preparation::Ready(prepared) => {
            import.before = Some(import.wanted.clone());
            import.dry_run = if prepared.resumes.is_some() { DryRun::GoesOn } else { DryRun::Planned };
            if prepared.resumes.is_none() {
                fx.push(Effect::Do(Act::PlanDryRun));
            }
            Step::Ready(prepared)
        }
        Preparation::Refused(refused) => Step::Refused(refused),
    };
}

/// Whether somebody has said where the columns of a source go.
pub fn is_mapped(app: &App, source: SourceId) -> bool {
    let line = app.sources.lines.iter().flatten().find(|line| line.id == source);
    line.is_none_or(|line| line.mapping.is_some() || line.form.options.mapping.is_some())
}

/// Goes on with the suggested mapping that nobody has looked at.
fn take_suggested(app: &mut App, fx: &mut Effects) {
    let Some(import) = import(app) else { return };
    import.is_seen = true;
    if let Step::Unseen(prepared) = std::mem::replace(&mut import.step, Step::Preparing) {
        import.step = Step::Ready(prepared);
        import.dry_run = DryRun::Planned;
        fx.push(Effect::Do(Act::PlanDryRun));
    }
}

/// The dry run is written down; `is_new` one is carried out.
pub(super) fn dry_run_planned(app: &mut App, run: RunId, is_new: bool, fx: &mut Effects) {
    let Some(import) = anywhere_mut(app) else { return };
    if !matches!((&import.step, &import.dry_run), (Step::Ready(_), DryRun::Planned)) {
        return;
    }
    import.dry_run = DryRun::Begun(run, None);
    if is_new {
        fx.push(Effect::Do(Act::DryRun(run)));
    }
    app.ask(Question::DryRun(run), fx);
}

/// There is no dry run, and why.
pub(super) fn not_counted(app: &mut App, failure: &Failure) -> bool {
    let Some(import) = anywhere_mut(app) else { return false };
    import.dry_run = DryRun::Failed(failure.clone());
    true
}

/// How the dry run stands cannot be told: it is gone, or the store cannot be read.
pub(super) fn not_told(app: &mut App, failure: &Failure) -> bool {
    let has_begun = anywhere(app).is_some_and(|import| matches!(import.dry_run, DryRun::Begun(..)));
    // An answer about one that was given up meanwhile is of no use.
    !has_begun || not_counted(app, failure)
}

/// How the dry run stands.
pub(super) fn counted(app: &mut App, detail: RunDetail) {
    if let Some(DryRun::Begun(run, known)) = anywhere_mut(app).map(|import| &mut import.dry_run)
        && *run == detail.line.id
    {
        *known = Some(Box::new(detail));
    }
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

/// Buttons of the review; the lines that can be changed follow on them.
pub const BUTTONS: [&str; 3] = ["close", "accept", "start"];

/// A button, or a line that can be changed, was clicked.
pub(super) fn clicked(app: &mut App, place: usize, fx: &mut Effects) {
    if is_unseen(app) {
        return match place {
            0 => dialog::close(app, fx),
            1 => edit_mapping(app, fx),
            2 => take_suggested(app, fx),
            _ => {}
        };
    }
    match place {
        0 => dialog::close(app, fx),
        1 if is_ready(app) => accept(app, fx),
        2 if may_start(app) || may_start_early(app) => start(app, fx),
        _ => {
            let changes = place.checked_sub(BUTTONS.len()).and_then(|place| Change::ALL.get(place));
            let enabled = changes.filter(|change| match change {
                Change::Review => may_review(app),
                Change::Rows => has_rows(app),
                Change::CountAgain => may_count_again(app),
                Change::Mapping => may_edit(app),
                Change::Filters => may_filter(app),
                _ => is_ready(app),
            });
            if let Some(what) = enabled {
                change(app, *what, fx);
            }
        }
    }
}

/// The import that is at work or waits, other than the review's own dry run: what it changes is not counted in.
pub fn others_at_work(app: &App) -> Option<String> {
    let queued = app.view.queued;
    match app.view.worker {
        Worker::Busy(run) => Some(format!("run {run} is at work")),
        _ if queued == 1 => Some("1 run waits".to_owned()),
        _ if queued > 1 => Some(format!("{queued} runs wait")),
        _ => None,
    }
}

/// Whether a run has stopped without an end that counts.
pub(super) fn has_stopped(status: RunStatus) -> bool {
    matches!(status, RunStatus::Failed | RunStatus::Cancelled | RunStatus::Interrupted)
}
