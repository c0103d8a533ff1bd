//! Ledger rows as bytes: 4,096 of them to a block, and what there is to say about one of them beside it.
//!
//! A block is one code byte a row, followed by the differences of record number, offset and line from row to row.

use super::codec::{Damaged, Decoded, Reader, put_bytes, put_number, put_signed};
use crate::domain::field::FieldId;
use crate::domain::id::RecordId;
use crate::domain::issue::{Code, Note};
use crate::domain::outcome::{Counts, Issue, LedgerRow, Outcome, OutcomeKind, Severity, SkipReason};

/// Rows a block at most.
pub(super) const ROWS: usize = 4096;

const KIND: u8 = 0b111;
const WARNED: u8 = 1 << 3;
const NOTED: u8 = 1 << 4;
/// The row has an entry of its own.
const EXCEPTION: u8 = 1 << 5;

fn is_warned(row: &LedgerRow) -> bool {
    row.issues.iter().any(|issue| issue.severity == Severity::Warning)
}

/// Whether there is something to say about the row beyond its outcome.
pub(super) fn is_exception(row: &LedgerRow) -> bool {
    !row.issues.is_empty() || !row.notes.is_empty() || row.outcome.record().is_none()
}

fn code(row: &LedgerRow) -> u8 {
    let kind = OutcomeKind::ALL.iter().position(|kind| *kind == row.outcome.kind()).unwrap_or_default() as u8;
    let flag = |set: bool, bit: u8| if set { bit } else { 0 };
    kind | flag(is_warned(row), WARNED) | flag(!row.notes.is_empty(), NOTED) | flag(is_exception(row), EXCEPTION)
}

/// One row's code byte, read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct RowCode(u8);

impl RowCode {
    pub(super) fn kind(self) -> Decoded<OutcomeKind> {
        OutcomeKind::ALL.get(usize::from(self.0 & KIND)).copied().ok_or(Damaged)
    }

    pub(super) fn is_warned(self) -> bool {
        self.0 & WARNED != 0
    }

    pub(super) fn is_noted(self) -> bool {
        self.0 & NOTED != 0
    }

    pub(super) fn is_exception(self) -> bool {
        self.0 & EXCEPTION != 0
    }
}

/// A row as its block tells it.
#[derive(Clone, Copy)]
pub(super) struct PackedRow {
    pub(super) row: u64,
    pub(super) code: RowCode,
    /// Of landed rows.
    pub(super) record: Option<RecordId>,
    pub(super) offset: u64,
    pub(super) line: u64,
}

/// Packs consecutive rows.
pub(super) fn pack(rows: &[LedgerRow], out: &mut Vec<u8>) {
    out.extend(rows.iter().map(code));
    let (mut record, mut offset, mut line) = (0i64, 0u64, 0u64);
    for row in rows {
        if let Some(RecordId(id)) = row.outcome.record() {
            put_signed(out, (id as i64).wrapping_sub(record));
            record = id as i64;
        }
        put_signed(out, row.offset.wrapping_sub(offset) as i64);
        put_signed(out, row.line.wrapping_sub(line) as i64);
        (offset, line) = (row.offset, row.line);
    }
}

/// The code bytes of a block of `n` rows.
pub(super) fn codes(data: &[u8], n: usize) -> Decoded<impl Iterator<Item = RowCode>> {
    Ok(data.get(..n).ok_or(Damaged)?.iter().map(|code| RowCode(*code)))
}

/// Reads a block of `n` rows of which the first is `first`.
pub(super) fn unpack(data: &[u8], n: usize, first: u64) -> Decoded<Vec<PackedRow>> {
    let mut reader = Reader::new(data.get(n..).ok_or(Damaged)?);
    let (mut record, mut offset, mut line) = (0i64, 0u64, 0u64);
    let mut rows = Vec::with_capacity(n);
    for (place, code) in codes(data, n)?.enumerate() {
        let landed = !matches!(code.kind()?, OutcomeKind::Skipped | OutcomeKind::Failed);
        if landed {
            record = record.wrapping_add(reader.signed()?);
        }
        offset = offset.wrapping_add(reader.signed()? as u64);
        line = line.wrapping_add(reader.signed()? as u64);
        let record = landed.then_some(RecordId(record as u64));
        rows.push(PackedRow { row: first + place as u64, code, record, offset, line });
    }
    if reader.is_empty() { Ok(rows) } else { Err(Damaged) }
}

/// What the codes of a block add to the counts.
pub(super) fn count(data: &[u8], n: usize, counts: &mut Counts) -> Decoded<()> {
    for code in codes(data, n)? {
        match code.kind()? {
            OutcomeKind::Created => counts.created += 1,
            OutcomeKind::Updated => counts.updated += 1,
            OutcomeKind::Unchanged => counts.unchanged += 1,
            OutcomeKind::Skipped => counts.skipped += 1,
            OutcomeKind::Failed => counts.failed += 1,
        }
        counts.warnings += u64::from(code.is_warned());
        counts.notes += u64::from(code.is_noted());
    }
    Ok(())
}

/// A row whose outcome says everything.
pub(super) fn plain_row(packed: &PackedRow) -> Decoded<LedgerRow> {
    let id = packed.record.ok_or(Damaged)?;
    let outcome = match packed.code.kind()? {
        OutcomeKind::Created => Outcome::Created(id),
        OutcomeKind::Updated => Outcome::Updated(id),
        OutcomeKind::Unchanged => Outcome::Unchanged(id),
        OutcomeKind::Skipped | OutcomeKind::Failed => return Err(Damaged),
    };
    let PackedRow { row, line, offset, .. } = *packed;
    Ok(LedgerRow { row, line, offset, outcome, issues: Vec::new(), notes: Vec::new(), reference_hash: None })
}

fn put_field(out: &mut Vec<u8>, field: Option<FieldId>) {
    put_number(out, field.map_or(0, |field| u64::from(field.0) + 1));
}

fn field(reader: &mut Reader<'_>) -> Decoded<Option<FieldId>> {
    match reader.number()? {
        0 => Ok(None),
        number => u16::try_from(number - 1).map(|id| Some(FieldId(id))).map_err(|_| Damaged),
    }
}

/// Appends a row with something to say; it stands by itself, without its block.
pub(super) fn put_exception(out: &mut Vec<u8>, row: &LedgerRow) {
    out.push(code(row));
    put_number(out, row.line);
    put_number(out, row.offset);
    match &row.outcome {
        Outcome::Created(id) | Outcome::Updated(id) | Outcome::Unchanged(id) => put_number(out, id.0),
        Outcome::Failed => {}
        Outcome::Skipped(reason) => {
            out.push(match reason {
                SkipReason::Duplicate => 0,
                SkipReason::NotFound => 1,
                SkipReason::Deleted => 2,
                SkipReason::Filter(_) => 3,
                SkipReason::Since => 4,
                SkipReason::Status => 5,
            });
            if let SkipReason::Filter(condition) = reason {
                put_bytes(out, condition.as_bytes());
            }
        }
    }
    put_number(out, row.issues.len() as u64);
    for issue in &row.issues {
        let place = Code::ALL.iter().position(|code| *code == issue.code).unwrap_or_default() as u64;
        put_number(out, place << 1 | u64::from(issue.severity == Severity::Warning));
        put_field(out, issue.field);
        put_bytes(out, issue.guidance.as_bytes());
        put_bytes(out, issue.value.as_bytes());
    }
    put_number(out, row.notes.len() as u64);
    for (of, note) in &row.notes {
        let place = Note::ALL.iter().position(|known| known == note).unwrap_or_default();
        put_number(out, place as u64);
        put_field(out, *of);
    }
}

/// The code byte of a row with something to say.
pub(super) fn exception_code(data: &[u8]) -> Decoded<RowCode> {
    data.first().map(|code| RowCode(*code)).ok_or(Damaged)
}

/// Why a row with something to say was skipped; none for one that was not. The rest of its entry is not read.
pub(super) fn skipped_because(data: &[u8]) -> Decoded<Option<SkipReason>> {
    let mut reader = Reader::new(data);
    if RowCode(reader.byte()?).kind()? != OutcomeKind::Skipped {
        return Ok(None);
    }
    let (_line, _offset) = (reader.number()?, reader.number()?);
    skip_reason(&mut reader).map(Some)
}

fn skip_reason(reader: &mut Reader<'_>) -> Decoded<SkipReason> {
    Ok(match reader.byte()? {
        0 => SkipReason::Duplicate,
        1 => SkipReason::NotFound,
        2 => SkipReason::Deleted,
        3 => SkipReason::Filter(reader.text()?),
        4 => SkipReason::Since,
        5 => SkipReason::Status,
        _ => return Err(Damaged),
    })
}

pub(super) fn exception(row: u64, data: &[u8]) -> Decoded<LedgerRow> {
    let mut reader = Reader::new(data);
    let code = RowCode(reader.byte()?);
    let (line, offset) = (reader.number()?, reader.number()?);
    let outcome = match code.kind()? {
        OutcomeKind::Created => Outcome::Created(RecordId(reader.number()?)),
        OutcomeKind::Updated => Outcome::Updated(RecordId(reader.number()?)),
        OutcomeKind::Unchanged => Outcome::Unchanged(RecordId(reader.number()?)),
        OutcomeKind::Failed => Outcome::Failed,
        OutcomeKind::Skipped => Outcome::Skipped(skip_reason(&mut reader)?),
    };
    let issues = (0..reader.count()?).map(|_| issue(&mut reader)).collect::<Decoded<Vec<Issue>>>()?;
    let notes = (0..reader.count()?).map(|_| note(&mut reader)).collect::<Decoded<Vec<_>>>()?;
    if !reader.is_empty() {
        return Err(Damaged);
    }
    Ok(LedgerRow { row, line, offset, outcome, issues, notes, reference_hash: None })
}

fn issue(reader: &mut Reader<'_>) -> Decoded<Issue> {
    let head = reader.number()?;
    let place = usize::try_from(head >> 1).map_err(|_| Damaged)?;
    Ok(Issue {
        code: Code::ALL.get(place).copied().ok_or(Damaged)?,
        severity: if head & 1 == 1 { Severity::Warning } else { Severity::Error },
        field: field(reader)?,
        guidance: reader.text()?,
        value: reader.text()?,
    })
}

fn note(reader: &mut Reader<'_>) -> Decoded<(Option<FieldId>, Note)> {
    let place = usize::try_from(reader.number()?).map_err(|_| Damaged)?;
    let note = Note::ALL.get(place).copied().ok_or(Damaged)?;
    Ok((field(reader)?, note))
}
