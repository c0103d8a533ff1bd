//! Two files that give a run something of everything to lose: created, updated, unchanged and failed rows, warnings,
//! rows about records of earlier rows and of earlier runs, line breaks in quotes, rows without a reference.

use std::fmt::Write;

const HEADER: &str = "External ID,First Name,Last Name,Email,Phone,Company,Created Date,Notes\r\n";
const FIRST: [&str; 8] = ["Ana", "Bo", "Chloé", "Dmitri", "Jürgen", "Noor", "Søren", "Zoë"];
const LAST: [&str; 7] = ["Abe", "Brown", "Díaz", "Müller", "O'Brien", "Tanaka", "Young"];

/// Rows of the first file.
pub const ROWS: u64 = 1_140;

/// A person by number, as the first file has them, or with this letter as another state of the same person.
struct Person {
    reference: String,
    email: String,
    phone: String,
    company: String,
}

impl Person {
    fn number(n: u64) -> Person {
        let line = n * 7919 % 8_000;
        Person {
            // Neither ascending nor descending: the hard case for an index.
            reference: format!("C-{:08X}", (n * 0x9E37_79B1) & 0xFFFF_FFFF),
            email: format!("person{n}@example.com"),
            phone: format!("+1212{}{:04}", 200 + line / 10, n % 10_000),
            company: format!("Company {}", n % 40),
        }
    }

    fn write(&self, n: u64, to: &mut String) {
        let (first, last) = (FIRST[n as usize % 8], LAST[n as usize % 7]);
        let notes = match n % 6 {
            0 => "\"first line\nsecond, with a comma\"",
            1 => "\"said \"\"call me\"\"\"",
            2 => "日本",
            _ => "",
        };
        let Person { reference, email, phone, company } = self;
        let (month, day) = (n % 12 + 1, n % 28 + 1);
        let _ = write!(to, "{reference},{first},{last},{email},{phone},{company},2024-{month:02}-{day:02},{notes}\r\n");
    }
}

/// The first file.
pub fn first() -> String {
    let mut text = HEADER.to_owned();
    for n in 0..ROWS {
        let mut person = Person::number(n);
        match n {
            _ if n % 37 == 5 => person.email = "nobody".to_owned(),
            _ if n % 41 == 6 => person.phone = "call me".to_owned(),
            // About a record of an earlier row, mostly of an earlier transaction.
            _ if n % 53 == 50 => person = Person { company: format!("Moved {n}"), ..Person::number(n - 47) },
            _ if n % 61 == 60 => person = Person::number(n - 59),
            // Fails: an earlier row has the address.
            _ if n % 71 == 70 => person.email = Person::number(n - 69).email,
            // Fails: nothing of what a contact needs. The name is in the row's number, so it is written by hand.
            _ if n % 97 == 11 => {
                let _ = write!(text, "{},,,,,Nobody Ltd,,\r\n", person.reference);
                continue;
            }
            _ if n % 89 == 17 => person.reference.clear(),
            _ => {}
        }
        person.write(n, &mut text);
    }
    text
}

/// The same people some time later, in another order, with changes and new ones among them.
pub fn second() -> String {
    let mut text = HEADER.to_owned();
    for place in 0..ROWS + 160 {
        let n = place * 701 % (ROWS + 160);
        let mut person = Person::number(n);
        match n % 10 {
            1 => person.email = format!("new{n}@example.org"),
            2 => person.phone = Person::number(n + 5_000).phone,
            3..6 => person.company = format!("Successor {}", n % 7),
            // Found by address and number.
            6 if n % 20 == 6 => person.reference.clear(),
            _ => {}
        }
        person.write(n, &mut text);
    }
    text
}

/// Some megabytes in few rows: landing it takes several writes.
pub fn large() -> String {
    let mut text = HEADER.to_owned();
    for n in 0..450 {
        let mut row = String::new();
        Person::number(n).write(n, &mut row);
        // Notes that are empty are made long.
        match row.strip_suffix(",\r\n") {
            Some(begin) => text.extend([begin, ",", &"word ".repeat(3_000), "\r\n"]),
            None => text.push_str(&row),
        }
    }
    text
}
