//! Countries: free text, which becomes an ISO 3166-1 alpha-2 code where the country is known (field rules, Fields of a
//! contact).

use super::clean::words_folded;
use super::text::{TEXT_LIMIT, read_text};
use crate::domain::issue::{ReadResult, Reading};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// Reads a country. Codes of two and three letters and names in English, in the country's own languages and in those
/// that files often come in become the code (`AT`); any other text is kept as it is.
pub fn read_country(text: &str) -> ReadResult<String> {
    match tables().codes.get(&words_folded(text)) {
        Some(code) => Ok(Reading::plain(code.to_string())),
        None => read_text(text, TEXT_LIMIT),
    }
}

/// Whether this is an ISO 3166-1 alpha-2 code in upper case, or `XK` for Kosovo.
pub fn is_region_code(text: &str) -> bool {
    tables().regions.contains(text)
}

/// The regions that a source can be of: code and English name, in the order of the codes.
pub fn regions() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = include_str!("../../../assets/countries.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| {
        let mut columns = line.split('\t');
        let (code, _, names) = (columns.next()?, columns.next()?, columns.next()?);
        Some((code, names.split('|').next()?))
    })
}

struct Tables {
    /// Codes by everything that means them, folded.
    codes: HashMap<String, &'static str>,
    regions: HashSet<&'static str>,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut tables = Tables { codes: HashMap::new(), regions: HashSet::new() };
        for line in include_str!("../../../assets/countries.tsv").lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let (Some(code), Some(alpha_3), Some(names)) = (columns.next(), columns.next(), columns.next()) else {
                continue;
            };
            tables.regions.insert(code);
            for name in names.split('|').chain([code, alpha_3]) {
                tables.codes.insert(words_folded(name), code);
            }
        }
        tables
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> String {
        read_country(text).unwrap().value
    }

    #[test]
    fn known_countries_become_their_code() {
        for (text, want) in [
            ("AT", "AT"),
            ("at", "AT"),
            ("AUT", "AT"),
            ("Austria", "AT"),
            ("Österreich", "AT"),
            ("osterreich", "AT"),
            ("DEUTSCHLAND", "DE"),
            ("Allemagne", "DE"),
            ("USA", "US"),
            ("U.S.A.", "US"),
            ("United States of America", "US"),
            ("The Netherlands", "NL"),
            ("UK", "GB"),
            ("Great Britain", "GB"),
            ("Côte d’Ivoire", "CI"),
            ("Cote d'Ivoire", "CI"),
            ("Trinidad & Tobago", "TT"),
            ("Trinidad and Tobago", "TT"),
            ("Korea, Republic of", "KR"),
            ("日本", "JP"),
            ("España", "ES"),
            ("Türkiye", "TR"),
            ("Georgia", "GE"),
            ("Niger", "NE"),
            ("Nigeria", "NG"),
            ("Kosovo", "XK"),
            ("AND", "AD"),
        ] {
            assert_eq!(read(text), want, "{text}");
        }
    }

    #[test]
    fn other_text_is_kept() {
        for text in ["Atlantis", "EU", "Kongo", "Bavaria", "--", "D", "Austria / Germany"] {
            assert_eq!(read(text), text);
        }
    }

    #[test]
    fn every_name_of_the_table_means_one_country() {
        let mut meanings: HashMap<String, &str> = HashMap::new();
        let mut lines = 0;
        for line in include_str!("../../../assets/countries.tsv").lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split('\t').collect();
            let [code, alpha_3, names] = columns[..] else { panic!("{line}") };
            assert!(code.len() == 2 && alpha_3.len() == 3 && !names.is_empty(), "{line}");
            for name in names.split('|').chain([code, alpha_3]) {
                let other = meanings.insert(words_folded(name), code);
                assert!(other.is_none_or(|other| other == code), "{name} is {code} and {other:?}");
            }
            lines += 1;
        }
        assert_eq!(lines, 250);
    }

    #[test]
    fn region_codes_are_the_upper_case_ones() {
        for code in ["US", "GB", "DE", "XK", "AX"] {
            assert!(is_region_code(code), "{code}");
        }
        for code in ["us", "UK", "USA", "ZZ", "", "Germany", "EU"] {
            assert!(!is_region_code(code), "{code}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_countries_read_again_as_themselves(text in any::<String>()) {
            if let Ok(reading) = read_country(&text) {
                prop_assert_eq!(read_country(&reading.value).map(|r| r.value), Ok(reading.value));
            }
        }
    }
}
