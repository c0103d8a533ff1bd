//! What is saved in the Mapping tab is what the next import does, and nobody's work is lost on the way.

#[path = "common/bench.rs"]
mod bench;

use bench::{Bench, NOW, mapping};
use landfall::app::mapping::data::{Blocked, CompareWanted, MappingToSave, NewField, OpenWanted, Saved, SavedLine};
use landfall::app::message::{Act, Answer, Done, Failure, Question};
use landfall::domain::field::Kind;
use landfall::domain::issue::Code;
use landfall::domain::mapping::{Column, Mapping, Reading};
use landfall::domain::run::RunStatus;
use landfall::domain::source::{SourceEdit, SourceOptions};
use landfall::domain::values::date::DateOrder;
use landfall::shell::{acts, answers};
use landfall::store::Store;
use landfall::worker::prepare;
use landfall::worker::request::ImportRequest;
use std::path::PathBuf;
use std::sync::Arc;

const CSV: &str = "Name;E-Mail;Seit\nAnn;a@x.com;03/04/2024\nBo;b@x.com;05/06/2024\n";

impl Bench {
    fn options(&mut self, options: SourceOptions) {
        let edit = SourceEdit { options: Some(options), ..SourceEdit::default() };
        self.desk.store.edit_source(self.source, &edit, "ann", 10).expect("a source");
    }

    fn save(&mut self, mapping: &Mapping, name: Option<&str>) -> Result<(Saved, Option<String>), Failure> {
        let (source, name) = (self.source, name.map(str::to_owned));
        let draft = MappingToSave { source, name, mapping: Arc::new(mapping.clone()) };
        match acts::carry_out(&mut self.desk, Act::SaveMapping(Box::new(draft)))? {
            Done::MappingSaved(of, saved, as_what, remark) => {
                assert_eq!((of, &*saved), (source, mapping));
                Ok((as_what, remark))
            }
            other => panic!("not saved: {other:?}"),
        }
    }

    fn saved_mappings(&mut self) -> Vec<SavedLine> {
        match answers::answer(&mut self.desk, &Question::SavedMappings(self.source)) {
            Ok(Answer::SavedMappings(lines)) => lines,
            other => panic!("no list: {other:?}"),
        }
    }

    fn blocked(&mut self, mapping: &Mapping) -> Option<Blocked> {
        self.preview(mapping, &[]).blocked
    }
}

#[test]
fn the_next_import_does_what_the_saved_draft_showed_whatever_the_options_said() {
    let mut bench = Bench::new();
    bench.options(SourceOptions {
        map: vec![("Seit".to_owned(), Some("created_at".to_owned()))],
        day_first: vec!["Seit".to_owned()],
        country: Some("DE".to_owned()),
        delimiter: Some(';'),
        mapping: None,
        accept_unmapped: true,
        tags: vec!["vip".to_owned()],
        ..SourceOptions::default()
    });
    let file = bench.file("contacts.csv", CSV);
    let opened = bench.open(file.clone());
    assert_eq!(opened.mapping.reading.country.as_deref(), Some("DE"));
    assert_eq!(opened.mapping.columns[2].date_order, Some(DateOrder::DayFirst));
    let mut draft = opened.mapping.clone();
    draft.columns[2] = Column { date_order: Some(DateOrder::MonthFirst), ..Column::to("Seit", "created_at") };
    draft.reading.country = Some("AT".to_owned());
    let shown = bench.preview(&draft, &[]);
    let (saved, remark) = bench.save(&draft, None).expect("it is saved");
    assert_eq!((saved.name.as_str(), saved.version, saved.by.as_str(), remark), ("crm", 1, "ana", None));
    let source = bench.desk.store.source(bench.source).expect("a store").expect("the source");
    assert_eq!(source.options, SourceOptions { tags: vec!["vip".to_owned()], ..SourceOptions::default() });
    let request = ImportRequest::from_source(&source, Some(file), "ana".to_owned()).expect("a request");
    let prepared = prepare::prepare(&bench.desk.store, &request, 1).expect("an import");
    assert_eq!(prepared.plan.country.as_deref(), Some("AT"));
    assert_eq!(prepared.plan.mapping, draft);
    assert_eq!(prepared.plan.attention, shown.attention);
}

#[test]
fn an_undecided_column_stays_undecided_when_a_draft_is_saved_half_done() {
    let mut bench = Bench::new();
    let file = bench.file("contacts.csv", CSV);
    bench.open(file.clone());
    let mut draft = mapping(&[("Name", "name"), ("E-Mail", "email")]);
    draft.columns.push(Column::unmapped("Seit"));
    bench.save(&draft, None).expect("it is saved");
    let opened = bench.open(file);
    assert!(opened.mapping.columns[2].is_undecided());
    let blocked = bench.blocked(&opened.mapping).expect("somebody has to decide");
    assert_eq!(
        (blocked.message.as_str(), blocked.columns),
        (Code::UnmappedMandatory.message(), vec!["Seit".to_owned()])
    );
}

#[test]
fn a_draft_that_cannot_be_imported_says_why_and_is_previewed_all_the_same() {
    let mut bench = Bench::new();
    let file = bench.file("contacts.csv", CSV);
    bench.open(file);
    let cases = [
        (mapping(&[("Name", ""), ("E-Mail", ""), ("Seit", "")]), "No column of the file", 0),
        (mapping(&[("Name", "email"), ("E-Mail", "email"), ("Seit", "")]), "both mapped to email", 2),
        (mapping(&[("Name", "nome"), ("E-Mail", "email"), ("Seit", "")]), "there is no such field", 1),
    ];
    for (draft, why, columns) in cases {
        let preview = bench.preview(&draft, &[]);
        assert_eq!(preview.rows.len(), 2);
        let blocked = preview.blocked.expect("it cannot be imported");
        assert!(blocked.message.contains(why), "{blocked:?}");
        assert_eq!(blocked.columns.len(), columns, "{blocked:?}");
        assert!(!blocked.next.contains("--"), "{blocked:?}");
    }
}

#[test]
fn doubtful_columns_are_named_with_their_places() {
    let mut bench = Bench::new();
    let file = bench.file("contacts.csv", "A,B,C\nAnn,a@x.com,x\nBo,b@x.com,y\nCy,c@x.com,z\nDi,d@x.com,w\n");
    bench.open(file);
    let doubts = |bench: &mut Bench, columns: &[(&str, &str)]| {
        let mut draft = mapping(columns);
        draft.columns.iter_mut().for_each(|column| column.leave_out = false);
        bench.preview(&draft, &[]).doubts.into_iter().map(|(place, _)| place).collect::<Vec<_>>()
    };
    assert_eq!(doubts(&mut bench, &[("A", "first_name"), ("B", "email"), ("C", "notes")]), [0; 0]);
    assert_eq!(doubts(&mut bench, &[("A", "email"), ("B", "first_name"), ("C", "phone")]), [0, 1, 2]);
    assert_eq!(doubts(&mut bench, &[("A", "first_name"), ("B", ""), ("C", "")]), [1]);
}

#[test]
fn a_version_that_somebody_else_saved_meanwhile_is_said_and_kept() {
    let mut bench = Bench::new();
    let file = bench.file("contacts.csv", CSV);
    let opened = bench.open(file);
    let mut theirs = opened.mapping.clone();
    theirs.columns[2].leave_out = true;
    theirs.columns[2].field = None;
    let store = &mut bench.desk.store;
    store.save_mapping("crm", &theirs.to_toml(), "other", "bo", NOW).expect("their version");
    store.remember_mapping(bench.source, "crm", 1).expect("their version");
    let (saved, remark) = bench.save(&opened.mapping, None).expect("it is saved");
    assert_eq!(saved.version, 2);
    assert!(remark.is_some_and(|remark| remark.contains("version 1") && remark.contains("bo")));
    let mut again = opened.mapping.clone();
    again.columns[0].required = true;
    let (saved, remark) = bench.save(&again, None).expect("it is saved");
    assert_eq!((saved.version, remark), (3, None));
    let lines = bench.saved_mappings();
    let versions = |line: &SavedLine| line.versions.iter().map(|saved| saved.version).collect::<Vec<_>>();
    assert_eq!((lines.len(), lines[0].saved.version, versions(&lines[0])), (1, 3, vec![2, 1]));
    assert!(lines[0].is_for_header);
    assert_eq!(lines[0].sources, ["crm"]);
    match answers::answer(&mut bench.desk, &Question::SavedMapping("crm".to_owned(), Some(1))) {
        Ok(Answer::SavedMapping(version)) => assert_eq!(version.mapping, theirs),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_version_that_was_saved_meanwhile_is_said_although_the_draft_has_read_the_file_otherwise_since() {
    let mut bench = Bench::new();
    let file = bench.file("contacts.csv", CSV);
    let opened = bench.open(file.clone());
    let store = &mut bench.desk.store;
    store.save_mapping("crm", &opened.mapping.to_toml(), "other", "bo", NOW).expect("their version");
    store.remember_mapping(bench.source, "crm", 1).expect("their version");
    let reading = Reading { country: Some("AT".to_owned()), ..Reading::default() };
    let wanted = OpenWanted { source: bench.source, file: Some(file), reading: Some(reading) };
    answers::answer(&mut bench.desk, &Question::OpenMapping(Box::new(wanted))).expect("it is open");
    let (_, remark) = bench.save(&opened.mapping, None).expect("it is saved");
    assert!(remark.is_some_and(|remark| remark.contains("version 1") && remark.contains("bo")));
}

#[test]
fn what_the_options_say_of_reading_is_not_lost_when_a_mapping_is_edited_without_its_file() {
    let mut bench = Bench::new();
    let file = bench.file("contacts.csv", CSV);
    let opened = bench.open(file.clone());
    bench.save(&opened.mapping, None).expect("it is saved");
    bench.options(SourceOptions { delimiter: Some(';'), country: Some("AT".to_owned()), ..SourceOptions::default() });
    std::fs::remove_file(&file).expect("the file");
    let opened = bench.open(file);
    assert!(opened.file.is_none());
    bench.save(&opened.mapping, None).expect("it is saved");
    let reading = opened.mapping.reading;
    assert_eq!((reading.delimiter.as_deref(), reading.country.as_deref()), (Some(";"), Some("AT")));
}

#[test]
fn a_delivery_that_is_imported_again_keeps_its_name_and_is_not_where_files_come_from() {
    let mut bench = Bench::new();
    let file = bench.file("contacts.csv", CSV);
    let source = |bench: &Bench| bench.desk.store.source(bench.source).expect("a store").expect("the source");
    let import = |bench: &mut Bench, file: &PathBuf| {
        let request = ImportRequest {
            accept_unmapped: true,
            again: true,
            ..ImportRequest::from_source(&source(bench), Some(file.clone()), "ana".to_owned()).expect("a request")
        };
        let prepared = prepare::prepare(&bench.desk.store, &request, 1).expect("an import");
        let run = prepare::enqueue(&mut bench.desk.store, &prepared, NOW).expect("a run");
        bench.desk.store.set_run_status(run, RunStatus::Completed, None, NOW).expect("it has ended");
    };
    import(&mut bench, &file);
    let kept = bench.desk.store.deliveries_of(bench.source).expect("deliveries").remove(0);
    import(&mut bench, &kept.path);
    let names: Vec<String> =
        bench.desk.store.deliveries_of(bench.source).expect("deliveries").into_iter().map(|kept| kept.name).collect();
    assert_eq!(names, ["contacts.csv", "contacts.csv"]);
    assert_eq!(source(&bench).location.as_deref(), file.to_str());
}

#[test]
fn nothing_is_saved_for_a_removed_source_without_a_name_or_in_a_workspace_that_is_only_read() {
    let mut bench = Bench::new();
    let file = bench.file("contacts.csv", CSV);
    let opened = bench.open(file);
    for name in ["", "  ", "x.toml", "a\u{1b}b"] {
        bench.save(&opened.mapping, Some(name)).expect_err("no name");
    }
    let dir = bench.desk.store.dir().to_owned();
    let writable = std::mem::replace(&mut bench.desk.store, Store::open_read_only(&dir).expect("a workspace"));
    bench.save(&opened.mapping, None).expect_err("it is only read");
    bench.desk.store = writable;
    bench.desk.store.remove_source(bench.source, NOW).expect("a source");
    bench.save(&opened.mapping, None).expect_err("it is removed");
    assert_eq!(bench.desk.store.mappings().expect("mappings"), []);
}

#[test]
fn a_mapping_goes_to_a_new_file_only_and_comes_back_from_it() {
    let mut bench = Bench::new();
    let draft = mapping(&[("Name", "name"), ("E-Mail", "email"), ("Seit", "")]);
    let export = |bench: &mut Bench| {
        acts::carry_out(&mut bench.desk, Act::ExportMapping(Arc::new(draft.clone()), PathBuf::from("crm.toml")))
    };
    assert!(matches!(export(&mut bench), Ok(Done::Said(_))));
    assert!(export(&mut bench).is_err_and(|failure| failure.message.contains("exists already")));
    let read =
        |bench: &mut Bench, name: &str| answers::answer(&mut bench.desk, &Question::MappingFile(PathBuf::from(name)));
    assert!(matches!(read(&mut bench, "crm.toml"), Ok(Answer::MappingFile(_, read)) if *read == draft));
    bench.file("broken.toml", "[[column]]\nheader = \"A\"\nfeld = \"email\"\n");
    assert!(read(&mut bench, "broken.toml").is_err_and(|failure| failure.message.contains("line 3")));
    read(&mut bench, "missing.toml").expect_err("there is none");
}

#[test]
fn a_new_field_is_known_when_the_draft_is_opened_again() {
    let mut bench = Bench::new();
    let file = bench.file("contacts.csv", CSV);
    bench.open(file.clone());
    let add = |bench: &mut Bench, key: &str, kind: Kind| {
        let (key, options) = (key.to_owned(), vec!["a".to_owned(), " ".to_owned()]);
        let field = NewField { key, label: "Since".to_owned(), kind, options };
        acts::carry_out(&mut bench.desk, Act::AddField(Box::new(field)))
    };
    assert!(matches!(add(&mut bench, "since", Kind::SingleOption), Ok(Done::FieldAdded(key)) if key == "custom.since"));
    add(&mut bench, "since", Kind::Text).expect_err("there is one");
    add(&mut bench, "Since When", Kind::Text).expect_err("no key");
    let draft = mapping(&[("Name", "name"), ("E-Mail", "email"), ("Seit", "custom.since")]);
    assert!(bench.blocked(&draft).is_some());
    let opened = bench.open(file);
    assert!(opened.catalog.by_key("custom.since").is_some());
    assert_eq!(bench.blocked(&draft), None);
}

#[test]
fn the_same_bytes_are_shown_under_both_encodings() {
    let mut bench = Bench::new();
    let file = bench.file("contacts.csv", b"Name;City\nM\xfcller;K\xf6ln\nAnn;Rome\nGr\xfcn;Z\xfcrich\n");
    bench.open(file);
    let mut compare = |first: &str, second: &str| {
        let encodings = [first, second].map(str::to_owned);
        let wanted = CompareWanted { source: bench.source, encodings };
        answers::answer(&mut bench.desk, &Question::Compare(Box::new(wanted)))
    };
    let Ok(Answer::Compared(compared)) = compare("windows-1252", "utf-8") else { panic!("it is compared") };
    let text = |text: &str| Some(text.to_owned());
    let expected = [
        (1, "Name".to_owned(), [text("Müller"), None]),
        (1, "City".to_owned(), [text("Köln"), None]),
        (3, "Name".to_owned(), [text("Grün"), None]),
        (3, "City".to_owned(), [text("Zürich"), None]),
    ];
    assert_eq!(compared.cells, expected);
    let Ok(Answer::Compared(compared)) = compare("windows-1252", "macintosh") else { panic!("it is compared") };
    assert_eq!(compared.cells[0], (1, "Name".to_owned(), [text("Müller"), text("M¸ller")]));
    compare("windows-1252", "klingon").expect_err("no encoding");
}

#[test]
fn rows_of_utf_16_are_found_under_an_encoding_of_single_bytes_too() {
    let text = "Name;City\nMüller;Köln\nGrün;Zürich\nØrsted;Århus\n";
    let bytes: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let mut bench = Bench::new();
    let file = bench.file("contacts.csv", &bytes);
    bench.open(file);
    let encodings = ["utf-16le", "windows-1252"].map(str::to_owned);
    let question = Question::Compare(Box::new(CompareWanted { source: bench.source, encodings }));
    let Ok(Answer::Compared(compared)) = answers::answer(&mut bench.desk, &question) else { panic!("it is compared") };
    let first: Vec<_> =
        compared.cells.iter().map(|(row, column, [first, _])| (*row, &**column, first.as_deref())).collect();
    let expected = [
        (1, "Name", Some("Müller")),
        (1, "City", Some("Köln")),
        (2, "Name", Some("Grün")),
        (2, "City", Some("Zürich")),
        (3, "Name", Some("Ørsted")),
        (3, "City", Some("Århus")),
    ];
    assert_eq!(first, expected);
}
