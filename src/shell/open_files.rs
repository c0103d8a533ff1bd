//! The files on which mappings are edited: looked at once when they are opened, then shared between the threads that
//! preview, profile and save. The lock is only held to take something out or put it in.

use crate::app::message::Failure;
use crate::cli::error::CliError;
use crate::domain::dialect::Position;
use crate::domain::id::SourceId;
use crate::domain::mapping::Column;
use crate::engine::open::Delivery;
use crate::engine::read::RecordReader;
use crate::engine::rows::{Row, RowBatch};
use crate::shell::desk::failure;
use crate::worker::error::WorkerError;
use crate::worker::prepare::Looked;
use crate::worker::request::ImportRequest;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Files that are kept, the ones that were opened last: a person goes between a few sources.
const MOST_FILES: usize = 4;
/// Bytes of text that the rows of one preview may have: a cell can be of any length.
const MOST_PREVIEW_BYTES: u64 = 8 << 20;
/// Rows whose places are kept.
const MOST_PLACES: usize = 100_000;
/// What of a compressed file may be read over to come to a row.
const MOST_UNPACKED: u64 = 32 << 20;
/// Copies of rows that are kept of a compressed file, and their bytes.
const MOST_COPIES: usize = 200;
const MOST_COPIED_BYTES: usize = 4 << 20;

/// The files, for all threads.
#[derive(Debug, Clone, Default)]
pub struct OpenFiles(Arc<Mutex<Opened>>);

#[derive(Debug, Default)]
struct Opened {
    /// The one that was opened last comes first.
    files: Vec<Arc<OpenFile>>,
    /// The version of its mapping that each source had when it was opened, or last saved here.
    begun_with: HashMap<SourceId, Option<(String, u64)>>,
}

impl OpenFiles {
    /// Remembers on which version of the source's mapping the draft is built.
    pub fn begin_with(&self, source: SourceId, saved: Option<(String, u64)>) {
        lock(&self.0).begun_with.insert(source, saved);
    }

    /// That version; none where the source was not opened.
    pub fn begun_with(&self, source: SourceId) -> Option<Option<(String, u64)>> {
        lock(&self.0).begun_with.get(&source).cloned()
    }

    /// Takes the place of the file that was opened for the source before.
    pub fn put(&self, file: OpenFile) {
        let files = &mut lock(&self.0).files;
        files.retain(|other| other.source != file.source);
        files.insert(0, Arc::new(file));
        files.truncate(MOST_FILES);
    }

    /// The file of a source.
    ///
    /// # Errors
    /// When it is not open, or has changed since: what was found in it does not hold any more.
    pub fn get(&self, source: SourceId) -> Result<Arc<OpenFile>, Failure> {
        let found = lock(&self.0).files.iter().find(|file| file.source == source).cloned();
        let closed = || failure("The file of this mapping is not open.", "open the mapping again");
        let file = found.ok_or_else(closed)?;
        if Stamp::of(&file.path).ok().as_ref() != Some(&file.stamp) {
            let path = file.path.display();
            return Err(failure(format!("{path} has changed since it was opened."), "open the mapping again"));
        }
        Ok(file)
    }
}

/// A lock is only held for moments in which nothing can fail.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What tells that a file is the same as before.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(path: &Path) -> std::io::Result<Stamp> {
        let data = std::fs::metadata(path)?;
        Ok(Stamp { bytes: data.len(), modified: data.modified().ok() })
    }
}

/// A file on which the mapping of a source is edited.
#[derive(Debug)]
pub struct OpenFile {
    pub source: SourceId,
    pub path: PathBuf,
    stamp: Stamp,
    /// What the source's options say of an import, but for how the file is read: that says the mapping.
    pub request: ImportRequest,
    /// Without the sampled rows.
    pub looked: Looked,
    pub delivery: Delivery,
    /// The rows that were read last for previews, from the first on, and how many were asked for.
    head: Mutex<(usize, Arc<Vec<RowBatch>>)>,
    /// Where rows begin that the profile has found something in, and rows of compressed files themselves.
    found: Mutex<FoundRows>,
}

/// Rows that the profile has found.
#[derive(Debug, Default)]
struct FoundRows {
    /// Byte and line of each.
    places: BTreeMap<u64, (u64, u64)>,
    /// Rows of a compressed file, and the bytes of all of them.
    copies: BTreeMap<u64, RowBatch>,
    copied: usize,
    /// Of columns whose values can be judged: how they were read, how many are filled, and how many cannot be read.
    judged: HashMap<usize, (Column, u64, u64)>,
}

impl OpenFile {
    /// # Errors
    /// When the file is gone by now.
    pub fn new(source: SourceId, path: &Path, request: ImportRequest, mut looked: Looked) -> Result<OpenFile, Failure> {
        let stamp = Stamp::of(path).map_err(|error| WorkerError::read(path, error))?;
        let delivery = Delivery::open(path).map_err(CliError::from)?;
        let request = ImportRequest { country: None, timezone: None, ..request };
        // They were needed to look at the file; what is shown is read from it.
        (looked.inspection.sniffed.sample, looked.inspection.sniffed.spread) = Default::default();
        let path = path.to_owned();
        let (head, found) = (Mutex::default(), Mutex::default());
        Ok(OpenFile { source, path, stamp, request, looked, delivery, head, found })
    }

    /// Whether both are the same file, read in the same way.
    pub fn reads_like(&self, other: &OpenFile) -> bool {
        let dialect = |file: &OpenFile| file.looked.inspection.dialect().clone();
        self.path == other.path && self.stamp == other.stamp && dialect(self) == dialect(other)
    }

    /// So many of the first rows; fewer where the file ends, or where they are very large.
    pub fn head(&self, rows: usize) -> Result<Arc<Vec<RowBatch>>, Failure> {
        let (asked, known) = lock(&self.head).clone();
        if asked >= rows {
            return Ok(known);
        }
        let count = |batches: &[RowBatch]| batches.iter().map(RowBatch::len).sum::<usize>();
        let start = self.looked.inspection.dialect().start();
        let mut reader =
            RecordReader::resume(&self.delivery, self.looked.inspection.dialect(), start).map_err(CliError::from)?;
        let mut batches = Vec::new();
        while count(&batches) < rows && reader.position().offset - start.offset < MOST_PREVIEW_BYTES {
            let mut batch = RowBatch::new();
            if reader.read_batch(&mut batch, rows - count(&batches)).map_err(CliError::from)? == 0 {
                break;
            }
            batches.push(batch);
        }
        let head = Arc::new(batches);
        *lock(&self.head) = (rows, head.clone());
        Ok(head)
    }

    /// Remembers where rows begin: number, byte and line of each.
    pub fn note_places(&self, places: impl IntoIterator<Item = (u64, (u64, u64))>) {
        let mut found = lock(&self.found);
        for (row, place) in places {
            if found.places.len() < MOST_PLACES {
                found.places.insert(row, place);
            }
        }
    }

    /// Keeps copies of rows, as many as may be.
    pub fn note_copies(&self, copies: Vec<(u64, RowBatch)>) {
        let mut found = lock(&self.found);
        for (row, copy) in copies {
            let bytes = copy.iter().flat_map(|row| row.cells()).map(str::len).sum::<usize>();
            let fits = found.copies.len() < MOST_COPIES && found.copied + bytes <= MOST_COPIED_BYTES;
            if fits && found.copies.insert(row, copy).is_none() {
                found.copied += bytes;
            }
        }
    }

    /// Remembers how many values of a column that is read like this are filled, and how many of them cannot be read.
    pub fn note_judged(&self, place: usize, column: Column, filled: u64, unreadable: u64) {
        lock(&self.found).judged.insert(place, (column, filled, unreadable));
    }

    /// The same, where the column is still read like that.
    pub fn judged(&self, place: usize, column: &Column) -> Option<(u64, u64)> {
        let found = lock(&self.found);
        found
            .judged
            .get(&place)
            .filter(|(known, ..)| known == column)
            .map(|(_, filled, unreadable)| (*filled, *unreadable))
    }

    /// A batch that begins with the row of this number; none where the profile has not found it, or where it lies too
    /// far behind in a compressed file.
    pub fn row(&self, row: u64) -> Result<Option<RowBatch>, Failure> {
        let (copy, place) = {
            let found = lock(&self.found);
            (found.copies.get(&row).cloned(), found.places.get(&row).copied())
        };
        if copy.is_some() {
            return Ok(copy);
        }
        let Some((offset, line)) = place else { return Ok(None) };
        if self.delivery.is_compressed() && offset > MOST_UNPACKED {
            return Ok(None);
        }
        let place = Position { offset, line, row: row.saturating_sub(1), tally: Default::default() };
        let mut reader =
            RecordReader::resume(&self.delivery, self.looked.inspection.dialect(), place).map_err(CliError::from)?;
        let mut batch = RowBatch::new();
        reader.read_batch(&mut batch, 1).map_err(CliError::from)?;
        Ok(batch.get(0).is_some_and(|found: Row<'_>| found.info().row == row).then_some(batch))
    }
}
