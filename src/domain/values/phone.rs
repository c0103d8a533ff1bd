//! Phone numbers: text in any usual form to E.164.

use crate::domain::issue::ReadResult;

/// Reads phone numbers; one a thread, since the tables inside are costly to share.
pub struct PhoneReader {}

/// What one cell held: numbers as E.164 with `;ext=` for an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phones {
    pub first: String,
    pub rest: Vec<String>,
}

impl PhoneReader {
    #[allow(clippy::new_without_default)]
    pub fn new() -> PhoneReader {
        PhoneReader {}
    }

    /// Reads a cell. `country` is the default country as an upper-case ISO code.
    pub fn read(&self, _text: &str, _country: Option<&str>) -> ReadResult<Phones> {
        todo!()
    }
}
