//! What a file is called where it is put away.

/// How many names are tried for a file whose own is taken where it is moved to.
pub(super) const MOST_NAMES: u32 = 10_000;

/// The `number`th name that a file is tried to be moved to; the first is its own: `a.csv`, `a-2.csv`, `a-3.csv`.
pub(super) fn numbered(name: &str, number: u32) -> String {
    match (number, name.rsplit_once('.')) {
        (0 | 1, _) => name.to_owned(),
        (_, Some((stem, extension))) if !stem.is_empty() => format!("{stem}-{number}.{extension}"),
        _ => format!("{name}-{number}"),
    }
}
