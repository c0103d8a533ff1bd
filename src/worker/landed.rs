//! Which row of a run first landed on a record: what the rule of duplicates in the file asks.

use crate::domain::id::RecordId;
use rustc_hash::FxHashMap;

/// Records a page. Records that a file lands on mostly lie side by side.
const PAGE: u64 = 4_096;

/// Rows by record: 4 bytes a record of each page that is touched at all.
#[derive(Debug, Default)]
pub struct LandedRows {
    pages: FxHashMap<u64, Box<[u32]>>,
}

impl LandedRows {
    /// The row that first landed on the record; none when no row did.
    pub fn row(&self, record: RecordId) -> Option<u64> {
        let row = self.pages.get(&(record.0 / PAGE))?[(record.0 % PAGE) as usize];
        (row > 0).then_some(u64::from(row))
    }

    /// Remembers that a row landed on the record, unless an earlier one did. Rows count from 1; a file of more than
    /// 4,294,967,295 rows keeps naming that one.
    pub fn note(&mut self, record: RecordId, row: u64) {
        let page = self.pages.entry(record.0 / PAGE).or_insert_with(|| vec![0; PAGE as usize].into_boxed_slice());
        let place = &mut page[(record.0 % PAGE) as usize];
        if *place == 0 {
            *place = u32::try_from(row).unwrap_or(u32::MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_that_landed_on_a_record_is_the_one_that_is_named() {
        let mut landed = LandedRows::default();
        assert_eq!(landed.row(RecordId(7)), None);
        landed.note(RecordId(7), 3);
        landed.note(RecordId(7), 9);
        landed.note(RecordId(7 + PAGE), 4);
        assert_eq!(landed.row(RecordId(7)), Some(3));
        assert_eq!(landed.row(RecordId(7 + PAGE)), Some(4));
        assert_eq!(landed.row(RecordId(8)), None);
    }
}
