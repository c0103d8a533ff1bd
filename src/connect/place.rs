//! What the places of files have in common.

/// A file that was fetched whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    pub bytes: u64,
    /// Of all of it, in lower-case hexadecimal.
    pub sha256: String,
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The `number`th name that a file is tried to be moved to; the first is its own: `a.csv`, `a-2.csv`, `a-3.csv`.
pub(super) fn numbered(name: &str, number: u32) -> String {
    match (number, name.rsplit_once('.')) {
        (0 | 1, _) => name.to_owned(),
        (_, Some((stem, extension))) if !stem.is_empty() => format!("{stem}-{number}.{extension}"),
        _ => format!("{name}-{number}"),
    }
}
