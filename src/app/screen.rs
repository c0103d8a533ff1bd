//! What a drawn frame tells the application: where things lie that a mouse can point at, how many entries each list
//! shows, and when the next shown text changes.

use super::Tab;
use super::lookup::LookupTarget;
use super::mapping::MappingTarget;
use super::runs::RunsTarget;
use super::sources::SourcesTarget;
use std::collections::HashMap;

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Area {
    pub x: u16,
    pub y: u16,
    pub width: u16,
    pub height: u16,
}

impl Area {
    pub fn contains(self, x: u16, y: u16) -> bool {
        (self.x..self.x.saturating_add(self.width)).contains(&x)
            && (self.y..self.y.saturating_add(self.height)).contains(&y)
    }
}

/// Something that the mouse can point at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Tab(Tab),
    /// A hint: clicking it does what its key does; the place in the key table.
    Hint(usize),
    /// An entry of a list, from 0.
    Entry(ListId, usize),
    /// The whole of a list, for the wheel.
    List(ListId),
    /// A button of the dialog that is open.
    Button(usize),
    /// What lies outside the dialog that is open.
    Outside,
    Sources(SourcesTarget),
    Runs(RunsTarget),
    Lookup(LookupTarget),
    Mapping(MappingTarget),
}

/// The lists of the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListId {
    Sources,
    Runs,
    Issues,
    Rows,
    /// The cells of one row.
    Row,
    Found,
    Record,
    Mapping,
    /// The rows of the Mapping tab's preview.
    Preview,
    /// The list, or the text, of the dialog that is open.
    Dialog,
}

/// What came of drawing a frame.
#[derive(Debug, Clone, Default)]
pub struct Drawn {
    /// Later ones lie over earlier ones.
    pub targets: Vec<(Area, Target)>,
    /// How many entries of each list fit.
    pub heights: HashMap<ListId, usize>,
    /// Of lists whose entries are broken into lines while they are drawn, and are moved in line by line: the entry that
    /// each line belongs to, if any.
    pub lines: HashMap<ListId, Vec<Option<usize>>>,
    /// The moment (ms since 1970, UTC) at which the next shown text changes.
    pub changes_at: Option<i64>,
    /// Where the cursor of the text field that is typed in is.
    pub cursor: Option<(u16, u16)>,
}

impl Drawn {
    /// What lies under a cell, topmost first.
    pub fn at(&self, x: u16, y: u16) -> impl Iterator<Item = &Target> {
        self.targets.iter().rev().filter(move |(area, _)| area.contains(x, y)).map(|(_, target)| target)
    }

    /// Notes that a shown text changes at a moment.
    pub fn changes(&mut self, at_ms: Option<i64>) {
        self.changes_at = match (self.changes_at, at_ms) {
            (Some(known), Some(at)) => Some(known.min(at)),
            (known, at) => known.or(at),
        };
    }
}
