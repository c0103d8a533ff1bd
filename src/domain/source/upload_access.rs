//! Whether the account that uploads to a drop on this host can do so (R347, R349, R364): by owner and mode of the
//! directory and of those above it, and by what sshd asks of the directory that it shuts an account in.

use super::connection::UploadDrop;
use super::upload::{root_of, shell_quoted};

/// An account of this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub user: u32,
    /// The numbers of all its groups.
    pub groups: Vec<u32>,
}

/// A directory of this host, on the way to a drop or the drop itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnTheWay {
    pub path: String,
    pub user: u32,
    pub group: u32,
    /// The permission bits.
    pub mode: u32,
    /// An access list says more than the mode: what the account may is not known from here.
    pub has_acl: bool,
}

/// Why uploads must fail, and the commands for a shell of root that mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannotUpload {
    pub why: String,
    pub run: String,
}

const READ: u32 = 4;
const WRITE: u32 = 2;
const ENTER: u32 = 1;

/// What keeps the account of a drop on this host from uploading; none where nothing does. `way` leads from `/` to the drop
/// itself; `account` is none where this host has no such account.
pub fn cannot_upload(drop: &UploadDrop, account: Option<&Account>, way: &[OnTheWay]) -> Option<CannotUpload> {
    let name = &drop.user;
    let Some(account) = account else {
        return Some(CannotUpload {
            why: format!("this host has no account {name:?}, so nobody can log in to upload"),
            run: format!("useradd --create-home {}", shell_quoted(name)),
        });
    };
    let root = root_of(drop);
    if let Some(root) = root {
        let wrong =
            way.iter().take_while(|it| is_within(root, &it.path)).find(|it| it.user != 0 || it.mode & 0o022 != 0);
        if let Some(OnTheWay { path, user, mode, .. }) = wrong {
            let (whose, quoted) = (if *user == 0 { "root" } else { "somebody else" }, shell_quoted(path));
            return Some(CannotUpload {
                why: format!(
                    "sshd refuses to confine {name:?} to {root:?}: {path:?} belongs to {whose} and has the mode {mode:03o}, \
                     and must belong to root, with nobody else allowed to write"
                ),
                run: format!("chown root:root {quoted} && chmod go-w {quoted}"),
            });
        }
    }
    let (target, above) = way.split_last()?;
    // The account never sees what lies above the directory that it is shut in.
    let passed = above.iter().filter(|it| root.is_none_or(|root| !is_within(root, &it.path) || it.path == root));
    if let Some(it) = passed.into_iter().find(|it| !may(account, it, ENTER)) {
        return Some(CannotUpload {
            why: format!("{name:?} may not pass through {:?} (mode {:03o}) to its upload directory", it.path, it.mode),
            run: passage(name, account, it),
        });
    }
    if may(account, target, READ | WRITE | ENTER) {
        return None;
    }
    let quoted = shell_quoted(&target.path);
    Some(CannotUpload {
        why: format!("{name:?} may not write to {:?} (mode {:03o})", target.path, target.mode),
        run: match class(account, target) {
            ("u", _) => format!("chmod u+rwx {quoted}"),
            // Given to the account, it is no longer that of whoever has it now; the group and others stay as they are.
            _ => format!("chown {} {quoted} && chmod u+rwx {quoted}", shell_quoted(name)),
        },
    })
}

/// The command that lets the account pass through a directory, and no other.
fn passage(name: &str, account: &Account, it: &OnTheWay) -> String {
    let quoted = shell_quoted(&it.path);
    let opens = match class(account, it).0 {
        // Its own directory: an access list says nothing of the owner.
        "u" => return format!("chmod u+x {quoted}"),
        "g" => "its whole group",
        _ => "every account of this host",
    };
    let who = class(account, it).0;
    format!(
        "setfacl -m {} {quoted}  # lets only {name:?} pass; where there is no setfacl: chmod {who}+x {quoted}, which lets \
         {opens} pass",
        shell_quoted(&format!("u:{name}:x"))
    )
}

/// Whether a path is this root, or one above it.
fn is_within(root: &str, path: &str) -> bool {
    let below = root.strip_prefix(path.trim_end_matches('/'));
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Which three bits of the mode count for the account: for chmod, and how far to the left they are.
fn class(account: &Account, it: &OnTheWay) -> (&'static str, u32) {
    match () {
        () if account.user == it.user => ("u", 6),
        () if account.groups.contains(&it.group) => ("g", 3),
        () => ("o", 0),
    }
}

fn may(account: &Account, it: &OnTheWay, what: u32) -> bool {
    let (_, left) = class(account, it);
    account.user == 0 || it.has_acl || it.mode >> left & what == what
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The way to a path, and what of it is unusual: the rest belongs to root and is 755.
    fn way(path: &str, unusual: &[(&str, u32, u32, u32)]) -> Vec<OnTheWay> {
        let ends = path.match_indices('/').map(|(at, _)| at.max(1)).chain([path.len()]);
        ends.map(|end| {
            let path = path[..end].to_owned();
            let said = unusual.iter().find(|it| it.0 == path).map_or((0, 0, 0o755), |it| (it.1, it.2, it.3));
            OnTheWay { path, user: said.0, group: said.1, mode: said.2, has_acl: false }
        })
        .collect()
    }

    fn drop(path: &str, upload_directory: &str) -> UploadDrop {
        UploadDrop {
            path: path.into(),
            host: "files.example.com".into(),
            port: 22,
            user: "erp".into(),
            upload_directory: upload_directory.into(),
            upstream_key: Some("ssh-ed25519 AAAAC3Nza".into()),
        }
    }

    #[test]
    fn what_keeps_the_account_from_uploading_is_said_with_what_to_run() {
        const ERP: u32 = 1001;
        const OTHER: u32 = 1002;
        let erp = Account { user: ERP, groups: vec![ERP, 50] };
        let (path, whole) = ("/srv/drop/in", "/srv/drop/in");
        type Unusual<'a> = &'a [(&'a str, u32, u32, u32)];
        type Said<'a> = Option<(&'a str, &'a str)>;
        let cases: &[(&str, Unusual<'_>, Said<'_>)] = &[
            // Not confined.
            (whole, &[(path, ERP, ERP, 0o755)], None),
            (whole, &[(path, ERP, ERP, 0o700)], None),
            (whole, &[(path, 0, 50, 0o770)], None),
            (whole, &[(path, 0, 0, 0o777)], None),
            (
                whole,
                &[],
                Some(("may not write to \"/srv/drop/in\"", "chown erp /srv/drop/in && chmod u+rwx /srv/drop/in")),
            ),
            (whole, &[(path, ERP, ERP, 0o555)], Some(("may not write", "chmod u+rwx /srv/drop/in"))),
            (whole, &[(path, ERP, ERP, 0o077)], Some(("may not write", "chmod u+rwx /srv/drop/in"))),
            (
                whole,
                &[(path, 0, 50, 0o757)],
                Some(("may not write", "chown erp /srv/drop/in && chmod u+rwx /srv/drop/in")),
            ),
            (whole, &[(path, 0, 0, 0o776)], Some(("may not write", "chown erp"))),
            (
                whole,
                &[(path, ERP, ERP, 0o755), ("/srv/drop", OTHER, OTHER, 0o700)],
                Some(("may not pass through \"/srv/drop\"", "setfacl -m u:erp:x /srv/drop  # lets only \"erp\" pass;")),
            ),
            (
                whole,
                &[(path, ERP, ERP, 0o755), ("/srv", 0, 50, 0o745)],
                Some(("may not pass through \"/srv\"", "chmod g+x /srv, which lets its whole group pass")),
            ),
            (whole, &[(path, ERP, ERP, 0o755), ("/srv/drop", OTHER, OTHER, 0o777)], None),
            // Shut in /srv/drop.
            ("/in", &[(path, ERP, ERP, 0o755)], None),
            ("/in", &[(path, ERP, ERP, 0o755), ("/srv", 0, 0, 0o700)], None),
            (
                "/in",
                &[(path, ERP, ERP, 0o755), ("/srv/drop", ERP, ERP, 0o755)],
                Some(("sshd refuses to confine", "chown root:root /srv/drop && chmod go-w /srv/drop")),
            ),
            (
                "/in",
                &[(path, ERP, ERP, 0o755), ("/srv", 0, 50, 0o775)],
                Some(("\"/srv\" belongs to root and has the mode 775", "chmod go-w /srv")),
            ),
            (
                "/in",
                &[(path, ERP, ERP, 0o755), ("/srv/drop", 0, 0, 0o700)],
                Some(("pass through", "chmod o+x /srv/drop, which lets every account of this host pass")),
            ),
            ("/in", &[], Some(("may not write", "chown erp /srv/drop/in"))),
        ];
        for (upload_directory, unusual, expected) in cases {
            let found = cannot_upload(&drop(path, upload_directory), Some(&erp), &way(path, unusual));
            match (&found, expected) {
                (None, None) => {}
                (Some(found), Some((why, run))) => {
                    assert!(found.why.contains(why) && found.run.contains(run), "{unusual:?}: {found:?}");
                }
                _ => panic!("{upload_directory} {unusual:?}: {found:?}"),
            }
        }
    }

    #[test]
    fn an_account_that_is_missing_is_said_and_root_may_do_everything() {
        let (drop, way) = (drop("/srv/my drop", "/srv/my drop"), way("/srv/my drop", &[("/srv/my drop", 7, 7, 0o700)]));
        let found = cannot_upload(&drop, None, &way).unwrap();
        assert!(found.why.contains("no account \"erp\"") && found.run.contains("useradd"), "{found:?}");
        assert_eq!(cannot_upload(&drop, Some(&Account { user: 0, groups: vec![0] }), &way), None);
        let erp = Account { user: 9, groups: vec![9] };
        assert!(cannot_upload(&drop, Some(&erp), &way).unwrap().run.contains("'/srv/my drop'"));
        let with_acl: Vec<OnTheWay> = way.into_iter().map(|it| OnTheWay { has_acl: true, ..it }).collect();
        assert_eq!(cannot_upload(&drop, Some(&erp), &with_acl), None, "an access list may allow it");
    }
}
