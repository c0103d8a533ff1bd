//! Signs that a file has not been uploaded whole. None is proof: a person decides.

/// How a delivery ends, as reading it showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Bytes.
    pub size: u64,
    /// Whether its last cell began with a quote that was never closed.
    pub is_inside_quote: bool,
    /// Columns of the header and of the last row, where it has both.
    pub columns: Option<(usize, usize)>,
    /// Whether its last byte ends a line.
    pub has_line_end: bool,
    /// Whether each of the earlier deliveries of the source ended a line; none where there were none.
    pub earlier_had_line_end: Option<bool>,
    /// Whether rows shorter than the header are usual in it, so that a short last one says nothing.
    pub has_other_short_rows: bool,
}

/// Why the file may be unfinished, in words without a full stop; none where nothing speaks for it. The first sign is the
/// strongest.
pub fn sign_of_unfinished(ending: &Ending) -> Option<String> {
    if ending.size == 0 {
        return Some("it has no bytes".to_owned());
    }
    if ending.is_inside_quote {
        return Some("it ends inside a quoted cell".to_owned());
    }
    if let Some((header, last)) = ending.columns.filter(|(header, last)| last < header && !ending.has_other_short_rows)
    {
        let cells = if last == 1 { "cell" } else { "cells" };
        return Some(format!("its last row has {last} {cells}, and the header has {header}"));
    }
    (!ending.has_line_end && ending.earlier_had_line_end == Some(true))
        .then(|| "its last line has no line end, and those of earlier deliveries had one".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_be_unfinished_by_how_it_ends() {
        let whole = Ending {
            size: 100,
            is_inside_quote: false,
            columns: Some((3, 3)),
            has_line_end: true,
            earlier_had_line_end: Some(true),
            has_other_short_rows: false,
        };
        let no_line_end = Ending { has_line_end: false, ..whole };
        let short = Ending { columns: Some((3, 1)), ..whole };
        for (ending, sign) in [
            (whole, None),
            (Ending { columns: Some((3, 4)), ..whole }, None),
            (Ending { columns: None, ..whole }, None),
            (Ending { size: 0, ..whole }, Some("no bytes")),
            (Ending { is_inside_quote: true, ..no_line_end }, Some("inside a quoted cell")),
            (short, Some("last row has 1 cell, and the header has 3")),
            (Ending { has_other_short_rows: true, ..short }, None),
            (no_line_end, Some("no line end")),
            (Ending { earlier_had_line_end: Some(false), ..no_line_end }, None),
            (Ending { earlier_had_line_end: None, ..no_line_end }, None),
        ] {
            let found = sign_of_unfinished(&ending);
            assert_eq!(found.is_some(), sign.is_some(), "{ending:?}");
            assert!(found.is_none_or(|found| found.contains(sign.unwrap())), "{ending:?}");
        }
    }
}
