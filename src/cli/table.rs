//! Tables for people: columns aligned, nothing drawn that is not needed.

use super::error::CliError;
use super::output::{Line, Out, Style};
use crate::ui::text::{cut, visible, width};

/// The widest a cell gets; what is longer is cut with `…`. JSON has everything.
const WIDEST: usize = 60;
/// The same for the last column, which pushes no other aside.
const WIDEST_LAST: usize = 120;

/// Rows to be shown under their headings.
pub struct Table {
    headings: Vec<&'static str>,
    right: Vec<bool>,
    rows: Vec<Vec<(Style, String)>>,
}

impl Table {
    /// A heading that begins with `#` is a number's: its column is set to the right.
    pub fn new(headings: &[&'static str]) -> Table {
        Table {
            headings: headings.iter().map(|heading| heading.trim_start_matches('#')).collect(),
            right: headings.iter().map(|heading| heading.starts_with('#')).collect(),
            rows: Vec::new(),
        }
    }

    pub fn row(&mut self, cells: Vec<(Style, String)>) {
        let last = cells.len().saturating_sub(1);
        let widest = |column| if column == last { WIDEST_LAST } else { WIDEST };
        let shown = |(column, (style, text)): (usize, (Style, String))| {
            (style, cut(&visible(&text), widest(column)).into_owned())
        };
        self.rows.push(cells.into_iter().enumerate().map(shown).collect());
    }

    /// A row of plain cells.
    pub fn plain(&mut self, cells: impl IntoIterator<Item = String>) {
        self.row(cells.into_iter().map(|cell| (Style::Plain, cell)).collect());
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Shows the table as an answer.
    pub fn show(&self, out: &Out) -> Result<(), CliError> {
        let widest = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|(_, text)| width(text));
            cells.chain([width(self.headings[column])]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.headings.len()).map(widest).collect();
        let headings: Vec<(Style, String)> =
            self.headings.iter().map(|heading| (Style::Dim, (*heading).to_owned())).collect();
        if self.headings.iter().any(|heading| !heading.is_empty()) {
            out.answer(self.line(&headings, &widths))?;
        }
        self.rows.iter().try_for_each(|row| out.answer(self.line(row, &widths)))
    }

    fn line(&self, cells: &[(Style, String)], widths: &[usize]) -> Line {
        let mut line = Line::new();
        for (column, (style, text)) in cells.iter().enumerate() {
            let gap = " ".repeat(widths[column].saturating_sub(width(text)));
            let between = if column == 0 { "" } else { "  " };
            line = match (self.right[column], column + 1 == cells.len()) {
                (true, _) => line.with(Style::Plain, format!("{between}{gap}")).with(*style, text),
                (false, true) => line.with(Style::Plain, between).with(*style, text),
                // Nothing follows on this line: no gap before it either.
                (false, false) if cells[column + 1..].iter().all(|(_, text)| text.is_empty()) => {
                    return line.with(Style::Plain, between).with(*style, text);
                }
                (false, false) => line.with(Style::Plain, between).with(*style, text).with(Style::Plain, gap),
            };
        }
        line
    }
}
