//! Sources that bring their own files, delivered to by real pickups at set times.

use crate::scene::{DAY, HOUR, MINUTE, Scene};
use crate::stage::NOW;
use chrono_tz::Tz;
use landfall::app::message::Act;
use landfall::domain::id::SourceId;
use landfall::domain::source::{
    Connection, Contract, Directory, DriftPolicy, FinishedSign, NamePattern, Schedule, SourceEdit, SourceMode,
};
use landfall::shell::acts;
use landfall::store::NewSource;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

pub const HEADER: &str = "First Name,Email,Customer No\n";

/// A file of so many people; `day` makes them others than those of another day.
pub fn people(number: u64, day: u64) -> String {
    let row = |at: u64| format!("P{at},p{day}-{at}@example.com,{}\n", 100_000 + day * 1_000 + at);
    format!("{HEADER}{}", (0..number).map(row).collect::<String>())
}

/// Where a source's files lie.
pub fn directory(scene: &Scene, name: &str) -> PathBuf {
    scene.landfall.dir().join(name.to_lowercase().replace(' ', "-"))
}

/// A contract for this pattern, due as a cron expression says in UTC.
pub fn contract(pattern: &str, cron: Option<&str>) -> Contract {
    Contract {
        pattern: NamePattern::parse(pattern).expect("a pattern"),
        cadence: cron.map(|cron| Schedule::parse(cron, Tz::UTC).expect("a schedule")),
        grace_minutes: 30,
        verified_by: Some("Ana compares the count with the ERP's report".to_owned()),
        columns: None,
        rows: None,
        finished: FinishedSign::Still { seconds: 30 },
        control: None,
        drift: DriftPolicy::CarryOn,
    }
}

/// A directory that is watched since three days ago, with its owner.
pub fn watched(scene: &mut Scene, name: &str, owner: &str, contract: Contract) -> SourceId {
    let path = directory(scene, name);
    std::fs::create_dir_all(&path).expect("a directory");
    let new = NewSource { name, kind: "dir", provider: None, mode: SourceMode::Ongoing, created_ms: NOW - 3 * DAY };
    let store = &mut scene.stage.desk.store;
    let id = store.add_source(&new).expect("a source").id();
    let edit = SourceEdit {
        owner: Some(Some(owner.to_owned())),
        connection: Some(Connection::Dir(Directory { path: path.to_string_lossy().into_owned() })),
        schedule: Some(Some(Schedule::parse("*/15 * * * *", Tz::UTC).expect("a schedule"))),
        contract: Some(contract),
        ..SourceEdit::default()
    };
    store.edit_source(id, &edit, "ann", NOW - 3 * DAY).expect("the source");
    id
}

/// Puts a file there at a time.
pub fn put(scene: &Scene, name: &str, file: &str, content: &str, at_ms: i64) {
    let path = directory(scene, name).join(file);
    std::fs::write(&path, content).expect("a file");
    let at = UNIX_EPOCH + Duration::from_millis(at_ms as u64);
    std::fs::File::options().write(true).open(&path).and_then(|file| file.set_modified(at)).expect("a date");
}

/// Looks twice, so that what lies still is fetched, and carries out the runs.
pub fn sync(scene: &mut Scene, id: SourceId, at_ms: i64) {
    for at_ms in [at_ms, at_ms + MINUTE] {
        // A process that another test starts holds every open lock until it has become its own program.
        let done = (0..200).find_map(|_| {
            let done = scene.stage.at(at_ms, |desk| acts::carry_out(desk, Act::SyncSource(id)));
            let is_busy = matches!(&done, Err(failure) if failure.message.contains("Another process"));
            if is_busy {
                std::thread::sleep(Duration::from_millis(10));
            }
            (!is_busy).then_some(done)
        });
        done.expect("the source's lock").expect("a sync");
    }
    work(scene, at_ms + 2 * MINUTE);
}

/// Has a person import files by name.
pub fn import(scene: &mut Scene, id: SourceId, files: &[&str], at_ms: i64) {
    let names = files.iter().map(|file| (*file).to_owned()).collect();
    scene.stage.at(at_ms, |desk| acts::carry_out(desk, Act::ImportFiles(id, names))).expect("an import");
    work(scene, at_ms + MINUTE);
}

fn work(scene: &mut Scene, at_ms: i64) {
    let now = std::mem::replace(&mut scene.stage.now_ms, at_ms);
    scene.stage.at(at_ms, |_| ());
    scene.stage.work();
    scene.stage.now_ms = now;
}

/// Nothing of the schedule is left to be done.
pub fn up_to_date(scene: &mut Scene, id: SourceId) {
    let dues = landfall::store::Dues { until_ms: NOW, ..Default::default() };
    scene.stage.desk.store.note_missed(id, &dues).expect("the source");
}

/// The number that tells the people of a source of [`every_contract`], delivered two days ago, from others.
pub fn every_day_of(name: &str) -> u64 {
    let at = NAMES.iter().position(|known| *known == name).expect("a source of every contract");
    20 * at as u64 + 2
}

const NAMES: [&str; 8] =
    ["Globex nightly", "Initech noon", "Acme ERP", "Umbrella", "Hooli", "Wayne", "Soylent", "Tyrell"];

/// Each with a delivery of two days ago that was imported, and what came of it today.
pub fn every_contract() -> Scene {
    let mut scene = Scene::new();
    let early = NOW - 2 * DAY - 7 * HOUR;
    for (at, (name, cron, today)) in [
        ("Globex nightly", "0 6 * * *", None),
        ("Initech noon", "30 12 * * *", None),
        ("Acme ERP", "0 12 * * *", Some("First Name,E-Mail Address,Customer No\nAna,ana@example.com,1\n".to_owned())),
        ("Umbrella", "0 12 * * *", Some(HEADER.to_owned())),
        ("Hooli", "0 12 * * *", Some(format!("{HEADER}Ana,\"ana@exam"))),
        ("Wayne", "0 12 * * *", Some(people(40, 90))),
        ("Soylent", "0 13 * * *", None),
        ("Tyrell", "0 14 * * *", None),
    ]
    .into_iter()
    .enumerate()
    {
        let id = watched(&mut scene, name, "Dana (ERP team)", contract("people_*.csv", Some(cron)));
        let day = at as u64;
        for ago in [2, 1] {
            let file = format!("people_{}.csv", 20 - ago);
            put(&scene, name, &file, &people(40, 20 * day + ago as u64), early);
            let due = (NOW - ago * DAY) - 62 * MINUTE;
            if ago == 2 {
                sync(&mut scene, id, due);
                import(&mut scene, id, &[&file], due + 5 * MINUTE);
            } else {
                sync(&mut scene, id, due);
            }
        }
        if let Some(today) = today {
            put(&scene, name, "people_20.csv", &today, NOW - 64 * MINUTE);
            sync(&mut scene, id, NOW - 62 * MINUTE);
        } else {
            sync(&mut scene, id, NOW - 17 * MINUTE);
        }
        up_to_date(&mut scene, id);
    }
    scene.refresh();
    scene
}
