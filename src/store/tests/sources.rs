//! Sources: what is said about them, their names, pauses, removal, and how much they bring.
use super::*;
use crate::domain::run::Interruption;
use crate::domain::source::{Paused, SourceEdit, SourceOptions};

fn found(store: &Store, id: SourceId) -> Source {
    store.source(id).unwrap().unwrap()
}

#[test]
fn an_edit_changes_what_it_names_and_nothing_else() {
    let (_dir, mut store, id) = workspace();
    let options = SourceOptions { tags: vec!["fair".into()], set_by: Some("ann".into()), ..SourceOptions::default() };
    let edit = SourceEdit {
        mode: Some(SourceMode::Ongoing),
        purpose: Some(Some("the spring fair".into())),
        owner: Some(Some("Bo".into())),
        options: Some(options.clone()),
        ..SourceEdit::default()
    };
    store.edit_source(id, &edit, "ann", 10).unwrap();
    store
        .edit_source(
            id,
            &SourceEdit { owner: Some(None), notes: Some(Some("n".into())), ..SourceEdit::default() },
            "ann",
            11,
        )
        .unwrap();
    let source = found(&store, id);
    assert_eq!((source.mode, source.owner, source.notes.as_deref()), (SourceMode::Ongoing, None, Some("n")));
    assert_eq!((source.purpose.as_deref(), &source.options), (Some("the spring fair"), &options));
    assert!(matches!(store.edit_source(SourceId(99), &edit, "ann", 10), Err(StoreError::NoSuch { .. })));

    // What a person said stays when an import was done otherwise; where its file was is always the last place.
    store.remember_import(id, Some("/drop/a.csv"), &SourceOptions::default(), "ann", 12).unwrap();
    assert_eq!((found(&store, id).options, found(&store, id).location.as_deref()), (options, Some("/drop/a.csv")));
    let other = add_source(&mut store, "other");
    let last = SourceOptions { country: Some("DE".into()), ..SourceOptions::default() };
    store.remember_import(other, Some("/drop/b.csv"), &SourceOptions::default(), "ann", 12).unwrap();
    store.remember_import(other, None, &last, "ann", 13).unwrap();
    assert_eq!((found(&store, other).options, found(&store, other).location.as_deref()), (last, Some("/drop/b.csv")));
}

#[test]
fn a_pause_says_who_and_when_until_the_source_is_resumed() {
    let (_dir, mut store, id) = workspace();
    store.pause_source(id, "ann", 5).unwrap();
    store.pause_source(id, "bob", 6).unwrap();
    assert_eq!(found(&store, id).paused, Some(Paused { by: Some("ann".into()), at_ms: Some(5) }));
    store.resume_source(id).unwrap();
    assert_eq!(found(&store, id).paused, None);
}

#[test]
fn a_renamed_source_keeps_its_mapping_and_the_review_of_it() {
    let (_dir, mut store, id) = workspace();
    let other = add_source(&mut store, "erp");
    store.save_mapping("crm", "one", "h1", "ann", 1).unwrap();
    store.remember_mapping(id, "crm", 1).unwrap();
    store.review_mapping(id, "bob", 7).unwrap();
    assert!(matches!(store.rename_source(id, "erp"), Err(StoreError::NameTaken { what: "source", .. })));
    store.rename_source(id, "HubSpot").unwrap();
    let source = found(&store, id);
    assert_eq!((source.name.as_str(), &source.mapping), ("HubSpot", &Some(("HubSpot".into(), 1))));
    assert_eq!(source.reviewed.map(|reviewed| reviewed.by).as_deref(), Some("bob"));
    assert_eq!(store.mapping("HubSpot", None).unwrap().unwrap().toml, "one");
    // A mapping that another source uses stays what it is called.
    store.remember_mapping(other, "HubSpot", 1).unwrap();
    store.rename_source(id, "HubSpot EMEA").unwrap();
    assert_eq!(found(&store, id).mapping, Some(("HubSpot".into(), 1)));
}

#[test]
fn a_removed_source_leaves_the_lists_keeps_what_it_brought_and_can_come_back() {
    let (_dir, mut store, id) = workspace();
    let run = import(&mut store, id, &["A-1"]);
    store.remove_source(id, 9).unwrap();
    assert!(store.sources().unwrap().is_empty() && store.source_by_name("crm").unwrap().is_none());
    assert!(matches!(store.remove_source(id, 9), Err(StoreError::NoSuch { .. })));
    assert_eq!(store.run(run).unwrap().unwrap().source_name, "crm");
    assert_eq!(store.sources_ever().unwrap()[0].removed_ms, Some(9));
    assert_eq!(store.lookup(&Find::Reference("A-1"), &Narrow::default(), None, 9).unwrap().len(), 1);
    let other = add_source(&mut store, "erp");
    assert!(matches!(store.rename_source(other, "crm"), Err(StoreError::NameTaken { what: "removed source", .. })));

    let again = NewSource { name: "crm", kind: "file", provider: None, mode: SourceMode::Ongoing, created_ms: 20 };
    assert_eq!(store.add_source(&again).unwrap(), AddedSource::BroughtBack(id));
    assert_eq!(store.source_by_name("crm").unwrap().map(|source| source.id), Some(id));
    assert_eq!(store.last_row_of(id, "A-1").unwrap().map(|last| last.run), Some(run));
    assert!(matches!(store.add_source(&again), Err(StoreError::NameTaken { what: "source", .. })));
}

#[test]
fn an_error_is_dated_from_the_first_run_that_had_one_and_ends_with_a_clean_one() {
    let (_dir, mut store, id) = workspace();
    for now_ms in [100, 200] {
        let run = add_run(&mut store, id, RunKind::Import);
        store.interrupt_run(run, Interruption::Error, "the disk is full", now_ms).unwrap();
        assert_eq!(store.run(run).unwrap().unwrap().interruption, Some(Interruption::Error));
    }
    let source = found(&store, id);
    assert_eq!((source.error.as_deref(), source.error_ms), (Some("the disk is full"), Some(100)));
    import(&mut store, id, &["A-1"]);
    assert_eq!((found(&store, id).error, found(&store, id).error_ms), (None, None));
    let run = add_run(&mut store, id, RunKind::Import);
    store.interrupt_run(run, Interruption::Death, "its process ended", 300).unwrap();
    assert_eq!(found(&store, id).error, None, "nothing went wrong with the source");
}

#[test]
fn the_volume_of_each_source_is_that_of_its_last_runs_that_began() {
    let (_dir, mut store, crm) = workspace();
    let (erp, none) = (add_source(&mut store, "erp"), add_source(&mut store, "none"));
    let runs: Vec<RunId> = (1..=4)
        .map(|n| {
            let references: Vec<String> = (0..n).map(|row| format!("{n}-{row}")).collect();
            import(&mut store, crm, &references.iter().map(String::as_str).collect::<Vec<_>>())
        })
        .collect();
    add_run(&mut store, crm, RunKind::Import);
    add_run(&mut store, crm, RunKind::DryRun);
    import(&mut store, erp, &["E-1"]);
    let volumes = store.volumes(3).unwrap();
    let told: Vec<(SourceId, Vec<(RunId, u64)>)> =
        volumes.iter().map(|(id, of)| (*id, of.iter().map(|volume| (volume.run, volume.landed)).collect())).collect();
    assert_eq!(told[0], (crm, vec![(runs[1], 2), (runs[2], 3), (runs[3], 4)]));
    assert_eq!((told.len(), told[1].0), (2, erp), "{none} has no run");
    store.remove_source(erp, 1).unwrap();
    assert_eq!(store.volumes(3).unwrap().len(), 1);
}

#[test]
fn lists_of_runs_say_what_the_runs_say() {
    let (_dir, mut store, crm) = workspace();
    let first = import(&mut store, crm, &["A-1", "A-2"]);
    let dry = add_run(&mut store, crm, RunKind::DryRun);
    let queued = add_run(&mut store, crm, RunKind::Import);
    store.add_run_note(first, "ann", "looks right", 1).unwrap();
    let lines = store.run_lines(&RunFilter::default()).unwrap();
    assert_eq!(lines.iter().map(|line| line.id).collect::<Vec<_>>(), [queued, dry, first]);
    let (line, run) = (&lines[2], store.run(first).unwrap().unwrap());
    assert_eq!((line.counts, line.status, line.bytes, line.notes), (run.counts, run.status, run.bytes(), 1));
    assert_eq!((&line.source_name, &line.delivery_name), (&run.source_name, &run.delivery_name));
    assert_eq!(store.run_line(first).unwrap().as_ref(), Some(line));
    let which = RunFilter { source: Some(crm), after: Some(queued), limit: Some(1), ..RunFilter::default() };
    assert_eq!(store.run_lines(&which).unwrap()[0].id, dry);
    let last: Vec<RunId> = store.last_runs().unwrap().iter().map(|line| line.id).collect();
    assert_eq!(last, [first], "the one that was begun, and no dry run");
}
