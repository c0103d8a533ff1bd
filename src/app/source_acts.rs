//! What is done with a source that brings its own files: looked at, synced, its files imported. Only what such a source
//! can do is offered (R121–R125).

use super::data::SourceLine;
use super::dialog::{self, Confirm, Dialog, TextLine};
use super::keys::{Binding, Scope, binding};
use super::list::List;
use super::message::{Act, Effect, Question};
use super::{App, Effects, connecting, source_checks, source_files, source_versions};

macro_rules! key {
    ($($rest:tt)*) => {
        binding!(Scope::Sources, $($rest)*)
    };
}

pub(super) const KEYS: &[Binding] = &[
    key!(&["S"], "sync", 3, "Sync now: fetch what is new where its files lie, and import it", may_sync, sync),
    key!(
        &["f"],
        "files",
        3,
        "Show the files that lie there, what became of each, and import chosen ones",
        brings,
        files
    ),
    key!(&["u"], "copy for owner", 2, "Copy what to tell the owner of the drop upstream", has_tell, copy_tell),
    key!(&["t"], "test", 4, "Check the way to its files step by step, from the host to the last run", may_test, test),
    key!(
        &["b"],
        "backfill",
        6,
        "Consider earlier deliveries again, with the filters as they are now",
        may_sync,
        backfill
    ),
    key!(&["R"], "reconnect", 1, "Deal with what stopped the source, test it, and let it run again", blocked, reach),
    key!(&["o"], "connection", 5, "Show how its files are reached and what others need; test it", brings, reach),
    key!(
        &["v"],
        "versions",
        7,
        "Show who changed filters, schedule, connection and contract, and when",
        on_one,
        versions
    ),
];

fn selected(app: &App) -> Option<&SourceLine> {
    app.sources.selected().filter(|_| !app.sources.typing)
}

fn on_one(app: &App) -> bool {
    selected(app).is_some()
}

fn brings(app: &App) -> bool {
    selected(app).is_some_and(|line| line.brings.is_some())
}

fn blocked(app: &App) -> bool {
    let brings = selected(app).and_then(|line| line.brings.as_ref());
    app.can_change() && brings.is_some_and(|brings| brings.blocked.is_some())
}

fn reach(app: &mut App, fx: &mut Effects) {
    connecting::of_selected(app, fx);
}

fn may_sync(app: &App) -> bool {
    app.can_change() && selected(app).is_some_and(|line| line.brings.is_some() && !line.is_paused())
}

fn has_tell(app: &App) -> bool {
    selected(app).and_then(SourceLine::standing).is_some_and(|standing| standing.tell_upstream.is_some())
}

/// Syncs; where something stopped the source that does not go away by itself, asks whether it was dealt with (R104).
fn sync(app: &mut App, fx: &mut Effects) {
    let Some(line) = selected(app) else { return };
    let (id, name) = (line.id, line.name.clone());
    let blocked = line.brings.as_ref().and_then(|brings| brings.blocked.as_ref());
    if let Some(blocked) = blocked {
        let confirm = Confirm {
            title: format!("Sync {name}"),
            lines: vec![
                TextLine::Plain("It was stopped by something that does not go away by itself:".to_owned()),
                TextLine::Strong(blocked.message.clone()),
                TextLine::Empty,
                TextLine::Pair("What to do".to_owned(), blocked.next.clone()),
                TextLine::Empty,
                TextLine::Plain("Is that dealt with? If not, it stops again at the same place.".to_owned()),
            ],
            yes: "It is: try again".to_owned(),
            act: Act::SyncSource(id).into(),
            chosen: false,
            list: List::default(),
        };
        return app.open(Dialog::Confirm(confirm));
    }
    app.say(format!("Syncing {name} …"));
    fx.push(Effect::Do(Act::SyncSource(id)));
}

pub(super) fn files(app: &mut App, fx: &mut Effects) {
    if let Some((id, name)) = selected(app).map(|line| (line.id, line.name.clone())) {
        source_files::open(app, id, name, fx);
    }
}

/// Looking into the newest file writes a copy of it for a moment.
fn may_test(app: &App) -> bool {
    app.can_change() && brings(app)
}

fn test(app: &mut App, fx: &mut Effects) {
    connecting::check_selected(app, fx);
}

fn backfill(app: &mut App, _: &mut Effects) {
    if let Some(line) = selected(app) {
        let prompt = source_checks::ask(line, app.zone);
        app.open(Dialog::Prompt(prompt));
    }
}

fn copy_tell(app: &mut App, fx: &mut Effects) {
    let standing = selected(app).and_then(SourceLine::standing);
    if let Some(tell) = standing.and_then(|standing| standing.tell_upstream.clone()) {
        dialog::copy(app, tell, fx);
    }
}

fn versions(app: &mut App, fx: &mut Effects) {
    let Some(id) = selected(app).map(|line| line.id) else { return };
    app.open(source_versions::opened(app, id));
    app.ask(Question::SourceVersions(id), fx);
}
