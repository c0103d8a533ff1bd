//! The pictures of the README are what the application draws: each is made from the buffer that a terminal would show,
//! and compared with the committed one. `LANDFALL_PICTURES=write cargo test --test pictures` makes them anew.
#[path = "../common/mod.rs"]
mod common;
#[allow(dead_code)] // Of what the tests of the screens use, this uses a part.
#[path = "../screens/scene.rs"]
mod scene;
#[path = "../common/stage.rs"]
mod stage;
mod svg;
mod world;

use ratatui::buffer::Buffer;
use scene::Scene;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const AGAIN: &str = "LANDFALL_PICTURES=write cargo test --test pictures";

/// Larger ones are slow to load beside the text that they belong to.
const MOST_BYTES: usize = 60_000;

/// A picture: its file in `assets/screens`, what it says of itself, columns and lines, the workspace, and the keys that
/// lead to it.
struct Picture {
    name: &'static str,
    title: &'static str,
    size: (u16, u16),
    scene: fn() -> Scene,
    keys: &'static str,
}

macro_rules! pictures {
    ($($name:literal $size:tt $scene:path, $keys:literal: $title:literal;)*) => {
        &[$(Picture { name: $name, title: $title, size: $size, scene: $scene, keys: $keys }),*]
    };
}

const PICTURES: &[Picture] = pictures! {
    "sources" (120, 24) scene::every_status, "": "Data Sources: what needs a person comes first";
    "mapping" (120, 32) world::to_map, "2nn": "Mapping: which column becomes which field";
    "field" (120, 32) world::to_map, "2/Stat<enter><enter>": "Choosing the field of a column";
    "review" (120, 34) world::to_map, "2/Erst<enter>d/Pass<enter>xi": "Review and Confirm: what an import will do";
    "runs" (120, 22) world::lived_in, "3": "Runs: how the rows of each add up";
    "run" (120, 24) world::lived_in, "3<enter>": "One run: why rows failed, were skipped or lost a value";
    "issue" (100, 32) world::lived_in, "3<enter>GH": "What an issue means, why it happens and what to do";
    "row" (100, 22) world::lived_in, "3<enter>rjj<enter>": "One row beside the contact that it became";
    "lookup" (100, 18) world::lived_in, "4ana l": "Lookup: whether a contact is here";
    "picker" (100, 20) scene::with_files, "": "Adding a source: choosing its file";
};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/screens")
}

/// The screen, with the directory of the test told otherwise.
fn told(scene: &Scene) -> Buffer {
    let mut buffer = scene.stage.buffer().clone();
    let dir: Vec<String> = scene.landfall.dir().to_string_lossy().chars().map(String::from).collect();
    for row in buffer.content.chunks_mut(usize::from(buffer.area.width)) {
        let is_dir = |cells: &[ratatui::buffer::Cell]| cells.iter().map(|cell| cell.symbol()).eq(&dir);
        let Some(at) = row.windows(dir.len()).position(is_dir) else { continue };
        let blanks = |cells: &[ratatui::buffer::Cell]| cells.iter().all(|cell| matches!(cell.symbol(), " " | "│"));
        let end = (at + dir.len()..row.len() - 1).find(|end| blanks(&row[*end..end + 2])).unwrap_or(row.len());
        let rest: Vec<String> = row[at + dir.len()..end].iter().map(|cell| cell.symbol().to_owned()).collect();
        let shown = "/srv/drop".chars().map(String::from).chain(rest).chain(std::iter::repeat(" ".to_owned()));
        for (cell, symbol) in row[at..end].iter_mut().zip(shown) {
            cell.set_symbol(&symbol);
        }
    }
    buffer
}

#[test]
fn the_pictures_of_the_readme_are_what_the_application_draws() {
    let write = std::env::var_os("LANDFALL_PICTURES").is_some_and(|value| value == "write");
    let mut stale = Vec::new();
    for Picture { name, title, size, scene, keys } in PICTURES {
        let mut scene = scene();
        scene.stage.resize(size.0, size.1).keys(keys);
        let drawn = svg::picture(&format!("Landfall, {title}"), &told(&scene), scene.stage.cursor());
        assert!(drawn.len() < MOST_BYTES, "{name} has {} bytes", drawn.len());
        let file = directory().join(format!("{name}.svg"));
        if write {
            std::fs::write(&file, &drawn).expect("assets/screens can be written");
        } else if std::fs::read_to_string(&file).ok().as_deref() != Some(&drawn) {
            stale.push(*name);
        }
    }
    assert!(stale.is_empty(), "no longer what is drawn: {}. Make them anew: {AGAIN}", stale.join(", "));
}

#[test]
fn every_picture_is_shown_in_the_readme_and_no_other_lies_about() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    for Picture { name, .. } in PICTURES {
        assert!(readme.contains(&format!("(assets/screens/{name}.svg)")), "{name} is not in the README");
    }
    let names: BTreeSet<String> = PICTURES.iter().map(|picture| format!("{}.svg", picture.name)).collect();
    let lie = std::fs::read_dir(directory()).expect("assets/screens");
    let lie: BTreeSet<String> =
        lie.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(lie, names);
}
