//! The workspace's database: schema, records, ledger, runs, sources, settings, lookup.
//!
//! All SQL of the project is here, and nothing outside knows that there is any. Uses `domain` only.
pub mod index;
