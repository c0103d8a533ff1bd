//! What a profile has found: counts that grow with each batch, and how they are told.

use super::Limits;
use super::work::{ColumnPart, Part, ValuePart};
use crate::domain::field::Kind;
use crate::domain::issue::Code;
use crate::domain::rules::RowValue;
use crate::engine::suggest::Looks;
use rustc_hash::{FxHashMap, FxHashSet};

/// Rows a problem that are told at most.
pub const MOST_ROWS: usize = 100;

/// What all rows that were read so far say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    pub rows: u64,
    /// After decompression, of those that change last.
    pub bytes: u64,
    pub bytes_expected: Option<u64>,
    pub is_done: bool,
    pub short_rows: u64,
    pub first_short_row: Option<u64>,
    pub unreadable_rows: u64,
    pub first_unreadable_row: Option<u64>,
    /// One a column of the file.
    pub columns: Vec<ColumnSeen>,
}

/// What they say about a column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnSeen {
    pub filled: u64,
    pub distinct: u64,
    /// There are more different values than are counted.
    pub distinct_is_cut: bool,
    /// The most frequent first.
    pub looks: Vec<(Looks, u64)>,
    pub problems: Vec<Problem>,
}

/// What may be found about values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    Issue(Code),
    /// Values of an option or person that are not declared: the different ones are its rows, or the first rows where
    /// there are too many.
    Undeclared(Code),
    /// Dates that only day first explains. Where others fit month first only, [`Finding::MixedOrder`].
    DayFirst,
    MixedOrder,
    /// Dates that only month first explains: nothing to be told.
    MonthFirst,
    /// Dates that both explain, where nothing else tells.
    EitherOrder,
}

/// Something about the values of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub finding: Finding,
    pub count: u64,
    pub rows: Vec<RowSeen>,
    /// Rows with it fail.
    pub is_error: bool,
}

/// A row that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowSeen {
    /// From 1.
    pub row: u64,
    /// Of the file, from 1.
    pub line: u64,
    /// Byte of the delivery, after decompression.
    pub offset: u64,
    pub value: String,
    pub guidance: String,
}

/// What does not depend on the mapping.
pub struct Base {
    pub done: bool,
    pub rows: u64,
    pub bytes: u64,
    short: (u64, Option<u64>),
    unreadable: (u64, Option<u64>),
    columns: Vec<ColumnBase>,
}

#[derive(Default)]
struct ColumnBase {
    filled: u64,
    looks: [u64; Looks::ALL.len()],
    hashes: FxHashSet<u64>,
}

impl Base {
    pub fn new(columns: usize) -> Base {
        let mut all = Vec::new();
        all.resize_with(columns, ColumnBase::default);
        Base { done: false, rows: 0, bytes: 0, short: (0, None), unreadable: (0, None), columns: all }
    }

    /// Which columns have as many different values as are counted.
    pub fn cut(&self, most: usize) -> Vec<bool> {
        self.columns.iter().map(|column| column.hashes.len() > most).collect()
    }

    pub fn add(&mut self, part: &Part, limits: &Limits) {
        if !part.counts_base {
            return;
        }
        self.rows += part.rows;
        self.bytes = part.end;
        for (whole, part) in [(&mut self.short, part.short), (&mut self.unreadable, part.unreadable)] {
            whole.0 += part.0;
            whole.1 = whole.1.or(part.1);
        }
        for (whole, part) in self.columns.iter_mut().zip(&part.columns) {
            let ColumnPart { filled, looks, hashes } = part;
            whole.filled += filled;
            whole.looks.iter_mut().zip(looks).for_each(|(whole, part)| *whole += u64::from(*part));
            for hash in hashes {
                // One more than are told says that there are more.
                if whole.hashes.len() <= limits.distinct {
                    whole.hashes.insert(*hash);
                }
            }
        }
    }

    pub fn profile(&self, limits: &Limits, bytes_expected: Option<u64>) -> Profile {
        let column = |column: &ColumnBase| {
            let mut looks: Vec<(Looks, u64)> =
                Looks::ALL.into_iter().zip(column.looks).filter(|(_, count)| *count > 0).collect();
            looks.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            ColumnSeen {
                filled: column.filled,
                distinct: column.hashes.len().min(limits.distinct) as u64,
                distinct_is_cut: column.hashes.len() > limits.distinct,
                looks,
                problems: Vec::new(),
            }
        };
        Profile {
            rows: self.rows,
            bytes: self.bytes,
            bytes_expected: if self.done { Some(self.bytes) } else { bytes_expected },
            is_done: false,
            short_rows: self.short.0,
            first_short_row: self.short.1,
            unreadable_rows: self.unreadable.0,
            first_unreadable_row: self.unreadable.1,
            columns: self.columns.iter().map(column).collect(),
        }
    }
}

/// What was found about one value.
pub struct ValueSeen {
    is_required: bool,
    /// The code of values that are not declared, where the field has declared ones.
    pub undeclared: Option<Code>,
    findings: Vec<Problem>,
    /// How often each undeclared value is there, and where first.
    values: FxHashMap<String, (u64, RowSeen)>,
    /// There are so many of them that they are not counted apart: no value map will be made of that.
    pub has_too_many: bool,
    most_rows: usize,
}

impl ValueSeen {
    pub fn new(value: &RowValue<'_>, people: &[String], limits: Limits) -> ValueSeen {
        let undeclared = match value.field.kind {
            Kind::SingleOption | Kind::Radio | Kind::MultipleOptions | Kind::Checkbox
                if !value.field.options.is_empty() =>
            {
                Some(Code::OptionUnknown)
            }
            Kind::Person | Kind::People if !people.is_empty() => Some(Code::UserUnknown),
            _ => None,
        };
        ValueSeen {
            is_required: value.is_required,
            undeclared,
            findings: Vec::new(),
            values: FxHashMap::default(),
            has_too_many: false,
            most_rows: limits.rows,
        }
    }

    /// The findings that have all rows that are kept of them.
    pub fn full(&self) -> Vec<Finding> {
        let full = self.findings.iter().filter(|problem| problem.rows.len() >= self.most_rows);
        full.map(|problem| problem.finding).collect()
    }

    /// How many there are of each finding.
    pub fn counts(&self) -> Vec<(Finding, u64)> {
        self.findings.iter().map(|problem| (problem.finding, problem.count)).collect()
    }

    pub fn add(&mut self, part: ValuePart, limits: &Limits) {
        for (finding, count, rows) in part.findings {
            let place = self.findings.iter().position(|known| known.finding == finding).unwrap_or_else(|| {
                let is_error = self.is_required && matches!(finding, Finding::Issue(_) | Finding::Undeclared(_));
                self.findings.push(Problem { finding, count: 0, rows: Vec::new(), is_error });
                self.findings.len() - 1
            });
            let known = &mut self.findings[place];
            known.count += count;
            if !rows.is_empty() {
                known.rows.extend(rows);
                // In the second circle come the rows before those of the first.
                known.rows.sort_by_key(|row| row.row);
                known.rows.truncate(limits.rows);
            }
        }
        for (value, (count, seen)) in part.undeclared {
            if let Some((known, first)) = self.values.get_mut(&value) {
                *known += count;
                if seen.row < first.row {
                    *first = seen;
                }
            } else if !self.has_too_many {
                self.values.insert(value, (count, seen));
            }
        }
        if self.values.len() > limits.undeclared {
            (self.has_too_many, self.values) = (true, FxHashMap::default());
        }
    }

    /// What there is to be told.
    pub fn problems(&self) -> Vec<Problem> {
        let of = |finding| self.findings.iter().find(|problem: &&Problem| problem.finding == finding);
        let order = match (of(Finding::DayFirst), of(Finding::MonthFirst), of(Finding::EitherOrder)) {
            (Some(day_first), None, _) => Some(Problem { is_error: true, ..day_first.clone() }),
            (Some(day_first), Some(_), _) => Some(Problem { finding: Finding::MixedOrder, ..day_first.clone() }),
            (None, None, either) => either.cloned(),
            (None, Some(_), _) => None,
        };
        // Said once: they cannot be read because they are day first.
        let explained = order.as_ref().filter(|order| order.finding == Finding::DayFirst).map(|order| order.count);
        let issues = self.findings.iter().filter(|problem| match problem.finding {
            Finding::Issue(Code::DateUnreadable) => Some(problem.count) != explained,
            Finding::Issue(_) => true,
            _ => false,
        });
        let mut problems: Vec<Problem> = issues.cloned().chain(order).collect();
        let undeclared = self.undeclared.and_then(|code| of(Finding::Undeclared(code)));
        problems.extend(undeclared.map(|rows| match self.has_too_many {
            true => rows.clone(),
            false => Problem { rows: self.told_values(), ..rows.clone() },
        }));
        problems
    }

    /// The undeclared values, those that are there most often first.
    fn told_values(&self) -> Vec<RowSeen> {
        let mut values: Vec<&(u64, RowSeen)> = self.values.values().collect();
        values.sort_by_key(|(count, seen)| (std::cmp::Reverse(*count), seen.row, &seen.value));
        let told = values.into_iter().take(self.most_rows).map(|(count, seen)| {
            let guidance = format!("{count} {}", if *count == 1 { "row" } else { "rows" });
            RowSeen { guidance, ..seen.clone() }
        });
        told.collect()
    }
}

impl ColumnSeen {
    /// Adds what was found of one of the values that come from the column.
    pub fn add(&mut self, problem: Problem, most_rows: usize) {
        let Some(known) = self.problems.iter_mut().find(|known| known.finding == problem.finding) else {
            self.problems.push(problem);
            return;
        };
        known.count += problem.count;
        known.is_error |= problem.is_error;
        known.rows.extend(problem.rows);
        known.rows.sort_by_key(|row| row.row);
        known.rows.truncate(most_rows);
    }

    /// Errors first, then by how many rows they concern.
    pub fn order(&mut self) {
        self.problems.sort_by_key(|problem| (!problem.is_error, std::cmp::Reverse(problem.count)));
    }
}
