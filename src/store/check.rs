//! The law of conservation, held against what is stored (field rules, Conservation).

use super::error::{Fault, StoreError};
use super::ledger::{count_skipped, each_block};
use super::ledger_codec;
use super::ledger_write::{count_cleared, count_issues, row_id};
use super::workspace::Store;
use crate::domain::id::RunId;
use crate::domain::outcome::{Counts, OutcomeKind};
use crate::domain::run::{ClearedCount, IssueCount};
use rusqlite::Connection;

/// A run whose numbers do not add up, or that could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum ConservationError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the numbers of run {run} do not add up: {}", flaws.join("; "))]
    Broken { run: RunId, flaws: Vec<String> },
}

/// What the ledger itself says.
struct Stored {
    counts: Counts,
    issues: Vec<IssueCount>,
    cleared: Vec<ClearedCount>,
    flaws: Vec<String>,
}

impl Store {
    /// Checks that every row of a run has one outcome, that the run's totals are those of the stored rows, and, when it
    /// is finished, that its bytes are the delivery's.
    pub fn check_run(&self, run: RunId) -> Result<(), ConservationError> {
        let missing = || StoreError::NoSuch { what: "run", id: run.to_string() };
        let row = self.run(run)?.ok_or_else(missing)?;
        let Stored { counts, mut issues, cleared, mut flaws } =
            self.ledger_db(run)?.db().read(|conn| stored(conn, run))?;
        let mut differ = |what: &str, said: u64, found: u64| {
            if said != found {
                flaws.push(format!("{what}: the run says {said}, what is stored says {found}"));
            }
        };
        for kind in OutcomeKind::ALL {
            differ(kind.as_str(), row.counts.of(kind), counts.of(kind));
        }
        differ("warnings", row.counts.warnings, counts.warnings);
        differ("notes", row.counts.notes, counts.notes);
        differ("rows", row.position.rows, counts.rows());
        if row.status.is_finished() {
            if row.is_sample() {
                // It ends before its delivery does, on purpose: what it read adds up.
                differ("bytes up to its last row", row.position.offset, row.tally.bytes());
            } else {
                differ("bytes", row.content_bytes.unwrap_or(0), row.tally.bytes());
                differ("rows not reached", row.not_reached().unwrap_or(0), 0);
            }
        }
        if row.tally.records.lines < row.position.rows {
            let lines = row.tally.records.lines;
            flaws.push(format!("{} rows stand on {lines} lines of the delivery", row.position.rows));
        }
        let mut said = row.issue_counts.clone();
        let order = |count: &IssueCount| (count.code, count.field);
        said.sort_by_key(order);
        issues.sort_by_key(order);
        if said != issues {
            flaws.push(format!("issues: the run says {said:?}, what is stored says {issues:?}"));
        }
        if row.cleared != cleared {
            flaws.push(format!("cleared fields: the run says {:?}, what is stored says {cleared:?}", row.cleared));
        }
        if let Some(mut said) = row.skips {
            let mut skips = self.ledger_db(run)?.db().read(|conn| count_skipped(conn, run))?;
            said.sort_by_key(|count| count.first_row);
            skips.sort_by_key(|count| count.first_row);
            if said != skips {
                flaws.push(format!("skip reasons: the run says {said:?}, what is stored says {skips:?}"));
            }
        }
        if flaws.is_empty() { Ok(()) } else { Err(ConservationError::Broken { run, flaws }) }
    }
}

fn stored(conn: &Connection, run: RunId) -> Result<Stored, Fault> {
    let mut found = Stored { counts: Counts::default(), issues: Vec::new(), cleared: Vec::new(), flaws: Vec::new() };
    let (mut due, mut told) = (1, 0u64);
    let mut entries_of = conn.prepare("SELECT id, data FROM exception WHERE id >= ?1 AND id < ?2 ORDER BY id")?;
    each_block(conn, run, |first, n, data| {
        if first != due {
            found.flaws.push(format!("row {due} is due where the ledger goes on with row {first}"));
        }
        due = first + n as u64;
        let corrupt = |_| Fault::Corrupt("ledger block", first);
        ledger_codec::count(data, n, &mut found.counts).map_err(corrupt)?;
        // What the block says of its rows has to be what their own entries say, entry for entry.
        let mut entries = entries_of.query((row_id(run, first), row_id(run, due)))?;
        let rows = ledger_codec::unpack(data, n, first).map_err(corrupt)?;
        let mut announced = rows.iter().filter(|packed| packed.code.is_exception());
        while let Some(entry) = entries.next()? {
            let row = (entry.get::<_, i64>(0)? & 0xffff_ffff) as u64;
            let data: Vec<u8> = entry.get(1)?;
            let corrupt = |_| Fault::Corrupt("ledger row", row);
            let code = ledger_codec::exception_code(&data).map_err(corrupt)?;
            if announced.next().is_none_or(|packed| packed.row != row || packed.code != code) {
                found.flaws.push(format!("row {row} is told differently by its block and its own entry"));
            }
            let exception = ledger_codec::exception(row, &data).map_err(corrupt)?;
            count_issues(&mut found.issues, &exception);
            count_cleared(&mut found.cleared, &exception);
            told += 1;
        }
        if let Some(packed) = announced.next() {
            found.flaws.push(format!("row {} lacks its entry", packed.row));
        }
        Ok(())
    })?;
    let all = "SELECT count(*) FROM exception WHERE id >= ?1 AND id < ?2";
    let all: i64 = conn.query_row(all, (row_id(run, 0), row_id(RunId(run.0 + 1), 0)), |row| row.get(0))?;
    if all as u64 != told {
        found.flaws.push(format!("{all} rows have an entry of their own, {told} of them are in a block"));
    }
    Ok(found)
}
