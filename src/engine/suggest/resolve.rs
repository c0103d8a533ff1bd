//! All columns together: values against headers, one column for a field that takes one, one address, one person.

use super::evidence::{ColumnEvidence, Shape};
use super::explain::{Reading, Says, Which, Whose, explain};
use super::header::{Header, fold_phrase};
use super::lexicon::Lexicon;
use super::{Proposal, Suggestion};
use crate::domain::field::{Catalog, Field, FieldId, Kind, Role};
use std::collections::{BTreeMap, HashSet};

/// With fewer values than this, values decide nothing.
const FEW: u32 = 3;
/// The rank of a column that is known by its values only: after those whose header says it.
const BY_VALUES: f32 = 30.0;
/// As many columns about things make a file one about orders or events, where a bare "Name" may be the thing's.
const MANY_THINGS: usize = 3;

pub fn resolve(catalog: &Catalog, lexicon: &Lexicon, columns: &[ColumnEvidence]) -> Vec<Suggestion> {
    let says = columns.iter().map(|column| explain(catalog, lexicon, &column.name)).collect();
    let mut table = Table {
        catalog,
        lexicon,
        columns,
        suggestions: vec![Suggestion::default(); columns.len()],
        candidates: Vec::new(),
        taken: HashSet::new(),
    };
    table.start(says);
    table.settle_ambiguous();
    table.settle_lone_names();
    table.settle_persons();
    table.settle_bare_name();
    table.weigh_values();
    table.settle_address();
    table.assign();
    table.suggestions
}

/// A column with a field in question.
struct Candidate {
    column: usize,
    reading: Reading,
    /// What the header says, for people.
    because: String,
}

struct Table<'a> {
    catalog: &'a Catalog,
    lexicon: &'a Lexicon,
    columns: &'a [ColumnEvidence],
    suggestions: Vec<Suggestion>,
    candidates: Vec<Candidate>,
    taken: HashSet<FieldId>,
}

impl Table<'_> {
    fn label(&self, field: FieldId) -> &str {
        self.catalog.get(field).map_or("", |field| &field.label)
    }

    fn kind(&self, field: FieldId) -> Option<Kind> {
        self.catalog.get(field).map(|field| field.kind)
    }

    /// Whether the field tells who the person is: somebody else's value here would be worst.
    fn is_identity(&self, field: FieldId) -> bool {
        let more = [self.catalog.role(Role::MoreEmails), self.catalog.role(Role::MorePhones)];
        self.catalog.get(field).is_some_and(|field| field.mandatory_group) || more.contains(&Some(field))
    }

    fn start(&mut self, says: Vec<Says>) {
        for (column, says) in says.into_iter().enumerate() {
            let evidence = &self.columns[column];
            let name = &evidence.name;
            match says {
                Says::Exactly(field) => {
                    let (mut confidence, mut reason) =
                        (1.0, format!("header \u{201c}{name}\u{201d} is the field's own key or label"));
                    let ours = self.catalog.role(Role::OwnId) == Some(field);
                    if ours && evidence.filled() >= FEW && evidence.share(Shape::OurId) < 0.5 {
                        confidence = 0.45;
                        reason.push_str(", but most values are no IDs of this workspace");
                    }
                    if self.taken.insert(field) || self.takes_many(field) {
                        self.suggestions[column] =
                            Suggestion { field: Some(field), confidence, reason, ..Suggestion::default() };
                        self.propose(column, field);
                    } else {
                        self.leave(column, field, "another column is the field's own");
                    }
                }
                Says::Field(reading, others) => {
                    let because = format!("header \u{201c}{name}\u{201d} means {}", self.label(reading.field));
                    self.suggestions[column].alternatives = others.into_iter().map(|field| (field, 0.3)).collect();
                    self.candidates.push(Candidate { column, reading, because });
                }
                Says::Never(reason) => {
                    self.suggestions[column].reason = format!("not mapped: {reason}");
                    self.suggestions[column].never = Some(reason);
                }
                Says::Nothing(reason) => self.suggestions[column].reason = format!("not mapped: {reason}"),
                Says::Neutral => self.by_values(column, true),
                Says::Unknown => self.by_values(column, false),
            }
        }
    }

    /// A column whose header says nothing, or nothing that we know: its values may.
    fn by_values(&mut self, column: usize, neutral: bool) {
        let evidence = &self.columns[column];
        self.suggestions[column].reason = "nothing in the header or the values points at a field".to_owned();
        if evidence.filled() < FEW {
            return;
        }
        let role = |role| self.catalog.role(role);
        let url = || self.catalog.fields().iter().find(|field| field.kind == Kind::Url).map(|field| field.id);
        let share = |shape| evidence.share(shape);
        // Numbers are many things: only what is written as a phone is taken for one, under a header that says nothing.
        let found = if share(Shape::Email) >= 0.8 {
            role(Role::MatchEmail).map(|field| (field, 0.8))
        } else if !neutral {
            None
        } else if share(Shape::WrittenPhone) >= 0.8 {
            role(Role::MatchPhone).map(|field| (field, 0.7))
        } else if share(Shape::TimeZone) >= 0.9 {
            role(Role::TimeZone).map(|field| (field, 0.7))
        } else if share(Shape::Url) >= 0.9 {
            url().map(|field| (field, 0.6))
        } else if share(Shape::PersonName) >= 0.8 && evidence.distinct * 2 > evidence.filled() {
            role(Role::FullName).map(|field| (field, 0.6))
        } else {
            None
        };
        if let Some((field, confidence)) = found {
            let reading = Reading { field, confidence, ..by_values_reading(field) };
            let because = format!("header \u{201c}{}\u{201d} does not say what it holds", evidence.name);
            self.candidates.push(Candidate { column, reading, because });
        }
    }

    /// "Title" and its like, which the rest of the file decides.
    fn settle_ambiguous(&mut self) {
        let lexicon = self.lexicon;
        for ambiguous in &lexicon.ambiguous {
            let has = |fields: &[FieldId], candidate: &Candidate| fields.contains(&candidate.reading.field);
            let any = |fields: &[FieldId]| {
                self.candidates.iter().any(|candidate| has(fields, candidate))
                    || fields.iter().any(|field| self.taken.contains(field))
            };
            let unneeded = ambiguous.beside.is_empty() && ambiguous.beside_without_things.is_empty();
            let beside =
                unneeded || any(&ambiguous.beside) || (any(&ambiguous.beside_without_things) && self.things() == 0);
            let other =
                |column: &ColumnEvidence| ambiguous.not_beside_headers.contains(&Header::read(&column.name).compact());
            let elsewhere = !ambiguous.not_beside_headers.is_empty() && self.columns.iter().any(other);
            let dropped: Vec<usize> = self
                .candidates
                .iter()
                .enumerate()
                .filter(|(_, candidate)| {
                    let bare = !candidate.reading.qualified && candidate.reading.which == Which::default();
                    let reading = &candidate.reading;
                    if !bare || reading.field != ambiguous.field || !ambiguous.phrases.contains(&reading.core) {
                        return false;
                    }
                    if elsewhere {
                        return true;
                    }
                    let samples = &self.columns[candidate.column].samples;
                    let is_other =
                        |value: &&String| ambiguous.not_values.contains(fold_phrase(value).trim_matches('.'));
                    if !samples.is_empty() && !ambiguous.not_values.is_empty() {
                        return samples.iter().filter(is_other).count() * 2 >= samples.len();
                    }
                    let before = self
                        .candidates
                        .iter()
                        .any(|other| other.column == candidate.column + 1 && has(&ambiguous.not_before, other));
                    !beside || before
                })
                .map(|(place, _)| place)
                .collect();
            for place in dropped.into_iter().rev() {
                let candidate = self.candidates.remove(place);
                self.leave(candidate.column, candidate.reading.field, &ambiguous.reason);
            }
        }
    }

    /// "Nombre" beside "Apellidos" is the first name; alone it is the whole one.
    fn settle_lone_names(&mut self) {
        let roles = (Role::FirstName, Role::LastName, Role::FullName);
        let (Some(first), Some(last), Some(full)) =
            (self.catalog.role(roles.0), self.catalog.role(roles.1), self.catalog.role(roles.2))
        else {
            return;
        };
        for (part, counterpart) in [(first, last), (last, first)] {
            if self.taken.contains(&counterpart) || self.candidates.iter().any(|c| c.reading.field == counterpart) {
                continue;
            }
            let label = self.label(full).to_owned();
            let lexicon = self.lexicon;
            for candidate in self.candidates.iter_mut().filter(|candidate| candidate.reading.field == part) {
                if lexicon.is_whole_name_when_alone(&candidate.reading.core) {
                    candidate.reading.field = full;
                    candidate.because = format!(
                        "header \u{201c}{}\u{201d} without a column for the rest of the name means {label}",
                        self.columns[candidate.column].name
                    );
                }
            }
        }
    }

    /// Values of a second person are never mapped: a user's beside an invitee's, "Person 1" beside the contact.
    fn settle_persons(&mut self) {
        // The first of numbered persons is the row's own where nobody stands there without a number.
        let first = |which: &Which| which.group.is_none_or(|number| number <= 1);
        let own: HashSet<FieldId> = self
            .candidates
            .iter()
            .filter(|c| c.reading.whose == Whose::Own && first(&c.reading.which))
            .map(|c| c.reading.field)
            .chain(self.taken.iter().copied())
            .filter(|&field| self.is_identity(field))
            .collect();
        let unnumbered: HashSet<FieldId> = self
            .candidates
            .iter()
            .filter(|c| c.reading.whose == Whose::Own && c.reading.which.group.is_none())
            .map(|c| c.reading.field)
            .chain(self.taken.iter().copied())
            .collect();
        let mut others = Vec::new();
        for (place, candidate) in self.candidates.iter_mut().enumerate() {
            let reading = &mut candidate.reading;
            let identity = self.catalog.get(reading.field).is_some_and(|field| field.mandatory_group);
            if !identity {
                if reading.whose == Whose::Maybe {
                    reading.rank += 0.5;
                }
                continue;
            }
            let second = reading.whose == Whose::Maybe && !own.is_empty();
            let rivals = if first(&reading.which) { &unnumbered } else { &own };
            let numbered = reading.qualified && reading.which.group.is_some() && rivals.contains(&reading.field);
            if second || numbered {
                others.push(place);
            }
        }
        for place in others.into_iter().rev() {
            let candidate = self.candidates.remove(place);
            let reason = "belongs to another person than the other columns".to_owned();
            let suggestion = &mut self.suggestions[candidate.column];
            suggestion.reason = format!("not mapped: {reason}");
            suggestion.never = Some(reason);
        }
    }

    /// How many columns are about things: orders, events, items. Columns with a field in question are not.
    fn things(&self) -> usize {
        let understood: HashSet<usize> = self.candidates.iter().map(|candidate| candidate.column).collect();
        let about_thing = |(place, column): &(usize, &ColumnEvidence)| {
            !understood.contains(place)
                && Header::read(&column.name).words.iter().any(|word| self.lexicon.is_thing(word))
        };
        self.columns.iter().enumerate().filter(about_thing).count()
    }

    /// In a file about orders, a bare "Name" beside a "Billing Name" is the order's.
    fn settle_bare_name(&mut self) {
        let full = self.catalog.role(Role::FullName);
        let things = self.things();
        for candidate in self.candidates.iter_mut().filter(|candidate| Some(candidate.reading.field) == full) {
            let reading = &mut candidate.reading;
            if reading.qualified {
                reading.rank -= 0.02;
            } else if reading.which.places.is_empty() && things >= MANY_THINGS {
                reading.rank += 5.0;
            }
        }
    }

    /// Sets what the values say against what the headers say.
    fn weigh_values(&mut self) {
        let own_id = self.catalog.role(Role::OwnId);
        let email = self.catalog.role(Role::MatchEmail);
        for place in 0..self.candidates.len() {
            let candidate = &self.candidates[place];
            let evidence = &self.columns[candidate.column];
            let (field, filled) = (candidate.reading.field, evidence.filled());
            if evidence.total > 0 {
                self.candidates[place].reading.rank += 16.0 * (evidence.empty_share() - 0.5).max(0.0);
            }
            if filled == 0 {
                continue;
            }
            let role = self.catalog.get(field).and_then(|field| field.role);
            if role == Some(Role::Reference) {
                let reading = &mut self.candidates[place].reading;
                if evidence.share(Shape::OurId) >= 0.5 {
                    if let Some(own) = own_id.filter(|own| !self.taken.contains(own)) {
                        reading.field = own;
                        reading.confidence = 0.97;
                    }
                } else if filled >= FEW && !evidence.all_different() {
                    reading.rank += 3.0;
                    reading.confidence *= 0.8;
                }
                continue;
            }
            if filled < FEW {
                continue;
            }
            // Addresses under a header for a name or a number: the header is wrong or means "how to reach".
            let reads_as_other = matches!(role, Some(Role::FullName | Role::MatchPhone | Role::MorePhones));
            let reading = &mut self.candidates[place].reading;
            if reads_as_other && evidence.share(Shape::Email) >= 0.8 {
                if let Some(email) = email {
                    (reading.field, reading.confidence) = (email, 0.7);
                    reading.rank += BY_VALUES;
                }
                continue;
            }
            if let Some((share, _)) = fit(self.catalog.get(field).map(|field| field.kind), evidence) {
                let reading = &mut self.candidates[place].reading;
                if share >= 0.5 {
                    reading.confidence = (reading.confidence + 0.03).min(0.99);
                } else if share >= 0.2 {
                    reading.confidence *= 0.75;
                } else {
                    reading.confidence *= 0.4;
                    reading.rank += BY_VALUES;
                }
            }
        }
    }

    /// One address of the row: its parts come from one and the same, completed by parts that say no place.
    fn settle_address(&mut self) {
        type Family = (Vec<String>, u32);
        let names = |which: &Which| -> Family {
            // "Address" only introduces: `_address_city` is a plain city unless a place stands there too.
            let places = which.places.iter().map(|&place| self.lexicon.places[place].name.clone());
            let mut places: Vec<String> = places.filter(|name| name != "address").collect();
            places.sort();
            places.dedup();
            (places, which.group.unwrap_or(1))
        };
        let mut families: BTreeMap<Family, (HashSet<FieldId>, f32)> = BTreeMap::new();
        for candidate in self.candidates.iter().filter(|c| self.lexicon.address.contains(&c.reading.field)) {
            let family = families.entry(names(&candidate.reading.which)).or_insert((HashSet::new(), f32::MAX));
            family.0.insert(candidate.reading.field);
            family.1 = family.1.min(candidate.reading.rank);
        }
        // More parts make a better address; a part weighs as much as three steps of rank.
        let worth = |(fields, rank): &(HashSet<FieldId>, f32)| fields.len() as f32 * 3.0 - rank;
        let Some(chosen) =
            families.iter().max_by(|a, b| worth(a.1).total_cmp(&worth(b.1))).map(|(family, _)| family.clone())
        else {
            return;
        };
        let complete = families.get(&chosen).map(|(fields, _)| fields.clone()).unwrap_or_default();
        let mut dropped = Vec::new();
        for (place, candidate) in self.candidates.iter().enumerate() {
            let reading = &candidate.reading;
            if !self.lexicon.address.contains(&reading.field) {
                continue;
            }
            let family = names(&reading.which);
            let completes = family == (Vec::new(), 1) && !complete.contains(&reading.field);
            let later_line = reading.which.ordinal.is_some_and(|line| line > 1);
            if later_line {
                dropped.push((place, "a further line of the address: map it to join the lines"));
            } else if family != chosen && !completes {
                dropped.push((place, "part of another address than the one that was chosen"));
            }
        }
        for (place, reason) in dropped.into_iter().rev() {
            let candidate = self.candidates.remove(place);
            self.leave(candidate.column, candidate.reading.field, reason);
        }
    }

    /// Gives every field its best column; further e-mails and phones go where further ones belong.
    fn assign(&mut self) {
        let role = |role| self.catalog.role(role);
        let overflow =
            [(role(Role::MatchEmail), role(Role::MoreEmails)), (role(Role::MatchPhone), role(Role::MorePhones))];
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.sort_by(|a, b| a.reading.rank.total_cmp(&b.reading.rank).then(a.column.cmp(&b.column)));
        for candidate in candidates {
            let mut field = candidate.reading.field;
            if self.takes_many(field) || self.taken.insert(field) {
                self.give(&candidate, field);
                continue;
            }
            let further = overflow.iter().find(|(one, _)| *one == Some(field)).and_then(|(_, more)| *more);
            // Values that contradict the header do not become a second address or number.
            if let Some(more) = further.filter(|_| candidate.reading.confidence >= super::UNSURE) {
                self.suggestions[candidate.column].alternatives.push((field, candidate.reading.confidence * 0.8));
                field = more;
                self.taken.insert(field);
                self.give(&candidate, field);
            } else {
                self.leave(candidate.column, field, "another column fits this field better");
            }
        }
    }

    fn takes_many(&self, field: FieldId) -> bool {
        // Parts of an address are chosen before; a second street would be another line of it.
        self.catalog.get(field).is_some_and(Field::takes_several) && !self.lexicon.address.contains(&field)
    }

    fn give(&mut self, candidate: &Candidate, field: FieldId) {
        let evidence = &self.columns[candidate.column];
        let mut reason = candidate.because.clone();
        if self.catalog.role(Role::OwnId) == Some(field) {
            let share = percent(evidence.share(Shape::OurId));
            reason = format!("{share} % of the values are IDs of contacts of this workspace");
        } else if let Some((share, what)) = fit(self.kind(field), evidence).filter(|_| evidence.filled() > 0) {
            let but = if share < 0.5 { "but only " } else { "" };
            reason.push_str(&format!("; {but}{} % of the values are {what}", percent(share)));
        }
        let suggestion = &mut self.suggestions[candidate.column];
        suggestion.field = Some(field);
        suggestion.confidence = candidate.reading.confidence.clamp(0.0, 1.0);
        suggestion.alternatives.retain(|(other, _)| *other != field);
        suggestion.reason = reason;
        self.propose(candidate.column, field);
    }

    fn leave(&mut self, column: usize, field: FieldId, reason: &str) {
        let label = self.label(field).to_owned();
        let suggestion = &mut self.suggestions[column];
        suggestion.reason = format!("could be {label}, but {reason}");
        suggestion.alternatives.insert(0, (field, 0.4));
    }

    fn propose(&mut self, column: usize, field: FieldId) {
        let lists = [Kind::Tags, Kind::MultipleOptions, Kind::Checkbox, Kind::TextboxList];
        let evidence = &self.columns[column];
        let is_list = self.kind(field).is_some_and(|kind| lists.contains(&kind));
        if is_list && evidence.filled() >= FEW && evidence.share(Shape::PeriodList) > 0.5 {
            self.suggestions[column].proposals.push(Proposal::ListSeparator('.'));
        }
    }
}

fn by_values_reading(field: FieldId) -> Reading {
    Reading {
        field,
        confidence: 0.0,
        rank: BY_VALUES,
        whose: Whose::Own,
        which: Which::default(),
        qualified: false,
        core: String::new(),
    }
}

/// The share of values that a field of this kind can hold, where that can be told by shape, and what to call them.
fn fit(kind: Option<Kind>, evidence: &ColumnEvidence) -> Option<(f32, &'static str)> {
    let share = |shape| evidence.share(shape);
    match kind? {
        Kind::Email | Kind::Emails => Some((share(Shape::Email), "e-mail addresses")),
        Kind::Phone | Kind::Phones => Some((share(Shape::Phone), "phone numbers")),
        Kind::Date | Kind::DateTime => Some((share(Shape::Date) + share(Shape::DateTime), "dates")),
        Kind::YesNo => Some((share(Shape::YesNo), "yes or no")),
        Kind::TimeZone => Some((share(Shape::TimeZone), "time zones")),
        Kind::Url => Some((share(Shape::Url), "web addresses")),
        _ => None,
    }
}

fn percent(share: f32) -> u32 {
    (share * 100.0).round() as u32
}
