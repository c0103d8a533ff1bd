//! What a dry run writes instead of the workspace: a database of its own for its ledger, the keys and the records that
//! it changes, and a file for the records that it would create.
//!
//! Those are most of what it makes, and nobody meets one but a later row that is about it. So they are appended to a
//! plain file, without pages, log and index, and go when the run has ended. The file has a part a batch: a head, the
//! records, where each of them ends. A part counts when the batch is committed; until then the next one takes its place.
//! Nobody waits for the disk: a part that a power cut took is noticed by its checksum when the run is resumed, and the
//! dry run begins anew.

use super::codec::{BLOCK, Block};
use super::db::{Db, make_private};
use super::error::{Fault, StoreError};
use super::index::{KeyHash, KeyKind};
use super::keys::KeyBytes;
use super::new_records::NewRecords;
use crate::domain::id::RecordId;
use flate2::Crc;
use rusqlite::Connection;
use std::fs::{File, OpenOptions};
use std::io;
use std::iter;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Bytes of a number.
const NUMBER: u64 = size_of::<u64>() as u64;
/// Bytes of a part's head: its first record, how many there are, their bytes, the checksum of what follows the head.
const HEAD: usize = 4 * NUMBER as usize;
/// Records are written in pieces of about so many bytes.
const PIECE: usize = 256 << 10;

/// A dry run's own database and file.
pub(super) struct Overlay {
    pub(super) db: Db,
    pub(super) created: CreatedRecords,
}

/// What a dry run looks into beside its own database.
#[derive(Clone, Copy)]
pub(super) struct Beneath<'l> {
    /// The workspace.
    pub(super) main: &'l Connection,
    pub(super) created: &'l CreatedRecords,
}

/// A key as a dry run's database has it: all kinds that rows are matched by in one, by the number that filters know them
/// by. Nobody else looks for keys there.
pub(super) fn key(kind: KeyKind, key: &[u8]) -> (KeyKind, KeyBytes) {
    (KeyKind::Matched, KeyHash::new(kind, key).number().to_be_bytes().to_vec())
}

/// The records that a dry run would create.
pub(super) struct CreatedRecords {
    path: PathBuf,
    file: File,
    /// Ascending.
    parts: Vec<Part>,
    /// Where the next part begins.
    end: u64,
    piece: Vec<u8>,
    ends: Vec<u8>,
}

/// The new records of a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// The number of its first record.
    first: u64,
    /// How many records.
    n: u64,
    /// Where it begins in the file.
    start: u64,
    /// Of its records.
    bytes: u64,
}

impl Part {
    fn records(&self) -> u64 {
        self.start + HEAD as u64
    }

    fn ends(&self) -> u64 {
        self.records() + self.bytes
    }

    fn end(&self) -> u64 {
        self.ends() + self.n * NUMBER
    }
}

impl CreatedRecords {
    /// Makes the file, or takes up the parts of the first `committed` records. None when they are not all there.
    pub(super) fn open(path: &Path, committed: u64) -> Result<Option<CreatedRecords>, StoreError> {
        make_private(path)?;
        let opened = || {
            let file = OpenOptions::new().read(true).write(true).open(path)?;
            let (parts, piece, ends) = (Vec::new(), Vec::new(), Vec::new());
            let mut opened = CreatedRecords { path: path.to_owned(), file, parts, end: 0, piece, ends };
            let mut found = 0;
            while found < committed {
                let Some(part) = opened.whole_part()? else { return Ok(None) };
                found += part.n;
                opened.keep(part);
            }
            Ok((found == committed).then_some(opened))
        };
        opened().map_err(|cause| StoreError::io(path, "opening the records of a dry run", cause))
    }

    /// The part that begins where the last one ends, if all of it is there as it was written.
    fn whole_part(&mut self) -> io::Result<Option<Part>> {
        let length = self.file.metadata()?.len();
        if length < self.end + HEAD as u64 {
            return Ok(None);
        }
        let mut head = [0; HEAD];
        self.file.read_exact_at(&mut head, self.end)?;
        let mut numbers = numbers(&head);
        let [first, n, bytes, sum] = std::array::from_fn(|_| numbers.next().unwrap_or_default());
        let follows = self.parts.last().is_none_or(|last| last.first + last.n == first);
        let most = length - self.end;
        if n == 0 || !follows || n > most || bytes > most {
            return Ok(None);
        }
        let part = Part { first, n, start: self.end, bytes };
        if part.end() > length {
            return Ok(None);
        }
        let (mut crc, mut at) = (Crc::new(), part.records());
        while at < part.end() {
            self.piece.resize((part.end() - at).min(PIECE as u64) as usize, 0);
            self.file.read_exact_at(&mut self.piece, at)?;
            crc.update(&self.piece);
            at += self.piece.len() as u64;
        }
        Ok((u64::from(crc.sum()) == sum).then_some(part))
    }

    /// Writes the new records of a batch, which count from [`CreatedRecords::keep`] on.
    pub(super) fn append(&mut self, new: &NewRecords) -> Result<Option<Part>, StoreError> {
        if new.is_empty() {
            return Ok(None);
        }
        let written = self.write(new);
        written.map(Some).map_err(|cause| StoreError::io(&self.path, "writing the records of a dry run", cause))
    }

    fn write(&mut self, new: &NewRecords) -> io::Result<Part> {
        let CreatedRecords { file, piece, ends, .. } = self;
        let mut part = Part { first: new.first().0, n: new.len() as u64, start: self.end, bytes: 0 };
        let mut crc = Crc::new();
        let mut put = |piece: &mut Vec<u8>, at: u64| {
            crc.update(piece);
            let length = piece.len() as u64;
            file.write_all_at(piece, at)?;
            piece.clear();
            io::Result::Ok(length)
        };
        piece.clear();
        ends.clear();
        new.for_each(|_, record| {
            piece.extend_from_slice(record);
            ends.extend((part.bytes + piece.len() as u64).to_le_bytes());
            if piece.len() >= PIECE {
                part.bytes += put(piece, part.ends())?;
            }
            io::Result::Ok(())
        })?;
        part.bytes += put(piece, part.ends())?;
        put(ends, part.ends())?;
        let head = [part.first, part.n, part.bytes, u64::from(crc.sum())].map(u64::to_le_bytes);
        file.write_all_at(head.as_flattened(), part.start)?;
        Ok(part)
    }

    /// The part's batch is committed.
    pub(super) fn keep(&mut self, part: Part) {
        self.end = part.end();
        self.parts.push(part);
    }

    /// Waits for the disk.
    pub(super) fn settle(&self) -> Result<(), StoreError> {
        self.file.sync_all().map_err(|cause| StoreError::io(&self.path, "writing the records of a dry run", cause))
    }

    /// Whether it has records of this block.
    pub(super) fn has_of(&self, number: u64) -> bool {
        self.parts.first().is_some_and(|first| first.first < (number + 1) * BLOCK)
    }

    /// Puts those of a block's records that it has and the block has not.
    pub(super) fn fill(&self, number: u64, block: &mut Block) -> Result<(), Fault> {
        let all = number * BLOCK..(number + 1) * BLOCK;
        let from = self.parts.partition_point(|part| part.first + part.n <= all.start);
        for part in self.parts[from..].iter().take_while(|part| part.first < all.end) {
            let (first, next) = (part.first.max(all.start), (part.first + part.n).min(all.end));
            self.put(part, first..next, block)
                .map_err(|cause| Fault::Other(StoreError::io(&self.path, "reading the records of a dry run", cause)))?;
        }
        Ok(())
    }

    /// Puts these records of a part.
    fn put(&self, part: &Part, ids: Range<u64>, block: &mut Block) -> io::Result<()> {
        let place = ids.start - part.first;
        // The first record begins where the one before it ends.
        let before = u64::from(place > 0);
        let mut ends = vec![0; ((ids.end - ids.start + before) * NUMBER) as usize];
        self.file.read_exact_at(&mut ends, part.ends() + (place - before) * NUMBER)?;
        let mut ends = numbers(&ends);
        let start = if before == 1 { ends.next().unwrap_or_default() } else { 0 };
        let ends: Vec<u64> = ends.collect();
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "they are not what was written");
        let length = ends.last().and_then(|last| last.checked_sub(start)).filter(|_| ends.is_sorted());
        let length = length.filter(|length| *length <= part.bytes).ok_or_else(damaged)?;
        let mut bytes = vec![0; length as usize];
        self.file.read_exact_at(&mut bytes, part.records() + start)?;
        let starts = iter::once(start).chain(ends.iter().copied());
        for ((id, from), to) in ids.zip(starts).zip(&ends) {
            if block.get(RecordId(id)).is_none() {
                let record = bytes.get((from - start) as usize..(to - start) as usize).ok_or_else(damaged)?;
                block.set(RecordId(id), record.to_vec());
            }
        }
        Ok(())
    }
}

/// The numbers that these bytes are.
fn numbers(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.as_chunks().0.iter().map(|number| u64::from_le_bytes(*number))
}
