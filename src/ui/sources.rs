use super::canvas::Canvas;
use crate::app::screen::Area;

pub(super) fn draw(_: &mut Canvas<'_>, _: Area) {}
