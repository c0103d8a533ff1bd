//! Sources that bring their own files: adding, editing and reaching them.

use crate::drops::{contract, watched};
use crate::scene::{HOUR, Scene};
use crate::sshd::Sshd;
use crate::stage::NOW;
use landfall::app::dialog::Dialog;
use landfall::app::key::Key;
use landfall::app::message::{Message, MouseKind};
use landfall::domain::source::{
    AfterImport, Blocked, Connection, Directory, FinishedSign, HostKeyTrust, Login, SecretRef, Source,
};
use std::fs;

fn source(scene: &Scene, name: &str) -> Source {
    scene.stage.desk.store.source_by_name(name).expect("a store").expect("the source")
}

/// Pastes a text that is no keys.
fn paste(scene: &mut Scene, text: &str) {
    scene.stage.send(Message::Paste(text.to_owned()));
}

#[test]
fn a_new_source_is_asked_where_its_files_come_from() {
    let mut scene = Scene::new();
    scene.stage.keys("a");
    shown!("source_kinds", scene.stage);
    scene.stage.mouse(MouseKind::Click, "A drop on this host").mouse(MouseKind::Click, "The upstream uploads");
    assert!(scene.text().contains("Add a source: a drop on this host"), "{}", scene.text());
    scene.stage.keys("<esc>aj<enter>");
    assert!(scene.text().contains("Add a source: a directory"), "{}", scene.text());
}

#[test]
fn a_directory_is_added_with_few_questions() {
    let mut scene = Scene::new();
    let directory = scene.landfall.dir().join("outbox");
    fs::create_dir(&directory).expect("a directory");
    for name in ["contacts_2026-11-19.csv", "contacts_2026-11-20.csv", "readme.txt"] {
        fs::write(directory.join(name), "Email\n").expect("a file");
    }
    scene.stage.keys("adERP contacts<tab>/srv/erp/outbox<tab><c-n><c-n><c-n>");
    assert!(scene.text().contains("Monday to Friday at 06:30 (UTC) · next Mon 23 Nov, 06:30"), "{}", scene.text());
    scene.stage.keys("<tab>contacts_{YYYY}-{MM}-{DD}.csv");
    shown!("add_directory", scene.stage);
    scene.stage.keys("<up><up><c-u>");
    paste(&mut scene, &directory.to_string_lossy());
    scene.stage.keys("<tab><tab>");
    assert!(scene.text().contains("today: contacts_2026-11-20.csv · 2 of 3 files there match"), "{}", scene.text());
    scene.stage.keys("<c-s>");
    assert!(scene.text().contains("Source “ERP contacts” is added."), "{}", scene.text());
    let source = source(&scene, "ERP contacts");
    let path = directory.to_string_lossy().into_owned();
    assert_eq!(source.connection, Some(Connection::Dir(Directory { path })));
    assert_eq!(source.schedule.map(|schedule| schedule.cron().to_owned()).as_deref(), Some("30 6 * * 1-5"));
    let contract = source.contract.expect("a contract");
    assert_eq!((contract.pattern.as_str(), contract.grace_minutes), ("contacts_{YYYY}-{MM}-{DD}.csv", 60));
    assert_eq!(contract.finished, FinishedSign::Still { seconds: 30 });
}

#[test]
fn the_rest_is_under_more_and_is_shown_as_it_was_when_edited() {
    let mut scene = Scene::new();
    scene.stage.keys("adERP<tab>/srv/erp<tab>@hourly<tab><tab><space><tab><c-u>Europe/Berlin<tab>0 6 * * *<tab>90");
    scene.stage.keys("<tab>Dana (ERP team)<tab>Bo counts<tab>Email, Name<tab>10..20<tab><space><tab>.done<tab>.ctl");
    scene.stage.keys("<tab><space><tab><space><tab>done");
    shown!("add_directory_more", scene.stage);
    scene.stage.keys("<c-s>");
    let saved = source(&scene, "ERP");
    let contract = saved.contract.clone().expect("a contract");
    assert_eq!((contract.grace_minutes, contract.rows), (90, Some((10, 20))));
    assert_eq!(contract.finished, FinishedSign::Marker { suffix: ".done".to_owned() });
    assert_eq!(saved.after_import, AfterImport::Move { directory: "done".to_owned() });
    assert_eq!(saved.owner.as_deref(), Some("Dana (ERP team)"));
    scene.stage.keys("E").resize(120, 60);
    scene.stage.keys("<tab><tab><tab><tab><space>");
    insta::assert_snapshot!("edit_directory", scene.stage.text());
    scene.stage.keys("<c-s>");
    assert!(scene.text().contains("is saved"), "{}", scene.text());
    let again = source(&scene, "ERP");
    assert_eq!((again.contract, again.schedule, again.connection), (Some(contract), saved.schedule, saved.connection));
}

#[test]
fn what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost() {
    let mut scene = Scene::new();
    let more = "<tab><tab><space>";
    for (keys, says) in [
        ("adx<c-s>", "Nobody will know from this name"),
        ("adERP<c-s>", "The directory is missing."),
        ("adERP<tab>/srv<tab>61 * * * *<c-s>", "is no schedule"),
        ("adERP<tab>/srv<tab><tab>a[b<c-s>", "is no pattern of file names"),
        ("adERP<tab>/srv<tab><tab>sub/x.csv<c-s>", "is no pattern of file names"),
        (&format!("adERP<tab>/srv<tab>{more}<tab><c-u>Mars/Base<c-s>"), "Mars/Base is no time zone"),
        (&format!("adERP<tab>/srv<tab>{more}<tab><tab>0 0 30 2 *<c-s>"), "never due"),
        (&format!("adERP<tab>/srv<tab>{more}<tab><tab><tab>soon<c-s>"), "soon is no number of minutes"),
        (&format!("adERP<tab>/srv<tab>{more}{}9..5<c-s>", "<tab>".repeat(7)), "9..5 is no range"),
        (&format!("adERP<tab>/srv<tab>{more}{}29<c-s>", "<tab>".repeat(9)), "29 is no number of seconds"),
        (&format!("adERP<tab>/srv<tab>{more}{}../x<c-s>", "<tab>".repeat(10)), "is no ending of file names"),
        ("asCRM<c-s>", "The host is missing."),
        ("asCRM<tab>me@host<c-s>", "is no name of a host"),
        ("asCRM<tab>h<tab>70000<c-s>", "70000 is no port"),
        ("asCRM<tab>h<tab><tab><c-s>", "The user to log in as is missing."),
        ("asCRM<tab>h<tab><tab>u<tab><tab><space><c-s>", "The key file is missing."),
        ("asCRM<tab>h<tab><tab>u<tab><tab><space><space><space><c-s>", "Variable is missing."),
        ("ahGlobex<tab>/srv/in<tab>files.acme.example<tab>globex<c-s>", "Their public key is missing."),
    ] {
        scene.stage.keys(keys);
        let shown = scene.text().split_whitespace().collect::<Vec<_>>().join(" ").replace(" │ │ ", " ");
        assert!(shown.contains(says), "{keys}: {says}\n{}", scene.text());
        scene.stage.keys("<esc><esc>");
        assert!(scene.stage.app.dialogs.is_empty(), "{keys}");
    }
    // What only the worker finds out comes back to the form too.
    scene.stage.keys("ahGlobex<tab>");
    let directory = scene.landfall.dir().join("in");
    paste(&mut scene, &directory.to_string_lossy());
    scene.stage.keys("<tab>files.acme.example<tab>globex<tab><tab>no key<c-s>");
    assert!(scene.text().contains("public key") && scene.text().contains("Globex"), "{}", scene.text());
}

#[test]
fn a_typed_password_is_masked_kept_in_its_file_only_and_nowhere_else() {
    let mut scene = Scene::new();
    scene.stage.keys("asCRM<tab>sftp.example.com<tab><tab>acme<tab>out<tab><space><space><space><tab>");
    scene.stage.keys("<space><space><space><tab>");
    paste(&mut scene, "canary-4711");
    shown!("add_sftp_password", scene.stage);
    assert!(!scene.text().contains("canary") && !format!("{:?}", scene.stage.app.dialogs).contains("canary"));
    scene.stage.keys("<c-s>");
    let source = source(&scene, "CRM");
    let Some(Connection::Sftp(sftp)) = source.connection else { panic!("{:?}", source.connection) };
    let Login::Password { secret: SecretRef::Stored { name } } = sftp.login else { panic!("{:?}", sftp.login) };
    let kept = fs::read_to_string(scene.landfall.workspace().join("secrets.toml")).expect("the file");
    assert!(kept.contains(&name) && kept.contains("canary-4711"));
    // It opens with what others need; the password is not there, nor in the form.
    assert!(scene.text().contains("a password from secrets.toml"), "{}", scene.text());
    scene.stage.keys("E");
    assert!(scene.text().contains("secrets.toml, as it is"), "{}", scene.text());
    scene.stage.keys("<c-s>");
    assert!(!format!("{:?}", scene.stage.app.dialogs).contains("canary"));
}

#[test]
fn a_drop_is_masked_until_it_is_revealed_and_can_be_copied() {
    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti dana@globex";
    let mut scene = Scene::new();
    scene.stage.keys("ahGlobex<tab>");
    let directory = scene.landfall.dir().join("in");
    paste(&mut scene, &directory.to_string_lossy());
    scene.stage.keys("<tab>files.acme.example<tab>globex<tab><tab>");
    paste(&mut scene, KEY);
    scene.stage.keys("<c-s>");
    insta::assert_snapshot!("drop_masked", scene.text());
    for hidden in ["files.acme.example", "sftp ", "AAAAC3"] {
        assert!(!scene.text().contains(hidden), "{hidden}\n{}", scene.text());
    }
    scene.stage.keys("clmd");
    assert!(scene.stage.copied[0].contains("globex@files.acme.example"), "{:?}", scene.stage.copied);
    assert!(scene.stage.copied[1].contains("restrict") && scene.stage.copied[1].contains("AAAAC3"));
    assert!(scene.stage.copied[2].contains("Match User globex"), "{:?}", scene.stage.copied);
    assert!(scene.stage.copied[3].contains("port: 22"), "{:?}", scene.stage.copied);
    scene.stage.keys("v");
    assert!(scene.text().contains("globex@files.acme.example") || scene.text().contains("files.acme.example"));
    assert!(!format!("{:?}", scene.stage.app.dialogs).contains("files.acme"), "it could end up in a log");
    // Reachable later, masked again.
    scene.stage.keys("<esc>o");
    assert!(scene.text().contains("••••••••") && !scene.text().contains("files.acme.example"), "{}", scene.text());
    assert!(!scene.text().contains("OAuth"));
}

#[test]
fn an_sftp_source_goes_from_nothing_to_a_passed_test_by_keys_and_comes_back_when_stopped() {
    let server = Sshd::start();
    let mut scene = Scene::new();
    scene.stage.keys("asCRM<tab>127.0.0.1<tab>").keys(&server.port().to_string()).keys("<tab>");
    paste(&mut scene, server.user());
    scene.stage.keys("<tab>");
    paste(&mut scene, &server.drop_dir().to_string_lossy());
    scene.stage.keys("<tab><c-s>");
    // Landfall's own key is shown, and handed over.
    scene.stage.keys("c");
    let line = scene.stage.copied.last().expect("a key").clone();
    assert!(
        line.starts_with("ssh-ed25519 ") && scene.text().contains("nobody has accepted one yet"),
        "{}",
        scene.text()
    );
    scene.stage.keys("t");
    assert!(scene.text().contains("Is that what whoever runs the server told you?"), "{}", scene.text());
    assert!(scene.text().contains(&server.fingerprint("ed25519")[..30]), "{}", scene.text());
    scene.stage.keys("a");
    assert!(scene.text().contains("Host key is the right one") && scene.text().contains("✗ Login"), "{}", scene.text());
    let allowed = server.at("authorized_keys");
    let known = fs::read_to_string(&allowed).expect("the server's keys");
    fs::write(&allowed, format!("{known}\n{line}\n")).expect("the server's keys");
    scene.stage.keys("t");
    assert!(scene.text().contains("✓ Directory") || scene.text().contains("✓ Login"), "{}", scene.text());
    // Of a server of others nothing is secret but how to log in.
    scene.stage.keys("<esc>");
    let place = format!("SFTP 127.0.0.1, port {}, user {}", server.port(), server.user());
    assert!(scene.text().contains(&place), "{place}\n{}", scene.text());
    scene.stage.keys("o");
    let Some(Connection::Sftp(sftp)) = source(&scene, "CRM").connection else { panic!("an SFTP source") };
    assert_eq!(sftp.host_key, HostKeyTrust::Pinned { sha256: server.fingerprint("ed25519") });

    // Stopped, it comes back only when somebody says that it is dealt with, and it works.
    let id = scene.id("CRM");
    let blocked = Blocked {
        code: "login_refused".into(),
        message: "The server refused the login.".into(),
        next: "Have the key allowed.".into(),
        at_ms: NOW - HOUR,
    };
    scene.stage.desk.store.block_source(id, &blocked).expect("the source");
    fs::write(&allowed, known.clone()).expect("the server's keys");
    scene.stage.keys("<esc>");
    scene.refresh();
    scene.stage.keys("R");
    assert!(scene.text().contains("The server refused the login."), "{}", scene.text());
    scene.stage.keys("t");
    assert!(scene.text().contains("Not possible now"), "{}", scene.text());
    scene.stage.keys("<space>t");
    assert!(scene.text().contains("✗ Login"), "{}", scene.text());
    assert!(source(&scene, "CRM").blocked.is_some(), "a test that fails unblocks nothing");
    fs::write(&allowed, format!("{known}\n{line}\n")).expect("the server's keys");
    scene.stage.keys("t");
    assert!(scene.text().contains("it runs again"), "{}", scene.text());
    assert!(source(&scene, "CRM").blocked.is_none());
}

#[test]
fn a_stopped_source_says_what_stopped_it_and_asks_first() {
    let mut scene = Scene::new();
    let id = watched(&mut scene, "Globex", "Dana (ERP team)", contract("*.csv", None));
    let blocked = Blocked {
        code: "no_permission".into(),
        message: "The directory /srv/globex must not be read by this account.".into(),
        next: "Have the directory's owner allow this account to read it.".into(),
        at_ms: NOW - HOUR,
    };
    scene.stage.desk.store.block_source(id, &blocked).expect("the source");
    scene.refresh();
    scene.stage.keys("R");
    insta::assert_snapshot!("reconnect", scene.text());
    assert!(!scene.text().contains("OAuth"));
    scene.stage.mouse(MouseKind::Click, "space it is fixed").mouse(MouseKind::Click, "t test");
    assert!(source(&scene, "Globex").blocked.is_none(), "{}", scene.text());
}

#[test]
fn long_and_wide_texts_and_every_size_are_drawn() {
    let mut scene = Scene::new();
    for open in ["a", "ad", "as", "ah"] {
        scene.stage.keys(open);
        if open != "a" {
            paste(&mut scene, &format!("東京の顧客\u{1b}[2J{}", "very long ".repeat(30)));
            scene.stage.send(Message::Key(Key::parse("<tab>").expect("a key")));
            paste(&mut scene, &"/東京".repeat(60));
            scene.stage.keys(&"<tab>".repeat(9)).keys("<space>");
        }
        for (width, height) in [(0, 0), (1, 1), (10, 4), (20, 6), (40, 10), (80, 24), (79, 12), (300, 100)] {
            scene.stage.resize(width, height);
            assert!(!scene.text().contains('\u{1b}'));
            for _ in 0..4 {
                scene.stage.keys("<s-tab>");
            }
        }
        scene.stage.resize(80, 24).keys("<esc><esc>");
    }
}

#[test]
fn what_a_dialog_has_no_room_for_is_announced_and_reached() {
    let mut scene = Scene::new();
    let long = "東京 👩‍👩‍👧‍👦 the upstream's nightly people with a name that is longer than sixty characters";
    scene.stage.keys("ah");
    paste(&mut scene, long);
    scene.stage.keys("<tab>");
    paste(&mut scene, "/srv/in/a-directory-with-a-very-long-name-of-more-than-sixty-characters/in");
    scene.stage.keys("<tab>files.acme.example<tab>globex<tab><tab>");
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG2sMv8eQmSgSDpsSaKQVKuRxjdEvOCRQnFEzJCI8Xe1 erp@acme";
    paste(&mut scene, key);
    scene.stage.keys("<c-s>");
    let open = |scene: &Scene| matches!(scene.stage.app.dialogs.last(), Some(Dialog::Connecting(_)));
    assert!(open(&scene), "{}", scene.text());
    scene.stage.keys("v");
    insta::assert_snapshot!("drop_revealed", scene.text());
    assert!(scene.text().contains("more lines"), "{}", scene.text());
    let top = scene.text();
    scene.stage.mouse(MouseKind::WheelDown, "Directory");
    assert_ne!(scene.text(), top, "the wheel moves on");
    scene.stage.mouse(MouseKind::WheelUp, "Directory");
    assert_eq!(scene.text(), top, "and back");
    scene.stage.keys("G");
    assert!(scene.text().contains("press t") && !scene.text().contains("more lines"), "{}", scene.text());

    // A form that is longer than the screen.
    let mut scene = Scene::new();
    scene.stage.resize(120, 36).keys("as").keys(&"<tab>".repeat(8)).keys("<space>");
    scene.stage.resize(80, 24).keys(&"<up>".repeat(8));
    assert!(scene.text().contains("more fields"), "{}", scene.text());
    insta::assert_snapshot!("sftp_form_more", scene.text());
    for _ in 0..20 {
        scene.stage.mouse(MouseKind::WheelDown, "Cancel");
    }
    assert!(scene.text().contains("Notes") && !scene.text().contains("more fields"), "{}", scene.text());
    assert!(scene.text().contains("↑"), "{}", scene.text());
}
