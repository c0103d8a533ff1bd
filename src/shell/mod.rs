//! The terminal application at work: what the application asks for is read from the workspace, what it wants done is
//! done, and what it draws is sent.
//!
//! The only place that brings [`crate::app`], [`crate::ui`] and the workspace together. No rule of imports lives here,
//! and nothing is decided that a key press decides.
pub mod acts;
pub mod answers;
pub mod desk;
