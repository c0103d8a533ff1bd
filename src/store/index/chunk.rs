//! The bytes of one chunk: sorted entries, front-coded, with a restart point every 32 entries. No SQL here.
//!
//! ```text
//! checksum u64 · entries u16 · offset u16 for each restart point, from the first entry · entries
//! entry = lengths u8 · [shared - 15] · [rest - 15] · rest of the key · value
//! ```
//! The two halves of `lengths` are how many bytes of the key before are kept and how many follow; 15 means that the
//! number goes on as a varint. At a restart point nothing is shared. The value is a varint; where the key is the one
//! before, it is the difference to the value before. Fixed-size numbers are little-endian, varints LEB128.

use super::MAX_KEY;
use std::cmp::Ordering;

/// An entry can be reached without those before it at every 32nd.
const RESTART: usize = 32;
/// So many entries are passed one by one before a search leaps.
const NEAR: usize = 4;
/// What a chunk and its `first` may take together. At page_size 8192 a row of 17,379 bytes fills two overflow pages
/// and an eighth of a leaf; the difference is the row's own header.
pub(super) const ROOM: usize = 17_360;
const CHECKSUM: usize = 8;
const HEADER: usize = CHECKSUM + 2;

/// The bytes are not a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damaged;

type Decoded<T> = Result<T, Damaged>;

/// Encodes an entry so that such blobs compare as entries do: a zero in the key is followed by 0xFF, two zeros end the
/// key, and the value follows with its high byte first.
pub(super) fn encode_position(key: &[u8], value: u64, out: &mut Vec<u8>) {
    out.clear();
    for &byte in key {
        out.push(byte);
        if byte == 0 {
            out.push(0xFF);
        }
    }
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&value.to_be_bytes());
}

/// Builds chunks one after the other. The caller pushes entries in order.
#[derive(Default)]
pub(super) struct Builder {
    first: Vec<u8>,
    restarts: Vec<u16>,
    entries: Vec<u8>,
    count: u16,
    key: Vec<u8>,
    value: u64,
}

impl Builder {
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How an entry compares to the one pushed last, also where that is in a chunk already finished.
    #[inline]
    pub(super) fn compare(&self, key: &[u8], value: u64) -> Compared {
        let shared = shared_length(&self.key, key);
        let order = match (self.key.get(shared), key.get(shared)) {
            (None, None) => value.cmp(&self.value),
            // The one that ends first comes first.
            (last, this) => this.cmp(&last),
        };
        Compared { order, shared }
    }

    /// Appends an entry, which comes after the last and shares so many bytes of its key; false and nothing done when the
    /// chunk is full. An empty chunk takes any entry.
    #[inline]
    pub(super) fn push(&mut self, key: &[u8], value: u64, shared: usize) -> bool {
        let before = self.entries.len();
        let restart = usize::from(self.count).is_multiple_of(RESTART);
        let same = !restart && shared == key.len() && shared == self.key.len();
        let kept = if restart { 0 } else { shared };
        let rest = &key[kept..];
        self.entries.push((kept.min(15) << 4 | rest.len().min(15)) as u8);
        for length in [kept, rest.len()] {
            if length >= 15 {
                put_varint(&mut self.entries, length as u64 - 15);
            }
        }
        self.entries.extend_from_slice(rest);
        put_varint(&mut self.entries, if same { value - self.value } else { value });

        if self.count == 0 {
            encode_position(key, value, &mut self.first);
        } else {
            let restarts = self.restarts.len() + usize::from(restart);
            if HEADER + 2 * restarts + self.entries.len() + self.first.len() > ROOM {
                self.entries.truncate(before);
                return false;
            }
        }
        if restart {
            self.restarts.push(before as u16);
        }
        self.count += 1;
        self.key.truncate(shared);
        self.key.extend_from_slice(&key[shared..]);
        self.value = value;
        true
    }

    /// Writes the chunk to `data` and its position to `first`, and begins an empty one.
    pub(super) fn finish(&mut self, segment: i64, first: &mut Vec<u8>, data: &mut Vec<u8>) {
        data.clear();
        data.extend_from_slice(&[0; CHECKSUM]);
        data.extend_from_slice(&self.count.to_le_bytes());
        for offset in &self.restarts {
            data.extend_from_slice(&offset.to_le_bytes());
        }
        data.extend_from_slice(&self.entries);
        let sum = checksum(segment, &self.first, &data[CHECKSUM..]);
        data[..CHECKSUM].copy_from_slice(&sum.to_le_bytes());
        first.clear();
        first.extend_from_slice(&self.first);
        self.restarts.clear();
        self.entries.clear();
        self.count = 0;
    }
}

/// What [`Builder::compare`] found.
pub(super) struct Compared {
    /// Of the entry to the last one.
    pub(super) order: Ordering,
    /// The bytes that both keys begin with.
    pub(super) shared: usize,
}

/// How many bytes two keys begin with together. Looks at eight at a time.
#[inline]
fn shared_length(a: &[u8], b: &[u8]) -> usize {
    let (a_words, b_words) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
    for (place, (a, b)) in a_words.iter().zip(b_words).enumerate() {
        let differ = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if differ != 0 {
            return 8 * place + differ.trailing_zeros() as usize / 8;
        }
    }
    let whole = 8 * a_words.len().min(b_words.len());
    whole + a[whole..].iter().zip(&b[whole..]).take_while(|(a, b)| a == b).count()
}

/// A place among the entries of a chunk; moves forward only. Keeps its buffers from chunk to chunk.
#[derive(Default)]
pub(super) struct Entries {
    data: Vec<u8>,
    count: usize,
    /// Where the entries begin in `data`.
    body: usize,
    /// Where the entry after the current one begins in `data`.
    next: usize,
    /// The number of the current entry; `count` when there is none left.
    index: usize,
    key: Vec<u8>,
    value: u64,
}

impl Entries {
    /// Takes a chunk and stands on its first entry.
    pub(super) fn load(&mut self, segment: i64, first: &[u8], data: &[u8]) -> Decoded<()> {
        self.leave();
        let (sum, content) = data.split_first_chunk::<CHECKSUM>().ok_or(Damaged)?;
        if u64::from_le_bytes(*sum) != checksum(segment, first, content) {
            return Err(Damaged);
        }
        let (count, _) = content.split_first_chunk::<2>().ok_or(Damaged)?;
        let count = usize::from(u16::from_le_bytes(*count));
        let body = HEADER + 2 * count.div_ceil(RESTART);
        if count == 0 || data.len() < body {
            return Err(Damaged);
        }
        self.data.clear();
        self.data.extend_from_slice(data);
        self.body = body;
        self.next = body;
        self.count = count;
        self.decode()
    }

    /// Forgets the chunk, and stands on no entry.
    pub(super) fn leave(&mut self) {
        self.count = 0;
        self.index = 0;
    }

    /// The entry stood on; `None` after the last.
    #[inline]
    pub(super) fn current(&self) -> Option<(&[u8], u64)> {
        (self.index < self.count).then_some((self.key.as_slice(), self.value))
    }

    #[inline]
    pub(super) fn advance(&mut self) -> Decoded<()> {
        if self.index < self.count {
            self.index += 1;
        }
        if self.index < self.count { self.decode() } else { Ok(()) }
    }

    /// Moves on to the first entry that is not before the given one; stays when it already stands there or later.
    pub(super) fn seek(&mut self, key: &[u8], value: u64) -> Decoded<()> {
        let before = |entry: (&[u8], u64)| entry < (key, value);
        // In a dense sweep the wanted entry is one of the next.
        for _ in 0..NEAR {
            if !self.current().is_some_and(before) {
                return Ok(());
            }
            self.advance()?;
        }
        // The restart points ahead that are before the wanted entry; the last of them is where reading begins. They are
        // looked for in ever longer strides, then between the last two looked at.
        let (mut low, mut high) = (self.index / RESTART + 1, self.count.div_ceil(RESTART));
        let (ahead, mut stride) = (low, 1);
        while low + stride < high {
            if !before(self.at_restart(low + stride - 1)?) {
                high = low + stride - 1;
                break;
            }
            low += stride;
            stride *= 2;
        }
        while low < high {
            let middle = low.midpoint(high);
            if before(self.at_restart(middle)?) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if low > ahead {
            self.index = (low - 1) * RESTART;
            self.next = self.restart(low - 1)?;
            self.decode()?;
        }
        while self.current().is_some_and(before) {
            self.advance()?;
        }
        Ok(())
    }

    /// Where in `data` a restart point begins.
    fn restart(&self, number: usize) -> Decoded<usize> {
        let at = HEADER + 2 * number;
        let offset = self.data.get(at..at + 2).ok_or(Damaged)?;
        Ok(self.body + usize::from(u16::from_le_bytes([offset[0], offset[1]])))
    }

    fn at_restart(&self, number: usize) -> Decoded<(&[u8], u64)> {
        let mut at = self.restart(number)?;
        let (shared, rest) = take_lengths(&self.data, &mut at)?;
        let key = self.data.get(at..at + rest).ok_or(Damaged)?;
        at += rest;
        if shared != 0 {
            return Err(Damaged);
        }
        Ok((key, take_varint(&self.data, &mut at)?))
    }

    /// Reads the entry number `index`, which begins at `next`.
    #[inline]
    fn decode(&mut self) -> Decoded<()> {
        let restart = self.index.is_multiple_of(RESTART);
        let mut at = self.next;
        let (shared, rest) = take_lengths(&self.data, &mut at)?;
        let suffix = self.data.get(at..at + rest).ok_or(Damaged)?;
        at += rest;
        if shared > self.key.len() || (restart && shared > 0) {
            return Err(Damaged);
        }
        let same = !restart && rest == 0 && shared == self.key.len();
        self.key.truncate(shared);
        self.key.extend_from_slice(suffix);
        let number = take_varint(&self.data, &mut at)?;
        self.value = if same { self.value.checked_add(number).ok_or(Damaged)? } else { number };
        self.next = at;
        Ok(())
    }
}

/// Binds a chunk to its segment and its place, so that a misplaced chunk is found as well as a damaged one. The sum is
/// the one that SQLite keeps of its WAL frames, with the lengths mixed in: two running sums, each fed by the other.
pub(super) fn checksum(segment: i64, first: &[u8], content: &[u8]) -> u64 {
    let (mut a, mut b) = (segment as u32, (segment >> 32) as u32);
    for bytes in [first, content] {
        let (words, rest) = bytes.as_chunks::<8>();
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        for word in words.iter().chain([&last, &(bytes.len() as u64).to_le_bytes()]) {
            let word = u64::from_le_bytes(*word);
            a = a.wrapping_add(word as u32).wrapping_add(b);
            b = b.wrapping_add((word >> 32) as u32).wrapping_add(a);
        }
    }
    u64::from(a) << 32 | u64::from(b)
}

fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[inline]
fn take_varint(data: &[u8], at: &mut usize) -> Decoded<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = *data.get(*at).ok_or(Damaged)?;
        *at += 1;
        let bits = u64::from(byte & 0x7F);
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

/// How much of the key before an entry keeps, and how many bytes follow.
#[inline]
fn take_lengths(data: &[u8], at: &mut usize) -> Decoded<(usize, usize)> {
    let lengths = *data.get(*at).ok_or(Damaged)?;
    *at += 1;
    let mut length = |half: u8| match half {
        15 => match take_varint(data, at)? {
            more if more <= MAX_KEY as u64 => Ok(15 + more as usize),
            _ => Err(Damaged),
        },
        _ => Ok(usize::from(half)),
    };
    Ok((length(lengths >> 4)?, length(lengths & 15)?))
}
