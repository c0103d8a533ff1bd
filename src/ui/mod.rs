//! What the application looks like: draws `&App` and decides nothing. One file a tab, page or kind of dialog.
//!
//! [`text`] makes text from outside safe to show; every text on the screen passes it in [`canvas`].
mod canvas;
mod chrome;
mod connecting;
mod contact;
mod dialog;
mod import;
mod lookup;
mod mapping;
mod note;
mod picker;
mod row;
mod rows;
mod run;
mod runs;
mod source_detail;
mod source_files;
mod source_form;
mod sources;
mod table;
pub mod text;
mod theme;
pub mod words;

use crate::app::screen::{Area, Drawn};
use crate::app::{App, Tab};
use canvas::Canvas;
use ratatui::buffer::Buffer;

/// Draws the application on a buffer of any size, and answers what the application has to know of it.
pub fn draw(app: &App, buffer: &mut Buffer) -> Drawn {
    let mut canvas = Canvas::new(app, buffer);
    let whole = canvas.area();
    chrome::header(&mut canvas, whole);
    let body = Area { y: whole.y + 2.min(whole.height), height: whole.height.saturating_sub(4), ..whole };
    let rule = Area { y: whole.y + 1, height: 1, ..whole };
    if whole.height > 1 {
        note::place(&mut canvas, rule);
    }
    let body = note::draw(&mut canvas, body);
    match app.tab {
        Tab::Sources => sources::draw(&mut canvas, body),
        Tab::Mapping => mapping::draw(&mut canvas, body),
        Tab::Runs => runs::draw(&mut canvas, body),
        Tab::Lookup => lookup::draw(&mut canvas, body),
    }
    chrome::footer(&mut canvas, whole);
    if !app.dialogs.is_empty() {
        // What lies under a dialog is out of reach.
        canvas.drawn.targets.clear();
        canvas.drawn.cursor = None;
        // The place on the guided path stays in sight.
        let top = if app.guide.is_some() { 2.min(whole.height) } else { 0 };
        dialog::draw(&mut canvas, Area { y: whole.y + top, height: whole.height - top, ..whole });
        // Its hints can be clicked, though they lie outside of it.
        chrome::footer(&mut canvas, whole);
    }
    canvas.drawn
}
