//! A look ahead: rows through the rules and the decision of a run, with nothing written.

use super::error::WorkerError;
use super::landed::LandedRows;
use super::matching::Matcher;
use crate::domain::field::Catalog;
use crate::domain::id::{RecordId, RunId};
use crate::domain::outcome::Outcome;
use crate::domain::plan::Plan;
use crate::domain::rules::RowRules;
use crate::domain::values::phone::PhoneReader;
use crate::engine::apply::{self, PlacedRow};
use crate::engine::rows::Row;
use crate::store::Store;

/// No run has this number: a look ahead is none.
const NO_RUN: RunId = RunId(0);

/// A row with what would become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previewed {
    /// What failed it is among its issues.
    pub placed: PlacedRow,
    pub outcome: Outcome,
    /// The record that it would land on exists already, and not only in what the rows before it would make.
    pub is_known: bool,
}

/// What these rows would do, in their order, each on what the rows before it would leave behind. Where they are the
/// first rows of the file, without a gap, this is what the run does with them as long as the workspace stays as it is.
/// `phones` is made where there is none, and left there for the next time.
///
/// # Errors
/// When the store cannot be read.
pub fn preview<'b>(
    store: &Store,
    plan: &Plan,
    catalog: &Catalog,
    rows: impl Iterator<Item = Row<'b>>,
    phones: &mut Option<PhoneReader>,
) -> Result<Vec<Previewed>, WorkerError> {
    let code = store.workspace_code();
    let rules = RowRules::with_phones(plan, catalog, code, phones.take().unwrap_or_else(PhoneReader::new));
    let columns = plan.mapping.columns.len();
    let mut cells = Vec::with_capacity(columns);
    let rows: Vec<PlacedRow> = rows.map(|row| apply::read_row(&rules, row, columns, &mut cells)).collect();
    *phones = Some(rules.into_phones());
    let mut matcher = Matcher::new(plan, catalog, code, NO_RUN, LandedRows::default());
    let keys = matcher.find_keys(&rows, |keys| store.candidates(keys))?;
    let mut working = Matcher::load(&keys, |ids| store.records(ids))?;
    let first_new = store.next_record()?;
    let mut next = first_new;
    let decided = rows.into_iter().zip(keys).map(|(mut placed, keys)| {
        let outcome = matcher.decide(&mut placed, keys, &mut working, &mut next, 0);
        let is_known = outcome.record().is_some_and(|record: RecordId| record < first_new);
        Previewed { placed, outcome, is_known }
    });
    Ok(decided.collect())
}
