//! Records as bytes: variable-length numbers and length-prefixed texts; eight records to a block.
//!
//! The encoding is canonical: equal records have equal bytes, so records are compared by their bytes. Reading never
//! panics: bytes that were not written by this module are [`Damaged`] or some other record.

use crate::domain::field::FieldId;
use crate::domain::id::{RecordId, RunId, SourceId};
use crate::domain::record::{Record, Stamp, Value};

/// The bytes are not what was written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Damaged;

pub(super) type Decoded<T> = Result<T, Damaged>;

/// Records a block.
pub(super) const BLOCK: u64 = 8;

const DELETED: u8 = 1;
/// Created and last updated by the same row.
const UNTOUCHED: u8 = 2;

/// Appends seven bits a byte, lowest first.
pub(super) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a number that may be negative; small ones either way are short.
pub(super) fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_number(out, ((number << 1) ^ (number >> 63)) as u64);
}

pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads what the `put_` functions wrote.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn byte(&mut self) -> Decoded<u8> {
        let (first, rest) = self.rest.split_first().ok_or(Damaged)?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn number(&mut self) -> Decoded<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(Damaged);
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Damaged)
    }

    pub(super) fn signed(&mut self) -> Decoded<i64> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// A number that counts things of at least one byte each, so that damage asks for no absurd amount of memory.
    pub(super) fn count(&mut self) -> Decoded<usize> {
        let count = usize::try_from(self.number()?).map_err(|_| Damaged)?;
        if count > self.rest.len() { Err(Damaged) } else { Ok(count) }
    }

    pub(super) fn take(&mut self, length: usize) -> Decoded<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Damaged)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn bytes(&mut self) -> Decoded<&'a [u8]> {
        let length = self.count()?;
        self.take(length)
    }

    pub(super) fn text(&mut self) -> Decoded<String> {
        let bytes = self.bytes()?;
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| Damaged)
    }
}

fn put_stamp(out: &mut Vec<u8>, stamp: &Stamp) {
    put_number(out, stamp.run.0);
    put_number(out, stamp.row);
    put_signed(out, stamp.at_ms);
}

fn stamp(reader: &mut Reader<'_>) -> Decoded<Stamp> {
    Ok(Stamp { run: RunId(reader.number()?), row: reader.number()?, at_ms: reader.signed()? })
}

/// Appends a record without its number, which its place tells.
pub(super) fn put_record(out: &mut Vec<u8>, record: &Record) {
    let untouched = record.created == record.updated;
    out.push(if untouched { UNTOUCHED } else { 0 } | if record.deleted_at_ms.is_some() { DELETED } else { 0 });
    put_number(out, record.references.len() as u64);
    for (source, text) in &record.references {
        put_number(out, source.0);
        put_bytes(out, text.as_bytes());
    }
    put_stamp(out, &record.created);
    if !untouched {
        put_stamp(out, &record.updated);
    }
    if let Some(at) = record.deleted_at_ms {
        put_signed(out, at);
    }
    put_fields(out, &record.fields);
}

/// Appends a record that holds at most one reference, that a row has just made, and whose fields are encoded.
pub(super) fn put_new(out: &mut Vec<u8>, reference: Option<(SourceId, &str)>, stamp: &Stamp, fields: &[u8]) {
    out.push(UNTOUCHED);
    put_number(out, u64::from(reference.is_some()));
    if let Some((source, text)) = reference {
        put_number(out, source.0);
        put_bytes(out, text.as_bytes());
    }
    put_stamp(out, stamp);
    out.extend_from_slice(fields);
}

/// Appends a living record that a row changes: its references and what created it ([`Stored::head`]), then its encoded
/// fields and how many they are.
pub(super) fn put_edited(out: &mut Vec<u8>, head: &[u8], stamp: &Stamp, count: u64, fields: &[u8]) {
    out.push(0);
    out.extend_from_slice(head);
    put_stamp(out, stamp);
    put_number(out, count);
    out.extend_from_slice(fields);
}

/// Appends a field whose value is encoded.
pub(super) fn put_field(out: &mut Vec<u8>, field: FieldId, value: ValueBytes<'_>) {
    put_number(out, u64::from(field.0));
    out.extend_from_slice(value.0);
}

/// Appends the fields of a record.
pub(super) fn put_fields(out: &mut Vec<u8>, fields: &[(FieldId, Value)]) {
    put_number(out, fields.len() as u64);
    for (field, value) in fields {
        put_number(out, u64::from(field.0));
        match value {
            Value::One(text) => {
                put_number(out, (text.len() as u64) << 1);
                out.extend_from_slice(text.as_bytes());
            }
            Value::Many(texts) => {
                put_number(out, (texts.len() as u64) << 1 | 1);
                for text in texts {
                    put_bytes(out, text.as_bytes());
                }
            }
        }
    }
}

pub(super) fn record(id: RecordId, bytes: &[u8]) -> Decoded<Record> {
    let mut reader = Reader::new(bytes);
    let flags = reader.byte()?;
    let count = reader.count()?;
    let mut references = Vec::with_capacity(count);
    for _ in 0..count {
        references.push((SourceId(reader.number()?), reader.text()?));
    }
    let created = stamp(&mut reader)?;
    let updated = if flags & UNTOUCHED != 0 { created } else { stamp(&mut reader)? };
    let deleted_at_ms = if flags & DELETED != 0 { Some(reader.signed()?) } else { None };
    let fields = fields(&mut reader)?;
    if !reader.is_empty() {
        return Err(Damaged);
    }
    Ok(Record { id, references, fields, created, updated, deleted_at_ms })
}

pub(super) fn fields(reader: &mut Reader<'_>) -> Decoded<Vec<(FieldId, Value)>> {
    let count = reader.count()?;
    let mut fields = Vec::with_capacity(count);
    for _ in 0..count {
        fields.push((field(reader)?, value(reader)?));
    }
    Ok(fields)
}

fn field(reader: &mut Reader<'_>) -> Decoded<FieldId> {
    u16::try_from(reader.number()?).map(FieldId).map_err(|_| Damaged)
}

/// A record as it is stored, with its head read and its fields still encoded.
pub(super) struct Stored<'a> {
    pub(super) is_alive: bool,
    /// The reference of the source asked for.
    pub(super) reference: Option<&'a [u8]>,
    /// Its references and what created it.
    pub(super) head: &'a [u8],
    pub(super) created: Stamp,
    /// All of its fields, as [`put_fields`] wrote them.
    pub(super) field_bytes: &'a [u8],
    pub(super) fields: FieldBytes<'a>,
}

impl<'a> Stored<'a> {
    pub(super) fn read(bytes: &'a [u8], source: SourceId) -> Decoded<Stored<'a>> {
        let mut reader = Reader::new(bytes);
        let flags = reader.byte()?;
        let (start, mut reference) = (reader.rest, None);
        for _ in 0..reader.count()? {
            let (of, text) = (reader.number()?, reader.bytes()?);
            if of == source.0 {
                reference = Some(text);
            }
        }
        let created = stamp(&mut reader)?;
        let head = &start[..start.len() - reader.rest.len()];
        if flags & UNTOUCHED == 0 {
            stamp(&mut reader)?;
        }
        if flags & DELETED != 0 {
            reader.signed()?;
        }
        let (is_alive, field_bytes) = (flags & DELETED == 0, reader.rest);
        Ok(Stored { is_alive, reference, head, created, field_bytes, fields: FieldBytes::new(reader)? })
    }
}

/// The fields of a record, one after the other, in the order of their numbers.
#[derive(Clone)]
pub(super) struct FieldBytes<'a> {
    reader: Reader<'a>,
    left: usize,
}

impl<'a> FieldBytes<'a> {
    pub(super) fn new(mut reader: Reader<'a>) -> Decoded<FieldBytes<'a>> {
        let left = reader.count()?;
        Ok(FieldBytes { reader, left })
    }

    /// Whether nothing comes after the last field.
    pub(super) fn is_at_end(&self) -> bool {
        self.left == 0 && self.reader.is_empty()
    }

    /// The next field.
    pub(super) fn next(&mut self) -> Decoded<Option<(FieldId, ValueBytes<'a>)>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let field = field(&mut self.reader)?;
        let start = self.reader.rest;
        let head = self.reader.number()?;
        let length = usize::try_from(head >> 1).map_err(|_| Damaged)?;
        if head & 1 == 0 {
            self.reader.take(length)?;
        } else {
            for _ in 0..length {
                self.reader.bytes()?;
            }
        }
        Ok(Some((field, ValueBytes(&start[..start.len() - self.reader.rest.len()]))))
    }
}

/// One encoded value: equal ones have equal bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ValueBytes<'a>(&'a [u8]);

impl<'a> ValueBytes<'a> {
    /// Its texts, one or several.
    pub(super) fn texts(self) -> impl Iterator<Item = Decoded<&'a [u8]>> {
        let mut reader = Reader::new(self.0);
        let head = reader.number().unwrap_or_default();
        let one = head & 1 == 0;
        let count = if one { 1 } else { head >> 1 };
        (0..count).map(move |_| if one { reader.take((head >> 1) as usize) } else { reader.bytes() })
    }

    /// The text of a single value.
    pub(super) fn single(self) -> Option<&'a str> {
        let mut reader = Reader::new(self.0);
        let head = reader.number().ok().filter(|head| head & 1 == 0)?;
        std::str::from_utf8(reader.take((head >> 1) as usize).ok()?).ok()
    }
}

fn value(reader: &mut Reader<'_>) -> Decoded<Value> {
    let head = reader.number()?;
    let length = usize::try_from(head >> 1).map_err(|_| Damaged)?;
    if head & 1 == 0 {
        let bytes = reader.take(length)?;
        return std::str::from_utf8(bytes).map(|text| Value::One(text.to_owned())).map_err(|_| Damaged);
    }
    if length > reader.rest.len() {
        return Err(Damaged);
    }
    (0..length).map(|_| reader.text()).collect::<Decoded<Vec<String>>>().map(Value::Many)
}

/// Eight places for encoded records, of which some may be free.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Block {
    places: [Option<Vec<u8>>; BLOCK as usize],
}

impl Block {
    pub(super) fn decode(bytes: &[u8]) -> Decoded<Block> {
        let mut block = Block::default();
        for (place, bytes) in places(bytes)?.into_iter().enumerate() {
            block.places[place] = bytes.map(<[u8]>::to_vec);
        }
        Ok(block)
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        put_places(out, &self.places.each_ref().map(Option::as_deref));
    }

    pub(super) fn get(&self, id: RecordId) -> Option<&[u8]> {
        self.places[(id.0 % BLOCK) as usize].as_deref()
    }

    pub(super) fn set(&mut self, id: RecordId, bytes: Vec<u8>) {
        self.places[(id.0 % BLOCK) as usize] = Some(bytes);
    }
}

/// Appends a block of these records.
pub(super) fn put_places(out: &mut Vec<u8>, places: &[Option<&[u8]>; BLOCK as usize]) {
    let used = places.iter().enumerate().fold(0u8, |used, (n, place)| used | u8::from(place.is_some()) << n);
    out.push(used);
    for bytes in places.iter().flatten() {
        put_bytes(out, bytes);
    }
}

/// The bytes of each of a block's records, without copying them.
pub(super) fn places(bytes: &[u8]) -> Decoded<[Option<&[u8]>; BLOCK as usize]> {
    let mut reader = Reader::new(bytes);
    let used = reader.byte()?;
    let mut places = [None; BLOCK as usize];
    for (n, place) in places.iter_mut().enumerate() {
        if used >> n & 1 == 1 {
            *place = Some(reader.bytes()?);
        }
    }
    if reader.is_empty() { Ok(places) } else { Err(Damaged) }
}
