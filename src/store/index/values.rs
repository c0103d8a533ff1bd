//! The smallest values of a prefix: what a list in the order of values, not of keys, begins with.

use super::segment;
use super::{KeyKind, Result, guard, in_snapshot};
use rusqlite::Connection;

/// Values found, ascending and each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Smallest {
    pub values: Vec<u64>,
    /// There is no other value. Otherwise there are no others up to the last one of these.
    pub is_all: bool,
}

/// The smallest values, from `from` on, of the entries whose key begins with `prefix`: about `limit` of them, at least
/// one if there is one.
///
/// The values of a key stand together and ascend, so of each key only the first ones are read, up to the largest that
/// can still be among the smallest; what follows is leapt over. The cost grows with the number of keys that begin so and
/// with `limit`, not with the number of entries.
pub fn smallest(conn: &Connection, kind: KeyKind, prefix: &[u8], from: u64, limit: usize) -> Result<Smallest> {
    guard(prefix)?;
    let limit = limit.max(1);
    in_snapshot(conn, |conn| {
        let mut kept = Kept { values: Vec::new(), limit, bound: u64::MAX, is_all: true };
        // Large and old segments first: they mostly hold the small values, which rule out most of the others.
        let mut key = Vec::new();
        segment::visit(conn, segment::list(conn, kind)?.into_iter().rev(), |cursor| {
            cursor.seek(prefix, from)?;
            while let Some((found, value)) = cursor.current().filter(|(found, _)| found.starts_with(prefix)) {
                key.clear();
                key.extend_from_slice(found);
                if value < from {
                    cursor.seek(&key, from)?;
                }
                while let Some((_, value)) = cursor.current().filter(|(found, _)| *found == key) {
                    if !kept.take(value) {
                        // The first key after this one.
                        key.push(0);
                        cursor.seek(&key, 0)?;
                        break;
                    }
                    cursor.advance()?;
                }
            }
            Ok(())
        })?;
        kept.cut(limit);
        Ok(Smallest { values: kept.values, is_all: kept.is_all })
    })
}

/// Values of which only the smallest are wanted.
struct Kept {
    values: Vec<u64>,
    limit: usize,
    /// Larger values are not wanted any more.
    bound: u64,
    is_all: bool,
}

impl Kept {
    /// Whether the value may be among the smallest; then it is kept.
    fn take(&mut self, value: u64) -> bool {
        if value > self.bound {
            self.is_all = false;
            return false;
        }
        self.values.push(value);
        if self.values.len() >= self.limit.saturating_mul(2) {
            self.cut(self.limit);
        }
        true
    }

    fn cut(&mut self, limit: usize) {
        self.values.sort_unstable();
        self.values.dedup();
        if self.values.len() > limit {
            self.values.truncate(limit);
            self.is_all = false;
        }
        if let Some(last) = self.values.get(limit - 1) {
            self.bound = *last;
        }
    }
}
