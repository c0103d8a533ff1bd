//! The options of a column: those that make sense for the field that it goes to, each with what it does to real values.

use super::asking::{Choice, ChoiceEntry};
use super::data::ProblemKind;
use super::dialogs::{self, MappingDialog};
use super::sample::{self, Sample};
use super::{Editor, editor, replacements, split, value_map};
use crate::app::keys::{Binding, Scope, always};
use crate::app::list::List;
use crate::app::numbers::counted;
use crate::app::{App, Effects};
use crate::domain::field::{Field, Kind};
use crate::domain::mapping::Column;
use crate::domain::transform::{Case, FindReplace};
use crate::domain::values::date::DateOrder;
use crate::domain::values::list::Separator;
use crate::domain::values::number::DecimalMark;

/// The state of the dialog.
#[derive(Debug, Clone)]
pub struct Options {
    /// Place of the column.
    pub column: usize,
    /// The options that it can have.
    pub items: Vec<Item>,
    pub list: List,
}

/// An option of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    Required,
    DateOrder,
    Decimal,
    Separator,
    Replace,
    FindReplace,
    Case,
    Values,
    Join,
    Split,
}

impl Item {
    pub fn label(self) -> &'static str {
        match self {
            Item::Required => "Required",
            Item::DateOrder => "Date order",
            Item::Decimal => "Decimal mark",
            Item::Separator => "List separator",
            Item::Replace => "Replace or add",
            Item::FindReplace => "Find and replace",
            Item::Case => "Letter case",
            Item::Values => "Value map",
            Item::Join => "Join",
            Item::Split => "Split",
        }
    }

    /// What it does, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Item::Required => "With yes, an issue in this column fails its row, and so does an empty cell.",
            Item::DateOrder => "Dates such as 06/05/2024 are read with this part first.",
            Item::Decimal => "What stands before the fraction of a number.",
            Item::Separator => "What stands between the values of a cell; if not said, each cell tells by what it has.",
            Item::Replace => "Whether the values replace what a contact has in the field, or are added to it.",
            Item::FindReplace => "Puts one text in the place of another, before the cell is read.",
            Item::Case => "Brings the text to one letter case.",
            Item::Values => "Says which of ours their values mean: options, people, statuses.",
            Item::Join => "Joins the text to that of the columns before it that go to the same field.",
            Item::Split => "Splits the cell; each part goes to a field of its own.",
        }
    }
}

pub(crate) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Mapping,
        keys: &["t"],
        hint: "options",
        help: "Show the options of the selected column",
        priority: 4,
        when: |app| editor(app).is_some_and(|editor| !items(editor, editor.list.selected).is_empty()),
        run: |app, _| open(app),
    },
    Binding {
        scope: Scope::ColumnOptions,
        keys: &["<enter>", "<space>"],
        hint: "change",
        help: "Change the selected option",
        priority: 1,
        when: always,
        run: change,
    },
    Binding {
        scope: Scope::ColumnOptions,
        keys: &["<bs>", "<del>", "x"],
        hint: "take away",
        help: "Take the selected option away",
        priority: 3,
        when: |app| selected(app).is_some_and(|(column, item)| is_set(&column, item)),
        run: take_away,
    },
];

/// Opens the options of the selected column.
pub(super) fn open(app: &mut App) {
    let Some(editor) = editor(app) else { return };
    let column = editor.list.selected;
    let items = items(editor, column);
    dialogs::open(app, MappingDialog::Options(Options { column, items, list: List::default() }));
}

/// The fields that a column goes to.
fn fields<'e>(editor: &'e Editor, column: &'e Column) -> impl Iterator<Item = &'e Field> {
    column.targets().filter_map(|key| editor.opened.catalog.by_key(key))
}

/// The options that make sense for a column.
pub fn items(editor: &Editor, place: usize) -> Vec<Item> {
    let columns = &editor.draft.mapping().columns;
    let Some(column) = columns.get(place).filter(|column| !column.leave_out) else { return Vec::new() };
    let has = |kinds: &[Kind]| fields(editor, column).any(|field| kinds.contains(&field.kind));
    let is_text = fields(editor, column).any(|field| takes_any_text(field) && field.options.is_empty());
    let is_mapped = fields(editor, column).next().is_some();
    let follows = columns[..place].iter().any(|before| before.field.is_some() && before.field == column.field);
    let is_many = column.field.as_ref().and_then(|key| editor.opened.catalog.by_key(key));
    let is_many = is_many.is_some_and(|field| field.kind.is_many());
    let is_id = has(&[Kind::ContactId]);
    let possible = [
        (Item::Required, is_mapped),
        (Item::DateOrder, has(&[Kind::Date, Kind::DateTime])),
        (Item::Decimal, has(&[Kind::Number, Kind::Money])),
        (Item::Separator, has(&[Kind::MultipleOptions, Kind::Checkbox, Kind::TextboxList, Kind::Tags])),
        (Item::Replace, is_many),
        (Item::Values, fields(editor, column).any(|field| can_be_translated(field.kind)) && column.split.is_none()),
        (Item::FindReplace, is_mapped && !is_id),
        (Item::Case, is_text),
        (Item::Join, follows && !is_many),
        (Item::Split, !is_id),
    ];
    possible.into_iter().filter(|(_, is_possible)| *is_possible).map(|(item, _)| item).collect()
}

/// Whether letter case says anything in the field.
fn takes_any_text(field: &Field) -> bool {
    use Kind::*;
    matches!(
        field.kind,
        Text | LongText | Url | Tags | TextboxList | SingleOption | Radio | MultipleOptions | Checkbox | Reference
    )
}

/// Whether values of the kind are names of something.
fn can_be_translated(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        SingleOption
            | Radio
            | MultipleOptions
            | Checkbox
            | TextboxList
            | Tags
            | Person
            | People
            | YesNo
            | TimeZone
            | Country
            | Text
            | LongText
    )
}

/// An option of a column in words.
pub fn value(column: &Column, item: Item, label: &dyn Fn(&str) -> String) -> String {
    let of = |is: bool, yes: &str, no: &str| if is { yes.to_owned() } else { no.to_owned() };
    match item {
        Item::Required => of(column.required, "yes", "no"),
        Item::DateOrder => order_in_words(column.date_order).to_owned(),
        Item::Decimal => mark_in_words(column.decimal).to_owned(),
        Item::Separator => separator_in_words(column.separator).to_owned(),
        Item::Replace => of(column.replace, "replaces what is there", "adds to what is there"),
        Item::FindReplace => match column.find_replace.as_slice() {
            [] => "nothing".to_owned(),
            [one] => replacement_in_words(one),
            [one, rest @ ..] => format!("{}, and {} more", replacement_in_words(one), rest.len()),
        },
        Item::Case => case_in_words(column.case).to_owned(),
        Item::Values => match column.values.len() {
            0 => "none".to_owned(),
            values => counted(values as u64, "value", "values"),
        },
        Item::Join => column.join.as_ref().map_or("no".to_owned(), |between| format!("with {}", quoted(between))),
        Item::Split => match &column.split {
            None => "no".to_owned(),
            Some(split) => {
                let part = |key: &String| if key.is_empty() { "–".to_owned() } else { label(key) };
                let parts: Vec<String> = split.into.iter().map(part).collect();
                format!("at {} into {}", quoted(&split.at), parts.join(", "))
            }
        },
    }
}

/// A text with its ends to be seen; what cannot be seen by its name.
pub fn quoted(text: &str) -> String {
    match text {
        " " => "a space".to_owned(),
        "\n" => "a line break".to_owned(),
        "" => "nothing between".to_owned(),
        text => format!("“{text}”"),
    }
}

fn replacement_in_words(pair: &FindReplace) -> String {
    match pair.put.as_str() {
        "" => format!("{} is taken out", quoted(&pair.find)),
        put => format!("{} → {}", quoted(&pair.find), quoted(put)),
    }
}

const fn order_in_words(order: Option<DateOrder>) -> &'static str {
    match order {
        None => "not said",
        Some(DateOrder::DayFirst) => "day first",
        Some(DateOrder::MonthFirst) => "month first",
    }
}

const fn mark_in_words(mark: Option<DecimalMark>) -> &'static str {
    match mark {
        None => "not said: a point",
        Some(DecimalMark::Point) => "a point: 1.5",
        Some(DecimalMark::Comma) => "a comma: 1,5",
    }
}

const fn separator_in_words(separator: Option<Separator>) -> &'static str {
    match separator {
        None => "not said",
        Some(Separator::Semicolon) => "semicolon ;",
        Some(Separator::Comma) => "comma ,",
        Some(Separator::Period) => "period .",
    }
}

const fn case_in_words(case: Option<Case>) -> &'static str {
    match case {
        None => "as it is",
        Some(Case::Upper) => "UPPER CASE",
        Some(Case::Lower) => "lower case",
        Some(Case::Title) => "Each Word With A Capital",
    }
}

/// Whether an option says something else than without it.
fn is_set(column: &Column, item: Item) -> bool {
    let mut without = column.clone();
    clear(&mut without, item);
    without != *column
}

fn clear(column: &mut Column, item: Item) {
    match item {
        Item::Required => column.required = false,
        Item::DateOrder => column.date_order = None,
        Item::Decimal => column.decimal = None,
        Item::Separator => column.separator = None,
        Item::Replace => column.replace = false,
        Item::FindReplace => column.find_replace.clear(),
        Item::Case => column.case = None,
        Item::Values => column.values.clear(),
        Item::Join => column.join = None,
        Item::Split => column.split = None,
    }
}

/// What of the file speaks for an option.
pub fn evidence(editor: &Editor, place: usize, item: Item) -> Option<String> {
    let profile = editor.profile.as_ref()?;
    let problems = &profile.columns.get(place)?.problems;
    problems.iter().find_map(|problem| {
        let row = problem.rows.first().map(|row| format!("row {}: {}", row.row, row.value)).unwrap_or_default();
        let dates = counted(problem.count, "date", "dates");
        match (item, problem.what) {
            (Item::DateOrder, ProblemKind::DayFirst) => {
                Some(format!("{row} can only be day first, and no date only month first"))
            }
            (Item::DateOrder, ProblemKind::MixedOrder) => {
                Some(format!("{row} can only be day first, others only month first"))
            }
            (Item::DateOrder, ProblemKind::AssumedOrder) => {
                Some(format!("{dates} fit both orders, such as {row}: month first is assumed"))
            }
            (Item::Values, ProblemKind::NotDeclared(_)) => {
                Some(format!("{} no declared one, such as {row}", counted(problem.count, "value is", "values are")))
            }
            _ => None,
        }
    })
}

/// What the column's options make of its values, as they are in the draft.
pub fn samples(editor: &Editor, place: usize) -> Vec<Sample> {
    editor.draft.mapping().columns.get(place).map(|column| sample::samples(editor, place, column)).unwrap_or_default()
}

fn options(app: &App) -> Option<&Options> {
    // The choice, or what else was opened from it, was closed before what it came to is taken over.
    match dialogs::top(app) {
        Some(MappingDialog::Options(options)) => Some(options),
        _ => None,
    }
}

/// The column of the open options, and the option that is selected.
fn selected(app: &App) -> Option<(Column, Item)> {
    let options = options(app)?;
    let item = *options.items.get(options.list.selected)?;
    Some((column_at(app, options.column)?, item))
}

pub(super) fn column_at(app: &App, place: usize) -> Option<Column> {
    editor(app)?.draft.mapping().columns.get(place).cloned()
}

/// Edits the column at a place, and what the options dialog lists.
pub(super) fn edit_column(app: &mut App, place: usize, what: &str, change: impl FnOnce(&mut Column), fx: &mut Effects) {
    let Some(header) = column_at(app, place).map(|column| column.header) else { return };
    let change = |mapping: &mut crate::domain::mapping::Mapping| {
        if let Some(column) = mapping.columns.get_mut(place) {
            change(column);
        }
    };
    super::edit(app, format!("{what} of {header}"), change, fx);
    renew(app);
}

/// The options that the column can have now.
fn renew(app: &mut App) {
    let Some(place) = options(app).map(|options| options.column) else { return };
    let Some(items) = editor(app).map(|editor| items(editor, place)) else { return };
    if let Some(MappingDialog::Options(options)) = dialogs::top_mut(app) {
        let was = options.items.get(options.list.selected).copied();
        let at = items.iter().position(|item| Some(*item) == was);
        options.list.selected = at.unwrap_or(options.list.selected.min(items.len().saturating_sub(1)));
        options.items = items;
    }
}

fn take_away(app: &mut App, fx: &mut Effects) {
    let (Some((_, item)), Some(place)) = (selected(app), options(app).map(|options| options.column)) else { return };
    edit_column(app, place, item.label(), |column| clear(column, item), fx);
}

/// An entry of a choice, with what it makes of the first value that it makes something else of.
fn entry(app: &App, place: usize, value: &str, label: &str, change: impl FnOnce(&mut Column)) -> ChoiceEntry {
    let note = editor(app).zip(column_at(app, place)).and_then(|(editor, mut column)| {
        change(&mut column);
        let samples = sample::samples(editor, place, &column);
        let changed = samples.iter().find(|sample| sample.is_problem || sample.before != sample.after);
        changed.or(samples.first()).map(|sample| match sample.is_problem {
            true => format!("{} cannot be read", sample.before),
            false => format!("{} → {}", sample.before, sample.after),
        })
    });
    ChoiceEntry::new(value, label, note.unwrap_or_default())
}

fn change(app: &mut App, fx: &mut Effects) {
    let Some((column, item)) = selected(app) else { return };
    let Some(place) = options(app).map(|options| options.column) else { return };
    let title = format!("{} of {}", item.label(), column.header);
    match item {
        Item::Required => edit_column(app, place, "Required", |column| column.required ^= true, fx),
        Item::Replace => edit_column(app, place, "Replace or add", |column| column.replace ^= true, fx),
        Item::DateOrder => {
            let orders = [None, Some(DateOrder::DayFirst), Some(DateOrder::MonthFirst)];
            let note = editor(app).and_then(|editor| evidence(editor, place, item));
            let entry = |order| {
                entry(app, place, order_in_words(order), order_in_words(order), |column| column.date_order = order)
            };
            let choice = Choice::new(title, orders.map(entry).into(), |app, value, fx| {
                let orders = [None, Some(DateOrder::DayFirst), Some(DateOrder::MonthFirst)];
                let chosen = orders.into_iter().find(|order| order_in_words(*order) == value).flatten();
                set(app, |column| column.date_order = chosen, fx);
            });
            choice.note(note.unwrap_or_default()).at(order_in_words(column.date_order)).open(app);
        }
        Item::Decimal => {
            let marks = [None, Some(DecimalMark::Point), Some(DecimalMark::Comma)];
            let entry =
                |mark| entry(app, place, mark_in_words(mark), mark_in_words(mark), |column| column.decimal = mark);
            let choice = Choice::new(title, marks.map(entry).into(), |app, value, fx| {
                let marks = [None, Some(DecimalMark::Point), Some(DecimalMark::Comma)];
                let chosen = marks.into_iter().find(|mark| mark_in_words(*mark) == value).flatten();
                set(app, |column| column.decimal = chosen, fx);
            });
            choice.at(mark_in_words(column.decimal)).open(app);
        }
        Item::Separator => {
            let all = [None, Some(Separator::Semicolon), Some(Separator::Comma), Some(Separator::Period)];
            let entry = |separator| {
                let label = separator_in_words(separator);
                entry(app, place, label, label, |column| column.separator = separator)
            };
            let choice = Choice::new(title, all.map(entry).into(), |app, value, fx| {
                let all = [None, Some(Separator::Semicolon), Some(Separator::Comma), Some(Separator::Period)];
                let chosen = all.into_iter().find(|separator| separator_in_words(*separator) == value).flatten();
                set(app, |column| column.separator = chosen, fx);
            });
            choice.at(separator_in_words(column.separator)).open(app);
        }
        Item::Case => {
            let all = || std::iter::once(None).chain(Case::ALL.map(Some));
            let entry = |case| entry(app, place, case_in_words(case), case_in_words(case), |column| column.case = case);
            let choice = Choice::new(title, all().map(entry).collect(), |app, value, fx| {
                let mut all = std::iter::once(None).chain(Case::ALL.map(Some));
                let chosen = all.find(|case| case_in_words(*case) == value).flatten();
                set(app, |column| column.case = chosen, fx);
            });
            choice.at(case_in_words(column.case)).open(app);
        }
        Item::Join => {
            let between = [" ", ", ", " - ", "\n", ""];
            let mut entries = vec![ChoiceEntry::new("no", "not joined", "the field then takes one column only")];
            entries.extend(between.map(|text| ChoiceEntry::new(format!("={text}"), quoted(text), "")));
            let choice = Choice::new(title, entries, |app, value, fx| {
                // What is typed stands for itself; entries of the list are marked.
                let between = (value != "no").then(|| value.strip_prefix('=').unwrap_or(value).to_owned());
                set(app, |column| column.join = between, fx);
            });
            let at = column.join.as_ref().map_or("no".to_owned(), |text| format!("={text}"));
            choice.note("What stands between the texts.").typed_first("joined with this").at(&at).open(app);
        }
        Item::FindReplace => {
            replacements::open(app, place, column.find_replace.len());
        }
        Item::Values => value_map::open(app, place),
        Item::Split => split::open(app, place),
    }
}

/// Takes over what was chosen for the selected option.
fn set(app: &mut App, change: impl FnOnce(&mut Column), fx: &mut Effects) {
    let (Some((_, item)), Some(place)) = (selected(app), options(app).map(|options| options.column)) else { return };
    edit_column(app, place, item.label(), change, fx);
}
