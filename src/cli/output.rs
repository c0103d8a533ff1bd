//! Where output goes, and that nothing from outside reaches a terminal as it is.
//!
//! Answers for machines are JSON, one object a line, on standard output. Answers for people go to standard output
//! when no JSON was asked for; notices, progress and errors always go to standard error. Every piece of text for
//! people passes [`visible`] here, so a command cannot forget it.

use super::error::CliError;
use crate::ui::text::{is_hidden, visible};
use serde::Serialize;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

/// How a piece of text is set off. Nothing is told by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    #[default]
    Plain,
    Bold,
    /// For what is there to complete the picture.
    Dim,
    Good,
    Warn,
    Bad,
}

impl Style {
    /// The terminal's own colours, so that every palette works.
    fn sgr(self) -> &'static str {
        match self {
            Style::Plain => "",
            Style::Bold => "\x1b[1m",
            Style::Dim => "\x1b[2m",
            Style::Good => "\x1b[32m",
            Style::Warn => "\x1b[33m",
            Style::Bad => "\x1b[31m",
        }
    }
}

/// One line for people, in pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line(Vec<(Style, String)>);

impl Line {
    pub fn new() -> Line {
        Line::default()
    }

    pub fn styled(style: Style, text: impl Into<String>) -> Line {
        Line::new().with(style, text)
    }

    /// The line with one more piece.
    pub fn with(mut self, style: Style, text: impl Into<String>) -> Line {
        self.0.push((style, text.into()));
        self
    }

    fn render(&self, colour: bool) -> String {
        let mut shown = String::new();
        for (style, text) in &self.0 {
            let text = visible(text);
            match style.sgr() {
                "" => shown.push_str(&text),
                _ if !colour => shown.push_str(&text),
                sgr => shown.extend([sgr, &text, "\x1b[0m"]),
            }
        }
        shown
    }
}

impl<T: Into<String>> From<T> for Line {
    fn from(text: T) -> Line {
        Line::styled(Style::Plain, text)
    }
}

/// The two streams, and how they were asked to be used.
pub struct Out {
    pub json: bool,
    pub quiet: bool,
    colour_out: bool,
    colour_err: bool,
    stdout: RefCell<BufWriter<Stdout>>,
    live: bool,
    /// Whether each line for people begins with the time.
    stamped: Cell<bool>,
    /// Of which source they are.
    about: RefCell<Option<String>>,
}

/// What `--color` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    Always,
    Never,
}

impl Out {
    /// `plain` is whether the environment asks for no colour (`NO_COLOR`, `TERM=dumb`).
    pub fn new(json: bool, quiet: bool, color: ColorChoice, plain: bool) -> Out {
        let colour = |terminal: bool| match color {
            ColorChoice::Auto => terminal && !plain,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        let live = io::stdout().is_terminal();
        Out {
            json,
            quiet,
            colour_out: colour(live),
            colour_err: colour(io::stderr().is_terminal()),
            stdout: RefCell::new(BufWriter::with_capacity(64 * 1024, io::stdout())),
            live,
            stamped: Cell::new(false),
            about: RefCell::new(None),
        }
    }

    /// From now on each line for people begins with the local time: for a process that stays, whose lines are read later.
    pub fn stamp(&self) {
        self.stamped.set(true);
    }

    /// From now on each line for people begins with the name of this source; with none, of no source any more.
    pub fn about(&self, source: Option<&str>) {
        *self.about.borrow_mut() = source.map(str::to_owned);
    }

    /// What each line for people begins with.
    fn prefix(&self) -> String {
        let time = match self.stamped.get() {
            true => chrono::Local::now().format("%Y-%m-%d %H:%M:%S ").to_string(),
            false => String::new(),
        };
        match &*self.about.borrow() {
            Some(source) => format!("{time}{}: ", visible(source)),
            None => time,
        }
    }

    /// One JSON object, on one line of standard output. Characters that act on a terminal are escaped, which JSON
    /// readers undo.
    pub fn json(&self, object: &impl Serialize) -> Result<(), CliError> {
        let text = serde_json::to_string(object)
            .map_err(|error| CliError::new("output", format!("JSON: {error}"), "report this as a defect"))?;
        self.raw_line(escape_hidden(&text).as_bytes())
    }

    /// One line of an answer for people, on standard output.
    pub fn answer(&self, line: impl Into<Line>) -> Result<(), CliError> {
        // An answer says itself what it is about.
        let prefix = if self.stamped.get() { self.prefix() } else { String::new() };
        self.raw_line(format!("{prefix}{}", line.into().render(self.colour_out)).as_bytes())
    }

    /// A notice for people, on standard error; not with `--quiet`.
    pub fn say(&self, line: impl Into<Line>) {
        if !self.quiet {
            self.insist(line);
        }
    }

    /// What people must know, on standard error, also with `--quiet`.
    pub fn insist(&self, line: impl Into<Line>) {
        // Somebody who closed standard error does not want to know.
        let _ = writeln!(io::stderr(), "{}{}", self.prefix(), line.into().render(self.colour_err));
    }

    /// One record of CSV on standard output, quoted where it must be. A program that reads it gets the cells as they
    /// are; on a terminal what is hidden in them is shown.
    pub fn csv<T: AsRef<str>>(&self, cells: &[T]) -> Result<(), CliError> {
        // Through a buffer of its own: the writer of `csv` flushes what it writes to, which would cost a call a row.
        let mut writer = csv::WriterBuilder::new().buffer_capacity(4096).from_writer(Vec::new());
        let live = self.live;
        let shown = |cell: &T| if live { visible(cell.as_ref()).into_owned() } else { cell.as_ref().to_owned() };
        let written = writer.write_record(cells.iter().map(shown)).map_err(io::Error::from);
        let bytes = written.and_then(|()| writer.into_inner().map_err(|error| error.into_error()));
        self.raw(|stdout| stdout.write_all(&bytes?))
    }

    /// A question to a person, on standard error; the answer is awaited on the same line.
    pub fn ask(&self, question: &str) {
        let mut stderr = io::stderr();
        // Who cannot see the question will not answer it, and nothing happens.
        let _ = write!(stderr, "{}", visible(question)).and_then(|()| stderr.flush());
    }

    /// Runs `write` on standard output as it is: for CSV, TOML and the like.
    pub fn raw<T>(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> Result<T, CliError> {
        write(&mut *self.stdout.borrow_mut()).map_err(|error| CliError::output(&error))
    }

    fn raw_line(&self, bytes: &[u8]) -> Result<(), CliError> {
        self.raw(|stdout| {
            stdout.write_all(bytes)?;
            stdout.write_all(b"\n")?;
            if self.live { stdout.flush() } else { Ok(()) }
        })
    }

    /// Writes what is still held back.
    pub fn flush(&self) -> Result<(), CliError> {
        self.raw(|stdout| stdout.flush())
    }

    /// Says what went wrong; with `--json` and exit status 1 also as an object on standard output.
    pub fn error(&self, error: &CliError) -> Result<(), CliError> {
        #[derive(Serialize)]
        struct Body<'a> {
            code: &'a str,
            message: &'a str,
            next: &'a str,
        }
        #[derive(Serialize)]
        struct Object<'a> {
            error: Body<'a>,
        }
        self.insist(Line::styled(Style::Bad, "error: ").with(Style::Plain, &error.message));
        if !error.next.is_empty() {
            self.insist(Line::styled(Style::Dim, "   do: ").with(Style::Plain, &error.next));
        }
        if self.json && error.exit == super::error::Exit::NotDone {
            self.json(&Object { error: Body { code: error.code, message: &error.message, next: &error.next } })?;
        }
        Ok(())
    }
}

/// Hidden characters as JSON escapes. They can only stand inside strings, where an escape means the same.
fn escape_hidden(json: &str) -> Cow<'_, str> {
    if !json.contains(is_hidden) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_carries_no_escape_from_outside_with_or_without_colour() {
        let line = Line::styled(Style::Bad, "\x1b]0;owned\x07").with(Style::Plain, "a\nb");
        assert_eq!(line.render(false), "␛]0;owned␇a␊b");
        assert_eq!(line.render(true), "\x1b[31m␛]0;owned␇\x1b[0ma␊b");
    }

    #[test]
    fn json_holds_hidden_characters_escaped_and_unchanged() {
        let text = "a\u{9b}31m\u{202e}\u{e0041}\x1b";
        let json = serde_json::to_string(text).unwrap();
        let escaped = escape_hidden(&json);
        assert!(!escaped.contains(is_hidden), "{escaped}");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
    }
}
