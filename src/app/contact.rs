//! The page of one contact.

use super::App;
use super::data::Held;
use super::keys::Binding;
use super::list::List;
use crate::domain::id::RecordId;

/// The state of the page.
#[derive(Debug)]
pub struct ContactPage {
    pub id: RecordId,
    pub held: Option<Box<Held>>,
    pub list: List,
}

pub(super) const KEYS: &[Binding] = &[];

pub(super) fn answered(app: &mut App, held: Held) {
    if let Some(page) = app.lookup.contact.as_mut().filter(|page| page.id == held.record.id) {
        page.held = Some(Box::new(held));
    }
}
