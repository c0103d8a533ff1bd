//! The Lookup tab: contacts by what one has of them.

use super::contact::ContactPage;
use super::data::Found;
use super::field::Field;
use super::keys::{Binding, Scope};
use super::list::List;
use super::screen::ListId;
use super::{App, Effects};

/// The state of the tab.
#[derive(Debug, Default)]
pub struct Lookup {
    pub field: Field,
    /// Whether the field is typed in.
    pub typing: bool,
    pub found: Option<Found>,
    pub list: List,
    pub contact: Option<ContactPage>,
}

/// What the mouse can point at in this tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookupTarget {
    Field,
}

pub(super) const KEYS: &[Binding] = &[];

impl Lookup {
    pub(super) fn scopes(&self) -> Vec<Scope> {
        match self.contact {
            Some(_) => vec![Scope::Contact],
            None => vec![Scope::Lookup],
        }
    }

    pub(super) fn field_mut(&mut self) -> Option<&mut Field> {
        self.typing.then_some(&mut self.field)
    }

    pub(super) fn focused_list(&self) -> Option<ListId> {
        Some(ListId::Found)
    }

    pub(super) fn list_mut(&mut self, _: ListId) -> Option<(&mut List, usize)> {
        let len = self.found.as_ref().map_or(0, |found| found.contacts.len());
        Some((&mut self.list, len))
    }
}

pub(super) fn refresh(_: &mut App, _: &mut Effects) {}

pub(super) fn typed(_: &mut App, _: &mut Effects) {}

pub(super) fn moved(_: &mut App, _: &mut Effects) {}

pub(super) fn clicked(_: &mut App, _: LookupTarget, _: &mut Effects) {}

pub(super) fn answered(app: &mut App, found: Found, _: &mut Effects) {
    app.lookup.found = Some(found);
}
