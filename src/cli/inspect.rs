//! `landfall inspect`: what is in a file, and why it is read the way it is.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::{self, ReadFlags};
use super::format::{bytes, count, counted};
use super::inspect_problems::{self, ColumnProblem, Look};
use super::output::{Line, Style};
use super::table::Table;
use crate::domain::field::{Catalog, Field, Kind};
use crate::domain::id::WorkspaceCode;
use crate::domain::settings::Settings;
use crate::engine::inspect::{self, Extent, Inspection};
use crate::engine::suggest::{ColumnEvidence, Looks, Suggestion, UNSURE};
use crate::store::{Store, StoreError};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Show what is in a file: its encoding and layout, its columns, and which field each would become
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall inspect contacts.csv --full --country DE")]
pub struct Args {
    /// The file: .csv, .csv.gz, or .zip with one CSV inside
    pub file: PathBuf,
    /// Read all of it, not only head, tail and blocks in between
    #[arg(long)]
    pub full: bool,
    #[command(flatten)]
    pub read: ReadFlags,
    /// The country of national phone numbers [default: the setting default_country]
    #[arg(long, value_name = "CC", value_parser = flags::country)]
    pub country: Option<String>,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let workspace = Workspace::of(context)?;
    let extent = if args.full { Extent::Full } else { Extent::Sample };
    let found = inspect::inspect(&args.file, &args.read.overrides(), &workspace.catalog, &workspace.code, extent)?;
    let country = args.country.clone().or_else(|| workspace.settings.default_country.clone());
    let look = Look { file: &args.file, catalog: &workspace.catalog, code: &workspace.code, country, full: args.full };
    let problems = inspect_problems::find(&look, &found)?;
    if context.out.json {
        context.out.json(&object(&found, &problems, &workspace.catalog))?;
    } else {
        show(&args.file, &found, &problems, &workspace.catalog, context)?;
    }
    Ok(Exit::Done)
}

/// What inspecting needs of a workspace; where there is none yet, what a new one would have. Looking at a file makes
/// nothing.
struct Workspace {
    catalog: Catalog,
    code: WorkspaceCode,
    settings: Settings,
}

impl Workspace {
    fn of(context: &Context) -> Result<Workspace, CliError> {
        match Store::open_read_only(&context.workspace()?) {
            Ok(store) => Ok(Workspace {
                catalog: store.catalog()?,
                code: store.workspace_code().clone(),
                settings: store.settings()?,
            }),
            Err(StoreError::NoWorkspace { .. }) => Ok(Workspace {
                catalog: Catalog::contacts(Vec::new()).map_err(StoreError::from)?,
                // No value of any file is an ID of a workspace that is not there.
                code: WorkspaceCode::from_random(0),
                settings: Settings::default(),
            }),
            Err(error) => Err(error.into()),
        }
    }
}

fn object(found: &Inspection, problems: &inspect_problems::Found, catalog: &Catalog) -> Value {
    let dialect = found.dialect();
    let columns = found.evidence.iter().zip(&found.suggestions).zip(&problems.columns);
    let columns: Vec<Value> = columns
        .map(|((evidence, suggestion), problems)| {
            let field = field(suggestion, catalog);
            json!({
                "name": evidence.name,
                "kind": kind(evidence, field),
                "field": field.map(|field| field.key.as_str()),
                // Shown as it is meant: two digits, not what a binary fraction makes of them.
                "confidence": (f64::from(suggestion.confidence) * 100.0).round() / 100.0,
                "reason": why(suggestion),
                "empty": evidence.empty,
                "distinct": evidence.distinct,
                "samples": evidence.samples,
                "problems": problems.iter().map(ColumnProblem::json).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "encoding": dialect.encoding.name(),
        "delimiter": char::from(dialect.delimiter),
        "quote": dialect.quote.map(char::from),
        "escape": dialect.escape,
        "newline": dialect.newline.as_str(),
        "preamble": dialect.header_line - 1,
        "header_row": dialect.header_line,
        "rows_sampled": found.rows_looked_at,
        "problems": problems.rows.iter().map(|p| json!({ "code": p.code, "line": p.line, "detail": p.detail })).collect::<Vec<_>>(),
        "columns": columns,
    })
}

fn field<'c>(suggestion: &Suggestion, catalog: &'c Catalog) -> Option<&'c Field> {
    suggestion.field.and_then(|id| catalog.get(id))
}

/// Why a column goes where it goes, or nowhere.
fn why(suggestion: &Suggestion) -> &str {
    suggestion.never.as_deref().unwrap_or(&suggestion.reason)
}

/// What the values of a column mostly are.
fn kind(evidence: &ColumnEvidence, field: Option<&Field>) -> &'static str {
    let is_phone_field = field.is_some_and(|field| matches!(field.kind, Kind::Phone | Kind::Phones));
    Looks::of_column(evidence, is_phone_field).as_str()
}

fn show(
    file: &Path,
    found: &Inspection,
    problems: &inspect_problems::Found,
    catalog: &Catalog,
    context: &Context,
) -> Result<(), CliError> {
    let out = &context.out;
    let size = std::fs::metadata(file).map(|data| bytes(data.len())).unwrap_or_default();
    let looked = counted(found.rows_looked_at, "row", "rows");
    let title = Line::styled(Style::Bold, file.display().to_string());
    out.answer(title.with(Style::Dim, format!("  {size} · {looked} looked at")))?;
    let mut table = Table::new(&["", "", ""]);
    for reason in &found.sniffed.reasons {
        let what = format!("  {}", reason.what.replace('_', " "));
        table.row(vec![(Style::Dim, what), (Style::Plain, reason.chosen.clone()), (Style::Dim, reason.why.clone())]);
    }
    table.show(out)?;
    for problem in &problems.rows {
        let line = problem.line.map(|line| format!("line {}: ", count(line))).unwrap_or_default();
        out.answer(Line::styled(Style::Warn, "  ! ").with(Style::Plain, format!("{line}{}", problem.detail)))?;
    }
    let mut table = Table::new(&["Column", "What is in it", "→ Field", "How sure", "Why"]);
    for (evidence, suggestion) in found.evidence.iter().zip(&found.suggestions) {
        let field = field(suggestion, catalog);
        let target = match (field, &suggestion.never) {
            (Some(field), _) => (Style::Plain, field.label.clone()),
            (None, Some(_)) => (Style::Dim, "✗ never mapped".to_owned()),
            (None, None) => (Style::Dim, "–".to_owned()),
        };
        let (name, inside) = (evidence.name.clone(), inside(evidence, field));
        let (sure, why) = (sure(suggestion).to_owned(), why(suggestion).to_owned());
        table.row(vec![(Style::Plain, name), (Style::Dim, inside), target, (Style::Plain, sure), (Style::Dim, why)]);
    }
    table.show(out)?;
    for (evidence, problems) in found.evidence.iter().zip(&problems.columns) {
        for problem in problems {
            let told = format!("  ! {}: ", evidence.name);
            out.answer(Line::styled(Style::Warn, told).with(Style::Plain, problem.told(&evidence.name)))?;
        }
    }
    Ok(())
}

/// `email, 11 % empty`, with a value to see.
fn inside(evidence: &ColumnEvidence, field: Option<&Field>) -> String {
    let mut told = kind(evidence, field).replace('_', " ");
    let empty = (evidence.empty_share() * 100.0).round();
    if evidence.empty > 0 && evidence.filled() > 0 {
        told.push_str(&if empty < 1.0 { ", some empty".to_owned() } else { format!(", {empty} % empty") });
    }
    match evidence.samples.first() {
        Some(sample) => format!("{told}: {}", crate::ui::text::cut(&crate::ui::text::visible(sample), 20)),
        None => told,
    }
}

fn sure(suggestion: &Suggestion) -> &'static str {
    match suggestion.confidence {
        _ if suggestion.field.is_none() => "",
        sure if sure >= 0.8 => "●●●",
        sure if sure >= UNSURE => "●●○",
        _ => "●○○",
    }
}
