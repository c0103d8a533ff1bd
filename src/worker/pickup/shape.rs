//! Whether the columns of a delivery are those of the mapping and of the contract, and look like them (R344, R359, R363).

use crate::domain::field::Kind;
use crate::domain::mapping::Column;
use crate::domain::run::RunKind;
use crate::domain::source::{Drift, DriftDecision, Source, columns_of};
use crate::engine::inspect::{self, Extent, Inspection};
use crate::engine::sniff::Overrides;
use crate::engine::suggest::{ColumnEvidence, Shape};
use crate::store::{Delivery, Store};
use crate::worker::attention::{FEWEST_VALUES, MOSTLY};
use crate::worker::error::WorkerError;
use crate::worker::prepare::Looked;

/// Earlier deliveries that are asked for what a column looked like.
const COMPARED: usize = 3;
/// They are looked for among so many.
const LAST: u64 = 100;

/// What keeps a delivery back by the source's policy; none where it is imported.
pub(super) fn changed(
    store: &Store,
    source: &Source,
    landed: &Delivery,
    looked: &Looked,
) -> Result<Option<String>, WorkerError> {
    let header = &looked.inspection.dialect().columns;
    let contract = source.contract.as_ref();
    let agreed = contract.and_then(|contract| contract.columns.as_deref()).unwrap_or_default();
    let missing: Vec<String> =
        agreed.iter().filter(|column| !header.contains(column)).map(|column| format!("{column:?}")).collect();
    if !missing.is_empty() {
        return Ok(Some(format!("columns that were agreed are not there: {}", missing.join(", "))));
    }
    let Some(made) = &looked.made else { return Ok(None) };
    let before: Vec<String> = made.columns.iter().map(|column| column.header.clone()).collect();
    let kinds = kinds_changed(store, landed, looked)?;
    let drift = Drift::between(&columns_of(made, &before), header, &kinds);
    let policy = contract.map(|contract| contract.drift).unwrap_or_default();
    Ok(match drift.decide(policy) {
        DriftDecision::Unchanged | DriftDecision::GoOn { .. } => None,
        DriftDecision::Hold { what } | DriftDecision::NotReady { what } => Some(what),
    })
}

/// Mapped columns whose values mostly looked like their field in the last delivery that had enough of them and do not
/// any more, with what they look like now.
fn kinds_changed(store: &Store, landed: &Delivery, looked: &Looked) -> Result<Vec<(String, String)>, WorkerError> {
    let columns = looked.mapping.columns.iter().zip(&looked.inspection.evidence);
    let expected = |column: &Column| kind_shape(looked.catalog.by_key(column.field.as_deref()?)?.kind);
    let doubtful: Vec<(&str, Shape, &ColumnEvidence)> = columns
        .filter_map(|(column, evidence)| Some((column.header.as_str(), expected(column)?, evidence)))
        .filter(|(_, shape, evidence)| evidence.filled() >= FEWEST_VALUES && evidence.share(*shape) <= MOSTLY)
        .collect();
    if doubtful.is_empty() {
        return Ok(Vec::new());
    }
    let before = inspected_before(store, landed, looked)?;
    let was = |header: &str, shape| {
        let evidence_in = |before: &Inspection| {
            let place = before.dialect().columns.iter().position(|column| column == header)?;
            let evidence = before.evidence.get(place)?;
            (evidence.filled() >= FEWEST_VALUES).then(|| evidence.share(shape) > MOSTLY)
        };
        before.iter().find_map(evidence_in).unwrap_or(false)
    };
    let changed = doubtful.into_iter().filter(|(header, shape, _)| was(header, *shape));
    Ok(changed.map(|(header, _, evidence)| (header.to_owned(), looks_like(evidence).to_owned())).collect())
}

/// The last deliveries of the source that were imported, as they look, newest first; those that are kept and can be read
/// so. Several, because one of a few rows says little.
fn inspected_before(store: &Store, landed: &Delivery, looked: &Looked) -> Result<Vec<Inspection>, WorkerError> {
    let mut before = Vec::new();
    for earlier in store.last_deliveries(landed.source, LAST)? {
        if before.len() == COMPARED {
            break;
        }
        if earlier.id == landed.id || earlier.purged_ms.is_some() {
            continue;
        }
        let runs = store.runs_of_delivery(landed.source, earlier.id)?;
        if runs.iter().any(|run| run.kind != RunKind::DryRun) {
            let (overrides, code) = (Overrides::default(), store.workspace_code());
            before.extend(inspect::inspect(&earlier.path, &overrides, &looked.catalog, code, Extent::Sample).ok());
        }
    }
    Ok(before)
}

/// What the values of a kind of field look like, where looking tells.
fn kind_shape(kind: Kind) -> Option<Shape> {
    match kind {
        Kind::Email => Some(Shape::Email),
        Kind::Phone => Some(Shape::Phone),
        Kind::TimeZone => Some(Shape::TimeZone),
        Kind::Date => Some(Shape::Date),
        Kind::DateTime => Some(Shape::DateTime),
        _ => None,
    }
}

fn looks_like(evidence: &ColumnEvidence) -> &'static str {
    let shapes = [
        (Shape::Email, "e-mail addresses"),
        (Shape::DateTime, "dates with times"),
        (Shape::Date, "dates"),
        (Shape::WrittenPhone, "phone numbers"),
        (Shape::Number, "numbers"),
        (Shape::Url, "links"),
        (Shape::TimeZone, "time zones"),
        (Shape::PersonName, "names"),
    ];
    shapes.into_iter().find(|(shape, _)| evidence.share(*shape) > MOSTLY).map_or("other text", |(_, words)| words)
}
