//! The application as whoever sits at a terminal has it: the real binary on a pseudo-terminal, with the screen of an
//! emulator. One file a promise; what screens look like is in `tests/screens`.
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/terminal.rs"]
mod terminal;

mod adding;
mod ends;
mod hostile;
mod mapping;
mod mouse;
mod sizes;
mod tmux;
mod work;
