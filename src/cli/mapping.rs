//! `landfall mapping`: saved mappings, as TOML that people can read.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::ListFlags;
use super::format::{rfc3339, when};
use super::output::{Line, Style};
use super::runs::source_named;
use super::table::Table;
use crate::domain::mapping::Mapping;
use crate::store::{Reviewed, SavedMapping, Source, Store};
use crate::worker::prepare::header_fingerprint;
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};

/// List, show, save, review, compare and remove saved mappings
///
/// A mapping says for each column to which field it goes, and what happens to its cells before they are read: find_replace,
/// case and values (theirs to ours), a split into several fields or a join with another column. It also holds constants
/// for every row, and how the file is read. The README shows each in "What a mapping can say".
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall mapping show crm > crm.toml\n  landfall mapping save crm crm.toml")]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List saved mappings
    #[command(after_help = "Example:\n  landfall mapping list")]
    List {
        #[command(flatten)]
        list: ListFlags,
    },
    /// Print a mapping as TOML
    #[command(after_help = "Example:\n  landfall mapping show crm > crm.toml")]
    Show {
        /// The mapping's name
        name: String,
        /// An earlier version
        #[arg(long, value_name = "N")]
        version: Option<u64>,
    },
    /// Save a mapping from a TOML file; an existing name gets a new version
    #[command(after_help = "Example:\n  landfall mapping save crm crm.toml")]
    Save {
        /// The mapping's name
        name: String,
        /// The TOML file; - is standard input
        file: PathBuf,
    },
    /// Mark the mapping of a source as reviewed by you; when it changes, the mark is gone
    #[command(after_help = "Example:\n  landfall mapping review crm")]
    Review {
        /// The source's name
        name: String,
    },
    /// Show what changed between two versions, the last two by default
    #[command(after_help = "Example:\n  landfall mapping diff crm --from 1 --to 3")]
    Diff {
        /// The mapping's name
        name: String,
        /// The earlier version
        #[arg(long, value_name = "N")]
        from: Option<u64>,
        /// The later version
        #[arg(long, value_name = "N")]
        to: Option<u64>,
    },
    /// Remove a mapping; runs that used it keep what they used
    #[command(after_help = "Example:\n  landfall mapping remove crm")]
    Remove {
        /// The mapping's name
        name: String,
    },
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    match args.verb {
        Verb::List { list } => show_list(&list, context)?,
        Verb::Show { name, version } => {
            let store = context.store()?;
            show(&saved(&store, &name, version)?, &store, context)?;
        }
        Verb::Save { name, file } => save(&name, &file, context)?,
        Verb::Review { name } => review(&name, context)?,
        Verb::Diff { name, from, to } => diff(&name, from, to, context)?,
        Verb::Remove { name } => {
            let mut store = context.store_to_change("Removing a mapping")?;
            if !store.remove_mapping(&name, context.now_ms())? {
                return Err(missing(&name, None));
            }
            context.out.say(format!("Removed mapping {name}. Runs that used it keep what they used."));
        }
    }
    Ok(Exit::Done)
}

fn show_list(list: &ListFlags, context: &Context) -> Result<(), CliError> {
    let store = context.store()?;
    let sources = store.sources()?;
    let mappings = list.part(store.mappings()?, |mapping| mapping.name.clone());
    if context.out.json {
        return mappings.iter().try_for_each(|mapping| {
            context.out.json(&json!({
                "name": mapping.name,
                "version": mapping.version,
                "saved": rfc3339(mapping.created_ms),
                "user": mapping.user,
                "sources": mapping.sources,
                "reviewed_by": reviewed(&sources, &mapping.name, mapping.version).map(|reviewed| &reviewed.by),
            }))
        });
    }
    let mut table = Table::new(&["Mapping", "#Version", "Saved", "By", "Used by", "Reviewed by"]);
    for mapping in &mappings {
        table.plain([
            mapping.name.clone(),
            mapping.version.to_string(),
            when(mapping.created_ms, context.now_ms()),
            mapping.user.clone(),
            mapping.sources.join(", "),
            reviewed(&sources, &mapping.name, mapping.version).map_or_else(String::new, |reviewed| reviewed.by.clone()),
        ]);
    }
    if table.is_empty() {
        context.out.say("No saved mappings. An import saves the one that it used.");
        return Ok(());
    }
    table.show(&context.out)
}

/// The TOML as it was saved; with `--json` also as an object. Who reviewed it goes to standard error: the TOML is to be
/// saved again.
fn show(mapping: &SavedMapping, store: &Store, context: &Context) -> Result<(), CliError> {
    let sources = store.sources()?;
    let reviewed = reviewed(&sources, &mapping.name, mapping.version);
    if !context.out.json {
        if let Some(Reviewed { by, at_ms, .. }) = reviewed {
            context.out.say(format!("Reviewed by {by}, {}.", when(*at_ms, context.now_ms())));
        }
        return mapping.toml.lines().try_for_each(|line| context.out.answer(line));
    }
    context.out.json(&json!({
        "name": mapping.name,
        "version": mapping.version,
        "saved": rfc3339(mapping.created_ms),
        "user": mapping.user,
        "reviewed_by": reviewed.map(|reviewed| &reviewed.by),
        "mapping": Mapping::from_toml(&mapping.toml)?,
        "toml": mapping.toml,
    }))
}

fn save(name: &str, file: &Path, context: &Context) -> Result<(), CliError> {
    let mut store = context.store_to_change("Saving a mapping")?;
    let text = read_text(file)?;
    let mapping = Mapping::from_toml(&text)?;
    mapping.check(&store.catalog()?)?;
    let columns: Vec<String> = mapping.columns.iter().map(|column| column.header.clone()).collect();
    let header = header_fingerprint(&columns);
    let version = store.save_mapping(name, &text, &header, &context.user(), context.now_ms())?;
    context.out.say(format!("Saved mapping {name}, version {version}."));
    if context.out.json { show(&saved(&store, name, Some(version))?, &store, context) } else { Ok(()) }
}

fn review(name: &str, context: &Context) -> Result<(), CliError> {
    let mut store = context.store_to_change("Reviewing a mapping")?;
    let source = source_named(&store, name)?;
    let none = || CliError::not_found(format!("mapping of source {name}"), "an import of that source saves one");
    // One moment: what is marked is what is named.
    let (mapping, reviewed) = store.atomically(|store| {
        let reviewed = store.review_mapping(source.id, &context.user(), context.now_ms())?.ok_or_else(none)?;
        let (mapping, _) = store.source(source.id)?.and_then(|source| source.mapping).ok_or_else(none)?;
        Ok::<_, CliError>((mapping, reviewed))
    })?;
    let Reviewed { by, version, .. } = reviewed;
    context
        .out
        .say(format!("The mapping of source {name} is marked as reviewed by {by}: {mapping}, version {version}."));
    if context.out.json { show(&saved(&store, &mapping, Some(version))?, &store, context) } else { Ok(()) }
}

/// The last review of this version of a mapping, by way of the sources that use it.
fn reviewed<'s>(sources: &'s [Source], name: &str, version: u64) -> Option<&'s Reviewed> {
    let uses = |source: &&Source| source.mapping.as_ref().is_some_and(|used| used.0 == name && used.1 == version);
    sources.iter().filter(uses).filter_map(|source| source.reviewed.as_ref()).max_by_key(|reviewed| reviewed.at_ms)
}

fn read_text(file: &Path) -> Result<String, CliError> {
    let read =
        if file == Path::new("-") { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(file) };
    read.map_err(|error| CliError::file(file, &error))
}

/// What was taken out and put in between two versions, line by line.
fn diff(name: &str, from: Option<u64>, to: Option<u64>, context: &Context) -> Result<(), CliError> {
    let store = context.store()?;
    let later = saved(&store, name, to)?;
    let from = from.or_else(|| later.version.checked_sub(1).filter(|version| *version > 0));
    let Some(from) = from else {
        let next = format!("`landfall mapping show {name}` shows it");
        return Err(CliError::new("not_found", format!("Mapping {name} has only one version"), next));
    };
    let earlier = saved(&store, name, Some(from))?;
    let (old, new): (Vec<&str>, Vec<&str>) = (earlier.toml.lines().collect(), later.toml.lines().collect());
    if context.out.json {
        return context.out.json(&json!({
            "name": name,
            "from": earlier.version,
            "to": later.version,
            "before": Mapping::from_toml(&earlier.toml)?,
            "after": Mapping::from_toml(&later.toml)?,
        }));
    }
    if old == new {
        context.out.say(format!("Versions {} and {} are the same.", earlier.version, later.version));
    }
    for line in changes(&old, &new) {
        context.out.answer(match line {
            Change::Same(text) => Line::from(format!("  {text}")),
            Change::Gone(text) => Line::styled(Style::Bad, format!("- {text}")),
            Change::New(text) => Line::styled(Style::Good, format!("+ {text}")),
        })?;
    }
    Ok(())
}

/// A line of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change<'a> {
    Same(&'a str),
    Gone(&'a str),
    New(&'a str),
}

/// The shortest comparison of two texts: what is in both is their longest common subsequence. Mappings have some
/// hundred lines, so the table of lengths stays small.
fn changes<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Change<'a>> {
    let mut common = vec![vec![0u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] =
                if old[i] == new[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut found) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            found.push(Change::Same(old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[i + 1][j] >= common[i][j + 1] {
            found.push(Change::Gone(old[i]));
            i += 1;
        } else {
            found.push(Change::New(new[j]));
            j += 1;
        }
    }
    found
}

fn saved(store: &Store, name: &str, version: Option<u64>) -> Result<SavedMapping, CliError> {
    store.mapping(name, version)?.ok_or_else(|| missing(name, version))
}

fn missing(name: &str, version: Option<u64>) -> CliError {
    let version = version.map(|version| format!(", version {version}")).unwrap_or_default();
    CliError::not_found(format!("mapping {name}{version}"), "`landfall mapping list` lists the mappings")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_shows_what_was_taken_out_and_put_in() {
        use Change::{Gone, New, Same};
        let found = changes(&["a", "b", "c"], &["a", "x", "c", "d"]);
        assert_eq!(found, [Same("a"), Gone("b"), New("x"), Same("c"), New("d")]);
        assert_eq!(changes(&[], &["a"]), [New("a")]);
        assert_eq!(changes(&["a"], &[]), [Gone("a")]);
    }
}
