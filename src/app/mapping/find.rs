//! Finding a column by its name: the selection goes to the best match while one types.

use super::{editor, editor_mut, moved};
use crate::app::App;
use crate::app::screen::ListId;
use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

/// The text of the field has changed.
pub(in crate::app) fn typed(app: &mut App) {
    go(app, 0);
}

/// Goes to the first column from `skip` places behind the selection on that matches best: its name has the text in it, or
/// at least its letters in their order.
pub(super) fn go(app: &mut App, skip: usize) {
    let height = app.height(ListId::Mapping);
    let Some((field, editor)) = app.mapping.finding.as_ref().zip(editor(app)) else { return };
    let wanted = field.text().trim().to_lowercase();
    let columns = &editor.draft.mapping().columns;
    if wanted.is_empty() || columns.is_empty() {
        return;
    }
    let from = editor.list.selected + skip;
    let mut order = (0..columns.len()).map(|step| (from + step) % columns.len());
    let has_text = order.clone().find(|place| columns[*place].header.to_lowercase().contains(&wanted));
    let matcher = SkimMatcherV2::default();
    let found =
        has_text.or_else(|| order.find(|place| matcher.fuzzy_match(&columns[*place].header, &wanted).is_some()));
    let len = columns.len();
    let (Some(place), Some(editor)) = (found, editor_mut(app)) else { return };
    editor.list.select(place, len, height);
    moved(app);
}
