//! A workspace as it looks after some days: what most of the pictures show.

use crate::scene::{DAY, HOUR, MINUTE, Scene};
use landfall::domain::source::{SourceEdit, SourceMode, SourceOptions};
use std::fmt::Write;

/// What trade fairs hand out: addresses, numbers and dates that cannot be read, a row without anything.
const AWKWARD: &str = "\
A-1;Jürgen;Weiß;j.weiss@example.com;+49 1512 3456789;Globex;2024-08-09
A-2;Łukasz;Nowak;lukasz@example;+48 601 234 567;Initech;2024-08-10
A-3;Ana;Souza;ana.souza@example.com;1,23457E+10;Umbrella;2024-08-11
A-4;Zoë;Martin;zoe@example.fr;06 12 34 56 78;Hooli;2024-08-13
;;;omar at example.com;;;2024-08-13
A-6;Eve;Long;eve@example.com;+1 206 555 0100;Stark;the 3rd
;;;;;;2024-08-14
";

/// Three sources, and a run in which all happened that can happen to a row.
pub fn lived_in() -> Scene {
    let mut scene = Scene::new();
    let crm = scene.landfall.file("HubSpot EMEA.csv", crm(286));
    scene.stage.import(&crm, 4 * DAY, |_| {});
    let first = scene.landfall.file("trade-fair-2025.csv", fair("", 160));
    scene.stage.import(&first, 3 * DAY, |request| {
        request.source = Some("Trade-fair list".to_owned());
        request.country = Some("DE".to_owned());
    });
    let webinar = scene.landfall.file("Webinar sign-ups.csv", webinar(60));
    scene.stage.import(&webinar, 7 * HOUR, |request| request.filters = vec!["tags = customer".to_owned()]);
    let changed = fair(AWKWARD, 260).replace(";Acme;2024-08-2", ";Acme Europe;2024-08-2");
    let second = scene.landfall.file("trade-fair-2026.csv", changed);
    scene.stage.import(&second, 12 * MINUTE, |request| {
        request.source = Some("Trade-fair list".to_owned());
        request.country = Some("DE".to_owned());
        request.map = vec![("Signed up".to_owned(), Some("created_at".to_owned()))];
        request.filters = vec!["company != Internal".to_owned()];
    });
    let sources = ["HubSpot EMEA", "Webinar sign-ups", "Trade-fair list"];
    for id in sources.map(|name| scene.id(name)) {
        scene.place(id);
    }
    scene.refresh();
    scene
}

/// The same, and a source whose file nobody has imported yet: its mapping is to be looked at.
pub fn to_map() -> Scene {
    let mut scene = lived_in();
    let mut text = "Besucherliste Messe 2027;;;;;;;;\r\nStand: Süd;;;;;;;;\r\n\r\n".to_owned();
    text.push_str("Vorname;Nachname;E-Mail geschäftl.;Telefon;Kunden-Nr.;Firma;Status;Erstellt am;Passwort\r\n");
    for number in 1..=480 {
        let ((first, last), company) = (person(number), COMPANIES[number % COMPANIES.len()]);
        let at = if number % 40 == 2 { "" } else { "@" };
        let phone = if number % 60 == 3 { "1,23457E+10".to_owned() } else { format!("0151 2{:07}", number * 37) };
        let status = ["Kunde", "Interessent", "Kunde", "Partner"][number % 4];
        let (day, month) = (number * 7 % 28 + 1, number % 12 + 1);
        let line =
            format!("{first};{last};messe{number}{at}example.com;{phone};{};{company};{status}", 400_000 + number);
        write!(text, "{line};{day:02}/{month:02}/2026;geheim\r\n").expect("a string takes all");
    }
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    let file = scene.landfall.file("messe-2027.csv", bytes);
    let id = scene.add("Messe 2027", SourceMode::OneTime);
    let options = SourceOptions { country: Some("DE".to_owned()), ..SourceOptions::default() };
    let location = Some(Some(file.to_string_lossy().into_owned()));
    let edit = SourceEdit { location, options: Some(options), ..SourceEdit::default() };
    scene.stage.desk.store.edit_source(id, &edit, "ann", 10).expect("the source");
    scene.refresh().keys("/messe<enter>");
    scene
}

const FIRST: [&str; 11] =
    ["Ana", "Bo", "Chidi", "Dana", "Emil", "Fatima", "Giulia", "Hana", "Ingrid", "Jakub", "Klara"];
const LAST: [&str; 13] = [
    "Lima", "Larsen", "Okafor", "Weiss", "Novák", "Haddad", "Rossi", "Sato", "Berg", "Kowalski", "Dvořák", "Moreau",
    "Silva",
];
const COMPANIES: [&str; 7] = ["Globex", "Initech", "Acme", "Hooli", "Stark", "Internal", "Umbrella"];

/// A person of this number; the names come round again after 143 of them.
fn person(number: usize) -> (&'static str, &'static str) {
    (FIRST[number % FIRST.len()], LAST[number % LAST.len()])
}

fn fair(awkward: &str, people: usize) -> String {
    let mut rows = format!("Customer No;First Name;Last Name;E-Mail;Mobile;Company;Signed up\n{awkward}");
    for number in 10..10 + people {
        let ((first, last), company) = (person(number), COMPANIES[number % COMPANIES.len()]);
        let mobile = 3_000_000 + number * 37;
        let day = number % 28 + 1;
        let line = format!("A-{number};{first};{last};fair{number}@example.com;+49 1512 {mobile};{company}");
        writeln!(rows, "{line};2024-08-{day:02}").expect("a string takes all");
    }
    rows
}

fn crm(people: usize) -> String {
    let mut rows = "Record ID,First Name,Last Name,Email,Status,Create Date\n".to_owned();
    for number in 0..people {
        let ((first, last), day) = (person(number), number % 28 + 1);
        let (reference, name) = (88_100 + number, first.to_lowercase());
        let line = format!("{reference},{first},{last},{name}.{number}@example.com,Customer");
        writeln!(rows, "{line},2024-09-{day:02}").expect("a string takes all");
    }
    rows
}

fn webinar(people: usize) -> String {
    let mut rows = "Registration,Full Name,Email,Tags\n".to_owned();
    for number in 1..=people {
        let (first, last) = person(number * 5);
        let tag = if number % 4 == 0 { "prospect" } else { "customer" };
        writeln!(rows, "W-{number},{first} {last},w{number}@example.org,{tag}").expect("a string takes all");
    }
    rows
}
