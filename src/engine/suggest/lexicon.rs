//! The word lists of `assets/mapping.toml` and the synonyms of a catalog, ready to look headers up in.

use super::header::{fold_phrase, is_typo};
use crate::domain::field::{Catalog, FieldId, Role};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WordFile {
    filler: Vec<String>,
    remarks: Vec<String>,
    subject: Vec<String>,
    maybe: Vec<String>,
    another: Vec<String>,
    thing: Vec<String>,
    neutral: Vec<String>,
    known: Vec<String>,
    no_field: Vec<String>,
    whole_only: Vec<String>,
    whole_name_when_alone: Vec<String>,
    brands: Vec<String>,
    address: Vec<String>,
    place: Vec<PlaceEntry>,
    never: Vec<NeverEntry>,
    ambiguous: Vec<AmbiguousEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceEntry {
    name: String,
    words: Vec<String>,
    later: f32,
    #[serde(default)]
    of_text: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NeverEntry {
    phrases: Vec<String>,
    reason: String,
    #[serde(default)]
    keep_fields: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AmbiguousEntry {
    phrases: Vec<String>,
    field: String,
    #[serde(default)]
    beside: Vec<String>,
    #[serde(default)]
    beside_without_things: Vec<String>,
    #[serde(default)]
    not_beside_headers: Vec<String>,
    #[serde(default)]
    not_before: Vec<String>,
    #[serde(default)]
    not_values: Vec<String>,
    reason: String,
}

/// What a word is when it is no synonym.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Filler,
    /// The person whom the row is about.
    Subject,
    /// Perhaps that person, perhaps not.
    Maybe,
    /// The name of a product, before an ID.
    Brand,
    /// Which of several e-mails, phones, addresses: a place in [`Lexicon::places`].
    Place(usize),
}

/// Which of several e-mails, phones or addresses a word points at.
#[derive(Debug, Clone)]
pub struct Place {
    pub name: String,
    /// Added to the rank of a column; the lowest comes first.
    pub later: f32,
    /// Whether it may stand before a name, a company or a title.
    pub of_text: bool,
}

/// Phrases that are never mapped, with the reason.
pub struct Never {
    phrases: HashSet<String>,
    pub reason: String,
    /// Fields whose own synonyms may hold such a phrase.
    pub keep: Vec<FieldId>,
}

/// A header whose meaning the rest of the file decides.
pub struct Ambiguous {
    pub phrases: HashSet<String>,
    pub field: FieldId,
    /// It is read so only beside one of these fields, where there are any,
    pub beside: Vec<FieldId>,
    /// or beside one of these in a file that is about no things;
    pub beside_without_things: Vec<FieldId>,
    /// not beside these headers, run together,
    pub not_beside_headers: HashSet<String>,
    /// not directly before these fields,
    pub not_before: Vec<FieldId>,
    /// and not over these values.
    pub not_values: HashSet<String>,
    pub reason: String,
}

/// A synonym's field and its rank there: 0 for the field's own label, then as listed.
#[derive(Debug, Clone, Copy)]
pub struct Synonym {
    pub field: FieldId,
    pub rank: f32,
}

pub struct Lexicon {
    synonyms: HashMap<String, Synonym>,
    /// The labels and keys of custom fields: the whole header only.
    custom: HashMap<String, FieldId>,
    words: HashMap<String, Vec<Word>>,
    another: HashSet<String>,
    thing: HashSet<String>,
    neutral: HashSet<String>,
    no_field: HashSet<String>,
    whole_only: HashSet<String>,
    whole_name_when_alone: HashSet<String>,
    remarks: Vec<String>,
    pub places: Vec<Place>,
    pub address: Vec<FieldId>,
    pub never: Vec<Never>,
    pub ambiguous: Vec<Ambiguous>,
    /// Every single word of the lists, for finding misspelt ones and words run together.
    vocabulary: HashSet<String>,
    /// The vocabulary by first letter.
    by_first: HashMap<char, Vec<String>>,
}

fn folded<'a>(phrases: impl IntoIterator<Item = &'a String>) -> HashSet<String> {
    phrases.into_iter().map(|phrase| fold_phrase(phrase)).collect()
}

/// The shipped file, read once. A test holds that it can be read; one that cannot knows no words.
static WORDS: LazyLock<Option<WordFile>> =
    LazyLock::new(|| toml::from_str(include_str!("../../../assets/mapping.toml")).ok());

impl Lexicon {
    pub fn new(catalog: &Catalog) -> Lexicon {
        let mut lexicon = Lexicon {
            synonyms: HashMap::new(),
            custom: HashMap::new(),
            words: HashMap::new(),
            another: HashSet::new(),
            thing: HashSet::new(),
            neutral: HashSet::new(),
            no_field: HashSet::new(),
            whole_only: HashSet::new(),
            whole_name_when_alone: HashSet::new(),
            remarks: Vec::new(),
            places: Vec::new(),
            address: Vec::new(),
            never: Vec::new(),
            ambiguous: Vec::new(),
            vocabulary: HashSet::new(),
            by_first: HashMap::new(),
        };
        lexicon.add_fields(catalog);
        if let Some(file) = WORDS.as_ref() {
            lexicon.add_words(file, catalog);
        }
        for word in &lexicon.vocabulary {
            if let Some(first) = word.chars().next() {
                lexicon.by_first.entry(first).or_default().push(word.clone());
            }
        }
        lexicon
    }

    fn add_fields(&mut self, catalog: &Catalog) {
        for field in catalog.fields() {
            if let Some(key) = field.key.strip_prefix("custom.") {
                self.custom.entry(fold_phrase(&field.label)).or_insert(field.id);
                self.custom.entry(fold_phrase(&key.replace(['_', '-'], " "))).or_insert(field.id);
            }
            // Our own ID is told by its values or by its exact key: other systems have a "Contact ID" too.
            if field.role == Some(Role::OwnId) {
                continue;
            }
            // A label counts like the last synonym, unless it is listed earlier.
            let label = field.label.replace(['/', '-'], " ");
            let phrases = field.synonyms.iter().map(String::as_str).chain([label.as_str()]);
            for (rank, phrase) in phrases.enumerate() {
                let rank = rank as f32 * 0.01;
                self.synonyms.entry(fold_phrase(phrase)).or_insert(Synonym { field: field.id, rank });
                self.vocabulary.extend(phrase.split_whitespace().map(fold_phrase));
                self.vocabulary.insert(fold_phrase(phrase));
            }
        }
    }

    fn add_words(&mut self, file: &WordFile, catalog: &Catalog) {
        let ids = |keys: &[String]| keys.iter().filter_map(|key| catalog.by_key(key)).map(|f| f.id).collect::<Vec<_>>();
        for place in &file.place {
            let word = Word::Place(self.places.len());
            self.places.push(Place { name: place.name.clone(), later: place.later, of_text: place.of_text });
            self.add_class(&place.words, word);
        }
        self.add_class(&file.subject, Word::Subject);
        self.add_class(&file.maybe, Word::Maybe);
        self.add_class(&file.brands, Word::Brand);
        self.add_class(&file.filler, Word::Filler);
        self.another = folded(&file.another);
        self.thing = folded(&file.thing);
        self.neutral = folded(&file.neutral);
        self.no_field = folded(&file.no_field);
        self.whole_only = folded(&file.whole_only);
        self.whole_name_when_alone = folded(&file.whole_name_when_alone);
        self.remarks = file.remarks.clone();
        self.address = ids(&file.address);
        for words in [&file.known, &file.neutral, &file.another, &file.thing] {
            self.vocabulary.extend(words.iter().map(|word| fold_phrase(word)));
        }
        self.vocabulary.extend(file.no_field.iter().map(|phrase| fold_phrase(phrase)));
        for never in &file.never {
            self.vocabulary.extend(never.phrases.iter().map(|phrase| fold_phrase(phrase)));
            let phrases = folded(&never.phrases);
            self.never.push(Never { phrases, reason: never.reason.clone(), keep: ids(&never.keep_fields) });
        }
        for entry in &file.ambiguous {
            let Some(field) = catalog.by_key(&entry.field) else { continue };
            for phrase in &entry.phrases {
                self.synonyms.entry(fold_phrase(phrase)).or_insert(Synonym { field: field.id, rank: 1.0 });
                self.vocabulary.insert(fold_phrase(phrase));
            }
            self.ambiguous.push(Ambiguous {
                phrases: folded(&entry.phrases),
                field: field.id,
                beside: ids(&entry.beside),
                beside_without_things: ids(&entry.beside_without_things),
                not_beside_headers: folded(&entry.not_beside_headers),
                not_before: ids(&entry.not_before),
                not_values: folded(&entry.not_values),
                reason: entry.reason.clone(),
            });
        }
    }

    fn add_class(&mut self, words: &[String], class: Word) {
        for word in words {
            let word = fold_phrase(word);
            self.vocabulary.insert(word.clone());
            self.words.entry(word).or_default().push(class);
        }
    }

    pub fn synonym(&self, compact: &str) -> Option<Synonym> {
        self.synonyms.get(compact).copied()
    }

    pub fn custom(&self, compact: &str) -> Option<FieldId> {
        self.custom.get(compact).copied()
    }

    pub fn word(&self, word: &str) -> &[Word] {
        self.words.get(word).map_or(&[], Vec::as_slice)
    }

    pub fn is_another_person(&self, word: &str) -> bool {
        self.another.contains(word)
    }

    pub fn is_thing(&self, word: &str) -> bool {
        self.thing.contains(word)
    }

    pub fn is_known(&self, word: &str) -> bool {
        self.vocabulary.contains(word)
    }

    /// Whether a word says only that there is a column ("Spalte 7").
    pub fn is_neutral(&self, word: &str) -> bool {
        self.neutral.contains(word)
    }

    /// Whether a header as a whole is known to fit no field.
    pub fn is_no_field(&self, compact: &str) -> bool {
        self.no_field.contains(compact)
    }

    pub fn is_whole_only(&self, compact: &str) -> bool {
        self.whole_only.contains(compact)
    }

    pub fn is_whole_name_when_alone(&self, compact: &str) -> bool {
        self.whole_name_when_alone.contains(compact)
    }

    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// The first list of never-mapped phrases that the words hold, anywhere.
    pub fn never(&self, words: &[String]) -> Option<&Never> {
        self.never.iter().find(|never| {
            (0..words.len()).any(|from| {
                let mut span = String::new();
                words[from..].iter().take(5).any(|word| {
                    span.push_str(word);
                    never.phrases.contains(&span)
                })
            })
        })
    }

    /// The one word of the lists that a misspelt word can mean.
    pub fn correct(&self, word: &str) -> Option<&str> {
        let first = word.chars().next()?;
        let near: Vec<&String> = self.by_first.get(&first)?.iter().filter(|meant| is_typo(word, meant)).collect();
        // Several near words that mean one field are one answer; letters swapped are likelier than letters lost.
        let meaning = |word: &str| self.synonym(word).map(|synonym| synonym.field);
        let found = near.iter().min_by_key(|meant| (meant.len().abs_diff(word.len()), **meant))?;
        let same = |other: &&String| meaning(other).is_some() && meaning(other) == meaning(found);
        (near.len() == 1 || near.iter().all(same)).then_some(found.as_str())
    }

    /// Splits a word into known words of three letters or more: "billingcity".
    pub fn split(&self, word: &str) -> Option<Vec<String>> {
        if self.is_known(word) || !word.is_ascii() || word.len() < 7 {
            return None;
        }
        for at in (3..word.len() - 2).rev() {
            let (head, tail) = word.split_at(at);
            if !self.is_known(head) {
                continue;
            }
            if self.is_known(tail) {
                return Some(vec![head.to_owned(), tail.to_owned()]);
            }
            if let Some(rest) = self.split(tail) {
                return Some(std::iter::once(head.to_owned()).chain(rest).collect());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn shipped_words_can_be_read_and_name_existing_fields() {
        let catalog = Catalog::contacts(Vec::new()).unwrap();
        let file = WORDS.as_ref().expect("assets/mapping.toml");
        let ambiguous = file
            .ambiguous
            .iter()
            .flat_map(|a| a.beside.iter().chain(&a.beside_without_things).chain(&a.not_before).chain([&a.field]));
        let never = file.never.iter().flat_map(|n| &n.keep_fields);
        for key in file.address.iter().chain(ambiguous).chain(never) {
            assert!(catalog.by_key(key).is_some(), "{key}");
        }
    }

    #[test]
    fn no_synonym_belongs_to_two_fields() {
        let catalog = Catalog::contacts(Vec::new()).unwrap();
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for field in catalog.fields() {
            for synonym in &field.synonyms {
                let first = seen.entry(fold_phrase(synonym)).or_insert(&field.key);
                assert_eq!(*first, field.key, "{synonym}");
            }
        }
    }

    #[test]
    fn slips_of_the_finger_are_corrected_and_other_words_are_left_alone() {
        let lexicon = Lexicon::new(&Catalog::contacts(Vec::new()).unwrap());
        for (word, meant) in
            [("phnoe", "phone"), ("compnay", "company"), ("adress", "address"), ("birthdya", "birthday")]
        {
            assert!(
                lexicon.is_known(word) || lexicon.correct(word) == Some(meant),
                "{word}: {:?}",
                lexicon.correct(word)
            );
        }
        for word in ["contract", "county", "religion", "course", "vote", "hotel", "budget"] {
            assert!(lexicon.is_known(word) || lexicon.correct(word).is_none(), "{word}: {:?}", lexicon.correct(word));
        }
    }

    #[test]
    fn words_run_together_are_split_only_into_known_words() {
        let lexicon = Lexicon::new(&Catalog::contacts(Vec::new()).unwrap());
        assert_eq!(lexicon.split("billingcity"), Some(vec!["billing".to_owned(), "city".to_owned()]));
        assert_eq!(lexicon.split("username"), None);
        assert_eq!(lexicon.split("photographer"), None);
    }
}
