//! The keys that a batch adds to the index: collected in a few large buffers, sorted, written, told to the filter.

use super::error::Fault;
use super::index::{self, KeyHash, KeyKind};
use super::keys::{self, KeyFields, WordScratch};
use crate::domain::id::SourceId;
use crate::domain::record::Record;
use rusqlite::Connection;

/// Within so many keys a word of the same record is noticed again: a full name repeats the first and the last name.
const REPEATS_WITHIN: usize = 8;

/// All kinds, in the order in which they are written.
const KINDS: [KeyKind; 5] =
    [KeyKind::Reference, KeyKind::Email, KeyKind::Phone, KeyKind::NameWord, KeyKind::RowReference];

/// The keys of a batch, by kind. Make one for a run and use it for every batch: its buffers stay.
///
/// The order of pushing does not matter, and what is pushed twice counts once. Records in the order of their numbers
/// sort fastest.
#[derive(Default)]
pub(super) struct NewKeys {
    emails: Hashes,
    phones: Hashes,
    row_references: Hashes,
    references: Texts,
    name_words: Texts,
    /// Filled by [`NewKeys::write_matched`].
    matched: Hashes,
    words: WordScratch,
}

impl NewKeys {
    /// Adds a key that is a hash: [`keys::email_hash`], [`keys::phone_hash`] or [`keys::reference_hash`]. A kind whose
    /// keys are texts takes the eight bytes of the number.
    pub(super) fn push_hash(&mut self, kind: KeyKind, hash: u64, value: u64) {
        match kind {
            KeyKind::Email => self.emails.0.push((hash, value)),
            KeyKind::Phone => self.phones.0.push((hash, value)),
            KeyKind::RowReference => self.row_references.0.push((hash, value)),
            KeyKind::Reference => self.references.push(&[&hash.to_be_bytes()], value),
            KeyKind::NameWord => self.name_words.push(&[&hash.to_be_bytes()], value),
            KeyKind::Matched => self.matched.0.push((hash, value)),
        }
    }

    /// Adds the reference of a record in a source ([`keys::reference_key`]).
    pub(super) fn push_reference(&mut self, source: SourceId, reference: &str, value: u64) {
        self.references.push(&[&keys::source_prefix(source), keys::indexed_part(reference)], value);
    }

    /// Adds a word of a name ([`keys::for_each_name_word`]).
    pub(super) fn push_word(&mut self, word: &[u8], value: u64) {
        self.name_words.push_unless_repeated(word, value);
    }

    /// Adds the words of a name.
    pub(super) fn push_name(&mut self, name: &str, value: u64) {
        let NewKeys { name_words, words, .. } = self;
        keys::for_each_name_word(name, words, |word| name_words.push_unless_repeated(word, value));
    }

    /// Adds all keys of a new record.
    pub(super) fn push_created(&mut self, fields: &KeyFields, record: &Record) {
        let id = record.id.0;
        for (source, reference) in &record.references {
            self.push_reference(*source, reference, id);
        }
        if let Some(email) = fields.email(record) {
            self.push_hash(KeyKind::Email, keys::email_hash(email), id);
        }
        if let Some(phone) = fields.phone(record) {
            self.push_hash(KeyKind::Phone, keys::phone_hash(phone), id);
        }
        for name in fields.names(record) {
            self.push_name(name, id);
        }
    }

    /// Adds the keys that a record has and had not before.
    pub(super) fn push_changed(&mut self, fields: &KeyFields, before: &Record, after: &Record) {
        let id = after.id.0;
        for (source, reference) in &after.references {
            if before.reference_of(*source).map(keys::indexed_part) != Some(keys::indexed_part(reference)) {
                self.push_reference(*source, reference, id);
            }
        }
        let held = fields.email(before).map(keys::email_hash);
        if let Some(hash) = fields.email(after).map(keys::email_hash).filter(|hash| held != Some(*hash)) {
            self.push_hash(KeyKind::Email, hash, id);
        }
        let held = fields.phone(before);
        if let Some(phone) = fields.phone(after).filter(|phone| held != Some(*phone)) {
            self.push_hash(KeyKind::Phone, keys::phone_hash(phone), id);
        }
        if !fields.names(after).eq(fields.names(before)) {
            let held = fields.words(before);
            let NewKeys { name_words, words, .. } = self;
            for name in fields.names(after) {
                keys::for_each_name_word(name, words, |word| {
                    if held.binary_search_by(|held| held.as_bytes().cmp(word)).is_err() {
                        name_words.push_unless_repeated(word, id);
                    }
                });
            }
        }
    }

    /// Writes each kind as one sorted run of the index and merges some of what is due. What was pushed stays, for
    /// [`NewKeys::matched`], until [`NewKeys::clear`].
    ///
    /// # Errors
    /// As those of [`index::add`] and [`index::merge_due`]: the transaction must be rolled back.
    pub(super) fn write(&mut self, tx: &Connection) -> Result<(), Fault> {
        let NewKeys { references, emails, phones, name_words, row_references, .. } = self;
        references.write(tx, KeyKind::Reference)?;
        emails.write(tx, KeyKind::Email)?;
        phones.write(tx, KeyKind::Phone)?;
        name_words.write(tx, KeyKind::NameWord)?;
        row_references.write(tx, KeyKind::RowReference)?;
        merge_some_due(tx)
    }

    /// Writes the keys that rows are matched by, and no others, as one sorted run of kind [`KeyKind::Matched`]: a dry run
    /// looks for them only, and whole numbers are sorted and written faster than texts.
    ///
    /// # Errors
    /// As those of [`NewKeys::write`].
    pub(super) fn write_matched(&mut self, tx: &Connection) -> Result<(), Fault> {
        let NewKeys { references, emails, phones, matched, .. } = self;
        let of_reference = |entry: &TextEntry| KeyHash::new(KeyKind::Reference, entry.key(&references.bytes));
        matched.0.extend(references.entries.iter().map(|entry| (of_reference(entry).number(), entry.value)));
        references.clear();
        for (hashes, kind) in [(emails, KeyKind::Email), (phones, KeyKind::Phone)] {
            let key = |hash: u64| KeyHash::new(kind, &hash.to_be_bytes()).number();
            matched.0.extend(hashes.0.drain(..).map(|(hash, value)| (key(hash), value)));
        }
        matched.write(tx, KeyKind::Matched)?;
        index::merge_due(tx, KeyKind::Matched, &mut |_, _| Ok(true))?;
        Ok(())
    }

    /// The keys of the kinds that rows are matched by, for a filter; repeated ones may come again.
    pub(super) fn matched(&self) -> impl Iterator<Item = KeyHash> {
        let references = self.references.keys().map(|key| KeyHash::new(KeyKind::Reference, key));
        let others = self.emails.key_hashes(KeyKind::Email).chain(self.phones.key_hashes(KeyKind::Phone));
        references.chain(others).chain(self.matched.0.iter().map(|(number, _)| KeyHash::of_number(*number)))
    }

    /// How many [`NewKeys::matched`] gives.
    pub(super) fn matched_len(&self) -> usize {
        self.references.entries.len() + self.emails.0.len() + self.phones.0.len() + self.matched.0.len()
    }

    /// Forgets all keys and keeps the memory for the next batch.
    pub(super) fn clear(&mut self) {
        for hashes in [&mut self.emails, &mut self.phones, &mut self.row_references, &mut self.matched] {
            hashes.0.clear();
        }
        self.references.clear();
        self.name_words.clear();
    }
}

/// Merges what is due of one kind. A batch makes at most one kind's runs ripe for each eight batches before it, so none
/// falls behind; and no batch waits for all kinds at once, while the threads that read go idle.
fn merge_some_due(tx: &Connection) -> Result<(), Fault> {
    for kind in KINDS {
        if index::merge_due(tx, kind, &mut |_, _| Ok(true))? {
            break;
        }
    }
    Ok(())
}

/// Keys that are hashes, stored with the high byte first, and their values.
#[derive(Default)]
struct Hashes(Vec<(u64, u64)>);

impl Hashes {
    fn write(&mut self, tx: &Connection, kind: KeyKind) -> Result<(), Fault> {
        self.0.sort_unstable();
        Ok(index::add(tx, kind, self.0.iter().map(|(hash, value)| (hash.to_be_bytes(), *value)))?)
    }

    fn key_hashes(&self, kind: KeyKind) -> impl Iterator<Item = KeyHash> {
        self.0.iter().map(move |(hash, _)| KeyHash::new(kind, &hash.to_be_bytes()))
    }
}

/// Keys of any length, one after the other in `bytes`.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    entries: Vec<TextEntry>,
}

#[derive(Clone, Copy)]
struct TextEntry {
    /// Eight bytes of the key, set in sorting: they settle most comparisons.
    head: u64,
    value: u64,
    start: usize,
    length: u32,
}

impl TextEntry {
    fn key<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        &bytes[self.start..self.start + self.length as usize]
    }
}

impl Texts {
    fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }

    /// Adds the key that these parts make together.
    fn push(&mut self, parts: &[&[u8]], value: u64) {
        let start = self.bytes.len();
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
        let length = (self.bytes.len() - start) as u32;
        self.entries.push(TextEntry { head: 0, value, start, length });
    }

    /// Adds a key unless it is among the last few of the same value.
    fn push_unless_repeated(&mut self, key: &[u8], value: u64) {
        let last = self.entries.iter().rev().take(REPEATS_WITHIN).take_while(|entry| entry.value == value);
        if !last.into_iter().any(|entry| entry.key(&self.bytes) == key) {
            self.push(&[key], value);
        }
    }

    fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().map(|entry| entry.key(&self.bytes))
    }

    /// Sorts by key, then value. What all keys begin with is passed over, so that the eight bytes after it tell most
    /// keys apart; keys whose eight bytes are the same are compared whole.
    fn sort(&mut self) {
        let Texts { bytes, entries } = self;
        let Some(first) = entries.first() else { return };
        let mut common = first.key(bytes);
        for entry in entries.iter() {
            let key = entry.key(bytes);
            if !key.starts_with(common) {
                common = &common[..key.iter().zip(common).take_while(|(a, b)| a == b).count()];
            }
        }
        let passed = common.len();
        for entry in entries.iter_mut() {
            entry.head = index::head(&entry.key(bytes)[passed..]);
        }
        let short = |entry: &TextEntry| entry.length as usize <= passed + size_of::<u64>();
        entries.sort_unstable_by(|a, b| {
            a.head.cmp(&b.head).then_with(|| {
                // Of two short keys with the same eight bytes, one is the other with zeros added.
                let keys = if short(a) && short(b) { a.length.cmp(&b.length) } else { a.key(bytes).cmp(b.key(bytes)) };
                keys.then(a.value.cmp(&b.value))
            })
        });
    }

    fn write(&mut self, tx: &Connection, kind: KeyKind) -> Result<(), Fault> {
        self.sort();
        let Texts { bytes, entries } = self;
        Ok(index::add(tx, kind, entries.iter().map(|entry| (entry.key(bytes), entry.value)))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::{Catalog, FieldId, Role};
    use crate::domain::id::{RecordId, RunId};
    use crate::domain::record::{Stamp, Value};
    use crate::store::keys::{KeyBytes, email_key, phone_key, reference_key};
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet, HashSet};

    /// The bytes of an index, in the order of its tables.
    type Stored = (Vec<(i64, i64, i64, i64)>, Vec<(i64, i64, Vec<u8>, Vec<u8>)>);

    fn database() -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(index::SCHEMA).unwrap();
        conn.execute_batch("BEGIN").unwrap();
        conn
    }

    fn stored(conn: &Connection) -> Stored {
        let mut segments = conn.prepare("SELECT id, kind, level, n FROM segment ORDER BY id").unwrap();
        let segment = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        let mut chunks = conn.prepare("SELECT id, segment, first, data FROM chunk ORDER BY id").unwrap();
        let chunk = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        (
            segments.query_map([], segment).unwrap().map(Result::unwrap).collect(),
            chunks.query_map([], chunk).unwrap().map(Result::unwrap).collect(),
        )
    }

    /// What [`NewKeys`] collects, said plainly: a sorted set of keys for each kind.
    #[derive(Default)]
    struct Model(BTreeMap<KeyKind, BTreeSet<(KeyBytes, u64)>>);

    impl Model {
        fn push(&mut self, kind: KeyKind, key: KeyBytes, value: u64) {
            self.0.entry(kind).or_default().insert((key, value));
        }

        fn write(&self, tx: &Connection) {
            for (kind, entries) in &self.0 {
                index::add(tx, *kind, entries.iter().cloned()).unwrap();
            }
            merge_some_due(tx).unwrap();
        }
    }

    fn all_keys(fields: &KeyFields, record: &Record) -> Vec<(KeyKind, KeyBytes)> {
        let references = record.references.iter().map(|(source, text)| reference_key(*source, text));
        let mut keys: Vec<_> = references.map(|key| (KeyKind::Reference, key)).collect();
        keys.extend(fields.email(record).map(|email| (KeyKind::Email, email_key(email))));
        keys.extend(fields.phone(record).map(|phone| (KeyKind::Phone, phone_key(phone))));
        keys.extend(fields.words(record).into_iter().map(|word| (KeyKind::NameWord, word.into_bytes())));
        keys
    }

    /// Texts that meet, share beginnings, hold zeros, are long, and are no ASCII.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "[a-c]{0,3}",
            4 => "C-000[0-9]{1,9}",
            2 => "[ab\u{0}]{0,12}",
            2 => "([A-Z][a-zé]{1,9} ?){1,4}",
            1 => "\\PC{0,20}",
            1 => (1000..1100usize, "[xy]").prop_map(|(n, end)| "é".repeat(n / 2) + &end),
        ]
    }

    fn record() -> impl Strategy<Value = Record> {
        let value = prop_oneof![text().prop_map(Value::One), prop::collection::vec(text(), 0..4).prop_map(Value::Many)];
        let references = prop::collection::btree_map(1..4u64, text(), 0..3);
        let roles = [Role::MatchEmail, Role::MatchPhone, Role::FullName, Role::FirstName, Role::LastName];
        let ids: Vec<FieldId> = roles.iter().filter_map(|role| catalog().role(*role)).collect();
        let fields = prop::collection::btree_map(prop::sample::select(ids), value, 0..6);
        (references, fields).prop_map(|(references, fields)| {
            let stamp = Stamp { run: RunId(1), row: 1, at_ms: 0 };
            Record {
                id: RecordId(0),
                references: references.into_iter().map(|(source, text)| (SourceId(source), text)).collect(),
                fields: fields.into_iter().collect(),
                created: stamp,
                updated: stamp,
                deleted_at_ms: None,
            }
        })
    }

    fn catalog() -> Catalog {
        Catalog::new(include_str!("../../assets/objects/contact.toml"), Vec::new()).unwrap()
    }

    proptest! {
        #[test]
        fn the_index_gets_the_keys_of_a_plain_set(
            batches in prop::collection::vec(
                (prop::collection::vec((record(), prop::option::of(record()), 0..40u64), 0..30),
                 prop::collection::vec((any::<u64>(), 0..9u64), 0..9)),
                1..12,
            ),
        ) {
            let fields = KeyFields::of(&catalog());
            let (expected, written) = (database(), database());
            let mut new_keys = NewKeys::default();
            for (records, hashes) in &batches {
                let mut model = Model::default();
                new_keys.clear();
                for (record, before, id) in records {
                    let record = Record { id: RecordId(*id), ..record.clone() };
                    match before {
                        None => new_keys.push_created(&fields, &record),
                        Some(before) => new_keys.push_changed(&fields, before, &record),
                    }
                    let held = before.as_ref().map(|before| all_keys(&fields, before)).unwrap_or_default();
                    for (kind, key) in all_keys(&fields, &record).into_iter().filter(|key| !held.contains(key)) {
                        model.push(kind, key, *id);
                    }
                }
                for (hash, value) in hashes {
                    for kind in [KeyKind::RowReference, KeyKind::Email, KeyKind::Reference, KeyKind::NameWord] {
                        new_keys.push_hash(kind, (hash % 5) << 62, *value);
                        model.push(kind, ((hash % 5) << 62).to_be_bytes().to_vec(), *value);
                    }
                }
                new_keys.write(&written).unwrap();
                model.write(&expected);
                let matched: HashSet<KeyHash> = new_keys.matched().collect();
                let kinds = [KeyKind::Reference, KeyKind::Email, KeyKind::Phone];
                let of_model = model.0.iter().filter(|(kind, _)| kinds.contains(kind));
                let of_model = of_model.flat_map(|(kind, keys)| keys.iter().map(|(key, _)| KeyHash::new(*kind, key)));
                prop_assert_eq!(matched, of_model.collect());
            }
            prop_assert_eq!(stored(&written), stored(&expected));
        }
    }
}
