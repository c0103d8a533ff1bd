//! The page about an issue: opened wherever the issue is shown.

use crate::common::Landfall;
use crate::stage::Stage;
use landfall::app::dialog::Dialog;
use landfall::app::help_pages;
use landfall::domain::issue::Code;

const FILE: &str = "\
Customer No,First Name,Email,Signed up
A-1,Ana,ana@example,2024-08-09
A-2,Bo,bo@example.com,the 3rd
,,,
A-4,Chidi,chidi@example.com,2024-08-11
";

/// A stage with a run that has an error and two kinds of warnings.
fn stage(landfall: &Landfall) -> Stage {
    let mut stage = Stage::open(&landfall.workspace());
    let file = landfall.file("fair.csv", FILE.replace(",,,\n", ",,,2024-08-10\n"));
    stage.import(&file, 60_000, |request| {
        request.map = vec![("Signed up".to_owned(), Some("created_at".to_owned()))];
    });
    stage.keys("3<enter>");
    stage
}

/// What is open over everything else, as it would be copied.
fn open(stage: &Stage) -> Option<&str> {
    match stage.app.dialogs.last()? {
        Dialog::Text(text) => Some(&text.copy),
        _ => None,
    }
}

#[test]
fn a_page_says_what_an_issue_means_and_is_scrolled_and_copied() {
    let landfall = Landfall::new();
    let mut stage = stage(&landfall);
    stage.keys("H");
    shown!("help-page", stage);
    stage.keys("y");
    assert_eq!(stage.copied, [help_pages::page(Code::RequiredMissing)]);
}

#[test]
fn the_key_opens_the_page_of_what_is_selected_once_and_does_nothing_without_an_issue() {
    for (keys, code) in [
        // The run: errors first, then warnings.
        ("", Some(Code::RequiredMissing)),
        ("G", Some(Code::DateUnreadable)),
        // Its rows.
        ("r", Some(Code::EmailInvalid)),
        ("rj", Some(Code::DateUnreadable)),
        ("rG", None),
        // A row, on the cell with the issue, on another cell, and on the whole of that cell.
        ("r<enter>", Some(Code::EmailInvalid)),
        ("r<enter>g", Some(Code::EmailInvalid)),
        ("r<enter>v", Some(Code::EmailInvalid)),
        ("rG<enter>", None),
    ] {
        let landfall = Landfall::new();
        let mut stage = stage(&landfall);
        stage.keys(keys);
        let before = stage.app.dialogs.len();
        stage.keys("H").keys("H");
        assert_eq!(stage.app.dialogs.len(), before + usize::from(code.is_some()), "{keys}");
        assert_eq!(open(&stage), code.map(help_pages::page), "{keys}");
    }
}

#[test]
fn what_holds_back_a_start_is_explained_too() {
    let mut scene = crate::scene::refused();
    scene.stage.keys("H");
    assert_eq!(open(&scene.stage), Some(help_pages::page(Code::UnmappedMandatory)));
    scene.stage.keys("<esc>");
    assert!(matches!(scene.stage.app.dialogs.last(), Some(Dialog::Import(_))), "the dialog is there as before");
}
