//! Looks at where sources' files lie, and the due times that they cover: each is run once, or listed as missed and
//! covered by exactly one pickup.

use super::error::{Fault, StoreError};
use super::workspace::Store;
use crate::domain::id::{PickupId, SourceId};
use crate::domain::source::{self, Due, DueNow, DueSpan, Missed, Pickup, PickupCause, Source, Waiting};
use rusqlite::{Connection, Row};

/// A pickup to be begun.
#[derive(Debug, Clone, Copy)]
pub struct NewPickup<'a> {
    pub source: SourceId,
    pub cause: PickupCause,
    pub user: &'a str,
    pub started_ms: i64,
}

/// Due times that a pickup covers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dues {
    /// The one that is run in its time.
    pub run_at: Option<i64>,
    /// Those that had no pickup of their own, and why.
    pub missed: Vec<(i64, Missed)>,
    /// Those missed before the listed ones, where nobody was there for that long.
    pub before: Option<DueSpan>,
    /// All due times up to this one are among these, or were taken before.
    pub until_ms: i64,
}

impl Dues {
    /// The due times that nobody looks at in their time, and why: those that `now` has as missed, and `last`, where
    /// nobody looks then either.
    pub fn missed(source: &Source, now: &DueNow, last: Option<i64>, until_ms: i64) -> Dues {
        let each = now.missed.iter().copied().chain(last);
        let missed = each.map(|at| (at, source.why_missed(at))).collect();
        Dues { run_at: None, missed, before: now.missed_before, until_ms }
    }
}

/// The last pickups of a source.
const LAST: &str = "SELECT id, source, cause, user, started_at, finished_at, listed, landed, error, waiting \
                    FROM pickup WHERE source = ?1 ORDER BY id DESC LIMIT ?2";

/// The last due times of a source that were taken.
const LAST_DUES: &str = "SELECT at, pickup, missed, earlier FROM due WHERE source = ?1 ORDER BY at DESC LIMIT ?2";

/// Whether due times of a source wait for a pickup that covers them.
const UNCOVERED: &str = "SELECT EXISTS(SELECT 1 FROM due WHERE source = ?1 AND pickup IS NULL)";

/// Covers them.
const COVER: &str = "UPDATE due SET pickup = ?2 WHERE source = ?1 AND pickup IS NULL";

/// What is asked again and again of a source, however long its history.
#[cfg(test)]
pub(super) const ASKED: [&str; 4] = [LAST, LAST_DUES, UNCOVERED, COVER];

impl Store {
    /// Begins a pickup. The due times that it covers are taken in the same transaction, and with them the missed ones
    /// that nothing has covered yet.
    pub fn begin_pickup(&mut self, new: &NewPickup<'_>, dues: Option<&Dues>) -> Result<PickupId, StoreError> {
        self.main.write(|tx| {
            let add = "INSERT INTO pickup(source, cause, user, started_at) VALUES(?1, ?2, ?3, ?4)";
            tx.execute(add, (new.source.0 as i64, new.cause.as_str(), new.user, new.started_ms))?;
            let pickup = PickupId(tx.last_insert_rowid() as u64);
            if let Some(dues) = dues {
                tx.execute(COVER, (new.source.0 as i64, pickup.0 as i64))?;
                take(tx, new.source, dues, Some(pickup))?;
            }
            Ok(pickup)
        })
    }

    /// Lists due times as missed that no pickup covers yet: those of a source that does not run. The next pickup that is
    /// due covers them. One that should have been run is missed, too.
    pub fn note_missed(&mut self, source: SourceId, dues: &Dues) -> Result<(), StoreError> {
        self.main.write(|tx| take(tx, source, dues, None))
    }

    /// Says how a pickup ended.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn finish_pickup(
        &mut self,
        pickup: PickupId,
        listed: u64,
        landed: u64,
        fault: Option<&source::Fault>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let fault = fault.map(|fault| serde_json::to_string(fault).expect("texts are JSON"));
        self.main.write(|tx| {
            let finish = "UPDATE pickup SET finished_at = ?2, listed = ?3, landed = ?4, error = ?5, waiting = NULL \
                          WHERE id = ?1";
            match tx.execute(finish, (pickup.0 as i64, now_ms, listed as i64, landed as i64, fault))? {
                0 => Err(StoreError::NoSuch { what: "pickup", id: pickup.to_string() }.into()),
                _ => Ok(()),
            }
        })
    }

    /// Says what a pickup has met and tries again, so that it is seen before the pickup has ended; nothing once that
    /// has succeeded.
    pub fn note_waiting(&mut self, pickup: PickupId, waiting: Option<&Waiting>) -> Result<(), StoreError> {
        let waiting = waiting.map(|waiting| serde_json::to_string(waiting).expect("texts and numbers are JSON"));
        let note = "UPDATE pickup SET waiting = ?2 WHERE id = ?1";
        self.main.write(|tx| Ok(tx.execute(note, (pickup.0 as i64, waiting)).map(drop)?))
    }

    /// The last pickups of a source, newest first.
    pub fn pickups(&self, source: SourceId, most: u64) -> Result<Vec<Pickup>, StoreError> {
        self.main.read(|conn| {
            let mut query = conn.prepare_cached(LAST)?;
            let mut rows = query.query((source.0 as i64, most as i64))?;
            let mut pickups = Vec::new();
            while let Some(row) = rows.next()? {
                pickups.push(pickup(row)?);
            }
            Ok(pickups)
        })
    }

    /// The last due times of a source's schedule that were taken, newest first.
    pub fn dues(&self, source: SourceId, most: u64) -> Result<Vec<Due>, StoreError> {
        self.main.read(|conn| {
            let mut query = conn.prepare_cached(LAST_DUES)?;
            let mut rows = query.query((source.0 as i64, most as i64))?;
            let mut dues = Vec::new();
            while let Some(row) = rows.next()? {
                let missed: Option<String> = row.get(2)?;
                let unknown = || Fault::Corrupt("why a due time was missed by source", source.0);
                dues.push(Due {
                    at_ms: row.get(0)?,
                    pickup: row.get::<_, Option<i64>>(1)?.map(|id| PickupId(id as u64)),
                    earlier: row.get::<_, i64>(3)? as u64,
                    missed: missed.map(|missed| Missed::parse(&missed).ok_or_else(unknown)).transpose()?,
                });
            }
            Ok(dues)
        })
    }

    /// Whether due times of the source were missed that nothing has covered yet.
    pub fn has_uncovered_dues(&self, source: SourceId) -> Result<bool, StoreError> {
        self.main.read(|conn| Ok(conn.query_row(UNCOVERED, [source.0 as i64], |row| row.get(0))?))
    }
}

pub(super) fn take(tx: &Connection, source: SourceId, dues: &Dues, pickup: Option<PickupId>) -> Result<(), Fault> {
    let pickup = pickup.map(|pickup| pickup.0 as i64);
    if let Some(span) = dues.before {
        let add = "INSERT OR IGNORE INTO due(source, at, pickup, missed, earlier) VALUES(?1, ?2, ?3, ?4, ?5)";
        let (away, earlier) = (Missed::Away.as_str(), span.count.saturating_sub(1) as i64);
        tx.execute(add, (source.0 as i64, span.last_ms, pickup, away, earlier))?;
    }
    let mut add = tx.prepare_cached("INSERT OR IGNORE INTO due(source, at, pickup, missed) VALUES(?1, ?2, ?3, ?4)")?;
    for (at, why) in &dues.missed {
        add.execute((source.0 as i64, at, pickup, Some(why.as_str())))?;
    }
    if let Some(at) = dues.run_at {
        add.execute((source.0 as i64, at, pickup, None::<&str>))?;
    }
    let until = "UPDATE source SET due_until = max(coalesce(due_until, ?2), ?2) WHERE id = ?1 AND schedule IS NOT NULL";
    tx.execute(until, (source.0 as i64, dues.until_ms))?;
    Ok(())
}

fn pickup(row: &Row<'_>) -> Result<Pickup, Fault> {
    let id = row.get::<_, i64>(0)? as u64;
    let cause = PickupCause::parse(row.get_ref(2)?.as_str().unwrap_or_default());
    let fault: Option<String> = row.get(8)?;
    let fault = fault.map(|fault| serde_json::from_str(&fault)).transpose();
    let waiting: Option<String> = row.get(9)?;
    let waiting = waiting.map(|waiting| serde_json::from_str(&waiting)).transpose();
    Ok(Pickup {
        id: PickupId(id),
        source: SourceId(row.get::<_, i64>(1)? as u64),
        cause: cause.ok_or(Fault::Corrupt("the cause of pickup", id))?,
        user: row.get(3)?,
        started_ms: row.get(4)?,
        finished_ms: row.get(5)?,
        listed: row.get::<_, i64>(6)? as u64,
        landed: row.get::<_, i64>(7)? as u64,
        fault: fault.map_err(|_| Fault::Corrupt("the error of pickup", id))?,
        waiting: waiting.map_err(|_| Fault::Corrupt("what is waited for by pickup", id))?,
    })
}
