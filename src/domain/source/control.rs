//! Control files: what an upstream puts beside a delivery to say how many records it has and its SHA-256 (R346).

use crate::domain::wording::{count, counted};

/// What a control file says; what is none it does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ControlSays {
    /// Records, the header not counted.
    pub rows: Option<u64>,
    /// Lower-case hexadecimal digits.
    pub sha256: Option<String>,
}

/// What was delivered, to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered<'a> {
    /// Records, the header not counted; none where they were not counted.
    pub rows: Option<u64>,
    /// Lower-case hexadecimal digits.
    pub sha256: &'a str,
}

const ROWS: [&str; 10] = [
    "rows",
    "records",
    "count",
    "lines",
    "rowcount",
    "recordcount",
    "totalrows",
    "totalrecords",
    "numrows",
    "numrecords",
];
const SHA256: [&str; 6] = ["sha256", "sha256sum", "hash", "checksum", "digest", "sha256hash"];

impl ControlSays {
    /// Reads `key=value` or `key: value` lines, a JSON object, a line of `sha256sum`, or one number.
    ///
    /// # Errors
    /// A sentence, when it says neither rows nor SHA-256, or says one of them in a way that cannot be read.
    pub fn parse(text: &str) -> Result<ControlSays, String> {
        let text = text.trim_start_matches('\u{feff}').trim();
        let mut says = ControlSays::default();
        if text.starts_with('{') {
            let value: serde_json::Value =
                serde_json::from_str(text).map_err(|why| format!("The control file is no JSON object: {why}."))?;
            for (key, value) in value.as_object().into_iter().flatten() {
                match value {
                    serde_json::Value::String(value) => says.take(key, value)?,
                    value => says.take(key, &value.to_string())?,
                }
            }
        } else {
            for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
                // The name behind a hash may have anything in it.
                match line.split_once(['=', ':']).filter(|_| says_hash(line).is_none()) {
                    Some((key, value)) => says.take(key, value)?,
                    None => says.bare(line),
                }
            }
        }
        if says == ControlSays::default() {
            return Err("The control file says neither how many rows the file has nor its SHA-256. \
                        Write lines such as rows=120 and sha256=…"
                .to_owned());
        }
        Ok(says)
    }

    fn take(&mut self, key: &str, value: &str) -> Result<(), String> {
        let key: String = key.chars().filter(char::is_ascii_alphanumeric).take(40).collect::<String>().to_lowercase();
        let value = value.trim().trim_matches('"').trim();
        if ROWS.contains(&key.as_str()) {
            let rows = number(value).ok_or_else(|| unreadable("number of rows", value))?;
            if self.rows.replace(rows).is_some_and(|before| before != rows) {
                return Err("The control file says two different numbers of rows.".to_owned());
            }
        } else if SHA256.contains(&key.as_str()) {
            let value = value.strip_prefix("sha256:").unwrap_or(value);
            let sha256 = hash(value).ok_or_else(|| unreadable("SHA-256", value))?;
            if self.sha256.replace(sha256.clone()).is_some_and(|before| before != sha256) {
                return Err("The control file says two different SHA-256.".to_owned());
            }
        }
        Ok(())
    }

    /// A line without a key: a number of rows, or what `sha256sum` prints.
    fn bare(&mut self, line: &str) {
        if let Some(sha256) = says_hash(line) {
            self.sha256.get_or_insert(sha256);
        } else if let Some(rows) = number(line) {
            self.rows.get_or_insert(rows);
        }
    }

    /// What was delivered against what the control file says: the difference in words, without a full stop.
    pub fn mismatch(&self, delivered: Delivered<'_>) -> Option<String> {
        let mut differences = Vec::new();
        if let (Some(said), Some(rows)) = (self.rows, delivered.rows)
            && said != rows
        {
            differences.push(format!("it says {}, and the file has {}", counted(said, "row", "rows"), count(rows)));
        }
        if let Some(said) = self.sha256.as_deref().filter(|said| *said != delivered.sha256) {
            let start = |hash: &str| hash.chars().take(12).collect::<String>();
            differences.push(format!(
                "it says SHA-256 {}…, and that of the file is {}…",
                start(said),
                start(delivered.sha256)
            ));
        }
        (!differences.is_empty()).then(|| differences.join("; "))
    }
}

fn unreadable(what: &str, value: &str) -> String {
    let value: String = value.chars().take(80).collect();
    format!("The control file says {value:?}, which is no {what}.")
}

/// Digits, with commas, underscores or blanks between thousands.
fn number(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(|letter| !matches!(letter, ',' | '_' | ' ')).collect();
    (!digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// The hash that a line of `sha256sum` begins with; it puts a backslash in front where the name has one in it.
fn says_hash(line: &str) -> Option<String> {
    hash(line.split_whitespace().next()?.trim_start_matches('\\'))
}

fn hash(text: &str) -> Option<String> {
    (text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit())).then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn control_files_are_read_in_the_forms_that_upstreams_write() {
        let sha = "ab".repeat(32);
        let upper = sha.to_uppercase();
        for (text, rows, has_sha) in [
            ("rows=120".to_owned(), Some(120), false),
            (format!("Rows: 1,200\r\nSHA-256: {upper}\r\n"), Some(1200), true),
            (format!("# made by erp\nfile=a.csv\nrecord_count = 5\nsha256={sha}"), Some(5), true),
            (format!("{{\"rows\": 7, \"sha256\": \"{sha}\", \"file\": {{}}}}"), Some(7), true),
            (format!("{{\"checksum\": \"sha256:{sha}\"}}"), None, true),
            (format!("{sha}  contacts.csv\n"), None, true),
            (format!("{sha} *c=1.csv"), None, true),
            ("\u{feff}42\n".to_owned(), Some(42), false),
        ] {
            let says = ControlSays::parse(&text).unwrap();
            assert_eq!((says.rows, says.sha256), (rows, has_sha.then(|| sha.clone())), "{text}");
        }
        for (text, why) in [
            ("", "neither"),
            ("hello", "neither"),
            ("rows=many", "no number of rows"),
            ("rows=-1", "no number of rows"),
            ("sha256=abc", "no SHA-256"),
            ("rows=1\nrecords=2", "two different"),
            ("{\"rows\"", "no JSON"),
            ("rows=99999999999999999999999", "no number"),
        ] {
            let error = ControlSays::parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn what_differs_is_said_with_both_numbers() {
        let (sha, other) = ("ab".repeat(32), "cd".repeat(32));
        let says = ControlSays { rows: Some(5), sha256: Some(sha.clone()) };
        assert_eq!(says.mismatch(Delivered { rows: Some(5), sha256: &sha }), None);
        assert_eq!(says.mismatch(Delivered { rows: None, sha256: &sha }), None);
        let what = says.mismatch(Delivered { rows: Some(4), sha256: &other }).unwrap();
        assert_eq!(
            what,
            "it says 5 rows, and the file has 4; it says SHA-256 abababababab…, and that of the file is cdcdcdcdcdcd…"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(\\PC|[\\n:={}\",0-9]|rows|sha256){0,60}") {
            if let Ok(says) = ControlSays::parse(&text) {
                prop_assert!(says != ControlSays::default());
            }
        }
    }
}
