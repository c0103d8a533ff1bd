//! Signals: what ends the screen gives the terminal back first; work goes on in the worker, which is another process.
use super::terminal;
use rustix::process::Signal;
use std::io;
use tokio::signal::unix::{self, SignalKind};

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
                    Caught::End(signal) => terminal::end(signal),
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

enum Caught {
    End(Signal),
    Stop,
    Continue,
}

struct Signals {
    hang_up: unix::Signal,
    interrupt: unix::Signal,
    quit: unix::Signal,
    terminate: unix::Signal,
    stop: unix::Signal,
    continued: unix::Signal,
}

impl Signals {
    fn catch() -> io::Result<Signals> {
        let catch = |signal: Signal| unix::signal(SignalKind::from_raw(signal.as_raw()));
        Ok(Signals {
            hang_up: catch(Signal::HUP)?,
            interrupt: catch(Signal::INT)?,
            quit: catch(Signal::QUIT)?,
            terminate: catch(Signal::TERM)?,
            stop: catch(Signal::TSTP)?,
            continued: catch(Signal::CONT)?,
        })
    }

    /// The next one. A terminal that hangs up sends HUP and CONT: the end comes first.
    async fn next(&mut self) -> Caught {
        tokio::select! {
            biased;
            _ = self.hang_up.recv() => Caught::End(Signal::HUP),
            _ = self.terminate.recv() => Caught::End(Signal::TERM),
            _ = self.interrupt.recv() => Caught::End(Signal::INT),
            _ = self.quit.recv() => Caught::End(Signal::QUIT),
            _ = self.stop.recv() => Caught::Stop,
            _ = self.continued.recv() => Caught::Continue,
        }
    }
}
