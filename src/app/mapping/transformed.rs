//! stand-in until the transforms are merged
use crate::domain::mapping::Column;
use crate::domain::transform::{Case, Split};

pub fn text(column: &Column, text: &str) -> String {
    let mut text = text.to_owned();
    for pair in &column.find_replace {
        if !pair.find.is_empty() {
            text = text.replace(&pair.find, &pair.put);
        }
    }
    match column.case {
        Some(Case::Upper) => text = text.to_uppercase(),
        Some(Case::Lower) => text = text.to_lowercase(),
        _ => {}
    }
    match column.values.iter().find(|(theirs, _)| theirs.to_lowercase() == text.trim().to_lowercase()) {
        Some((_, ours)) => ours.clone(),
        None => text,
    }
}

pub fn parts(split: &Split, text: &str) -> Vec<String> {
    let n = split.into.len().max(1);
    if split.from_end {
        let mut parts: Vec<String> = text.rsplitn(n, &split.at).map(str::to_owned).collect();
        parts.reverse();
        parts
    } else {
        text.splitn(n, &split.at).map(str::to_owned).collect()
    }
}
