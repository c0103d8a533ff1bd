//! What holds where request, mapping and settings may each say something.

use super::error::{Refusal, WorkerError};
use super::request::ImportRequest;
use crate::domain::mapping::Reading;
use crate::domain::plan::Duplicates;
use crate::domain::settings::Settings;
use crate::engine::decode::Codec;
use crate::engine::sniff::{self, Overrides};

/// Flags overrule the mapping, and the mapping what is found in the file.
pub(super) fn overrides(said: &Overrides, reading: &Reading) -> Result<Overrides, WorkerError> {
    let mut overrides = said.clone();
    if let (None, Some(text)) = (overrides.delimiter, &reading.delimiter) {
        let parsed = sniff::parse_delimiter(text);
        overrides.delimiter = Some(parsed.map_err(|why| Refusal::new("delimiter", why, "Correct it in the mapping."))?);
    }
    if let (None, Some(text)) = (overrides.quote, &reading.quote) {
        let parsed = sniff::parse_quote(text);
        overrides.quote = Some(parsed.map_err(|why| Refusal::new("quote", why, "Correct it in the mapping."))?);
    }
    if let (None, Some(name)) = (overrides.encoding, &reading.encoding) {
        let unknown = || {
            let message = format!("The mapping names the encoding {name:?}, which is not known.");
            Refusal::new("encoding_unknown", message, "Name one such as utf-8 or windows-1252.")
        };
        overrides.encoding = Some(Codec::of(name).ok_or_else(unknown)?);
    }
    overrides.header_line = overrides.header_line.or(reading.header_row);
    Ok(overrides)
}

pub(super) fn duplicates(request: &ImportRequest, settings: &Settings) -> Duplicates {
    match request.match_on {
        _ if request.allow_duplicates => Duplicates::Allowed,
        Some(on) => Duplicates::Refused(on),
        None if settings.allow_duplicates => Duplicates::Allowed,
        None => Duplicates::Refused(settings.match_on),
    }
}

pub(super) fn country(
    request: &ImportRequest,
    reading: &Reading,
    settings: &Settings,
) -> Result<Option<String>, WorkerError> {
    let Some(asked) = request.country.as_ref().or(reading.country.as_ref()) else {
        return Ok(settings.default_country.clone());
    };
    let mut checked = Settings::default();
    checked.set("default_country", asked)?;
    Ok(checked.default_country)
}

pub(super) fn timezone(
    request: &ImportRequest,
    reading: &Reading,
    settings: &Settings,
) -> Result<chrono_tz::Tz, WorkerError> {
    let mut checked = settings.clone();
    if let Some(name) = &reading.timezone {
        checked.set("default_timezone", name)?;
    }
    Ok(request.timezone.unwrap_or(checked.default_timezone))
}
