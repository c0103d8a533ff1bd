//! The key index: keys to record numbers, in sorted segments that are only ever appended and merged.
//!
//! A small library inside `store`. It owns the tables `segment` and `chunk` ([`SCHEMA`]) and knows nothing of records,
//! fields or runs: a key is bytes, a value is a number, and the index is for each [`KeyKind`] a *set* of (key, value)
//! pairs. What a caller needs is [`add`], [`find`], [`scan_prefix`], [`smallest`], [`sweep`], [`merge_due`] and
//! [`Filter`]. What a segment is, nobody outside this module knows; matching, the meaning of keys and stale entries
//! belong to the callers.
//!
//! Random inserts into a B-tree of wide keys are what makes SQLite slow. So a batch is written as one sorted run, and
//! eight runs of a level (twenty-four large ones) are merged into one of the next, as in a log-structured merge tree.
//! Everything happens in the caller's transaction, so a crash leaves nothing to repair. There is no state beside the
//! database either: the list of segments is read anew by every call (a few rows of a small index), so neither a rollback
//! nor another connection can make it stale.
//!
//! Invariants, kept by the writer in `segment` and relied upon by everything that reads:
//! 1. Entries are ordered by key bytes, then value; a segment holds no entry twice. Two segments may hold the same one.
//! 2. The chunks of a segment have consecutive ids, in the order of their entries, and none is empty.
//! 3. `chunk.first` is the position of the chunk's first entry, encoded so that blobs compare as entries do. Hence the
//!    entries from a position on begin in the last chunk whose `first` is not after it, or in the chunk that follows.
//! 4. A segment is written once, whole, in one transaction, and never changed; merging replaces it.
//! 5. A chunk carries a checksum over its segment, its `first` and its entries. A damaged chunk that is read is an
//!    [`Error::Corrupt`], never a panic or a wrong entry. (Where `first` itself is damaged, a search may pass the chunk
//!    by; a merge, which reads all of them, does not.)

mod chunk;
mod filter;
#[cfg(test)]
mod measure;
mod merge;
mod segment;
#[cfg(test)]
mod tests;
mod values;

pub use filter::{Filter, KeyHash};
pub(super) use merge::head;
pub use merge::merge_due;
pub use values::{Smallest, smallest};

use merge::Merged;
use rusqlite::Connection;
use segment::{Cursor, Writer};

/// The tables of the index.
pub const SCHEMA: &str = "
CREATE TABLE segment(
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    level INTEGER NOT NULL,
    n INTEGER NOT NULL,
    first_chunk INTEGER NOT NULL,
    last_chunk INTEGER NOT NULL
) STRICT;
CREATE INDEX segment_kind ON segment(kind, level);
CREATE TABLE chunk(
    id INTEGER PRIMARY KEY,
    segment INTEGER NOT NULL,
    first BLOB NOT NULL,
    data BLOB NOT NULL
) STRICT;
CREATE INDEX chunk_first ON chunk(segment, first);
";

/// The longest key in bytes. Callers shorten longer ones, in adding and in finding alike. That is harmless, because a
/// candidate counts only when the record's own field equals what is looked for.
pub const MAX_KEY: usize = 1024;

/// What a key is; the kinds are separate indexes. The numbers are stored, so they never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// The source and its own unique ID of a record; the value is the record.
    Reference = 1,
    /// An e-mail address; the value is the record.
    Email = 2,
    /// A phone number; the value is the record.
    Phone = 3,
    /// A word of a name; the value is the record.
    NameWord = 4,
    /// The source and the reference of a row; the value is the row, or what `row_references` makes of it.
    RowReference = 5,
    /// Any key that rows are matched by, as its [`KeyHash`]; the value is the record.
    Matched = 6,
}

/// Why the index could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the key index could not use the database: {0}")]
    Database(#[from] rusqlite::Error),
    /// Stored bytes are not what was written.
    #[error(
        "the key index is damaged (segment {segment}, chunk {chunk}); check the disk, then restore the workspace \
         from a backup"
    )]
    Corrupt { segment: i64, chunk: i64 },
    /// A key is longer than [`MAX_KEY`].
    #[error("a key of {0} bytes is longer than the {MAX_KEY} bytes that the key index holds")]
    KeyTooLong(usize),
    /// The caller's batch is not sorted as the call wants it.
    #[error("keys were handed to the key index out of order")]
    Unsorted,
    /// Writing outside a transaction would not be safe in a crash.
    #[error("the key index is written only inside a transaction")]
    NoTransaction,
}

pub type Result<T> = std::result::Result<T, Error>;

/// Adds a batch, sorted by key and value, as one run. Equal entries count once; an empty batch does nothing.
///
/// Call [`merge_due`] about as often, or finding slows down with the number of batches.
///
/// # Errors
/// [`Error::Unsorted`], [`Error::KeyTooLong`] and [`Error::NoTransaction`] are mistakes of the caller; after an error
/// the transaction must be rolled back.
pub fn add<K: AsRef<[u8]>>(
    conn: &Connection,
    kind: KeyKind,
    entries: impl IntoIterator<Item = (K, u64)>,
) -> Result<()> {
    let mut run = Writer::new(conn, kind, 0)?;
    for (key, value) in entries {
        run.push(key.as_ref(), value)?;
    }
    run.finish()
}

/// Puts the values of a key into `values`, ascending and each once, in place of what was there.
pub fn find(conn: &Connection, kind: KeyKind, key: &[u8], values: &mut Vec<u64>) -> Result<()> {
    values.clear();
    guard(key)?;
    in_snapshot(conn, |conn| {
        segment::visit(conn, segment::list(conn, kind)?, |cursor| {
            cursor.seek(key, 0)?;
            while let Some((_, value)) = cursor.current().filter(|(found, _)| *found == key) {
                values.push(value);
                cursor.advance()?;
            }
            Ok(())
        })
    })?;
    values.sort_unstable();
    values.dedup();
    Ok(())
}

/// The entries whose key begins with `prefix`, in order and each once, at most `limit`. For the next page pass the last
/// entry as `after`; that costs no more than the first page did.
pub fn scan_prefix(
    conn: &Connection,
    kind: KeyKind,
    prefix: &[u8],
    after: Option<(&[u8], u64)>,
    limit: usize,
) -> Result<Vec<(Vec<u8>, u64)>> {
    guard(prefix)?;
    let from = after.unwrap_or((prefix, 0)).max((prefix, 0));
    guard(from.0)?;
    let mut page: Vec<(Vec<u8>, u64)> = Vec::new();
    in_snapshot(conn, |conn| {
        let mut merged = Merged::from(conn, segment::list(conn, kind)?, from)?;
        while page.len() < limit {
            let Some((key, value)) = merged.current().filter(|(key, _)| key.starts_with(prefix)) else { break };
            let seen = page.last().is_some_and(|(last, held)| last == key && *held == value);
            if !seen && after != Some((key, value)) {
                page.push((key.to_vec(), value));
            }
            merged.advance()?;
        }
        Ok(())
    })?;
    Ok(page)
}

/// Looks for many keys in one ordered pass through each segment, and passes the place of the key in `keys` and the value
/// to `found`. Only chunks that can hold one of the keys are read. A pair comes once for each segment that holds it,
/// segment after segment, so collect, sort and deduplicate.
///
/// # Errors
/// [`Error::Unsorted`] when `keys` is not strictly ascending: a key asked for twice would be answered twice, which is
/// quadratic where thousands of rows share a key.
pub fn sweep<K: AsRef<[u8]>>(
    conn: &Connection,
    kind: KeyKind,
    keys: &[K],
    mut found: impl FnMut(usize, u64),
) -> Result<()> {
    for key in keys {
        guard(key.as_ref())?;
    }
    if !keys.is_sorted_by(|a, b| a.as_ref() < b.as_ref()) {
        return Err(Error::Unsorted);
    }
    in_snapshot(conn, |conn| {
        segment::visit(conn, segment::list(conn, kind)?, |cursor| {
            for (place, key) in keys.iter().enumerate() {
                let key = key.as_ref();
                cursor.seek(key, 0)?;
                while let Some((_, value)) = cursor.current().filter(|(held, _)| *held == key) {
                    found(place, value);
                    cursor.advance()?;
                }
                if cursor.current().is_none() {
                    break;
                }
            }
            Ok(())
        })
    })
}

/// Takes every entry of a value out of the index. Reads all of its kind, and writes the segments anew that have one.
///
/// # Errors
/// Besides those of the database, [`Error::NoTransaction`] and [`Error::Corrupt`]; after an error the transaction must be
/// rolled back.
pub fn drop_value(conn: &Connection, kind: KeyKind, value: u64) -> Result<()> {
    for segment in segment::list(conn, kind)? {
        let first = |cursor: &mut Cursor<'_>| cursor.seek(&[], 0);
        let mut cursor = Cursor::new(conn, segment);
        first(&mut cursor)?;
        let mut holds_it = false;
        while let Some((_, held)) = cursor.current() {
            holds_it |= held == value;
            cursor.advance()?;
        }
        if !holds_it {
            continue;
        }
        let mut output = Writer::new(conn, kind, segment.level)?;
        let mut cursor = Cursor::new(conn, segment);
        first(&mut cursor)?;
        while let Some((key, held)) = cursor.current() {
            if held != value {
                output.push(key, held)?;
            }
            cursor.advance()?;
        }
        output.finish()?;
        segment::remove(conn, &segment)?;
    }
    Ok(())
}

fn guard(key: &[u8]) -> Result<()> {
    if key.len() > MAX_KEY { Err(Error::KeyTooLong(key.len())) } else { Ok(()) }
}

/// Reads on one state of the database. Without this a connection outside a transaction could list segments, and find
/// their chunks gone because another connection merged them meanwhile.
fn in_snapshot<T>(conn: &Connection, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    if !conn.is_autocommit() {
        return read(conn);
    }
    let snapshot = conn.unchecked_transaction()?;
    let answer = read(&snapshot)?;
    snapshot.commit()?;
    Ok(answer)
}
