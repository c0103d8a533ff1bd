//! The terminal application at work: what the application asks for is read from the workspace, what it wants done is
//! done, and what it draws is sent to the terminal.
//!
//! The only place that brings [`crate::app`], [`crate::ui`] and the workspace together; threads, signals, the terminal
//! and the clock of the screen live here. No rule of imports does, and nothing is decided here that a key press decides.
pub mod acts;
pub mod answers;
pub mod clipboard;
pub mod desk;
pub mod input;
pub mod open_files;
pub mod paint;
pub mod session;
pub mod signals;
pub mod terminal;
mod threads;
