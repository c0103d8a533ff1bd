//! Every screen and state, from a string of keys to a picture. One file a tab.
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/stage.rs"]
mod stage;

mod everywhere;
mod lookup;
mod runs;
mod sources;
