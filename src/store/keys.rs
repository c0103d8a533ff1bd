//! What a record is found by: the bytes of its keys in the index.
//!
//! Keys only lead to candidates. Whoever gets one compares the record's own field with what was looked for, so stale
//! entries, shortened references and equal hashes are harmless.

use super::index::{self, KeyKind};
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
    let mut key = (source.0 as u32).to_be_bytes().to_vec();
    key.extend_from_slice(reference.as_bytes());
    key.truncate(index::truncated(&key).len());
    key
}

/// An e-mail address, by what matching compares of it ([`email::match_key`]).
pub fn email_key(address: &str) -> KeyBytes {
    stable_hash(email::match_key(address).as_bytes()).to_be_bytes().to_vec()
}

/// A phone number in its canonical text.
pub fn phone_key(phone: &str) -> KeyBytes {
    stable_hash(phone.as_bytes()).to_be_bytes().to_vec()
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
    let folded: String = name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(cut).collect()
}

fn cut(word: &str) -> String {
    let end = (0..=MAX_WORD.min(word.len())).rev().find(|end| word.is_char_boundary(*end));
    word[..end.unwrap_or(0)].to_owned()
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

    pub(super) fn email<'r>(&self, record: &'r Record) -> Option<&'r str> {
        record.get(self.email?)?.first()
    }

    pub(super) fn phone<'r>(&self, record: &'r Record) -> Option<&'r str> {
        record.get(self.phone?)?.first()
    }

    pub(super) fn words(&self, record: &Record) -> Vec<String> {
        let names = self.names.iter().filter_map(|field| record.get(*field));
        let mut words: Vec<String> = names.flat_map(|name| name.texts()).flat_map(|text| name_words(text)).collect();
        words.sort_unstable();
        words.dedup();
        words
    }

    /// Every key of the record. A deleted one keeps its references only.
    pub(super) fn keys(&self, record: &Record) -> Vec<(KeyKind, KeyBytes)> {
        let mut keys = self.match_keys(record);
        keys.extend(self.words(record).into_iter().map(|word| (KeyKind::NameWord, word.into_bytes())));
        keys
    }

    /// The keys that rows are matched by.
    pub(super) fn match_keys(&self, record: &Record) -> Vec<(KeyKind, KeyBytes)> {
        let references = record.references.iter().map(|(source, text)| reference_key(*source, text));
        let mut keys: Vec<_> = references.map(|key| (KeyKind::Reference, key)).collect();
        keys.extend(self.email(record).map(|email| (KeyKind::Email, email_key(email))));
        keys.extend(self.phone(record).map(|phone| (KeyKind::Phone, phone_key(phone))));
        keys
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
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
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
}
