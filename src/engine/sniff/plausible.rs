//! How much bytes read in some encoding look like the text of people's names and addresses.

use crate::engine::decode::Codec;

/// Letters beyond ASCII that names and addresses are full of, by how they are written in Europe.
const COMMON: &str = "éèêëáàâäãåíìîïóòôöõøúùûüñçßæœÉÈÁÀÄÅÍÓÖØÚÜÑÇÆ\
    ąćęłńśźżĄĆĘŁŃŚŹŻěščřžýůúďťňĚŠČŘŽÝŮľĺŕőűŐŰăâîșțşţğıİŞđĐāēīūģķļņėįų\
    абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯіїєґІЇЄ\
    αβγδεζηθικλμνξοπρςστυφχψωάέήίόύώΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ";
/// The letters that Western Europe uses far more than all others.
const MOST_COMMON: &str = "éüöäèñçáíóßåøêàãúôâ";
/// Punctuation that stands within or beside words.
const MARKS: &str = "’‘“”„–—…«»·°ºª€£§®©™\u{a0}¡¿´•";

/// The share of characters above ASCII that make sense where they stand, in -1 to about 1.
pub fn single_byte_score(codec: Codec, text: &[u8]) -> f64 {
    let mut utf8 = Vec::with_capacity(text.len() * 2);
    if codec.decode(text, &mut utf8).is_some() {
        return -1.0;
    }
    let decoded: Vec<char> = String::from_utf8_lossy(&utf8).chars().collect();
    let mut sum = 0.0;
    let mut count = 0usize;
    for (at, &c) in decoded.iter().enumerate() {
        if c.is_ascii() {
            continue;
        }
        count += 1;
        let before = at.checked_sub(1).map(|i| decoded[i]);
        let after = decoded.get(at + 1).copied();
        sum += character_score(before, c, after);
    }
    if count == 0 { 0.0 } else { sum / count as f64 }
}

fn character_score(before: Option<char>, c: char, after: Option<char>) -> f64 {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let lower = |c: Option<char>| c.is_some_and(char::is_lowercase);
    let upper = |c: Option<char>| c.is_some_and(char::is_uppercase);
    let in_word = letter(before) || letter(after);
    if c.is_control() || ('\u{2500}'..='\u{25ff}').contains(&c) || ('\u{e000}'..='\u{f8ff}').contains(&c) {
        return -1.0;
    }
    if COMMON.contains(c) {
        // Two scripts in one word are a sign of the wrong table.
        let mixed = |other: Option<char>| other.is_some_and(|o| o.is_alphabetic() && script(o) != script(c));
        let scale = if mixed(before) || mixed(after) { -0.5 } else { 1.0 };
        let fits = if c.is_lowercase() {
            // A small letter after a capital begins a name or, between capitals, is out of place.
            if upper(before) && upper(after) {
                -0.3
            } else if MOST_COMMON.contains(c) {
                1.0
            } else {
                0.9
            }
        } else if lower(before) {
            -0.8
        } else if in_word {
            0.8
        } else {
            0.3
        };
        return if scale < 0.0 { scale } else { fits };
    }
    if MARKS.contains(c) {
        return match c {
            '’' | '‘' | '´' if letter(before) && letter(after) => 0.7,
            '°' | 'º' | 'ª' | '€' | '£' | '§' | '©' | '®' | '™' if letter(before) && letter(after) => -0.7,
            _ if letter(before) && letter(after) => -0.5,
            _ => 0.3,
        };
    }
    if c.is_alphabetic() && !"ªºⁿƒ".contains(c) {
        return if c.is_uppercase() && lower(before) { -0.9 } else { 0.2 };
    }
    if in_word { -0.9 } else { -0.3 }
}

#[derive(PartialEq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Other,
}

fn script(c: char) -> Script {
    match c {
        '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Script::Latin,
        '\u{370}'..='\u{3ff}' => Script::Greek,
        '\u{400}'..='\u{52f}' => Script::Cyrillic,
        _ => Script::Other,
    }
}

/// The share of common characters in text of an East Asian encoding, or none where it cannot be in it. One error in
/// two hundred characters is let pass.
pub fn multi_byte_score(encoding: &'static encoding_rs::Encoding, text: &[u8]) -> Option<f64> {
    let (mut sum, mut count, mut errors) = (0.0, 0usize, 0usize);
    let mut kana = 0usize;
    let mut at = 0;
    while at < text.len() {
        let lead = text[at];
        if lead < 0x80 {
            at += 1;
            continue;
        }
        let pair = text.get(at + 1).copied();
        let (length, score) = if encoding == encoding_rs::SHIFT_JIS {
            match (lead, pair) {
                (0xA1..=0xDF, _) => (1, 0.35),
                (0x82, Some(0x4F..=0xF1)) | (0x83, Some(0x40..=0x96)) | (0x81, Some(0x40..=0xAC)) => {
                    kana += 1;
                    (2, 1.0)
                }
                (0x88..=0x97, Some(0x40..=0x7E | 0x80..=0xFC)) => (2, 1.0),
                (0x81..=0x9F | 0xE0..=0xFC, Some(0x40..=0x7E | 0x80..=0xFC)) => (2, 0.3),
                _ => (1, -1.0),
            }
        } else if encoding == encoding_rs::GB18030 {
            match (lead, pair) {
                (0x81..=0xFE, Some(0x30..=0x39)) => (4, 0.7),
                (lead, pair) => (2, gbk(lead, pair)),
            }
        } else if encoding == encoding_rs::BIG5 {
            match (lead, pair) {
                (0xA4..=0xC6, Some(0x40..=0x7E | 0xA1..=0xFE)) => (2, 1.0),
                (0xA1..=0xA3, Some(0x40..=0x7E | 0xA1..=0xFE)) => (2, 0.7),
                (0x87..=0xFE, Some(0x40..=0x7E | 0xA1..=0xFE)) => (2, 0.3),
                _ => (1, -1.0),
            }
        } else if encoding == encoding_rs::EUC_KR {
            match (lead, pair) {
                (0xB0..=0xC8, Some(0xA1..=0xFE)) => (2, 1.0),
                (0xA1..=0xFE, Some(0xA1..=0xFE)) => (2, 0.3),
                (0x81..=0xC6, Some(0x41..=0xFE)) => (2, 0.3),
                _ => (1, -1.0),
            }
        } else if encoding == encoding_rs::EUC_JP {
            match (lead, pair) {
                (0xA4 | 0xA5, Some(0xA1..=0xF6)) => {
                    kana += 1;
                    (2, 1.0)
                }
                (0xA1 | 0xA3, Some(0xA1..=0xFE)) => (2, 0.8),
                (0xB0..=0xCF, Some(0xA1..=0xFE)) => (2, 1.0),
                (0x8E, Some(0xA1..=0xDF)) => (2, 0.35),
                (0x8F, Some(0xA1..=0xFE)) => (3, 0.3),
                (0xA1..=0xFE, Some(0xA1..=0xFE)) => (2, 0.3),
                _ => (1, -1.0),
            }
        } else {
            (2, gbk(lead, pair))
        };
        count += 1;
        if score < 0.0 {
            errors += 1;
            at += 1;
        } else {
            sum += score;
            at += length;
        }
    }
    if count == 0 || errors * 200 > count {
        return None;
    }
    // Tables for Chinese and Korean overlap: the narrower one is meant where all fits in it. Japanese has kana.
    let weight = if encoding == encoding_rs::GBK {
        0.95
    } else if encoding == encoding_rs::GB18030 {
        0.94
    } else if (encoding == encoding_rs::EUC_JP || encoding == encoding_rs::SHIFT_JIS) && kana * 20 < count {
        0.85
    } else {
        1.0
    };
    // The decoder has the last word on what is a character.
    let mut out = Vec::new();
    if errors == 0 && Codec::from_standard(encoding).decode(text, &mut out).is_some() {
        return None;
    }
    Some(weight * sum / count as f64)
}

fn gbk(lead: u8, pair: Option<u8>) -> f64 {
    match (lead, pair) {
        (0xB0..=0xD7, Some(0xA1..=0xFE)) => 1.0,
        (0xA1 | 0xA3, Some(0xA1..=0xFE)) => 0.7,
        (0x81..=0xFE, Some(0x40..=0x7E | 0x80..=0xFE)) => 0.3,
        _ => -1.0,
    }
}
