//! E-mail addresses (field rules, Email; R248, R329–R332).
//!
//! What is kept is the local part as written and the domain in lower case. A domain with letters beyond ASCII is kept
//! as people read it (`müller.de`), one that a file gives in its ASCII form (`xn--mller-kva.de`) as it is;
//! [`match_key`] is the same for both.

#[cfg(test)]
mod tests;

use super::clean::{quoted, trim};
use super::text::{TEXT_LIMIT, too_long};
use crate::domain::issue::{Code, Note, Problem, ReadResult, Reading};
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// What one cell held: the domain in lower case, the local part as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emails {
    pub first: String,
    pub rest: Vec<String>,
}

/// The longest local part, in bytes.
const LONGEST_LOCAL: usize = 64;

/// The longest address that is read the short way, in bytes.
const LONGEST_PLAIN: usize = 320;

/// Which bytes of ASCII may stand before the `@` as they are.
const IS_LOCAL: [bool; 256] = {
    let mut is_local = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        is_local[byte as usize] =
            !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'\\' | b',' | b';' | b':' | b'"' | b'@');
        byte += 1;
    }
    is_local
};

/// Reads a cell of one address, of which there may be several, parted by commas, semicolons or line breaks: the first
/// is the email, the rest are additional ones. An address that repeats an earlier one is left out. If any part cannot
/// be read the cell is unreadable, so that nothing is dropped without a word.
pub fn read_emails(text: &str) -> ReadResult<Emails> {
    if let Some(first) = plain_address(text) {
        return Ok(Reading::plain(Emails { first, rest: Vec::new() }));
    }
    let Reading { value, mut notes } = read_parts(text, |c| matches!(c, ',' | ';' | '\n' | '\r'))?;
    let mut addresses = value.into_iter();
    let Some(first) = addresses.next() else {
        return Err(Problem::new(Code::EmailInvalid, explain(text, Fault::NoAt)));
    };
    let rest: Vec<String> = addresses.collect();
    if !rest.is_empty() {
        notes.push(Note::EmailSplit);
    }
    Ok(Reading { value: Emails { first, rest }, notes })
}

/// Reads a cell of several addresses, parted by commas or semicolons (R248). Empty when the cell holds nothing else.
pub fn read_email_list(text: &str) -> ReadResult<Vec<String>> {
    if let Some(only) = plain_address(text) {
        return Ok(Reading::plain(vec![only]));
    }
    read_parts(text, |c| matches!(c, ',' | ';'))
}

/// What two addresses have in common when they are the same to a matcher: no letter case, and the domain in ASCII.
pub fn match_key(email: &str) -> String {
    if email.is_ascii() {
        return email.to_ascii_lowercase();
    }
    let lower = |text: &str| text.nfc().collect::<String>().to_lowercase();
    match email.rsplit_once('@') {
        Some((local, domain)) => {
            let domain = idna::domain_to_ascii(domain).unwrap_or_else(|_| lower(domain));
            format!("{}@{domain}", lower(local))
        }
        None => lower(email),
    }
}

/// The address as it is kept, where the text is nothing but one address in plain ASCII: none of its characters could
/// part, quote or wrap it, so that the rules have nothing to take off and nothing to refuse. `None` says nothing.
fn plain_address(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let at = bytes.iter().position(|&byte| !IS_LOCAL[usize::from(byte)])?;
    // An apostrophe may be a spreadsheet's.
    if bytes[at] != b'@' || at == 0 || at > LONGEST_LOCAL || bytes[0] == b'\'' || bytes.len() > LONGEST_PLAIN {
        return None;
    }
    let (mut before, mut label, mut labels, mut is_letters, mut has_upper) = (b'.', 0, 0, true, false);
    for &byte in &bytes[at + 1..] {
        match byte {
            b'a'..=b'z' => {}
            b'A'..=b'Z' => has_upper = true,
            b'0'..=b'9' => is_letters = false,
            b'-' if before != b'.' => is_letters = false,
            b'.' if !matches!(before, b'.' | b'-') => {
                (label, labels, is_letters) = (0, labels + 1, true);
                before = byte;
                continue;
            }
            _ => return None,
        }
        label += 1;
        before = byte;
    }
    // The last label is the extension: two or more letters.
    if labels == 0 || label < 2 || !is_letters {
        return None;
    }
    let mut address = text.to_owned();
    if has_upper {
        address[at..].make_ascii_lowercase();
    }
    Some(address)
}

fn read_parts(text: &str, is_separator: fn(char) -> bool) -> ReadResult<Vec<String>> {
    if let Some(problem) = too_long(text, TEXT_LIMIT) {
        return Err(problem);
    }
    let (mut addresses, mut keys) = (Vec::new(), Vec::new());
    let mut unwrapped = false;
    for part in Parts::of(text, is_separator) {
        let bare = unwrap(part);
        unwrapped |= bare.len() < part.len();
        let address = address(bare).map_err(|fault| Problem::new(Code::EmailInvalid, explain(bare, fault)))?;
        let key = match_key(&address);
        if !keys.contains(&key) {
            addresses.push(address);
            keys.push(key);
        }
    }
    Ok(Reading { value: addresses, notes: if unwrapped { vec![Note::EmailUnwrapped] } else { Vec::new() } })
}

/// The parts of a cell, without those that are empty. Separators in a quoted name or between `<` and `>` do not
/// count, nor do those in an unquoted name before an address in `<>` (`Doe, John <a@b.c>`).
struct Parts<'a> {
    rest: &'a str,
    is_separator: fn(char) -> bool,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str, is_separator: fn(char) -> bool) -> Parts<'a> {
        Parts { rest: text, is_separator }
    }

    /// The end of the part that starts here.
    fn end(&self) -> usize {
        let (mut in_quotes, mut in_angles) = (false, false);
        // Quotation marks that are not paired are letters like any other.
        let paired = self.rest.matches('"').count().is_multiple_of(2);
        for (at, c) in self.rest.char_indices() {
            match c {
                '"' if paired => in_quotes = !in_quotes,
                '<' => in_angles = self.rest[at..].contains('>'),
                '>' => in_angles = false,
                _ if (self.is_separator)(c) && !in_quotes && !in_angles => {
                    let is_name = !self.rest[..at].contains('@')
                        && self.rest[at..].find('<').is_some_and(|angle| !self.rest[at..at + angle].contains('@'))
                        && !trim(&self.rest[..at]).is_empty();
                    if !is_name {
                        return at;
                    }
                }
                _ => {}
            }
        }
        self.rest.len()
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        while !self.rest.is_empty() {
            let end = self.end();
            let part = trim(&self.rest[..end]);
            let after = self.rest[end..].chars().next().map_or(0, char::len_utf8);
            self.rest = &self.rest[end + after..];
            if !part.is_empty() {
                return Some(part);
            }
        }
        None
    }
}

/// Takes an address out of a link (`mailto:a@b.c?subject=x`) or from behind a name (`Name <a@b.c>`).
fn unwrap(part: &str) -> &str {
    let mut bare = part;
    if let Some(open) = bare.rfind('<')
        && let Some(inner) = bare[open + 1..].trim_end().strip_suffix('>')
    {
        bare = trim(inner);
    }
    if let Some((scheme, address)) = bare.split_at_checked("mailto:".len())
        && scheme.eq_ignore_ascii_case("mailto:")
    {
        bare = trim(address.split('?').next().unwrap_or(address));
    }
    bare
}

/// What keeps a text from being an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    NoAt,
    ManyAts,
    Space,
    NoLocal,
    LongLocal,
    Letter(char),
    NoDomain,
    EmptyLabel,
    NoExtension,
    ShortExtension,
    Domain,
}

/// The address as it is kept.
fn address(text: &str) -> Result<String, Fault> {
    if text.contains(char::is_whitespace) {
        return Err(Fault::Space);
    }
    let (local, domain) = text.split_once('@').ok_or(Fault::NoAt)?;
    if domain.contains('@') {
        return Err(Fault::ManyAts);
    }
    if local.is_empty() {
        return Err(Fault::NoLocal);
    }
    if local.len() > LONGEST_LOCAL {
        return Err(Fault::LongLocal);
    }
    let is_quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let is_misplaced = |c: &char| c.is_control() || !is_quoted && r#"()<>[]\,;:""#.contains(*c);
    if let Some(letter) = local.chars().find(is_misplaced) {
        return Err(Fault::Letter(letter));
    }
    let domain = domain_kept(domain)?;
    Ok(format!("{local}@{domain}"))
}

/// The domain as it is kept, in lower case.
fn domain_kept(domain: &str) -> Result<Cow<'_, str>, Fault> {
    if domain.is_empty() {
        return Err(Fault::NoDomain);
    }
    let kept = if domain.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        Cow::Borrowed(domain)
    } else if domain.is_ascii() {
        Cow::Owned(domain.to_ascii_lowercase())
    } else {
        let ascii = idna::domain_to_ascii(domain).map_err(|_| Fault::Domain)?;
        let (unicode, outcome) = idna::domain_to_unicode(&ascii);
        outcome.map_err(|_| Fault::Domain)?;
        Cow::Owned(unicode)
    };
    if kept.split('.').any(str::is_empty) {
        return Err(Fault::EmptyLabel);
    }
    let Some((_, extension)) = kept.rsplit_once('.') else { return Err(Fault::NoExtension) };
    let is_letters = extension.chars().all(|c| c.is_alphabetic() || !c.is_ascii() && c.is_alphanumeric());
    if !extension.starts_with("xn--") && (extension.chars().count() < 2 || !is_letters) {
        return Err(Fault::ShortExtension);
    }
    let is_label = |label: &str| {
        !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| !c.is_ascii() || c.is_ascii_alphanumeric() || c == '-')
    };
    if !kept.split('.').all(is_label) {
        return Err(Fault::Domain);
    }
    Ok(kept)
}

/// One sentence that says what is missing (R330–R332).
fn explain(text: &str, fault: Fault) -> String {
    let what = match fault {
        Fault::NoAt => "has no \"@\"".to_string(),
        Fault::ManyAts => "has more than one \"@\": put a comma between two addresses".to_string(),
        Fault::Space => "has a space in it: put a comma between two addresses".to_string(),
        Fault::NoLocal => "has no name before the \"@\"".to_string(),
        Fault::LongLocal => format!("has more than {LONGEST_LOCAL} bytes before the \"@\""),
        Fault::Letter(letter) => format!("has {letter:?} before the \"@\", which an address cannot have there"),
        Fault::NoDomain => "has no domain after the \"@\"".to_string(),
        Fault::EmptyLabel => "has a dot too many in its domain".to_string(),
        Fault::NoExtension => "has no extension such as \".com\" at the end of its domain".to_string(),
        Fault::ShortExtension => "has an extension that is not two or more letters".to_string(),
        Fault::Domain => "has letters in its domain that no domain can have".to_string(),
    };
    format!("{} {what}; an address looks like example@domain.com.", quoted(text))
}
