//! The tour of the demo: what a newcomer needs to know, shown on what is really there. It moves from tab to tab by
//! itself; everything else works as usual meanwhile.

use super::data::RowsOnly;
use super::keys::{Binding, Scope};
use super::numbers::counted;
use super::{App, Effects, Tab, lookup, rows, sources};
use crate::domain::id::{RunId, SourceId};
use crate::domain::outcome::OutcomeKind;
use crate::domain::source::SourceStatus;

/// Where the tour is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tour {
    /// From 0.
    pub step: usize,
    /// The reference of a row that did not land, once one was shown.
    reference: Option<String>,
}

/// One stop.
struct Step {
    title: &'static str,
    text: fn(&App) -> String,
    /// Shows what it tells of.
    go: fn(&mut App, &mut Effects),
}

const STEPS: [Step; 8] = [
    Step {
        title: "Welcome to the demo: sixty seconds",
        text: |app| {
            let lines = app.sources.lines.as_deref().unwrap_or_default();
            let need = lines.iter().filter(|line| line.health.status.needs_a_person()).count();
            format!(
                "These are the sources that contacts come from. What needs you comes first: {need} of {} do now. \
                 The lines below say what happened, what it means and what to do.",
                lines.len()
            )
        },
        go: |app, fx| app.go(Tab::Sources, fx),
    },
    Step {
        title: "Why a source needs you",
        text: |app| match failing(app) {
            Some((_, name, _, failed)) => {
                format!(
                    "“{name}” finished, and {} did not land. e explains it, to be copied into a ticket; enter shows \
                     its runs.",
                    counted(failed, "row", "rows")
                )
            }
            None => "e explains a status, to be copied into a ticket; enter shows the runs of the source.".to_owned(),
        },
        go: |app, fx| {
            app.go(Tab::Sources, fx);
            if let Some((source, ..)) = failing(app) {
                sources::select(app, source);
                sources::moved(app, fx);
            }
        },
    },
    Step {
        title: "A file that never came",
        text: |app| match upstream(app) {
            Some((_, name)) => format!(
                "“{name}” should have delivered by now. That is seen first, with whose it is: u copies what to tell \
                 them, t checks the way to the files step by step, f lists them."
            ),
            None => "Of a drop it is said first whether its file came: u copies what to tell its owner, t checks the \
                     way to the files step by step, f lists them."
                .to_owned(),
        },
        go: |app, fx| {
            app.go(Tab::Sources, fx);
            if let Some((source, _)) = upstream(app) {
                sources::select(app, source);
                sources::moved(app, fx);
            }
        },
    },
    Step {
        title: "Every row is accounted for",
        text: |_| {
            "created + updated + unchanged + skipped + failed = the rows of the file, always. Below: why some did not \
             land as they stood, how many, and what to do about it."
                .to_owned()
        },
        go: |app, fx| {
            if let Some((_, _, run, _)) = failing(app) {
                app.go(Tab::Runs, fx);
                app.show_run(run, fx);
            }
        },
    },
    Step {
        title: "The rows behind a number",
        text: |_| {
            "These rows failed: each with its cells and the check that stopped it. In the run, x exports them with \
             their reasons, to be mended and imported again."
                .to_owned()
        },
        go: |app, fx| {
            if let Some((_, _, run, _)) = failing(app) {
                app.tab = Tab::Runs;
                if app.runs.run.as_ref().is_none_or(|page| page.id != run) {
                    app.show_run(run, fx);
                }
                rows::open(app, RowsOnly::Kind(OutcomeKind::Failed), fx);
            }
        },
    },
    Step {
        title: "Why is one missing?",
        text: |app| {
            let of = app.tour.as_ref().and_then(|tour| tour.reference.clone());
            let of = of.map_or("a reference".to_owned(), |reference| format!("“{reference}”"));
            format!(
                "Look {of} up, or a name, an email, a phone number: Landfall shows the contact, or says which row \
                 carried it and what stopped that row."
            )
        },
        go: |app, fx| {
            let reference = app.tour.as_ref().and_then(|tour| tour.reference.clone());
            app.lookup.contact = None;
            app.lookup.field.set(&reference.unwrap_or_default());
            app.go(Tab::Lookup, fx);
            app.lookup.typing = false;
            lookup::typed(app, fx);
        },
    },
    Step {
        title: "Which column becomes which field",
        text: |_| {
            "The mapping, on the file itself: what each column holds, where it goes, and what its rows would become. \
             Nothing is imported before you have seen it."
                .to_owned()
        },
        go: |app, fx| {
            if let Some((source, ..)) = failing(app) {
                sources::select(app, source);
            }
            app.go(Tab::Mapping, fx);
        },
    },
    Step {
        title: "Now look around",
        text: |_| {
            "i on a source imports its file once more: the review counts first what that would do. ? lists the keys, : \
             finds commands, q leaves. The demo is yours to break."
                .to_owned()
        },
        go: |app, fx| app.go(Tab::Sources, fx),
    },
];

pub(super) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Tour,
        keys: &["<enter>", "<right>"],
        hint: "next",
        help: "The next stop of the tour",
        priority: 0,
        when: is_on,
        run: |app, fx| to(app, 1, fx),
    },
    Binding {
        scope: Scope::Tour,
        keys: &["<left>"],
        hint: "back",
        help: "The stop before",
        priority: 1,
        when: is_on,
        run: |app, fx| to(app, -1, fx),
    },
    Binding {
        scope: Scope::Tour,
        keys: &["<esc>"],
        hint: "leave the tour",
        help: "Leave the tour; everything stays as it is shown",
        priority: 0,
        when: is_on,
        run: |app, _| app.tour = None,
    },
];

fn is_on(app: &App) -> bool {
    app.tour.is_some()
}

/// The stop that is shown: title, text, its number from 1, and how many there are.
pub fn shown(app: &App) -> Option<(&'static str, String, usize, usize)> {
    let step = app.tour.as_ref()?.step;
    let stop = STEPS.get(step)?;
    Some((stop.title, (stop.text)(app), step + 1, STEPS.len()))
}

fn to(app: &mut App, by: isize, fx: &mut Effects) {
    let shown = app.runs.rows.as_ref().and_then(|rows| rows.window.as_ref()?.first()?.reference.clone());
    let Some(tour) = &mut app.tour else { return };
    tour.reference = shown.or(tour.reference.take());
    let step = tour.step.saturating_add_signed(by);
    let Some(stop) = STEPS.get(step) else {
        app.tour = None;
        return;
    };
    tour.step = step;
    (stop.go)(app, fx);
}

/// The first source whose file did not come.
fn upstream(app: &App) -> Option<(SourceId, String)> {
    let mut lines = app.sources.lines.iter().flatten();
    let line = lines.find(|line| matches!(line.health.status, SourceStatus::Late | SourceStatus::Missing))?;
    Some((line.id, line.name.clone()))
}

/// Of the sources that need a person the one whose last run has most failed rows: its name, that run, and how many they are.
fn failing(app: &App) -> Option<(SourceId, String, RunId, u64)> {
    let lines = app.sources.lines.iter().flatten().filter(|line| line.health.status.needs_a_person());
    let last = lines.filter_map(|line| Some((line, line.volumes.last().filter(|volume| volume.failed > 0)?)));
    let (line, last) = last.max_by_key(|(_, last)| last.failed)?;
    Some((line.id, line.name.clone(), last.run, last.failed))
}
