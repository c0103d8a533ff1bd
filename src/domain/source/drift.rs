//! A delivery's header against that of the mapping (R344, R359, R363).

/// How a header departs from the one that the mapping was made for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drift {
    pub added: Vec<String>,
    pub removed: Vec<DriftColumn>,
    /// A removed column and the added one that it likely is now.
    pub renamed: Vec<(DriftColumn, String)>,
    /// The columns that stayed come in another order.
    pub reordered: bool,
    /// Columns whose values are of another kind now, and what they look like.
    pub kind_changed: Vec<(DriftColumn, String)>,
}

/// A column of the mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftColumn {
    pub header: String,
    /// Whether the mapping uses it: only then does its change matter.
    pub is_mapped: bool,
}
