//! Landfall: contact imports in which every record can be accounted for.
//!
//! A map of the tree; an arrow reads "may use", and `tests/layers.rs` holds the directions:
//!
//! ```text
//! main -> cli, shell     cli, shell -> everything below
//! ui -> app, domain      draws the application; decides nothing
//! app -> domain          pure: a message in, effects out; no I/O, no clock
//! worker -> engine, connect, store, domain
//! engine, connect, store -> domain      side by side; none knows another
//! domain                 values and rules; no I/O, no clock, no terminal
//! ```
pub mod app;
pub mod cli;
pub mod connect;
pub mod domain;
pub mod engine;
pub mod shell;
pub mod store;
pub mod ui;
pub mod worker;
