//! Picking up a source's files from the command line: what it is handed, and what is said of it.

use super::context::Context;
use super::error::CliError;
use super::format::counted;
use super::output::{Line, Style};
use super::signals::Stop;
use crate::domain::id::SourceId;
use crate::domain::run::RunKind;
use crate::domain::source::{Fault, FoundState, PickupCause, Source};
use crate::store::Store;
use crate::worker::error::Refusal;
use crate::worker::execute::threads;
use crate::worker::pickup::{self, Extent, Means, Report, Wanted, pick_up};
use std::time::Duration;

/// Has `work` done with what a pickup needs from outside.
pub fn with_means<T>(context: &Context, stop: &Stop, work: impl FnOnce(&Means<'_>) -> T) -> T {
    work(&Means {
        stop: stop.flag(),
        now_ms: &|| context.now_ms(),
        env: &|name| std::env::var(name).ok(),
        sleep: &|time| stop.or_readable(None, Some(time)),
        random: &|| (context.random() >> 11) as f64 / (1u64 << 53) as f64,
        user: &context.user(),
        threads: threads(),
        on_wait: &|waiting| {
            let seconds = (waiting.next_try_ms - context.now_ms() + 999) / 1_000;
            let (number, most) = (waiting.number, waiting.most);
            let message = &waiting.fault.message;
            context.out.say(format!("{message} Trying again in {} s (try {number} of {most}).", seconds.max(1)));
        },
        #[cfg(feature = "broken-variants")]
        taken_apart: context.taken_apart.get(),
    })
}

/// Looks at where the source's files lie, and brings what is new if `extent` says so. Files that may still be uploaded
/// are looked at once more, when that can tell.
///
/// # Errors
/// When another process is at it, or when the place could not be reached or read.
pub fn look_twice(
    context: &Context,
    store: &mut Store,
    stop: &Stop,
    source: &Source,
    extent: Extent,
    kind: RunKind,
) -> Result<Report, CliError> {
    let wanted = Wanted { cause: PickupCause::Person, extent, kind, dues: None };
    let busy = || {
        let message = "Another process is just bringing the files of this source.";
        CliError::from(Refusal::new("source_busy", message, "Wait until it has finished, then try again."))
    };
    let mut look = || with_means(context, stop, |means| pick_up(store, source.id, &wanted, means));
    let mut report = look()?.ok_or_else(busy)?;
    let wait = pickup::still_ms(source).and_then(|ms| u64::try_from(ms).ok()).map(Duration::from_millis);
    if let (None, false, Some(wait)) = (&report.fault, report.settling.is_empty(), wait) {
        let files = counted(report.settling.len() as u64, "file", "files");
        context.out.say(format!(
            "{files} may still be uploaded: looking again in {} s to see whether that has ended.",
            wait.as_secs().max(1)
        ));
        // A moment more, so that it is long enough by any clock.
        stop.or_readable(None, Some(wait + Duration::from_millis(50)));
        if !stop.is_set() {
            let second = look()?.ok_or_else(busy)?;
            let Report { landed, runs, held, identical, warnings, troubles, .. } = report;
            report = Report { landed: landed + second.landed, ..second };
            report.runs.splice(0..0, runs);
            report.held.splice(0..0, held);
            report.identical.splice(0..0, identical);
            report.warnings.splice(0..0, warnings);
            report.troubles.splice(0..0, troubles);
        }
    }
    Ok(report)
}

/// The names of the files of a source that are new and whole, after a look.
pub fn new_files(context: &Context, store: &mut Store, stop: &Stop, source: &Source) -> Result<Vec<String>, CliError> {
    let report = look_twice(context, store, stop, source, Extent::Look, RunKind::Import)?;
    if let Some(fault) = report.fault {
        return Err(of(fault));
    }
    let is_new = |state: &FoundState| matches!(state, FoundState::New | FoundState::Landed { .. });
    let files = store.found_files(source.id)?.into_iter();
    Ok(files.filter(|file| file.is_there && is_new(&file.state)).map(|file| file.identity.name).collect())
}

/// A fault as the error of a command.
pub fn of(fault: Fault) -> CliError {
    let Fault { code, message, next } = fault;
    // The codes of faults are many, and all of them known while the program is written.
    let code: &'static str = Box::leak(code.into_boxed_str());
    CliError::new(code, message.trim_end_matches('.'), next.trim_end_matches('.'))
}

/// Says what became of a pickup, to people.
pub fn tell(context: &Context, report: &Report) {
    for (file, why) in &report.held {
        let line = Line::styled(Style::Warn, "held: ").with(Style::Plain, format!("{file}: {}", why.sentence(file)));
        context.out.insist(line);
    }
    for file in &report.identical {
        context.out.say(format!("{file} is the same as an earlier delivery, and was not imported again."));
    }
    for (file, warning) in &report.warnings {
        context.out.say(Line::styled(Style::Warn, "unusual: ").with(Style::Plain, format!("{file}: {warning}")));
    }
    tell_troubles(context, &report.troubles);
}

/// Says what ended a pickup before its end.
pub fn tell_fault(context: &Context, fault: &Fault) {
    // What stopped it here, such as a full disk, says nothing about the way to the files.
    let what = if fault.code == "here" { "stopped: " } else { "not reached: " };
    let line = format!("{} {}", fault.message, fault.next);
    context.out.insist(Line::styled(Style::Bad, what).with(Style::Plain, line));
}

/// Says what could not be done with single files.
pub fn tell_troubles(context: &Context, troubles: &[(String, Fault)]) {
    for (file, fault) in troubles {
        let line = format!("{file}: {} {}", fault.message, fault.next);
        context.out.insist(Line::styled(Style::Warn, "left: ").with(Style::Plain, line));
    }
}

/// Puts the imported files of a source away as it says. Answers whether all of them were.
pub fn put_away_of(context: &Context, store: &mut Store, stop: &Stop, source: SourceId) -> Result<bool, CliError> {
    let troubles = with_means(context, stop, |means| pickup::put_away(store, source, means))?;
    tell_troubles(context, &troubles);
    Ok(troubles.is_empty())
}
