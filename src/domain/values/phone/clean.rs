//! Takes the text of one number apart: digits, extension, words around them. Knows how people and programs write
//! numbers, and no numbering plan.

use super::reason::Reason;
use std::borrow::Cow;

/// A number as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Written {
    /// Whether a plus stands before the digits.
    pub(super) plus: bool,
    /// ASCII digits, without those of the extension.
    pub(super) digits: String,
    /// The place in `digits` of a 0 that stands in brackets of its own, after other digits: `+44 (0)20`.
    pub(super) trunk_zero: Option<usize>,
    /// Where the last digits begin when they may be something else than part of the number: `… (12)`, `….00`.
    pub(super) last_group: Option<usize>,
    pub(super) extension: Option<String>,
    /// Words before the number that do not just say that it is one.
    pub(super) words_before: bool,
    pub(super) words_after: bool,
}

/// The digits of a number in its plainest form, without a place on the heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Digits {
    /// Whether a plus stands before the digits.
    pub(super) plus: bool,
    digits: [u8; Digits::MOST],
    length: usize,
}

impl Digits {
    const MOST: usize = 20;

    /// The digits of a text of nothing but these, spaces, hyphens and dots between them, a plus before all, and one pair
    /// of brackets around some of the first. [`take_apart`] finds the same digits in it and nothing else; where it might
    /// find more (a 0 in brackets, decimals), the answer is `None`.
    pub(super) fn of(text: &str) -> Option<Digits> {
        let mut of = Digits { plus: text.starts_with('+'), digits: [0; Digits::MOST], length: 0 };
        let mut opened = None;
        let mut after_dot = 0;
        for &byte in &text.as_bytes()[usize::from(of.plus)..] {
            match byte {
                b'0'..=b'9' => {
                    *of.digits.get_mut(of.length)? = byte;
                    of.length += 1;
                }
                b' ' | b'-' if of.length > 0 => {}
                b'.' if of.length > 0 => after_dot = of.length,
                b'(' if opened.is_none() => opened = Some(of.length),
                b')' if opened.is_some_and(|start| of.length > start + 1) => {}
                _ => return None,
            }
        }
        // A cut number ends in something else, and zeros after the last dot may be decimals.
        let ends = text.as_bytes().last()?.is_ascii_digit();
        let decimals = after_dot > 0 && of.digits[after_dot..of.length].iter().all(|&digit| digit == b'0');
        (ends && !decimals).then_some(of)
    }

    pub(super) fn as_str(&self) -> &str {
        // They are ASCII.
        std::str::from_utf8(&self.digits[..self.length]).unwrap_or_default()
    }
}

/// Words that only say that a number follows, in lower case.
const LABELS: &[&str] = &[
    "p",
    "ph",
    "phone",
    "t",
    "tel",
    "tél",
    "téléphone",
    "telephone",
    "telefon",
    "telefono",
    "teléfono",
    "telefone",
    "tlf",
    "tfn",
    "fon",
    "m",
    "mob",
    "mobile",
    "mobil",
    "móvil",
    "movil",
    "cell",
    "cellphone",
    "cel",
    "celular",
    "handy",
    "no",
    "nr",
    "num",
    "number",
    "home",
    "work",
    "office",
    "direct",
    "main",
    "whatsapp",
    "wa",
    "sms",
    "тел",
    "телефон",
    "моб",
    "電話",
    "电话",
    "手机",
    "전화",
    "هاتف",
    "τηλ",
];

/// Words that say that an extension follows, in lower case. After the first two, which may mean something else,
/// only short extensions are believed (libphonenumber's limits: 9 digits, else 20).
const EXTENSION_LABELS: &[&str] = &[
    "x",
    "int",
    "ext",
    "extn",
    "xt",
    "xtn",
    "extension",
    "extensión",
    "extensao",
    "extensão",
    "anexo",
    "ramal",
    "interno",
    "interne",
    "intern",
    "poste",
    "durchw",
    "durchwahl",
    "dw",
    "app",
    "apparat",
    "nebenstelle",
    "nst",
    "klappe",
    "kl",
    "klapka",
    "linka",
    "wew",
    "wewn",
    "mellék",
    "toestel",
    "tst",
    "ankn",
    "anknytning",
    "lokal",
    "lok",
    "dahili",
    "доб",
    "добавочный",
    "вн",
    "内線",
    "分机",
    "分機",
    "转",
    "轉",
    "내선",
];

/// The text with every kind of digit, dash, space, bracket and plus as the ASCII one, and without invisible
/// characters. `ascii_digits` gives the digits of any script.
pub(super) fn plain(text: &str, ascii_digits: impl Fn(&str) -> String) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\u{2028}' | '\u{2029}' => plain.push('\n'),
            ' '..='~' => plain.push(character),
            '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{AD}'
            | '\u{61C}'
            | '\u{180E}'
            | '\u{20E3}'
            | '\u{FEFF}' => {}
            '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{30FC}' | '\u{FE58}' | '\u{FE63}' => plain.push('-'),
            '\u{2053}' | '\u{223C}' | '\u{301C}' => plain.push('~'),
            '\u{2044}' | '\u{2215}' => plain.push('/'),
            '\u{B7}' | '\u{2022}' | '\u{2219}' | '\u{3002}' | '\u{FF61}' => plain.push('.'),
            '\u{3001}' | '\u{60C}' => plain.push(','),
            '\u{61B}' => plain.push(';'),
            '\u{FE62}' | '\u{207A}' => plain.push('+'),
            // Full-width forms of ASCII, in its order.
            '\u{FF01}'..='\u{FF5E}' => plain.extend(char::from_u32(character as u32 - 0xFEE0)),
            _ if character.is_whitespace() => plain.push(' '),
            _ if character.is_control() => {}
            _ if character.is_numeric() => {
                let digit = ascii_digits(character.encode_utf8(&mut [0; 4]));
                // ², Ⅷ and ½ are numeric and no digits: they stay, and stop the reading.
                if digit.is_empty() { plain.push(character) } else { plain.push_str(&digit) }
            }
            _ => plain.push(character),
        }
    }
    Cow::Owned(plain)
}

/// Takes plain text apart.
pub(super) fn take_apart(text: &str) -> Result<Written, Reason> {
    let text = text.trim();
    if is_scientific(text) {
        return Err(Reason::Spreadsheet);
    }
    let begin = text.find(|c: char| c == '+' || c.is_ascii_digit()).ok_or(Reason::NoDigits)?;
    let (before, text) = text.split_at(begin);
    let mut written = Written { plus: text.starts_with('+'), ..Written::default() };
    written.words_before = words_before(before, written.plus)?;

    let text = match decimals(text) {
        Some((number, "0")) => number,
        Some((number, _)) => {
            written.last_group = Some(number.trim_start_matches('+').len());
            text
        }
        None => text,
    };
    let after = written.take_digits(text)?;
    written.take_rest(after)?;
    Ok(written)
}

/// Whether this is a number in scientific notation: `1.23457E+10`, `4,3123E+11`.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa = mantissa.trim_end().trim_start_matches(['+', '-']);
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    digits(whole) && digits(fraction) && digits(exponent.trim_start_matches(['+', '-']))
}

/// The number and the zeros of `431234567890.0`.
fn decimals(text: &str) -> Option<(&str, &str)> {
    let (number, zeros) = text.split_at_checked(text.rfind(['.', ','])?)?;
    let zeros = &zeros[1..];
    let digits = number.strip_prefix('+').unwrap_or(number);
    let is_float = digits.len() > 2
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !zeros.is_empty()
        && zeros.bytes().all(|byte| byte == b'0');
    is_float.then_some((number, zeros))
}

/// Whether there are words before the number that say more than that it is one.
fn words_before(before: &str, plus: bool) -> Result<bool, Reason> {
    if before.is_empty() {
        return Ok(false);
    }
    if let Some(character) = before.chars().find(|&c| matches!(c, '*' | '#' | '@') || c.is_numeric()) {
        return Err(Reason::Character(character));
    }
    let is_label = |word: &str| LABELS.contains(&word.to_lowercase().as_str());
    let mut words = before.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let unknown = words.clone().any(|word| !is_label(word));
    // Letters right before digits are part of a code (C-2125550123) or a slip (O664 for 0664).
    let gap = before.rsplit(char::is_alphabetic).next().unwrap_or(before);
    let stuck = gap.len() < before.len() && gap.chars().all(|c| matches!(c, '-' | '_' | '/'));
    let short = words.next_back().is_some_and(|word| word.chars().count() < 2);
    if stuck && !plus && (unknown || short) {
        return Err(Reason::Letters);
    }
    Ok(unknown)
}

impl Written {
    /// Takes digits and the punctuation between them; answers what follows the last digit.
    fn take_digits<'t>(&mut self, text: &'t str) -> Result<&'t str, Reason> {
        let bytes = text.as_bytes();
        let mut opened = None;
        let mut group = 0;
        let mut end = 0;
        let decimals = self.last_group;
        self.digits.reserve(text.len().min(24));
        for (place, &byte) in bytes.iter().enumerate() {
            match byte {
                b'0'..=b'9' => {
                    if opened.is_none() {
                        self.last_group = None;
                    }
                    if place > end {
                        group = self.digits.len();
                    }
                    self.digits.push(char::from(byte));
                    end = place + 1;
                }
                b'(' => opened = Some(self.digits.len()),
                b')' => {
                    if let Some(start) = opened.take().filter(|&start| start > 0 && start < self.digits.len()) {
                        if &self.digits[start..] == "0" && self.trunk_zero.is_none() {
                            self.trunk_zero = Some(start);
                        } else {
                            self.last_group = Some(start);
                        }
                    }
                }
                b'+' if self.digits.is_empty() => {}
                b'+' => return Err(Reason::SeveralNumbers),
                b' ' | b'\n' | b'-' | b'.' | b'/' | b'[' | b']' | b'~' => {}
                _ => break,
            }
        }
        if self.digits.is_empty() {
            return Err(Reason::NoDigits);
        }
        self.last_group = decimals.or(self.last_group);
        if self.trunk_zero.is_some_and(|place| place + 1 == self.digits.len()) {
            // Nothing follows, so it leads to nothing either.
            self.last_group = self.trunk_zero.take();
        }
        let after = &text[end..];
        // `212-555-0123 - 503#`, as American switchboards are written.
        if after == "#" && group > 3 && self.digits.len() - group <= 6 {
            self.extension = Some(self.digits.split_off(group));
            return Ok("");
        }
        Ok(after)
    }

    /// Takes the extension and words that follow the digits.
    fn take_rest(&mut self, after: &str) -> Result<(), Reason> {
        if after.is_empty() {
            return Ok(());
        }
        if after.starts_with(';') {
            return self.take_parameters(after);
        }
        if after.starts_with("..") || after.contains('…') {
            return Err(Reason::Masked);
        }
        let mut stuck = true;
        let mut rest = after;
        if let Some(pause) = rest.trim_start_matches(' ').strip_prefix(",,") {
            // A pause and digits that the telephone dials by itself.
            rest = self.take_extension(pause.trim_start_matches([',', ' ']), 15)?;
        }
        while let Some(character) = rest.chars().next() {
            let after_character = &rest[character.len_utf8()..];
            if character.is_alphabetic() {
                let word_end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
                let (word, after_word) = rest.split_at(word_end);
                rest = self.take_word(word, after_word, stuck)?;
            } else if character == '#' && after_character.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
                rest = self.take_extension(after_character.trim_start(), 9)?;
            } else if character.is_ascii_digit() {
                return Err(Reason::DigitsAfterWords);
            } else if matches!(character, '*' | '#' | '?' | '@' | '_' | '=' | '%' | '$' | '^' | '\\' | '`' | '+')
                || character.is_numeric()
            {
                return Err(Reason::Character(character));
            } else {
                rest = after_character;
            }
            stuck = false;
        }
        Ok(())
    }

    /// Takes one word, with the extension if it announces one; answers what follows.
    fn take_word<'t>(&mut self, word: &str, after: &'t str, stuck: bool) -> Result<&'t str, Reason> {
        let lower = word.to_lowercase();
        if word.len() > 1 && lower.bytes().all(|byte| byte == b'x') {
            return Err(Reason::Masked);
        }
        if let Some(rank) = EXTENSION_LABELS.iter().position(|label| *label == lower) {
            let digits = after.trim_start_matches([':', '.', ' ', '-', '#', ',']);
            if digits.starts_with(|c: char| c.is_ascii_digit()) {
                return self.take_extension(digits, if rank < 2 { 9 } else { 20 });
            }
        }
        if stuck || after.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(Reason::Letters);
        }
        self.words_after = true;
        Ok(after)
    }

    /// Takes the digits of an extension; answers what follows.
    fn take_extension<'t>(&mut self, text: &'t str, most: usize) -> Result<&'t str, Reason> {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, after) = text.split_at(end);
        if digits.is_empty() || digits.len() > most || self.extension.is_some() {
            return Err(Reason::DigitsAfterWords);
        }
        if after.starts_with(char::is_alphabetic) {
            return Err(Reason::Letters);
        }
        self.extension = Some(digits.to_string());
        Ok(after.strip_prefix('#').unwrap_or(after))
    }

    /// Takes the parameters of a `tel:` link (RFC 3966): the extension and the context of a local number count.
    fn take_parameters(&mut self, parameters: &str) -> Result<(), Reason> {
        for parameter in parameters.split(';').skip(1) {
            let (name, value) = parameter.trim().split_once('=').unwrap_or((parameter, ""));
            if name.eq_ignore_ascii_case("ext") {
                let value = value.trim();
                if !self.take_extension(value, 20)?.trim().is_empty() {
                    return Err(Reason::DigitsAfterWords);
                }
            } else if name.eq_ignore_ascii_case("phone-context")
                && let Some(context) = value.strip_prefix('+')
            {
                if self.plus {
                    return Err(Reason::SeveralNumbers);
                }
                let mut digits: String = context.chars().filter(char::is_ascii_digit).collect();
                digits.push_str(&self.digits);
                *self = Written { plus: true, digits, extension: self.extension.take(), ..Written::default() };
            }
        }
        Ok(())
    }
}

/// The digits of `1-800-FLOWERS` on a telephone's keypad, where the text can be meant that way: capital letters that
/// end it, three or more, apart from the digits before them, and more than placeholders (XXXX) or slips (O, I for 0, 1).
pub(super) fn keypad_digits(text: &str) -> Option<(bool, String)> {
    let text = text.trim();
    let (plus, text) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let letters_at = text.find(|c: char| c.is_ascii_uppercase())?;
    let (number, word) = text.split_at(letters_at);
    let punctuation = |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')');
    let is_word = word.chars().all(|c| c.is_ascii_uppercase() || punctuation(c))
        && word.chars().filter(char::is_ascii_uppercase).count() > 2
        && word.chars().any(|c| c.is_ascii_uppercase() && !matches!(c, 'O' | 'I' | 'X'));
    let is_number = number.starts_with(|c: char| c.is_ascii_digit() || c == '(')
        && number.ends_with(punctuation)
        && number.chars().all(|c| c.is_ascii_digit() || punctuation(c));
    if !is_word || !is_number || text.len() > 30 {
        return None;
    }
    let keypad = |letter: u8| b"22233344455566677778889999"[usize::from(letter - b'A')];
    let digits = text.bytes().filter_map(|byte| match byte {
        b'0'..=b'9' => Some(char::from(byte)),
        b'A'..=b'Z' => Some(char::from(keypad(byte))),
        _ => None,
    });
    Some((plus, digits.collect()))
}
