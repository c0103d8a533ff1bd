//! One session at the terminal: waits for what happens, lets the application make something of it, draws.
//!
//! It sleeps until something happens: a key, an answer, a change of the workspace, or the moment at which a shown text
//! stops being true. Everything that waits is taken in before a frame is drawn, and a frame is one write.

use super::clipboard;
use super::input::Events;
use super::paint::Painter;
use super::signals;
use super::terminal::{self, Terminal, TerminalError};
use super::threads::{Office, Threads, name_of};
use crate::app::config::{Config, ThemeName};
use crate::app::key::{Key, KeyCode};
use crate::app::message::{Done, Effect, Message, Mouse, MouseKind, Slot};
use crate::app::{App, Start, Workspace};
use crate::cli::context::Environment;
use crate::store::{Notices, Watch};
use crate::ui;
use chrono_tz::Tz;
use crossterm::event::{self, Event, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::io;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::Instant;

/// What a session is opened with.
pub struct Opening {
    /// Absolute.
    pub workspace: PathBuf,
    /// Why nothing can be changed, where that is so.
    pub read_only: Option<String>,
    pub user: String,
    pub config: Config,
    pub theme: ThemeName,
    pub ascii: bool,
    pub zone: Tz,
    pub directory: PathBuf,
    pub home: Option<PathBuf>,
    /// Whether it begins with the tour of the demo.
    pub tour: bool,
    /// The program that is started as the worker.
    pub program: PathBuf,
    /// What the process was started with.
    pub environment: Environment,
    pub clock: super::desk::Clock,
}

/// Why a session could not begin, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    Terminal(#[from] TerminalError),
    #[error("The terminal application could not be started: {0}")]
    Start(#[from] io::Error),
}

/// Others' changes are asked for at most so often: progress is not worth more.
const REFRESH_EVERY: Duration = Duration::from_millis(250);
/// Where changes are not noticed, they are looked for so often.
const POLL_EVERY: Duration = Duration::from_secs(1);
/// The first frame waits so long for the first answers, so that it need not be drawn twice.
const FIRST_ANSWERS: Duration = Duration::from_millis(40);
/// Answers that come so soon after a key are drawn together with what the key did.
const ANSWERS_WITH_KEY: Duration = Duration::from_millis(8);

/// What was to be done when the application is left is waited for so long.
const LAST_ACTS: Duration = Duration::from_secs(1);

/// Opens the application, and answers when it was left.
pub fn run(opening: Opening) -> Result<(), SessionError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut session = Session::open(opening)?;
        session.go_on().await
    })
}

struct Session {
    app: App,
    clock: super::desk::Clock,
    office: Office,
    threads: Threads,
    watch: Option<AsyncFd<Notices>>,
    back: UnboundedSender<Message>,
    messages: UnboundedReceiver<Message>,
    continued: UnboundedReceiver<()>,
    events: Events,
    painter: Painter,
    buffer: Buffer,
    out: Vec<u8>,
    /// When the next shown text changes (ms since 1970, UTC).
    changes_at: Option<i64>,
    /// Somebody changed the workspace since it was last asked.
    stale: bool,
    asked_at: Instant,
    quit: bool,
    terminal: Terminal,
}

impl Session {
    fn open(opening: Opening) -> Result<Session, SessionError> {
        terminal::report_panics_to(log_file(&opening));
        let office = Office {
            workspace: opening.workspace.clone(),
            read_only: opening.read_only.is_some(),
            user: opening.user.clone(),
            clock: opening.clock,
            directory: opening.directory.clone(),
            program: opening.program,
            environment: opening.environment,
        };
        let (back, messages) = mpsc::unbounded_channel();
        let threads = Threads::start(&office, &back)?;
        let watch = watch(&office);
        let terminal = Terminal::enter(opening.config.mouse)?;
        let size = terminal.size();
        let now_ms = (opening.clock)();
        let (app, effects) = App::new(Start {
            workspace: Workspace {
                name: name_of(&opening.workspace),
                dir: opening.workspace,
                user: opening.user,
                read_only: opening.read_only,
                polled: watch.is_none(),
            },
            config: opening.config,
            theme: opening.theme,
            ascii: opening.ascii,
            zone: opening.zone,
            directory: opening.directory,
            home: opening.home,
            size,
            now_ms,
            tour: opening.tour,
        });
        let (continue_sender, continued) = mpsc::unbounded_channel();
        signals::watch(move || {
            // A session that is over needs no new frame.
            let _ = continue_sender.send(());
        })?;
        let events = Events::start()?;
        let mut session = Session {
            app,
            clock: opening.clock,
            office,
            threads,
            watch,
            back,
            messages,
            continued,
            events,
            painter: Painter::new(),
            buffer: Buffer::empty(Rect::new(0, 0, size.0, size.1)),
            out: Vec::new(),
            changes_at: None,
            stale: false,
            asked_at: Instant::now(),
            quit: false,
            terminal,
        };
        session.carry_out(effects)?;
        Ok(session)
    }

    async fn go_on(&mut self) -> Result<(), SessionError> {
        self.first_answers().await?;
        while !self.quit {
            self.draw()?;
            let answers_wanted = self.wait().await?;
            self.take_in()?;
            if answers_wanted {
                self.answers_with_key().await?;
            }
        }
        self.last_acts().await
    }

    /// Waits for what was asked to be done before the key that quits, and for the start of the worker that it needs; not
    /// for long.
    async fn last_acts(&mut self) -> Result<(), SessionError> {
        let end = Instant::now() + LAST_ACTS;
        let mut acted = false;
        while self.app.is_acting() || acted && self.app.waiting_since(Slot::Workspace).is_some() {
            acted = true;
            match tokio::time::timeout_at(end, self.messages.recv()).await {
                Ok(Some(message)) => self.update(message)?,
                Ok(None) | Err(_) => break,
            }
        }
        Ok(())
    }

    /// Waits for the answers that the first frame needs, but not for long.
    async fn first_answers(&mut self) -> Result<(), SessionError> {
        let end = Instant::now() + FIRST_ANSWERS;
        while self.app.waiting_since(Slot::Sources).is_some() || self.app.waiting_since(Slot::Workspace).is_some() {
            match tokio::time::timeout_at(end, self.messages.recv()).await {
                Ok(Some(message)) => self.update(message)?,
                Ok(None) | Err(_) => break,
            }
        }
        Ok(())
    }

    /// After a key: what is found out at once is drawn with it, as one frame.
    async fn answers_with_key(&mut self) -> Result<(), SessionError> {
        let end = Instant::now() + ANSWERS_WITH_KEY;
        while self.app.is_waiting() {
            match tokio::time::timeout_at(end, self.messages.recv()).await {
                Ok(Some(message)) => self.update(message)?,
                Ok(None) | Err(_) => break,
            }
        }
        Ok(())
    }

    /// Sleeps until something happens, and takes that in. Answers whether it came from the person at the terminal.
    async fn wait(&mut self) -> Result<bool, SessionError> {
        let due = self.due();
        tokio::select! {
            events = self.events.next() => match events {
                Some(events) => {
                    for event in events {
                        self.event(event)?;
                    }
                    return Ok(true);
                }
                None => {
                    let gone = io::Error::from(io::ErrorKind::UnexpectedEof);
                    return Err(TerminalError::Gone(gone).into());
                }
            },
            Some(message) = self.messages.recv() => self.update(message)?,
            Some(()) = self.continued.recv() => self.redraw(),
            changed = changed(self.watch.as_mut()) => self.stale |= changed,
            () = sleep_until(due) => {}
        }
        Ok(false)
    }

    /// When to wake up, if nothing happens before.
    fn due(&self) -> Option<Instant> {
        let now = Instant::now();
        let text = self.changes_at.map(|at_ms| {
            // A clock that was set back must not make it sleep for ever.
            let wait = u64::try_from(at_ms - (self.clock)()).unwrap_or(0).min(24 * 3600 * 1000);
            now + Duration::from_millis(wait)
        });
        let refresh = self.stale.then_some(self.asked_at + REFRESH_EVERY);
        let poll = self.watch.is_none().then_some(self.asked_at + POLL_EVERY);
        [text, refresh, poll].into_iter().flatten().min()
    }

    /// Takes in everything else that waits, and asks anew where the workspace has changed.
    fn take_in(&mut self) -> Result<(), SessionError> {
        for event in self.events.drain() {
            self.event(event)?;
        }
        while let Ok(message) = self.messages.try_recv() {
            self.update(message)?;
        }
        let since = self.asked_at.elapsed();
        if self.stale && since >= REFRESH_EVERY || self.watch.is_none() && since >= POLL_EVERY {
            self.stale = false;
            self.asked_at = Instant::now();
            self.update(Message::Changed)?;
        }
        if self.changes_at.is_some_and(|at_ms| at_ms <= (self.clock)()) {
            self.update(Message::Due)?;
        }
        Ok(())
    }

    fn event(&mut self, event: Event) -> Result<(), SessionError> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => match key_of(key) {
                Some(key) => self.update(Message::Key(key)),
                None => Ok(()),
            },
            Event::Mouse(mouse) => match mouse_of(mouse) {
                Some(mouse) => self.update(Message::Mouse(mouse)),
                None => Ok(()),
            },
            Event::Paste(text) => self.update(Message::Paste(text)),
            Event::Resize(..) => {
                self.resize();
                self.update(Message::Resize(self.buffer.area.width, self.buffer.area.height))
            }
            Event::Key(_) | Event::FocusGained | Event::FocusLost => Ok(()),
        }
    }

    fn update(&mut self, mut message: Message) -> Result<(), SessionError> {
        if let Message::Done(_, Ok(Done::Switched(workspace))) = &mut message {
            self.switch(workspace)?;
            workspace.polled = self.watch.is_none();
        }
        let effects = self.app.update(message, (self.clock)());
        self.carry_out(effects)
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Result<(), SessionError> {
        for effect in effects {
            match effect {
                Effect::Ask(ticket, question) => self.threads.ask(ticket, question),
                Effect::Do(act) => self.threads.act(act),
                Effect::Copy(text) => self.terminal.write(&clipboard::copy(&text))?,
                Effect::Mouse(on) => self.terminal.set_mouse(on)?,
                Effect::Redraw => self.redraw(),
                Effect::Suspend => {
                    self.terminal.suspend()?;
                    self.redraw();
                }
                Effect::Quit => self.quit = true,
            }
        }
        Ok(())
    }

    /// Another workspace: other threads, and another watch.
    fn switch(&mut self, workspace: &Workspace) -> Result<(), SessionError> {
        self.office.workspace.clone_from(&workspace.dir);
        self.office.read_only = workspace.read_only.is_some();
        let (back, messages) = mpsc::unbounded_channel();
        (self.back, self.messages) = (back, messages);
        self.threads = Threads::start(&self.office, &self.back)?;
        self.watch = watch(&self.office);
        Ok(())
    }

    fn redraw(&mut self) {
        self.resize();
        self.painter.forget();
    }

    fn resize(&mut self) {
        let (width, height) = self.terminal.size();
        self.buffer.resize(Rect::new(0, 0, width, height));
    }

    fn draw(&mut self) -> Result<(), SessionError> {
        self.buffer.reset();
        let drawn = ui::draw(&self.app, &mut self.buffer);
        self.changes_at = drawn.changes_at;
        let cursor = drawn.cursor;
        self.app.drawn(drawn);
        self.out.clear();
        self.painter.paint(&self.buffer, cursor, &mut self.out);
        if !self.out.is_empty() {
            self.terminal.write(&self.out)?;
        }
        Ok(())
    }
}

fn watch(office: &Office) -> Option<AsyncFd<Notices>> {
    // Where the kernel does not tell, the workspace is looked at once a second, and the screen says so.
    match Watch::new(&office.workspace) {
        // SAFETY: the notices own their file descriptor, and neither replace nor close it while they live.
        Watch::Notified(notices) => unsafe { AsyncFd::register(notices) }.ok(),
        Watch::Polled(_) => None,
    }
}

/// Waits for a change of the workspace.
async fn changed(watch: Option<&mut AsyncFd<Notices>>) -> bool {
    let Some(watch) = watch else { return std::future::pending().await };
    match watch.readable().await {
        Ok(mut guard) => {
            guard.clear_ready();
            guard.get_inner().drain()
        }
        Err(_) => std::future::pending().await,
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Where the report of a panic goes.
fn log_file(opening: &Opening) -> PathBuf {
    let dir = if opening.read_only.is_some() { std::env::temp_dir() } else { opening.workspace.clone() };
    dir.join("landfall.log")
}

/// A key as the application knows it.
fn key_of(key: event::KeyEvent) -> Option<Key> {
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let code = match key.code {
        event::KeyCode::Char(c) if ctrl => KeyCode::Char(c.to_ascii_lowercase()),
        event::KeyCode::Char(c) => KeyCode::Char(c),
        event::KeyCode::Enter => KeyCode::Enter,
        event::KeyCode::Esc => KeyCode::Esc,
        event::KeyCode::Tab => KeyCode::Tab,
        event::KeyCode::BackTab => KeyCode::BackTab,
        event::KeyCode::Backspace => KeyCode::Backspace,
        event::KeyCode::Delete => KeyCode::Delete,
        event::KeyCode::Up => KeyCode::Up,
        event::KeyCode::Down => KeyCode::Down,
        event::KeyCode::Left => KeyCode::Left,
        event::KeyCode::Right => KeyCode::Right,
        event::KeyCode::PageUp => KeyCode::PageUp,
        event::KeyCode::PageDown => KeyCode::PageDown,
        event::KeyCode::Home => KeyCode::Home,
        event::KeyCode::End => KeyCode::End,
        event::KeyCode::F(number) => KeyCode::F(number),
        _ => return None,
    };
    Some(Key { code, ctrl, alt })
}

/// What the mouse did, as far as the application uses it.
fn mouse_of(mouse: event::MouseEvent) -> Option<Mouse> {
    let kind = match mouse.kind {
        MouseEventKind::Drag(MouseButton::Left) => MouseKind::Drag,
        MouseEventKind::Moved | MouseEventKind::Drag(_) => MouseKind::Moved,
        MouseEventKind::Up(MouseButton::Left) => MouseKind::Release,
        MouseEventKind::Down(MouseButton::Left) => MouseKind::Click,
        MouseEventKind::ScrollUp => MouseKind::WheelUp,
        MouseEventKind::ScrollDown => MouseKind::WheelDown,
        _ => return None,
    };
    Some(Mouse { kind, x: mouse.column, y: mouse.row })
}
