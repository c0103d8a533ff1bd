//! Forgetting one contact everywhere (design.md, "Personal data ends"): its values go from the record, from what records
//! were before, from what the ledger quotes, and with the deliveries that hold one of its rows. A delivery goes as a
//! whole: its rows stand where they are counted from, and nothing could tell a blanked cell from an empty one.

use super::error::{Refusal, WorkerError};
use super::retention;
use crate::domain::field::{Catalog, Role};
use crate::domain::id::{DeliveryId, RecordId, RunId};
use crate::domain::record::Record;
use crate::domain::run::RunKind;
use crate::engine::open::Delivery as Content;
use crate::store::{Store, texts_of};
use std::collections::BTreeSet;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Shorter texts stand for too much to be looked for in the files of others (bytes).
const LEAST_TEXT: usize = 6;
const CHUNK: usize = 1 << 20;

/// What was forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgotten {
    /// The record as it was.
    pub record: Record,
    /// Deliveries that were purged, because they held rows of it.
    pub deliveries: u64,
    /// Rows of the ledger that were about it.
    pub rows: u64,
}

/// Deletes a contact and forgets its values. One that was deleted before is forgotten, too. None where there is no such
/// contact. Only for the holder of the workspace's lock.
///
/// # Errors
/// A [`Refusal`] as long as a run of a delivery with its rows has not ended; those of the store and of the disk. After an
/// error it can be done again.
pub fn forget(store: &mut Store, id: RecordId, now_ms: i64) -> Result<Option<Forgotten>, WorkerError> {
    let Some(record) = store.record(id)? else { return Ok(None) };
    let mut rows = store.rows_of_record(id)?;
    for (source, reference) in &record.references {
        rows.extend(store.rows_of_reference(*source, reference)?);
    }
    let telling = telling(&record, &store.catalog()?);
    let mut texts: BTreeSet<String> = texts_of(&record).collect();
    texts.extend(store.former_texts(id)?);
    // What stands in many rows of others is not taken from them.
    let quoted = texts.iter().filter(|text| telling.contains(*text) || text.contains('@')).cloned().collect();
    let deliveries = deliveries_with(store, &rows, &quoted)?;
    let count = deliveries.len() as u64;
    store.atomically(|store| {
        store.delete_contact(id, now_ms)?;
        store.forget_values(id, &rows, &quoted)?;
        store.purge_these(&deliveries, now_ms)
    })?;
    retention::remove_unneeded(store)?;
    for run in dry_runs_of(store, &deliveries)? {
        store.remove_dry(run)?;
    }
    store.rewrite()?;
    Ok(Some(Forgotten { record, deliveries: count, rows: rows.len() as u64 }))
}

/// The texts that tell this contact from others: its addresses and numbers.
fn telling(record: &Record, catalog: &Catalog) -> BTreeSet<String> {
    let fields = [Role::MatchEmail, Role::MatchPhone].into_iter().filter_map(|role| catalog.role(role));
    fields
        .filter_map(|field| record.get(field))
        .flat_map(|value| value.texts().to_vec())
        .map(|it| it.to_string())
        .collect()
}

/// The kept deliveries with a row of the contact, by the ledger or by what stands in them.
fn deliveries_with(
    store: &Store,
    rows: &BTreeSet<(RunId, u64)>,
    texts: &BTreeSet<String>,
) -> Result<Vec<DeliveryId>, WorkerError> {
    let runs: BTreeSet<RunId> = rows.iter().map(|(run, _)| *run).collect();
    let mut found = BTreeSet::new();
    for run in runs {
        found.extend(store.run(run)?.map(|run| run.delivery));
    }
    let needles: Vec<Vec<u8>> = texts.iter().filter(|text| text.len() >= LEAST_TEXT).flat_map(|it| forms(it)).collect();
    for source in store.sources_ever()? {
        for delivery in store.deliveries_of(source.id)? {
            if delivery.purged_ms.is_some() {
                found.remove(&delivery.id);
                continue;
            }
            if !found.contains(&delivery.id) && !holds(&delivery.path, &needles)? {
                continue;
            }
            let runs = store.runs_of_delivery(delivery.source, delivery.id)?;
            if let Some(run) = runs.iter().find(|run| !run.status.is_ended()) {
                let message = format!("Run {} of a delivery with rows of this contact has not ended.", run.id);
                let next = format!("Wait for its end, or give it up with `landfall run cancel {}`.", run.id);
                return Err(Refusal::new("run_unfinished", message, next).into());
            }
            found.insert(delivery.id);
        }
    }
    Ok(found.into_iter().collect())
}

/// How a text stands in a file: in the common encodings, with small letters.
fn forms(text: &str) -> [Vec<u8>; 3] {
    let text = text.to_lowercase();
    let wide = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect();
    [text.clone().into_bytes(), wide(u16::to_le_bytes), wide(u16::to_be_bytes)]
}

/// Whether one of these stands in a delivery, unpacked; capital letters count as small ones.
fn holds(path: &Path, needles: &[Vec<u8>]) -> Result<bool, WorkerError> {
    let Some(longest) = needles.iter().map(Vec::len).max() else { return Ok(false) };
    let failed = |error| WorkerError::read(path, error);
    if !path.exists() {
        return Ok(false);
    }
    let Ok(content) = Content::open(path) else {
        // What is no table that can be read is searched as it lies there.
        let mut bytes = std::fs::read(path).map_err(failed)?;
        bytes.make_ascii_lowercase();
        return Ok(needles.iter().any(|needle| memchr::memmem::find(&bytes, needle).is_some()));
    };
    let finders: Vec<_> = needles.iter().map(memchr::memmem::Finder::new).collect();
    let mut stream = content.stream(0).map_err(failed)?;
    let (mut buffer, mut kept) = (vec![0; CHUNK + longest], 0);
    loop {
        let read = match stream.read(&mut buffer[kept..]) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        if read == 0 {
            return Ok(false);
        }
        buffer[kept..kept + read].make_ascii_lowercase();
        let end = kept + read;
        if finders.iter().any(|finder| finder.find(&buffer[..end]).is_some()) {
            return Ok(true);
        }
        // A text may lie across two pieces.
        kept = end.min(longest - 1);
        buffer.copy_within(end - kept..end, 0);
    }
}

/// The dry runs of these deliveries: what they found stands in files of their own.
fn dry_runs_of(store: &Store, deliveries: &[DeliveryId]) -> Result<Vec<RunId>, WorkerError> {
    let mut runs = Vec::new();
    for id in deliveries {
        let Some(delivery) = store.delivery(*id)? else { continue };
        let of = store.runs_of_delivery(delivery.source, *id)?;
        runs.extend(of.into_iter().filter(|run| run.kind == RunKind::DryRun).map(|run| run.id));
    }
    Ok(runs)
}
