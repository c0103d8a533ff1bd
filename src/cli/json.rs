//! The objects of `--json`, with the names that scripts depend on (README, "For scripts").

use super::error::{CliError, Exit};
use super::format::rfc3339;
use crate::domain::field::{Catalog, FieldId};
use crate::domain::id::WorkspaceCode;
use crate::domain::outcome::{Issue, LedgerRow, Outcome, Severity};
use crate::domain::record::{Record, Value as Held};
use crate::domain::run::RunStatus;
use crate::domain::source::{Health, Source, SourceFacts};
use crate::store::{RunRow, Store};
use serde_json::{Map, Value, json};

/// A run. `not_rows` counts lines; `not_reached` is null while it is not known.
pub fn run(run: &RunRow, catalog: &Catalog) -> Value {
    let counts = &run.counts;
    let issues: Vec<Value> = run
        .issue_counts
        .iter()
        .map(|issue| {
            json!({
                "code": issue.code.as_str(),
                "field": field_key(catalog, issue.field),
                "count": issue.count,
                "first_row": issue.first_row,
            })
        })
        .collect();
    json!({
        "run": run.id.0,
        "source": run.source_name,
        "kind": run.kind.as_str(),
        "status": run.status.as_str(),
        "mode": run.mode.as_str(),
        "delivery": run.delivery_name,
        "started": run.started_ms.map(rfc3339),
        "finished": run.finished_ms.map(rfc3339),
        "rows": counts.rows(),
        "created": counts.created,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "skipped": counts.skipped,
        "failed": counts.failed,
        "warnings": counts.warnings,
        "notes": counts.notes,
        "not_reached": run.not_reached(),
        "not_rows": {
            "preamble": run.tally.preamble.lines,
            "header": run.tally.header.lines,
            "blank": run.tally.blank.lines,
            "footer": run.tally.footer.lines,
        },
        "issues": issues,
        "bytes": run.bytes(),
        "elapsed_ms": run.elapsed_ms,
        "user": run.user,
        "error": run.error,
    })
}

/// A source, with how it stands by its facts. `contract` and `next_run` are null where there is no contract and no
/// schedule.
pub fn source(source: &Source, facts: &SourceFacts<'_>, next_run_ms: Option<i64>) -> Value {
    let (health, contract) = (Health::of(facts), facts.contract);
    json!({
        "name": source.name,
        "kind": source.kind,
        "provider": source.provider,
        "mode": source.mode.as_str(),
        "status": health.status.as_str(),
        "contract": contract.map(|standing| standing.state.as_str()),
        "last_ran": source.last_ran_ms.map(rfc3339),
        "last_imported": source.last_imported_ms.map(rfc3339),
        "next_run": next_run_ms.map(rfc3339),
        "paused": source.paused.is_some(),
        "mapping": source.mapping.as_ref().map(|(name, _)| name),
        "reviewed_by": source.reviewed.as_ref().map(|reviewed| &reviewed.by),
        "owner": source.owner,
        "purpose": source.purpose,
        "error": source.error,
        "error_since": source.error_ms.map(rfc3339),
        "reason": health.reason.map(|reason| json!({
            "message": reason.message,
            "means": reason.means,
            "action": reason.action,
            "since": reason.since_ms.map(rfc3339),
        })),
        "paused_by": source.paused.as_ref().and_then(|paused| paused.by.as_ref()),
        "paused_at": source.paused.as_ref().and_then(|paused| paused.at_ms).map(rfc3339),
        "notes": source.notes,
        "account": source.account,
        "scope": source.scope,
        "location": source.location,
        "options": source.options,
        "removed": source.removed_ms.map(rfc3339),
        "blocked": source.blocked.as_ref().map(|blocked| json!({
            "code": blocked.code,
            "message": blocked.message,
            "next": blocked.next,
            "since": rfc3339(blocked.at_ms),
        })),
        "schedule": source.schedule.as_ref().map(|schedule| json!({
            "cron": schedule.cron(),
            "timezone": schedule.timezone().name(),
            "description": schedule.describe(),
        })),
        "standing": contract.map(|standing| json!({
            "state": standing.state.as_str(),
            "due": standing.due_ms.map(rfc3339),
            "since": standing.since_ms.map(rfc3339),
            "file": standing.file,
            "message": standing.message,
            "means": standing.means,
            "action": standing.action,
            "tell_upstream": standing.tell_upstream,
        })),
        "expects": source.contract,
        "after_import": source.after_import,
    })
}

/// With which status a command that started or resumed this run ends.
pub fn exit_of(run: &RunRow) -> Exit {
    match run.status {
        RunStatus::Completed if run.counts.failed == 0 => Exit::Done,
        RunStatus::Completed | RunStatus::NeedsAttention => Exit::Attention,
        RunStatus::Queued | RunStatus::Running | RunStatus::AwaitingRelease => Exit::Done,
        RunStatus::Failed | RunStatus::Cancelled | RunStatus::Interrupted => Exit::NotDone,
    }
}

/// Why a row was skipped or failed: the skip reason with its condition, or the codes of its errors.
pub fn reason(row: &LedgerRow) -> Option<String> {
    match &row.outcome {
        Outcome::Skipped(reason) => Some(reason.to_string()),
        Outcome::Failed => {
            let mut codes: Vec<&str> = errors(row).map(|issue| issue.code.as_str()).collect();
            codes.dedup();
            Some(codes.join(", "))
        }
        Outcome::Created(_) | Outcome::Updated(_) | Outcome::Unchanged(_) => None,
    }
}

/// The issues that failed a row.
pub fn errors(row: &LedgerRow) -> impl Iterator<Item = &Issue> {
    row.issues.iter().filter(|issue| issue.severity == Severity::Error)
}

/// A row of a run. `raw` are the cells as they stand in the delivery, by column; none where it is gone.
pub fn row(
    row: &LedgerRow,
    reference: Option<&str>,
    raw: Option<Map<String, Value>>,
    catalog: &Catalog,
    code: &WorkspaceCode,
) -> Value {
    let issues: Vec<Value> = row
        .issues
        .iter()
        .map(|issue| {
            json!({
                "code": issue.code.as_str(),
                "field": field_key(catalog, issue.field),
                "message": issue.code.message(),
                "guidance": issue.guidance,
                "value": issue.value,
            })
        })
        .collect();
    let notes: Vec<&str> = row.notes.iter().map(|(_, note)| note.as_str()).collect();
    json!({
        "row": row.row,
        "line": row.line,
        "outcome": row.outcome.kind().as_str(),
        "reason": reason(row),
        "contact": row.outcome.record().map(|id| code.contact_id(id)),
        "reference": reference,
        "issues": issues,
        "notes": notes,
        "raw": raw,
    })
}

/// A contact, with what the ledger says last of it.
pub fn record(record: &Record, store: &Store, catalog: &Catalog, sources: &[Source]) -> Result<Value, CliError> {
    let fields: Map<String, Value> =
        record.fields.iter().filter_map(|(id, value)| Some((catalog.get(*id)?.key.clone(), held(value)))).collect();
    let references: Vec<Value> = record
        .references
        .iter()
        .map(|(id, reference)| {
            let source = sources.iter().find(|source| source.id == *id).map(|source| source.name.as_str());
            json!({ "source": source, "reference": reference })
        })
        .collect();
    let last = store.last_row_of_record(record)?;
    Ok(json!({
        "contact": store.workspace_code().contact_id(record.id),
        "fields": fields,
        "references": references,
        "created_run": record.created.run.0,
        "updated_run": record.updated.run.0,
        "row": record.updated.row,
        "created_at": rfc3339(record.created.at_ms),
        "updated_at": rfc3339(record.updated.at_ms),
        "last_row": last.map(|last| json!({
            "run": last.run.0,
            "row": last.row,
            "outcome": last.outcome.as_str(),
        })),
    }))
}

fn held(value: &Held) -> Value {
    match value {
        Held::One(text) => Value::from(text.as_str()),
        Held::Many(texts) => Value::from(texts.as_slice()),
    }
}

fn field_key(catalog: &Catalog, field: Option<FieldId>) -> Option<&str> {
    field.and_then(|id| catalog.get(id)).map(|field| field.key.as_str())
}
