//! Whatever is in the data: it is shown, and never sent.

use crate::common::Landfall;
use crate::terminal::Terminal;

/// What acts on a terminal or on the eye, each with a word that shows where it was.
const PAYLOADS: [&str; 9] = [
    "\u{1b}]52;c;cGF5bG9hZA==\u{7}clip",
    "\u{1b}]0;title\u{1b}\\title",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}[2J\u{1b}[Hclear",
    "\u{9b}31mc1",
    "\u{202e}override",
    "\u{2066}isolate",
    "zero\u{200b}width",
    "bell\u{7}\u{8}\u{c}",
];

/// The sequences that the application sends of its own, by their final byte or whole.
fn is_ours(sequence: &str) -> bool {
    const WHOLE: [&str; 15] = [
        "[?1049h", "[?1049l", "[?25h", "[?25l", "[?2004h", "[?2004l", "[?1000h", "[?1000l", "[?1003h", "[?1003l",
        "[?1006h", "[?1006l", "[?2026h", "[?2026l", "M",
    ];
    let is_csi = |csi: &str| {
        csi.ends_with(['H', 'C', 'D', 'r', 'm', 'J'])
            && csi[..csi.len() - 1].chars().all(|c| c.is_ascii_digit() || c == ';')
    };
    WHOLE.contains(&sequence) || sequence.strip_prefix('[').is_some_and(is_csi)
}

/// What was sent that is neither text nor a sequence of ours.
fn foreign(raw: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(raw).expect("only UTF-8 is sent");
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        if c == '\u{1b}' {
            let body = &rest[1..];
            length = match body.strip_prefix('[') {
                Some(csi) => csi.find(|c| ('@'..='~').contains(&c)).map_or(rest.len(), |end| end + 3),
                None => 1 + body.chars().next().map_or(0, char::len_utf8),
            };
            if !is_ours(&rest[1..length]) {
                found.push(rest[..length].to_owned());
            }
        } else if landfall::ui::text::is_hidden(c) && !matches!(c, '\r' | '\n' | '\u{8}') {
            found.push(c.to_string());
        }
        rest = &rest[length..];
    }
    // The clear belongs to a first frame, not to the data.
    found
}

/// A workspace in which everything that can hold text holds payloads.
fn hostile() -> Landfall {
    let landfall = Landfall::new();
    let all: String = PAYLOADS.concat();
    let name = format!("{}.csv", all.replace('/', "_").replace('\0', ""));
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut rows = format!("ref,name,email,{}\n", quoted(&all));
    for (number, payload) in PAYLOADS.iter().enumerate() {
        rows.push_str(&format!(
            "{},{},{},{}\n",
            quoted(&format!("{payload}{number}")),
            quoted(payload),
            quoted(payload),
            quoted(payload)
        ));
    }
    // A file with nothing else in it would be taken for no text.
    (0..400).for_each(|row| rows.push_str(&format!("plain-{row},Plain Name,p{row}@example.com,as it should be\n")));
    landfall.file(&name, rows);
    let source = all.replace(['\n', '\r'], "");
    landfall.import(&name, &["--accept-unmapped", "--source", &source]);
    landfall.import(&name, &["--accept-unmapped"]);
    landfall
}

#[test]
fn nothing_in_the_data_reaches_the_terminal_as_it_is() {
    let landfall = hostile();
    let mut terminal = Terminal::start(&landfall, &[], 120, 36);
    terminal.wait_for("4 Lookup");
    let shown = ["␛]52", "\\u{202e}"];
    let steps = [
        ("1", "1 source"),
        ("j", shown[0]),
        ("e", "esc close"),
        ("<esc>3", "2 runs"),
        ("e", "esc close"),
        ("<esc><enter>", "esc back"),
        ("e", "esc close"),
        ("<esc>r", "Rows of run"),
        ("jjjjj", shown[1]),
        ("<enter>", "Row 6 of run"),
        ("jjj", shown[1]),
        ("<esc><esc><esc>4", "Find"),
        ("plain-7", "plain-7"),
        ("<c-u>clip", "clip"),
        ("<enter>", "esc back"),
        ("jjjj", shown[0]),
        ("<esc>", "Find"),
    ];
    for (keys, text) in steps {
        terminal.keys(keys).wait_for(text);
        terminal.settled();
    }
    // Typed as well as read.
    for payload in PAYLOADS {
        terminal.paste(payload);
    }
    terminal.settled();
    let sent = terminal.raw();
    assert_eq!(foreign(&sent), Vec::<String>::new());
}
