//! Which encoding a delivery is in, told by its bytes.
//!
//! In this order: byte order mark, the NULs of UTF-16, the escapes of ISO-2022, UTF-8 over all samples, then what
//! scores best as text among the older encodings. chardetng leads there, but knows neither Mac Roman nor the DOS code
//! pages and is unsure of short text, so every candidate's letters are judged here too.

use super::plausible::{multi_byte_score, single_byte_score};
use crate::engine::decode::Codec;
use crate::engine::unpack::{NulSide, nul_side};

/// Text that is judged for older encodings.
const JUDGED_BYTES: usize = 64 << 10;
/// Below this lead over the next candidate the choice is called uncertain.
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
    let mut scores: Vec<(Codec, f64)> = multi
        .into_iter()
        .filter_map(|encoding| {
            let score = multi_byte_score(encoding, text)?;
            let codec = Codec::from_standard(encoding);
            Some((codec, score + if codec == guess { 0.02 } else { 0.0 }))
        })
        .filter(|&(_, score)| score >= COMMON_SHARE)
        .collect();
    let what = if scores.is_empty() {
        scores = SINGLE_BYTE
            .iter()
            .filter_map(|label| Codec::of(label))
            .chain([guess])
            .map(|codec| (codec, single_byte_score(codec, text) + if codec == guess { 0.06 } else { 0.0 }))
            .collect();
        "read so, the bytes above ASCII are letters where letters belong"
    } else {
        "read so, nearly all characters are common ones"
    };
    // Stable: of equals the one named first.
    scores.sort_by(|a, b| b.1.total_cmp(&a.1));
    scores.dedup_by_key(|(codec, _)| *codec);
    let Some(&(codec, best)) = scores.first() else {
        return Found::Unreadable { name: "unknown" };
    };
    let reads = |codec: Codec| {
        let mut out = Vec::new();
        codec.decode(text, &mut out);
        out
    };
    let chosen = reads(codec);
    // Where several read the same, the one that is named first is the usual one.
    let codec =
        SINGLE_BYTE.iter().filter_map(|label| Codec::of(label)).find(|&usual| reads(usual) == chosen).unwrap_or(codec);
    let rivals: Vec<String> = scores[1..]
        .iter()
        .filter(|&&(rival, score)| best - score < CLEAR_LEAD && reads(rival) != chosen)
        .map(|(rival, _)| rival.encoding().name().to_owned())
        .collect();
    let doubt = (!rivals.is_empty()).then(|| {
        let mut all = vec![codec.encoding().name().to_owned()];
        all.extend(rivals.into_iter().take(3));
        Doubt::Candidates(all)
    });
    Found::Is { codec, bom: 0, why: what.to_owned(), doubt }
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
