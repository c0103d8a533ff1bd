//! A workspace with a source, and a desk that answers what the Mapping tab asks.
#![allow(dead_code)] // Each test file is a crate of its own and uses a part of this.

use landfall::app::mapping::data::{OpenWanted, Opened, Preview, PreviewWanted, Profile, ProfileWanted};
use landfall::app::message::{Answer, Failure, Question};
use landfall::cli::context::Environment;
use landfall::domain::field::Kind;
use landfall::domain::id::SourceId;
use landfall::domain::mapping::{Column, Mapping};
use landfall::domain::source::SourceMode;
use landfall::shell::answers;
use landfall::shell::desk::{Desk, MappingDesk};
use landfall::store::{NewSource, Store};
use std::path::PathBuf;
use std::sync::Arc;

pub const NOW: i64 = 1_700_000_000_000;

/// A workspace with a source, and a desk on it.
pub struct Bench {
    pub dir: tempfile::TempDir,
    pub desk: Desk,
    pub source: SourceId,
}

impl Bench {
    pub fn new() -> Bench {
        let dir = tempfile::tempdir().expect("a directory");
        let mut store = Store::create_or_open(&dir.path().join("workspace"), NOW, 7).expect("a workspace");
        let plans = ["Free", "Pro", "Team"].map(str::to_owned);
        store.add_custom_field("plan", Kind::SingleOption, None, &plans).expect("a field");
        let new = NewSource { name: "crm", kind: "file", provider: None, mode: SourceMode::Ongoing, created_ms: NOW };
        let source = store.add_source(&new).expect("a source").id();
        let desk = Desk {
            store,
            user: "ana".to_owned(),
            clock: || NOW,
            directory: dir.path().to_owned(),
            program: "landfall".into(),
            environment: Environment::default(),
            prepared: None,
            backfill: None,
            skips: None,
            mapping: MappingDesk::default(),
        };
        Bench { dir, desk, source }
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    pub fn open(&mut self, file: PathBuf) -> Opened {
        let wanted = OpenWanted { source: self.source, file: Some(file), reading: None };
        match answers::answer(&mut self.desk, &Question::OpenMapping(Box::new(wanted))) {
            Ok(Answer::MappingOpened(opened)) => *opened,
            other => panic!("not opened: {other:?}"),
        }
    }

    pub fn part(&mut self, mapping: &Mapping) -> Result<Profile, Failure> {
        let wanted = ProfileWanted { source: self.source, revision: 1, mapping: Arc::new(mapping.clone()) };
        match answers::answer(&mut self.desk, &Question::Profile(Box::new(wanted)))? {
            Answer::Profile(profile) => Ok(*profile),
            other => panic!("no profile: {other:?}"),
        }
    }

    pub fn profile(&mut self, mapping: &Mapping) -> Profile {
        loop {
            let profile = self.part(mapping).expect("a profile");
            if profile.is_done {
                return profile;
            }
        }
    }

    pub fn preview(&mut self, mapping: &Mapping, rows: &[u64]) -> Preview {
        let (mapping, rows) = (Arc::new(mapping.clone()), rows.to_vec());
        let wanted = PreviewWanted { source: self.source, revision: 1, mapping, first: 3, rows };
        match answers::answer(&mut self.desk, &Question::Preview(Box::new(wanted))) {
            Ok(Answer::Preview(preview)) => *preview,
            other => panic!("no preview: {other:?}"),
        }
    }
}

/// A mapping of these columns; without a field they are left out.
pub fn mapping(columns: &[(&str, &str)]) -> Mapping {
    let column = |(header, field): &(&str, &str)| match *field {
        "" => Column { leave_out: true, ..Column::unmapped(*header) },
        field => Column::to(*header, field),
    };
    Mapping { columns: columns.iter().map(column).collect(), ..Mapping::default() }
}
