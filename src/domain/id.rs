//! Identifiers as types, and the text of a Contact ID.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A record of the workspace, counted from 1 in the order of creation, never reused.
    RecordId
);
id!(
    /// A run of the workspace, counted from 1.
    RunId
);
id!(
    /// A source of the workspace, counted from 1, never reused.
    SourceId
);
id!(
    /// A delivery of the workspace, counted from 1.
    DeliveryId
);
id!(
    /// A look at where a source's files lie, counted from 1.
    PickupId
);

/// The six characters that every Contact ID of a workspace begins with; chosen at random when it is made, so that an
/// ID of another workspace can be told from a mistyped one (R285, R289).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceCode(String);

/// What the text of a Contact ID says by itself, before any record is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnId {
    /// This workspace's; the record may still not exist or be deleted.
    Ours(RecordId),
    /// Well formed, of another workspace (R285).
    OtherWorkspace,
    /// No Contact ID at all, or a mistyped one (R286).
    Malformed,
}

/// Crockford's base 32 in lower case: no i, l, o, u, so that nothing is misread.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl WorkspaceCode {
    /// The code made of these random bits.
    pub fn from_random(bits: u64) -> WorkspaceCode {
        let code = (0..6).map(|i| ALPHABET[(bits >> (5 * i) & 31) as usize] as char).collect();
        WorkspaceCode(code)
    }

    /// The code as it was stored; `None` when it is not six characters of the alphabet.
    pub fn parse(text: &str) -> Option<WorkspaceCode> {
        is_code(text).then(|| WorkspaceCode(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The Contact ID of a record, `k7q2m9-1042-t`: the workspace, the number, and a check character that catches
    /// every single mistyped digit and every swap of two neighbours.
    pub fn contact_id(&self, record: RecordId) -> String {
        let body = format!("{}-{}", self.0, record.0);
        let check = check_character(&body);
        format!("{body}-{check}")
    }

    /// Reads the text of a Contact ID. Letter case does not matter.
    pub fn read_contact_id(&self, text: &str) -> OwnId {
        let text = text.to_ascii_lowercase();
        let Some((body, check)) = text.rsplit_once('-') else { return OwnId::Malformed };
        let Some((code, number)) = body.split_once('-') else { return OwnId::Malformed };
        let plain = !number.is_empty() && !number.starts_with('0') && number.bytes().all(|b| b.is_ascii_digit());
        let (true, true, Ok(number)) = (is_code(code), plain, number.parse()) else { return OwnId::Malformed };
        if check.len() != 1 || !check.starts_with(check_character(body)) {
            return OwnId::Malformed;
        }
        if code == self.0 { OwnId::Ours(RecordId(number)) } else { OwnId::OtherWorkspace }
    }
}

fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|b| ALPHABET.contains(&b))
}

/// ISO 7064 mod 37,36 over letters and digits; dashes are passed over.
fn check_character(body: &str) -> char {
    let value = |b: u8| if b.is_ascii_digit() { u32::from(b - b'0') } else { u32::from(b - b'a') + 10 };
    let product = body.bytes().filter(u8::is_ascii_alphanumeric).fold(36, |product, b| {
        let sum = (product + value(b)) % 36;
        (if sum == 0 { 36 } else { sum }) * 2 % 37
    });
    let check = (37 - product) % 36;
    char::from_digit(check, 36).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> WorkspaceCode {
        WorkspaceCode::from_random(0x1234_5678_9abc)
    }

    #[test]
    fn a_contact_id_reads_back_whatever_its_letter_case() {
        for number in [1, 9, 10, 1042, 10_000_000, u64::from(u32::MAX)] {
            let id = code().contact_id(RecordId(number));
            assert_eq!(code().read_contact_id(&id), OwnId::Ours(RecordId(number)));
            assert_eq!(code().read_contact_id(&id.to_uppercase()), OwnId::Ours(RecordId(number)));
        }
    }

    #[test]
    fn an_id_of_another_workspace_is_told_from_a_mistyped_one() {
        let other = WorkspaceCode::from_random(77).contact_id(RecordId(5));
        assert_eq!(code().read_contact_id(&other), OwnId::OtherWorkspace);
        let id = code().contact_id(RecordId(104_277));
        for (place, c) in id.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
            for digit in ('0'..='9').filter(|&digit| digit != c) {
                let mut mistyped = id.clone();
                mistyped.replace_range(place..=place, &digit.to_string());
                assert_ne!(code().read_contact_id(&mistyped), OwnId::Ours(RecordId(104_277)));
                assert!(!matches!(code().read_contact_id(&mistyped), OwnId::Ours(_)), "{mistyped}");
            }
        }
        for text in ["", "-", "abc", "1042", "k7q2m9-1042", "k7q2m9--1", "ü-1-1", "k7q2m9-99999999999999999999-1"] {
            assert_eq!(code().read_contact_id(text), OwnId::Malformed, "{text}");
        }
    }
}
