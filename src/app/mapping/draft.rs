//! A mapping that is being edited: every step can be undone and done again.

use crate::domain::mapping::Mapping;
use std::sync::Arc;

/// Steps that are kept to be undone.
const MOST_STEPS: usize = 500;

/// A mapping with its history. Whole mappings are kept: a step is then undone exactly, whatever it did.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    mapping: Arc<Mapping>,
    /// As it was opened or last saved.
    saved: Arc<Mapping>,
    /// What each step did, with the mapping before it; the last one is undone first.
    undo: Vec<(String, Arc<Mapping>)>,
    /// What was undone, with the mapping after it.
    redo: Vec<(String, Arc<Mapping>)>,
    revision: u64,
}

impl Draft {
    /// A draft of a mapping; it is `saved` as it stands, or not yet.
    pub fn new(mapping: Mapping, saved: Option<Mapping>) -> Draft {
        let saved = saved.unwrap_or_default();
        Draft { mapping: Arc::new(mapping), saved: Arc::new(saved), ..Draft::default() }
    }

    pub fn mapping(&self) -> &Arc<Mapping> {
        &self.mapping
    }

    /// Changes with every change of the mapping.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether it differs from what was saved.
    pub fn is_changed(&self) -> bool {
        self.mapping != self.saved
    }

    /// Takes a step; answers whether it changed anything. `what` says what it does, for the person who undoes it.
    pub fn edit(&mut self, what: impl Into<String>, change: impl FnOnce(&mut Mapping)) -> bool {
        let mut changed = Mapping::clone(&self.mapping);
        change(&mut changed);
        if changed == *self.mapping {
            return false;
        }
        let before = std::mem::replace(&mut self.mapping, Arc::new(changed));
        self.undo.push((what.into(), before));
        if self.undo.len() > MOST_STEPS {
            self.undo.remove(0);
        }
        self.redo.clear();
        self.revision += 1;
        true
    }

    /// Takes the last step back, and answers what it had done.
    pub fn undo(&mut self) -> Option<&str> {
        let (what, before) = self.undo.pop()?;
        let after = std::mem::replace(&mut self.mapping, before);
        self.redo.push((what, after));
        self.revision += 1;
        self.redo.last().map(|(what, _)| what.as_str())
    }

    /// Takes the step that was undone last again, and answers what it does.
    pub fn redo(&mut self) -> Option<&str> {
        let (what, after) = self.redo.pop()?;
        let before = std::mem::replace(&mut self.mapping, after);
        self.undo.push((what, before));
        self.revision += 1;
        self.undo.last().map(|(what, _)| what.as_str())
    }

    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    /// Whether steps of somebody would be lost with it: it differs from what was saved, and not just because nothing was
    /// saved yet.
    pub fn is_unsaved(&self) -> bool {
        self.is_changed() && (self.can_undo() || self.can_redo())
    }

    /// Brings the mapping to the columns of another file, or of the same one read otherwise. No step: what changed is the
    /// file. A mapping that is undone to later is fitted again.
    pub fn refit(&mut self, mapping: Mapping) {
        if mapping != *self.mapping {
            self.mapping = Arc::new(mapping);
            self.revision += 1;
        }
    }

    /// This mapping was saved.
    pub fn saved_as(&mut self, mapping: Arc<Mapping>) {
        self.saved = mapping;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mapping::Column;
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    enum Step {
        Map(usize, usize),
        LeaveOut(usize),
        Require(usize),
        Undo,
        Redo,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0usize..4, 0usize..3).prop_map(|(column, field)| Step::Map(column, field)),
            (0usize..4).prop_map(Step::LeaveOut),
            (0usize..4).prop_map(Step::Require),
            Just(Step::Undo),
            Just(Step::Redo),
        ]
    }

    proptest! {
        /// Against the plainest model: a list of all states with a place in it.
        #[test]
        fn any_sequence_of_edits_is_undone_and_done_again_exactly(steps in proptest::collection::vec(step(), 0..60)) {
            let columns: Vec<Column> = ["A", "B", "C", "D"].map(Column::unmapped).into();
            let start = Mapping { columns, ..Mapping::default() };
            let mut draft = Draft::new(start.clone(), None);
            let (mut states, mut at) = (vec![start], 0);
            for step in steps {
                let revision = draft.revision();
                let changed = match step {
                    Step::Undo => { let did = draft.undo().is_some(); if did { at -= 1; } did }
                    Step::Redo => { let did = draft.redo().is_some(); if did { at += 1; } did }
                    Step::Map(column, field) => draft.edit("map", |mapping| {
                        mapping.columns[column].field = Some(["email", "phone", "notes"][field].to_owned());
                    }),
                    Step::LeaveOut(column) => draft.edit("leave out", |mapping| {
                        let was = mapping.columns[column].leave_out;
                        mapping.columns[column] = Column { leave_out: !was, ..Column::unmapped("x") };
                    }),
                    Step::Require(column) => draft.edit("require", |mapping| mapping.columns[column].required ^= true),
                };
                if changed && !matches!(step, Step::Undo | Step::Redo) {
                    states.truncate(at + 1);
                    states.push(Mapping::clone(draft.mapping()));
                    at += 1;
                }
                prop_assert_eq!(&**draft.mapping(), &states[at]);
                prop_assert_eq!(draft.can_undo(), at > 0);
                prop_assert_eq!(draft.can_redo(), at + 1 < states.len());
                prop_assert_eq!(changed, draft.revision() != revision);
            }
        }
    }
}
