//! Landfall: contact imports in which every record can be accounted for.
//!
//! A map of the tree; an arrow reads "may use", and `tests/layers.rs` holds the directions:
//!
//! ```text
//! main -> cli            cli -> everything below
//! ui -> domain           makes text safe to show; decides nothing
//! worker -> engine, store, domain
//! engine, store -> domain      side by side; neither knows the other
//! domain                 values and rules; no I/O, no clock, no terminal
//! ```
pub mod cli;
pub mod domain;
pub mod engine;
pub mod shell;
pub mod store;
pub mod ui;
pub mod worker;
