//! The way to the screen: every text goes through [`Canvas::put`], which shows what is hidden in it and keeps within its
//! place. Collects what a drawing finds out for the application.

use super::text::{cut, visible, width};
use super::theme::{Role, style};
use crate::app::field::Field;
use crate::app::message::Slot;
use crate::app::screen::{Area, Drawn, Target};
use crate::app::time::{self, Told};
use crate::app::{App, SLOW};
use ratatui::buffer::Buffer;
use ratatui::style::Style;
use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;

/// A piece of text in its role.
pub type Span<'t> = (Cow<'t, str>, Role);

/// Makes a [`Span`].
pub fn span<'t>(text: impl Into<Cow<'t, str>>, role: Role) -> Span<'t> {
    (text.into(), role)
}

/// What a frame is drawn on.
pub struct Canvas<'a> {
    pub app: &'a App,
    pub drawn: Drawn,
    buffer: &'a mut Buffer,
}

impl<'a> Canvas<'a> {
    /// A canvas on a buffer, filled with the theme's ground.
    pub fn new(app: &'a App, buffer: &'a mut Buffer) -> Canvas<'a> {
        let ground = style(app.theme, Role::Text);
        buffer.set_style(buffer.area, ground);
        Canvas { app, drawn: Drawn::default(), buffer }
    }

    /// The whole screen.
    pub fn area(&self) -> Area {
        let area = self.buffer.area;
        Area { x: area.x, y: area.y, width: area.width, height: area.height }
    }

    pub fn style(&self, role: Role) -> Style {
        style(self.app.theme, role)
    }

    /// Puts a text in at most `columns` columns, cut with `…` where it is longer. Answers the columns that it took.
    pub fn put(&mut self, x: u16, y: u16, columns: u16, text: &str, role: Role) -> u16 {
        let area = self.buffer.area;
        if y >= area.bottom() || x >= area.right() {
            return 0;
        }
        let columns = columns.min(area.right() - x);
        let shown = self.shown(text, usize::from(columns));
        let style = self.style(role);
        let (end, _) = self.buffer.set_stringn(x, y, &shown, usize::from(columns), style);
        end - x
    }

    /// A text from outside as it is drawn in so many columns.
    fn shown(&self, text: &str, columns: usize) -> String {
        // Of a huge cell only the beginning is looked at: every character takes at most 10 columns and 4 bytes, and
        // what takes none is shown as well.
        let near = text.char_indices().nth(columns.saturating_mul(4) + 16).map_or(text, |(end, _)| &text[..end]);
        let visible = visible(near);
        let cut = cut(&visible, columns);
        if self.app.ascii { cut.chars().map(ascii).collect() } else { cut.into_owned() }
    }

    /// Puts pieces one after the other. Answers the columns that they took.
    pub fn spans(&mut self, x: u16, y: u16, columns: u16, spans: &[Span<'_>]) -> u16 {
        let mut taken = 0;
        for (text, role) in spans {
            taken += self.put(x + taken, y, columns - taken, text, *role);
            if taken >= columns {
                break;
            }
        }
        taken
    }

    /// Puts pieces so that they end at the right end of the columns.
    pub fn spans_right(&mut self, x: u16, y: u16, columns: u16, spans: &[Span<'_>]) {
        let needed: usize = spans.iter().map(|(text, _)| width(&visible(text))).sum();
        let needed = u16::try_from(needed).unwrap_or(columns).min(columns);
        self.spans(x + columns - needed, y, needed, spans);
    }

    /// Puts a text that may take several lines, broken at spaces. Answers the lines that it took.
    pub fn paragraph(&mut self, area: Area, text: &str, role: Role) -> u16 {
        let mut lines = 0;
        for line in wrap(&visible(text), usize::from(area.width)) {
            if lines >= area.height {
                break;
            }
            self.put(area.x, area.y + lines, area.width, &line, role);
            lines += 1;
        }
        lines
    }

    /// A line between panes, with a title in it.
    pub fn rule(&mut self, area: Area, title: &[Span<'_>]) {
        let line = "─".repeat(usize::from(area.width));
        self.put(area.x, area.y, area.width, &line, Role::Rule);
        if !title.is_empty() && area.width > 4 {
            let mut spans = vec![span(" ", Role::Text)];
            spans.extend(title.iter().cloned());
            spans.push(span(" ", Role::Text));
            self.spans(area.x + 1, area.y, area.width - 2, &spans);
        }
    }

    /// Blanks an area, for what lies over other things.
    pub fn clear(&mut self, area: Area) {
        let blank = " ".repeat(usize::from(area.width));
        for y in area.y..area.y.saturating_add(area.height) {
            self.put(area.x, y, area.width, &blank, Role::Text);
        }
    }

    /// A box with a title, for what lies over other things. Answers the area inside it.
    pub fn frame(&mut self, area: Area, title: &str, role: Role) -> Area {
        if area.width < 2 || area.height < 2 {
            return Area { width: 0, height: 0, ..area };
        }
        self.clear(area);
        let inner = usize::from(area.width) - 2;
        let (right, bottom) = (area.x + area.width - 1, area.y + area.height - 1);
        self.put(area.x, area.y, area.width, &format!("┌{}┐", "─".repeat(inner)), role);
        self.put(area.x, bottom, area.width, &format!("└{}┘", "─".repeat(inner)), role);
        for y in area.y + 1..bottom {
            self.put(area.x, y, 1, "│", role);
            self.put(right, y, 1, "│", role);
        }
        if !title.is_empty() && area.width > 6 {
            self.put(
                area.x + 2,
                area.y,
                area.width - 4,
                &format!(" {} ", cut(&visible(title), inner.saturating_sub(4))),
                Role::Title,
            );
        }
        let (x, width) = (area.x + 2, area.width.saturating_sub(4));
        Area { x, y: area.y + 1, width, height: area.height - 2 }
    }

    /// A text field. The cursor goes there when it is `typed` in.
    pub fn field(&mut self, x: u16, y: u16, columns: u16, field: &Field, typed: bool, empty: &str) {
        if columns == 0 {
            return;
        }
        if field.text().is_empty() {
            self.put(x, y, columns, empty, Role::Dim);
        }
        // What lies left of the cursor is shown as far as it fits.
        let masked = field.is_secret().then(|| "•".repeat(field.text().chars().count()));
        let text = masked.as_deref().unwrap_or(field.text());
        let cursor = text.char_indices().nth(field.cursor()).map_or(text.len(), |(at, _)| at);
        // Most of a long text is not even looked at: it is far to the left.
        let near = usize::from(columns) * 4 + 16;
        let mut start = text[..cursor].char_indices().rev().take(near).last().map_or(0, |(at, _)| at);
        while width(&visible(&text[start..cursor])) >= usize::from(columns) {
            start += text[start..].chars().next().map_or(1, char::len_utf8);
        }
        let end = width(&visible(&text[start..cursor]));
        self.put(x, y, columns, &text[start..], Role::Field);
        if typed {
            self.drawn.cursor = Some((x + u16::try_from(end).unwrap_or(0).min(columns - 1), y));
        }
    }

    /// A moment, told by its distance or its date; the screen is drawn anew when that changes.
    pub fn when(&mut self, at_ms: i64) -> String {
        self.told(time::when(at_ms, self.app.now_ms, self.app.zone))
    }

    /// A text that stops being true at some moment.
    pub fn told(&mut self, told: Told) -> String {
        self.drawn.changes(told.until);
        told.text
    }

    /// Says that what belongs here is being read, once that takes long enough to be noticed.
    pub fn waiting(&mut self, area: Area, slot: Slot) {
        let Some(since) = self.app.waiting_since(slot) else { return };
        if self.app.now_ms - since >= SLOW {
            self.put(area.x + 3, area.y + 1.min(area.height), area.width.saturating_sub(3), "Reading …", Role::Dim);
        } else {
            self.drawn.changes(Some(since + SLOW));
        }
    }

    /// Lets the mouse point at something.
    pub fn target(&mut self, area: Area, target: Target) {
        if area.width > 0 && area.height > 0 {
            self.drawn.targets.push((area, target));
        }
    }
}

/// The text in lines of at most `columns`, broken at spaces where there are any.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let (mut line, mut taken) = (String::new(), 0);
    for word in text.split(' ') {
        let needed = width(word);
        if !line.is_empty() && taken + 1 + needed <= columns {
            line.push(' ');
            line.push_str(word);
            taken += 1 + needed;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
            taken = 0;
        }
        for cluster in word.graphemes(true) {
            let needed = width(cluster);
            if taken + needed > columns && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                taken = 0;
            }
            line.push_str(cluster);
            taken += needed;
        }
    }
    lines.push(line);
    lines
}

/// What stands for a character where only ASCII can be drawn.
fn ascii(c: char) -> char {
    match c {
        ' '..='~' => c,
        '─' | '–' | '—' | '‐' => '-',
        '│' => '|',
        '┌' | '┐' | '└' | '┘' | '├' | '┤' => '+',
        '━' => '=',
        '▌' | '→' | '›' => '>',
        '←' | '‹' => '<',
        '↑' => '^',
        '↓' => 'v',
        '✗' | '×' => 'x',
        '✓' => 'v',
        '●' | '•' => '*',
        '○' => 'o',
        '‖' => '=',
        '·' => '.',
        '…' => '~',
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        '▁' => '_',
        '▂' => '.',
        '▃' => '-',
        '▄' => ':',
        '▅' => '=',
        '▆' => '+',
        '▇' => '*',
        '█' => '#',
        '▓' => '%',
        '▒' => ':',
        '░' => '.',
        '◐' => '~',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn wrapped_lines_fit_and_lose_nothing_but_spaces(text in "[a-z東é ]{0,60}", columns in 2usize..20) {
            let lines = wrap(&text, columns);
            for line in &lines {
                prop_assert!(width(line) <= columns, "{line:?}");
            }
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
