//! CSV that is safe to open in a spreadsheet and comes back unchanged (cli.md, `export`).
//!
//! A cell that a spreadsheet would run gets a leading apostrophe, which reading takes off again
//! ([`crate::domain::values::clean::trim`]).

use crate::domain::values::clean::trim;
use std::borrow::Cow;

/// The cell as it is written: with an apostrophe in front when a spreadsheet would take it for a formula.
///
/// What a spreadsheet runs begins with `=`, `+`, `-`, `@`, a tab or a carriage return, with or without white space
/// before it; a sign followed only by digits and spaces is a number and stays. Reading the cell back gives what
/// reading the original gives.
pub fn safe(cell: &str) -> Cow<'_, str> {
    let begins = |text: &str| text.starts_with(['=', '+', '-', '@']) && !is_signed_digits(text);
    if begins(cell) {
        return Cow::Owned(format!("'{cell}"));
    }
    let body = cell.trim_start_matches(|c: char| trim(c.encode_utf8(&mut [0; 4])).is_empty());
    if begins(body) {
        // White space before it is no part of the value, and would stop the reader from seeing the apostrophe.
        return Cow::Owned(format!("'{body}"));
    }
    match cell.chars().next() {
        // Reading takes one apostrophe off: it must not find a second one behind this one.
        Some('\t') if !body.starts_with('\'') && !body.is_empty() => Cow::Owned(format!("'{cell}")),
        Some('\t' | '\r') => Cow::Borrowed(body),
        _ => Cow::Borrowed(cell),
    }
}

/// `+44 20 7946 0958`, `-5`: nothing that a spreadsheet could run.
fn is_signed_digits(text: &str) -> bool {
    text.strip_prefix(['+', '-']).is_some_and(|rest| {
        rest.bytes().all(|b| b.is_ascii_digit() || b == b' ') && rest.bytes().any(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+1 206 555 0100", "+1 206 555 0100"),
            ("+12065550100", "+12065550100"),
            ("+12065550100;ext=4", "'+12065550100;ext=4"),
            ("-5", "-5"),
            ("-5.5", "'-5.5"),
            ("-", "'-"),
            ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
            ("@SUM(1)", "'@SUM(1)"),
            (" =1+1", "'=1+1"),
            ("\u{feff}=1+1", "'=1+1"),
            ("\tx", "'\tx"),
            ("\rx", "x"),
            ("\r=1", "'=1"),
            ("'=1", "'=1"),
            ("O'Brien", "O'Brien"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(safe(cell), written, "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn a_safe_cell_reads_back_as_the_cell_itself(cell in "([=+@'\t\r\n 0-9a-z\u{feff}\u{200b}-]|\\PC){0,12}") {
            let written = safe(&cell);
            prop_assert_eq!(trim(&written), trim(&cell));
            let first = written.chars().next();
            prop_assert!(!matches!(first, Some('=' | '@' | '\t' | '\r')), "{:?}", written);
            if matches!(first, Some('+' | '-')) {
                prop_assert!(is_signed_digits(&written), "{:?}", written);
            }
        }
    }
}
