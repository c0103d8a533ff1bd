//! Looking for contacts by whatever one has of them: the command line and the screen ask the same questions.

use crate::domain::find::FoundBy;
use crate::domain::id::{OwnId, RecordId};
use crate::domain::record::Record;
use crate::domain::values::clean::trim;
use crate::domain::values::email::read_emails;
use crate::domain::values::phone::PhoneReader;
use crate::store::{Find, Looked, Narrow, Store, StoreError};

thread_local! {
    /// Made once a thread: it takes longer to make than a person takes to type a letter.
    static PHONES: PhoneReader = PhoneReader::new();
}

/// What a search came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// What the text was taken for; none where nothing was found.
    pub by: Option<FoundBy>,
    pub records: Vec<Record>,
    /// There may be others: so many begin so that not all were looked at.
    pub is_cut: bool,
}

/// What the text finds, by the first kind of question that finds something, and which kind that is. At most `limit`
/// records; for the next page pass the last one as `after`. About `most` records are read for each kind of question at
/// most. Deleted contacts are found by reference and by Contact ID. A Contact ID names one contact, whatever the search
/// is narrowed to.
///
/// # Errors
/// What the store cannot read.
pub fn search(
    store: &Store,
    text: &str,
    narrow: &Narrow,
    after: Option<RecordId>,
    limit: usize,
    most: usize,
) -> Result<Search, StoreError> {
    let text = trim(text);
    if text.is_empty() {
        return Ok(Search::default());
    }
    let mut was_cut = false;
    // The next page is one of the kind that the first page was of, even when nothing is left for it.
    let mut ask = |by: FoundBy, find: Find<'_>| {
        let Looked { records, is_cut } = store.lookup_within(&find, narrow, after, limit, most)?;
        let is_it = !records.is_empty()
            || after.is_some() && !store.lookup_within(&find, narrow, None, 1, most)?.records.is_empty();
        was_cut |= is_cut;
        Ok::<_, StoreError>(is_it.then_some(Search { by: Some(by), records, is_cut }))
    };
    for (by, find) in
        [(FoundBy::Reference, Find::Reference(text)), (FoundBy::ReferencePrefix, Find::ReferencePrefix(text))]
    {
        if let Some(found) = ask(by, find)? {
            return Ok(found);
        }
    }
    if let OwnId::Ours(id) = store.workspace_code().read_contact_id(text)
        && let Some(record) = store.record(id)?
    {
        let records = if after.is_none() { vec![record] } else { Vec::new() };
        return Ok(Search { by: Some(FoundBy::ContactId), records, is_cut: false });
    }
    if let Ok(email) = read_emails(text)
        && let Some(found) = ask(FoundBy::Email, Find::Email(&email.value.first))?
    {
        return Ok(found);
    }
    let country = store.settings()?.default_country;
    if let Ok(phone) = PHONES.with(|phones| phones.read(text, country.as_deref()))
        && let Some(found) = ask(FoundBy::Phone, Find::Phone(&phone.value.first))?
    {
        return Ok(found);
    }
    let found = ask(FoundBy::Name, Find::Name(text))?;
    Ok(found.unwrap_or(Search { is_cut: was_cut, ..Search::default() }))
}
