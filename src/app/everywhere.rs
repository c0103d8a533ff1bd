//! What can be done wherever one is: tabs, help, commands, mouse, workspaces, leaving.

use super::config::ThemeName;
use super::data::{Worker, WorkspaceView};
use super::dialog::{self, Dialog, Text, TextLine, Yes};
use super::keys::{Binding, Scope, always};
use super::list::{List, Move};
use super::message::{Act, Effect, Question};
use super::{App, Effects, Tab, Workspace, mapping, sources};

pub(super) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Everywhere,
        keys: &["?", "<f1>"],
        hint: "help",
        help: "Show what every key does here",
        priority: 2,
        when: always,
        run: |app, _| dialog::help(app),
    },
    Binding {
        scope: Scope::Everywhere,
        keys: &[":", "<c-p>"],
        hint: "commands",
        help: "Find a command by its name",
        priority: 4,
        when: always,
        run: |app, _| dialog::palette(app),
    },
    Binding {
        scope: Scope::Everywhere,
        keys: &["!"],
        hint: "no worker",
        help: "Say how to start a worker where schedules wait",
        priority: 6,
        when: |app| app.can_change() && sources::schedules_wait(app),
        run: |app, _| no_worker(app),
    },
    Binding {
        scope: Scope::Everywhere,
        keys: &["1", "<a-1>"],
        hint: "",
        help: "Go to Data Sources",
        priority: 9,
        when: always,
        run: |app, fx| go_to_top(app, Tab::Sources, fx),
    },
    Binding {
        scope: Scope::Everywhere,
        keys: &["2", "<a-2>"],
        hint: "",
        help: "Go to Mapping",
        priority: 9,
        when: always,
        run: |app, fx| go_to_top(app, Tab::Mapping, fx),
    },
    Binding {
        scope: Scope::Everywhere,
        keys: &["3", "<a-3>"],
        hint: "",
        help: "Go to Runs",
        priority: 9,
        when: always,
        run: |app, fx| go_to_top(app, Tab::Runs, fx),
    },
    Binding {
        scope: Scope::Everywhere,
        keys: &["4", "<a-4>"],
        hint: "",
        help: "Go to Lookup",
        priority: 9,
        when: always,
        run: |app, fx| go_to_top(app, Tab::Lookup, fx),
    },
    Binding {
        scope: Scope::Everywhere,
        keys: &["<tab>"],
        hint: "",
        help: "Go to the next tab",
        priority: 9,
        when: always,
        run: |app, fx| next_tab(app, 1, fx),
    },
    Binding {
        scope: Scope::Everywhere,
        keys: &["<s-tab>"],
        hint: "",
        help: "Go to the tab before",
        priority: 9,
        when: always,
        run: |app, fx| next_tab(app, 3, fx),
    },
    Binding {
        scope: Scope::Everywhere,
        keys: &["W"],
        hint: "",
        help: "Change to another workspace (each is one sub-account)",
        priority: 9,
        when: always,
        run: |app, fx| {
            app.open(Dialog::workspaces());
            app.ask(Question::Workspaces, fx);
        },
    },
    Binding {
        scope: Scope::Everywhere,
        keys: &["M"],
        hint: "",
        help: "Switch the mouse off, so that text can be selected, or on again",
        priority: 9,
        when: always,
        run: |app, fx| {
            app.mouse = !app.mouse;
            fx.push(Effect::Mouse(app.mouse));
            app.say(if app.mouse { "The mouse is on." } else { "The mouse is off: select text as in any terminal." });
        },
    },
    Binding {
        scope: Scope::Everywhere,
        keys: &["<f2>"],
        hint: "",
        help: "Change the colours, for now; `landfall help config` says how to keep them",
        priority: 9,
        when: always,
        run: |app, _| {
            let place = ThemeName::ALL.iter().position(|theme| *theme == app.theme).unwrap_or(0);
            app.theme = ThemeName::ALL[(place + 1) % ThemeName::ALL.len()];
            app.say(format!("Colours: {}.", app.theme.as_str()));
        },
    },
    Binding {
        scope: Scope::Everywhere,
        keys: &["<c-l>"],
        hint: "",
        help: "Draw the screen anew",
        priority: 9,
        when: always,
        run: |_, fx| fx.push(Effect::Redraw),
    },
    Binding {
        scope: Scope::Everywhere,
        keys: &["<c-z>"],
        hint: "",
        help: "Suspend: back to the shell until `fg`",
        priority: 9,
        when: always,
        run: |_, fx| fx.push(Effect::Suspend),
    },
    Binding {
        scope: Scope::Everywhere,
        keys: &["q", "<c-c>", "<c-q>"],
        hint: "quit",
        help: "Leave Landfall; runs go on",
        priority: 8,
        when: always,
        run: |app, fx| mapping::leave(app, "Leave Landfall?", "Leave", Yes::Leave, fx),
    },
    Binding {
        scope: Scope::Moving,
        keys: &["<up>", "k"],
        hint: "",
        help: "Move up",
        priority: 9,
        when: has_list,
        run: |app, fx| app.go_in_list(Move::Up, fx),
    },
    Binding {
        scope: Scope::Moving,
        keys: &["<down>", "j"],
        hint: "",
        help: "Move down",
        priority: 9,
        when: has_list,
        run: |app, fx| app.go_in_list(Move::Down, fx),
    },
    Binding {
        scope: Scope::Moving,
        keys: &["<pgup>", "<c-b>", "<c-u>"],
        hint: "",
        help: "A page up",
        priority: 9,
        when: has_list,
        run: |app, fx| app.go_in_list(Move::PageUp, fx),
    },
    Binding {
        scope: Scope::Moving,
        keys: &["<pgdn>", "<c-f>", "<c-d>"],
        hint: "",
        help: "A page down",
        priority: 9,
        when: has_list,
        run: |app, fx| app.go_in_list(Move::PageDown, fx),
    },
    Binding {
        scope: Scope::Moving,
        keys: &["<home>", "g"],
        hint: "",
        help: "To the first",
        priority: 9,
        when: has_list,
        run: |app, fx| app.go_in_list(Move::First, fx),
    },
    Binding {
        scope: Scope::Moving,
        keys: &["<end>", "G"],
        hint: "",
        help: "To the last",
        priority: 9,
        when: has_list,
        run: |app, fx| app.go_in_list(Move::Last, fx),
    },
];

fn has_list(app: &App) -> bool {
    app.focused_list().is_some()
}

/// Shows a tab, and its top where it is the one that is shown. Lookup always begins with its field, so that what is typed
/// next is looked up.
fn go_to_top(app: &mut App, tab: Tab, fx: &mut Effects) {
    if tab == Tab::Runs && app.tab == tab {
        (app.runs.row, app.runs.rows, app.runs.run) = (None, None, None);
    }
    if tab == Tab::Lookup {
        app.lookup.contact = None;
        app.lookup.typing = true;
    }
    app.go(tab, fx);
}

/// Opens what it means that nobody keeps the schedules, with the commands that mend it.
fn no_worker(app: &mut App) {
    let command = |command: &str| dialog::whole_command(app, command);
    let (install, here) = (command("landfall worker --install"), command("landfall worker"));
    let lines = vec![
        TextLine::Strong("Sources have schedules, and nobody looks for their files when it is time.".to_owned()),
        TextLine::Empty,
        TextLine::Pair(
            "What it means".to_owned(),
            "What arrives stays where it lies, and is not imported. Due times are listed as missed; the next look brings \
             all that came meanwhile."
                .to_owned(),
        ),
        TextLine::Pair(
            "What to do".to_owned(),
            "Start a worker on the command line. One that stays, as a service of your user:".to_owned(),
        ),
        TextLine::Strong(install.clone()),
        TextLine::Pair(String::new(), "Or one that ends with its terminal:".to_owned()),
        TextLine::Strong(here),
        TextLine::Pair("Until then".to_owned(), "S looks at the selected source now, and imports what is new.".to_owned()),
    ];
    let title = "No worker is here".to_owned();
    app.open(Dialog::Text(Text { title, lines, copy: install, list: List::default() }));
}

fn next_tab(app: &mut App, by: usize, fx: &mut Effects) {
    let place = Tab::ALL.iter().position(|tab| *tab == app.tab).unwrap_or(0);
    app.go(Tab::ALL[(place + by) % Tab::ALL.len()], fx);
}

/// A worker that ended without having begun what waits is not started again at once, ms: where the disk is full, each
/// would end like the one before.
const AFTER_IN_VAIN: i64 = 30_000;

/// How the workspace and its worker stand. Where a worker died, or runs wait and nobody is at work, one is started.
pub(super) fn workspace_answered(app: &mut App, view: WorkspaceView, fx: &mut Effects) {
    let waits = view.queued > 0 || !view.orphaned.is_empty();
    let new = view != app.view;
    if !waits || matches!(view.worker, Worker::Busy(_)) {
        app.worker_started = None;
    }
    app.view = view;
    if app.view.queued == 0 && app.toast.as_ref().is_some_and(|toast| toast.until_begun) {
        // Its runs have begun, or ended: both are told elsewhere.
        app.toast = None;
    }
    let in_vain = app.worker_started.as_ref();
    let in_vain = in_vain.is_some_and(|(of, at_ms)| *of == app.view && app.now_ms - at_ms < AFTER_IN_VAIN);
    if new && waits && app.view.worker == Worker::None && app.can_change() && !in_vain {
        app.worker_started = Some((app.view.clone(), app.now_ms));
        fx.push(Effect::Do(Act::StartWorker));
    }
}

/// Another workspace is open: nothing of the one before stays on the screen.
pub(super) fn switched(app: &mut App, workspace: Workspace) {
    app.workspace = workspace;
    app.view = WorkspaceView::default();
    app.worker_started = None;
    app.sources = Default::default();
    app.mapping = Default::default();
    app.runs = Default::default();
    app.lookup = Default::default();
    app.dialogs.clear();
    (app.review, app.guide, app.tour) = (None, None, None);
    app.fetching = Default::default();
    app.hover = None;
    // What is still under way in the workspace before is not heard of any more.
    app.asked.clear();
    app.acts = 0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Start;
    use crate::app::config::Config;
    use crate::domain::id::RunId;

    #[test]
    fn a_worker_is_started_for_what_waits_but_not_over_and_over_where_it_ends_in_vain() {
        let (mut app, _) = App::new(Start {
            workspace: Workspace {
                name: String::new(),
                dir: "/w".into(),
                user: String::new(),
                read_only: None,
                polled: false,
            },
            config: Config::default(),
            theme: ThemeName::Terminal,
            ascii: false,
            zone: chrono_tz::UTC,
            directory: "/".into(),
            home: None,
            size: (80, 24),
            now_ms: 0,
            tour: false,
        });
        let view = |worker, queued| WorkspaceView { worker, queued, ..WorkspaceView::default() };
        for (at_ms, view, starts) in [
            (0, view(Worker::None, 1), true),
            (100, view(Worker::Idle, 1), false),
            (200, view(Worker::None, 1), false),
            (300, view(Worker::Idle, 1), false),
            (400, view(Worker::None, 2), true),
            (500, view(Worker::Busy(RunId(1)), 1), false),
            (600, view(Worker::None, 1), true),
            (700, view(Worker::None, 0), false),
            (800, view(Worker::None, 1), true),
            (900, view(Worker::Idle, 1), false),
            (31_000, view(Worker::None, 1), true),
        ] {
            app.now_ms = at_ms;
            let mut fx = Effects::default();
            workspace_answered(&mut app, view, &mut fx);
            assert_eq!(matches!(fx.list[..], [Effect::Do(Act::StartWorker)]), starts, "at {at_ms}");
        }
    }
}
