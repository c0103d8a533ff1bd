//! What a record is found by: the bytes of its keys in the index.
//!
//! Keys only lead to candidates. Whoever gets one compares the record's own field with what was looked for, so stale
//! entries, shortened references and equal hashes are harmless.

use super::index;
use crate::domain::field::{Catalog, FieldId, Role};
use crate::domain::id::SourceId;
use crate::domain::record::Record;
use crate::domain::values::email;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A key as the index holds it.
pub type KeyBytes = Vec<u8>;

/// Words of names are cut here.
const MAX_WORD: usize = 64;

/// A reference in a source: the source comes first, so that the references of one source stand together.
pub fn reference_key(source: SourceId, reference: &str) -> KeyBytes {
    let mut key = Vec::new();
    put_reference_key(source, reference, &mut key);
    key
}

/// Puts [`reference_key`] in the place of what was in `key`.
pub(super) fn put_reference_key(source: SourceId, reference: &str, key: &mut KeyBytes) {
    key.clear();
    key.extend_from_slice(&source_prefix(source));
    key.extend_from_slice(indexed_part(reference));
}

/// What every reference key of a source begins with.
pub(super) fn source_prefix(source: SourceId) -> [u8; SOURCE_PREFIX] {
    (source.0 as u32).to_be_bytes()
}

const SOURCE_PREFIX: usize = 4;

/// As much of a reference as its key holds.
pub(super) fn indexed_part(reference: &str) -> &[u8] {
    &reference.as_bytes()[..reference.len().min(index::MAX_KEY - SOURCE_PREFIX)]
}

/// An e-mail address, by what matching compares of it ([`email::match_key`]): its hash with the high byte first.
pub fn email_key(address: &str) -> KeyBytes {
    email_hash(address).to_be_bytes().to_vec()
}

/// The number in [`email_key`].
pub fn email_hash(address: &str) -> u64 {
    if !address.is_ascii() {
        return stable_hash(email::match_key(address).as_bytes());
    }
    let mut hash = Hasher::new();
    hash.write_each(address.bytes().map(|byte| byte.to_ascii_lowercase()));
    hash.finish()
}

/// A phone number in its canonical text: its hash with the high byte first.
pub fn phone_key(phone: &str) -> KeyBytes {
    phone_hash(phone).to_be_bytes().to_vec()
}

/// The number in [`phone_key`].
pub fn phone_hash(phone: &str) -> u64 {
    stable_hash(phone.as_bytes())
}

/// What the ledger knows a row's reference by: see [`crate::domain::outcome::LedgerRow::reference_hash`].
pub fn reference_hash(source: SourceId, reference: &str) -> u64 {
    let mut hash = Hasher::new();
    hash.write(&source.0.to_le_bytes());
    hash.write(reference.as_bytes());
    hash.finish()
}

/// The words of a name: lower case, without accents, split at whatever is no letter or digit.
pub fn name_words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for_each_name_word(name, &mut WordScratch::default(), |word| {
        // Words are cut between characters.
        words.push(String::from_utf8_lossy(word).into_owned());
    });
    words
}

/// Memory for [`for_each_name_word`], to be used again.
#[derive(Default)]
pub(super) struct WordScratch(String);

/// Calls `each` with the words of a name, as [`name_words`] gives them, without memory for each. One that occurs twice
/// comes twice.
pub(super) fn for_each_name_word(name: &str, scratch: &mut WordScratch, mut each: impl FnMut(&[u8])) {
    let folded = &mut scratch.0;
    folded.clear();
    if name.is_ascii() {
        // Decomposing leaves ASCII as it is, and none of it is a combining mark.
        folded.push_str(name);
        folded.make_ascii_lowercase();
        let words = folded.as_bytes().split(|byte| !byte.is_ascii_alphanumeric());
        words.filter(|word| !word.is_empty()).for_each(|word| each(&word[..word.len().min(MAX_WORD)]));
    } else {
        folded.extend(name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase));
        let words = folded.split(|c: char| !c.is_alphanumeric());
        words.filter(|word| !word.is_empty()).for_each(|word| each(cut(word).as_bytes()));
    }
}

fn cut(word: &str) -> &str {
    let end = (0..=MAX_WORD.min(word.len())).rev().find(|end| word.is_char_boundary(*end));
    &word[..end.unwrap_or(0)]
}

/// Which fields of a record are keys.
#[derive(Debug, Clone)]
pub(super) struct KeyFields {
    email: Option<FieldId>,
    phone: Option<FieldId>,
    names: Vec<FieldId>,
}

impl KeyFields {
    pub(super) fn of(catalog: &Catalog) -> KeyFields {
        KeyFields {
            email: catalog.role(Role::MatchEmail),
            phone: catalog.role(Role::MatchPhone),
            names: [Role::FullName, Role::FirstName, Role::LastName].iter().filter_map(|r| catalog.role(*r)).collect(),
        }
    }

    /// Whether what this field holds gives keys.
    pub(super) fn has(&self, field: FieldId) -> bool {
        [self.email, self.phone].contains(&Some(field)) || self.names.contains(&field)
    }

    /// The same without names, for a dry run: nobody looks for the names that it would write.
    pub(super) fn without_names(self) -> KeyFields {
        KeyFields { names: Vec::new(), ..self }
    }

    pub(super) fn email<'r>(&self, record: &'r Record) -> Option<&'r str> {
        record.get(self.email?)?.first()
    }

    pub(super) fn phone<'r>(&self, record: &'r Record) -> Option<&'r str> {
        record.get(self.phone?)?.first()
    }

    pub(super) fn names<'r>(&self, record: &'r Record) -> impl Iterator<Item = &'r str> {
        let names = self.names.iter().filter_map(|field| record.get(*field));
        names.flat_map(|name| name.texts()).map(String::as_str)
    }

    /// The words of all names, in order, each once.
    pub(super) fn words(&self, record: &Record) -> Vec<String> {
        let mut words: Vec<String> = self.names(record).flat_map(name_words).collect();
        words.sort_unstable();
        words.dedup();
        words
    }
}

/// A hash that is stored and therefore never changes: FNV-1a with 64 bits over the bytes, then the finaliser of
/// MurmurHash3, so that every bit of the result depends on every byte.
pub(super) fn stable_hash(bytes: &[u8]) -> u64 {
    let mut hash = Hasher::new();
    hash.write(bytes);
    hash.finish()
}

struct Hasher(u64);

impl Hasher {
    fn new() -> Hasher {
        Hasher(0xcbf2_9ce4_8422_2325)
    }

    fn write(&mut self, bytes: &[u8]) {
        self.write_each(bytes.iter().copied());
    }

    fn write_each(&mut self, bytes: impl Iterator<Item = u8>) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        let mut hash = self.0;
        hash = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash = (hash ^ hash >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        hash ^ hash >> 33
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hashes_are_those_that_are_stored() {
        assert_eq!(stable_hash(b""), 0xefd0_1f60_ba99_2926);
        assert_eq!(reference_hash(SourceId(1), "A-1"), reference_hash(SourceId(1), "A-1"));
        assert_ne!(reference_hash(SourceId(1), "A-1"), reference_hash(SourceId(2), "A-1"));
        assert_eq!(email_key("Ann@Example.com"), email_key("ann@example.COM"));
        assert_eq!(email_key("ann@BÜCHER.de"), email_key("ann@xn--bcher-kva.de"));
    }

    #[test]
    fn words_of_names_are_found_without_accents_and_case() {
        let cases: [(&str, &[&str]); 6] = [
            ("Zoë Núñez-Öztürk", &["zoe", "nunez", "ozturk"]),
            ("O'Brien, Pat", &["o", "brien", "pat"]),
            ("ﬁona", &["fiona"]),
            ("山田 太郎", &["山田", "太郎"]),
            ("İpek", &["ipek"]),
            ("  --  ", &[]),
        ];
        for (name, words) in cases {
            assert_eq!(name_words(name), words, "{name}");
        }
        assert!(name_words(&"ü".repeat(200)).iter().all(|word| word.len() <= MAX_WORD));
    }

    #[test]
    fn a_reference_key_begins_with_its_source_and_is_bounded() {
        assert_eq!(reference_key(SourceId(258), "x"), b"\0\0\x01\x02x");
        assert_eq!(reference_key(SourceId(1), &"é".repeat(2000)).len(), index::MAX_KEY);
    }

    /// [`name_words`] as it is defined, for any text.
    fn words_by_definition(name: &str) -> Vec<String> {
        let folded: String = name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
        let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words
            .map(|word| {
                word.chars()
                    .scan(0, |bytes, c| {
                        *bytes += c.len_utf8();
                        (*bytes <= MAX_WORD).then_some(c)
                    })
                    .collect()
            })
            .collect()
    }

    proptest! {
        #[test]
        fn words_of_ascii_names_are_those_of_any_text(name in "[ -~\\x00-\\x7f]{0,20}|[A-Za-z' .-]{0,200}|\\PC{0,90}") {
            prop_assert_eq!(name_words(&name), words_by_definition(&name));
        }

        #[test]
        fn hashes_of_addresses_are_those_of_what_matching_compares(address in "[ -~]{0,30}|[A-Za-z@.]{0,30}|\\PC{0,30}") {
            prop_assert_eq!(email_hash(&address), stable_hash(email::match_key(&address).as_bytes()));
        }
    }
}
