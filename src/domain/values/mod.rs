//! One module a kind of value: text as it stands in a file to the value that is stored, or the reason why not.
//!
//! The rules are those of the field rules (README, "What a value becomes"). Each reader gets text that is already
//! trimmed by [`clean::trim`] and not empty. Nothing here knows of columns, rows or mappings.
pub mod clean;
pub mod country;
pub mod date;
pub mod email;
pub mod list;
mod near;
pub mod number;
pub mod option;
pub mod person;
pub mod phone;
pub mod text;
pub mod timezone;
