//! What is sent to the terminal: a finished frame in the fewest bytes, given what the terminal shows already. In place of
//! ratatui's own comparison of frames, which loses cells beside wide symbols and cannot scroll.
mod glyph;
mod pen;
mod screen;
mod scroll;

use ratatui::buffer::Buffer;
use screen::Screen;

/// Frames beyond this are announced to the terminal as one update (CSI ? 2026), so that it shows them at once.
const LARGE_FRAME: usize = 2048;

/// Knows what the terminal shows, and turns finished frames into the bytes that show them.
///
/// Cells look as they are in the frame, with these exceptions: a space shows nothing of its colour, weight and slant; a
/// wide symbol that does not fit into the row, or that some terminal might draw beyond it, gives way to its first
/// character or a space; control characters and marks of direction are sent as `?`.
#[derive(Default)]
pub struct Painter {
    /// None before the first frame, and when the terminal may show anything.
    screen: Option<Screen>,
    /// Whether the cursor is shown; none where that is not known.
    cursor_shown: Option<bool>,
}

impl Painter {
    /// Nothing is known of the terminal: the first frame clears it.
    pub fn new() -> Painter {
        Painter::default()
    }

    /// The terminal may show anything now (after a suspension, or when somebody else has written to it): the next frame
    /// paints everything.
    pub fn forget(&mut self) {
        *self = Painter::default();
    }

    /// Appends what makes the terminal show this frame, with the cursor at this column and row or hidden. Nothing where
    /// it shows it already. A frame of another size than the last clears the terminal first, as terminals differ in
    /// what a change of size leaves. To be sent in one write.
    pub fn paint(&mut self, wanted: &Buffer, cursor: Option<(u16, u16)>, out: &mut Vec<u8>) {
        let (width, height) = (wanted.area.width, wanted.area.height);
        if width == 0 || height == 0 {
            return self.forget();
        }
        let mut bytes = Vec::new();
        let mut screen = match self.screen.take() {
            Some(screen) if screen.has_size(width, height) => screen,
            _ => {
                self.show_cursor(false, &mut bytes);
                Screen::cleared(width, height, &mut bytes)
            }
        };
        screen.show(&glyph::cells(wanted), &mut bytes);
        if let Some((x, y)) = cursor {
            screen.move_to(usize::from(x.min(width - 1)), usize::from(y.min(height - 1)), &mut bytes);
        }
        self.show_cursor(cursor.is_some(), &mut bytes);
        self.screen = Some(screen);
        let large = bytes.len() > LARGE_FRAME;
        if large {
            out.extend_from_slice(b"\x1b[?2026h");
        }
        out.append(&mut bytes);
        if large {
            out.extend_from_slice(b"\x1b[?2026l");
        }
    }

    fn show_cursor(&mut self, shown: bool, out: &mut Vec<u8>) {
        if self.cursor_shown != Some(shown) {
            out.extend_from_slice(if shown { b"\x1b[?25h" } else { b"\x1b[?25l" });
            self.cursor_shown = Some(shown);
        }
    }
}
