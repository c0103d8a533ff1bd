use crate::common::Landfall;
use crate::stage::{NOW, Stage};
use insta::assert_snapshot;
use landfall::app::message::{Message, MouseKind};
use std::fmt::Write;

/// A file of a trade fair: two addresses that are none, a phone and a date that cannot be read, a row without anything.
const FAIR: &str = "\
Customer No;First Name;Last Name;E-Mail;Mobile;Created\n\
A-1;Jürgen;Weiß;j.weiss@example.com;+49 151 23456789;2024-08-09\n\
A-2;Łukasz;Nowak;lukasz@example;+48 601 234 567;2024-08-10\n\
A-3;Ana;Souza;ana@example.com;1,23457E+10;2024-08-11\n\
A-4;美咲;田中;misaki@example.jp;+81 90 1234 5678;2024-08-12\n\
A-5;Omar;Haddad;omar at example.com;;2024-08-13\n\
A-6;Eve;Long;eve@example.com;+1 206 555 0100;the 3rd\n\
A-1;Jürgen;Weiss;j.weiss@example.com;+49 151 23456789;2024-08-09\n";

/// A workspace with some imports in it: one with failures, one that repeats it, one of another source with a filter.
fn workspace() -> Landfall {
    let landfall = Landfall::new();
    landfall.file("trade-fair-2026.csv", FAIR);
    landfall.import("trade-fair-2026.csv", &["--source", "Trade-fair list", "--country", "DE"]);
    landfall.import("trade-fair-2026.csv", &["--source", "Trade-fair list", "--country", "DE", "--again"]);
    let mut rows = "id,email,status\n".to_owned();
    for number in 1..=40 {
        let status = if number % 4 == 0 { "prospect" } else { "customer" };
        writeln!(rows, "W-{number},person{number}@example.com,{status}").unwrap();
    }
    landfall.file("webinar.csv", &rows);
    landfall.import("webinar.csv", &["--source", "Webinar sign-ups"]);
    landfall
}

fn runs(landfall: &Landfall) -> Stage {
    let mut stage = Stage::open(&landfall.workspace());
    stage.keys("3");
    stage
}

#[test]
fn the_list_of_runs() {
    let landfall = workspace();
    let mut stage = runs(&landfall);
    println!("{}", stage.text());
    println!("{}", stage.resize(120, 36).text());
    stage.resize(80, 24);
    println!("{}", stage.keys("G<enter>").text());
    println!("{}", stage.resize(120, 36).text());
    stage.resize(80, 24);
    println!("{}", stage.keys("r").text());
    println!("{}", stage.resize(120, 36).text());
    stage.resize(80, 24);
    println!("{}", stage.keys("j<enter>").text());
    println!("{}", stage.resize(120, 36).text());
}
