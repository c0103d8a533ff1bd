//! Every size is drawn, and every change of it survived.

use crate::common::Landfall;
use crate::terminal::Terminal;

const SIZES: [(u16, u16); 16] = [
    (1, 1),
    (200, 60),
    (2, 40),
    (120, 1),
    (3, 3),
    (80, 24),
    (1, 60),
    (20, 5),
    (79, 23),
    (40, 12),
    (200, 2),
    (33, 7),
    (10, 10),
    (132, 43),
    (1, 2),
    (60, 20),
];

#[test]
fn every_size_on_every_tab_is_survived() {
    let landfall = Landfall::new();
    landfall.file("a.csv", "ref,name,email\n1,Ana,ana@example.com\n2,Łukasz 東京 👩‍👩‍👧,no address\n");
    landfall.import("a.csv", &[]);
    let mut terminal = Terminal::start(&landfall, &[], 120, 36);
    terminal.wait_for("4 Lookup");
    for keys in ["1", "2", "3", "<enter>", "r", "<enter>", "<esc><esc><esc>", "4a", "<esc>1?", "<esc>:run", "<esc>"] {
        terminal.keys(keys);
        for (columns, rows) in SIZES {
            terminal.resize(columns, rows);
            std::thread::sleep(std::time::Duration::from_millis(4));
        }
    }
    // A size that comes while keys do.
    for (columns, rows) in SIZES {
        terminal.resize(columns, rows);
        terminal.keys("1jjk3jk<enter><esc>4a<bs><esc>2");
    }
    terminal.resize(120, 36);
    terminal.keys("1").wait_for("4 Lookup");
    // What was sent for another size is no longer seen after the last one.
    let drawn = terminal.settled();
    terminal.keys("<c-l>");
    assert_eq!(terminal.settled(), drawn);
    terminal.keys("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_terminal_that_does_not_know_its_size_or_claims_too_much_is_drawn_on() {
    let landfall = Landfall::new();
    let mut terminal = Terminal::start(&landfall, &[], 80, 24);
    let drawn = terminal.wait_for("4 Lookup").settled();
    for (columns, rows) in [(0, 0), (0, 24), (80, 0)] {
        terminal.claim_size(columns, rows);
        assert_eq!(terminal.settled(), drawn, "{columns}×{rows}");
    }
    terminal.claim_size(u16::MAX, u16::MAX);
    terminal.settled();
    terminal.resize(80, 24);
    assert_eq!(terminal.settled(), drawn);
    terminal.keys("q");
    assert_eq!(terminal.ends(), 0);
}
