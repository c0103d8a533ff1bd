//! The index against a `BTreeSet` of pairs, which is what it promises to be.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

type Model = BTreeSet<(Vec<u8>, u64)>;

pub(super) const KIND: KeyKind = KeyKind::Reference;

fn database() -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.pragma_update(None, "page_size", 8192).unwrap();
    conn.execute_batch(SCHEMA).unwrap();
    conn
}

pub(super) fn keep_all(_: &[u8], _: u64) -> Result<bool> {
    Ok(true)
}

fn add_set(conn: &Connection, kind: KeyKind, entries: &Model) {
    add(conn, kind, entries.iter().cloned()).unwrap();
}

fn found(conn: &Connection, kind: KeyKind, key: &[u8]) -> Vec<u64> {
    let mut values = vec![4711];
    find(conn, kind, key, &mut values).unwrap();
    values
}

fn values_in(model: &Model, key: &[u8]) -> Vec<u64> {
    model.range((key.to_vec(), 0)..=(key.to_vec(), u64::MAX)).map(|(_, value)| *value).collect()
}

/// All entries with the prefix, read page by page.
fn paged(conn: &Connection, kind: KeyKind, prefix: &[u8], limit: usize) -> Vec<(Vec<u8>, u64)> {
    let mut all: Vec<(Vec<u8>, u64)> = Vec::new();
    loop {
        let after = all.last().map(|(key, value)| (key.as_slice(), *value));
        let page = scan_prefix(conn, kind, prefix, after, limit).unwrap();
        assert!(page.len() <= limit);
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// All values of the entries with the prefix, each once and ascending, as the smallest ones give them time after time.
fn all_smallest(conn: &Connection, kind: KeyKind, prefix: &[u8], limit: usize) -> Vec<u64> {
    let mut all: Vec<u64> = Vec::new();
    loop {
        let from = match all.last() {
            None => 0,
            Some(&u64::MAX) => return all,
            Some(last) => last + 1,
        };
        let Smallest { values, is_all } = smallest(conn, kind, prefix, from, limit).unwrap();
        assert!(values.is_sorted_by(|a, b| a < b) && values.len() <= limit && (is_all || values.len() == limit));
        all.extend(values);
        if is_all {
            return all;
        }
    }
}

fn swept<K: AsRef<[u8]>>(conn: &Connection, kind: KeyKind, keys: &[K]) -> BTreeSet<(usize, u64)> {
    let mut pairs = BTreeSet::new();
    sweep(conn, kind, keys, |place, value| {
        pairs.insert((place, value));
    })
    .unwrap();
    pairs
}

fn swept_from(model: &Model, keys: &[Vec<u8>]) -> BTreeSet<(usize, u64)> {
    keys.iter().enumerate().flat_map(|(at, key)| values_in(model, key).into_iter().map(move |v| (at, v))).collect()
}

pub(super) fn count(conn: &Connection, table: &str) -> i64 {
    conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

/// Keys that meet often, share prefixes, are empty, long, or full of the bytes that an encoding might trip over.
fn key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => prop::collection::vec(prop::sample::select(&[0u8, 1, b'a', b'b', 0xFE, 0xFF][..]), 0..5),
        3 => "[a-c]{1,3}-[0-9]{1,2}".prop_map(String::into_bytes),
        1 => (prop::sample::select(&[0u8, b'x', 0xFF][..]), 0..=MAX_KEY).prop_map(|(byte, n)| vec![byte; n]),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ]
}

fn value() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..20u64, 2 => 0..1_000_000u64, 1 => any::<u64>(), 1 => Just(u64::MAX)]
}

#[derive(Debug, Clone)]
enum Step {
    /// Few entries, or one key with so many values that they fill several chunks.
    Add(Vec<(Vec<u8>, u64)>),
    AddMany(Vec<u8>, u64, u16),
    Merge,
    /// Merges, dropping what does not divide.
    MergeKeeping(u64),
    RollBack,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => prop::collection::vec((key(), value()), 0..60).prop_map(Step::Add),
        2 => (key(), 0..5_000u64, 1..20_000u16).prop_map(|(key, from, n)| Step::AddMany(key, from, n)),
        6 => Just(Step::Merge),
        2 => (2..4u64).prop_map(Step::MergeKeeping),
        2 => Just(Step::RollBack),
        2 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_index_answers_as_a_sorted_set_does(
        steps in prop::collection::vec(step(), 1..40),
        asked in prop::collection::btree_set(key(), 1..40),
        limit in 1..50usize,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("index.db");
        let mut conn = Connection::open(&path).unwrap();
        conn.execute_batch(SCHEMA).unwrap();
        conn.execute_batch("BEGIN").unwrap();
        let (mut model, mut committed) = (Model::new(), Model::new());
        for step in steps {
            match step {
                Step::Add(entries) => {
                    let entries: Model = entries.into_iter().collect();
                    add_set(&conn, KIND, &entries);
                    model.extend(entries);
                }
                Step::AddMany(key, from, n) => {
                    let entries: Model = (from..from + u64::from(n)).map(|value| (key.clone(), value)).collect();
                    add_set(&conn, KIND, &entries);
                    model.extend(entries);
                }
                Step::Merge => while merge_due(&conn, KIND, &mut keep_all).unwrap() {},
                Step::MergeKeeping(divisor) => {
                    let mut dropped = Model::new();
                    merge_due(&conn, KIND, &mut |key, value| {
                        let keep = value % divisor == 0;
                        if !keep {
                            assert!(dropped.insert((key.to_vec(), value)), "asked twice");
                        }
                        Ok(keep)
                    })
                    .unwrap();
                    // A dropped entry may still be held by a segment that was not merged.
                    for (key, value) in dropped {
                        if !found(&conn, KIND, &key).contains(&value) {
                            model.remove(&(key, value));
                        }
                    }
                }
                Step::RollBack => {
                    conn.execute_batch("ROLLBACK; BEGIN").unwrap();
                    model = committed.clone();
                }
                Step::Reopen => {
                    conn.execute_batch("COMMIT").unwrap();
                    committed = model.clone();
                    conn = Connection::open(&path).unwrap();
                    conn.execute_batch("BEGIN").unwrap();
                }
            }
        }
        let asked: Vec<Vec<u8>> =
            asked.into_iter().chain(model.iter().step_by(97).map(|(key, _)| key.clone())).collect::<BTreeSet<_>>().into_iter().collect();
        for key in &asked {
            prop_assert_eq!(found(&conn, KIND, key), values_in(&model, key));
        }
        prop_assert_eq!(swept(&conn, KIND, &asked), swept_from(&model, &asked));
        for prefix in asked.iter().take(4) {
            let expected: Vec<_> = model.range((prefix.clone(), 0)..).take_while(|(key, _)| key.starts_with(prefix)).cloned().collect();
            prop_assert_eq!(scan_prefix(&conn, KIND, prefix, None, limit).unwrap(), expected.iter().take(limit).cloned().collect::<Vec<_>>());
            let values: BTreeSet<u64> = expected.iter().map(|(_, value)| *value).collect();
            let few: Vec<u64> = values.iter().copied().take(limit).collect();
            let is_all = few.len() == values.len();
            prop_assert_eq!(smallest(&conn, KIND, prefix, 0, limit).unwrap(), Smallest { values: few, is_all });
            prop_assert_eq!(all_smallest(&conn, KIND, prefix, limit * 400), values.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(paged(&conn, KIND, prefix, limit * 40), expected);
        }
        prop_assert_eq!(paged(&conn, KIND, b"", 5_000), model.iter().cloned().collect::<Vec<_>>());
    }

    #[test]
    fn positions_compare_as_entries_do(start in key(), ends in (key(), key()), values in (value(), value())) {
        let entry = |end: &[u8], value| ([&start, end].concat(), value);
        let position = |(key, value): &(Vec<u8>, u64)| {
            let mut out = vec![9];
            chunk::encode_position(key, *value, &mut out);
            out
        };
        for (a, b) in [(&ends.0[..], &ends.1[..]), (&ends.0, b""), (b"", b"")] {
            let (a, b) = (entry(a, values.0), entry(b, values.1));
            prop_assert_eq!(position(&a).cmp(&position(&b)), a.cmp(&b));
        }
    }

    /// Any byte of any chunk, changed, missing or more: an error, or what was there before, never a panic.
    #[test]
    fn damaged_chunks_are_errors(
        at in any::<prop::sample::Index>(),
        change in 0..4u8,
        bit in 0..8u8,
        column in prop::sample::select(&["data", "first"][..]),
    ) {
        let conn = database();
        conn.execute_batch("BEGIN").unwrap();
        let entries: Model = (0..3_000u64).map(|n| (format!("key {:05}", n / 2).into_bytes(), n)).collect();
        add_set(&conn, KIND, &entries);
        let mut bytes: Vec<u8> = conn.query_row(&format!("SELECT {column} FROM chunk WHERE id = 1"), [], |row| row.get(0)).unwrap();
        let at = at.index(bytes.len());
        match change {
            0 => bytes[at] ^= 1 << bit,
            1 => bytes.truncate(at),
            2 => bytes.insert(at, 0),
            _ => bytes.clear(),
        }
        conn.execute(&format!("UPDATE chunk SET {column} = ?1 WHERE id = 1"), [&bytes]).unwrap();
        let damaged = |result: Result<()>| matches!(result, Err(Error::Corrupt { segment: 1, chunk: 1 }));
        prop_assert!(damaged(scan_prefix(&conn, KIND, b"", None, usize::MAX).map(drop)));
        prop_assert!(damaged(Filter::fill(&conn, &[KIND], 0).map(drop)));
        for key in [&b""[..], b"key 00000", b"key 00100"] {
            // Where the search goes is decided by `first` alone, so another chunk may be read in place of the damaged one.
            let mut values = Vec::new();
            let result = find(&conn, KIND, key, &mut values);
            prop_assert!(damaged(result) || column == "first");
        }
    }

    /// Bytes with a right checksum that no writer made: decoding stays within bounds.
    #[test]
    fn decoding_survives_any_bytes(mut data in prop::collection::vec(any::<u8>(), 10..400), few in any::<bool>(), target in key()) {
        if few {
            data[9] = 0;
        }
        let sum = chunk::checksum(1, b"", &data[8..]);
        data[..8].copy_from_slice(&sum.to_le_bytes());
        let mut entries = chunk::Entries::default();
        if entries.load(1, b"", &data).is_ok() {
            let _ = entries.seek(&target, 3);
        }
        if entries.load(1, b"", &data).is_ok() {
            while entries.current().is_some() && entries.advance().is_ok() {}
        }
    }
}

#[test]
fn kinds_are_separate() {
    let conn = database();
    conn.execute_batch("BEGIN").unwrap();
    add(&conn, KeyKind::Email, [("a", 1)]).unwrap();
    add(&conn, KeyKind::Phone, [("a", 2)]).unwrap();
    assert_eq!(found(&conn, KeyKind::Email, b"a"), [1]);
    assert_eq!(found(&conn, KeyKind::Phone, b"a"), [2]);
    assert_eq!(found(&conn, KeyKind::NameWord, b"a"), [0u64; 0]);
}

#[test]
fn a_key_with_values_over_many_chunks_is_found_whole_and_paged_without_reading_it_again() {
    let conn = database();
    conn.execute_batch("BEGIN").unwrap();
    let entries: Model = (0..200_000u64).map(|n| (b"maria".to_vec(), n * 1_000)).collect();
    add_set(&conn, KeyKind::NameWord, &entries);
    assert!(count(&conn, "chunk") > 10);
    assert_eq!(found(&conn, KeyKind::NameWord, b"maria"), values_in(&entries, b"maria"));
    // The page is in the last chunk: it can be read although the first chunks are gone.
    conn.execute("DELETE FROM chunk WHERE id < 5", []).unwrap();
    let page = scan_prefix(&conn, KeyKind::NameWord, b"mar", Some((b"maria", 199_990_000)), 5).unwrap();
    assert_eq!(page, (199_991..199_996).map(|n| (b"maria".to_vec(), n * 1_000)).collect::<Vec<_>>());
    let missing = scan_prefix(&conn, KeyKind::NameWord, b"mar", None, 5);
    assert!(matches!(missing, Err(Error::Corrupt { segment: 1, chunk: 1 })));
}

#[test]
fn a_page_begins_at_the_prefix_even_where_the_last_entry_seen_is_before_it() {
    let conn = database();
    conn.execute_batch("BEGIN").unwrap();
    add(&conn, KIND, [("a", 1), ("b", 2), ("ba", 3), ("c", 4)]).unwrap();
    let page = |after| scan_prefix(&conn, KIND, b"b", Some(after), 9).unwrap();
    assert_eq!(page((b"a", 0)), [(b"b".to_vec(), 2), (b"ba".to_vec(), 3)]);
    assert_eq!(page((b"b", 1)), [(b"b".to_vec(), 2), (b"ba".to_vec(), 3)]);
    assert_eq!(page((b"b", 2)), [(b"ba".to_vec(), 3)]);
    assert_eq!(page((b"c", 0)), Vec::new());
}

#[test]
fn merging_keeps_the_set_and_few_segments() {
    let conn = database();
    conn.execute_batch("BEGIN").unwrap();
    let mut model = Model::new();
    for batch in 0..100u64 {
        // Every batch repeats a part of the one before.
        let entries: Model =
            (0..100).map(|n| (format!("{:03}", (batch * 7919 + n * 31) % 997).into_bytes(), n % 5)).collect();
        add_set(&conn, KIND, &entries);
        model.extend(entries);
        while merge_due(&conn, KIND, &mut keep_all).unwrap() {}
        assert!(count(&conn, "segment") <= 3 * 7);
    }
    // 100 = 1 × 64 + 4 × 8 + 4
    assert_eq!(count(&conn, "segment"), 9);
    assert_eq!(paged(&conn, KIND, b"", 100_000), model.into_iter().collect::<Vec<_>>());
    let orphans: i64 = conn
        .query_row("SELECT count(*) FROM chunk WHERE segment NOT IN (SELECT id FROM segment)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(orphans, 0);
}

#[test]
fn large_runs_are_merged_twenty_four_at_a_time() {
    let conn = database();
    conn.execute_batch("BEGIN").unwrap();
    let mut model = Model::new();
    for batch in 0..25u64 {
        let entries: Model = (0..13_000u64).map(|n| ((n * 7919 % 65_521).to_be_bytes().to_vec(), batch)).collect();
        add_set(&conn, KIND, &entries);
        model.extend(entries);
        assert_eq!(merge_due(&conn, KIND, &mut keep_all).unwrap(), batch == 23);
    }
    assert_eq!(count(&conn, "segment"), 2);
    assert_eq!(paged(&conn, KIND, b"", 100_000), model.into_iter().collect::<Vec<_>>());
}

#[test]
fn merging_everything_away_leaves_nothing() {
    let conn = database();
    conn.execute_batch("BEGIN").unwrap();
    for value in 0..8 {
        add(&conn, KIND, [("a", value)]).unwrap();
    }
    assert!(merge_due(&conn, KIND, &mut |_, _| Ok(false)).unwrap());
    assert_eq!((count(&conn, "segment"), count(&conn, "chunk")), (0, 0));
    assert!(!merge_due(&conn, KIND, &mut keep_all).unwrap());
}

#[test]
fn mistakes_of_the_caller_are_errors() {
    let conn = database();
    let long = vec![b'x'; MAX_KEY + 1];
    assert!(matches!(add(&conn, KIND, [("a", 1)]), Err(Error::NoTransaction)));
    assert!(matches!(merge_due(&conn, KIND, &mut keep_all), Err(Error::NoTransaction)));
    conn.execute_batch("BEGIN").unwrap();
    assert!(matches!(add(&conn, KIND, [("b", 1), ("a", 1)]), Err(Error::Unsorted)));
    assert!(matches!(add(&conn, KIND, [("a", 2), ("a", 1)]), Err(Error::Unsorted)));
    assert!(matches!(add(&conn, KIND, [(&long, 1)]), Err(Error::KeyTooLong(1025))));
    assert!(matches!(find(&conn, KIND, &long, &mut Vec::new()), Err(Error::KeyTooLong(1025))));
    assert!(matches!(sweep(&conn, KIND, &[&long], |_, _| ()), Err(Error::KeyTooLong(1025))));
    assert!(matches!(sweep(&conn, KIND, &["a", "a"], |_, _| ()), Err(Error::Unsorted)));
    assert!(matches!(scan_prefix(&conn, KIND, &long, None, 1), Err(Error::KeyTooLong(1025))));
    add(&conn, KIND, [(&long[..MAX_KEY], 1)]).unwrap();
    assert_eq!(found(&conn, KIND, &long[..MAX_KEY]), [1]);
}

#[test]
fn a_damaged_list_of_segments_is_an_error() {
    for damage in [
        "UPDATE segment SET n = 1 << 60",
        "UPDATE segment SET n = -1",
        "UPDATE segment SET last_chunk = 9",
        "UPDATE segment SET first_chunk = -5",
        "UPDATE segment SET first_chunk = 2",
        "UPDATE chunk SET segment = 7",
        "DELETE FROM chunk",
    ] {
        let conn = database();
        conn.execute_batch("BEGIN").unwrap();
        add(&conn, KIND, [("a", 1), ("b", 2)]).unwrap();
        conn.execute_batch(damage).unwrap();
        for result in [
            Filter::fill(&conn, &[KIND], 0).map(drop),
            find(&conn, KIND, b"b", &mut Vec::new()),
            scan_prefix(&conn, KIND, b"", None, 9).map(drop),
        ] {
            // A chunk that is only said to be another segment's may be read as what it is.
            let harmless = result.is_ok() && damage.contains("segment = 7");
            assert!(harmless || matches!(result, Err(Error::Corrupt { .. })), "{damage}: {result:?}");
        }
    }
}

#[test]
fn a_second_connection_sees_what_is_committed_and_the_first_also_what_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.db");
    let writer = Connection::open(&path).unwrap();
    writer.pragma_update(None, "journal_mode", "wal").unwrap();
    writer.execute_batch(SCHEMA).unwrap();
    let reader = Connection::open_with_flags(&path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    for value in 0..100 {
        writer.execute_batch("BEGIN IMMEDIATE").unwrap();
        add(&writer, KIND, [("a", value)]).unwrap();
        while merge_due(&writer, KIND, &mut keep_all).unwrap() {}
        assert_eq!(found(&writer, KIND, b"a"), (0..=value).collect::<Vec<_>>());
        assert_eq!(found(&reader, KIND, b"a"), (0..value).collect::<Vec<_>>());
        assert!(reader.is_autocommit());
        writer.execute_batch("COMMIT").unwrap();
    }
}

#[test]
fn reading_outside_a_transaction_is_not_disturbed_by_merges() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.db");
    let writer = Connection::open(&path).unwrap();
    writer.pragma_update(None, "journal_mode", "wal").unwrap();
    writer.execute_batch(SCHEMA).unwrap();
    add_in_transaction(&writer, 0);
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let writer = Connection::open(&path).unwrap();
            (1..400).for_each(|value| add_in_transaction(&writer, value));
        });
        let reader = Connection::open(&path).unwrap();
        let mut before = 0;
        while !writing.is_finished() {
            let values = found(&reader, KIND, b"a");
            assert_eq!(values, (0..values.len() as u64).collect::<Vec<_>>());
            assert!(values.len() >= before);
            before = values.len();
        }
    });
}

fn add_in_transaction(conn: &Connection, value: u64) {
    conn.execute_batch("BEGIN IMMEDIATE").unwrap();
    add(conn, KIND, [("a", value)]).unwrap();
    while merge_due(conn, KIND, &mut keep_all).unwrap() {}
    conn.execute_batch("COMMIT").unwrap();
}

#[test]
fn a_sweep_reads_only_chunks_that_can_hold_a_key() {
    let conn = database();
    conn.execute_batch("BEGIN").unwrap();
    let key = |n: u64| format!("{n:06}").into_bytes();
    let entries: Vec<_> = (0..100_000u64).map(|n| (key(n), n)).collect();
    add(&conn, KIND, entries.iter().cloned()).unwrap();
    let chunks = count(&conn, "chunk");
    assert!(chunks > 20);
    // Without the chunks between, reading them would be an error.
    conn.execute("DELETE FROM chunk WHERE id BETWEEN 3 AND ?1 - 2", [chunks]).unwrap();
    let keys = [key(0), key(10), key(99_998), key(99_999), key(100_000)];
    assert_eq!(swept(&conn, KIND, &keys), [(0, 0), (1, 10), (2, 99_998), (3, 99_999)].into());
}

#[test]
fn chunks_fill_whole_pages() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.db");
    let conn = Connection::open(&path).unwrap();
    conn.pragma_update(None, "page_size", 8192).unwrap();
    conn.execute_batch(SCHEMA).unwrap();
    conn.execute_batch("BEGIN").unwrap();
    let entries: Vec<_> = (0..200_000u64).map(|n| ((n * n).to_be_bytes(), n)).collect();
    add(&conn, KIND, entries.iter().cloned()).unwrap();
    conn.execute_batch("COMMIT").unwrap();
    let pages = std::fs::metadata(&path).unwrap().len() as i64 / 8192;
    let chunks = count(&conn, "chunk");
    // Two overflow pages and an eighth of a leaf each; the rest is what any database of these tables has.
    assert!(pages <= 2 * chunks + chunks / 8 + 8, "{pages} pages for {chunks} chunks");
    let held: i64 = conn.query_row("SELECT sum(length(data)) FROM chunk", [], |row| row.get(0)).unwrap();
    assert!(held > 17_250 * (chunks - 1), "{held} bytes in {chunks} chunks");
}

#[test]
fn the_filter_knows_every_key_and_few_others() {
    for (capacity, keys, kinds) in [(300_000, 100_000u64, 3), (0, 200_000, 2), (1_000, 20_000, 2)] {
        let mut filter = Filter::with_capacity(capacity);
        let hash = |kind: u64, n: u64| {
            let kind = [KeyKind::Reference, KeyKind::Email, KeyKind::Phone][(kind % 3) as usize];
            KeyHash::new(kind, format!("C-{n:07}").as_bytes())
        };
        for n in 0..keys {
            for kind in 0..kinds {
                filter.add(hash(kind, n));
            }
        }
        for n in 0..keys {
            for kind in 0..kinds {
                filter.prefetch(hash(kind, n));
                assert!(filter.may_contain(hash(kind, n)));
            }
        }
        let wrong = (keys..keys + 200_000).filter(|&n| filter.may_contain(hash(0, n))).count();
        assert!(wrong < 1_000, "{wrong} of 200,000 new keys taken for known ones");
        let held = (keys * kinds).max(capacity).max(1 << 16);
        assert!(filter.bytes() as u64 <= 4 * held + 64, "{} bytes for {held} keys", filter.bytes());
    }
}

#[test]
fn the_filter_is_filled_from_the_segments_of_the_kinds_asked_for() {
    let conn = database();
    conn.execute_batch("BEGIN").unwrap();
    let key = |n: u64| n.to_be_bytes();
    for batch in 0..10u64 {
        let entries: Vec<_> = (batch * 1_000..(batch + 1) * 1_000).map(|n| (key(n), n)).collect();
        add(&conn, KeyKind::Email, entries.iter().cloned()).unwrap();
        add(&conn, KeyKind::NameWord, entries.iter().cloned()).unwrap();
        merge_due(&conn, KeyKind::Email, &mut keep_all).unwrap();
    }
    conn.execute_batch("COMMIT").unwrap();
    let filter = Filter::fill(&conn, &[KeyKind::Reference, KeyKind::Email], 0).unwrap();
    assert!((0..10_000).all(|n| filter.may_contain(KeyHash::new(KeyKind::Email, &key(n)))));
    let others = (0..10_000).filter(|&n| filter.may_contain(KeyHash::new(KeyKind::NameWord, &key(n)))).count();
    assert!(others < 50, "{others}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, ..ProptestConfig::default() })]

    #[test]
    fn a_sweep_finds_the_same_however_dense_it_is(
        gaps in prop::collection::vec(0..3u64, 1..4_000),
        strides in prop::collection::vec(prop_oneof![0..3usize, 0..40usize, 0..2_000usize], 1..200),
    ) {
        let conn = database();
        conn.execute_batch("BEGIN").unwrap();
        let mut model = Model::new();
        let mut at = 0;
        for (value, gap) in (0..).zip(&gaps) {
            at += gap;
            model.insert((at.to_be_bytes().to_vec(), value));
        }
        add_set(&conn, KIND, &model);
        let mut asked: Vec<Vec<u8>> = Vec::new();
        let mut next = 0;
        for stride in &strides {
            asked.push((next as u64).to_be_bytes().to_vec());
            next += stride + 1;
        }
        prop_assert_eq!(swept(&conn, KIND, &asked), swept_from(&model, &asked));
    }
}
