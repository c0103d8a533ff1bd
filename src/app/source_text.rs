//! What there is to say about a source, in sentences.

use super::data::{SourceLine, SourceMore};
use super::dialog::TextLine;
use super::time;
use crate::domain::source::{SourceMode, SourceStatus};
use chrono_tz::Tz;

/// What a person may have to send on: the error of the last run, else why the source needs somebody.
pub fn error(line: &SourceLine) -> Option<String> {
    let reason = line.health.reason.as_ref().filter(|_| line.health.status.needs_a_person());
    line.error.clone().or(reason.map(|reason| reason.message.clone()))
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
    let runs = if more.runs == 1 { "1 run".to_owned() } else { format!("{} runs", more.runs) };
    let contacts = match more.created {
        0 => "no contact was created by it".to_owned(),
        1 => "the 1 contact that it created".to_owned(),
        created => format!("the {created} contacts that it created"),
    };
    format!("{runs}, {contacts}, its references and its mapping")
}

/// Everything about a source that somebody may ask for, to read and to copy.
pub fn status(line: &SourceLine, more: Option<&SourceMore>, zone: Tz) -> Vec<TextLine> {
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
    pair("File", line.form.location.clone().unwrap_or_else(|| "none yet".to_owned()));
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
    lines
}

/// What to do about how a source stands, with the key that does it.
pub fn action(line: &SourceLine) -> String {
    let Some(reason) = &line.health.reason else { return String::new() };
    let key = match line.health.status {
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
