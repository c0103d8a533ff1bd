//! Header text to words: one folding for headers and synonyms alike.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer headers are questions of a form; what they mean is not guessed.
const MAX_WORDS: usize = 12;

/// A header taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// Folded words, without numbers.
    pub words: Vec<String>,
    /// Words that stood in parentheses, also part of `words`: their places there.
    pub in_parentheses: Vec<usize>,
    /// Numbers, and how many words stood before each.
    pub numbers: Vec<(usize, u32)>,
    /// Starts with an underscore, as technical columns do.
    pub technical: bool,
}

impl Header {
    pub fn read(text: &str) -> Header {
        let text = text.trim();
        let mut header = Header { technical: text.starts_with('_'), ..Header::default() };
        if text == "#" {
            header.words.push("#".to_owned());
            return header;
        }
        let mut word = String::new();
        let mut depth = 0usize;
        let mut brackets = 0usize;
        // The plural "(s)" belongs to its word, and what stands in [brackets] is advice to the reader of a template.
        let text = text.replace("(s)", "s").replace("#s", "").replace("'s", "").replace("\u{2019}s", "");
        let chars: Vec<char> = text.nfkc().collect();
        for (place, &c) in chars.iter().enumerate() {
            let before = place.checked_sub(1).map(|p| chars[p]);
            match c {
                '[' => brackets += 1,
                ']' => brackets = brackets.saturating_sub(1),
                _ if brackets > 0 => continue,
                _ => {}
            }
            let after = chars.get(place + 1).copied();
            if !joins(before, c, after) {
                header.push(&mut word, depth > 0);
            }
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                '#' if word.is_empty() => {
                    word.push('#');
                    header.push(&mut word, depth > 0);
                }
                c if c.is_alphanumeric() || is_combining_mark(c) || c == '\u{3012}' => word.push(c),
                _ => {}
            }
        }
        header.push(&mut word, depth > 0);
        header
    }

    fn push(&mut self, word: &mut String, in_parentheses: bool) {
        if word.is_empty() {
            return;
        }
        let folded = fold(&std::mem::take(word));
        if folded.is_empty() {
            return;
        }
        if let Ok(number) = folded.parse::<u32>() {
            self.numbers.push((self.words.len(), number));
            return;
        }
        let follows_number = self.numbers.last().is_some_and(|&(place, _)| place == self.words.len());
        if follows_number && matches!(folded.as_str(), "st" | "nd" | "rd" | "th") {
            return;
        }
        if in_parentheses {
            self.in_parentheses.push(self.words.len());
        }
        self.words.push(folded);
    }

    /// The words run together: what synonyms are compared by.
    pub fn compact(&self) -> String {
        self.words.concat()
    }

    pub fn is_too_long(&self) -> bool {
        self.words.len() > MAX_WORDS
    }

    /// The same header without what stood in parentheses.
    pub fn without_parentheses(&self) -> Header {
        let kept = |place: &usize| !self.in_parentheses.contains(place);
        let words = (0..self.words.len()).filter(kept).map(|place| self.words[place].clone()).collect();
        Header { words, numbers: Vec::new(), in_parentheses: Vec::new(), technical: self.technical }
    }
}

/// Whether `c` continues the word that ends in `before`.
fn joins(before: Option<char>, c: char, after: Option<char>) -> bool {
    let Some(before) = before else { return true };
    if is_combining_mark(c) {
        return true;
    }
    if !(c.is_alphanumeric() && before.is_alphanumeric()) {
        return false;
    }
    if c.is_numeric() != before.is_numeric() {
        return false;
    }
    // camelCase, and the last capital of an acronym: POAddress is PO Address.
    let new_hump = before.is_lowercase() && c.is_uppercase();
    let end_of_acronym = before.is_uppercase() && c.is_uppercase() && after.is_some_and(|a| a.is_lowercase());
    !(new_hump || end_of_acronym)
}

/// Folds one word: lower case, no diacritics, letters that Unicode does not take apart written plainly.
pub fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.nfkd().flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            c if is_combining_mark(c) => {}
            c => folded.push(c),
        }
    }
    folded
}

/// Folds a phrase of the word lists: its words run together, as [`Header::compact`] does.
pub fn fold_phrase(phrase: &str) -> String {
    if phrase == "#" { phrase.to_owned() } else { fold(phrase).chars().filter(|c| !c.is_whitespace()).collect() }
}

/// Whether two words differ by one slip of the finger: a letter more, less, other, or two swapped. Only words of five
/// letters or more that start and end alike count: among short words one letter makes another word, and at the end it
/// makes another form ("attended", "attendee").
pub fn is_typo(word: &str, meant: &str) -> bool {
    if word.is_ascii() && meant.is_ascii() {
        return is_slip(word.as_bytes(), meant.as_bytes());
    }
    let (word, meant): (Vec<char>, Vec<char>) = (word.chars().collect(), meant.chars().collect());
    is_slip(&word, &meant)
}

fn is_slip<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    if a.len().abs_diff(b.len()) > 1 || a.len().min(b.len()) < 5 || a.first() != b.first() {
        return false;
    }
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    match (a, b) {
        ([], [_]) | ([_], []) | ([_], [_]) => end > 0,
        ([x, y], [u, v]) => x == v && y == u,
        _ => false,
    }
}
