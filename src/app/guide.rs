//! The guided first import: one path from an empty workspace to a result. The guide only remembers what it made; where
//! one is on the path follows from the state, so that Back can never lead to a wrong place.

use super::data::SourceForm;
use super::dialog::Dialog;
use super::import;
use super::keys::{Binding, Scope};
use super::message::{Act, Effect};
use super::{App, Effects, Tab, mapping, picker, sources};
use crate::domain::id::{RunId, SourceId};
use crate::domain::source::{self, SourceMode, SourceOptions};
use std::path::{Path, PathBuf};

/// What the guide has led to so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guide {
    /// The file that was picked.
    pub file: Option<PathBuf>,
    pub source: Option<SourceId>,
    pub run: Option<RunId>,
    /// The result was on the screen.
    seen: bool,
}

/// The steps of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    File,
    Mapping,
    Review,
    Run,
    Result,
}

impl Place {
    pub const ALL: [Place; 5] = [Place::File, Place::Mapping, Place::Review, Place::Run, Place::Result];

    pub fn title(self) -> &'static str {
        match self {
            Place::File => "1 File",
            Place::Mapping => "2 Mapping",
            Place::Review => "3 Review",
            Place::Run => "4 Run",
            Place::Result => "5 Result",
        }
    }
}

/// What to do once the result is there.
pub const NEXT: [&str; 2] = [
    "enter shows the rows behind a number, x exports failed ones to be mended. 4 Lookup finds each contact.",
    "2 Mapping, then v: mark the mapping as reviewed. The next file is imported with i in 1 Sources.",
];

pub(super) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Sources,
        keys: &["<enter>"],
        hint: "first import",
        help: "Begin the first import: pick a file",
        priority: 0,
        when: is_welcome,
        run: begin,
    },
    Binding {
        scope: Scope::Sources,
        keys: &["w"],
        hint: "sample file",
        help: "Write a sample import file to begin with",
        priority: 1,
        when: is_welcome,
        run: |_, fx| fx.push(Effect::Do(Act::WriteSample)),
    },
    Binding {
        scope: Scope::Mapping,
        keys: &["<bs>"],
        hint: "back",
        help: "Back to picking a file; the mapping stays as it is",
        priority: 1,
        when: |app| place(app) == Some(Place::Mapping),
        run: begin,
    },
    Binding {
        scope: Scope::Import,
        keys: &["<bs>"],
        hint: "back",
        help: "Back to the mapping; nothing is imported",
        priority: 1,
        when: |app| place(app) == Some(Place::Review),
        run: |app, fx| {
            super::dialog::close(app, fx);
            if import::shown(app).is_none() && app.tab != Tab::Mapping {
                app.go(Tab::Mapping, fx);
            }
        },
    },
    Binding {
        scope: Scope::Everywhere,
        keys: &["Q"],
        hint: "",
        help: "Leave the guide of the first import; everything stays as it is",
        priority: 9,
        when: |app| app.guide.is_some(),
        run: |app, _| app.guide = None,
    },
];

/// Whether the welcome of a workspace without sources is shown.
fn is_welcome(app: &App) -> bool {
    app.can_change() && app.sources.lines.as_ref().is_some_and(Vec::is_empty)
}

/// Where one is on the path; none without a guide.
pub fn place(app: &App) -> Option<Place> {
    let guide = app.guide.as_ref()?;
    let page = app.runs.run.as_ref().filter(|page| Some(page.id) == guide.run);
    let has_ended = page.and_then(|page| page.detail.as_ref()).is_some_and(|detail| detail.line.status.is_ended());
    Some(match guide {
        Guide { run: Some(_), .. } if has_ended => Place::Result,
        Guide { run: Some(_), .. } => Place::Run,
        _ if import::anywhere(app).is_some() => Place::Review,
        _ if app.dialogs.iter().any(|dialog| matches!(dialog, Dialog::Picker(_))) => Place::File,
        Guide { source: Some(_), .. } => Place::Mapping,
        _ => Place::File,
    })
}

/// Picks the file that it is about.
fn begin(app: &mut App, fx: &mut Effects) {
    app.guide.get_or_insert_default();
    picker::open(app, picker::Purpose::First, fx);
}

/// A file was picked: its source is made at once, named after it; one that was made before stays, and gets another file.
pub(super) fn picked(app: &mut App, file: PathBuf, fx: &mut Effects) {
    app.dialogs.clear();
    let guide = app.guide.get_or_insert_default();
    guide.file = Some(file.clone());
    if let Some(source) = guide.source {
        return show_mapping(app, source, fx);
    }
    let form = SourceForm {
        name: free_name(&file, &sources::names_but(app, None)),
        mode: SourceMode::OneTime,
        location: Some(file.to_string_lossy().into_owned()),
        purpose: None,
        owner: None,
        notes: None,
        options: SourceOptions::default(),
    };
    fx.push(Effect::Do(Act::AddSource(Box::new(form), None)));
}

/// The file's name without its endings, with a number where there is such a source.
fn free_name(file: &Path, taken: &[String]) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = match source::name_of_file(&name) {
        "" => "Contacts".to_owned(),
        stem => stem.to_owned(),
    };
    let numbered = (2..).map(|number| format!("{stem} {number}"));
    std::iter::once(stem.clone()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or(stem)
}

/// A source was made, by the guide or by the form: it is the guide's, where that waits for one.
pub(super) fn added(app: &mut App, source: SourceId, fx: &mut Effects) {
    let Some(guide) = app.guide.as_mut().filter(|guide| guide.source.is_none()) else { return };
    guide.source = Some(source);
    if guide.file.is_some() {
        show_mapping(app, source, fx);
    }
}

fn show_mapping(app: &mut App, source: SourceId, fx: &mut Effects) {
    let file = app.guide.as_ref().and_then(|guide| guide.file.clone());
    sources::select(app, source);
    mapping::open(app, source, file, fx);
    app.go(Tab::Mapping, fx);
}

/// An import was started: it is the guide's.
pub(super) fn started(app: &mut App, run: RunId) {
    if let Some(guide) = app.guide.as_mut().filter(|guide| guide.source.is_some()) {
        guide.run = Some(run);
    }
}

/// The guide ends when one goes on from the result.
pub(super) fn follow(app: &mut App) {
    let is_result = place(app) == Some(Place::Result) && app.tab == Tab::Runs;
    let Some(guide) = &mut app.guide else { return };
    guide.seen |= is_result;
    let stays = app.tab == Tab::Runs && app.runs.run.as_ref().map(|page| page.id) == guide.run;
    if guide.seen && !stays {
        app.guide = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_named_after_its_file_and_never_like_another_one() {
        for (file, taken, name) in [
            ("/in/Trade fair.csv", &[][..], "Trade fair"),
            ("people.CSV.GZ", &["people"], "people 2"),
            ("people.csv", &["people", "people 2"], "people 3"),
            (".csv", &[], "Contacts"),
        ] {
            let taken: Vec<String> = taken.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(free_name(Path::new(file), &taken), name, "{file}");
        }
    }
}
