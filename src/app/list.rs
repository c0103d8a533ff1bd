//! A list on the screen: which entry is selected and which are shown.

use std::ops::Range;

/// The place of a list: the selected entry and the first one shown, both from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct List {
    pub selected: usize,
    pub offset: usize,
}

/// Ways to move in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
}

impl List {
    /// Moves the selection in a list of `len` entries of which `height` are shown.
    pub fn go(&mut self, to: Move, len: usize, height: usize) {
        let page = height.saturating_sub(1).max(1);
        let last = len.saturating_sub(1);
        self.selected = match to {
            Move::Up => self.selected.saturating_sub(1),
            Move::Down => self.selected + 1,
            Move::PageUp => self.selected.saturating_sub(page),
            Move::PageDown => self.selected + page,
            Move::First => 0,
            Move::Last => last,
        }
        .min(last);
        self.offset = self.window(len, height).start;
    }

    /// Selects an entry, and shows it.
    pub fn select(&mut self, entry: usize, len: usize, height: usize) {
        self.selected = entry.min(len.saturating_sub(1));
        self.offset = self.window(len, height).start;
    }

    /// Moves what is shown by `lines`, as a mouse wheel does; the selection comes along as far as it must.
    pub fn scroll(&mut self, lines: isize, len: usize, height: usize) {
        let height = height.max(1);
        let most = len.saturating_sub(height);
        self.offset = self.window(len, height).start.saturating_add_signed(lines).min(most);
        let end = (self.offset + height).min(len.max(1));
        self.selected = self.selected.clamp(self.offset, end - 1);
    }

    /// The entries that are shown: as few as possible other ones than before, the selected one always among them.
    pub fn window(&self, len: usize, height: usize) -> Range<usize> {
        let height = height.max(1);
        let selected = self.selected.min(len.saturating_sub(1));
        let first = self.offset.clamp((selected + 1).saturating_sub(height), selected);
        let first = first.min(len.saturating_sub(height));
        first..(first + height).min(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_selected_entry_is_always_shown_and_no_line_is_wasted(
            moves in proptest::collection::vec((0usize..8, 0usize..40, 0usize..12), 1..40)
        ) {
            let mut list = List::default();
            for (what, len, height) in moves {
                match what {
                    0 => list.go(Move::Up, len, height),
                    1 => list.go(Move::Down, len, height),
                    2 => list.go(Move::PageUp, len, height),
                    3 => list.go(Move::PageDown, len, height),
                    4 => list.go(Move::First, len, height),
                    5 => list.go(Move::Last, len, height),
                    6 => list.scroll(-3, len, height),
                    _ => list.scroll(3, len, height),
                }
                let shown = list.window(len, height);
                prop_assert_eq!(shown.len(), len.min(height.max(1)));
                prop_assert!(len == 0 || shown.contains(&list.selected), "{list:?} of {len} in {height}");
            }
        }
    }
}
