//! Fetches that are interrupted go on where they stopped, and only for the same file.

use crate::sshd::Sshd;
use crate::{GO_ON, IMPATIENT, assert_says, bytes, connect, connect_with, identity_of, put, right, sha256_of};
use landfall::connect::ConnectError;
use landfall::domain::source::FileIdentity;
use std::cell::Cell;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// More than all buffers on the way hold.
const LENGTH: usize = 60_000_000;
/// Where it is interrupted.
const AT: u64 = 9_000_000;

/// Fetches until `AT` bytes are here, does `harm` once, and says how the fetch ended.
fn interrupted(
    server: &Sshd,
    identity: &FileIdentity,
    part: &Path,
    stop: &AtomicBool,
    harm: &dyn Fn(),
) -> Result<(), ConnectError> {
    let place = connect_with(server, &right(server), &IMPATIENT).unwrap();
    let done = Cell::new(false);
    let mut progress = |here| {
        if here >= AT && !done.replace(true) {
            harm();
        }
    };
    place.fetch(identity, part, &mut progress, stop).map(|_| ())
}

#[test]
fn a_fetch_goes_on_at_the_byte_after_a_kill_a_freeze_and_a_stop() {
    let server = Sshd::start();
    let content = bytes(LENGTH);
    put(&server, "big.csv", &content);
    let identity = identity_of(&connect(&server).list(&GO_ON).unwrap(), "big.csv");
    let stop = AtomicBool::new(false);
    type Harm<'h> = (&'h str, &'h dyn Fn(), &'h dyn Fn());
    let harms: [Harm<'_>; 3] = [
        ("connection_dropped", &|| server.kill(), &|| server.run()),
        ("request_timeout", &|| server.freeze(), &|| server.thaw()),
        ("stopped", &|| stop.store(true, Ordering::Relaxed), &|| stop.store(false, Ordering::Relaxed)),
    ];
    for (code, harm, mend) in harms {
        let part = server.at(&format!("{code}.part"));
        let error = interrupted(&server, &identity, &part, &stop, harm).unwrap_err();
        assert_says(&error, code, &["goes on where it stopped"]);
        let here = fs::metadata(&part).unwrap().len();
        assert!((AT..LENGTH as u64).contains(&here), "{code}: {here} bytes");
        mend();

        let mut first = None;
        let mut last = 0;
        let mut progress = |bytes| {
            first.get_or_insert(bytes);
            last = bytes;
        };
        let fetched = connect(&server).fetch(&identity, &part, &mut progress, &GO_ON).unwrap();
        assert_eq!((first, last), (Some(here), LENGTH as u64), "{code}");
        assert_eq!((fetched.bytes, fetched.resumed_at), (LENGTH as u64, here), "{code}");
        assert_eq!(fetched.sha256, sha256_of(&content), "{code}");
        assert!(fs::read(&part).unwrap() == content, "{code}: the file differs");
        fs::remove_file(&part).unwrap();
    }
}

#[test]
fn a_file_that_changes_meanwhile_is_neither_taken_nor_resumed() {
    let server = Sshd::start();
    let content = bytes(LENGTH);
    let path = server.drop_dir().join("big.csv");
    let part = server.at("part");
    let grow = || fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"more").unwrap();
    let shrink = || fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(AT).unwrap();
    let harms: [&dyn Fn(); 2] = [&grow, &shrink];
    for harm in harms {
        put(&server, "big.csv", &content);
        let identity = identity_of(&connect(&server).list(&GO_ON).unwrap(), "big.csv");
        let error = interrupted(&server, &identity, &part, &GO_ON, harm).unwrap_err();
        assert_says(&error, "file_changed", &["\"big.csv\""]);
        assert!(!part.exists());
    }

    // Changed between two tries, to the same length.
    put(&server, "big.csv", &content);
    let identity = identity_of(&connect(&server).list(&GO_ON).unwrap(), "big.csv");
    interrupted(&server, &identity, &part, &GO_ON, &|| server.kill()).unwrap_err();
    server.run();
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_modified(before + std::time::Duration::from_secs(1)).unwrap();
    let error = connect(&server).fetch(&identity, &part, &mut |_| {}, &GO_ON).unwrap_err();
    assert_says(&error, "file_changed", &[]);
    assert!(!part.exists());
}
