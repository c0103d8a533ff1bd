//! How the text of one value comes out of the cells of a row: trimmed, transformed, parted, joined. The scan before a
//! start and the rules of values take it from here, so that they cannot disagree about what a row says.

use super::field::{Catalog, Field, Kind};
use super::mapping::{Column, Mapping};
use super::transform::{Case, FindReplace, Split, ValueMap, rewritten};
use super::values::date::DateOrder;
use super::values::list::{self, Separator};
use super::values::number::DecimalMark;
use super::values::option::Declared;
use super::values::person;
use super::values::text::{TEXT_LIMIT, too_long};
use super::values::{clean, clean::trim};
use std::borrow::Cow;

/// One value of a row: the field it is for, and the columns it comes from.
pub struct Intake {
    pub field: Field,
    /// The field's options, ready to be compared with.
    pub declared: Declared,
    pub date_order: Option<DateOrder>,
    pub decimal: Option<DecimalMark>,
    pub separator: Option<Separator>,
    /// The values replace what a list field has.
    pub replace: bool,
    /// Whether an issue of it fails the row.
    pub required: bool,
    /// The place of the column that says in which order its dates are read.
    pub dated_by: usize,
    /// The first one, and those joined to it.
    pieces: Vec<Piece>,
}

/// What one column contributes.
struct Piece {
    place: usize,
    header: String,
    required: bool,
    /// What stands between it and the pieces before it.
    join: String,
    /// None where the cell is taken as it stands, which costs nothing.
    transform: Option<Box<Transform>>,
}

/// What happens to the text of one column.
struct Transform {
    find_replace: Vec<FindReplace>,
    case: Option<Case>,
    values: ValueMap,
    /// Names that a cell of several values is not parted within: the declared ones, and theirs.
    whole: Declared,
    /// The split, and which of its parts this is.
    part: Option<(Split, usize)>,
}

/// The text of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text<'t> {
    Whole(Cow<'t, str>),
    /// The values of a list, parted already because each was looked up by itself.
    Values(Vec<Cow<'t, str>>),
}

impl Text<'_> {
    pub fn is_empty(&self) -> bool {
        match self {
            Text::Whole(text) => text.is_empty(),
            Text::Values(values) => values.is_empty(),
        }
    }
}

/// What a row's cells say of one value.
pub struct Taken<'t> {
    pub text: Text<'t>,
    /// NUL characters were taken out.
    pub had_nul: bool,
    /// Whether the row has a cell of it at all; a short one may not.
    pub is_there: bool,
    /// The column that is marked required and says nothing.
    pub missing: Option<&'t str>,
}

impl Intake {
    /// The values of a mapping that is fitted to a file, in the order of the file's columns. A value of several columns
    /// comes where the one that they are joined to stands.
    pub fn all(mapping: &Mapping, catalog: &Catalog, people: &[String]) -> Vec<Intake> {
        let mut all: Vec<Intake> = Vec::new();
        let columns = || mapping.columns.iter().enumerate();
        for (place, column) in columns().filter(|(_, column)| column.join.is_none()) {
            let whole = column.field.iter().map(|key| (key, None));
            let parts = column.split.iter().flat_map(|split| {
                split.into.iter().enumerate().map(move |(part, key)| (key, Some((split.clone(), part))))
            });
            for (key, part) in whole.chain(parts) {
                let Some(field) = catalog.by_key(key) else { continue };
                all.push(Intake::new(field, column, Piece::new(place, column, field, part, people)));
            }
        }
        for (place, column) in columns().filter(|(_, column)| column.join.is_some()) {
            let Some(field) = column.field.as_deref().and_then(|key| catalog.by_key(key)) else { continue };
            let piece = Piece::new(place, column, field, None, people);
            // A list may have several values to be joined to: the nearest one before it, else the first.
            let of_field = |intake: &&mut Intake| intake.field.id == field.id;
            let before = all.iter_mut().filter(|intake| intake.place() < place).rfind(of_field);
            let joined_to = if before.is_some() { before } else { all.iter_mut().find(of_field) };
            match joined_to {
                Some(intake) => intake.join(column, piece),
                None => all.push(Intake::new(field, column, piece)),
            }
        }
        all.sort_by_key(Intake::place);
        all
    }

    /// Where its first column stands.
    fn place(&self) -> usize {
        self.pieces.first().map_or(0, |piece| piece.place)
    }

    /// Where its columns stand, the first one first.
    pub fn places(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().map(|piece| piece.place)
    }

    /// The value of a constant: it comes from no column.
    pub fn constant(field: &Field) -> Intake {
        Intake { pieces: Vec::new(), ..Intake::of(field, &Column::unmapped(String::new())) }
    }

    fn new(field: &Field, column: &Column, piece: Piece) -> Intake {
        Intake { dated_by: piece.place, pieces: vec![piece], ..Intake::of(field, column) }
    }

    fn of(field: &Field, column: &Column) -> Intake {
        Intake {
            declared: Declared::new(&field.options),
            field: field.clone(),
            date_order: column.date_order,
            decimal: column.decimal,
            separator: column.separator,
            replace: column.replace,
            required: column.required,
            dated_by: 0,
            pieces: Vec::new(),
        }
    }

    /// Of columns that make one value, the first that says how it is written decides.
    fn join(&mut self, column: &Column, piece: Piece) {
        if self.date_order.is_none() && column.date_order.is_some() {
            (self.date_order, self.dated_by) = (column.date_order, piece.place);
        }
        self.decimal = self.decimal.or(column.decimal);
        self.separator = self.separator.or(column.separator);
        self.replace |= column.replace;
        self.required |= column.required;
        self.pieces.push(piece);
    }

    /// What these cells say of the value.
    #[inline]
    pub fn take<'t>(&'t self, cells: &[&'t str]) -> Taken<'t> {
        match &self.pieces[..] {
            [piece] => {
                let cell = cells.get(piece.place).copied();
                let mut had_nul = false;
                let text = piece.text(cell.unwrap_or_default(), self, &mut had_nul);
                let is_missing = piece.required && text.is_empty() && piece.says_nothing(cell.unwrap_or_default());
                let missing = is_missing.then_some(piece.header.as_str());
                Taken { text, had_nul, is_there: cell.is_some(), missing }
            }
            pieces => self.take_joined(pieces, cells),
        }
    }

    /// Whether it is plain that [`Intake::take`] gives a text that is not empty: the cell is taken as it stands and
    /// begins with a letter or digit of ASCII, which trimming leaves. Says no where it is not plain.
    pub fn is_plainly_there(&self, cells: &[&str]) -> bool {
        let [Piece { place, transform: None, .. }] = &self.pieces[..] else { return false };
        cells.get(*place).and_then(|cell| cell.as_bytes().first()).is_some_and(u8::is_ascii_alphanumeric)
    }

    fn take_joined<'t>(&'t self, pieces: &'t [Piece], cells: &[&'t str]) -> Taken<'t> {
        let mut joined = String::new();
        let (mut had_nul, mut is_there, mut missing) = (false, false, None);
        for piece in pieces {
            let cell = cells.get(piece.place).copied();
            is_there |= cell.is_some();
            let text = piece.one_text(cell.unwrap_or_default(), &mut had_nul);
            if text.is_empty() {
                missing = missing.or(piece.required.then_some(piece.header.as_str()));
                continue;
            }
            if !joined.is_empty() {
                joined.push_str(&piece.join);
            }
            joined.push_str(&text);
        }
        Taken { text: Text::Whole(Cow::Owned(joined)), had_nul, is_there, missing }
    }

    /// The cells as they stand in the file; those of columns that are joined with what joins them.
    pub fn raw<'t>(&self, cells: &[&'t str]) -> Cow<'t, str> {
        if let [piece] = &self.pieces[..] {
            return Cow::Borrowed(cells.get(piece.place).copied().unwrap_or_default());
        }
        let mut raw = String::new();
        for piece in &self.pieces {
            let cell = cells.get(piece.place).copied().unwrap_or_default();
            if !raw.is_empty() && !cell.is_empty() {
                raw.push_str(&piece.join);
            }
            raw.push_str(cell);
        }
        Cow::Owned(raw)
    }
}

impl Piece {
    fn new(place: usize, column: &Column, field: &Field, part: Option<(Split, usize)>, people: &[String]) -> Piece {
        let is_plain = column.find_replace.is_empty() && column.case.is_none() && column.values.is_empty();
        let transform = (!is_plain || part.is_some()).then(|| {
            let names = if field.kind == Kind::People { people } else { &field.options };
            let theirs = column.values.keys().map(|theirs| trim(theirs).to_owned());
            Box::new(Transform {
                find_replace: column.find_replace.clone(),
                case: column.case,
                values: ValueMap::new(&column.values),
                whole: Declared::new(&names.iter().cloned().chain(theirs).collect::<Vec<_>>()),
                part,
            })
        });
        Piece {
            place,
            header: column.header.clone(),
            required: column.required,
            join: column.join.clone().unwrap_or_default(),
            transform,
        }
    }

    /// The text of the one column that a value comes from.
    #[inline]
    fn text<'t>(&'t self, cell: &'t str, intake: &Intake, had_nul: &mut bool) -> Text<'t> {
        let value = visible_part(cell, had_nul);
        match &self.transform {
            None => Text::Whole(value),
            Some(transform) => transform.apply(value, intake),
        }
    }

    /// Whether a cell that gives no text says nothing at all: of one that is parted, another part may be there.
    fn says_nothing(&self, cell: &str) -> bool {
        match &self.transform {
            Some(transform) if transform.part.is_some() => {
                transform.looked_up(visible_part(cell, &mut false)).is_empty()
            }
            _ => true,
        }
    }

    /// The text for one of several columns that are joined: its values are looked up as a whole.
    fn one_text<'t>(&'t self, cell: &'t str, had_nul: &mut bool) -> Cow<'t, str> {
        let value = visible_part(cell, had_nul);
        match &self.transform {
            None => value,
            Some(transform) => transform.whole(value),
        }
    }
}

/// The cell without what cannot be seen at its ends, and without NUL characters.
#[inline]
fn visible_part<'t>(cell: &'t str, had_nul: &mut bool) -> Cow<'t, str> {
    let value = trim(cell);
    if !clean::has_nul(value) {
        return Cow::Borrowed(value);
    }
    *had_nul = true;
    Cow::Owned(trim(&clean::without_nul(value)).to_owned())
}

impl Transform {
    fn apply<'t>(&'t self, value: Cow<'t, str>, intake: &Intake) -> Text<'t> {
        let kind = intake.field.kind;
        let has_list =
            matches!(kind, Kind::Tags | Kind::MultipleOptions | Kind::Checkbox | Kind::TextboxList | Kind::People);
        if self.values.is_empty() || self.part.is_some() || !has_list {
            return Text::Whole(self.whole(value));
        }
        let text = self.rewritten(value);
        if text.is_empty() || too_long(&text, TEXT_LIMIT).is_some() {
            return Text::Whole(text);
        }
        if let Some(ours) = self.values.find(&text) {
            return Text::Whole(Cow::Borrowed(trim(ours)));
        }
        let separator = if kind == Kind::People { Some(person::separator_of(&text)) } else { intake.separator };
        let parts = list::parts(&text, &self.whole, separator);
        let ours = parts.into_iter().map(|part| match self.values.find(part) {
            Some(ours) => Cow::Borrowed(trim(ours)),
            None => Cow::Owned(part.to_owned()),
        });
        Text::Values(ours.filter(|value: &Cow<'_, str>| !value.is_empty()).collect())
    }

    /// The text as one value, or the part of it that this is.
    fn whole<'t>(&'t self, value: Cow<'t, str>) -> Cow<'t, str> {
        match (&self.part, self.looked_up(value)) {
            (None, text) => text,
            (Some((split, part)), Cow::Borrowed(text)) => Cow::Borrowed(trim(split.part(text, *part))),
            (Some((split, part)), Cow::Owned(text)) => Cow::Owned(trim(split.part(&text, *part)).to_owned()),
        }
    }

    /// The text of the whole cell.
    fn looked_up<'t>(&'t self, value: Cow<'t, str>) -> Cow<'t, str> {
        let text = self.rewritten(value);
        match self.values.find(&text).filter(|_| !text.is_empty()) {
            Some(ours) => Cow::Borrowed(trim(ours)),
            None => text,
        }
    }

    /// Found and replaced, in its case, trimmed.
    fn rewritten<'t>(&self, value: Cow<'t, str>) -> Cow<'t, str> {
        match value {
            Cow::Borrowed(text) => match rewritten(text, &self.find_replace, self.case) {
                Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
                Cow::Owned(text) => Cow::Owned(trim(&text).to_owned()),
            },
            Cow::Owned(text) => Cow::Owned(trim(&rewritten(&text, &self.find_replace, self.case)).to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn catalog() -> Catalog {
        let colours = Field {
            id: crate::domain::field::FieldId(256),
            key: "custom.colours".into(),
            label: "Colours".into(),
            kind: Kind::MultipleOptions,
            role: None,
            mandatory_group: false,
            joins_columns: false,
            synonyms: Vec::new(),
            options: vec!["Light Blue".into(), "Red, dark".into()],
        };
        Catalog::contacts(vec![colours]).unwrap()
    }

    fn pair(find: &str, put: &str) -> FindReplace {
        FindReplace { find: find.to_owned(), put: put.to_owned() }
    }

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(theirs, ours)| ((*theirs).to_owned(), (*ours).to_owned())).collect()
    }

    fn split(at: &str, from_end: bool, into: &[&str]) -> Option<Split> {
        Some(Split { at: at.to_owned(), from_end, into: into.iter().map(|key| (*key).to_owned()).collect() })
    }

    /// Each value of these cells: its field, and its text, or its values with bars between.
    fn taken(columns: Vec<Column>, cells: &[&str]) -> Vec<(String, String)> {
        let mapping = Mapping { columns, ..Mapping::default() };
        let catalog = catalog();
        mapping.check(&catalog).unwrap();
        let people = ["Ann Lee".to_owned(), "Bob Ray".to_owned()];
        let text = |intake: &Intake| match intake.take(cells).text {
            Text::Whole(text) => text.into_owned(),
            Text::Values(values) => values.join("|"),
        };
        Intake::all(&mapping, &catalog, &people).iter().map(|of| (of.field.key.clone(), text(of))).collect()
    }

    fn only(column: Column, cell: &str) -> String {
        let mut all = taken(vec![column], &[cell]);
        assert_eq!(all.len(), 1);
        all.remove(0).1
    }

    #[test]
    fn a_required_column_that_is_parted_misses_nothing_as_long_as_its_cell_says_something() {
        let column = Column {
            split: split(" ", true, &["first_name", "last_name"]),
            values: values(&[("n/a", "")]),
            required: true,
            ..Column::unmapped("Name")
        };
        let mapping = Mapping { columns: vec![column], ..Mapping::default() };
        let all = Intake::all(&mapping, &catalog(), &[]);
        for (cell, missing) in [("Ana Berger", false), ("Madonna", false), (" ", true), ("N/A", true)] {
            assert!(all.iter().all(|intake| intake.take(&[cell]).missing.is_some() == missing), "{cell:?}");
        }
    }

    #[test]
    fn a_cell_is_trimmed_replaced_cased_looked_up_and_trimmed_again() {
        let column = Column {
            find_replace: vec![pair("-", " "), pair("N/A", "")],
            case: Some(Case::Lower),
            values: values(&[("in progress", " Open "), ("gone", "")]),
            ..Column::to("Stage", "status")
        };
        for (cell, want) in [
            (" In-Progress ", "Open"),
            ("IN \u{a0} PROGRESS", "Open"),
            ("N/A", ""),
            ("n/a", "n/a"),
            ("GONE", ""),
            ("Won-", "won"),
            ("a\0b", "ab"),
            ("", ""),
        ] {
            assert_eq!(only(column.clone(), cell), want, "{cell:?}");
        }
    }

    #[test]
    fn the_values_of_a_list_are_looked_up_as_a_whole_and_then_each() {
        let to = |field: &str, pairs| Column { values: values(pairs), ..Column::to("X", field) };
        let tags = to("tags", &[("vip; old", "legacy"), ("vip", "gold, star"), ("new", ""), ("a, b", "ab")]);
        for (cell, want) in [
            ("VIP; Old", "legacy"),
            ("vip; other", "gold, star|other"),
            ("new", ""),
            ("NEW; new", ""),
            ("x, a, b", "x|ab"),
            ("x", "x"),
        ] {
            assert_eq!(only(tags.clone(), cell), want, "{cell:?}");
        }
        let colours = to("custom.colours", &[("navy", "Light Blue"), ("wine", "Red, dark")]);
        assert_eq!(only(colours.clone(), "Navy, red, DARK"), "Light Blue|red, DARK");
        assert_eq!(only(colours, "Navy.Wine"), "Light Blue|Red, dark");
        let followers = to("followers", &[("al", "Ann Lee"), ("Ray, B.", "Bob Ray")]);
        assert_eq!(only(followers, "AL, ray, b., Ann Lee"), "Ann Lee|Bob Ray|Ann Lee");
    }

    #[test]
    fn parts_go_to_their_fields_and_missing_ones_are_empty() {
        let column =
            |from_end| Column { split: split(" ", from_end, &["first_name", "last_name"]), ..Column::unmapped("N") };
        let of = |from_end, cell| {
            let all = taken(vec![column(from_end)], &[cell]);
            (all[0].1.clone(), all[1].1.clone())
        };
        let pair = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        assert_eq!(of(false, "Anna  Maria Berger"), pair("Anna", "Maria Berger"));
        assert_eq!(of(true, "Anna Maria Berger"), pair("Anna Maria", "Berger"));
        assert_eq!((of(false, "Anna"), of(true, "Berger")), (pair("Anna", ""), pair("", "Berger")));
        let dropped = Column { split: split("/", false, &["city", "", "country"]), ..Column::unmapped("P") };
        let all = taken(vec![dropped], &["Rome / Lazio / IT"]);
        assert_eq!(all, [("city".to_owned(), "Rome".to_owned()), ("country".to_owned(), "IT".to_owned())]);
    }

    #[test]
    fn joined_columns_follow_the_one_without_a_join_wherever_it_stands() {
        let joined =
            |header: &str, field: &str, join: &str| Column { join: Some(join.into()), ..Column::to(header, field) };
        let one = |columns: Vec<Column>, cells: &[&str]| {
            let all = taken(columns, cells);
            assert_eq!(all.len(), 1, "{all:?}");
            all[0].1.clone()
        };
        let date_first = vec![Column::to("Day", "created_at"), joined("Time", "created_at", " ")];
        assert_eq!(one(date_first.clone(), &[" 2024-05-01", "10:00 "]), "2024-05-01 10:00");
        assert_eq!(one(date_first.clone(), &["2024-05-01", ""]), "2024-05-01");
        assert_eq!(one(date_first.clone(), &["", "10:00"]), "10:00");
        let turned = date_first.into_iter().rev().collect();
        assert_eq!(one(turned, &["10:00", "2024-05-01"]), "2024-05-01 10:00");
        let all_joined = vec![joined("A", "name", " "), joined("B", "name", "-")];
        assert_eq!(one(all_joined, &["x", "y"]), "x-y");
        let lists = vec![Column::to("A", "tags"), joined("B", "tags", "-"), Column::to("C", "tags")];
        let all = taken(lists, &["a", "b", "c"]);
        assert_eq!(all.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["a-b", "c"]);
    }

    proptest! {
        #[test]
        fn a_column_without_transforms_gives_its_trimmed_cell_and_owns_nothing(cell in any::<String>()) {
            let mapping = Mapping { columns: vec![Column::to("A", "company")], ..Mapping::default() };
            let intakes = Intake::all(&mapping, &catalog(), &[]);
            let cells = [cell.as_str()];
            let taken = intakes[0].take(&cells);
            let want = trim(&trim(&cell).replace('\0', "")).to_owned();
            prop_assert_eq!(&taken.text, &Text::Whole(Cow::Owned(want)));
            prop_assert_eq!(intakes[0].raw(&cells), cell.as_str());
            let is_borrowed = matches!(taken.text, Text::Whole(Cow::Borrowed(_)));
            prop_assert_eq!(is_borrowed, !taken.had_nul);
            prop_assert!(!intakes[0].is_plainly_there(&cells) || !taken.text.is_empty() && taken.is_there);
        }

        #[test]
        fn what_was_split_joins_to_the_text_again(words in prop::collection::vec("[a-z]{1,5}", 2..6), from_end: bool) {
            let text = words.join(" ");
            let column = Column { split: split(" ", from_end, &["first_name", "last_name"]), ..Column::unmapped("N") };
            let parts = taken(vec![column], &[&text]);
            let last = Column { join: Some(" ".into()), ..Column::to("B", "name") };
            let joined = taken(vec![Column::to("A", "name"), last], &[&parts[0].1, &parts[1].1]);
            prop_assert_eq!(&joined[0].1, &text);
        }
    }
}
