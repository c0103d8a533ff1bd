//! Where a source's files lie, whatever it is.

pub use crate::worker::reach::{Place, Surround};
