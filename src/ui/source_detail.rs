//! The details of a source, under the list: how it stands, why, what it means, what to do, and how it is set up.

use super::canvas::{Canvas, span, wrap};
use super::sources::progress;
use super::text::visible;
use super::theme::Role;
use super::words::{count, source_status, source_word};
use crate::app::arrival_text;
use crate::app::arrivals::Brings;
use crate::app::data::SourceLine;
use crate::app::screen::{Area, Target};
use crate::app::source_text;
use crate::app::sources::SourcesTarget;
use crate::app::time;
use crate::domain::source::{Keeper, SourceStatus};
use crate::domain::wording::capital;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Area, line: &SourceLine) {
    canvas.rule(Area { height: 1, ..area }, &[span(line.name.as_str(), Role::Title)]);
    let width = area.width.saturating_sub(2);
    let mut texts: Vec<(String, Role)> = Vec::new();
    if let Some(run) = &line.current {
        let of = run.rows_expected.map(|rows| format!(" of {}", count(rows))).unwrap_or_default();
        texts.push(match run.at_work {
            true => (format!("{}: run {}, {}{of} rows so far", progress(run), run.id, count(run.rows)), Role::Busy),
            false => {
                (format!("{}: run {} is queued, and starts when it is its turn", progress(run), run.id), Role::Busy)
            }
        });
    }
    let (symbol, role) = source_status(line.health.status);
    let label = line.health.status.label();
    match &line.health.reason {
        // How its contract stands is in front of everything else.
        reason
            if line.standing().is_some()
                && matches!(line.health.status, SourceStatus::Active | SourceStatus::NoData) =>
        {
            let (symbol, word, role) = source_word(line);
            let standing = line.standing().map(|standing| standing.message.as_str()).unwrap_or_default();
            texts.push((format!("{symbol} {word}: {standing}"), role));
            if let Some(reason) = reason {
                texts.push((format!("! {} {}", reason.message, source_text::action(line)), Role::Warn));
            }
        }
        // What it lacks is just coming.
        _ if line.current.is_some() && line.health.status == SourceStatus::NoData => {}
        Some(reason) => {
            let since = match reason.since_ms {
                Some(at_ms) => {
                    format!(" since {}", canvas.told(time::on_date(at_ms, canvas.app.now_ms, canvas.app.zone)))
                }
                None => String::new(),
            };
            texts.push((format!("{symbol} {label}{since}: {}", reason.message), role));
            texts.push((reason.means.clone(), Role::Text));
            texts.push((format!("Do: {}", source_text::action(line)), Role::Text));
        }
        None => texts.push((format!("{symbol} {label}: its last run finished, and no row failed."), role)),
    }
    let more = canvas.app.sources.more(line.id);
    if let Some(brings) = &line.brings {
        arrivals(canvas, line, brings, &mut texts);
    }
    let reason = line.health.reason.as_ref().map(|reason| reason.message.as_str());
    if let Some(error) = line.error.as_deref().filter(|error| Some(*error) != reason) {
        texts.push((format!("Last error: {error}"), Role::Bad));
    }
    let account = line.account.as_deref().map(|account| format!("account {account} · ")).unwrap_or_default();
    let file = match &line.brings {
        Some(brings) => {
            format!("{} · {}", arrival_text::place(&brings.connection), arrival_text::after(&brings.after_import))
        }
        None => line.form.location.clone().unwrap_or_else(|| "no file yet".to_owned()),
    };
    texts.push((format!("{account}{file} · {}", source_text::scope(line)), Role::Dim));
    let now = (canvas.app.now_ms, canvas.app.zone);
    let mapping = source_text::mapping(line, |at_ms| canvas.told(time::on_date(at_ms, now.0, now.1)));
    let reimport = source_text::reimport(line, canvas.app.sources.more(line.id));
    let missing = more.map(|more| more.not_mapped.join(", ").to_lowercase()).filter(|missing| !missing.is_empty());
    if let Some(missing) = missing {
        texts.push((format!("! Not mapped: {missing}"), Role::Warn));
    }
    texts.push((format!("{} · {reimport}", capital(&mapping)), Role::Dim));
    let said = [("for", &line.form.purpose), ("owner", &line.form.owner), ("notes", &line.form.notes)];
    // Whose the files are stands beside what is expected of them.
    let has_owner = line.brings.as_ref().is_some_and(|brings| brings.contract.is_some());
    let said = said.into_iter().filter(|(word, _)| *word != "owner" || !has_owner);
    let said: Vec<String> = said.filter_map(|(word, text)| Some(format!("{word}: {}", text.as_ref()?))).collect();
    if !said.is_empty() {
        texts.push((capital(&said.join(" · ")), Role::Dim));
    }
    // What there is no room for is cut at the end of the longest texts, each to one line at least: first how the source
    // is set up, then what is the matter and what to do.
    canvas.target(area, Target::Sources(SourcesTarget::Detail));
    let room = usize::from(area.height.saturating_sub(1));
    let mut wrapped: Vec<(Vec<String>, Role)> =
        texts.iter().map(|(text, role)| (wrap(&visible(text), usize::from(width)), *role)).collect();
    if wrapped.iter().map(|(lines, _)| lines.len()).sum::<usize>() > room {
        canvas.spans_right(area.x, area.y, area.width.saturating_sub(1), &[span(" e shows all ", Role::Dim)]);
    }
    // Of a source that brings its own files so much is told that the last of it goes whole, never the first.
    if line.brings.is_some() {
        while wrapped.len() > 3 && wrapped.iter().map(|(lines, _)| lines.len()).sum::<usize>() > room {
            wrapped.pop();
        }
    }
    while wrapped.iter().map(|(lines, _)| lines.len()).sum::<usize>() > room {
        let rank = |at: &usize| (wrapped[*at].0.len() > 1, wrapped[*at].1 == Role::Dim, wrapped[*at].0.len());
        let Some(at) = (0..wrapped.len()).max_by_key(rank) else { break };
        if wrapped[at].0.len() == 1 {
            break;
        }
        wrapped[at].0.pop();
        if let Some(last) = wrapped[at].0.last_mut().filter(|last| !last.ends_with('…')) {
            last.push_str(" …");
        }
    }
    let lines = wrapped.iter().flat_map(|(lines, role)| lines.iter().map(move |line| (line, *role)));
    for ((text, role), y) in lines.zip(area.y + 1..area.y + area.height) {
        canvas.put(area.x + 1, y, width, text, role);
    }
}

/// How its files come: what somebody should look at, what was agreed, the last look.
fn arrivals(canvas: &mut Canvas<'_>, line: &SourceLine, brings: &Brings, texts: &mut Vec<(String, Role)>) {
    let app = canvas.app;
    let more = app.sources.more(line.id).and_then(|more| more.brings.as_ref());
    if let Some(standing) = brings.standing.as_ref().filter(|standing| standing.tell_upstream.is_none())
        && !matches!(line.health.status, SourceStatus::Active | SourceStatus::NoData)
        && !line.health.status.is_of_contract()
    {
        texts.push((format!("{}: {}", standing.label(), standing.message), Role::Text));
    }
    for warning in arrival_text::warnings(line, more, app.view.keeper == Keeper::Stays) {
        texts.push((format!("! {warning}"), Role::Warn));
    }
    if let Some(contract) = &brings.contract {
        let owner = line.form.owner.as_deref().map(|owner| format!(" · from {owner}")).unwrap_or_default();
        texts.push((format!("Expects {}{owner}", arrival_text::expects(contract)), Role::Text));
    }
    let looked = match &brings.looked {
        Some(looked) => {
            canvas.drawn.changes(looked.retries_until_ms().filter(|at_ms| *at_ms > app.now_ms));
            let (what, is_whole) = arrival_text::look(looked, app.now_ms, app.zone);
            let at = canvas.when(looked.started_ms);
            (format!("Looked {at} {what} · {}", arrival_text::looked_at(brings)), is_whole)
        }
        None => (format!("Nobody has looked yet · {}", arrival_text::looked_at(brings)), true),
    };
    texts.push((looked.0, if looked.1 { Role::Text } else { Role::Warn }));
    if let Some(more) = more {
        let missed = arrival_text::missed(&more.dues);
        let normal = more.normal.as_ref().map(|normal| format!("Normal: {normal}"));
        let text: Vec<String> = missed.into_iter().chain(normal).collect();
        if !text.is_empty() {
            texts.push((text.join(" · "), Role::Dim));
        }
    }
    texts.push((format!("Files: {}", arrival_text::files(brings)), Role::Dim));
}
