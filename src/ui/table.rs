//! A list in columns. Only what is visible is asked for; columns go, the least important first, where there is no room.

use super::canvas::{Canvas, Span, span};
use super::text::{visible, width};
use super::theme::Role;
use crate::app::list::List;
use crate::app::screen::{Area, ListId, Target};

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub title: &'static str,
    pub width: Width,
    /// Goes when there is no room: the highest first; 0 stays.
    pub drop: u8,
    /// Numbers end at the right.
    pub right: bool,
}

/// How wide a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    Fixed(u16),
    /// Takes what is left, shared among its like; at least so much.
    Fill(u16),
}

/// One cell: pieces of text, and what the mouse can point at there.
#[derive(Debug, Clone, Default)]
pub struct Cell<'t> {
    pub spans: Vec<Span<'t>>,
    pub target: Option<Target>,
}

impl<'t> Cell<'t> {
    pub fn of(text: impl Into<std::borrow::Cow<'t, str>>, role: Role) -> Cell<'t> {
        Cell { spans: vec![span(text, role)], target: None }
    }

    pub fn with_target(self, target: Target) -> Cell<'t> {
        Cell { target: Some(target), ..self }
    }
}

/// A table to draw.
pub struct Table<'t> {
    pub id: ListId,
    pub columns: &'t [Column],
    pub list: &'t List,
    pub len: usize,
    /// The column whose cell shows that its entry is selected.
    pub main: usize,
    /// Whether the table has the keys.
    pub focused: bool,
}

/// Columns between two cells.
const GAP: u16 = 2;
/// Columns of the mark of the selected entry.
const MARK: u16 = 3;

impl Canvas<'_> {
    /// Draws a table with its heading; `row` gives the cells of an entry, one a column. The height of the list is noted
    /// for the application.
    pub fn table<'r>(&mut self, area: Area, table: &Table<'_>, mut row: impl FnMut(&mut Self, usize) -> Vec<Cell<'r>>) {
        let height = area.height.saturating_sub(1);
        self.drawn.heights.insert(table.id, usize::from(height));
        self.target(Area { y: area.y + 1, height, ..area }, Target::List(table.id));
        if area.height == 0 || area.width <= MARK {
            return;
        }
        let places = fit(table.columns, area.width - MARK);
        for (column, place) in table.columns.iter().zip(&places) {
            if let Some((x, columns)) = place {
                self.cell(area.x + MARK + x, area.y, *columns, &[span(column.title, Role::Header)], column.right);
            }
        }
        if height == 0 {
            return;
        }
        for (line, entry) in table.list.window(table.len, usize::from(height)).enumerate() {
            let y = area.y + 1 + u16::try_from(line).unwrap_or(height);
            self.target(Area { y, height: 1, ..area }, Target::Entry(table.id, entry));
            let selected = entry == table.list.selected && table.focused;
            if entry == table.list.selected {
                self.put(area.x + 1, y, 1, "▌", if table.focused { Role::Key } else { Role::Dim });
            }
            let cells = row(self, entry);
            for (at, (cell, place)) in cells.iter().zip(&places).enumerate() {
                let Some((x, columns)) = *place else { continue };
                let x = area.x + MARK + x;
                if selected && at == table.main {
                    let text: String = cell.spans.iter().map(|(text, _)| text.as_ref()).collect();
                    self.cell(x, y, columns, &[span(text, Role::Selected)], table.columns[at].right);
                } else {
                    self.cell(x, y, columns, &cell.spans, table.columns[at].right);
                }
                if let Some(target) = &cell.target {
                    self.target(Area { x, y, width: columns, height: 1 }, target.clone());
                }
            }
        }
    }

    fn cell(&mut self, x: u16, y: u16, columns: u16, spans: &[Span<'_>], right: bool) {
        if right {
            self.spans_right(x, y, columns, spans);
        } else {
            self.spans(x, y, columns, spans);
        }
    }
}

/// Where each column begins and how wide it is; none for those that there is no room for.
fn fit(columns: &[Column], room: u16) -> Vec<Option<(u16, u16)>> {
    let least = |column: &Column| match column.width {
        Width::Fixed(width) | Width::Fill(width) => width,
    };
    let mut shown: Vec<bool> = columns.iter().map(|_| true).collect();
    let needed = |shown: &[bool]| {
        let widths = columns.iter().zip(shown).filter(|(_, shown)| **shown).map(|(column, _)| least(column) + GAP);
        widths.sum::<u16>().saturating_sub(GAP)
    };
    while needed(&shown) > room {
        let droppable = columns.iter().enumerate().filter(|(at, column)| shown[*at] && column.drop > 0);
        let Some((at, _)) = droppable.max_by_key(|(_, column)| column.drop) else { break };
        shown[at] = false;
    }
    let fills = columns.iter().zip(&shown).filter(|(column, shown)| **shown && matches!(column.width, Width::Fill(_)));
    let fills = u16::try_from(fills.count()).unwrap_or(1);
    let mut spare = room.saturating_sub(needed(&shown));
    let (mut x, mut left) = (0, fills);
    let mut places = Vec::with_capacity(columns.len());
    for (column, shown) in columns.iter().zip(shown) {
        if !shown || x >= room {
            places.push(None);
            continue;
        }
        let mut columns = least(column);
        if matches!(column.width, Width::Fill(_)) {
            let share = spare / left.max(1);
            (columns, spare, left) = (columns + share, spare - share, left - 1);
        }
        places.push(Some((x, columns.min(room - x))));
        x += columns + GAP;
    }
    places
}

/// The columns that a text takes when it is drawn.
pub fn drawn_width(text: &str) -> u16 {
    u16::try_from(width(&visible(text))).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 4] = [
        Column { title: "Status", width: Width::Fixed(8), drop: 0, right: false },
        Column { title: "Name", width: Width::Fill(10), drop: 0, right: false },
        Column { title: "Rows", width: Width::Fixed(7), drop: 1, right: true },
        Column { title: "Trend", width: Width::Fixed(14), drop: 2, right: false },
    ];

    #[test]
    fn columns_fill_their_room_and_the_least_important_go_first() {
        assert_eq!(fit(&COLUMNS, 60), [Some((0, 8)), Some((10, 25)), Some((37, 7)), Some((46, 14))]);
        assert_eq!(fit(&COLUMNS, 40), [Some((0, 8)), Some((10, 21)), Some((33, 7)), None]);
        assert_eq!(fit(&COLUMNS, 20), [Some((0, 8)), Some((10, 10)), None, None]);
        assert_eq!(fit(&COLUMNS, 12), [Some((0, 8)), Some((10, 2)), None, None]);
        assert_eq!(fit(&COLUMNS, 0), [None, None, None, None]);
    }
}
