//! A window of decoded text that moves over a delivery and knows where in the delivery its lines lie.

use super::decode::Codec;
use super::open::Stream;
use std::collections::VecDeque;
use std::io::{self, Read};

/// Reads begin small, so that fetching one row is cheap, and grow to this.
const CHUNK_MAX: usize = 1 << 20;
const CHUNK_MIN: usize = 32 << 10;
/// Bytes without any line end that are decoded all the same, so that memory stays bounded.
const UNDECODED_MAX: usize = 32 << 20;

/// A place in the text, counted from where the window was opened, and the same place in the delivery.
#[derive(Debug, Clone, Copy)]
struct Mark {
    text: u64,
    raw: u64,
}

pub struct Window {
    stream: Stream,
    codec: Codec,
    buf: Vec<u8>,
    /// Where the text not yet consumed begins in `buf`.
    pos: usize,
    /// Text bytes before `buf[0]`.
    dropped: u64,
    /// The delivery's byte at which the window was opened.
    opened: u64,
    chunk: usize,
    /// Everything the stream has is in `buf`.
    ended: bool,
    /// Transcoded deliveries only: bytes read and not yet decoded, line starts, and bytes that were no text.
    undecoded: Vec<u8>,
    undecoded_at: u64,
    marks: VecDeque<Mark>,
    bad: VecDeque<Mark>,
}

impl Window {
    /// A window on a stream that begins at its `opened`th byte, the start of a line.
    pub fn new(stream: Stream, codec: Codec, opened: u64) -> Window {
        Window {
            stream,
            codec,
            buf: Vec::new(),
            pos: 0,
            dropped: 0,
            opened,
            chunk: CHUNK_MIN,
            ended: false,
            undecoded: Vec::new(),
            undecoded_at: opened,
            marks: VecDeque::from([Mark { text: 0, raw: opened }]),
            bad: VecDeque::new(),
        }
    }

    /// The text not yet consumed, as far as it is here.
    pub fn text(&self) -> &[u8] {
        &self.buf[self.pos..]
    }

    /// Whether [`Window::text`] reaches to the end of the delivery.
    pub fn is_whole(&self) -> bool {
        self.ended
    }

    /// Has at least `bytes` of text here, or all there is.
    pub fn ensure(&mut self, bytes: usize) -> io::Result<()> {
        while self.buf.len() - self.pos < bytes && !self.ended {
            self.fill()?;
        }
        Ok(())
    }

    /// Gets more text.
    pub fn fill(&mut self) -> io::Result<()> {
        if self.pos > 0 {
            self.buf.drain(..self.pos);
            self.dropped += self.pos as u64;
            self.pos = 0;
        }
        // Text that is needed in one piece is fetched in pieces of its own size, so that scanning it again stays cheap.
        let chunk = self.chunk.max(self.buf.len());
        self.chunk = (self.chunk * 2).min(CHUNK_MAX);
        if self.codec == Codec::Utf8 {
            self.ended = read_more(&mut self.stream, &mut self.buf, chunk)?;
            return Ok(());
        }
        let ended = read_more(&mut self.stream, &mut self.undecoded, chunk)?;
        let cut = match self.codec.last_line_end(&self.undecoded) {
            _ if ended => self.undecoded.len(),
            Some(cut) => cut,
            None if self.undecoded.len() > UNDECODED_MAX => self.undecoded.len() / 4 * 4,
            None => 0,
        };
        let mut from = 0;
        while from < cut {
            let mut to = self.codec.next_line_end(&self.undecoded[..cut], from).unwrap_or(cut);
            // CR LF is one line end.
            let unit = self.codec.unit();
            let line = &self.undecoded[..cut];
            if self.codec.is_at(line, to - unit.min(to), b'\r') && self.codec.is_at(line, to, b'\n') {
                to += unit;
            }
            let text_start = self.buf.len();
            let bad = self.codec.decode(&self.undecoded[from..to], &mut self.buf);
            if let Some(at) = bad {
                let raw = self.undecoded_at + (from + at) as u64;
                self.bad.push_back(Mark { text: self.dropped + text_start as u64, raw });
            }
            from = to;
            let raw = self.undecoded_at + from as u64;
            self.marks.push_back(Mark { text: self.dropped + self.buf.len() as u64, raw });
        }
        self.undecoded.drain(..cut);
        self.undecoded_at += cut as u64;
        self.ended = ended;
        Ok(())
    }

    /// Lets go of text.
    pub fn consume(&mut self, bytes: usize) {
        self.pos += bytes;
        let here = self.dropped + self.pos as u64;
        // The last mark at or before this place stays.
        while self.marks.get(1).is_some_and(|mark| mark.text <= here) {
            self.marks.pop_front();
        }
        while self.bad.front().is_some_and(|mark| mark.text < here) {
            self.bad.pop_front();
        }
    }

    /// The delivery's byte for a place in [`Window::text`]. Exact at line starts, and elsewhere but for escape
    /// sequences of ISO-2022-JP.
    pub fn raw_at(&self, at: usize) -> u64 {
        let place = self.dropped + (self.pos + at) as u64;
        if self.codec == Codec::Utf8 {
            return self.opened + place;
        }
        let after = self.marks.partition_point(|mark| mark.text <= place);
        let Some(mark) = after.checked_sub(1).and_then(|i| self.marks.get(i)) else { return self.opened };
        if mark.text == place {
            return mark.raw;
        }
        let from = (mark.text.saturating_sub(self.dropped)) as usize;
        mark.raw + self.codec.raw_len(&String::from_utf8_lossy(&self.buf[from..self.pos + at]))
    }

    /// The delivery's first byte that is no text on the lines of the next `bytes` of text. Known only to transcoded
    /// deliveries; UTF-8 is checked by whoever makes text of it.
    pub fn bad_before(&self, bytes: usize) -> Option<u64> {
        let end = self.dropped + (self.pos + bytes) as u64;
        self.bad.front().filter(|mark| mark.text < end).map(|mark| mark.raw)
    }
}

/// Appends up to `want` bytes; true at the end of the stream.
fn read_more(stream: &mut Stream, buf: &mut Vec<u8>, want: usize) -> io::Result<bool> {
    let mut filled = buf.len();
    let full = filled + want;
    buf.resize(full, 0);
    while filled < full {
        match stream.read(&mut buf[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                buf.truncate(filled);
                return Err(error);
            }
        }
    }
    buf.truncate(filled);
    Ok(filled < full)
}
