//! The terminal itself: taken over, written to, and given back exactly once, however the program ends.
//!
//! No question is ever sent to it: on a slow line the answer would come into the middle of what is typed.
use crate::ui::text::visible;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Signal, getpgrp, kill_current_process_group};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{self, OptionalActions, QueueSelector, Termios};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

/// Why the terminal cannot be used, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    #[error(
        "This is not a terminal: the application needs one for its input and its output. `landfall help` lists the commands that need none."
    )]
    NotATerminal,
    #[error("The terminal could not be set up: {0}")]
    Setup(io::Error),
    /// It takes no output, or was given back: the application ends.
    #[error("The terminal is gone: {0}")]
    Gone(io::Error),
}

/// More columns and rows than any screen has: a terminal that claims 65,535 of both would cost gigabytes.
const MOST: (u16, u16) = (1000, 400);

/// The alternate screen, no cursor, and pasted text marked as such.
const TAKE: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h";
/// Presses, every motion and the wheel, in the form that has no limit of columns.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1003h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1003l\x1b[?1000l";
/// All of it undone, also what a half-sent frame has begun.
const GIVE_BACK: &[u8] = b"\x1b[?2026l\x1b[r\x1b[m\x1b[?2004l\x1b[?25h\x1b[?1049l";

/// Whether the terminal is ours. Who turns it off gives it back.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// It was given back for good: whatever happens now, it is not taken again.
static OVER: AtomicBool = AtomicBool::new(false);
static MOUSE: AtomicBool = AtomicBool::new(false);
/// Its settings before it was ours.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);
/// Held while something is written, so that nothing comes after it was given back.
static OUTPUT: Mutex<()> = Mutex::new(());

/// The terminal while it is ours: raw, on its alternate screen. Dropping gives it back.
pub struct Terminal(());

impl Terminal {
    /// Takes the terminal of standard input and output. One at a time in a process.
    pub fn enter(mouse: bool) -> Result<Terminal, TerminalError> {
        if !termios::isatty(stdin()) || !termios::isatty(stdout()) {
            return Err(TerminalError::NotATerminal);
        }
        MOUSE.store(mouse, Ordering::SeqCst);
        take().map_err(TerminalError::Setup)?;
        Ok(Terminal(()))
    }

    /// Its columns and rows, as far as a screen has them. A terminal that does not know its size (0×0) has 80×24.
    pub fn size(&self) -> (u16, u16) {
        match termios::tcgetwinsize(stdout()) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.min(MOST.0), size.ws_row.min(MOST.1)),
            Ok(_) | Err(_) => (80, 24),
        }
    }

    /// Sends a whole frame, in one write where the terminal takes it. An error ends the application; a terminal that has
    /// hung up ends the process at once.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), TerminalError> {
        let output = lock(&OUTPUT);
        if !TAKEN.load(Ordering::SeqCst) {
            return Err(TerminalError::Gone(io::ErrorKind::BrokenPipe.into()));
        }
        let written = write_all(bytes);
        drop(output);
        if written.as_ref().is_err_and(|error| Errno::from_io_error(error) == Some(Errno::IO)) {
            end(Signal::HUP);
        }
        written.map_err(TerminalError::Gone)
    }

    /// Whether mouse events come. Without them the terminal's own selection of text works.
    pub fn set_mouse(&mut self, on: bool) -> Result<(), TerminalError> {
        MOUSE.store(on, Ordering::SeqCst);
        self.write(if on { MOUSE_ON } else { MOUSE_OFF })
    }

    /// Gives the terminal back, stops the process and those it was started with until the shell continues them, and
    /// takes the terminal again. It shows something else then: see `Painter::forget`.
    pub fn suspend(&mut self) -> Result<(), TerminalError> {
        give_back();
        stop();
        take().map_err(TerminalError::Gone)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back_for_good();
    }
}

/// Takes the terminal, or takes it anew after the process was stopped.
pub(super) fn take() -> io::Result<()> {
    if OVER.load(Ordering::SeqCst) {
        return Err(io::ErrorKind::BrokenPipe.into());
    }
    let now = termios::tcgetattr(stdin())?;
    let mut raw = now.clone();
    raw.make_raw();
    // What a signal has stopped us in the middle of is no state to go back to.
    if !TAKEN.swap(true, Ordering::SeqCst) {
        *lock(&BEFORE) = Some(now);
    }
    termios::tcsetattr(stdin(), OptionalActions::Now, &raw)?;
    let _output = lock(&OUTPUT);
    write_all(TAKE)?;
    if MOUSE.load(Ordering::SeqCst) {
        write_all(MOUSE_ON)?;
    }
    Ok(())
}

/// Gives the terminal back as it was. The first call does it; does nothing where it is gone or somebody else's.
pub(super) fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let _output = lock(&OUTPUT);
    if is_ours_to_change() {
        // A terminal that cannot be written to any more needs nothing.
        let _ = write_all(MOUSE_OFF).and_then(|()| write_all(GIVE_BACK));
        restore_settings();
    }
}

fn give_back_for_good() {
    OVER.store(true, Ordering::SeqCst);
    give_back();
}

/// A terminal that takes no output any more is not waited for longer when the process is to end.
const PATIENCE: Duration = Duration::from_millis(300);

/// Ends the process as this signal would, with the terminal given back: its status is 128 + the signal's number.
pub(super) fn end(signal: Signal) -> ! {
    let (done, waiting) = mpsc::channel();
    let helper = std::thread::Builder::new().name("give back".into()).spawn(move || {
        give_back_for_good();
        let _ = done.send(());
    });
    if (helper.is_err() || waiting.recv_timeout(PATIENCE).is_err()) && is_ours_to_change() {
        restore_settings();
    }
    std::process::exit(128 + signal.as_raw());
}

/// Stops this process and its group, as Ctrl-Z does.
pub(super) fn stop() {
    // Refused only to a group without a parent that could continue it.
    let _ = kill_current_process_group(Signal::STOP);
}

fn restore_settings() {
    if let Some(before) = lock(&BEFORE).as_ref() {
        // Reports of the mouse that have not been read are not to become input of the shell.
        let _ = termios::tcflush(stdin(), QueueSelector::IFlush);
        let _ = termios::tcsetattr(stdin(), OptionalActions::Now, before);
    }
}

/// A process in the background that changes its terminal would be stopped for it, instead of ending.
fn is_ours_to_change() -> bool {
    termios::tcgetpgrp(stdin()).is_ok_and(|foreground| foreground == getpgrp())
}

fn write_all(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(stdout(), bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => wait_for_room()?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Somebody who shares the terminal has made its writes not wait.
fn wait_for_room() -> io::Result<()> {
    let out = stdout();
    match poll(&mut [PollFd::new(&out, PollFlags::OUT)], None) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on a panic gives the terminal back first, then appends a report to this file, then says where it is. One on
/// another thread than the main one ends the process too: without the terminal there is nothing to go on with.
pub fn report_panics_to(file: PathBuf) {
    std::panic::set_hook(Box::new(move |panic| {
        give_back_for_good();
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("without a name");
        let trace = std::backtrace::Backtrace::force_capture();
        let version = env!("CARGO_PKG_VERSION");
        let report = format!("Landfall {version}, thread {name}: {panic}\n{trace}\n");
        let place = file.to_string_lossy();
        match append(&file, &report) {
            Ok(()) => eprintln!("Landfall stopped: a fault in the program. The report is in {}", visible(&place)),
            Err(error) => {
                // What went wrong may quote what was read.
                report.lines().for_each(|line| eprintln!("{}", visible(line)));
                eprintln!("Landfall stopped: a fault in the program. {}: {error}", visible(&place));
            }
        }
        if name != "main" {
            std::process::exit(101);
        }
    }));
}

fn append(file: &std::path::Path, report: &str) -> io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    // It may lie where everybody writes, and quotes what was read: nobody else's file, and nobody else's to read.
    let no_link = rustix::fs::OFlags::NOFOLLOW.bits() as i32;
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true).mode(0o600).custom_flags(no_link);
    options.open(file)?.write_all(report.as_bytes())
}
