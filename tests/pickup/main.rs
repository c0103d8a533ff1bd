//! A source's own files: each new one is imported exactly once, and what is not imported says why.

#[path = "../breaking/mod.rs"]
mod breaking;
#[path = "../common/mod.rs"]
mod common;
mod kills;
mod scene;
mod schedules;
#[path = "../common/sshd.rs"]
mod sshd;
mod troubles;

use landfall::domain::run::RunKind;
use landfall::domain::source::{
    AfterImport, Aspect, ControlFile, DriftPolicy, FinishedSign, FoundState, Held, Ignored, SourceEdit, SourceOptions,
};
use landfall::worker::error::WorkerError;
use landfall::worker::prepare;
use landfall::worker::request::ImportRequest;
use scene::{NAME, Scene, rows};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;

fn sync(scene: &Scene, status: i32) -> Vec<Value> {
    scene.landfall.json(&["sync", NAME], status)
}

#[test]
fn every_new_file_is_imported_once_oldest_first_and_then_nothing_is_new() {
    let scene = Scene::mapped();
    scene.put("b.csv", &rows("B", 3), 20);
    scene.put("a.csv", &rows("A", 2), 30);
    let runs = sync(&scene, 0);
    let told: Vec<_> = runs.iter().map(|run| (run["kind"].as_str(), run["created"].as_u64())).collect();
    assert_eq!(told, [(Some("sync"), Some(3)), (Some("sync"), Some(2))]);
    assert_eq!(scene.imported(), ["first.csv", "b.csv", "a.csv"]);
    scene.assert_conserved();

    let again = scene.landfall.run(&["sync", NAME]).exits(0);
    assert!(again.stdout.is_empty() && again.stderr.contains("nothing new"), "{again:?}");
    // A file that changed is another one.
    scene.put("a.csv", &rows("A", 4), 40);
    assert_eq!((sync(&scene, 0)[0]["created"].as_u64(), scene.imported().len()), (Some(2), 4));
    let pickups = scene.store().pickups(scene.id(), 9).unwrap();
    assert!(pickups.iter().all(|pickup| pickup.finished_ms.is_some() && pickup.fault.is_none()), "{pickups:?}");
    assert_eq!((pickups[0].listed, pickups[0].landed), (3, 1));
}

#[test]
fn the_first_file_waits_for_somebody_to_say_where_its_columns_go() {
    let scene = Scene::new();
    scene.put("a.csv", &rows("A", 2), 10);
    let said = scene.landfall.run(&["sync", NAME]).exits(3);
    assert!(said.stderr.contains("import --from"), "{said:?}");
    assert!(matches!(scene.state("a.csv"), FoundState::Held { why: Held::NotReady { .. }, .. }));
    assert!(scene.imported().is_empty());
    // Nothing is held a second time, and nothing happens by itself.
    scene.landfall.run(&["sync", NAME]).exits(0);
    let imported = scene.landfall.json(&["import", "--from", NAME, "--file", "a.csv", "--yes"], 0);
    assert_eq!(imported[0]["created"], 2);
    assert!(matches!(scene.state("a.csv"), FoundState::Taken { .. }));
    assert_eq!(scene.store().deliveries_of(scene.id()).unwrap().len(), 1, "it landed once");
    scene.put("b.csv", &rows("B", 1), 20);
    assert_eq!(sync(&scene, 0)[0]["created"], 1);
    scene.assert_conserved();
}

#[test]
fn all_new_files_are_imported_by_a_person_who_sees_them() {
    let scene = Scene::new();
    scene.put("a.csv", &rows("A", 2), 10);
    scene.put("b.csv", &rows("B", 1), 20);
    scene.landfall.run(&["import", "--from", NAME]).exits(1);
    assert!(scene.imported().is_empty(), "nobody accepted the disclaimer");
    let runs = scene.landfall.json(&["import", "--from", NAME, "--yes"], 0);
    assert_eq!(runs.iter().map(|run| run["created"].as_u64().unwrap()).collect::<Vec<_>>(), [2, 1]);
    scene.landfall.run(&["import", "--from", NAME, "--file", "c.csv", "--yes"]).exits(1);
    scene.assert_conserved();
}

#[test]
fn the_same_content_again_is_recorded_and_not_run_unless_somebody_says_so() {
    let scene = Scene::mapped();
    scene.put("a.csv", &rows("A", 2), 10);
    sync(&scene, 0);
    scene.put("copy.csv", &rows("A", 2), 20);
    assert_eq!(sync(&scene, 0), Vec::<Value>::new());
    let FoundState::Identical { delivery, to } = scene.state("copy.csv") else { panic!("{:?}", scene.states()) };
    assert!(delivery > to);
    assert_eq!(scene.imported().len(), 2);
    let imported = scene.landfall.json(&["import", "--from", NAME, "--file", "copy.csv", "--yes"], 0);
    assert_eq!((&imported[0]["unchanged"], scene.imported().len()), (&2.into(), 3));
    scene.assert_conserved();
}

#[test]
fn the_same_content_again_is_run_where_the_mapping_or_the_filters_have_changed() {
    let scene = Scene::mapped();
    let content = rows("S", 2);
    scene.put("one.csv", &content, 10);
    sync(&scene, 0);
    let store = scene.store();
    let filtered = SourceOptions { filters: vec!["email != nobody@example.com".to_owned()], ..scene.source().options };
    drop(store);
    scene.edit(SourceEdit { options: Some(filtered), ..SourceEdit::default() });
    scene.put("two.csv", &content, 20);
    let runs = sync(&scene, 0);
    assert_eq!((runs.len(), &runs[0]["unchanged"]), (1, &2.into()), "{runs:?}");
    scene.put("three.csv", &content, 30);
    assert_eq!(sync(&scene, 0).len(), 0, "nothing has changed since");
    assert!(matches!(scene.state("three.csv"), FoundState::Identical { .. }), "{:?}", scene.states());
    scene.assert_conserved();
}

#[test]
fn columns_that_were_accepted_as_unmapped_are_no_change_of_the_mapping() {
    let scene = Scene::new();
    let content = "ref,name,email,shoe size\nF-1,Ada One,ada@example.com,41\n";
    scene.put("first.csv", content, 0);
    scene.landfall.json(&["import", "--from", NAME, "--file", "first.csv", "--yes", "--accept-unmapped"], 0);
    scene.put("copy.csv", content, 10);
    assert_eq!(sync(&scene, 0), Vec::<Value>::new());
    assert!(matches!(scene.state("copy.csv"), FoundState::Identical { .. }), "{:?}", scene.states());
}

#[test]
fn content_of_which_only_a_sample_was_imported_is_imported_when_it_comes_again() {
    let scene = Scene::mapped();
    let content = rows("S", 3);
    scene.put("one.csv", &content, 10);
    let sample = ["import", "--from", NAME, "--file", "one.csv", "--yes", "--sample", "1"];
    assert_eq!(scene.landfall.json(&sample, 0)[0]["created"], 1);
    scene.put("two.csv", &content, 20);
    let runs = sync(&scene, 0);
    assert_eq!((&runs[0]["created"], &runs[0]["unchanged"]), (&2.into(), &1.into()), "{runs:?}");
    scene.assert_conserved();
}

#[test]
fn an_imported_file_that_is_only_looked_at_again_is_not_imported_again_by_itself() {
    let scene = Scene::mapped();
    scene.put("a.csv", &rows("A", 2), 10);
    sync(&scene, 0);
    scene.landfall.run(&["settings", "keep_deliveries_days=0"]).exits(0);
    scene.landfall.run(&["purge"]).exits(0);
    let options = SourceOptions { filters: vec!["email != nobody@example.com".to_owned()], ..scene.source().options };
    scene.edit(SourceEdit { options: Some(options), ..SourceEdit::default() });
    scene.landfall.run(&["import", "--from", NAME, "--file", "a.csv", "--dry-run"]).exits(0);
    assert_eq!(sync(&scene, 0), Vec::<Value>::new(), "records that came before are not reconsidered by themselves");
    assert!(matches!(scene.state("a.csv"), FoundState::Taken { .. }), "{:?}", scene.states());
    scene.assert_conserved();
}

#[test]
fn what_cannot_be_imported_is_held_with_the_reason() {
    let scene = Scene::mapped();
    scene.put("empty.csv", "", 10);
    scene.put("header.csv", "ref,name,email\n", 20);
    fs::write(scene.drop().join("picture.csv"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0").unwrap();
    scene.put("gone.csv", "ref,name\nG-1,Gone One\n", 40);
    scene.put("good.csv", &rows("G", 1), 50);
    let said = scene.landfall.run(&["sync", NAME, "--json"]).exits(3);
    assert_eq!(said.lines().len(), 1, "the others do not stand in the way of the good one");
    let held = |name: &str| match scene.state(name) {
        FoundState::Held { delivery: Some(_), why } => why.code(),
        other => panic!("{name} is {other:?}"),
    };
    assert_eq!((held("empty.csv"), held("header.csv")), ("empty", "empty"));
    assert_eq!((held("picture.csv"), held("gone.csv")), ("unreadable", "schema_changed"));
    assert!(
        !format!("{:?}", scene.state("picture.csv")).contains("deliveries"),
        "the file is called what it was called"
    );
    scene.assert_conserved();
}

#[test]
fn a_file_that_another_process_takes_while_a_person_looks_at_it_is_imported_once() {
    let scene = Scene::mapped();
    scene.put("a.csv", &rows("A", 2), 10);
    // It is fetched, and nobody has said yes.
    scene.landfall.run(&["import", "--from", NAME, "--file", "a.csv"]).exits(1);
    let FoundState::Landed { delivery } = scene.state("a.csv") else { panic!("{:?}", scene.states()) };
    let mut store = scene.store();
    let (source, landed) = (scene.source(), store.delivery(delivery).unwrap().unwrap());
    let request = ImportRequest::of_delivery(&source, &landed, RunKind::Import, "ann".to_owned()).unwrap();
    let prepared = prepare::prepare(&store, &request, 1).unwrap();
    assert_eq!(sync(&scene, 0)[0]["created"], 2);
    let refused = prepare::enqueue(&mut store, &prepared, 1).unwrap_err();
    assert!(matches!(&refused, WorkerError::Refused(why) if why.code == "taken_meanwhile"), "{refused:?}");
    assert_eq!(scene.imported(), ["first.csv", "a.csv"]);
    scene.assert_conserved();
}

#[test]
fn what_was_forgotten_before_it_was_imported_does_not_stop_the_others() {
    let scene = Scene::mapped();
    scene.put("a.csv", &rows("A", 2), 10);
    scene.landfall.run(&["import", "--from", NAME, "--file", "a.csv"]).exits(1);
    let FoundState::Landed { delivery } = scene.state("a.csv") else { panic!("{:?}", scene.states()) };
    let path = scene.store().delivery(delivery).unwrap().unwrap().path;
    scene.store().purge_these(&[delivery], 1).unwrap();
    fs::remove_file(path).unwrap();
    scene.put("b.csv", &rows("B", 1), 20);
    assert_eq!(sync(&scene, 3)[0]["created"], 1);
    assert!(matches!(scene.state("a.csv"), FoundState::Held { .. }), "{:?}", scene.states());
}

#[test]
fn a_column_that_the_source_maps_by_name_and_that_has_gone_is_a_changed_header() {
    let scene = Scene::mapped();
    scene.landfall.run(&["source", "edit", NAME, "--map", "email=email"]).exits(0);
    scene.put("gone.csv", "ref,name\nG-1,Gone One\n", 10);
    scene.landfall.run(&["sync", NAME]).exits(3);
    match scene.state("gone.csv") {
        FoundState::Held { why: Held::SchemaChanged { what }, .. } => assert!(what.contains("email"), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn columns_go_by_name_and_a_new_one_is_accepted_and_waits_for_a_review() {
    let scene = Scene::mapped();
    scene.landfall.json(&["mapping", "review", NAME], 0);
    let mapping = scene.source().mapping;
    scene.put("reordered.csv", "email,ref,name\nada@example.com,F-1,Ada Two\n", 10);
    assert_eq!(sync(&scene, 0)[0]["updated"], 1);
    assert_eq!((scene.source().mapping, scene.source().reviewed.is_some()), (mapping.clone(), true));
    scene.put("wider.csv", "ref,name,email,shoe size\nF-2,Bo Two,bo@example.com,44\n", 20);
    let run = sync(&scene, 0).remove(0);
    assert_eq!((&run["created"], &run["status"]), (&1.into(), &"completed".into()));
    assert_ne!(scene.source().mapping, mapping);
    assert_eq!(scene.source().reviewed, None, "the new column is to be looked at");
    scene.put("wider2.csv", "ref,name,email,shoe size\nF-3,Cy Three,cy@example.com,41\n", 30);
    assert_eq!(sync(&scene, 0)[0]["created"], 1);
    scene.assert_conserved();
}

#[test]
fn a_file_that_is_still_growing_is_not_taken() {
    let scene = Scene::mapped();
    scene.contract(|contract| contract.finished = FinishedSign::Still { seconds: 1 });
    scene.put("a.csv", &rows("A", 1), 10);
    let growing = scene.drop().join("grows.csv");
    fs::write(&growing, rows("G", 1)).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let mut text = fs::read_to_string(&growing).unwrap();
                text.push_str("G-x,Name,gx@example.com\n");
                fs::write(&growing, text).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
        });
        let runs = sync(&scene, 0);
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(runs.len(), 1, "{runs:?}");
    });
    assert_eq!(
        (scene.imported(), scene.state("grows.csv")),
        (vec!["first.csv".into(), "a.csv".into()], FoundState::Settling)
    );
    sync(&scene, 0);
    assert!(matches!(scene.state("grows.csv"), FoundState::Taken { .. }));
}

#[test]
fn a_file_with_a_marker_is_taken_when_the_marker_is_there() {
    let scene = Scene::mapped();
    scene.contract(|contract| contract.finished = FinishedSign::Marker { suffix: ".done".into() });
    scene.put("a.csv", &rows("A", 1), 10);
    assert!(sync(&scene, 0).is_empty());
    assert_eq!(scene.state("a.csv"), FoundState::Settling);
    scene.put("a.csv.done", "", 20);
    assert_eq!(sync(&scene, 0).len(), 1);
    assert_eq!(scene.state("a.csv.done"), FoundState::Ignored { why: Ignored::Companion });
}

#[test]
fn a_file_that_may_not_be_whole_waits_for_a_person() {
    let scene = Scene::mapped();
    let whole = rows("W", 6);
    // The way to a cell's end, a row's end and a line's end.
    scene.put("cell.csv", &format!("{whole}C-1,\"Ada O"), 10);
    scene.put("row.csv", &format!("{whole}R-1,Ada"), 20);
    scene.put("line.csv", &format!("{whole}L-1,Ada,l@example.com"), 30);
    scene.put("whole.csv", &whole, 40);
    let said = scene.landfall.run(&["sync", NAME]).exits(3);
    assert!(said.stderr.contains("may not have been uploaded whole"), "{said:?}");
    for (name, sign) in [("cell.csv", "quoted cell"), ("row.csv", "last row has 2 cells"), ("line.csv", "no line end")]
    {
        match scene.state(name) {
            FoundState::Held { why: Held::PerhapsUnfinished { sign: said }, .. } if said.contains(sign) => {}
            other => panic!("{name} is {other:?}"),
        }
    }
    assert_eq!(scene.imported(), ["first.csv", "whole.csv"]);
    // The rest of it comes: that is another file.
    scene.put("line.csv", &format!("{whole}L-1,Ada,l@example.com\n"), 50);
    sync(&scene, 0);
    let imported =
        scene.landfall.json(&["import", "--from", NAME, "--file", "row.csv", "--yes", "--accept-short-rows"], 0);
    assert_eq!(imported[0]["created"], 1, "a person may");
    assert_eq!(scene.imported(), ["first.csv", "whole.csv", "line.csv", "row.csv"]);
    scene.assert_conserved();
}

#[test]
fn a_delivery_is_taken_when_it_is_what_its_control_file_says() {
    let scene = Scene::mapped();
    scene.contract(|contract| contract.control = Some(ControlFile { suffix: ".ctl".into() }));
    for (at, (name, control)) in
        [("good.csv", "rows=2"), ("rows.csv", "rows=3"), ("hash.csv", &"0".repeat(64)), ("odd.csv", "?")]
            .into_iter()
            .enumerate()
    {
        scene.put(name, &rows(name, 2), at as u64);
        scene.put(&format!("{name}.ctl"), control, at as u64);
    }
    scene.put("alone.csv", &rows("alone", 2), 90);
    assert_eq!(sync(&scene, 3).len(), 1);
    for name in ["rows.csv", "hash.csv", "odd.csv"] {
        let state = scene.state(name);
        assert!(matches!(state, FoundState::Held { why: Held::ControlMismatch { .. }, .. }), "{name} is {state:?}");
    }
    assert_eq!(scene.state("alone.csv"), FoundState::Settling, "what the upstream says of it has not come yet");
    scene.put("alone.csv.ctl", "{\"rows\": 2}", 95);
    assert_eq!(sync(&scene, 0).len(), 1);
    assert_eq!(scene.imported(), ["first.csv", "good.csv", "alone.csv"]);
}

#[test]
fn what_a_changed_header_does_is_the_policy_of_the_source() {
    let wider = "ref,name,email,shoe size\nW-1,A,a@example.com,44\nW-2,B,b@example.com,45\nW-3,C,c@example.com,46\n";
    let files = [
        ("reordered", "email,name,ref\no@example.com,Ordered,O-1\n"),
        ("wider", wider),
        ("lacking", "ref,name\nG-1,Gone\n"),
        ("renamed", "ref,name,e-mail\nR-1,Ren,r@example.com\n"),
        ("other kind", "ref,name,email\nK-1,A,2026-01-01\nK-2,B,2026-01-02\nK-3,C,2026-01-03\n"),
    ];
    for (policy, imported) in [
        (DriftPolicy::CarryOn, &["reordered", "wider"][..]),
        (DriftPolicy::Review, &["reordered"]),
        (DriftPolicy::Stop, &[]),
    ] {
        let scene = Scene::mapped();
        // So that there is something to compare with.
        scene.put("before.csv", &rows("B", 5), 1);
        sync(&scene, 0);
        scene.contract(|contract| contract.drift = policy);
        for (at, (name, content)) in files.into_iter().enumerate() {
            let name = format!("{name}.csv");
            scene.put(&name, content, 10 + at as u64);
            scene.landfall.run(&["sync", NAME]);
            let state = scene.state(&name);
            match &state {
                FoundState::Taken { .. } => {}
                FoundState::Held { why: Held::SchemaChanged { what }, .. } if !what.is_empty() => {}
                other => panic!("{name} is {other:?}"),
            }
            let is_imported = matches!(state, FoundState::Taken { .. });
            assert_eq!(is_imported, imported.iter().any(|one| name.starts_with(one)), "{policy:?} {name}: {state:?}");
        }
        scene.assert_conserved();
    }
}

#[test]
fn what_is_unusual_about_a_delivery_is_said_and_stops_nothing() {
    let scene = Scene::mapped();
    for n in 0..6 {
        scene.put(&format!("{n}.csv"), &rows(&format!("N{n}"), 100), 10 + n);
    }
    sync(&scene, 0);
    scene.contract(|contract| contract.rows = Some((50, 200)));
    scene.put("small.csv", &rows("S", 3), 60);
    let said = scene.landfall.run(&["sync", NAME, "--json"]).exits(3);
    assert!(said.stderr.contains("far fewer than the usual 100"), "{said:?}");
    let run = &said.lines()[0];
    assert_eq!((&run["created"], &run["status"]), (&3.into(), &"needs_attention".into()));
    assert!(run["error"].as_str().unwrap().contains("50 to 200 were agreed"), "{run}");
    let notes = scene.store().run(scene.runs().last().unwrap().0).unwrap().unwrap().notes;
    assert!(notes.iter().any(|note| note.text.contains("far fewer")), "{notes:?}");
    scene.assert_conserved();
}

#[test]
fn nothing_but_files_of_the_pattern_is_touched() {
    let scene = Scene::mapped();
    let secret = scene.landfall.file("secret.txt", "ref,name\nS-1,Secret\n");
    symlink(&secret, scene.drop().join("link.csv")).unwrap();
    symlink("loop.csv", scene.drop().join("loop.csv")).unwrap();
    fs::create_dir(scene.drop().join("dir.csv")).unwrap();
    let pipe = scene.drop().join("pipe.csv");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    scene.put("notes.txt", "ref,name\nN-1,Notes\n", 10);
    scene.put("-rf.csv", &rows("R", 1), 20);
    assert_eq!(sync(&scene, 0).len(), 1);
    let refused = |name: &str| matches!(scene.state(name), FoundState::Refused { .. });
    assert!(["link.csv", "loop.csv", "pipe.csv"].into_iter().all(refused), "{:?}", scene.states());
    assert_eq!(scene.state("notes.txt"), FoundState::Ignored { why: Ignored::Pattern });
    assert_eq!(scene.state("dir.csv"), FoundState::Ignored { why: Ignored::Directory });
    scene.landfall.run(&["import", "--from", NAME, "--file", "link.csv", "--yes"]).exits(1);
    assert_eq!(scene.imported(), ["first.csv", "-rf.csv"]);
}

#[test]
fn an_imported_file_is_left_moved_or_deleted_as_the_source_says() {
    let scene = Scene::mapped();
    assert_eq!(scene.left(), ["first.csv"]);
    fs::create_dir(scene.drop().join("done")).unwrap();
    scene.after(AfterImport::Move { directory: "done".into() });
    scene.put("a.csv", &rows("A", 1), 10);
    sync(&scene, 0);
    assert_eq!(scene.left(), ["done"], "what was imported before goes, too");
    assert!(scene.drop().join("done/a.csv").is_file() && scene.drop().join("done/first.csv").is_file());
    scene.after(AfterImport::Delete);
    scene.put("b.csv", &rows("B", 1), 20);
    scene.put("held.csv", "ref,name\nH-1,Held\n", 30);
    sync(&scene, 3);
    assert_eq!(scene.left(), ["done", "held.csv"], "what was not imported stays");
    scene.assert_conserved();
}

#[test]
fn a_place_that_needs_a_person_blocks_the_source_until_somebody_has_dealt_with_it() {
    let scene = Scene::mapped();
    fs::rename(scene.drop(), scene.landfall.dir().join("elsewhere")).unwrap();
    let said = scene.landfall.run(&["sync", NAME, "--json"]).exits(1).object();
    assert_eq!(said["error"]["code"], "directory_missing", "{said}");
    assert_eq!(scene.source().blocked.unwrap().code, "directory_missing");
    fs::rename(scene.landfall.dir().join("elsewhere"), scene.drop()).unwrap();
    scene.put("a.csv", &rows("A", 1), 10);
    let said = scene.landfall.run(&["sync", NAME, "--json"]).exits(1).object();
    assert_eq!(said["error"]["code"], "source_blocked", "{said}");
    assert_eq!(scene.landfall.json(&["sync", NAME, "--yes"], 0)[0]["created"], 1);
    assert_eq!(scene.source().blocked, None);
}

#[test]
fn a_source_that_brings_no_files_or_is_paused_is_not_synced() {
    let scene = Scene::mapped();
    scene.landfall.file("up.csv", rows("U", 1));
    scene.landfall.import("up.csv", &[]);
    let code = |args: &[&str]| scene.landfall.run(args).exits(1).object()["error"]["code"].clone();
    assert_eq!(code(&["sync", "up", "--json"]), "source_kind");
    assert_eq!(code(&["sync", "nobody", "--json"]), "not_found");
    scene.landfall.json(&["source", "pause", NAME], 0);
    assert_eq!(code(&["sync", NAME, "--json"]), "source_paused");
}

#[test]
fn a_backfill_brings_what_a_filter_kept_out_and_says_first_how_much() {
    let scene = Scene::mapped();
    let filter = |text: &[&str]| {
        let options = landfall::domain::source::SourceOptions {
            filters: text.iter().map(|text| (*text).to_owned()).collect(),
            set_by: Some("ann".into()),
            ..Default::default()
        };
        scene.edit(SourceEdit { options: Some(options), ..SourceEdit::default() });
    };
    filter(&["email = a0@example.com"]);
    scene.put("a.csv", &rows("A", 3), 10);
    assert_eq!(sync(&scene, 0)[0]["skipped"], 2);
    filter(&[]);
    assert_eq!(scene.store().source_changes(scene.id(), Aspect::Options).unwrap().len(), 3);
    assert!(sync(&scene, 0).is_empty(), "what came before is not considered again by itself");
    let asked = scene.landfall.run(&["backfill", NAME, "--since", "2026-01-01"]).exits(1);
    assert!(asked.stderr.contains("a.csv: 3 rows; 2 would be created, 0 updated, 1 unchanged"), "{asked:?}");
    assert_eq!(scene.imported().len(), 2);
    let runs = scene.landfall.json(&["backfill", NAME, "--since", "2026-01-01", "--yes"], 0);
    assert_eq!(runs.iter().map(|run| &run["kind"]).collect::<Vec<_>>(), ["backfill", "backfill"]);
    assert_eq!(runs.iter().map(|run| run["created"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 2]);
    let later = scene.landfall.run(&["backfill", NAME, "--since", "2999-01-01", "--yes"]).exits(0);
    assert!(later.stderr.contains("Nothing has arrived"), "{later:?}");
    scene.assert_conserved();
}

#[test]
fn the_worker_is_installed_or_says_the_line_for_cron() {
    let scene = Scene::new();
    let said = scene.landfall.json(&["worker", "--install"], 0).remove(0);
    let crontab = said["crontab"].as_str().unwrap();
    assert!(crontab.contains("worker --once") && crontab.contains(scene.landfall.workspace().to_str().unwrap()));
    if let Some(unit) = said["unit"].as_str() {
        assert!(fs::read_to_string(unit).unwrap().contains("%h/workspace"));
    }
}

#[test]
fn a_file_that_is_brought_to_be_looked_at_is_whole_and_its_import_is_left_to_a_person() {
    use landfall::worker::pickup::{Bringing, Means, bring_to_look};
    use std::cell::{Cell, RefCell};
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    let scene = Scene::new();
    scene.contract(|contract| contract.finished = FinishedSign::Still { seconds: 30 });
    scene.put("a.csv", &rows("A", 3), 10);
    scene.put("b.csv", &rows("B", 3), 20);
    let now = Cell::new(1_700_000_000_000_i64);
    let grows = Cell::new(false);
    let sleep = |time: Duration| {
        now.set(now.get() + time.as_millis() as i64);
        if grows.get() {
            scene.put("b.csv", &rows("B", 9), 40);
        }
    };
    let means = Means {
        stop: &AtomicBool::new(false),
        now_ms: &|| now.get(),
        env: &|_| None,
        sleep: &sleep,
        random: &|| 0.5,
        user: "ann",
        threads: 1,
        on_wait: &|_| {},
        #[cfg(feature = "broken-variants")]
        taken_apart: false,
    };
    let told = RefCell::new(Vec::new());
    let bring = |name: Option<&str>| {
        told.borrow_mut().clear();
        bring_to_look(&mut scene.store(), scene.id(), name, &means, &mut |bringing| {
            told.borrow_mut().push(match bringing {
                Bringing::Waiting { name, time } => format!("{name} in {time:?}"),
                Bringing::Fetching { name, bytes, of } => format!("{name} {}", bytes == of),
            });
        })
    };
    grows.set(true);
    let error = bring(Some("b.csv")).expect_err("it grew while it was watched").to_string();
    assert!(error.contains("may still be uploaded"), "{error}");
    grows.set(false);
    now.set(now.get() + 31_000);
    let brought = bring(None).expect("the newest");
    assert_eq!(told.borrow().last().map(String::as_str), Some("b.csv true"));
    assert_eq!(scene.state("b.csv").delivery(), Some(brought));
    assert!(matches!(scene.state("b.csv"), FoundState::Held { .. }), "whoever looks at it decides about it");
    assert_eq!(bring(None).expect("the same"), brought, "what is here is not fetched once more");
    scene.put("c.csv", &rows("C", 3), 60);
    let later = bring(Some("c.csv")).expect("the file of that name");
    assert_eq!(told.borrow().first().map(String::as_str), Some("c.csv in 30s"));
    assert_ne!(later, brought);
    assert!(bring(Some("d.csv")).is_err());
    assert_eq!(scene.imported(), Vec::<String>::new());
    // Nobody has mapped it: the next pickup holds it for a person, and imports nothing either.
    scene.landfall.run(&["sync", NAME]).exits(3);
    assert!(matches!(scene.state("b.csv"), FoundState::Held { .. }), "{:?}", scene.states());
    assert_eq!(scene.imported(), Vec::<String>::new());
}
