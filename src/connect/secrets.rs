//! Secrets where they are needed: what a reference of a source's connection leads to (design.md, Secrets).
//!
//! A secret is read at the moment it is used and kept nowhere. No error says what was read, only where from.

use super::error::ConnectError;
use crate::domain::source::SecretRef;
use rustix::fs::{Mode, OFlags};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The file of a workspace's own secrets, beside its database.
pub const SECRETS_FILE: &str = "secrets.toml";
/// No secret is longer (bytes): what is longer is another file than was meant.
const MOST_BYTES: u64 = 64 * 1024;
/// How often a command is asked whether it has ended.
const POLL: Duration = Duration::from_millis(10);

/// Where secrets come from: handed in, so that nothing here reads the environment by itself.
pub struct Secrets<'a> {
    /// A variable of the environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The workspace's directory.
    pub workspace: &'a Path,
    /// Whether commands of this workspace may run: not where another user owns it.
    pub is_trusted: bool,
    /// How long a command may take.
    pub patience: Duration,
}

impl std::fmt::Debug for Secrets<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").field("workspace", &self.workspace).finish_non_exhaustive()
    }
}

/// Why there is nothing where a secret should be. What is there is never part of it.
struct Why(String);

impl Secrets<'_> {
    /// What a reference leads to.
    ///
    /// # Errors
    /// When there is nothing there, or when it is kept where others can read it.
    pub fn get(&self, reference: &SecretRef) -> Result<SecretString, ConnectError> {
        let secret = match reference {
            SecretRef::Env { name } => match (self.env)(name) {
                None => Err(why("is not set")),
                Some(value) if value.is_empty() => Err(why("is empty")),
                Some(value) => Ok(SecretString::from(value)),
            },
            SecretRef::File { path } => read_private(Path::new(path))
                .map_err(|unreadable| Why(unreadable.to_string()))
                .and_then(|text| first_line(&text).ok_or_else(|| why("has an empty first line"))),
            SecretRef::Command { .. } if !self.is_trusted => Err(why(
                "may not run: this workspace is somebody else's. Keep the secret in a variable or a file of your own",
            )),
            SecretRef::Command { command } => from_command(command, self.patience),
            SecretRef::Stored { name } => stored(self.workspace, name),
        };
        secret.map_err(|Why(why)| ConnectError::SecretMissing { secret: reference.clone(), why })
    }
}

fn why(text: &str) -> Why {
    Why(text.to_owned())
}

/// Why a file of secrets was not read.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("is no regular file")]
    NotAFile,
    #[error("can be read by others (mode {0:04o}), so it is not used: `chmod 600` it")]
    TooOpen(u32),
    #[error("is larger than a secret can be ({MOST_BYTES} bytes)")]
    TooLarge,
    #[error("is no UTF-8")]
    NotText,
}

/// The whole of a file that only its owner can read.
fn read_private(path: &Path) -> Result<SecretString, Unreadable> {
    // Without O_NONBLOCK, opening a named pipe waits for whoever writes it.
    let flags = OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let mut file = File::from(rustix::fs::open(path, flags, Mode::empty()).map_err(io::Error::from)?);
    let data = file.metadata()?;
    if !data.is_file() {
        return Err(Unreadable::NotAFile);
    }
    let mode = data.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Unreadable::TooOpen(mode));
    }
    if data.len() > MOST_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let mut bytes = Vec::with_capacity(data.len() as usize + 1);
    Read::take(&mut file, MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(SecretString::from(String::from_utf8(bytes).map_err(|_| Unreadable::NotText)?))
}

/// The first line without its end; none when it is empty.
fn first_line(text: &SecretString) -> Option<SecretString> {
    let line = text.expose_secret().split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    (!line.is_empty()).then(|| SecretString::from(line))
}

/// The first line that a command prints. Its errors go nowhere: they may hold what is secret.
fn from_command(command: &str, patience: Duration) -> Result<SecretString, Why> {
    let failed = |error: io::Error| Why(format!("could not be run: {error}"));
    let too_slow = || Why(format!("did not end within {} s", patience.as_secs()));
    use std::os::unix::process::CommandExt;
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    // A group of its own, so that what the shell started ends with it.
    let mut child = shell.process_group(0).spawn().map_err(failed)?;
    let output = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = output.map_or(Ok(0), |output| output.take(MOST_BYTES).read_to_end(&mut bytes));
        read.map(|_| bytes)
    });
    let status = match wait(&mut child, patience) {
        Ok(Some(status)) => status,
        Ok(None) => {
            kill(&mut child);
            return Err(too_slow());
        }
        Err(error) => {
            kill(&mut child);
            return Err(failed(error));
        }
    };
    if !status.success() {
        return Err(Why(format!("ended with {status}")));
    }
    // What it left in the background may hold the pipe open.
    let until = Instant::now() + patience;
    while !reader.is_finished() {
        if Instant::now() > until {
            kill(&mut child);
            return Err(too_slow());
        }
        std::thread::sleep(POLL);
    }
    let bytes = reader.join().unwrap_or_else(|_| Err(io::Error::other("its output could not be read")));
    let text = String::from_utf8(bytes.map_err(failed)?).map_err(|_| why("printed what is no UTF-8"))?;
    first_line(&SecretString::from(text)).ok_or_else(|| why("printed nothing in its first line"))
}

fn wait(child: &mut Child, patience: Duration) -> io::Result<Option<std::process::ExitStatus>> {
    let until = Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() > until {
            return Ok(None);
        }
        std::thread::sleep(POLL);
    }
}

/// Ends a command and what it started.
fn kill(child: &mut Child) {
    if let Some(group) = rustix::process::Pid::from_raw(child.id() as i32) {
        // It may have ended by itself just now.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.wait();
}

/// A secret of the workspace's own file.
fn stored(workspace: &Path, name: &str) -> Result<SecretString, Why> {
    all(&workspace.join(SECRETS_FILE))?.remove(name).ok_or_else(|| why("is not there"))
}

/// Puts a secret into the workspace's own file, in the place of an earlier one of this name.
///
/// # Errors
/// When the file can be read by others, is no such file, or cannot be written.
pub fn store(workspace: &Path, name: &str, secret: &SecretString) -> Result<(), ConnectError> {
    change(workspace, name, |secrets| {
        secrets.insert(name.to_owned(), secret.clone());
        true
    })?;
    Ok(())
}

/// Takes a secret from the workspace's own file. Says whether there was one.
///
/// # Errors
/// As [`store`].
pub fn remove(workspace: &Path, name: &str) -> Result<bool, ConnectError> {
    change(workspace, name, |secrets| secrets.remove(name).is_some())
}

/// Reads, changes and, where the change says so, writes.
fn change(
    workspace: &Path,
    name: &str,
    change: impl FnOnce(&mut BTreeMap<String, SecretString>) -> bool,
) -> Result<bool, ConnectError> {
    let path = workspace.join(SECRETS_FILE);
    let _one_at_a_time = lock(workspace).map_err(|error| ConnectError::local(&path, "write", &error))?;
    let secret = SecretRef::Stored { name: name.to_owned() };
    let mut secrets = all(&path).map_err(|Why(why)| ConnectError::SecretMissing { secret, why })?;
    let is_changed = change(&mut secrets);
    if is_changed {
        write(&path, &secrets).map_err(|error| ConnectError::local(&path, "write", &error))?;
    }
    Ok(is_changed)
}

/// Of two that change the file at once, the second begins from what the first wrote.
fn lock(workspace: &Path) -> io::Result<File> {
    let directory = File::open(workspace)?;
    directory.lock()?;
    Ok(directory)
}

/// What the file holds; nothing where there is none.
fn all(path: &Path) -> Result<BTreeMap<String, SecretString>, Why> {
    let text = match read_private(path) {
        Ok(text) => text,
        Err(Unreadable::Io(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(unreadable) => return Err(Why(format!("cannot be looked up: {} {unreadable}", path.display()))),
    };
    let text = text.expose_secret();
    // The parser's own message quotes the line: it could be the secret.
    let parsed: BTreeMap<String, String> = toml::from_str(text).map_err(|error| {
        let before = error.span().map_or(0, |span| span.start).min(text.len());
        let line = text.as_bytes()[..before].iter().filter(|byte| **byte == b'\n').count() + 1;
        Why(format!("cannot be looked up: line {line} of {} is not as it should be", path.display()))
    })?;
    Ok(parsed.into_iter().map(|(name, value)| (name, SecretString::from(value))).collect())
}

/// Writes the file anew beside the old one and puts it in its place, so that there is always a whole one.
fn write(path: &Path, secrets: &BTreeMap<String, SecretString>) -> io::Result<()> {
    let plain: BTreeMap<&str, &str> =
        secrets.iter().map(|(name, secret)| (name.as_str(), secret.expose_secret())).collect();
    let text = toml::to_string(&plain).map_err(|_| io::Error::other("a secret cannot be written as TOML"))?;
    let text = SecretString::from(text);
    let new = path.with_extension("toml.new");
    // One that a killed process left may be open to others.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new).and_then(|mut file| {
        file.write_all(text.expose_secret().as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    });
    if let Err(error) = written {
        // It holds secrets, and nobody would look for them there.
        let _ = fs::remove_file(&new);
        return Err(error);
    }
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "s3cr3t-canary";

    fn env(name: &str) -> Option<String> {
        match name {
            "FULL" => Some(CANARY.to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    fn secrets(workspace: &Path, is_trusted: bool) -> Secrets<'_> {
        Secrets { env: &env, workspace, is_trusted, patience: Duration::from_secs(20) }
    }

    fn file(dir: &Path, name: &str, content: &[u8], mode: u32) -> String {
        let path = dir.join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// What an error says is missing. It shows nothing of what is there, nor a command.
    fn reason(error: ConnectError) -> String {
        let ConnectError::SecretMissing { why, .. } = &error else { panic!("{error}") };
        assert!(!error.to_string().contains(CANARY) && !why.contains(CANARY), "{error}");
        why.clone()
    }

    /// What a reference leads to, or why to nothing.
    fn outcome(secrets: &Secrets<'_>, reference: &SecretRef) -> Result<String, String> {
        secrets.get(reference).map(|secret| secret.expose_secret().to_owned()).map_err(reason)
    }

    #[test]
    fn references_lead_to_the_secret_or_say_where_it_is_missing() {
        let dir = tempfile::tempdir().unwrap();
        let in_file =
            |name: &str, content: &[u8], mode| SecretRef::File { path: file(dir.path(), name, content, mode) };
        let by = |command: &str| SecretRef::Command { command: command.to_owned() };
        let of = |name: &str| SecretRef::Env { name: name.to_owned() };
        let cases = [
            (of("FULL"), ""),
            (of("EMPTY"), "is empty"),
            (of("NONE"), "is not set"),
            (in_file("lf", b"s3cr3t-canary\nsecond", 0o600), ""),
            (in_file("crlf", b"s3cr3t-canary\r\n", 0o400), ""),
            (in_file("bare", b"s3cr3t-canary", 0o600), ""),
            (in_file("group", b"s3cr3t-canary", 0o640), "can be read by others (mode 0640)"),
            (in_file("world", b"s3cr3t-canary", 0o604), "can be read by others (mode 0604)"),
            (in_file("empty", b"\ns3cr3t-canary", 0o600), "has an empty first line"),
            (in_file("binary", b"s3cr3t-canary\xff", 0o600), "is no UTF-8"),
            (in_file("large", &[b'x'; 70_000], 0o600), "is larger than"),
            (SecretRef::File { path: dir.path().join("no").to_str().unwrap().to_owned() }, "No such file"),
            (SecretRef::File { path: dir.path().to_str().unwrap().to_owned() }, "is no regular file"),
            (by("printf 's3cr3t-canary\\nmore'"), ""),
            (by("echo s3cr3t-canary; echo s3cr3t-canary >&2; exit 3"), "ended with exit status: 3"),
            (by("true"), "printed nothing"),
            (by("no-such-command-here"), "ended with exit status: 127"),
        ];
        for (reference, expected) in cases {
            match outcome(&secrets(dir.path(), true), &reference) {
                Ok(secret) => assert_eq!((secret.as_str(), expected), (CANARY, ""), "{reference:?}"),
                Err(why) => assert!(!expected.is_empty() && why.contains(expected), "{why}: {reference:?}"),
            }
        }
    }

    #[test]
    fn a_pipe_in_the_place_of_a_file_does_not_keep_anybody_waiting() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, Mode::from(0o600), 0).unwrap();
        let reference = SecretRef::File { path: path.to_str().unwrap().to_owned() };
        assert_eq!(outcome(&secrets(dir.path(), true), &reference), Err("is no regular file".to_owned()));
    }

    #[test]
    fn commands_run_only_where_the_workspace_is_trusted() {
        let dir = tempfile::tempdir().unwrap();
        let mark = dir.path().join("ran");
        let reference = SecretRef::Command { command: format!("touch {}; echo x", mark.display()) };
        let why = outcome(&secrets(dir.path(), false), &reference).unwrap_err();
        assert!(why.contains("somebody else's"), "{why}");
        assert!(!mark.exists());
    }

    #[test]
    fn a_command_that_does_not_end_is_ended_with_what_it_started() {
        let dir = tempfile::tempdir().unwrap();
        let pid = dir.path().join("pid");
        let reference = SecretRef::Command { command: format!("sleep 600 & echo $! > {}; wait", pid.display()) };
        let impatient = Secrets { patience: Duration::from_secs(3), ..secrets(dir.path(), true) };
        assert_eq!(outcome(&impatient, &reference), Err("did not end within 3 s".to_owned()));
        let started: i32 = fs::read_to_string(&pid).unwrap().trim().parse().unwrap();
        let state = || fs::read_to_string(format!("/proc/{started}/stat")).unwrap_or_default();
        // A killed process may take a moment to end, and whoever reaps it too: until then it is a zombie.
        let has_ended = || state().is_empty() || state().contains(") Z ");
        for _ in 0..500 {
            if has_ended() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(has_ended(), "{}", state());
    }

    #[test]
    fn stored_secrets_are_kept_private_replaced_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(SECRETS_FILE);
        let reference = SecretRef::Stored { name: "crm.password".to_owned() };
        let secrets = secrets(dir.path(), false);
        assert_eq!(outcome(&secrets, &reference), Err("is not there".to_owned()));
        let awkward = "a\"b\\c\nd = 'e'\u{1}é";
        for value in ["first", awkward, CANARY] {
            store(dir.path(), "crm.password", &SecretString::from(value)).unwrap();
            store(dir.path(), "other", &SecretString::from(awkward)).unwrap();
            assert_eq!(outcome(&secrets, &reference), Ok(value.to_owned()));
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(remove(dir.path(), "crm.password").unwrap());
        assert!(!remove(dir.path(), "crm.password").unwrap());
        assert_eq!(outcome(&secrets, &reference), Err("is not there".to_owned()));
        let other = secrets.get(&SecretRef::Stored { name: "other".to_owned() }).unwrap();
        assert_eq!(other.expose_secret(), awkward);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_of_secrets_that_others_can_read_or_that_is_broken_is_refused_and_left() {
        let dir = tempfile::tempdir().unwrap();
        let reference = SecretRef::Stored { name: "a".to_owned() };
        let change = || store(dir.path(), "b", &SecretString::from("x")).map_err(reason).unwrap_err();
        let read = || outcome(&secrets(dir.path(), true), &reference).unwrap_err();
        let mut cases = vec![(&b"a = \"s3cr3t-canary\"\n"[..], 0o644, "can be read by others")];
        let broken = [&b"a = \"s3cr3t-canary\"\nb = s3cr3t-canary\n"[..], b"s3cr3t-canary", b"a = 3\n"];
        cases.extend(broken.iter().zip(["line 2", "line 1", "line 1"]).map(|(content, line)| (*content, 0o600, line)));
        for (content, mode, expected) in cases {
            let path = file(dir.path(), SECRETS_FILE, content, mode);
            for why in [read(), change()] {
                assert!(why.contains(expected), "{why}");
            }
            assert_eq!(fs::read(path).unwrap(), content);
        }
    }
}
