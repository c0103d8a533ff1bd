//! Custom fields of every kind (R214, R228–R235, R242–R249): what reads, what does not, and that it costs one field.

use super::*;
use landfall::domain::field::Kind;

struct Case {
    kind: &'static str,
    options: Option<&'static str>,
    cell: String,
    stored: Value,
    /// What does not read as it, and the code of the warning.
    unreadable: Option<(String, &'static str)>,
}

fn case(kind: &'static str, cell: &str, stored: Value, unreadable: &str, code: &'static str) -> Case {
    Case { kind, options: None, cell: cell.to_owned(), stored, unreadable: Some((unreadable.to_owned(), code)) }
}

fn closed(kind: &'static str, cell: &str, stored: Value) -> Case {
    Case { options: Some("Blue,Yellow,Green"), ..case(kind, cell, stored, "Blue; Pink", "option_unknown") }
}

fn cases() -> Vec<Case> {
    let long = "x".repeat(10_001);
    vec![
        case("text", "any text", json!("any text"), &long, "too_long"),
        Case { unreadable: None, ..case("long_text", "two\nlines", json!("two\nlines"), "", "") },
        case("email", "Ann.B@X.COM", json!("Ann.B@x.com"), "ann.x.com", "email_invalid"),
        case(
            "emails",
            "abc@email.com, abc1@email.com",
            json!(["abc@email.com", "abc1@email.com"]),
            "abc",
            "email_invalid",
        ),
        case("phone", "(212) 555-0101", json!("+12125550101"), "5551234", "phone_unreadable"),
        case(
            "phones",
            "+1 7877123460,+1 7877123461",
            json!(["+17877123460", "+17877123461"]),
            "12",
            "phone_unreadable",
        ),
        case("date", "8th Sep, 2024", json!("2024-09-08"), "2024-02-30", "date_unreadable"),
        case("datetime", "2024-09-08 14:30", json!("2024-09-08T14:30:00Z"), "noon", "date_unreadable"),
        case(
            "timezone",
            "(GMT-05:00) Eastern Time (US & Canada)",
            json!("America/New_York"),
            "Mars",
            "timezone_unknown",
        ),
        case("person", "logan paul", json!("Logan Paul"), "Logan Pal", "user_unknown"),
        case(
            "people",
            "Adam Smith, David Lee",
            json!(["Adam Smith", "David Lee"]),
            "Adam Smith, Nobody",
            "user_unknown",
        ),
        closed("single_option", "blue", json!("Blue")),
        closed("radio", "GREEN", json!("Green")),
        closed("multiple_options", "Blue, yellow", json!(["Blue", "Yellow"])),
        closed("checkbox", "Blue.Yellow.Green", json!(["Blue", "Yellow", "Green"])),
        case("textbox_list", "one; two; one", json!(["one", "two"]), &long, "too_long"),
        case("number", ".123", json!("0.123"), "12 apples", "number_unreadable"),
        case("money", "$1,234,234.33", json!("1234234.33"), "12,34", "money_unreadable"),
        case("yes_no", "Y", json!("yes"), "perhaps", "option_unknown"),
    ]
}

fn csv_of(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.iter().for_each(|row| writer.write_record(row).expect("a record"));
    writer.into_inner().expect("a file")
}

#[test]
fn every_kind_of_custom_field_is_read_by_its_rules_and_an_unreadable_value_costs_only_itself() {
    let cases = cases();
    let kinds: Vec<&str> = Kind::CUSTOM.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(cases.iter().map(|case| case.kind).collect::<Vec<_>>(), kinds, "every kind has a case");
    let landfall = Landfall::new();
    for person in ["Logan Paul", "Adam Smith", "David Lee"] {
        landfall.run(&["user", "add", person]).exits(0);
    }
    let mut map = Vec::new();
    for case in &cases {
        let options = case.options.map_or(vec![], |options| vec!["--options", options]);
        landfall
            .run(&[&["field", "add", &format!("my_{}", case.kind), "--kind", case.kind], &options[..]].concat())
            .exits(0);
        map.push(format!("My {0}=custom.my_{0}", case.kind));
    }
    let header = cases.iter().map(|case| format!("My {}", case.kind));
    let good = cases.iter().map(|case| case.cell.clone());
    let bad = cases.iter().map(|case| case.unreadable.as_ref().map_or(String::new(), |(cell, _)| cell.clone()));
    let row = |first: [&str; 2], rest: &mut dyn Iterator<Item = String>| {
        first.into_iter().map(str::to_owned).chain(rest).collect::<Vec<_>>()
    };
    let rows = [
        row(["ref", "name"], &mut header.into_iter()),
        row(["1", "Ann"], &mut good.into_iter()),
        row(["2", "Bob"], &mut bad.into_iter()),
    ];
    let flags: Vec<&str> = map.iter().flat_map(|pair| ["--map", pair]).collect();
    let run = import_text(&landfall, "a.csv", csv_of(&rows), &flags);
    assert_eq!((counts(&run), &run["warnings"]), ([2, 0, 0, 0, 0], &json!(1)), "{run}");

    let found = fields(&landfall, "1");
    let mut wrong = Vec::new();
    for case in &cases {
        let value = &found[format!("custom.my_{}", case.kind)];
        if *value != case.stored {
            wrong.push(format!("{}: {value}, not {}", case.kind, case.stored));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(fields(&landfall, "2"), json!({"name": "Bob"}));
    let row = &landfall.rows(&run)[1];
    let expected: BTreeSet<(String, String)> = cases
        .iter()
        .filter_map(|case| Some((case.unreadable.as_ref()?.1.to_owned(), format!("custom.my_{}", case.kind))))
        .collect();
    assert_eq!(codes(row).into_iter().collect::<BTreeSet<_>>(), expected);
    for issue in row["issues"].as_array().expect("issues") {
        assert!(issue["guidance"].as_str().is_some_and(|text| !text.is_empty()), "{issue}");
    }
    let again = landfall.import(&landfall.path("a.csv"), &[]);
    assert_eq!(counts(&again), [0, 0, 2, 0, 0], "{again}");
    let csv = landfall.run(&["export", "contacts"]).exits(0).stdout;
    let back = import_text(&landfall, "back.csv", csv, &["--source", "a", "--accept-unmapped"]);
    assert_eq!(counts(&back), [0, 0, 2, 0, 0], "an export of every kind comes back unchanged: {back}");
}

#[test]
fn a_field_is_suggested_for_a_column_with_its_label_or_key() {
    let landfall = Landfall::new();
    landfall
        .run(&["field", "add", "plan", "--kind", "single_option", "--label", "Price Plan", "--options", "Free,Pro"])
        .exits(0);
    landfall.run(&["field", "add", "shoe_size", "--kind", "number"]).exits(0);
    let run = import_text(&landfall, "a.csv", "ref,name,Price Plan,Shoe Size\n1,Ann,free,42\n", &[]);
    assert_eq!(counts(&run), [1, 0, 0, 0, 0]);
    assert_eq!(fields(&landfall, "1"), json!({"name": "Ann", "custom.plan": "Free", "custom.shoe_size": "42"}));
}

#[test]
fn people_are_resolved_and_an_unknown_one_is_a_warning_with_the_nearest_names() {
    let landfall = Landfall::new();
    landfall.run(&["user", "add", "Logan Paul"]).exits(0);
    landfall.run(&["user", "add", "Adam Smith"]).exits(0);
    let text =
        "ref,name,Contact Owner,Contact Followers\n1,Ann,Logan Paul,\"Adam Smith, Logan Paul\"\n2,Bob,Logan Pual,\n";
    let run = import_text(
        &landfall,
        "a.csv",
        text,
        &["--map", "Contact Owner=owner", "--map", "Contact Followers=followers"],
    );
    assert_eq!(
        fields(&landfall, "1"),
        json!({"name": "Ann", "owner": "Logan Paul", "followers": ["Adam Smith", "Logan Paul"]})
    );
    let issue = &landfall.rows(&run)[1]["issues"][0];
    assert_eq!(issue["code"], "user_unknown");
    assert!(issue["guidance"].as_str().is_some_and(|text| text.contains("Logan Paul")), "{issue}");
}
