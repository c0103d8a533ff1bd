//! Rows as the records that they would make, encoded beside the rules, so that the writer copies bytes: it makes no
//! [`Record`] of a row that plainly creates one, and none of a row that plainly changes nothing. Rows that plainly change
//! a record are in `edits`.

use super::codec::{self, Decoded, FieldBytes, Reader, Stored};
use super::index::{KeyHash, KeyKind};
use super::keys::{self, KeyFields, WordScratch};
use crate::domain::field::{Catalog, FieldId};
use crate::domain::id::SourceId;
use crate::domain::record::{Record, Value};
use crate::domain::settings::MatchOn;
use crate::domain::values::email;

/// Bytes of drafts beyond which their memory is given back.
const KEPT_BYTES: usize = 4 << 20;

/// What a row does to a field besides setting it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The draft's values are added to what the list holds.
    Adds(FieldId),
    /// The field is emptied; the draft has none.
    Clears(FieldId),
}

impl Mark {
    pub fn field(self) -> FieldId {
        match self {
            Mark::Adds(field) | Mark::Clears(field) => field,
        }
    }

    pub(super) fn adds(self) -> bool {
        matches!(self, Mark::Adds(_))
    }
}

/// The drafts of rows that follow each other, in a few large buffers.
#[derive(Debug, Default)]
pub struct Drafts {
    /// Of each draft: its reference, its fields as a record's, its marks, the words of its names.
    bytes: Vec<u8>,
    places: Vec<Place>,
    /// That of all drafts; none as long as there is none.
    source: Option<SourceId>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    start: usize,
    reference: u32,
    fields: u32,
    marks: u32,
    words: u32,
    keys: DraftKeys,
}

/// The keys of a row, as numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct DraftKeys {
    pub reference: Option<KeyHash>,
    /// [`keys::reference_hash`].
    pub reference_hash: Option<u64>,
    pub email: Option<HashedKey>,
    pub phone: Option<HashedKey>,
}

impl DraftKeys {
    /// The keys that a row is matched by: reference, email and phone.
    pub fn matched(&self, in_use: MatchOn) -> [Option<KeyHash>; 3] {
        let email = self.email.filter(|_| in_use.email).map(|email| email.key);
        let phone = self.phone.filter(|_| in_use.phone).map(|phone| phone.key);
        [self.reference, email, phone]
    }
}

/// An email or a phone: the number that is its key, and the key as filters know it.
#[derive(Debug, Clone, Copy)]
pub struct HashedKey {
    pub hash: u64,
    pub key: KeyHash,
}

impl HashedKey {
    fn new(kind: KeyKind, hash: u64) -> HashedKey {
        HashedKey { hash, key: KeyHash::new(kind, &hash.to_be_bytes()) }
    }
}

/// Makes drafts, on one thread.
pub struct Drafter {
    source: SourceId,
    fields: KeyFields,
    words: WordScratch,
    key: Vec<u8>,
}

/// What a draft is made of.
pub struct DraftOf<'r> {
    pub reference: Option<&'r str>,
    pub email: Option<&'r str>,
    pub phone: Option<&'r str>,
    /// The record that the row would create; only its fields are looked at.
    pub record: &'r Record,
    /// In the order of fields.
    pub marks: &'r [Mark],
}

impl Drafter {
    pub fn new(source: SourceId, catalog: &Catalog) -> Drafter {
        Drafter { source, fields: KeyFields::of(catalog), words: WordScratch::default(), key: Vec::new() }
    }

    /// The same for rows whose names nobody will look for: their drafts have no words.
    pub fn without_names(self) -> Drafter {
        Drafter { fields: self.fields.without_names(), ..self }
    }

    /// Appends a draft.
    pub fn put(&mut self, of: &DraftOf<'_>, drafts: &mut Drafts) {
        let Drafter { source, fields, words, key } = self;
        let mut keys = DraftKeys::default();
        drafts.source = Some(*source);
        let out = &mut drafts.bytes;
        let start = out.len();
        if let Some(text) = of.reference {
            keys::put_reference_key(*source, text, key);
            keys.reference = Some(KeyHash::new(KeyKind::Reference, key));
            keys.reference_hash = Some(keys::reference_hash(*source, text));
            out.extend_from_slice(text.as_bytes());
        }
        keys.email = of.email.map(|email| HashedKey::new(KeyKind::Email, keys::email_hash(email)));
        keys.phone = of.phone.map(|phone| HashedKey::new(KeyKind::Phone, keys::phone_hash(phone)));
        let reference = out.len();
        codec::put_fields(out, &of.record.fields);
        let marks = out.len();
        for mark in of.marks {
            let is_cleared = matches!(mark, Mark::Clears(_));
            codec::put_number(out, u64::from(mark.field().0) << 1 | u64::from(is_cleared));
        }
        let names = out.len();
        for name in fields.names(of.record) {
            keys::for_each_name_word(name, words, |word| codec::put_bytes(out, word));
        }
        drafts.places.push(Place {
            start,
            reference: (reference - start) as u32,
            fields: (marks - reference) as u32,
            marks: (names - marks) as u32,
            words: (out.len() - names) as u32,
            keys,
        });
    }
}

impl Drafts {
    pub fn get(&self, place: usize) -> Draft<'_> {
        Draft { bytes: &self.bytes, place: &self.places[place], source: self.source.unwrap_or(SourceId(0)) }
    }

    /// Forgets all drafts and keeps the memory, unless it is that of a huge row.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
        self.places.clear();
    }
}

/// One row's draft.
#[derive(Clone, Copy)]
pub struct Draft<'d> {
    bytes: &'d [u8],
    place: &'d Place,
    source: SourceId,
}

/// How a stored record stands to a row with a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is not the living record of the row's reference.
    Other,
    /// It is that record, and does not hold the row's email or phone; or nothing was found out about that.
    Reference,
    /// It is that record and holds the row's email and phone, and something else is or may be different.
    Keys,
    /// It is that record, and the row changes nothing of it.
    Same,
}

impl<'d> Draft<'d> {
    pub fn keys(self) -> &'d DraftKeys {
        &self.place.keys
    }

    /// The row's reference in its source.
    pub fn reference(self) -> Option<&'d str> {
        self.place.keys.reference?;
        std::str::from_utf8(self.reference_bytes()).ok()
    }

    /// The fields that a new record would have; none when the bytes are not a draft's.
    pub fn fields(self) -> Option<Vec<(FieldId, Value)>> {
        codec::fields(&mut Reader::new(self.field_bytes())).ok()
    }

    /// The source of its reference.
    pub fn source(self) -> SourceId {
        self.source
    }

    pub(super) fn reference_bytes(self) -> &'d [u8] {
        &self.bytes[self.place.start..][..self.place.reference as usize]
    }

    pub(super) fn field_bytes(self) -> &'d [u8] {
        let Place { start, reference, fields, .. } = *self.place;
        &self.bytes[start + reference as usize..][..fields as usize]
    }

    /// The words of its names; one may come several times.
    pub(super) fn words(self) -> impl Iterator<Item = &'d [u8]> {
        let Place { start, reference, fields, marks, words, .. } = *self.place;
        let start = start + (reference + fields + marks) as usize;
        let mut reader = Reader::new(&self.bytes[start..start + words as usize]);
        std::iter::from_fn(move || reader.bytes().ok())
    }

    /// What the row does besides setting fields, in the order of fields.
    pub fn marks(self) -> impl Iterator<Item = Mark> + use<'d> {
        let Place { start, reference, fields, marks, .. } = *self.place;
        let start = start + (reference + fields) as usize;
        let mut reader = Reader::new(&self.bytes[start..start + marks as usize]);
        std::iter::from_fn(move || {
            let number = reader.number().ok()?;
            let field = FieldId((number >> 1) as u16);
            Some(if number & 1 == 1 { Mark::Clears(field) } else { Mark::Adds(field) })
        })
    }

    /// How a record would stand to the row if it were stored.
    #[cfg(test)]
    pub fn standing_to(self, record: &Record, matched: &Matched) -> Standing {
        let mut bytes = Vec::new();
        codec::put_record(&mut bytes, record);
        self.standing(&bytes, matched).unwrap()
    }

    /// Compares the row with a stored record, byte by byte. Where that leaves a doubt, they differ. Only of `matched`,
    /// the fields that records are matched by, it is told whether the record holds them.
    pub(super) fn standing(self, stored: &[u8], matched: &Matched) -> Decoded<Standing> {
        let stored = Stored::read(stored, self.source)?;
        let is_its = self.place.keys.reference.is_some() && stored.reference == Some(self.reference_bytes());
        if !stored.is_alive || !is_its {
            return Ok(Standing::Other);
        }
        if stored.field_bytes == self.field_bytes() {
            // What the row would create is what is there.
            return Ok(Standing::Same);
        }
        let (mut same, mut holds_keys) = (true, true);
        let mut held = Seeker { fields: stored.fields, ahead: None };
        let mut marks = self.marks().peekable();
        let mut given = FieldBytes::new(Reader::new(self.field_bytes()))?;
        while let Some((field, value)) = given.next()? {
            while let Some(mark) = marks.next_if(|mark| mark.field() < field) {
                // A mark without values empties its field.
                same &= held.seek(mark.field())?.is_none();
            }
            let adds = marks.next_if(|mark| mark.field() == field).is_some();
            let now = held.seek(field)?;
            if now == Some(value) {
                continue;
            }
            same = same && adds && now.is_some_and(|now| contains_all(now, value));
            if matched.email == Some(field) {
                let key = |value: codec::ValueBytes<'_>| value.single().map(email::match_key);
                let key_now = now.and_then(key);
                holds_keys &= key_now.is_some() && key_now == key(value);
            } else if matched.phone == Some(field) {
                holds_keys = false;
            }
        }
        for mark in marks {
            same &= held.seek(mark.field())?.is_none();
        }
        Ok(match (same, holds_keys) {
            (true, true) => Standing::Same,
            (_, true) => Standing::Keys,
            (_, false) => Standing::Reference,
        })
    }
}

/// The fields that records are matched by in a run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Matched {
    pub email: Option<FieldId>,
    pub phone: Option<FieldId>,
}

/// The fields of a stored record, asked for in ascending order.
struct Seeker<'a> {
    fields: FieldBytes<'a>,
    ahead: Option<(FieldId, codec::ValueBytes<'a>)>,
}

impl<'a> Seeker<'a> {
    fn seek(&mut self, wanted: FieldId) -> Decoded<Option<codec::ValueBytes<'a>>> {
        while self.ahead.is_none_or(|(field, _)| field < wanted) {
            self.ahead = self.fields.next()?;
            if self.ahead.is_none() {
                return Ok(None);
            }
        }
        Ok(self.ahead.filter(|(field, _)| *field == wanted).map(|(_, value)| value))
    }
}

/// Whether each of these values is among the held ones, byte by byte.
pub(super) fn contains_all(held: codec::ValueBytes<'_>, values: codec::ValueBytes<'_>) -> bool {
    values.texts().all(|value| value.is_ok_and(|value| held.texts().any(|text| text == Ok(value))))
}
