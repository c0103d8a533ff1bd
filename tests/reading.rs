//! Files of many encodings, dialects and layouts are read as they are meant, or it is said what cannot be told.

use landfall::engine::decode::Codec;
use landfall::engine::open::Delivery;
use landfall::engine::read::RecordReader;
use landfall::engine::rows::{RowBatch, Shape};
use landfall::engine::sniff::{Overrides, SniffError, Sniffed, sniff};
use std::path::{Path, PathBuf};

struct Scratch(tempfile::TempDir);

impl Scratch {
    fn new() -> Scratch {
        Scratch(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

struct Table {
    sniffed: Sniffed,
    rows: Vec<Vec<String>>,
    shapes: Vec<Shape>,
}

fn read_with(path: &Path, overrides: &Overrides) -> Table {
    let delivery = Delivery::open(path).unwrap();
    let sniffed = sniff(&delivery, overrides).unwrap();
    let mut reader = RecordReader::new(&delivery, &sniffed.dialect).unwrap();
    let mut batch = RowBatch::new();
    let (mut rows, mut shapes) = (Vec::new(), Vec::new());
    while reader.read_batch(&mut batch, 1000).unwrap() > 0 {
        for row in batch.iter() {
            rows.push(row.cells().map(str::to_owned).collect());
            shapes.push(row.info().shape.clone());
        }
    }
    if !delivery.is_compressed() {
        let size = std::fs::metadata(path).unwrap().len();
        assert_eq!(reader.position().tally.bytes(), size, "the bytes of {} add up", path.display());
    }
    Table { sniffed, rows, shapes }
}

fn read(path: &Path) -> Table {
    read_with(path, &Overrides::default())
}

fn codes(sniffed: &Sniffed) -> Vec<&'static str> {
    sniffed.problems.iter().map(|problem| problem.code).collect()
}

/// Text in an encoding, by the tables of the decoder where no encoder exists.
fn encode(label: &str, text: &str) -> Vec<u8> {
    let codec = Codec::of(label).unwrap();
    match codec {
        Codec::Utf8 => text.as_bytes().to_vec(),
        Codec::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Codec::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Codec::Standard(encoding) => {
            let (bytes, _, lossy) = encoding.encode(text);
            assert!(!lossy, "{label} cannot write {text}");
            bytes.into_owned()
        }
        Codec::CodePage(upper, _) => text
            .chars()
            .map(|c| if c.is_ascii() { c as u8 } else { 128 + upper.iter().position(|&u| u == c).unwrap() as u8 })
            .collect(),
    }
}

const WEST: &[[&str; 3]] = &[
    ["Müller", "Zürich", "größer"],
    ["Björn Åkesson", "Malmö", "café"],
    ["François Lefèvre", "Besançon", "à bientôt"],
    ["José Núñez", "Logroño", "mañana"],
    ["Søren Østergård", "København", "blåbær"],
    ["João Gonçalves", "São Paulo", "não"],
];
const CENTRAL: &[[&str; 3]] = &[
    ["Łukasz Wiśniewski", "Łódź", "proszę dzwonić później"],
    ["Zdeněk Dvořák", "Plzeň", "děkuji, těším se"],
    ["Erzsébet Kőszegi", "Győr", "köszönöm szépen, különös"],
    ["Małgorzata Dąbrowska", "Gdańsk", "następny tydzień"],
    ["Jiří Růžička", "České Budějovice", "příští týden"],
];
const RUSSIAN: &[[&str; 3]] = &[
    ["Иван Петров", "Москва", "позвонить завтра"],
    ["Мария Смирнова", "Санкт-Петербург", "интересуется скидкой"],
    ["Алексей Кузнецов", "Новосибирск", "новый клиент"],
    ["Ольга Васильева", "Казань", "отправить письмо"],
];
const JAPANESE: &[[&str; 3]] = &[
    ["山田太郎", "東京都千代田区", "明日電話してください"],
    ["佐藤花子", "大阪府大阪市", "見積もりを送りました"],
    ["鈴木一郎", "北海道札幌市", "よろしくお願いします"],
    ["田中さくら", "福岡県", "新しいお客様です"],
];
const CHINESE: &[[&str; 3]] = &[
    ["王小明", "北京市朝阳区", "明天打电话给客户"],
    ["李娜", "上海市浦东新区", "请发送最新的报价单"],
    ["张伟", "广州市天河区", "对我们的产品很感兴趣"],
    ["刘洋", "深圳市南山区", "下周再联系"],
];
const TAIWANESE: &[[&str; 3]] = &[
    ["王小明", "臺北市信義區", "明天打電話給客戶"],
    ["陳美玲", "高雄市前鎮區", "請寄送最新的報價單"],
    ["林志豪", "臺中市西屯區", "對我們的產品很有興趣"],
];
const KOREAN: &[[&str; 3]] = &[
    ["김철수", "서울특별시 강남구", "내일 전화해 주세요"],
    ["이영희", "부산광역시 해운대구", "견적서를 보냈습니다"],
    ["박민수", "인천광역시", "새로운 고객입니다"],
];

/// An encoding's label, a mark to put before the text, records in a language it is used for, and the name to be found.
type Encoded<'a> = (&'a str, &'a [u8], &'a [[&'a str; 3]], &'a str);

const ENCODINGS: &[Encoded] = &[
    ("utf-8", b"", WEST, "UTF-8"),
    ("utf-8", b"\xEF\xBB\xBF", WEST, "UTF-8"),
    ("utf-16le", b"\xFF\xFE", WEST, "UTF-16LE"),
    ("utf-16be", b"\xFE\xFF", JAPANESE, "UTF-16BE"),
    ("utf-16le", b"", CENTRAL, "UTF-16LE"),
    ("utf-16be", b"", RUSSIAN, "UTF-16BE"),
    ("utf-16le", b"", JAPANESE, "UTF-16LE"),
    ("windows-1252", b"", WEST, "windows-1252"),
    ("windows-1250", b"", CENTRAL, "windows-1250"),
    ("iso-8859-2", b"", CENTRAL, "ISO-8859-2"),
    ("windows-1251", b"", RUSSIAN, "windows-1251"),
    ("koi8-r", b"", RUSSIAN, "KOI8-R"),
    ("shift_jis", b"", JAPANESE, "Shift_JIS"),
    ("euc-jp", b"", JAPANESE, "EUC-JP"),
    ("iso-2022-jp", b"", JAPANESE, "ISO-2022-JP"),
    ("gbk", b"", CHINESE, "GBK"),
    ("big5", b"", TAIWANESE, "Big5"),
    ("euc-kr", b"", KOREAN, "EUC-KR"),
    ("macintosh", b"", WEST, "macintosh"),
    ("cp850", b"", WEST, "IBM850"),
];

/// A way of writing a table down.
struct Written {
    name: &'static str,
    delimiter: char,
    quote: Option<char>,
    backslash: bool,
    always_quoted: bool,
    newline: &'static str,
    before: &'static str,
    after_cell: &'static str,
    end_of_line: &'static str,
    after: &'static str,
}

const USUAL: Written = Written {
    name: "comma",
    delimiter: ',',
    quote: Some('"'),
    backslash: false,
    always_quoted: false,
    newline: "\n",
    before: "",
    after_cell: "",
    end_of_line: "",
    after: "",
};

fn dialects() -> Vec<Written> {
    vec![
        USUAL,
        Written { name: "comma, CRLF", newline: "\r\n", ..USUAL },
        Written { name: "comma, CR", newline: "\r", ..USUAL },
        Written { name: "semicolon", delimiter: ';', ..USUAL },
        Written { name: "tab, CRLF", delimiter: '\t', newline: "\r\n", ..USUAL },
        Written { name: "tab without quotes", delimiter: '\t', quote: None, ..USUAL },
        Written { name: "pipe", delimiter: '|', ..USUAL },
        Written { name: "caret", delimiter: '^', ..USUAL },
        Written { name: "all quoted", always_quoted: true, ..USUAL },
        Written { name: "backslash", backslash: true, always_quoted: true, ..USUAL },
        Written { name: "apostrophes", delimiter: ';', quote: Some('\''), always_quoted: true, ..USUAL },
        Written { name: "space after comma", always_quoted: true, after_cell: " ", ..USUAL },
        Written { name: "sep line", delimiter: ';', before: "sep=;", newline: "\r\n", ..USUAL },
        Written { name: "trailing delimiter", delimiter: ';', end_of_line: ";", ..USUAL },
        Written { name: "preamble", before: "Report of contacts\n\nExported on Monday\n", ..USUAL },
        Written { name: "footer", delimiter: ';', after: "\nGenerated by a CRM\n(6 rows affected)", ..USUAL },
    ]
}

impl Written {
    fn cell(&self, cell: &str) -> String {
        let Some(quote) = self.quote else { return cell.to_owned() };
        if !self.always_quoted && !cell.contains([self.delimiter, quote, '\n', '\r']) {
            return cell.to_owned();
        }
        let inside = if self.backslash {
            cell.replace(quote, &format!("\\{quote}"))
        } else {
            cell.replace(quote, &format!("{quote}{quote}"))
        };
        format!("{quote}{inside}{quote}")
    }

    fn line(&self, cells: &[String]) -> String {
        let cells: Vec<String> = cells.iter().map(|cell| self.cell(cell)).collect();
        format!("{}{}{}", cells.join(&format!("{}{}", self.delimiter, self.after_cell)), self.end_of_line, self.newline)
    }
}

#[test]
fn twenty_encodings_in_sixteen_dialects_are_read_right() {
    let scratch = Scratch::new();
    let header: Vec<String> = ["ID", "Name", "City", "Notes", "Email"].map(str::to_owned).to_vec();
    let mut wrong = Vec::new();
    for (label, mark, people, encoding) in ENCODINGS {
        for written in dialects() {
            let mut rows: Vec<Vec<String>> = Vec::new();
            for (number, [name, city, note]) in people.iter().enumerate() {
                let note = match (number % 3, written.quote.is_some()) {
                    (0, true) => format!("{note}{} said \"ok\", it's fine", written.delimiter),
                    (1, true) => format!("{note}\n{note}").replace('\n', written.newline),
                    _ => (*note).to_owned(),
                };
                let email = format!("person{number}@example.com");
                rows.push(vec![format!("C-{number}"), (*name).to_owned(), (*city).to_owned(), note, email]);
            }
            let mut text = written.before.replace('\n', written.newline);
            if !text.is_empty() {
                text.push_str(written.newline);
            }
            text.push_str(&written.line(&header));
            rows.iter().for_each(|row| text.push_str(&written.line(row)));
            text.push_str(written.after);
            let mut bytes = mark.to_vec();
            bytes.extend(encode(label, &text));
            let table = read(&scratch.write("table.csv", &bytes));
            let dialect = &table.sniffed.dialect;
            let doubt = codes(&table.sniffed).contains(&"encoding_uncertain");
            let right = table.rows == rows && dialect.columns == header && dialect.encoding.name() == *encoding;
            if !right && !doubt {
                wrong.push(format!(
                    "{label} ({} bytes of mark), {}: {dialect:?}\n   {:?}\n   {:?}",
                    mark.len(),
                    written.name,
                    table.rows.iter().find(|row| !rows.contains(row)),
                    table.sniffed.problems,
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are read wrong without a word:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn encodings_of_plain_tables_are_told_without_doubt() {
    let scratch = Scratch::new();
    for (label, mark, people, encoding) in ENCODINGS {
        let mut bytes = mark.to_vec();
        let lines: Vec<String> = people.iter().map(|[name, city, note]| format!("{name};{city};{note}\r\n")).collect();
        bytes.extend(encode(label, &format!("Name;City;Notes\r\n{}", lines.concat())));
        let sniffed = read(&scratch.write("plain.csv", &bytes)).sniffed;
        assert_eq!(sniffed.dialect.encoding.name(), *encoding, "{label}");
        assert_eq!(codes(&sniffed), [""; 0], "{label}: {:?}", sniffed.problems);
    }
}

#[test]
fn the_header_is_found_below_what_stands_before_it() {
    let linkedin = "Notes:\n\"When exporting your connection data, you may notice that some of the email addresses are \
        missing. You will only see email addresses for connections who have allowed it, see \
        https://www.example.com/psettings/privacy/email.\"\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\n\
        Ann,Lee,https://www.example.com/in/ann,,Globex,\"Head, Sales\",02 Jan 2024\nBo,Chan,https://www.example.com/in/bo,bo@example.com,Initech,CTO,03 Jan 2024\n";
    let cases: &[(&str, u64, &[&str], usize)] = &[
        (linkedin, 4, &["First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On"], 2),
        (
            "Report title,,,\nFrom,2024-01-01,,\n,,,\nName,Email,Phone,City\nAnn,a@b.example,1,Wien\nBo,b@b.example,2,Graz\n",
            4,
            &["Name", "Email", "Phone", "City"],
            2,
        ),
        ("\n\na,b,c\n1,2,3\n", 3, &["a", "b", "c"], 1),
        ("# comment\n# another, one\na,b\n1,2\n3,4\n", 3, &["a", "b"], 2),
        ("a,b,c\n", 1, &["a", "b", "c"], 0),
        ("a,b,c", 1, &["a", "b", "c"], 0),
        ("Email\na@b.example\nc@d.example\n", 1, &["Email"], 2),
        ("Email\n", 1, &["Email"], 0),
        ("Full Name\n\"Lee, Ann\"\nBo Chan\n", 1, &["Full Name"], 2),
        ("a;b\n1,5;2,5\n3,5;4,5\n", 1, &["a", "b"], 2),
        ("Name,,Email,Email,\nAnn,x,a@b.example,c@d.example,\n", 1, &["Name", "column 2", "Email", "Email (2)"], 1),
        ("Name,Email,\nAnn,x,y\n", 1, &["Name", "Email", "column 3"], 1),
        (
            "Filter:,Active,,\nName,Email,Phone,City\nAnn,,1,Wien\nBo,,2,Graz\n",
            2,
            &["Name", "Email", "Phone", "City"],
            2,
        ),
        (
            "Report for,Contacts,,\nName,Email,Phone,City\nAnn,,1,Wien\nBo,,2,Graz\n",
            2,
            &["Name", "Email", "Phone", "City"],
            2,
        ),
        ("\"Name\nin full\",Email\nAnn,a@b.example\n", 1, &["Name in full", "Email"], 1),
        ("Name,2023,2024\nAnn,5,6\n", 1, &["Name", "2023", "2024"], 1),
        ("SEP=|\r\na|b\r\n1|2,3\r\n", 2, &["a", "b"], 1),
        ("id,name\n1,\"a\"\n2,b\n", 1, &["id", "name"], 2),
    ];
    let scratch = Scratch::new();
    for (text, line, columns, rows) in cases {
        let table = read(&scratch.write("layout.csv", text.as_bytes()));
        let dialect = &table.sniffed.dialect;
        assert_eq!((dialect.header_line, table.rows.len()), (*line, *rows), "{text}");
        assert_eq!(dialect.columns, *columns, "{text}");
        assert!(table.shapes.iter().all(|shape| *shape == Shape::Normal), "{text}");
    }
}

#[test]
fn a_file_without_header_is_refused_and_can_be_overruled() {
    let scratch = Scratch::new();
    for text in [
        "Ann,ann@example.com,Wien\nBo,bo@example.com,Graz\n",
        "1,2,3\n4,5,6\n",
        "1,Ann,2024-01-02\n2,Bo,2024-01-03\n",
        "Lee,+43 664 1234567\nChan,+43 664 7654321\n",
        "\n\n\n",
    ] {
        let path = scratch.write("bare.csv", text.as_bytes());
        let error = sniff(&Delivery::open(&path).unwrap(), &Overrides::default()).unwrap_err();
        let expected = if text.trim().is_empty() { "file_empty" } else { "no_header" };
        assert_eq!(error.code(), expected, "{text}: {error}");
        assert!(error.to_string().contains("bare.csv"), "{error}");
    }
    let path = scratch.write("forced.csv", b"x\n1,2,3\n4,5,6\n");
    let table = read_with(&path, &Overrides { header_line: Some(2), ..Overrides::default() });
    assert_eq!(table.sniffed.dialect.columns, ["1", "2", "3"]);
    assert_eq!(table.rows, [["4", "5", "6"]]);
    let beyond = Overrides { header_line: Some(9), ..Overrides::default() };
    let error = sniff(&Delivery::open(&path).unwrap(), &beyond).unwrap_err();
    assert!(matches!(error, SniffError::HeaderElsewhere { line: 9, .. }));
}

#[test]
fn what_the_operator_names_wins() {
    let scratch = Scratch::new();
    let path = scratch.write("odd.csv", b"a:b,c\n1:2,\xfc\n3:4,5\n");
    let overrides =
        Overrides { delimiter: Some(b':'), encoding: Codec::of("koi8-r"), header_line: Some(1), quote: None };
    let table = read_with(&path, &overrides);
    assert_eq!(table.sniffed.dialect.columns, ["a", "b,c"]);
    assert_eq!(table.rows[0], ["1", "2,Э"]);
}

#[test]
fn several_tables_in_one_file_are_named() {
    let scratch = Scratch::new();
    let first = "ID,Name,Email\n1,Ann,a@b.example\n2,Bo,b@b.example\n";
    let second = "Order,Product,Price,Currency,Day\n7,Pen,1.5,EUR,2024-01-01\n8,Ink,2.5,EUR,2024-01-01\n";
    let table = read(&scratch.write("two.csv", format!("{first}\n{second}").as_bytes()));
    let problem = table.sniffed.problems.iter().find(|problem| problem.code == "several_tables").unwrap();
    assert_eq!(problem.line, Some(5));
    assert_eq!(table.sniffed.dialect.header_line, 1);
    let many = "9,Ink,2.5,EUR,2024-01-01\n".repeat(200);
    let table = read(&scratch.write("two.csv", format!("{first}\n{second}{many}").as_bytes()));
    assert!(codes(&table.sniffed).contains(&"several_tables"), "also where the second one is larger");
    let rows: String = (0..60_000).map(|row| format!("{row},Ann Lee,a{row}@example.com\n")).collect();
    let late = format!("ID,Name,Email\n{rows}\n{second}");
    let table = read(&scratch.write("late.csv", late.as_bytes()));
    assert!(codes(&table.sniffed).contains(&"several_tables"), "also far behind the head");
}

#[test]
fn ragged_rows_repeated_headers_and_nuls_are_told() {
    let scratch = Scratch::new();
    let table = read(&scratch.write("ragged.csv", b"a,b,c\n1,2,3\n4,5\n6,7,8,9\na,b,c\n1,x\0y,3\n1,2,3\n"));
    assert_eq!(table.rows.len(), 5);
    let codes = codes(&table.sniffed);
    for code in ["row_short", "row_malformed", "header_repeated", "nul_characters"] {
        assert!(codes.contains(&code), "{code} is not among {codes:?}");
    }
}

#[test]
fn a_large_file_is_sniffed_by_a_sample() {
    let scratch = Scratch::new();
    let mut text = String::from("id,name,email\n");
    for row in 0..400_000 {
        text.push_str(&format!("{row},Ann Lee,a{row}@example.com\n"));
    }
    // Far behind the head a name shows the encoding.
    text.push_str("9,Müller,m@example.com\n");
    let path = scratch.write("large.csv", &encode("windows-1252", &text));
    let delivery = Delivery::open(&path).unwrap();
    let start = std::time::Instant::now();
    let sniffed = sniff(&delivery, &Overrides::default()).unwrap();
    assert_eq!(sniffed.dialect.encoding.name(), "windows-1252");
    assert!(sniffed.spread.iter().any(|row| row.cell(1) == Some("Müller")));
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}
