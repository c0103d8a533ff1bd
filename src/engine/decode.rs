//! From the bytes of a delivery to UTF-8, a line at a time, so that every line's place in the delivery stays known.

use super::code_pages::{IBM437, IBM850};
use crate::domain::dialect::Encoding;

/// An encoding that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Bytes are taken as they are and checked record by record.
    Utf8,
    Utf16Le,
    Utf16Be,
    /// Any other encoding of the WHATWG standard.
    Standard(&'static encoding_rs::Encoding),
    /// A DOS code page: the upper 128 characters.
    CodePage(&'static [char; 128], &'static str),
}

impl Codec {
    /// The codec of an encoding's name, or of any label of the WHATWG standard (`latin1`, `sjis`, `mac`, …), `cp850`
    /// or `cp437`; none where it cannot be read.
    pub fn of(label: &str) -> Option<Codec> {
        let folded: String =
            label.trim().to_ascii_lowercase().chars().filter(|c| !matches!(c, '-' | '_' | ' ')).collect();
        let dos = |number: &str| {
            ["cp", "ibm", "dos", "oem", "pc"].iter().any(|prefix| folded.strip_prefix(prefix) == Some(number))
        };
        if dos("850") {
            return Some(Codec::CodePage(&IBM850, "IBM850"));
        }
        if dos("437") {
            return Some(Codec::CodePage(&IBM437, "IBM437"));
        }
        let other = match folded.as_str() {
            "utf8bom" | "utf8sig" => "utf-8",
            "utf16" | "ucs2" => "utf-16le",
            "macroman" | "macosroman" | "xmacroman" => "macintosh",
            "cp936" => "gbk",
            "cp949" | "uhc" => "euc-kr",
            "cp932" => "shift_jis",
            "cp950" => "big5",
            "latin2" => "iso-8859-2",
            "latin9" => "iso-8859-15",
            _ => label,
        };
        let windows = folded.strip_prefix("cp").or_else(|| folded.strip_prefix("win")).unwrap_or("");
        let standard = encoding_rs::Encoding::for_label_no_replacement(other.as_bytes())
            .or_else(|| encoding_rs::Encoding::for_label_no_replacement(format!("windows-{windows}").as_bytes()))?;
        Some(Codec::from_standard(standard))
    }

    /// The codec of an encoding that encoding_rs names.
    pub fn from_standard(encoding: &'static encoding_rs::Encoding) -> Codec {
        if encoding == encoding_rs::UTF_8 {
            Codec::Utf8
        } else if encoding == encoding_rs::UTF_16LE {
            Codec::Utf16Le
        } else if encoding == encoding_rs::UTF_16BE {
            Codec::Utf16Be
        } else {
            Codec::Standard(encoding)
        }
    }

    /// The name to show and to store.
    pub fn encoding(self) -> Encoding {
        Encoding::named(match self {
            Codec::Utf8 => "UTF-8",
            Codec::Utf16Le => "UTF-16LE",
            Codec::Utf16Be => "UTF-16BE",
            Codec::Standard(encoding) => encoding.name(),
            Codec::CodePage(_, name) => name,
        })
    }

    /// Bytes of one unit: line ends are looked for in units.
    pub fn unit(self) -> usize {
        match self {
            Codec::Utf16Le | Codec::Utf16Be => 2,
            _ => 1,
        }
    }

    /// Just after the last line end of `raw`, or none. In every encoding that can be read the bytes of CR and LF are
    /// never part of another character.
    pub fn last_line_end(self, raw: &[u8]) -> Option<usize> {
        match self {
            Codec::Utf16Le => last_wide(raw, |pair| pair[1] == 0 && is_break(pair[0])),
            Codec::Utf16Be => last_wide(raw, |pair| pair[0] == 0 && is_break(pair[1])),
            _ => memchr::memrchr2(b'\n', b'\r', raw).map(|at| at + 1),
        }
    }

    /// Just after the first line end of `raw` at or after `from`, or none. CR LF is two ends here: the second line is
    /// then empty but for its LF.
    pub fn next_line_end(self, raw: &[u8], from: usize) -> Option<usize> {
        match self {
            Codec::Utf16Le => next_wide(raw, from, |pair| pair[1] == 0 && is_break(pair[0])),
            Codec::Utf16Be => next_wide(raw, from, |pair| pair[0] == 0 && is_break(pair[1])),
            _ => memchr::memchr2(b'\n', b'\r', &raw[from..]).map(|at| from + at + 1),
        }
    }

    /// Whether this ASCII character stands at `at`.
    pub fn is_at(self, raw: &[u8], at: usize, ascii: u8) -> bool {
        match self {
            Codec::Utf16Le => raw.get(at..at + 2) == Some(&[ascii, 0]),
            Codec::Utf16Be => raw.get(at..at + 2) == Some(&[0, ascii]),
            _ => raw.get(at) == Some(&ascii),
        }
    }

    /// Appends the text of `raw`, which ends at a line end or at the end of the file. Gives the place in `raw` of the
    /// first byte that is no text; it and its like are replaced by U+FFFD.
    pub fn decode(self, raw: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        match self {
            Codec::Utf8 => {
                out.extend_from_slice(raw);
                None
            }
            Codec::CodePage(upper, _) => {
                let mut utf8 = [0; 4];
                for &byte in raw {
                    if byte < 0x80 {
                        out.push(byte);
                    } else {
                        out.extend_from_slice(upper[usize::from(byte) - 0x80].encode_utf8(&mut utf8).as_bytes());
                    }
                }
                None
            }
            Codec::Utf16Le => decode_standard(encoding_rs::UTF_16LE, raw, out),
            Codec::Utf16Be => decode_standard(encoding_rs::UTF_16BE, raw, out),
            Codec::Standard(encoding) => {
                if raw.is_ascii() && encoding.is_ascii_compatible() {
                    out.extend_from_slice(raw);
                    return None;
                }
                decode_standard(encoding, raw, out)
            }
        }
    }

    /// How many bytes of the delivery this piece of a line takes. Exact, but for escape sequences of ISO-2022-JP.
    pub fn raw_len(self, text: &str) -> u64 {
        (match self {
            Codec::Utf8 => text.len(),
            Codec::Utf16Le | Codec::Utf16Be => text.encode_utf16().count() * 2,
            Codec::CodePage(..) => text.chars().count(),
            Codec::Standard(encoding) if encoding.is_single_byte() => text.chars().count(),
            Codec::Standard(encoding) => encoding.encode(text).0.len(),
        }) as u64
    }
}

fn is_break(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

fn last_wide(raw: &[u8], is_end: impl Fn(&[u8]) -> bool) -> Option<usize> {
    let pairs = raw.len() / 2;
    raw[..pairs * 2].chunks_exact(2).rposition(is_end).map(|pair| pair * 2 + 2)
}

fn next_wide(raw: &[u8], from: usize, is_end: impl Fn(&[u8]) -> bool) -> Option<usize> {
    raw[from..].chunks_exact(2).position(is_end).map(|pair| from + pair * 2 + 2)
}

fn decode_standard(encoding: &'static encoding_rs::Encoding, raw: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut read = 0;
    let mut bad = None;
    loop {
        let need = decoder.max_utf8_buffer_length_without_replacement(raw.len() - read).unwrap_or(raw.len() * 4 + 16);
        let from = out.len();
        out.resize(from + need, 0);
        let (result, consumed, written) =
            decoder.decode_to_utf8_without_replacement(&raw[read..], &mut out[from..], true);
        out.truncate(from + written);
        read += consumed;
        match result {
            encoding_rs::DecoderResult::InputEmpty => return bad,
            encoding_rs::DecoderResult::OutputFull => {}
            encoding_rs::DecoderResult::Malformed(length, after) => {
                bad = bad.or(Some(read.saturating_sub(usize::from(length) + usize::from(after))));
                out.extend_from_slice("\u{fffd}".as_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_people_use_name_the_encoding_they_mean() {
        let cases = [
            ("utf-8", "UTF-8"),
            ("UTF8", "UTF-8"),
            ("latin1", "windows-1252"),
            ("iso-8859-1", "windows-1252"),
            ("cp1252", "windows-1252"),
            ("cp850", "IBM850"),
            ("IBM850", "IBM850"),
            ("CP-437", "IBM437"),
            ("mac-roman", "macintosh"),
            ("macintosh", "macintosh"),
            ("sjis", "Shift_JIS"),
            ("cp932", "Shift_JIS"),
            ("utf-16", "UTF-16LE"),
            ("utf-16be", "UTF-16BE"),
            ("iso-2022-jp", "ISO-2022-JP"),
            ("gb18030", "gb18030"),
            ("koi8-r", "KOI8-R"),
        ];
        for (label, name) in cases {
            assert_eq!(
                Codec::of(label).map(|codec| codec.encoding().name().to_owned()).as_deref(),
                Some(name),
                "{label}"
            );
        }
        assert_eq!(Codec::of("klingon"), None);
    }

    #[test]
    fn the_first_byte_that_is_no_text_is_found() {
        let cases: &[(&str, &[u8], Option<usize>)] = &[
            ("shift_jis", b"ab\x82\xa0", None),
            ("shift_jis", b"ab\x82\xff\n", Some(2)),
            ("utf-16le", b"a\0\x00\xd8b\0", Some(2)),
            ("cp850", b"\x81", None),
        ];
        for (label, raw, bad) in cases {
            let mut out = Vec::new();
            assert_eq!(Codec::of(label).unwrap().decode(raw, &mut out), *bad, "{label} {raw:?}");
            assert!(std::str::from_utf8(&out).is_ok());
        }
    }
}
