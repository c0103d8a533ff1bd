//! The page of one run: what became of its rows, and why.

use super::data::RunDetail;
use super::keys::Binding;
use super::list::List;
use super::message::Question;
use super::{App, Effects};
use crate::domain::id::RunId;

/// The state of the page.
#[derive(Debug)]
pub struct RunPage {
    pub id: RunId,
    /// None before the answer.
    pub detail: Option<Box<RunDetail>>,
    pub issues: List,
}

pub(super) const KEYS: &[Binding] = &[];

/// Opens the page of a run.
pub(super) fn open(app: &mut App, id: RunId, fx: &mut Effects) {
    app.runs.run = Some(RunPage { id, detail: None, issues: List::default() });
    app.ask(Question::Run(id), fx);
}

pub(super) fn answered(app: &mut App, detail: RunDetail, _: &mut Effects) {
    if let Some(page) = app.runs.run.as_mut().filter(|page| page.id == detail.line.id) {
        page.detail = Some(Box::new(detail));
    }
}
