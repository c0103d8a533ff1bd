//! From a request to a finished run: landing files, planning, carrying out, resuming, one at a time a workspace.
//!
//! The only layer that knows engine, connectors and store. The clock, the user and the signal to stop are handed in;
//! nothing here prints.
pub mod attention;
pub mod backfill;
mod checks;
mod choose;
mod columns;
pub mod dry_run;
mod earlier;
mod ending;
pub mod error;
pub mod execute;
pub mod find;
pub mod forget;
pub mod guided_check;
mod heart;
pub mod land;
mod landed;
mod matching;
mod packed;
pub mod pickup;
pub mod prepare;
pub mod preview;
pub mod queue;
pub mod reach;
pub mod request;
pub mod retention;
mod said;
mod same_file;
pub mod schedule;
pub mod setup;
pub mod standing;
pub mod start;
mod upload_check;
mod write;
