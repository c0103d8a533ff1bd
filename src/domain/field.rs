//! Objects and their fields, as data: `assets/objects/*.toml` for the standard ones, rows of the workspace for custom
//! ones. The engine knows fields by [`FieldId`] and [`Role`] only, never by name.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A field's number: below 256 standard (fixed in the object's file), from 256 custom (given by the workspace, never
/// reused). Stored in records, so it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FieldId(pub u16);

/// The first number of a custom field.
pub const FIRST_CUSTOM_FIELD: u16 = 256;

/// What kind of value a field holds; decides which reader its cells go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An ID of this workspace.
    ContactId,
    /// The source's own unique ID, any text.
    Reference,
    Text,
    LongText,
    Email,
    Emails,
    Phone,
    Phones,
    Date,
    #[serde(rename = "datetime")]
    DateTime,
    #[serde(rename = "timezone")]
    TimeZone,
    Person,
    People,
    Tags,
    SingleOption,
    Radio,
    MultipleOptions,
    Checkbox,
    TextboxList,
    Number,
    Money,
    YesNo,
    Url,
    /// A country: free text, an ISO code where it is known.
    Country,
}

impl Kind {
    /// The kinds that a custom field may have (R228–R235, R242–R246).
    pub const CUSTOM: [Kind; 19] = [
        Kind::Text,
        Kind::LongText,
        Kind::Email,
        Kind::Emails,
        Kind::Phone,
        Kind::Phones,
        Kind::Date,
        Kind::DateTime,
        Kind::TimeZone,
        Kind::Person,
        Kind::People,
        Kind::SingleOption,
        Kind::Radio,
        Kind::MultipleOptions,
        Kind::Checkbox,
        Kind::TextboxList,
        Kind::Number,
        Kind::Money,
        Kind::YesNo,
    ];

    /// The kind's name in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::ContactId => "contact_id",
            Kind::Reference => "reference",
            Kind::Text => "text",
            Kind::LongText => "long_text",
            Kind::Email => "email",
            Kind::Emails => "emails",
            Kind::Phone => "phone",
            Kind::Phones => "phones",
            Kind::Date => "date",
            Kind::DateTime => "datetime",
            Kind::TimeZone => "timezone",
            Kind::Person => "person",
            Kind::People => "people",
            Kind::Tags => "tags",
            Kind::SingleOption => "single_option",
            Kind::Radio => "radio",
            Kind::MultipleOptions => "multiple_options",
            Kind::Checkbox => "checkbox",
            Kind::TextboxList => "textbox_list",
            Kind::Number => "number",
            Kind::Money => "money",
            Kind::YesNo => "yes_no",
            Kind::Url => "url",
            Kind::Country => "country",
        }
    }

    /// Whether a field of this kind holds several values.
    pub fn is_many(self) -> bool {
        matches!(
            self,
            Kind::Emails
                | Kind::Phones
                | Kind::People
                | Kind::Tags
                | Kind::MultipleOptions
                | Kind::Checkbox
                | Kind::TextboxList
        )
    }
}

/// What the engine needs a field for, beyond its kind. At most one field of an object has each role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The workspace's own ID of the record.
    OwnId,
    /// The source's unique ID of the record (R87).
    Reference,
    /// The whole name.
    FullName,
    FirstName,
    LastName,
    /// The e-mail that records are matched by, if the settings say so (R281).
    MatchEmail,
    /// The phone that records are matched by, if the settings say so (R280).
    MatchPhone,
    /// Where further addresses of an e-mail cell go.
    MoreEmails,
    /// Where further numbers of a phone cell go.
    MorePhones,
    /// When the source created the record; second choice of `--since`.
    CreatedAt,
    /// When the source last changed the record; first choice of `--since`.
    UpdatedAt,
    /// Tags, to which those of an import are added (R265).
    Tags,
    TimeZone,
}

/// One field of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub id: FieldId,
    /// The fixed key: mappings, JSON and exports use it. Custom fields are `custom.KEY`.
    pub key: String,
    /// What people see.
    pub label: String,
    pub kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// A record needs at least one field of the mandatory group (R218).
    #[serde(default)]
    pub mandatory_group: bool,
    /// Several columns may be mapped here; their cells are joined.
    #[serde(default)]
    pub joins_columns: bool,
    /// Header names, in any language, that mean this field.
    #[serde(default)]
    pub synonyms: Vec<String>,
    /// Declared options; empty where any text is taken.
    #[serde(default)]
    pub options: Vec<String>,
}

impl Field {
    /// Whether several columns may go to it, each with a value of its own.
    pub fn takes_several(&self) -> bool {
        self.kind.is_many() || self.joins_columns
    }

    /// Whether contacts are told apart or known by it: its value must come from each row.
    pub fn is_each_rows_own(&self) -> bool {
        // With a name for every row, a row that says nothing would make a contact.
        self.mandatory_group
            || matches!(self.kind, Kind::ContactId | Kind::Reference)
            || matches!(self.role, Some(Role::MatchEmail | Role::MatchPhone))
    }
}

/// The fields of an object in a workspace: the standard ones and the custom ones.
#[derive(Debug, Clone)]
pub struct Catalog {
    fields: Vec<Field>,
    by_id: HashMap<FieldId, usize>,
    by_key: HashMap<String, usize>,
    by_role: HashMap<Role, FieldId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectFile {
    object: String,
    field: Vec<Field>,
}

/// Why an object's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    #[error("the object file cannot be read: {0}")]
    Toml(#[from] toml::de::Error),
    #[error("the object file of {object} gives {what} to two fields: {first} and {second}")]
    Doubled { object: String, what: String, first: String, second: String },
}

impl Catalog {
    /// Reads an object's file and adds the workspace's custom fields.
    pub fn new(object_toml: &str, custom: Vec<Field>) -> Result<Catalog, CatalogError> {
        let file: ObjectFile = toml::from_str(object_toml)?;
        Catalog::of_object(&file.object, file.field.into_iter().chain(custom))
    }

    /// The catalog of these fields, which were a catalog's before.
    pub fn of(fields: Vec<Field>) -> Result<Catalog, CatalogError> {
        Catalog::of_object("the plan", fields)
    }

    fn of_object(object: &str, fields: impl IntoIterator<Item = Field>) -> Result<Catalog, CatalogError> {
        let mut catalog =
            Catalog { fields: Vec::new(), by_id: HashMap::new(), by_key: HashMap::new(), by_role: HashMap::new() };
        for field in fields {
            let doubled = |what: String, first: usize, catalog: &Catalog| CatalogError::Doubled {
                object: object.to_owned(),
                what,
                first: catalog.fields[first].key.clone(),
                second: field.key.clone(),
            };
            let place = catalog.fields.len();
            if let Some(first) = catalog.by_id.insert(field.id, place) {
                return Err(doubled(format!("the number {}", field.id.0), first, &catalog));
            }
            if let Some(first) = catalog.by_key.insert(field.key.clone(), place) {
                return Err(doubled(format!("the key {}", field.key), first, &catalog));
            }
            if let Some(role) = field.role
                && let Some(first) = catalog.by_role.insert(role, field.id)
            {
                let first = catalog.by_id[&first];
                return Err(doubled(format!("the role {role:?}"), first, &catalog));
            }
            catalog.fields.push(field);
        }
        Ok(catalog)
    }

    /// The contact object with these custom fields.
    pub fn contacts(custom: Vec<Field>) -> Result<Catalog, CatalogError> {
        /// Read once: lookups ask for the catalog at each keystroke.
        static STANDARD: LazyLock<Result<ObjectFile, toml::de::Error>> =
            LazyLock::new(|| toml::from_str(include_str!("../../assets/objects/contact.toml")));
        let file = STANDARD.as_ref().map_err(Clone::clone)?;
        Catalog::of_object(&file.object, file.field.iter().cloned().chain(custom))
    }

    /// Sets the options that people declared for a field; false when there is no such field.
    pub fn declare_options(&mut self, id: FieldId, options: Vec<String>) -> bool {
        let Some(&place) = self.by_id.get(&id) else { return false };
        self.fields[place].options = options;
        true
    }

    /// All fields, standard ones first.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    pub fn get(&self, id: FieldId) -> Option<&Field> {
        self.by_id.get(&id).map(|&place| &self.fields[place])
    }

    pub fn by_key(&self, key: &str) -> Option<&Field> {
        self.by_key.get(key).map(|&place| &self.fields[place])
    }

    /// The field with this role, where the object has one.
    pub fn role(&self, role: Role) -> Option<FieldId> {
        self.by_role.get(&role).copied()
    }
}
