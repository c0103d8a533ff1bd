//! Sources that bring their own files: how their contracts stand, their files and their versions.

use crate::app::arrivals::{Brings, BringsMore, FileCounts, FileLine, Files, Versions};
use crate::app::message::Failure;
use crate::domain::id::{RunId, SourceId};
use crate::domain::mapping::Mapping;
use crate::domain::plan::Plan;
use crate::domain::run::{RunKind, RunLine, RunStatus};
use crate::domain::source::{
    Aspect, Drift, FileTold, FileWord, FilterChange, FoundFile, FoundState, Normal, OptionsVersion, PastDelivery,
    Source, SourceOptions, columns_of, outside_of_rows,
};
use crate::domain::wording::counted;
use crate::shell::desk::{Desk, failure};
use crate::store::{RunFilter, Store};
use crate::worker::standing;
use chrono_tz::Tz;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

/// Due times that are told of a source, at most.
const DUES: u64 = 50;

/// How a source brings its own files, and how that stands; none of one whose files people hand over.
pub(super) fn brings(desk: &Desk, source: &Source) -> Result<Option<Brings>, Failure> {
    let Some(connection) = &source.connection else { return Ok(None) };
    let (store, now_ms) = (&desk.store, desk.now_ms());
    let files = store.found_files(source.id)?;
    let stands = standing::with_end(store, source, &files, now_ms)?;
    let (standing, until) = stands.map_or((None, None), |(standing, until)| (Some(standing), until));
    let next_due = source.schedule.as_ref().and_then(|schedule| schedule.next_after(now_ms));
    let last_due = source
        .schedule
        .as_ref()
        .and_then(|schedule| schedule.due_between(source.due_until_ms.unwrap_or(source.created_ms), now_ms).next());
    Ok(Some(Brings {
        connection: connection.clone(),
        schedule: source.schedule.clone(),
        contract: source.contract.clone(),
        after_import: source.after_import.clone(),
        blocked: source.blocked.clone(),
        standing,
        stands_until_ms: [until, next_due].into_iter().flatten().min(),
        looked: store.pickups(source.id, 1)?.pop(),
        told: standing::last_look(store, source)?,
        overdue_ms: last_due.filter(|_| source.paused.is_none() && source.blocked.is_none()),
        files: counts(&files),
        newest: files.iter().filter_map(|file| file.state.delivery()).max(),
    }))
}

fn counts(files: &[FoundFile]) -> FileCounts {
    let mut counts = FileCounts::default();
    for file in files {
        counts.troubled += u64::from(file.trouble.is_some());
        *match file.state {
            FoundState::Settling => &mut counts.settling,
            FoundState::New | FoundState::Landed { .. } => &mut counts.new,
            FoundState::Held { .. } => &mut counts.held,
            FoundState::Taken { .. } => &mut counts.imported,
            FoundState::Identical { .. } => &mut counts.identical,
            FoundState::Ignored { .. } | FoundState::Refused { .. } => &mut counts.left,
        } += 1;
    }
    counts
}

/// What takes more than a glance to know of such a source. `runs` are all of it, newest first.
pub(super) fn more(desk: &Desk, source: &Source, runs: &[RunLine]) -> Result<Option<BringsMore>, Failure> {
    if source.connection.is_none() {
        return Ok(None);
    }
    let store = &desk.store;
    let zone =
        source.contract.as_ref().and_then(|contract| contract.cadence.as_ref()).map_or(Tz::UTC, |it| it.timezone());
    let mut past = past_deliveries(store, source, runs)?;
    let last = past.pop();
    let normal = Normal::of(&past, zone);
    let mut departures = match (&normal, &last) {
        (Some(normal), Some(last)) => normal.departures(last),
        _ => Vec::new(),
    };
    let agreed = source.contract.as_ref().and_then(|contract| contract.rows);
    departures.extend(last.and_then(|last| outside_of_rows(agreed, last.rows?)));
    let first_ms = runs.iter().rev().find(|run| is_import(run)).map(|run| run.created_ms);
    let backfill_ms = runs.iter().find(|run| run.kind == RunKind::Backfill).map(|run| run.created_ms);
    let change = FilterChange::of(&versions_of_options(store, source)?, first_ms, backfill_ms);
    Ok(Some(BringsMore {
        dues: store.dues(source.id, DUES)?,
        normal: normal.map(|normal| in_words(&normal)),
        departures,
        filters_changed: change
            .map(|change| change.sentence(&source.name, first_ms.unwrap_or(source.created_ms), zone)),
        review: review(store, source, runs)?,
    }))
}

fn is_import(run: &RunLine) -> bool {
    run.kind != RunKind::DryRun
}

/// The deliveries that were imported, oldest first, with their records where a run read all of them.
fn past_deliveries(store: &Store, source: &Source, runs: &[RunLine]) -> Result<Vec<PastDelivery>, Failure> {
    let runs: HashMap<RunId, &RunLine> = runs.iter().map(|run| (run.id, run)).collect();
    let mut files = store.found_files(source.id)?;
    files.sort_by_key(|file| (file.first_seen_ms, file.identity.modified_ms));
    let delivered = files.iter().filter_map(|file| {
        let FoundState::Taken { run, .. } = file.state else { return None };
        let complete = runs.get(&run).filter(|run| run.status.is_finished());
        Some(PastDelivery {
            arrived_ms: file.first_seen_ms,
            bytes: file.identity.size,
            rows: complete.map(|run| run.counts.rows()),
        })
    });
    Ok(delivered.collect())
}

fn in_words(normal: &Normal) -> String {
    let (rows, one, many) = normal.rows.map_or((normal.bytes, "byte", "bytes"), |rows| (rows, "record", "records"));
    let minute = normal.minute.middle;
    format!(
        "about {}, around {:02}:{:02} ({}), by the last {} deliveries",
        counted(rows.middle, one, many),
        minute / 60,
        minute % 60,
        normal.timezone,
        normal.from
    )
}

fn versions_of_options(store: &Store, source: &Source) -> Result<Vec<OptionsVersion>, Failure> {
    let changes = store.source_changes(source.id, Aspect::Options)?.into_iter().rev();
    let version = |change: crate::domain::source::SourceChange| {
        let options = SourceOptions::from_json(&change.value)?;
        Some(OptionsVersion { options, by: change.user.unwrap_or_default(), at_ms: change.at_ms })
    };
    Ok(changes.filter_map(version).collect())
}

/// What is different in the columns of the newest imported file from those that the mapping was made for (R363).
fn review(store: &Store, source: &Source, runs: &[RunLine]) -> Result<Option<String>, Failure> {
    let Some((name, version)) = &source.mapping else { return Ok(None) };
    let Some(newest) = runs.iter().find(|run| is_import(run)) else { return Ok(None) };
    let Some(saved) = store.mapping(name, Some(*version))? else { return Ok(None) };
    let Some(run) = store.run(newest.id)? else { return Ok(None) };
    let (Ok(mapping), Ok(plan)) = (Mapping::from_toml(&saved.toml), serde_json::from_str::<Plan>(&run.plan)) else {
        return Ok(None);
    };
    let made_for: Vec<String> = mapping.columns.iter().map(|column| column.header.clone()).collect();
    let drift = Drift::between(&columns_of(&mapping, &made_for), &plan.dialect.columns, &[]);
    Ok((!drift.is_none()).then(|| drift.describe()))
}

/// All files that were found for a source.
pub(super) fn files(desk: &Desk, id: SourceId) -> Result<Files, Failure> {
    let store = &desk.store;
    let found = store.found_files(id)?;
    let runs = store.run_lines(&RunFilter { source: Some(id), ..RunFilter::default() })?;
    let runs: HashMap<RunId, RunStatus> = runs.iter().map(|run| (run.id, run.status)).collect();
    let imported: HashSet<&str> = found
        .iter()
        .filter(|file| matches!(file.state, FoundState::Taken { .. }))
        .map(|file| file.identity.name.as_str())
        .collect();
    let mut lines: Vec<FileLine> = found
        .iter()
        .map(|file| {
            // Against the one file alone: whether it changed is told from the set, for there may be thousands.
            let mut told = FileTold::of(file, &[]);
            if told.word == FileWord::New && imported.contains(file.identity.name.as_str()) {
                told.word = FileWord::Changed;
                let changed = "A file of this name was imported; its size or time has changed since.";
                told.why.get_or_insert_with(|| changed.to_owned());
            }
            let run = told.run.and_then(|run| runs.get(&run).copied());
            FileLine { file: file.clone(), told, run }
        })
        .collect();
    lines.sort_by_key(|line| (line.rank(), Reverse(line.file.identity.modified_ms)));
    Ok(Files { source: id, lines, looked: store.pickups(id, 1)?.pop() })
}

/// The versions of a source, newest first.
pub(super) fn versions(desk: &Desk, id: SourceId) -> Result<Versions, Failure> {
    let store = &desk.store;
    let gone = || failure(format!("There is no source {id} any more."), "");
    store.source(id)?.ok_or_else(gone)?;
    let mut changes = Vec::new();
    for aspect in Aspect::ALL {
        let of_aspect = store.source_changes(id, aspect)?;
        let before = of_aspect.iter().skip(1).cloned().map(Some).chain([None]);
        changes.extend(of_aspect.iter().cloned().zip(before));
    }
    changes.sort_by_key(|(change, _)| Reverse(change.at_ms));
    Ok(Versions { source: id, changes })
}
