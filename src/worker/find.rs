//! Looking for contacts by whatever one has of them: the command line and the screen ask the same questions.

use crate::domain::find::FoundBy;
use crate::domain::id::{OwnId, RecordId};
use crate::domain::record::Record;
use crate::domain::values::clean::trim;
use crate::domain::values::email::read_emails;
use crate::domain::values::phone::PhoneReader;
use crate::store::{Find, Narrow, Store, StoreError};

thread_local! {
    /// Made once a thread: it takes longer to make than a person takes to type a letter.
    static PHONES: PhoneReader = PhoneReader::new();
}

/// What the text finds, by the first kind of question that finds something, and which kind that is; none where nothing
/// is found. At most `limit` records; for the next page pass the last one as `after`. Deleted contacts are found by
/// reference and by Contact ID. A Contact ID names one contact, whatever the search is narrowed to.
///
/// # Errors
/// What the store cannot read.
pub fn search(
    store: &Store,
    text: &str,
    narrow: &Narrow,
    after: Option<RecordId>,
    limit: usize,
) -> Result<Option<(FoundBy, Vec<Record>)>, StoreError> {
    let text = trim(text);
    if text.is_empty() {
        return Ok(None);
    }
    // The next page is one of the kind that the first page was of, even when nothing is left for it.
    let ask = |by: FoundBy, find: Find<'_>| {
        let found = store.lookup(&find, narrow, after, limit)?;
        let is_it = !found.is_empty() || after.is_some() && !store.lookup(&find, narrow, None, 1)?.is_empty();
        Ok::<_, StoreError>(is_it.then_some((by, found)))
    };
    for (by, find) in
        [(FoundBy::Reference, Find::Reference(text)), (FoundBy::ReferencePrefix, Find::ReferencePrefix(text))]
    {
        if let Some(found) = ask(by, find)? {
            return Ok(Some(found));
        }
    }
    if let OwnId::Ours(id) = store.workspace_code().read_contact_id(text)
        && let Some(record) = store.record(id)?
    {
        let page = if after.is_none() { vec![record] } else { Vec::new() };
        return Ok(Some((FoundBy::ContactId, page)));
    }
    if let Ok(email) = read_emails(text)
        && let Some(found) = ask(FoundBy::Email, Find::Email(&email.value.first))?
    {
        return Ok(Some(found));
    }
    let country = store.settings()?.default_country;
    if let Ok(phone) = PHONES.with(|phones| phones.read(text, country.as_deref()))
        && let Some(found) = ask(FoundBy::Phone, Find::Phone(&phone.value.first))?
    {
        return Ok(Some(found));
    }
    ask(FoundBy::Name, Find::Name(text))
}
