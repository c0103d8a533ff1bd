//! A workspace with sources in every state, and the stage on it.

use crate::common::Landfall;
use crate::stage::{NOW, Stage};
use landfall::app::message::{Message, Question};
use landfall::domain::id::{RunId, SourceId};
use landfall::domain::run::{Interruption, RunKind, RunStatus};
use landfall::domain::source::{SourceEdit, SourceMode};
use landfall::store::{NewSource, RunFilter};
use landfall::worker::prepare;
use landfall::worker::request::ImportRequest;

pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// A file whose columns all find their fields.
pub const NEWS: &str = "First Name,Email,Phone,City\nAna,ana@example.com,+43 1 234567,Graz\nBo,bo@example.com,,Wien\n";

pub const GOOD: &str = "First Name,Email,Customer No\nAna,ana@example.com,100001\nBo,bo@example.com,100002\n";

/// A workspace with a stage on it.
pub struct Scene {
    pub landfall: Landfall,
    pub stage: Stage,
}

impl Scene {
    pub fn new() -> Scene {
        let landfall = Landfall::new();
        let stage = Stage::open(&landfall.workspace());
        Scene { landfall, stage }
    }

    /// Imports a text into a source at a time, as a worker would.
    pub fn import(&mut self, source: &str, csv: &str, at_ms: i64) -> RunId {
        let run = self.queue(source, csv, at_ms);
        let now = std::mem::replace(&mut self.stage.now_ms, at_ms);
        self.stage.work();
        self.stage.now_ms = now;
        run
    }

    pub fn queue(&mut self, source: &str, csv: &str, at_ms: i64) -> RunId {
        let file = self.landfall.file("import.csv", csv);
        let request = ImportRequest {
            source: Some(source.to_owned()),
            new_source: true,
            accept_unmapped: true,
            again: true,
            ..ImportRequest::new(file, "ana".to_owned())
        };
        let store = &mut self.stage.desk.store;
        let prepared = prepare::prepare(store, &request, 1).expect("a file that can be imported");
        let run = prepare::enqueue(store, &prepared, at_ms).expect("a run");
        let id = store.source_by_name(source).expect("a store").expect("the source").id;
        self.place(id);
        run
    }

    /// Says where the file of a source is, so that no screen depends on this machine.
    pub fn place(&mut self, id: SourceId) {
        let location = Some(Some("/srv/drop/contacts.csv".to_owned()));
        let edit = SourceEdit { location, ..SourceEdit::default() };
        self.stage.desk.store.edit_source(id, &edit, "ann", 10).expect("the source");
    }

    pub fn add(&mut self, name: &str, mode: SourceMode) -> SourceId {
        let new = NewSource { name, kind: "file", provider: None, mode, created_ms: NOW - 3 * DAY };
        self.stage.desk.store.add_source(&new).expect("a source").id()
    }

    pub fn id(&self, name: &str) -> SourceId {
        self.stage.desk.store.source_by_name(name).expect("a store").expect("the source").id
    }

    pub fn runs(&self) -> usize {
        let all = RunFilter::default();
        self.stage.desk.store.runs(&all).expect("runs").len()
    }

    /// Runs that were no dry runs.
    pub fn imports(&self) -> usize {
        let runs = self.stage.desk.store.runs(&RunFilter::default()).expect("runs");
        runs.iter().filter(|run| run.kind != RunKind::DryRun).count()
    }

    /// Reads the sources anew, and nothing that would start a worker.
    pub fn refresh_without_a_worker(&mut self) {
        let sources = Question::Sources;
        let mut fx = landfall::app::Effects::default();
        self.stage.app.ask(sources, &mut fx);
        self.stage.carry_out(fx.list);
    }

    pub fn refresh(&mut self) -> &mut Stage {
        self.stage.send(Message::Changed);
        &mut self.stage
    }

    /// The screen, with the directory of the test told otherwise.
    pub fn text(&self) -> String {
        let dir = self.landfall.dir().to_string_lossy().into_owned();
        let mut text = String::new();
        for line in self.stage.text().lines() {
            match line.split_once(&dir) {
                Some((before, after)) => {
                    let border = if after.ends_with('│') { " │" } else { "" };
                    let after = after.trim_end_matches(['│', ' ']);
                    text.push_str(&format!("{before}/srv/drop{after}{border}"));
                }
                None => text.push_str(line),
            }
            text.push('\n');
        }
        text
    }
}

/// Sources of every status.
pub fn every_status() -> Scene {
    let mut scene = Scene::new();
    for days in (1..14).rev() {
        let rows: String =
            (0..days % 5).map(|row| format!("P{row},p{row}-{days}@example.com,7{days:02}{row}\n")).collect();
        scene.import("Webinar sign-ups", &format!("First Name,Email,Customer No\n{rows}"), NOW - days * DAY);
    }
    scene.import("Webinar sign-ups", GOOD, NOW - 3 * MINUTE);
    scene.import(
        "Trade fair 2026",
        "First Name,Email\nŁukasz,lukasz@example\nAna,ana.k@example.com\n",
        NOW - 20 * HOUR,
    );
    scene.import("HubSpot export", GOOD, NOW - 3 * DAY);
    scene.import("Zendesk people", GOOD, NOW - 9 * HOUR);
    let zendesk = scene.id("Zendesk people");
    scene.stage.desk.store.pause_source(zendesk, "bo", NOW - 8 * HOUR).expect("the source");
    let partner = scene.add("Partner list Q4", SourceMode::Ongoing);
    scene.place(partner);
    let edit = SourceEdit {
        purpose: Some(Some("renewals of the partner programme".to_owned())),
        owner: Some(Some("Globex, it@globex.example".to_owned())),
        ..SourceEdit::default()
    };
    scene.stage.desk.store.edit_source(partner, &edit, "ann", 10).expect("the source");
    let failed = scene.queue("HubSpot export", &GOOD.replace("Ana", "Anna"), NOW - 12 * MINUTE);
    let store = &mut scene.stage.desk.store;
    let error = "The disk of the workspace is full: /srv/landfall has 0 bytes left.";
    store.set_run_status(failed, RunStatus::Running, None, NOW - 12 * MINUTE).expect("a run");
    store.interrupt_run(failed, Interruption::Error, error, NOW - 12 * MINUTE).expect("a run");
    scene.refresh();
    scene
}

pub const MIXED: &str =
    "First Name,Email,Kunden-Nr.,Passwort\nAna,ana@example.com,100001,x\nBo,bo@example.com,100002,y\n";

/// The picker with files in it, their dates known.
pub fn with_files() -> Scene {
    let mut scene = Scene::new();
    for (name, text) in [
        ("new.csv", MIXED),
        ("trade-fair.csv", GOOD),
        ("trade-show.csv", GOOD),
        ("notes.pdf", "%PDF"),
        (".hidden.csv", GOOD),
    ] {
        let path = scene.landfall.file(name, text);
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_millis((NOW - 2 * HOUR) as u64);
        std::fs::File::options().write(true).open(path).and_then(|file| file.set_modified(at)).expect("a date");
    }
    std::fs::create_dir(scene.landfall.dir().join("Archive")).expect("a directory");
    scene.landfall.file("Archive/old.csv", GOOD);
    let dirs = ["Archive", "workspace"].map(|name| scene.landfall.dir().join(name));
    for dir in dirs {
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_millis((NOW - 2 * DAY) as u64);
        std::fs::File::open(dir).and_then(|dir| dir.set_modified(at)).expect("a date");
    }
    scene.stage.keys("af");
    scene
}

/// Adds a source of `new.csv`, and asks for its import.
pub fn refused() -> Scene {
    let mut scene = with_files();
    scene.stage.keys("new.csv<enter><c-u>Trade fair 2026<s-tab>");
    let buttons = "<tab>".repeat(20);
    scene.stage.keys(&buttons).keys("<enter>1i");
    scene
}
