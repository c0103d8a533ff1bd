//! Where the header is, what stands before it, and whether the file holds more than one table.

use super::table::{Looks, Sampled};

/// Records looked at for the header.
const HEADER_WITHIN: usize = 200;
/// Records after a candidate that must fit it.
const SUPPORT: usize = 50;
/// Of a header's cells so many are filled, and of the records after it so many fit.
const HALF: f64 = 0.5;

/// What was found; records by their place in the sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    Header {
        at: usize,
        why: String,
    },
    /// The first record of the table is data: there is no header.
    NoHeader {
        at: usize,
        why: String,
    },
    /// Nothing but blank lines.
    Nothing,
}

/// A second table in the same file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherTable {
    pub line: u64,
    pub cells: usize,
}

/// Finds the header.
pub fn find_header(records: &[Sampled]) -> Layout {
    let filled: Vec<usize> = (0..records.len().min(HEADER_WITHIN)).filter(|&i| !records[i].blank).collect();
    let Some(&first) = filled.first() else { return Layout::Nothing };
    let widest = filled.iter().map(|&i| records[i].cells.len()).max().unwrap_or(1);
    let candidate = filled.iter().copied().find(|&i| stands_above_a_table(records, i, widest));
    // Where nothing is like a table, the first record that is no title has to do.
    let at = candidate.unwrap_or_else(|| {
        filled.iter().copied().find(|&i| records[i].filled() >= 2 && is_wide_enough(&records[i])).unwrap_or(first)
    });
    if let Some(why) = data_in(records, at) {
        return Layout::NoHeader { at, why };
    }
    let cells = records[at].cells.len();
    let before = if at > first { ", after lines that are not like it" } else { "" };
    let why = match records.len() - at - 1 {
        0 => format!("it is the only record: {cells} cells, none of them data"),
        _ => format!("the first record with names in {cells} cells and records of that width below{before}"),
    };
    Layout::Header { at, why }
}

fn is_wide_enough(record: &Sampled) -> bool {
    !record.flawed && record.filled() as f64 >= record.filled_to() as f64 * HALF
}

/// Whether records of its own width follow a record that could be a header.
fn stands_above_a_table(records: &[Sampled], at: usize, widest: usize) -> bool {
    let record = &records[at];
    let cells = record.filled_to().max(1);
    if !is_wide_enough(record) || cells == 1 && widest > 1 || record.cells[0].trim_start().starts_with("# ") {
        return false;
    }
    // "Report title,,,": one cell of many.
    if record.cells.len() > 2 && record.filled() == 1 {
        return false;
    }
    if is_padded_note(records, at) {
        return false;
    }
    let fits = |record: &&Sampled| record.fits(cells) || record.fits(records[at].cells.len());
    let below: Vec<&Sampled> = records[at + 1..].iter().filter(|r| !r.blank).take(SUPPORT).collect();
    if below.is_empty() {
        return true;
    }
    let enough =
        |rows: &[&Sampled]| rows.iter().copied().filter(|r| fits(r)).count() as f64 >= rows.len() as f64 * HALF;
    if enough(&below) {
        return true;
    }
    // A table that ends at a blank line, with another one below it. Two columns may also be a title's notes.
    let until_blank: Vec<&Sampled> = records[at + 1..].iter().take_while(|r| !r.blank).take(SUPPORT).collect();
    cells >= 3 && !until_blank.is_empty() && enough(&until_blank)
}

/// Whether a record is a note padded to the table's width, "From,2024-01-01,,", with a fuller row of names below it.
fn is_padded_note(records: &[Sampled], at: usize) -> bool {
    let record = &records[at];
    let width = record.cells.len();
    if record.filled_to() == width || record.filled() * 2 > width && !record.cells[0].trim_end().ends_with(':') {
        return false;
    }
    let names = |i: usize| {
        let below = &records[i];
        below.filled() == width && below.cells.len() == width && data_in(records, i).is_none()
    };
    (at + 1..records.len().min(at + 1 + SUPPORT)).any(names)
}

/// What makes a record data and not names: an e-mail address, a date, or mostly numbers.
fn data_in(records: &[Sampled], at: usize) -> Option<String> {
    let record = &records[at];
    let looks: Vec<Looks> = record.cells.iter().map(|cell| Looks::of(cell)).collect();
    let filled = looks.iter().filter(|looks| **looks != Looks::Empty).count();
    let named = |what: Looks, name: &str| {
        let place = looks.iter().position(|looks| *looks == what)?;
        Some(format!("column {} of line {} holds {name}, not a name", place + 1, record.line))
    };
    if let Some(why) = named(Looks::Email, "an e-mail address") {
        return Some(why);
    }
    // A year is a name too, beside one in words: "Name,2023,2024".
    let words = looks.contains(&Looks::Words);
    let is_year = |cell: &str| cell.len() == 4 && (cell.starts_with("19") || cell.starts_with("20"));
    let named_year = |place: usize| words && is_year(record.cells[place].trim());
    let data = looks.iter().enumerate().filter(|(place, looks)| looks.is_data() && !named_year(*place)).count();
    let dates = looks.iter().filter(|looks| matches!(looks, Looks::Date | Looks::Phone)).count();
    if dates > 0 && data * 4 >= filled {
        return named(Looks::Date, "a date").or_else(|| named(Looks::Phone, "a phone number"));
    }
    if data * 2 > filled {
        return Some(format!("{data} of the {filled} cells of line {} are data, not names", record.line));
    }
    None
}

/// A table after or before the one whose header is at `at`: a blank line, a row of names of another width, and records
/// that fit it.
pub fn other_table(records: &[Sampled], at: usize) -> Option<OtherTable> {
    let own = records[at].filled_to().max(1);
    let fits_own = |record: &Sampled| record.fits(own) || record.cells.len() == records[at].cells.len();
    let starts = |i: usize| {
        let record = &records[i];
        let below = records.get(i + 1).is_some_and(|next| !next.blank && next.cells.len() == record.cells.len());
        !record.blank
            && !record.flawed
            && record.filled() >= 2
            && record.filled() == record.cells.len()
            && record.cells.iter().all(|cell| Looks::of(cell) == Looks::Words)
            && below
    };
    let after = (at + 2..records.len()).find(|&i| records[i - 1].blank && !fits_own(&records[i]) && starts(i));
    let before = (0..at).find(|&i| records[i].cells.len() >= 3 && starts(i) && data_in(records, i + 1).is_some());
    let found = before.or(after)?;
    Some(OtherTable { line: records[found].line, cells: records[found].cells.len() })
}

/// How many of the header's cells are columns: nameless ones at the end that are always empty are left by delimiters at
/// the ends of lines.
pub fn width(records: &[Sampled], at: usize) -> usize {
    let named = records[at].filled_to().max(1);
    let used = records[at + 1..]
        .iter()
        .filter(|record| !record.flawed && record.cells.len() <= records[at].cells.len())
        .map(Sampled::filled_to)
        .max()
        .unwrap_or(0);
    named.max(used).min(records[at].cells.len())
}
