//! What the guide and the tour say: a place line under the tabs, and a small box at the foot of the body that covers
//! nothing.

use super::canvas::{Canvas, Span, span, wrap};
use super::table::drawn_width;
use super::text::visible;
use super::theme::Role;
use crate::app::App;
use crate::app::guide::{self, NEXT, Place};
use crate::app::screen::Area;
use crate::app::{Tab, tour};

/// A body of fewer lines has no room for it.
const LEAST_BODY: u16 = 12;

/// What the box says: title, text, and what stands at its foot.
fn told(app: &App) -> Option<(String, String, String)> {
    if let Some((title, text, step, steps)) = tour::shown(app) {
        let keys = format!("enter next · ← back · esc leave the tour · {step} of {steps}");
        return Some((title.to_owned(), text, keys));
    }
    let is_result = app.tab == Tab::Runs && guide::place(app) == Some(Place::Result);
    is_result.then(|| {
        let keys = "Q leaves the guide; so does going on".to_owned();
        ("Your first import is done. What next".to_owned(), NEXT.join(" "), keys)
    })
}

/// The body without the box, which is drawn.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: Area) -> Area {
    let Some((title, text, keys)) = told(canvas.app).filter(|_| body.height >= LEAST_BODY) else { return body };
    let columns = usize::from(body.width.saturating_sub(4));
    let lines = wrap(&visible(&text), columns);
    let height = (u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(3)).min(body.height / 2);
    let area = Area { y: body.y + body.height - height, height, ..body };
    let inner = canvas.frame(area, &title, Role::Key);
    for (line, y) in lines.iter().zip(inner.y..(inner.y + inner.height).saturating_sub(1)) {
        canvas.put(inner.x, y, inner.width, line, Role::Text);
    }
    if inner.height > 0 {
        canvas.put(inner.x, inner.y + inner.height - 1, inner.width, &keys, Role::Dim);
    }
    Area { height: body.height - height, ..body }
}

/// Where one is on the path of the first import, in the rule under the tabs.
pub(super) fn place(canvas: &mut Canvas<'_>, rule: Area) {
    let Some(here) = guide::place(canvas.app) else { return };
    let mut spans: Vec<Span<'_>> = vec![span(" ", Role::Text)];
    for (at, place) in Place::ALL.into_iter().enumerate() {
        if at > 0 {
            spans.push(span(" › ", Role::Dim));
        }
        let (mark, role) = match place.cmp(&here) {
            std::cmp::Ordering::Less => ("✓ ", Role::Good),
            std::cmp::Ordering::Equal => ("▌", Role::Selected),
            std::cmp::Ordering::Greater => ("", Role::Dim),
        };
        spans.push(span(mark, if mark == "▌" { Role::Key } else { role }));
        spans.push(span(place.title(), role));
    }
    spans.push(span(" ", Role::Text));
    let taken = canvas.spans(rule.x + 1, rule.y, rule.width.saturating_sub(2), &spans);
    let leave = " Q leaves the guide ";
    if taken + drawn_width(leave) + 3 <= rule.width {
        canvas.spans_right(rule.x, rule.y, rule.width.saturating_sub(1), &[span(leave, Role::Dim)]);
    }
}
