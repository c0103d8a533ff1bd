//! Review and Confirm: a page over the body with what an import will do, and the disclaimer at its foot; or why it does
//! not start.

use super::canvas::{Canvas, Span, span, wrap};
use super::dialog::boxed;
use super::table::drawn_width;
use super::text::{visible, width};
use super::theme::Role;
use crate::app::SLOW;
use crate::app::import::{BUTTONS, DISCLAIMER, Import, Step};
use crate::app::message::Slot;
use crate::app::numbers::counted;
use crate::app::review::{self, Change, Line, Review, Tone};
use crate::app::screen::{Area, ListId, Target};
use crate::app::time;

/// From so many columns on the review has two columns of content.
const WIDE: u16 = 108;
/// Columns of the key and the word before a line's text.
const KEY: u16 = 2;
const WORD: u16 = 16;

pub(super) fn draw(canvas: &mut Canvas<'_>, whole: Area, import: &Import) {
    match &import.step {
        Step::Preparing | Step::Resuming => preparing(canvas, whole, import),
        Step::Refused(refused) => {
            let title = format!("{} is not imported yet", import.name);
            text(canvas, whole, &title, &review::refusal(import, refused), import);
        }
        Step::Failed(failure) => {
            let plain = |text: &str, tone| Line { change: None, word: "", text: text.to_owned(), tone };
            let mut lines = vec![plain(&failure.message, Tone::Bad)];
            if !failure.next.is_empty() {
                lines.extend([plain("", Tone::Text), plain(&failure.next, Tone::Text)]);
            }
            lines.extend([plain("", Tone::Text), plain("f  choose another file", Tone::Strong)]);
            if import.may_take_back() {
                lines.push(plain("z  take the last change back", Tone::Strong));
            }
            text(canvas, whole, &format!("{} is not imported", import.name), &lines, import);
        }
        Step::Unseen(prepared) => {
            let title = format!("{}: look at its mapping first", import.name);
            unseen(canvas, whole, &title, &review::unseen(import, prepared), import);
        }
        Step::Ready(prepared) | Step::Starting(prepared) => {
            let review = review::review(canvas.app, import, prepared);
            page(canvas, import, &review);
        }
    }
}

fn preparing(canvas: &mut Canvas<'_>, whole: Area, import: &Import) {
    let inner = boxed(canvas, whole, 72, 5, "Review and Confirm");
    let Some(since) = canvas.app.waiting_since(Slot::Prepare) else { return };
    let waited = canvas.app.now_ms - since;
    if waited < SLOW {
        canvas.drawn.changes(Some(since + SLOW));
        return;
    }
    canvas.drawn.changes(Some(since + (waited / 1000 + 1) * 1000));
    let file = import.wanted.file.as_ref().and_then(|file| file.file_name());
    let what = file.map_or(import.name.clone(), |file| file.to_string_lossy().into_owned());
    canvas.put(inner.x, inner.y, inner.width, &format!("Copying and checking {what} …"), Role::Busy);
    let seconds = time::elapsed(u64::try_from(waited / 1000 * 1000).unwrap_or(0));
    let text = format!("Every row is read once; so far {seconds}. Esc gives it up, and nothing is imported.");
    canvas.paragraph(Area { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner }, &text, Role::Dim);
}

/// A text with a button that closes it.
fn text(canvas: &mut Canvas<'_>, whole: Area, title: &str, lines: &[Line], import: &Import) {
    let width = whole.width.min(84);
    let lines = wrapped(lines, width.saturating_sub(4));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
    let inner = boxed(canvas, whole, width, height, title);
    let body = Area { height: inner.height.saturating_sub(2), ..inner };
    scrolled(canvas, &[(body, lines)], import);
    button(canvas, inner, inner.y + inner.height.saturating_sub(1), "[ Close (esc) ]", 0, Role::Text);
}

/// What is suggested, and the choice between looking at it and going on.
fn unseen(canvas: &mut Canvas<'_>, whole: Area, title: &str, lines: &[Line], import: &Import) {
    const CHOICES: [(usize, &str, Role); 3] = [
        (1, "[ Look at the mapping first (m, enter) ]", Role::Button),
        (2, "[ Import with the suggested mapping, unseen (s) ]", Role::Text),
        (0, "[ Not now (esc) ]", Role::Text),
    ];
    let width = whole.width.min(84);
    let lines = wrapped(lines, width.saturating_sub(4));
    let choices = CHOICES.len() as u16;
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(choices + 3);
    let inner = boxed(canvas, whole, width, height, title);
    let choices = choices.min(inner.height);
    let body = Area { height: inner.height.saturating_sub(choices + 1), ..inner };
    scrolled(canvas, &[(body, lines)], import);
    for ((place, label, role), y) in CHOICES.into_iter().zip(inner.y + inner.height - choices..) {
        button(canvas, inner, y, label, place, role);
    }
}

/// The review itself: it fills what lies between the header and the hints.
fn page(canvas: &mut Canvas<'_>, import: &Import, review: &Review) {
    let whole = canvas.area();
    let top = 2.min(whole.height);
    let area = Area { y: whole.y + top, height: whole.height.saturating_sub(top + 2), ..whole };
    let inner = canvas.frame(area, &format!("Review and Confirm: {}", import.name), Role::Rule);
    canvas.target(area, Target::List(ListId::Dialog));
    let disclaimer = wrap(DISCLAIMER, usize::from(inner.width));
    let head = if inner.height >= 12 { 2 } else { 0 };
    let foot = (u16::try_from(disclaimer.len()).unwrap_or(0) + 3).min(inner.height);
    if head > 0 {
        top_lines(canvas, inner, review);
    }
    let body = Area { y: inner.y + head, height: inner.height.saturating_sub(head + foot), ..inner };
    let blank = || Line { change: None, word: "", text: String::new(), tone: Tone::Text };
    let joined = |parts: &[&[Line]]| {
        let mut lines: Vec<Line> = Vec::new();
        for part in parts.iter().filter(|part| !part.is_empty()) {
            if !lines.is_empty() {
                lines.push(blank());
            }
            lines.extend(part.iter().cloned());
        }
        lines
    };
    let Review { numbers, attention, settings, advice, columns, .. } = review;
    if inner.width >= WIDE {
        let left = Area { width: (inner.width - 3) / 2, ..body };
        let right = Area { x: left.x + left.width + 3, width: inner.width - left.width - 3, ..body };
        let lines = [
            (left, wrapped(&joined(&[settings, advice]), left.width)),
            (right, wrapped(&joined(&[numbers, attention, columns]), right.width)),
        ];
        scrolled(canvas, &lines, import);
    } else {
        let lines = wrapped(&joined(&[numbers, attention, settings, advice, columns]), body.width);
        scrolled(canvas, &[(body, lines)], import);
    }
    foot_of(canvas, Area { y: body.y + body.height, height: foot, ..inner }, import, review, &disclaimer);
}

/// The file with its rows, and the fields that matter most.
fn top_lines(canvas: &mut Canvas<'_>, inner: Area, review: &Review) {
    canvas.put(inner.x, inner.y, inner.width, &review.file, Role::Strong);
    let mut spans: Vec<Span<'_>> = Vec::new();
    for (mark, word, tone) in &review.important {
        spans.push(span(format!("{mark} {word}   "), role(*tone)));
    }
    spans.push(span(review.imported.as_str(), Role::Text));
    canvas.spans(inner.x, inner.y + 1, inner.width, &spans);
}

/// What it changes, what must be accepted, and the buttons.
fn foot_of(canvas: &mut Canvas<'_>, area: Area, import: &Import, review: &Review, disclaimer: &[String]) {
    canvas.rule(Area { height: 1.min(area.height), ..area }, &[]);
    let mut lines: Vec<(&str, Role)> = Vec::new();
    lines.extend(review.warning.iter().map(|line| (line.text.as_str(), role(line.tone))));
    lines.extend(disclaimer.iter().map(|line| (line.as_str(), Role::Text)));
    let bottom = area.y + area.height.saturating_sub(1);
    for ((text, role), y) in lines.into_iter().zip(area.y + 1..bottom) {
        canvas.put(area.x, y, area.width, text, role);
    }
    if area.height < 2 {
        return;
    }
    if import.is_starting() {
        canvas.put(area.x, bottom, area.width, "Starting …", Role::Busy);
        return;
    }
    let mark = if import.accepted { "[x] I accept (space)" } else { "[ ] I accept (space)" };
    let may = import.accepted;
    let label = if import.is_counted() { "[ Start (enter) ]" } else { "[ Start without the numbers (S) ]" };
    let start = if may { Role::Button } else { Role::Dim };
    let mut at = area;
    // The box first: it is what comes next.
    for (place, label, role) in [(1, mark, Role::Strong), (0, "[ Not now (esc) ]", Role::Text), (2, label, start)] {
        let taken = button(canvas, at, bottom, label, place, role);
        at = Area { x: at.x + taken + 2, width: at.width.saturating_sub(taken + 2), ..at };
    }
}

fn role(tone: Tone) -> Role {
    match tone {
        Tone::Text => Role::Text,
        Tone::Dim => Role::Dim,
        Tone::Strong => Role::Strong,
        Tone::Good => Role::Good,
        Tone::Warn => Role::Warn,
        Tone::Bad => Role::Bad,
        Tone::Busy => Role::Busy,
    }
}

/// A line on the screen: what it can be clicked for, its pieces.
type Drawn = (Option<Change>, Vec<(String, Role)>);

/// The lines that these take in so many columns.
fn wrapped(lines: &[Line], columns: u16) -> Vec<Drawn> {
    let mut drawn: Vec<Drawn> = Vec::new();
    for line in lines {
        let indent = match (line.change, line.word) {
            (None, "") => 0,
            _ => KEY + WORD,
        };
        let room = usize::from(columns.saturating_sub(indent)).max(8);
        for (at, text) in wrap(&visible(&line.text), room).into_iter().enumerate() {
            let mut pieces = Vec::new();
            if indent > 0 {
                let key = line.change.filter(|_| at == 0).map_or("", Change::key);
                let word = if at == 0 { line.word } else { "" };
                let pad = usize::from(WORD).saturating_sub(width(word));
                pieces.push((format!("{key:<2}"), Role::Key));
                pieces.push((format!("{word}{}", " ".repeat(pad)), Role::Dim));
            }
            pieces.push((text, role(line.tone)));
            drawn.push((line.change, pieces));
        }
    }
    drawn
}

/// Columns of lines from where they are scrolled to, all by the same number; says how many there are below.
fn scrolled(canvas: &mut Canvas<'_>, columns: &[(Area, Vec<Drawn>)], import: &Import) {
    let Some(height) = columns.first().map(|(area, _)| area.height) else { return };
    let longest = columns.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
    let most = longest.saturating_sub(usize::from(height));
    canvas.drawn.heights.insert(ListId::Dialog, usize::from(height));
    canvas.drawn.lines.insert(ListId::Dialog, vec![None; most + 1]);
    let first = import.list.selected.min(most);
    for (area, lines) in columns {
        for ((change, pieces), y) in lines.iter().skip(first).zip(area.y..area.y + area.height) {
            let spans: Vec<Span<'_>> = pieces.iter().map(|(text, role)| span(text.as_str(), *role)).collect();
            canvas.spans(area.x, y, area.width, &spans);
            if let Some(place) = change.and_then(|change| Change::ALL.iter().position(|known| *known == change)) {
                canvas.target(Area { y, height: 1, ..*area }, Target::Button(BUTTONS.len() + place));
            }
        }
    }
    if let Some((area, _)) = columns.last()
        && most > first
        && height > 0
    {
        let text = format!(" ↓ {} ", counted((most - first) as u64, "more line", "more lines"));
        canvas.spans_right(area.x, area.y + height - 1, area.width, &[span(text, Role::Key)]);
    }
}

fn button(canvas: &mut Canvas<'_>, area: Area, y: u16, label: &str, place: usize, role: Role) -> u16 {
    let columns = canvas.put(area.x, y, area.width.min(drawn_width(label)), label, role);
    canvas.target(Area { x: area.x, y, width: columns, height: 1 }, Target::Button(place));
    columns
}
