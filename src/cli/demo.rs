//! `landfall demo`: a throw-away workspace made by really running imports over sample files, opened in the terminal
//! application.

use super::application;
use super::context::Context;
use super::demo_drops;
use super::error::{CliError, Exit};
use super::follow;
use super::output::{Line, Style};
use super::table::Table;
use super::{format, json};
use crate::app::shell_word::shell_word;
use crate::domain::field::Kind;
use crate::domain::outcome::{Counts, OutcomeKind};
use crate::domain::source::{SourceEdit, SourceMode};
use crate::store::{NewSource, Store};
use crate::worker::execute::{Control, Tuning, threads};
use crate::worker::prepare;
use crate::worker::queue::Turn;
use crate::worker::request::ImportRequest;
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Open the application on a throw-away workspace to look around in
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall demo --dir /tmp/landfall-demo")]
pub struct Args {
    /// Where to make it; nothing may be there yet [default: a new temporary directory]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// A sample file and how it is imported.
struct Sample {
    name: &'static str,
    content: &'static [u8],
    source: &'static str,
    /// What it shows.
    about: &'static str,
    options: fn(ImportRequest) -> ImportRequest,
}

const SAMPLES: [Sample; 4] = [
    Sample {
        name: "crm-export.csv",
        content: include_bytes!("../../assets/demo/crm-export.csv"),
        source: "CRM export",
        about: "a clean export; owners resolve to users",
        options: |request| request,
    },
    Sample {
        name: "trade-fair.csv",
        content: include_bytes!("../../assets/demo/trade-fair.csv"),
        source: "Trade fair",
        about: "Windows-1252, semicolons, three lines before the header, German numbers, day-first dates, mistakes",
        options: |mut request| {
            request.country = Some("DE".to_owned());
            request.map = vec![("Anmeldung".to_owned(), Some("created_at".to_owned()))];
            request.day_first = vec!["Anmeldung".to_owned()];
            request.tags = vec!["trade fair 2026".to_owned()];
            request
        },
    },
    Sample {
        name: "webinar.csv",
        content: include_bytes!("../../assets/demo/webinar.csv"),
        source: "Webinar",
        about: "no references: people are met by email and phone; only who attended; three come twice",
        options: |mut request| {
            request.map = vec![("Webinar".to_owned(), Some("custom.webinar".to_owned()))];
            request.filters = vec!["status = attended".to_owned()];
            request
        },
    },
    Sample {
        name: "crm-export-later.csv",
        content: include_bytes!("../../assets/demo/crm-export-later.csv"),
        source: "CRM export",
        about: "the same export some days later: changes, two new people, one row that says nothing of whom",
        options: |request| request,
    },
];

/// What people say of a source of the demo.
struct Said {
    source: &'static str,
    mode: SourceMode,
    purpose: &'static str,
    owner: &'static str,
    notes: &'static str,
}

const SAID: [Said; 3] = [
    Said {
        source: "CRM export",
        mode: SourceMode::Ongoing,
        purpose: "All customers of the sales team",
        owner: "Logan Paul, sales operations",
        notes: "Exported by hand every Friday until the connection is set up.",
    },
    Said {
        source: "Trade fair",
        mode: SourceMode::OneTime,
        purpose: "Visitors of the stand, for the newsletter",
        owner: "Adam Smith",
        notes: "The scanner's export is Windows-1252.",
    },
    Said {
        source: "Partner list",
        mode: SourceMode::Ongoing,
        purpose: "Resellers; the first file is expected next week",
        owner: "partners@globex.example",
        notes: "",
    },
];

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let dir = match args.dir {
        Some(dir) => dir,
        None => std::env::temp_dir().join(format!("landfall-demo-{}", std::process::id())),
    };
    let files = dir.join("files");
    let made = |path: &Path, error: std::io::Error| CliError::file(path, &error);
    if dir.exists() {
        return Err(CliError::new(
            "not_empty",
            format!("{} is there already, and a demo is made from nothing", dir.display()),
            "open it with --workspace DIR/demo if it is a demo; else name another directory with --dir",
        ));
    }
    fs::DirBuilder::new().mode(0o700).recursive(true).create(&files).map_err(|error| made(&files, error))?;
    let workspace = dir.join("demo");
    let mut store = Store::create_or_open(&workspace, context.now_ms(), context.random())?;
    for person in ["Logan Paul", "Adam Smith"] {
        store.add_person(person)?;
    }
    store.add_custom_field("webinar", Kind::Text, Some("Webinar"), &[])?;
    for sample in SAMPLES {
        let file = files.join(sample.name);
        fs::write(&file, sample.content).map_err(|error| made(&file, error))?;
        import(context, &mut store, &sample, file)?;
    }
    tell_of_sources(context, &mut store)?;
    demo_drops::make(context, &mut store, &dir.join("drops"))?;
    if context.out.json {
        let catalog = store.catalog()?;
        for run in store.runs(&Default::default())? {
            context.out.json(&json::run(&run, &catalog))?;
        }
        return Ok(Exit::Done);
    }
    if application::has_terminal() {
        drop(store);
        application::open(context, workspace, true)?;
        let (dir, again) = (shell_word(&dir.to_string_lossy()), shell_word(&dir.join("demo").to_string_lossy()));
        let stays = format!("The demo stays: landfall --workspace {again} opens it again, rm -r {dir} removes it.");
        context.out.say(stays);
        return Ok(Exit::Done);
    }
    tell(context, &store, &dir, &workspace)?;
    Ok(Exit::Done)
}

/// Writes down what people know about the sources; one has brought nothing yet, and one is paused.
fn tell_of_sources(context: &Context, store: &mut Store) -> Result<(), CliError> {
    for said in SAID {
        let id = match store.source_by_name(said.source)? {
            Some(source) => source.id,
            None => {
                let new = NewSource {
                    name: said.source,
                    kind: "file",
                    provider: None,
                    mode: said.mode,
                    created_ms: context.now_ms(),
                };
                store.add_source(&new)?.id()
            }
        };
        let text = |text: &str| Some((!text.is_empty()).then(|| text.to_owned()));
        let edit = SourceEdit {
            mode: Some(said.mode),
            purpose: text(said.purpose),
            owner: text(said.owner),
            notes: text(said.notes),
            ..SourceEdit::default()
        };
        store.edit_source(id, &edit, &context.user(), context.now_ms())?;
    }
    if let Some(webinar) = store.source_by_name("Webinar")? {
        store.pause_source(webinar.id, "Logan Paul", context.now_ms())?;
    }
    Ok(())
}

fn import(context: &Context, store: &mut Store, sample: &Sample, file: PathBuf) -> Result<(), CliError> {
    let mut request = ImportRequest::new(file, context.user());
    request.source = Some(sample.source.to_owned());
    let request = (sample.options)(request);
    let prepared = prepare::prepare(store, &request, threads())?;
    let run = prepare::enqueue(store, &prepared, context.now_ms())?;
    let Some(turn) = Turn::take(store, context.now_ms())? else { return Err(follow::locked(store)) };
    let now_ms = || context.now_ms();
    let control = &mut Control {
        stop: &AtomicBool::new(false),
        now_ms: &now_ms,
        on_progress: &mut |_| {},
        threads: threads(),
        tuning: Tuning::default(),
    };
    turn.execute(store, run, control)?;
    Ok(())
}

/// What is in the workspace, and what to try.
fn tell(context: &Context, store: &Store, dir: &Path, workspace: &Path) -> Result<(), CliError> {
    let out = &context.out;
    out.answer(Line::styled(Style::Bold, format!("A workspace to look around in: {}", workspace.display())))?;
    out.answer("It was made by really importing these files:")?;
    let mut table = Table::new(&["Run", "Source", "File", "Rows", "What became of them"]);
    let mut runs = store.runs(&Default::default())?;
    runs.reverse();
    for (run, sample) in runs.iter().zip(SAMPLES) {
        let counts = run.counts;
        let status = run.status.as_str().replace('_', " ");
        table.plain([
            run.id.to_string(),
            run.source_name.clone(),
            format!("files/{}", sample.name),
            format::count(counts.rows()),
            format!("{status}: {}", outcomes(&counts)),
        ]);
    }
    table.show(out)?;
    for sample in SAMPLES {
        out.answer(Line::styled(Style::Dim, format!("  {}: {}", sample.name, sample.about)))?;
    }
    for (source, about) in demo_drops::about() {
        out.answer(Line::styled(Style::Dim, format!("  {source}: {about}")))?;
    }
    out.answer("")?;
    out.answer("Try, in this order:")?;
    out.answer(format!("  export LANDFALL_WORKSPACE={}", shell_word(&workspace.to_string_lossy())))?;
    let file = shell_word(&dir.join("files").join("trade-fair.csv").to_string_lossy());
    for (command, why) in [
        ("landfall".to_owned(), "the terminal application"),
        ("landfall run show 2".to_owned(), "how the rows of the trade fair add up"),
        ("landfall run rows 2 --only failed".to_owned(), "which rows failed, and what to do about each"),
        ("landfall source show \"ERP nightly drop\"".to_owned(), "a file that never came, and whom to ask"),
        ("landfall source test \"Partner feed\"".to_owned(), "a file with other columns, checked step by step"),
        ("landfall lookup M-2027".to_owned(), "a row that landed although its email is wrong"),
        ("landfall lookup garcia".to_owned(), "by name, without accents"),
        (format!("landfall inspect {file}"), "how the file is read, and why"),
        (
            format!("landfall import {file} --source \"Trade fair\" --country DE --dry-run"),
            "the same file again would change nothing",
        ),
    ] {
        out.answer(Line::styled(Style::Plain, format!("  {command}")).with(Style::Dim, format!("  # {why}")))?;
    }
    out.answer("")?;
    out.answer(format!("When you are done: rm -r {}", shell_word(&dir.to_string_lossy())))
}

/// The outcomes that there are.
fn outcomes(counts: &Counts) -> String {
    let some = OutcomeKind::ALL.into_iter().filter(|kind| counts.of(*kind) > 0);
    some.map(|kind| format!("{} {}", counts.of(kind), kind.as_str())).collect::<Vec<_>>().join(", ")
}
