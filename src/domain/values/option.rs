//! Declared names (options, tags, users), one of which a value must be, and yes or no (field rules, Lists, options,
//! tags, people; R234, R235).

use super::clean::{folded, folded_cow, quoted, trim};
use super::near::{did_you_mean, nearest};
use super::text::{TEXT_LIMIT, read_text, too_long};
use crate::domain::issue::{Code, Problem, ReadResult, Reading};
use rustc_hash::FxHashMap;
use std::collections::HashMap;

/// Names that a field declares, prepared for comparing without case; made once for a field and used for every row.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    names: Vec<String>,
    by_folded: HashMap<String, usize>,
    /// The same for the names exactly as they were declared, which most cells hold.
    by_name: FxHashMap<String, usize>,
    most_separators: usize,
}

impl Declared {
    /// Prepares these names. Of two that differ in case or spaces only the first is the one that is answered.
    pub fn new(names: &[String]) -> Declared {
        let mut by_folded = HashMap::new();
        for (place, name) in names.iter().enumerate() {
            by_folded.entry(folded(trim(name))).or_insert(place);
        }
        let exactly = |name: &String| by_folded.get(&folded(name)).map(|&place| (name.clone(), place));
        let by_name = names.iter().filter_map(exactly).collect();
        let separators = |name: &String| name.chars().filter(|c| matches!(c, ',' | ';' | '.')).count();
        let most_separators = names.iter().map(separators).max().unwrap_or(0);
        Declared { names: names.to_vec(), by_folded, by_name, most_separators }
    }

    /// Whether nothing is declared, so that any text is taken.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The declared name that this is, in the spelling that was declared.
    pub fn find(&self, text: &str) -> Option<&str> {
        if self.names.is_empty() {
            return None;
        }
        let place = self.by_name.get(text).or_else(|| self.by_folded.get(&*folded_cow(text)));
        place.map(|&place| self.names[place].as_str())
    }

    /// The most commas, semicolons or periods that any one name has.
    pub(super) fn most_separators(&self) -> usize {
        self.most_separators
    }

    /// The names most like this text.
    pub(super) fn nearest(&self, text: &str) -> Vec<&str> {
        let known = self.by_folded.iter().map(|(key, &place)| (key.as_str(), self.names[place].as_str()));
        nearest(&folded(text), known)
    }

    /// "A, B, C and 4 more": never longer than a sentence can bear.
    pub(super) fn listed(&self) -> String {
        const MOST_NAMES: usize = 10;
        let mut listed = String::new();
        for (place, name) in self.names.iter().enumerate() {
            if place == MOST_NAMES || listed.len() > 200 {
                return format!("{listed} and {} more", self.names.len() - place);
            }
            if place > 0 {
                listed.push_str(", ");
            }
            listed.extend(name.chars().take(60));
        }
        listed
    }

    /// The problem with a text that is none of these options.
    pub(super) fn unknown(&self, text: &str) -> Problem {
        let near = did_you_mean(&self.nearest(text));
        let guidance = format!("{} is no option: {near}accepted are {}.", quoted(text), self.listed());
        Problem::new(Code::OptionUnknown, guidance)
    }
}

/// Reads a single option or a radio button: the declared value in its own spelling, or any text where none is
/// declared.
pub fn read_option(text: &str, declared: &Declared) -> ReadResult<String> {
    if declared.is_empty() {
        return read_text(text, TEXT_LIMIT);
    }
    if let Some(problem) = too_long(text, TEXT_LIMIT) {
        return Err(problem);
    }
    match declared.find(text) {
        Some(name) => Ok(Reading::plain(name.to_string())),
        None => Err(declared.unknown(text)),
    }
}

/// Reads yes or no: `yes`, `true`, `y`, `1` and `no`, `false`, `n`, `0`, in any case. Answers `yes` or `no`.
pub fn read_yes_no(text: &str) -> ReadResult<&'static str> {
    let is_one_of = |words: [&str; 4]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_one_of(["yes", "true", "y", "1"]) {
        Ok(Reading::plain("yes"))
    } else if is_one_of(["no", "false", "n", "0"]) {
        Ok(Reading::plain("no"))
    } else {
        let guidance =
            format!("{} is neither yes nor no: accepted are yes, no, true, false, y, n, 1, 0.", quoted(text));
        Err(Problem::new(Code::OptionUnknown, guidance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn declared(names: &[&str]) -> Declared {
        Declared::new(&names.iter().map(|name| name.to_string()).collect::<Vec<_>>())
    }

    #[test]
    fn one_declared_value_is_read_without_case() {
        // R234, R235.
        let colours = declared(&["Blue", "Dark  Green", "Gelb, hell"]);
        for (text, want) in
            [("Blue", "Blue"), ("BLUE", "Blue"), ("dark green", "Dark  Green"), ("gelb,  hell", "Gelb, hell")]
        {
            assert_eq!(read_option(text, &colours), Ok(Reading::plain(want.to_string())), "{text}");
        }
    }

    #[test]
    fn an_unknown_option_is_answered_with_the_accepted_ones() {
        let problem = read_option("Bleu", &declared(&["Blue", "Green"])).unwrap_err();
        assert_eq!(problem.code, Code::OptionUnknown);
        assert_eq!(problem.guidance, "\"Bleu\" is no option: accepted are Blue, Green.");
        let problem = read_option("Gren", &declared(&["Blue", "Green"])).unwrap_err();
        assert!(problem.guidance.contains("did you mean Green? accepted are Blue, Green."), "{}", problem.guidance);
        let many: Vec<String> = (0..50).map(|number| format!("Option {number} {}", "x".repeat(100))).collect();
        let problem = read_option("z", &Declared::new(&many)).unwrap_err();
        assert!(problem.guidance.contains("and 46 more") && problem.guidance.len() < 500, "{}", problem.guidance);
    }

    #[test]
    fn a_field_without_options_takes_any_text() {
        assert_eq!(read_option("Any, thing", &Declared::default()), Ok(Reading::plain("Any, thing".to_string())));
        assert_eq!(read_option(&"x".repeat(10_001), &Declared::default()).unwrap_err().code, Code::TooLong);
        assert_eq!(read_option(&"x".repeat(10_001), &declared(&["Blue"])).unwrap_err().code, Code::TooLong);
    }

    #[test]
    fn yes_and_no_have_eight_words() {
        for text in ["yes", "Yes", "TRUE", "true", "y", "Y", "1"] {
            assert_eq!(read_yes_no(text), Ok(Reading::plain("yes")), "{text}");
        }
        for text in ["no", "No", "FALSE", "n", "0"] {
            assert_eq!(read_yes_no(text), Ok(Reading::plain("no")), "{text}");
        }
        for text in ["", "ja", "2", "on", "x", "yes!", "null"] {
            let problem = read_yes_no(text).unwrap_err();
            assert_eq!(problem.code, Code::OptionUnknown);
            assert!(problem.guidance.contains("yes, no, true, false, y, n, 1, 0"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_options_read_again_as_themselves(text in any::<String>(), names in any::<Vec<String>>()) {
            let declared = Declared::new(&names);
            let _ = read_yes_no(&text);
            if let Ok(reading) = read_option(&text, &declared) {
                prop_assert_eq!(read_option(&reading.value, &declared).map(|r| r.value), Ok(reading.value));
            }
        }
    }
}
