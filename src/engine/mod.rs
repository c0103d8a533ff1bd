//! From a landed delivery to rows: sniffing, decoding, reading, suggesting a mapping, applying rules in threads.
//!
//! Knows no network, no database and no terminal. Uses `domain` only.
pub mod apply;
mod code_pages;
pub mod decode;
pub mod fetch;
mod footer;
pub mod grammar;
pub mod inspect;
pub mod open;
pub mod pipeline;
pub mod profile;
pub mod read;
pub mod rows;
pub mod scan;
pub mod sniff;
pub mod suggest;
mod unpack;
mod window;
