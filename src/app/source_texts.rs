//! What is typed in the form of a source.

use super::field::Field;
use super::source_item::Item;
use std::collections::BTreeMap;

/// The text fields of the form. One that nobody has typed in is empty.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    fields: BTreeMap<Item, Field>,
}

impl Texts {
    pub fn field(&self, item: Item) -> Option<&Field> {
        self.fields.get(&item)
    }

    pub fn text(&self, item: Item) -> &str {
        self.fields.get(&item).map_or("", Field::text)
    }

    pub fn trimmed(&self, item: Item) -> &str {
        self.text(item).trim()
    }

    pub(super) fn set(&mut self, item: Item, text: &str) {
        self.fields.insert(item, Field::with(text));
    }

    pub(super) fn put(&mut self, item: Item, field: Field) {
        self.fields.insert(item, field);
    }

    pub(super) fn field_mut(&mut self, item: Item) -> &mut Field {
        self.fields.entry(item).or_default()
    }

    pub(super) fn with(texts: &[(Item, &str)]) -> Texts {
        Texts { fields: texts.iter().map(|(item, text)| (*item, Field::with(text))).collect() }
    }

    pub(super) fn some(&self, item: Item) -> Option<String> {
        Some(self.trimmed(item).to_owned()).filter(|text| !text.is_empty())
    }

    pub(super) fn list(&self, item: Item, mark: char) -> Vec<String> {
        let parts = self.text(item).split(mark).map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    }
}
