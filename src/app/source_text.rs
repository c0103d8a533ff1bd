//! What there is to say about a source, in sentences.

use super::arrival_text;
use super::arrivals::Brings;
use super::data::{SourceLine, SourceMore};
use super::dialog::TextLine;
use super::numbers::{count, counted};
use super::time;
use crate::domain::source::{ContractState, SourceMode, SourceStatus};
use chrono_tz::Tz;

/// What a person may have to send on: the error of the last run, else why the source needs somebody.
pub fn error(line: &SourceLine) -> Option<String> {
    let reason = line.health.reason.as_ref().filter(|_| line.health.status.needs_a_person());
    line.error.clone().or(reason.map(|reason| reason.message.clone()))
}

/// That what came lately has not been fetched from a source, wherever somebody looks for its records: it is paused, waits
/// for a person, or its file did not come.
pub fn held_up(line: &SourceLine) -> Option<String> {
    let reason = line.health.reason.as_ref()?;
    let name = &line.name;
    let blocked = line.is_blocked();
    match line.health.status {
        SourceStatus::Paused => Some(format!("{name} is paused: what changed there since then has not been fetched.")),
        SourceStatus::Error if blocked => {
            Some(format!("{name} is stopped: {} What changed there since then has not been fetched.", reason.message))
        }
        status if status.is_of_contract() => Some(format!("{name}: {}", reason.message)),
        _ => None,
    }
}

/// Whether more is expected of it (R11).
pub fn mode(mode: SourceMode) -> &'static str {
    match mode {
        SourceMode::OneTime => "one-time",
        SourceMode::Ongoing => "ongoing",
    }
}

/// What importing its file again does (R164).
pub fn reimport(line: &SourceLine, more: Option<&SourceMore>) -> &'static str {
    match more.and_then(|more| more.has_key) {
        Some(false) => "A re-import duplicates contacts: no column says which contact a row is about.",
        Some(true) | None => line.form.options.reimport().sentence(),
    }
}

/// The object that it brings, and which rows of it.
pub fn scope(line: &SourceLine) -> String {
    let objects = if line.scope == "contact" { "contacts" } else { line.scope.as_str() };
    let options = &line.form.options;
    let mut text = match options.filters.as_slice() {
        [] => format!("all {objects}"),
        filters => format!("{objects} with {}", filters.join(" and ")),
    };
    if let Some(since) = options.since {
        text.push_str(&format!(", changed since {since}"));
    }
    text
}

/// What stays when it is removed.
pub fn stays(more: &SourceMore) -> String {
    let runs = counted(more.runs, "run", "runs");
    let contacts = match more.created {
        0 => "no contact was created by it".to_owned(),
        1 => "the 1 contact that it created".to_owned(),
        created => format!("the {} contacts that it created", count(created)),
    };
    format!("{runs}, {contacts}, its references and its mapping")
}

/// Everything about a source that somebody may ask for, to read and to copy.
pub fn status(line: &SourceLine, more: Option<&SourceMore>, has_worker: bool, now_ms: i64, zone: Tz) -> Vec<TextLine> {
    let mut lines = Vec::new();
    let mut pair = |word: &str, text: String| lines.push(TextLine::Pair(word.to_owned(), text));
    pair("Status", line.health.status.label().to_owned());
    let reason = line.health.reason.as_ref();
    if let Some(reason) = reason {
        if let Some(since) = reason.since_ms {
            pair("Since", time::in_full(since, zone));
        }
        pair("What happened", reason.message.clone());
        pair("What it means", reason.means.clone());
        pair("What to do", action(line));
    }
    if let Some(error) = line.error.as_ref().filter(|error| reason.is_none_or(|reason| reason.message != **error)) {
        pair("Last error", error.clone());
    }
    lines.push(TextLine::Empty);
    let mut pair = |word: &str, text: String| lines.push(TextLine::Pair(word.to_owned(), text));
    pair("Source", format!("{}, number {}", line.name, line.id));
    match &line.brings {
        Some(brings) => {
            pair("Place", arrival_text::place(&brings.connection));
            pair(
                "By itself",
                format!("{}; {}", arrival_text::looked_at(brings), arrival_text::after(&brings.after_import)),
            );
        }
        None => pair("File", line.form.location.clone().unwrap_or_else(|| "none yet".to_owned())),
    }
    pair("Brings", format!("{}, {}", scope(line), mode(line.form.mode)));
    let mapping = mapping(line, |at_ms| time::in_full(at_ms, zone));
    pair("Mapping", mapping.strip_prefix("mapping ").unwrap_or(&mapping).to_owned());
    if let Some(account) = &line.account {
        pair("Account", account.clone());
    }
    pair("Again", reimport(line, more).to_owned());
    let moment = |at_ms: Option<i64>| at_ms.map_or("never".to_owned(), |at_ms| time::in_full(at_ms, zone));
    pair("Last ran", moment(line.last_ran_ms));
    pair("Last imported", moment(line.last_imported_ms));
    for (word, text) in [("Purpose", &line.form.purpose), ("Owner", &line.form.owner), ("Notes", &line.form.notes)] {
        if let Some(text) = text {
            pair(word, text.clone());
        }
    }
    if let Some(brings) = &line.brings {
        lines.extend(arrivals(line, brings, more, has_worker, now_ms, zone));
    }
    lines
}

/// How its files come: the contract, the last look, what is normal.
fn arrivals(
    line: &SourceLine,
    brings: &Brings,
    more: Option<&SourceMore>,
    has_worker: bool,
    now_ms: i64,
    zone: Tz,
) -> Vec<TextLine> {
    let mut lines = vec![TextLine::Empty];
    let mut pair = |word: &str, text: String| lines.push(TextLine::Pair(word.to_owned(), text));
    if let Some(contract) = &brings.contract {
        pair("Expects", arrival_text::expects(contract));
        for (word, text) in arrival_text::agreed(contract) {
            pair(word, text);
        }
    }
    if let Some(standing) = &brings.standing {
        pair("Contract", format!("{}: {}", standing.label(), standing.message));
    }
    pair("Files", arrival_text::files(brings));
    if let Some(looked) = &brings.looked {
        pair(
            "Last look",
            format!("{}, {}", time::in_full(looked.started_ms, zone), arrival_text::look(looked, now_ms, zone).0),
        );
    }
    if let Some(next) = line.next_run_ms {
        pair("Next look", time::in_full(next, zone));
    }
    let more = more.and_then(|more| more.brings.as_ref());
    if let Some(more) = more {
        if let Some(missed) = arrival_text::missed(&more.dues) {
            pair("Missed", missed);
        }
        pair("Normal", more.normal.clone().unwrap_or_else(|| "not known before 5 deliveries have come".to_owned()));
    }
    for warning in arrival_text::warnings(line, more, has_worker) {
        pair("Mind", warning);
    }
    if let Some(tell) = brings.standing.as_ref().and_then(|standing| standing.tell_upstream.clone()) {
        lines.push(TextLine::Empty);
        lines.push(TextLine::Strong("To tell the owner upstream (u copies it):".to_owned()));
        lines.push(TextLine::Plain(tell));
    }
    lines
}

/// What to do about how a source stands, with the key that does it.
pub fn action(line: &SourceLine) -> String {
    let Some(reason) = &line.health.reason else { return String::new() };
    let is_mapped = line.mapping.is_some() || line.form.options.mapping.is_some();
    let is_not_ready = line.standing().is_some_and(|standing| standing.state == ContractState::NotReady);
    match line.health.status {
        SourceStatus::NoData if !is_mapped => return "Map its columns (m).".to_owned(),
        SourceStatus::Warning if !is_mapped && is_not_ready => {
            return "Map its columns (m), and import the file from there (i).".to_owned();
        }
        _ => {}
    }
    let is_theirs = line.standing().is_some_and(|standing| standing.tell_upstream.is_some());
    let key = match line.health.status {
        SourceStatus::Missing | SourceStatus::Late if is_theirs => " (u copies what to tell them)",
        SourceStatus::SchemaChanged if is_theirs => " (m shows its columns, u copies what to tell them)",
        SourceStatus::SchemaChanged => " (m shows its columns)",
        status if status.is_of_contract() && is_theirs => " (f shows the file, u copies what to tell them)",
        status if status.is_of_contract() => " (f shows the file)",
        SourceStatus::Warning if is_not_ready => " (f shows the file)",
        SourceStatus::Error if line.is_blocked() => "",
        SourceStatus::Warning if line.is_out_of_reach() => " (t tests it)",
        SourceStatus::NoData if line.brings.is_some() => " (S syncs)",
        SourceStatus::Paused => " (p)",
        SourceStatus::NoData if line.last_ran_ms.is_none() => " (i)",
        SourceStatus::Active => " (2 shows it)",
        _ => " (enter shows its runs)",
    };
    format!("{}{key}", reason.action.strip_suffix('.').filter(|_| !key.is_empty()).unwrap_or(&reason.action))
}

/// The mapping, and who reviewed it when.
pub fn mapping(line: &SourceLine, moment: impl FnOnce(i64) -> String) -> String {
    let Some((name, version)) = &line.mapping else { return "no mapping yet".to_owned() };
    let name = if *name == line.name { String::new() } else { format!("{name} ") };
    match &line.reviewed {
        Some(reviewed) => {
            format!("mapping {name}version {version}, reviewed by {}, {}", reviewed.by, moment(reviewed.at_ms))
        }
        None => format!("mapping {name}version {version}, reviewed by nobody"),
    }
}

/// The text as it is copied: one line a paragraph.
pub fn plain(lines: &[TextLine]) -> String {
    let mut text = String::new();
    for line in lines {
        match line {
            TextLine::Plain(line) | TextLine::Strong(line) | TextLine::Dim(line) | TextLine::Error(line) => {
                text.push_str(line);
            }
            TextLine::Pair(word, line) => text.push_str(&format!("{word}: {line}")),
            TextLine::Item(line) => text.push_str(&format!("- {line}")),
            TextLine::Example(line) => text.push_str(&format!("    {line}")),
            TextLine::Empty => {}
        }
        text.push('\n');
    }
    text
}
