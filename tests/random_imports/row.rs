//! One row of the model: its shape, its values, the filters, and which issues are errors.

use crate::scene::{COLOURS, FileColumn, Filter, Import, Parts, Test, Twist};
use crate::world::cell_text;
use chrono_tz::Tz;
use landfall::domain::issue::{Code, Note, Problem};
use landfall::domain::outcome::Severity;
use landfall::domain::run::Mode;
use landfall::domain::values::list::{ListKind, read_list};
use landfall::domain::values::option::{Declared, read_option};
use landfall::domain::values::phone::PhoneReader;
use landfall::domain::values::text::{TEXT_LIMIT, read_text};
use landfall::domain::values::{clean, date, email};
use std::collections::BTreeMap;

/// An issue that a row must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    pub code: Code,
    pub severity: Severity,
    pub field: Option<&'static str>,
    /// What its guidance must name.
    pub names: Vec<String>,
}

/// What a row says of a field.
#[derive(Debug, Clone)]
pub enum Said {
    Set(Vec<String>),
    Add(Vec<String>),
    Clear,
}

/// A row, its values read.
#[derive(Default)]
pub struct Row {
    pub number: u64,
    pub contact_id: Option<String>,
    pub reference: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub said: BTreeMap<&'static str, Said>,
    pub issues: Vec<Complaint>,
    pub notes: Vec<(Option<&'static str>, Note)>,
}

/// The fields that contacts are matched by, in their order.
pub fn keys_in_use(import: &Import) -> Vec<&'static str> {
    let Some(on) = import.match_on else { return Vec::new() };
    [("email", on.email), ("phone", on.phone)].into_iter().filter(|(_, set)| *set).map(|(field, _)| field).collect()
}

pub fn has_key(import: &Import, row: &Row) -> bool {
    keys_in_use(import).into_iter().any(|field| row.key(field).is_some())
}

/// "A short row is read, absent cells empty, with the warning `row_short`. A long row is read when the extra cells are
/// empty, else `row_malformed`."
pub fn has_shape(import: &Import, cells: &[String], row: &mut Row) -> bool {
    let columns = import.columns.len();
    if cells.len() < columns {
        row.warn(Code::RowShort, None);
    }
    if cells.iter().skip(columns).any(|cell| !clean::trim(cell).is_empty()) {
        row.complain(Code::RowMalformed, None, vec![]);
        return false;
    }
    true
}

/// "Error or warning: … a column marked *required* in the mapping makes any issue in it an error, and an empty cell
/// `required_missing`." "Off means that an empty cell clears the field; a cell that a short row lacks never clears."
pub fn read_values(import: &Import, cells: &[String], phones: &PhoneReader, row: &mut Row) {
    let mut joined = Vec::new();
    for (place, column) in import.columns.iter().enumerate() {
        if let Some(parts) = column.split {
            let text = text_of(*column, None, cells.get(place));
            for (nth, field) in parts.into.iter().enumerate().filter(|(_, field)| !field.is_empty()) {
                let part = text.as_deref().map(|text| clean::trim(&part_of(parts, text, nth)).to_owned());
                // "An empty cell": one that has another part is none.
                let is_none = text.as_deref().is_none_or(str::is_empty) || part.as_deref() != Some("");
                let of_part = FileColumn { required: column.required && is_none, ..*column };
                read_one(import, field, &[(of_part, part)], phones, row);
            }
        }
        let Some(field) = column.field else { continue };
        // "Joined behind the column without a join that goes to the same field, wherever that stands."
        let of_field = || import.columns.iter().enumerate().filter(|(_, of)| of.field == Some(field));
        let has_first = of_field().any(|(_, of)| of.join.is_none());
        if column.join.is_some() && (has_first || joined.contains(&field)) {
            continue;
        }
        joined.push(field);
        let behind = of_field().filter(|(other, of)| *other != place && of.join.is_some());
        let columns = std::iter::once((place, column)).chain(behind);
        let of_value: Vec<_> = columns.map(|(at, of)| (*of, text_of(*of, Some(field), cells.get(at)))).collect();
        read_one(import, field, &of_value, phones, row);
    }
    for (field, value) in &import.constants {
        let notes = row.notes.len();
        read_value(FileColumn::to("", field), field, value, phones, row).expect("a constant reads");
        row.notes.truncate(notes);
    }
}

/// One value, of one column or of several that are joined.
fn read_one(
    import: &Import,
    field: &'static str,
    columns: &[(FileColumn, Option<String>)],
    phones: &PhoneReader,
    row: &mut Row,
) {
    let is_empty = |text: &Option<String>| text.as_deref().unwrap_or_default().is_empty();
    if columns.iter().any(|(column, text)| column.required && is_empty(text)) {
        return row.complain(Code::RequiredMissing, Some(field), vec![]);
    }
    let filled: Vec<&str> = columns.iter().filter_map(|(_, text)| text.as_deref()).filter(|t| !t.is_empty()).collect();
    if filled.is_empty() {
        let is_there = columns.iter().any(|(_, text)| text.is_some());
        if import.clear_empty && is_there && !["contact_id", "source_ref"].contains(&field) {
            // Where another column of the field says something, that stands.
            row.said.entry(field).or_insert(Said::Clear);
        }
        return;
    }
    let column = columns[0].0;
    let value = filled.join(" ");
    if let Err(problem) = read_value(column, field, &value, phones, row) {
        let required = columns.iter().any(|(column, _)| column.required);
        let severity = if required { Severity::Error } else { Severity::Warning };
        row.issues.push(Complaint { code: problem.code, severity, field: Some(field), names: vec![] });
    }
}

/// The text of a cell as its column twists it: find and replace in their order, or the case, or the value map; of a
/// list the whole cell is looked up, else each value by itself.
fn text_of(column: FileColumn, field: Option<&str>, cell: Option<&String>) -> Option<String> {
    let text = clean::trim(&cell_text(cell?)).to_owned();
    let found = |text: &str, pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .find(|(theirs, _)| theirs.to_lowercase() == text.to_lowercase())
            .map(|(_, ours)| (*ours).to_owned())
    };
    let twisted = match column.twist {
        Twist::None => text,
        Twist::Replace(pairs) => pairs.iter().fold(text, |text, (find, put)| text.replace(find, put)),
        Twist::Case(case) => case.of(&text),
        Twist::Values(pairs) => match found(&text, pairs) {
            Some(ours) => ours,
            None if matches!(field, Some("tags" | "custom.colours")) => {
                let separator = if text.contains(';') { ';' } else { ',' };
                let ours = |part: &str| found(part.trim(), pairs).unwrap_or_else(|| part.trim().to_owned());
                text.split(separator).map(ours).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
            }
            None => text,
        },
    };
    Some(clean::trim(&twisted).to_owned())
}

/// One of the parts: the last field takes the rest, or the first one from the end.
fn part_of(parts: Parts, text: &str, nth: usize) -> String {
    let (mut pieces, fields): (Vec<&str>, _) = (text.split(parts.at).collect(), parts.into.len());
    let rest = pieces.len().saturating_sub(fields - 1).max(1);
    if parts.from_end {
        let first = pieces[..rest].join(parts.at);
        let mut all = vec![first.as_str()];
        all.extend(&pieces[rest..]);
        let missing = fields - all.len();
        return nth.checked_sub(missing).map_or_else(String::new, |nth| all[nth].to_owned());
    }
    let last = pieces.split_off(pieces.len().min(fields - 1)).join(parts.at);
    pieces.push(&last);
    pieces.get(nth).map_or_else(String::new, |part| (*part).to_owned())
}

fn read_value(
    column: FileColumn,
    field: &'static str,
    value: &str,
    phones: &PhoneReader,
    row: &mut Row,
) -> Result<(), Problem> {
    let country = Some("US");
    let notes = match field {
        "contact_id" => {
            row.contact_id = Some(value.to_owned());
            vec![]
        }
        "source_ref" => {
            row.reference = Some(read_text(value, TEXT_LIMIT)?.value);
            vec![]
        }
        // "Several addresses in one cell: first is the email, the rest go to additional emails, with a note."
        "email" => {
            let reading = email::read_emails(value)?;
            row.email = Some(reading.value.first.clone());
            row.said.insert(field, Said::Set(vec![reading.value.first]));
            row.list("additional_emails", reading.value.rest, true, false);
            reading.notes
        }
        "phone" => {
            let reading = phones.read(value, country)?;
            row.phone = Some(reading.value.first.clone());
            row.said.insert(field, Said::Set(vec![reading.value.first]));
            row.list("additional_phones", reading.value.rest, true, false);
            reading.notes
        }
        "additional_emails" => {
            let reading = email::read_email_list(value)?;
            row.list(field, reading.value, true, column.replace);
            reading.notes
        }
        "additional_phones" => {
            let reading = phones.read_list(value, country)?;
            row.list(field, reading.value, true, column.replace);
            reading.notes
        }
        "tags" => {
            let reading = read_list(value, ListKind::Tags, &Declared::new(&[]), None)?;
            row.list(field, reading.value, true, column.replace);
            reading.notes
        }
        "custom.colours" => {
            let declared = Declared::new(&COLOURS.map(str::to_owned));
            let reading = read_list(value, ListKind::Options, &declared, None)?;
            row.list(field, reading.value, false, column.replace);
            reading.notes
        }
        "updated_at" | "created_at" => {
            let reading = date::read_moment(value, date::DateOrder::MonthFirst, Tz::UTC)?;
            row.said.insert(field, Said::Set(vec![reading.value.to_string()]));
            reading.notes
        }
        "status" => {
            let reading = read_option(value, &Declared::new(&[]))?;
            row.said.insert(field, Said::Set(vec![reading.value]));
            reading.notes
        }
        "address_line" => {
            // "Street Address: text, several columns join."
            let reading = read_text(value, TEXT_LIMIT)?;
            let whole = match row.said.get(field) {
                Some(Said::Set(values)) => format!("{}, {}", values[0], reading.value),
                _ => reading.value,
            };
            row.said.insert(field, Said::Set(vec![whole]));
            reading.notes
        }
        _ => {
            let reading = read_text(value, TEXT_LIMIT)?;
            row.said.insert(field, Said::Set(vec![reading.value]));
            reading.notes
        }
    };
    row.notes.extend(notes.into_iter().map(|note| (Some(field), note)));
    Ok(())
}

/// "Filters: `FIELD OP VALUE` on normalised values; case does not matter; an empty field meets only `!=` and `empty`.
/// `--since` looks at `updated_at`, else `created_at`; a row with neither is kept, with a note."
pub fn filtered(import: &Import, row: &mut Row) -> Option<String> {
    for Filter { text, field, test } in &import.filters {
        let values: Vec<String> = row.values(field).iter().map(|value| value.to_lowercase()).collect();
        let holds = match test {
            Test::Is(other) => values.iter().any(|value| value == other),
            Test::IsNot(other) => !values.iter().any(|value| value == other),
            Test::Contains(part) => values.iter().any(|value| value.contains(part)),
            Test::In(others) => values.iter().any(|value| others.contains(&value.as_str())),
            Test::AtLeast(day) => values.iter().any(|value| &value[..10] >= *day),
            Test::Empty => values.is_empty(),
            Test::Set => !values.is_empty(),
        };
        if !holds {
            return Some(format!("filter: {text}"));
        }
    }
    let since = import.since?;
    match row.values("updated_at").first().or(row.values("created_at").first()) {
        Some(moment) if &moment[..10] < since => return Some("since".to_owned()),
        Some(_) => {}
        None => row.notes.push((None, Note::SinceUndated)),
    }
    None
}

/// An unreadable email or phone is an error "when duplicates are off, the mode may update, and the row has no Contact
/// ID, no reference and no readable key to match by".
pub fn has_error(import: &Import, row: &mut Row) -> bool {
    let identified = row.contact_id.is_some() || row.reference.is_some() || has_key(import, row);
    if import.match_on.is_some() && import.mode != Mode::Create && !identified {
        row.fail_unreadable_keys();
    }
    row.issues.iter().any(|issue| issue.severity == Severity::Error)
}

impl Row {
    pub fn key(&self, field: &str) -> Option<&str> {
        if field == "email" { self.email.as_deref() } else { self.phone.as_deref() }
    }

    /// The row's own values of a field.
    fn values(&self, field: &str) -> Vec<String> {
        match field {
            "contact_id" => self.contact_id.iter().cloned().collect(),
            "source_ref" => self.reference.iter().cloned().collect(),
            _ => match self.said.get(field) {
                Some(Said::Set(values) | Said::Add(values)) => values.clone(),
                Some(Said::Clear) | None => Vec::new(),
            },
        }
    }

    /// Takes in values of a list; "a mapping may say replace", in whatever order its columns stand.
    fn list(&mut self, field: &'static str, values: Vec<String>, adds: bool, replace: bool) {
        if values.is_empty() {
            return;
        }
        let (mut all, was_set) = match self.said.remove(field) {
            Some(Said::Set(held)) => (held, true),
            Some(Said::Add(held)) => (held, false),
            Some(Said::Clear) | None => (Vec::new(), false),
        };
        add(&mut all, &values);
        let said = if was_set || replace || !adds { Said::Set(all) } else { Said::Add(all) };
        self.said.insert(field, said);
    }

    pub fn complain(&mut self, code: Code, field: Option<&'static str>, names: Vec<String>) {
        self.issues.push(Complaint { code, severity: Severity::Error, field, names });
    }

    fn warn(&mut self, code: Code, field: Option<&'static str>) {
        self.issues.push(Complaint { code, severity: Severity::Warning, field, names: vec![] });
    }

    /// Makes errors of an unreadable email and phone; false when there is none.
    pub fn fail_unreadable_keys(&mut self) -> bool {
        let mut any = false;
        for issue in &mut self.issues {
            if matches!(issue.field, Some("email" | "phone")) {
                issue.severity = Severity::Error;
                any = true;
            }
        }
        any
    }
}
pub fn add(held: &mut Vec<String>, more: &[String]) {
    for value in more {
        if !held.iter().any(|held| held.to_lowercase() == value.to_lowercase()) {
            held.push(value.clone());
        }
    }
}
