//! Text from outside, made safe to show: what is hidden in it is shown, never sent.
//!
//! Cells, headers, file names and messages of servers pass [`visible`] before a terminal, a log or a report.

use std::borrow::Cow;

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
    text.chars().map(char_width).sum()
}

/// At most `columns` columns of a visible text, with `…` where something was cut off.
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut taken = 0;
    let end = text.char_indices().find(|(_, c)| {
        taken += char_width(*c);
        taken + 1 > columns
    });
    let kept = end.map_or(text, |(place, _)| &text[..place]);
    Cow::Owned(if columns == 0 { String::new() } else { format!("{kept}…") })
}

/// Marks that join the character before them take nothing; East Asian wide characters and emoji take two.
fn char_width(c: char) -> usize {
    match c as u32 {
        0x0300..=0x036F
        | 0x0483..=0x0489
        | 0x0591..=0x05BD
        | 0x064B..=0x065F
        | 0x093C
        | 0x094D
        | 0x0E31
        | 0x0E34..=0x0E3A
        | 0x0E47..=0x0E4E
        | 0x1AB0..=0x1AFF
        | 0x1DC0..=0x1DFF
        | 0x20D0..=0x20F0
        | 0xFE00..=0xFE0F
        | 0xFE20..=0xFE2F => 0,
        0x1100..=0x115E
        | 0x2E80..=0x303E
        | 0x3041..=0x33FF
        | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF
        | 0xA000..=0xA4CF
        | 0xA960..=0xA97F
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF01..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1F64F
        | 0x1F680..=0x1F6FF
        | 0x1F900..=0x1F9FF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
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
