//! Rows that have moved up or down: found, so that the terminal can be told to move them itself.
use super::glyph::Glyph;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

/// Neighbouring rows over the whole width whose content moves by some lines, which leaves as many blank.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Band {
    /// The first row of the band, from 0.
    pub top: usize,
    /// Its last row.
    pub bottom: usize,
    pub lines: usize,
    pub direction: Direction,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    Up,
    Down,
}

/// What telling the terminal costs besides its lines: the region set and reset, and two moves of the cursor.
const OVERHEAD: isize = 18;

/// The band whose move brings what is shown nearest to what is wanted, by an estimate; none where no move helps.
pub fn best_band(shown: &[Glyph], wanted: &[Glyph], width: usize) -> Option<Band> {
    let rows = Rows { shown: shown.chunks(width).collect(), wanted: wanted.chunks(width).collect() };
    let blank = vec![Glyph::BLANK; width];
    let staying: Vec<isize> = rows.both().map(|(shown, wanted)| cost(shown, wanted)).collect();
    let painted: Vec<isize> = rows.wanted.iter().map(|wanted| cost(&blank, wanted)).collect();
    let mut best: Option<(isize, Band)> = None;
    for (lines, direction) in rows.shifts(&blank) {
        if let Some((saved, band)) = rows.band_of_shift(lines, direction, &staying, &painted)
            && best.as_ref().is_none_or(|(most, _)| saved > *most)
        {
            best = Some((saved, band));
        }
    }
    best.map(|(_, band)| band)
}

struct Rows<'a> {
    shown: Vec<&'a [Glyph]>,
    wanted: Vec<&'a [Glyph]>,
}

impl Rows<'_> {
    fn both(&self) -> impl Iterator<Item = (&[Glyph], &[Glyph])> {
        self.shown.iter().copied().zip(self.wanted.iter().copied())
    }

    /// The moves that bring at least one row to where it is wanted.
    fn shifts(&self, blank: &[Glyph]) -> Vec<(usize, Direction)> {
        let hashes = |rows: &[&[Glyph]]| rows.iter().map(|row| FxBuildHasher.hash_one(row)).collect::<Vec<u64>>();
        let (shown, wanted, blank) = (hashes(&self.shown), hashes(&self.wanted), FxBuildHasher.hash_one(blank));
        let mut found = Vec::new();
        for (to, row) in wanted.iter().enumerate() {
            if shown[to] == *row || *row == blank {
                continue;
            }
            for (from, _) in shown.iter().enumerate().filter(|(_, other)| *other == row) {
                let shift = if from > to { (from - to, Direction::Up) } else { (to - from, Direction::Down) };
                if !found.contains(&shift) {
                    found.push(shift);
                }
            }
        }
        found
    }

    /// The band that saves most with this move, and the bytes that it saves.
    fn band_of_shift(
        &self,
        lines: usize,
        direction: Direction,
        staying: &[isize],
        painted: &[isize],
    ) -> Option<(isize, Band)> {
        let height = self.wanted.len();
        // What each row gains by coming from where the move brings it from, and what it loses by being blank first.
        let gain = |row: usize| {
            let from = match direction {
                Direction::Up => Some(row + lines).filter(|from| *from < height),
                Direction::Down => row.checked_sub(lines),
            };
            from.map_or(0, |from| staying[row] - cost(self.shown[from], self.wanted[row]))
        };
        let gained = sums((0..height).map(gain));
        let lost = sums((0..height).map(|row| painted[row] - staying[row]));
        let mut best: Option<(isize, Band)> = None;
        for top in 0..height.saturating_sub(lines) {
            for bottom in top + lines..height {
                let (filled, vacated) = match direction {
                    Direction::Up => (top..bottom + 1 - lines, bottom + 1 - lines..bottom + 1),
                    Direction::Down => (top + lines..bottom + 1, top..top + lines),
                };
                let saved = gained[filled.end]
                    - gained[filled.start]
                    - (lost[vacated.end] - lost[vacated.start])
                    - OVERHEAD
                    - lines as isize;
                if saved > 0 && best.as_ref().is_none_or(|(most, _)| saved > *most) {
                    best = Some((saved, Band { top, bottom, lines, direction }));
                }
            }
        }
        best
    }
}

/// The sums of the first 0, 1, 2 … numbers.
fn sums(numbers: impl Iterator<Item = isize>) -> Vec<isize> {
    let mut sums = vec![0];
    let mut sum = 0;
    for number in numbers {
        sum += number;
        sums.push(sum);
    }
    sums
}

/// About how many bytes it takes to turn one row into another.
fn cost(shown: &[Glyph], wanted: &[Glyph]) -> isize {
    const MOVE: usize = 5;
    let mut bytes = 0;
    let mut in_run = false;
    for (shown, wanted) in shown.iter().zip(wanted) {
        let differs = shown != wanted;
        if differs {
            bytes += match wanted {
                Glyph::Symbol(symbol, _) => symbol.len(),
                Glyph::Tail | Glyph::Unknown => 0,
            };
            bytes += if in_run { 0 } else { MOVE };
        }
        in_run = differs;
    }
    bytes as isize
}
