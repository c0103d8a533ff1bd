//! Finding contacts, and what deleting one leaves.
use super::*;
use crate::domain::issue::Code;
use crate::domain::outcome::OutcomeKind;

fn ids(found: Vec<Record>) -> Vec<u64> {
    found.iter().map(|record| record.id.0).collect()
}

#[test]
fn contacts_are_found_by_each_of_their_keys() {
    let (_dir, mut store, source) = workspace();
    let run = import(&mut store, source, &["A-1", "A-2", "A-11", "B-1"]);
    let other = add_source(&mut store, "other");
    import(&mut store, other, &["A-1"]);
    let any = Narrow::default();
    let of = |source| Narrow { source: Some(source), ..Narrow::default() };
    let tagged = Narrow { tag: Some("vip".into()), ..Narrow::default() };
    let by_run = Narrow { run: Some(run), ..Narrow::default() };
    let cases: [(Find<'_>, &Narrow, &[u64]); 14] = [
        (Find::Reference("A-1"), &any, &[1, 5]),
        (Find::Reference("A-1"), &of(other), &[5]),
        (Find::Reference("A-1"), &by_run, &[1]),
        (Find::Reference("a-1"), &any, &[]),
        (Find::ReferencePrefix("A-1"), &any, &[1, 3, 5]),
        (Find::ReferencePrefix("A"), &of(source), &[1, 3, 2]),
        (Find::ReferencePrefix(""), &any, &[1, 3, 2, 4, 5]),
        (Find::Email("a-1@EXAMPLE.com"), &any, &[1, 5]),
        (Find::Email("x@example.com"), &any, &[]),
        (Find::Name("zoe 11"), &any, &[3]),
        (Find::Name("ZOË"), &any, &[1, 2, 3, 4, 5]),
        (Find::Name("zoe b"), &any, &[4]),
        (Find::Name("…"), &any, &[]),
        (Find::Reference("A-1"), &tagged, &[]),
    ];
    for (find, narrow, wanted) in cases {
        assert_eq!(ids(store.lookup(&find, narrow, None, 100).unwrap()), wanted, "{find:?} {narrow:?}");
    }
}

#[test]
fn a_lookup_that_is_given_up_says_so_and_never_passes_a_rare_name_over() {
    let (_dir, mut store, source) = workspace();
    let references: Vec<String> = (0..3_000).map(|n| format!("R{n:04}")).collect();
    import(&mut store, source, &references.iter().map(String::as_str).collect::<Vec<_>>());
    let look = |find: &Find<'_>, narrow: &Narrow, most| store.lookup_within(find, narrow, None, 5, most).unwrap();
    let any = Narrow::default();
    let nobody = Narrow { tag: Some("nobody".into()), ..Narrow::default() };
    // The first name is everybody's; the last one is made of the reference.
    for (find, narrow, most, found, is_cut) in [
        (Find::Name("zoe"), &any, 10, 5, false),
        (Find::Name("zoe"), &nobody, 10, 0, true),
        (Find::Name("zoe"), &nobody, usize::MAX, 0, false),
        (Find::Name("zoe R2999"), &any, 10, 1, false),
        (Find::Name("R2999 zoe"), &any, 10, 1, false),
        (Find::ReferencePrefix("R"), &any, 10, 5, false),
        (Find::ReferencePrefix("R"), &nobody, 10, 0, true),
        (Find::ReferencePrefix("R2999"), &nobody, 10, 0, false),
    ] {
        let looked = look(&find, narrow, most);
        assert_eq!((looked.records.len(), looked.is_cut), (found, is_cut), "{find:?} {narrow:?} {most}");
    }
}

#[test]
fn pages_of_a_lookup_continue_each_other() {
    let (_dir, mut store, source) = workspace();
    let references: Vec<String> = (0..50).map(|n| format!("R{n:03}")).collect();
    import(&mut store, source, &references.iter().map(String::as_str).collect::<Vec<_>>());
    for find in [Find::ReferencePrefix("R0"), Find::Name("zoe")] {
        let whole = ids(store.lookup(&find, &Narrow::default(), None, 100).unwrap());
        let (mut paged, mut after) = (Vec::new(), None);
        loop {
            let page = ids(store.lookup(&find, &Narrow::default(), after, 7).unwrap());
            let Some(last) = page.last() else { break };
            after = Some(RecordId(*last));
            paged.extend(page);
        }
        assert_eq!(whole.len(), 50);
        assert_eq!(paged, whole, "{find:?}");
    }
}

#[test]
fn names_are_found_by_any_words_in_pages_of_any_size_whoever_else_is_called_so() {
    let (_dir, mut store, source) = workspace();
    let references: Vec<String> = (1..=3_000u64).map(|n| format!("w{} v{} x{n}", n % 7, n * n % 31)).collect();
    for part in references.chunks(700) {
        import(&mut store, source, &part.iter().map(String::as_str).collect::<Vec<_>>());
    }
    store.delete_contact(RecordId(9), 5).unwrap();
    let questions =
        ["w3", "w", "v1", "w3 v1", "v1 w3", "v2 w", "w6 v30", "zoe x299 w", "x2 w1 v4", "w3 w4", "nobody w"];
    for question in questions {
        let named = |reference: &String| {
            let words: Vec<&str> = reference.split(' ').chain(["zoe"]).collect();
            question.split(' ').all(|asked| words.iter().any(|word| word.starts_with(asked)))
        };
        let numbered = references.iter().zip(1u64..).filter(|(reference, id)| named(reference) && *id != 9);
        let wanted: Vec<u64> = numbered.map(|(_, id)| id).collect();
        for size in [7, 100, usize::MAX] {
            let (mut paged, mut after): (Vec<u64>, _) = (Vec::new(), None);
            loop {
                let page = ids(store.lookup(&Find::Name(question), &Narrow::default(), after, size).unwrap());
                let Some(last) = page.last() else { break };
                after = Some(RecordId(*last));
                paged.extend(page);
            }
            assert_eq!(paged, wanted, "{question:?} in pages of {size}");
        }
    }
}

#[test]
fn a_deleted_contact_is_remembered_by_number_reference_and_date_only() {
    let (_dir, mut store, source) = workspace();
    import(&mut store, source, &["A-1", "A-2"]);
    let before = store.state_version().unwrap();
    let left = store.delete_contact(RecordId(1), 77).unwrap().unwrap();
    assert_eq!(left.deleted_at_ms, Some(77));
    assert!(left.fields.is_empty());
    assert_eq!(left.reference_of(source), Some("A-1"));
    assert_eq!(store.record(RecordId(1)).unwrap(), Some(left.clone()));
    assert_eq!(store.state_version().unwrap(), before + 1);
    assert_eq!(store.delete_contact(RecordId(1), 99).unwrap(), Some(left), "the first date stays");
    assert_eq!(store.delete_contact(RecordId(9), 99).unwrap(), None);
    let any = Narrow::default();
    assert_eq!(ids(store.lookup(&Find::Reference("A-1"), &any, None, 9).unwrap()), [1]);
    for find in [Find::Email("A-1@example.com"), Find::Name("zoe 1")] {
        assert_eq!(ids(store.lookup(&find, &any, None, 9).unwrap()), [0u64; 0], "{find:?}");
    }
    let living: Vec<u64> = store.contacts().map(|record| record.unwrap().id.0).collect();
    assert_eq!(living, [2]);
}

#[test]
fn the_living_holder_of_a_reference_comes_before_the_deleted_one() {
    let (_dir, mut store, source) = workspace();
    import(&mut store, source, &["A-1"]);
    store.delete_contact(RecordId(1), 77).unwrap();
    import(&mut store, source, &["A-1"]);
    assert_eq!(ids(store.lookup(&Find::Reference("A-1"), &Narrow::default(), None, 9).unwrap()), [2, 1]);
}

#[test]
fn a_reference_leads_to_its_rows_newest_first_landed_or_not() {
    let (_dir, mut store, source) = workspace();
    let first = import(&mut store, source, &["A-1", "A-2"]);
    let second = add_run(&mut store, source, RunKind::Import);
    let mut writer = RunWriter::begin(&mut store, second, WriterOptions::default()).unwrap();
    let issue = super::rows::issue(Code::DateUnreadable);
    let rows = ["A-3", "A-2"].iter().zip(1..).map(|(reference, row)| LedgerRow {
        issues: vec![issue.clone()],
        reference_hash: Some(keys::reference_hash(source, reference)),
        ..landed(row, Outcome::Failed)
    });
    let mut batch =
        Batch { rows: rows.collect(), position: position(2), tally: tally(2), now_ms: 6, ..Batch::default() };
    writer.commit(&mut batch).unwrap();
    writer.finish(&finish(2)).unwrap();
    assert_eq!(store.rows_of_reference(source, "A-2").unwrap(), [(second, 2), (first, 2)]);
    assert_eq!(store.rows_of_reference(source, "A-1").unwrap(), [(first, 1)]);
    assert_eq!(store.rows_of_reference(source, "A-4").unwrap(), []);
    let failed = LastRow { run: second, row: 1, outcome: OutcomeKind::Failed };
    assert_eq!(store.last_row_of(source, "A-3").unwrap(), Some(failed));
    let record = store.record(RecordId(2)).unwrap().unwrap();
    let last = LastRow { run: second, row: 2, outcome: OutcomeKind::Failed };
    assert_eq!(store.last_row_of_record(&record).unwrap(), Some(last));
    store.check_run(first).unwrap();
    store.check_run(second).unwrap();
}
