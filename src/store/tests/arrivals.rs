//! Found files, pickups, due times, and the versions of what people said of a source.
use super::*;
use crate::domain::source::{
    Aspect, Blocked, Connection, Directory, Due, Fault, FileIdentity, FoundState, Ignored, Missed, PickupCause,
    Schedule, SourceEdit, SourceOptions,
};

fn file(name: &str, size: u64) -> FileIdentity {
    FileIdentity { name: name.to_owned(), size, modified_ms: 1_000 }
}

fn states(store: &Store, source: SourceId) -> Vec<(String, u64, bool, FoundState)> {
    let found = store.found_files(source).unwrap().into_iter();
    found.map(|found| (found.identity.name, found.identity.size, found.is_there, found.state)).collect()
}

fn arrive(store: &mut Store, source: SourceId, file: &FileIdentity) -> DeliveryId {
    let path = Path::new("deliveries/1.csv");
    let new = NewDelivery { source, name: &file.name, path, bytes: file.size, sha256: "00", landed_ms: 2 };
    store.register_arrival(&new, file, || Ok::<_, StoreError>(())).unwrap()
}

#[test]
fn looks_keep_what_became_of_a_file_and_forget_those_of_which_nothing_did() {
    use FoundState::{Ignored as None_, Landed, New, Settling};
    let (_dir, mut store, source) = workspace();
    let (a, b, c) = (file("a.csv", 1), file("b.csv", 2), file("c.txt", 3));
    let ignored = None_ { why: Ignored::Pattern };
    let look = [(a.clone(), Settling), (b.clone(), New), (c.clone(), ignored.clone())];
    store.note_look(source, &look, 100).unwrap();
    let delivery = arrive(&mut store, source, &b);
    assert_eq!(store.found_of(delivery).unwrap().unwrap().identity, b);

    // It has grown; another one has gone; a third matches a new pattern.
    store.note_look(source, &[(file("a.csv", 5), Settling), (c.clone(), New)], 200).unwrap();
    assert_eq!(
        states(&store, source),
        [
            ("a.csv".to_owned(), 5, true, Settling),
            ("b.csv".to_owned(), 2, false, Landed { delivery }),
            ("c.txt".to_owned(), 3, true, New)
        ]
    );
    store.note_look(source, &[(file("a.csv", 5), New), (b.clone(), Settling)], 300).unwrap();
    let found = store.found_files(source).unwrap();
    assert_eq!((found[0].first_seen_ms, found[0].last_seen_ms, &found[0].state), (200, 300, &New));
    assert_eq!((found[1].first_seen_ms, found[1].is_there, &found[1].state), (100, true, &Landed { delivery }));
    assert_eq!(found.len(), 2);
    store.found_file_left(source, &b).unwrap();
    assert!(!store.found_of(delivery).unwrap().unwrap().is_there);
    assert!(matches!(store.set_found_state(source, &c, &New), Err(StoreError::NoSuch { .. })));
}

#[test]
fn what_went_wrong_with_a_file_stays_with_it_until_something_becomes_of_it() {
    let (_dir, mut store, source) = workspace();
    let (a, b) = (file("a.csv", 1), file("b.csv", 2));
    let look = [(a.clone(), FoundState::New), (b.clone(), FoundState::New)];
    store.note_look(source, &look, 100).unwrap();
    assert!(store.has_untried(source).unwrap());
    let fault = Fault { code: "gone".into(), message: "It is gone.".into(), next: "Look.".into() };
    for file in [&a, &b] {
        store.note_trouble(source, file, &fault).unwrap();
    }
    store.note_look(source, &look, 200).unwrap();
    assert!(!store.has_untried(source).unwrap(), "both were tried");
    let trouble = |store: &Store, name| store.files_named(source, name).unwrap()[0].trouble.clone();
    assert_eq!(trouble(&store, "a.csv"), Some(fault.clone()));
    let delivery = arrive(&mut store, source, &a);
    assert_eq!((trouble(&store, "a.csv"), trouble(&store, "b.csv")), (None, Some(fault.clone())));

    // It is imported and cannot be moved; then it is to stay where it is.
    store.set_found_state(source, &a, &FoundState::Taken { delivery, run: RunId(1) }).unwrap();
    store.note_trouble(source, &a, &fault).unwrap();
    store.forget_putting_away(source).unwrap();
    assert_eq!((trouble(&store, "a.csv"), trouble(&store, "b.csv")), (None, Some(fault)));
}

#[test]
fn an_arrival_is_a_delivery_and_a_found_file_or_neither() {
    let (_dir, mut store, source) = workspace();
    let new = NewDelivery {
        source,
        name: "a.csv",
        path: Path::new("deliveries/1.csv"),
        bytes: 1,
        sha256: "00",
        landed_ms: 2,
    };
    let registered = store.register_arrival(&new, &file("a.csv", 1), || Ok(()));
    assert!(matches!(registered, Err(StoreError::NoSuch { .. })));
    assert_eq!(store.deliveries_of(source).unwrap(), []);
}

#[test]
fn every_due_time_is_run_once_or_missed_and_covered_by_one_pickup() {
    let (_dir, mut store, source) = workspace();
    let schedule = Schedule::parse("0 * * * *", chrono_tz::UTC).unwrap();
    let edit = SourceEdit { schedule: Some(Some(schedule)), ..SourceEdit::default() };
    store.edit_source(source, &edit, "ann", 50).unwrap();
    let until = |store: &Store| store.source(source).unwrap().unwrap().due_until_ms;
    assert_eq!(until(&store), Some(50), "nothing before was due");

    let new = NewPickup { source, cause: PickupCause::Schedule, user: "ann", started_ms: 105 };
    let first = store.begin_pickup(&new, Some(&Dues { run_at: Some(100), until_ms: 105, ..Dues::default() })).unwrap();
    let paused = Dues { missed: vec![(200, Missed::Paused)], until_ms: 205, ..Dues::default() };
    store.note_missed(source, &paused).unwrap();
    assert!(store.has_uncovered_dues(source).unwrap());
    let by_hand = NewPickup { cause: PickupCause::Person, ..new };
    let by_hand = store.begin_pickup(&by_hand, None).unwrap();
    assert!(store.has_uncovered_dues(source).unwrap(), "nobody asked on behalf of the schedule");
    let again = Dues { run_at: Some(400), missed: vec![(300, Missed::Away)], before: None, until_ms: 401 };
    let second = store.begin_pickup(&new, Some(&again)).unwrap();
    // The same due times once more change nothing.
    store.begin_pickup(&new, Some(&again)).unwrap();
    let due = |at_ms, pickup, missed| Due { at_ms, pickup: Some(pickup), missed, earlier: 0 };
    assert_eq!(
        store.dues(source, 9).unwrap(),
        [
            due(400, second, None),
            due(300, second, Some(Missed::Away)),
            due(200, second, Some(Missed::Paused)),
            due(100, first, None),
        ]
    );
    assert_eq!((store.has_uncovered_dues(source).unwrap(), until(&store)), (false, Some(401)));

    let fault = Fault { code: "timeout".into(), message: "It took too long.".into(), next: "Wait.".into() };
    store.finish_pickup(by_hand, 3, 1, Some(&fault), 410).unwrap();
    let of = store.pickups(source, 9).unwrap().into_iter().find(|pickup| pickup.id == by_hand).unwrap();
    assert_eq!((of.listed, of.landed, of.finished_ms, of.fault), (3, 1, Some(410), Some(fault)));
    store.edit_source(source, &SourceEdit { schedule: Some(None), ..SourceEdit::default() }, "ann", 500).unwrap();
    assert_eq!(until(&store), None);
    assert!(!store.has_uncovered_dues(source).unwrap(), "nothing was due since");
}

#[test]
fn what_really_changed_is_kept_with_who_and_when() {
    let (_dir, mut store, source) = workspace();
    let with = |filter: &str, by: &str| SourceEdit {
        options: Some(SourceOptions {
            filters: vec![filter.to_owned()],
            set_by: Some(by.to_owned()),
            ..SourceOptions::default()
        }),
        ..SourceEdit::default()
    };
    store.edit_source(source, &with("status = Open", "ann"), "ann", 10).unwrap();
    store.edit_source(source, &with("status = Open", "bob"), "bob", 20).unwrap();
    store.edit_source(source, &with("status = Closed", "bob"), "bob", 30).unwrap();
    let changes = store.source_changes(source, Aspect::Options).unwrap();
    let who: Vec<_> = changes.iter().map(|change| (change.user.as_deref(), change.at_ms)).collect();
    assert_eq!(who, [(Some("bob"), 30), (Some("ann"), 10), (None, 1)], "as it was before comes last");
    let options = SourceOptions::from_json(&changes[0].value).unwrap();
    assert_eq!(options.filters, ["status = Closed"]);
    assert_eq!(store.source_changes(source, Aspect::Contract).unwrap(), []);
    let last = SourceOptions { tags: vec!["fair".into()], ..SourceOptions::default() };
    let other = add_source(&mut store, "other");
    store.remember_import(other, None, &last, "cyd", 40).unwrap();
    assert_eq!(store.source_changes(other, Aspect::Options).unwrap()[0].user.as_deref(), Some("cyd"));
}

#[test]
fn a_source_is_blocked_since_its_first_such_fault_until_somebody_deals_with_it() {
    let (_dir, mut store, source) = workspace();
    let fault = |code: &str, at_ms| Blocked {
        code: code.to_owned(),
        message: "The server refused the login.".into(),
        next: "Give it another key.".into(),
        at_ms,
    };
    let blocked = |store: &Store| store.source(source).unwrap().unwrap().blocked.map(|it| (it.code, it.at_ms));
    store.block_source(source, &fault("login_refused", 10)).unwrap();
    store.block_source(source, &fault("login_refused", 20)).unwrap();
    assert_eq!(blocked(&store), Some(("login_refused".to_owned(), 10)));
    store.block_source(source, &fault("host_key_changed", 30)).unwrap();
    assert_eq!(blocked(&store), Some(("host_key_changed".to_owned(), 30)));
    let owner = SourceEdit { owner: Some(Some("Bo".into())), ..SourceEdit::default() };
    store.edit_source(source, &owner, "ann", 35).unwrap();
    assert!(blocked(&store).is_some());
    let moved = Connection::Dir(Directory { path: "/drop".into() });
    store.edit_source(source, &SourceEdit { connection: Some(moved), ..SourceEdit::default() }, "ann", 40).unwrap();
    assert_eq!(blocked(&store), None);
    store.block_source(source, &fault("login_refused", 50)).unwrap();
    store.unblock_source(source).unwrap();
    assert_eq!(blocked(&store), None);
    assert!(matches!(store.unblock_source(SourceId(99)), Err(StoreError::NoSuch { .. })));
}

#[test]
fn the_lock_of_a_source_is_held_once_and_leaves_others_alone() {
    let (_dir, store, source) = workspace();
    let held = Store::try_source_lock(store.dir(), source).unwrap().unwrap();
    assert!(Store::try_source_lock(store.dir(), source).unwrap().is_none());
    assert!(Store::try_source_lock(store.dir(), SourceId(2)).unwrap().is_some());
    assert!(Store::try_lock(store.dir()).unwrap().is_some());
    drop(held);
    assert!(Store::try_source_lock(store.dir(), source).unwrap().is_some());
}
