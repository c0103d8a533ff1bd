//! What the mouse does: click, wheel and hover. Everything that it reaches is reached by a key as well.

use super::dialog::Dialog;
use super::mapping::{self, drag};
use super::message::{Mouse, MouseKind};
use super::screen::{ListId, Target};
use super::{App, Effects, dialog, keys, lookup, runs, source_form, sources};

/// Lines that one notch of the wheel moves a list.
const WHEEL: isize = 3;

pub(super) fn update(app: &mut App, mouse: Mouse, under: &[Target], fx: &mut Effects) {
    match mouse.kind {
        MouseKind::Drag | MouseKind::Release if drag::update(app, mouse.kind, under, fx) => {}
        MouseKind::Release => {}
        MouseKind::Moved | MouseKind::Drag => app.hover = under.first().cloned(),
        MouseKind::WheelUp => wheel(app, under, -WHEEL, fx),
        MouseKind::WheelDown => wheel(app, under, WHEEL, fx),
        MouseKind::Click => {
            app.hover = None;
            if let Some(target) = under.first().cloned() {
                click(app, target, fx);
            }
        }
    }
}

fn wheel(app: &mut App, under: &[Target], lines: isize, fx: &mut Effects) {
    // What lies under a dialog does not move.
    let mut over = under.iter().take_while(|target| !matches!(target, Target::Outside));
    let list = over.find_map(|target| match target {
        Target::List(id) | Target::Entry(id, _) => Some(*id),
        _ => None,
    });
    let Some(id) = list else { return };
    let is_text = app.dialogs.last().is_some_and(Dialog::is_text);
    let height = app.height(id);
    if let Some(Dialog::SourceForm(_)) = app.dialogs.last() {
        return source_form::go(app, lines, fx);
    }
    if let Some((list, len)) = app.list_mut(id) {
        match is_text {
            true => list.select(list.selected.saturating_add_signed(lines), len, 1),
            false => list.scroll(lines, len, height),
        }
        app.moved(id, fx);
    }
}

fn click(app: &mut App, target: Target, fx: &mut Effects) {
    match target {
        Target::Tab(tab) if app.dialogs.is_empty() => app.go(tab, fx),
        Target::Hint(place) => {
            let binding = keys::table().get(place);
            if let Some(binding) = binding.filter(|binding| (binding.when)(app)) {
                (binding.run)(app, fx);
            }
        }
        Target::Entry(ListId::Mapping, entry) => drag::pressed(app, entry),
        Target::Mapping(target) => mapping::clicked(app, target, fx),
        Target::Entry(id, entry) => entry_clicked(app, id, entry, fx),
        Target::Button(place) => dialog::button(app, place, fx),
        Target::Outside => dialog::outside(app, fx),
        Target::Sources(target) => sources::clicked(app, target, fx),
        Target::Runs(target) => runs::clicked(app, target, fx),
        Target::Lookup(target) => lookup::clicked(app, target, fx),
        Target::Tab(_) | Target::List(_) => {}
    }
}

/// The first click selects an entry, the next one opens it.
fn entry_clicked(app: &mut App, id: ListId, entry: usize, fx: &mut Effects) {
    let height = app.height(id);
    let Some((list, len)) = app.list_mut(id) else { return };
    if entry >= len {
        return;
    }
    let again = list.selected == entry;
    list.select(entry, len, height);
    app.moved(id, fx);
    if !again {
        return;
    }
    let enter = super::key::Key::plain(super::key::KeyCode::Enter);
    if let Some(binding) = keys::find(app, enter) {
        (binding.run)(app, fx);
    }
}
