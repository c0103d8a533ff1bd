//! Automatic mapping: which field each column most likely holds, how sure that is, and why.
//!
//! Header words ([`header`], [`explain`]) and the shapes of values ([`evidence`]) give each column its meanings by
//! itself; [`resolve`] then looks at all columns together. Words and synonyms are data (`assets/mapping.toml`,
//! `assets/objects`): no field is named here, only roles and kinds. Nothing here reads files or applies a mapping.
pub mod evidence;
mod explain;
mod header;
mod lexicon;
mod looks;
mod resolve;

use crate::domain::field::{Catalog, FieldId};
pub use evidence::{ColumnEvidence, EvidenceCollector, IdOrigin, OwnIds, Shape};
pub use looks::Looks;

/// An option of the column that its values ask for, to be offered and not taken in silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proposal {
    /// Most cells are words joined by this character (field rules, Lists).
    ListSeparator(char),
}

/// What is suggested for one column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Suggestion {
    /// `None` when nothing fits, or when another column is the better one for a field that takes one.
    pub field: Option<FieldId>,
    /// 0 to 1; 0 without a field. Below [`UNSURE`] a person should look.
    pub confidence: f32,
    /// For people: what the header says, what the values say.
    pub reason: String,
    /// Why the column must not be mapped by itself, such as a password or another person's e-mail.
    pub never: Option<String>,
    pub proposals: Vec<Proposal>,
    /// Other fields that come into question, best first, each with its confidence.
    pub alternatives: Vec<(FieldId, f32)>,
}

/// Suggestions below this confidence contradict their values or rest on little.
pub const UNSURE: f32 = 0.5;

/// Suggests a field for each column; the answer is parallel to `columns`. A field that takes one column is suggested
/// once. Columns without values are judged by their headers alone.
pub fn suggest(catalog: &Catalog, columns: &[ColumnEvidence]) -> Vec<Suggestion> {
    let lexicon = lexicon::Lexicon::new(catalog);
    resolve::resolve(catalog, &lexicon, columns)
}
