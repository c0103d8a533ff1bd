//! What every cell goes through first.

/// Takes off Unicode white space, zero-width characters and BOM at both ends, and one leading apostrophe when `=`,
/// `+`, `-`, `@`, a tab or a digit follows (field rules, Outcome of a value). Empty after that is *empty*.
pub fn trim(text: &str) -> &str {
    let invisible = |c: char| c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}');
    let text = text.trim_matches(invisible);
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|c: char| matches!(c, '=' | '+' | '-' | '@' | '\t') || c.is_ascii_digit()) => {
            rest.trim_matches(invisible)
        }
        _ => text,
    }
}
