//! How a source's files are reached.

use super::canvas::Canvas;
use super::dialog::{boxed, lines_of, scrolled};
use crate::app::connecting::Connecting;
use crate::app::screen::Area;

pub(super) fn draw(canvas: &mut Canvas<'_>, whole: Area, open: &Connecting) {
    let width = whole.width.min(92);
    let lines = lines_of(&open.lines(), width.saturating_sub(4));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inner = boxed(canvas, whole, width, height, &open.title());
    scrolled(canvas, inner, &lines, &open.list);
}
