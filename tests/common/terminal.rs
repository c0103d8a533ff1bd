//! The real binary on a terminal: keys and the mouse in, the screen of an emulator out.

use crate::common::Landfall;
use landfall::app::key::{Key, KeyCode};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::BorrowedFd;
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{self, Termios};
use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// As long as a test waits for anything: much longer than it takes, since the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(30);
/// What a lone Esc needs to be told from the beginning of a sequence.
const AFTER_ESC: Duration = Duration::from_millis(60);

/// A terminal with the binary on it; both end with the test.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    /// None once it has hung up.
    line: Option<Line>,
    shown: Arc<Mutex<Shown>>,
    pub before: Termios,
}

/// Our end of the terminal.
struct Line {
    master: Box<dyn MasterPty + Send>,
    keyboard: File,
    reader: JoinHandle<()>,
    closing: Arc<AtomicBool>,
}

/// What has been sent to the terminal, and what it shows.
struct Shown {
    raw: Vec<u8>,
    emulator: vt100::Parser,
}

impl Terminal {
    /// Starts the application in the workspace, at so many columns and rows.
    pub fn start(landfall: &Landfall, args: &[&str], columns: u16, rows: u16) -> Terminal {
        Terminal::run(landfall, env!("CARGO_BIN_EXE_landfall"), args, columns, rows)
    }

    /// Starts a program with the environment of the workspace on a terminal of its own, in a session of its own.
    pub fn run(landfall: &Landfall, program: &str, args: &[&str], columns: u16, rows: u16) -> Terminal {
        let pair = native_pty_system().openpty(size(columns, rows)).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("TZ", "UTC"), ("USER", "tester")] {
            command.env(name, value);
        }
        command.env("LANDFALL_WORKSPACE", landfall.workspace());
        command.env("HOME", landfall.dir());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.cwd(landfall.dir());
        let master = pair.master;
        let before = termios::tcgetattr(fd(&*master)).expect("the settings of the terminal");
        let keyboard = File::from(rustix::io::dup(fd(&*master)).expect("a file descriptor"));
        let screen = keyboard.try_clone().expect("a file descriptor");
        let emulator = vt100::Parser::new(nonzero(rows), nonzero(columns), 0);
        let shown = Arc::new(Mutex::new(Shown { raw: Vec::new(), emulator }));
        let closing = Arc::new(AtomicBool::new(false));
        let reader = {
            let (shown, closing) = (Arc::clone(&shown), Arc::clone(&closing));
            std::thread::spawn(move || read(screen, &shown, &closing))
        };
        let child = pair.slave.spawn_command(command).expect("the program starts");
        Terminal { child, line: Some(Line { master, keyboard, reader, closing }), shown, before }
    }

    /// Types keys, in the notation of the key table: `jj<enter>text<c-x>`.
    pub fn keys(&mut self, keys: &str) -> &mut Terminal {
        let keys = Key::parse_all(keys).unwrap_or_else(|| panic!("no keys: {keys}"));
        let mut typed = Vec::new();
        for key in keys {
            encode(key, &mut typed);
            if key.code == KeyCode::Esc {
                self.send(&std::mem::take(&mut typed));
                std::thread::sleep(AFTER_ESC);
            }
        }
        self.send(&typed);
        self
    }

    /// Sends bytes as the terminal would.
    pub fn send(&mut self, bytes: &[u8]) {
        let line = self.line.as_mut().expect("the terminal has not hung up");
        line.keyboard.write_all(bytes).expect("the terminal takes input");
    }

    pub fn paste(&mut self, text: &str) {
        self.send(format!("\x1b[200~{text}\x1b[201~").as_bytes());
    }

    /// Moves the mouse to the first cell of a text that is shown.
    #[track_caller]
    pub fn hover(&mut self, text: &str) -> &mut Terminal {
        self.mouse(35, text, "M")
    }

    /// Clicks on the first cell of a text that is shown.
    #[track_caller]
    pub fn click(&mut self, text: &str) -> &mut Terminal {
        self.wait_for(text);
        // Pressed and let go at one place: what is pressed may change its text at once.
        let (x, y) = self.place_of(text);
        self.send(format!("\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m").as_bytes());
        self
    }

    /// Takes hold of the first cell of a text, drags it to the first cell of another, and lets go there.
    #[track_caller]
    pub fn drag(&mut self, from: &str, by: &str, to: &str) -> &mut Terminal {
        self.wait_for(from);
        self.mouse(0, from, "M").mouse(32, by, "M");
        self.wait_for(to);
        self.mouse(32, to, "M").mouse(0, to, "m")
    }

    /// Turns the wheel by one step over a text that is shown.
    #[track_caller]
    pub fn wheel(&mut self, text: &str, down: bool) -> &mut Terminal {
        self.mouse(if down { 65 } else { 64 }, text, "M")
    }

    #[track_caller]
    fn mouse(&mut self, button: u8, text: &str, end: &str) -> &mut Terminal {
        let (x, y) = self.place_of(text);
        self.send(format!("\x1b[<{button};{x};{y}{end}").as_bytes());
        self
    }

    /// The first cell of a text that is shown, counted from 1.
    #[track_caller]
    fn place_of(&self, text: &str) -> (usize, usize) {
        let screen = self.screen();
        let found = screen.lines().enumerate().find_map(|(y, line)| line.split_once(text).map(|(left, _)| (y, left)));
        let (y, left) = found.unwrap_or_else(|| panic!("{text:?} is not shown:\n{screen}"));
        (unicode_width::UnicodeWidthStr::width(left) + 1, y + 1)
    }

    /// Waits until a text is shown.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) -> &mut Terminal {
        self.wait_until(text, |screen| screen.contains(text))
    }

    /// Waits until a text is no longer shown.
    #[track_caller]
    pub fn wait_without(&mut self, text: &str) -> &mut Terminal {
        self.wait_until(text, |screen| !screen.contains(text))
    }

    /// Waits until the screen is as wanted.
    #[track_caller]
    pub fn wait_until(&mut self, what: &str, is_so: impl Fn(&str) -> bool) -> &mut Terminal {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if is_so(&screen) {
                return self;
            }
            let ended = self.child.try_wait().expect("a child of ours");
            if begun.elapsed() > PATIENCE || ended.is_some() {
                let state = ended.map_or("running".to_owned(), |status| format!("ended, {status:?}"));
                panic!("waited in vain for {what:?}; the program is {state}, and the screen shows\n{screen}");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until nothing has been sent for a while, and gives the screen.
    pub fn settled(&mut self) -> String {
        let mut sent = self.raw().len();
        loop {
            std::thread::sleep(Duration::from_millis(250));
            let now = self.raw().len();
            if now == sent {
                return self.screen();
            }
            sent = now;
        }
    }

    /// The text on the screen, row by row, without what is blank at the ends.
    pub fn screen(&self) -> String {
        self.shown(|shown| {
            let screen = shown.emulator.screen();
            let (_, columns) = screen.size();
            screen.rows(0, columns.get()).map(|row| format!("{}\n", row.trim_end())).collect()
        })
    }

    /// Every byte that was sent to the terminal.
    pub fn raw(&self) -> Vec<u8> {
        self.shown(|shown| shown.raw.clone())
    }

    /// Whether it shows its alternate screen.
    pub fn is_taken(&self) -> bool {
        self.shown(|shown| shown.emulator.screen().alternate_screen())
    }

    /// Whether it reports the mouse.
    pub fn has_mouse(&self) -> bool {
        self.shown(|shown| shown.emulator.screen().mouse_protocol_mode() != vt100::MouseProtocolMode::None)
    }

    /// Whether it reports the mouse, marks what is pasted, or hides its cursor.
    pub fn is_changed(&self) -> bool {
        let other = |shown: &Shown| {
            let screen = shown.emulator.screen();
            screen.bracketed_paste() || screen.hide_cursor()
        };
        self.has_mouse() || self.shown(other)
    }

    fn shown<T>(&self, look: impl FnOnce(&Shown) -> T) -> T {
        look(&self.shown.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives the terminal another size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.shown
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .emulator
            .screen_mut()
            .set_size(nonzero(rows), nonzero(columns));
        self.claim_size(columns, rows);
    }

    /// Says that the terminal has this size, which it has not.
    pub fn claim_size(&mut self, columns: u16, rows: u16) {
        let line = self.line.as_ref().expect("the terminal has not hung up");
        line.master.resize(size(columns, rows)).expect("a terminal has a size");
    }

    /// The settings of the terminal now.
    pub fn settings(&self) -> Termios {
        let line = self.line.as_ref().expect("the terminal has not hung up");
        termios::tcgetattr(fd(&*line.master)).expect("the settings of the terminal")
    }

    pub fn pid(&self) -> Pid {
        let pid = self.child.process_id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
        pid.expect("a process has a number")
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the program is there");
    }

    /// Ends the connection: our end of the terminal is closed, which the kernel tells the session's leader by HUP.
    pub fn hang_up(&mut self) {
        if let Some(line) = self.line.take() {
            line.closing.store(true, Ordering::SeqCst);
            line.reader.join().expect("the reader ends");
        }
    }

    /// Waits for the program to end: its exit status.
    #[track_caller]
    pub fn ends(&mut self) -> u32 {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child of ours") {
                // What it sent last is still under way.
                std::thread::sleep(Duration::from_millis(100));
                return status.exit_code();
            }
            assert!(begun.elapsed() < PATIENCE, "the program does not end; the screen shows\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = kill_process(self.pid(), Signal::KILL);
            let _ = self.child.wait();
        }
        self.hang_up();
    }
}

/// The settings of a terminal, as they can be compared.
pub fn comparable(settings: &Termios) -> String {
    format!("{settings:?}")
}

/// Whether a process is there, and no zombie.
pub fn is_alive(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid.as_raw_nonzero().to_string()).join("stat"));
    stat.is_ok_and(|stat| !stat.rsplit(") ").next().unwrap_or_default().starts_with('Z'))
}

/// The processes that a process has started.
pub fn children(pid: Pid) -> Vec<Pid> {
    let pid = pid.as_raw_nonzero();
    let path = format!("/proc/{pid}/task/{pid}/children");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)).collect()
}

/// Waits until something holds, as long as a test may take.
#[track_caller]
pub fn eventually(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < 2 * PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Reads what is sent until our end is to be closed. A blocked read would keep it open.
fn read(mut screen: File, shown: &Mutex<Shown>, closing: &AtomicBool) {
    let mut buffer = vec![0; 65536];
    while !closing.load(Ordering::SeqCst) {
        let wait = rustix::event::Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
        if poll(&mut [PollFd::new(&screen, PollFlags::IN)], Some(&wait)).unwrap_or(0) == 0 {
            continue;
        }
        // An error means that nobody has the other end open, for now or for good.
        match screen.read(&mut buffer) {
            Ok(length) if length > 0 => {
                let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
                shown.raw.extend_from_slice(&buffer[..length]);
                shown.emulator.process(&buffer[..length]);
            }
            _ => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

fn encode(key: Key, out: &mut Vec<u8>) {
    if key.alt {
        out.push(0x1b);
    }
    let sequence = match key.code {
        KeyCode::Char(c) if key.ctrl => return out.push(c as u8 & 0x1f),
        KeyCode::Char(c) => return out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        KeyCode::Enter => "\r",
        KeyCode::Esc => "\x1b",
        KeyCode::Tab => "\t",
        KeyCode::BackTab => "\x1b[Z",
        KeyCode::Backspace => "\x7f",
        KeyCode::Delete => "\x1b[3~",
        KeyCode::Up => "\x1b[A",
        KeyCode::Down => "\x1b[B",
        KeyCode::Right => "\x1b[C",
        KeyCode::Left => "\x1b[D",
        KeyCode::PageUp => "\x1b[5~",
        KeyCode::PageDown => "\x1b[6~",
        KeyCode::Home => "\x1b[H",
        KeyCode::End => "\x1b[F",
        KeyCode::F(number) => panic!("no test types F{number}"),
    };
    out.extend_from_slice(sequence.as_bytes());
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn nonzero(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("a size is not zero")
}

/// Valid as long as the master is not dropped.
fn fd(master: &dyn MasterPty) -> BorrowedFd<'_> {
    let fd = master.as_raw_fd().expect("a pseudo-terminal has a file descriptor");
    // SAFETY: the descriptor is open as long as the master that lends it.
    unsafe { BorrowedFd::borrow_raw(fd) }
}
