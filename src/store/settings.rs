//! Settings, people, custom fields and declared options.

use super::error::{Fault, StoreError};
use super::workspace::Store;
use crate::domain::field::{Catalog, Field, FieldId, Kind};
use crate::domain::settings::Settings;
use rusqlite::Connection;

/// Someone that owners and followers resolve to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: u64,
    pub name: String,
}

const CUSTOM: &str = "custom.";

impl Store {
    /// The settings, with what they are where nothing was said. A stored value that is no longer taken counts as unset.
    pub fn settings(&self) -> Result<Settings, StoreError> {
        self.main.read(|conn| {
            let mut settings = Settings::default();
            let mut query = conn.prepare_cached("SELECT key, value FROM setting")?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                let (key, value): (String, String) = (row.get(0)?, row.get(1)?);
                if settings.clone().set(&key, &value).is_ok() {
                    settings.set(&key, &value).map_err(StoreError::from)?;
                }
            }
            Ok(settings)
        })
    }

    /// Sets one setting from its text; an empty text unsets it.
    pub fn set_setting(&mut self, key: &str, text: &str) -> Result<(), StoreError> {
        Settings::default().set(key, text)?;
        self.main.write(|tx| {
            if text.is_empty() {
                tx.execute("DELETE FROM setting WHERE key = ?1", [key])?;
            } else {
                let put = "INSERT INTO setting(key, value) VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value = ?2";
                tx.execute(put, [key, text])?;
            }
            Ok(())
        })
    }

    /// The people, by name.
    pub fn people(&self) -> Result<Vec<Person>, StoreError> {
        self.main.read(|conn| {
            let mut query = conn.prepare_cached("SELECT id, name FROM person ORDER BY name")?;
            let people =
                query.query_map([], |row| Ok(Person { id: row.get::<_, i64>(0)? as u64, name: row.get(1)? }))?;
            Ok(people.collect::<Result<_, _>>()?)
        })
    }

    /// # Errors
    /// [`StoreError::NameTaken`].
    pub fn add_person(&mut self, name: &str) -> Result<Person, StoreError> {
        self.main.write(|tx| {
            if tx.execute("INSERT OR IGNORE INTO person(name) VALUES(?1)", [name])? == 0 {
                return Err(StoreError::NameTaken { what: "person", name: name.to_owned() }.into());
            }
            Ok(Person { id: tx.last_insert_rowid() as u64, name: name.to_owned() })
        })
    }

    /// Removes a person; false when there is none of that name.
    pub fn remove_person(&mut self, name: &str) -> Result<bool, StoreError> {
        self.main.write(|tx| Ok(tx.execute("DELETE FROM person WHERE name = ?1", [name])? > 0))
    }

    /// The custom fields, oldest first; their keys are `custom.KEY`.
    pub fn custom_fields(&self) -> Result<Vec<Field>, StoreError> {
        self.main.read(custom_fields)
    }

    /// Adds a custom field. `key` may be given with or without `custom.`; the label is the key where none is given.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a key or kind that a custom field cannot have, [`StoreError::NameTaken`].
    pub fn add_custom_field(
        &mut self,
        key: &str,
        kind: Kind,
        label: Option<&str>,
        options: &[String],
    ) -> Result<Field, StoreError> {
        let short = key.strip_prefix(CUSTOM).unwrap_or(key);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if short.is_empty() || !short.chars().all(plain) {
            let takes = "lower-case letters, digits and underscores";
            return Err(StoreError::Refused { what: "the key of a field".to_owned(), given: key.to_owned(), takes });
        }
        if !Kind::CUSTOM.contains(&kind) {
            let takes = "a kind that custom fields may have";
            return Err(StoreError::Refused { what: format!("the kind of {key}"), given: kind.as_str().into(), takes });
        }
        let (key, label) = (format!("{CUSTOM}{short}"), label.unwrap_or(short));
        self.main.write(|tx| {
            let add = "INSERT OR IGNORE INTO custom_field(key, label, kind, options) VALUES(?1, ?2, ?3, ?4)";
            if tx.execute(add, (&key, label, kind.as_str(), to_json(options)))? == 0 {
                return Err(StoreError::NameTaken { what: "field", name: key.clone() }.into());
            }
            let id = u16::try_from(tx.last_insert_rowid()).map_err(|_| StoreError::Refused {
                what: "the number of custom fields".to_owned(),
                given: tx.last_insert_rowid().to_string(),
                takes: "65,279 fields at most, removed ones included",
            })?;
            Ok(custom_field(FieldId(id), key, label.to_owned(), kind, options.to_vec()))
        })
    }

    /// Removes a custom field; false when there is none of that key. Values that records hold of it are no longer shown,
    /// and its number is not given again.
    pub fn remove_custom_field(&mut self, key: &str) -> Result<bool, StoreError> {
        let key = format!("{CUSTOM}{}", key.strip_prefix(CUSTOM).unwrap_or(key));
        self.main.write(|tx| Ok(tx.execute("DELETE FROM custom_field WHERE key = ?1", [&key])? > 0))
    }

    /// Declares the options (or tags) of a field, standard or custom; none takes the declaration back.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`] when there is no field of this key.
    pub fn declare_options(&mut self, key: &str, options: &[String]) -> Result<(), StoreError> {
        let catalog = self.catalog()?;
        let missing = || StoreError::NoSuch { what: "field", id: key.to_owned() };
        let id = catalog.by_key(key).or_else(|| catalog.by_key(&format!("{CUSTOM}{key}"))).ok_or_else(missing)?.id;
        let json = to_json(options);
        self.main.write(|tx| {
            if tx.execute("UPDATE custom_field SET options = ?2 WHERE id = ?1", (id.0, &json))? > 0 {
                return Ok(());
            }
            let put = "INSERT INTO standard_options(field, options) VALUES(?1, ?2) \
                       ON CONFLICT(field) DO UPDATE SET options = ?2";
            tx.execute(put, (id.0, &json))?;
            Ok(())
        })
    }

    /// The fields of contacts in this workspace: the standard ones, the custom ones, and the options declared for them.
    pub fn catalog(&self) -> Result<Catalog, StoreError> {
        self.main.read(|conn| {
            let mut catalog = Catalog::contacts(custom_fields(conn)?).map_err(StoreError::from)?;
            let mut query = conn.prepare_cached("SELECT field, options FROM standard_options")?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                let (id, json): (u16, String) = (row.get(0)?, row.get(1)?);
                let options = from_json(&json, "the options of field", u64::from(id))?;
                // An empty declaration leaves what the object's file says.
                if !options.is_empty() {
                    catalog.declare_options(FieldId(id), options);
                }
            }
            Ok(catalog)
        })
    }
}

fn custom_fields(conn: &Connection) -> Result<Vec<Field>, Fault> {
    let mut query = conn.prepare_cached("SELECT id, key, label, kind, options FROM custom_field ORDER BY id")?;
    let mut rows = query.query([])?;
    let mut fields = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, kind, json): (u16, String, String) = (row.get(0)?, row.get(3)?, row.get(4)?);
        let known = Kind::CUSTOM.into_iter().find(|known| known.as_str() == kind);
        let kind = known.ok_or(Fault::Corrupt("the kind of field", u64::from(id)))?;
        let options = from_json(&json, "the options of field", u64::from(id))?;
        fields.push(custom_field(FieldId(id), row.get(1)?, row.get(2)?, kind, options));
    }
    Ok(fields)
}

fn custom_field(id: FieldId, key: String, label: String, kind: Kind, options: Vec<String>) -> Field {
    let (role, synonyms) = (None, Vec::new());
    Field { id, key, label, kind, role, mandatory_group: false, joins_columns: false, synonyms, options }
}

fn to_json(options: &[String]) -> String {
    serde_json::Value::from(options).to_string()
}

fn from_json(json: &str, what: &'static str, id: u64) -> Result<Vec<String>, Fault> {
    serde_json::from_str(json).map_err(|_| Fault::Corrupt(what, id))
}
