//! Whatever the umask, nobody but its owner can read a workspace (a process has one umask, so each case is a process).

use landfall::domain::id::RunId;
use landfall::store::{Person, Store};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Set in the process that makes the workspace; tells where.
const MAKE: &str = "LANDFALL_TEST_MAKE_WORKSPACE";

#[test]
fn a_workspace_is_private_whatever_the_umask() {
    if let Some(dir) = std::env::var_os(MAKE) {
        return make(Path::new(&dir));
    }
    for umask in ["000", "022", "077", "027"] {
        let dir = tempfile::tempdir().unwrap();
        let workspace = dir.path().join("w");
        let me = std::env::current_exe().unwrap();
        let script = "umask \"$1\"; shift; exec \"$@\"";
        let test = "a_workspace_is_private_whatever_the_umask";
        let made = Command::new("sh")
            .args(["-c", script, "sh", umask])
            .arg(me)
            .args(["--exact", test])
            .env(MAKE, &workspace)
            .output()
            .unwrap();
        assert!(made.status.success(), "umask {umask}: {}", String::from_utf8_lossy(&made.stdout));
        let found = modes(&workspace);
        for name in ["w", "landfall.db", "landfall.db-wal", "landfall.db-shm", "lock", "deliveries", "dry", "copy"] {
            assert!(found.iter().any(|(path, _)| path.ends_with(name)), "{name} is looked at: {found:?}");
        }
        for (path, mode) in found {
            let wanted = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode, wanted, "umask {umask}: {} is {mode:o}", path.display());
        }
    }
}

/// Makes and uses a workspace, and leaves without closing it, so that the files beside the database stay.
fn make(dir: &Path) {
    let mut store = Store::create_or_open(dir, 1, 2).unwrap();
    let person: Person = store.add_person("Ann Lee").unwrap();
    assert_eq!(person.name, "Ann Lee");
    assert!(Store::open_dry(dir, RunId(1)).is_err(), "there is no run 1");
    std::mem::forget(Store::try_lock(dir).unwrap());
    store.backup(&dir.join("copy")).unwrap();
    std::mem::forget(store);
}

fn modes(path: &Path) -> Vec<(PathBuf, u32)> {
    let mode = std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let mut found = vec![(path.to_owned(), mode)];
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            found.extend(modes(&entry.unwrap().path()));
        }
    }
    found
}
