//! Text for the clipboard of the terminal, also of one at the other end of an SSH connection: OSC 52.
//!
//! Whether the terminal takes it cannot be known: it is "sent to the terminal's clipboard". Inside tmux it is sent as it
//! is; tmux passes it on where `set-clipboard` is on.

use crate::app::message::MOST_COPIED;

/// What puts this text, or as much of it as terminals take, into the terminal's clipboard.
pub fn copy(text: &str) -> Vec<u8> {
    let end = (0..=text.len().min(MOST_COPIED)).rfind(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let mut bytes = b"\x1b]52;c;".to_vec();
    base64(&text.as_bytes()[..end], &mut bytes);
    bytes.push(b'\x07');
    bytes
}

fn base64(data: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in data.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            if digit <= chunk.len() {
                out.push(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize]);
            } else {
                out.push(b'=');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_sent_in_base64() {
        for (text, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("Łódź\u{1b}", "xYHDs2TFuhs="),
            ("\u{fb}ÿ?>", "w7vDvz8+"),
        ] {
            assert_eq!(String::from_utf8(copy(text)).unwrap(), format!("\x1b]52;c;{encoded}\x07"));
        }
    }

    #[test]
    fn a_text_too_long_for_terminals_is_cut_between_characters() {
        for (text, kept) in [("a".repeat(MOST_COPIED + 1), MOST_COPIED), ("€".repeat(40_000), MOST_COPIED / 3 * 3)] {
            let sent = copy(&text);
            assert!(sent.len() <= 100_000);
            assert_eq!(sent.len(), 8 + kept.div_ceil(3) * 4);
        }
    }
}
