//! The tour of the demo.

use crate::common::Landfall;
use crate::stage::Stage;
use landfall::app::Tab;
use landfall::app::message::Message;
use std::time::{SystemTime, UNIX_EPOCH};

/// The demo as `landfall demo` makes it, with the tour on.
fn demo() -> (Landfall, Stage) {
    let landfall = Landfall::new();
    let dir = landfall.dir().join("tour");
    landfall.run(&["demo", "--dir", &dir.to_string_lossy()]).exits(0);
    let mut stage = Stage::with(&dir.join("demo"), |start| start.tour = true);
    // Whether a file is late is told by the clock that the demo was made by.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
    stage.now_ms = i64::try_from(now.as_millis()).expect("a time before the end of time");
    stage.send(Message::Changed);
    (landfall, stage)
}

#[test]
fn the_tour_shows_each_tab_on_what_is_really_there() {
    let (_landfall, mut stage) = demo();
    for (step, tab, shows) in [
        (1, Tab::Sources, "Welcome to the demo"),
        (2, Tab::Sources, "“Trade fair” finished"),
        (3, Tab::Sources, "“ERP nightly drop” should have delivered"),
        (4, Tab::Runs, "Every row is accounted for"),
        (5, Tab::Runs, "The rows behind a number"),
        (6, Tab::Lookup, "Look “M-2069” up"),
        (7, Tab::Mapping, "Which column becomes which field"),
        (8, Tab::Sources, "Now look around"),
    ] {
        let text = stage.text();
        assert!(text.contains(shows) && text.contains(&format!("{step} of 8")), "{step}: {shows}\n{text}");
        assert_eq!(stage.app.tab, tab, "{step}");
        if let 1 | 3 | 4 | 5 | 6 = step {
            insta::assert_snapshot!(format!("tour_{step}"), told(&stage));
        }
        stage.keys("<enter>");
    }
    assert!(stage.app.tour.is_none() && !stage.text().contains("of 8"), "{}", stage.text());
}

/// The screen without the times, which are those at which the test ran.
fn told(stage: &Stage) -> String {
    let text = stage.text();
    let box_at = text.lines().position(|line| line.starts_with('┌')).expect("the box");
    text.lines().skip(box_at).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_tour_goes_back_and_ends_at_any_stop_with_everything_as_it_is_shown() {
    let (_landfall, mut stage) = demo();
    stage.keys("<right><right><left>");
    assert!(stage.text().contains("2 of 8"), "{}", stage.text());
    stage.keys("<left><left><left>");
    assert!(stage.text().contains("1 of 8"), "{}", stage.text());
    stage.keys("<right><right><right><esc>");
    assert!(stage.app.tour.is_none());
    assert_eq!(stage.app.tab, Tab::Runs);
    stage.keys("<esc>");
    assert!(stage.app.runs.run.is_none(), "esc means again what it always means");
}

#[test]
fn everything_else_works_during_the_tour() {
    let (_landfall, mut stage) = demo();
    stage.keys("j2");
    assert_eq!(stage.app.tab, Tab::Mapping);
    stage.keys("1?");
    assert_eq!(stage.app.dialogs.len(), 1);
    stage.keys("<esc><esc>");
    assert!(stage.app.tour.is_none());
    for (width, height) in [(0, 0), (1, 1), (20, 6), (79, 12), (300, 100)] {
        stage.app.tour = Some(Default::default());
        stage.resize(width, height);
    }
}

#[test]
fn the_mapping_of_every_source_of_the_demo_that_has_a_file_is_shown() {
    let (_landfall, mut stage) = demo();
    stage.keys("<esc>");
    let mut shown = Vec::new();
    for entry in 0..7 {
        stage.keys("1g").keys(&"j".repeat(entry)).keys("2");
        let editor = landfall::app::mapping::editor(&stage.app).expect("a mapping");
        shown.push((editor.opened.source_name.clone(), editor.opened.file.is_some()));
    }
    shown.sort();
    let expected = [
        ("CRM export", true),
        ("ERP nightly drop", true),
        ("Partner feed", true),
        ("Partner list", false),
        ("Trade fair", true),
        ("Web shop drop", true),
        ("Webinar", true),
    ];
    assert_eq!(shown, expected.map(|(name, file)| (name.to_owned(), file)));
}
