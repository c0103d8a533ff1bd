//! The Mapping tab: what each column becomes, edited on the file itself.

use crate::scene::Scene;
use landfall::app::message::MouseKind;
use landfall::domain::id::SourceId;
use landfall::domain::source::{SourceEdit, SourceMode};

/// An awkward export: a title and a blank line before the header, semicolons, Windows-1252, dates day first that only a
/// late row tells, two columns of addresses, a password.
fn awkward() -> Vec<u8> {
    let mut text = "Export der Messe;;;;;;;\n\nVorname;Nachname;E-Mail geschäftl.;E-Mail privat;Anmeldung;Kunden-Nr.;Telefon;Passwort;Notiz intern\n"
        .to_owned();
    for row in 1..=60u32 {
        let mail = match row {
            7 => "lukasz@example".to_owned(),
            _ => format!("p{row}@example.com"),
        };
        let date = if row == 47 { "26/06/2024".to_owned() } else { format!("{:02}/08/2024", row % 12 + 1) };
        let phone = if row % 9 == 0 { "1,23457E+10".to_owned() } else { format!("+49 151 234{row:05}") };
        text.push_str(&format!(
            "Jürgen{row};Weiß;{mail};privat{row}@example.org;{date};{};{phone};geheim{row};x\n",
            100_000_000_000u64 + u64::from(row)
        ));
    }
    let latin = |c: char| u8::try_from(u32::from(c)).expect("Latin-1");
    text.chars().map(latin).collect()
}

/// A source with this file, in the Mapping tab.
fn on(scene: &mut Scene, name: &str, bytes: impl AsRef<[u8]>) -> SourceId {
    let path = scene.landfall.file(name, bytes);
    let id = scene.add("Trade fair", SourceMode::OneTime);
    let location = Some(Some(path.to_string_lossy().into_owned()));
    scene.stage.desk.store.edit_source(id, &SourceEdit { location, ..SourceEdit::default() }).expect("the source");
    scene.stage.keys("2");
    id
}

fn fair() -> Scene {
    let mut scene = Scene::new();
    on(&mut scene, "trade-fair-2026.csv", awkward());
    scene
}

#[test]
fn columns_with_their_fields_and_the_preview_under_them() {
    let mut scene = fair();
    shown!("mapping-opened", scene.stage);
}
