//! Several segments read as one, and segments merged into one.

use super::segment::{self, Cursor, Segment, Writer};
use super::{Error, KeyKind, Result};
use rusqlite::Connection;

/// So many runs of a level become one of the next. More would mean less writing and slower finding.
const FAN_IN: usize = 8;
/// So many where eight of them are large: a large import would else spend its time on writing keys again and again.
const FAN_IN_LARGE: usize = 24;
/// Eight runs are large when they hold this many entries.
const LARGE: i64 = 100_000;

/// Merges the eight oldest runs of the lowest level that has as many into one run of the next level, or the twenty-four
/// oldest where eight hold 100,000 entries; answers whether there was such a level. Called once for each batch, it keeps
/// up with them.
///
/// Entries that `keep` refuses are dropped; it is asked once for each entry of the runs that are merged, in order, and may
/// read the database on the same connection. Memory is one chunk (17 KB) a run, whatever the size.
///
/// # Errors
/// Besides those of the database and of `keep`, [`Error::NoTransaction`] and [`Error::Corrupt`]; after an error the
/// transaction must be rolled back.
pub fn merge_due(conn: &Connection, kind: KeyKind, keep: &mut dyn FnMut(&[u8], u64) -> Result<bool>) -> Result<bool> {
    if conn.is_autocommit() {
        return Err(Error::NoTransaction);
    }
    let segments = segment::list(conn, kind)?;
    let Some(runs) = segments.chunk_by(|a, b| a.level == b.level).find_map(due) else {
        return Ok(false);
    };
    let mut output = Writer::new(conn, kind, runs[0].level + 1)?;
    let mut merged = Merged::from(conn, runs.iter().copied(), (&[], 0))?;
    let mut refused: Option<(Vec<u8>, u64)> = None;
    while let Some((key, value)) = merged.current() {
        let again = refused.as_ref().is_some_and(|(last, held)| last == key && *held == value);
        if !again && !output.push_if(key, value, &mut *keep)? {
            refused = Some((key.to_vec(), value));
        }
        merged.advance()?;
    }
    output.finish()?;
    for run in runs {
        segment::remove(conn, run)?;
    }
    Ok(true)
}

/// Those of a level's runs, the oldest first, that are to become one.
fn due(level: &[Segment]) -> Option<&[Segment]> {
    let few = level.get(..FAN_IN)?;
    let entries = few.iter().fold(0i64, |entries, run| entries.saturating_add(run.n));
    if entries < LARGE { Some(few) } else { level.get(..FAN_IN_LARGE) }
}

/// The entries of several segments in one order. An entry that several hold comes several times in a row.
pub(super) struct Merged<'c> {
    /// Those that are not at their end, the smallest current entry first. A sorted list rather than a heap: runs of
    /// ascending keys, the usual case, then cost one comparison an entry.
    sources: Vec<Source<'c>>,
}

struct Source<'c> {
    /// The first 8 bytes of the current key, which settle most comparisons.
    head: u64,
    cursor: Box<Cursor<'c>>,
}

impl<'c> Merged<'c> {
    /// Stands on the first entry that is not before `from`.
    pub(super) fn from(
        conn: &'c Connection,
        segments: impl IntoIterator<Item = Segment>,
        from: (&[u8], u64),
    ) -> Result<Merged<'c>> {
        let mut sources = Vec::new();
        for segment in segments {
            let mut cursor = Box::new(Cursor::new(conn, segment));
            cursor.seek(from.0, from.1)?;
            if let Some((key, _)) = cursor.current() {
                sources.push(Source { head: head(key), cursor });
            }
        }
        sources.sort_by(|a, b| a.order().cmp(&b.order()));
        Ok(Merged { sources })
    }

    pub(super) fn current(&self) -> Option<(&[u8], u64)> {
        self.sources.first()?.cursor.current()
    }

    pub(super) fn advance(&mut self) -> Result<()> {
        let Some(first) = self.sources.first_mut() else { return Ok(()) };
        first.cursor.advance()?;
        match first.cursor.current() {
            Some((key, _)) => first.head = head(key),
            None => {
                self.sources.remove(0);
                return Ok(());
            }
        }
        // Back to where it belongs among the others, which stay in order.
        let Some((first, others)) = self.sources.split_first() else { return Ok(()) };
        if others.first().is_some_and(|second| second.is_before(first)) {
            let place = others.partition_point(|other| other.is_before(first));
            self.sources[..=place].rotate_left(1);
        }
        Ok(())
    }
}

impl Source<'_> {
    fn order(&self) -> (u64, Option<(&[u8], u64)>) {
        (self.head, self.cursor.current())
    }

    #[inline]
    fn is_before(&self, other: &Source<'_>) -> bool {
        self.head < other.head || (self.head == other.head && self.order() < other.order())
    }
}

/// The first 8 bytes as a number. Zeros fill a shorter key, so different heads are ordered as their keys are.
#[inline]
pub(in crate::store) fn head(key: &[u8]) -> u64 {
    match key.first_chunk() {
        Some(bytes) => u64::from_be_bytes(*bytes),
        None => key.iter().rev().fold(0, |head, byte| head >> 8 | u64::from(*byte) << 56),
    }
}
