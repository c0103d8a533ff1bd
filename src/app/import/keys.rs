//! What each key does in the review, and when.

use super::change::{change, reviewable};
use super::{
    Import, Step, accept, back, choose_file, decide, edit_mapping, is_mapped, resume_source, show_rows, shown, start,
    take_back, take_suggested,
};
use crate::app::data::Remedy;
use crate::app::keys::{Binding, Scope, binding};
use crate::app::review::{self, Change};
use crate::app::{App, dialog};

macro_rules! key {
    ($($rest:tt)*) => {
        binding!(Scope::Import, $($rest)*)
    };
}

pub(in crate::app) const KEYS: &[Binding] = &[
    key!(
        &["m", "<enter>"],
        "look at the mapping",
        1,
        "Look at the mapping first; nothing is imported by that",
        is_unseen,
        edit_mapping
    ),
    key!(
        &["s"],
        "import as suggested",
        2,
        "Go on to the review with the suggested mapping, which nobody has looked at",
        is_unseen,
        take_suggested
    ),
    key!(&["<space>"], "accept", 1, "Accept the disclaimer, or take that back", is_ready, accept),
    key!(&["<enter>"], "start", 1, "Start the import, once its disclaimer is accepted (space)", may_start, start),
    key!(
        &["<enter>"],
        "look at the mapping",
        1,
        "Look at the mapping, which nobody has seen; nothing is imported by that",
        wants_mapping,
        edit_mapping
    ),
    key!(&["<enter>"], "", 9, "Close the page that says why nothing is imported", says_no, dialog::close),
    key!(&["S"], "start uncounted", 1, "Start the import without waiting for the numbers", may_start_early, start),
    key!(&["r"], "rows", 2, "Show the rows behind the numbers; Back comes back here", has_rows, show_rows),
    key!(&["m"], "mode", 3, "Create, update, or create and update", is_ready, |app, fx| change(app, Change::Mode, fx)),
    key!(&["d"], "duplicates", 4, "Change by what contacts are found that are here already", is_ready, |app, fx| {
        change(app, Change::Duplicates, fx);
    }),
    key!(
        &["x"],
        "empty cells",
        4,
        "Let empty cells change nothing, or clear what their fields hold",
        is_ready,
        |app, fx| {
            change(app, Change::Empty, fx);
        }
    ),
    key!(&["t"], "tags", 3, "Change the tags that every contact of this import gets", is_ready, |app, fx| {
        change(app, Change::Tags, fx);
    }),
    key!(&["f"], "filters", 4, "Import only rows that meet conditions", may_filter, |app, fx| {
        change(app, Change::Filters, fx);
    }),
    key!(&["a"], "since", 5, "Import only rows that changed after a day", is_ready, |app, fx| {
        change(app, Change::Since, fx);
    }),
    key!(
        &["e"],
        "mapping",
        2,
        "Edit the mapping; this review is closed, and nothing is imported",
        may_edit,
        |app, fx| {
            change(app, Change::Mapping, fx);
        }
    ),
    key!(&["v"], "mark reviewed", 4, "Mark the mapping as reviewed by you", may_review, |app, fx| {
        change(app, Change::Review, fx);
    }),
    key!(&["D"], "count again", 2, "Count anew what the import would do", may_count_again, |app, fx| {
        change(app, Change::CountAgain, fx);
    }),
    key!(&["u"], "leave them out", 1, "Leave the columns that are not mapped out", offers_unmapped, |app, fx| {
        decide(app, |remedy| *remedy == Remedy::AcceptUnmapped, fx);
    }),
    key!(&["n"], "import again", 1, "Import the same file again, on purpose", offers_again, |app, fx| {
        decide(app, |remedy| *remedy == Remedy::Again, fx);
    }),
    key!(&["s"], "accept short rows", 1, "Import although many rows end early", offers_short, |app, fx| {
        decide(app, |remedy| *remedy == Remedy::AcceptShortRows, fx);
    }),
    key!(&["d"], "day first", 1, "Read the column's dates day first", offers_day, |app, fx| {
        decide(app, |remedy| matches!(remedy, Remedy::DayFirst(_)), fx);
    }),
    key!(&["m"], "month first", 1, "Read the column's dates month first", offers_month, |app, fx| {
        decide(app, |remedy| matches!(remedy, Remedy::MonthFirst(_)), fx);
    }),
    key!(&["p"], "resume source", 1, "Take the pause of the source back", offers_resume, resume_source),
    key!(&["z"], "take it back", 1, "Take the last change back", may_take_back, take_back),
    key!(&["c"], "copy command", 2, "Copy the command that does it on the command line", has_command, |app, fx| {
        if let Some(Step::Refused(refused)) = shown(app).map(|import| &import.step) {
            // What the words in it stand for is no part of the command.
            let command = refused.next.split(" (for each ").next().unwrap_or_default().to_owned();
            dialog::copy_commands(app, &[command], fx);
        }
    }),
    key!(&["f"], "choose a file", 1, "Choose another file", offers_file, choose_file),
];

/// Where a review waits while the rows behind its numbers are looked at.
pub(in crate::app) const ASIDE: &[Binding] = &[Binding {
    scope: Scope::Everywhere,
    keys: &["B"],
    hint: "back to the review",
    help: "Back to the review of the import",
    priority: 0,
    when: |app| app.review.is_some(),
    run: |app, fx| {
        back(app, fx);
    },
}];

pub(super) fn is_ready(app: &App) -> bool {
    shown(app).is_some_and(|import| matches!(import.step, Step::Ready(_)))
}

/// The mapping is to be looked at first.
pub(super) fn is_unseen(app: &App) -> bool {
    shown(app).is_some_and(|import| matches!(import.step, Step::Unseen(_)))
}

/// What it lacks is a mapping, and nobody has said anything of one yet.
fn wants_mapping(app: &App) -> bool {
    let is_mapped = shown(app).is_some_and(|import| is_mapped(app, import.wanted.source));
    !is_mapped && offers(app, |remedy| *remedy == Remedy::EditMapping)
}

/// Nothing but closing can be done with Enter.
fn says_no(app: &App) -> bool {
    shown(app).is_some_and(|import| matches!(import.step, Step::Refused(_) | Step::Failed(_)))
}

fn has_command(app: &App) -> bool {
    shown(app)
        .is_some_and(|import| matches!(&import.step, Step::Refused(refused) if refused.next.starts_with("landfall ")))
}

pub(super) fn may_start(app: &App) -> bool {
    is_ready(app) && shown(app).is_some_and(|import| import.accepted && import.is_counted())
}

pub(super) fn may_start_early(app: &App) -> bool {
    is_ready(app) && shown(app).is_some_and(|import| import.accepted && !import.is_counted())
}

pub(super) fn has_rows(app: &App) -> bool {
    is_ready(app) && shown(app).is_some_and(|import| import.dry_run.counted().is_some())
}

pub(super) fn may_edit(app: &App) -> bool {
    is_ready(app) || offers(app, |remedy| *remedy == Remedy::EditMapping)
}

pub(super) fn may_filter(app: &App) -> bool {
    is_ready(app) || offers(app, |remedy| *remedy == Remedy::EditFilters)
}

/// A mapping that is saved as it stands, and that nobody has reviewed.
pub(super) fn may_review(app: &App) -> bool {
    is_ready(app) && app.can_change() && reviewable(app).is_some()
}

pub(super) fn may_count_again(app: &App) -> bool {
    is_ready(app) && shown(app).is_some_and(|import| review::may_count_again(&import.dry_run))
}

fn may_take_back(app: &App) -> bool {
    shown(app).is_some_and(Import::may_take_back)
}

fn offers(app: &App, which: impl Fn(&Remedy) -> bool) -> bool {
    shown(app).is_some_and(|import| import.offers(which))
}

fn offers_unmapped(app: &App) -> bool {
    offers(app, |remedy| *remedy == Remedy::AcceptUnmapped)
}

fn offers_again(app: &App) -> bool {
    offers(app, |remedy| *remedy == Remedy::Again)
}

fn offers_short(app: &App) -> bool {
    offers(app, |remedy| *remedy == Remedy::AcceptShortRows)
}

fn offers_day(app: &App) -> bool {
    offers(app, |remedy| matches!(remedy, Remedy::DayFirst(_)))
}

fn offers_month(app: &App) -> bool {
    offers(app, |remedy| matches!(remedy, Remedy::MonthFirst(_)))
}

fn offers_resume(app: &App) -> bool {
    offers(app, |remedy| *remedy == Remedy::ResumeSource)
}

fn offers_file(app: &App) -> bool {
    offers(app, |remedy| *remedy == Remedy::ChooseFile)
        || shown(app).is_some_and(|import| matches!(import.step, Step::Failed(_)))
}
