//! The Lookup tab and the page of one contact.

use crate::common::Landfall;
use crate::stage::Stage;
use landfall::app::message::Message;
use landfall::domain::run::Mode;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Two sources: the CRM twice, with a contact that changed, one that was skipped and one that failed; and a trade fair.
fn workspace(landfall: &Landfall) -> Stage {
    let mut stage = Stage::open(&landfall.workspace());
    let crm = landfall.file(
        "CRM.csv",
        "Source Reference,First Name,Last Name,Email,Phone,Tags\n\
         HS-88121,Ana,Weiß,ana@example.com,+4930901820,vip\n\
         HS-88122,Łukasz,Nowak,lukasz@example.com,,\n\
         HS-88123,,,jk@example,,\n\
         HS-88124,東京,太郎,taro@example.jp,+81312345678,\n",
    );
    stage.import(&crm, 3 * DAY, |_| {});
    let later = landfall.file(
        "CRM-later.csv",
        "Source Reference,First Name,Last Name,Email,Phone,Tags\n\
         HS-88121,Ana,Weiß-Klein,ana.weiss@example.com,+4930901820,vip\n\
         HS-88122,Łukasz,Nowak,lukasz@example.com,,\n",
    );
    stage.import(&later, 12 * MINUTE, |request| request.source = Some("CRM".to_owned()));
    let fair = landfall.file(
        "Trade fair.csv",
        "Source Reference,Full Name,Email\n\
         TF-1,Ada Lovelace,ada@example.com\n\
         TF-2,Ana Lima,ana.lima@example.com\n",
    );
    stage.import(&fair, 2 * MINUTE, |_| {});
    stage.keys("4");
    stage
}

#[test]
fn what_can_be_typed_is_said_before_anything_is() {
    let landfall = Landfall::new();
    let mut stage = workspace(&landfall);
    shown!("lookup-nothing-typed", stage);
}

#[test]
fn a_contact_is_found_by_whatever_one_has_of_it() {
    let landfall = Landfall::new();
    let mut stage = workspace(&landfall);
    for (keys, name) in [
        ("HS-88122", "by-reference"),
        ("<c-u>HS-88", "by-the-beginning-of-references"),
        ("<c-u>ANA.LIMA@example.com", "by-email"),
        ("<c-u>+49 30 901820", "by-phone"),
        ("<c-u>ana", "by-name"),
    ] {
        stage.keys(keys);
        stage.resize(80, 24);
        insta::assert_snapshot!(format!("found-{name}-80x24"), stage.text());
        stage.resize(120, 36);
        insta::assert_snapshot!(format!("found-{name}-120x36"), stage.text());
    }
    let id = stage.desk.store.workspace_code().contact_id(landfall::domain::id::RecordId(1));
    stage.keys("<c-u>").keys(&id);
    shown!("found-by-Contact-ID", stage);
}

#[test]
fn a_contact_whose_last_row_failed_is_found_without_a_word_of_success() {
    let landfall = Landfall::new();
    let mut stage = workspace(&landfall);
    let bad = landfall.file(
        "CRM-bad.csv",
        "Source Reference,First Name,Last Name,Email,Phone,Tags\nHS-88122,Łukasz,Nowak,jk@example,,\n",
    );
    stage.import(&bad, MINUTE, |request| request.source = Some("CRM".to_owned()));
    stage.keys("HS-88122");
    let text = stage.text();
    assert!(text.contains("! Found by reference, but its last row did not land. 1 contact."), "{text}");
    assert!(text.contains("✗ Its last row: failed in run 4, row 1") && !text.contains("worked"), "{text}");
}

#[test]
fn what_is_not_here_is_explained() {
    let landfall = Landfall::new();
    let mut stage = workspace(&landfall);
    stage.desk.store.set_setting("support_contact", "imports@acme.example").expect("a setting");
    stage.send(Message::Changed);
    stage.keys("HS-88123");
    shown!("not-here-its-row-failed", stage);
    stage.keys("<c-u>HS-99999");
    shown!("not-here-never-carried", stage);
    let other = landfall::domain::id::WorkspaceCode::from_random(99).contact_id(landfall::domain::id::RecordId(5));
    stage.keys("<c-u>").keys(&other);
    shown!("not-here-of-another-workspace", stage);
}

#[test]
fn a_row_that_was_left_out_says_why() {
    let landfall = Landfall::new();
    let mut stage = workspace(&landfall);
    let new = landfall.file("new.csv", "Source Reference,Email\nHS-77,new@example.com\n");
    stage.import(&new, MINUTE, |request| {
        request.source = Some("CRM".to_owned());
        request.mode = Mode::Update;
    });
    stage.keys("HS-77");
    shown!("not-here-its-row-was-skipped", stage);
}

#[test]
fn without_a_source_the_first_step_is_to_add_one() {
    let landfall = Landfall::new();
    let mut stage = Stage::open(&landfall.workspace());
    stage.keys("4x");
    shown!("not-here-and-no-source", stage);
}

#[test]
fn a_deleted_contact_is_said_to_be_deleted() {
    let landfall = Landfall::new();
    let mut stage = workspace(&landfall);
    let now = stage.now_ms;
    stage.desk.store.delete_contact(landfall::domain::id::RecordId(1), now - 5 * MINUTE).expect("deleted");
    stage.keys("HS-88121");
    shown!("deleted", stage);
    stage.keys("<enter>");
    shown!("deleted-its-page", stage);
}

#[test]
fn a_search_is_narrowed_by_source_run_and_tag() {
    let landfall = Landfall::new();
    let mut stage = workspace(&landfall);
    stage.keys("ana<esc>Strade");
    shown!("narrowing-by-source", stage);
    stage.keys("<enter>");
    shown!("narrowed-by-source", stage);
    stage.keys("<esc>Rxx<enter>");
    shown!("narrowing-by-a-run-that-is-none", stage);
    stage.keys("<c-u>2<enter>Tvip<enter>");
    shown!("narrowed-by-run-and-tag", stage);
    stage.keys("/<c-u>HS-88122");
    shown!("not-here-as-narrowed", stage);
    stage.keys("<esc><esc>");
    assert!(stage.text().contains("Found by reference"), "{}", stage.text());
}

#[test]
fn the_page_of_a_contact_shows_where_everything_came_from_and_what_changed() {
    let landfall = Landfall::new();
    let mut stage = workspace(&landfall);
    stage.keys("HS-88121<enter>");
    shown!("contact", stage);
    stage.keys("G");
    shown!("contact-its-end", stage);
    stage.keys("cC");
    insta::assert_snapshot!("contact-copied", stage.copied.join("\n———\n"));
    stage.keys("<esc>");
    assert!(stage.text().contains("Found by reference"), "{}", stage.text());
}

#[test]
fn what_is_in_a_contact_does_nothing_to_the_terminal() {
    let landfall = Landfall::new();
    let mut stage = Stage::open(&landfall.workspace());
    let flood: String = std::iter::once('e').chain(std::iter::repeat_n('\u{301}', 300)).collect();
    let long = "long ".repeat(2_000);
    let file = landfall.file(
        "hostile.csv",
        format!(
            "Source Reference,First Name,Last Name,Email,Notes,Tags\n\
             \u{1b}[31mR1,\u{202e}gpj.exe,{flood},a@example.com,\"two\nlines {long}\",one;two\n\
             R2,\u{200b},👨‍👩‍👧‍👦 家族 עברית,b@example.com,\u{1b}]0;title\u{7},x\n"
        ),
    );
    stage.import(&file, MINUTE, |_| {});
    stage.keys("4R2");
    shown!("hostile-values-a-list", stage);
    stage.keys("<enter>");
    shown!("hostile-values-a-contact", stage);
    stage.keys("<esc>/<c-u>a@example.com<enter>");
    shown!("hostile-values-a-long-contact", stage);
}
