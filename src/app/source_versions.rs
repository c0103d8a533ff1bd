//! Who changed what of a source, and when (R82–R86).

use super::App;
use super::arrivals::Versions;
use super::dialog::{Dialog, Text, TextLine};
use super::list::List;
use super::{arrival_text, source_text, sources, time};
use crate::domain::id::SourceId;
use crate::domain::source::{Aspect, Connection, Schedule, SourceChange, SourceOptions};
use serde_json::Value;
use std::collections::BTreeSet;

fn title(app: &App, id: SourceId) -> String {
    format!("Versions of {}", sources::name_of(app, id))
}

/// The dialog before the answer.
pub(super) fn opened(app: &App, id: SourceId) -> Dialog {
    let lines = vec![TextLine::Dim("Reading …".to_owned())];
    Dialog::Text(Text { title: title(app, id), lines, copy: String::new(), list: List::default() })
}

/// The versions came: they are shown, if they are still waited for.
pub(super) fn answered(app: &mut App, versions: &Versions) {
    let (zone, title) = (app.zone, title(app, versions.source));
    let Some(Dialog::Text(text)) = app.dialogs.last_mut() else { return };
    if text.title != title {
        return;
    }
    text.lines.clear();
    text.lines.push(TextLine::Dim("Who changed what, newest first. Earlier versions stay on record.".to_owned()));
    if versions.changes.is_empty() {
        text.lines.push(TextLine::Empty);
        text.lines.push(TextLine::Plain("Nothing of it has been changed yet.".to_owned()));
    }
    for (change, before) in &versions.changes {
        let by = change.user.as_deref().map_or(String::new(), |user| format!(" by {user}"));
        text.lines.push(TextLine::Empty);
        text.lines.push(TextLine::Strong(format!("{}{by}: {}", time::in_full(change.at_ms, zone), what(change.what))));
        text.lines.extend(differences(change, before.as_ref()));
        if change.what == Aspect::Options && before.as_ref().is_some_and(|before| filters(before) != filters(change)) {
            let note = "Records that came before were not reconsidered by this; a backfill (b) does that.";
            text.lines.push(TextLine::Dim(note.to_owned()));
        }
    }
    text.copy = source_text::plain(&text.lines);
}

fn what(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Options => "how its imports are done",
        Aspect::Connection => "where its files are",
        Aspect::Schedule => "when it is looked at",
        Aspect::Contract => "the arrival contract",
    }
}

fn filters(change: &SourceChange) -> (Value, Value) {
    let value: Value = serde_json::from_str(&change.value).unwrap_or_default();
    (value["filters"].clone(), value["since"].clone())
}

/// What is different from the version before; of the first one what it says.
fn differences(change: &SourceChange, before: Option<&SourceChange>) -> Vec<TextLine> {
    match change.what {
        Aspect::Schedule => {
            vec![TextLine::Pair("Schedule".to_owned(), from_to(before.map(schedule), schedule(change)))]
        }
        Aspect::Connection => {
            vec![TextLine::Pair("Place".to_owned(), from_to(before.map(connection), connection(change)))]
        }
        Aspect::Options | Aspect::Contract => of_values(change, before),
    }
}

fn from_to(before: Option<String>, now: String) -> String {
    match before {
        Some(before) if before != now => format!("{before} → {now}"),
        // The same words stand for what is not shown, such as where a secret is.
        Some(_) => format!("{now} (how it is reached changed)"),
        None => now,
    }
}

fn schedule(change: &SourceChange) -> String {
    match serde_json::from_str::<Option<Schedule>>(&change.value) {
        Ok(Some(schedule)) => schedule.describe(),
        Ok(None) => "none: when somebody says so".to_owned(),
        Err(_) => change.value.clone(),
    }
}

fn connection(change: &SourceChange) -> String {
    match serde_json::from_str::<Option<Connection>>(&change.value) {
        Ok(Some(connection)) => arrival_text::place(&connection),
        Ok(None) => "none: people hand its files over".to_owned(),
        Err(_) => "of a later version of Landfall".to_owned(),
    }
}

/// Each value that differs, under its name.
fn of_values(change: &SourceChange, before: Option<&SourceChange>) -> Vec<TextLine> {
    let read = |text: &str| match serde_json::from_str(text) {
        Ok(Value::Object(object)) => object,
        _ => Default::default(),
    };
    // Options that were not written down are as they are by themselves.
    let object = |change: &SourceChange| match SourceOptions::from_json(&change.value) {
        Some(options) if change.what == Aspect::Options => read(&options.to_json()),
        _ => read(&change.value),
    };
    let before = match (before, change.what) {
        (None, Aspect::Options) => Some(read(&SourceOptions::default().to_json())),
        (before, _) => before.map(object),
    };
    let now = object(change);
    let names: BTreeSet<&String> = now.keys().chain(before.iter().flat_map(|before| before.keys())).collect();
    let mut lines = Vec::new();
    for name in names.into_iter().filter(|name| *name != "set_by") {
        let (new, old) = (now.get(name), before.as_ref().map(|before| before.get(name)));
        if old.map_or_else(|| in_words(new) == "none", |old| in_words(old) == in_words(new)) {
            continue;
        }
        let label = name.replace('_', " ");
        let mut letters = label.chars();
        let label = letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect());
        let text = match old {
            Some(old) => format!("{} → {}", in_words(old), in_words(new)),
            None => in_words(new),
        };
        lines.push(TextLine::Item(format!("{label}: {text}")));
    }
    lines
}

fn in_words(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "none".to_owned(),
        Some(Value::Bool(yes)) => if *yes { "yes" } else { "no" }.to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Array(values)) if values.is_empty() => "none".to_owned(),
        Some(Value::Array(values)) => values.iter().map(|value| in_words(Some(value))).collect::<Vec<_>>().join(", "),
        Some(Value::Object(object)) => match serde_json::from_value::<Schedule>(Value::Object(object.clone())) {
            Ok(schedule) => schedule.describe(),
            Err(_) => object
                .iter()
                .map(|(name, value)| format!("{} {}", name.replace('_', " "), in_words(Some(value))))
                .collect::<Vec<_>>()
                .join(", "),
        },
    }
}
