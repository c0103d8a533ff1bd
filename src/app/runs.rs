//! The Runs tab: the list of runs, and the pages that open from it.

use super::data::{RunLine, RunsWanted};
use super::field::Field;
use super::keys::{Binding, Scope};
use super::list::List;
use super::message::Question;
use super::row::RowPageState;
use super::rows::Rows;
use super::run::RunPage;
use super::screen::ListId;
use super::{App, Effects, Tab};
use crate::domain::id::SourceId;

/// The state of the tab. Pages lie over each other: the list, one run, its rows, one row.
#[derive(Debug, Default)]
pub struct Runs {
    /// Newest first; none before the first answer.
    pub lines: Option<Vec<RunLine>>,
    /// Whether there are older ones than the last one here.
    pub more: bool,
    pub list: List,
    pub run: Option<RunPage>,
    pub rows: Option<Rows>,
    pub row: Option<RowPageState>,
}

/// What the mouse can point at in this tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunsTarget {
    /// The status of an entry, from 0.
    Status(usize),
}

pub(super) const KEYS: &[Binding] = &[];

/// Runs that are read at once.
pub const PAGE: u64 = 200;

impl Runs {
    pub(super) fn scopes(&self) -> Vec<Scope> {
        match self {
            Runs { row: Some(_), .. } => vec![Scope::Row],
            Runs { rows: Some(_), .. } => vec![Scope::Rows],
            Runs { run: Some(_), .. } => vec![Scope::Run],
            _ => vec![Scope::Runs],
        }
    }

    pub(super) fn field_mut(&mut self) -> Option<&mut Field> {
        None
    }

    pub(super) fn focused_list(&self) -> Option<ListId> {
        Some(ListId::Runs)
    }

    pub(super) fn list_mut(&mut self, _: ListId) -> Option<(&mut List, usize)> {
        let len = self.lines.as_ref().map_or(0, Vec::len);
        Some((&mut self.list, len))
    }
}

/// Shows the runs of one source.
pub fn of_source(app: &mut App, source: SourceId, fx: &mut Effects) {
    app.go(Tab::Runs, fx);
    app.ask(Question::Runs(RunsWanted { source: Some(source), limit: PAGE, ..RunsWanted::default() }), fx);
}

pub(super) fn refresh(app: &mut App, fx: &mut Effects) {
    app.ask(Question::Runs(RunsWanted { limit: PAGE, ..RunsWanted::default() }), fx);
}

pub(super) fn typed(_: &mut App, _: &mut Effects) {}

pub(super) fn moved(_: &mut App, _: &mut Effects) {}

pub(super) fn clicked(_: &mut App, _: RunsTarget, _: &mut Effects) {}

pub(super) fn answered(app: &mut App, lines: Vec<RunLine>, more: bool, _: &mut Effects) {
    app.runs.lines = Some(lines);
    app.runs.more = more;
}
