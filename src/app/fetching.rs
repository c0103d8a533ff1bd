//! Fetching a file of a source that brings its own, to look at its columns before anything is imported.

use super::data::SourceLine;
use super::message::{Act, Effect, Failure};
use super::numbers::bytes;
use super::{App, Effects, Tab, import, mapping, source_files, sources, time};
use crate::domain::id::{DeliveryId, SourceId};
use std::path::PathBuf;

/// What is being fetched, and what came of the last try that failed.
#[derive(Debug, Default)]
pub struct Fetching {
    under_way: Option<UnderWay>,
    failed: Option<(SourceId, Failure)>,
}

/// A file on its way.
#[derive(Debug)]
struct UnderWay {
    source: SourceId,
    /// Since when what is told last has been so (ms since 1970, UTC).
    since_ms: i64,
    progress: Option<Progress>,
    then: Then,
}

/// What comes once the file is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Then {
    /// Its columns are looked at.
    Look,
    /// The review of its import, with what is special about the file.
    Import { mind: Vec<String> },
}

/// How far a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub source: SourceId,
    pub name: String,
    pub stage: Stage,
}

/// What is done with it just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It may still be uploaded, and is looked at again after so long (ms).
    Waiting { ms: i64 },
    /// So many of its bytes are here.
    Fetching { bytes: u64, of: u64 },
}

/// Whether the newest file of the source can be fetched to be looked at.
pub fn may_fetch(app: &App, line: &SourceLine) -> bool {
    app.can_change() && line.brings.is_some() && !line.is_paused() && app.fetching.under_way.is_none()
}

/// Whether a file is on its way.
pub(super) fn is_under_way(app: &App) -> bool {
    app.fetching.under_way.is_some()
}

/// Fetches the newest file of a source, or the one of this name.
pub(super) fn start(app: &mut App, source: SourceId, name: Option<String>, then: Then, fx: &mut Effects) {
    let since_ms = app.now_ms;
    app.fetching = Fetching { under_way: Some(UnderWay { source, since_ms, progress: None, then }), failed: None };
    fx.push(Effect::Do(Act::FetchFile(source, name)));
}

/// How far it is.
pub(super) fn told(app: &mut App, progress: Progress) {
    let now_ms = app.now_ms;
    if let Some(under_way) = app.fetching.under_way.as_mut().filter(|under_way| under_way.source == progress.source) {
        if under_way.progress.as_ref().map(|known| known.stage) != Some(progress.stage) {
            under_way.since_ms = now_ms;
        }
        under_way.progress = Some(progress);
    }
}

/// What is told of a file of the source that is on its way, and when that is to be told anew (ms since 1970, UTC).
pub fn state(app: &App, source: SourceId) -> Option<(String, i64)> {
    let under_way = app.fetching.under_way.as_ref().filter(|under_way| under_way.source == source)?;
    let waited = (app.now_ms - under_way.since_ms).max(0);
    let next = under_way.since_ms + (waited / 1000 + 1) * 1000;
    let text = match &under_way.progress {
        None => format!("Looking for the newest file … {}", time::elapsed((waited / 1000 * 1000).unsigned_abs())),
        Some(Progress { name, stage: Stage::Waiting { ms }, .. }) => {
            let left = ((ms - waited).max(0) as u64).div_ceil(1000);
            format!("{name} may still be uploaded: fetched in {left} s if unchanged …")
        }
        Some(Progress { name, stage: Stage::Fetching { bytes: here, of }, .. }) => {
            format!("Fetching {name}: {} of {} …", bytes(*here), bytes(*of))
        }
    };
    Some((text, next))
}

/// Why the last try for the source failed.
pub fn failure(app: &App, source: SourceId) -> Option<&Failure> {
    app.fetching.failed.as_ref().filter(|(of, _)| *of == source).map(|(_, failure)| failure)
}

/// The file is here: it is shown to whoever still waits for it.
pub(super) fn done(app: &mut App, source: SourceId, fetched: (DeliveryId, PathBuf), name: &str, fx: &mut Effects) {
    let Some(UnderWay { then, .. }) = app.fetching.under_way.take() else { return };
    match then {
        Then::Import { mind } if source_files::is_open(app, source) => {
            let of = sources::name_of(app, source).to_owned();
            import::open_of(app, source, of, fetched, mind, fx);
        }
        Then::Look if app.tab == Tab::Mapping && mapping::source(app).is_some_and(|line| line.id == source) => {
            app.say(format!("{name} is fetched, and nothing of it is imported yet."));
            mapping::open_newest(app, source, fx);
        }
        _ => app.say(format!("{name} is fetched, and nothing of it is imported yet: m shows its columns.")),
    }
}

/// It did not come. Answers whether that is shown where it was wanted.
pub(super) fn failed(app: &mut App, failure: &Failure) -> bool {
    let Some(UnderWay { source, then, .. }) = app.fetching.under_way.take() else { return false };
    app.fetching.failed = Some((source, failure.clone()));
    let is_shown = app.tab == Tab::Mapping && app.dialogs.is_empty() && then == Then::Look;
    is_shown && mapping::source(app).is_some_and(|line| line.id == source)
}
