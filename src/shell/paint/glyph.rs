//! What one cell of the screen holds, and which text terminals agree about.
use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthChar;

/// One cell of the terminal, as the painter knows it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Glyph {
    /// What stands there is not known: it differs from everything wanted.
    Unknown,
    /// A symbol begins here.
    Symbol(Symbol, Look),
    /// Covered by the wide symbol to the left.
    Tail,
}

/// What is sent for a cell: mostly one character.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Symbol {
    Char(char),
    /// A character with what combines with it.
    Cluster(Box<str>),
}

/// Colours and attributes of a cell.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Look {
    pub fg: Color,
    pub bg: Color,
    pub modifier: Modifier,
}

/// What can be seen of a space: nothing of its colour, weight or slant.
const SEEN_ON_A_SPACE: Modifier = Modifier::REVERSED.union(Modifier::UNDERLINED).union(Modifier::CROSSED_OUT);

impl Look {
    pub const PLAIN: Look = Look { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

    /// Whether a space drawn with this look shows its background and nothing else.
    pub fn is_bare(self) -> bool {
        !self.modifier.intersects(SEEN_ON_A_SPACE)
    }

    /// The same without what can be seen on a space.
    pub fn bared(self) -> Look {
        Look { modifier: self.modifier.difference(SEEN_ON_A_SPACE), ..self }
    }
}

impl Glyph {
    pub const BLANK: Glyph = Glyph::Symbol(Symbol::Char(' '), Look::PLAIN);

    /// A symbol with this look; two that look the same are equal.
    fn new(symbol: Symbol, look: Look) -> Glyph {
        if symbol == Symbol::Char(' ') && look.is_bare() {
            Glyph::Symbol(symbol, Look { bg: look.bg, ..Look::PLAIN })
        } else {
            Glyph::Symbol(symbol, look)
        }
    }
}

impl Symbol {
    fn new(text: &str) -> Symbol {
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(only), None) => Symbol::Char(only),
            _ => Symbol::Cluster(text.into()),
        }
    }

    /// Appends what is sent for it.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Symbol::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Symbol::Cluster(text) => out.extend_from_slice(text.as_bytes()),
        }
    }

    /// The bytes that are sent for it.
    pub fn len(&self) -> usize {
        match self {
            Symbol::Char(c) => c.len_utf8(),
            Symbol::Cluster(text) => text.len(),
        }
    }

    /// Whether every terminal moves its cursor as far as we think.
    pub fn is_agreed(&self) -> bool {
        match self {
            Symbol::Char(c) => is_agreed(*c),
            Symbol::Cluster(_) => false,
        }
    }

    /// The columns that a terminal takes for it which draws each character by itself: the most that it can cover.
    pub fn widest(&self) -> u16 {
        match self {
            Symbol::Char(c) => widest(*c),
            Symbol::Cluster(text) => text.chars().map(widest).fold(0, u16::saturating_add),
        }
    }
}

/// The columns of one character by itself. The selector that makes a picture of the character before it may widen it.
fn widest(c: char) -> u16 {
    match c {
        '\u{FE0F}' => 1,
        c => c.width().unwrap_or(1) as u16,
    }
}

/// Characters on whose width all terminals agree, in a locale that does not draw ambiguous characters wide (where it
/// does, lines of boxes are already apart): letters of Latin, Greek and Cyrillic, punctuation, arrows, boxes, shapes
/// that are no emoji; ideographs, kana and Hangul syllables.
fn is_agreed(c: char) -> bool {
    matches!(c,
        ' '..='~'
        | '\u{A1}'..='\u{A8}' | '\u{AA}'..='\u{AC}' | '\u{AF}'..='\u{24F}' // without ©, ® and the soft hyphen
        | '\u{386}'..='\u{482}' | '\u{48A}'..='\u{52F}'
        | '\u{1E00}'..='\u{1EFF}'
        | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{203B}' | '\u{20A0}'..='\u{20BF}'
        | '\u{2190}'..='\u{2193}'
        | '\u{2500}'..='\u{25A9}' | '\u{25AC}'..='\u{25B5}' | '\u{25B7}'..='\u{25BF}' | '\u{25C1}'..='\u{25FA}'
        | '✓' | '✗'
        | '\u{2800}'..='\u{28FF}'
        | '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{FF01}'..='\u{FF5E}')
}

/// Characters that act on a terminal, or turn the direction of the text after them. They have been shown instead
/// before a frame is drawn (`ui::text::visible`); here is the last line of defence.
fn acts_on_the_terminal(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The cells of a finished frame, row by row, as they can be sent: a symbol that is wide takes its cells with it, one
/// that does not fit into its row gives way, and nothing in it acts on the terminal.
pub fn cells(frame: &Buffer) -> Vec<Glyph> {
    let width = usize::from(frame.area.width);
    let mut cells = Vec::with_capacity(frame.content.len());
    if width == 0 {
        return cells;
    }
    for row in frame.content.chunks(width) {
        let end = cells.len() + row.len();
        let mut x = 0;
        while let Some(cell) = row.get(x) {
            let (symbol, columns) = fit(cell, row.len() - x);
            let look = Look { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
            cells.push(Glyph::new(symbol, look));
            cells.extend((1..columns).map(|_| Glyph::Tail));
            x += columns;
        }
        debug_assert_eq!(cells.len(), end);
    }
    cells
}

/// What is sent for a cell with this much room to the end of its row, and the columns that it takes.
fn fit(cell: &Cell, room: usize) -> (Symbol, usize) {
    let text = cell.symbol();
    if let [byte @ b' '..=b'~'] = text.as_bytes() {
        return (Symbol::Char(char::from(*byte)), 1);
    }
    if text.is_empty() {
        return (Symbol::Char(' '), 1);
    }
    if text.chars().any(acts_on_the_terminal) {
        return (Symbol::Char('?'), 1);
    }
    let columns = usize::from(text.cell_width());
    let symbol = Symbol::new(text);
    if columns == 0 {
        return (Symbol::Char('?'), 1);
    }
    // A terminal that takes more columns than we think would go on in the next row, or scroll at the last one.
    if columns.max(usize::from(symbol.widest())) <= room {
        return (symbol, columns);
    }
    match text.chars().next() {
        Some(first) if usize::from(widest(first)) == columns && columns <= room => (Symbol::Char(first), columns),
        _ => (Symbol::Char(' '), 1),
    }
}
