//! What the form of a source asks for, in words.

/// What the form asks for, and its buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    Name,
    File,
    Mode,
    Import,
    Country,
    Tags,
    Filters,
    Since,
    KeepEmpty,
    Duplicates,
    Purpose,
    Owner,
    Notes,
    Save,
    SaveAndMap,
    Cancel,
}

impl Item {
    pub fn label(self) -> &'static str {
        match self {
            Item::Name => "Name",
            Item::File => "File",
            Item::Mode => "Expected",
            Item::Import => "An import may",
            Item::Country => "Country",
            Item::Tags => "Tags",
            Item::Filters => "Only rows with",
            Item::Since => "Changed since",
            Item::KeepEmpty => "Empty cells",
            Item::Duplicates => "Duplicates",
            Item::Purpose => "Purpose",
            Item::Owner => "Owner",
            Item::Notes => "Notes",
            Item::Save => "Save",
            Item::SaveAndMap => "Add and map",
            Item::Cancel => "Cancel",
        }
    }

    /// What stands in an empty field.
    pub fn example(self) -> &'static str {
        match self {
            Item::Name => "what people call it, such as HubSpot EMEA",
            Item::File => "the path of a .csv, .csv.gz or .zip file",
            Item::Country => "of phone numbers without +, such as DE",
            Item::Tags => "given to every contact; commas between",
            Item::Filters => "such as status = customer; semicolons between",
            Item::Since => "a day, as 2026-01-31; older rows are skipped",
            Item::Purpose => "what the contacts are for",
            Item::Owner => "who answers for what arrives",
            Item::Notes => "what the next person should know",
            _ => "",
        }
    }

    pub fn is_button(self) -> bool {
        matches!(self, Item::Save | Item::SaveAndMap | Item::Cancel)
    }
}

pub(super) const ADD: [Item; 15] = [
    Item::Name,
    Item::Mode,
    Item::Import,
    Item::Country,
    Item::Tags,
    Item::Filters,
    Item::Since,
    Item::KeepEmpty,
    Item::Duplicates,
    Item::Purpose,
    Item::Owner,
    Item::Notes,
    Item::Cancel,
    Item::Save,
    Item::SaveAndMap,
];
pub(super) const EDIT: [Item; 15] = [
    Item::Name,
    Item::File,
    Item::Mode,
    Item::Import,
    Item::Country,
    Item::Tags,
    Item::Filters,
    Item::Since,
    Item::KeepEmpty,
    Item::Duplicates,
    Item::Purpose,
    Item::Owner,
    Item::Notes,
    Item::Cancel,
    Item::Save,
];
