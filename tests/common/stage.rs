//! The application on a stage: the real state, the real drawing and the real answers from a workspace, with keys from a
//! string, the clock of the test and no terminal.
#![allow(dead_code)] // Each test file is a crate of its own and uses a part of this.

use landfall::app::key::Key;
use landfall::app::message::{Act, Done, Effect, Message, Mouse, MouseKind};
use landfall::app::screen::Drawn;
use landfall::app::{App, Start, Workspace, config};
use landfall::cli::context::Environment;
use landfall::domain::id::RunId;
use landfall::shell::desk::{Desk, MappingDesk};
use landfall::shell::{acts, answers};
use landfall::store::Store;
use landfall::worker::execute::{Control, Tuning};
use landfall::worker::prepare;
use landfall::worker::queue::{Due, Turn};
use landfall::worker::request::ImportRequest;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::cell::Cell;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// 2026-11-20 13:02:00 UTC: what the clock says on the stage.
pub const NOW: i64 = 1_795_179_720_000;

thread_local! {
    /// What the desk's clock says: each test is a thread.
    static CLOCK: Cell<i64> = const { Cell::new(NOW) };
}

/// The application with its workspace.
pub struct Stage {
    pub app: App,
    pub desk: Desk,
    pub now_ms: i64,
    /// What was sent to the clipboard.
    pub copied: Vec<String>,
    pub quit: bool,
    drawn: Drawn,
    buffer: Buffer,
}

impl Stage {
    /// Opens the application on a workspace, with 80×24 cells.
    pub fn open(workspace: &Path) -> Stage {
        Stage::with(workspace, |_| {})
    }

    /// The same, started otherwise.
    pub fn with(workspace: &Path, change: impl FnOnce(&mut Start)) -> Stage {
        let store = Store::create_or_open(workspace, NOW, 7).expect("a workspace");
        let directory = workspace.parent().expect("a parent").to_owned();
        let mut start = Start {
            workspace: Workspace {
                name: "acme-eu".to_owned(),
                dir: workspace.to_owned(),
                user: "ana".to_owned(),
                read_only: None,
                polled: false,
            },
            config: config::Config::default(),
            theme: config::ThemeName::Terminal,
            ascii: false,
            zone: chrono_tz::UTC,
            directory: directory.clone(),
            home: None,
            size: (80, 24),
            now_ms: NOW,
            tour: false,
        };
        change(&mut start);
        let size = start.size;
        let desk = Desk {
            store,
            user: "ana".to_owned(),
            clock: || CLOCK.get(),
            directory,
            program: "landfall".into(),
            environment: Environment { home: workspace.parent().map(Into::into), ..Environment::default() },
            prepared: None,
            skips: None,
            mapping: MappingDesk::default(),
        };
        let (app, effects) = App::new(start);
        let buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
        let mut stage =
            Stage { app, desk, now_ms: NOW, copied: Vec::new(), quit: false, drawn: Drawn::default(), buffer };
        stage.settle(effects);
        stage
    }

    /// Presses keys, such as `jj<enter>`; after each one everything that it led to is done and drawn.
    pub fn keys(&mut self, keys: &str) -> &mut Stage {
        for key in Key::parse_all(keys).expect("keys in the notation") {
            self.send(Message::Key(key));
        }
        self
    }

    /// Does something with the mouse on the first cell of a text on the screen.
    pub fn mouse(&mut self, kind: MouseKind, text: &str) -> &mut Stage {
        let screen = self.text();
        let (y, line) = screen.lines().enumerate().find(|(_, line)| line.contains(text)).expect("the text is shown");
        let before = line.split(text).next().unwrap_or_default();
        let x = unicode_width::UnicodeWidthStr::width(before);
        self.send(Message::Mouse(Mouse { kind, x: x as u16, y: y as u16 }));
        self
    }

    pub fn resize(&mut self, width: u16, height: u16) -> &mut Stage {
        self.buffer = Buffer::empty(Rect::new(0, 0, width, height));
        self.send(Message::Resize(width, height));
        self
    }

    /// Lets time go by.
    pub fn wait(&mut self, ms: i64) -> &mut Stage {
        self.now_ms += ms;
        self.send(Message::Due);
        self
    }

    pub fn send(&mut self, message: Message) {
        if let Message::Done(_, Ok(Done::Switched(workspace))) = &message {
            self.desk.store = Store::open_read_only(&workspace.dir).expect("the other workspace");
        }
        CLOCK.set(self.now_ms);
        let effects = self.app.update(message, self.now_ms);
        self.settle(effects);
    }

    /// Does something at the desk at another time.
    pub fn at<T>(&mut self, at_ms: i64, work: impl FnOnce(&mut Desk) -> T) -> T {
        CLOCK.set(at_ms);
        let done = work(&mut self.desk);
        CLOCK.set(self.now_ms);
        done
    }

    /// Does what an update asked for, and what that leads to.
    pub fn carry_out(&mut self, effects: Vec<Effect>) {
        self.settle(effects);
    }

    fn settle(&mut self, effects: Vec<Effect>) {
        let mut waiting: std::collections::VecDeque<Effect> = effects.into();
        let mut steps = 0;
        while let Some(effect) = waiting.pop_front() {
            steps += 1;
            assert!(steps < 1_000, "the application never comes to rest: {effect:?}");
            let message = match effect {
                Effect::Ask(ticket, question) => Message::Answered(ticket, answers::answer(&mut self.desk, &question)),
                // In place of the worker's process.
                Effect::Do(Act::StartWorker) => {
                    self.work();
                    Message::Changed
                }
                Effect::Do(act) => Message::Done(act.awaited_by(), acts::carry_out(&mut self.desk, act)),
                Effect::Copy(text) => {
                    self.copied.push(text);
                    continue;
                }
                Effect::Quit => {
                    self.quit = true;
                    continue;
                }
                Effect::Mouse(_) | Effect::Redraw | Effect::Suspend => continue,
            };
            waiting.extend(self.app.update(message, self.now_ms));
        }
        self.draw();
    }

    /// Does what a worker would.
    pub fn work(&mut self) {
        let now = self.now_ms;
        let turn = Turn::take(&mut self.desk.store, now).expect("a turn").expect("nobody else is at work");
        let control = &mut Control {
            stop: &AtomicBool::new(false),
            now_ms: &|| now,
            on_progress: &mut |_| {},
            threads: 1,
            tuning: Tuning::default(),
        };
        let done = turn.execute_due(&mut self.desk.store, Due::All, control).expect("the runs that wait");
        for run in done {
            self.desk.store.check_run(run).expect("the conservation law");
        }
    }

    /// Imports a file that lies beside the workspace, as the application would: it is `ago` ms since. Leaves the time as
    /// it is.
    pub fn import(&mut self, file: &Path, ago: i64, change: impl FnOnce(&mut ImportRequest)) -> RunId {
        let mut request = ImportRequest::new(file.to_owned(), "ana".to_owned());
        request.accept_unmapped = true;
        change(&mut request);
        let store = &mut self.desk.store;
        let prepared = prepare::prepare(store, &request, 1).expect("an import that is not refused");
        let run = prepare::enqueue(store, &prepared, self.now_ms - ago).expect("a run");
        self.now_ms -= ago;
        self.work();
        self.now_ms += ago;
        run
    }

    fn draw(&mut self) {
        self.buffer.reset();
        self.drawn = landfall::ui::draw(&self.app, &mut self.buffer);
        self.app.drawn(self.drawn.clone());
    }

    /// The screen as text, without what is blank at the ends of lines.
    pub fn text(&self) -> String {
        let area = self.buffer.area;
        let mut text = String::new();
        for y in 0..area.height {
            let mut line = String::new();
            let mut skip = 0;
            for x in 0..area.width {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let symbol = self.buffer[(x, y)].symbol();
                skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
                line.push_str(symbol);
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    pub fn buffer(&self) -> &Buffer {
        &self.buffer
    }

    /// Where the cursor of the field that is typed in stands.
    pub fn cursor(&self) -> Option<(u16, u16)> {
        self.drawn.cursor
    }

    /// The moment at which the next shown text changes.
    pub fn changes_at(&self) -> Option<i64> {
        self.drawn.changes_at
    }
}
