//! Automatic mapping finds the right fields in real header rows, and never maps what must not be mapped.

use landfall::domain::field::{Catalog, FIRST_CUSTOM_FIELD, Field, FieldId, Kind};
use landfall::engine::suggest::{ColumnEvidence, IdOrigin, Proposal, Suggestion, UNSURE, suggest};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Deserialize)]
struct Row {
    system: String,
    headers: Vec<String>,
    truth: HashMap<String, Option<String>>,
    #[serde(default)]
    alt: HashMap<String, Vec<Option<String>>>,
    #[serde(default)]
    danger: HashMap<String, String>,
}

/// Headers on these fields may be several.
const MANY: [&str; 6] = ["additional_emails", "additional_phones", "tags", "followers", "notes", "address_line"];
const KEY: [&str; 5] = ["email", "phone", "first_name", "last_name", "name"];

#[derive(Default, Debug)]
struct Score {
    right: u32,
    wrong: u32,
    want: u32,
    found: u32,
    danger: u32,
    clash: u32,
    key_files: u32,
    mistakes: Vec<String>,
}

impl Score {
    fn precision(&self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.wrong).max(1))
    }

    fn recall(&self) -> f64 {
        f64::from(self.found) / f64::from(self.want.max(1))
    }
}

fn rows(text: &str) -> Vec<Row> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn catalog() -> Catalog {
    Catalog::contacts(Vec::new()).unwrap()
}

fn by_headers(catalog: &Catalog, headers: &[String]) -> Vec<Option<String>> {
    let columns: Vec<ColumnEvidence> = headers.iter().map(|header| ColumnEvidence::header_only(header)).collect();
    let key = |suggestion: Suggestion| suggestion.field.and_then(|field| catalog.get(field)).map(|field| field.key.clone());
    suggest(catalog, &columns).into_iter().map(key).collect()
}

fn score(rows: &[Row]) -> Score {
    let catalog = catalog();
    let mut score = Score::default();
    for row in rows {
        let mut used: HashMap<String, u32> = HashMap::new();
        let mut key_ok = true;
        for (header, predicted) in row.headers.iter().zip(by_headers(&catalog, &row.headers)) {
            let truth = &row.truth[header];
            let good = predicted == *truth || row.alt.get(header).is_some_and(|alt| alt.contains(&predicted));
            if !good {
                score.mistakes.push(format!("{}: {header}: {predicted:?}, should be {truth:?}", row.system));
            }
            if let Some(field) = &predicted {
                *used.entry(field.clone()).or_default() += 1;
                *if good { &mut score.right } else { &mut score.wrong } += 1;
                score.danger += u32::from(!good && row.danger.contains_key(header));
            }
            if let Some(field) = truth {
                score.want += 1;
                score.found += u32::from(good);
                key_ok &= good || !KEY.contains(&field.as_str());
            }
        }
        score.clash += used.iter().filter(|(field, _)| !MANY.contains(&field.as_str())).map(|(_, n)| n - 1).sum::<u32>();
        score.key_files += u32::from(key_ok);
    }
    score
}

fn assert_good(file: &str, text: &str) {
    let rows = rows(text);
    let score = score(&rows);
    for mistake in &score.mistakes {
        println!("{mistake}");
    }
    println!(
        "{file}: precision {:.3}, recall {:.3}, key files {}/{}, danger {}, clash {}",
        score.precision(),
        score.recall(),
        score.key_files,
        rows.len(),
        score.danger,
        score.clash
    );
    assert!(score.precision() >= 0.97, "precision {}", score.precision());
    assert!(score.recall() >= 0.90, "recall {}", score.recall());
    assert_eq!((score.danger, score.clash), (0, 0));
}

#[test]
fn real_header_rows_are_mapped_rightly() {
    assert_good("headers.jsonl", include_str!("data/headers.jsonl"));
}

/// Writes `{"system", "map"}` lines for the header rows of the file named by LANDFALL_HEADERS to LANDFALL_PREDICTED.
#[test]
#[ignore = "writes a file for an outside scorer"]
fn predictions_are_written() {
    let (Ok(from), Ok(to)) = (std::env::var("LANDFALL_HEADERS"), std::env::var("LANDFALL_PREDICTED")) else {
        panic!("set LANDFALL_HEADERS and LANDFALL_PREDICTED");
    };
    let catalog = catalog();
    let mut out = String::new();
    for row in rows(&std::fs::read_to_string(from).unwrap()) {
        let map: HashMap<&String, Option<String>> = row.headers.iter().zip(by_headers(&catalog, &row.headers)).collect();
        out.push_str(&serde_json::json!({"system": row.system, "map": map}).to_string());
        out.push('\n');
    }
    std::fs::write(to, out).unwrap();
}
