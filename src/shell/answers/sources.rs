//! Sources.

use super::arrivals;
use crate::app::arrivals::Brings;
use crate::app::data::{CurrentRun, SourceForm, SourceLine, SourceMore};
use crate::app::mapping;
use crate::app::message::Failure;
use crate::domain::field::Catalog;
use crate::domain::id::SourceId;
use crate::domain::mapping::{Column, Mapping};
use crate::domain::plan::Duplicates;
use crate::domain::run::{RunKind, RunLine, RunStatus};
use crate::domain::settings::Settings;
use crate::domain::source::{Health, Source, SourceFacts, Volume};
use crate::shell::desk::{Desk, failure};
use crate::store::{RunFilter, Store};
use crate::worker::standing;
use std::collections::HashMap;

/// Bars of a sparkline.
const BARS: usize = 14;

/// All sources that were not removed.
pub(super) fn all(desk: &Desk) -> Result<Vec<SourceLine>, Failure> {
    let store = &desk.store;
    let last: HashMap<SourceId, RunLine> = store.last_runs()?.into_iter().map(|run| (run.source, run)).collect();
    let mut volumes: HashMap<SourceId, Vec<Volume>> = store.volumes(BARS)?.into_iter().collect();
    let mut current = current_runs(store)?;
    let lines = store.sources()?.into_iter().map(|source| {
        let (volumes, current) = (volumes.remove(&source.id).unwrap_or_default(), current.remove(&source.id));
        let brings = arrivals::brings(desk, &source)?;
        Ok(line(&source, last.get(&source.id), volumes, current, brings, desk.now_ms()))
    });
    lines.collect()
}

/// Of each source that has one, the run that is at work or else the first one that waits.
fn current_runs(store: &Store) -> Result<HashMap<SourceId, CurrentRun>, Failure> {
    let is_worked_on = Store::is_locked(store.dir())?;
    let mut current: HashMap<SourceId, CurrentRun> = HashMap::new();
    for run in store.runs_to_do()?.iter().filter(|run| run.kind != RunKind::DryRun) {
        let at_work = match run.status {
            RunStatus::Running if is_worked_on => true,
            RunStatus::Queued => false,
            _ => continue,
        };
        let of_run = CurrentRun { id: run.id, at_work, rows: run.counts.rows(), rows_expected: run.rows_expected };
        let known = current.entry(run.source).or_insert(of_run);
        if at_work && !known.at_work {
            *known = of_run;
        }
    }
    Ok(current)
}

fn line(
    source: &Source,
    last: Option<&RunLine>,
    volumes: Vec<Volume>,
    current: Option<CurrentRun>,
    brings: Option<Brings>,
    now_ms: i64,
) -> SourceLine {
    let standing = brings.as_ref().and_then(|brings| brings.standing.as_ref());
    let looked = brings.as_ref().and_then(|brings| brings.told.as_ref());
    SourceLine {
        id: source.id,
        name: source.name.clone(),
        kind: source.kind.clone(),
        provider: source.provider.clone(),
        account: source.account.clone(),
        scope: source.scope.clone(),
        health: Health::of(&SourceFacts::of(source, last).with_contract(standing).with_look(looked)),
        created_ms: source.created_ms,
        last_ran_ms: source.last_ran_ms,
        last_imported_ms: source.last_imported_ms,
        next_run_ms: standing::next_run_ms(source, now_ms),
        volumes,
        current,
        error: source.error.clone(),
        mapping: source.mapping.clone(),
        reviewed: source.reviewed.clone(),
        form: SourceForm {
            name: source.name.clone(),
            mode: source.mode,
            location: source.location.clone(),
            purpose: source.purpose.clone(),
            owner: source.owner.clone(),
            notes: source.notes.clone(),
            options: source.options.clone(),
        },
        brings: brings.map(Box::new),
    }
}

/// What takes more than a glance to know of a source.
pub(super) fn more(desk: &Desk, id: SourceId) -> Result<SourceMore, Failure> {
    let store = &desk.store;
    let gone = || failure(format!("There is no source {id} any more."), "");
    let source = store.source(id)?.ok_or_else(gone)?;
    let runs = store.run_lines(&RunFilter { source: Some(id), ..RunFilter::default() })?;
    let created = runs.iter().filter(|run| run.kind != RunKind::DryRun).map(|run| run.counts.created).sum();
    let mapping = match &source.mapping {
        Some((name, version)) => store.mapping(name, Some(*version))?,
        None => None,
    };
    let mapping = mapping.and_then(|saved| Mapping::from_toml(&saved.toml).ok());
    let (catalog, settings) = (store.catalog()?, store.settings()?);
    let not_mapped = mapping.as_ref().map(|mapping| mapping::not_mapped(mapping, &catalog)).unwrap_or_default();
    let has_key = mapping.map(|mapping| identifies(&mapping, &catalog, duplicates(&source, &settings)));
    let brings = arrivals::more(desk, &source, &runs)?;
    Ok(SourceMore { id, runs: runs.len() as u64, created, has_key, not_mapped, brings })
}

/// What the *Allow Duplicate Contacts* setting means for the next import of a source.
fn duplicates(source: &Source, settings: &Settings) -> Duplicates {
    let options = &source.options;
    match options.match_on {
        _ if options.allow_duplicates => Duplicates::Allowed,
        Some(on) => Duplicates::Refused(on),
        None if settings.allow_duplicates => Duplicates::Allowed,
        None => Duplicates::Refused(settings.match_on),
    }
}

/// Whether a column says which contact a row is about.
fn identifies(mapping: &Mapping, catalog: &Catalog, duplicates: Duplicates) -> bool {
    let keys = mapping.columns.iter().flat_map(Column::targets);
    let mapped = keys.filter_map(|key| Some(catalog.by_key(key)?.id));
    let identifying = duplicates.identifying_fields(catalog);
    mapped.into_iter().any(|field| identifying.contains(&field))
}
