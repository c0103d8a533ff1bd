//! Colours and attributes in the fewest bytes: from what the terminal draws with to what is wanted.
use super::glyph::Look;
use ratatui::style::{Color, Modifier};
use std::io::Write;

/// Appends what turns one look into another; nothing where they are equal. From none, nothing is known of the first.
pub fn change(from: Option<Look>, to: Look, out: &mut Vec<u8>) {
    if from == Some(to) {
        return;
    }
    let mut anew = Parameters::default();
    if to != Look::PLAIN {
        anew.push(0);
        anew.turn_on(to.modifier);
        anew.colours(Look::PLAIN, to);
    }
    let mut shortest = anew;
    if let Some(from) = from {
        let mut turned = Parameters::default();
        turned.differences(from, to);
        if turned.0.len() < shortest.0.len() {
            shortest = turned;
        }
    }
    out.extend_from_slice(b"\x1b[");
    out.extend_from_slice(&shortest.0);
    out.push(b'm');
}

/// The numbers of one SGR sequence, as they are sent. None of them: all attributes off.
#[derive(Default)]
struct Parameters(Vec<u8>);

/// Attributes with the number that turns them on and the one that turns them off.
const ATTRIBUTES: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

impl Parameters {
    fn push(&mut self, number: u8) {
        self.text(format_args!("{number}"));
    }

    fn text(&mut self, text: std::fmt::Arguments<'_>) {
        if !self.0.is_empty() {
            self.0.push(b';');
        }
        // Writing to a vector does not fail.
        let _ = self.0.write_fmt(text);
    }

    fn turn_on(&mut self, modifier: Modifier) {
        for (attribute, on, _) in ATTRIBUTES {
            if modifier.contains(attribute) {
                self.push(on);
            }
        }
    }

    fn differences(&mut self, from: Look, to: Look) {
        let mut left = from.modifier;
        for (attribute, _, off) in ATTRIBUTES {
            if left.contains(attribute) && !to.modifier.contains(attribute) {
                self.push(off);
                // One number turns off what shares it.
                for (other, _, same) in ATTRIBUTES {
                    if same == off {
                        left.remove(other);
                    }
                }
            }
        }
        self.turn_on(to.modifier.difference(left));
        self.colours(from, to);
    }

    fn colours(&mut self, from: Look, to: Look) {
        if from.fg != to.fg {
            self.colour(to.fg, 30);
        }
        if from.bg != to.bg {
            self.colour(to.bg, 40);
        }
    }

    /// A colour of the text (30) or behind it (40). Colours beyond the eight are sent only where they are asked for.
    fn colour(&mut self, colour: Color, base: u8) {
        let bright = base + 60;
        match colour {
            Color::Reset => self.push(base + 9),
            Color::Black => self.push(base),
            Color::Red => self.push(base + 1),
            Color::Green => self.push(base + 2),
            Color::Yellow => self.push(base + 3),
            Color::Blue => self.push(base + 4),
            Color::Magenta => self.push(base + 5),
            Color::Cyan => self.push(base + 6),
            Color::Gray => self.push(base + 7),
            Color::DarkGray => self.push(bright),
            Color::LightRed => self.push(bright + 1),
            Color::LightGreen => self.push(bright + 2),
            Color::LightYellow => self.push(bright + 3),
            Color::LightBlue => self.push(bright + 4),
            Color::LightMagenta => self.push(bright + 5),
            Color::LightCyan => self.push(bright + 6),
            Color::White => self.push(bright + 7),
            Color::Indexed(number) => self.text(format_args!("{};5;{number}", base + 8)),
            Color::Rgb(red, green, blue) => self.text(format_args!("{};2;{red};{green};{blue}", base + 8)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(from: Option<Look>, to: Look) -> String {
        let mut out = Vec::new();
        change(from, to, &mut out);
        String::from_utf8(out).unwrap().replace('\x1b', "ESC")
    }

    #[test]
    fn a_look_is_reached_in_the_fewest_bytes() {
        let plain = Look::PLAIN;
        let bold = Look { modifier: Modifier::BOLD, ..plain };
        let dim = Look { modifier: Modifier::DIM, ..plain };
        let both = Look { modifier: Modifier::BOLD | Modifier::DIM, ..plain };
        let red = Look { fg: Color::Red, ..plain };
        let loud = Look { fg: Color::LightRed, bg: Color::Blue, modifier: Modifier::REVERSED };
        for (from, to, bytes) in [
            (Some(plain), plain, ""),
            (None, plain, "ESC[m"),
            (None, bold, "ESC[0;1m"),
            (Some(plain), bold, "ESC[1m"),
            (Some(bold), plain, "ESC[m"),
            (Some(bold), dim, "ESC[0;2m"),
            (Some(both), bold, "ESC[0;1m"),
            (Some(bold), both, "ESC[2m"),
            (Some(plain), red, "ESC[31m"),
            (Some(loud), plain, "ESC[m"),
            (Some(loud), Look { fg: Color::Red, ..loud }, "ESC[31m"),
            (Some(loud), Look { modifier: Modifier::empty(), ..loud }, "ESC[27m"),
            (Some(red), Look { fg: Color::Indexed(208), ..plain }, "ESC[38;5;208m"),
            (Some(red), Look { bg: Color::Rgb(1, 20, 255), ..red }, "ESC[48;2;1;20;255m"),
        ] {
            assert_eq!(sent(from, to), bytes, "{from:?} to {to:?}");
        }
    }
}
