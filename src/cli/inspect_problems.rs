//! What `inspect` finds wrong in a file's rows and columns: the same rules as a run, over the rows that are looked at.

use super::error::CliError;
use super::format::{count, counted};
use crate::domain::field::{Catalog, FieldId, Kind};
use crate::domain::id::{SourceId, WorkspaceCode};
use crate::domain::issue::Code;
use crate::domain::mapping::{Column, Mapping};
use crate::domain::plan::{Duplicates, Plan};
use crate::domain::rules::{self, RawRow, RowRules};
use crate::domain::run::Mode;
use crate::domain::values::clean::trim;
use crate::domain::values::date::{OrderEvidence, order_evidence};
use crate::engine::inspect::Inspection;
use crate::engine::open::Delivery;
use crate::engine::read::RecordReader;
use crate::engine::rows::{Row, RowBatch, Shape};
use crate::engine::sniff::FileProblem;
use crate::engine::suggest::Proposal;
use serde_json::{Value, json};
use std::path::Path;

/// What to look at.
pub struct Look<'a> {
    pub file: &'a Path,
    pub catalog: &'a Catalog,
    pub code: &'a WorkspaceCode,
    pub country: Option<String>,
    /// All rows, not only those that were sampled.
    pub full: bool,
}

/// What was found.
pub struct Found {
    /// About the file and its rows as such.
    pub rows: Vec<FileProblem>,
    /// One list a column.
    pub columns: Vec<Vec<ColumnProblem>>,
}

/// Something about the values of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnProblem {
    /// The code of an issue, or `date_day_first`, `date_order_mixed`, `date_order_assumed`, `separator_proposed`.
    pub code: &'static str,
    /// The first row with it, from 1, where its number is known.
    pub row: Option<u64>,
    /// What stands there.
    pub value: String,
    /// How many of the rows that were looked at.
    pub count: u64,
}

impl ColumnProblem {
    pub fn json(&self) -> Value {
        json!({ "code": self.code, "row": self.row, "value": self.value, "count": self.count })
    }

    /// The same for people, of the column of this name.
    pub fn told(&self, column: &str) -> String {
        let proof = match self.row {
            Some(row) => format!("row {}: {}", count(row), self.value),
            None => self.value.clone(),
        };
        let many = counted(self.count, "row", "rows");
        match self.code {
            "date_day_first" => {
                format!("only day-first explains {many}, such as {proof}: import with --day-first {column:?}")
            }
            "date_order_mixed" => {
                format!("day-first and month-first dates are mixed, such as {proof}: month-first stands")
            }
            "date_order_assumed" => {
                format!("nothing tells day-first from month-first, such as {proof}: month-first is assumed")
            }
            "separator_proposed" => {
                format!("most values are words joined by {:?}: a mapping can name it as separator", self.value)
            }
            code => {
                let message = Code::from_str_opt(code).map_or(code, Code::message);
                format!("{message} in {many}, such as {proof}")
            }
        }
    }
}

/// Reads the rows that were looked at, or all, through the rules, with the columns mapped as suggested.
pub fn find(look: &Look<'_>, found: &Inspection) -> Result<Found, CliError> {
    let plan = plan(look, found);
    let rules = RowRules::new(&plan, look.catalog, look.code);
    let mut seen = Seen::new(look, found);
    if look.full {
        let delivery = Delivery::open(look.file)?;
        let mut reader = RecordReader::new(&delivery, found.dialect())?;
        let mut batch = RowBatch::new();
        while reader.read_batch(&mut batch, 1024)? > 0 {
            batch.iter().for_each(|row| seen.row(&rules, row, true));
        }
    } else {
        found.sniffed.sample.iter().for_each(|row| seen.row(&rules, row, true));
        found.sniffed.spread.iter().for_each(|row| seen.row(&rules, row, false));
    }
    Ok(seen.finish(found, look.full))
}

/// The plan of an import of this file as it is suggested.
fn plan(look: &Look<'_>, found: &Inspection) -> Plan {
    let key = |field: FieldId| look.catalog.get(field).map(|field| field.key.clone());
    let columns = found.evidence.iter().zip(&found.suggestions);
    let columns = columns.map(|(evidence, suggestion)| Column {
        field: suggestion.field.and_then(key),
        ..Column::unmapped(&evidence.name)
    });
    Plan {
        source: SourceId(0),
        mode: Mode::Upsert,
        dialect: found.dialect().clone(),
        mapping: Mapping { columns: columns.collect(), ..Mapping::default() },
        fields: look.catalog.fields().to_vec(),
        people: Vec::new(),
        country: look.country.clone(),
        timezone: chrono_tz::Tz::UTC,
        duplicates: Duplicates::Allowed,
        clear_empty: false,
        recreate_deleted: false,
        tags: Vec::new(),
        filters: Vec::new(),
        since: None,
        sample: None,
        attention: Vec::new(),
        rows_expected: 0,
        bytes_expected: 0,
        filled: Vec::new(),
        names_misread: false,
    }
}

/// What was seen so far.
struct Seen {
    /// The column of each field.
    column_of: Vec<(FieldId, usize)>,
    dates: Vec<usize>,
    columns: Vec<Vec<ColumnProblem>>,
    /// Of each date column: values that only day-first, only month-first, or both explain.
    orders: Vec<[Option<ColumnProblem>; 3]>,
    short: (u64, Option<u64>),
    unreadable: (u64, Option<u64>, String),
}

impl Seen {
    fn new(look: &Look<'_>, found: &Inspection) -> Seen {
        let fields: Vec<Option<FieldId>> = found.suggestions.iter().map(|suggestion| suggestion.field).collect();
        let kind = |field: &FieldId| look.catalog.get(*field).map(|field| field.kind);
        let is_date = |field: &FieldId| matches!(kind(field), Some(Kind::Date | Kind::DateTime));
        let placed = || fields.iter().enumerate().filter_map(|(place, field)| field.map(|field| (field, place)));
        Seen {
            column_of: placed().collect(),
            dates: placed().filter(|(field, _)| is_date(field)).map(|(_, place)| place).collect(),
            columns: vec![Vec::new(); fields.len()],
            orders: vec![[const { None }; 3]; fields.len()],
            short: (0, None),
            unreadable: (0, None, String::new()),
        }
    }

    /// `numbered`: row and line are those of the file.
    fn row(&mut self, rules: &RowRules<'_>, row: Row<'_>, numbered: bool) {
        let info = row.info();
        let line = numbered.then_some(info.line);
        if info.shape.is_unreadable() {
            if self.unreadable.0 == 0 {
                self.unreadable.2 = info.shape.guidance(self.columns.len()).unwrap_or_default();
            }
            self.unreadable.0 += 1;
            self.unreadable.1 = self.unreadable.1.or(line);
            return;
        }
        if matches!(info.shape, Shape::Short(_)) {
            self.short.0 += 1;
            self.short.1 = self.short.1.or(line);
        }
        let number = numbered.then_some(info.row);
        let cells: Vec<&str> = row.cells().collect();
        let read = rules.read(&RawRow { shape: rules::Shape::Whole, cells: &cells });
        for issue in read.issues {
            // An unknown person is no problem of the file: the people of a workspace can be added any time.
            let column = self.column_of.iter().find(|(field, _)| Some(*field) == issue.field);
            let Some((_, column)) = column.filter(|_| issue.code != Code::UserUnknown) else { continue };
            add(&mut self.columns[*column], issue.code.as_str(), number, &issue.value);
        }
        for &column in &self.dates {
            let Some(evidence) = cells.get(column).and_then(|cell| order_evidence(trim(cell))) else { continue };
            let (place, code) = match evidence {
                OrderEvidence::OnlyDayFirst => (0, "date_day_first"),
                OrderEvidence::OnlyMonthFirst => (1, "date_order_mixed"),
                OrderEvidence::Either => (2, "date_order_assumed"),
            };
            let value = cells[column].to_owned();
            let seen = self.orders[column][place].get_or_insert(ColumnProblem { code, row: number, value, count: 0 });
            seen.count += 1;
        }
    }

    fn finish(mut self, found: &Inspection, full: bool) -> Found {
        for (column, [day_first, month_first, either]) in self.orders.into_iter().enumerate() {
            let told = match (day_first, month_first, either) {
                (Some(day_first), Some(_), _) => Some(ColumnProblem { code: "date_order_mixed", ..day_first }),
                (Some(day_first), None, _) => Some(day_first),
                (None, None, either) => either,
                (None, Some(_), _) => None,
            };
            let explained = told.as_ref().filter(|told| told.code == "date_day_first").map(|told| told.count);
            let problems = &mut self.columns[column];
            // Said once: they are unreadable because they are day-first.
            problems.retain(|p| p.code != Code::DateUnreadable.as_str() || Some(p.count) != explained);
            problems.extend(told);
        }
        for (column, suggestion) in found.suggestions.iter().enumerate() {
            for Proposal::ListSeparator(separator) in &suggestion.proposals {
                let (value, count) = (separator.to_string(), u64::from(found.evidence[column].filled()));
                self.columns[column].push(ColumnProblem { code: "separator_proposed", row: None, value, count });
            }
        }
        // What was sampled is told of already; all rows say it better.
        let mut rows = found.sniffed.problems.clone();
        if full {
            rows.retain(|problem| !["row_short", "row_malformed", "row_encoding"].contains(&problem.code));
        }
        if full && self.short.0 > 0 {
            let detail = format!("{} fewer cells than the header", has(self.short.0));
            rows.push(FileProblem { code: "row_short", line: self.short.1, detail });
        }
        if full && self.unreadable.0 > 0 {
            let detail = format!("{} to be left out as unreadable: {}", has(self.unreadable.0), self.unreadable.2);
            rows.push(FileProblem { code: "row_malformed", line: self.unreadable.1, detail });
        }
        Found { rows, columns: self.columns }
    }
}

fn has(rows: u64) -> String {
    format!("{} {}", counted(rows, "row", "rows"), if rows == 1 { "has" } else { "have" })
}

fn add(problems: &mut Vec<ColumnProblem>, code: &'static str, row: Option<u64>, value: &str) {
    match problems.iter_mut().find(|problem| problem.code == code) {
        Some(problem) => problem.count += 1,
        None => problems.push(ColumnProblem { code, row, value: value.to_owned(), count: 1 }),
    }
}
