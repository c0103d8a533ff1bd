//! Users of the workspace, by their names (field rules, Lists, options, tags, people; R236, R247).

use super::clean::quoted;
use super::list::{ListKind, Separator, read_list, read_values};
use super::near::did_you_mean;
use super::option::Declared;
use crate::domain::issue::{Code, Problem, ReadResult, Reading};

/// Reads one user, `First Last` in any letter case; answers the name as the workspace has it.
pub fn read_person(text: &str, people: &Declared) -> ReadResult<String> {
    match people.find(text) {
        Some(name) => Ok(Reading::plain(name.to_string())),
        None => Err(unknown(text, people)),
    }
}

/// Reads several users, parted by commas (or semicolons, which no name has). One unknown name makes the cell
/// unreadable, so that nobody is left out without a word.
pub fn read_people(text: &str, people: &Declared) -> ReadResult<Vec<String>> {
    let Reading { value, notes } = read_list(text, ListKind::Tags, people, Some(separator_of(text)))?;
    known(value, people).map(|value| Reading { value, notes })
}

/// What parts the users of a cell.
pub fn separator_of(text: &str) -> Separator {
    if text.contains(';') { Separator::Semicolon } else { Separator::Comma }
}

/// Reads users who are parted already.
pub fn read_names<'v>(names: impl Iterator<Item = &'v str>, people: &Declared) -> Result<Vec<String>, Problem> {
    known(read_values(names, ListKind::Tags, people)?, people)
}

fn known(names: Vec<String>, people: &Declared) -> Result<Vec<String>, Problem> {
    match names.iter().find(|name| people.find(name).is_none()) {
        Some(name) => Err(unknown(name, people)),
        None => Ok(names),
    }
}

fn unknown(text: &str, people: &Declared) -> Problem {
    let near = people.nearest(text);
    let guidance = if people.is_empty() {
        format!("{} is no user of this workspace, which has none yet: add them first.", quoted(text))
    } else if near.is_empty() {
        format!("{} is no user of this workspace; known are {}.", quoted(text), people.listed())
    } else {
        format!("{} is no user of this workspace: {}write the name as First Last.", quoted(text), did_you_mean(&near))
    };
    Problem::new(Code::UserUnknown, guidance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn people() -> Declared {
        Declared::new(&["Logan Paul", "Adam Smith", "David Lee", "Zoë Ångström", "Ann Lee, Jr."].map(String::from))
    }

    #[test]
    fn a_user_is_found_by_first_and_last_name() {
        // R236.
        for (text, want) in [
            ("Logan Paul", "Logan Paul"),
            ("logan  PAUL", "Logan Paul"),
            ("ZOË ÅNGSTRÖM", "Zoë Ångström"),
            ("Ann Lee, Jr.", "Ann Lee, Jr."),
        ] {
            assert_eq!(read_person(text, &people()), Ok(Reading::plain(want.to_string())), "{text}");
        }
    }

    #[test]
    fn followers_are_parted_by_commas() {
        // R247.
        let read = |text: &str| read_people(text, &people()).map(|reading| reading.value);
        for (text, want) in [
            ("Adam Smith, David Lee", vec!["Adam Smith", "David Lee"]),
            ("adam smith,David Lee,Adam Smith,", vec!["Adam Smith", "David Lee"]),
            ("David Lee; Logan Paul", vec!["David Lee", "Logan Paul"]),
            ("David Lee, Ann Lee, Jr., Logan Paul", vec!["David Lee", "Ann Lee, Jr.", "Logan Paul"]),
            ("Logan Paul", vec!["Logan Paul"]),
            (",", vec![]),
        ] {
            assert_eq!(read(text), Ok(want.into_iter().map(String::from).collect()), "{text}");
        }
    }

    #[test]
    fn unknown_users_come_with_the_nearest_names() {
        for (problem, part) in [
            (read_person("Logan Pual", &people()).unwrap_err(), "did you mean Logan Paul?"),
            (read_person("Paul, Logan", &people()).unwrap_err(), "did you mean Logan Paul?"),
            (read_person("David", &people()).unwrap_err(), "did you mean David Lee?"),
            (read_person("Someone Else", &people()).unwrap_err(), "known are Logan Paul, Adam Smith"),
            (read_people("Adam Smith, Dave Lee", &people()).unwrap_err(), "\"Dave Lee\" is no user"),
            (read_person("Logan Paul", &Declared::default()).unwrap_err(), "has none yet"),
        ] {
            assert_eq!(problem.code, Code::UserUnknown);
            assert!(problem.guidance.contains(part), "{}", problem.guidance);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = read_person(&text, &people());
            let _ = read_people(&text, &people());
        }
    }
}
