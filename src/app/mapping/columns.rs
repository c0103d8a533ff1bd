//! What the table says of a column: what is in it, what becomes of it, and how sure that is.

use super::Editor;
use super::data::{ColumnLook, ColumnProfile};
use crate::domain::mapping::Column;

/// What becomes of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate<'e> {
    /// It goes to this field; with other columns, whose texts it is joined to or that are joined to it.
    Field {
        label: &'e str,
        is_joined: bool,
    },
    /// Its parts go to these fields; an empty one drops its part.
    Split(Vec<&'e str>),
    LeftOut,
    Undecided,
}

/// Who says so.
#[derive(Debug, Clone, PartialEq)]
pub enum Sure<'e> {
    /// Somebody, in this draft.
    You,
    /// The mapping that was opened.
    Saved,
    /// Landfall believes so: from 1 to 3, and why.
    Believed(u8, &'e str),
    /// Landfall never maps such a column by itself: why.
    Never(&'e str),
    /// Nobody yet; the label of the field that it could be, if any.
    Nobody(Option<&'e str>),
}

/// From this confidence on, a suggestion is as good as sure; below the other one it is a guess.
const SURE: f32 = 0.8;
const UNSURE: f32 = 0.5;

impl Editor {
    pub fn column(&self, place: usize) -> Option<&Column> {
        self.draft.mapping().columns.get(place)
    }

    /// What its first look said of a column.
    pub fn look(&self, place: usize) -> Option<&ColumnLook> {
        self.opened.columns.get(place)
    }

    /// What all rows say of a column, as far as they were read.
    pub fn column_profile(&self, place: usize) -> Option<&ColumnProfile> {
        self.profile.as_ref().filter(|profile| profile.rows > 0)?.columns.get(place)
    }

    pub fn fate(&self, place: usize) -> Fate<'_> {
        let Some(column) = self.column(place) else { return Fate::Undecided };
        if let Some(split) = &column.split {
            return Fate::Split(
                split.into.iter().map(|key| if key.is_empty() { "" } else { self.label(key) }).collect(),
            );
        }
        match &column.field {
            Some(key) => Fate::Field { label: self.label(key), is_joined: self.is_joined(place, key) },
            None if column.leave_out => Fate::LeftOut,
            None => Fate::Undecided,
        }
    }

    fn is_joined(&self, place: usize, key: &str) -> bool {
        let columns = &self.draft.mapping().columns;
        columns.get(place).is_some_and(|column| column.join.is_some())
            || columns.iter().skip(place + 1).any(|other| other.join.is_some() && other.field.as_deref() == Some(key))
    }

    pub fn sure(&self, place: usize) -> Sure<'_> {
        let (Some(column), look) = (self.column(place), self.look(place)) else { return Sure::Nobody(None) };
        let is_as_opened = self.opened.mapping.columns.get(place) == Some(column);
        let suggested = look.and_then(|look| look.field.as_deref());
        if column.is_undecided() {
            return match look.and_then(|look| look.never.as_deref()) {
                Some(never) => Sure::Never(never),
                None => Sure::Nobody(suggested.or_else(|| self.alternative(place)).map(|key| self.label(key))),
            };
        }
        match look {
            _ if !is_as_opened => Sure::You,
            Some(look) if column.field.is_some() && column.field == look.field => {
                Sure::Believed(dots(look.confidence), &look.reason)
            }
            Some(ColumnLook { never: Some(never), .. }) if column.leave_out => Sure::Never(never),
            _ => Sure::Saved,
        }
    }

    fn alternative(&self, place: usize) -> Option<&str> {
        self.look(place)?.alternatives.first().map(|(key, _)| key.as_str())
    }

    /// From 0 to 1: of all rows once they are read, else of the first.
    pub fn empty_share(&self, place: usize) -> f32 {
        match (&self.profile, self.column_profile(place)) {
            (Some(all), Some(profile)) => 1.0 - profile.filled as f32 / all.rows.max(1) as f32,
            _ => self.look(place).map_or(0.0, |look| look.empty_share),
        }
    }

    /// What the values look like, in a word.
    pub fn kind(&self, place: usize) -> &str {
        let seen = self.column_profile(place).and_then(|profile| profile.shapes.first());
        let look = self.look(place).map_or("", |look| look.kind.as_str());
        match seen {
            Some((kind, _)) => kind,
            None => look,
        }
    }

    pub fn is_all_different(&self, place: usize) -> bool {
        match self.column_profile(place) {
            Some(profile) if profile.distinct_is_cut => false,
            Some(profile) => profile.filled > 1 && profile.distinct == profile.filled,
            None => self.look(place).is_some_and(|look| look.all_different && look.distinct > 1),
        }
    }
}

/// How sure a confidence is, from 1 to 3.
pub fn dots(confidence: f32) -> u8 {
    match confidence {
        sure if sure >= SURE => 3,
        likely if likely >= UNSURE => 2,
        _ => 1,
    }
}
