//! What a command does to files, from strace: every write with its bytes, every sync, every change of a name.

use super::breaking::strace;
use super::common::{Landfall, Said};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Calls that can change files, and those that move the place at which the next `write` writes. Those with a question
/// mark do not exist on every architecture.
const CALLS: &str = "openat,?open,?creat,read,lseek,pwrite64,write,writev,pwritev,?pwritev2,copy_file_range,sendfile,\
                     fallocate,ftruncate,truncate,fsync,fdatasync,?sync_file_range,?rename,?renameat,?renameat2,?link,\
                     linkat,?symlink,symlinkat,?unlink,unlinkat,?mkdir,mkdirat,?rmdir";

/// The index of SQLite's log is memory that processes share; it is made anew after a loss of power.
const SHARED: &str = "-shm";

/// A file, whatever it is called by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub usize);

/// One change, complete when the next one begins. Paths are relative to where the command was run.
#[derive(Debug, Clone)]
pub enum Event {
    Write {
        file: FileId,
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        file: FileId,
        length: usize,
    },
    /// What was written to the file before this many events is on the disk.
    SyncFile {
        file: FileId,
        before: usize,
    },
    /// The names in a directory, as they were before this many events, are on the disk.
    SyncNames {
        directory: PathBuf,
        before: usize,
    },
    MakeFile {
        path: PathBuf,
        file: FileId,
    },
    MakeDirectory {
        path: PathBuf,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Remove {
        path: PathBuf,
    },
    /// It said something on standard output: somebody knows of its result.
    Said,
}

/// All that a command did, in order, and the files that there were before.
#[derive(Debug, Clone)]
pub struct Trace {
    pub events: Vec<Event>,
    /// The files that were there, on the disk, with their content.
    pub before: Vec<(PathBuf, FileId, Vec<u8>)>,
    pub directories_before: BTreeSet<PathBuf>,
    /// What each file was called first.
    pub names: BTreeMap<FileId, PathBuf>,
}

/// Runs a command under strace and records what it does in its directory.
pub fn record(landfall: &Landfall, args: &[&str]) -> (Said, Trace) {
    let root = landfall.dir().canonicalize().expect("the directory is there");
    let mut recorder = Recorder::of(&root);
    // Beside the directory, whose content is compared.
    let log = tempfile::NamedTempFile::new().expect("a log");
    let trace = format!("trace={CALLS}");
    let options = ["-y", "-xx", "-s", "100000000", "-o", log.path().to_str().unwrap(), "-e", &trace];
    let said = strace::under_strace(landfall, args, &options);
    let text = std::fs::read_to_string(log.path()).expect("strace wrote its log");
    text.lines().for_each(|line| recorder.line(line));
    (said, recorder.trace)
}

struct Recorder {
    root: PathBuf,
    trace: Trace,
    /// What each path stands for, as the command sees it.
    files: BTreeMap<PathBuf, FileId>,
    /// The files that are open, and where the next `read` or `write` goes.
    open: BTreeMap<i64, (FileId, usize)>,
    /// By thread: calls of which only the beginning was seen, with the number of events before them.
    begun: BTreeMap<String, (String, usize)>,
}

impl Recorder {
    fn of(root: &Path) -> Recorder {
        let mut recorder = Recorder {
            root: root.to_owned(),
            trace: Trace {
                events: Vec::new(),
                before: Vec::new(),
                directories_before: BTreeSet::new(),
                names: BTreeMap::new(),
            },
            files: BTreeMap::new(),
            open: BTreeMap::new(),
            begun: BTreeMap::new(),
        };
        recorder.list(root);
        recorder
    }

    fn list(&mut self, directory: &Path) {
        self.trace.directories_before.insert(directory.strip_prefix(&self.root).unwrap().to_owned());
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.list(&path);
            } else if !path.to_str().unwrap().ends_with(SHARED) {
                let relative = path.strip_prefix(&self.root).unwrap().to_owned();
                let file = self.new_file(&relative);
                self.trace.before.push((relative, file, std::fs::read(&path).unwrap()));
            }
        }
    }

    fn new_file(&mut self, path: &Path) -> FileId {
        let file = FileId(self.trace.names.len());
        self.trace.names.insert(file, path.to_owned());
        self.files.insert(path.to_owned(), file);
        file
    }

    /// The path within the directory, unless it is elsewhere.
    fn inside(&self, path: &[u8]) -> Option<PathBuf> {
        let path = self.root.join(std::str::from_utf8(path).expect("paths here are UTF-8"));
        let relative = path.strip_prefix(&self.root).ok()?;
        let is_shared = path.to_str().is_some_and(|path| path.ends_with(SHARED));
        (!is_shared).then(|| relative.to_owned())
    }

    /// The same of what a handle is open on, which is `pipe:[7]` or the like where it is no file.
    fn inside_open(&self, path: &[u8]) -> Option<PathBuf> {
        let path = path.strip_suffix(b" (deleted)").unwrap_or(path);
        path.starts_with(b"/").then(|| self.inside(path))?
    }

    fn line(&mut self, line: &str) {
        let Some((thread, rest)) = line.split_once(' ') else { return };
        let rest = rest.trim_start();
        let now = self.trace.events.len();
        if let Some(begin) = rest.strip_suffix(" <unfinished ...>") {
            self.begun.insert(thread.to_owned(), (begin.to_owned(), now));
        } else if let Some(rest) = rest.strip_prefix("<... ") {
            let (Some((begin, before)), Some((_, end))) = (self.begun.remove(thread), rest.split_once(" resumed>"))
            else {
                return;
            };
            self.call(&format!("{begin}{end}"), before);
        } else {
            self.call(rest, now);
        }
    }

    fn call(&mut self, text: &str, before: usize) {
        let Some((name, rest)) = text.split_once('(') else { return };
        let Some((arguments, result)) = rest.rsplit_once(") = ").or_else(|| {
            let (arguments, result) = rest.rsplit_once('=')?;
            Some((arguments.trim_end().strip_suffix(')')?, result.trim_start()))
        }) else {
            return;
        };
        let result = Argument::of(result);
        let done = result.number();
        if done < 0 || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return;
        }
        let given: Vec<Argument> = split(arguments).into_iter().map(Argument::of).collect();
        match name {
            "openat" | "open" | "creat" => self.opened(&given, &result),
            "mkdir" | "mkdirat" => {
                self.names_change(&given, |mut paths| Event::MakeDirectory { path: paths.remove(0) })
            }
            "unlink" | "unlinkat" | "rmdir" => {
                self.names_change(&given, |mut paths| Event::Remove { path: paths.remove(0) })
            }
            "rename" | "renameat" | "renameat2" => {
                self.names_change(&given, |mut paths| Event::Rename { from: paths.remove(0), to: paths.remove(0) });
            }
            "write" if given[0].number() == 1 => self.trace.events.push(Event::Said),
            "truncate" | "link" | "linkat" | "symlink" | "symlinkat" => {
                let inside = given.iter().filter_map(|one| self.inside(one.text.as_deref()?)).count();
                assert_eq!(inside, 0, "this call is not known to the model: {name}");
            }
            _ => self.on_open_file(name, &given, done as usize, before),
        }
    }

    fn opened(&mut self, given: &[Argument], result: &Argument) {
        let Some(path) = result.path.as_deref().and_then(|path| self.inside_open(path)) else {
            self.open.remove(&result.number());
            return;
        };
        if self.root.join(&path).is_dir() && !self.files.contains_key(&path) {
            return;
        }
        let flags = given.iter().map(|one| one.word.as_str()).find(|word| word.starts_with("O_")).unwrap_or_default();
        assert!(!flags.contains("O_APPEND"), "the model knows no O_APPEND: {path:?}");
        let file = match self.files.get(&path) {
            Some(file) => *file,
            None if flags.contains("O_CREAT") => {
                let file = self.new_file(&path);
                self.trace.events.push(Event::MakeFile { path, file });
                file
            }
            None => return,
        };
        if flags.contains("O_TRUNC") {
            self.trace.events.push(Event::Truncate { file, length: 0 });
        }
        self.open.insert(result.number(), (file, 0));
    }

    fn names_change(&mut self, given: &[Argument], event: impl FnOnce(Vec<PathBuf>) -> Event) {
        let paths: Vec<PathBuf> = given.iter().filter_map(|one| self.inside(one.text.as_deref()?)).collect();
        if paths.is_empty() {
            return;
        }
        let event = event(paths);
        match &event {
            Event::Rename { from, to } => {
                let file = self.files.remove(from).expect("what is renamed is a file");
                self.files.insert(to.clone(), file);
            }
            Event::Remove { path } => drop(self.files.remove(path)),
            _ => {}
        }
        self.trace.events.push(event);
    }

    fn on_open_file(&mut self, name: &str, given: &[Argument], done: usize, before: usize) {
        let Some(path) = given[0].path.as_deref().and_then(|path| self.inside_open(path)) else { return };
        let handle = given[0].number();
        let known = self.open.get(&handle).copied();
        match (name, known) {
            ("fsync" | "fdatasync", Some((file, _))) if !self.is_directory(&path) => {
                self.trace.events.push(Event::SyncFile { file, before });
            }
            ("fsync" | "fdatasync", _) => self.trace.events.push(Event::SyncNames { directory: path, before }),
            ("read", Some((_, at))) => self.moved(handle, at + done),
            ("lseek", Some(_)) => self.moved(handle, done),
            ("pwrite64", Some((file, _))) => {
                let (bytes, offset) = (given[1].bytes(done), given[3].number() as usize);
                self.trace.events.push(Event::Write { file, offset, bytes });
            }
            ("write", Some((file, offset))) => {
                self.trace.events.push(Event::Write { file, offset, bytes: given[1].bytes(done) });
                self.moved(handle, offset + done);
            }
            ("ftruncate", Some((file, _))) => {
                self.trace.events.push(Event::Truncate { file, length: given[1].number() as usize });
            }
            // Reading a directory, or what was open before.
            ("read" | "lseek", None) => {}
            _ => panic!("this call is not known to the model: {name} on {}", path.display()),
        }
    }

    fn is_directory(&self, path: &Path) -> bool {
        let made = |event: &Event| matches!(event, Event::MakeDirectory { path: made } if made == path);
        self.trace.directories_before.contains(path) || self.trace.events.iter().any(made)
    }

    fn moved(&mut self, handle: i64, to: usize) {
        if let Some((_, at)) = self.open.get_mut(&handle) {
            *at = to;
        }
    }
}

/// One argument of a call, or its result: `5<path>`, `"text"`, `O_RDWR|O_CREAT`, `8192`.
struct Argument {
    /// What stands before a path, or all of it where it is no text.
    word: String,
    /// Of a handle, what it is open on.
    path: Option<Vec<u8>>,
    text: Option<Vec<u8>>,
}

impl Argument {
    fn of(text: &str) -> Argument {
        let text = text.trim();
        if let Some(quoted) = text.strip_prefix('"') {
            let quoted = quoted.split('"').next().unwrap_or_default();
            return Argument { word: String::new(), path: None, text: Some(unescaped(quoted)) };
        }
        match text.split_once('<') {
            Some((word, path)) => {
                let path = path.split('>').next().unwrap_or_default();
                Argument { word: word.to_owned(), path: Some(unescaped(path)), text: None }
            }
            None => Argument { word: text.to_owned(), path: None, text: None },
        }
    }

    /// The number that it is; -1 for what is none, which is how calls say that they failed.
    fn number(&self) -> i64 {
        self.word.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(-1)
    }

    fn bytes(&self, length: usize) -> Vec<u8> {
        let bytes = self.text.as_ref().expect("a write says what it writes");
        assert!(bytes.len() >= length, "strace shortened what is written");
        bytes[..length].to_vec()
    }
}

/// The arguments, which commas separate; strings are written in hexadecimal digits, and so hold none.
fn split(arguments: &str) -> Vec<&str> {
    arguments.split(", ").collect()
}

/// `\x61b` as `ab`.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4);
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let digits = more.get(1..3).filter(|_| *first == b'\\' && more[0] == b'x');
        match digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &more[3..];
            }
            None => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    bytes
}
