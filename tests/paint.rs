//! What is sent to the terminal shows exactly what was drawn, and is short.
//!
//! A real emulator (`vt100`) is sent every frame, and compared with it cell by cell. Two things are left out: the cells
//! of a cluster whose width the emulator, which draws each character by itself, takes to be another than ratatui does
//! (families joined by ZWJ, skin tones, text selectors) — but not the cells around it; and characters beyond the
//! eighteenth byte of a cluster, which the emulator drops.

use landfall::shell::paint::Painter;
use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use std::num::NonZeroU16;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Numbers that only look random (xorshift), so that every failure can be had again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

struct Emulator {
    parser: vt100::Parser,
    painter: Painter,
}

impl Emulator {
    fn new(width: u16, height: u16) -> Emulator {
        let (rows, columns) = (size(height), size(width));
        let mut emulator = Emulator { parser: vt100::Parser::new(rows, columns, 0), painter: Painter::new() };
        emulator.litter();
        emulator
    }

    /// What somebody else has left on the terminal.
    fn litter(&mut self) {
        self.parser.process(b"\x1b[2;3r\x1b[41;7m\x1b[?25h$ old text\r\n\x1b[5;1Hmore of it");
    }

    fn resize(&mut self, width: u16, height: u16) {
        self.parser.screen_mut().set_size(size(height), size(width));
    }

    /// Sends a frame, and gives its bytes. On the way: terminals differ in what moves and writes do after the last
    /// column, and some fill the lines that scroll in with the background that they draw with.
    fn show(&mut self, wanted: &Buffer, cursor: Option<(u16, u16)>) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.painter.paint(wanted, cursor, &mut bytes);
        for token in tokens(std::str::from_utf8(&bytes).expect("UTF-8 is sent")) {
            let screen = self.parser.screen();
            let (_, columns) = screen.size();
            let is_relative = matches!(token, "\n" | "\u{8}") || token.ends_with(['C', 'D', 'M']);
            let is_text = !token.starts_with(char::is_control);
            if (is_relative && token.starts_with(char::is_control)) || is_text && token.width() > 0 {
                assert!(screen.cursor_position().1 < columns.get(), "{token:?} after the last column");
            }
            if token.starts_with("\x1b[") && token.ends_with('r') && token.len() > 3 {
                assert!(screen.bgcolor() == vt100::Color::Default && !screen.inverse(), "lines with a background");
            }
            self.parser.process(token.as_bytes());
        }
        bytes
    }

    /// The first thing in which the emulator's screen differs from what is wanted.
    fn difference(&self, wanted: &Buffer, cursor: Option<(u16, u16)>) -> Option<String> {
        let screen = self.parser.screen();
        if screen.hide_cursor() != cursor.is_none() {
            return Some(format!("the cursor is hidden: {}", screen.hide_cursor()));
        }
        if let Some((x, y)) = cursor
            && screen.cursor_position() != (y, x)
        {
            return Some(format!("the cursor is at {:?}, not at {:?}", screen.cursor_position(), (y, x)));
        }
        for y in 0..wanted.area.height {
            let mut x = 0;
            while x < wanted.area.width {
                let cell = &wanted[(x, y)];
                let room = wanted.area.width - x;
                let (text, columns) = expected(cell, room);
                let shown: String = (x..x + columns).map(|x| screen.cell(y, x).unwrap().contents()).collect();
                let shown = if shown.is_empty() { " ".to_owned() } else { shown };
                match &text {
                    Some(text) if *text != shown && !(text.len() > 18 && text.starts_with(&shown)) => {
                        return Some(format!("at {x},{y}: {shown:?}, not {text:?}"));
                    }
                    Some(text) => {
                        let shown = look_shown(screen.cell(y, x).unwrap(), text == " ");
                        let wanted = look_wanted(cell, text == " ");
                        if shown != wanted {
                            return Some(format!("at {x},{y}, {text:?}: {shown:?}, not {wanted:?}"));
                        }
                    }
                    None => {}
                }
                x += columns;
            }
        }
        None
    }
}

fn size(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("a size is not zero")
}

/// The text that a cell with so much room is to show, and its columns; no text where the emulator sees other columns.
fn expected(cell: &Cell, room: u16) -> (Option<String>, u16) {
    let text = cell.symbol();
    if text.chars().any(char::is_control) {
        return (Some("?".to_owned()), 1);
    }
    let columns = text.cell_width();
    let alone: u16 = text.chars().map(|c| c.width().unwrap_or(1) as u16).sum();
    let emulated = if text.contains('\u{FE0F}') { alone.max(2) } else { alone };
    match columns {
        0 => (Some(if text.is_empty() { " " } else { "?" }.to_owned()), 1),
        columns if columns > room => (Some(" ".to_owned()), 1),
        columns if emulated != columns => (None, columns),
        columns => (Some(text.to_owned()), columns),
    }
}

/// What is sent, taken apart: control sequences whole, other control characters and text one by one.
fn tokens(sent: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = sent;
    while let Some(first) = rest.chars().next() {
        let length = match rest.strip_prefix('\x1b') {
            Some(sequence) => sequence[1..]
                .find(|c| ('@'..='~').contains(&c))
                .map_or(1, |end| if sequence.starts_with('[') { end + 3 } else { 2 }),
            None => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        found.push(token);
        rest = after;
    }
    found
}

type Look = (vt100::Color, vt100::Color, [bool; 5]);

fn look_shown(cell: &vt100::Cell, is_space: bool) -> Look {
    let attributes = [cell.bold(), cell.dim(), cell.italic(), cell.underline(), cell.inverse()];
    seen((cell.fgcolor(), cell.bgcolor(), attributes), is_space)
}

fn look_wanted(cell: &Cell, is_space: bool) -> Look {
    let attributes = [Modifier::BOLD, Modifier::DIM, Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED]
        .map(|attribute| cell.modifier.contains(attribute));
    seen((colour(cell.fg), colour(cell.bg), attributes), is_space)
}

/// Of a space without a line and not reversed only the background can be seen.
fn seen(look: Look, is_space: bool) -> Look {
    let (_, background, [_, _, _, underlined, reversed]) = look;
    if is_space && !underlined && !reversed { (vt100::Color::Default, background, [false; 5]) } else { look }
}

fn colour(colour: Color) -> vt100::Color {
    use Color::*;
    let sixteen = [
        Black,
        Red,
        Green,
        Yellow,
        Blue,
        Magenta,
        Cyan,
        Gray,
        DarkGray,
        LightRed,
        LightGreen,
        LightYellow,
        LightBlue,
        LightMagenta,
        LightCyan,
        White,
    ];
    match colour {
        Reset => vt100::Color::Default,
        Indexed(number) => vt100::Color::Idx(number),
        Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
        other => vt100::Color::Idx(sixteen.iter().position(|one| *one == other).unwrap() as u8),
    }
}

const WORDS: [&str; 34] = [
    "plain",
    "a",
    "  ",
    "Łukasz",
    "Jürgen Weiß",
    "▌",
    "● Active",
    "✗ Error",
    "│",
    "────────",
    "▁▂▃▅▇█",
    "… –",
    "東京",
    "日本語",
    "한국어",
    "ｆｕｌｌ",
    "👍",
    "👍🏽",
    "👩‍👩‍👧‍👦",
    "🇩🇪🇫🇷",
    "❤️",
    "☕",
    "☕\u{FE0E}",
    "⚠",
    "⚠️",
    "e\u{301}e\u{301}",
    "z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}",
    "שלום",
    "مرحبا",
    "क्षि",
    "ภาษาไทย",
    "ｶﾞ",
    "1️⃣",
    "a\u{200B}b",
];

const STYLES: [Style; 12] = [
    Style::new(),
    Style::new(),
    Style::new(),
    Style::new().add_modifier(Modifier::BOLD),
    Style::new().add_modifier(Modifier::DIM),
    Style::new().fg(Color::Red),
    Style::new().fg(Color::LightGreen).add_modifier(Modifier::BOLD),
    Style::new().add_modifier(Modifier::REVERSED),
    Style::new().bg(Color::Blue).fg(Color::White),
    Style::new().bg(Color::Indexed(236)),
    Style::new().fg(Color::Rgb(10, 200, 30)).add_modifier(Modifier::ITALIC),
    Style::new().add_modifier(Modifier::UNDERLINED.union(Modifier::CROSSED_OUT)),
];

/// One row of a scene: the style of the row, and words with theirs.
type Row = (Style, Vec<(String, Style)>);

fn any_row(dice: &mut Dice) -> Row {
    let words = (0..dice.below(12)).map(|_| ((*dice.pick(&WORDS)).to_owned(), *dice.pick(&STYLES))).collect();
    (if dice.below(4) == 0 { *dice.pick(&STYLES) } else { Style::new() }, words)
}

/// Rows over the whole width that scroll, are edited, move sideways and are exchanged.
struct Scene {
    width: u16,
    rows: Vec<Row>,
    raw: Vec<(u16, u16, String)>,
}

impl Scene {
    fn any(dice: &mut Dice, width: u16, height: u16) -> Scene {
        Scene { width, rows: (0..height).map(|_| any_row(dice)).collect(), raw: Vec::new() }
    }

    fn change(&mut self, dice: &mut Dice) {
        let height = self.rows.len();
        let row = dice.below(height);
        match dice.below(8) {
            0 => {}
            1 => self.rows[row] = any_row(dice),
            2 => {
                // Everything in the row moves sideways by an odd number of columns.
                self.rows[row].1.insert(0, ("x".repeat(1 + 2 * dice.below(2)), *dice.pick(&STYLES)));
            }
            3 => {
                if let Some(word) = self.rows[row].1.first_mut() {
                    *word = ((*dice.pick(&WORDS)).to_owned(), *dice.pick(&STYLES));
                }
            }
            4 => {
                let symbol = *dice.pick(&["x", "東", "👍", "é", "\u{1b}", "\u{301}", "", "\u{ad}", "🇩🇪", "👩‍👩‍👧‍👦"]);
                self.raw.push((dice.below(usize::from(self.width)) as u16, row as u16, symbol.to_owned()));
                self.raw.truncate(12);
            }
            5 => self.raw.clear(),
            _ => self.scroll(dice, row),
        }
    }

    fn scroll(&mut self, dice: &mut Dice, top: usize) {
        let bottom = top + dice.below(self.rows.len() - top);
        let lines = (1 + dice.below(5)).min(bottom - top);
        let band = &mut self.rows[top..=bottom];
        let up = dice.below(2) == 0;
        if up {
            band.rotate_left(lines);
        } else {
            band.rotate_right(lines);
        }
        if dice.below(3) > 0 {
            let fresh = if up { band.len() - lines..band.len() } else { 0..lines };
            band[fresh].iter_mut().for_each(|row| *row = any_row(dice));
        }
        // The marker of a selection moves within what has scrolled.
        let marked = dice.below(band.len());
        band[marked].1.insert(0, ("▌".to_owned(), Style::new().fg(Color::Cyan)));
    }

    fn draw(&self) -> Buffer {
        let mut frame = Buffer::empty(Rect::new(0, 0, self.width, self.rows.len() as u16));
        for (y, (style, words)) in self.rows.iter().enumerate() {
            frame.set_style(Rect::new(0, y as u16, self.width, 1), *style);
            let mut x = 0;
            for (text, style) in words {
                if x < self.width {
                    x = frame.set_stringn(x, y as u16, text, usize::from(self.width - x), *style).0 + 1;
                }
            }
        }
        for (x, y, symbol) in &self.raw {
            if let Some(cell) = frame.cell_mut((*x, *y)) {
                cell.set_symbol(symbol);
            }
        }
        // The emulator has one place for bold and dim.
        for cell in frame.content.iter_mut().filter(|cell| cell.modifier.contains(Modifier::BOLD)) {
            cell.modifier.remove(Modifier::DIM);
        }
        frame
    }
}

#[test]
fn over_random_frames_an_emulator_shows_what_was_drawn() {
    for seed in 1..=60 {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15u64.wrapping_mul(seed));
        let (width, height) = (1 + dice.below(70) as u16, 1 + dice.below(30) as u16);
        let mut emulator = Emulator::new(width, height);
        let mut scene = Scene::any(&mut dice, width, height);
        for frame in 0..100 {
            if dice.below(40) == 0 {
                let (width, height) = (1 + dice.below(90) as u16, 1 + dice.below(30) as u16);
                scene = Scene::any(&mut dice, width, height);
                emulator.resize(scene.width, scene.rows.len() as u16);
            }
            if dice.below(60) == 0 {
                emulator.litter();
                emulator.painter.forget();
            }
            (0..1 + dice.below(3)).for_each(|_| scene.change(&mut dice));
            let at = (dice.below(usize::from(scene.width)) as u16, dice.below(scene.rows.len()) as u16);
            let cursor = (dice.below(3) == 0).then_some(at);
            let wanted = scene.draw();
            let bytes = emulator.show(&wanted, cursor);
            if let Some(difference) = emulator.difference(&wanted, cursor) {
                let sent = String::from_utf8_lossy(&bytes).into_owned();
                panic!("seed {seed}, frame {frame}, {width}×{height}: {difference}\nsent: {sent:?}");
            }
            assert!(emulator.show(&wanted, cursor).is_empty(), "the same frame again sends something");
        }
    }
}

/// A list of 25 rows over hints at 120×36, with or without a detail pane under it, as it looks when `top` is its first
/// row and `selected` is selected.
fn list(top: usize, selected: usize, detail: bool) -> Buffer {
    let mut frame = Buffer::empty(Rect::new(0, 0, 120, 36));
    let dim = Style::new().add_modifier(Modifier::DIM);
    frame.set_string(
        1,
        0,
        "Landfall   1 Sources  2 Mapping  3 Runs  4 Lookup",
        Style::new().add_modifier(Modifier::BOLD),
    );
    frame.set_string(0, 1, "─".repeat(120), dim);
    for row in 0..25 {
        let (y, number) = (row as u16 + 2, top + row);
        let mark = if number == selected { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() };
        if number == selected {
            frame.set_string(1, y, "▌", Style::new().fg(Color::Cyan));
        }
        let (status, style) = [("● Active", Color::Green), ("✗ Error", Color::Red)][usize::from(number % 7 == 0)];
        frame.set_string(3, y, status, Style::new().fg(style));
        frame.set_string(16, y, format!("Source {number} of Łódź"), mark);
        frame.set_string(
            41,
            y,
            format!("HubSpot    ongoing   {number} min ago   {:>9} rows", number * 7919),
            Style::new(),
        );
        frame.set_string(103, y, ["▃▃▂▃▃▂▃▃▂▃▁", "▅▅▆▅▅▅▆▅▅▅▅"][number % 2], dim);
    }
    if detail {
        frame.set_string(0, 27, "─".repeat(120), dim);
        frame.set_string(1, 28, format!("Source {selected} of Łódź"), Style::new().add_modifier(Modifier::BOLD));
        for y in 29..34 {
            let text = format!(
                "Account {} · contacts only · reviewed by ana, {} Nov · updates {}",
                selected * 31,
                y,
                selected * y
            );
            frame.set_string(1, y as u16, text, Style::new());
        }
    }
    frame.set_string(1, 35, "enter open  i import  p pause  a add  ? help  : commands", dim);
    frame
}

/// The bytes that each frame takes after the one before it, as the emulator shows them.
fn sent(frames: &[Buffer]) -> Vec<usize> {
    let mut emulator = Emulator::new(120, 36);
    let mut show = |frame: &Buffer| {
        let bytes = emulator.show(frame, None);
        assert_eq!(emulator.difference(frame, None), None);
        bytes.len()
    };
    frames.iter().map(&mut show).collect()
}

#[test]
fn what_changes_often_takes_few_bytes() {
    // The first row shown and the selected one of each frame, and the most that each may take without the detail under
    // the list and with it.
    let frames = [
        ("first frame", 0, 9, 4100, 4900),
        ("one down", 0, 10, 80, 185),
        ("one up", 0, 9, 80, 190),
        ("to the last row", 0, 24, 80, 185),
        ("scrolls up by one", 1, 25, 205, 295),
        ("scrolls down by one", 0, 24, 205, 295),
        ("another page", 50, 50, 1100, 1400),
        ("scrolls down on the first row", 49, 49, 205, 295),
    ];
    for detail in [false, true] {
        let drawn: Vec<Buffer> = frames.iter().map(|(_, top, selected, _, _)| list(*top, *selected, detail)).collect();
        for ((name, _, _, closed, open), bytes) in frames.iter().zip(sent(&drawn)) {
            let most = if detail { *open } else { *closed };
            assert!(bytes <= most, "{name}, with detail: {detail}: {bytes} bytes, not {most}");
        }
    }
}

/// Whether every terminal knows it. Erasing is part of the first frame only.
fn is_safe(token: &str) -> bool {
    let parameters = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == ';');
    match token {
        "\r" | "\n" | "\u{8}" | "\x1bM" | "\x1b[?25h" | "\x1b[?25l" | "\x1b[?2026h" | "\x1b[?2026l" => true,
        token if token.starts_with("\x1b[") => {
            token.ends_with(['H', 'C', 'D', 'r', 'm']) && parameters(&token[2..token.len() - 1])
        }
        text => !text.contains(char::is_control) && !text.contains(|c| ('\u{202a}'..='\u{202e}').contains(&c)),
    }
}

#[test]
fn only_sequences_that_every_terminal_knows_are_sent() {
    let mut dice = Dice(4711);
    let mut emulator = Emulator::new(60, 20);
    let mut scene = Scene::any(&mut dice, 60, 20);
    for frame in 0..300 {
        scene.change(&mut dice);
        let mut wanted = scene.draw();
        for symbol in ["\u{1b}", "\u{9b}", "\r", "\u{202e}", "x\u{7}", "\n"] {
            wanted.cell_mut((dice.below(60) as u16, dice.below(20) as u16)).unwrap().set_symbol(symbol);
        }
        let sent = String::from_utf8(emulator.show(&wanted, None)).expect("UTF-8 is sent");
        let unsafe_ones: Vec<_> = tokens(&sent).into_iter().filter(|token| !is_safe(token)).collect();
        assert_eq!(unsafe_ones, ["\x1b[2J"][usize::from(frame > 0)..]);
    }
}

#[test]
fn a_large_frame_is_shown_at_once_and_a_small_one_is_not_announced() {
    let mut emulator = Emulator::new(120, 36);
    let large = emulator.show(&list(0, 9, false), None);
    assert!(large.starts_with(b"\x1b[?2026h") && large.ends_with(b"\x1b[?2026l"));
    let small = emulator.show(&list(0, 10, false), None);
    assert!(!String::from_utf8_lossy(&small).contains("2026"));
}

#[test]
fn the_cursor_is_shown_and_hidden_only_on_change() {
    let frame = list(0, 9, false);
    let mut emulator = Emulator::new(120, 36);
    emulator.show(&frame, None);
    for (cursor, bytes) in [
        (Some((5, 30)), "\x1b[31;6H\x1b[?25h"),
        (Some((6, 30)), " "),
        (Some((3, 30)), "\x08\x08\x08"),
        (Some((3, 30)), ""),
        (None, "\x1b[?25l"),
        (None, ""),
    ] {
        let sent = emulator.show(&frame, cursor);
        assert_eq!(String::from_utf8_lossy(&sent), bytes, "{cursor:?}");
        assert_eq!(emulator.difference(&frame, cursor), None);
    }
}

#[test]
fn no_size_is_too_small() {
    let mut painter = Painter::new();
    let mut out = Vec::new();
    for (width, height) in [(0, 0), (0, 5), (5, 0), (1, 1), (2, 1), (1, 2), (300, 1), (0, 0)] {
        let mut frame = Buffer::empty(Rect::new(0, 0, width, height));
        if width > 0 && height > 0 {
            frame.set_string(0, 0, "東京", Style::new());
        }
        painter.paint(&frame, Some((width, height)), &mut out);
    }
    assert!(!out.is_empty());
}
