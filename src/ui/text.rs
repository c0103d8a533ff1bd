//! Text from outside, made safe to show: what is hidden in it is shown, never sent.
//!
//! Cells, headers, file names and messages of servers pass [`visible`] before a terminal, a log or a report.

use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Whether a character acts on a terminal, or on the reader's eye, instead of being seen: control characters,
/// bidirectional overrides, zero-width and invisible characters, line and paragraph separators, tag characters.
///
/// Combining marks and the variation selectors of emoji are part of what is seen and stay.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' // soft hyphen
            | '\u{034F}' // combining grapheme joiner
            | '\u{061C}' // Arabic letter mark
            | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' // Hangul fillers
            | '\u{17B4}' | '\u{17B5}' // Khmer inherent vowels
            | '\u{180B}'..='\u{180F}' // Mongolian selectors and separator
            | '\u{200B}'..='\u{200F}' // zero-width space and joiners, direction marks
            | '\u{2028}'..='\u{202E}' // separators, embeddings and overrides
            | '\u{2060}'..='\u{206F}' // word joiner, invisible operators, isolates
            | '\u{FEFF}' // byte order mark
            | '\u{FFF0}'..='\u{FFFB}' // interlinear annotation
            | '\u{1BCA0}'..='\u{1BCA3}' // shorthand format controls
            | '\u{1D173}'..='\u{1D17A}' // musical format controls
            | '\u{E0000}'..='\u{E0FFF}' // tags and supplementary variation selectors
        )
}

/// The text with everything hidden in it shown: `␛` for ESC and the like, `\u{202e}` for what has no picture.
pub fn visible(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(is_hidden) else { return Cow::Borrowed(text) };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..first]);
    for c in text[first..].chars() {
        match c {
            '\u{0}'..='\u{1F}' => shown.extend(char::from_u32(0x2400 + c as u32)),
            '\u{7F}' => shown.push('␡'),
            c if is_hidden(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// The columns that a text takes on a terminal, once it is visible.
pub fn width(text: &str) -> usize {
    // Cluster by cluster, since that is how it is drawn.
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// At most `columns` columns of a visible text, with `…` where something was cut off.
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut taken = 0;
    let end = text.grapheme_indices(true).find(|(_, cluster)| {
        taken += cluster.width();
        taken + 1 > columns
    });
    match (columns, end) {
        (0, _) => Cow::Borrowed(""),
        (_, Some((end, _))) => Cow::Owned(format!("{}…", &text[..end])),
        (_, None) => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_hidden_in_a_text_is_shown() {
        for (text, shown) in [
            ("plain – Łukasz 東京 👍🏽 é", "plain – Łukasz 東京 👍🏽 é"),
            ("\u{1b}[31mred\u{1b}[0m", "␛[31mred␛[0m"),
            ("a\tb\r\nc\0", "a␉b␍␊c␀"),
            ("\u{7f}\u{9b}31m", "␡\\u{9b}31m"),
            ("abc\u{202e}fdp.exe", "abc\\u{202e}fdp.exe"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_ever_sent(text in "(\\PC|\\pC|\u{1b}|\u{9b}|[\u{202a}-\u{202e}]|[\u{200b}-\u{200f}]|[a-z]){0,40}") {
            let shown = visible(&text).into_owned();
            prop_assert!(!shown.chars().any(is_hidden), "{shown:?}");
            prop_assert_eq!(shown.contains('\u{1b}'), false);
            prop_assert_eq!(visible(&shown), shown.as_str());
            if !text.chars().any(is_hidden) {
                prop_assert_eq!(shown, text);
            }
        }

        #[test]
        fn a_cut_text_fits(text in "\\PC{0,30}", columns in 0usize..20) {
            let text = visible(&text).into_owned();
            prop_assert!(width(&cut(&text, columns)) <= columns);
        }
    }
}
