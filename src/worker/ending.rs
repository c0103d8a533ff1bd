//! How a delivery ends: the facts from which it is told whether it was uploaded whole (R346).

use super::error::WorkerError;
use crate::domain::dialect::Dialect;
use crate::domain::id::{DeliveryId, SourceId};
use crate::domain::run::RunKind;
use crate::domain::source::{Ending, sign_of_unfinished};
use crate::engine::open::Delivery;
use crate::engine::read::ReadError;
use crate::engine::scan::Scan;
use crate::store::Store;
use std::io::{self, Read};
use std::path::Path;

/// So many bytes at the end are looked at.
const TAIL: u64 = 64 * 1024;

/// So many earlier deliveries say how files of the source end.
const EARLIER: usize = 5;
/// They are looked for among so many.
const LAST: u64 = 100;

/// Why a delivery of a source may not have been uploaded whole, without a full stop; none where nothing speaks for it.
///
/// # Errors
/// When it or the store cannot be read.
pub fn sign(
    store: &Store,
    source: SourceId,
    delivery: DeliveryId,
    file: &Path,
    dialect: &Dialect,
    scan: &Scan,
) -> Result<Option<String>, WorkerError> {
    let tail = tail(file)?;
    let columns = dialect.columns.len();
    let last = scan.last_row_lacks.map(|lacks| (columns, columns.saturating_sub(lacks as usize)));
    let last_is_short = scan.last_row_lacks.is_some_and(|lacks| lacks > 0);
    Ok(sign_of_unfinished(&Ending {
        size: scan.bytes,
        is_inside_quote: scan.ends_in_quote || dialect.quote.is_none() && opens_a_quote(&tail, dialect.delimiter),
        columns: last,
        has_line_end: ends_a_line(&tail),
        earlier_had_line_end: earlier_ended_a_line(store, source, delivery)?,
        has_other_short_rows: scan.short_rows > u64::from(last_is_short),
    }))
}

/// The last bytes of the content.
fn tail(file: &Path) -> Result<Vec<u8>, WorkerError> {
    let delivery = Delivery::open(file).map_err(ReadError::from)?;
    let failed = |error: io::Error| WorkerError::read(file, error);
    let mut tail = Vec::new();
    if !delivery.is_compressed() {
        let stream = delivery.stream(delivery.disk_bytes().saturating_sub(TAIL)).map_err(failed)?;
        stream.take(TAIL).read_to_end(&mut tail).map_err(failed)?;
        return Ok(tail);
    }
    let mut stream = delivery.stream(0).map_err(failed)?;
    let mut chunk = vec![0; TAIL as usize];
    loop {
        let read = stream.read(&mut chunk).map_err(failed)?;
        if read == 0 {
            return Ok(tail);
        }
        tail.extend_from_slice(&chunk[..read]);
        let surplus = tail.len().saturating_sub(TAIL as usize);
        tail.drain(..surplus);
    }
}

/// In any encoding of two bytes a letter, too; the mark that old systems put at the end of a text counts for nothing.
fn ends_a_line(tail: &[u8]) -> bool {
    let end = tail.iter().rev().find(|byte| !matches!(byte, 0 | 0x1a));
    matches!(end, Some(b'\n' | b'\r'))
}

/// Whether the last quote stands where a cell begins: in a text whose quotes do not close that is how it was cut off.
fn opens_a_quote(tail: &[u8], delimiter: u8) -> bool {
    let plain: Vec<u8> = tail.iter().copied().filter(|byte| *byte != 0).collect();
    let Some(last) = plain.iter().rposition(|byte| *byte == b'"') else { return false };
    let before = last.checked_sub(1).map(|before| plain[before]);
    before.is_none_or(|before| before == delimiter || matches!(before, b'\n' | b'\r'))
}

/// Whether each of the last deliveries that were imported ended a line; none where there are none any more.
fn earlier_ended_a_line(store: &Store, source: SourceId, but: DeliveryId) -> Result<Option<bool>, WorkerError> {
    let mut all = None;
    let mut looked_at = 0;
    for earlier in store.last_deliveries(source, LAST)? {
        if earlier.id == but || earlier.purged_ms.is_some() || looked_at == EARLIER {
            continue;
        }
        let runs = store.runs_of_delivery(source, earlier.id)?;
        if !runs.iter().any(|run| run.kind != RunKind::DryRun) {
            continue;
        }
        // One that cannot be read any more says nothing.
        let Ok(tail) = tail(&earlier.path) else { continue };
        looked_at += 1;
        all = Some(all.unwrap_or(true) && ends_a_line(&tail));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_line_is_seen_in_every_encoding() {
        for (tail, ends) in [
            (&b"a,b\n"[..], true),
            (b"a,b\r\n", true),
            (b"a,b\r", true),
            (b"a\0\n\0", true),
            (b"\0a\0\n", true),
            (b"a,b\n\x1a", true),
            (b"a,b", false),
            (b"", false),
        ] {
            assert_eq!(ends_a_line(tail), ends, "{tail:?}");
        }
    }

    #[test]
    fn a_quote_that_was_opened_last_is_seen_where_quotes_are_plain_text() {
        for (tail, opens) in [
            (&b"a,\"b"[..], true),
            (b"a\n\"b", true),
            (b"\"b", true),
            (b"a,\"b\"", false),
            (b"5\" nail,x", false),
            (b"a,b", false),
        ] {
            assert_eq!(opens_a_quote(tail, b','), opens, "{tail:?}");
        }
    }
}
