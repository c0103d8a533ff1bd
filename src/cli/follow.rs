//! Following a run: waiting for the workspace's turn, carrying the run out, showing how far it is, and its end.

use super::context::Context;
use super::error::{CliError, Exit};
use super::output::{Line, Style};
use super::{format, json, run_view};
use crate::domain::id::RunId;
use crate::domain::outcome::OutcomeKind;
use crate::store::Store;
use crate::worker::error::WorkerError;
use crate::worker::execute::{self, Control, Progress, Tuning};
use crate::worker::queue::{self, Due, Turn};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often a run that another process carries out is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// How long a process that is ending has to let go of the workspace.
const LET_GO: Duration = Duration::from_secs(10);
/// Without a terminal a line of progress is written this often.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// On a terminal the bar is drawn at most this many times a second.
const DRAWS_A_SECOND: u8 = 4;

/// Threads for the rules: the writer has one of its own.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

/// Carries a queued or interrupted run out, now or when the workspace is free, and shows its result.
pub fn run(context: &Context, store: &mut Store, run: RunId, tuning: Tuning) -> Result<Exit, CliError> {
    let stop = stop_on_signal()?;
    let carried_out = wait_and_carry_out(context, store, run, tuning, &stop);
    // One that could not even begin waits for somebody who has dealt with the cause.
    pass_on(context, store, Some(run))?;
    carried_out?;
    ended(context, store, run)
}

/// Whoever frees the workspace with runs queued starts a worker for them.
pub fn pass_on(context: &Context, store: &Store, but: Option<RunId>) -> Result<(), CliError> {
    let others = queue::queued(store)?.into_iter().any(|queued| Some(queued) != but);
    if others { start_worker(context) } else { Ok(()) }
}

fn wait_and_carry_out(
    context: &Context,
    store: &mut Store,
    run: RunId,
    tuning: Tuning,
    stop: &AtomicBool,
) -> Result<(), CliError> {
    let mut said = false;
    loop {
        if let Some(turn) = Turn::take(store, context.now_ms())? {
            if execute::found(store, run)?.status.can_resume() {
                let ended = controlled(context, stop, tuning, |control| turn.execute(store, run, control));
                ended.map_err(|error| interrupted(run, error))?;
            }
            return Ok(());
        }
        let row = execute::found(store, run)?;
        if !row.status.can_resume() {
            return Ok(());
        }
        if stop.load(Ordering::Relaxed) {
            return Err(CliError::new(
                "queued",
                format!("Run {run} has not started: another process works on the workspace."),
                format!(
                    "it is carried out when that process has finished: see `landfall run show {run}`, or give it up with `landfall run cancel {run}`"
                ),
            ));
        }
        if !said {
            said = true;
            let holder = Store::lock_holder(store.dir()).map(|pid| format!(" (process {pid})")).unwrap_or_default();
            context.out.say(format!("Another process works on the workspace{holder}; run {run} waits for its turn."));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// Has `work` done with a control that shows how far it is.
fn controlled<T>(
    context: &Context,
    stop: &AtomicBool,
    tuning: Tuning,
    work: impl FnOnce(&mut Control<'_>) -> Result<T, WorkerError>,
) -> Result<T, WorkerError> {
    let mut shown = Shown::new(context);
    let ended = work(&mut Control {
        stop,
        now_ms: &|| context.now_ms(),
        on_progress: &mut |progress| shown.progress(progress),
        threads: threads(),
        tuning,
    });
    shown.clear();
    ended
}

/// A dry run needs no turn: it holds no lock and changes no record.
pub fn dry_run(context: &Context, store: Store, run: RunId, tuning: Tuning) -> Result<Exit, CliError> {
    let stop = stop_on_signal()?;
    let mut dry = Store::open_dry(store.dir(), run)?;
    let executed = controlled(context, &stop, tuning, |control| execute::execute(&mut dry, run, control));
    executed.map_err(|error| interrupted(run, error))?;
    context.out.say("Dry run: no record was written.");
    ended(context, &store, run)
}

/// Carries out everything that waits, for `landfall worker --once`. One that another process started carries out what
/// is queued only, and lets that process free the workspace first.
pub fn everything_due(context: &Context, store: &mut Store, due: Due, tuning: Tuning) -> Result<Exit, CliError> {
    let stop = stop_on_signal()?;
    let begun = Instant::now();
    let turn = loop {
        match Turn::take(store, context.now_ms())? {
            Some(turn) => break turn,
            None if due == Due::Queued && begun.elapsed() < LET_GO => std::thread::sleep(LOOK_AGAIN),
            None => return Err(locked(store)),
        }
    };
    let done = controlled(context, &stop, tuning, |control| turn.execute_due(store, due, control));
    drop(turn);
    let done = done?;
    if !stop.load(Ordering::Relaxed) {
        pass_on(context, store, None)?;
    }
    let mut worst = Exit::Done;
    for run in done {
        worst = worst.max(result(context, store, run)?);
    }
    Ok(worst)
}

/// Shows how a run ended, and answers the exit status that goes with it. One that has not finished is an error to a
/// script.
fn ended(context: &Context, store: &Store, run: RunId) -> Result<Exit, CliError> {
    let row = execute::found(store, run)?;
    let exit = json::exit_of(&row);
    if exit == Exit::NotDone && context.out.json {
        let so_far = format!("Run {run} is {} after {} rows", row.status.as_str(), row.counts.rows());
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
    run_view::show(context, store, &row)?;
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

/// The workspace is not free.
pub fn locked(store: &Store) -> CliError {
    let holder = Store::lock_holder(store.dir()).map(|pid| format!(" (process {pid})")).unwrap_or_default();
    CliError::new(
        "locked",
        format!("Another process{holder} works on the workspace {}.", store.dir().display()),
        "wait until it has finished; without --no-wait an import waits for its turn",
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

/// Starts `landfall worker --once` as a session of its own, so that the end of this one does not end it.
pub fn start_worker(context: &Context) -> Result<(), CliError> {
    let program = std::env::current_exe().map_err(|error| CliError::file(std::path::Path::new("landfall"), &error))?;
    Command::new(program)
        .args(["worker", "--once", "--own-session", "--quiet", "--workspace"])
        .arg(context.workspace()?)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(|_| ())
        .map_err(|error| {
            CliError::new(
                "worker",
                format!("The worker could not be started: {error}"),
                "start it with `landfall worker --once`",
            )
        })
}

/// A flag that Ctrl-C, TERM and HUP set; a second Ctrl-C ends the process at once, which loses nothing either.
fn stop_on_signal() -> Result<Arc<AtomicBool>, CliError> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    let no_signals =
        |error: std::io::Error| CliError::new("signals", format!("Signals cannot be received: {error}"), "try again");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(no_signals)?;
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                use tokio::signal::unix::{SignalKind, signal};
                let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) =
                    (signal(SignalKind::interrupt()), signal(SignalKind::terminate()), signal(SignalKind::hangup()))
                else {
                    return;
                };
                loop {
                    let again = flag.load(Ordering::Relaxed);
                    tokio::select! {
                        _ = interrupt.recv() => if again { std::process::exit(130) },
                        _ = terminate.recv() => {}
                        _ = hangup.recv() => {}
                    }
                    flag.store(true, Ordering::Relaxed);
                }
            });
        })
        .map_err(no_signals)?;
    Ok(stop)
}

/// Progress for people: a bar on a terminal, a line now and then elsewhere.
struct Shown<'a> {
    context: &'a Context,
    bar: Option<ProgressBar>,
    started: Instant,
    last_line: Instant,
    /// Rows and bytes that an earlier part of a resumed run had done.
    base: Option<Progress>,
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
        Shown { context, bar, started: Instant::now(), last_line: Instant::now(), base: None }
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
            self.context.out.say(Line::styled(Style::Plain, text));
        }
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
