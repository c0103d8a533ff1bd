//! The layers of the tree hold: a file uses only what its layer may use (src/lib.rs has the map).

use std::fs;
use std::path::{Path, PathBuf};

/// Every layer, and what it may use besides itself.
const MAY_USE: [(&str, &[&str]); 10] = [
    ("main", &["cli", "shell"]),
    ("cli", &["shell", "ui", "app", "worker", "engine", "connect", "store", "domain"]),
    ("shell", &["cli", "ui", "app", "worker", "engine", "connect", "store", "domain"]),
    ("ui", &["app", "domain"]),
    ("app", &["domain"]),
    ("worker", &["engine", "connect", "store", "domain"]),
    ("engine", &["domain"]),
    ("connect", &["domain"]),
    ("store", &["domain"]),
    ("domain", &[]),
];

/// What only one layer may name.
const RESERVED: [(&str, &[&str]); 3] = [("rusqlite", &["store"]), ("clap::", &["cli"]), ("crossterm", &["shell"])];

/// The layers that are pure, and what is not.
const PURE: [&str; 3] = ["domain", "app", "ui"];
const IMPURE: [&str; 9] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "Utc::now",
    "Local::now",
];

/// What a file of this layer says against the directions: `line: what it uses`.
fn offences(layer: &str, depth: usize, source: &str) -> Vec<String> {
    let allowed = MAY_USE.iter().find(|(name, _)| *name == layer).map_or(&[][..], |(_, allowed)| *allowed);
    let mut found = Vec::new();
    let code: Vec<(usize, &str)> = code_lines(source).collect();
    for (at, (number, line)) in code.iter().enumerate() {
        // A `use` with braces may go over several lines.
        let rest: String =
            std::iter::once(*line).chain(code[at + 1..].iter().map(|(_, line)| *line)).take(40).collect();
        for used in uses(line, &rest, depth) {
            let known = MAY_USE.iter().any(|(name, _)| *name == used);
            if known && used != layer && !allowed.contains(&used.as_str()) {
                found.push(format!("{number}: {layer} uses {used}"));
            }
        }
        let reserved = RESERVED.iter().filter(|(_, owners)| !owners.contains(&layer)).map(|(name, _)| name);
        let impure = IMPURE.iter().filter(|_| PURE.contains(&layer));
        found.extend(
            reserved
                .chain(impure)
                .filter(|name| line.contains(**name))
                .map(|name| format!("{number}: {layer} uses {name}")),
        );
    }
    found
}

/// Lines with their numbers, without comments.
fn code_lines(source: &str) -> impl Iterator<Item = (usize, &str)> {
    source.lines().enumerate().map(|(at, line)| (at + 1, line.split("//").next().unwrap_or_default()))
}

/// The layers that the paths beginning on this line lead to: `crate::x`, `crate::{x::…, y::…}`, `landfall::x`, and as
/// many `super::` as lead out of the layer. `rest` is the line and what follows it.
fn uses(line: &str, rest: &str, depth: usize) -> Vec<String> {
    let climb = "super::".repeat(depth);
    let mut found = Vec::new();
    for root in ["crate::", "landfall::", climb.as_str()].into_iter().filter(|root| !root.is_empty()) {
        for (place, _) in line.match_indices(root) {
            let before = line[..place].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
                continue;
            }
            let path = &rest[place + root.len()..];
            match path.strip_prefix('{') {
                None => found.push(first_word(path)),
                Some(group) => found.extend(group_heads(group)),
            }
        }
    }
    found
}

fn first_word(path: &str) -> String {
    path.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first words of the paths in `{…}`, whose opening brace is already taken off.
fn group_heads(group: &str) -> Vec<String> {
    let mut heads = vec![first_word(group)];
    let mut nested = 0;
    for (place, c) in group.char_indices() {
        match c {
            '{' => nested += 1,
            '}' if nested == 0 => break,
            '}' => nested -= 1,
            ',' if nested == 0 => heads.push(first_word(&group[place + 1..])),
            _ => {}
        }
    }
    heads
}

fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_file_uses_a_layer_that_it_may_not_use() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    let mut found = Vec::new();
    for file in &files {
        let inside = file.strip_prefix(&root).unwrap();
        let parts: Vec<String> = inside.with_extension("").iter().map(|part| part.to_string_lossy().into()).collect();
        if parts == ["lib"] {
            continue;
        }
        let layer = parts[0].as_str();
        assert!(MAY_USE.iter().any(|(name, _)| *name == layer), "{} is in no layer", inside.display());
        let depth = parts.len() - usize::from(parts.last().is_some_and(|last| last == "mod"));
        let source = fs::read_to_string(file).unwrap();
        found.extend(
            offences(layer, depth, &source).into_iter().map(|offence| format!("{}:{offence}", inside.display())),
        );
    }
    assert!(files.len() > 10, "the sources were not found");
    assert!(found.is_empty(), "against the directions of src/lib.rs:\n{}", found.join("\n"));
}

#[test]
fn a_line_against_the_directions_is_caught() {
    for (layer, depth, source) in [
        ("domain", 2, "use crate::store::Store;"),
        ("domain", 2, "fn f() { crate::engine::open() }"),
        ("store", 2, "use crate::engine::read;"),
        ("engine", 2, "use crate::{\n    domain::field::Field,\n    store::Store,\n};"),
        ("store", 2, "use super::super::worker::run;"),
        ("ui", 2, "use crate::cli::output::Out;"),
        ("worker", 2, "use crate::cli::error::Exit;"),
        ("main", 1, "fn main() { landfall::store::open() }"),
        ("cli", 2, "use rusqlite::Connection;"),
        ("domain", 2, "let now = chrono::Utc::now();"),
        ("domain", 2, "use std::fs::File;"),
        ("app", 2, "use std::fs::File;"),
        ("app", 2, "use crate::ui::text::visible;"),
        ("app", 2, "use crate::store::Store;"),
        ("ui", 2, "let now = SystemTime::now();"),
        ("ui", 2, "use crossterm::event::Event;"),
    ] {
        assert_eq!(offences(layer, depth, source).len(), 1, "{source}");
    }
}

#[test]
fn a_line_in_the_directions_is_let_through() {
    for (layer, depth, source) in [
        ("store", 2, "use crate::domain::id::RunId;"),
        ("cli", 2, "use crate::{\n    domain::field::{Field, Kind},\n    store::Store,\n};"),
        ("worker", 2, "use super::super::engine::read;"),
        ("domain", 3, "use super::super::settings::Settings;"),
        ("domain", 2, "/// See [`crate::store`]."),
        ("store", 2, "use rusqlite::Connection;"),
        ("main", 1, "fn main() { landfall::cli::main(); }"),
    ] {
        assert_eq!(offences(layer, depth, source), Vec::<String>::new(), "{source}");
    }
}
