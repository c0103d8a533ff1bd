//! The model of what the terminal shows, and the bytes that turn it into what is wanted.
//!
//! Sent are only sequences that are safe everywhere: CUP, CUF, CUB, BS, CR, LF, scroll regions with LF or `ESC M` at
//! their margin, SGR. No erasing but once at the start, no repetition, no absolute columns.
use super::glyph::{Glyph, Look, Symbol};
use super::pen;
use super::scroll::{self, Band, Direction};
use ratatui::style::Color;

#[derive(Clone)]
pub struct Screen {
    width: usize,
    height: usize,
    cells: Vec<Glyph>,
    pen: Look,
    /// Column and row of the cursor. A column of `width` is the last one with the wrap still to come; none: not known.
    at: Option<(usize, usize)>,
}

/// So many scrolled bands are looked for in a frame.
const MOST_BANDS: usize = 3;
/// Frames of fewer bytes are not searched for what has moved.
const WORTH_A_SEARCH: usize = 40;

impl Screen {
    /// Appends what clears the terminal, whatever it showed; now what it shows is known.
    pub fn cleared(width: u16, height: u16, out: &mut Vec<u8>) -> Screen {
        out.extend_from_slice(b"\x1b[r\x1b[m\x1b[H\x1b[2J");
        let (width, height) = (usize::from(width), usize::from(height));
        Screen { width, height, cells: vec![Glyph::BLANK; width * height], pen: Look::PLAIN, at: Some((0, 0)) }
    }

    pub fn has_size(&self, width: u16, height: u16) -> bool {
        (self.width, self.height) == (usize::from(width), usize::from(height))
    }

    /// Appends what turns the screen into the wanted cells, as many as it has.
    pub fn show(&mut self, wanted: &[Glyph], out: &mut Vec<u8>) {
        let mut unmoved = self.clone();
        let mut bytes = Vec::new();
        unmoved.write_changes(wanted, &mut bytes);
        if bytes.len() > WORTH_A_SEARCH
            && let Some((moved, fewer)) = self.moved(wanted)
            && fewer.len() < bytes.len()
        {
            (unmoved, bytes) = (moved, fewer);
        }
        *self = unmoved;
        out.extend_from_slice(&bytes);
    }

    /// The same by moving bands of rows first; none where no band has moved.
    fn moved(&self, wanted: &[Glyph]) -> Option<(Screen, Vec<u8>)> {
        let mut moved = self.clone();
        let mut bytes = Vec::new();
        for _ in 0..MOST_BANDS {
            match scroll::best_band(&moved.cells, wanted, self.width) {
                Some(band) => moved.scroll(band, &mut bytes),
                None => break,
            }
        }
        if bytes.is_empty() {
            return None;
        }
        moved.write_changes(wanted, &mut bytes);
        Some((moved, bytes))
    }

    fn scroll(&mut self, band: Band, out: &mut Vec<u8>) {
        // A terminal may fill the new lines with the background that it draws with.
        if self.pen.bg != Color::Reset || !self.pen.is_bare() {
            self.draw_with(Look::PLAIN, out);
        }
        let whole = band.top == 0 && band.bottom + 1 == self.height;
        if !whole {
            out.extend_from_slice(region(band, self.height).as_bytes());
        }
        let (row, line): (usize, &[u8]) = match band.direction {
            Direction::Up => (band.bottom, b"\n"),
            Direction::Down => (band.top, b"\x1bM"),
        };
        out.extend_from_slice(position(0, row).as_bytes());
        (0..band.lines).for_each(|_| out.extend_from_slice(line));
        self.at = Some((0, row));
        if !whole {
            // Terminals differ in where this leaves the cursor.
            out.extend_from_slice(b"\x1b[r");
            self.at = None;
        }
        let rows = &mut self.cells[band.top * self.width..(band.bottom + 1) * self.width];
        let moved = band.lines * self.width;
        let kept = rows.len() - moved;
        match band.direction {
            Direction::Up => {
                rows.rotate_left(moved);
                rows[kept..].fill(Glyph::BLANK);
            }
            Direction::Down => {
                rows.rotate_right(moved);
                rows[..moved].fill(Glyph::BLANK);
            }
        }
    }

    fn write_changes(&mut self, wanted: &[Glyph], out: &mut Vec<u8>) {
        for y in 0..self.height {
            let row = &wanted[y * self.width..(y + 1) * self.width];
            let mut x = 0;
            while x < row.len() {
                let columns = 1 + row[x + 1..].iter().take_while(|glyph| **glyph == Glyph::Tail).count();
                let place = y * self.width + x;
                if self.cells[place..place + columns] != row[x..x + columns]
                    && let Glyph::Symbol(symbol, look) = &row[x]
                {
                    self.put((x, y), symbol, *look, columns, out);
                    self.cells[place..place + columns].clone_from_slice(&row[x..x + columns]);
                }
                x += columns;
            }
        }
    }

    /// Writes one symbol. Row by row from left to right, so that what is left of it is as wanted.
    fn put(&mut self, (x, y): (usize, usize), symbol: &Symbol, look: Look, columns: usize, out: &mut Vec<u8>) {
        self.move_to(x, y, out);
        if *symbol == Symbol::Char(' ') && look.is_bare() {
            self.draw_spaces_on(look.bg, out);
        } else {
            self.draw_with(look, out);
        }
        let agreed = symbol.is_agreed();
        let blank = Glyph::Symbol(Symbol::Char(' '), Look { bg: look.bg, ..Look::PLAIN });
        let place = y * self.width + x;
        if !agreed && columns > 1 && self.cells[place..place + columns].iter().any(|shown| *shown != blank) {
            // Where a terminal draws it narrower, nothing old is to be left beside it.
            out.extend(std::iter::repeat_n(b' ', columns));
            self.at = Some((x + columns, y));
            self.move_to(x, y, out);
        }
        symbol.write(out);
        self.at = agreed.then_some((x + columns, y));
        // Where a terminal draws it wider, it covers what follows.
        if !agreed {
            let end = self.width.min(x + usize::from(symbol.widest())).max(x + columns);
            self.cells[place + columns..y * self.width + end].fill(Glyph::Unknown);
        }
    }

    fn draw_with(&mut self, look: Look, out: &mut Vec<u8>) {
        pen::change(Some(self.pen), look, out);
        self.pen = look;
    }

    /// Spaces show their background only: the rest stays as it is where that is shorter.
    fn draw_spaces_on(&mut self, bg: Color, out: &mut Vec<u8>) {
        let kept = Look { bg, ..self.pen }.bared();
        let reset = Look { bg, ..Look::PLAIN };
        let (mut keeping, mut resetting) = (Vec::new(), Vec::new());
        pen::change(Some(self.pen), kept, &mut keeping);
        pen::change(Some(self.pen), reset, &mut resetting);
        let (look, bytes) = if keeping.len() <= resetting.len() { (kept, keeping) } else { (reset, resetting) };
        self.pen = look;
        out.extend_from_slice(&bytes);
    }

    /// Brings the cursor here, in the fewest bytes that are sure to.
    pub fn move_to(&mut self, x: usize, y: usize, out: &mut Vec<u8>) {
        if self.at == Some((x, y)) {
            return;
        }
        let mut shortest = position(x, y).into_bytes();
        if let Some((from, row)) = self.at {
            let lines: &[u8] = if y >= row { b"\n" } else { b"\x1bM" };
            let distance = y.abs_diff(row);
            for start in [Some(from).filter(|from| *from < self.width), Some(0)].into_iter().flatten() {
                let mut way = if start == from { Vec::new() } else { vec![b'\r'] };
                if distance * lines.len() > shortest.len() {
                    continue;
                }
                (0..distance).for_each(|_| way.extend_from_slice(lines));
                self.along(start, x, y, &mut way);
                if way.len() < shortest.len() {
                    shortest = way;
                }
            }
        }
        out.extend_from_slice(&shortest);
        self.at = Some((x, y));
    }

    /// From a column to another of the same row: by moving, or by writing once more what is there.
    fn along(&self, from: usize, to: usize, y: usize, way: &mut Vec<u8>) {
        if to < from {
            match from - to {
                steps @ 1..=3 => way.extend(std::iter::repeat_n(b'\x08', steps)),
                steps => way.extend_from_slice(format!("\x1b[{steps}D").as_bytes()),
            }
        } else if to > from {
            let moving = if to - from == 1 { "\x1b[C".to_owned() } else { format!("\x1b[{}C", to - from) };
            match self.written(&self.cells[y * self.width + from..y * self.width + to], moving.len()) {
                Some(text) => way.extend_from_slice(&text),
                None => way.extend_from_slice(moving.as_bytes()),
            }
        }
    }

    /// These cells as text, where they can be written with the pen as it is in fewer bytes than this.
    fn written(&self, cells: &[Glyph], limit: usize) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        for glyph in cells {
            match glyph {
                Glyph::Symbol(symbol, look) if symbol.is_agreed() && self.pen_suits(symbol, *look) => {
                    symbol.write(&mut text);
                }
                Glyph::Tail if !text.is_empty() => {}
                _ => return None,
            }
            if text.len() >= limit {
                return None;
            }
        }
        Some(text)
    }

    fn pen_suits(&self, symbol: &Symbol, look: Look) -> bool {
        if *symbol == Symbol::Char(' ') && look.is_bare() {
            self.pen.bg == look.bg && self.pen.is_bare()
        } else {
            self.pen == look
        }
    }
}

/// CUP, without what can be left out.
fn position(x: usize, y: usize) -> String {
    match (x, y) {
        (0, 0) => "\x1b[H".to_owned(),
        (0, y) => format!("\x1b[{}H", y + 1),
        (x, y) => format!("\x1b[{};{}H", y + 1, x + 1),
    }
}

/// DECSTBM, likewise.
fn region(band: Band, height: usize) -> String {
    if band.bottom + 1 == height {
        format!("\x1b[{}r", band.top + 1)
    } else {
        format!("\x1b[{};{}r", band.top + 1, band.bottom + 1)
    }
}
