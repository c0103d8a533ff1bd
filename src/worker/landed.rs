//! Which row of a run first landed on a record: what the rule of duplicates in the file asks.

use crate::domain::id::RecordId;
use rustc_hash::FxHashMap;

/// Records a page. Records that a file lands on mostly lie side by side.
const PAGE: u64 = 4_096;
/// A page of more stretches than this costs less as a list of rows.
const MOST_STRETCHES: usize = 512;

/// Rows by record. New records are numbered as their rows come, so that most pages are a few stretches; the others take
/// 4 bytes a record.
#[derive(Debug, Default)]
pub struct LandedRows {
    pages: FxHashMap<u64, Page>,
}

#[derive(Debug)]
enum Page {
    /// In the order of their places.
    Stretches(Vec<Stretch>),
    /// By place; 0 where no row landed.
    Rows(Box<[u32]>),
}

/// Records side by side on which rows landed one after the other.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// Of the first record in its page.
    place: u32,
    /// That landed on the first record.
    row: u32,
    len: u32,
}

impl LandedRows {
    /// The row that first landed on the record; none when no row did.
    pub fn row(&self, record: RecordId) -> Option<u64> {
        let row = self.pages.get(&(record.0 / PAGE))?.row((record.0 % PAGE) as u32);
        (row > 0).then_some(u64::from(row))
    }

    /// Remembers that a row landed on the record, unless an earlier one did. Rows count from 1; a file of more than
    /// 4,294,967,295 rows keeps naming that one.
    pub fn note(&mut self, record: RecordId, row: u64) {
        let page = self.pages.entry(record.0 / PAGE).or_insert_with(|| Page::Stretches(Vec::new()));
        page.note((record.0 % PAGE) as u32, u32::try_from(row).unwrap_or(u32::MAX));
    }
}

impl Page {
    fn row(&self, place: u32) -> u32 {
        match self {
            Page::Rows(rows) => rows[place as usize],
            Page::Stretches(stretches) => {
                let after = stretches.partition_point(|stretch| stretch.place <= place);
                let stretch = after.checked_sub(1).map(|at| stretches[at]);
                stretch.filter(|stretch| place - stretch.place < stretch.len).map_or(0, |stretch| stretch.at(place))
            }
        }
    }

    fn note(&mut self, place: u32, row: u32) {
        if self.row(place) > 0 {
            return;
        }
        match self {
            Page::Rows(rows) => rows[place as usize] = row,
            Page::Stretches(stretches) => {
                let after = stretches.partition_point(|stretch| stretch.place < place);
                let before = after.checked_sub(1).map(|at| &mut stretches[at]);
                if let Some(before) = before.filter(|before| before.is_followed_by(place, row)) {
                    before.len += 1;
                } else if stretches.len() < MOST_STRETCHES {
                    stretches.insert(after, Stretch { place, row, len: 1 });
                } else {
                    *self = Page::Rows((0..PAGE as u32).map(|place| self.row(place)).collect());
                    self.note(place, row);
                }
            }
        }
    }
}

impl Stretch {
    /// The row of a place in it.
    fn at(&self, place: u32) -> u32 {
        self.row.saturating_add(place - self.place)
    }

    fn is_followed_by(&self, place: u32, row: u32) -> bool {
        place == self.place + self.len && row == self.at(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

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

    proptest! {
        #[test]
        fn rows_are_remembered_whatever_the_order_of_the_records(
            stretches in prop::collection::vec((0..3 * PAGE, 1..2_000u64, 1..4u64), 1..12),
            singles in prop::collection::vec(0..3 * PAGE, 0..1_500),
        ) {
            let (mut landed, mut model) = (LandedRows::default(), BTreeMap::new());
            let runs = stretches.into_iter().flat_map(|(first, len, step)| (0..len).map(move |n| first + n * step));
            for (row, record) in (1..).zip(runs.chain(singles)) {
                landed.note(RecordId(record), row);
                model.entry(record).or_insert(row);
            }
            for record in 0..12 * PAGE {
                prop_assert_eq!(landed.row(RecordId(record)), model.get(&record).copied());
            }
        }
    }
}
