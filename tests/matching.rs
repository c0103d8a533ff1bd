//! Which record a row is about, and what becomes of it: each outcome as the field rules say, for living, deleted and
//! doubly held contacts, in all three modes and both duplicate settings.

mod common;

use common::Landfall;
use serde_json::Value;

/// Outcomes of one row, `outcome` or `outcome:reason`, in the modes create, update and upsert.
struct Outcomes([&'static str; 3]);

struct Case {
    promise: &'static str,
    /// Contact ID, reference, name, email, phone, company. `{ANN}` stands for the Contact ID of Ann.
    row: [&'static str; 6],
    flags: &'static [&'static str],
    duplicates_off: Outcomes,
    duplicates_allowed: Outcomes,
}

const CREATED: [&str; 3] = ["created", "skipped:not_found", "created"];
const UNCHANGED: [&str; 3] = ["skipped:duplicate", "unchanged", "unchanged"];
const UPDATED: [&str; 3] = ["skipped:duplicate", "updated", "updated"];
/// What becomes of a row that could be met by email or phone only, where those are no keys.
const NO_KEY: [&str; 3] = ["created", "failed:required_missing", "created"];

fn all(outcome: &'static str) -> Outcomes {
    Outcomes([outcome; 3])
}

fn case(promise: &'static str, row: [&'static str; 6], off: Outcomes, allowed: Outcomes) -> Case {
    Case { promise, row, flags: &[], duplicates_off: off, duplicates_allowed: allowed }
}

fn cases() -> Vec<Case> {
    let same = |promise, row, outcomes: [&'static str; 3]| case(promise, row, Outcomes(outcomes), Outcomes(outcomes));
    let two = |promise, row, off, allowed| case(promise, row, Outcomes(off), Outcomes(allowed));
    let never = |promise, row, outcome| case(promise, row, all(outcome), all(outcome));
    vec![
        same("a reference meets its contact", ["", "A1", "Ann", "ann@x.com", "+12125550101", ""], UNCHANGED),
        same("an empty cell changes nothing", ["", "A1", "", "", "", ""], UNCHANGED),
        same("a changed value is an update", ["", "A1", "Anna", "", "", ""], UPDATED),
        same("an unknown reference is a new contact", ["", "N9", "New", "new@x.com", "+12125550199", ""], CREATED),
        same("a name alone is enough to create", ["", "N9", "New", "", "", ""], CREATED),
        same("an email alone is enough to create", ["", "N9", "", "new@x.com", "", ""], CREATED),
        same("a phone alone is enough to create", ["", "N9", "", "", "+12125550199", ""], CREATED),
        same(
            "nothing of name, phone and email creates nobody",
            ["", "N9", "", "", "", "Globex"],
            ["failed:required_missing", "skipped:not_found", "failed:required_missing"],
        ),
        same("a row with a name only is about somebody new", ["", "", "Solo", "", "", ""], NO_KEY),
        never("a company alone is nobody", ["", "", "", "", "", "Globex"], "failed:required_missing"),
        two("an email meets its contact", ["", "", "", "ann@x.com", "", ""], UNCHANGED, NO_KEY),
        two("a phone meets its contact", ["", "", "", "", "(212) 555-0102", ""], UNCHANGED, NO_KEY),
        two("a contact without reference is met by email", ["", "", "Cid", "cid@x.com", "", ""], UNCHANGED, NO_KEY),
        two("and takes the reference of the row", ["", "N9", "Cid", "cid@x.com", "", ""], UPDATED, CREATED),
        two("letter case does not keep an email apart", ["", "", "", "ANN@X.COM", "", ""], UPDATED, NO_KEY),
        two(
            "an email with another reference is another person",
            ["", "N9", "New", "ann@x.com", "", ""],
            ["failed:duplicate_email"; 3],
            CREATED,
        ),
        two(
            "a phone with another reference is another person",
            ["", "N9", "New", "", "+12125550102", ""],
            ["failed:duplicate_phone"; 3],
            CREATED,
        ),
        two("a reference of another source is no difference", ["", "N9", "Eve", "eve@x.com", "", ""], UPDATED, CREATED),
        two(
            "an email that several hold leads to none of them",
            ["", "", "Twin", "twin@x.com", "", ""],
            ["skipped:duplicate", "failed:duplicate_email", "failed:duplicate_email"],
            NO_KEY,
        ),
        two(
            "also where the row has a reference of its own",
            ["", "N9", "Twin", "twin@x.com", "", ""],
            ["skipped:duplicate", "failed:duplicate_email", "failed:duplicate_email"],
            CREATED,
        ),
        same("a twin is met by its reference", ["", "A5", "Twin", "twin@x.com", "", ""], UNCHANGED),
        two(
            "an email of somebody else is a conflict",
            ["", "A1", "", "bob@x.com", "", ""],
            ["skipped:duplicate", "failed:duplicate_email", "failed:duplicate_email"],
            UPDATED,
        ),
        two(
            "a phone of somebody else is a conflict",
            ["", "A1", "", "", "+12125550102", ""],
            ["skipped:duplicate", "failed:duplicate_phone", "failed:duplicate_phone"],
            UPDATED,
        ),
        two(
            "an email of the twins is a conflict",
            ["", "A1", "", "twin@x.com", "", ""],
            ["skipped:duplicate", "failed:duplicate_email", "failed:duplicate_email"],
            UPDATED,
        ),
        two(
            "met by email, conflict by phone",
            ["", "", "", "ann@x.com", "+12125550102", ""],
            ["skipped:duplicate", "failed:duplicate_phone", "failed:duplicate_phone"],
            NO_KEY,
        ),
        two("a deleted contact's email is free", ["", "", "Dan", "dan@x.com", "", ""], CREATED, NO_KEY),
        never("a deleted contact's reference is remembered", ["", "A4", "Dan", "dan@x.com", "", ""], "skipped:deleted"),
        Case {
            flags: &["--recreate-deleted"],
            ..same("unless it is to be made again", ["", "A4", "Dan", "dan@x.com", "", ""], CREATED)
        },
        same("a Contact ID meets its contact", ["{ANN}", "", "Anna", "", "", ""], UPDATED),
        same("a Contact ID with its own reference", ["{ANN}", "A1", "Ann", "", "", ""], UNCHANGED),
        same("a Contact ID gives its contact a reference", ["{CID}", "N9", "", "", "", ""], UPDATED),
        never("a deleted contact's ID is refused", ["{DAN}", "", "Dan", "", "", ""], "failed:contact_id_invalid"),
        never("an unknown ID is refused", ["{UNKNOWN}", "", "Dan", "", "", ""], "failed:contact_id_invalid"),
        never("another workspace's ID is refused", ["{OTHER}", "", "Dan", "", "", ""], "failed:contact_id_invalid"),
        never("a malformed ID is refused", ["1042", "A1", "Dan", "", "", ""], "failed:contact_id_invalid"),
        never("a reference of somebody else", ["{ANN}", "A2", "", "", "", ""], "failed:reference_taken"),
        never("a reference of somebody deleted", ["{ANN}", "A4", "", "", "", ""], "failed:reference_taken"),
        never("a second reference of one source", ["{ANN}", "N9", "", "", "", ""], "failed:reference_taken"),
        never("a taken reference for one without", ["{CID}", "A1", "", "", "", ""], "failed:reference_taken"),
        two(
            "a Contact ID does not lift a conflict",
            ["{ANN}", "", "", "bob@x.com", "", ""],
            ["skipped:duplicate", "failed:duplicate_email", "failed:duplicate_email"],
            UPDATED,
        ),
        two(
            "an unreadable email where nothing else identifies",
            ["", "", "Solo", "nobody", "", ""],
            ["created", "failed:email_invalid", "failed:email_invalid"],
            NO_KEY,
        ),
        two(
            "an unreadable phone where nothing else identifies",
            ["", "", "Solo", "", "12", ""],
            ["created", "failed:phone_unreadable", "failed:phone_unreadable"],
            NO_KEY,
        ),
        same("an unreadable email beside a reference", ["", "A1", "", "nobody", "", ""], UNCHANGED),
        same("an unreadable email beside a new reference and a name", ["", "N9", "New", "nobody", "", ""], CREATED),
        same(
            "an unreadable email and nothing to stand on",
            ["", "N9", "", "nobody", "", ""],
            ["failed:email_invalid", "skipped:not_found", "failed:email_invalid"],
        ),
        two("one readable key of two is enough", ["", "", "", "nobody", "+12125550102", ""], UNCHANGED, NO_KEY),
    ]
}

#[test]
fn each_outcome_is_as_the_field_rules_say() {
    let base = Landfall::new();
    let ids = prepare(&base);
    let mut wrong = Vec::new();
    let mut tried = 0;
    for case in cases() {
        base.file("row.csv", csv(&case.row, &ids));
        let file = base.path("row.csv");
        for (allowed, expected) in [(false, &case.duplicates_off), (true, &case.duplicates_allowed)] {
            for (mode, expected) in ["create", "update", "upsert"].into_iter().zip(expected.0) {
                let workspace = base.copy();
                let mut args = vec!["--source", "crm", "--mode", mode];
                args.extend(MAP);
                args.extend(case.flags);
                args.extend(allowed.then_some("--allow-duplicates"));
                let run = workspace.import(&file, &args);
                let got = outcome(&workspace.rows(&run)[0]);
                tried += 1;
                if got != expected {
                    wrong.push(format!("{} ({mode}, allowed {allowed}): {got}, not {expected}", case.promise));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried} outcomes are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried >= 250, "{tried}");
}

const MAP: [&str; 12] = [
    "--map",
    "id=contact_id",
    "--map",
    "ref=source_ref",
    "--map",
    "name=name",
    "--map",
    "email=email",
    "--map",
    "phone=phone",
    "--map",
    "company=company",
];

fn csv(row: &[&str; 6], ids: &[(&str, String)]) -> String {
    let mut text = format!("id,ref,name,email,phone,company\n{}\n", row.join(","));
    for (name, id) in ids {
        text = text.replace(&format!("{{{name}}}"), id);
    }
    text
}

fn outcome(row: &Value) -> String {
    let outcome = row["outcome"].as_str().expect("an outcome");
    match (outcome, row["reason"].as_str()) {
        ("skipped" | "failed", reason) => format!("{outcome}:{}", reason.expect("a reason")),
        _ => outcome.to_owned(),
    }
}

/// Fills a workspace with Ann, Bob, Cid (no reference), Dan (deleted), the twins (one email) and Eve (another source).
fn prepare(workspace: &Landfall) -> Vec<(&'static str, String)> {
    let import = |name: &str, text: &str, source: &str, more: &[&str]| {
        workspace.file(name, text);
        let run = workspace.import(&workspace.path(name), &[&["--source", source], &MAP[..], more].concat());
        assert_eq!(run["failed"], 0, "{run}");
    };
    let header = "id,ref,name,email,phone,company\n";
    let people = "\
        ,A1,Ann,ann@x.com,+12125550101,\n\
        ,A2,Bob,bob@x.com,+12125550102,\n\
        ,,Cid,cid@x.com,,\n\
        ,A4,Dan,dan@x.com,,\n\
        ,A5,Twin,twin@x.com,,\n";
    import("people.csv", &format!("{header}{people}"), "crm", &[]);
    import("twin.csv", &format!("{header},A6,Twin,twin@x.com,,\n"), "crm", &["--allow-duplicates"]);
    import("other.csv", &format!("{header},A1,Eve,eve@x.com,+12125550107,\n"), "webshop", &[]);
    let id_of = |workspace: &Landfall, email: &str| {
        workspace.json(&["lookup", email], 0)[0]["contact"].as_str().expect("a Contact ID").to_owned()
    };
    let ann = id_of(workspace, "ann@x.com");
    let dan = id_of(workspace, "dan@x.com");
    workspace.json(&["contact", "delete", &dan], 0);
    let elsewhere = Landfall::new();
    elsewhere.file("one.csv", "name,email\nOne,one@x.com\n");
    elsewhere.import(&elsewhere.path("one.csv"), &[]);
    let other = id_of(&elsewhere, "one@x.com");
    let code = workspace_code(&ann);
    vec![
        ("ANN", ann),
        ("CID", id_of(workspace, "cid@x.com")),
        ("DAN", dan),
        ("UNKNOWN", code.contact_id(landfall::domain::id::RecordId(4711))),
        ("OTHER", other),
    ]
}

/// The workspace code that a Contact ID begins with.
fn workspace_code(contact: &str) -> landfall::domain::id::WorkspaceCode {
    landfall::domain::id::WorkspaceCode::parse(&contact[..6]).expect("a workspace code")
}
