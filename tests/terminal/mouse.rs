//! The mouse as the terminal reports it, and a screen that is quiet when nothing happens.

use crate::common::Landfall;
use crate::terminal::Terminal;
use std::time::Duration;

fn with_run(rows: usize) -> (Landfall, Terminal) {
    let landfall = Landfall::new();
    let mut text = "ref,name\n".to_owned();
    (1..=rows).for_each(|row| text.push_str(&format!("R-{row},Name {row}\n")));
    landfall.file("a.csv", text);
    landfall.import("a.csv", &[]);
    let mut terminal = Terminal::start(&landfall, &[], 120, 36);
    terminal.wait_for("1 source");
    (landfall, terminal)
}

#[test]
fn hovering_over_a_status_shows_more_and_leaving_it_shows_that_no_longer() {
    let (_landfall, mut terminal) = with_run(3);
    let before = terminal.settled();
    terminal.hover("● Active");
    terminal.wait_until("more", |screen| screen != before);
    terminal.hover("Landfall");
    terminal.wait_until("the screen as before", |screen| screen == before);
}

#[test]
fn the_wheel_scrolls_the_list_under_it() {
    let (_landfall, mut terminal) = with_run(300);
    terminal.keys("3").wait_for("Finished").keys("<enter>").wait_for("esc back").keys("r").wait_for("Name 19");
    for _ in 0..20 {
        terminal.wheel("Name", true);
    }
    terminal.wait_for("Name 70").wait_without("Name 19");
    for _ in 0..40 {
        terminal.wheel("Name", false);
    }
    terminal.wait_for("Name 19").wait_without("Name 70");
}

#[test]
fn a_key_gives_the_mouse_back_to_the_terminal_and_takes_it_again() {
    let (_landfall, mut terminal) = with_run(3);
    assert!(terminal.has_mouse());
    terminal.keys("M");
    crate::terminal::eventually("the mouse is off", || !terminal.has_mouse());
    terminal.keys("M");
    crate::terminal::eventually("the mouse is on", || terminal.has_mouse());
}

#[test]
fn nothing_is_sent_while_nothing_changes() {
    let (_landfall, mut terminal) = with_run(3);
    terminal.settled();
    let sent = terminal.raw().len();
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(terminal.raw().len(), sent);
}

#[test]
fn a_column_is_dragged_onto_its_field() {
    let landfall = Landfall::new();
    landfall.file("a.csv", "Mail,Vague\na@example.com,x\n");
    landfall.import("a.csv", &["--accept-unmapped"]);
    let mut terminal = Terminal::start(&landfall, &[], 120, 36);
    terminal.wait_for("1 source").keys("2").wait_for("Vague");
    terminal.drag("Vague", "Landfall", "Job Title").wait_for("→ Job Title").keys("u").wait_for("Undone");
}
