//! `landfall source show` and `source list`: how sources stand, and what is said of them.

use super::handover;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::flags::ListFlags;
use crate::cli::format::when;
use crate::cli::json;
use crate::cli::output::{Line, Style};
use crate::cli::table::Table;
use crate::domain::run::RunLine;
use crate::domain::source::{
    AfterImport, Contract, ContractState, DriftPolicy, FinishedSign, Health, Source, SourceFacts, SourceOptions,
    SourceStatus,
};
use crate::store::Store;
use crate::worker::standing::{self, Standing};

fn of<'a>(source: &Source, last_runs: &'a [RunLine]) -> Option<&'a RunLine> {
    last_runs.iter().find(|run| run.source == source.id)
}

pub fn list(list: &ListFlags, context: &Context) -> Result<(), CliError> {
    let store = context.store()?;
    let last_runs = store.last_runs()?;
    let sources = list.part(store.sources()?, |source| source.name.clone());
    if context.out.json {
        return sources.iter().try_for_each(|source| context.out.json(&json::source(source, of(source, &last_runs))));
    }
    if sources.is_empty() {
        context.out.say("No sources. `landfall import FILE` makes one, or `landfall source add file NAME FILE`.");
        return Ok(());
    }
    let mut table = Table::new(&["Status", "Source", "Kind", "Mode", "Last ran", "Last imported", "Mapping"]);
    let at = |time: Option<i64>| time.map_or_else(|| "never".to_owned(), |at| when(at, context.now_ms()));
    for source in &sources {
        let health = Health::of(&SourceFacts::of(source, of(source, &last_runs)));
        let plain = |text: &str| (Style::Plain, text.to_owned());
        let mapping = match (&source.mapping, &source.reviewed) {
            (None, _) => String::new(),
            (Some(_), None) => "not reviewed".to_owned(),
            (Some(_), Some(reviewed)) => format!("reviewed by {}", reviewed.by),
        };
        table.row(vec![
            (style(health.status), health.status.label().to_owned()),
            plain(&source.name),
            plain(&source.kind),
            plain(&source.mode.as_str().replace('_', "-")),
            plain(&at(source.last_ran_ms)),
            plain(&at(source.last_imported_ms)),
            plain(&mapping),
        ]);
    }
    table.show(&context.out)
}

fn style(status: SourceStatus) -> Style {
    match status {
        SourceStatus::Error | SourceStatus::Missing => Style::Bad,
        SourceStatus::Active => Style::Good,
        SourceStatus::Paused | SourceStatus::NoData => Style::Dim,
        _ => Style::Warn,
    }
}

pub fn show(source: &Source, store: &Store, reveal: bool, context: &Context) -> Result<(), CliError> {
    let last_runs = store.last_runs()?;
    let last_run = of(source, &last_runs);
    if context.out.json {
        return context.out.json(&json::source(source, last_run));
    }
    let out = &context.out;
    let health = Health::of(&SourceFacts::of(source, last_run));
    out.answer(
        Line::styled(Style::Bold, &source.name)
            .with(Style::Plain, "  ")
            .with(style(health.status), health.status.label()),
    )?;
    if let Some(reason) = &health.reason {
        let since = reason.since_ms.map(|at| format!(" (since {})", when(at, context.now_ms()))).unwrap_or_default();
        out.answer(format!("  {}{since} {}", reason.message, reason.means))?;
        out.answer(Line::styled(Style::Dim, "  do: ").with(Style::Plain, &reason.action))?;
    }
    let at = |time: Option<i64>| time.map_or_else(|| "never".to_owned(), |at| when(at, context.now_ms()));
    let mut table = Table::new(&["", ""]);
    let mut line = |what: &str, text: Option<String>| {
        if let Some(text) = text {
            table.plain([format!("  {what}"), text]);
        }
    };
    line("kind", Some(format!("{}, {}", source.kind, source.mode.as_str().replace('_', "-"))));
    line("file", source.location.clone());
    line("purpose", source.purpose.clone());
    line("owner", source.owner.clone());
    line("notes", source.notes.clone());
    line("last ran", Some(at(source.last_ran_ms)));
    line("last imported", Some(at(source.last_imported_ms)));
    let reviewed =
        source.reviewed.as_ref().map_or_else(|| "not reviewed".to_owned(), |by| format!("reviewed by {}", by.by));
    line("mapping", source.mapping.as_ref().map(|(name, version)| format!("{name}, version {version}, {reviewed}")));
    line("imports", said(&source.options));
    line("again", Some(source.options.reimport().sentence().to_owned()));
    table.show(out)
}

/// The options that are not as they are by themselves, as the flags that say so.
fn said(options: &SourceOptions) -> Option<String> {
    let of = |flag: &str, value: &dyn std::fmt::Display| format!("--{flag} {value}");
    let mut said = Vec::new();
    let default = SourceOptions::default();
    said.extend((options.mode != default.mode).then(|| of("mode", &options.mode.as_str())));
    said.extend(options.mapping.as_ref().map(|it| of("mapping", it)));
    said.extend(
        options
            .map
            .iter()
            .map(|(column, field)| format!("--map {:?}", format!("{column}={}", field.as_deref().unwrap_or("-")))),
    );
    said.extend(options.country.as_ref().map(|it| of("country", it)));
    said.extend(options.timezone.map(|it| of("timezone", &it)));
    said.extend(options.tags.iter().map(|it| format!("--tag {it:?}")));
    said.extend(options.match_on.map(|it| of("match", &it)));
    said.extend(options.day_first.iter().map(|it| format!("--day-first {it:?}")));
    said.extend(options.month_first.iter().map(|it| format!("--month-first {it:?}")));
    said.extend(options.filters.iter().map(|it| format!("--filter {it:?}")));
    said.extend(options.since.map(|it| of("since", &it)));
    said.extend(options.delimiter.map(|it| format!("--delimiter {it:?}")));
    said.extend(options.encoding.as_ref().map(|it| of("encoding", it)));
    said.extend(options.header_row.map(|it| of("header-row", &it)));
    for (flag, set) in [
        ("accept-unmapped", options.accept_unmapped),
        ("clear-empty", options.clear_empty),
        ("allow-duplicates", options.allow_duplicates),
        ("accept-short-rows", options.accept_short_rows),
        ("recreate-deleted", options.recreate_deleted),
    ] {
        said.extend(set.then(|| format!("--{flag}")));
    }
    (!said.is_empty()).then(|| said.join(" "))
}
