//! Values and rules: what a cell becomes, what a row is about, what an outcome is.
//!
//! Everything here is a pure function of its arguments. No files, no database, no clock, no environment, no
//! terminal, no threads; what a rule needs to know of the world is passed in.
pub mod decide;
pub mod dialect;
pub mod field;
pub mod filter;
pub mod find;
pub mod id;
pub mod intake;
pub mod issue;
pub mod mapping;
pub mod mapping_diff;
pub mod outcome;
pub mod plan;
pub mod read_row;
pub mod record;
pub mod rules;
pub mod run;
pub mod settings;
pub mod source;
pub mod transform;
pub mod values;
pub mod wording;
