//! The help pages: what can be wrong with a row, and what can hold back a start, each on a page of its own (R335). The
//! screen opens them where such a thing is shown; `landfall help TOPIC` prints them.

use super::dialog::{Dialog, Text, TextLine};
use super::keys::{Binding, Scope};
use super::list::List;
use super::run::Reason;
use super::{App, Effects, Tab, import, row, rows, run};
use crate::domain::issue::Code;
use crate::domain::outcome::{Issue, Severity};

macro_rules! text {
    ($topic:literal) => {
        include_str!(concat!("../../assets/help/issues/", $topic, ".md"))
    };
}

/// What can hold back a start and is no issue of a row, with its page.
pub const REFUSALS: [(&str, &str); 23] = [
    ("no_usable_column", text!("no_usable_column")),
    ("date_order_undecided", text!("date_order_undecided")),
    ("short_rows", text!("short_rows")),
    ("same_file_again", text!("same_file_again")),
    ("quote", text!("quote")),
    ("run_unfinished", text!("run_unfinished")),
    ("source_name", text!("source_name")),
    ("source_name_near", text!("source_name_near")),
    ("source_paused", text!("source_paused")),
    ("source_file", text!("source_file")),
    ("constant_unreadable", text!("constant_unreadable")),
    ("no_such_column", text!("no_such_column")),
    ("filter", text!("filter")),
    ("no_date_column", text!("no_date_column")),
    ("encoding_unknown", text!("encoding_unknown")),
    ("delimiter", text!("delimiter")),
    ("connection", text!("connection")),
    ("host_key", text!("host_key")),
    ("copy_gone", text!("copy_gone")),
    ("source_busy", text!("source_busy")),
    ("still_uploaded", text!("still_uploaded")),
    ("file_refused", text!("file_refused")),
    ("not_found", text!("not_found")),
];

/// The page about an issue.
pub fn page(code: Code) -> &'static str {
    match code {
        Code::RequiredMissing => text!("required_missing"),
        Code::DuplicatePhone => text!("duplicate_phone"),
        Code::DuplicateEmail => text!("duplicate_email"),
        Code::ContactIdInvalid => text!("contact_id_invalid"),
        Code::PhoneUnreadable => text!("phone_unreadable"),
        Code::DateUnreadable => text!("date_unreadable"),
        Code::EmailInvalid => text!("email_invalid"),
        Code::UnmappedMandatory => text!("unmapped_mandatory"),
        Code::OptionUnknown => text!("option_unknown"),
        Code::NumberUnreadable => text!("number_unreadable"),
        Code::MoneyUnreadable => text!("money_unreadable"),
        Code::UserUnknown => text!("user_unknown"),
        Code::TimezoneUnknown => text!("timezone_unknown"),
        Code::TooLong => text!("too_long"),
        Code::RowShort => text!("row_short"),
        Code::ReferenceTaken => text!("reference_taken"),
        Code::RowMalformed => text!("row_malformed"),
        Code::RowEncoding => text!("row_encoding"),
    }
}

/// The page of a topic by its name: the code of an issue, or of what holds back a start.
pub fn topic(name: &str) -> Option<&'static str> {
    let refusal = || REFUSALS.iter().find(|(topic, _)| *topic == name).map(|(_, text)| *text);
    Code::from_str_opt(name).map(page).or_else(refusal)
}

/// Every topic with its page, as they are listed: the issues first.
pub fn topics() -> impl Iterator<Item = (&'static str, &'static str)> {
    Code::ALL.into_iter().map(|code| (code.as_str(), page(code))).chain(REFUSALS)
}

/// What a page is called: its first line.
pub fn title(page: &'static str) -> &'static str {
    page.lines().next().unwrap_or_default().trim_start_matches("# ")
}

/// Opens the page about an issue.
pub fn open(app: &mut App, code: Code) {
    open_page(app, page(code));
}

/// Opens a page over whatever is open.
pub fn open_page(app: &mut App, page: &'static str) {
    let (title, copy) = (title(page).to_owned(), page.to_owned());
    app.open(Dialog::Text(Text { title, lines: paragraphs(page), copy, list: List::default() }));
}

/// A page, without its title, as a dialog shows it: paragraphs flow to the width that there is, and one that ends with a
/// colon is the heading of what follows.
fn paragraphs(page: &str) -> Vec<TextLine> {
    let mut lines: Vec<TextLine> = Vec::new();
    for line in page.lines().skip(1).skip_while(|line| line.is_empty()) {
        if line.is_empty() {
            lines.push(TextLine::Empty);
        } else if let Some(example) = line.strip_prefix("    ") {
            lines.push(TextLine::Example(example.to_owned()));
        } else if let Some(item) = line.strip_prefix("- ") {
            lines.push(TextLine::Item(item.to_owned()));
        } else {
            match (lines.last_mut(), line.strip_prefix("  ")) {
                (Some(TextLine::Item(text)), Some(more)) => text.extend([" ", more]),
                (Some(TextLine::Plain(text)), None) => text.extend([" ", line]),
                _ => lines.push(TextLine::Plain(line.to_owned())),
            }
        }
    }
    for line in &mut lines {
        if let TextLine::Plain(text) = line
            && text.ends_with(':')
        {
            *line = TextLine::Strong(std::mem::take(text));
        }
    }
    lines
}

/// The page about what is selected: the issue of a run, of a row or of a cell, or what holds back a start.
fn about_selected(app: &App) -> Option<&'static str> {
    if let Some(refused) = app.dialogs.iter().find_map(import::refused) {
        return topic(refused.code);
    }
    if app.tab != Tab::Runs {
        return None;
    }
    let code = if app.runs.row.is_some() {
        row::selected_issue(app)
    } else if app.runs.rows.is_some() {
        rows::selected(app).and_then(|(_, line)| worst(&line.row.issues))
    } else {
        match run::selected(app) {
            Some(Reason::Issue(issue)) => Some(issue.count.code),
            _ => None,
        }
    };
    code.map(page)
}

/// Of the issues of a row the one that is asked about: an error, where there is one.
pub(super) fn worst(issues: &[Issue]) -> Option<Code> {
    issues.iter().min_by_key(|issue| issue.severity != Severity::Error).map(|issue| issue.code)
}

/// The page that the key would open: none where it is open already.
fn to_open(app: &App) -> Option<&'static str> {
    let page = about_selected(app)?;
    let is_open = matches!(app.dialogs.last(), Some(Dialog::Text(text)) if text.copy == page);
    (!is_open).then_some(page)
}

fn can_open(app: &App) -> bool {
    to_open(app).is_some()
}

fn open_selected(app: &mut App, _: &mut Effects) {
    if let Some(page) = to_open(app) {
        open_page(app, page);
    }
}

/// The key of the page in one of the places where issues are shown.
const fn key(scope: Scope) -> Binding {
    Binding {
        scope,
        keys: &["H"],
        hint: "about this",
        help: "Say what the selected issue means, why it happens and what to do",
        priority: 4,
        when: can_open,
        run: open_selected,
    }
}

pub(super) const KEYS: &[Binding] =
    &[key(Scope::Run), key(Scope::Rows), key(Scope::Row), key(Scope::Text), key(Scope::Import)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::values::date::{DateOrder, read_date};
    use crate::domain::values::email::read_emails;
    use crate::domain::values::number::{DecimalMark, read_money, read_number};
    use crate::domain::values::phone::PhoneReader;
    use crate::domain::values::timezone::read_timezone;
    use std::collections::HashSet;

    /// The text without its line breaks.
    fn flowing(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_issue_has_a_page_with_its_exact_message_and_its_code() {
        for code in Code::ALL {
            let page = page(code);
            assert!(flowing(page).contains(code.message()), "{code}");
            assert!(page.contains(&format!("`{code}`")), "{code}");
            let others = Code::ALL.into_iter().filter(|other| *other != code);
            assert!(others.map(super::page).all(|other| other != page), "{code}");
        }
    }

    #[test]
    fn a_page_fits_a_small_screen_and_is_written_in_what_the_screen_can_show() {
        for (topic, page) in topics() {
            assert!(page.starts_with("# ") && page.ends_with('\n') && !page.contains("\t"), "{topic}");
            assert!(page.contains(&format!("`{topic}`")), "{topic}");
            assert!(page.lines().count() <= 25, "{topic} has {} lines", page.lines().count());
            for line in page.lines() {
                assert!(line.chars().count() <= 76, "{topic}: {line}");
                assert!(
                    !line.starts_with(['|', '*', '>']) && !line.contains("**") && !line.contains("```"),
                    "{topic}: {line}"
                );
                assert!(!line.ends_with(' '), "{topic}: {line:?}");
            }
            assert_eq!(page.lines().filter(|line| line.starts_with('#')).count(), 1, "{topic}");
        }
    }

    #[test]
    fn the_example_of_a_value_cannot_be_read_before_and_can_after() {
        let phones = PhoneReader::new();
        let read = |code: Code, text: &str| match code {
            Code::PhoneUnreadable => phones.read(text, None).map(|_| ()),
            Code::DateUnreadable => read_date(text, DateOrder::MonthFirst).map(|_| ()),
            Code::EmailInvalid => read_emails(text).map(|_| ()),
            Code::NumberUnreadable => read_number(text, DecimalMark::Point).map(|_| ()),
            Code::MoneyUnreadable => read_money(text, DecimalMark::Point).map(|_| ()),
            _ => read_timezone(text).map(|_| ()),
        };
        for code in [
            Code::PhoneUnreadable,
            Code::DateUnreadable,
            Code::EmailInvalid,
            Code::NumberUnreadable,
            Code::MoneyUnreadable,
            Code::TimezoneUnknown,
        ] {
            let examples: Vec<&str> = page(code).lines().filter_map(|line| line.strip_prefix("    ")).collect();
            let [before, after] = examples[..] else { panic!("{code} has no two examples") };
            assert_eq!(read(code, before).map_err(|problem| problem.code), Err(code), "{before}");
            assert_eq!(read(code, after), Ok(()), "{after}");
        }
    }

    #[test]
    fn what_a_page_refers_to_is_there() {
        let readme = flowing(include_str!("../../README.md"));
        for (topic, page) in topics() {
            for part in flowing(page).split("README, “").skip(1) {
                let (heading, _) = part.split_once('”').expect("the end of the quote");
                assert!(
                    readme.contains(&format!("## {heading} ")) || readme.contains(&format!("**{heading}**")),
                    "{topic}"
                );
            }
        }
    }

    #[test]
    fn topics_are_found_by_their_names_and_no_name_is_of_two() {
        let mut seen = HashSet::new();
        for (name, page) in topics() {
            assert_eq!(topic(name), Some(page));
            assert!(seen.insert(name), "{name}");
        }
        assert_eq!(topic("nothing"), None);
    }

    #[test]
    fn paragraphs_and_entries_flow_and_examples_stay_as_they_are() {
        let page = "# Title\n\nOne\ntwo\n\nWhy:\n- three\n  four\n- five\nsix\n\n    a   b\n    c\nseven\n";
        assert_eq!(
            paragraphs(page),
            [
                TextLine::Plain("One two".into()),
                TextLine::Empty,
                TextLine::Strong("Why:".into()),
                TextLine::Item("three four".into()),
                TextLine::Item("five".into()),
                TextLine::Plain("six".into()),
                TextLine::Empty,
                TextLine::Example("a   b".into()),
                TextLine::Example("c".into()),
                TextLine::Plain("seven".into()),
            ]
        );
    }
}
