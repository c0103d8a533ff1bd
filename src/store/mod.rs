//! The workspace's database: schema, records, ledger, runs, sources, settings, lookup.
//!
//! All SQL of the project is here, and nothing outside knows that there is any. Uses `domain` only. No rule of the
//! import is decided here: the store keeps what it is given, all of a batch or nothing, and finds it again.
//!
//! A [`Store`] is one connection to one workspace directory. [`RunWriter`] is how a run's batches get in; everything
//! else is a method of `Store`, one file a subject.
mod arrivals;
mod backup;
mod batch;
mod batch_reads;
mod blocks;
mod check;
mod codec;
mod db;
mod drafts;
mod edits;
mod error;
mod file_state;
mod forget;
mod history;
pub mod index;
mod keeper;
pub mod keys;
mod ledger;
mod ledger_codec;
mod ledger_seek;
mod ledger_write;
mod lookup;
mod mappings;
mod new_keys;
mod new_records;
mod overlay;
mod pickups;
mod retention;
mod row_references;
mod runs;
mod schema;
mod settings;
mod share;
mod source_changes;
mod sources;
#[cfg(test)]
mod tests;
mod watch;
mod workspace;

pub use crate::domain::outcome::RowsOnly;
pub use crate::domain::source::{Reviewed, Source, SourceMode};
pub use batch::{Batch, Changed, Finish, RunWriter, WriterOptions};
pub use blocks::LastBlock;
pub use check::ConservationError;
pub use drafts::{Draft, DraftKeys, DraftOf, Drafter, Drafts, Mark, Matched, Standing};
pub use edits::{EditPlace, Edits};
pub use error::StoreError;
pub use file_state::FileState;
pub use forget::texts_of;
pub use index::{KeyHash, KeyKind};
pub use keeper::KeeperLock;
pub use keys::KeyBytes;
pub use ledger::{LandedRows, LastRow, LedgerRows};
pub use lookup::{Contacts, Find, Looked, Narrow};
pub use mappings::{MappingInfo, SavedMapping};
pub use new_records::NewRecords;
pub use pickups::{Dues, NewPickup};
pub use retention::Unneeded;
pub use runs::{NewRun, Position, RunFilter, RunNote, RunRow};
pub use settings::Person;
pub use share::file_mode;
pub use sources::{AddedSource, Delivery, NewDelivery, NewSource};
pub use watch::{Notices, Watch};
pub use workspace::{SourceLock, Store, WorkspaceLock};
