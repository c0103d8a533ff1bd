//! Automatic mapping finds the right fields in real header rows, and never maps what must not be mapped.

use landfall::domain::field::{Catalog, FIRST_CUSTOM_FIELD, Field, FieldId, Kind};
use landfall::engine::suggest::{ColumnEvidence, IdOrigin, Proposal, Shape, Suggestion, UNSURE, suggest};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Deserialize)]
struct Row {
    system: String,
    headers: Vec<String>,
    truth: HashMap<String, Option<String>>,
    #[serde(default)]
    alt: HashMap<String, Vec<Option<String>>>,
    #[serde(default)]
    danger: HashMap<String, String>,
}

/// Headers on these fields may be several.
const MANY: [&str; 6] = ["additional_emails", "additional_phones", "tags", "followers", "notes", "address_line"];
const KEY: [&str; 5] = ["email", "phone", "first_name", "last_name", "name"];

#[derive(Default, Debug)]
struct Score {
    right: u32,
    wrong: u32,
    want: u32,
    found: u32,
    danger: u32,
    clash: u32,
    key_files: u32,
    mistakes: Vec<String>,
}

impl Score {
    fn precision(&self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.wrong).max(1))
    }

    fn recall(&self) -> f64 {
        f64::from(self.found) / f64::from(self.want.max(1))
    }
}

fn rows(text: &str) -> Vec<Row> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn catalog() -> Catalog {
    Catalog::contacts(Vec::new()).unwrap()
}

fn by_headers(catalog: &Catalog, headers: &[String]) -> Vec<Option<String>> {
    let columns: Vec<ColumnEvidence> = headers.iter().map(|header| ColumnEvidence::header_only(header)).collect();
    let key =
        |suggestion: Suggestion| suggestion.field.and_then(|field| catalog.get(field)).map(|field| field.key.clone());
    suggest(catalog, &columns).into_iter().map(key).collect()
}

fn score(rows: &[Row]) -> Score {
    let catalog = catalog();
    let mut score = Score::default();
    for row in rows {
        let mut used: HashMap<String, u32> = HashMap::new();
        let mut key_ok = true;
        for (header, predicted) in row.headers.iter().zip(by_headers(&catalog, &row.headers)) {
            let truth = &row.truth[header];
            let good = predicted == *truth || row.alt.get(header).is_some_and(|alt| alt.contains(&predicted));
            if !good {
                score.mistakes.push(format!("{}: {header}: {predicted:?}, should be {truth:?}", row.system));
            }
            if let Some(field) = &predicted {
                *used.entry(field.clone()).or_default() += 1;
                *if good { &mut score.right } else { &mut score.wrong } += 1;
                score.danger += u32::from(!good && row.danger.contains_key(header));
            }
            if let Some(field) = truth {
                score.want += 1;
                score.found += u32::from(good);
                key_ok &= good || !KEY.contains(&field.as_str());
            }
        }
        score.clash +=
            used.iter().filter(|(field, _)| !MANY.contains(&field.as_str())).map(|(_, n)| n - 1).sum::<u32>();
        score.key_files += u32::from(key_ok);
    }
    score
}

fn assert_good(file: &str, text: &str) {
    let rows = rows(text);
    let score = score(&rows);
    for mistake in &score.mistakes {
        println!("{mistake}");
    }
    println!(
        "{file}: precision {:.3}, recall {:.3}, key files {}/{}, danger {}, clash {}",
        score.precision(),
        score.recall(),
        score.key_files,
        rows.len(),
        score.danger,
        score.clash
    );
    assert!(score.precision() >= 0.97, "precision {}", score.precision());
    assert!(score.recall() >= 0.90, "recall {}", score.recall());
    assert_eq!((score.danger, score.clash), (0, 0));
}

#[test]
fn real_header_rows_are_mapped_rightly() {
    assert_good("headers.jsonl", include_str!("data/headers.jsonl"));
}

/// Further systems, written from knowledge of their exports: a guard against fitting the words to one set of files.
#[test]
fn header_rows_of_further_systems_are_mapped_rightly() {
    assert_good("headers-more.jsonl", include_str!("data/headers-more.jsonl"));
}

/// Writes `{"system", "map"}` lines for the header rows of the file named by LANDFALL_HEADERS to LANDFALL_PREDICTED.
#[test]
#[ignore = "writes a file for an outside scorer"]
fn predictions_are_written() {
    let (Ok(from), Ok(to)) = (std::env::var("LANDFALL_HEADERS"), std::env::var("LANDFALL_PREDICTED")) else {
        panic!("set LANDFALL_HEADERS and LANDFALL_PREDICTED");
    };
    let catalog = catalog();
    let mut out = String::new();
    for row in rows(&std::fs::read_to_string(from).unwrap()) {
        let map: HashMap<&String, Option<String>> =
            row.headers.iter().zip(by_headers(&catalog, &row.headers)).collect();
        out.push_str(&serde_json::json!({"system": row.system, "map": map}).to_string());
        out.push('\n');
    }
    std::fs::write(to, out).unwrap();
}

#[test]
fn a_column_without_a_name_is_judged_by_its_values() {
    let catalog = catalog();
    for (values, field) in [
        (["+43 664 123456", "+43 664 123457", "+43 664 123458"], "phone"),
        (["Europe/Vienna", "Asia/Tokyo", "UTC"], "timezone"),
        (["https://a.example", "https://b.example", "www.c.example"], "website"),
        (["Anna Berg", "Bo Chen", "Cem Demir"], "name"),
        // Plain numbers are many things.
        (["4366412345", "4366412346", "4366412347"], "-"),
        (["red", "green", "blue"], "-"),
    ] {
        assert_eq!(keys(&catalog, &[column("column 7", &values)]), [field], "{values:?}");
        assert_eq!(keys(&catalog, &[column("Xyzzy", &values)]), ["-"], "{values:?}");
    }
}

/// IDs of this workspace in these tests start with "c_here", those of another with "c_".
fn ids(text: &str) -> IdOrigin {
    match text {
        _ if text.starts_with("c_here") => IdOrigin::Ours,
        _ if text.starts_with("c_") => IdOrigin::Elsewhere,
        _ => IdOrigin::Other,
    }
}

fn column(name: &str, values: &[&str]) -> ColumnEvidence {
    ColumnEvidence::collect(name, values.iter().copied(), &ids)
}

fn keys(catalog: &Catalog, columns: &[ColumnEvidence]) -> Vec<String> {
    let key = |suggestion: &Suggestion| {
        suggestion.field.and_then(|field| catalog.get(field)).map_or("-".to_owned(), |field| field.key.clone())
    };
    suggest(catalog, columns).iter().map(key).collect()
}

/// Header rows without values, and the fields expected.
fn check(cases: &[(&[&str], &[&str])]) {
    let catalog = catalog();
    for (headers, expected) in cases {
        let columns: Vec<ColumnEvidence> = headers.iter().map(|header| ColumnEvidence::header_only(header)).collect();
        assert_eq!(keys(&catalog, &columns), *expected, "{headers:?}");
    }
}

#[test]
fn headers_are_read_however_they_are_written() {
    let catalog = catalog();
    for (header, field) in [
        ("email", "email"),
        ("E-Mail", "email"),
        ("eMail", "email"),
        ("EMAIL_ADDRESS", "email"),
        ("emailAddress", "email"),
        ("* Email Address", "email"),
        ("Email Address [Required]", "email"),
        ("Email (required)", "email"),
        ("What is your email address?", "email"),
        ("What\u{2019}s your email?", "email"),
        ("E-mail 1 - Value", "email"),
        ("Invitee Email", "email"),
        ("Emial", "email"),
        ("\u{ff25}mail", "email"),
        ("first-name", "first_name"),
        ("FirstName", "first_name"),
        ("FIRSTNAME", "first_name"),
        ("billingcity", "city"),
        ("_address_city", "city"),
        ("POPostalCode", "postal_code"),
        ("Mailing Zip/Postal Code", "postal_code"),
        ("State / Province", "region"),
        ("Country/Region", "country"),
        ("Date of birth (DD/MM/YYYY)", "date_of_birth"),
        ("Compnay Name", "company"),
        ("Vorname*", "first_name"),
        ("PR\u{c9}NOM", "first_name"),
        ("\u{130}l\u{e7}e", "city"),
        ("1st Phone", "phone"),
        ("Phone #", "phone"),
        ("Postal / Zip Code", "postal_code"),
        ("Mail Address Street", "address_line"),
    ] {
        assert_eq!(keys(&catalog, &[ColumnEvidence::header_only(header)]), [field], "{header}");
    }
}

#[test]
fn headers_of_many_languages_are_known() {
    check(&[
        (&["Vorname", "Nachname", "E-Mail geschäftl.", "Rufnummer"], &["first_name", "last_name", "email", "phone"]),
        (&["Prénom", "Nom", "Courriel", "Code postal"], &["first_name", "last_name", "email", "postal_code"]),
        (
            &["Nombre", "Apellidos", "Correo electrónico", "Código postal"],
            &["first_name", "last_name", "email", "postal_code"],
        ),
        (&["Nome", "Sobrenome", "Telemóvel", "Endereço"], &["first_name", "last_name", "phone", "address_line"]),
        (&["Nome", "Cognome", "Cellulare", "CAP"], &["first_name", "last_name", "phone", "postal_code"]),
        (&["Voornaam", "Achternaam", "Bedrijf", "Woonplaats"], &["first_name", "last_name", "company", "city"]),
        (&["Förnamn", "Efternamn", "E-post", "Postnummer"], &["first_name", "last_name", "email", "postal_code"]),
        (&["Fornavn", "Efternavn", "Virksomhed", "By"], &["first_name", "last_name", "company", "city"]),
        (&["Fornavn", "Etternavn", "Bedrift", "Poststed"], &["first_name", "last_name", "company", "city"]),
        (&["Imię", "Nazwisko", "Województwo", "Źródło"], &["first_name", "last_name", "region", "source"]),
        (&["Jméno", "Příjmení", "Společnost", "PSČ"], &["first_name", "last_name", "company", "postal_code"]),
        (&["Adı", "Soyadı", "Şirket", "Ülke"], &["first_name", "last_name", "company", "country"]),
        (&["Имя", "Фамилия", "Компания", "Почтовый индекс"], &["first_name", "last_name", "company", "postal_code"]),
        (&["姓", "名", "会社名", "郵便番号"], &["last_name", "first_name", "company", "postal_code"]),
        (&["姓名", "手机", "邮箱", "公司名称"], &["name", "phone", "email", "company"]),
    ]);
}

#[test]
fn a_first_name_word_without_a_last_name_means_the_whole_name() {
    check(&[(&["Nome", "Email"], &["name", "email"]), (&["Имя", "Телефон"], &["name", "phone"])]);
}

#[test]
fn unknown_words_keep_a_column_unmapped() {
    let catalog = catalog();
    for header in [
        "Company Name for Emails",
        "Email Status Reason",
        "# Employees",
        "IP Address",
        "Username",
        "Contract ID",
        "Last Contact",
        "Phone Type",
        "E-mail 1 - Label",
        "Middle Name",
        "Fax Number",
        "User Agent",
        "Created By",
        "Default Source",
        "_website",
        "Attended",
        "Second Name",
    ] {
        assert_eq!(keys(&catalog, &[ColumnEvidence::header_only(header)]), ["-"], "{header}");
    }
}

#[test]
fn what_must_not_be_mapped_says_why() {
    let catalog = catalog();
    for header in [
        "Password",
        "Passwort",
        "パスワード",
        "Bank Account Number",
        "IBAN",
        "Card Number",
        "SSN",
        "Manager Email",
        "Emergency Contact Phone",
        "Assistant's Name",
        "Shipping First Name",
        "Item Name",
        "ad_name",
        "Email (Manager)",
    ] {
        let columns = [ColumnEvidence::header_only(header)];
        let suggestion = &suggest(&catalog, &columns)[0];
        assert_eq!(suggestion.field, None, "{header}");
        assert!(suggestion.never.is_some(), "{header}: {}", suggestion.reason);
    }
}

#[test]
fn consent_keeps_its_polarity() {
    let catalog = catalog();
    for (header, field) in [
        ("Do Not Contact", "do_not_contact"),
        ("DoNotCall", "do_not_contact"),
        ("Email Opt Out", "do_not_contact"),
        ("Unsubscribed", "do_not_contact"),
        ("Nicht kontaktieren", "do_not_contact"),
        ("Accepts Marketing", "-"),
        ("Invitee accepted marketing emails", "-"),
        ("Opt-in", "-"),
        ("Email opt in", "-"),
        ("Subscribed", "-"),
        ("OK to contact", "-"),
        ("Contact allowed", "-"),
        ("Contact me", "-"),
        ("Newsletter", "-"),
        ("Einwilligung", "-"),
    ] {
        let columns = [column(header, &["yes", "no", "yes", "yes"])];
        assert_eq!(keys(&catalog, &columns), [field], "{header}");
    }
}

#[test]
fn contact_id_is_ours_only_by_its_values_or_our_own_key() {
    let catalog = catalog();
    let ours = ["c_here1", "c_here2", "c_here3"];
    let foreign = ["c_there1", "c_there2", "c_there3"];
    let other = ["1001", "1002", "1003"];
    for (header, values, field) in [
        ("Contact ID", &ours, "contact_id"),
        ("Contact Id", &ours, "contact_id"),
        ("id", &ours, "contact_id"),
        ("Contact ID", &foreign, "source_ref"),
        ("Contact ID", &other, "source_ref"),
        ("contact_id", &ours, "contact_id"),
        ("contact_id", &other, "contact_id"),
    ] {
        assert_eq!(keys(&catalog, &[column(header, values)]), [field], "{header} {values:?}");
    }
    assert_eq!(keys(&catalog, &[ColumnEvidence::header_only("Contact ID")]), ["source_ref"]);
    assert_eq!(keys(&catalog, &[ColumnEvidence::header_only("contact_id")]), ["contact_id"]);
    // Both: ours and the source's.
    let both = [column("Contact ID", &ours), column("Customer ID", &other)];
    assert_eq!(keys(&catalog, &both), ["contact_id", "source_ref"]);
    // Our key over values that are not ours is said.
    assert!(suggest(&catalog, &[column("contact_id", &other)])[0].confidence < UNSURE);
}

const ADDRESSES: [&str; 4] = ["a@example.com", "Bob <b@example.com>", "c@example.org", ""];

#[test]
fn a_column_of_addresses_is_an_email_column_whatever_it_is_called() {
    let catalog = catalog();
    for header in ["Kontakt 2", "column 7", "xyzzy", "Kontakt"] {
        assert_eq!(keys(&catalog, &[column(header, &ADDRESSES)]), ["email"], "{header}");
        let both = [column(header, &ADDRESSES), column("E-Mail", &["x@example.com", "y@example.com", "z@example.com"])];
        assert_eq!(keys(&catalog, &both), ["additional_emails", "email"], "{header}");
    }
    // Not somebody else's.
    assert_eq!(keys(&catalog, &[column("Manager", &ADDRESSES)]), ["-"]);
    assert_eq!(keys(&catalog, &[column("Password", &ADDRESSES)]), ["-"]);
}

#[test]
fn values_that_contradict_the_header_lower_the_confidence_and_are_said() {
    let catalog = catalog();
    let suggestions = suggest(&catalog, &[column("Email", &["red", "green", "blue", "red"])]);
    assert!(suggestions[0].confidence < UNSURE);
    assert!(
        suggestions[0].reason.contains("but only 0 % of the values are e-mail addresses"),
        "{}",
        suggestions[0].reason
    );
    let suggestions = suggest(&catalog, &[column("E-Mail geschäftlich", &ADDRESSES)]);
    assert!(suggestions[0].confidence > 0.9);
    assert_eq!(
        suggestions[0].reason,
        "header \u{201c}E-Mail geschäftlich\u{201d} means Email; 100 % of the values are e-mail addresses"
    );
}

#[test]
fn a_field_of_one_value_gets_the_best_column_and_further_ones_go_beside() {
    check(&[
        (&["Work Email", "Email", "Secondary Email"], &["additional_emails", "email", "additional_emails"]),
        (&["Home Phone", "Mobile Phone", "Phone 2"], &["additional_phones", "phone", "additional_phones"]),
        (&["Email (2)", "Email"], &["additional_emails", "email"]),
        (&["Reference ID", "Customer ID", "User ID"], &["-", "source_ref", "-"]),
        (&["Billing City", "Shipping City", "Billing Country", "Home City"], &["city", "-", "country", "-"]),
        (&["Name", "First Name", "Last Name"], &["name", "first_name", "last_name"]),
        (&["User Email", "Invitee Email"], &["-", "email"]),
        (&["User Email", "User ID"], &["email", "source_ref"]),
        (&["EmailAddress", "Person1Email"], &["email", "-"]),
        (&["Attendee 1 Email", "Attendee 2 Email"], &["email", "-"]),
        (&["First Name", "Preferred First Name"], &["first_name", "-"]),
    ]);
    let catalog = catalog();
    let columns = [column("Email", &["", "", "", "", "a@b.example"]), column("Work Email", &ADDRESSES)];
    assert_eq!(keys(&catalog, &columns), ["additional_emails", "email"], "the filled column comes first");
}

#[test]
fn an_account_number_beside_a_bank_is_no_reference() {
    check(&[
        (&["Account Number", "Full Name"], &["source_ref", "name"]),
        (&["Account Number", "Full Name", "Bank Name"], &["-", "name", "-"]),
        (&["Employee #", "Account Number"], &["source_ref", "-"]),
    ]);
}

#[test]
fn a_title_is_a_job_only_where_the_file_says_so() {
    check(&[
        (&["Title", "Company", "Email"], &["job_title", "company", "email"]),
        (&["Name", "Title", "Joined"], &["name", "-", "created_at"]),
        (&["Title", "First Name", "Email"], &["-", "first_name", "email"]),
        (&["Title", "Job Title", "Email"], &["-", "job_title", "email"]),
        (&["Title", "Event Type", "Attendee Email"], &["-", "-", "email"]),
    ]);
    let catalog = catalog();
    let roles = column("Title", &["Member", "Organizer", "Member"]);
    assert_eq!(keys(&catalog, &[roles, column("Email", &ADDRESSES)]), ["-", "email"]);
    let jobs = column("Title", &["Engineer", "CEO", "Head of Sales"]);
    assert_eq!(keys(&catalog, &[jobs, column("First Name", &["Ann", "Bob", "Cem"])]), ["job_title", "first_name"]);
}

#[test]
fn our_exports_come_back_and_custom_fields_match_by_key_and_label() {
    let field = Field {
        id: FieldId(FIRST_CUSTOM_FIELD),
        key: "custom.favourite_colour".to_owned(),
        label: "Best Colour".to_owned(),
        kind: Kind::Text,
        role: None,
        mandatory_group: false,
        joins_columns: false,
        synonyms: Vec::new(),
        options: Vec::new(),
    };
    let catalog = Catalog::contacts(vec![field]).unwrap();
    let headers: Vec<&str> = catalog.fields().iter().map(|field| field.key.as_str()).collect();
    let columns: Vec<ColumnEvidence> = headers.iter().map(|header| ColumnEvidence::header_only(header)).collect();
    assert_eq!(keys(&catalog, &columns), headers);
    for header in ["custom.favourite_colour", "Favourite Colour", "best colour"] {
        assert_eq!(keys(&catalog, &[ColumnEvidence::header_only(header)]), ["custom.favourite_colour"], "{header}");
    }
}

#[test]
fn a_column_of_words_joined_by_periods_proposes_the_separator() {
    let catalog = catalog();
    let suggestions = suggest(&catalog, &[column("Tags", &["Red.Blue", "Blue.Green.Red", "Red"])]);
    assert_eq!(suggestions[0].proposals, [Proposal::ListSeparator('.')]);
    let suggestions = suggest(&catalog, &[column("Tags", &["node.js, rust", "v1.2", "St. Louis"])]);
    assert_eq!(suggestions[0].proposals, []);
}

#[test]
fn values_are_told_by_their_shape() {
    for (value, shape) in [
        ("a.b@example.com", Shape::Email),
        ("mailto:a@example.com", Shape::Email),
        ("+43 664 123456", Shape::WrittenPhone),
        ("p:+4366412345678", Shape::Phone),
        ("0664 123 45 67 8", Shape::Phone),
        ("2024-09-08", Shape::Date),
        ("9/8/2024", Shape::Date),
        ("8th Sep 2024", Shape::Date),
        ("September 8, 2024", Shape::Date),
        ("2024-09-08T10:11:12Z", Shape::DateTime),
        ("1234.50", Shape::Number),
        ("https://example.com/x", Shape::Url),
        ("example.com", Shape::Url),
        ("Europe/Vienna", Shape::TimeZone),
        ("(GMT-05:00) Eastern Time (US & Canada)", Shape::TimeZone),
        ("Yes", Shape::YesNo),
        ("Anna van der Berg", Shape::PersonName),
        ("c_here9", Shape::OurId),
        ("c_there9", Shape::ForeignId),
        ("one\ntwo", Shape::LongText),
    ] {
        assert_eq!(column("x", &[value]).count(shape), 1, "{value} {shape:?}");
    }
    for (value, shape) in [
        ("a@b", Shape::Email),
        ("2024-09-08", Shape::Phone),
        ("31/31/20", Shape::Date),
        ("12345", Shape::Phone),
        ("12345678.50", Shape::Phone),
        ("order 1234567", Shape::Phone),
        ("hello world", Shape::PersonName),
        ("1.2", Shape::PeriodList),
    ] {
        assert_eq!(column("x", &[value]).count(shape), 0, "{value} {shape:?}");
    }
}

#[test]
fn counts_add_up() {
    let evidence = column("x", &["a", "", " ", "b", "a"]);
    assert_eq!((evidence.total, evidence.empty, evidence.filled(), evidence.distinct), (5, 2, 3, 2));
    assert!(!evidence.all_different());
    assert_eq!(evidence.samples, ["a", "b"]);
}

#[test]
fn five_hundred_columns_take_no_time_to_speak_of() {
    let catalog = catalog();
    let headers: Vec<String> =
        rows(include_str!("data/headers-more.jsonl")).into_iter().flat_map(|row| row.headers).collect();
    let columns: Vec<ColumnEvidence> =
        headers.iter().take(500).map(|header| ColumnEvidence::header_only(header)).collect();
    assert_eq!(suggest(&catalog, &columns).len(), 500);
    let start = std::time::Instant::now();
    suggest(&catalog, &columns);
    let took = start.elapsed();
    let start = std::time::Instant::now();
    suggest(&catalog, &columns[..1]);
    println!("500 columns: {took:?}, of which the word lists {:?}", start.elapsed());
    assert!(took < std::time::Duration::from_secs(2), "{took:?}");
    let values: Vec<String> = (0..10_000).map(|n| format!("person{n}@example.com")).collect();
    let start = std::time::Instant::now();
    let evidence = ColumnEvidence::collect("Email", values.iter().map(String::as_str), &ids);
    println!("10,000 values: {:?}", start.elapsed());
    assert_eq!(evidence.distinct, 10_000);
}
