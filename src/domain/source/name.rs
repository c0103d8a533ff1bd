//! Names of sources that people will not recognise later, or will take for another one (R47).

use crate::domain::mapping::letters_apart;

/// The name that a source gets from its file: that of the file without its endings. Empty where it has no other part.
pub fn name_of_file(file: &str) -> &str {
    const ENDS: [&str; 7] = [".csv.gz", ".csv.zip", ".csv", ".tsv", ".txt", ".zip", ".gz"];
    let lower = file.to_ascii_lowercase();
    let end = ENDS.into_iter().find(|end| lower.ends_with(end)).unwrap_or("");
    file[..file.len() - end.len()].trim()
}

/// Why a name is questioned. A question, not a refusal: whoever names the source may know better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameDoubt {
    /// There is one of this very name.
    Taken { other: String },
    /// It differs from another name in letter case, spaces or punctuation only.
    Twin { other: String },
    /// It is within two letters of another name.
    Near { other: String },
    /// It says nothing about where the records come from.
    Vague,
}

impl NameDoubt {
    /// What is doubtful, a sentence.
    pub fn message(&self) -> String {
        match self {
            NameDoubt::Taken { other } => format!("There is already a source named {other:?}."),
            NameDoubt::Twin { other } => {
                format!("There is a source named {other:?}, which differs only in capitals, spaces or punctuation.")
            }
            NameDoubt::Near { other } => format!("There is a source with nearly the same name: {other:?}."),
            NameDoubt::Vague => "Nobody will know from this name where the records came from.".to_owned(),
        }
    }

    /// What to do, a sentence.
    pub fn action(&self) -> &'static str {
        match self {
            NameDoubt::Taken { .. } => "Use that source, or choose another name.",
            NameDoubt::Twin { .. } | NameDoubt::Near { .. } => {
                "Use that source if it is the same; else choose a name that cannot be mistaken for it."
            }
            NameDoubt::Vague => {
                "Name the system, the partner or the event, such as \"HubSpot EMEA\" or \"Trade fair 2026\"."
            }
        }
    }
}

/// Words that name no origin.
const VAGUE: [&str; 33] = [
    "import",
    "imports",
    "importing",
    "test",
    "tests",
    "testing",
    "contact",
    "contacts",
    "data",
    "new",
    "old",
    "file",
    "files",
    "untitled",
    "export",
    "exports",
    "list",
    "csv",
    "tsv",
    "txt",
    "xlsx",
    "upload",
    "uploads",
    "temp",
    "tmp",
    "copy",
    "final",
    "sheet",
    "source",
    "my",
    "the",
    "of",
    "v",
];

/// Shorter names say nothing, in scripts whose letters are not words.
const FEWEST_LETTERS: usize = 3;

/// What there is to ask about a name for a new source, given the names of the others; none for a good one.
pub fn name_doubts<'a>(name: &str, existing: impl IntoIterator<Item = &'a str>) -> Option<NameDoubt> {
    let name = name.trim();
    let (mut twin, mut near) = (None, None);
    for other in existing {
        if other == name {
            return Some(NameDoubt::Taken { other: other.to_owned() });
        }
        if !letters(name).is_empty() && letters(other) == letters(name) {
            twin.get_or_insert(other);
        } else if is_near(other, name) && without_digits(other) != without_digits(name) {
            near.get_or_insert(other);
        }
    }
    let twin = twin.map(|other| NameDoubt::Twin { other: other.to_owned() });
    let near = near.map(|other| NameDoubt::Near { other: other.to_owned() });
    twin.or(near).or_else(|| is_vague(name).then_some(NameDoubt::Vague))
}

/// Whether one name may be a mistyped other one: within two letters, where that leaves anything of the name.
pub fn is_near(a: &str, b: &str) -> bool {
    let apart = letters_apart(a, b);
    apart <= 2 && apart < a.chars().count().min(b.chars().count())
}

/// The letters and digits of a name, in lower case.
fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Years and numbers tell names apart on purpose: "Trade fair 2025" and "Trade fair 2026".
fn without_digits(name: &str) -> String {
    letters(name).chars().filter(|c| !c.is_numeric()).collect()
}

fn is_vague(name: &str) -> bool {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).map(|word| word.trim_matches(char::is_numeric));
    let mut words = words.filter(|word| !word.is_empty()).peekable();
    if words.peek().is_none() || words.all(|word| VAGUE.contains(&word)) {
        return true;
    }
    let is_latin = lower.chars().all(|c| c < '\u{250}');
    is_latin && lower.chars().filter(|c| c.is_alphabetic()).count() < FEWEST_LETTERS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vague_names_are_questioned_and_telling_ones_are_not() {
        for name in [
            "import",
            "Test",
            "contacts",
            "data",
            "new",
            "file1",
            "untitled",
            "export (2)",
            "2026-01-03",
            "007",
            "ab",
            "A1",
            "contacts.csv",
            "new import",
            "test_data_2",
            "",
            "  ",
            "Final copy",
            "--",
        ] {
            assert_eq!(name_doubts(name, []), Some(NameDoubt::Vague), "{name:?}");
        }
        for name in ["crm", "HubSpot EMEA", "Trade fair 2026", "顧客", "Webinar import", "contacts of Globex", "SAP"]
        {
            assert_eq!(name_doubts(name, []), None, "{name:?}");
        }
    }

    #[test]
    fn names_like_another_ones_are_questioned_with_it() {
        let existing = ["HubSpot EMEA", "Trade fair 2025", "crm", "Globex"];
        let other = |name: &str| name.to_owned();
        for (name, doubt) in [
            ("Globex", Some(NameDoubt::Taken { other: other("Globex") })),
            (" Globex ", Some(NameDoubt::Taken { other: other("Globex") })),
            ("hubspot-emea", Some(NameDoubt::Twin { other: other("HubSpot EMEA") })),
            ("CRM", Some(NameDoubt::Twin { other: other("crm") })),
            ("HubSpot EMAE", Some(NameDoubt::Near { other: other("HubSpot EMEA") })),
            ("Golbex", Some(NameDoubt::Near { other: other("Globex") })),
            ("Trade fair 2026", None),
            ("Pipedrive", None),
        ] {
            assert_eq!(name_doubts(name, existing), doubt, "{name:?}");
        }
    }

    #[test]
    fn every_doubt_says_what_and_what_to_do() {
        let other = "crm".to_owned();
        for doubt in [
            NameDoubt::Taken { other: other.clone() },
            NameDoubt::Twin { other: other.clone() },
            NameDoubt::Near { other },
            NameDoubt::Vague,
        ] {
            assert!(doubt.message().ends_with('.') && doubt.action().ends_with('.'), "{doubt:?}");
        }
    }
}
