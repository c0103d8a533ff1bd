//! What is around every tab: the header with the tabs, and the rule and the hints at the foot.

use super::canvas::{Canvas, span};
use super::table::drawn_width;
use super::text::{cut, visible};
use super::theme::Role;
use crate::app::data::Worker;
use crate::app::key::Key;
use crate::app::keys;
use crate::app::screen::{Area, Target};
use crate::app::{SLOW, Tab, sources, time};
use crate::domain::source::Keeper;

/// The header: tabs at the left, where one is at the right.
pub(super) fn header(canvas: &mut Canvas<'_>, whole: Area) {
    if whole.height == 0 {
        return;
    }
    let mut x = canvas.put(whole.x + 1, whole.y, whole.width.saturating_sub(1), "Landfall", Role::Title) + 3;
    for (place, tab) in Tab::ALL.into_iter().enumerate() {
        let role = if tab == canvas.app.tab { Role::Tab } else { Role::Text };
        let text = format!(" {} {} ", place + 1, tab.title());
        let columns = canvas.put(x, whole.y, whole.width.saturating_sub(x), &text, role);
        canvas.target(Area { x, y: whole.y, width: columns, height: 1 }, Target::Tab(tab));
        x += columns;
    }
    let room = whole.width.saturating_sub(x + 3);
    let workspace = &canvas.app.workspace;
    let user = drawn_width(&workspace.name).saturating_add(drawn_width(&workspace.user)).saturating_add(30);
    let user = if user < room { format!(" · {}", workspace.user) } else { String::new() };
    let polled = if workspace.polled { " · polled" } else { "" };
    let (texts, role) = match workspace.read_only {
        Some(_) => (vec!["read-only".to_owned()], Role::Warn),
        None => worker(canvas),
    };
    // A long name of the workspace is cut before what is told of the worker.
    let around = drawn_width(&user) + drawn_width(polled) + 3;
    let before = drawn_width(&workspace.name).saturating_add(around);
    let fits = |text: &&String| before.saturating_add(drawn_width(text)) <= room;
    let text = texts.iter().find(fits).or(texts.last()).cloned().unwrap_or_default();
    let left = room.saturating_sub(drawn_width(&text).saturating_add(around));
    let place = [
        span(cut(&visible(&workspace.name), usize::from(left)).into_owned(), Role::Text),
        span(format!("{user}{polled} · "), Role::Dim),
        span(text, role),
    ];
    canvas.spans_right(x + 2, whole.y, room, &place);
    if whole.height > 1 {
        canvas.rule(Area { y: whole.y + 1, height: 1, ..whole }, &[]);
    }
}

/// Who carries out runs and looks for files when it is time, if anybody: the longest text first.
fn worker(canvas: &mut Canvas<'_>) -> (Vec<String>, Role) {
    let app = canvas.app;
    match (app.view.worker, app.view.queued) {
        (Worker::Busy(run), 0) => return (vec![format!("run {run} at work")], Role::Busy),
        (Worker::Busy(run), queued) => return (vec![format!("run {run} at work, {queued} waiting")], Role::Busy),
        (_, 0) => {}
        (_, queued) => return (vec![format!("{queued} waiting")], Role::Busy),
    }
    if sources::schedules_wait(app) {
        let short = "! no worker";
        let long = format!("{short}: schedules wait");
        return (vec![long, short.to_owned()], Role::Warn);
    }
    let short = match app.view.keeper {
        Keeper::Stays if sources::is_looked_at(app) => {
            canvas.drawn.changes(sources::looks_until_ms(app));
            return (vec!["worker looks for files".to_owned(), "worker looks".to_owned()], Role::Busy);
        }
        Keeper::Stays => "worker idle",
        Keeper::ComesBy => "worker --once",
        Keeper::Nobody => return (vec!["no worker needed".to_owned(), "no worker".to_owned()], Role::Dim),
    };
    let next = sources::next_look_ms(app).map(|at_ms| canvas.told(time::coming(at_ms, app.now_ms, app.zone)));
    let long = next.map(|next| format!("{short} · next {next}"));
    (long.into_iter().chain([short.to_owned()]).collect(), Role::Dim)
}

/// The rule above the hints, with the toast in it, and the hints as far as there is room.
pub(super) fn footer(canvas: &mut Canvas<'_>, whole: Area) {
    if whole.height < 4 {
        return;
    }
    let (rule, hints) = (whole.y + whole.height - 2, whole.y + whole.height - 1);
    canvas.rule(Area { y: rule, height: 1, ..whole }, &[]);
    if let Some(toast) = &canvas.app.toast {
        canvas.drawn.changes(Some(toast.until_ms));
        let (mark, role) = if toast.is_error { (" ✗ ", Role::Bad) } else { (" ✓ ", Role::Good) };
        let spans = [span(mark, role), span(toast.text.as_str(), Role::Text), span(" ", Role::Text)];
        canvas.spans(whole.x + 1, rule, whole.width.saturating_sub(2), &spans);
    }
    if let Some(since) = canvas.app.busy_since() {
        if canvas.app.now_ms - since >= SLOW {
            canvas.spans_right(whole.x, rule, whole.width.saturating_sub(1), &[span(" working… ", Role::Busy)]);
        } else {
            canvas.drawn.changes(Some(since + SLOW));
        }
    }
    let mut taken: Vec<&str> = Vec::new();
    let mut offered: Vec<_> = Vec::new();
    for (place, binding) in keys::possible(canvas.app) {
        if let Some(key) = keys::hint_key(canvas.app, binding, &taken).filter(|_| !binding.hint.is_empty()) {
            offered.push((place, binding, shown_key(key)));
        }
        taken.extend(binding.keys);
    }
    let cost =
        |(_, binding, key): &(usize, &keys::Binding, String)| key.chars().count() + binding.hint.chars().count() + 3;
    let room = usize::from(whole.width).saturating_sub(2);
    while offered.iter().map(cost).sum::<usize>() > room {
        let Some((at, _)) = offered.iter().enumerate().rev().max_by_key(|(_, (_, binding, _))| binding.priority) else {
            break;
        };
        offered.remove(at);
    }
    let blank = " ".repeat(usize::from(whole.width));
    canvas.put(whole.x, hints, whole.width, &blank, Role::Text);
    let mut x = whole.x + 1;
    for (place, binding, key) in offered {
        let room = whole.width.saturating_sub(x);
        let spans = [span(key, Role::Key), span(" ", Role::Text), span(binding.hint, Role::Text)];
        let columns = canvas.spans(x, hints, room, &spans);
        canvas.target(Area { x, y: hints, width: columns, height: 1 }, Target::Hint(place));
        x += columns + 2;
    }
}

/// A key in the notation, as people read it.
pub(super) fn shown_key(text: &str) -> String {
    Key::parse(text).map(|key| key.to_string()).unwrap_or_default()
}
