//! A drawn screen as an SVG picture: the same bytes for the same screen, whatever fonts this machine has.
//!
//! Every piece of text is held to the cells that it has, lines and bars are drawn as shapes, so that they meet in any
//! font.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// A cell, in pixels. The characters of nearly every monospaced font are 0.6 of their size wide.
const WIDTH: u32 = 9;
const HEIGHT: u32 = 19;
const FONT_SIZE: u32 = 15;
/// Where letters stand, from the top of their cell.
const BASELINE: u32 = 14;
/// What lies around the screen.
const MARGIN: u32 = 14;

const GROUND: &str = "#0f1520";
const TEXT: &str = "#d3dbe8";
const FONTS: &str = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace";

/// How a piece is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    fill: String,
    /// None where the ground shows.
    ground: Option<String>,
    bold: bool,
    dim: bool,
    underlined: bool,
}

/// What is drawn in a row, as far as it is drawn alike.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// Letters, a cell each.
    Text(String),
    /// A sign of its own: in the middle of its cells, whatever font it comes from.
    Sign(String),
    /// A line across so many cells.
    Rule,
    /// A line, or a bar, that fills a part of its cell.
    Shape(char),
}

/// The picture of a screen, with the cursor where there is one.
pub fn picture(title: &str, buffer: &Buffer, cursor: Option<(u16, u16)>) -> String {
    let (columns, rows) = (u32::from(buffer.area.width), u32::from(buffer.area.height));
    let (width, height) = (columns * WIDTH + 2 * MARGIN, rows * HEIGHT + 2 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\">\n<title>{}</title>\n<rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{GROUND}\"/>\n\
         <g transform=\"translate({MARGIN} {MARGIN})\" font-family=\"{FONTS}\" font-size=\"{FONT_SIZE}\" fill=\"{TEXT}\">\n",
        escaped(title)
    );
    for y in 0..buffer.area.height {
        row(buffer, y, &mut svg);
    }
    if let Some((x, y)) = cursor {
        let (x, y) = (u32::from(x) * WIDTH, u32::from(y) * HEIGHT);
        put(&mut svg, format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"2\" height=\"{HEIGHT}\" fill=\"{TEXT}\"/>"));
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn row(buffer: &Buffer, y: u16, svg: &mut String) {
    let top = u32::from(y) * HEIGHT;
    let pieces = pieces(buffer, y);
    let grounds = pieces.iter().filter_map(|(x, cells, _, look)| Some((*x, *cells, look.ground.as_ref()?)));
    let mut joined: Vec<(u32, u32, &String)> = Vec::new();
    for (x, cells, ground) in grounds {
        match joined.last_mut() {
            Some((start, taken, same)) if *start + *taken == x && *same == ground => *taken += cells,
            _ => joined.push((x, cells, ground)),
        }
    }
    for (x, cells, ground) in joined {
        let (x, width) = (x * WIDTH, cells * WIDTH);
        put(svg, format_args!("<rect x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{HEIGHT}\" fill=\"{ground}\"/>"));
    }
    for (x, cells, piece, look) in pieces {
        let (left, right, width) = (x * WIDTH, (x + cells) * WIDTH, cells * WIDTH);
        let style = style(&look);
        match piece {
            Piece::Text(text) => {
                let (text, lead) = (text.trim_end_matches(' '), text.len() - text.trim_start_matches(' ').len());
                let shown = text.trim_start_matches(' ');
                if shown.is_empty() {
                    continue;
                }
                let left = left + lead as u32 * WIDTH;
                let length = shown.width() as u32 * WIDTH;
                let y = top + BASELINE;
                let shown = escaped(shown);
                put(svg, format_args!("<text x=\"{left}\" y=\"{y}\" textLength=\"{length}\"{style}>{shown}</text>"));
            }
            Piece::Sign(sign) => {
                let (middle, y) = (left + width / 2, top + BASELINE);
                let sign = escaped(&sign);
                put(svg, format_args!("<text x=\"{middle}\" y=\"{y}\" text-anchor=\"middle\"{style}>{sign}</text>"));
            }
            Piece::Rule => {
                let (y, fill) = (top + HEIGHT / 2, &look.fill);
                put(svg, format_args!("<path d=\"M{left} {y}.5H{right}\" stroke=\"{fill}\"/>"));
            }
            Piece::Shape(shape) => shaped(svg, shape, left, top, &look.fill),
        }
    }
}

/// The pieces of a row: where each begins, how many cells it takes, what it is and how it looks.
fn pieces(buffer: &Buffer, y: u16) -> Vec<(u32, u32, Piece, Look)> {
    let mut pieces: Vec<(u32, u32, Piece, Look)> = Vec::new();
    let mut x = 0;
    while x < buffer.area.width {
        let cell = &buffer[(x, y)];
        let cells = (cell.symbol().width() as u32).max(1);
        let (piece, look) = (piece(cell.symbol()), look(cell));
        let last = pieces.last_mut().filter(|(start, taken, ..)| start + taken == u32::from(x));
        match (last, &piece) {
            (Some((_, taken, Piece::Text(text), same)), Piece::Text(more))
                if *same == look && !(text.ends_with(' ') && more == " ") =>
            {
                text.push_str(more);
                *taken += cells;
            }
            (Some((_, taken, Piece::Rule, same)), Piece::Rule) if *same == look => *taken += cells,
            _ => pieces.push((u32::from(x), cells, piece, look)),
        }
        x += cells as u16;
    }
    pieces
}

fn piece(symbol: &str) -> Piece {
    let mut chars = symbol.chars();
    match (chars.next(), chars.next()) {
        (Some('─'), None) => Piece::Rule,
        (Some(c @ ('│' | '┌' | '┐' | '└' | '┘' | '├' | '┤' | '▁'..='▓')), None) => Piece::Shape(c),
        (Some(c), None) if symbol.width() == 1 && (c.is_ascii() || c.is_alphabetic()) => Piece::Text(symbol.to_owned()),
        (None, _) => Piece::Text(" ".to_owned()),
        _ => Piece::Sign(symbol.to_owned()),
    }
}

fn shaped(svg: &mut String, shape: char, left: u32, top: u32, fill: &str) {
    let (x, y) = (f64::from(left) + f64::from(WIDTH) / 2.0, f64::from(top) + f64::from(HEIGHT / 2) + 0.5);
    let (right, bottom) = (left + WIDTH, top + HEIGHT);
    let path = match shape {
        '│' => Some(format!("M{x} {top}V{bottom}")),
        '┌' => Some(format!("M{right} {y}H{x}V{bottom}")),
        '┐' => Some(format!("M{left} {y}H{x}V{bottom}")),
        '└' => Some(format!("M{right} {y}H{x}V{top}")),
        '┘' => Some(format!("M{left} {y}H{x}V{top}")),
        '├' => Some(format!("M{x} {top}V{bottom}M{x} {y}H{right}")),
        '┤' => Some(format!("M{x} {top}V{bottom}M{x} {y}H{left}")),
        _ => None,
    };
    if let Some(path) = path {
        return put(svg, format_args!("<path d=\"{path}\" fill=\"none\" stroke=\"{fill}\"/>"));
    }
    let (width, height, opacity) = match shape {
        '▁'..='█' => (f64::from(WIDTH), f64::from(HEIGHT) * f64::from(shape as u32 - '▁' as u32 + 1) / 8.0, 1.0),
        '▉'..='▏' => (f64::from(WIDTH) * f64::from('▏' as u32 + 1 - shape as u32) / 8.0, f64::from(HEIGHT), 1.0),
        '▐' => (f64::from(WIDTH) / 2.0, f64::from(HEIGHT), 1.0),
        '░' => (f64::from(WIDTH), f64::from(HEIGHT), 0.25),
        '▒' => (f64::from(WIDTH), f64::from(HEIGHT), 0.5),
        _ => (f64::from(WIDTH), f64::from(HEIGHT), 0.75),
    };
    let x = if shape == '▐' { f64::from(right) - width } else { f64::from(left) };
    let y = f64::from(bottom) - height;
    let opacity = if opacity < 1.0 { format!(" opacity=\"{opacity}\"") } else { String::new() };
    put(
        svg,
        format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"{opacity}/>"),
    );
}

fn look(cell: &Cell) -> Look {
    let modifier = cell.modifier;
    let (mut fill, mut ground) = (colour(cell.fg), colour(cell.bg));
    if modifier.contains(Modifier::REVERSED) {
        (fill, ground) =
            (Some(ground.unwrap_or_else(|| GROUND.to_owned())), Some(fill.unwrap_or_else(|| TEXT.to_owned())));
    }
    Look {
        fill: fill.unwrap_or_else(|| TEXT.to_owned()),
        ground,
        bold: modifier.contains(Modifier::BOLD),
        dim: modifier.contains(Modifier::DIM),
        underlined: modifier.contains(Modifier::UNDERLINED),
    }
}

fn style(look: &Look) -> String {
    let mut style = String::new();
    if look.fill != TEXT {
        let _ = write!(style, " fill=\"{}\"", look.fill);
    }
    style.push_str(if look.bold { " font-weight=\"bold\"" } else { "" });
    style.push_str(if look.dim { " opacity=\"0.6\"" } else { "" });
    style.push_str(if look.underlined { " text-decoration=\"underline\"" } else { "" });
    style
}

/// The terminal's own 16 colours, readable on a dark ground; none is that of the terminal.
fn colour(colour: Color) -> Option<String> {
    let named = match colour {
        Color::Reset => return None,
        Color::Rgb(r, g, b) => return Some(format!("#{r:02x}{g:02x}{b:02x}")),
        Color::Black => "#1a2232",
        Color::Red => "#ff7a6e",
        Color::Green => "#7ed3a0",
        Color::Yellow => "#f0c674",
        Color::Blue => "#7aa7ff",
        Color::Magenta => "#d6a0ff",
        Color::Cyan => "#6ecbe6",
        Color::Gray => "#b4becc",
        Color::DarkGray => "#8491a6",
        Color::LightRed => "#ff9c92",
        Color::LightGreen => "#a3e6be",
        Color::LightYellow => "#ffe08a",
        Color::LightBlue => "#a6c4ff",
        Color::LightMagenta => "#e6c4ff",
        Color::LightCyan => "#9ce4f6",
        Color::White => "#f2f5fa",
        Color::Indexed(_) => TEXT,
    };
    Some(named.to_owned())
}

fn put(svg: &mut String, element: std::fmt::Arguments<'_>) {
    writeln!(svg, "{element}").expect("a string takes all");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    fn row_of(text: &str, style: Style) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
        buffer.set_string(0, 0, text, style);
        let mut svg = String::new();
        row(&buffer, 0, &mut svg);
        svg
    }

    #[test]
    fn every_piece_stands_at_its_cells_whatever_the_font() {
        let plain = Style::new();
        for (text, expected) in [
            (
                "ab  c",
                "<text x=\"0\" y=\"14\" textLength=\"18\">ab</text>\n<text x=\"36\" y=\"14\" textLength=\"9\">c</text>\n",
            ),
            (
                "美x",
                "<text x=\"9\" y=\"14\" text-anchor=\"middle\">美</text>\n<text x=\"18\" y=\"14\" textLength=\"9\">x</text>\n",
            ),
            ("a<&\"", "<text x=\"0\" y=\"14\" textLength=\"36\">a&lt;&amp;&quot;</text>\n"),
            (
                "──│",
                "<path d=\"M0 9.5H18\" stroke=\"#d3dbe8\"/>\n<path d=\"M22.5 0V19\" fill=\"none\" stroke=\"#d3dbe8\"/>\n",
            ),
            ("▌", "<rect x=\"0\" y=\"0\" width=\"4.5\" height=\"19\" fill=\"#d3dbe8\"/>\n"),
            ("▄", "<rect x=\"0\" y=\"9.5\" width=\"9\" height=\"9.5\" fill=\"#d3dbe8\"/>\n"),
        ] {
            assert_eq!(row_of(text, plain), expected, "{text}");
        }
    }

    #[test]
    fn what_is_reversed_has_a_ground_of_its_own() {
        let reversed = Style::new().add_modifier(Modifier::REVERSED);
        let svg = row_of("ab", reversed);
        assert_eq!(
            svg,
            "<rect x=\"0\" y=\"0\" width=\"18\" height=\"19\" fill=\"#d3dbe8\"/>\n\
             <text x=\"0\" y=\"14\" textLength=\"18\" fill=\"#0f1520\">ab</text>\n"
        );
    }
}
