//! How numbers and first letters are written, wherever something is told.

/// `48210` as `48,210`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 row`, `2 rows`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// The text with its first letter as a capital.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_first_letters_read_well() {
        assert_eq!([0, 999, 1000, 48_210, 10_000_000].map(count), ["0", "999", "1,000", "48,210", "10,000,000"]);
        assert_eq!([0, 1, 2, 1000].map(|it| counted(it, "row", "rows")), ["0 rows", "1 row", "2 rows", "1,000 rows"]);
        assert_eq!(["", "a file", "ärger", "ﬁle"].map(capital), ["", "A file", "Ärger", "FIle"]);
    }
}
