//! Keys as the application knows them, and the notation for them: `j`, `<enter>`, `<c-x>`, `<a-1>`.

use std::fmt;

/// What was pressed, without its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyCode {
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    F(u8),
}

/// One key press. Shift is part of the character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    pub code: KeyCode,
    pub ctrl: bool,
    pub alt: bool,
}

/// Names in the notation, and as they are shown to people.
const NAMED: [(&str, &str, KeyCode); 16] = [
    ("enter", "enter", KeyCode::Enter),
    ("esc", "esc", KeyCode::Esc),
    ("tab", "tab", KeyCode::Tab),
    ("s-tab", "shift-tab", KeyCode::BackTab),
    ("bs", "backspace", KeyCode::Backspace),
    ("del", "del", KeyCode::Delete),
    ("up", "↑", KeyCode::Up),
    ("down", "↓", KeyCode::Down),
    ("left", "←", KeyCode::Left),
    ("right", "→", KeyCode::Right),
    ("pgup", "page up", KeyCode::PageUp),
    ("pgdn", "page down", KeyCode::PageDown),
    ("home", "home", KeyCode::Home),
    ("end", "end", KeyCode::End),
    ("space", "space", KeyCode::Char(' ')),
    ("lt", "<", KeyCode::Char('<')),
];

impl Key {
    pub const fn plain(code: KeyCode) -> Key {
        Key { code, ctrl: false, alt: false }
    }

    /// One key in the notation: a character, or `<name>` with `c-` and `a-` for Ctrl and Alt before it.
    pub fn parse(text: &str) -> Option<Key> {
        let mut chars = text.chars();
        if let (Some(c), None) = (chars.next(), chars.next()) {
            return Some(Key::plain(KeyCode::Char(c)));
        }
        let mut name = text.strip_prefix('<')?.strip_suffix('>')?;
        let mut key = Key::plain(KeyCode::Esc);
        loop {
            if let Some((_, _, code)) = NAMED.iter().find(|(known, _, _)| *known == name) {
                return Some(Key { code: *code, ..key });
            }
            if let Some(rest) = name.strip_prefix("c-") {
                (key.ctrl, name) = (true, rest);
            } else if let Some(rest) = name.strip_prefix("a-") {
                (key.alt, name) = (true, rest);
            } else if let Some(number) = name.strip_prefix('f').and_then(|number| number.parse().ok()) {
                return Some(Key { code: KeyCode::F(number), ..key });
            } else {
                let mut chars = name.chars();
                let (Some(c), None) = (chars.next(), chars.next()) else { return None };
                return Some(Key { code: KeyCode::Char(c), ..key });
            }
        }
    }

    /// A string of keys, as tests write them: `jj<enter>text<c-x>`.
    pub fn parse_all(text: &str) -> Option<Vec<Key>> {
        let mut keys = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let end = if c == '<' { rest.find('>')? + 1 } else { c.len_utf8() };
            keys.push(Key::parse(&rest[..end])?);
            rest = &rest[end..];
        }
        Some(keys)
    }

    /// The character that the key types into a text field.
    pub fn typed(self) -> Option<char> {
        match self {
            Key { code: KeyCode::Char(c), ctrl: false, alt: false } => Some(c),
            _ => None,
        }
    }
}

/// As hints and help show it.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        match self.code {
            KeyCode::F(number) => write!(f, "F{number}"),
            code => match (NAMED.iter().find(|(_, _, known)| *known == code), code) {
                (Some((_, shown, _)), _) => f.write_str(shown),
                (None, KeyCode::Char(c)) => write!(f, "{c}"),
                (None, _) => Ok(()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_of_keys_is_read_as_it_is_written() {
        let keys = Key::parse_all("j<enter><c-x><a-1><lt><f2>é").unwrap();
        let shown: Vec<String> = keys.iter().map(Key::to_string).collect();
        assert_eq!(shown, ["j", "enter", "ctrl-x", "alt-1", "<", "F2", "é"]);
        assert_eq!(Key::parse_all("<nope>"), None);
        assert_eq!(Key::parse_all("<"), None);
    }

    #[test]
    fn every_name_leads_to_its_key() {
        for (name, _, code) in NAMED {
            assert_eq!(Key::parse(&format!("<{name}>")), Some(Key::plain(code)), "{name}");
        }
    }
}
