//! What happens in a workspace: imports and deletions, made up at random.

use landfall::domain::mapping::{Column, Constant, Mapping};
use landfall::domain::run::Mode;
use landfall::domain::settings::MatchOn;
use landfall::domain::transform::{Case, FindReplace, Split};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::fmt::{self, Write};

/// Things that happen one after the other.
#[derive(Debug, Clone)]
pub enum Step {
    Import(Import),
    /// The contact of this number is deleted, if there is one.
    Delete(u64),
}

/// One import: a file, and what was asked for.
#[derive(Clone)]
pub struct Import {
    pub source: &'static str,
    pub mode: Mode,
    /// None: duplicates are allowed.
    pub match_on: Option<MatchOn>,
    pub clear_empty: bool,
    pub recreate_deleted: bool,
    pub filters: Vec<Filter>,
    pub since: Option<&'static str>,
    pub tags: Vec<String>,
    pub sample: Option<u64>,
    /// In the file's order.
    pub columns: Vec<FileColumn>,
    /// Field and value that every row gets.
    pub constants: Vec<(&'static str, &'static str)>,
    pub lines: Vec<Line>,
    pub crlf: bool,
}

/// A column of the file, and what the mapping says of it.
#[derive(Debug, Clone, Copy)]
pub struct FileColumn {
    pub header: &'static str,
    /// Key of the field that it is mapped to.
    pub field: Option<&'static str>,
    pub required: bool,
    pub replace: bool,
    pub twist: Twist,
    pub join: Option<&'static str>,
    pub split: Option<Parts>,
}

impl FileColumn {
    /// A column that goes to this field, with nothing special.
    pub fn to(header: &'static str, field: &'static str) -> FileColumn {
        let (twist, join, split) = (Twist::None, None, None);
        FileColumn { header, field: Some(field), required: false, replace: false, twist, join, split }
    }
}

/// What a column does to the text of its cells.
#[derive(Debug, Clone, Copy)]
pub enum Twist {
    None,
    /// What is found, and what is put there.
    Replace(&'static [(&'static str, &'static str)]),
    Case(Case),
    /// Theirs, and ours.
    Values(&'static [(&'static str, &'static str)]),
}

const TWISTS: [Twist; 8] = [
    Twist::Replace(&[("@x.com", "@y.com"), ("212", "213")]),
    Twist::Replace(&[("a", ""), ("R", "Q"), ("  ", " ")]),
    Twist::Replace(&[("vip", " "), ("soon", "2024-02-02"), ("never", "")]),
    Twist::Case(Case::Upper),
    Twist::Case(Case::Lower),
    Twist::Case(Case::Title),
    Twist::Values(&[("VIP", "gold"), ("new", ""), ("open", "closed"), ("acme", "Globex"), ("red", "Blue")]),
    Twist::Values(&[("ANN", ""), ("r1", "R2"), ("nobody", "b@x.com"), ("late", "vip"), ("mauve", "green")]),
];

/// Where a column is parted, from which end, and where its parts go.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    pub at: &'static str,
    pub from_end: bool,
    pub into: &'static [&'static str],
}

const PLACES: [Parts; 3] = [
    Parts { at: ", ", from_end: false, into: &["city", "region"] },
    Parts { at: ", ", from_end: true, into: &["city", "region"] },
    Parts { at: " ", from_end: false, into: &["city", "", "region"] },
];

/// A line of the file after its header.
#[derive(Debug, Clone)]
pub enum Line {
    /// As many cells as there are columns, or fewer, or more. `{3}` stands for the Contact ID of contact 3.
    Cells(Vec<String>),
    Blank(&'static str),
}

/// A condition, as text and as what the model makes of it.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    pub text: &'static str,
    pub field: &'static str,
    pub test: Test,
}

#[derive(Debug, Clone, Copy)]
pub enum Test {
    Is(&'static str),
    IsNot(&'static str),
    Contains(&'static str),
    In(&'static [&'static str]),
    AtLeast(&'static str),
    Empty,
    Set,
}

/// Header, field and what its cells hold.
type Kind = (&'static str, &'static str, &'static [&'static str]);

/// Every column that a file may have. Where many cells are to be empty, `""` is there often.
const COLUMNS: [Kind; 19] = [
    ("Ref", "source_ref", &["", "", "R1", "R2", "R3", "R4", " R1 ", "r1"]),
    (
        "Contact ID",
        "contact_id",
        &["", "", "", "", "", "", "", "", "", "{1}", "{2}", "{3}", "{4}", "{30}", "{elsewhere}", "1042"],
    ),
    ("Name", "name", &["", "Ann", "Bob Lee", "Cy", "\u{200b}"]),
    ("First", "first_name", &["", "", "", "Ann", "Dee"]),
    ("First too", "first_name", &["", "", "", "Maria", "\u{200b}"]),
    ("Place", "city", &["", "", "Rome, Lazio", "Rome", "Bath, Somerset, UK", ", Lazio"]),
    (
        "Email",
        "email",
        &[
            "",
            "",
            "a@x.com",
            "A@X.com",
            "b@x.com",
            "c@x.com",
            "d@x.com",
            "nobody",
            "a@x.com, c@x.com",
            "mailto:b@x.com",
        ],
    ),
    ("More emails", "additional_emails", &["", "", "", "e@x.com", "E@x.com; f@x.com", "no", "a@x.com"]),
    (
        "Phone",
        "phone",
        &[
            "",
            "",
            "",
            "+12125550101",
            "(212) 555-0101",
            "+12125550102",
            "+12125550103",
            "12",
            "+12125550102; +12125550104",
        ],
    ),
    ("More phones", "additional_phones", &["", "", "", "+12125550105", "+12125550105, +12125550106", "1"]),
    ("Company", "company", &["", "", "Acme", "Globex"]),
    ("Tags", "tags", &["", "", "vip", "VIP; new", "new, old"]),
    ("Tags too", "tags", &["", "", "", "vip", "late"]),
    ("Status", "status", &["", "open", "closed"]),
    ("Street", "address_line", &["", "", "1 Main St"]),
    ("Street 2", "address_line", &["", "", "", "Flat 2"]),
    ("Colours", "custom.colours", &["", "", "Red", "red, blue", "mauve"]),
    ("Updated", "updated_at", &["", "2023-12-31", "2024-05-01", "2024-05-01 10:00", "soon"]),
    ("Created", "created_at", &["", "", "2023-01-01", "2024-09-09", "never"]),
];

/// The keys of their fields.
pub const FIELDS: [&str; 18] = [
    "source_ref",
    "contact_id",
    "name",
    "first_name",
    "email",
    "additional_emails",
    "phone",
    "additional_phones",
    "company",
    "tags",
    "status",
    "address_line",
    "custom.colours",
    "updated_at",
    "created_at",
    "city",
    "region",
    "agent",
];

/// The declared options of the field `custom.colours`.
pub const COLOURS: [&str; 3] = ["Red", "Blue", "Green"];

const FILTERS: [Filter; 12] = [
    Filter { text: "company = ACME", field: "company", test: Test::Is("acme") },
    Filter { text: "status != closed", field: "status", test: Test::IsNot("closed") },
    Filter { text: "tags ~ vi", field: "tags", test: Test::Contains("vi") },
    Filter { text: "source_ref in r1,R2,R3", field: "source_ref", test: Test::In(&["r1", "r2", "r3"]) },
    Filter { text: "email set", field: "email", test: Test::Set },
    Filter { text: "phone empty", field: "phone", test: Test::Empty },
    Filter { text: "name != Cy", field: "name", test: Test::IsNot("cy") },
    Filter { text: "contact_id empty", field: "contact_id", test: Test::Empty },
    Filter { text: "custom.colours = RED", field: "custom.colours", test: Test::Is("red") },
    Filter { text: "updated_at >= 2024-03-01", field: "updated_at", test: Test::AtLeast("2024-03-01") },
    Filter { text: "additional_emails ~ @x", field: "additional_emails", test: Test::Contains("@x") },
    Filter { text: "address_line ~ MAIN", field: "address_line", test: Test::Contains("main") },
];

impl fmt::Debug for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let duplicates = self.match_on.map_or("duplicates allowed".to_owned(), |on| format!("matched by {on}"));
        write!(f, "{:?} into {}, {duplicates}", self.mode, self.source)?;
        let flags = [
            (self.clear_empty, "clear_empty"),
            (self.recreate_deleted, "recreate_deleted"),
            (self.since.is_some(), "since"),
            (!self.tags.is_empty(), "tags"),
            (self.sample.is_some(), "sample"),
        ];
        flags.iter().filter(|(set, _)| *set).try_for_each(|(_, name)| write!(f, ", {name}"))?;
        self.filters.iter().try_for_each(|filter| write!(f, ", filter {}", filter.text))?;
        for FileColumn { header, field, required, replace, twist, split, .. } in &self.columns {
            let left_out = field.is_none() && split.is_none();
            for (set, what) in [(left_out, "left out"), (*required, "required"), (*replace, "replaces")] {
                if set {
                    write!(f, ", {header} {what}")?;
                }
            }
            if !matches!(twist, Twist::None) {
                write!(f, ", {header} {twist:?}")?;
            }
            split.iter().try_for_each(|split| write!(f, ", {header} {split:?}"))?;
        }
        self.constants.iter().try_for_each(|(field, value)| write!(f, ", every {field} {value:?}"))?;
        write!(f, "\n{}", self.csv(str::to_owned))
    }
}

impl Import {
    /// The cells of each record. A line of nothing but empty cells is none.
    pub fn records(&self) -> Vec<&[String]> {
        let cells = self.lines.iter().filter_map(|line| match line {
            Line::Cells(cells) => Some(cells.as_slice()),
            Line::Blank(_) => None,
        });
        cells.filter(|cells| cells.iter().any(|cell| !cell.trim_matches(' ').is_empty())).collect()
    }

    /// The file. `contact_id` gives the text of a placeholder. What is not empty is quoted: a file of two rows says too
    /// little for the quotes of a single cell to be recognised.
    pub fn csv(&self, contact_id: impl Fn(&str) -> String) -> String {
        let end = if self.crlf { "\r\n" } else { "\n" };
        let headers: Vec<String> = self.columns.iter().map(|column| format!("\"{}\"", column.header)).collect();
        let mut text = headers.join(",") + end;
        for line in &self.lines {
            match line {
                Line::Blank(line) => text.push_str(line),
                Line::Cells(cells) => {
                    for (place, cell) in cells.iter().enumerate() {
                        let comma = if place > 0 { "," } else { "" };
                        let cell = contact_id(cell);
                        let quote = if cell.trim_matches(' ').is_empty() { "" } else { "\"" };
                        write!(text, "{comma}{quote}{cell}{quote}").expect("a String takes all");
                    }
                }
            }
            text.push_str(end);
        }
        text
    }

    pub fn mapping(&self) -> Mapping {
        let column = |column: &FileColumn| {
            let split = column.split.map(|Parts { at, from_end, into }| Split {
                at: at.to_owned(),
                from_end,
                into: into.iter().map(|key| (*key).to_owned()).collect(),
            });
            let mut mapped = Column {
                field: column.field.map(str::to_owned),
                leave_out: column.field.is_none() && split.is_none(),
                required: column.required,
                replace: column.replace,
                join: column.join.map(str::to_owned),
                split,
                ..Column::unmapped(column.header)
            };
            let owned = |(one, other): &(&str, &str)| ((*one).to_owned(), (*other).to_owned());
            match column.twist {
                Twist::None => {}
                Twist::Replace(pairs) => {
                    let pair = |(find, put)| FindReplace { find, put };
                    mapped.find_replace = pairs.iter().map(owned).map(pair).collect();
                }
                Twist::Case(case) => mapped.case = Some(case),
                Twist::Values(pairs) => mapped.values = pairs.iter().map(owned).collect(),
            }
            mapped
        };
        let constant = |(field, value): &(&str, &str)| Constant { field: (*field).into(), value: (*value).into() };
        Mapping {
            columns: self.columns.iter().map(column).collect(),
            constants: self.constants.iter().map(constant).collect(),
            ..Mapping::default()
        }
    }
}

pub fn both_keys() -> MatchOn {
    MatchOn { email: true, phone: true }
}

fn any_match_on() -> impl Strategy<Value = Option<MatchOn>> {
    prop_oneof![
        4 => Just(Some(both_keys())),
        1 => Just(Some(MatchOn { email: true, phone: false })),
        1 => Just(Some(MatchOn { email: false, phone: true })),
        2 => Just(None),
    ]
}

fn any_mode() -> impl Strategy<Value = Mode> {
    prop_oneof![3 => Just(Mode::Upsert), 1 => Just(Mode::Update), 1 => Just(Mode::Create)]
}

fn any_source() -> impl Strategy<Value = &'static str> {
    prop_oneof![2 => Just("crm"), 1 => Just("webshop")]
}

/// Columns in any order. `oddly`: now and then one is left out, required, or replaces its list.
fn any_columns(oddly: bool) -> impl Strategy<Value = Vec<Kind>> {
    let all = COLUMNS.to_vec();
    if oddly { Just(all).prop_shuffle().boxed() } else { Just(all).boxed() }
}

fn with_options(kinds: Vec<Kind>, oddly: bool) -> impl Strategy<Value = Vec<FileColumn>> {
    let odd = |often: f64| prop::bool::weighted(if oddly { often } else { 0.0 });
    let twist = (odd(0.2), select(&TWISTS[..])).prop_map(|(set, twist)| if set { twist } else { Twist::None });
    let all = (vec((odd(0.1), odd(0.03), odd(0.1), twist), kinds.len()), select(&PLACES[..]));
    all.prop_map(move |(options, place)| {
        let column =
            |((header, field, _), (left_out, required, replace, twist)): (&Kind, (bool, bool, bool, Twist))| {
                // These two stay, so that a file of whatever columns can be imported in every mode.
                let mapped = !left_out || ["name", "source_ref"].contains(field);
                let split = (mapped && *field == "city").then_some(place);
                FileColumn {
                    header,
                    field: mapped.then_some(*field).filter(|_| split.is_none()),
                    required: mapped && required,
                    replace: mapped && replace,
                    twist,
                    join: (mapped && *header == "First too").then_some(" "),
                    split,
                }
            };
        kinds.iter().zip(options).map(column).collect()
    })
}

fn any_line(kinds: &[Kind]) -> impl Strategy<Value = Line> + use<> {
    let cells: Vec<_> = kinds.iter().map(|(_, _, cells)| select(*cells).prop_map(str::to_owned)).collect();
    let whole = cells.clone().prop_map(Line::Cells);
    let short = (cells.clone(), any::<Index>()).prop_map(|(mut cells, keep)| {
        cells.truncate(keep.index(cells.len() - 1) + 1);
        Line::Cells(cells)
    });
    let long = (cells, vec(select(&["", " ", "x"][..]), 1..3)).prop_map(|(mut cells, more)| {
        cells.extend(more.into_iter().map(str::to_owned));
        Line::Cells(cells)
    });
    prop_oneof![
        20 => whole,
        2 => short,
        1 => long,
        2 => select(&["", "  ", ",,,,", " , ,"][..]).prop_map(Line::Blank),
    ]
}

/// A whole row at the end keeps what stands before it from being taken for a footer.
fn last_line(kinds: &[Kind]) -> Line {
    let cell = |kind: &Kind| match kind.1 {
        "source_ref" => "R9".to_owned(),
        "name" => "Zoe".to_owned(),
        "email" => "z@x.com".to_owned(),
        _ => String::new(),
    };
    Line::Cells(kinds.iter().map(cell).collect())
}

/// An import; an odd one takes all liberties, another is such as fills a workspace.
fn any_import(oddly: bool) -> impl Strategy<Value = Import> {
    let mode = if oddly { any_mode().boxed() } else { Just(Mode::Upsert).boxed() };
    let odd = |often: f64| prop::bool::weighted(if oddly { often } else { 0.0 });
    let filters = if oddly { weighted(0.25, vec(select(&FILTERS[..]), 1..3)).boxed() } else { Just(None).boxed() };
    let asked = (
        (any_source(), mode, any_match_on()),
        (odd(0.3), odd(0.2), odd(0.15), odd(0.2), odd(0.1), any::<bool>()),
        (filters, odd(0.2)),
    );
    let file = any_columns(oddly).prop_flat_map(move |kinds| {
        let last = last_line(&kinds);
        let lines = vec(any_line(&kinds), 1..10).prop_map(move |mut lines| {
            lines.push(last.clone());
            lines
        });
        (with_options(kinds, oddly), lines)
    });
    (asked, file).prop_map(|((asked, flags, (filters, constant)), (columns, lines))| {
        let (source, mode, match_on) = asked;
        let (clear_empty, recreate_deleted, since, tagged, sampled, crlf) = flags;
        Import {
            source,
            mode,
            match_on,
            clear_empty,
            recreate_deleted,
            filters: filters.unwrap_or_default(),
            since: since.then_some("2024-01-01"),
            tags: if tagged { vec!["VIP".to_owned(), "spring".to_owned()] } else { Vec::new() },
            sample: sampled.then_some(3),
            columns,
            constants: if constant { vec![("tags", "late; batch"), ("agent", "bot")] } else { Vec::new() },
            lines,
            crlf,
        }
    })
}

/// A workspace that some imports and deletions filled, and an import of any kind into it.
pub fn any_scene() -> impl Strategy<Value = Vec<Step>> {
    let before = prop_oneof![
        3 => any_import(false).prop_map(Step::Import),
        2 => (1_u64..8).prop_map(Step::Delete),
    ];
    (vec(before, 0..4), any_import(true)).prop_map(|(mut steps, last)| {
        steps.push(Step::Import(last));
        steps
    })
}

/// Rows about five people, each with the same keys wherever it is named, and each row naming at least one of those that
/// contacts are met by.
fn faithful_import() -> impl Strategy<Value = Import> {
    const HEADERS: [(&str, &str); 6] = [
        ("Ref", "source_ref"),
        ("Name", "name"),
        ("Email", "email"),
        ("Phone", "phone"),
        ("Company", "company"),
        ("Tags", "tags"),
    ];
    let values =
        (select(&["Ann", "Bob"][..]), select(&["", "Acme", "Globex"][..]), select(&["", "vip", "new; vip"][..]));
    let row = (1..=5_u8, any::<[bool; 3]>(), values);
    let asked = (any_source(), any_mode(), any_match_on(), any::<bool>(), any::<bool>());
    (asked, vec(row, 1..12)).prop_map(|((source, mode, match_on, recreate_deleted, tagged), rows)| {
        let keys = match_on.unwrap_or(MatchOn { email: false, phone: false });
        let line =
            |(person, [by_ref, by_email, by_phone], (name, company, tags)): (u8, [bool; 3], (&str, &str, &str))| {
                let identified = keys.email && by_email || keys.phone && by_phone;
                let given = |given: bool, text: String| if given { text } else { String::new() };
                Line::Cells(vec![
                    given(by_ref || !identified, format!("{}{person}", &source[..1])),
                    name.to_owned(),
                    given(by_email, format!("p{person}@x.com")),
                    given(by_phone, format!("+1212555010{person}")),
                    company.to_owned(),
                    tags.to_owned(),
                ])
            };
        Import {
            source,
            mode,
            match_on,
            clear_empty: false,
            recreate_deleted,
            filters: Vec::new(),
            since: None,
            tags: if tagged { vec!["spring".to_owned()] } else { Vec::new() },
            sample: None,
            columns: HEADERS.map(|(header, field)| FileColumn::to(header, field)).to_vec(),
            constants: Vec::new(),
            lines: rows.into_iter().map(line).collect(),
            crlf: false,
        }
    })
}

/// The same with imports in which nobody's keys change.
pub fn faithful_scene() -> impl Strategy<Value = Vec<Step>> {
    let before = prop_oneof![
        3 => faithful_import().prop_map(Step::Import),
        1 => (1_u64..6).prop_map(Step::Delete),
    ];
    (vec(before, 0..3), faithful_import()).prop_map(|(mut steps, last)| {
        steps.push(Step::Import(last));
        steps
    })
}
