//! What every cell goes through first, and how a value is quoted in guidance.

use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Takes off Unicode white space, zero-width characters and BOM at both ends, and one leading apostrophe when `=`,
/// `+`, `-`, `@`, a tab or a digit follows (field rules, Outcome of a value). Empty after that is *empty*.
#[inline]
pub fn trim(text: &str) -> &str {
    // Most cells begin and end in a visible character of ASCII, so that nothing is to be taken off.
    match text.as_bytes() {
        [] => text,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() && *first != b'\'' => text,
        _ => trim_any(text),
    }
}

/// Trims any text, whatever it begins and ends in.
fn trim_any(text: &str) -> &str {
    let text = text.trim_matches(is_invisible);
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|c: char| matches!(c, '=' | '+' | '-' | '@' | '\t') || c.is_numeric()) => {
            rest.trim_matches(is_invisible)
        }
        _ => text,
    }
}

/// White space, and characters without a width of their own: joiners, the BOM, and the direction marks that mail
/// programs and messengers put around what is copied from them.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// The text without NUL characters; borrowed when there are none.
pub fn without_nul(text: &str) -> Cow<'_, str> {
    if has_nul(text) { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}

/// Whether the text has NUL characters. Every cell of every run is asked twice, and most are so short that setting up
/// a vectorised search costs more than the search.
#[inline]
pub(in crate::domain) fn has_nul(text: &str) -> bool {
    const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    const LONGEST_SHORT: usize = 64;
    let bytes = text.as_bytes();
    if bytes.len() > LONGEST_SHORT {
        return memchr::memchr(0, bytes).is_some();
    }
    // A byte is zero where subtracting 1 borrows and the byte's own high bit is not set.
    let has_zero = |eight: &[u8; 8]| {
        let word = u64::from_ne_bytes(*eight);
        word.wrapping_sub(LOW) & !word & HIGH != 0
    };
    let (words, rest) = bytes.as_chunks::<8>();
    words.iter().any(has_zero)
        || match bytes.last_chunk::<8>() {
            Some(last) => has_zero(last),
            None => rest.contains(&0),
        }
}

/// What two texts have in common when letter case, repeated spaces and the way accents are encoded do not matter.
pub(in crate::domain) fn folded(text: &str) -> String {
    folded_cow(text).into_owned()
}

/// [`folded`]; borrowed where the text is that already, as lists of plain words mostly are.
pub(super) fn folded_cow(text: &str) -> Cow<'_, str> {
    let mut was_space = true;
    let is_folded = text.bytes().all(|byte| {
        let is_space = byte == b' ';
        let is_kept = if is_space { !was_space } else { byte.is_ascii_graphic() && !byte.is_ascii_uppercase() };
        was_space = is_space;
        is_kept
    });
    if is_folded && (text.is_empty() || !was_space) { Cow::Borrowed(text) } else { Cow::Owned(fold(text)) }
}

fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        if word.is_ascii() {
            folded.extend(word.chars().map(|c| c.to_ascii_lowercase()));
        } else {
            folded.extend(word.nfc().collect::<String>().to_lowercase().nfc());
        }
    }
    folded
}

/// What two labels have in common when only their letters and digits matter: the words in lower case, without accents,
/// "and" and "&amp;". A label of nothing but these (`AND` is Andorra) keeps them.
pub(super) fn words_folded(text: &str) -> String {
    let plain: String = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let words = || plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut folded = String::with_capacity(plain.len());
    let mut push = |word: &str| {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    };
    words().filter(|word| !["and", "amp"].contains(word)).for_each(&mut push);
    if folded.is_empty() {
        words().for_each(|word| folded.push_str(word));
    }
    folded
}

/// The text in quotation marks, cut after 60 characters: guidance stays one readable sentence whatever a cell holds.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("\"{}…\"", &text[..end]),
        None => format!("\"{text}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_cannot_be_seen_at_the_ends_is_taken_off() {
        for (text, want) in [
            ("  a b  ", "a b"),
            ("\u{FEFF}a", "a"),
            ("\u{200B}a\u{200D}", "a"),
            ("\u{A0}a\u{3000}", "a"),
            ("\u{202A}+49 30 1\u{202C}", "+49 30 1"),
            ("a\u{200B}b", "a\u{200B}b"),
            (" \u{200B}\u{FEFF}\t\r\n", ""),
        ] {
            assert_eq!(trim(text), want, "{text:?}");
        }
    }

    #[test]
    fn an_apostrophe_goes_only_where_a_spreadsheet_needed_it() {
        for (text, want) in [
            ("'+49 30 1", "+49 30 1"),
            ("'=A1", "=A1"),
            ("'-5", "-5"),
            ("'@x", "@x"),
            ("'123", "123"),
            ("'\t123", "123"),
            ("'٠١", "٠١"),
            ("'s-Hertogenbosch", "'s-Hertogenbosch"),
            ("'t Hart", "'t Hart"),
            ("''123", "''123"),
            ("'", "'"),
            ("O'Brien", "O'Brien"),
        ] {
            assert_eq!(trim(text), want, "{text:?}");
        }
    }

    #[test]
    fn nul_characters_are_taken_out() {
        assert_eq!(without_nul("a\0b\0"), "ab");
        assert!(matches!(without_nul("ab"), Cow::Borrowed("ab")));
    }

    #[test]
    fn folded_texts_are_equal_whatever_their_case_and_spaces() {
        assert_eq!(folded("  Logan \t PAUL "), "logan paul");
        assert_eq!(folded("U\u{308}BER"), folded("über"));
    }

    #[test]
    fn folded_words_are_equal_whatever_stands_between_them() {
        assert_eq!(words_folded("Trinidad &amp; Tobago"), words_folded("trinidad and TOBAGO."));
        assert_eq!(words_folded("São Tomé"), "sao tome");
        assert_eq!(words_folded("AND"), "and");
        assert_eq!(words_folded(" -- "), "");
    }

    #[test]
    fn quoted_text_stays_short() {
        assert_eq!(quoted("a"), "\"a\"");
        assert_eq!(quoted(&"é".repeat(61)), format!("\"{}…\"", "é".repeat(60)));
    }

    proptest! {
        #[test]
        fn the_short_ways_answer_as_the_long_ones(text in "[ '\u{200B}a-cA-C0-9+\u{C4}\0.]{0,90}", any in any::<String>()) {
            for text in [&text, &any] {
                prop_assert_eq!(trim(text), trim_any(text));
                prop_assert_eq!(has_nul(text), text.contains('\0'));
                prop_assert_eq!(folded_cow(text).into_owned(), fold(text));
            }
        }

        #[test]
        fn a_trimmed_text_has_nothing_invisible_at_its_ends(text in any::<String>()) {
            let trimmed = trim(&text);
            prop_assert!(!trimmed.starts_with(is_invisible) && !trimmed.ends_with(is_invisible));
        }
    }
}
