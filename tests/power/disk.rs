//! What a disk may hold after its power failed: all that was synced, and of the rest what the system happened to have
//! written.
//!
//! Nothing is taken for granted beyond what POSIX says of `fsync`: a file's content is safe when the file was synced, its
//! name when the directory was. Of everything else any part may be there. Data come page by page, each page as it was at
//! some moment since it was last synced, pages written later possibly before pages written earlier; a file may have its
//! new length and zeros instead of the data. Names in one directory change in the order in which they were changed, as
//! every file system with a journal keeps it.

use super::trace::{Event, FileId, Trace};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const PAGE: usize = 4096;

/// What becomes of writes that were not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Lost,
    Kept,
    /// Only the pages that were written last are there, and the lengths.
    Latest,
    /// Each page, length and name for itself, as this seed says.
    Random(u64),
}

/// Makes the directory as it may be when the power fails after this many events.
pub fn rebuild(trace: &Trace, cut: usize, fate: Fate, target: &Path) {
    let mut chance = Chance(match fate {
        Fate::Random(seed) => seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ cut as u64,
        _ => 1,
    });
    let names = Names::after(trace, cut, fate, &mut chance);
    for (path, entry) in &names.0 {
        // A name in a directory that has none itself leads nowhere.
        if !path.ancestors().skip(1).all(|parent| names.is_directory(parent)) {
            continue;
        }
        match entry {
            Entry::Directory => fs::create_dir_all(target.join(path)).unwrap(),
            Entry::File(file) => fs::write(target.join(path), content(trace, *file, cut, fate, &mut chance)).unwrap(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    Directory,
    File(FileId),
}

/// What each path stands for. Paths sort behind the directories that hold them.
struct Names(BTreeMap<PathBuf, Entry>);

impl Names {
    fn after(trace: &Trace, cut: usize, fate: Fate, chance: &mut Chance) -> Names {
        let directories = trace.directories_before.iter().map(|path| (path.clone(), Entry::Directory));
        let files = trace.before.iter().map(|(path, file, _)| (path.clone(), Entry::File(*file)));
        let mut names = Names(directories.chain(files).collect());
        let mut kept: BTreeMap<PathBuf, usize> = BTreeMap::new();
        for (at, event) in trace.events[..cut].iter().enumerate() {
            let Some(directory) = changes_names_in(event) else { continue };
            let kept = kept.entry(directory.to_owned()).or_insert_with(|| {
                let synced = names_synced(trace, directory, cut);
                match fate {
                    Fate::Lost => synced,
                    Fate::Kept | Fate::Latest => cut,
                    Fate::Random(_) => chance.moment(synced, cut),
                }
            });
            if at < *kept {
                names.change(event);
            }
        }
        names
    }

    fn change(&mut self, event: &Event) {
        match event {
            Event::MakeFile { path, file } => drop(self.0.insert(path.clone(), Entry::File(*file))),
            Event::MakeDirectory { path } => drop(self.0.insert(path.clone(), Entry::Directory)),
            Event::Remove { path } => drop(self.0.remove(path)),
            Event::Rename { from, to } => {
                let entry = self.0.remove(from).expect("names of one directory change in order");
                self.0.insert(to.clone(), entry);
            }
            _ => {}
        }
    }

    fn is_directory(&self, path: &Path) -> bool {
        self.0.get(path) == Some(&Entry::Directory)
    }
}

fn changes_names_in(event: &Event) -> Option<&Path> {
    match event {
        Event::MakeFile { path, .. } | Event::MakeDirectory { path } | Event::Remove { path } => path.parent(),
        Event::Rename { from, to } => {
            assert_eq!(from.parent(), to.parent(), "the model moves no file to another directory");
            from.parent()
        }
        _ => None,
    }
}

/// The names of the directory are on the disk as they were before this many events.
fn names_synced(trace: &Trace, directory: &Path, cut: usize) -> usize {
    let synced = trace.events[..cut].iter().filter_map(|event| match event {
        Event::SyncNames { directory: synced, before } if synced == directory => Some(*before),
        _ => None,
    });
    synced.max().unwrap_or(0)
}

fn content(trace: &Trace, file: FileId, cut: usize, fate: Fate, chance: &mut Chance) -> Vec<u8> {
    let events = || trace.events[..cut].iter().enumerate();
    let synced = events().filter_map(|(_, event)| match event {
        Event::SyncFile { file: synced, before } if *synced == file => Some(*before),
        _ => None,
    });
    let synced = synced.max().unwrap_or(0);
    let before = trace.before.iter().find(|(_, known, _)| *known == file);
    let mut bytes = before.map(|(_, _, bytes)| bytes.clone()).unwrap_or_default();
    let unsynced: Vec<usize> =
        events().skip(synced).filter(|(_, event)| writes(event, file)).map(|(at, _)| at).collect();
    // Writes from here on count as late.
    let late = unsynced.get(unsynced.len() / 2).copied().unwrap_or(cut);
    let lengths = match fate {
        Fate::Lost => synced,
        Fate::Kept | Fate::Latest => cut,
        Fate::Random(_) => chance.moment(synced, cut),
    };
    // Up to which event each page has what was written to it.
    let mut pages: BTreeMap<usize, usize> = BTreeMap::new();
    if fate == Fate::Latest {
        for (at, event) in events().filter(|(at, event)| *at >= synced && writes(event, file)) {
            let Event::Write { offset, bytes, .. } = event else { continue };
            for page in offset / PAGE..=(offset + bytes.len().max(1) - 1) / PAGE {
                pages.insert(page, if at >= late { cut } else { synced });
            }
        }
    }
    for (at, event) in events() {
        match event {
            Event::Truncate { file: changed, length } if *changed == file && (at < synced || at < lengths) => {
                bytes.resize(*length, 0);
            }
            Event::Write { file: changed, offset, bytes: written } if *changed == file => {
                let mut done = 0;
                while done < written.len() {
                    let from = offset + done;
                    let page = from / PAGE;
                    let part = (written.len() - done).min((page + 1) * PAGE - from);
                    let upto = *pages.entry(page).or_insert_with(|| match fate {
                        Fate::Lost | Fate::Latest => synced,
                        Fate::Kept => cut,
                        Fate::Random(_) => chance.moment(synced, cut),
                    });
                    let is_there = at < synced || at < upto;
                    if (is_there || at < lengths) && bytes.len() < from + part {
                        bytes.resize(from + part, 0);
                    }
                    if is_there {
                        bytes[from..from + part].copy_from_slice(&written[done..done + part]);
                    }
                    done += part;
                }
            }
            _ => {}
        }
    }
    bytes
}

fn writes(event: &Event, file: FileId) -> bool {
    matches!(event, Event::Write { file: written, .. } if *written == file)
}

/// Numbers that look random and are the same in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        // xorshift64; zero would stay zero.
        self.0 = self.0.max(1);
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// How far something got: not at all, all the way, or to a moment in between, a third of the times each.
    fn moment(&mut self, from: usize, to: usize) -> usize {
        match self.next() % 3 {
            0 => from,
            1 => to,
            _ => from + (self.next() >> 16) as usize % (to - from + 1),
        }
    }
}
