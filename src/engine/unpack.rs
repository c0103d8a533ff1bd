//! What a file is, told by its first bytes: plain text, a compressed CSV, or something that is no CSV at all.

/// How the bytes of a delivery are kept in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    Plain,
    Gzip,
    Zip,
}

/// What the first bytes say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looks {
    Like(Wrapping),
    /// Something else: what it is, and what to do about it.
    Wrong {
        what: &'static str,
        advice: &'static str,
    },
}

const EXPORT_AS_CSV: &str = "Open it and save the sheet as CSV (UTF-8)";
const EXPORT_AGAIN: &str = "Export the records as CSV and import that file";
const EXTRACT_FIRST: &str = "Extract the CSV and import that, or pack it as .csv.gz or .zip";

/// Formats with a fixed start.
const MAGIC: &[(&[u8], &str, &str)] = &[
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel workbook or another Office file (OLE)", EXPORT_AS_CSV),
    (b"%PDF-", "a PDF document", EXPORT_AGAIN),
    (b"SQLite format 3\0", "an SQLite database", EXPORT_AGAIN),
    (b"PAR1", "a Parquet file", EXPORT_AGAIN),
    (b"ARROW1", "an Arrow file", EXPORT_AGAIN),
    (b"Obj\x01", "an Avro file", EXPORT_AGAIN),
    (b"\x89PNG\r\n", "a PNG image", EXPORT_AGAIN),
    (b"\xFF\xD8\xFF", "a JPEG image", EXPORT_AGAIN),
    (b"GIF87a", "a GIF image", EXPORT_AGAIN),
    (b"GIF89a", "a GIF image", EXPORT_AGAIN),
    (b"II*\0", "a TIFF image", EXPORT_AGAIN),
    (b"{\\rtf", "an RTF document", EXPORT_AS_CSV),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", EXTRACT_FIRST),
    (b"Rar!\x1A\x07", "a RAR archive", EXTRACT_FIRST),
    (b"BZh", "a bzip2 file", EXTRACT_FIRST),
    (b"\xFD7zXZ\0", "an xz file", EXTRACT_FIRST),
    (b"\x28\xB5\x2F\xFD", "a Zstandard file", EXTRACT_FIRST),
    (b"\x7FELF", "a program", EXPORT_AGAIN),
    (b"!BDN", "an Outlook data file", "Export the contacts from Outlook as CSV"),
    (b"-----BEGIN PGP", "an encrypted (PGP) file", "Decrypt it first"),
];

/// Text formats, compared without case after white space and a byte order mark.
const TEXT_MAGIC: &[(&str, &str, &str)] = &[
    ("<!doctype html", "an HTML page", "It may be the sign-in or error page of the export: export the CSV again"),
    (
        "<html",
        "an HTML page",
        "It may be the sign-in or error page of the export, or a sheet saved as a web page: export it as CSV",
    ),
    ("<?xml", "an XML file", EXPORT_AGAIN),
    ("<?mso-application", "an Excel XML workbook", EXPORT_AS_CSV),
    ("<table", "an HTML table", EXPORT_AS_CSV),
    ("begin:vcard", "a vCard file", EXPORT_AGAIN),
    ("begin:vcalendar", "a calendar file", EXPORT_AGAIN),
];

/// Judges the first bytes of a file, or of what was unpacked from it.
pub fn looks(head: &[u8]) -> Looks {
    if head.starts_with(b"\x1F\x8B") {
        return Looks::Like(Wrapping::Gzip);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") || head.starts_with(b"PK\x07\x08") {
        return Looks::Like(Wrapping::Zip);
    }
    for &(magic, what, advice) in MAGIC {
        // "BZh" is also how a text may begin; in the format a digit and a fixed number follow.
        if head.starts_with(magic) && (magic != b"BZh" || head.get(4..7) == Some(b"1AY")) {
            return Looks::Wrong { what, advice };
        }
    }
    if head.get(257..262) == Some(b"ustar") {
        return Looks::Wrong { what: "a tar archive", advice: EXTRACT_FIRST };
    }
    if head.starts_with(b"\xFF\xFE\0\0") || head.starts_with(b"\0\0\xFE\xFF") {
        return Looks::Wrong { what: "UTF-32 text", advice: "Save it as UTF-8 first" };
    }
    looks_of_text(head)
}

fn looks_of_text(head: &[u8]) -> Looks {
    let start = text_start(head);
    for &(magic, what, advice) in TEXT_MAGIC {
        if start.get(..magic.len()).is_some_and(|s| s.eq_ignore_ascii_case(magic.as_bytes())) {
            return Looks::Wrong { what, advice };
        }
    }
    if is_json(&start) {
        return Looks::Wrong { what: "a JSON file", advice: EXPORT_AGAIN };
    }
    if is_binary(head) {
        return Looks::Wrong { what: "binary data, not text", advice: EXPORT_AGAIN };
    }
    Looks::Like(Wrapping::Plain)
}

/// The first characters as ASCII, whether the text is UTF-8 or UTF-16, without white space before them.
fn text_start(head: &[u8]) -> Vec<u8> {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let bytes: Vec<u8> = if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        head[2..].iter().copied().filter(|&b| b != 0).take(4096).collect()
    } else {
        head.iter().copied().take(4096).collect()
    };
    let skip = bytes.iter().take_while(|b| b.is_ascii_whitespace()).count();
    bytes[skip..].to_vec()
}

/// An object or array that begins as JSON does. A CSV cell may begin with a brace, but not with `{"key":`.
fn is_json(start: &[u8]) -> bool {
    let mut rest = start;
    let mut opened = false;
    while let Some((&first, tail)) = rest.split_first() {
        match first {
            b'[' | b'{' => opened = true,
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'"' if opened => {
                let Some(end) = memchr::memchr(b'"', tail) else { return false };
                let after = tail[end + 1..].iter().find(|b| !b.is_ascii_whitespace());
                return after == Some(&b':') || start.first() == Some(&b'[') && matches!(after, Some(b',' | b']'));
            }
            b'}' | b']' => return opened && tail.iter().all(u8::is_ascii_whitespace),
            _ => return false,
        }
        rest = tail;
    }
    false
}

/// On which side of its pairs of bytes a text without a byte order mark has the NULs of UTF-16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NulSide {
    /// Second bytes: little endian.
    Second,
    /// First bytes: big endian.
    First,
}

/// The side of the NULs, where they look like UTF-16. Whatever the script, delimiters and line ends make some. A few in
/// what reads as UTF-8 are padding or damage: UTF-16 that reads so has ASCII or letters of one small alphabet, and then
/// many.
pub fn nul_side(head: &[u8]) -> Option<NulSide> {
    let nuls = memchr::memchr_iter(0, head).count();
    let is_utf8 = std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true);
    if is_utf8 && nuls * 20 < head.len() {
        return None;
    }
    let pairs = head.len() / 2;
    let first = head.chunks_exact(2).filter(|pair| pair[0] == 0 && pair[1] != 0).count();
    let second = head.chunks_exact(2).filter(|pair| pair[1] == 0 && pair[0] != 0).count();
    let enough = |nuls: usize, others: usize| nuls >= 2 && nuls * 50 >= pairs && others * 20 <= nuls;
    if enough(second, first) {
        Some(NulSide::Second)
    } else if enough(first, second) {
        Some(NulSide::First)
    } else {
        None
    }
}

/// More control characters than any text has. NULs do not count: they are padding.
fn is_binary(head: &[u8]) -> bool {
    // UTF-16 has any byte anywhere: its byte order mark or its NULs vouch for it.
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") || nul_side(head).is_some() {
        return false;
    }
    let control =
        |b: u8| b < 0x20 && !matches!(b, 0 | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | 0x0E | 0x0F | 0x1A..=0x1F | 0x01);
    head.iter().filter(|&&b| control(b)).count() * 50 > head.len().max(50)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_csv_is_called_by_its_name() {
        let cases: &[(&[u8], &str)] = &[
            (b"%PDF-1.7\n", "a PDF document"),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest", "an old Excel workbook or another Office file (OLE)"),
            (b"\n  <!DOCTYPE html><html>", "an HTML page"),
            (b"\xEF\xBB\xBF<html lang=en>", "an HTML page"),
            (b"<?xml version='1.0'?>", "an XML file"),
            (b"[{\"a\": 1}]", "a JSON file"),
            (b"{\n  \"contacts\": [", "a JSON file"),
            (b"[\"a\",\"b\"]", "a JSON file"),
            (b"[]", "a JSON file"),
            (b"SQLite format 3\0abc", "an SQLite database"),
            (b"PAR1xx", "a Parquet file"),
            (b"\x89PNG\r\n\x1a\n", "a PNG image"),
            (b"BEGIN:VCARD\r\nVERSION:3.0", "a vCard file"),
            (b"\xFF\xFE\0\0a\0\0\0", "UTF-32 text"),
            (b"\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10\x11", "binary data, not text"),
        ];
        for (head, expected) in cases {
            match looks(head) {
                Looks::Wrong { what, advice } => {
                    assert_eq!(what, *expected);
                    assert!(!advice.is_empty());
                }
                other => panic!("{:?} was taken for {other:?}", String::from_utf8_lossy(head)),
            }
        }
    }

    #[test]
    fn text_is_not_taken_for_something_else() {
        let cases: &[&[u8]] = &[
            b"a,b\n1,2\n",
            b"BZhang,Email\n",
            b"{name},{email}\nx,y\n",
            b"[id],[name]\n1,x\n",
            b"a,b\n1,\0\0\0\n",
            b"a\0,\0b\0\n\0",
            b"\0a\0,\0b\0\n",
            b"\x1b$B%a!<%k\x1b(B,x\n",
            b"a\x1fb\n1\x1f2\n",
        ];
        for head in cases {
            assert_eq!(looks(head), Looks::Like(Wrapping::Plain), "{:?}", String::from_utf8_lossy(head));
        }
    }
}
