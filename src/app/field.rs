//! A text field: what is typed in it and where its cursor is.

use super::key::{Key, KeyCode};
use secrecy::SecretString;
use tui_input::{Input, InputRequest};

/// A paste fills a field up to so many characters. A whole file that is pasted by mistake would stop the screen for
/// minutes: typing is only made for lines.
const MOST_CHARS: usize = 16_384;

/// One line of text that is being typed.
#[derive(Clone, Default)]
pub struct Field {
    input: Input,
    is_secret: bool,
}

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = if self.is_secret { "…" } else { self.text() };
        f.debug_tuple("Field").field(&shown).finish()
    }
}

impl Field {
    pub fn with(text: &str) -> Field {
        Field { input: Input::new(text.to_owned()), is_secret: false }
    }

    /// For what nobody may read over a shoulder or in a log: it is drawn masked, and [taken](Field::take_secret) once.
    pub fn secret() -> Field {
        Field { is_secret: true, ..Field::default() }
    }

    pub fn is_secret(&self) -> bool {
        self.is_secret
    }

    /// What was typed; nothing of it stays here.
    pub fn take_secret(&mut self) -> SecretString {
        SecretString::from(self.input.value_and_reset())
    }

    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// The place of the cursor, in characters.
    pub fn cursor(&self) -> usize {
        self.input.cursor()
    }

    pub fn set(&mut self, text: &str) {
        self.input = Input::new(text.to_owned());
    }

    /// Whether the key is one that a text field takes: characters, and what moves in and deletes from a line.
    pub fn takes(key: Key) -> bool {
        request(key).is_some()
    }

    /// Handles a key that the field [takes](Field::takes). Answers whether the text changed.
    pub fn key(&mut self, key: Key) -> bool {
        request(key).and_then(|request| self.input.handle(request)).is_some_and(|changed| changed.value)
    }

    /// Types a pasted text, of a long one the beginning; its line ends become spaces.
    pub fn paste(&mut self, text: &str) {
        let room = MOST_CHARS.saturating_sub(self.text().chars().count());
        for c in text.chars().take(room).map(|c| if c.is_control() { ' ' } else { c }) {
            self.input.handle(InputRequest::InsertChar(c));
        }
    }
}

fn request(key: Key) -> Option<InputRequest> {
    if let Some(c) = key.typed() {
        return Some(InputRequest::InsertChar(c));
    }
    let Key { code, ctrl, alt } = key;
    Some(match (code, ctrl, alt) {
        (KeyCode::Backspace, false, false) | (KeyCode::Char('h'), true, false) => InputRequest::DeletePrevChar,
        (KeyCode::Backspace, ..) | (KeyCode::Char('w'), true, false) => InputRequest::DeletePrevWord,
        (KeyCode::Delete, ..) => InputRequest::DeleteNextChar,
        (KeyCode::Left, false, false) => InputRequest::GoToPrevChar,
        (KeyCode::Right, false, false) => InputRequest::GoToNextChar,
        (KeyCode::Left, ..) | (KeyCode::Char('b'), false, true) => InputRequest::GoToPrevWord,
        (KeyCode::Right, ..) | (KeyCode::Char('f'), false, true) => InputRequest::GoToNextWord,
        (KeyCode::Home, ..) | (KeyCode::Char('a'), true, false) => InputRequest::GoToStart,
        (KeyCode::End, ..) | (KeyCode::Char('e'), true, false) => InputRequest::GoToEnd,
        (KeyCode::Char('u'), true, false) => InputRequest::DeleteLine,
        (KeyCode::Char('k'), true, false) => InputRequest::DeleteTillEnd,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_secret_is_taken_once_and_never_told() {
        let mut field = Field::secret();
        field.paste("canary-1234");
        assert!(!format!("{field:?}").contains("canary"), "{field:?}");
        let secret = field.take_secret();
        assert_eq!((secret.expose_secret(), field.text(), field.is_secret()), ("canary-1234", "", true));
    }

    #[test]
    fn a_pasted_text_is_one_line_and_of_a_whole_file_only_the_beginning() {
        let mut field = Field::with("ab");
        field.key(Key::plain(KeyCode::Left));
        field.paste("x\r\ny");
        assert_eq!(field.text(), "ax  yb");
        field.paste(&"é\n".repeat(500_000));
        assert_eq!(field.text().chars().count(), MOST_CHARS);
        assert!(field.text().starts_with("ax  yé é ") && field.text().ends_with('b'));
    }
}
