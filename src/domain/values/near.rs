//! Which known names a misspelt one probably means. For guidance only: nothing is ever read by likeness.

/// The few known names that are nearest to `text`, best first. `known` gives for each name what it is compared by and
/// what is shown; `text` is folded the same way as the former. A name is near when few letters differ, when it has
/// the same words in another order, or when it contains all the words of the text.
pub(super) fn nearest<'a>(text: &str, known: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<&'a str> {
    const MOST: usize = 3;
    let letters: Vec<char> = text.chars().take(100).collect();
    let allowed = (letters.len() / 4).clamp(1, 4);
    let words = sorted_words(text);
    let mut found: Vec<(usize, &str)> = known
        .filter_map(|(key, shown)| {
            let near = distance(&letters, key, allowed);
            let near = near.or_else(|| has_words(key, &words).then_some(allowed + 1));
            near.map(|distance| (distance, shown))
        })
        .collect();
    // By name where the distance is the same, so that guidance does not depend on the order in which names are kept.
    found.sort_unstable();
    let mut names = Vec::with_capacity(MOST);
    for (_, name) in found {
        if !names.contains(&name) {
            names.push(name);
        }
        if names.len() == MOST {
            break;
        }
    }
    names
}

/// "did you mean A, B or C?", or nothing.
pub(super) fn did_you_mean(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [name] => format!("did you mean {name}? "),
        [first @ .., last] => format!("did you mean {} or {last}? ", first.join(", ")),
    }
}

fn sorted_words(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1).collect();
    words.sort_unstable();
    words
}

fn has_words(key: &str, words: &[&str]) -> bool {
    // The first test is the cheap one, and fails for nearly every name.
    !words.is_empty()
        && words.iter().all(|word| key.contains(word))
        && words.iter().all(|word| key.split(|c: char| !c.is_alphanumeric()).any(|of_key| of_key == *word))
}

/// How many letters must be put in, taken out or replaced to get from one text to the other; `None` when that is more
/// than `most`.
fn distance(letters: &[char], key: &str, most: usize) -> Option<usize> {
    // Without counting: a character has one to four bytes.
    if key.len() + most < letters.len() || key.len() > 4 * (letters.len() + most) {
        return None;
    }
    let length = key.chars().count();
    if length.abs_diff(letters.len()) > most {
        return None;
    }
    // Each kind of letter that the other text lacks costs a step at least; most names end here.
    let (ours, theirs) = (kinds(letters.iter().copied()), kinds(key.chars()));
    if (ours & !theirs).count_ones().max((theirs & !ours).count_ones()) as usize > most {
        return None;
    }
    let mut row: Vec<usize> = (0..=letters.len()).collect();
    for (at, key_letter) in key.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (place, &letter) in letters.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != key_letter);
            diagonal = row[place + 1];
            row[place + 1] = replaced.min(row[place] + 1).min(diagonal + 1);
        }
        if row.iter().all(|&distance| distance > most) {
            return None;
        }
    }
    Some(row[letters.len()]).filter(|&distance| distance <= most)
}

/// The kinds of letters in a text, some of which share a bit.
fn kinds(letters: impl Iterator<Item = char>) -> u64 {
    letters.fold(0, |kinds, letter| kinds | 1 << (u32::from(letter) % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among<'a>(text: &str, known: &[&'a str]) -> Vec<&'a str> {
        nearest(text, known.iter().map(|name| (*name, *name)))
    }

    #[test]
    fn the_nearest_names_come_first() {
        assert_eq!(among("logan pual", &["adam smith", "logan paul", "logan pull"]), ["logan pull", "logan paul"]);
        assert_eq!(among("paul, logan", &["adam smith", "logan paul"]), ["logan paul"]);
        assert_eq!(among("logan", &["adam smith", "logan paul"]), ["logan paul"]);
        assert_eq!(among("zzz", &["adam smith", "logan paul"]), Vec::<&str>::new());
        assert_eq!(among("ab", &["ax", "ay", "az", "aq"]).len(), 3);
        assert_eq!(among("", &["adam smith"]), Vec::<&str>::new());
    }

    #[test]
    fn distances_count_single_letters() {
        let of = |one: &str, other: &str, most| distance(&one.chars().collect::<Vec<_>>(), other, most);
        assert_eq!(of("kitten", "sitting", 3), Some(3));
        assert_eq!(of("kitten", "sitting", 2), None);
        assert_eq!(of("müller", "muller", 1), Some(1));
        assert_eq!(of("", "a", 1), Some(1));
        assert_eq!(of("same", "same", 0), Some(0));
    }

    #[test]
    fn questions_read_like_sentences() {
        assert_eq!(did_you_mean(&[]), "");
        assert_eq!(did_you_mean(&["A"]), "did you mean A? ");
        assert_eq!(did_you_mean(&["A", "B", "C"]), "did you mean A, B or C? ");
    }
}
