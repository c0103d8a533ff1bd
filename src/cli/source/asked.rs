//! What is asked of a person on a terminal: texts, consent, and secrets without showing them.

use crate::cli::context::Context;
use crate::cli::error::CliError;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use secrecy::SecretString;
use std::io::{self, Read};

/// No secret is longer (bytes).
const MOST_BYTES: usize = 64 * 1024;

/// A text; empty takes what is usual. Without a terminal it is an error that names the flag.
pub fn text(context: &Context, flag: &str, question: &str, usual: Option<&str>) -> Result<String, CliError> {
    if !context.is_interactive() {
        return match usual {
            Some(usual) => Ok(usual.to_owned()),
            None => Err(CliError::usage(format!("{question} is not given"), format!("say it with {flag}"))),
        };
    }
    loop {
        let hint = usual.filter(|usual| !usual.is_empty()).map(|usual| format!(" [{usual}]")).unwrap_or_default();
        context.out.ask(&format!("{question}{hint}: "));
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line).map_err(|error| input(&error))?;
        match (line.trim(), usual) {
            ("", Some(usual)) => return Ok(usual.to_owned()),
            ("", None) if read == 0 => return Err(CliError::usage(format!("{question} is not given"), flag)),
            ("", None) => {}
            (text, _) => return Ok(text.to_owned()),
        }
    }
}

/// Whether a person says yes; nobody says it without a terminal.
pub fn yes(context: &Context, question: &str) -> Result<bool, CliError> {
    if !context.is_interactive() {
        return Ok(false);
    }
    context.out.ask(&format!("{question} Type yes: "));
    let mut line = String::new();
    io::stdin().read_line(&mut line).map_err(|error| input(&error))?;
    Ok(line.trim().eq_ignore_ascii_case("yes"))
}

/// A secret: typed without being shown, or the first line of standard input where that is no terminal.
pub fn secret(context: &Context, question: &str) -> Result<SecretString, CliError> {
    let secret = match context.is_interactive() {
        true => hidden(context, question)?,
        false => line()?,
    };
    match secret.is_empty() {
        true => Err(CliError::usage(format!("{question}: nothing was entered"), "enter it, or hand it in as a line")),
        false => Ok(SecretString::from(secret)),
    }
}

fn hidden(context: &Context, question: &str) -> Result<String, CliError> {
    let stdin = io::stdin();
    let shown = tcgetattr(&stdin).map_err(|error| input(&error.into()))?;
    let mut quiet = shown.clone();
    quiet.local_modes.remove(LocalModes::ECHO);
    context.out.ask(&format!("{question}: "));
    tcsetattr(&stdin, OptionalActions::Flush, &quiet).map_err(|error| input(&error.into()))?;
    let read = line();
    let back = tcsetattr(&stdin, OptionalActions::Flush, &shown);
    context.out.ask("\n");
    back.map_err(|error| input(&error.into()))?;
    read
}

/// A line of standard input, read without a buffer that would keep a copy of it or of what follows.
fn line() -> Result<String, CliError> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    let mut stdin = unbuffered().map_err(|error| input(&error))?;
    while bytes.len() < MOST_BYTES {
        match stdin.read(&mut byte) {
            Ok(0) => break,
            Ok(_) if byte[0] == b'\n' => break,
            Ok(_) => bytes.push(byte[0]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(input(&error)),
        }
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    String::from_utf8(bytes).map_err(|_| CliError::usage("What was entered is no UTF-8", "enter it as plain text"))
}

fn unbuffered() -> io::Result<std::fs::File> {
    use std::os::fd::AsFd;
    Ok(std::fs::File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

fn input(error: &io::Error) -> CliError {
    CliError::new("input", format!("Standard input: {error}"), "say it with flags")
}
