//! Connectors: they bring bytes from where a source's files lie, and nothing else (design.md, "Two halves that meet in
//! a file").
//!
//! Here live hosts, keys, secrets, directories, time limits and retries. What may not: fields, mappings, the store, the
//! clock and the environment (both are handed in). Nothing that a server says is believed further than it must be: names
//! are checked before they become part of a path, links are not followed, and no message of an error holds a secret.

pub mod error;
pub mod host_keys;
pub mod keys;
pub mod local;
mod naming;
pub mod part;
pub mod public_key;
pub mod retry;
pub mod secrets;
pub mod sftp;

pub use error::{Class, ConnectError, Site};
pub use part::{Fetched, is_safe_name};
