//! Looking at a file: how it is written, what is in its columns, and where they should go.

use super::decode::Codec;
use super::open::{Delivery, OpenError};
use super::read::{ReadError, RecordReader};
use super::rows::{Row, RowBatch, Shape as RowShape};
use super::sniff::{self, Overrides, SniffError, Sniffed};
use super::suggest::{self, ColumnEvidence, EvidenceCollector, IdOrigin, Suggestion};
use crate::domain::dialect::Dialect;
use crate::domain::field::Catalog;
use crate::domain::id::{OwnId, WorkspaceCode};
use std::io::Read;
use std::path::Path;

/// How much of the file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Its head, its tail and blocks spread between: the same effort whatever the size.
    Sample,
    /// All of it.
    Full,
}

/// What was found in a file.
#[derive(Debug)]
pub struct Inspection {
    pub sniffed: Sniffed,
    /// One a column.
    pub evidence: Vec<ColumnEvidence>,
    /// One a column.
    pub suggestions: Vec<Suggestion>,
    pub rows_looked_at: u64,
}

/// Why a file could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Sniff(#[from] SniffError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl InspectError {
    /// The stable code for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            InspectError::Open(error) => error.code(),
            InspectError::Sniff(error) => error.code(),
            InspectError::Read(error) => error.code(),
        }
    }
}

impl Inspection {
    pub fn dialect(&self) -> &Dialect {
        &self.sniffed.dialect
    }
}

/// Looks at a file.
pub fn inspect(
    path: &Path,
    overrides: &Overrides,
    catalog: &Catalog,
    code: &WorkspaceCode,
    extent: Extent,
) -> Result<Inspection, InspectError> {
    let delivery = Delivery::open(path)?;
    let sniffed = sniff::sniff(&delivery, overrides)?;
    let mut columns = Columns::new(&sniffed.dialect.columns, code);
    match extent {
        Extent::Sample => sniffed.sample.iter().chain(sniffed.spread.iter()).for_each(|row| columns.add(row)),
        Extent::Full => {
            let mut reader = RecordReader::new(&delivery, &sniffed.dialect)?;
            let mut batch = RowBatch::new();
            while reader.read_batch(&mut batch, 4_096)? > 0 {
                batch.iter().for_each(|row| columns.add(row));
            }
        }
    }
    let rows_looked_at = columns.rows;
    let evidence = columns.finish();
    let suggestions = suggest::suggest(catalog, &evidence);
    Ok(Inspection { sniffed, evidence, suggestions, rows_looked_at })
}

/// Counts the values of all columns.
struct Columns<'c> {
    collectors: Vec<EvidenceCollector>,
    code: &'c WorkspaceCode,
    rows: u64,
}

impl<'c> Columns<'c> {
    fn new(names: &[String], code: &'c WorkspaceCode) -> Columns<'c> {
        Columns { collectors: names.iter().map(|name| EvidenceCollector::new(name)).collect(), code, rows: 0 }
    }

    fn add(&mut self, row: Row<'_>) {
        self.rows += 1;
        if !matches!(row.info().shape, RowShape::Normal | RowShape::Short(_)) {
            return;
        }
        let origin = |value: &str| match self.code.read_contact_id(value) {
            OwnId::Ours(_) => IdOrigin::Ours,
            OwnId::OtherWorkspace => IdOrigin::Elsewhere,
            OwnId::Malformed => IdOrigin::Other,
        };
        for (collector, cell) in self.collectors.iter_mut().zip(row.cells()) {
            collector.add(cell, &origin);
        }
    }

    fn finish(self) -> Vec<ColumnEvidence> {
        self.collectors.into_iter().map(EvidenceCollector::finish).collect()
    }
}

/// The first lines of a file as they stand there, for choosing the header row among them; each cut at 200 characters.
pub fn first_lines(path: &Path, dialect: &Dialect) -> Result<Vec<String>, InspectError> {
    const LINES: usize = 12;
    const CHARS: usize = 200;
    const HEAD: usize = 64 * 1024;
    let delivery = Delivery::open(path)?;
    let mut raw = Vec::new();
    let head = delivery.stream(0).and_then(|stream| stream.take(HEAD as u64).read_to_end(&mut raw));
    head.map_err(|source| ReadError::Io { path: path.display().to_string(), offset: 0, source })?;
    let Some(codec) = Codec::of(dialect.encoding.name()) else { return Ok(Vec::new()) };
    // What is cut within a character is no text.
    let end = if raw.len() < HEAD { raw.len() } else { codec.last_line_end(&raw).unwrap_or(raw.len()) };
    let mut text = Vec::new();
    codec.decode(raw.get(usize::from(dialect.bom)..end).unwrap_or_default(), &mut text);
    let text = String::from_utf8_lossy(&text);
    Ok(text.lines().take(LINES).map(|line| line.chars().take(CHARS).collect()).collect())
}
