//! Runs: what was asked for, how it stands, what people noted about it.

use super::error::{Fault, StoreError};
use super::workspace::Store;
use crate::domain::id::{DeliveryId, RunId, SourceId};
use crate::domain::outcome::Counts;
use crate::domain::run::{ClearedCount, Interruption, IssueCount, Mode, RunKind, RunLine, RunStatus, SkipCount, Tally};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::path::PathBuf;

/// How far into its delivery a run has come: what lies before is committed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    /// Bytes of the delivery after decompression.
    pub offset: u64,
    /// The line at that offset, from 1; 0 before the start.
    pub line: u64,
    /// Rows that have their outcome.
    pub rows: u64,
}

/// A run to be queued or started.
#[derive(Debug, Clone, Copy)]
pub struct NewRun<'a> {
    pub kind: RunKind,
    pub status: RunStatus,
    pub source: SourceId,
    pub delivery: DeliveryId,
    pub mode: Mode,
    pub user: &'a str,
    /// Everything that decides what the run does, as JSON; the store reads `sample`, `rows_expected` and
    /// `bytes_expected` of it, which lists show.
    pub plan: &'a str,
    pub created_ms: i64,
}

/// A run as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    pub id: RunId,
    pub kind: RunKind,
    pub status: RunStatus,
    pub source: SourceId,
    pub source_name: String,
    pub delivery: DeliveryId,
    /// What the delivery was called where it came from.
    pub delivery_name: String,
    /// Where the delivery is kept.
    pub delivery_path: PathBuf,
    pub mode: Mode,
    pub user: String,
    pub plan: String,
    /// [`Store::state_version`] when the run was made.
    pub state_version: u64,
    pub created_ms: i64,
    pub started_ms: Option<i64>,
    pub finished_ms: Option<i64>,
    /// When the run last showed that it is alive.
    pub heartbeat_ms: Option<i64>,
    /// Time at work, without pauses.
    pub elapsed_ms: u64,
    pub position: Position,
    pub counts: Counts,
    /// In the order in which they first occurred.
    pub issue_counts: Vec<IssueCount>,
    /// Fields that held a value and were emptied, in the order in which that first occurred (R258, R259). Of a dry run
    /// those that would be.
    pub cleared: Vec<ClearedCount>,
    /// Why rows were skipped, in the order in which each reason first occurred; none where that was not counted while
    /// the run was written (see [`Store::skip_counts`]).
    pub skips: Option<Vec<SkipCount>>,
    pub tally: Tally,
    /// Length of the delivery after decompression, known when the run is finished.
    pub content_bytes: Option<u64>,
    pub error: Option<String>,
    /// Of an interrupted run, by what; none where an older version wrote it.
    pub interruption: Option<Interruption>,
    /// How often it was resumed without anybody asking, since its last batch.
    pub resumptions: u64,
    pub cancel_requested: bool,
    /// Only so many first rows were asked for (R48).
    pub sample: Option<u64>,
    /// Rows and bytes (after decompression) of the delivery, where they were counted before the run.
    pub rows_expected: Option<u64>,
    pub bytes_expected: Option<u64>,
    pub notes: Vec<RunNote>,
}

impl RunRow {
    /// Whether only the first rows of the delivery were asked for (R48).
    pub fn is_sample(&self) -> bool {
        self.sample.is_some()
    }

    /// Rows of the delivery that have no outcome, where they were counted before the run: of a run that has not
    /// finished, or of a sample.
    pub fn not_reached(&self) -> Option<u64> {
        Some(self.rows_expected?.saturating_sub(self.counts.rows()))
    }

    /// Bytes of the delivery accounted for so far.
    pub fn bytes(&self) -> u64 {
        self.content_bytes.unwrap_or_else(|| self.tally.bytes())
    }
}

/// What someone wrote about a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunNote {
    pub user: String,
    pub at_ms: i64,
    pub text: String,
}

/// Which runs to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct RunFilter {
    pub source: Option<SourceId>,
    pub status: Option<RunStatus>,
    /// Runs older than this one.
    pub after: Option<RunId>,
    pub limit: Option<u64>,
}

/// The runs of a [`RunFilter`], newest first; its numbers are those of [`RunFilter::params`].
const WHICH: &str = "WHERE (?1 IS NULL OR r.source = ?1) AND (?2 IS NULL OR r.status = ?2) \
                     AND (?3 IS NULL OR r.id < ?3) ORDER BY r.id DESC LIMIT ?4";

impl RunFilter {
    fn params(&self) -> impl rusqlite::Params {
        (
            self.source.map(|id| id.0 as i64),
            self.status.map(RunStatus::as_str),
            self.after.map(|id| id.0 as i64),
            self.limit.map_or(-1, |limit| limit as i64),
        )
    }
}

const RUN: &str = "SELECT r.id, r.kind, r.status, r.source, s.name, r.delivery, d.name, d.path, r.mode, r.user, p.plan, \
    r.state_version, r.created_at, r.started_at, r.finished_at, r.heartbeat_at, r.elapsed_ms, \
    r.position_offset, r.position_line, r.position_rows, \
    r.created, r.updated, r.unchanged, r.skipped, r.failed, r.warnings, r.notes, \
    r.issue_counts, r.tally, r.content_bytes, r.error, r.cancel_requested, \
    r.interruption, r.resumptions, r.sample, r.rows_expected, r.bytes_expected \
    FROM run r LEFT JOIN source s ON s.id = r.source LEFT JOIN delivery d ON d.id = r.delivery \
    LEFT JOIN run_plan p ON p.run = r.id";

pub(super) const LINE: &str = "SELECT r.id, r.kind, r.status, r.source, s.name, d.name, r.mode, r.user, r.created_at, r.started_at, \
    r.finished_at, r.heartbeat_at, r.elapsed_ms, r.created, r.updated, r.unchanged, r.skipped, r.failed, r.warnings, \
    r.notes, r.position_offset, r.content_bytes, r.rows_expected, r.bytes_expected, r.sample, r.error, r.interruption, \
    r.resumptions, r.cancel_requested, (SELECT count(*) FROM run_note n WHERE n.run = r.id) \
    FROM run r LEFT JOIN source s ON s.id = r.source LEFT JOIN delivery d ON d.id = r.delivery";

/// Few runs are of one delivery, many of one source: by the index of the first.
const OF_DELIVERY: &str = "WHERE +r.source = ?1 AND r.delivery = ?2 ORDER BY r.id DESC";
const TO_DO: &str = "WHERE r.status IN ('queued', 'running', 'interrupted') ORDER BY r.id";

/// What is asked of runs again and again, however many there are: with [`LINE`] before it.
#[cfg(test)]
pub(super) const ASKED: [&str; 2] = [OF_DELIVERY, TO_DO];

impl Store {
    pub fn add_run(&mut self, new: &NewRun<'_>) -> Result<RunId, StoreError> {
        self.main.write(|tx| {
            tx.execute(
                "INSERT INTO run(kind, status, source, delivery, mode, user, sample, rows_expected, bytes_expected, \
                 created_at, state_version) \
                 VALUES(?1, ?2, ?3, ?4, ?5, ?6, json_extract(?7, '$.sample'), json_extract(?7, '$.rows_expected'), \
                 json_extract(?7, '$.bytes_expected'), ?8, (SELECT state_version FROM meta))",
                (
                    new.kind.as_str(),
                    new.status.as_str(),
                    new.source.0 as i64,
                    new.delivery.0 as i64,
                    new.mode.as_str(),
                    new.user,
                    new.plan,
                    new.created_ms,
                ),
            )?;
            let run = tx.last_insert_rowid();
            tx.execute("INSERT INTO run_plan(run, plan) VALUES(?1, ?2)", (run, new.plan))?;
            Ok(RunId(run as u64))
        })
    }

    pub fn run(&self, id: RunId) -> Result<Option<RunRow>, StoreError> {
        self.main.read(|conn| {
            let Some(mut run) = self.run_progress(conn, id)? else { return Ok(None) };
            run.notes = notes(conn, id)?;
            Ok(Some(run))
        })
    }

    /// The row that a dry run's own database keeps of it.
    pub(super) fn run_progress(&self, conn: &Connection, id: RunId) -> Result<Option<RunRow>, Fault> {
        let mut query = conn.prepare_cached(&format!("{RUN} WHERE r.id = ?1"))?;
        query.query_row([id.0 as i64], |row| Ok(self.run_row(row))).optional()?.transpose()
    }

    /// Runs, newest first.
    pub fn runs(&self, which: &RunFilter) -> Result<Vec<RunRow>, StoreError> {
        self.run_list(WHICH, which.params())
    }

    /// Runs as lists show them, newest first: without their plans, which takes a fraction of the time.
    pub fn run_lines(&self, which: &RunFilter) -> Result<Vec<RunLine>, StoreError> {
        self.lines(WHICH, which.params())
    }

    /// One run as lists show it.
    pub fn run_line(&self, run: RunId) -> Result<Option<RunLine>, StoreError> {
        Ok(self.lines("WHERE r.id = ?1", [run.0 as i64])?.pop())
    }

    /// Of each source that there is, the newest run that was begun, is not at work and is no dry run: the one that its
    /// status follows from. In the order of sources; those without one are absent.
    pub fn last_runs(&self) -> Result<Vec<RunLine>, StoreError> {
        self.lines(
            "WHERE r.id IN (SELECT (SELECT l.id FROM run l WHERE l.source = k.id AND l.kind <> 'dry_run' \
             AND l.started_at IS NOT NULL AND l.status NOT IN ('queued', 'running') ORDER BY l.id DESC LIMIT 1) \
             FROM source k WHERE k.removed_at IS NULL) ORDER BY r.source",
            [],
        )
    }

    /// The runs over a delivery of a source, newest first.
    pub fn runs_of_delivery(&self, source: SourceId, delivery: DeliveryId) -> Result<Vec<RunLine>, StoreError> {
        self.lines(OF_DELIVERY, [source.0 as i64, delivery.0 as i64])
    }

    fn lines(&self, which: &str, params: impl rusqlite::Params) -> Result<Vec<RunLine>, StoreError> {
        self.main.read(|conn| {
            let mut query = conn.prepare_cached(&format!("{LINE} {which}"))?;
            let mut rows = query.query(params)?;
            let mut lines = Vec::new();
            while let Some(row) = rows.next()? {
                lines.push(run_line(row)?);
            }
            Ok(lines)
        })
    }

    /// Runs that are not done and may go on, oldest first: queued ones, interrupted ones, and those that say they run
    /// (whoever holds the workspace's lock and does not run them knows that their process died).
    pub fn runs_to_do(&self) -> Result<Vec<RunLine>, StoreError> {
        self.lines(TO_DO, [])
    }

    fn run_list(&self, which: &str, params: impl rusqlite::Params) -> Result<Vec<RunRow>, StoreError> {
        self.main.read(|conn| {
            let mut query = conn.prepare_cached(&format!("{RUN} {which}"))?;
            let mut rows = query.query(params)?;
            let mut runs = Vec::new();
            while let Some(row) = rows.next()? {
                let mut run = self.run_row(row)?;
                run.notes = notes(conn, run.id)?;
                runs.push(run);
            }
            Ok(runs)
        })
    }

    /// Says how a run stands. The first `running` sets when it started, a final status when it ended.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn set_run_status(
        &mut self,
        run: RunId,
        status: RunStatus,
        error: Option<&str>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.change_run(
            run,
            "UPDATE run SET status = ?2, error = ?3, heartbeat_at = ?4, interruption = NULL, \
             started_at = CASE WHEN ?2 = 'running' THEN coalesce(started_at, ?4) ELSE started_at END, \
             finished_at = CASE WHEN ?2 IN ('completed', 'needs_attention', 'failed', 'cancelled') THEN ?4 END \
             WHERE id = ?1",
            (run.0 as i64, status.as_str(), error, now_ms),
        )
    }

    /// Says that a run has stopped where it stands, and by what. One that an error stopped tells its source.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn interrupt_run(&mut self, run: RunId, by: Interruption, error: &str, now_ms: i64) -> Result<(), StoreError> {
        self.main.write(|tx| {
            let interrupt = "UPDATE run SET status = 'interrupted', interruption = ?2, error = ?3, heartbeat_at = ?4, \
                             finished_at = NULL WHERE id = ?1";
            if tx.execute(interrupt, (run.0 as i64, by.as_str(), error, now_ms))? == 0 {
                return Err(StoreError::NoSuch { what: "run", id: run.to_string() }.into());
            }
            if by == Interruption::Error {
                tx.execute(
                    "UPDATE source SET error_at = CASE WHEN error IS NULL THEN ?2 ELSE coalesce(error_at, ?2) END, \
                     error = ?3 WHERE id = (SELECT source FROM run WHERE id = ?1 AND kind <> 'dry_run')",
                    (run.0 as i64, now_ms, error),
                )?;
            }
            Ok(())
        })
    }

    /// Queues an interrupted run again, whoever will carry it out; nothing happens to a run that is not interrupted.
    /// With `by_itself` nobody has asked for it, which is counted.
    pub fn requeue_run(&mut self, run: RunId, by_itself: bool) -> Result<(), StoreError> {
        self.main.write(|tx| {
            tx.execute(
                "UPDATE run SET status = 'queued', error = NULL, interruption = NULL, \
                 resumptions = CASE WHEN ?2 THEN resumptions + 1 ELSE 0 END WHERE id = ?1 AND status = 'interrupted'",
                (run.0 as i64, by_itself),
            )?;
            Ok(())
        })
    }

    /// Takes a dry run back that nobody has begun, with its delivery where no other run is of it. Answers whether it was
    /// such a one; nothing happens to any other.
    pub fn withdraw_dry_run(&mut self, run: RunId) -> Result<bool, StoreError> {
        self.main.write(|tx| {
            let run = run.0 as i64;
            let taken = "DELETE FROM run WHERE id = ?1 AND kind = 'dry_run' AND status = 'queued' \
                         AND started_at IS NULL RETURNING delivery";
            let delivery: Option<i64> = tx.query_row(taken, [run], |row| row.get(0)).optional()?;
            let Some(delivery) = delivery else { return Ok(false) };
            tx.execute("DELETE FROM run_plan WHERE run = ?1", [run])?;
            tx.execute("DELETE FROM run_note WHERE run = ?1", [run])?;
            let unused = "DELETE FROM delivery WHERE id = ?1 AND NOT EXISTS(SELECT 1 FROM run WHERE delivery = ?1)";
            tx.execute(unused, [delivery])?;
            Ok(true)
        })
    }

    /// Shows that a run is alive, unless something has shown so in the last `every_ms`.
    pub fn beat(&mut self, run: RunId, now_ms: i64, every_ms: i64) -> Result<(), StoreError> {
        let due = "SELECT EXISTS(SELECT 1 FROM run WHERE id = ?1 AND status = 'running' AND heartbeat_at <= ?2)";
        let due: bool = self.main.read(|conn| {
            let mut query = conn.prepare_cached(due)?;
            Ok(query.query_row((run.0 as i64, now_ms - every_ms), |row| row.get(0))?)
        })?;
        if !due {
            return Ok(());
        }
        self.main.write(|tx| {
            let beat = "UPDATE run SET heartbeat_at = ?2 WHERE id = ?1 AND status = 'running'";
            tx.prepare_cached(beat)?.execute((run.0 as i64, now_ms))?;
            Ok(())
        })
    }

    /// Asks whoever works on the run to stop at the end of its batch.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn request_cancel(&mut self, run: RunId) -> Result<(), StoreError> {
        self.change_run(run, "UPDATE run SET cancel_requested = 1 WHERE id = ?1", [run.0 as i64])
    }

    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn add_run_note(&mut self, run: RunId, user: &str, text: &str, now_ms: i64) -> Result<(), StoreError> {
        let add = "INSERT INTO run_note(run, user, at, text) SELECT id, ?2, ?3, ?4 FROM run WHERE id = ?1";
        self.change_run(run, add, (run.0 as i64, user, now_ms, text))
    }

    fn change_run(&mut self, run: RunId, sql: &str, params: impl rusqlite::Params) -> Result<(), StoreError> {
        self.main.write(|tx| match tx.execute(sql, params)? {
            0 => Err(StoreError::NoSuch { what: "run", id: run.to_string() }.into()),
            _ => Ok(()),
        })
    }

    /// Whether records have changed since a dry run began, so that the real run may do something else.
    pub fn is_stale(&self, run: &RunRow) -> Result<bool, StoreError> {
        Ok(run.kind == RunKind::DryRun && self.state_version()? != run.state_version)
    }

    fn run_row(&self, row: &Row<'_>) -> Result<RunRow, Fault> {
        let number = |place: usize| row.get::<_, i64>(place).map(|number| number as u64);
        let text = |place: usize| row.get::<_, Option<String>>(place).map(Option::unwrap_or_default);
        let id = number(0)?;
        let corrupt = |what: &'static str| move || Fault::Corrupt(what, id);
        let json = (text(27)?, text(28)?);
        // Stored as '{}' until the first batch.
        let stored = if json.1 == "{}" { Ok(StoredTally::default()) } else { serde_json::from_str(&json.1) };
        let StoredTally { tally, cleared, skips } = stored.map_err(|_| corrupt("the tally of run")())?;
        Ok(RunRow {
            id: RunId(id),
            kind: RunKind::parse(&text(1)?).ok_or_else(corrupt("the kind of run"))?,
            status: RunStatus::parse(&text(2)?).ok_or_else(corrupt("the status of run"))?,
            source: SourceId(number(3)?),
            source_name: text(4)?,
            delivery: DeliveryId(number(5)?),
            delivery_name: text(6)?,
            delivery_path: self.dir.join(text(7)?),
            mode: Mode::parse(&text(8)?).ok_or_else(corrupt("the mode of run"))?,
            user: text(9)?,
            plan: text(10)?,
            state_version: number(11)?,
            created_ms: row.get(12)?,
            started_ms: row.get(13)?,
            finished_ms: row.get(14)?,
            heartbeat_ms: row.get(15)?,
            elapsed_ms: number(16)?,
            position: Position { offset: number(17)?, line: number(18)?, rows: number(19)? },
            counts: Counts {
                created: number(20)?,
                updated: number(21)?,
                unchanged: number(22)?,
                skipped: number(23)?,
                failed: number(24)?,
                warnings: number(25)?,
                notes: number(26)?,
            },
            issue_counts: serde_json::from_str(&json.0).map_err(|_| corrupt("the issues of run")())?,
            cleared: cleared.into_owned(),
            skips: skips.map(Cow::into_owned),
            tally,
            content_bytes: row.get::<_, Option<i64>>(29)?.map(|bytes| bytes as u64),
            error: row.get(30)?,
            cancel_requested: row.get(31)?,
            interruption: row.get::<_, Option<String>>(32)?.as_deref().and_then(Interruption::parse),
            resumptions: number(33)?,
            sample: row.get::<_, Option<i64>>(34)?.map(|number| number as u64),
            rows_expected: row.get::<_, Option<i64>>(35)?.map(|number| number as u64),
            bytes_expected: row.get::<_, Option<i64>>(36)?.map(|number| number as u64),
            notes: Vec::new(),
        })
    }
}

fn run_line(row: &Row<'_>) -> Result<RunLine, Fault> {
    let number = |place: usize| row.get::<_, i64>(place).map(|number| number as u64);
    let maybe = |place: usize| row.get::<_, Option<i64>>(place).map(|number| number.map(|number| number as u64));
    let text = |place: usize| row.get::<_, Option<String>>(place).map(Option::unwrap_or_default);
    let id = number(0)?;
    let corrupt = |what: &'static str| move || Fault::Corrupt(what, id);
    Ok(RunLine {
        id: RunId(id),
        kind: RunKind::parse(&text(1)?).ok_or_else(corrupt("the kind of run"))?,
        status: RunStatus::parse(&text(2)?).ok_or_else(corrupt("the status of run"))?,
        source: SourceId(number(3)?),
        source_name: text(4)?,
        delivery_name: text(5)?,
        mode: Mode::parse(&text(6)?).ok_or_else(corrupt("the mode of run"))?,
        user: text(7)?,
        created_ms: row.get(8)?,
        started_ms: row.get(9)?,
        finished_ms: row.get(10)?,
        heartbeat_ms: row.get(11)?,
        elapsed_ms: number(12)?,
        counts: Counts {
            created: number(13)?,
            updated: number(14)?,
            unchanged: number(15)?,
            skipped: number(16)?,
            failed: number(17)?,
            warnings: number(18)?,
            notes: number(19)?,
        },
        bytes: maybe(21)?.map_or_else(|| number(20), Ok)?,
        rows_expected: maybe(22)?,
        bytes_expected: maybe(23)?,
        sample: maybe(24)?,
        error: row.get(25)?,
        interruption: row.get::<_, Option<String>>(26)?.as_deref().and_then(Interruption::parse),
        resumptions: number(27)?,
        cancel_requested: row.get(28)?,
        notes: number(29)?,
    })
}

fn notes(conn: &Connection, run: RunId) -> Result<Vec<RunNote>, Fault> {
    let mut query = conn.prepare_cached("SELECT user, at, text FROM run_note WHERE run = ?1 ORDER BY id")?;
    let notes = query
        .query_map([run.0 as i64], |row| Ok(RunNote { user: row.get(0)?, at_ms: row.get(1)?, text: row.get(2)? }))?;
    Ok(notes.collect::<Result<_, _>>()?)
}

/// What is kept as the tally of a run: of what its delivery is made, which fields it emptied, and why rows were skipped.
/// Rows of older versions have no `cleared` and no `skips`.
#[derive(Default, Serialize, Deserialize)]
struct StoredTally<'a> {
    #[serde(flatten)]
    tally: Tally,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    cleared: Cow<'a, [ClearedCount]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    skips: Option<Cow<'a, [SkipCount]>>,
}

/// How far a run has come and what its rows add up to: what a batch, and the end of a run, write into the run's row.
#[derive(Clone)]
pub(super) struct Progress {
    pub(super) position: Position,
    pub(super) counts: Counts,
    pub(super) issue_counts: Vec<IssueCount>,
    pub(super) cleared: Vec<ClearedCount>,
    pub(super) skips: Option<Vec<SkipCount>>,
    pub(super) tally: Tally,
    pub(super) elapsed_ms: u64,
    pub(super) now_ms: i64,
}

impl Progress {
    /// The run has been at work until now.
    pub(super) fn advance_to(&mut self, now_ms: i64) {
        self.elapsed_ms += u64::try_from(now_ms - self.now_ms).unwrap_or(0);
        self.now_ms = now_ms;
    }

    pub(super) fn write(&self, conn: &Connection, run: RunId) -> Result<(), Fault> {
        let json =
            |written: serde_json::Result<String>| written.map_err(|_| Fault::Corrupt("the progress of run", run.0));
        let mut update = conn.prepare_cached(
            "UPDATE run SET position_offset = ?2, position_line = ?3, position_rows = ?4, created = ?5, updated = ?6, \
             unchanged = ?7, skipped = ?8, failed = ?9, warnings = ?10, notes = ?11, issue_counts = ?12, tally = ?13, \
             elapsed_ms = ?14, heartbeat_at = ?15, resumptions = 0 WHERE id = ?1",
        )?;
        let counts = self.counts;
        let stored = StoredTally {
            tally: self.tally,
            cleared: Cow::Borrowed(&self.cleared),
            skips: self.skips.as_deref().map(Cow::Borrowed),
        };
        let numbers = [
            self.position.offset,
            self.position.line,
            self.position.rows,
            counts.created,
            counts.updated,
            counts.unchanged,
            counts.skipped,
            counts.failed,
            counts.warnings,
            counts.notes,
        ];
        update.raw_bind_parameter(1, run.0 as i64)?;
        for (place, number) in numbers.into_iter().enumerate() {
            update.raw_bind_parameter(place + 2, number as i64)?;
        }
        update.raw_bind_parameter(12, json(serde_json::to_string(&self.issue_counts))?)?;
        update.raw_bind_parameter(13, json(serde_json::to_string(&stored))?)?;
        update.raw_bind_parameter(14, self.elapsed_ms as i64)?;
        update.raw_bind_parameter(15, self.now_ms)?;
        update.raw_execute()?;
        Ok(())
    }
}
