//! From a landed delivery to rows: sniffing, decoding, reading, suggesting a mapping, applying rules in threads.
//!
//! Knows no network, no database and no terminal. Uses `domain` only.
pub mod suggest;
