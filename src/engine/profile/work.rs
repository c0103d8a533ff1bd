//! The part of a profile that each thread does: batches of rows to counts.

use super::found::{Finding, RowSeen};
use super::{Limits, Value};
use crate::domain::field::{Catalog, Kind};
use crate::domain::id::{OwnId, WorkspaceCode};
use crate::domain::issue::Code;
use crate::domain::plan::Plan;
use crate::domain::rules::{ReadRow, RowRules};
use crate::domain::values::clean::trim;
use crate::domain::values::date::{OrderEvidence, order_evidence};
use crate::domain::values::list::Separator;
use crate::domain::values::phone::PhoneReader;
use crate::engine::rows::{Row, RowBatch, Shape};
use crate::engine::suggest::{IdOrigin, Looks};
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::Hasher;
use std::sync::{Mutex, PoisonError};

/// The longest value whose verdict is kept, in bytes.
const CACHED_BYTES: usize = 64;
/// Characters of a value that are kept.
const MOST_CHARS: usize = 200;
/// Rows of each finding that are copied, of a batch in all, and their size.
const COPIES_A_FINDING: u64 = 3;
const MOST_COPIES: usize = 20;
const MOST_COPIED_BYTES: u64 = 64 << 10;

/// What the workers of one circle are to count.
pub struct Task {
    pub width: usize,
    pub limits: Limits,
    /// Whether what does not depend on the mapping is counted.
    pub counts_base: bool,
    /// Whether some of the rows that are found are to be copied: a compressed file cannot be sought.
    pub copies: bool,
    /// The columns that have more different values than are counted.
    pub cut: Vec<bool>,
    pub values: Vec<ValueTask>,
}

/// How one value is counted.
pub struct ValueTask {
    /// No row beyond this one; none for all.
    pub upto: Option<u64>,
    pub done: bool,
    /// The column, where the value comes from one.
    pub place: usize,
    pub is_joined: bool,
    pub is_required: bool,
    /// Whether its order of day and month is to be told.
    pub tells_order: bool,
    /// The code of values that a value map could translate.
    pub undeclared: Option<Code>,
    /// What parts the values of its cells, where each of them is looked up by itself.
    pub parts: &'static [char],
    /// It has more undeclared values than are counted apart.
    pub has_too_many: bool,
    /// How many of each finding are known.
    pub known: Vec<(Finding, u64)>,
    /// The findings that have their rows.
    pub full: Vec<Finding>,
}

impl Value {
    pub fn task(&self) -> ValueTask {
        let columns = &self.key.columns;
        let kind = self.key.field.kind;
        ValueTask {
            upto: self.wrapped.then_some(self.began.0),
            done: self.done,
            place: columns.first().map_or(0, |(place, _)| *place),
            is_joined: columns.len() > 1,
            is_required: columns.iter().any(|(_, column)| column.required),
            tells_order: matches!(kind, Kind::Date | Kind::DateTime)
                && columns.iter().all(|(_, column)| column.date_order.is_none()),
            undeclared: self.seen.undeclared,
            parts: match (kind.is_many(), columns.first().and_then(|(_, column)| column.separator)) {
                (false, _) => &[],
                (true, None) => &[';', ','],
                (true, Some(Separator::Semicolon)) => &[';'],
                (true, Some(Separator::Comma)) => &[','],
                (true, Some(Separator::Period)) => &['.'],
            },
            has_too_many: self.seen.has_too_many,
            known: self.seen.counts(),
            full: if self.wrapped { Vec::new() } else { self.seen.full() },
        }
    }
}

/// What was counted in one batch.
pub struct Part {
    pub rows: u64,
    /// The byte of the file after it.
    pub end: u64,
    pub counts_base: bool,
    pub short: (u64, Option<u64>),
    pub unreadable: (u64, Option<u64>),
    pub columns: Vec<ColumnPart>,
    pub values: Vec<ValuePart>,
    /// Some of the rows that were found, where the file cannot be sought.
    pub copies: Vec<(u64, RowBatch)>,
}

#[derive(Default)]
pub struct ColumnPart {
    pub filled: u64,
    pub looks: [u32; Looks::ALL.len()],
    /// Hashes of values that may be new.
    pub hashes: Vec<u64>,
}

/// What was found about one value.
#[derive(Default)]
pub struct ValuePart {
    /// With the first rows of each.
    pub findings: Vec<(Finding, u64, Vec<RowSeen>)>,
    /// Undeclared values, with how often they are there and where first.
    pub undeclared: FxHashMap<String, (u64, RowSeen)>,
}

/// What workers leave for the next ones.
pub struct Kept {
    pub phones: PhoneReader,
    pub caches: Vec<Cache>,
}

/// What is known of the values of a column that were there before.
#[derive(Default)]
pub struct Cache {
    known: FxHashMap<Box<str>, Known>,
    hits: u64,
    misses: u64,
    /// The values do not come back.
    is_off: bool,
}

struct Known {
    looks: Looks,
    /// By the value's place among those of the column.
    verdicts: Vec<(usize, Verdict)>,
}

/// What is to be said of a value.
#[derive(Clone, Default)]
struct Verdict {
    problem: Option<(Code, String)>,
    /// What of it is not declared: the whole, or some of its parts.
    undeclared: Vec<String>,
    order: Option<OrderEvidence>,
}

/// One thread's part of the work.
pub struct Worker<'t> {
    task: &'t Task,
    code: &'t WorkspaceCode,
    /// None only while it is dropped.
    rules: Option<RowRules<'t>>,
    caches: Vec<Cache>,
    /// The values of each column that come from it alone, and those of several columns.
    of_column: Vec<Vec<usize>>,
    joined: Vec<usize>,
    scratch: ReadRow,
    /// Findings that are among the first of their kind.
    telling: u64,
    kept: &'t Mutex<Vec<Kept>>,
}

impl<'t> Worker<'t> {
    pub fn new(
        plan: &'t Plan,
        catalog: &'t Catalog,
        code: &'t WorkspaceCode,
        task: &'t Task,
        kept: &'t Mutex<Vec<Kept>>,
    ) -> Worker<'t> {
        let known = kept.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Kept { phones, mut caches } =
            known.unwrap_or_else(|| Kept { phones: PhoneReader::new(), caches: Vec::new() });
        caches.resize_with(task.width, Cache::default);
        let mut of_column = vec![Vec::new(); task.width];
        let mut joined = Vec::new();
        for (number, value) in task.values.iter().enumerate().filter(|(_, value)| !value.done) {
            match of_column.get_mut(value.place) {
                Some(of_column) if !value.is_joined => of_column.push(number),
                _ => joined.push(number),
            }
        }
        let rules = Some(RowRules::with_phones(plan, catalog, code, phones));
        Worker { task, code, rules, caches, of_column, joined, scratch: ReadRow::default(), telling: 0, kept }
    }

    /// Counts the rows of a batch that ends at this byte.
    pub fn count(&mut self, batch: &RowBatch, end: u64) -> Part {
        let mut part = Part {
            rows: batch.len() as u64,
            end,
            counts_base: self.task.counts_base,
            short: (0, None),
            unreadable: (0, None),
            columns: Vec::new(),
            values: Vec::new(),
            copies: Vec::new(),
        };
        part.columns.resize_with(if self.task.counts_base { self.task.width } else { 0 }, ColumnPart::default);
        part.values.resize_with(self.task.values.len(), ValuePart::default);
        let mut cells: Vec<&str> = Vec::with_capacity(self.task.width);
        for row in batch.iter() {
            let number = row.info().row;
            let note = |(count, first): &mut (u64, Option<u64>)| {
                *count += 1;
                first.get_or_insert(number);
            };
            if row.info().shape.is_unreadable() {
                // Such a row fails as it stands: its cells say nothing.
                note(&mut part.unreadable);
                continue;
            }
            if matches!(row.info().shape, Shape::Short(_)) {
                note(&mut part.short);
            }
            cells.clear();
            cells.extend(row.cells().take(self.task.width));
            let found_before = self.telling;
            self.row(row, &cells, &mut part);
            let is_small = row.info().len <= MOST_COPIED_BYTES && part.copies.len() < MOST_COPIES;
            if self.task.copies && self.telling > found_before && is_small {
                let mut copy = RowBatch::new();
                copy.copy(row);
                part.copies.push((number, copy));
            }
        }
        part
    }

    fn row(&mut self, row: Row<'_>, cells: &[&str], part: &mut Part) {
        for place in 0..self.task.width {
            let counts_base = self.task.counts_base;
            if !counts_base && self.of_column[place].is_empty() {
                continue;
            }
            let cell = cells.get(place).copied().unwrap_or_default();
            let value = trim(cell);
            if value.is_empty() {
                for at in 0..self.of_column[place].len() {
                    let number = self.of_column[place][at];
                    if self.task.values[number].is_required && self.counts(number, row) {
                        let verdict = self.judge(number, cells);
                        self.telling += tell(self.task, number, part, &verdict, row, cell);
                    }
                }
                continue;
            }
            self.cell(place, row, cells, cell, value, part);
        }
        for at in 0..self.joined.len() {
            let number = self.joined[at];
            if self.counts(number, row) {
                let verdict = self.judge(number, cells);
                let raw = cells.get(self.task.values[number].place).copied().unwrap_or_default();
                self.telling += tell(self.task, number, part, &verdict, row, raw);
            }
        }
    }

    /// A cell that is not empty.
    fn cell(&mut self, place: usize, row: Row<'_>, cells: &[&str], cell: &str, value: &str, part: &mut Part) {
        let may_cache = !self.caches[place].is_off && cell.len() <= CACHED_BYTES;
        if may_cache && let Some(known) = self.caches[place].known.get(cell) {
            if let Some(column) = part.columns.get_mut(place) {
                column.filled += 1;
                column.looks[known.looks as usize] += 1;
            }
            let mut telling = 0;
            for (number, verdict) in &known.verdicts {
                if self.counts(*number, row) {
                    telling += tell(self.task, *number, part, verdict, row, cell);
                }
            }
            self.caches[place].hits += 1;
            self.telling += telling;
            return;
        }
        let mut looks = Looks::Text;
        if let Some(column) = part.columns.get_mut(place) {
            let code = self.code;
            looks = Looks::of_value(value, &|value| match code.read_contact_id(value) {
                OwnId::Ours(_) => IdOrigin::Ours,
                OwnId::OtherWorkspace => IdOrigin::Elsewhere,
                OwnId::Malformed => IdOrigin::Other,
            });
            column.filled += 1;
            column.looks[looks as usize] += 1;
            if !self.task.cut[place] {
                let mut hasher = FxHasher::default();
                hasher.write(value.as_bytes());
                column.hashes.push(hasher.finish());
            }
        }
        let mut verdicts = Vec::new();
        for at in 0..self.of_column[place].len() {
            let number = self.of_column[place][at];
            if !may_cache && !self.counts(number, row) {
                continue;
            }
            let verdict = self.judge(number, cells);
            if self.counts(number, row) {
                self.telling += tell(self.task, number, part, &verdict, row, cell);
            }
            if may_cache {
                verdicts.push((number, verdict));
            }
        }
        if may_cache {
            self.caches[place].learn(cell, Known { looks, verdicts }, self.task.limits.cached);
        }
    }

    fn counts(&self, number: usize, row: Row<'_>) -> bool {
        self.task.values[number].upto.is_none_or(|upto| row.info().row <= upto)
    }

    /// Reads a value by the rules.
    fn judge(&mut self, number: usize, cells: &[&str]) -> Verdict {
        let Some(rules) = &self.rules else { return Verdict::default() };
        self.scratch.changes.clear();
        self.scratch.notes.clear();
        self.scratch.issues.clear();
        rules.read_alone(number, cells, &mut self.scratch);
        let problem = self.scratch.issues.pop().map(|issue| (issue.code, issue.guidance));
        let task = &self.task.values[number];
        let is_undeclared = |problem: &(Code, String)| Some(problem.0) == task.undeclared;
        let undeclared = match &problem {
            Some(problem) if is_undeclared(problem) => self.undeclared(number, cells),
            _ => Vec::new(),
        };
        let Some(rules) = &self.rules else { return Verdict::default() };
        let order = if self.task.values[number].tells_order {
            rules.text_alone(number, cells).and_then(|text| order_evidence(&text))
        } else {
            None
        };
        Verdict { problem, undeclared, order }
    }

    /// What is not declared of a value that is not: those of its parts that by themselves are not, or the whole.
    fn undeclared(&mut self, number: usize, cells: &[&str]) -> Vec<String> {
        let task = &self.task.values[number];
        let Some(cell) = cells.get(task.place).map(|cell| trim(cell)) else { return Vec::new() };
        let whole = |text: &str| text.chars().take(MOST_CHARS).collect::<String>();
        let separator = task.parts.iter().find(|separator| cell.contains(**separator));
        let (Some(separator), Some(rules), false) = (separator, &self.rules, task.is_joined) else {
            return vec![whole(cell)];
        };
        let mut alone = cells.to_vec();
        let mut found = Vec::new();
        for part in cell.split(*separator).map(trim).filter(|part| !part.is_empty()) {
            alone[task.place] = part;
            self.scratch.issues.clear();
            rules.read_alone(number, &alone, &mut self.scratch);
            let part = whole(part);
            if self.scratch.issues.iter().any(|issue| Some(issue.code) == task.undeclared) && !found.contains(&part) {
                found.push(part);
            }
        }
        if found.is_empty() { vec![whole(cell)] } else { found }
    }
}

/// Adds what is to be said of a row's value; answers how many findings of it are among the first of their kind.
fn tell(task: &Task, number: usize, part: &mut Part, verdict: &Verdict, row: Row<'_>, cell: &str) -> u64 {
    let (value, part) = (&task.values[number], &mut part.values[number]);
    let seen = |guidance: &str, text: &str| {
        let info = row.info();
        RowSeen {
            row: info.row,
            line: info.line,
            offset: info.offset,
            value: text.chars().take(MOST_CHARS).collect(),
            guidance: guidance.to_owned(),
        }
    };
    let mut first = 0;
    if let Some((code, guidance)) = &verdict.problem {
        if verdict.undeclared.is_empty() {
            first += part.find(Finding::Issue(*code), value, task.limits.rows, || seen(guidance, cell));
        } else {
            first += part.find(Finding::Undeclared(*code), value, task.limits.rows, || seen(guidance, cell));
            for text in verdict.undeclared.iter().filter(|_| !value.has_too_many) {
                match part.undeclared.get_mut(text) {
                    Some((count, _)) => *count += 1,
                    None => {
                        part.undeclared.insert(text.clone(), (1, seen("", text)));
                    }
                }
            }
        }
    }
    if let Some(order) = verdict.order {
        let finding = match order {
            OrderEvidence::OnlyDayFirst => Finding::DayFirst,
            OrderEvidence::OnlyMonthFirst => Finding::MonthFirst,
            OrderEvidence::Either => Finding::EitherOrder,
        };
        first += part.find(finding, value, task.limits.rows, || seen("", cell));
    }
    first
}

impl ValuePart {
    /// Counts a finding; 1 where it is among the first of its kind.
    fn find(&mut self, finding: Finding, task: &ValueTask, most: usize, seen: impl FnOnce() -> RowSeen) -> u64 {
        let place = self.findings.iter().position(|(known, ..)| *known == finding).unwrap_or_else(|| {
            self.findings.push((finding, 0, Vec::new()));
            self.findings.len() - 1
        });
        let (_, count, rows) = &mut self.findings[place];
        *count += 1;
        if rows.len() < most && !task.full.contains(&finding) {
            rows.push(seen());
        }
        let known = task.known.iter().find(|(known, _)| *known == finding).map_or(0, |(_, count)| *count);
        u64::from(known + *count <= COPIES_A_FINDING)
    }
}

impl Cache {
    /// Keeps what is known of a value, as long as values come back.
    fn learn(&mut self, cell: &str, known: Known, most: usize) {
        self.misses += 1;
        if self.known.len() < most {
            self.known.insert(cell.into(), known);
        } else if self.misses > self.hits + 4 * most as u64 {
            *self = Cache { is_off: true, ..Cache::default() };
        }
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let Some(rules) = self.rules.take() else { return };
        let kept = Kept { phones: rules.into_phones(), caches: std::mem::take(&mut self.caches) };
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
    }
}
