//! Settings, fields, sources, mappings and runs.
use super::*;
use crate::domain::field::Kind;
use crate::domain::settings::Settings;

#[test]
fn settings_read_back_and_unset() {
    let (dir, mut store, _) = workspace();
    store.set_setting("default_timezone", "Europe/Berlin").unwrap();
    store.set_setting("allow_duplicates", "true").unwrap();
    assert!(store.set_setting("allow_duplicates", "maybe").is_err());
    assert!(store.set_setting("colour", "red").is_err());
    let settings = Store::open_read_only(&dir.path().join("w")).unwrap().settings().unwrap();
    assert_eq!(settings.default_timezone.name(), "Europe/Berlin");
    assert!(settings.allow_duplicates);
    store.set_setting("default_timezone", "").unwrap();
    store.set_setting("allow_duplicates", "").unwrap();
    assert_eq!(store.settings().unwrap(), Settings::default());
}

#[test]
fn numbers_of_custom_fields_begin_at_256_and_are_never_given_twice() {
    let (_dir, mut store, _) = workspace();
    let first = store.add_custom_field("tier", Kind::SingleOption, Some("Tier"), &["Gold".into()]).unwrap();
    assert_eq!((first.id, first.key.as_str()), (FieldId(256), "custom.tier"));
    assert!(matches!(store.add_custom_field("custom.tier", Kind::Text, None, &[]), Err(StoreError::NameTaken { .. })));
    assert!(matches!(store.add_custom_field("Nö", Kind::Text, None, &[]), Err(StoreError::Refused { .. })));
    assert!(matches!(store.add_custom_field("x", Kind::ContactId, None, &[]), Err(StoreError::Refused { .. })));
    assert!(store.remove_custom_field("tier").unwrap());
    assert!(!store.remove_custom_field("tier").unwrap());
    assert_eq!(store.add_custom_field("tier", Kind::Text, None, &[]).unwrap().id, FieldId(257));
    assert_eq!(store.custom_fields().unwrap().len(), 1);
}

#[test]
fn declared_options_reach_the_catalog() {
    let (_dir, mut store, _) = workspace();
    store.add_custom_field("tier", Kind::SingleOption, None, &[]).unwrap();
    let options = ["Open".to_owned(), "Closed".to_owned()];
    for key in ["status", "custom.tier"] {
        store.declare_options(key, &options).unwrap();
        assert_eq!(store.catalog().unwrap().by_key(key).unwrap().options, options, "{key}");
    }
    assert!(matches!(store.declare_options("nothing", &options), Err(StoreError::NoSuch { .. })));
}

#[test]
fn people_are_listed_by_name_and_named_once() {
    let (_dir, mut store, _) = workspace();
    store.add_person("Zoe Zhang").unwrap();
    store.add_person("Ann Lee").unwrap();
    assert!(matches!(store.add_person("Ann Lee"), Err(StoreError::NameTaken { .. })));
    let names = |store: &Store| store.people().unwrap().into_iter().map(|person| person.name).collect::<Vec<_>>();
    assert_eq!(names(&store), ["Ann Lee", "Zoe Zhang"]);
    assert!(store.remove_person("Ann Lee").unwrap());
    assert_eq!(names(&store), ["Zoe Zhang"]);
}

#[test]
fn a_mapping_keeps_all_its_versions_and_is_found_by_its_header() {
    let (_dir, mut store, source) = workspace();
    let mut save =
        |name: &str, toml: &str, header: &str, now| store.save_mapping(name, toml, header, "ann", now).unwrap();
    assert_eq!(save("a", "one", "h1", 1), 1);
    assert_eq!(save("a", "one", "h1", 2), 1, "nothing new");
    assert_eq!(save("a", "two", "h1", 3), 2);
    assert_eq!(save("b", "three", "h1", 4), 1);
    assert_eq!(store.mapping("a", Some(1)).unwrap().unwrap().toml, "one");
    assert_eq!(store.mapping("a", None).unwrap().unwrap().version, 2);
    assert_eq!(store.mapping_for_header(None, "h1").unwrap().unwrap().name, "b", "the newest");
    store.remember_mapping(source, "a", 1).unwrap();
    assert_eq!(store.mapping_for_header(Some(source), "h1").unwrap().unwrap().toml, "one", "the remembered one");
    assert_eq!(store.mapping_for_header(Some(source), "h2").unwrap(), None);
    assert_eq!(store.mappings().unwrap()[0].sources, ["crm"]);
    assert!(store.remove_mapping("a", 5).unwrap());
    assert_eq!(store.mapping("a", None).unwrap(), None);
    assert_eq!(store.mapping("a", Some(2)).unwrap().unwrap().toml, "two", "runs still refer to it");
    assert_eq!(store.save_mapping("a", "two", "h1", "ann", 6).unwrap(), 3, "versions go on");
}

#[test]
fn a_review_holds_for_the_mapping_that_was_reviewed_and_for_no_other() {
    let (_dir, mut store, source) = workspace();
    assert_eq!(store.review_mapping(source, "ann", 1).unwrap(), None, "there is nothing to review yet");
    assert_eq!(store.review_mapping(SourceId(99), "ann", 1).unwrap(), None);
    let other = add_source(&mut store, "other");
    let reviewed = |store: &Store, source| store.source(source).unwrap().unwrap().reviewed;
    for id in [source, other] {
        store.remember_mapping(id, "a", 1).unwrap();
    }
    let mark = Some(Reviewed { by: "ann".into(), at_ms: 2, version: 1 });
    assert_eq!(store.review_mapping(source, "ann", 2).unwrap(), mark);
    assert_eq!((reviewed(&store, source), reviewed(&store, other)), (mark.clone(), None));
    store.remember_mapping(source, "a", 1).unwrap();
    assert_eq!(reviewed(&store, source), mark, "the same mapping was used again");
    for (name, version) in [("a", 2), ("b", 1)] {
        store.remember_mapping(source, name, version).unwrap();
        assert_eq!(reviewed(&store, source), None, "{name} {version}");
    }
    let mark = Some(Reviewed { by: "bob".into(), at_ms: 3, version: 1 });
    assert_eq!(store.review_mapping(source, "bob", 3).unwrap(), mark);
    assert_eq!(reviewed(&store, source), mark);
}

#[test]
fn a_run_tells_how_it_stands_and_its_source_when_it_last_imported() {
    let (_dir, mut store, source) = workspace();
    let run = add_run(&mut store, source, RunKind::Import);
    assert_eq!(store.runs_to_do().unwrap().len(), 1);
    write_run(&mut store, source, run, &["A-1"]);
    let row = store.run(run).unwrap().unwrap();
    assert_eq!((row.status, row.started_ms, row.finished_ms), (RunStatus::Completed, Some(5_000), Some(9_000)));
    assert_eq!((row.elapsed_ms, row.counts.created, row.bytes()), (4_000, 1, 100));
    assert_eq!((row.source_name.as_str(), row.delivery_name.as_str()), ("crm", "contacts.csv"));
    let source_row = store.source(source).unwrap().unwrap();
    assert_eq!((source_row.last_ran_ms, source_row.last_imported_ms), (Some(9_000), Some(9_000)));
    assert_eq!(store.runs_to_do().unwrap(), []);
    store.add_run_note(run, "bob", "looks right", 10_000).unwrap();
    assert_eq!(store.run(run).unwrap().unwrap().notes[0].text, "looks right");
    assert!(matches!(store.add_run_note(RunId(99), "bob", "?", 1), Err(StoreError::NoSuch { .. })));
    let second = add_run(&mut store, source, RunKind::Import);
    store.request_cancel(second).unwrap();
    assert!(store.run(second).unwrap().unwrap().cancel_requested);
    let ids = |filter: &RunFilter| store.runs(filter).unwrap().iter().map(|run| run.id).collect::<Vec<_>>();
    assert_eq!(ids(&RunFilter::default()), [second, run]);
    assert_eq!(ids(&RunFilter { after: Some(second), ..RunFilter::default() }), [run]);
    assert_eq!(ids(&RunFilter { status: Some(RunStatus::Queued), ..RunFilter::default() }), [second]);
    assert_eq!(ids(&RunFilter { limit: Some(1), source: Some(source), ..RunFilter::default() }), [second]);
}

#[test]
fn deliveries_are_found_by_their_bytes_within_their_source() {
    let (dir, mut store, source) = workspace();
    let other = add_source(&mut store, "other");
    let outside = Path::new("/elsewhere/x.csv");
    let new = NewDelivery { source, name: "x", path: outside, bytes: 1, sha256: "ab", landed_ms: 1 };
    assert!(matches!(store.add_delivery(&new), Err(StoreError::Refused { .. })));
    let inside = store.deliveries_dir().join("x.csv");
    let id = store.add_delivery(&NewDelivery { path: &inside, ..new }).unwrap();
    assert_eq!(store.deliveries_with_sha256(source, "ab").unwrap()[0].id, id);
    assert_eq!(store.deliveries_with_sha256(other, "ab").unwrap(), []);
    assert_eq!(store.delivery(id).unwrap().unwrap().path, dir.path().join("w/deliveries/x.csv"));
}
