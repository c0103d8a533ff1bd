//! Where one cell may hold several numbers.

/// What may stand between two numbers of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    /// Always parts numbers, unless a parameter such as `;ext=` follows.
    Semicolon,
    LineBreak,
    Bar,
    Ampersand,
    Comma,
    /// A plus inside the text begins another number.
    Plus,
    /// Also punctuation within one number: `030 / 1234567`.
    Slash,
}

impl Separator {
    /// Strongest first.
    pub(super) const ALL: &[Separator] = &[
        Separator::Semicolon,
        Separator::LineBreak,
        Separator::Bar,
        Separator::Ampersand,
        Separator::Comma,
        Separator::Plus,
        Separator::Slash,
    ];
}

/// The parts between separators, trimmed; parts with nothing in them are left out.
pub(super) fn parts(text: &str, separator: Separator) -> Vec<&str> {
    let by = |character: char| -> Vec<&str> {
        if text.contains(character) { kept(text.split(character)) } else { Vec::new() }
    };
    match separator {
        Separator::Semicolon => semicolons(text),
        Separator::LineBreak => by('\n'),
        Separator::Bar => by('|'),
        Separator::Ampersand => by('&'),
        Separator::Comma => by(','),
        Separator::Slash => by('/'),
        Separator::Plus => pluses(text),
    }
}

/// The items of a list: comma and semicolon part them, and nothing else (field rules, Lists).
pub(super) fn list(text: &str) -> Vec<&str> {
    let parts = semicolons(text);
    let parts = if parts.is_empty() { vec![text] } else { parts };
    parts.into_iter().flat_map(|part| kept(part.split(','))).collect()
}

fn kept<'t>(parts: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn semicolons(text: &str) -> Vec<&str> {
    cut(text, text.match_indices(';').map(|(place, _)| place).filter(|&place| !is_parameter(&text[place + 1..])), 1)
}

/// Whether `NAME=` follows a semicolon (RFC 3966).
fn is_parameter(after: &str) -> bool {
    let name = after.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '-');
    name.len() < after.len() && name.starts_with('=')
}

fn pluses(text: &str) -> Vec<&str> {
    let mut first = true;
    let begins_number = |place: &usize| {
        // The first plus and one right after another begin no *second* number.
        let before = text[..*place].trim_end_matches([' ', '(']);
        !std::mem::take(&mut first) && !before.ends_with('+')
    };
    cut(text, text.match_indices('+').map(|(place, _)| place).filter(begins_number), 0)
}

/// Cuts at these places, leaving out `width` bytes at each.
fn cut(text: &str, places: impl Iterator<Item = usize>, width: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for place in places {
        parts.push(&text[start..place]);
        start = place + width;
    }
    if !parts.is_empty() {
        parts.push(&text[start..]);
    }
    kept(parts.into_iter())
}
