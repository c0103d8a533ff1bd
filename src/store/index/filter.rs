//! A filter in memory that says of most new keys that they are new, without a look at the segments.
//!
//! A blocked Bloom filter: all bits of a key lie in one block of 64 bytes, so a question costs one cache miss. 16 bits a
//! key; about one new key in a thousand is taken for a known one. All kinds share it, the kind being part of the hash.
//! Nothing of it is stored.

use super::segment::{self, Cursor};
use super::{KeyKind, Result, in_snapshot};
use rusqlite::Connection;

const BITS_A_KEY: u64 = 16;
const BITS_A_BLOCK: u64 = 512;
const LEAST_CAPACITY: u64 = 1 << 16;
/// So many keys are fetched together in adding, that the cache misses overlap.
const AHEAD: usize = 64;

/// A key and its kind as one number. Make it once, then prefetch, ask and add with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash(u64);

impl KeyHash {
    #[inline]
    pub fn new(kind: KeyKind, key: &[u8]) -> KeyHash {
        let mut state = fold(FACTORS[0] ^ kind as u64, FACTORS[1] ^ key.len() as u64);
        let (words, rest) = key.as_chunks::<8>();
        for word in words {
            state = fold(state ^ u64::from_le_bytes(*word), FACTORS[2]);
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        state = fold(state ^ u64::from_le_bytes(last), FACTORS[3]);
        KeyHash(fold(state, FACTORS[1]))
    }

    /// That of a key of the index.
    pub(in crate::store) fn of_stored(kind: KeyKind, key: &[u8]) -> KeyHash {
        match (kind, key.first_chunk()) {
            (KeyKind::Matched, Some(bytes)) => KeyHash::of_number(u64::from_be_bytes(*bytes)),
            _ => KeyHash::new(kind, key),
        }
    }

    /// The number that is its key of kind [`KeyKind::Matched`]. Keys are then ordered as their places in a filter are.
    pub(in crate::store) fn number(self) -> u64 {
        self.0
    }

    pub(in crate::store) fn of_number(number: u64) -> KeyHash {
        KeyHash(number)
    }
}

/// Says of a key that it is surely not held, or may be. Never wrong about a key that was added.
///
/// After a rollback it still holds what the transaction added, which costs a needless look and nothing else.
pub struct Filter {
    /// The last takes new keys; when it is full, one as large as all before is added, so that growing needs no pass
    /// through the segments. Each layer costs a cache miss: make the first large enough for what is coming.
    layers: Vec<Layer>,
}

struct Layer {
    blocks: Vec<Block>,
    held: u64,
    capacity: u64,
}

/// One cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Block([u64; 8]);

impl Filter {
    /// An empty filter for so many keys: 2 bytes each, at least 128 KB.
    pub fn with_capacity(keys: u64) -> Filter {
        Filter { layers: vec![Layer::new(keys.max(LEAST_CAPACITY))] }
    }

    /// A filter of all keys of these kinds, with room for `more`. Reads the segments from end to end.
    pub fn fill(conn: &Connection, kinds: &[KeyKind], more: u64) -> Result<Filter> {
        in_snapshot(conn, |conn| {
            let mut segments = Vec::new();
            for &kind in kinds {
                segments.extend(segment::list(conn, kind)?.into_iter().map(|segment| (kind, segment)));
            }
            let held = segments.iter().map(|(_, segment)| segment.n as u64).sum::<u64>();
            let mut filter = Filter::with_capacity(held.saturating_add(more));
            let mut hashes = Vec::with_capacity(AHEAD);
            for (kind, segment) in segments {
                let mut cursor = Cursor::new(conn, segment);
                cursor.seek(&[], 0)?;
                while let Some((key, _)) = cursor.current() {
                    hashes.push(KeyHash::of_stored(kind, key));
                    cursor.advance()?;
                    if hashes.len() == AHEAD || cursor.current().is_none() {
                        filter.add_all(hashes.drain(..));
                    }
                }
            }
            Ok(filter)
        })
    }

    /// Adds many keys, whose cache misses then overlap.
    pub fn add_all(&mut self, hashes: impl IntoIterator<Item = KeyHash>) {
        let mut hashes = hashes.into_iter();
        let mut ahead = Vec::with_capacity(AHEAD);
        loop {
            ahead.clear();
            ahead.extend(hashes.by_ref().take(AHEAD).inspect(|hash| self.prefetch(*hash)));
            if ahead.is_empty() {
                return;
            }
            ahead.iter().for_each(|&hash| self.add(hash));
        }
    }

    /// Adds a key; grows when it must.
    pub fn add(&mut self, hash: KeyHash) {
        if self.may_contain(hash) {
            return;
        }
        let capacity = self.layers.iter().map(|layer| layer.capacity).sum();
        match self.layers.last_mut() {
            Some(layer) if layer.held < layer.capacity => layer.add(hash),
            _ => {
                let mut layer = Layer::new(capacity);
                layer.add(hash);
                self.layers.push(layer);
            }
        }
    }

    /// Passes on what goes with each key that may be held. The cache misses of many keys overlap.
    pub fn each_that_may_be<T: Copy>(&self, keys: impl IntoIterator<Item = (KeyHash, T)>, mut each: impl FnMut(T)) {
        let mut keys = keys.into_iter();
        let mut ahead = Vec::with_capacity(AHEAD);
        loop {
            ahead.clear();
            ahead.extend(keys.by_ref().take(AHEAD).inspect(|(hash, _)| self.prefetch(*hash)));
            if ahead.is_empty() {
                return;
            }
            ahead.iter().filter(|(hash, _)| self.may_contain(*hash)).for_each(|(_, what)| each(*what));
        }
    }

    /// False: surely not held. True: look.
    #[inline]
    pub fn may_contain(&self, hash: KeyHash) -> bool {
        self.layers.iter().any(|layer| layer.may_contain(hash))
    }

    /// Brings what [`Filter::may_contain`] will need into the cache. Worth it some rows ahead, for several keys in a
    /// row: then the misses overlap.
    #[inline]
    pub fn prefetch(&self, hash: KeyHash) {
        for layer in &self.layers {
            std::hint::black_box(layer.blocks[layer.place(hash)].0[0]);
        }
    }

    /// The memory it takes.
    pub fn bytes(&self) -> usize {
        self.layers.iter().map(|layer| layer.blocks.len() * size_of::<Block>()).sum()
    }
}

impl Layer {
    fn new(capacity: u64) -> Layer {
        // The number of a block comes from 32 bits of the hash.
        let blocks = (capacity * BITS_A_KEY).div_ceil(BITS_A_BLOCK).clamp(1, u64::from(u32::MAX));
        Layer { blocks: vec![Block([0; 8]); blocks as usize], held: 0, capacity }
    }

    #[inline]
    fn place(&self, hash: KeyHash) -> usize {
        (((hash.0 >> 32) * self.blocks.len() as u64) >> 32) as usize
    }

    fn add(&mut self, hash: KeyHash) {
        let place = self.place(hash);
        for (word, salt) in self.blocks[place].0.iter_mut().zip(SALT) {
            *word |= bit(hash, salt);
        }
        self.held += 1;
    }

    #[inline]
    fn may_contain(&self, hash: KeyHash) -> bool {
        // Without branches between the words, so that several questions can be under way at once.
        let mut missing = 0;
        for (word, salt) in self.blocks[self.place(hash)].0.iter().zip(SALT) {
            missing |= bit(hash, salt) & !word;
        }
        missing == 0
    }
}

/// The bit of a key in the word of this salt. The low half of the hash chooses it; the high half chose the block.
#[inline]
fn bit(hash: KeyHash, salt: u32) -> u64 {
    1 << ((hash.0 as u32).wrapping_mul(salt) >> 26)
}

/// An odd number for each word of a block: those of the split block Bloom filter of the Parquet format.
const SALT: [u32; 8] =
    [0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947, 0x5c6b_fb31];

/// Odd numbers without a pattern.
const FACTORS: [u64; 4] = [0x9e37_79b9_7f4a_7c15, 0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db, 0x8ebc_6af0_9c88_c6e3];

/// Multiplies to 128 bits and adds the halves without carry: every bit of the input reaches every bit of the result.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}
