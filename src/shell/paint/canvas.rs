//! Where ratatui draws: a frame in memory, sent nowhere.
use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Size};
use ratatui::{Frame, Terminal};
use std::convert::Infallible;
use std::rc::Rc;

/// Frames as ratatui draws them, for a terminal of a size that is handed in.
pub struct Canvas {
    terminal: Terminal<Nowhere>,
    cursor: Rc<std::cell::Cell<Option<Position>>>,
}

impl Canvas {
    /// For a terminal of so many columns and rows; none of them is a size as well.
    pub fn new(width: u16, height: u16) -> Canvas {
        let cursor = Rc::default();
        let nowhere = Nowhere { size: Size { width, height }, cursor: Rc::clone(&cursor) };
        let Ok(terminal) = Terminal::new(nowhere);
        Canvas { terminal, cursor }
    }

    /// The terminal has so many columns and rows from the next frame on.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.terminal.backend_mut().size = Size { width, height };
    }

    /// Draws a frame on blank cells, and gives it with the column and row of the cursor, if it is to be shown.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame)) -> (&Buffer, Option<(u16, u16)>) {
        let Ok(frame) = self.terminal.draw(draw);
        (frame.buffer, self.cursor.get().map(|position| (position.x, position.y)))
    }
}

/// Takes what ratatui sends, and remembers the cursor.
struct Nowhere {
    size: Size,
    cursor: Rc<std::cell::Cell<Option<Position>>>,
}

impl Backend for Nowhere {
    type Error = Infallible;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, _: I) -> Result<(), Infallible> {
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.cursor.set(None);
        Ok(())
    }

    /// ratatui says where right after.
    fn show_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(self.cursor.get().unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.cursor.set(Some(position.into()));
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn clear_region(&mut self, _: ClearType) -> Result<(), Infallible> {
        Ok(())
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::ZERO })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::widgets::Paragraph;

    #[test]
    fn a_frame_is_drawn_at_every_size_with_its_cursor() {
        let mut canvas = Canvas::new(0, 0);
        for (width, height, cursor) in [(0, 0, None), (5, 2, Some((1, 1))), (3, 1, None), (3, 1, Some((0, 0)))] {
            canvas.resize(width, height);
            let (buffer, shown) = canvas.draw(|frame| {
                frame.render_widget(Paragraph::new("ab"), frame.area());
                if let Some(position) = cursor {
                    frame.set_cursor_position(position);
                }
            });
            assert_eq!((buffer.area.width, buffer.area.height, shown), (width, height, cursor));
            assert!(width == 0 || buffer[(1, 0)].symbol() == "b");
        }
    }
}
