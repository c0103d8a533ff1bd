//! The files of a source in words: what each is to it, and why (R353, R354).

use super::found::{FoundFile, FoundState, Ignored};
use crate::domain::id::{DeliveryId, RunId};

/// What a found file is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileWord {
    New,
    /// Another state of a file of this name was imported, and this one is not.
    Changed,
    /// It may still be uploaded.
    Settling,
    /// It is here, and its run is being made.
    Landed,
    Held,
    Imported,
    Identical,
    Ignored,
    Refused,
}

impl FileWord {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            FileWord::New => "new",
            FileWord::Changed => "changed",
            FileWord::Settling => "settling",
            FileWord::Landed => "landed",
            FileWord::Held => "held",
            FileWord::Imported => "imported",
            FileWord::Identical => "identical",
            FileWord::Ignored => "ignored",
            FileWord::Refused => "refused",
        }
    }
}

/// A found file, told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileTold {
    pub word: FileWord,
    /// A sentence, where the word alone leaves a question.
    pub why: Option<String>,
    pub delivery: Option<DeliveryId>,
    /// The run that imports or imported it.
    pub run: Option<RunId>,
}

impl FileTold {
    /// What one of a source's found files is; `all` are the source's.
    pub fn of(file: &FoundFile, all: &[FoundFile]) -> FileTold {
        let mut told = FileTold::by_state(file, all);
        if let Some(trouble) = &file.trouble {
            let tried = match told.word {
                FileWord::Imported => "It was imported, and could not be put away.",
                _ => "It could not be fetched.",
            };
            told.why = Some(format!("{tried} {} {} It is tried again.", trouble.message, trouble.next));
        }
        told
    }

    fn by_state(file: &FoundFile, all: &[FoundFile]) -> FileTold {
        let told = |word, why: Option<String>| FileTold { word, why, delivery: file.state.delivery(), run: None };
        match &file.state {
            FoundState::Settling => {
                told(FileWord::Settling, Some("It may still be uploaded: it is looked at again.".to_owned()))
            }
            FoundState::New => {
                let imported = |other: &&FoundFile| {
                    other.identity.name == file.identity.name && matches!(other.state, FoundState::Taken { .. })
                };
                match all.iter().find(imported) {
                    Some(_) => {
                        let why = "A file of this name was imported; its size or time has changed since.";
                        told(FileWord::Changed, Some(why.to_owned()))
                    }
                    None => told(FileWord::New, None),
                }
            }
            FoundState::Ignored { why } => told(FileWord::Ignored, Some(why.sentence().to_owned())),
            FoundState::Refused { why } => told(FileWord::Refused, Some(why.clone())),
            FoundState::Landed { .. } => told(FileWord::Landed, Some("Its run is still to be made.".to_owned())),
            FoundState::Held { why, .. } => told(FileWord::Held, Some(why.sentence(&file.identity.name))),
            FoundState::Identical { to, .. } => {
                let why = format!("Its content is that of delivery {to}: there is nothing new in it.");
                told(FileWord::Identical, Some(why))
            }
            FoundState::Taken { run, .. } => FileTold { run: Some(*run), ..told(FileWord::Imported, None) },
        }
    }
}

impl Ignored {
    /// Why it is none of ours.
    pub fn sentence(self) -> &'static str {
        match self {
            Ignored::Pattern => "Its name does not match the pattern of the contract.",
            Ignored::Hidden => "Its name is that of a hidden file or of an upload that is not finished.",
            Ignored::Companion => "It says something about another file: it is a marker or a control file.",
            Ignored::Directory => "It is a directory: only the files beside it are looked at.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::SourceId;
    use crate::domain::source::{Fault, FileIdentity};

    #[test]
    fn a_new_file_of_an_imported_name_has_changed() {
        let file = |name: &str, size, state| FoundFile {
            source: SourceId(1),
            identity: FileIdentity { name: name.to_owned(), size, modified_ms: 1 },
            first_seen_ms: 1,
            last_seen_ms: 1,
            is_there: true,
            state,
            trouble: None,
        };
        let taken = FoundState::Taken { delivery: DeliveryId(3), run: RunId(7) };
        let all = [
            file("a.csv", 1, taken),
            file("a.csv", 2, FoundState::New),
            file("b.csv", 2, FoundState::New),
            file("c.txt", 2, FoundState::Ignored { why: Ignored::Pattern }),
        ];
        let told: Vec<FileTold> = all.iter().map(|file| FileTold::of(file, &all)).collect();
        let words: Vec<&str> = told.iter().map(|told| told.word.as_str()).collect();
        assert_eq!(words, ["imported", "changed", "new", "ignored"]);
        assert_eq!((told[0].run, told[0].delivery), (Some(RunId(7)), Some(DeliveryId(3))));
        assert!(told[3].why.as_ref().is_some_and(|why| why.contains("pattern")));
    }

    #[test]
    fn what_went_wrong_with_a_file_the_last_time_is_told_with_it() {
        let trouble = Fault { code: "x".into(), message: "It is gone.".into(), next: "Look.".into() };
        for (state, says) in [
            (FoundState::New, "could not be fetched. It is gone. Look."),
            (FoundState::Taken { delivery: DeliveryId(3), run: RunId(7) }, "could not be put away. It is gone. Look."),
        ] {
            let file = FoundFile {
                source: SourceId(1),
                identity: FileIdentity { name: "a.csv".into(), size: 1, modified_ms: 1 },
                first_seen_ms: 1,
                last_seen_ms: 1,
                is_there: true,
                state,
                trouble: Some(trouble.clone()),
            };
            let why = FileTold::of(&file, &[]).why.unwrap_or_default();
            assert!(why.contains(says), "{why}");
        }
    }
}
