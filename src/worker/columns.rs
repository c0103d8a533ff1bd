//! Which mapping a start uses: the one asked for, the one remembered, or a suggested one; and the flags over it.

use super::checks;
use super::error::WorkerError;
use super::prepare::{REMARK_COLUMNS, SourceChoice, header_fingerprint};
use super::request::{ImportRequest, MappingChoice};
use crate::domain::field::{Catalog, Field};
use crate::domain::id::SourceId;
use crate::domain::mapping::{Column, Mapping, MappingError, Reading, field_named};
use crate::domain::values::list::Separator;
use crate::engine::inspect::Inspection;
use crate::engine::suggest::{Proposal, Suggestion};
use crate::store::{SavedMapping, Store, StoreError};
use std::collections::BTreeMap;

/// The mapping that a start begins with, before the file's header is known.
pub enum Chosen {
    /// Asked for: it decides about every column, and says nothing about new ones.
    Asked {
        mapping: Mapping,
        origin: String,
    },
    /// The source used it last.
    Remembered(Mapping),
    Nothing,
}

impl Chosen {
    /// The one that was asked for, else the one that the source used last.
    pub fn of(store: &Store, request: &ImportRequest, source: &SourceChoice) -> Result<Chosen, WorkerError> {
        Ok(match &request.mapping {
            MappingChoice::Saved(name) => {
                let missing = || StoreError::NoSuch { what: "mapping", id: name.clone() };
                let saved = store.mapping(name, None)?.ok_or_else(missing)?;
                Chosen::Asked { mapping: Mapping::from_toml(&saved.toml)?, origin: format!("mapping {name:?}") }
            }
            MappingChoice::File(path) => {
                let toml = std::fs::read_to_string(path).map_err(|error| WorkerError::read(path, error))?;
                let origin = format!("mapping from {}", path.display());
                Chosen::Asked { mapping: Mapping::from_toml(&toml)?, origin }
            }
            MappingChoice::Automatic => match remembered(store, source)? {
                Some(saved) => Chosen::Remembered(Mapping::from_toml(&saved.toml)?),
                None => Chosen::Nothing,
            },
        })
    }

    /// What it says about how the file is read.
    pub fn reading(&self) -> Reading {
        match self {
            Chosen::Asked { mapping, .. } | Chosen::Remembered(mapping) => mapping.reading.clone(),
            Chosen::Nothing => Reading::default(),
        }
    }
}

/// The mapping that a source used last, unless it was removed since.
fn remembered(store: &Store, source: &SourceChoice) -> Result<Option<SavedMapping>, WorkerError> {
    let Some(id) = source.id() else { return Ok(None) };
    let Some((name, version)) = store.source(id)?.and_then(|source| source.mapping) else { return Ok(None) };
    if store.mapping(&name, None)?.is_none() {
        return Ok(None);
    }
    Ok(store.mapping(&name, Some(version))?)
}

/// Whether a mapping says nothing that the one remembered for the source does not: the file's columns come in another
/// order at most, or some have gone.
pub fn adds_nothing(store: &Store, source: SourceId, mapping: &Mapping) -> Result<bool, WorkerError> {
    let Some((name, version)) = store.source(source)?.and_then(|source| source.mapping) else { return Ok(false) };
    let Some(saved) = store.mapping(&name, Some(version))? else { return Ok(false) };
    let remembered = Mapping::from_toml(&saved.toml)?;
    let all_known = mapping.columns.iter().all(|column| remembered.columns.contains(column));
    Ok(all_known && Mapping { columns: Vec::new(), ..remembered } == Mapping { columns: Vec::new(), ..mapping.clone() })
}

/// A mapping fitted to the columns of a file.
pub struct Fitted {
    pub mapping: Mapping,
    /// Where it came from, for people.
    pub origin: String,
    /// Columns that the mapping uses and the file lacks.
    pub gone: Vec<String>,
    /// The mapping as it was before; none of a suggested one.
    pub made: Option<Mapping>,
}

/// Fits the chosen mapping to the file. A header row that was seen before brings its mapping back (R256, R257). A
/// mapping that the source used for another header row still holds for the columns that have stayed, as long as those
/// are most of them; new columns get a suggestion. Where it is `unattended`, no mapping but the source's own is used.
pub fn fit(
    store: &Store,
    source: &SourceChoice,
    chosen: Chosen,
    inspection: &Inspection,
    catalog: &Catalog,
    unattended: bool,
) -> Result<Fitted, WorkerError> {
    let headers = &inspection.dialect().columns;
    let known = source.id();
    // That of a renamed source may still have the name that the source had.
    let own = known.map(|id| store.source(id)).transpose()?.flatten().and_then(|source| source.mapping);
    let is_own =
        |saved: &SavedMapping| saved.name == source.name() || own.as_ref().is_some_and(|(name, _)| *name == saved.name);
    let (mapping, origin) = match chosen {
        Chosen::Asked { mapping, origin } => (Some(mapping), origin),
        Chosen::Remembered(_) | Chosen::Nothing => {
            let seen = store.mapping_for_header(known, &header_fingerprint(headers))?;
            let origin =
                |saved: &SavedMapping| format!("mapping {:?}, which was used for the same header row", saved.name);
            match (seen, chosen) {
                (Some(saved), _) if is_own(&saved) => (Some(Mapping::from_toml(&saved.toml)?), origin(&saved)),
                (_, Chosen::Remembered(mapping)) if unattended => {
                    (Some(mapping), format!("the mapping remembered for {:?}", source.name()))
                }
                (_, Chosen::Remembered(mapping)) if mostly_there(&mapping, headers) => {
                    return fit_changed(mapping, inspection, catalog, source.name());
                }
                (Some(saved), _) => (Some(of_another(Mapping::from_toml(&saved.toml)?)), origin(&saved)),
                _ => (None, "mapping suggested from headers and values".to_owned()),
            }
        }
    };
    let Some(mapping) = mapping else {
        let columns = suggested_columns(inspection, catalog);
        return Ok(Fitted { mapping: Mapping { columns, ..Mapping::default() }, origin, gone: Vec::new(), made: None });
    };
    let made = mapping;
    let (mut mapping, gone) = made.fitted_to(headers);
    mapping.joins_as(&made)?;
    mapping.columns.iter_mut().for_each(leave_out_own);
    let gone = mapped_headers(gone, &mapping);
    Ok(Fitted { mapping, origin, gone, made: Some(made) })
}

/// What a mapping that was made for another source says about this one's columns: where they go, whole, joined or in
/// parts. How its values are written, in which order and with which mark, and what they are called here, is each
/// source's own. The separator of a list stays, as it is suggested from the values too.
fn of_another(mut mapping: Mapping) -> Mapping {
    mapping.reading = Reading::default();
    // The same value for every row of that source is no value of this one's rows.
    mapping.constants = Vec::new();
    for column in &mut mapping.columns {
        column.date_order = None;
        column.decimal = None;
        column.case = None;
        column.find_replace = Vec::new();
        column.values = BTreeMap::new();
    }
    mapping
}

/// Whether most of the columns that the mapping uses are in the file: then it is the same kind of file, changed.
fn mostly_there(mapping: &Mapping, headers: &[String]) -> bool {
    let used: Vec<&Column> = mapping.columns.iter().filter(|column| column.targets().next().is_some()).collect();
    let there = used.iter().filter(|column| headers.contains(&column.header)).count();
    there * 2 > used.len()
}

/// Fits a mapping that was made for another header row of the same source.
fn fit_changed(
    mapping: Mapping,
    inspection: &Inspection,
    catalog: &Catalog,
    source: &str,
) -> Result<Fitted, WorkerError> {
    let (mut fitted, gone) = mapping.fitted_to(&inspection.dialect().columns);
    fitted.joins_as(&mapping)?;
    let mut added = Vec::new();
    for (place, suggestion) in suggested_columns(inspection, catalog).into_iter().enumerate() {
        let is_new = mapping.column(&suggestion.header).is_none();
        let several = |key: &str| catalog.by_key(key).is_some_and(Field::takes_several);
        let is_constant = |key: &str| fitted.constants.iter().any(|constant| constant.field == key);
        let is_taken = |key: &str| is_constant(key) || fitted.columns.iter().any(|column| column.goes_to(key));
        let is_free = |key: &String| several(key) || !is_taken(key);
        if is_new && suggestion.field.as_ref().is_none_or(is_free) {
            added.extend(suggestion.field.as_ref().map(|field| format!("{:?} as {field}", suggestion.header)));
            fitted.columns[place] = suggestion;
        }
    }
    let mut origin = format!("the mapping remembered for {source:?}, whose header row was another one");
    if !added.is_empty() {
        origin = format!("{origin}; suggested for new columns: {}", added.join(", "));
    }
    let gone = mapped_headers(gone, &fitted);
    Ok(Fitted { mapping: fitted, origin, gone, made: Some(mapping) })
}

/// The headers of columns that were mapped and are missed. Where a column called by the key of the field has come, the
/// file is an export of ours and nothing has drifted; under any other name the column is a suggestion to be looked at.
fn mapped_headers(gone: Vec<Column>, now: &Mapping) -> Vec<String> {
    let has_come = |key: &str| now.columns.iter().any(|column| column.header == key && column.goes_to(key));
    let missed = |column: &Column| column.targets().any(|key| !has_come(key));
    gone.into_iter().filter(missed).map(|column| column.header).collect()
}

/// The suggested entry of every column.
fn suggested_columns(inspection: &Inspection, catalog: &Catalog) -> Vec<Column> {
    let columns = inspection.dialect().columns.iter().zip(&inspection.suggestions);
    columns
        .map(|(header, suggestion)| {
            let mut column = match suggestion.field.and_then(|id| catalog.get(id)) {
                Some(field) => Column { separator: proposed_separator(suggestion), ..Column::to(header, &field.key) },
                None => Column::unmapped(header),
            };
            leave_out_own(&mut column);
            column
        })
        .collect()
}

/// Leaves out what an earlier run appended, unless somebody mapped it.
fn leave_out_own(column: &mut Column) {
    column.leave_out |= column.field.is_none() && REMARK_COLUMNS.contains(&column.header.as_str());
}

/// The separator that most cells of the column ask for (field rules, Lists).
fn proposed_separator(suggestion: &Suggestion) -> Option<Separator> {
    suggestion.proposals.iter().find_map(|proposal| match proposal {
        Proposal::ListSeparator('.') => Some(Separator::Period),
        Proposal::ListSeparator(_) => None,
    })
}

/// Sends a whole column to a field, or nowhere. What was said about its text goes with where it went before.
fn map_to(column: &mut Column, field: Option<&str>) {
    if column.field.as_deref() != field {
        let Column { required, date_order, decimal, separator, replace, .. } = *column;
        let header = std::mem::take(&mut column.header);
        *column = Column { required, date_order, decimal, separator, replace, ..Column::unmapped(header) };
        column.field = field.map(str::to_owned);
    }
    column.split = None;
    column.leave_out = field.is_none();
}

/// Takes a field away from a column: all of the column, or the part that goes there.
fn give_way(column: &mut Column, key: &str) {
    let Some(split) = column.split.as_mut().filter(|split| split.into.iter().any(|part| part == key)) else {
        if column.field.as_deref() == Some(key) {
            *column = Column::unmapped(std::mem::take(&mut column.header));
        }
        return;
    };
    split.into.iter_mut().filter(|part| *part == key).for_each(String::clear);
    if split.into.iter().all(String::is_empty) {
        *column = Column::unmapped(std::mem::take(&mut column.header));
    }
}

/// Flags overrule the mapping.
pub fn apply_flags(
    request: &ImportRequest,
    mapping: &mut Mapping,
    catalog: &Catalog,
    headers: &[String],
) -> Result<(), WorkerError> {
    for (header, field) in &request.map {
        if !headers.contains(header) {
            return Err(MappingError::NoSuchColumn {
                column: header.clone(),
                have: checks::names(headers.iter().map(String::as_str)),
            }
            .into());
        }
        if let Some(key) = field {
            let field = field_named(catalog, key, header)?;
            // A suggestion for another column gives way to what was said; a said one is a contradiction to report.
            if !field.takes_several() {
                for other in &mut mapping.columns {
                    let said = request.map.iter().any(|(said, _)| *said == other.header);
                    if other.header != *header && !said {
                        give_way(other, &field.key);
                    }
                }
                mapping.constants.retain(|constant| constant.field != field.key);
            }
        }
        map_to(mapping.column_mut(header), field.as_deref());
    }
    mapping.accept_unmapped |= request.accept_unmapped;
    checks::set_orders(request, mapping, catalog)?;
    Ok(())
}
