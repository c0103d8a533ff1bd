//! The Data Sources tab.

use super::data::SourceLine;
use super::field::Field;
use super::keys::Binding;
use super::list::List;
use super::{App, Effects};
use crate::domain::id::SourceId;

/// The state of the tab.
#[derive(Debug, Default)]
pub struct Sources {
    /// None before the first answer.
    pub lines: Option<Vec<SourceLine>>,
    pub list: List,
    /// A source that was just made, to be selected when it is there.
    pub select_next: Option<SourceId>,
}

/// What the mouse can point at in this tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourcesTarget {
    /// The status of an entry, from 0.
    Status(usize),
}

pub(super) const KEYS: &[Binding] = &[];

impl Sources {
    pub(super) fn field_mut(&mut self) -> Option<&mut Field> {
        None
    }

    pub(super) fn list_mut(&mut self) -> (&mut List, usize) {
        let len = self.lines.as_ref().map_or(0, Vec::len);
        (&mut self.list, len)
    }
}

pub(super) fn typed(_: &mut App, _: &mut Effects) {}

pub(super) fn moved(_: &mut App, _: &mut Effects) {}

pub(super) fn clicked(_: &mut App, _: SourcesTarget, _: &mut Effects) {}

pub(super) fn answered(app: &mut App, lines: Vec<SourceLine>, _: &mut Effects) {
    app.sources.lines = Some(lines);
}
