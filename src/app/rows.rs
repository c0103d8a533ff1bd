//! The rows of a run: its ledger, a page at a time.

use super::data::RowPage;
use super::keys::Binding;
use super::list::List;
use super::{App, Effects};

/// The state of the page.
#[derive(Debug, Default)]
pub struct Rows {
    pub page: Option<RowPage>,
    pub list: List,
}

pub(super) const KEYS: &[Binding] = &[];

pub(super) fn moved(_: &mut App, _: &mut Effects) {}

pub(super) fn answered(app: &mut App, page: RowPage, _: &mut Effects) {
    if let Some(rows) = &mut app.runs.rows {
        rows.page = Some(page);
    }
}
