//! What comes after editing: saving the draft, marking it as reviewed, going on to the import, and leaving.

use super::{Editor, Saved, editor, important};
use crate::app::dialog::{Confirm, Dialog, TextLine, Yes};
use crate::app::list::List;
use crate::app::message::{Act, Effect};
use crate::app::numbers::counted;
use crate::app::{App, Effects, import};
use crate::domain::id::SourceId;
use crate::domain::mapping::Mapping;
use std::sync::Arc;

use super::data::MappingToSave;

/// What comes once a draft is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Nothing,
    Review,
    Import,
}

/// Whether there is anything to save.
pub(super) fn can_save(app: &App) -> bool {
    app.can_change() && app.mapping.saving.is_none() && editor(app).is_some_and(|editor| editor.draft.is_changed())
}

pub(super) fn save(app: &mut App, then: Then, fx: &mut Effects) {
    let Some(editor) = editor(app) else { return };
    let to_save = MappingToSave { source: editor.source(), name: None, mapping: editor.draft.mapping().clone() };
    let act = Act::SaveMapping(Box::new(to_save));
    if let Some(theirs) = &editor.meanwhile {
        let lines = vec![
            TextLine::Plain(format!(
                "{} saved version {} of {} while you were editing the one before.",
                theirs.by, theirs.version, theirs.name,
            )),
            TextLine::Plain("Yours becomes the newest version. Theirs stays in the list of versions (m).".to_owned()),
        ];
        let title = "Save over somebody else's version?".to_owned();
        app.open(Dialog::Confirm(Confirm {
            title,
            lines,
            yes: "Save mine".to_owned(),
            act: act.into(),
            chosen: false,
            list: List::default(),
        }));
        app.mapping.if_confirmed = Some(then);
        return;
    }
    app.mapping.saving = Some(then);
    fx.push(Effect::Do(act));
}

/// A draft was saved.
pub(in crate::app) fn saved(
    app: &mut App,
    source: SourceId,
    mapping: &Arc<Mapping>,
    saved: Saved,
    remark: Option<String>,
    fx: &mut Effects,
) {
    let remark = remark.map(|remark| format!(" {remark}")).unwrap_or_default();
    app.say(format!("Saved as {}, version {}.{remark}", saved.name, saved.version));
    let all = app.mapping.editor.as_deref_mut().into_iter().chain(&mut app.mapping.others);
    for editor in all.filter(|editor| editor.source() == source) {
        editor.draft.saved_as(mapping.clone());
        editor.opened.mapping = Mapping::clone(mapping);
        (editor.opened.saved, editor.opened.reviewed, editor.meanwhile) = (Some(saved.clone()), None, None);
    }
    app.mapping.others.retain(|editor| editor.draft.is_unsaved());
    let if_confirmed = app.mapping.if_confirmed.take();
    match app.mapping.saving.take().or(if_confirmed).filter(|_| editor(app).map(Editor::source) == Some(source)) {
        Some(Then::Review) => ask_review(app),
        Some(Then::Import) => to_import(app, fx),
        Some(Then::Nothing) | None => {}
    }
}

/// A draft could not be saved: what was to come then does not.
pub(in crate::app) fn not_saved(app: &mut App) {
    app.mapping.saving = None;
}

/// Whether the mapping, once saved, can be marked as reviewed.
pub(super) fn can_review(app: &App) -> bool {
    let has_columns = |editor: &Editor| !editor.draft.mapping().columns.is_empty();
    let needs =
        |editor: &Editor| has_columns(editor) && (editor.draft.is_changed() || editor.opened.reviewed.is_none());
    app.can_change() && app.mapping.saving.is_none() && editor(app).is_some_and(needs)
}

/// Marks the mapping as reviewed, after a question. What is changed is saved first.
pub(super) fn review(app: &mut App, fx: &mut Effects) {
    if editor(app).is_some_and(|editor| editor.draft.is_changed() || editor.opened.saved.is_none()) {
        save(app, Then::Review, fx);
    } else {
        ask_review(app);
    }
}

fn ask_review(app: &mut App) {
    let Some(editor) = editor(app) else { return };
    let Some(saved) = &editor.opened.saved else { return };
    let mapping = editor.draft.mapping();
    let mapped = mapping.columns.iter().filter(|column| column.targets().next().is_some()).count() as u64;
    let left_out = mapping.columns.len() as u64 - mapped;
    let important = important(mapping, &editor.opened.catalog);
    let missing: Vec<&str> =
        important.into_iter().filter(|(_, columns)| columns.is_empty()).map(|(what, _)| what).collect();
    let mut lines = vec![
        TextLine::Plain(format!(
            "{} of {} for fields, {} not imported. You confirm that you looked at each of them.",
            counted(mapped, "column", "columns"),
            editor.opened.source_name,
            counted(left_out, "is", "are"),
        )),
        TextLine::Plain("Nothing is imported by this, and when the mapping changes, the mark is gone.".to_owned()),
    ];
    let doubts = editor.preview.iter().flat_map(|preview| &preview.doubts).take(4);
    let doubts: Vec<TextLine> = doubts.map(|(_, text)| TextLine::Error(text.clone())).collect();
    if !missing.is_empty() {
        lines.push(TextLine::Empty);
        lines.push(TextLine::Error(format!("Not mapped: {}.", missing.join(", "))));
    }
    lines.extend(doubts);
    let confirm = Confirm {
        title: format!("Mark {}, version {}, as reviewed?", saved.name, saved.version),
        lines,
        yes: "Mark it".to_owned(),
        act: Act::ReviewMapping(editor.source(), (saved.name.clone(), saved.version)).into(),
        chosen: false,
        list: List::default(),
    };
    app.open(Dialog::Confirm(confirm));
}

/// Whether an import can be begun from here.
pub(super) fn can_import(app: &App) -> bool {
    app.can_change() && app.mapping.saving.is_none() && editor(app).is_some_and(|editor| editor.opened.file.is_some())
}

/// Goes on to the import of the file that is open. What is changed is saved first.
pub(super) fn import(app: &mut App, fx: &mut Effects) {
    if editor(app).is_some_and(|editor| editor.draft.is_changed()) {
        save(app, Then::Import, fx);
    } else {
        to_import(app, fx);
    }
}

fn to_import(app: &mut App, fx: &mut Effects) {
    let Some(editor) = editor(app) else { return };
    let (source, name) = (editor.source(), editor.opened.source_name.clone());
    let file = editor.opened.file.as_ref().map(|file| file.path.clone());
    import::open_mapped(app, source, name, file, fx);
}

/// The names of the sources whose drafts would be lost.
pub fn unsaved(app: &App) -> Vec<&str> {
    let all = app.mapping.editor.as_deref().into_iter().chain(&app.mapping.others);
    all.filter(|editor| editor.draft.is_unsaved()).map(|editor| editor.opened.source_name.as_str()).collect()
}

/// Asks before drafts are lost; what is then done is `yes`. Without any it is done at once.
pub(in crate::app) fn leave(app: &mut App, title: &str, label: &str, yes: Yes, fx: &mut Effects) {
    let names = unsaved(app);
    if names.is_empty() {
        fx.push(match yes {
            Yes::Do(act) => Effect::Do(act),
            Yes::Leave => Effect::Quit,
        });
        return;
    }
    let number = counted(names.len() as u64, "mapping is", "mappings are");
    let lines = vec![
        TextLine::Plain(format!("{number} changed and not saved; the changes would be lost:")),
        TextLine::Strong(names.join(", ")),
        TextLine::Empty,
        TextLine::Dim("To keep them: no, then 2 for the Mapping tab, and s to save.".to_owned()),
    ];
    let confirm = Confirm {
        title: title.to_owned(),
        lines,
        yes: label.to_owned(),
        act: yes,
        chosen: false,
        list: List::default(),
    };
    app.open(Dialog::Confirm(confirm));
}
