//! Following a run: waiting for the workspace's turn, carrying the run out, showing how far it is, and its end.

use super::context::Context;
use super::error::{CliError, Exit};
use super::output::{Line, Style};
use super::signals::Stop;
use super::{format, json, pickup, run_view};
use crate::domain::id::RunId;
use crate::domain::outcome::{Counts, OutcomeKind};
use crate::domain::run::{RunKind, RunStatus};
use crate::domain::source::{Keeper, PickupCause, Source};
use crate::store::{Store, StoreError, Watch};
use crate::worker;
use crate::worker::error::WorkerError;
use crate::worker::execute::{self, Control, Progress, Tuning};
use crate::worker::pickup::{Extent, Wanted, is_removed, pick_up};
use crate::worker::prepare::Prepared;
use crate::worker::queue::{self, Due, Turn};
use crate::worker::retention;
use crate::worker::schedule::{self, Look};
use crate::worker::start::{self, Outlives};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::HashMap;
use std::io::IsTerminal;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// How often a run that another process carries out is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// A run that another process has stopped is given up after so many looks: until then that process may just be ending.
const LAPS: u32 = 5;
/// How often a worker that nobody can notify looks for runs.
const POLL: Duration = Duration::from_secs(1);
/// How long a worker waits before it looks again at a source that another process is at.
const BUSY: Duration = Duration::from_secs(5);
/// How long a process that is ending has to let go of the workspace.
const LET_GO: Duration = Duration::from_secs(10);
/// Without a terminal a line of progress is written this often.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// On a terminal the bar is drawn at most this many times a second.
const DRAWS_A_SECOND: u8 = 4;
/// What has been kept long enough is purged once a day (ms).
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Carries a queued or interrupted run out, now or when the workspace is free, and shows its result.
pub fn run(context: &Context, store: &mut Store, run: RunId, tuning: Tuning) -> Result<Exit, CliError> {
    let stop = Stop::on_signal()?;
    let carried_out = wait_and_carry_out(context, store, run, tuning, &stop);
    // One that could not even begin waits for somebody who has dealt with the cause.
    pass_on(context, store, Some(run))?;
    carried_out?;
    ended(context, store, run)
}

/// Whoever frees the workspace with runs queued starts a worker for them.
pub fn pass_on(context: &Context, store: &Store, but: Option<RunId>) -> Result<(), CliError> {
    let others = queue::queued(store)?.into_iter().any(|queued| Some(queued) != but);
    if others {
        start_worker(context)?;
    }
    Ok(())
}

fn wait_and_carry_out(
    context: &Context,
    store: &mut Store,
    run: RunId,
    tuning: Tuning,
    stop: &Stop,
) -> Result<(), CliError> {
    let mut said = false;
    let mut shown = None;
    // How often in a row it was found stopped; none before the first look.
    let mut stopped: Option<u32> = None;
    loop {
        if let Some(turn) = Turn::take(store, context.now_ms())? {
            clear(&shown);
            if execute::found(store, run)?.status.can_resume() {
                let ended = controlled(context, stop, tuning, |control| turn.execute(store, run, control));
                ended.map_err(|error| interrupted(run, error))?;
            }
            return Ok(());
        }
        let missing = || StoreError::NoSuch { what: "run", id: run.to_string() };
        let row = store.run_line(run)?.ok_or_else(missing)?;
        if !row.status.can_resume() {
            clear(&shown);
            return Ok(());
        }
        if row.status == RunStatus::Interrupted {
            match stopped {
                // Whoever is at work goes on with it in its turn.
                None => store.requeue_run(run, false)?,
                Some(laps) if laps == LAPS => {
                    clear(&shown);
                    return Ok(());
                }
                Some(_) => {}
            }
        }
        stopped = Some(if row.status == RunStatus::Interrupted { stopped.map_or(0, |laps| laps + 1) } else { 0 });
        if row.status == RunStatus::Running {
            shown.get_or_insert_with(|| Shown::new(context)).progress(Progress {
                run,
                counts: row.counts,
                bytes: row.bytes,
                bytes_expected: row.bytes_expected.unwrap_or(row.bytes),
                rows_expected: row.rows_expected.unwrap_or(row.counts.rows()),
            });
        }
        if stop.is_set() {
            clear(&shown);
            return Err(CliError::new(
                "queued",
                format!("Another process works on the workspace and carries out run {run} in its turn."),
                format!(
                    "it goes on without this one: see `landfall run show {run}`, or give it up with `landfall run cancel {run}`"
                ),
            ));
        }
        if !said {
            said = true;
            let holder = Store::lock_holder(store.dir()).map(|pid| format!(" (process {pid})")).unwrap_or_default();
            context.out.say(format!("Another process works on the workspace{holder}; run {run} waits for its turn."));
        }
        stop.or_readable(None, Some(LOOK_AGAIN));
    }
}

fn clear(shown: &Option<Shown<'_>>) {
    if let Some(shown) = shown {
        shown.clear();
    }
}

/// Has `work` done with a control that shows how far it is.
fn controlled<T>(
    context: &Context,
    stop: &Stop,
    tuning: Tuning,
    work: impl FnOnce(&mut Control<'_>) -> Result<T, WorkerError>,
) -> Result<T, WorkerError> {
    controlled_of(context, stop, tuning, HashMap::new(), work)
}

/// The same, with the names of the runs' sources, where it is to be said which one is at work.
fn controlled_of<T>(
    context: &Context,
    stop: &Stop,
    tuning: Tuning,
    sources: HashMap<RunId, String>,
    work: impl FnOnce(&mut Control<'_>) -> Result<T, WorkerError>,
) -> Result<T, WorkerError> {
    let mut shown = Shown { sources, ..Shown::new(context) };
    let ended = work(&mut Control {
        stop: stop.flag(),
        now_ms: &|| context.now_ms(),
        on_progress: &mut |progress| shown.progress(progress),
        threads: execute::threads(),
        tuning,
    });
    shown.clear();
    context.out.about(None);
    ended
}

/// The names of the sources of the runs that wait.
fn sources_of_waiting(store: &Store) -> Result<HashMap<RunId, String>, CliError> {
    Ok(store.runs_to_do()?.into_iter().map(|run| (run.id, run.source_name)).collect())
}

/// A dry run needs no turn: it holds no lock and changes no record.
pub fn dry_run(context: &Context, store: &Store, run: RunId, tuning: Tuning) -> Result<Exit, CliError> {
    let stop = Stop::on_signal()?;
    let mut dry = Store::open_dry(store.dir(), run)?;
    dry.vouch_as(store);
    let executed = controlled(context, &stop, tuning, |control| execute::execute(&mut dry, run, control));
    executed.map_err(|error| interrupted(run, error))?;
    context.out.say("Dry run: no record was written.");
    ended(context, store, run)
}

/// Counts what a prepared import would do, by a dry run that is given up again with the import.
pub fn count(
    context: &Context,
    store: &mut Store,
    prepared: &mut Prepared,
    tuning: Tuning,
) -> Result<Counts, CliError> {
    let stop = Stop::on_signal()?;
    let (run, is_new) = worker::dry_run::plan(store, prepared, context.now_ms())?;
    if is_new {
        let mut dry = Store::open_dry(store.dir(), run)?;
        let executed = controlled(context, &stop, tuning, |control| execute::execute(&mut dry, run, control));
        executed.map_err(|error| interrupted(run, error))?;
    }
    Ok(execute::found(store, run)?.counts)
}

/// Carries out everything that waits, for `landfall worker --once`. One that another process started carries out what
/// is queued only, and lets that process free the workspace first. A source that could not be reached or waits for
/// somebody, and a file that was held or left, want attention as a run may.
pub fn everything_due(context: &Context, store: &mut Store, due: Due, tuning: Tuning) -> Result<Exit, CliError> {
    let stop = Stop::on_signal()?;
    // One that was started for what is queued says nothing of schedules.
    let _keeper = if due == Due::All { Store::try_keeper_lock(store.dir(), false)? } else { None };
    let mut worst = Exit::Done;
    if due == Due::All {
        // Looking for files needs no turn: whoever has it carries out what comes of it.
        let before = store.sources()?;
        let due = schedule::due(store, context.now_ms())?;
        if tell_blocked(context, store, &before)? | look(context, store, &stop, due)?.wants_attention {
            worst = Exit::Attention;
        }
    }
    let begun = Instant::now();
    let turn = loop {
        match Turn::take(store, context.now_ms())? {
            Some(turn) => break turn,
            None if due == Due::ByItself && begun.elapsed() < LET_GO && !stop.is_set() => {
                stop.or_readable(None, Some(LOOK_AGAIN));
            }
            None => return Err(locked(store)),
        }
    };
    let done = controlled(context, &stop, tuning, |control| turn.execute_due(store, due, control));
    drop(turn);
    let done = done?;
    if !stop.is_set() {
        pass_on(context, store, None)?;
    }
    for run in &done {
        worst = worst.max(result(context, store, *run)?);
    }
    if !put_away(context, store, &stop)? {
        worst = worst.max(Exit::Attention);
    }
    Ok(worst)
}

/// Says of sources that were due just now that they wait for somebody. Answers whether there is one. `before` are the
/// sources as they were when nobody had looked what is due: a source is told of once for each due time.
fn tell_blocked(context: &Context, store: &Store, before: &[Source]) -> Result<bool, CliError> {
    let mut any = false;
    for source in store.sources()?.into_iter().filter(|source| source.paused.is_none()) {
        let Some(blocked) = &source.blocked else { continue };
        let was = before.iter().find(|was| was.id == source.id);
        if was.is_some_and(|was| was.due_until_ms != source.due_until_ms) {
            any = true;
            context.out.about(Some(&source.name));
            let text = format!("{} {}", blocked.message, blocked.next);
            context.out.insist(Line::styled(Style::Bad, "waits for somebody: ").with(Style::Plain, text));
            context.out.about(None);
        }
    }
    Ok(any)
}

/// What became of looks.
#[derive(Default)]
struct Looked {
    /// Another process was just at a source.
    is_busy: bool,
    /// Somebody should see to a source or a file.
    wants_attention: bool,
}

/// Picks up the new files of sources, one after the other.
fn look(context: &Context, store: &mut Store, stop: &Stop, looks: Vec<Look>) -> Result<Looked, CliError> {
    let mut looked = Looked::default();
    for Look { source, dues } in looks {
        if stop.is_set() {
            break;
        }
        let Some(name) = store.source(source)?.map(|source| source.name) else { continue };
        let wanted =
            Wanted { cause: PickupCause::Schedule, extent: Extent::Bring, kind: RunKind::Sync, dues: dues.as_ref() };
        context.out.about(Some(&name));
        let picked = pickup::with_means(context, stop, |means| pick_up(store, source, &wanted, means));
        match picked {
            Ok(Some(report)) => {
                pickup::tell(context, &report);
                let fault = report.fault.as_ref().filter(|fault| fault.code != worker::pickup::STOPPED);
                fault.into_iter().for_each(|fault| pickup::tell_fault(context, fault));
                looked.wants_attention |= fault.is_some() || !report.held.is_empty() || !report.troubles.is_empty();
            }
            Ok(None) => looked.is_busy = true,
            // Somebody has removed the source since it was found to be due.
            Err(error) if is_removed(&error) => {}
            Err(error) => return Err(error.into()),
        }
        context.out.about(None);
    }
    Ok(looked)
}

/// Puts the files of complete runs away as their sources say. Answers whether all of them were.
fn put_away(context: &Context, store: &mut Store, stop: &Stop) -> Result<bool, CliError> {
    let mut all = true;
    for source in worker::pickup::to_put_away(store)? {
        let Some(name) = store.source(source)?.map(|source| source.name) else { continue };
        context.out.about(Some(&name));
        all &= pickup::put_away_of(context, store, stop, source)?;
        context.out.about(None);
    }
    Ok(all)
}

/// Carries out what is queued as it comes and picks up files when they are due, for `landfall worker`, until it is told
/// to stop. Holds the workspace all the time but for pickups; a run that is stopped goes on with the next worker that
/// somebody asks for it.
pub fn stay(context: &Context, store: &mut Store, tuning: Tuning) -> Result<Exit, CliError> {
    let stop = Stop::on_signal()?;
    // One that stays lets go of the workspace now and then: it is not to find this one there.
    if Store::keeper(store.dir())? == Keeper::Stays {
        return Err(another_worker(store, Keeper::Stays));
    }
    // Before it is said that this one stays.
    let Some(mut turn) = Turn::take(store, context.now_ms())? else { return Err(locked(store)) };
    let Some(_keeper) = Store::try_keeper_lock(store.dir(), true)? else {
        return Err(another_worker(store, Store::keeper(store.dir())?));
    };
    let watch = Watch::new(store.dir());
    context.out.stamp();
    context.out.say(format!("Waiting for runs in {} (process {}).", store.dir().display(), std::process::id()));
    // What an earlier worker was kept from.
    put_away(context, store, &stop)?;
    let mut purge_at = context.now_ms();
    let mut look_from = Instant::now();
    while !stop.is_set() {
        // A clock that was put back must not put this off.
        purge_at = purge_at.min(context.now_ms() + DAY_MS);
        if context.now_ms() >= purge_at {
            purge_at = context.now_ms() + DAY_MS;
            purge(context, store);
            turn.tidy_up(store, context.now_ms())?;
        }
        // What is heard of from here on is looked at in the next round.
        if let Watch::Notified(notices) = &watch {
            notices.drain();
        }
        let version = store.data_version()?;
        // Letting go of the workspace for a look wakes this very worker: one at whose source another process is does not
        // try over and over.
        let looks = match Instant::now() >= look_from {
            true => schedule::due(store, context.now_ms())?,
            false => Vec::new(),
        };
        if !looks.is_empty() {
            // Fetching takes its time, in which others may import.
            drop(turn);
            if look(context, store, &stop, looks)?.is_busy {
                look_from = Instant::now() + BUSY;
            }
            turn = match take_again(context, store, &stop)? {
                Some(turn) => turn,
                None => break,
            };
        }
        let sources = sources_of_waiting(store)?;
        let done =
            controlled_of(context, &stop, tuning, sources, |control| turn.execute_due(store, Due::ByItself, control))?;
        for run in &done {
            result(context, store, *run)?;
            context.out.flush()?;
        }
        if !done.is_empty() {
            put_away(context, store, &stop)?;
            continue;
        }
        let now_ms = context.now_ms();
        let not_yet = look_from.saturating_duration_since(Instant::now());
        let sleep = match (schedule::wake_at(store)?, not_yet) {
            (Some(at), Duration::ZERO) => schedule::sleep_until(at.min(purge_at), now_ms),
            // What another process was at is due as soon as that has ended, whatever else is.
            (_, not_yet) if !not_yet.is_zero() => schedule::sleep_until(purge_at, now_ms).min(not_yet),
            _ => schedule::sleep_until(purge_at, now_ms),
        };
        match &watch {
            Watch::Notified(notices) => stop.or_readable(Some(notices.as_fd()), Some(sleep)),
            Watch::Polled(_) => {
                let begun = Instant::now();
                let left = || sleep.saturating_sub(begun.elapsed());
                while !stop.is_set() && store.data_version()? == version && !left().is_zero() {
                    stop.or_readable(None, Some(left().min(POLL)));
                }
            }
        }
    }
    Ok(Exit::Done)
}

/// Removes what has been kept long enough. What cannot be removed today is tried again tomorrow.
fn purge(context: &Context, store: &mut Store) {
    match retention::apply(store, context.now_ms()) {
        Ok(purged) if purged.deliveries > 0 => {
            let deliveries = format::counted(purged.deliveries, "delivery", "deliveries");
            context.out.say(format!("Purged {deliveries} that were kept long enough."));
        }
        Ok(_) => {}
        Err(error) => context.out.say(Line::styled(Style::Warn, "not purged: ").with(Style::Plain, error.to_string())),
    }
}

/// Takes the workspace again after pickups; none when it is told to stop before somebody else lets go of it.
fn take_again(context: &Context, store: &mut Store, stop: &Stop) -> Result<Option<Turn>, CliError> {
    while !stop.is_set() {
        if let Some(turn) = Turn::take_again(store, context.now_ms())? {
            return Ok(Some(turn));
        }
        stop.or_readable(None, Some(LOOK_AGAIN));
    }
    Ok(None)
}

/// Shows how a run ended, and answers the exit status that goes with it. One that has not finished is an error to a
/// script.
fn ended(context: &Context, store: &Store, run: RunId) -> Result<Exit, CliError> {
    let row = execute::found(store, run)?;
    let exit = json::exit_of(&row);
    if exit == Exit::NotDone && context.out.json {
        let rows = format::counted(row.counts.rows(), "row", "rows");
        let so_far = format!("Run {run} is {} after {rows}", row.status.as_str());
        let next = match row.status.can_resume() {
            true => format!("go on with `landfall run resume {run}`, or give it up with `landfall run cancel {run}`"),
            false => format!("`landfall run show {run}` shows what became of its rows"),
        };
        return Err(CliError::new(row.status.as_str(), so_far, next));
    }
    run_view::show(context, store, &row)?;
    Ok(exit)
}

/// Shows how a run stands, and answers the exit status that goes with it.
fn result(context: &Context, store: &Store, run: RunId) -> Result<Exit, CliError> {
    let row = execute::found(store, run)?;
    context.out.about(Some(&row.source_name));
    let shown = run_view::show(context, store, &row);
    context.out.about(None);
    shown?;
    Ok(json::exit_of(&row))
}

/// A run that another process will carry out.
pub fn queued(context: &Context, store: &Store, run: RunId) -> Result<Exit, CliError> {
    let row = execute::found(store, run)?;
    if context.out.json {
        run_view::show(context, store, &row)?;
    } else {
        context.out.answer(format!("Run {run} is queued. See it with `landfall run show {run}`."))?;
    }
    Ok(Exit::Done)
}

/// A worker is here already, or was just now.
fn another_worker(store: &Store, keeper: Keeper) -> CliError {
    let process = Store::keeper_process(store.dir()).map(|pid| format!(" (process {pid})")).unwrap_or_default();
    let workspace = store.dir().display();
    match keeper {
        Keeper::Stays => CliError::new(
            "locked",
            format!("Another worker{process} stays with the workspace {workspace}."),
            "one worker is enough: it carries out what is queued",
        ),
        Keeper::ComesBy | Keeper::Nobody => CliError::new(
            "locked",
            format!("A `landfall worker --once`{process} is at work in the workspace {workspace}."),
            "it ends by itself: wait until it has finished, then try again",
        ),
    }
}

/// The workspace is not free.
pub fn locked(store: &Store) -> CliError {
    let holder = Store::lock_holder(store.dir()).map(|pid| format!(" (process {pid})")).unwrap_or_default();
    CliError::new(
        "locked",
        format!("Another process{holder} works on the workspace {}.", store.dir().display()),
        "wait until it has finished, then try again",
    )
}

/// The error of a run that stopped at its last batch.
fn interrupted(run: RunId, error: WorkerError) -> CliError {
    let mut error = CliError::from(error);
    if error.next.is_empty() {
        error.next = format!(
            "when the cause is gone, go on with `landfall run resume {run}`; nothing that was committed is lost"
        );
    }
    error
}

/// Starts a worker of its own session, so that the end of this one does not end it.
pub fn start_worker(context: &Context) -> Result<Outlives, CliError> {
    let program = std::env::current_exe().map_err(|error| CliError::file(std::path::Path::new("landfall"), &error))?;
    let workspace = std::path::absolute(context.workspace()?);
    let workspace = workspace.map_err(|error| CliError::file(std::path::Path::new("the workspace"), &error))?;
    let outlives = start::start(&program, &workspace)?;
    if outlives == Outlives::Nothing {
        context.out.say(
            "This system ends what a login leaves behind: if you log out before the run has ended, it pauses, and goes \
             on with the next worker.",
        );
    }
    Ok(outlives)
}

/// Progress for people: a bar on a terminal, a line now and then elsewhere.
struct Shown<'a> {
    context: &'a Context,
    bar: Option<ProgressBar>,
    started: Instant,
    last_line: Instant,
    /// Rows and bytes that an earlier part of a resumed run had done.
    base: Option<Progress>,
    /// Of which sources the runs are, where that is to be said.
    sources: HashMap<RunId, String>,
}

impl<'a> Shown<'a> {
    fn new(context: &'a Context) -> Shown<'a> {
        let live = std::io::stderr().is_terminal() && !context.out.quiet;
        let bar = live.then(|| {
            let style = ProgressStyle::with_template("{bar:16} {percent:>3} %  {eta} left  {wide_msg}");
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(DRAWS_A_SECOND));
            if let Ok(style) = style {
                bar.set_style(style.progress_chars("█░"));
            }
            bar
        });
        Shown { context, bar, started: Instant::now(), last_line: Instant::now(), base: None, sources: HashMap::new() }
    }

    fn progress(&mut self, progress: Progress) {
        if self.base.is_some_and(|base| base.run != progress.run) {
            (self.base, self.started) = (None, Instant::now());
        }
        let base = *self.base.get_or_insert(progress);
        let seconds = self.started.elapsed().as_secs_f64().max(0.001);
        let counts = progress.counts;
        let fresh = counts.rows() - if base == progress { 0 } else { base.counts.rows() };
        let some = OutcomeKind::ALL.into_iter().filter(|kind| counts.of(*kind) > 0);
        let outcomes: String =
            some.map(|kind| format!(", {} {}", kind.as_str(), format::count(counts.of(kind)))).collect();
        // What a narrow terminal cuts off comes last.
        let text = format!(
            "{} rows, {}/s{outcomes}, {} of {}",
            format::count(counts.rows()),
            format::count((fresh as f64 / seconds) as u64),
            format::bytes(progress.bytes),
            format::bytes(progress.bytes_expected),
        );
        if let Some(bar) = &self.bar {
            bar.set_length(progress.bytes_expected);
            bar.set_position(progress.bytes);
            bar.set_message(text);
        } else if self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            if let Some(source) = self.sources.get(&progress.run) {
                self.context.out.about(Some(source));
            }
            self.context.out.say(Line::styled(Style::Plain, text));
        }
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
