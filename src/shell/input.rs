//! What comes from the terminal: keys, the mouse, pasted text, new sizes.
//!
//! Two threads that sleep in the kernel until there is something: one reads; the other waits for the terminal to hang up,
//! because the reader would then read nothing over and over.
use super::terminal;
use crossterm::event::{self, Event};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::Signal;
use rustix::stdio::stdin;
use std::io;
use std::time::Duration;
use tokio::sync::mpsc::{self, UnboundedReceiver};

/// The events of the terminal, in order.
pub struct Events {
    receiver: UnboundedReceiver<Vec<Event>>,
}

impl Events {
    /// Starts to read. Once in a process, and after the terminal was taken. When the terminal hangs up the process ends
    /// as by HUP.
    pub fn start() -> io::Result<Events> {
        let (sender, receiver) = mpsc::unbounded_channel();
        std::thread::Builder::new().name("hang-up".into()).spawn(await_hang_up)?;
        std::thread::Builder::new().name("input".into()).spawn(move || {
            // Nobody listens any more, or the terminal cannot be read: the receiver learns both by the closed channel.
            while let Ok(batch) = read_batch() {
                #[cfg(feature = "broken-variants")]
                panic_at(&batch, 11);
                if sender.send(batch).is_err() {
                    break;
                }
            }
        })?;
        Ok(Events { receiver })
    }

    /// Waits for events: all that there are, at least one. None when no more will come.
    pub async fn next(&mut self) -> Option<Vec<Event>> {
        let mut events = self.receiver.recv().await?;
        events.extend(self.drain());
        #[cfg(feature = "broken-variants")]
        panic_at(&events, 12);
        Some(events)
    }

    /// All events that have come, without waiting: to be taken before a frame is drawn.
    pub fn drain(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Ok(batch) = self.receiver.try_recv() {
            events.extend(batch);
        }
        events
    }
}

/// How long a batch waits for more. With no time at all crossterm does not even give what it has read already.
const MORE: Duration = Duration::from_millis(1);

/// Everything that has been typed, so that a held key makes one frame.
fn read_batch() -> io::Result<Vec<Event>> {
    let mut events = vec![event::read()?];
    while event::poll(MORE)? {
        events.push(event::read()?);
    }
    Ok(events)
}

/// Ends the process once the terminal is gone. Asked for no events, the kernel wakes it for that only.
fn await_hang_up() {
    let input = stdin();
    loop {
        match poll(&mut [PollFd::new(&input, PollFlags::empty())], None) {
            Ok(_) => terminal::end(Signal::HUP),
            Err(Errno::INTR | Errno::AGAIN) => {}
            // Without this there is HUP, and the error of the next write.
            Err(_) => return,
        }
    }
}

/// A program in which F11 makes the thread that reads panic, and F12 the one that draws: it must still give the terminal
/// back, and leave a report.
#[cfg(feature = "broken-variants")]
fn panic_at(events: &[Event], number: u8) {
    let key = event::KeyCode::F(number);
    assert!(!events.iter().any(|it| matches!(it, Event::Key(pressed) if pressed.code == key)), "on purpose");
}
