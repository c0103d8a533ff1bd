//! Single records by their place, for showing what a row was in the file.

use super::open::Delivery;
use super::read::{ReadError, RecordReader};
use super::rows::{Row, RowBatch};
use crate::domain::dialect::{Dialect, Position, Tally};

/// Fetches single records by their offset, for showing a row's raw cells. Going forward in a compressed delivery
/// unpacks each byte once; going back begins anew.
pub struct RowFetcher<'a> {
    delivery: &'a Delivery,
    dialect: &'a Dialect,
    reader: Option<RecordReader>,
    pub(super) batch: RowBatch,
}

impl<'a> RowFetcher<'a> {
    pub fn new(delivery: &'a Delivery, dialect: &'a Dialect) -> RowFetcher<'a> {
        RowFetcher { delivery, dialect, reader: None, batch: RowBatch::new() }
    }

    /// The record that begins at this byte. Row and line number are what the caller knows them to be. None at the end of
    /// the delivery.
    pub fn fetch(&mut self, offset: u64, row: u64, line: u64) -> Result<Option<Row<'_>>, ReadError> {
        let place = Position { offset, line, row: row.saturating_sub(1), tally: Tally::default() };
        let near = self.delivery.is_compressed() && self.reader.as_ref().is_some_and(|r| r.position().offset <= offset);
        if !near {
            self.reader = Some(RecordReader::resume(self.delivery, self.dialect, place)?);
        }
        let Some(reader) = self.reader.as_mut() else { return Ok(None) };
        reader.forward_to(&place)?;
        reader.read_batch(&mut self.batch, 1)?;
        Ok(self.batch.get(0))
    }
}
