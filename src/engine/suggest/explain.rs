//! What one header says by itself: which field, whose value, which of several. A header is understood only when all
//! its words are: one unknown word ("Company Name for Emails") leaves it unmapped.

use super::header::Header;
use super::lexicon::{Lexicon, Word};
use crate::domain::field::{Catalog, FieldId, Kind, Role};

/// Whose value it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub enum Whose {
    /// The person's whom the row is about.
    Own,
    /// That person's, unless another column is plainly theirs ("User Email" beside "Invitee Email").
    Maybe,
}

/// Which address, e-mail or phone of several.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Which {
    pub places: Vec<usize>,
    /// "Address 2 - City": the number before the field's own words.
    pub group: Option<u32>,
    /// "Phone 2", "Address Line 2": the number in or after them.
    pub ordinal: Option<u32>,
}

/// A header that means a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub field: FieldId,
    /// How sure, from the header alone.
    pub confidence: f32,
    /// Which column of several comes first: the lowest.
    pub rank: f32,
    pub whose: Whose,
    pub which: Which,
    /// The words of a subject or a person stood before the field's own ("Customer Name").
    pub qualified: bool,
    /// The synonym that was found, folded.
    pub core: String,
}

/// What a header says.
#[derive(Debug, Clone, PartialEq)]
pub enum Says {
    /// The field's own key, as our exports have it.
    Exactly(FieldId),
    /// One field, and what else it could be.
    Field(Reading, Vec<FieldId>),
    /// Must not be mapped, whatever the values.
    Never(String),
    /// Known to mean something that no field holds.
    Nothing(String),
    /// Says nothing about what the column holds ("Kontakt 2", "column 7").
    Neutral,
    /// Words that nobody knows.
    Unknown,
}

/// Reads one header.
pub fn explain(catalog: &Catalog, lexicon: &Lexicon, text: &str) -> Says {
    let exact = text.trim();
    if let Some(field) = catalog.by_key(exact) {
        return Says::Exactly(field.id);
    }
    let header = Header::read(text);
    let compact = header.compact();
    if let Some(field) = lexicon.custom(&compact) {
        return Says::Exactly(field);
    }
    if header.words.is_empty() {
        return Says::Neutral;
    }
    let never = lexicon.never(&header.words);
    if let Some(never) = never
        && never.keep.is_empty()
    {
        return Says::Never(never.reason.clone());
    }
    if lexicon.is_no_field(&compact) {
        return Says::Nothing("no field holds this".to_owned());
    }
    let (reading, others) = read_variants(catalog, lexicon, &header);
    if let Some(reading) = reading {
        match never {
            Some(never) if !never.keep.contains(&reading.field) => return Says::Never(never.reason.clone()),
            // A technical column by underscore is the exporting system's own ("_website", "_store").
            _ if header.technical && header.words.len() == 1 && !is_role(catalog, reading.field, Role::Reference) => {
                return Says::Nothing("a technical column of the system that wrote the file".to_owned());
            }
            _ => return Says::Field(reading, others),
        }
    }
    if let Some(never) = never {
        return Says::Never(never.reason.clone());
    }
    unexplained(catalog, lexicon, &header)
}

fn is_role(catalog: &Catalog, field: FieldId, role: Role) -> bool {
    catalog.role(role) == Some(field)
}

/// The header as it is, then with more and more forgiven.
fn read_variants(catalog: &Catalog, lexicon: &Lexicon, header: &Header) -> (Option<Reading>, Vec<FieldId>) {
    let found = |mut readings: Vec<Reading>, factor: f32| {
        readings.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.rank.total_cmp(&b.rank)));
        let mut readings = readings.into_iter();
        let best = readings.next().map(|mut best| {
            best.confidence *= factor;
            best
        });
        let mut others: Vec<FieldId> = readings.map(|reading| reading.field).collect();
        others.dedup();
        (best, others)
    };
    let plain = read(catalog, lexicon, header);
    if !plain.is_empty() || header.is_too_long() {
        return found(plain, 1.0);
    }
    if let Some(stripped) = without_remarks(lexicon, header) {
        let readings = read(catalog, lexicon, &stripped);
        if !readings.is_empty() {
            return found(readings, 0.98);
        }
    }
    // Advice in parentheses, such as a format; but "Email (Manager)" says whose.
    let advice = |&place: &usize| {
        let word = &header.words[place];
        lexicon.synonym(word).is_none() && !lexicon.is_another_person(word) && !lexicon.is_thing(word)
    };
    if !header.in_parentheses.is_empty() && header.in_parentheses.iter().all(advice) {
        let readings = read(catalog, lexicon, &header.without_parentheses());
        if !readings.is_empty() {
            return found(readings, 0.92);
        }
    }
    let mended = mended(lexicon, header);
    if let Some(mended) = mended {
        let mut readings = read(catalog, lexicon, &mended);
        readings.retain(|reading| !lexicon.is_whole_only(&reading.core));
        return found(readings, 0.8);
    }
    (None, Vec::new())
}

fn without_remarks(lexicon: &Lexicon, header: &Header) -> Option<Header> {
    for remark in lexicon.remarks() {
        let words: Vec<&str> = remark.split(' ').collect();
        if let Some(at) = header.words.windows(words.len()).position(|window| window.iter().eq(words.iter())) {
            let mut rest = header.clone();
            rest.words.drain(at..at + words.len());
            rest.in_parentheses.clear();
            rest.numbers.clear();
            return Some(rest);
        }
    }
    None
}

/// Splits words that were run together and corrects misspelt ones.
fn mended(lexicon: &Lexicon, header: &Header) -> Option<Header> {
    let mut words = Vec::with_capacity(header.words.len());
    let mut changed = false;
    for word in &header.words {
        if lexicon.is_known(word) {
            words.push(word.clone());
        } else if let Some(parts) = lexicon.split(word) {
            words.extend(parts);
            changed = true;
        } else {
            words.push(lexicon.correct(word)?.to_owned());
            changed = true;
        }
    }
    let end = words.len();
    let numbers = header.numbers.iter().map(|&(place, n)| (if place == header.words.len() { end } else { place }, n));
    changed.then(|| Header {
        numbers: numbers.collect(),
        words,
        in_parentheses: Vec::new(),
        technical: header.technical,
    })
}

/// Every field that explains all words of the header, best first.
fn read(catalog: &Catalog, lexicon: &Lexicon, header: &Header) -> Vec<Reading> {
    let words = &header.words;
    let mut cores: Vec<(usize, usize, String, FieldId, f32)> = Vec::new();
    for from in 0..words.len() {
        let mut span = String::new();
        for (length, word) in words[from..].iter().take(8).enumerate() {
            span.push_str(word);
            if let Some(synonym) = lexicon.synonym(&span) {
                cores.push((from, from + length + 1, span.clone(), synonym.field, synonym.rank));
            }
        }
    }
    // The longest words first: "account name" is the company, not a name.
    cores.sort_by(|a, b| (b.1 - b.0).cmp(&(a.1 - a.0)).then(a.4.total_cmp(&b.4)));
    let mut readings: Vec<Reading> = Vec::new();
    for (from, to, core, field, rank) in &cores {
        if readings.iter().any(|reading| reading.field == *field) {
            continue;
        }
        if let Some(mut reading) = around(catalog, lexicon, header, (*from, *to), core, *field) {
            reading.rank += rank;
            // Words of the field's own explain more than words around them.
            reading.confidence -= 0.01 * (words.len() - (to - from)) as f32;
            readings.push(reading);
        }
    }
    readings
}

/// Explains the words around the field's own.
fn around(
    catalog: &Catalog,
    lexicon: &Lexicon,
    header: &Header,
    (from, to): (usize, usize),
    core: &str,
    field_id: FieldId,
) -> Option<Reading> {
    let field = catalog.get(field_id)?;
    let in_address = lexicon.address.contains(&field_id);
    let places_fit = in_address
        || matches!(field.kind, Kind::Text | Kind::Email | Kind::Emails | Kind::Phone | Kind::Phones | Kind::Url);
    // There are second e-mails, phones and addresses, but "Second Name" is no other whole name.
    let is_text = field.kind == Kind::Text && !in_address;
    let mut which = Which::default();
    let (mut whose, mut qualified, mut bare) = (Whose::Own, false, true);
    let mut rank = 0.0;
    let words = &header.words;
    let mut at = 0;
    while at < words.len() {
        if at == from {
            at = to;
            continue;
        }
        let word = &words[at];
        let classes = lexicon.word(word);
        if classes.contains(&Word::Filler) {
            at += 1;
            continue;
        }
        let limit = if at < from { from } else { words.len() };
        // More words of the same field: "State / Province", "Postal / Zip Code".
        let same_field = (at + 1..=limit)
            .rev()
            .find(|&end| lexicon.synonym(&words[at..end].concat()).is_some_and(|synonym| synonym.field == field_id));
        let place = classes.iter().find_map(|c| if let Word::Place(place) = c { Some(*place) } else { None });
        let place = place.filter(|&place| places_fit && (!is_text || lexicon.places[place].of_text));
        match (same_field, place) {
            (Some(end), _) if in_address => {
                (at, bare) = (end, false);
                continue;
            }
            _ if classes.contains(&Word::Subject) => qualified = true,
            _ if classes.contains(&Word::Maybe) => (whose, qualified) = (Whose::Maybe, true),
            (_, Some(place)) => {
                which.places.push(place);
                rank += lexicon.places[place].later;
            }
            _ if classes.contains(&Word::Brand) && field.role == Some(Role::Reference) => rank += 0.05,
            (Some(end), None) => {
                (at, bare) = (end, false);
                continue;
            }
            (None, None) => return None,
        }
        bare = false;
        at += 1;
    }
    if !bare && lexicon.is_whole_only(core) {
        return None;
    }
    for &(place, number) in &header.numbers {
        if place <= from && place < words.len() {
            which.group = Some(number);
        } else {
            which.ordinal = Some(number);
        }
    }
    // "Person 1 First Name" is one of several people, "Address 2 City" one of several addresses.
    rank += which.group.map_or(0.0, |n| n.saturating_sub(1).min(50) as f32 * 5.0);
    rank += which.ordinal.map_or(0.0, |n| n.saturating_sub(1).min(50) as f32 * 5.0);
    Some(Reading { field: field_id, confidence: 0.96, rank, whose, which, qualified, core: core.to_owned() })
}

/// Why a header that no field explains stays unmapped.
fn unexplained(catalog: &Catalog, lexicon: &Lexicon, header: &Header) -> Says {
    let words = &header.words;
    let identity = words.iter().enumerate().any(|(from, _)| {
        (from + 1..=words.len().min(from + 3)).any(|to| {
            lexicon
                .synonym(&words[from..to].concat())
                .and_then(|s| catalog.get(s.field))
                .is_some_and(|f| f.mandatory_group)
        })
    });
    if let Some(word) = words.iter().find(|word| lexicon.is_another_person(word)) {
        return if identity {
            Says::Never(format!("belongs to another person (\u{201c}{word}\u{201d})"))
        } else {
            Says::Nothing(format!("about somebody or something else (\u{201c}{word}\u{201d})"))
        };
    }
    if let Some(word) = words.iter().find(|word| lexicon.is_thing(word)) {
        return if identity {
            Says::Never(format!("is about a thing (\u{201c}{word}\u{201d}), not about the person"))
        } else {
            Says::Nothing(format!("about something else (\u{201c}{word}\u{201d})"))
        };
    }
    let says_nothing = |word: &String| {
        let classes = lexicon.word(word);
        classes.contains(&Word::Filler) || classes.contains(&Word::Subject) || lexicon.is_neutral(word)
    };
    if words.iter().all(says_nothing) { Says::Neutral } else { Says::Unknown }
}
