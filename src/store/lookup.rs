//! Finding contacts: by number, reference, e-mail, phone or name; all of them in order; and deleting one.

use super::batch_reads;
use super::blocks;
use super::codec::{self, BLOCK};
use super::error::{Fault, StoreError};
use super::index::{self, KeyKind, Smallest};
use super::keys::{self, KeyBytes, KeyFields, email_key, name_words, phone_key, reference_key};
use super::workspace::Store;
use crate::domain::field::{FieldId, Role};
use crate::domain::id::{RecordId, RunId, SourceId};
use crate::domain::record::Record;
use crate::domain::values::email;
use rusqlite::Connection;
use std::collections::{BTreeSet, VecDeque};

/// Index entries, and records, read at once.
const PAGE: usize = 1024;

/// Entries of a word's list that are looked at together, at most.
const MOST_AT_ONCE: usize = 1 << 16;

/// Index entries that are looked through for each record that may be read.
const ENTRIES_A_RECORD: usize = 32;

/// What to look for.
#[derive(Debug, Clone, Copy)]
pub enum Find<'a> {
    /// Exactly this reference, letter case included.
    Reference(&'a str),
    /// References that begin with this text, in the order of references.
    ReferencePrefix(&'a str),
    /// Exactly this e-mail address; letter case does not matter.
    Email(&'a str),
    /// Exactly this phone number, in its canonical text.
    Phone(&'a str),
    /// Names in which each of these words begins a word, whatever their order, case and accents.
    Name(&'a str),
}

/// What looking came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    pub records: Vec<Record>,
    /// Looking was given up before its end: there may be others.
    pub is_cut: bool,
}

/// What else has to hold.
#[derive(Debug, Clone, Default)]
pub struct Narrow {
    /// Known to this source by a reference.
    pub source: Option<SourceId>,
    /// Created or last updated by this run.
    pub run: Option<RunId>,
    /// Has this tag; letter case does not matter.
    pub tag: Option<String>,
}

/// One question, with the fields of the workspace at hand.
struct Question<'a> {
    fields: KeyFields,
    tags: Option<FieldId>,
    narrow: &'a Narrow,
}

impl Question<'_> {
    fn allows(&self, record: &Record) -> bool {
        let Narrow { source, run, tag } = self.narrow;
        source.is_none_or(|source| record.reference_of(source).is_some())
            && run.is_none_or(|run| record.created.run == run || record.updated.run == run)
            && tag.as_ref().is_none_or(|tag| {
                let tags = self.tags.and_then(|field| record.get(field));
                tags.is_some_and(|tags| tags.texts().iter().any(|held| held.to_lowercase() == tag.to_lowercase()))
            })
    }
}

impl Store {
    /// A record, living or deleted.
    pub fn record(&self, id: RecordId) -> Result<Option<Record>, StoreError> {
        Ok(self.records(&[id])?.pop())
    }

    /// The records of these numbers, which ascend. What does not exist is absent.
    pub fn records(&self, ids: &[RecordId]) -> Result<Vec<Record>, StoreError> {
        self.read_layers(|data, base| blocks::records(data, base, ids))
    }

    /// For each key the records that may hold it, ascending: compare their own field before believing it.
    pub fn candidates(&self, keys: &[(KeyKind, KeyBytes)]) -> Result<Vec<Vec<RecordId>>, StoreError> {
        self.main.read(|conn| batch_reads::candidates(conn, None, keys))
    }

    /// The number that the next new record will have.
    pub fn next_record(&self) -> Result<RecordId, StoreError> {
        self.main.read(|conn| {
            let next = conn.query_row("SELECT next_record FROM meta", [], |row| row.get::<_, i64>(0))?;
            Ok(RecordId(next as u64))
        })
    }

    /// The records that are found, at most `limit`; for the next page pass the last one as `after`. Deleted ones are
    /// found by reference only, after the living. Looks in the workspace; a dry run's records are not among them.
    pub fn lookup(
        &self,
        find: &Find<'_>,
        narrow: &Narrow,
        after: Option<RecordId>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        Ok(self.lookup_within(find, narrow, after, limit, usize::MAX)?.records)
    }

    /// The same, given up after about `most` records were read: names, and references that are narrowed, may be about
    /// all records that there are. What is found before that does not depend on `limit` or `after`.
    pub fn lookup_within(
        &self,
        find: &Find<'_>,
        narrow: &Narrow,
        after: Option<RecordId>,
        limit: usize,
        most: usize,
    ) -> Result<Looked, StoreError> {
        let catalog = self.catalog()?;
        let question = Question { fields: KeyFields::of(&catalog), tags: catalog.role(Role::Tags), narrow };
        let sources = match narrow.source {
            Some(source) => vec![source],
            None => self.sources_ever()?.iter().map(|source| source.id).collect(),
        };
        self.main.read(|conn| {
            let fields = &question.fields;
            let mut found = match find {
                Find::ReferencePrefix(prefix) => {
                    return by_prefix(conn, &question, &sources, prefix, after, limit, most);
                }
                Find::Reference(text) => {
                    let keys: Vec<_> = sources.iter().map(|source| reference_key(*source, text)).collect();
                    let held =
                        |record: &Record| sources.iter().any(|source| record.reference_of(*source) == Some(text));
                    by_key(conn, KeyKind::Reference, &keys, held)?
                }
                Find::Email(address) => {
                    let wanted = email::match_key(address);
                    by_key(conn, KeyKind::Email, &[email_key(address)], |record| {
                        fields.email(record).is_some_and(|held| email::match_key(held) == wanted)
                    })?
                }
                Find::Phone(phone) => {
                    by_key(conn, KeyKind::Phone, &[phone_key(phone)], |record| fields.phone(record) == Some(phone))?
                }
                Find::Name(name) => return by_name(conn, &question, name, after, limit, most),
            };
            found.retain(|record| question.allows(record));
            found.sort_by_key(|record| (!record.is_alive(), record.id));
            let from =
                after.and_then(|after| found.iter().position(|record| record.id == after)).map_or(0, |at| at + 1);
            Ok(Looked { records: found.into_iter().skip(from).take(limit).collect(), is_cut: false })
        })
    }

    /// All living contacts in the order of their numbers, a few at a time.
    pub fn contacts(&self) -> Contacts<'_> {
        Contacts { store: self, next_block: 0, ready: VecDeque::new(), ended: false }
    }

    /// Deletes a contact: its number, its references and the date stay, its values go (R287, R290). Returns what stays;
    /// `None` when there is no such contact. One that is deleted already keeps its date.
    pub fn delete_contact(&mut self, id: RecordId, now_ms: i64) -> Result<Option<Record>, StoreError> {
        self.main.write(|tx| {
            let Some(mut block) = blocks::block(tx, None, id.0 / BLOCK)? else { return Ok(None) };
            let Some(bytes) = block.get(id) else { return Ok(None) };
            let mut record = codec::record(id, bytes).map_err(|_| Fault::Corrupt("record", id.0))?;
            if record.is_alive() {
                record.fields.clear();
                record.deleted_at_ms = Some(now_ms);
                let mut bytes = Vec::new();
                codec::put_record(&mut bytes, &record);
                block.set(id, bytes);
                blocks::put_block(tx, id.0 / BLOCK, &block, &mut Vec::new())?;
                tx.execute("UPDATE meta SET state_version = state_version + 1", [])?;
            }
            Ok(Some(record))
        })
    }
}

fn by_key(
    conn: &Connection,
    kind: KeyKind,
    keys: &[keys::KeyBytes],
    held: impl Fn(&Record) -> bool,
) -> Result<Vec<Record>, Fault> {
    let (mut ids, mut values) = (BTreeSet::new(), Vec::new());
    for key in keys {
        index::find(conn, kind, key, &mut values)?;
        ids.extend(values.iter().map(|value| RecordId(*value)));
    }
    let ids: Vec<RecordId> = ids.into_iter().collect();
    let mut records = blocks::records(conn, None, &ids)?;
    records.retain(held);
    Ok(records)
}

/// Calls `each` with the entries of a prefix in order, until it says no. Reads so many at once.
fn scan(
    conn: &Connection,
    kind: KeyKind,
    prefix: &[u8],
    mut after: Option<(Vec<u8>, u64)>,
    size: usize,
    mut each: impl FnMut(&[u8], u64) -> Result<bool, Fault>,
) -> Result<(), Fault> {
    loop {
        let from = after.as_ref().map(|(key, value)| (key.as_slice(), *value));
        let page = index::scan_prefix(conn, kind, prefix, from, size)?;
        for (key, value) in &page {
            if !each(key, *value)? {
                return Ok(());
            }
        }
        if page.len() < size {
            return Ok(());
        }
        after = page.into_iter().next_back();
    }
}

fn by_prefix(
    conn: &Connection,
    question: &Question<'_>,
    sources: &[SourceId],
    prefix: &str,
    after: Option<RecordId>,
    limit: usize,
    most: usize,
) -> Result<Looked, Fault> {
    // A record stands where the first of its references that begins so stands, and is told once.
    let place = |record: &Record| {
        let of = |source: &SourceId| record.reference_of(*source).filter(|text| text.starts_with(prefix));
        sources.iter().find_map(|source| of(source).map(|text| (*source, reference_key(*source, text))))
    };
    let last = match after {
        Some(id) => blocks::records(conn, None, &[id])?.first().and_then(place).zip(after),
        None => None,
    };
    let (mut found, mut read) = (Vec::new(), 0);
    for source in sources {
        let begin = match &last {
            Some(((last, _), _)) if source < last => continue,
            Some(((last, key), id)) if source == last => Some((key.clone(), id.0)),
            _ => None,
        };
        let size = limit.saturating_add(1).clamp(16, PAGE);
        scan(conn, KeyKind::Reference, &reference_key(*source, prefix), begin, size, |key, value| {
            if found.len() >= limit || read >= most {
                return Ok(false);
            }
            read += 1;
            let mut records = blocks::records(conn, None, &[RecordId(value)])?;
            records.retain(|record| {
                place(record).is_some_and(|place| place == (*source, key.to_vec())) && question.allows(record)
            });
            found.append(&mut records);
            Ok(true)
        })?;
    }
    Ok(Looked { is_cut: read >= most && found.len() < limit, records: found })
}

fn by_name(
    conn: &Connection,
    question: &Question<'_>,
    name: &str,
    after: Option<RecordId>,
    limit: usize,
    most: usize,
) -> Result<Looked, Fault> {
    let words = name_words(name);
    if words.is_empty() {
        return Ok(Looked::default());
    }
    let entries = most.saturating_mul(ENTRIES_A_RECORD);
    let mut passed = vec![0; words.len()];
    let (mut found, mut read) = (Vec::new(), 0);
    // Mostly the first ones suffice; each record lies in a block of its own.
    let (mut from, mut size) = (after.map_or(0, |after| after.0 + 1), limit.clamp(16, PAGE));
    loop {
        let Shared { ids, next } = with_all_words(conn, &words, from, size, &mut passed)?;
        for ids in ids.chunks(PAGE) {
            if read >= most {
                return Ok(Looked { records: found, is_cut: true });
            }
            read += ids.len();
            for record in blocks::records(conn, None, ids)? {
                let held = question.fields.words(&record);
                let named = words.iter().all(|word| held.iter().any(|held| held.starts_with(word.as_str())));
                if named && question.allows(&record) {
                    found.push(record);
                    if found.len() == limit {
                        return Ok(Looked { records: found, is_cut: false });
                    }
                }
            }
        }
        let Some(next) = next else { return Ok(Looked { records: found, is_cut: false }) };
        // Where one of the words is rare all of its records are looked at, however common the others are.
        if read >= most || passed.iter().all(|passed| *passed >= entries) {
            return Ok(Looked { records: found, is_cut: true });
        }
        (from, size) = (next, (2 * size).min(MOST_AT_ONCE));
    }
}

/// Records that the index knows under all words.
struct Shared {
    /// Ascending.
    ids: Vec<RecordId>,
    /// The first number that the others may have; none when there are no others.
    next: Option<u64>,
}

/// The next records, from a number on, that are in the lists of all words. About `size` entries of each list are looked
/// at, and `passed` counts those that need not be looked at again. A list is leapt over up to where the others go on.
fn with_all_words(
    conn: &Connection,
    words: &[String],
    from: u64,
    size: usize,
    passed: &mut [usize],
) -> Result<Shared, Fault> {
    let mut lists = Vec::with_capacity(words.len());
    for word in words {
        lists.push(index::smallest(conn, KeyKind::NameWord, word.as_bytes(), from, size)?);
    }
    // Up to here all lists are known.
    let end = lists.iter().filter(|list| !list.is_all).filter_map(|list| list.values.last().copied()).min();
    let known = |list: &Smallest| list.values.partition_point(|id| end.is_none_or(|end| *id <= end));
    let Some((first, others)) = lists.split_first() else { return Ok(Shared { ids: Vec::new(), next: None }) };
    let in_others = |id: &u64| others.iter().all(|list| list.values.binary_search(id).is_ok());
    let ids = first.values[..known(first)].iter().copied().filter(in_others).map(RecordId).collect();
    let mut next = end.and_then(|end| end.checked_add(1));
    for (list, passed) in lists.iter().zip(passed) {
        *passed += known(list);
        next = match list.values.get(known(list)) {
            Some(later) => next.map(|next| next.max(*later)),
            None if list.is_all => None,
            None => next,
        };
    }
    Ok(Shared { ids, next })
}

/// All living contacts. Made by [`Store::contacts`].
pub struct Contacts<'s> {
    store: &'s Store,
    next_block: u64,
    ready: VecDeque<Record>,
    ended: bool,
}

impl Iterator for Contacts<'_> {
    type Item = Result<Record, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.ended {
            if let Err(error) = self.refill() {
                self.ended = true;
                return Some(Err(error));
            }
        }
        self.ready.pop_front().map(Ok)
    }
}

impl Contacts<'_> {
    fn refill(&mut self) -> Result<(), StoreError> {
        const BLOCKS: i64 = 128;
        let Contacts { store, next_block, ready, ended } = self;
        store.main.read(|conn| {
            let mut query = conn.prepare_cached("SELECT id, data FROM record WHERE id >= ?1 ORDER BY id LIMIT ?2")?;
            let mut rows = query.query((*next_block as i64, BLOCKS))?;
            let mut read = 0;
            while let Some(row) = rows.next()? {
                let number = row.get::<_, i64>(0)? as u64;
                let data: Vec<u8> = row.get(1)?;
                let places = codec::places(&data).map_err(|_| Fault::Corrupt("record", number * BLOCK))?;
                for (id, bytes) in (number * BLOCK..).map(RecordId).zip(places) {
                    let record = bytes.map(|bytes| codec::record(id, bytes)).transpose();
                    let record = record.map_err(|_| Fault::Corrupt("record", id.0))?;
                    ready.extend(record.filter(Record::is_alive));
                }
                *next_block = number + 1;
                read += 1;
            }
            *ended = read < BLOCKS;
            Ok(())
        })
    }
}
