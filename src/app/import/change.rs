//! What of an import can be changed in its review: each change prepares it anew, and takes the tick away.

use super::{DryRun, Import, Step, edit_mapping, import, prepare_anew, show_rows, shown};
use crate::app::data::{ImportWanted, PreparedImport};
use crate::app::dialog::{Dialog, Prompt, Purpose};
use crate::app::field::Field;
use crate::app::message::{Act, Effect};
use crate::app::review::Change;
use crate::app::{App, Effects};
use crate::domain::id::SourceId;
use crate::domain::plan::Duplicates;
use crate::domain::run::Mode;
use crate::domain::settings::MatchOn;
use chrono::NaiveDate;

/// Changes what a line of the review says, or does what it leads to.
pub(super) fn change(app: &mut App, what: Change, fx: &mut Effects) {
    match what {
        Change::Mode => prepared_with(app, fx, |wanted, prepared| {
            wanted.mode = Some(match prepared.mode {
                Mode::Upsert => Mode::Create,
                Mode::Create => Mode::Update,
                Mode::Update => Mode::Upsert,
            });
        }),
        Change::Duplicates => prepared_with(app, fx, |wanted, prepared| {
            wanted.duplicates = Some(next_duplicates(prepared.duplicates));
        }),
        Change::Empty => prepared_with(app, fx, |wanted, prepared| wanted.clear_empty = Some(!prepared.clear_empty)),
        Change::Tags => ask_tags(app),
        Change::Filters => ask_filters(app),
        Change::Since => ask_since(app),
        Change::Mapping => edit_mapping(app, fx),
        Change::Review => {
            if let Some((source, saved)) = reviewable(app) {
                fx.push(Effect::Do(Act::ReviewMapping(source, saved)));
            }
        }
        Change::Rows => show_rows(app, fx),
        Change::CountAgain => {
            if let Some(import) = import(app) {
                import.dry_run = DryRun::Planned;
                fx.push(Effect::Do(Act::PlanDryRun));
            }
        }
    }
}

fn next_duplicates(now: Duplicates) -> Duplicates {
    let refused = |email, phone| Duplicates::Refused(MatchOn { email, phone });
    match now {
        Duplicates::Refused(MatchOn { email: true, phone: true }) => refused(true, false),
        Duplicates::Refused(MatchOn { email: true, phone: false }) => refused(false, true),
        Duplicates::Refused(_) => Duplicates::Allowed,
        Duplicates::Allowed => refused(true, true),
    }
}

/// Changes what is wanted, of what is prepared, and prepares it anew.
fn prepared_with(app: &mut App, fx: &mut Effects, change: impl FnOnce(&mut ImportWanted, &PreparedImport)) {
    let Some(import) = import(app) else { return };
    let Step::Ready(prepared) = &import.step else { return };
    change(&mut import.wanted, prepared);
    prepare_anew(app, fx);
}

fn ask_tags(app: &mut App) {
    let Some(prepared) = shown(app).and_then(Import::prepared) else { return };
    prompt(
        app,
        "Tags of this import",
        "Every contact that it creates or updates gets them; commas between.",
        prepared.tags.join(", "),
        Purpose::TagImport,
    );
}

fn ask_filters(app: &mut App) {
    let Some(import) = shown(app) else { return };
    let filters = match (&import.wanted.filters, import.prepared()) {
        (Some(filters), _) => filters,
        (None, Some(prepared)) => &prepared.filters,
        (None, None) => return,
    };
    prompt(
        app,
        "Only rows with",
        "FIELD OP VALUE, such as status = customer; semicolons between. Empty for all rows.",
        filters.join("; "),
        Purpose::FilterImport,
    );
}

fn ask_since(app: &mut App) {
    let Some(prepared) = shown(app).and_then(Import::prepared) else { return };
    prompt(
        app,
        "Only rows that changed since",
        "A day, as 2026-01-31; older rows are skipped. Empty for all rows.",
        prepared.since.clone().unwrap_or_default(),
        Purpose::SinceImport,
    );
}

fn prompt(app: &mut App, title: &str, label: &str, text: String, purpose: Purpose) {
    let (title, label) = (title.to_owned(), label.to_owned());
    app.open(Dialog::Prompt(Prompt { title, label, field: Field::with(&text), purpose, error: None }));
}

/// Prepares anew with these tags.
pub(in crate::app) fn tagged(app: &mut App, text: &str, fx: &mut Effects) {
    let Some(import) = import(app) else { return };
    import.wanted.tags = Some(parts(text, ','));
    prepare_anew(app, fx);
}

/// Prepares anew with these conditions.
pub(in crate::app) fn filtered(app: &mut App, text: &str, fx: &mut Effects) {
    let Some(import) = import(app) else { return };
    import.wanted.filters = Some(parts(text, ';'));
    prepare_anew(app, fx);
}

/// The day that was typed, or what is wrong with it.
pub(in crate::app) fn day_of(text: &str) -> Result<Option<NaiveDate>, String> {
    match text.trim() {
        "" => Ok(None),
        day => NaiveDate::parse_from_str(day, "%Y-%m-%d")
            .map(Some)
            .map_err(|_| format!("{day} is no day. Write it as 2026-01-31.")),
    }
}

/// Prepares anew with this day.
pub(in crate::app) fn since(app: &mut App, day: Option<NaiveDate>, fx: &mut Effects) {
    let Some(import) = import(app) else { return };
    import.wanted.since = Some(day);
    prepare_anew(app, fx);
}

fn parts(text: &str, mark: char) -> Vec<String> {
    text.split(mark).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The source with the version of its mapping that nobody has reviewed, where the import uses it as it is saved.
pub(super) fn reviewable(app: &App) -> Option<(SourceId, (String, u64))> {
    let import = shown(app)?;
    let line = app.sources.lines.iter().flatten().find(|line| line.id == import.wanted.source)?;
    let saved = import.prepared()?.mapping.clone()?;
    (line.mapping.as_ref() == Some(&saved) && line.reviewed.is_none()).then_some((line.id, saved))
}
