//! The grammar of a record: where it ends, whether its quotes are whole, and its cells.
//!
//! It is the grammar of the `csv` crate (a test holds the two together), with what that crate does in silence named as
//! a flaw: text after a closing quote, and a quote that is never closed.

use super::rows::Span;
use crate::domain::dialect::{Dialect, Escape};
use memchr::{memchr, memchr_iter, memchr2, memchr3};

/// A cell may hold this many line breaks (field rules, Rows and bytes).
pub const MAX_LINE_BREAKS: u32 = 1_000;

/// What cuts text into records and cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grammar {
    pub delimiter: u8,
    pub quote: Option<u8>,
    pub escape: Escape,
    pub spaces_around_quotes: bool,
}

impl From<&Dialect> for Grammar {
    fn from(dialect: &Dialect) -> Grammar {
        Grammar {
            delimiter: dialect.delimiter,
            quote: dialect.quote,
            escape: dialect.escape,
            spaces_around_quotes: dialect.spaces_around_quotes,
        }
    }
}

/// What is wrong with the quotes of a record, and where: the byte of the text and the line breaks before it, both
/// counted from the record's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuoteFlaw {
    pub kind: QuoteFlawKind,
    pub at: usize,
    pub breaks_before: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuoteFlawKind {
    /// Something else than a delimiter or a line end follows the closing quote.
    TextAfterQuote,
    /// The cell opened here holds more than [`MAX_LINE_BREAKS`] line breaks.
    TooManyBreaks,
}

/// A record that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Bytes before its line end.
    pub end: usize,
    /// Bytes with its line end.
    pub next: usize,
    pub cells: u32,
    /// Line breaks inside quotes.
    pub breaks: u32,
    pub flaw: Option<QuoteFlaw>,
}

/// A record that [`Grammar::read_plain`] read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plain {
    /// Bytes before its line end.
    pub end: usize,
    /// Bytes with its line end.
    pub next: usize,
    /// Line breaks inside quotes: 0 or 1.
    pub breaks: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scan {
    /// The text ends before the record does.
    More,
    Record(Extent),
    /// The quote at this byte is still open at the end of the file, or after too many line breaks.
    Open {
        at: usize,
        breaks_before: u32,
        at_end_of_file: bool,
    },
}

/// Line breaks in a piece of text: CR, LF or CR LF, each once. A CR at its very end counts.
pub fn count_breaks(text: &[u8]) -> u32 {
    let feeds = memchr_iter(b'\n', text).count();
    let lone = memchr_iter(b'\r', text).filter(|&at| text.get(at + 1) != Some(&b'\n')).count();
    (feeds + lone) as u32
}

/// The end of the line that begins at `from`: before and after its line break. None when more text is needed.
pub fn line_end(text: &[u8], from: usize, whole: bool) -> Option<(usize, usize)> {
    match memchr2(b'\n', b'\r', &text[from..]) {
        Some(at) => {
            let at = from + at;
            if text[at] == b'\n' {
                Some((at, at + 1))
            } else if at + 1 < text.len() {
                Some((at, if text[at + 1] == b'\n' { at + 2 } else { at + 1 }))
            } else {
                whole.then_some((at, at + 1))
            }
        }
        None => whole.then_some((text.len(), text.len())),
    }
}

impl Grammar {
    /// Finds the end of the record that `text` begins with. `whole`: the file ends where the text does.
    /// With `limit_breaks` a quote is given up as open after [`MAX_LINE_BREAKS`]; without, only at the end of the file.
    pub fn scan(&self, text: &[u8], whole: bool, limit_breaks: bool) -> Scan {
        let mut at = 0;
        let mut cells = 1;
        let mut breaks = 0;
        let mut flaw = None;
        loop {
            // At the start of a cell.
            let mut open = at;
            if self.spaces_around_quotes {
                open += self.blanks(&text[at..]);
            }
            if open >= text.len() && !whole {
                return Scan::More;
            }
            if self.quote.is_some() && text.get(open).copied() == self.quote {
                let before = breaks;
                let Some(close) = self.closing_quote(text, open + 1) else {
                    breaks += count_breaks(&text[open + 1..]);
                    if whole || limit_breaks && breaks - before > MAX_LINE_BREAKS {
                        let too_many = breaks - before > MAX_LINE_BREAKS;
                        return Scan::Open { at: open, breaks_before: before, at_end_of_file: !too_many };
                    }
                    return Scan::More;
                };
                if close + 1 >= text.len() && !whole {
                    return Scan::More;
                }
                breaks += count_breaks(&text[open + 1..close]);
                if breaks - before > MAX_LINE_BREAKS {
                    if limit_breaks {
                        return Scan::Open { at: open, breaks_before: before, at_end_of_file: false };
                    }
                    let many = QuoteFlaw { kind: QuoteFlawKind::TooManyBreaks, at: open, breaks_before: before };
                    flaw = flaw.or(Some(many));
                }
                let after = close + 1 + self.blanks(&text[close + 1..]);
                match text.get(after) {
                    None if !whole => return Scan::More,
                    None | Some(b'\n' | b'\r') => {}
                    Some(&byte) if byte == self.delimiter => {}
                    Some(_) => {
                        let text_after =
                            QuoteFlaw { kind: QuoteFlawKind::TextAfterQuote, at: after, breaks_before: breaks };
                        flaw = flaw.or(Some(text_after));
                    }
                }
                at = after;
            }
            let Some(stop) = memchr3(self.delimiter, b'\n', b'\r', &text[at..]) else {
                if !whole {
                    return Scan::More;
                }
                return Scan::Record(Extent { end: text.len(), next: text.len(), cells, breaks, flaw });
            };
            let stop = at + stop;
            if text[stop] == self.delimiter {
                cells += 1;
                at = stop + 1;
                continue;
            }
            return match line_end(text, stop, whole) {
                Some((end, next)) => Scan::Record(Extent { end, next, cells, breaks, flaw }),
                None => Scan::More,
            };
        }
    }

    /// Reads the record that `text` begins with in one pass, and appends where its cells lie in it, counted from `base`.
    ///
    /// None where [`Grammar::scan`] and [`Grammar::split`] have to judge: its end is not in sight, it is blank, a quote
    /// is doubled, escaped or has something else around it than delimiters, or more than one line break lies in quotes.
    /// Some of its cells may have been appended then. What this reads, those two read in the same way.
    pub(super) fn read_plain(&self, text: &[u8], base: u32, cells: &mut Vec<Span>) -> Option<Plain> {
        if self.may_begin_blank(*text.first()?) && self.is_blank(&text[..line_end(text, 0, false)?.0]) {
            return None;
        }
        let (mut at, mut breaks) = (0, 0);
        let stop = loop {
            let first = *text.get(at)?;
            let (start, end, stop) = if Some(first) == self.quote {
                let close = self.plain_quote(text, at + 1, &mut breaks)?;
                (at + 1, close, close + 1)
            } else if first == self.delimiter {
                (at, at, at)
            } else if self.spaces_around_quotes && matches!(first, b' ' | b'\t') {
                return None;
            } else {
                let stop = at + memchr3(self.delimiter, b'\n', b'\r', &text[at..])?;
                (at, stop, stop)
            };
            cells.push(Span { start: base + start as u32, end: base + end as u32 });
            match *text.get(stop)? {
                byte if byte == self.delimiter => at = stop + 1,
                b'\n' | b'\r' => break stop,
                _ => return None,
            }
        };
        let (end, next) = line_end(text, stop, false)?;
        Some(Plain { end, next, breaks })
    }

    /// The quote that closes a cell without quotes in it, of a record with at most one line break in quotes.
    fn plain_quote(&self, text: &[u8], from: usize, breaks: &mut u32) -> Option<usize> {
        let quote = self.quote.filter(|_| self.escape == Escape::Doubled)?;
        let mut at = from;
        loop {
            at += memchr3(quote, b'\n', b'\r', &text[at..])?;
            if text[at] == quote {
                return Some(at);
            }
            (_, at) = line_end(text, at, false)?;
            *breaks += 1;
            if *breaks > 1 {
                return None;
            }
        }
    }

    /// Whether a blank line can begin with this byte.
    fn may_begin_blank(&self, byte: u8) -> bool {
        byte == self.delimiter || byte <= b' '
    }

    /// The quote that closes the cell whose content begins at `from`.
    fn closing_quote(&self, text: &[u8], from: usize) -> Option<usize> {
        let quote = self.quote?;
        let mut at = from;
        loop {
            let found = match self.escape {
                Escape::Doubled => memchr(quote, &text[at..])?,
                Escape::Backslash => memchr2(quote, b'\\', &text[at..])?,
            };
            let found = at + found;
            if text[found] != quote || text.get(found + 1) == Some(&quote) {
                at = found + 2;
                if at > text.len() {
                    return None;
                }
            } else {
                return Some(found);
            }
        }
    }

    /// Spaces and tabs at the start, the delimiter excepted.
    fn blanks(&self, text: &[u8]) -> usize {
        text.iter().take_while(|&&b| (b == b' ' || b == b'\t') && b != self.delimiter).count()
    }

    /// Appends the cells of one record to `out`, each followed in `ends` by its end there; one byte lies between two
    /// cells. Flawed quotes are read as the csv crate reads them.
    pub fn split(&self, record: &str, out: &mut String, ends: &mut Vec<u32>) {
        let bytes = record.as_bytes();
        let delimiter = char::from(self.delimiter);
        if self.quote.is_none_or(|quote| memchr(quote, bytes).is_none()) {
            let base = out.len();
            out.push_str(record);
            ends.extend(memchr_iter(self.delimiter, bytes).map(|at| (base + at) as u32));
            ends.push(out.len() as u32);
            return;
        }
        let mut at = 0;
        loop {
            let open = if self.spaces_around_quotes { at + self.blanks(&bytes[at..]) } else { at };
            if bytes.get(open).copied() == self.quote {
                let close = self.closing_quote(bytes, open + 1).unwrap_or(bytes.len());
                self.unescape(&record[open + 1..close], out);
                at = (close + 1).min(bytes.len());
                let blanks = self.blanks(&bytes[at..]);
                if bytes.get(at + blanks).is_none_or(|&b| b == self.delimiter) {
                    at += blanks;
                }
            }
            let stop = memchr(self.delimiter, &bytes[at..]).map(|found| at + found);
            out.push_str(&record[at..stop.unwrap_or(bytes.len())]);
            ends.push(out.len() as u32);
            let Some(stop) = stop else { return };
            out.push(delimiter);
            at = stop + 1;
        }
    }

    /// Appends the content of a quoted cell.
    fn unescape(&self, content: &str, out: &mut String) {
        let Some(quote) = self.quote else { return out.push_str(content) };
        let bytes = content.as_bytes();
        let mut at = 0;
        loop {
            let found = match self.escape {
                Escape::Doubled => memchr(quote, &bytes[at..]),
                Escape::Backslash => memchr2(quote, b'\\', &bytes[at..]),
            };
            let Some(found) = found.map(|found| at + found) else { return out.push_str(&content[at..]) };
            out.push_str(&content[at..found]);
            match bytes.get(found + 1) {
                Some(&next) if next == quote || next == b'\\' && bytes[found] == b'\\' => {
                    out.push(char::from(next));
                    at = found + 2;
                }
                // A backslash before anything else is an ordinary character: C:\Users.
                _ => {
                    out.push(char::from(bytes[found]));
                    at = found + 1;
                }
            }
        }
    }

    /// Whether a line holds nothing but delimiters, white space and padding.
    pub fn is_blank(&self, line: &[u8]) -> bool {
        line.iter().all(|&b| b == self.delimiter || matches!(b, b' ' | b'\t' | 0x0B | 0x0C | 0 | 0x1A))
    }

    /// Whether a line is by itself a record of this many cells (or more, if those are empty), its quotes whole.
    pub fn is_clean(&self, line: &[u8], cells: usize) -> bool {
        if self.is_blank(line) {
            return false;
        }
        if let Some(quote) = self.quote
            && memchr(quote, line).is_some()
        {
            let Scan::Record(extent) = self.scan(line, true, true) else { return false };
            // A quote in the middle of an unquoted cell is legal, but no sign of a record's start.
            let opens = line[0] == quote || line.windows(2).any(|pair| pair == [self.delimiter, quote]);
            return extent.flaw.is_none() && opens && extent.cells as usize == cells;
        }
        let found = memchr_iter(self.delimiter, line).count() + 1;
        found == cells || found > cells && line.ends_with(&vec![self.delimiter; found - cells])
    }
}

#[cfg(test)]
#[path = "grammar_tests.rs"]
mod tests;
