//! The Mapping tab: the mapping of the selected source, to be read. Its editor comes with issue 5.

use super::keys::Binding;
use super::list::List;
use super::{App, Effects};

/// The state of the tab.
#[derive(Debug, Default)]
pub struct MappingTab {
    pub list: List,
}

pub(super) const KEYS: &[Binding] = &[];

impl MappingTab {
    pub(super) fn list_mut(&mut self) -> Option<(&mut List, usize)> {
        None
    }
}

pub(super) fn refresh(_: &mut App, _: &mut Effects) {}
