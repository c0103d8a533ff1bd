//! Looking: what lies there, and what each of it is to the source.

use super::{Ended, Means, Report};
use crate::connect::ConnectError;
use crate::domain::source::{
    Contract, FileIdentity, FinishedSign, FoundFile, FoundState, Ignored, Listed, ListedKind, Source,
};
use crate::store::{Store, StoreError};
use crate::worker::reach::{Place, Surround};
use std::collections::{HashMap, HashSet};

/// How long a file must not have changed where its contract says nothing else (seconds).
const STILL_SECONDS: u32 = 30;

/// Ends of names that programs give to uploads that are not finished.
const UNFINISHED: [&str; 7] = [".part", ".partial", ".filepart", ".tmp", ".crdownload", ".swp", "~"];

/// Reaches the place, lists it, and notes what is there.
pub(super) fn look(store: &mut Store, source: &Source, means: &Means<'_>, report: &mut Report) -> Result<Place, Ended> {
    let (place, listed) = means.again_and_again(store, report.pickup, |tries, _| {
        let mut place = reach(&tries.store.borrow(), source, means)?;
        let listed = place.list()?;
        Ok((place, listed))
    })?;
    report.listed = note(store, source, &listed, (means.now_ms)())?;
    report.settling = store.settling_files(source.id)?.into_iter().map(|file| file.identity.name).collect();
    Ok(place)
}

/// Notes what was listed, and what each of it is to the source; answers how many files there are.
pub(in crate::worker) fn note(
    store: &mut Store,
    source: &Source,
    listed: &[Listed],
    now_ms: i64,
) -> Result<u64, StoreError> {
    let most_bytes = store.settings()?.max_file_mb.map(|mb| mb * 1_000_000);
    let known = store.files_there(source.id)?;
    let rules = Rules { contract: source.contract.as_ref(), most_bytes, now_ms };
    store.note_look(source.id, &rules.states(listed, &known), now_ms)?;
    Ok(listed.iter().filter(|file| file.kind == ListedKind::File).count() as u64)
}

/// Reaches the place.
pub(super) fn reach(store: &Store, source: &Source, means: &Means<'_>) -> Result<Place, ConnectError> {
    Place::reach(source, &Surround { workspace: store.dir(), env: means.env, stop: means.stop })
}

/// What decides what a listed file is.
struct Rules<'r> {
    contract: Option<&'r Contract>,
    /// Files of so many bytes and more are refused.
    most_bytes: Option<u64>,
    now_ms: i64,
}

impl Rules<'_> {
    /// What each listed file is, as far as looking says; what became of a file before is the store's to keep.
    fn states(&self, listed: &[Listed], known: &[FoundFile]) -> Vec<(FileIdentity, FoundState)> {
        let names: HashSet<&str> = listed.iter().map(|file| file.identity.name.as_str()).collect();
        let known: HashMap<&FileIdentity, i64> =
            known.iter().map(|file| (&file.identity, file.first_seen_ms)).collect();
        let state = |file: &Listed| {
            let since = known.get(&file.identity).copied().unwrap_or(self.now_ms);
            (file.identity.clone(), self.state(file, &names, since))
        };
        listed.iter().map(state).collect()
    }

    fn state(&self, file: &Listed, names: &HashSet<&str>, first_seen_ms: i64) -> FoundState {
        let name = file.identity.name.as_str();
        let refused = |why: &str| FoundState::Refused { why: why.to_owned() };
        let ignored = |why| FoundState::Ignored { why };
        match file.kind {
            ListedKind::File => {}
            ListedKind::Directory => return ignored(Ignored::Directory),
            ListedKind::Link => return refused("It is a link, which could lead anywhere: put the file itself there."),
            ListedKind::Pipe => return refused("It is a pipe: reading it may never end."),
            ListedKind::Device => return refused("It is a device, and no file."),
            ListedKind::Socket => return refused("It is a socket, and no file."),
            ListedKind::BadName => return refused("Its name cannot be shown or used as it is: give it another one."),
        }
        if name.starts_with('.') || UNFINISHED.iter().any(|end| name.ends_with(end)) {
            return ignored(Ignored::Hidden);
        }
        if self.companions().any(|suffix| name.len() > suffix.len() && name.ends_with(suffix)) {
            return ignored(Ignored::Companion);
        }
        if self.contract.is_some_and(|contract| contract.pattern.matches(name).is_none()) {
            return ignored(Ignored::Pattern);
        }
        if let Some(most) = self.most_bytes.filter(|most| file.identity.size >= *most) {
            return FoundState::Refused {
                why: format!(
                    "It has {} bytes, and this workspace takes files smaller than {} MB: see `landfall settings max_file_mb`.",
                    file.identity.size,
                    most / 1_000_000
                ),
            };
        }
        let control = self.contract.and_then(|contract| contract.control.as_ref());
        if control.is_some_and(|control| !names.contains(format!("{name}{}", control.suffix).as_str())) {
            return FoundState::Settling;
        }
        let is_whole = match self.sign() {
            FinishedSign::Still { seconds } => self.now_ms - first_seen_ms >= i64::from(seconds) * 1_000,
            FinishedSign::Marker { suffix } => names.contains(format!("{name}{suffix}").as_str()),
        };
        if is_whole { FoundState::New } else { FoundState::Settling }
    }

    /// What the names of files about files end with.
    fn companions(&self) -> impl Iterator<Item = &str> {
        let marker = match self.contract.map(|contract| &contract.finished) {
            Some(FinishedSign::Marker { suffix }) => Some(suffix.as_str()),
            _ => None,
        };
        let control = self.contract.and_then(|contract| contract.control.as_ref());
        marker.into_iter().chain(control.map(|control| control.suffix.as_str()))
    }

    fn sign(&self) -> FinishedSign {
        self.contract.map_or(FinishedSign::Still { seconds: STILL_SECONDS }, |contract| contract.finished.clone())
    }
}

/// How long a file of the source must not change (ms); none where a marker says that it is whole.
pub fn still_ms(source: &Source) -> Option<i64> {
    match source.contract.as_ref().map(|contract| &contract.finished) {
        None => Some(i64::from(STILL_SECONDS) * 1_000),
        Some(FinishedSign::Still { seconds }) => Some(i64::from(*seconds) * 1_000),
        Some(FinishedSign::Marker { .. }) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::source::{ControlFile, DriftPolicy, NamePattern};

    fn listed(name: &str, kind: ListedKind) -> Listed {
        Listed { identity: FileIdentity { name: name.to_owned(), size: 5, modified_ms: 1 }, kind }
    }

    fn contract(finished: FinishedSign) -> Contract {
        Contract {
            pattern: NamePattern::parse("c*.csv").unwrap(),
            cadence: None,
            grace_minutes: 60,
            verified_by: None,
            columns: None,
            rows: None,
            finished,
            control: Some(ControlFile { suffix: ".ctl".into() }),
            drift: DriftPolicy::CarryOn,
        }
    }

    #[test]
    fn a_listed_file_is_taken_ignored_or_refused_with_a_reason() {
        use FoundState::{New, Refused, Settling};
        let ignored = |why| FoundState::Ignored { why };
        let still = contract(FinishedSign::Still { seconds: 30 });
        let marker = contract(FinishedSign::Marker { suffix: ".done".into() });
        let all = ["c1.csv", "c1.csv.done", "c1.csv.ctl", "c3.csv.done"].map(|name| listed(name, ListedKind::File));
        let names: HashSet<&str> = all.iter().map(|file| file.identity.name.as_str()).collect();
        let refused = |state: &FoundState| matches!(state, Refused { .. });
        let file = |name: &str| listed(name, ListedKind::File);
        let rules = |contract, now_ms| Rules { contract, most_bytes: Some(100), now_ms };
        let judge = |contract, file: &Listed, since, now| rules(contract, now).state(file, &names, since);
        for (contract, name, since, now, is) in [
            (Some(&still), "c1.csv", 0, 0, Settling),
            (Some(&still), "c1.csv", 0, 29_999, Settling),
            (Some(&still), "c1.csv", 0, 30_000, New),
            (Some(&still), "c1.csv", 50_000, 0, Settling),
            (Some(&still), "x.csv", 0, 30_000, ignored(Ignored::Pattern)),
            (Some(&still), "c1.csv.ctl", 0, 30_000, ignored(Ignored::Companion)),
            (Some(&still), ".c1.csv", 0, 30_000, ignored(Ignored::Hidden)),
            (Some(&still), "c1.csv.filepart", 0, 30_000, ignored(Ignored::Hidden)),
            (Some(&marker), "c1.csv", 0, 0, New),
            (Some(&marker), "c2.csv", 0, 99_000, Settling),
            (Some(&marker), "c3.csv", 0, 99_000, Settling),
            (Some(&marker), "c1.csv.done", 0, 0, ignored(Ignored::Companion)),
            (None, "anything", 0, 0, Settling),
            (None, "anything", 0, 30_000, New),
        ] {
            assert_eq!(judge(contract, &file(name), since, now), is, "{name} since {since} at {now}");
        }
        let kinds = [ListedKind::Link, ListedKind::Pipe, ListedKind::Device, ListedKind::Socket, ListedKind::BadName];
        for kind in kinds {
            assert!(refused(&judge(None, &listed("c1.csv", kind), 0, 30_000)), "{kind:?}");
        }
        assert_eq!(judge(None, &listed("old", ListedKind::Directory), 0, 0), ignored(Ignored::Directory));
        let mut large = file("c1.csv");
        large.identity.size = 100;
        assert!(refused(&judge(None, &large, 0, 30_000)));
    }
}
