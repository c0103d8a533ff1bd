//! E-mail addresses.
use crate::domain::issue::ReadResult;

/// What one cell held: the domain in lower case, the local part as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emails {
    pub first: String,
    pub rest: Vec<String>,
}

pub fn read_emails(_text: &str) -> ReadResult<Emails> {
    todo!()
}
