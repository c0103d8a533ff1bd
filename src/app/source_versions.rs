//! Who changed what of a source, and when (R82–R86).

use super::App;
use super::arrivals::Versions;
use super::dialog::{Dialog, Text, TextLine};
use super::list::List;
use super::{arrival_text, source_text, sources, time};
use crate::domain::id::SourceId;
use crate::domain::source::{Aspect, Connection, Contract, Schedule, SourceChange, SourceOptions};
use crate::domain::wording::capital;
use serde_json::Value;

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
    let now = said(change);
    let before = match (before, change.what) {
        // Options that were not written down are as they are by themselves.
        (None, Aspect::Options) => Some(options(&SourceOptions::default())),
        (before, _) => before.map(said),
    };
    let old = before.iter().flatten().filter(|(label, _)| !now.iter().any(|(other, _)| other == label));
    let labels: Vec<&String> = now.iter().chain(old).map(|(label, _)| label).collect();
    let of = |all: &[(String, String)], label: &str| {
        all.iter().find(|(other, _)| other == label).map_or("none".to_owned(), |(_, text)| text.clone())
    };
    let mut lines = Vec::new();
    for label in labels {
        let new = of(&now, label);
        match before.as_ref().map(|before| of(before, label)) {
            Some(old) if old == new => {}
            Some(old) => lines.push(TextLine::Item(format!("{label}: {old} → {new}"))),
            None => lines.push(TextLine::Item(format!("{label}: {new}"))),
        }
    }
    if lines.is_empty() {
        lines.push(TextLine::Dim("As any source has it at first.".to_owned()));
    }
    lines
}

/// What a version says: each value with its name, in words.
fn said(change: &SourceChange) -> Vec<(String, String)> {
    if let (Aspect::Options, Some(said)) = (change.what, SourceOptions::from_json(&change.value)) {
        return options(&said);
    }
    match serde_json::from_str::<Contract>(&change.value) {
        Ok(contract) => {
            let agreed = arrival_text::agreed(&contract).into_iter();
            let agreed = agreed.map(|(label, text)| (label.to_owned(), text));
            [("Expects".to_owned(), arrival_text::expects(&contract))].into_iter().chain(agreed).collect()
        }
        Err(_) => values(&change.value),
    }
}

fn options(options: &SourceOptions) -> Vec<(String, String)> {
    let mut all = values(&options.to_json());
    all.retain(|(label, _)| label != "Set by");
    for (label, text) in &mut all {
        let (name, words) = match (label.as_str(), text.as_str()) {
            ("Mode", "upsert") => ("An import may", "create and update contacts"),
            ("Mode", "create") => ("An import may", "create contacts, update none"),
            ("Mode", "update") => ("An import may", "update contacts, create none"),
            ("Clear empty", "yes") => ("Empty cells", "clear what their fields hold"),
            ("Clear empty", _) => ("Empty cells", "update nothing"),
            ("Allow duplicates", "yes") => ("Duplicates", "allowed"),
            ("Allow duplicates", _) => ("Duplicates", "as the workspace has it"),
            ("Match on", text) => ("Contacts are met by", text),
            ("Filters", text) => ("Only rows with", text),
            ("Since", text) => ("Changed since", text),
            _ => continue,
        };
        (*label, *text) = (name.to_owned(), words.to_owned());
    }
    all
}

/// The values of a JSON object that are there, under their names.
fn values(json: &str) -> Vec<(String, String)> {
    let Ok(Value::Object(object)) = serde_json::from_str(json) else { return Vec::new() };
    let words = |(name, value): (&String, &Value)| (capital(&name.replace('_', " ")), in_words(Some(value)));
    object.iter().map(words).filter(|(_, text)| text != "none").collect()
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
