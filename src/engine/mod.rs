//! From a landed delivery to rows: sniffing, decoding, reading, suggesting a mapping, applying rules in threads.
//!
//! Knows no network, no database and no terminal. Uses `domain` only.
mod code_pages;
pub mod decode;
pub mod fetch;
mod footer;
pub mod grammar;
pub mod open;
pub mod read;
pub mod rows;
pub mod sniff;
mod unpack;
mod window;
