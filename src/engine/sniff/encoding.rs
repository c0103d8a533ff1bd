//! Which encoding a delivery is in, told by its bytes.
//!
//! In this order: byte order mark, the NULs of UTF-16, the escapes of ISO-2022, UTF-8 over all samples, then what
//! scores best as text among the older encodings. chardetng leads there, but knows neither Mac Roman nor the DOS code
//! pages and is unsure of short text, so every candidate's letters are judged here too.

use super::plausible::{SingleByte, multi_byte_score, single_byte};
use crate::engine::decode::Codec;
use crate::engine::unpack::{NulSide, nul_side};

/// Text that is judged for older encodings.
const JUDGED_BYTES: usize = 64 << 10;
/// What chardetng's guess adds to a score.
const GUESS_BONUS: f64 = 0.08;
/// Below this lead over the next candidate the choice is called uncertain; the fewer characters, the more is asked for.
const CLEAR_LEAD: f64 = 0.04;
/// Of the characters of a multi-byte text so many are common ones.
const COMMON_SHARE: f64 = 0.6;

/// What the bytes say.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// The encoding, the length of its byte order mark, why, and other encodings that fit as well.
    Is { codec: Codec, bom: u8, why: String, doubt: Option<Doubt> },
    /// An encoding that cannot be read.
    Unreadable { name: &'static str },
}

/// What cannot be told for sure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// These fit about as well, the chosen one first.
    Candidates(Vec<String>),
    /// UTF-8, with so many sequences that are not.
    Errors(usize),
}

/// Judges the samples; the first is the start of the delivery.
pub fn detect(samples: &[Vec<u8>]) -> Found {
    let sure = |codec, bom, why: &str| Found::Is { codec, bom, why: why.to_owned(), doubt: None };
    let Some(head) = samples.first() else { return sure(Codec::Utf8, 0, "there is nothing to judge") };
    if head.starts_with(b"\xEF\xBB\xBF") {
        return utf8(samples, 3).unwrap_or_else(|| sure(Codec::Utf8, 3, "it begins with the UTF-8 byte order mark"));
    }
    if head.starts_with(b"\xFF\xFE") {
        return sure(Codec::Utf16Le, 2, "it begins with the UTF-16LE byte order mark");
    }
    if head.starts_with(b"\xFE\xFF") {
        return sure(Codec::Utf16Be, 2, "it begins with the UTF-16BE byte order mark");
    }
    if let Some(codec) = wide(head) {
        return sure(codec, 0, "every second byte of its ASCII characters is NUL");
    }
    let ascii = samples.iter().all(|sample| sample.is_ascii());
    if ascii {
        let has = |escape: &[u8]| samples.iter().any(|sample| memchr::memmem::find(sample, escape).is_some());
        if has(b"\x1b$B") || has(b"\x1b$@") || has(b"\x1b(J") || has(b"\x1b(I") {
            return sure(Codec::from_standard(encoding_rs::ISO_2022_JP), 0, "it holds the escapes of ISO-2022-JP");
        }
        if has(b"\x1b$)C") {
            return Found::Unreadable { name: "ISO-2022-KR" };
        }
        return sure(Codec::Utf8, 0, "all sampled bytes are ASCII");
    }
    utf8(samples, 0).unwrap_or_else(|| older(&judged(samples)))
}

/// UTF-16 without a byte order mark: the NULs of its ASCII characters stand on one side.
fn wide(head: &[u8]) -> Option<Codec> {
    let codec = match nul_side(head)? {
        NulSide::Second => Codec::Utf16Le,
        NulSide::First => Codec::Utf16Be,
    };
    let mut text = Vec::new();
    codec.decode(&head[..head.len() / 2 * 2], &mut text).is_none().then_some(codec)
}

/// UTF-8, perhaps with a few errors. A character cut by the edge of a sample is none.
fn utf8(samples: &[Vec<u8>], bom: u8) -> Option<Found> {
    let (mut good, mut bad) = (0, 0);
    for (index, sample) in samples.iter().enumerate() {
        let mut rest = &sample[..];
        if index > 0 {
            let cut = rest.iter().take(3).take_while(|&&b| b & 0xC0 == 0x80).count();
            rest = &rest[cut..];
        }
        loop {
            let (valid, error) = match std::str::from_utf8(rest) {
                Ok(_) => (rest.len(), None),
                Err(error) => (error.valid_up_to(), Some(error.error_len())),
            };
            good += rest[..valid].iter().filter(|&&b| b >= 0xC0).count();
            match error {
                None | Some(None) => break,
                Some(Some(length)) => {
                    bad += 1;
                    rest = &rest[valid + length..];
                }
            }
        }
    }
    let mark = if bom > 0 { "it begins with the UTF-8 byte order mark" } else { "all sampled text is valid UTF-8" };
    if bad == 0 {
        return Some(Found::Is { codec: Codec::Utf8, bom, why: mark.to_owned(), doubt: None });
    }
    if bom > 0 || good >= 3 && good >= bad * 10 {
        let why = format!("{good} characters are valid UTF-8 and {bad} places are not");
        return Some(Found::Is { codec: Codec::Utf8, bom, why, doubt: Some(Doubt::Errors(bad)) });
    }
    None
}

/// The lines with something to judge, whole ones only.
fn judged(samples: &[Vec<u8>]) -> Vec<u8> {
    let mut text = Vec::new();
    for (index, sample) in samples.iter().enumerate() {
        let lines = sample.split_inclusive(|&b| b == b'\n' || b == b'\r');
        let skip = usize::from(index > 0);
        for line in lines.skip(skip) {
            let cut = index + 1 < samples.len() && !line.ends_with(b"\n") && !line.ends_with(b"\r");
            if !line.is_ascii() && !cut {
                text.extend_from_slice(line);
            }
            if text.len() > JUDGED_BYTES {
                return text;
            }
        }
    }
    if text.is_empty() { samples.concat() } else { text }
}

/// One of the encodings from before Unicode.
fn older(text: &[u8]) -> Found {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(text, true);
    let guess = Codec::from_standard(detector.guess(None, chardetng::Utf8Detection::Deny));

    let multi = [
        encoding_rs::SHIFT_JIS,
        encoding_rs::EUC_JP,
        encoding_rs::GBK,
        encoding_rs::GB18030,
        encoding_rs::BIG5,
        encoding_rs::EUC_KR,
    ];
    let bonus = |codec: Codec, size: f64| if codec == guess { size } else { 0.0 };
    let mut readings: Vec<Reading> = Vec::new();
    for encoding in multi {
        let Some(score) = multi_byte_score(encoding, text).filter(|&score| score >= COMMON_SHARE) else { continue };
        let codec = Codec::from_standard(encoding);
        let reading =
            Reading { codec, score: score + bonus(codec, 0.05), multi: true, characters: characters(codec, text) };
        if readings.iter().all(|same| same.characters != reading.characters) {
            readings.push(reading);
        }
    }
    let others = SINGLE_BYTE.iter().filter_map(|label| Codec::of(label));
    let guessed = Some(guess).filter(|codec| matches!(codec, Codec::Standard(encoding) if encoding.is_single_byte()));
    for codec in others.chain(guessed) {
        let SingleByte { score, characters } = single_byte(codec, text);
        // Of those that read the same, the one that is named first is the usual one.
        match readings.iter_mut().find(|reading| reading.characters == characters) {
            Some(same) => same.score += bonus(codec, GUESS_BONUS),
            None => {
                readings.push(Reading { codec, score: score + bonus(codec, GUESS_BONUS), multi: false, characters })
            }
        }
    }
    readings.sort_by(|a, b| b.score.total_cmp(&a.score));
    let Some((best, rest)) = readings.split_first() else { return Found::Unreadable { name: "unknown" } };
    let mut fit: Vec<String> = rest
        .iter()
        .filter(|rival| rival.score > 0.3 && best.is_close(rival))
        .map(|rival| rival.codec.encoding().name().to_owned())
        .take(3)
        .collect();
    fit.insert(0, best.codec.encoding().name().to_owned());
    let why = if best.multi {
        "read so, nearly all characters are common ones"
    } else {
        "read so, the bytes above ASCII are letters where letters belong"
    };
    let doubt = (fit.len() > 1).then_some(Doubt::Candidates(fit));
    Found::Is { codec: best.codec, bom: 0, why: why.to_owned(), doubt }
}

/// The text in one encoding.
struct Reading {
    codec: Codec,
    score: f64,
    multi: bool,
    /// Its characters above ASCII.
    characters: Vec<char>,
}

impl Reading {
    /// Whether the lead over another reading is too small for the characters that speak for it.
    fn is_close(&self, rival: &Reading) -> bool {
        let lead = self.score - rival.score;
        let total = self.characters.len().max(1) as f64;
        if self.multi || rival.multi || self.characters.len() != rival.characters.len() {
            return lead < CLEAR_LEAD + 1.0 / total;
        }
        // Only characters that the two read differently decide.
        let differing = self.characters.iter().zip(&rival.characters).filter(|(a, b)| a != b).count().max(1) as f64;
        lead * total / differing < CLEAR_LEAD + 0.7 / differing
    }
}

fn characters(codec: Codec, text: &[u8]) -> Vec<char> {
    let mut out = Vec::new();
    codec.decode(text, &mut out);
    String::from_utf8_lossy(&out).chars().filter(|c| !c.is_ascii()).collect()
}

/// Encodings with one byte a character that are looked for; of equals the first wins.
const SINGLE_BYTE: &[&str] = &[
    "windows-1252",
    "macintosh",
    "ibm850",
    "ibm437",
    "windows-1250",
    "iso-8859-2",
    "windows-1251",
    "koi8-r",
    "ibm866",
    "iso-8859-5",
    "windows-1253",
    "windows-1254",
    "windows-1257",
];
