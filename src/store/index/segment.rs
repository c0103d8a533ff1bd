//! One segment in the database: writing it, and a cursor over its entries.

use super::chunk::{Builder, Compared, Entries, ROOM, encode_position};
use super::{Error, KeyKind, Result, guard};
use rusqlite::{Connection, Row};
use std::cmp::Ordering;

/// A row of the table `segment`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    pub(super) id: i64,
    pub(super) level: i64,
    /// How many entries.
    pub(super) n: i64,
    pub(super) first_chunk: i64,
    pub(super) last_chunk: i64,
}

/// The segments of a kind, from the lowest level up and the oldest first.
pub(super) fn list(conn: &Connection, kind: KeyKind) -> Result<Vec<Segment>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, level, n, first_chunk, last_chunk FROM segment WHERE kind = ?1 ORDER BY level, id",
    )?;
    let read = |row: &Row| {
        Ok(Segment {
            id: row.get(0)?,
            level: row.get(1)?,
            n: row.get(2)?,
            first_chunk: row.get(3)?,
            last_chunk: row.get(4)?,
        })
    };
    let segments: Vec<Segment> = statement.query_map([kind as i64], read)?.collect::<rusqlite::Result<_>>()?;
    for segment in &segments {
        let chunks = segment.last_chunk.saturating_sub(segment.first_chunk).saturating_add(1);
        // Memory is given out by `n`, so it is not believed beyond what the chunks can hold.
        if segment.first_chunk < 1 || chunks < 1 || segment.n < chunks || segment.n / chunks > ROOM as i64 {
            return Err(Error::Corrupt { segment: segment.id, chunk: segment.first_chunk });
        }
    }
    Ok(segments)
}

/// Hands a cursor to `look` in one segment after the other; it stands nowhere yet in each.
pub(super) fn visit<'c>(
    conn: &'c Connection,
    segments: impl IntoIterator<Item = Segment>,
    mut look: impl FnMut(&mut Cursor<'c>) -> Result<()>,
) -> Result<()> {
    let mut segments = segments.into_iter();
    let Some(first) = segments.next() else { return Ok(()) };
    // One for all: looking for a key must not cost a buffer a segment.
    let mut cursor = Cursor::new(conn, first);
    look(&mut cursor)?;
    for segment in segments {
        cursor.enter(segment);
        look(&mut cursor)?;
    }
    Ok(())
}

/// Removes a segment and its chunks.
pub(super) fn remove(conn: &Connection, segment: &Segment) -> Result<()> {
    conn.prepare_cached("DELETE FROM chunk WHERE id BETWEEN ?1 AND ?2")?
        .execute([segment.first_chunk, segment.last_chunk])?;
    conn.prepare_cached("DELETE FROM segment WHERE id = ?1")?.execute([segment.id])?;
    Ok(())
}

/// Writes a segment, entry by entry, holding one chunk in memory. One at a time on a connection: the ids are those
/// after the highest there are.
pub(super) struct Writer<'c> {
    conn: &'c Connection,
    kind: KeyKind,
    level: i64,
    id: i64,
    first_chunk: i64,
    next_chunk: i64,
    n: i64,
    builder: Builder,
    first: Vec<u8>,
    data: Vec<u8>,
}

impl<'c> Writer<'c> {
    pub(super) fn new(conn: &'c Connection, kind: KeyKind, level: i64) -> Result<Writer<'c>> {
        if conn.is_autocommit() {
            return Err(Error::NoTransaction);
        }
        let next = |sql| conn.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0));
        let id = next("SELECT coalesce(max(id), 0) + 1 FROM segment")?;
        let first_chunk = next("SELECT coalesce(max(id), 0) + 1 FROM chunk")?;
        Ok(Writer {
            conn,
            kind,
            level,
            id,
            first_chunk,
            next_chunk: first_chunk,
            n: 0,
            builder: Builder::default(),
            first: Vec::new(),
            data: Vec::new(),
        })
    }

    /// Appends an entry that does not come before the last; the same again is passed over.
    #[inline]
    pub(super) fn push(&mut self, key: &[u8], value: u64) -> Result<()> {
        self.push_if(key, value, |_, _| Ok(true)).map(drop)
    }

    /// The same, unless `keep` refuses the entry; answers whether it is in the segment. One that is there already is not
    /// asked about.
    #[inline]
    pub(super) fn push_if(
        &mut self,
        key: &[u8],
        value: u64,
        keep: impl FnOnce(&[u8], u64) -> Result<bool>,
    ) -> Result<bool> {
        guard(key)?;
        let Compared { order, shared } = self.builder.compare(key, value);
        if self.n > 0 {
            match order {
                Ordering::Less => return Err(Error::Unsorted),
                Ordering::Equal => return Ok(true),
                Ordering::Greater => {}
            }
        }
        if !keep(key, value)? {
            return Ok(false);
        }
        if !self.builder.push(key, value, shared) {
            self.flush()?;
            self.builder.push(key, value, shared);
        }
        self.n += 1;
        Ok(true)
    }

    /// Writes what is left and makes the segment known. A segment without entries is none.
    pub(super) fn finish(mut self) -> Result<()> {
        if self.n == 0 {
            return Ok(());
        }
        self.flush()?;
        self.conn
            .prepare_cached(
                "INSERT INTO segment(id, kind, level, n, first_chunk, last_chunk) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute((self.id, self.kind as i64, self.level, self.n, self.first_chunk, self.next_chunk - 1))?;
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        if self.builder.is_empty() {
            return Ok(());
        }
        self.builder.finish(self.id, &mut self.first, &mut self.data);
        self.conn.prepare_cached("INSERT INTO chunk(id, segment, first, data) VALUES (?1, ?2, ?3, ?4)")?.execute((
            self.next_chunk,
            self.id,
            &self.first,
            &self.data,
        ))?;
        self.next_chunk += 1;
        Ok(())
    }
}

/// A place among the entries of a segment; moves forward only. Holds one chunk in memory, and no open statement, so the
/// table may be written meanwhile.
pub(super) struct Cursor<'c> {
    conn: &'c Connection,
    segment: Segment,
    /// The chunk in `entries`; 0 before the first move.
    chunk: i64,
    entries: Entries,
    position: Vec<u8>,
}

impl<'c> Cursor<'c> {
    /// A cursor that stands nowhere yet: [`Cursor::seek`] first.
    pub(super) fn new(conn: &'c Connection, segment: Segment) -> Cursor<'c> {
        Cursor { conn, segment, chunk: 0, entries: Entries::default(), position: Vec::new() }
    }

    /// Turns to another segment and stands nowhere yet.
    fn enter(&mut self, segment: Segment) {
        self.segment = segment;
        self.chunk = 0;
        self.entries.leave();
    }

    /// The entry stood on; `None` after the last.
    #[inline]
    pub(super) fn current(&self) -> Option<(&[u8], u64)> {
        self.entries.current()
    }

    /// Moves to the next entry.
    #[inline]
    pub(super) fn advance(&mut self) -> Result<()> {
        self.entries.advance().map_err(|_| self.corrupt(self.chunk))?;
        if self.entries.current().is_none() { self.load_next() } else { Ok(()) }
    }

    /// Moves on to the first entry that is not before the given one; stays when it already stands there or later.
    pub(super) fn seek(&mut self, key: &[u8], value: u64) -> Result<()> {
        if self.chunk > 0 {
            self.entries.seek(key, value).map_err(|_| self.corrupt(self.chunk))?;
            if self.entries.current().is_some() || self.chunk == self.segment.last_chunk {
                return Ok(());
            }
        }
        self.load_at(key, value)?;
        self.entries.seek(key, value).map_err(|_| self.corrupt(self.chunk))?;
        if self.entries.current().is_none() { self.load_next() } else { Ok(()) }
    }

    /// Loads the last chunk that does not begin after the given entry, or the first chunk when all do, unless it is the
    /// one that is loaded.
    fn load_at(&mut self, key: &[u8], value: u64) -> Result<()> {
        encode_position(key, value, &mut self.position);
        let mut statement = self.conn.prepare_cached(
            "SELECT id, first, data FROM chunk WHERE segment = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1",
        )?;
        let mut rows = statement.query((self.segment.id, &self.position))?;
        match rows.next()? {
            Some(row) => {
                let chunk = row.get(0)?;
                // One that is not the segment's, or already passed, contradicts the order of the chunks.
                if chunk < self.segment.first_chunk.max(self.chunk) || chunk > self.segment.last_chunk {
                    return Err(self.corrupt(chunk));
                }
                if chunk > self.chunk { self.take(chunk, row, 1) } else { Ok(()) }
            }
            None if self.chunk == 0 => self.load(self.segment.first_chunk),
            None => Err(self.corrupt(self.segment.first_chunk)),
        }
    }

    fn load_next(&mut self) -> Result<()> {
        if self.chunk < self.segment.last_chunk { self.load(self.chunk + 1) } else { Ok(()) }
    }

    fn load(&mut self, chunk: i64) -> Result<()> {
        let mut statement = self.conn.prepare_cached("SELECT first, data FROM chunk WHERE id = ?1")?;
        let mut rows = statement.query([chunk])?;
        let row = rows.next()?.ok_or_else(|| self.corrupt(chunk))?;
        self.take(chunk, row, 0)
    }

    /// Takes a chunk of which the columns from `at` on are its `first` and its `data`.
    fn take(&mut self, chunk: i64, row: &Row<'_>, at: usize) -> Result<()> {
        let (Ok(first), Ok(data)) = (row.get_ref(at)?.as_blob(), row.get_ref(at + 1)?.as_blob()) else {
            return Err(self.corrupt(chunk));
        };
        self.entries.load(self.segment.id, first, data).map_err(|_| self.corrupt(chunk))?;
        self.chunk = chunk;
        Ok(())
    }

    fn corrupt(&self, chunk: i64) -> Error {
        Error::Corrupt { segment: self.segment.id, chunk }
    }
}
