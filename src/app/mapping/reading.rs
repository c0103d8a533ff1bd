//! How the file is read: what was detected and why, and what a person says instead.

use super::asking::{Choice, ChoiceEntry};
use super::data::{ReadFact, ReadOption};
use super::dialogs::{self, MappingDialog};
use super::reopen::{self, Then};
use super::{editor, encodings};
use crate::app::keys::{Binding, Scope};
use crate::app::list::List;
use crate::app::message::Failure;
use crate::app::{App, Effects};
use crate::domain::mapping::Reading;
use crate::domain::values::country;

/// The state of the dialog.
#[derive(Debug, Clone, Default)]
pub struct ReadingDialog {
    pub list: List,
    pub len: usize,
    /// The file is being opened as was said last.
    pub is_waiting: bool,
    /// Why it could not be.
    pub error: Option<String>,
}

/// The options in the order of the dialog.
pub const OPTIONS: [ReadOption; 6] = [
    ReadOption::Encoding,
    ReadOption::Delimiter,
    ReadOption::Quote,
    ReadOption::HeaderRow,
    ReadOption::Country,
    ReadOption::TimeZone,
];

/// Encodings that people meet, with where.
pub const ENCODINGS: [(&str, &str); 24] = [
    ("UTF-8", "what most systems write today"),
    ("windows-1252", "Western Europe, from Windows"),
    ("ISO-8859-15", "Western Europe, with the euro sign"),
    ("macintosh", "Western Europe, from old Macs"),
    ("IBM850", "Western Europe, from DOS"),
    ("IBM437", "United States, from DOS"),
    ("windows-1250", "Central Europe, from Windows"),
    ("ISO-8859-2", "Central Europe"),
    ("windows-1251", "Cyrillic, from Windows"),
    ("KOI8-R", "Russian"),
    ("windows-1253", "Greek"),
    ("windows-1254", "Turkish"),
    ("windows-1255", "Hebrew"),
    ("windows-1256", "Arabic"),
    ("windows-1257", "Baltic"),
    ("Shift_JIS", "Japanese, from Windows"),
    ("EUC-JP", "Japanese"),
    ("ISO-2022-JP", "Japanese, from mail"),
    ("GBK", "Chinese, simplified"),
    ("gb18030", "Chinese, simplified, all of Unicode"),
    ("Big5", "Chinese, traditional"),
    ("EUC-KR", "Korean"),
    ("UTF-16LE", "“Unicode” of Windows"),
    ("UTF-16BE", "“Unicode”, the other way round"),
];

impl ReadOption {
    pub fn label(self) -> &'static str {
        match self {
            ReadOption::Encoding => "Encoding",
            ReadOption::Delimiter => "Delimiter",
            ReadOption::Quote => "Quote character",
            ReadOption::HeaderRow => "Header row",
            ReadOption::Country => "Country",
            ReadOption::TimeZone => "Time zone",
        }
    }
}

pub(crate) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Mapping,
        keys: &["r"],
        hint: "reading",
        help: "Show how the file is read, and why: encoding, delimiter, header row, country, time zone",
        priority: 5,
        when: |app| editor(app).is_some_and(|editor| editor.opened.file.is_some()),
        run: |app, _| {
            let dialog = ReadingDialog { len: OPTIONS.len(), ..ReadingDialog::default() };
            dialogs::open(app, MappingDialog::Reading(dialog));
        },
    },
    Binding {
        scope: Scope::Reading,
        keys: &["<enter>", "<space>"],
        hint: "change",
        help: "Say how it is read instead",
        priority: 1,
        when: |app| !is_waiting(app),
        run: |app, _| choose(app),
    },
    Binding {
        scope: Scope::Reading,
        keys: &["<bs>", "<del>", "x"],
        hint: "as detected",
        help: "Go back to what is detected",
        priority: 2,
        when: |app| {
            let is_said = selected(app).zip(said(app)).is_some_and(|(option, said)| get(&said, option).is_some());
            is_said && !is_waiting(app)
        },
        run: |app, fx| say(app, None, fx),
    },
    Binding {
        scope: Scope::Reading,
        keys: &["="],
        hint: "compare encodings",
        help: "Show the cells that are not plain ASCII under two encodings, side by side",
        priority: 2,
        when: |app| !is_waiting(app),
        run: encodings::open,
    },
];

fn dialog_mut(app: &mut App) -> Option<&mut ReadingDialog> {
    match dialogs::top_mut(app) {
        Some(MappingDialog::Reading(open)) => Some(open),
        _ => None,
    }
}

fn selected(app: &App) -> Option<ReadOption> {
    match dialogs::top(app) {
        Some(MappingDialog::Reading(open)) => OPTIONS.get(open.list.selected).copied(),
        _ => None,
    }
}

/// Whether nothing can be said for now: the file is being opened as was said last.
fn is_waiting(app: &App) -> bool {
    matches!(dialogs::top(app), Some(MappingDialog::Reading(open)) if open.is_waiting)
}

/// What the draft says about reading.
fn said(app: &App) -> Option<Reading> {
    Some(editor(app)?.draft.mapping().reading.clone())
}

/// What was found of an option.
pub fn fact(app: &App, option: ReadOption) -> Option<&ReadFact> {
    editor(app)?.opened.file.as_ref()?.facts.iter().find(|fact| fact.option == option)
}

/// What a reading says of an option.
pub fn get(reading: &Reading, option: ReadOption) -> Option<String> {
    match option {
        ReadOption::Encoding => reading.encoding.clone(),
        ReadOption::Delimiter => reading.delimiter.clone(),
        ReadOption::Quote => reading.quote.clone(),
        ReadOption::HeaderRow => reading.header_row.map(|line| line.to_string()),
        ReadOption::Country => reading.country.clone(),
        ReadOption::TimeZone => reading.timezone.clone(),
    }
}

/// The reading with an option said otherwise, or not at all.
fn with(mut reading: Reading, option: ReadOption, value: Option<&str>) -> Result<Reading, String> {
    let text = value.map(str::to_owned);
    match option {
        ReadOption::Encoding => reading.encoding = text,
        ReadOption::Delimiter => reading.delimiter = text,
        ReadOption::Quote => reading.quote = text,
        ReadOption::Country => reading.country = text,
        ReadOption::TimeZone => reading.timezone = text,
        ReadOption::HeaderRow => {
            let line = value.map(|value| value.trim().parse::<u64>().ok().filter(|line| *line > 0));
            reading.header_row = match line {
                Some(None) => return Err("That is no line of the file: type a number from 1.".to_owned()),
                line => line.flatten(),
            };
        }
    }
    Ok(reading)
}

fn choose(app: &mut App) {
    let Some(option) = selected(app) else { return };
    let now = fact(app, option).map(|fact| fact.value.clone()).unwrap_or_default();
    let now = said(app).and_then(|reading| get(&reading, option)).unwrap_or(now);
    let entry = |value: &str, label: &str, note: &str| ChoiceEntry::new(value, label, note);
    let entries: Vec<ChoiceEntry> = match option {
        ReadOption::Encoding => ENCODINGS.iter().map(|(name, where_)| entry(name, name, where_)).collect(),
        ReadOption::Delimiter => {
            [(",", "comma ,"), (";", "semicolon ;"), ("tab", "tab"), ("|", "pipe |"), (":", "colon :")]
                .map(|(value, label)| entry(value, label, ""))
                .into()
        }
        ReadOption::Quote => [
            ("\"", "\"", "double quotes"),
            ("'", "'", "single quotes"),
            ("none", "none", "quotes are ordinary characters"),
        ]
        .map(|(value, label, note)| entry(value, label, note))
        .into(),
        ReadOption::HeaderRow => {
            let file = editor(app).and_then(|editor| editor.opened.file.as_ref());
            let lines = file.map(|file| file.first_lines.as_slice()).unwrap_or_default();
            let line = |(at, text): (usize, &String)| entry(&(at + 1).to_string(), &format!("{}: {text}", at + 1), "");
            lines.iter().enumerate().map(line).collect()
        }
        ReadOption::Country => {
            let none = entry("none", "none", "numbers without a country code cannot be read");
            std::iter::once(none)
                .chain(country::regions().map(|(code, name)| entry(code, &format!("{code} {name}"), "")))
                .collect()
        }
        ReadOption::TimeZone => chrono_tz::TZ_VARIANTS.iter().map(|zone| entry(zone.name(), zone.name(), "")).collect(),
    };
    let note = match option {
        ReadOption::Encoding => "With which letters the bytes of the file are meant.",
        ReadOption::Delimiter => "What stands between the cells of a row.",
        ReadOption::Quote => "What stands around cells that have delimiters or line breaks in them.",
        ReadOption::HeaderRow => "The line that holds the names of the columns. What stands before it is passed over.",
        ReadOption::Country => "Where phone numbers without a country code are from.",
        ReadOption::TimeZone => "Where times without an offset were written.",
    };
    let choice = Choice::new(option.label(), entries, |app, value, fx| say(app, Some(value), fx)).note(note).at(&now);
    let choice = match option {
        ReadOption::HeaderRow => choice.typed_first("the number of a line"),
        ReadOption::Delimiter | ReadOption::Encoding => choice.or_typed("read like this"),
        ReadOption::Quote | ReadOption::Country | ReadOption::TimeZone => choice,
    };
    choice.open(app);
}

/// Says how the file is read, or that it is read as detected: the file is opened like this, and where that is possible
/// the draft follows, as one step.
fn say(app: &mut App, value: Option<&str>, fx: &mut Effects) {
    let (Some(option), Some(was)) = (selected(app), said(app)) else { return };
    let what = match value {
        Some(value) => format!("{} read as {value}", option.label()),
        None => format!("{} read as detected", option.label()),
    };
    match with(was.clone(), option, value) {
        Ok(reading) if reading == was => {}
        Ok(reading) => ask(app, reading, what, fx),
        Err(error) => {
            if let Some(open) = dialog_mut(app) {
                open.error = Some(error);
            }
        }
    }
}

fn ask(app: &mut App, reading: Reading, what: String, fx: &mut Effects) {
    if let Some(open) = dialog_mut(app) {
        (open.is_waiting, open.error) = (true, None);
    }
    reopen::ask(app, reading, Then::Refit { what }, fx);
}

/// Takes an encoding that was found by comparing.
pub(super) fn take_encoding(app: &mut App, encoding: &str, fx: &mut Effects) {
    let Some(was) = said(app) else { return };
    let reading = Reading { encoding: Some(encoding.to_owned()), ..was.clone() };
    if reading != was {
        ask(app, reading, format!("Encoding read as {encoding}"), fx);
    }
}

/// The file was opened as was said.
pub(super) fn opened(app: &mut App) {
    if let Some(open) = dialog_mut(app) {
        (open.is_waiting, open.error) = (false, None);
    }
}

/// The file could not be opened like this: the draft stays as it was. Answers whether the dialog says so.
pub(super) fn failed_to_open(app: &mut App, failure: &Failure) -> bool {
    let Some(open) = dialog_mut(app) else { return false };
    (open.is_waiting, open.error) = (false, Some(failure.told()));
    true
}
