//! `landfall source show` and `source list`: how sources stand, and what is said of them.

use super::handover;
use crate::app::arrival_text;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::flags::ListFlags;
use crate::cli::format::{counted, when};
use crate::cli::json;
use crate::cli::output::{Line, Style};
use crate::cli::table::Table;
use crate::domain::run::RunLine;
use crate::domain::source::{
    AfterImport, Connection, Contract, DriftPolicy, FinishedSign, Health, HostKeyTrust, Login, Schedule, SecretRef,
    Source, SourceFacts, SourceOptions, SourceStatus, UploadTexts, masked, when as clock,
};
use crate::store::Store;
use crate::worker::standing;
use serde_json::{Value, json};

fn of<'a>(source: &Source, last_runs: &'a [RunLine]) -> Option<&'a RunLine> {
    last_runs.iter().find(|run| run.source == source.id)
}

pub fn list(list: &ListFlags, context: &Context) -> Result<(), CliError> {
    let store = context.store()?;
    let last_runs = store.last_runs()?;
    let sources = list.part(store.sources()?, |source| source.name.clone());
    if context.out.json {
        for source in &sources {
            context.out.json(&as_json(source, of(source, &last_runs), &store, false, context)?)?;
        }
        return Ok(());
    }
    if sources.is_empty() {
        context.out.say("No sources. `landfall import FILE` makes one, or `landfall source add file NAME FILE`.");
        return Ok(());
    }
    let mut table =
        Table::new(&["Status", "Source", "Kind", "Contract", "Next run", "Last ran", "Last imported", "Mapping"]);
    let at = |time: Option<i64>| time.map_or_else(|| "never".to_owned(), |at| when(at, context.now_ms()));
    for source in &sources {
        let contract = standing::of(&store, source, context.now_ms())?;
        let looked = standing::last_look(&store, source)?;
        let facts = SourceFacts::of(source, of(source, &last_runs));
        let health = Health::of(&facts.with_contract(contract.as_ref()).with_look(looked.as_ref()));
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
            plain(contract.as_ref().map_or("", |standing| standing.label())),
            plain(&next_run(source, context).unwrap_or_default()),
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
        return context.out.json(&as_json(source, last_run, store, reveal, context)?);
    }
    let out = &context.out;
    let contract = standing::of(store, source, context.now_ms())?;
    let looked = standing::last_look(store, source)?;
    let facts = SourceFacts::of(source, last_run).with_contract(contract.as_ref());
    let health = Health::of(&facts.with_look(looked.as_ref()));
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
    if let Some(standing) = &contract {
        out.answer(
            Line::styled(Style::Dim, "  contract: ")
                .with(Style::Plain, format!("{}. {}", standing.label(), standing.message)),
        )?;
        if let Some(text) = &standing.tell_upstream {
            out.answer(Line::styled(Style::Dim, "  tell the upstream: ").with(Style::Plain, text))?;
        }
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
    for (what, text) in source.connection.iter().flat_map(|connection| connected(connection, reveal)) {
        line(what, Some(text));
    }
    line("looked at", source.schedule.as_ref().map(Schedule::describe));
    line("last look", last_look(source, store, context)?);
    line("next run", next_run(source, context));
    for (what, text) in source.contract.iter().flat_map(agreed) {
        line(what, Some(text));
    }
    line("afterwards", source.connection.as_ref().map(|_| afterwards(&source.after_import)));
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

/// A source as JSON: that of every source, and what is said of one that brings its own files.
fn as_json(
    source: &Source,
    last_run: Option<&RunLine>,
    store: &Store,
    reveal: bool,
    context: &Context,
) -> Result<Value, CliError> {
    let contract = standing::of(store, source, context.now_ms())?;
    let looked = standing::last_look(store, source)?;
    let facts = SourceFacts::of(source, last_run).with_contract(contract.as_ref()).with_look(looked.as_ref());
    let mut object = json::source(source, &facts, standing::next_run_ms(source, context.now_ms()));
    object["connection"] = json!(source.connection.as_ref().map(|connection| handover::json(connection, reveal)));
    Ok(object)
}

/// What became of the last look, or what it meets just now; and how many files could not be fetched or put away.
fn last_look(source: &Source, store: &Store, context: &Context) -> Result<Option<String>, CliError> {
    let Some(looked) = store.pickups(source.id, 1)?.pop() else { return Ok(None) };
    let zone = source.schedule.as_ref().map_or(chrono_tz::UTC, Schedule::timezone);
    let (what, _) = arrival_text::look(&looked, context.now_ms(), zone);
    let left = match store.troubled_files(source.id)? {
        0 => String::new(),
        files => format!(
            "; {} not be fetched or put away: see `landfall source files {:?}`",
            counted(files, "file could", "files could"),
            source.name
        ),
    };
    Ok(Some(format!("{} {what}{left}", when(looked.started_ms, context.now_ms()))))
}

/// When it is looked at next by itself, or why it is not.
fn next_run(source: &Source, context: &Context) -> Option<String> {
    let zone = source.schedule.as_ref()?.timezone();
    Some(match standing::next_run_ms(source, context.now_ms()) {
        Some(at) => clock(at, zone),
        None if source.paused.is_some() => "none while it is paused".to_owned(),
        None => "none until it is reconnected".to_owned(),
    })
}

/// How the files are reached, line by line.
fn connected(connection: &Connection, reveal: bool) -> Vec<(&'static str, String)> {
    let shown = |text: &str| if reveal { text.to_owned() } else { masked(text) };
    match connection {
        Connection::Dir(dir) => vec![("directory", dir.path.clone())],
        Connection::Sftp(sftp) => {
            let login = match &sftp.login {
                Login::OwnKey => "a key of Landfall's own".to_owned(),
                Login::Agent => "the ssh-agent".to_owned(),
                Login::KeyFile { path, passphrase: None } => format!("the key {path}"),
                Login::KeyFile { path, passphrase: Some(secret) } => {
                    format!("the key {path}, its passphrase from {}", place_of(secret))
                }
                Login::Password { secret } => format!("a password from {}", place_of(secret)),
            };
            let host_key = match &sftp.host_key {
                HostKeyTrust::Unknown => "not accepted yet".to_owned(),
                HostKeyTrust::Pinned { sha256 } => sha256.clone(),
                HostKeyTrust::KnownHosts { path: None } => "by your known_hosts".to_owned(),
                HostKeyTrust::KnownHosts { path: Some(path) } => format!("by {path}"),
            };
            vec![
                ("server", format!("{}, port {}, user {}", sftp.host, sftp.port, sftp.user)),
                ("directory", sftp.directory.clone()),
                ("login", login),
                ("host key", host_key),
            ]
        }
        Connection::Drop(drop) => vec![
            ("directory", drop.path.clone()),
            ("uploads to", shown(&format!("{}@{}:{}", drop.user, drop.host, drop.upload_directory))),
            ("command", shown(&UploadTexts::of(drop, "FILE.csv").map_or_else(|why| why.to_string(), |it| it.command))),
        ],
    }
}

/// Where a secret is. A command is not repeated: somebody may have written the secret into it.
fn place_of(secret: &SecretRef) -> String {
    match secret {
        SecretRef::Env { name } => format!("the variable {name}"),
        SecretRef::File { path } => format!("the file {path}"),
        SecretRef::Command { .. } => "a command".to_owned(),
        SecretRef::Stored { .. } => "secrets.toml".to_owned(),
    }
}

/// What was agreed, line by line.
fn agreed(contract: &Contract) -> Vec<(&'static str, String)> {
    let mut said = vec![("files", contract.pattern.as_str().to_owned())];
    said.extend(contract.cadence.as_ref().map(|cadence| {
        let grace = counted(u64::from(contract.grace_minutes), "minute", "minutes");
        ("expected", format!("{}; late after {grace}", cadence.describe()))
    }));
    let finished = match &contract.finished {
        FinishedSign::Still { seconds } => format!("when unchanged for {seconds} s"),
        FinishedSign::Marker { suffix } => format!("when a file with {suffix} added lies beside it"),
    };
    said.push(("whole", finished));
    said.extend(contract.control.as_ref().map(|control| ("control file", control.suffix.clone())));
    said.extend(contract.columns.as_ref().map(|columns| ("columns", columns.join(", "))));
    said.extend(contract.rows.map(|(least, most)| match most {
        u64::MAX => ("rows", format!("{least} or more")),
        most => ("rows", format!("{least} to {most}")),
    }));
    let drift = match contract.drift {
        DriftPolicy::CarryOn => "goes on when only unmapped columns came or went",
        DriftPolicy::Review => "holds the file until somebody has looked at it",
        DriftPolicy::Stop => "refuses the file",
    };
    said.push(("a new header", drift.to_owned()));
    said.extend(contract.verified_by.as_ref().map(|text| ("verified by", text.clone())));
    said
}

fn afterwards(after: &AfterImport) -> String {
    match after {
        AfterImport::Leave => "the file stays where it is".to_owned(),
        AfterImport::Delete => "the file is deleted".to_owned(),
        AfterImport::Move { directory } => format!("the file is moved to {directory}"),
    }
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
