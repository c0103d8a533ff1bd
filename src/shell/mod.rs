//! The application on a terminal: the loop, the terminal itself, what comes from it and what is sent to it.
//!
//! Here live I/O, threads, signals and the clock of the screen. What the keys mean is decided in `app`, what it looks
//! like in `ui`.
pub mod clipboard;
pub mod input;
pub mod paint;
pub mod signals;
pub mod terminal;
