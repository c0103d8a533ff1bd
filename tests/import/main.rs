//! The import as whoever runs the binary sees it: what is refused, what each flag and setting does, what becomes of
//! hostile content, and how runs wait for each other. Every import here is held to the law of conservation.

#[path = "../common/mod.rs"]
mod common;

mod coming_back;
mod content;
mod custom_fields;
mod flags;
mod mappings;
mod queue;
mod refusals;
mod transforms;

use common::{Landfall, Said};
use landfall::store::{RunFilter, Store};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// All that a start could leave in a workspace.
#[derive(Debug, PartialEq, Eq)]
struct Traces {
    runs: usize,
    sources: Vec<String>,
    mappings: Vec<(String, u64)>,
    deliveries: BTreeSet<String>,
}

impl Traces {
    fn of(landfall: &Landfall) -> Traces {
        let store = Store::open_read_only(&landfall.workspace()).expect("the workspace can be opened");
        let names = std::fs::read_dir(store.deliveries_dir()).expect("deliveries can be listed");
        Traces {
            runs: store.runs(&RunFilter::default()).expect("runs can be listed").len(),
            sources: store.sources().expect("sources can be listed").into_iter().map(|source| source.name).collect(),
            mappings: store
                .mappings()
                .expect("mappings can be listed")
                .into_iter()
                .map(|mapping| (mapping.name, mapping.version))
                .collect(),
            deliveries: names
                .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
                .collect(),
        }
    }
}

/// Runs an import that must be refused before anything is imported, and answers its error: exit status 1, what
/// happened and what to do, and no trace of it in the workspace.
#[track_caller]
fn refused(landfall: &Landfall, file: &str, flags: &[&str]) -> Value {
    refused_call(landfall, &[&["import", file, "--yes"], flags].concat())
}

#[track_caller]
fn refused_call(landfall: &Landfall, args: &[&str]) -> Value {
    try_refused(landfall, args).unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// The same; what is wrong with the refusal is the error.
fn try_refused(landfall: &Landfall, args: &[&str]) -> Result<Value, String> {
    // Makes the workspace, so that there is something to compare with.
    landfall.run(&["settings", "support_contact=desk"]).exits(0);
    let before = Traces::of(landfall);
    let said: Said = landfall.run(&[args, &["--json"]].concat());
    let error = said.object_or_null()["error"].clone();
    if said.status != Some(1) || error.is_null() {
        return Err(format!("it was not refused: {said:?}"));
    }
    for key in ["code", "message", "next"] {
        if error[key].as_str().unwrap_or_default().is_empty() {
            return Err(format!("the error has no {key}: {error}"));
        }
    }
    let after = Traces::of(landfall);
    if after != before {
        return Err(format!("left behind by {error}: {after:?} after {before:?}"));
    }
    Ok(error)
}

/// An import of this text under this name.
#[track_caller]
fn import_text(landfall: &Landfall, name: &str, text: impl AsRef<[u8]>, flags: &[&str]) -> Value {
    landfall.file(name, text);
    landfall.import(&landfall.path(name), flags)
}

/// `created, updated, unchanged, skipped, failed` of a run.
fn counts(run: &Value) -> [u64; 5] {
    ["created", "updated", "unchanged", "skipped", "failed"].map(|key| run[key].as_u64().expect("a count"))
}

/// The fields of the one contact that a query finds.
#[track_caller]
fn fields(landfall: &Landfall, query: &str) -> Value {
    let found = landfall.json(&["lookup", query], 0);
    assert_eq!(found.len(), 1, "{query} finds {found:?}");
    found[0]["fields"].clone()
}

/// The codes of a row's issues, with their fields.
fn codes(row: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let issues = row["issues"].as_array().expect("issues");
    issues.iter().map(|issue| (text(&issue["code"]), text(&issue["field"]))).collect()
}

/// Waits for something that another process does.
#[track_caller]
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("after a minute there is still no {what}");
}

/// The reasons of a run that needs attention.
#[track_caller]
fn attention(run: &Value) -> &str {
    assert_eq!(run["status"], json!("needs_attention"), "{run}");
    run["error"].as_str().unwrap_or_default()
}
