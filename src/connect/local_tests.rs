//! What a directory gives, and what it is not asked for.

use super::*;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

fn make(dir: &Path, name: &str, content: &[u8]) {
    fs::write(dir.join(name), content).unwrap();
}

fn place(dir: &Path) -> DirPlace {
    DirPlace::open(dir).unwrap()
}

fn found(place: &DirPlace, name: &str) -> FileIdentity {
    place.list().unwrap().into_iter().map(|it| it.identity).find(|it| it.name == name).unwrap()
}

fn fetch(place: &DirPlace, file: &FileIdentity, part: &Path) -> Result<Fetched, &'static str> {
    place.fetch(file, part, &mut |_| {}, &AtomicBool::new(false)).map_err(|error| error.code())
}

fn pipe(path: &Path) {
    rustix::fs::mknodat(rustix::fs::CWD, path, FileType::Fifo, Mode::from(0o600), 0).unwrap();
}

/// Everything that can lie under a name, in a directory of its own beside which lies a secret.
fn zoo() -> (tempfile::TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("drop");
    fs::create_dir(&dir).unwrap();
    make(root.path(), "secret", b"not yours");
    make(&dir, "a.csv", b"x\n1\n");
    make(&dir, "-rf.csv", b"x\n");
    make(&dir, "two\nlines.csv", b"x\n");
    make(&dir, "\u{1b}[2J.csv", b"x\n");
    make(&dir, &format!("{}.csv", "n".repeat(251)), b"x\n");
    fs::write(dir.join(std::ffi::OsStr::from_bytes(b"not-utf8-\xff.csv")), b"x\n").unwrap();
    fs::create_dir(dir.join("sub.csv")).unwrap();
    symlink("../secret", dir.join("link.csv")).unwrap();
    symlink("loop.csv", dir.join("loop.csv")).unwrap();
    symlink("/dev/zero", dir.join("zero.csv")).unwrap();
    pipe(&dir.join("pipe.csv"));
    std::os::unix::net::UnixListener::bind(dir.join("socket.csv")).unwrap();
    (root, dir)
}

#[test]
fn a_look_tells_what_lies_under_every_name() {
    let (_root, dir) = zoo();
    let listed = place(&dir).list().unwrap();
    let kind_of = |name: &str| listed.iter().find(|it| it.identity.name == name).map(|it| it.kind);
    for (name, kind) in [
        ("a.csv", ListedKind::File),
        ("-rf.csv", ListedKind::File),
        ("two\nlines.csv", ListedKind::BadName),
        ("\u{1b}[2J.csv", ListedKind::BadName),
        ("not-utf8-\u{fffd}.csv", ListedKind::BadName),
        ("sub.csv", ListedKind::Directory),
        ("link.csv", ListedKind::Link),
        ("loop.csv", ListedKind::Link),
        ("zero.csv", ListedKind::Link),
        ("pipe.csv", ListedKind::Pipe),
        ("socket.csv", ListedKind::Socket),
    ] {
        assert_eq!(kind_of(name), Some(kind), "{name:?}");
    }
    assert_eq!(listed.len(), 12);
    let device = place(Path::new("/dev")).list().unwrap();
    assert!(device.iter().any(|it| it.identity.name == "null" && it.kind == ListedKind::Device));
}

#[test]
fn nothing_but_a_regular_file_is_read_however_it_is_asked_for() {
    let (root, dir) = zoo();
    let place = place(&dir);
    let part = root.path().join("part");
    for listed in place.list().unwrap() {
        let name = listed.identity.name.clone();
        let is_file = listed.kind == ListedKind::File;
        assert_eq!(fetch(&place, &listed.identity, &part).is_ok(), is_file, "{name:?}");
        if listed.kind != ListedKind::BadName {
            assert_eq!(place.read_small(&name, 100).unwrap().is_some(), is_file, "{name:?}");
        }
    }
    for name in ["../secret", "sub.csv/../../secret", "/etc/passwd", ".", "..", "", "a.csv/"] {
        let asked = FileIdentity { name: name.to_owned(), size: 9, modified_ms: 0 };
        assert_eq!(fetch(&place, &asked, &part), Err("bad_name"), "{name:?}");
        assert_eq!(place.after(&asked, &AfterImport::Delete).map_err(|error| error.code()), Err("bad_name"));
    }
    assert_eq!(fs::read(root.path().join("secret")).unwrap(), b"not yours");
}

#[test]
fn a_fetched_file_is_whole_hashed_and_told_of() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("drop");
    fs::create_dir(&dir).unwrap();
    make(&dir, "a.csv", &vec![b'x'; 2_500_000]);
    let place = place(&dir);
    let part = root.path().join("a.part");
    fs::write(&part, vec![b'y'; 3_000_000]).unwrap();
    let mut told = Vec::new();
    let file = found(&place, "a.csv");
    let fetched = place.fetch(&file, &part, &mut |n| told.push(n), &AtomicBool::new(false)).unwrap();
    assert_eq!(fetched.bytes, 2_500_000);
    let hash = Sha256::digest(fs::read(&part).unwrap());
    assert_eq!(fetched.sha256, hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    assert_eq!(fs::read(&part).unwrap(), fs::read(dir.join("a.csv")).unwrap());
    assert_eq!(told.last(), Some(&2_500_000));
    let stopped = place.fetch(&file, &part, &mut |_| {}, &AtomicBool::new(true));
    assert_eq!(stopped, Err(ConnectError::Stopped));
}

#[test]
fn a_file_that_is_another_by_now_is_neither_fetched_nor_moved_nor_deleted() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("drop");
    fs::create_dir_all(dir.join("done")).unwrap();
    let place = place(&dir);
    let part = root.path().join("part");
    let to_done = AfterImport::Move { directory: "done".to_owned() };
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let touch = |at| File::options().write(true).open(dir.join("a.csv")).unwrap().set_modified(at).unwrap();
    let changes: [(&str, &dyn Fn()); 4] = [
        ("file_changed", &|| make(&dir, "a.csv", b"longer than it was")),
        ("file_changed", &|| touch(at + Duration::from_secs(1))),
        ("file_vanished", &|| fs::remove_file(dir.join("a.csv")).unwrap()),
        ("not_a_file", &|| {
            fs::remove_file(dir.join("a.csv")).unwrap();
            pipe(&dir.join("a.csv"));
        }),
    ];
    for (code, change) in changes {
        make(&dir, "a.csv", b"x\n1\n");
        touch(at);
        let file = found(&place, "a.csv");
        change();
        assert_eq!(fetch(&place, &file, &part), Err(code));
        for after in [&to_done, &AfterImport::Delete] {
            assert_eq!(place.after(&file, after).map_err(|error| error.code()), Err(code));
        }
        assert_eq!(dir.join("a.csv").symlink_metadata().is_ok(), code != "file_vanished");
    }
    assert_eq!(fs::read_dir(dir.join("done")).unwrap().count(), 0);
}

#[test]
fn after_an_import_a_file_stays_goes_or_moves_and_nothing_is_overwritten() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("drop");
    fs::create_dir_all(dir.join("done")).unwrap();
    fs::create_dir(root.path().join("beside")).unwrap();
    let place = place(&dir);
    let after = |content: &[u8], after: AfterImport| {
        make(&dir, "a.csv", content);
        place.after(&found(&place, "a.csv"), &after).map_err(|error| error.code())
    };
    let to = |directory: &str| AfterImport::Move { directory: directory.to_owned() };
    assert_eq!(after(b"0", AfterImport::Leave), Ok(None));
    assert!(dir.join("a.csv").exists());
    assert_eq!(after(b"1", AfterImport::Delete), Ok(None));
    assert!(!dir.join("a.csv").exists());
    for (number, name) in ["a.csv", "a-2.csv", "a-3.csv"].into_iter().enumerate() {
        assert_eq!(after(number.to_string().as_bytes(), to("done")), Ok(Some(name.to_owned())));
        assert!(!dir.join("a.csv").exists());
    }
    for (number, name) in ["a.csv", "a-2.csv", "a-3.csv"].into_iter().enumerate() {
        assert_eq!(fs::read_to_string(dir.join("done").join(name)).unwrap(), number.to_string());
    }
    assert_eq!(after(b"b", to("../beside")), Ok(Some("a.csv".to_owned())));
    assert_eq!(fs::read(root.path().join("beside/a.csv")).unwrap(), b"b");
    assert_eq!(after(b"c", to("nowhere")), Err("directory_missing"));
    assert_eq!(fs::read(dir.join("a.csv")).unwrap(), b"c");
}

/// A directory of another file system than that of temporary files, where there is one.
fn elsewhere() -> Option<tempfile::TempDir> {
    use std::os::unix::fs::MetadataExt;
    let here = fs::metadata(std::env::temp_dir()).ok()?.dev();
    let dir = tempfile::tempdir_in("/dev/shm").ok()?;
    (fs::metadata(dir.path()).ok()?.dev() != here).then_some(dir)
}

#[test]
fn a_move_to_another_file_system_copies_first_and_overwrites_nothing() {
    let Some(other) = elsewhere() else { return };
    let dir = tempfile::tempdir().unwrap();
    let place = place(dir.path());
    let to_other = AfterImport::Move { directory: other.path().to_str().unwrap().to_owned() };
    for name in ["a.csv", "a-2.csv"] {
        make(dir.path(), "a.csv", name.as_bytes());
        let file = found(&place, "a.csv");
        assert_eq!(place.after(&file, &to_other), Ok(Some(name.to_owned())));
        assert_eq!(fs::read(other.path().join(name)).unwrap(), name.as_bytes());
        assert_eq!(found(&DirPlace::open(other.path()).unwrap(), name).modified_ms, file.modified_ms);
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    assert_eq!(fs::read_dir(other.path()).unwrap().count(), 2);
}

#[test]
fn small_files_are_read_to_their_limit_and_directories_that_are_none_are_named() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), "a.csv.ctl", b"12345");
    let at = place(dir.path());
    assert_eq!(at.read_small("a.csv.ctl", 5), Ok(Some(b"12345".to_vec())));
    assert_eq!(at.read_small("a.csv.ctl", 4).map_err(|error| error.code()), Err("file_too_large"));
    assert_eq!(at.read_small("none", 4), Ok(None));
    let opened = |path: &Path| DirPlace::open(path).map(drop).map_err(|error| error.code());
    assert_eq!(opened(&dir.path().join("none")), Err("directory_missing"));
    assert_eq!(opened(&dir.path().join("a.csv.ctl")), Err("not_a_directory"));
}
