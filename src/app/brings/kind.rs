//! What kind of source is added: a file that somebody has, or one of those that bring their own files.

use crate::app::dialog::Dialog;
use crate::app::keys::{Binding, Scope, always, binding};
use crate::app::list::List;
use crate::app::{App, Effects, picker, source_form};
use crate::domain::source::Connection;

/// Kinds of sources that bring their own files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Dir,
    Sftp,
    Drop,
}

impl Kind {
    pub fn of(connection: &Connection) -> Kind {
        match connection {
            Connection::Dir(_) => Kind::Dir,
            Connection::Sftp(_) => Kind::Sftp,
            Connection::Drop(_) => Kind::Drop,
        }
    }

    /// As titles call it.
    pub fn title(self) -> &'static str {
        match self {
            Kind::Dir => "a directory",
            Kind::Sftp => "an SFTP server",
            Kind::Drop => "a drop on this host",
        }
    }
}

/// An entry of the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindEntry {
    pub key: &'static str,
    pub label: &'static str,
    pub note: &'static str,
    /// None is a file.
    pub kind: Option<Kind>,
}

/// What can be chosen.
pub const ENTRIES: [KindEntry; 4] = [
    KindEntry { key: "f", label: "A file", note: "You have it, and hand it over when there is another.", kind: None },
    KindEntry {
        key: "d",
        label: "A directory",
        note: "Somebody puts files into a directory of this host, local or mounted.",
        kind: Some(Kind::Dir),
    },
    KindEntry {
        key: "s",
        label: "An SFTP server",
        note: "Files wait on somebody's server; Landfall logs in and fetches them.",
        kind: Some(Kind::Sftp),
    },
    KindEntry {
        key: "h",
        label: "A drop on this host",
        note: "The upstream uploads to this host's own sshd, with its key.",
        kind: Some(Kind::Drop),
    },
];

macro_rules! key {
    ($($rest:tt)*) => {
        binding!(Scope::SourceKind, $($rest)*)
    };
}

pub(in crate::app) const KEYS: &[Binding] = &[
    key!(&["<enter>"], "choose", 1, "Take the selected kind", always, |app, fx| {
        if let Some(Dialog::SourceKind(list)) = app.dialogs.last() {
            let place = list.selected;
            take(app, place, fx);
        }
    }),
    key!(&["f"], "", 5, "Add a file that you have", always, |app, fx| take(app, 0, fx)),
    key!(&["d"], "", 5, "Add a directory that is looked into", always, |app, fx| take(app, 1, fx)),
    key!(&["s"], "", 5, "Add a directory on an SFTP server", always, |app, fx| take(app, 2, fx)),
    key!(&["h"], "", 5, "Add a drop on this host that the upstream uploads to", always, |app, fx| take(app, 3, fx)),
];

/// Asks which kind.
pub(in crate::app) fn open(app: &mut App) {
    app.open(Dialog::SourceKind(List::default()));
}

fn take(app: &mut App, place: usize, fx: &mut Effects) {
    let Some(entry) = ENTRIES.get(place) else { return };
    app.dialogs.pop();
    match entry.kind {
        None => picker::open(app, picker::Purpose::AddSource, fx),
        Some(kind) => source_form::add_bringing(app, kind),
    }
}
