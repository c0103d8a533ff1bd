//! Every screen and state, from a string of keys to a picture. One file a tab.
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/sshd.rs"]
mod sshd;
#[path = "../common/stage.rs"]
mod stage;

/// Both sizes that every screen is looked at in.
macro_rules! shown {
    ($name:literal, $stage:expr) => {{
        let stage = &mut $stage;
        stage.resize(80, 24);
        insta::assert_snapshot!(concat!($name, "-80x24"), stage.text());
        stage.resize(120, 36);
        insta::assert_snapshot!(concat!($name, "-120x36"), stage.text());
        stage.resize(80, 24);
    }};
}
mod arrivals;
mod bringing;
mod confirm;
mod drops;
mod everywhere;
mod first_file;
mod guide;
mod help_pages;
mod lookup;
mod mapping;
mod mapping_dialogs;
mod mapping_file_dialogs;
mod runs;
mod scene;
mod sources;
mod tour;
