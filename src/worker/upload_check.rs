//! Whether the account that uploads to a drop on this host can do so, looked up on this host.

use crate::domain::source::{Account, CannotUpload, OnTheWay, UploadDrop, cannot_upload};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// What keeps the account of a drop on this host from uploading; none where nothing does, where that cannot be told from
/// here, and of a drop that somebody else runs.
pub fn upload_fault(drop: &UploadDrop) -> Option<CannotUpload> {
    drop.upstream_key.as_ref()?;
    let account = match numbers(&drop.user, "-u") {
        Told::Numbers(user) => Some(Account { user: *user.first()?, groups: groups(&drop.user)? }),
        Told::NoAccount => None,
        Told::Nothing => return None,
    };
    let mut way: Vec<OnTheWay> = Vec::new();
    for path in Path::new(&drop.path).ancestors() {
        let found = fs::metadata(path).ok()?;
        let acl = rustix::fs::getxattr(path, "system.posix_acl_access", &mut [0; 0]);
        way.push(OnTheWay {
            path: path.to_str()?.to_owned(),
            user: found.uid(),
            group: found.gid(),
            mode: found.mode() & 0o777,
            // Asked for its size only.
            has_acl: acl.is_ok_and(|bytes| bytes > 0),
        });
    }
    way.reverse();
    cannot_upload(drop, account.as_ref(), &way)
}

fn groups(name: &str) -> Option<Vec<u32>> {
    match numbers(name, "-G") {
        Told::Numbers(groups) => Some(groups),
        Told::NoAccount | Told::Nothing => None,
    }
}

enum Told {
    Numbers(Vec<u32>),
    NoAccount,
    /// There is nobody to ask.
    Nothing,
}

/// What `id` says, which knows accounts wherever this host keeps them.
fn numbers(name: &str, what: &str) -> Told {
    let asked = Command::new("id").args([what, "--", name]).stdin(Stdio::null()).output();
    match asked {
        Ok(said) if said.status.success() => {
            let text = String::from_utf8_lossy(&said.stdout).into_owned();
            Told::Numbers(text.split_whitespace().filter_map(|number| number.parse().ok()).collect())
        }
        Ok(said) if said.status.code() == Some(1) => Told::NoAccount,
        _ => Told::Nothing,
    }
}
