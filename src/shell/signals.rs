//! Signals: what ends the screen gives the terminal back first; work goes on in the worker, which is another process.
use super::terminal;
use std::io;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// A terminal that takes no output any more is not waited for longer.
const PATIENCE: Duration = Duration::from_millis(300);

/// From now on HUP, INT, QUIT and TERM from outside end the process at once, with the status 128 + their number; TSTP
/// stops it with the terminal given back. When it is continued, the terminal is taken again and `continued` is called:
/// it shows something else then (see `Painter::forget`), and may have another size.
pub fn watch(continued: impl Fn() + Send + 'static) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let mut signals = {
        let _inside = runtime.enter();
        Signals::catch()?
    };
    let waiting = move || {
        runtime.block_on(async {
            loop {
                match signals.next().await {
                    Caught::End(kind) => end(kind),
                    Caught::Stop => {
                        terminal::give_back();
                        terminal::stop();
                    }
                    // A terminal that cannot be taken any more ends the loop with its next frame.
                    Caught::Continue => {
                        let _ = terminal::take();
                        continued();
                    }
                }
            }
        })
    };
    std::thread::Builder::new().name("signals".into()).spawn(waiting)?;
    Ok(())
}

/// Ends the process because its terminal is gone, as the signal would.
pub(super) fn hang_up() -> ! {
    end(SignalKind::hangup())
}

fn end(kind: SignalKind) -> ! {
    terminal::give_back_within(PATIENCE);
    std::process::exit(128 + kind.as_raw_value());
}

enum Caught {
    End(SignalKind),
    Stop,
    Continue,
}

struct Signals {
    hang_up: Signal,
    interrupt: Signal,
    quit: Signal,
    terminate: Signal,
    stop: Signal,
    continued: Signal,
}

impl Signals {
    fn catch() -> io::Result<Signals> {
        Ok(Signals {
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
            stop: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            continued: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
        })
    }

    async fn next(&mut self) -> Caught {
        tokio::select! {
            _ = self.hang_up.recv() => Caught::End(SignalKind::hangup()),
            _ = self.interrupt.recv() => Caught::End(SignalKind::interrupt()),
            _ = self.quit.recv() => Caught::End(SignalKind::quit()),
            _ = self.terminate.recv() => Caught::End(SignalKind::terminate()),
            _ = self.stop.recv() => Caught::Stop,
            _ = self.continued.recv() => Caught::Continue,
        }
    }
}
