//! Under tmux the screen is what our emulator shows.

use crate::common::Landfall;
use crate::terminal::Terminal;
use std::process::Command;
use std::time::{Duration, Instant};

/// A tmux server of its own; ended with the test.
struct Tmux<'a> {
    landfall: &'a Landfall,
}

impl Tmux<'_> {
    /// What a command of tmux says; none where there is no tmux on this machine.
    fn say(&self, args: &[&str]) -> Option<String> {
        let socket = self.landfall.path("tmux");
        let mut command = Command::new("tmux");
        command.args(["-S", &socket, "-f", "/dev/null"]).args(args);
        command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8").env("TZ", "UTC").env("USER", "tester");
        command.env("LANDFALL_WORKSPACE", self.landfall.workspace()).env("HOME", self.landfall.dir());
        let output = command.output().ok()?;
        assert!(output.status.success(), "tmux {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        Some(String::from_utf8(output.stdout).expect("tmux says UTF-8"))
    }

    /// The pane, once it shows a text.
    fn pane_with(&self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            let pane = self.say(&["capture-pane", "-p", "-t", "landfall"]).expect("tmux");
            let pane: String = pane.lines().map(|line| format!("{}\n", line.trim_end())).collect();
            if pane.contains(text) {
                return pane;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "waited in vain for {text:?}:\n{pane}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Tmux<'_> {
    fn drop(&mut self) {
        let socket = self.landfall.path("tmux");
        let _ = Command::new("tmux").args(["-S", &socket, "kill-server"]).output();
    }
}

#[test]
fn a_pane_of_tmux_shows_what_the_emulator_does() {
    let landfall = Landfall::new();
    let mut rows = "ref,name,email\n".to_owned();
    (1..60).for_each(|row| rows.push_str(&format!("{row},Łukasz 東京 {row},{row}@example\n")));
    landfall.file("a.csv", rows);
    landfall.import("a.csv", &[]);
    let tmux = Tmux { landfall: &landfall };
    let program = env!("CARGO_BIN_EXE_landfall");
    let size = ["-x", "120", "-y", "36"];
    let new = [&["new-session", "-d", "-s", "landfall"], &size[..], &[program, ";", "set", "-g", "status", "off"]];
    if tmux.say(&new.concat()).is_none() {
        let allowed = std::env::var_os("LANDFALL_TESTS_WITHOUT_TMUX").is_some();
        assert!(allowed, "nothing was compared, as there is no tmux here (LANDFALL_TESTS_WITHOUT_TMUX=1 allows that)");
        eprintln!("NOT TESTED: there is no tmux here, so nothing was compared");
        return;
    }
    let mut terminal = Terminal::start(&landfall, &[], 120, 36);
    let steps =
        [("", "4 Lookup"), ("3", "a.csv"), ("\r", "Invalid"), ("r", "東京 1 "), ("G", "東京 59"), ("k", "東京 59")];
    for (keys, text) in steps {
        if !keys.is_empty() {
            terminal.send(keys.as_bytes());
            tmux.say(&["send-keys", "-t", "landfall", "-l", keys]);
        }
        terminal.wait_for(text);
        let ours = terminal.settled();
        let begun = Instant::now();
        let mut pane = tmux.pane_with(text);
        while pane != ours && begun.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(50));
            pane = tmux.pane_with(text);
        }
        assert_eq!(pane, ours, "after {keys:?}");
    }
    terminal.keys("q");
    terminal.ends();
}
