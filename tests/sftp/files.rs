//! What lies on the server: hostile names and kinds, whole fetches, and what becomes of a file after its import.

use crate::sshd::Sshd;
use crate::{GO_ON, assert_says, bytes, connect, identity_of, put, sha256_of};
use landfall::domain::source::{AfterImport, FileIdentity, Listed, ListedKind};
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

/// Every path below, with what it is.
fn tree(dir: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        all.push(format!("{:?} {}", entry.path(), entry.metadata().unwrap().len()));
        if kind.is_dir() {
            all.extend(tree(&entry.path()));
        }
    }
    all.sort();
    all
}

#[test]
fn files_of_all_sizes_arrive_whole() {
    let server = Sshd::start();
    let sizes = [0, 1, 32_768, 261_119, 261_120, 261_121, 5_000_000];
    for size in sizes {
        put(&server, &format!("{size}.csv"), &bytes(size));
    }
    let place = connect(&server);
    let listed = place.list(&GO_ON).unwrap();
    assert_eq!(listed.len(), sizes.len());
    for size in sizes {
        let part = server.at(&format!("{size}.part"));
        let fetched = place.fetch(&identity_of(&listed, &format!("{size}.csv")), &part, &mut |_| {}, &GO_ON).unwrap();
        assert_eq!((fetched.bytes, fetched.resumed_at), (size as u64, 0));
        assert_eq!(fetched.sha256, sha256_of(&bytes(size)), "{size}");
        assert!(fs::read(&part).unwrap() == bytes(size));
        // A second fetch over what is whole reads nothing again.
        let again = place.fetch(&identity_of(&listed, &format!("{size}.csv")), &part, &mut |_| {}, &GO_ON).unwrap();
        assert_eq!((again.sha256, again.resumed_at), (fetched.sha256, size as u64));
    }
}

#[test]
fn hostile_names_and_kinds_are_said_and_written_nowhere() {
    let server = Sshd::start();
    let drop_dir = server.drop_dir();
    let longest = "x".repeat(255);
    let good = ["-rf.csv", "Müller 2026.csv", longest.as_str()];
    for name in good {
        put(&server, name, b"fine");
    }
    let bad: [&[u8]; 4] = [b"new\nline.csv", b"\x1b[2J\x1b]0;owned\x07.csv", b"no\xffutf8.csv", b"null\x01.csv"];
    for name in bad {
        fs::write(drop_dir.join(OsStr::from_bytes(name)), b"bad").unwrap();
    }
    symlink(server.key(), drop_dir.join("secret.csv")).unwrap();
    symlink("loop.csv", drop_dir.join("loop.csv")).unwrap();
    symlink("/", drop_dir.join("root")).unwrap();
    fs::create_dir(drop_dir.join("below")).unwrap();
    let _socket = UnixListener::bind(drop_dir.join("socket.csv")).unwrap();
    assert!(Command::new("mkfifo").arg(drop_dir.join("pipe.csv")).status().unwrap().success());
    let mut expected = vec![
        ("secret.csv", ListedKind::Link),
        ("loop.csv", ListedKind::Link),
        ("root", ListedKind::Link),
        ("below", ListedKind::Directory),
        ("socket.csv", ListedKind::Socket),
        ("pipe.csv", ListedKind::Pipe),
        ("new\nline.csv", ListedKind::BadName),
        ("\u{1b}[2J\u{1b}]0;owned\u{7}.csv", ListedKind::BadName),
        ("no\u{fffd}utf8.csv", ListedKind::BadName),
        ("null\u{1}.csv", ListedKind::BadName),
    ];
    // Only root may make a device.
    let device = Command::new("mknod").arg(drop_dir.join("zero.csv")).args(["c", "1", "5"]).output().unwrap();
    if device.status.success() {
        expected.push(("zero.csv", ListedKind::Device));
    } else {
        // Past what catches the output of tests that pass: nobody else would hear of it.
        let _ = writeln!(std::io::stderr(), "NOT TESTED: that a device is refused; only root may make one");
    }

    let place = connect(&server);
    let listed = place.list(&GO_ON).unwrap();
    assert_eq!(listed.len(), good.len() + expected.len(), "{listed:?}");
    let kind_of = |name: &str| {
        let found = listed.iter().find(|listed| listed.identity.name == name);
        found.unwrap_or_else(|| panic!("{name:?} is not in {listed:?}")).kind
    };
    let deliveries = tempfile::tempdir().unwrap();
    let into = deliveries.path().join("inside");
    fs::create_dir(&into).unwrap();
    let before = tree(server.at("").as_path());
    for name in good {
        assert_eq!(kind_of(name), ListedKind::File, "{name}");
        let part = into.join("a.part");
        place.fetch(&identity_of(&listed, name), &part, &mut |_| {}, &GO_ON).unwrap();
        assert_eq!(fs::read(&part).unwrap(), b"fine");
        fs::remove_file(&part).unwrap();
    }
    for (name, kind) in expected {
        assert_eq!(kind_of(name), kind, "{name:?}");
        let error = place.fetch(&identity_of(&listed, name), &into.join("a.part"), &mut |_| {}, &GO_ON).unwrap_err();
        assert_says(&error, if kind == ListedKind::BadName { "bad_name" } else { "not_a_file" }, &[]);
        let error = place.read_small(name, 100, &GO_ON).unwrap_err();
        assert_says(&error, if kind == ListedKind::BadName { "bad_name" } else { "not_a_file" }, &[]);
    }
    for name in ["..", ".", "", "../key", "/etc/passwd", "below/../../key"] {
        let identity = FileIdentity { name: name.to_owned(), size: 1, modified_ms: 0 };
        let error = place.fetch(&identity, &into.join("a.part"), &mut |_| {}, &GO_ON).unwrap_err();
        assert_says(&error, "bad_name", &["another name"]);
        for after in [AfterImport::Delete, AfterImport::Move { directory: "below".into() }] {
            assert_says(&place.after(&identity, &after, &GO_ON).unwrap_err(), "bad_name", &[]);
        }
    }
    // The log alone has grown.
    let without_log = |tree: Vec<String>| tree.into_iter().filter(|line| !line.contains("/log\"")).collect::<Vec<_>>();
    assert_eq!(without_log(tree(server.at("").as_path())), without_log(before), "something was written");
    assert_eq!(tree(deliveries.path()).len(), 1, "{:?}", tree(deliveries.path()));
}

#[test]
fn after_an_import_only_the_imported_file_is_moved_or_deleted_and_nothing_overwritten() {
    let server = Sshd::start();
    let drop_dir = server.drop_dir();
    fs::create_dir(drop_dir.join("done")).unwrap();
    for name in ["stay.csv", "move.csv", "taken.csv", "delete.csv", "changed.csv"] {
        put(&server, name, name.as_bytes());
    }
    fs::write(drop_dir.join("done/taken.csv"), b"an older one").unwrap();
    let place = connect(&server);
    let listed = place.list(&GO_ON).unwrap();
    put(&server, "changed.csv", b"another file by now");
    let to = |directory: &str| AfterImport::Move { directory: directory.to_owned() };
    let after = |name: &str, after: &AfterImport| place.after(&identity_of(&listed, name), after, &GO_ON);
    let names = |listed: Vec<Listed>| listed.into_iter().map(|listed| listed.identity.name).collect::<Vec<_>>();

    after("stay.csv", &AfterImport::Leave).unwrap();
    // Twice, as after a crash in between.
    for _ in 0..2 {
        after("move.csv", &to("done")).unwrap();
        after("delete.csv", &AfterImport::Delete).unwrap();
    }
    assert_eq!(fs::read(drop_dir.join("done/move.csv")).unwrap(), b"move.csv");
    // Twice here too: what lies under the number is the file itself.
    for _ in 0..2 {
        assert_eq!(after("taken.csv", &to("done")).unwrap().as_deref(), Some("taken-2.csv"));
    }
    assert_eq!(fs::read(drop_dir.join("done/taken-2.csv")).unwrap(), b"taken.csv");
    assert_eq!(fs::read(drop_dir.join("done/taken.csv")).unwrap(), b"an older one");
    assert_says(&after("stay.csv", &to("missing")).unwrap_err(), "directory_missing", &["missing"]);
    assert_says(&after("stay.csv", &to("stay.csv")).unwrap_err(), "not_a_directory", &[]);
    for way in [AfterImport::Delete, to("done")] {
        assert_says(&after("changed.csv", &way).unwrap_err(), "file_changed", &["\"changed.csv\""]);
    }
    assert_eq!(names(place.list(&GO_ON).unwrap()), ["changed.csv", "done", "stay.csv"]);
    let absolute = drop_dir.join("done").display().to_string();
    after("stay.csv", &to(&absolute)).unwrap();
    assert!(drop_dir.join("done/stay.csv").exists());
}
