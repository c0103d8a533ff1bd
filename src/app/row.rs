//! One row: its raw cells beside the record that it became (R149–R157).

use super::App;
use super::data::RowDetail;
use crate::domain::id::RunId;

/// The state of the page.
#[derive(Debug)]
pub struct RowPageState {
    pub run: RunId,
    pub row: u64,
    pub detail: Option<Box<RowDetail>>,
}

pub(super) fn answered(app: &mut App, detail: RowDetail) {
    if let Some(page) = app.runs.row.as_mut().filter(|page| page.run == detail.run && page.row == detail.line.row.row) {
        page.detail = Some(Box::new(detail));
    }
}
