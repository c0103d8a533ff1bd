//! What the review of an import says, line by line; [`super::import`] holds its state.

use super::data::{ImportantField, PreparedImport, RefusedImport, Remedy, RunDetail};
use super::import::{self, DryRun, Import};
use super::numbers::{bytes, count, counted};
use super::run::{Reason, reasons};
use super::{App, explain, time};
use crate::domain::outcome::{OutcomeKind, SkipReason};
use crate::domain::plan::Duplicates;
use crate::domain::run::{Mode, RunStatus};
use crate::domain::settings::MatchOn;
use crate::domain::source::SourceOptions;

/// A line of the review that something can be done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Mode,
    Duplicates,
    Empty,
    Tags,
    Filters,
    Since,
    Mapping,
    Review,
    Rows,
    CountAgain,
}

impl Change {
    pub const ALL: [Change; 10] = [
        Change::Mode,
        Change::Duplicates,
        Change::Empty,
        Change::Tags,
        Change::Filters,
        Change::Since,
        Change::Mapping,
        Change::Review,
        Change::Rows,
        Change::CountAgain,
    ];

    /// The key that does it, as the key table has it.
    pub fn key(self) -> &'static str {
        match self {
            Change::Mode => "m",
            Change::Duplicates => "d",
            Change::Empty => "x",
            Change::Tags => "t",
            Change::Filters => "f",
            Change::Since => "a",
            Change::Mapping => "e",
            Change::Review => "v",
            Change::Rows => "r",
            Change::CountAgain => "D",
        }
    }
}

/// What a line is, for its colour; its words say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Text,
    Dim,
    Strong,
    Good,
    Warn,
    Bad,
    Busy,
}

/// A line, which may take several on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What can be done with it: its key stands before it.
    pub change: Option<Change>,
    /// What it is about; without one the text takes the whole width.
    pub word: &'static str,
    pub text: String,
    pub tone: Tone,
}

fn line(word: &'static str, text: impl Into<String>, tone: Tone) -> Line {
    Line { change: None, word, text: text.into(), tone }
}

fn changeable(change: Change, word: &'static str, text: impl Into<String>) -> Line {
    Line { change: Some(change), word, text: text.into(), tone: Tone::Text }
}

/// The parts of the review, in the order in which they matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Review {
    /// The file, with how much is in it.
    pub file: String,
    /// How many of its columns are imported.
    pub imported: String,
    /// The fields that matter most: mark and word.
    pub important: Vec<(&'static str, &'static str, Tone)>,
    pub numbers: Vec<Line>,
    pub settings: Vec<Line>,
    /// Why its run will need attention.
    pub attention: Vec<Line>,
    /// What to know before the start.
    pub advice: Vec<Line>,
    pub columns: Vec<Line>,
    /// What the start changes of contacts that are here (R217).
    pub warning: Option<Line>,
}

/// All that is told of an import that is ready.
pub fn review(app: &App, import: &Import, prepared: &PreparedImport) -> Review {
    let found = import.dry_run.counted().and_then(|detail| found_out(detail, prepared));
    Review {
        file: format!("{}: {}, {}", prepared.file, counted(prepared.rows, "row", "rows"), bytes(prepared.bytes)),
        imported: imported(prepared),
        important: prepared.important.iter().map(|field| important(field, found.as_deref())).collect(),
        numbers: numbers(app, &import.dry_run, prepared),
        settings: settings(app, import, prepared),
        attention: attention(prepared, found.as_deref()),
        advice: advice(prepared),
        columns: columns(prepared),
        warning: Some(warning(&import.dry_run)),
    }
}

/// ✓ mapped, ! doubted, ✗ not mapped.
fn important(field: &ImportantField, found: Option<&str>) -> (&'static str, &'static str, Tone) {
    let is_found = |column: &String| found.is_some_and(|found| found.contains(&format!("column {column:?}")));
    match (field.is_doubted || field.columns.iter().any(is_found), field.columns.is_empty()) {
        (true, _) => ("!", field.word, Tone::Warn),
        (false, true) => ("✗", field.word, Tone::Warn),
        (false, false) => ("✓", field.word, Tone::Good),
    }
}

/// Why the run will need attention, as far as only reading all rows told.
fn found_out(detail: &RunDetail, prepared: &PreparedImport) -> Option<String> {
    let all = detail.attention.join(" ");
    let rest = prepared.attention.iter().fold(all, |rest, known| rest.replacen(known.as_str(), "", 1));
    let rest = rest.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(rest).filter(|rest| !rest.is_empty())
}

/// Whether the numbers can be asked for once more: they no longer hold, or never came.
pub(super) fn may_count_again(dry_run: &DryRun) -> bool {
    match dry_run {
        DryRun::Failed(_) => true,
        DryRun::Begun(_, Some(detail)) => detail.stale || import::has_stopped(detail.line.status),
        _ => false,
    }
}

/// What a dry run over the whole file says, or how far it is.
fn numbers(app: &App, dry_run: &DryRun, prepared: &PreparedImport) -> Vec<Line> {
    let mut lines = Vec::new();
    match dry_run {
        DryRun::Planned | DryRun::Begun(_, None) => {
            lines.push(line("", "Dry run: counting what this import would do …", Tone::Busy));
        }
        DryRun::GoesOn => {
            let run = prepared.resumes.map(|run| run.to_string()).unwrap_or_default();
            let text = format!("Run {run} of this file has begun and not ended: it goes on where it stopped.");
            lines.push(line("", text, Tone::Strong));
        }
        DryRun::Failed(failure) => lines.push(Line {
            change: Some(Change::CountAgain),
            ..line("Not counted", format!("{} Count again?", failure.told()), Tone::Bad)
        }),
        DryRun::Begun(_, Some(detail)) => of_run(&mut lines, detail),
    }
    if !matches!(dry_run, DryRun::GoesOn)
        && let Some(others) = import::others_at_work(app)
    {
        let text = format!("Meanwhile {others}: what that changes is not counted in.");
        lines.push(line("", text, Tone::Warn));
    }
    lines
}

fn of_run(lines: &mut Vec<Line>, detail: &RunDetail) {
    let run = &detail.line;
    let counts = &run.counts;
    let terms: Vec<String> =
        OutcomeKind::ALL.into_iter().map(|kind| format!("{} {}", count(counts.of(kind)), kind.as_str())).collect();
    let equation = format!("{} = {}", terms.join(" + "), counted(counts.rows(), "row", "rows"));
    match run.status {
        RunStatus::Queued => lines.push(line("", "Dry run: it begins …", Tone::Busy)),
        RunStatus::Running => {
            let done = explain::percent(run).map(|percent| format!("{percent} %, ")).unwrap_or_default();
            lines.push(line("", format!("Dry run: {done}{equation} so far",), Tone::Busy));
        }
        status if import::has_stopped(status) => {
            let why = run.error.as_deref().unwrap_or("it was stopped");
            lines.push(Line {
                change: Some(Change::CountAgain),
                ..line("Not counted", format!("The dry run did not come to its end: {why} Count again?"), Tone::Bad)
            });
        }
        _ => {
            if detail.stale {
                lines.push(Line {
                    change: Some(Change::CountAgain),
                    ..line("Out of date", "contacts have changed since these were counted. Count again?", Tone::Warn)
                });
            }
            lines.push(Line { tone: Tone::Strong, ..changeable(Change::Rows, "Dry run", equation) });
            lines.extend(reasons(detail).iter().map(|reason| of_reason(detail, reason)));
            lines.extend(cleared(detail));
            lines.push(line("", here_already(detail), Tone::Text));
        }
    }
}

fn of_reason(detail: &RunDetail, reason: &Reason<'_>) -> Line {
    let field = |field| explain::label_of(detail, field).map(|label| format!(" ({label})")).unwrap_or_default();
    let (mark, number, text, first, tone) = match reason {
        Reason::Issue(issue) => (
            if issue.is_error { "✗" } else { "!" },
            issue.count.count,
            format!("{}{}", issue.count.code.message(), field(issue.count.field)),
            Some(issue.count.first_row),
            if issue.is_error { Tone::Bad } else { Tone::Warn },
        ),
        Reason::Skip(skip) => {
            ("–", skip.count, format!("skipped: {}", explain::skip(&skip.reason)), Some(skip.first_row), Tone::Text)
        }
        Reason::Skipped(number) => ("–", *number, "skipped".to_owned(), None, Tone::Text),
        Reason::Noted(number) => ("·", *number, "imported, with something worth knowing".to_owned(), None, Tone::Dim),
    };
    let first = first.map(|row| format!(", first in row {}", count(row))).unwrap_or_default();
    line("", format!("{mark} {} {text}{first}", count(number)), tone)
}

/// The fields that empty cells would clear (R259).
fn cleared(detail: &RunDetail) -> Option<Line> {
    let all: u64 = detail.cleared.iter().map(|cleared| cleared.count).sum();
    let label = |field| explain::label_of(detail, Some(field)).unwrap_or("a field");
    let fields = detail.cleared.iter().map(|cleared| format!("{} {}", label(cleared.field), count(cleared.count)));
    let fields: Vec<String> = fields.collect();
    let text = format!("! {} cleared by empty cells: {}", counted(all, "value is", "values are"), fields.join(", "));
    (all > 0).then(|| line("", text, Tone::Warn))
}

/// How many rows are about contacts that there are (R161).
fn here_already(detail: &RunDetail) -> String {
    let counts = &detail.line.counts;
    let is_duplicate = |skip: &&crate::domain::run::SkipCount| skip.reason == SkipReason::Duplicate;
    let skipped: u64 = detail.skips.iter().flatten().filter(is_duplicate).map(|skip| skip.count).sum();
    match counts.updated + counts.unchanged + skipped {
        0 => "No row is about a contact that is here already.".to_owned(),
        rows => format!(
            "{} about contacts that are here already, or that an earlier row brings.",
            counted(rows, "row is", "rows are")
        ),
    }
}

/// What can be changed, each with its key.
fn settings(app: &App, import: &Import, prepared: &PreparedImport) -> Vec<Line> {
    let mode = match prepared.mode {
        Mode::Upsert => "create and update: adds new ones, updates those found",
        Mode::Create => "create: adds new ones; those here already are skipped",
        Mode::Update => "update: changes those found; others are skipped",
    };
    let or_none = |list: &[String], mark: &str, none: &str| match list {
        [] => none.to_owned(),
        list => list.join(mark),
    };
    vec![
        changeable(Change::Mode, "Mode", mode),
        changeable(Change::Duplicates, "Duplicates", duplicates(prepared)),
        changeable(
            Change::Empty,
            "Empty cells",
            match prepared.clear_empty {
                true => "clear what their fields hold",
                false => "change nothing (don't update empty values)",
            },
        ),
        changeable(Change::Tags, "Tags", or_none(&prepared.tags, ", ", "none")),
        changeable(Change::Filters, "Only rows with", or_none(&prepared.filters, " and ", "anything: all rows")),
        changeable(Change::Since, "Changed since", prepared.since.as_deref().unwrap_or("any day")),
        mapping(app, import, prepared),
    ]
}

/// By what contacts are met, as the Duplicate Settings say (R219).
fn duplicates(prepared: &PreparedImport) -> String {
    let found = match prepared.matching.as_slice() {
        [] => "nothing: every row makes a contact of its own".to_owned(),
        by => by.join(", "),
    };
    match prepared.duplicates {
        Duplicates::Allowed => format!("allowed to share email and phone; found by {found}"),
        Duplicates::Refused(MatchOn { email, phone }) => {
            let by = match (email, phone) {
                (true, false) => "email",
                (false, true) => "phone",
                _ => "email and phone",
            };
            format!("{by}; found by {found}")
        }
    }
}

fn mapping(app: &App, import: &Import, prepared: &PreparedImport) -> Line {
    let source = app.sources.lines.iter().flatten().find(|line| line.id == import.wanted.source);
    let known = source.filter(|line| prepared.mapping.is_some() && line.mapping == prepared.mapping);
    let reviewed = known.and_then(|line| line.reviewed.as_ref());
    let (text, tone, change) = match (&prepared.mapping, reviewed) {
        (Some((_, version)), Some(by)) => {
            let when = time::in_full(by.at_ms, app.zone);
            (format!("version {version}, reviewed by {}, {when}", by.by), Tone::Text, Change::Mapping)
        }
        (Some((_, version)), None) => {
            let text = format!("version {version}, not reviewed yet (v marks it, e shows it)");
            (text, Tone::Warn, Change::Mapping)
        }
        (None, _) => {
            let text = "not reviewed yet (e shows it); the start saves it".to_owned();
            (text, Tone::Warn, Change::Mapping)
        }
    };
    Line { tone, ..changeable(change, "Mapping", text) }
}

fn imported(prepared: &PreparedImport) -> String {
    let mapped = prepared.columns.iter().filter(|column| column.field.is_some()).count();
    let all = prepared.columns.len();
    format!("{mapped} of {} imported", counted(all as u64, "column", "columns"))
}

fn attention(prepared: &PreparedImport, found: Option<&str>) -> Vec<Line> {
    let reasons = prepared.attention.iter().map(String::as_str).chain(found);
    reasons.map(|reason| line("! Attention", reason, Tone::Warn)).collect()
}

/// What to know before the start (R163–R165).
fn advice(prepared: &PreparedImport) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    if !prepared.unmapped.is_empty() {
        let text = format!("Don't import data for unmapped columns: {}", prepared.unmapped.join(" · "));
        lines.push(line("Left out", text, Tone::Text));
    }
    lines.push(line("Import again", reimport(prepared), Tone::Text));
    let backup = "Keep the original export: counts, owners and statuses are compared with it later.";
    lines.push(line("Backup", backup, Tone::Dim));
    let no_country = "none: phone numbers need their +, such as +49";
    let country = prepared.country.as_ref();
    let country = country.map_or(no_country.to_owned(), |code| format!("{code}, for phone numbers without +"));
    lines.push(line("Country", country, Tone::Dim));
    lines.extend(prepared.remarks.iter().map(|remark| line("Note", remark.clone(), Tone::Dim)));
    lines
}

/// What importing the same file again does (R164).
fn reimport(prepared: &PreparedImport) -> &'static str {
    if prepared.matching.is_empty() {
        return "A re-import duplicates contacts: no column says which contact a row is about.";
    }
    let allow_duplicates = prepared.duplicates == Duplicates::Allowed;
    SourceOptions { mode: prepared.mode, allow_duplicates, ..SourceOptions::default() }.reimport().sentence()
}

/// Where the columns go, with what is stored of the first rows (R263).
fn columns(prepared: &PreparedImport) -> Vec<Line> {
    let (mapped, left_out): (Vec<_>, Vec<_>) = prepared.columns.iter().partition(|column| column.field.is_some());
    let mut lines = vec![line("", "Columns, with what the first rows become:", Tone::Strong)];
    for column in mapped {
        let field = column.field.as_deref().unwrap_or_default();
        let filled: Vec<&str> = column.first.iter().map(|cell| if cell.is_empty() { "–" } else { cell }).collect();
        lines.push(line("", format!("{} → {field}: {}", column.name, filled.join(" · ")), Tone::Text));
    }
    let constant = |(field, value): &(String, String)| line("", format!("every row: {field} = {value}"), Tone::Text);
    lines.extend(prepared.constants.iter().map(constant));
    if !left_out.is_empty() {
        let names: Vec<&str> = left_out.iter().map(|column| column.name.as_str()).collect();
        lines.push(line("", format!("– not imported: {}", names.join(" · ")), Tone::Dim));
    }
    lines
}

/// What it changes of contacts that are here (R217).
fn warning(dry_run: &DryRun) -> Line {
    match dry_run.counted().map(|detail| detail.line.counts.updated) {
        Some(0) => line("", "No contact that is here is changed.", Tone::Good),
        Some(rows) => {
            let text =
                format!("! {} change contacts, and no key takes that back.", counted(rows, "row will", "rows will"));
            line("", text, Tone::Warn)
        }
        None if matches!(dry_run, DryRun::GoesOn) => {
            line("", "! Rows that it has not reached yet may change contacts.", Tone::Warn)
        }
        None => {
            let text = "! How many contacts it changes is not counted yet; S starts it all the same.";
            line("", text, Tone::Warn)
        }
    }
}

/// What is told where nobody has looked at the mapping yet: what is suggested, and what would be missing.
pub fn unseen(import: &Import, prepared: &PreparedImport) -> Vec<Line> {
    let mut lines = vec![
        line("", format!("{}: {}", prepared.file, counted(prepared.rows, "row", "rows")), Tone::Strong),
        line("", "Which column becomes which field is only suggested: nobody has looked at it yet.", Tone::Text),
        line("", "", Tone::Text),
    ];
    let mapped = prepared.columns.iter().filter(|column| column.field.is_some()).count();
    let all = counted(prepared.columns.len() as u64, "column", "columns");
    lines.push(line("Suggested", format!("{mapped} of {all} go to a field"), Tone::Text));
    let words = |which: &dyn Fn(&ImportantField) -> bool| {
        let words: Vec<&str> = prepared.important.iter().filter(|field| which(field)).map(|field| field.word).collect();
        words.join(", ")
    };
    let missing = words(&|field| field.columns.is_empty());
    if !missing.is_empty() {
        lines.push(line("Not mapped", missing, Tone::Warn));
    }
    let doubted = words(&|field| field.is_doubted && !field.columns.is_empty());
    if !doubted.is_empty() {
        lines.push(line("Doubtful", doubted, Tone::Warn));
    }
    let left_out: Vec<String> =
        prepared.columns.iter().filter(|column| column.field.is_none()).map(|column| column.name.clone()).collect();
    if !left_out.is_empty() {
        lines.push(line("Left out", some_of(&left_out), Tone::Text));
    }
    lines.extend(import.mind.iter().map(|text| line("Mind", text.clone(), Tone::Warn)));
    lines
}

/// What is told of an import that does not start.
pub fn refusal(import: &Import, refused: &RefusedImport) -> Vec<Line> {
    let mut lines = vec![line("", refused.message.clone(), Tone::Bad), line("", "", Tone::Text)];
    if !refused.columns.is_empty() {
        let word = if refused.columns.len() == 1 { "Column" } else { "Columns" };
        lines.extend([line(word, some_of(&refused.columns), Tone::Text), line("", "", Tone::Text)]);
    }
    let remedy = |remedy: &Remedy| match remedy {
        Remedy::EditMapping => ("e", "map them: the Mapping tab shows each column with what is in it".to_owned()),
        Remedy::EditFilters => ("f", "type the condition anew".to_owned()),
        Remedy::AcceptUnmapped => ("u", "Don't import data for unmapped columns: they are left out".to_owned()),
        Remedy::Again => ("n", "import it again on purpose: those rows become further contacts".to_owned()),
        Remedy::AcceptShortRows => ("s", "import all the same: the rows are right and only end early".to_owned()),
        Remedy::DayFirst(column) => ("d", format!("read {column} day first, as 26/06/2024")),
        Remedy::MonthFirst(column) => {
            ("m", format!("read {column} month first, as 06/26/2024; what does not fit is reported"))
        }
        Remedy::ResumeSource => ("p", "resume the source, and go on".to_owned()),
        Remedy::ChooseFile => ("f", "choose a file".to_owned()),
    };
    let mut keys: Vec<(&str, String)> = refused.remedies.iter().map(remedy).collect();
    if import.may_take_back() {
        keys.push(("z", "take the last change back".to_owned()));
    }
    lines.extend(keys.into_iter().map(|(key, text)| line("", format!("{key}  {text}"), Tone::Strong)));
    if refused.remedies.is_empty() {
        lines.push(line("", refused.next.clone(), Tone::Text));
    } else {
        let command = if refused.columns.len() > MOST_NAMED {
            "Or on the command line: c copies the command, which names each of them.".to_owned()
        } else {
            format!("Or on the command line: {}", refused.next)
        };
        lines.extend([line("", "", Tone::Text), line("", command, Tone::Dim)]);
    }
    lines
}

/// So many columns are named where there may be hundreds.
const MOST_NAMED: usize = 12;

/// Names of columns, the first dozen of many.
fn some_of(columns: &[String]) -> String {
    match columns.split_at_checked(MOST_NAMED) {
        Some((named, rest)) if rest.len() > 1 => {
            format!("{} · and {} more", named.join(" · "), count(rest.len() as u64))
        }
        _ => columns.join(" · "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::keys::{self, Scope};

    #[test]
    fn the_key_before_a_line_is_the_one_that_the_key_table_has() {
        for change in Change::ALL {
            let is_bound = |binding: &&keys::Binding| binding.scope == Scope::Import && binding.keys == [change.key()];
            assert!(keys::table().iter().copied().any(|binding| is_bound(&binding)), "{change:?}");
        }
    }
}
