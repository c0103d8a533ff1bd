//! Dragging a column with the mouse: onto a field, or onto the row of another column, whose field it then gets. What is
//! dragged can be done with keys as well.

use super::assign::{Taken, assign};
use super::{Editor, IMPORTANT, MappingTarget, editor, editor_mut, keys};
use crate::app::message::MouseKind;
use crate::app::screen::{ListId, Target};
use crate::app::{App, Effects};

/// A column that the mouse has taken hold of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drag {
    /// Its place.
    pub from: usize,
    /// The mouse has moved since: it is being dragged.
    pub is_moving: bool,
    /// The press selected it anew; where it was selected before, letting it go opens the picker.
    pub is_new: bool,
}

/// The mouse went down on a column: that selects it.
pub(in crate::app) fn pressed(app: &mut App, place: usize) {
    let height = app.height(ListId::Mapping);
    let Some(editor) = editor_mut(app) else { return };
    let len = editor.draft.mapping().columns.len();
    if place >= len {
        return;
    }
    let is_new = editor.list.selected != place;
    editor.list.select(place, len, height);
    if is_new {
        super::moved(app);
    }
    app.mapping.drag = app.can_change().then_some(Drag { from: place, is_moving: false, is_new });
}

/// The mouse moved with its button down, or let go. Answers whether a column is being dragged.
pub(in crate::app) fn update(app: &mut App, kind: MouseKind, under: &[Target], fx: &mut Effects) -> bool {
    let Some(drag) = &mut app.mapping.drag else { return false };
    let on = under.first();
    if kind == MouseKind::Drag {
        let is_there = matches!(on, Some(Target::Entry(ListId::Mapping, place)) if *place == drag.from);
        drag.is_moving |= !is_there;
        app.hover = on.cloned();
        return true;
    }
    let drag = drag.clone();
    app.mapping.drag = None;
    match on {
        Some(Target::Mapping(MappingTarget::Drop(key))) if drag.is_moving && app.can_change() => {
            let key = key.clone();
            assign(app, drag.from, &key, Taken::Move, fx);
        }
        Some(Target::Entry(ListId::Mapping, place)) if drag.is_moving && *place != drag.from && app.can_change() => {
            let field = editor(app).and_then(|editor| editor.column(*place)?.field.clone());
            match field {
                Some(key) => assign(app, drag.from, &key, Taken::Move, fx),
                None => app.say("That column has no field to give."),
            }
        }
        Some(Target::Entry(ListId::Mapping, place)) if !drag.is_moving && !drag.is_new && *place == drag.from => {
            keys::choose_field(app, fx);
        }
        _ => {}
    }
    true
}

impl Editor {
    /// The fields on which a column can be dropped, the likeliest first: those that matter most, what is suggested for
    /// it, and all others.
    pub fn drops(&self, place: usize) -> Vec<&str> {
        let catalog = &self.opened.catalog;
        let important = IMPORTANT.iter().flat_map(|(_, roles)| *roles);
        let important = important.filter_map(|role| Some(catalog.get(catalog.role(*role)?)?.key.as_str()));
        let look = self.look(place);
        let suggested = look.into_iter().flat_map(|look| {
            look.field.as_deref().into_iter().chain(look.alternatives.iter().map(|(key, _)| key.as_str()))
        });
        let mut keys: Vec<&str> = Vec::new();
        let all = catalog.fields().iter().map(|field| field.key.as_str());
        for key in important.chain(suggested).chain(all) {
            if !keys.contains(&key) && catalog.by_key(key).is_some() {
                keys.push(key);
            }
        }
        keys
    }
}
