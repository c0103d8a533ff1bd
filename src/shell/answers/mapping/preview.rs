//! Rows through the real rules with a mapping that is being edited.

use crate::app::mapping::IMPORTANT;
use crate::app::mapping::data::{
    Blocked, CellIssue, Preview, PreviewCell, PreviewField, PreviewOutcome, PreviewRow, PreviewWanted,
};
use crate::app::message::Failure;
use crate::domain::field::{Catalog, Field, FieldId, Kind, Role};
use crate::domain::id::WorkspaceCode;
use crate::domain::issue::Code;
use crate::domain::mapping::{Column, Mapping, MappingError, Reading};
use crate::domain::outcome::{Issue, Outcome, Severity};
use crate::domain::plan::Plan;
use crate::domain::record::Value;
use crate::domain::rules::{Change, unite};
use crate::domain::values::clean::trim;
use crate::domain::values::phone::PhoneReader;
use crate::domain::wording::capital;
use crate::engine::rows::{Row, RowBatch};
use crate::engine::suggest::ColumnEvidence;
use crate::shell::desk::Desk;
use crate::shell::open_files::OpenFile;
use crate::store::Store;
use crate::worker::attention::{self, FEWEST_VALUES, MOSTLY};
use crate::worker::error::{Refusal, WorkerError};
use crate::worker::prepare::{check_usable, plan_of};
use crate::worker::preview::{self, Previewed};
use crate::worker::request::ImportRequest;

/// Characters of a cell that are shown.
const MOST_CHARS: usize = 200;
/// Rows beyond the first that are shown at once.
const MOST_ROWS: usize = 100;

/// Answers a preview.
pub(in crate::shell::answers) fn preview(desk: &mut Desk, wanted: &PreviewWanted) -> Result<Preview, Failure> {
    let file = desk.mapping.files.get(wanted.source)?;
    let catalog = &file.looked.catalog;
    let (mapping, _) = wanted.mapping.fitted_to(&file.looked.inspection.dialect().columns);
    let (plan, unreadable) = plan(&desk.store, &file, &mapping)?;
    let blocked = unreadable.or_else(|| blocked(&plan, catalog, desk.store.workspace_code()));
    let head = file.head(wanted.first)?;
    let further: Vec<RowBatch> = further(&file, wanted)?;
    let first = head.iter().flat_map(RowBatch::iter).take(wanted.first);
    let rows: Vec<Row<'_>> = first.chain(further.iter().flat_map(RowBatch::iter)).collect();
    let Rows { fields, rows, decided } = rows_of(&desk.store, &plan, catalog, &rows, &mut desk.mapping.phones)?;
    let doubts = doubts(&mapping, &file, &decided);
    Ok(Preview { revision: wanted.revision, fields, rows, doubts, attention: plan.attention.clone(), blocked })
}

/// Rows with what a run with a plan would make of them.
pub(in crate::shell::answers) struct Rows {
    pub fields: Vec<PreviewField>,
    pub rows: Vec<PreviewRow>,
    decided: Vec<Previewed>,
}

/// Puts rows through the rules of a plan, in their order.
pub(in crate::shell::answers) fn rows_of(
    store: &Store,
    plan: &Plan,
    catalog: &Catalog,
    rows: &[Row<'_>],
    phones: &mut Option<PhoneReader>,
) -> Result<Rows, Failure> {
    let decided = preview::preview(store, plan, catalog, rows.iter().copied(), phones)?;
    let fields = fields(&plan.mapping, catalog);
    let shown = Shown { plan, catalog, fields: &fields, store };
    let mut next = 1;
    let rows = rows.iter().zip(&decided).map(|(row, decided)| {
        let follows = decided.placed.row == next;
        next += u64::from(follows);
        shown.row(*row, decided, follows)
    });
    let rows = rows.collect();
    Ok(Rows { rows, fields: fields.into_iter().map(|(_, field)| field).collect(), decided })
}

/// The plan of the run that would be started; and where the draft's reading options keep one from being made, why, with
/// the plan without them.
pub(super) fn plan(store: &Store, file: &OpenFile, mapping: &Mapping) -> Result<(Plan, Option<Blocked>), Failure> {
    let with = |reading: &Reading| plan_of(store, &file.request, &file.looked, mapping, reading);
    match with(&mapping.reading) {
        Ok(plan) => Ok((plan, None)),
        Err(error @ (WorkerError::Setting(_) | WorkerError::Filter(_))) => {
            let why = Failure::from(error);
            let request = ImportRequest { filters: Vec::new(), ..file.request.clone() };
            let plain = plan_of(store, &request, &file.looked, mapping, &Reading::default())?;
            Ok((plain, Some(Blocked { message: why.message, next: why.next, columns: Vec::new() })))
        }
        Err(error) => Err(error.into()),
    }
}

/// Why an import with this plan would not start.
fn blocked(plan: &Plan, catalog: &Catalog, code: &WorkspaceCode) -> Option<Blocked> {
    if let Err(error) = plan.mapping.check(catalog) {
        let columns = columns_of(&error);
        let next = "Map it elsewhere, or leave it out.".to_owned();
        return Some(Blocked { message: sentence(&error.to_string()), next, columns });
    }
    let Refusal { code, message, next, columns } = check_usable(plan, catalog, code).err()?;
    let next = match code {
        "no_usable_column" => "Map at least one column to a field.".to_owned(),
        // That text is of flags of the command line.
        code if code == Code::UnmappedMandatory.as_str() && !columns.is_empty() => {
            "Map each of these columns, leave it out, or accept that unmapped columns are not imported.".to_owned()
        }
        _ => next,
    };
    Some(Blocked { message, next, columns })
}

fn sentence(text: &str) -> String {
    format!("{}.", capital(text))
}

/// The headers of the columns that a mistake is about.
fn columns_of(error: &MappingError) -> Vec<String> {
    match error {
        MappingError::TwoColumns { first, second, .. } | MappingError::JoinTurned { first, second, .. } => {
            vec![first.clone(), second.clone()]
        }
        MappingError::UnknownField { column, .. }
        | MappingError::DoubledColumn { column }
        | MappingError::Contradiction { column, .. }
        | MappingError::SplitContradicted { column, .. }
        | MappingError::Split { column, .. }
        | MappingError::EmptyFind { column }
        | MappingError::Value { column, .. }
        | MappingError::NoSuchColumn { column, .. } => vec![column.clone()],
        _ => Vec::new(),
    }
}

/// The rows beyond the first that are asked for, in the order of the file.
fn further(file: &OpenFile, wanted: &PreviewWanted) -> Result<Vec<RowBatch>, Failure> {
    let mut numbers: Vec<u64> = wanted.rows.iter().copied().filter(|row| *row > wanted.first as u64).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.truncate(MOST_ROWS);
    numbers.into_iter().filter_map(|row| file.row(row).transpose()).collect()
}

/// The fields that the mapping fills: those that matter most, then in the order of the columns, then those of constants.
fn fields(mapping: &Mapping, catalog: &Catalog) -> Vec<(FieldId, PreviewField)> {
    let mut filled: Vec<(FieldId, PreviewField)> = Vec::new();
    let mut add = |field: &Field, place: Option<usize>| {
        let known = filled.iter().position(|(id, _)| *id == field.id).unwrap_or_else(|| {
            let (key, label) = (field.key.clone(), field.label.clone());
            filled.push((field.id, PreviewField { key, label, columns: Vec::new() }));
            filled.len() - 1
        });
        let columns = &mut filled[known].1.columns;
        columns.extend(place.filter(|place| !columns.contains(place)));
    };
    for (place, column) in mapping.columns.iter().enumerate() {
        column.targets().filter_map(|key| catalog.by_key(key)).for_each(|field| add(field, Some(place)));
    }
    for constant in &mapping.constants {
        catalog.by_key(&constant.field).into_iter().for_each(|field| add(field, None));
    }
    let important: Vec<FieldId> =
        IMPORTANT.iter().flat_map(|(_, roles)| *roles).filter_map(|role| catalog.role(*role)).collect();
    // Stable: the others stay in their order.
    filled.sort_by_key(|(id, _)| important.iter().position(|important| important == id).unwrap_or(important.len()));
    filled
}

/// How rows are shown.
struct Shown<'a> {
    plan: &'a Plan,
    catalog: &'a Catalog,
    fields: &'a [(FieldId, PreviewField)],
    store: &'a Store,
}

impl Shown<'_> {
    fn row(&self, raw: Row<'_>, decided: &Previewed, follows: bool) -> PreviewRow {
        let Previewed { placed, outcome, is_known } = decided;
        let read = &placed.read;
        let failed = || {
            let errors = read.issues.iter().filter(|issue| issue.severity == Severity::Error);
            errors.map(|issue| issue.code).collect()
        };
        let contact = |id| is_known.then(|| self.store.workspace_code().contact_id(id));
        let outcome = match outcome {
            Outcome::Created(_) => PreviewOutcome::Created,
            Outcome::Updated(id) => PreviewOutcome::Updated(contact(*id)),
            Outcome::Unchanged(id) => PreviewOutcome::Unchanged(contact(*id)),
            Outcome::Skipped(reason) => PreviewOutcome::Skipped(reason.clone()),
            Outcome::Failed => PreviewOutcome::Failed(failed()),
        };
        let shown = |issue: &&Issue| self.fields.iter().any(|(id, _)| Some(*id) == issue.field);
        PreviewRow {
            row: placed.row,
            line: placed.line,
            outcome,
            follows,
            cells: self.fields.iter().map(|(id, field)| self.cell(raw, decided, *id, field)).collect(),
            issues: read.issues.iter().filter(|issue| !shown(issue)).map(issue_of).collect(),
            raw: raw.cells().take(self.plan.mapping.columns.len()).map(cut).collect(),
        }
    }

    fn cell(&self, raw: Row<'_>, decided: &Previewed, id: FieldId, field: &PreviewField) -> PreviewCell {
        let read = &decided.placed.read;
        let kind = self.catalog.get(id).map_or(Kind::Text, |field| field.kind);
        let change = read.changes.iter().find(|(changed, _)| *changed == id).map(|(_, change)| change);
        let one = std::slice::from_ref::<String>;
        let mut with_tags = Vec::new();
        let mut stored: &[String] = match (kind, change) {
            (Kind::ContactId, _) => read.own_id.as_ref().map_or(&[], |(text, _)| one(text)),
            (Kind::Reference, _) => read.reference.as_ref().map_or(&[], one),
            (_, Some(Change::Set(Value::One(text)))) => one(text),
            (_, Some(Change::Set(Value::Many(texts)) | Change::Add(texts))) => texts,
            (_, Some(Change::Clear) | None) => &[],
        };
        // The tags of the import itself go to every contact that a row lands on.
        let adds = !self.plan.tags.is_empty() && decided.outcome.record().is_some();
        if adds && self.catalog.role(Role::Tags) == Some(id) {
            with_tags.extend_from_slice(stored);
            unite(&mut with_tags, self.plan.tags.clone());
            stored = &with_tags;
        }
        let cells: Vec<&str> = field
            .columns
            .iter()
            .filter_map(|place| raw.cell(*place))
            .map(trim)
            .filter(|cell| !cell.is_empty())
            .collect();
        let is_changed = !stored.is_empty() && !field.columns.is_empty() && !is_as_written(kind, &cells, stored);
        PreviewCell {
            value: (!stored.is_empty()).then(|| cut(&stored.join(", "))),
            is_changed,
            is_cleared: change == Some(&Change::Clear) && stored.is_empty(),
            issues: read.issues.iter().filter(|issue| issue.field == Some(id)).map(issue_of).collect(),
            notes: read.notes.iter().filter(|(of, _)| *of == Some(id)).map(|(_, note)| *note).collect(),
        }
    }
}

/// Whether what would be stored says the same as the cells do, letter for letter.
fn is_as_written(kind: Kind, cells: &[&str], stored: &[String]) -> bool {
    if kind.is_many() {
        let parts = cells.iter().flat_map(|cell| cell.split([',', ';', '|', '\n'])).map(trim).filter(|p| !p.is_empty());
        let whole = cells.iter().eq(stored.iter());
        return whole || parts.eq(stored.iter().map(String::as_str));
    }
    let between = if kind == Kind::LongText { "\n" } else { ", " };
    matches!(stored, [one] if cells.join(between) == *one)
}

fn issue_of(issue: &Issue) -> CellIssue {
    CellIssue {
        code: issue.code,
        is_error: issue.severity == Severity::Error,
        guidance: issue.guidance.clone(),
        value: issue.value.clone(),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(MOST_CHARS).collect()
}

/// Columns about whose place a person should think.
fn doubts(mapping: &Mapping, file: &OpenFile, rows: &[Previewed]) -> Vec<(usize, String)> {
    let catalog = &file.looked.catalog;
    let columns = mapping.columns.iter().zip(&file.looked.inspection.evidence).enumerate();
    let doubt = |(place, (column, evidence)): (usize, (&Column, &ColumnEvidence))| {
        let field = column.field.as_deref().and_then(|key| catalog.by_key(key));
        // What is rewritten or joined is no longer what the sample shows.
        let is_sampled = column.find_replace.is_empty() && column.values.is_empty() && column.join.is_none();
        let misreads = |field: &Field| match file.judged(place, column) {
            Some((filled, unreadable)) => attention::mostly_unread(filled, unreadable),
            None => is_sampled && attention::looks_otherwise(field, evidence) && !mostly_reads(field, rows),
        };
        let told = match field {
            Some(field) if attention::is_judged(field) && misreads(field) => Some(format!(
                "{} is mapped to column {:?}, whose values mostly do not read as it.",
                field.label, column.header
            )),
            _ => attention::doubt(column, evidence, catalog),
        };
        Some((place, told?))
    };
    columns.filter_map(doubt).collect()
}

/// What a light look takes for something else, the real reader may know: whether it reads most of the rows at hand.
fn mostly_reads(field: &Field, rows: &[Previewed]) -> bool {
    let reads = |row: &&Previewed| {
        row.placed.read.changes.iter().any(|(id, change)| *id == field.id && *change != Change::Clear)
    };
    let fails = |row: &&Previewed| row.placed.read.issues.iter().any(|issue| issue.field == Some(field.id));
    let (read, failed) = (rows.iter().filter(reads).count(), rows.iter().filter(fails).count());
    read + failed >= FEWEST_VALUES as usize && read as f32 > (read + failed) as f32 * MOSTLY
}
