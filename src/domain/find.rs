//! What a text is taken for, when contacts are looked for by it.

/// What a text was taken for: the first of these that finds something, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// Exactly the reference of a contact in some source (R90).
    Reference,
    /// The beginning of references.
    ReferencePrefix,
    ContactId,
    Email,
    Phone,
    Name,
}
