//! The versions of what people said of a source, with who and when (R82–R86), and what keeps a source from running.

use super::error::{Fault, StoreError};
use super::pickups::{self, Dues};
use super::sources;
use super::workspace::Store;
use crate::domain::id::SourceId;
use crate::domain::source::{Aspect, Blocked, DueNow, Source, SourceChange, SourceOptions};
use rusqlite::{Connection, OptionalExtension, Row};

/// What a source was before an edit, of which every version is kept.
pub(super) struct Before {
    parts: [(Aspect, Option<String>); 4],
    source: Source,
}

impl Before {
    /// As it is now; none where there is no such source.
    pub(super) fn of(tx: &Connection, id: SourceId) -> Result<Option<Before>, Fault> {
        let Some(source) = sources::of_id(tx, id)? else { return Ok(None) };
        let parts = "SELECT options, connection, schedule, contract FROM source WHERE id = ?1";
        let read = |row: &Row<'_>| {
            let parts = [
                (Aspect::Options, row.get(0)?),
                (Aspect::Connection, row.get(1)?),
                (Aspect::Schedule, row.get(2)?),
                (Aspect::Contract, row.get(3)?),
            ];
            Ok(Before { parts, source })
        };
        Ok(tx.query_row(parts, [id.0 as i64], read).optional()?)
    }

    /// Writes down what has really become different since, and what follows from it: a new schedule is due from now on,
    /// what was due by the old one and nobody has dealt with is listed as missed, and a new connection may be free of what
    /// stopped the old one.
    pub(super) fn note_changes(&self, tx: &Connection, id: SourceId, user: &str, now_ms: i64) -> Result<(), Fault> {
        let Some(now) = Before::of(tx, id)? else { return Ok(()) };
        for ((what, before), (_, after)) in self.parts.iter().zip(&now.parts) {
            if comparable(*what, before.as_deref()) == comparable(*what, after.as_deref()) {
                continue;
            }
            let first = "SELECT NOT EXISTS(SELECT 1 FROM source_change WHERE source = ?1 AND what = ?2)";
            let first: bool = tx.query_row(first, (id.0 as i64, what.as_str()), |row| row.get(0))?;
            if let (true, Some(before)) = (first, before) {
                note(tx, id, *what, before, "", self.source.created_ms)?;
            }
            note(tx, id, *what, after.as_deref().unwrap_or("null"), user, now_ms)?;
            match what {
                Aspect::Schedule => {
                    self.leave_schedule(tx, now_ms)?;
                    let due =
                        "UPDATE source SET due_until = CASE WHEN schedule IS NULL THEN NULL ELSE ?2 END WHERE id = ?1";
                    tx.execute(due, (id.0 as i64, now_ms))?;
                }
                Aspect::Connection => {
                    tx.execute("UPDATE source SET blocked = NULL WHERE id = ?1", [id.0 as i64])?;
                }
                Aspect::Options | Aspect::Contract => {}
            }
        }
        Ok(())
    }

    /// Lists the due times of the schedule as it was that nobody has dealt with: with the new one nobody would ever know
    /// of them. The next pickup covers them.
    fn leave_schedule(&self, tx: &Connection, now_ms: i64) -> Result<(), Fault> {
        let Source { schedule: Some(schedule), due_until_ms, created_ms, .. } = &self.source else { return Ok(()) };
        let now = DueNow::of(schedule, due_until_ms.unwrap_or(*created_ms), now_ms);
        match now.run {
            Some(_) => pickups::take(tx, self.source.id, &Dues::missed(&self.source, &now, now.run, now_ms), None),
            None => Ok(()),
        }
    }
}

/// What tells one version from another: not who said it.
fn comparable(what: Aspect, json: Option<&str>) -> Option<String> {
    match what {
        Aspect::Options => {
            let options = SourceOptions::from_json(json.unwrap_or("{}"));
            options.map(|options| SourceOptions { set_by: None, ..options }.to_json())
        }
        Aspect::Connection | Aspect::Schedule | Aspect::Contract => json.map(str::to_owned),
    }
}

fn note(tx: &Connection, id: SourceId, what: Aspect, value: &str, user: &str, at_ms: i64) -> Result<(), Fault> {
    let add = "INSERT INTO source_change(source, what, value, user, at) VALUES(?1, ?2, ?3, ?4, ?5)";
    tx.prepare_cached(add)?.execute((id.0 as i64, what.as_str(), value, user, at_ms))?;
    Ok(())
}

impl Store {
    /// The versions of a part of a source, newest first. One that was never changed has none.
    pub fn source_changes(&self, id: SourceId, what: Aspect) -> Result<Vec<SourceChange>, StoreError> {
        self.main.read(|conn| {
            let all = "SELECT value, user, at FROM source_change WHERE source = ?1 AND what = ?2 ORDER BY id DESC";
            let mut query = conn.prepare_cached(all)?;
            let changes = query.query_map((id.0 as i64, what.as_str()), |row| {
                let user = Some(row.get::<_, String>(1)?).filter(|user| !user.is_empty());
                Ok(SourceChange { what, value: row.get(0)?, user, at_ms: row.get(2)? })
            })?;
            Ok(changes.collect::<Result<_, _>>()?)
        })
    }

    /// Keeps a source from running until a person has dealt with what it met (R106, R107). The time of the first such
    /// fault stays as long as it is the same one.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn block_source(&mut self, id: SourceId, blocked: &Blocked) -> Result<(), StoreError> {
        let same = "SELECT blocked FROM source WHERE id = ?1 AND json_extract(blocked, '$.code') = ?2";
        self.main.write(|tx| {
            let known = tx.query_row(same, (id.0 as i64, &blocked.code), |row| row.get::<_, String>(0)).optional()?;
            let since = known.and_then(|known| serde_json::from_str::<Blocked>(&known).ok()).map(|known| known.at_ms);
            let blocked = Blocked { at_ms: since.unwrap_or(blocked.at_ms), ..blocked.clone() };
            set_blocked(tx, id, Some(&blocked))
        })
    }

    /// Lets a source run again: somebody has dealt with what stopped it.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn unblock_source(&mut self, id: SourceId) -> Result<(), StoreError> {
        self.main.write(|tx| set_blocked(tx, id, None))
    }
}

fn set_blocked(tx: &Connection, id: SourceId, blocked: Option<&Blocked>) -> Result<(), Fault> {
    let blocked = blocked.map(|blocked| serde_json::to_string(blocked).expect("texts and a time are JSON"));
    let set = "UPDATE source SET blocked = ?2 WHERE id = ?1 AND removed_at IS NULL";
    match tx.execute(set, (id.0 as i64, blocked))? {
        0 => Err(StoreError::NoSuch { what: "source", id: id.to_string() }.into()),
        _ => Ok(()),
    }
}
