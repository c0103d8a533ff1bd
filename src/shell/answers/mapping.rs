//! The mapping that a source uses.

use crate::app::data::{MappedColumn, MappingView};
use crate::app::message::Failure;
use crate::domain::field::{Catalog, Role};
use crate::domain::id::SourceId;
use crate::domain::mapping::{Column, Mapping, MappingError};
use crate::domain::values::date::DateOrder;
use crate::domain::values::list::Separator;
use crate::domain::values::number::DecimalMark;
use crate::shell::desk::{Desk, failure};

/// The fields that a review looks at first (R18).
const IMPORTANT: [(&str, &[Role]); 4] = [
    ("email", &[Role::MatchEmail]),
    ("phone", &[Role::MatchPhone]),
    ("name", &[Role::FullName, Role::FirstName, Role::LastName]),
    ("timezone", &[Role::TimeZone]),
];

/// The mapping of a source; none where it has none yet.
pub(super) fn of_source(desk: &Desk, id: SourceId) -> Result<Option<Box<MappingView>>, Failure> {
    let store = &desk.store;
    let Some(source) = store.source(id)? else { return Ok(None) };
    let Some((name, version)) = &source.mapping else { return Ok(None) };
    let Some(saved) = store.mapping(name, Some(*version))? else { return Ok(None) };
    let unreadable = |error: MappingError| {
        failure(format!("The mapping {name} cannot be read: {error}"), format!("landfall mapping show {name}"))
    };
    let mapping = Mapping::from_toml(&saved.toml).map_err(unreadable)?;
    let catalog = store.catalog()?;
    let important = IMPORTANT.map(|(what, roles)| {
        let keys: Vec<&str> =
            roles.iter().filter_map(|role| Some(catalog.get(catalog.role(*role)?)?.key.as_str())).collect();
        let goes_there = |column: &&Column| column.field.as_deref().is_some_and(|field| keys.contains(&field));
        (what.to_owned(), mapping.columns.iter().filter(goes_there).map(|column| column.header.clone()).collect())
    });
    Ok(Some(Box::new(MappingView {
        source: id,
        source_name: source.name.clone(),
        name: saved.name,
        version: saved.version,
        saved_by: saved.user,
        saved_ms: saved.created_ms,
        reviewed: source.reviewed.map(|reviewed| (reviewed.by, reviewed.at_ms)),
        reading: reading(&mapping),
        columns: mapping.columns.iter().map(|of| column(&catalog, of)).collect(),
        important: important.to_vec(),
    })))
}

/// What the mapping says about how the file is read.
fn reading(mapping: &Mapping) -> Vec<String> {
    let of = &mapping.reading;
    let texts = [
        ("delimiter", of.delimiter.clone()),
        ("encoding", of.encoding.clone()),
        ("header in line", of.header_row.map(|row| row.to_string())),
        ("country", of.country.clone()),
        ("time zone", of.timezone.clone()),
    ];
    texts.into_iter().filter_map(|(what, text)| Some(format!("{what} {}", text?))).collect()
}

fn column(catalog: &Catalog, column: &Column) -> MappedColumn {
    let mut options = Vec::new();
    if column.required {
        options.push("required");
    }
    options.extend(column.date_order.map(|order| match order {
        DateOrder::DayFirst => "day first",
        DateOrder::MonthFirst => "month first",
    }));
    options.extend(column.decimal.map(|mark| match mark {
        DecimalMark::Point => "decimal point",
        DecimalMark::Comma => "decimal comma",
    }));
    options.extend(column.separator.map(|separator| match separator {
        Separator::Semicolon => "parted by ;",
        Separator::Comma => "parted by ,",
        Separator::Period => "parted by .",
    }));
    if column.replace {
        options.push("replaces the list");
    }
    MappedColumn {
        header: column.header.clone(),
        field: column.field.as_ref().map(|key| match catalog.by_key(key) {
            Some(field) => field.label.clone(),
            None => format!("{key} (no such field)"),
        }),
        left_out: column.leave_out,
        options: options.into_iter().map(str::to_owned).collect(),
    }
}
