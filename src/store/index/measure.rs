//! What the index costs; run by hand.

use super::tests::{KIND, count, keep_all};
use super::*;
use std::time::Instant;

/// Prints what the index costs. `cargo test --release measure_index -- --ignored --nocapture`
#[test]
#[ignore = "measures, asserts nothing of note"]
fn measure_index() {
    let rows: u64 = std::env::var("ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(1_000_000);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "PRAGMA page_size = 8192; PRAGMA journal_mode = wal; PRAGMA synchronous = normal; PRAGMA cache_size = -16000",
    )
    .unwrap();
    conn.execute_batch(SCHEMA).unwrap();
    // Else SQLite plans anew whenever a range is bound.
    conn.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).unwrap();
    let mut state = 88_172_645_463_325_252u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let keys: Vec<[u8; 12]> = (0..rows)
        .map(|_| {
            let mut key = [0; 12];
            key[..8].copy_from_slice(&random().to_be_bytes());
            key[8..].copy_from_slice(&(random() as u32).to_be_bytes());
            key
        })
        .collect();
    let (mut adding, mut merging, mut committing) = (0.0, 0.0, 0.0);
    for (batch, part) in keys.chunks(65_536).enumerate() {
        let first = batch as u64 * 65_536;
        let mut entries: Vec<_> = part.iter().enumerate().map(|(n, key)| (key, first + n as u64)).collect();
        entries.sort_unstable();
        conn.execute_batch("BEGIN IMMEDIATE").unwrap();
        let start = Instant::now();
        add(&conn, KIND, entries.iter().copied()).unwrap();
        adding += start.elapsed().as_secs_f64();
        let start = Instant::now();
        while merge_due(&conn, KIND, &mut keep_all).unwrap() {}
        merging += start.elapsed().as_secs_f64();
        let start = Instant::now();
        conn.execute_batch("COMMIT").unwrap();
        committing += start.elapsed().as_secs_f64();
    }
    println!("{rows} keys: add {adding:.3} s, merge {merging:.3} s, commit {committing:.3} s");
    conn.execute_batch("PRAGMA wal_checkpoint(truncate)").unwrap();
    println!("file {} bytes, {} segments", std::fs::metadata(&path).unwrap().len(), count(&conn, "segment"));
    conn.execute_batch("BEGIN").unwrap();
    let mut values = Vec::new();
    let mut times: Vec<f64> = (0..20_000)
        .map(|_| {
            let at = random() % rows;
            let start = Instant::now();
            find(&conn, KIND, &keys[at as usize], &mut values).unwrap();
            let time = start.elapsed().as_secs_f64();
            assert!(values.contains(&at));
            time * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("find p50 {:.1} µs, p99 {:.1} µs", times[10_000], times[19_800]);
    for (what, hits) in [("held", true), ("new", false)] {
        let mut asked: Vec<[u8; 12]> = (0..65_536).map(|_| keys[(random() % rows) as usize]).collect();
        if !hits {
            asked.iter_mut().for_each(|key| key[11] ^= 1);
        }
        asked.sort_unstable();
        asked.dedup();
        let start = Instant::now();
        let mut pairs = 0;
        sweep(&conn, KIND, &asked, |_, _| pairs += 1).unwrap();
        println!("sweep of {} {what} keys: {:.3} s, {pairs} pairs", asked.len(), start.elapsed().as_secs_f64());
    }
    let start = Instant::now();
    let filter = Filter::fill(&conn, &[KIND], 0).unwrap();
    println!("filter filled in {:.3} s, {} bytes", start.elapsed().as_secs_f64(), filter.bytes());
    let hashes: Vec<_> = (0..1_000_000).map(|_| KeyHash::new(KIND, &random().to_be_bytes())).collect();
    let start = Instant::now();
    let wrong = hashes.iter().filter(|hash| filter.may_contain(**hash)).count();
    println!(
        "1M new keys asked in {:.3} s, {:.3} % taken for known",
        start.elapsed().as_secs_f64(),
        wrong as f64 / 1e4
    );
}
