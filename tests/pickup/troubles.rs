//! What goes wrong on the way: it is seen while it is tried again, it stays with its file, and it keeps nothing else back.

use crate::scene::{NAME, Scene, rows};
use crate::sshd::Sshd;
use landfall::domain::run::RunKind;
use landfall::domain::source::{
    AfterImport, Connection, FoundState, Held, HostKeyTrust, Login, PickupCause, Sftp, SourceEdit,
};
use landfall::store::Store;
use landfall::worker::pickup::{Extent, Wanted, pick_up};
use landfall::worker::prepare;
use landfall::worker::request::ImportRequest;
use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;

/// Has a file fetched, and nothing else; where its delivery lies.
fn fetched(scene: &Scene, name: &str) -> PathBuf {
    scene.landfall.run(&["import", "--from", NAME, "--file", name]).exits(1);
    let FoundState::Landed { delivery } = scene.state(name) else { panic!("{:?}", scene.states()) };
    scene.store().delivery(delivery).unwrap().unwrap().path
}

#[track_caller]
fn assert_lost(scene: &Scene, name: &str) {
    match scene.state(name) {
        FoundState::Held { why: Held::NotReady { code, message }, .. } if code == "delivery_missing" => {
            assert!(message.contains("import --from \"globex\" --file \"a.csv\""), "{message}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_delivery_that_is_missing_is_held_and_the_others_go_on() {
    let scene = Scene::mapped();
    scene.put("a.csv", &rows("A", 2), 10);
    fs::remove_file(fetched(&scene, "a.csv")).unwrap();
    scene.put("b.csv", &rows("B", 1), 20);
    let said = scene.landfall.run(&["sync", NAME]).exits(3);
    assert!(said.stderr.contains("held: a.csv: What was fetched of it is no longer"), "{said:?}");
    assert_lost(&scene, "a.csv");
    assert_eq!(scene.imported(), ["first.csv", "b.csv"]);
    // What it says helps.
    let imported = scene.landfall.json(&["import", "--from", NAME, "--file", "a.csv", "--yes"], 0);
    assert_eq!(imported[0]["created"], 2);
    scene.assert_conserved();
}

#[test]
fn a_sync_that_cannot_reach_the_files_says_all_the_same_what_it_held() {
    let scene = Scene::mapped();
    scene.put("a.csv", &rows("A", 2), 10);
    fs::remove_file(fetched(&scene, "a.csv")).unwrap();
    fs::rename(scene.drop(), scene.landfall.dir().join("elsewhere")).unwrap();
    let said = scene.landfall.run(&["sync", NAME, "--json"]).exits(1);
    assert!(said.stderr.contains("held: a.csv"), "{said:?}");
    assert_eq!(said.object()["error"]["code"], "directory_missing");
    assert_lost(&scene, "a.csv");
    scene.assert_conserved();
}

#[test]
fn a_file_that_cannot_be_put_away_says_why_until_it_can() {
    let scene = Scene::mapped();
    scene.after(AfterImport::Move { directory: "done".into() });
    scene.put("a.csv", &rows("A", 1), 10);
    let why = |scene: &Scene| {
        let files = scene.landfall.json(&["source", "files", NAME, "--all"], 0);
        let file = files.into_iter().find(|file| file["name"] == "a.csv").unwrap();
        (file["state"].as_str().unwrap().to_owned(), file["why"].as_str().unwrap_or_default().to_owned())
    };
    let said = scene.landfall.run(&["sync", NAME]).exits(3);
    assert!(said.stderr.contains("left: a.csv: "), "{said:?}");
    let (state, told) = why(&scene);
    assert!(state == "imported" && told.contains("could not be put away"), "{state}: {told}");
    let shown = scene.landfall.run(&["source", "show", NAME]).exits(0);
    assert!(shown.text().contains("2 files could not be fetched or put away"), "{shown:?}");
    fs::create_dir(scene.drop().join("done")).unwrap();
    scene.landfall.run(&["sync", NAME]).exits(0);
    assert_eq!(why(&scene), ("imported".to_owned(), String::new()));
    assert_eq!(scene.left(), ["done"]);
    scene.assert_conserved();
}

#[test]
fn a_look_that_is_tried_again_says_what_it_met_and_when_it_tries_again() {
    let server = Sshd::start();
    let scene = Scene::mapped();
    let sftp = Sftp {
        host: "127.0.0.1".to_owned(),
        port: server.port(),
        user: server.user().to_owned(),
        directory: server.drop_dir().display().to_string(),
        login: Login::KeyFile { path: server.key().display().to_string(), passphrase: None },
        host_key: HostKeyTrust::Pinned { sha256: server.fingerprint("ed25519") },
    };
    scene.edit(SourceEdit { connection: Some(Connection::Sftp(sftp)), ..SourceEdit::default() });
    fs::write(server.drop_dir().join("a.csv"), rows("A", 3)).unwrap();
    server.kill();
    let met = RefCell::new(None);
    let on_sleep = |_| {
        if met.borrow().is_none() {
            *met.borrow_mut() = scene.store().pickups(scene.id(), 1).unwrap().pop();
            server.run();
        }
    };
    let wanted = Wanted { cause: PickupCause::Schedule, extent: Extent::Bring, kind: RunKind::Sync, dues: None };
    let id = scene.id();
    let report = scene.with_means(&on_sleep, |store, means| pick_up(store, id, &wanted, means)).unwrap().unwrap();
    let met = met.into_inner().expect("it waited");
    let waiting = met.waiting.expect("it says so");
    assert_eq!((waiting.fault.code.as_str(), waiting.number, waiting.most), ("connection_refused", 2, 6));
    assert!(met.finished_ms.is_none() && waiting.next_try_ms > met.started_ms, "{waiting:?}");
    assert_eq!((report.fault, report.runs.len()), (None, 1));
    let ended = scene.store().pickups(id, 1).unwrap().remove(0);
    assert_eq!((ended.id, ended.waiting, ended.fault), (met.id, None, None));
    scene.landfall.run(&["worker", "--once"]).exits(0);
    assert_eq!(scene.imported(), ["first.csv", "a.csv"]);
    scene.assert_conserved();
}

#[test]
fn of_two_imports_of_the_same_content_the_one_that_goes_on_does_not_lose_its_file() {
    let scene = Scene::mapped();
    let user = || "ann".to_owned();
    let file = |name: &str| scene.landfall.file(name, rows("T", 2));
    let (one, other) = (file("one.csv"), file("other.csv"));
    let mut store: Store = scene.store();
    let request = |path| ImportRequest { source: Some("two".into()), ..ImportRequest::new(path, user()) };
    let (first, second) =
        (prepare::prepare(&store, &request(one), 1).unwrap(), prepare::prepare(&store, &request(other), 1).unwrap());
    // Somebody says no to the second, whose copy is that of the first.
    prepare::discard(&mut store, &second, 1).unwrap();
    let refused = prepare::enqueue(&mut store, &first, 1).unwrap_err();
    assert!(refused.to_string().contains("given up just then"), "{refused}");
    assert!(store.source_by_name("two").unwrap().is_none(), "nothing of it was written down");
    let again = prepare::prepare(&store, &request(scene.landfall.dir().join("one.csv")), 1).unwrap();
    let run = prepare::enqueue(&mut store, &again, 1).unwrap();
    // A registered one is no longer anybody's to remove.
    prepare::discard(&mut store, &second, 1).unwrap();
    scene.landfall.run(&["worker", "--once"]).exits(0);
    assert!(store.run(run).unwrap().unwrap().status.is_finished());
    scene.assert_conserved();
}
