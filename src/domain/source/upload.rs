//! What an upstream needs to upload to a drop, and what the drop's host needs to let it (R349–R351, R355, R361, R362).
//! All of it tells how to reach infrastructure: it is shown masked, and never logged.

use super::connection::UploadDrop;

/// Why no upload details can be made: a value would end up as another line, or another option.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {what} of the drop {why}. Edit the source and correct it")]
pub struct UploadError {
    pub what: &'static str,
    pub why: &'static str,
}

/// The texts for a drop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadTexts {
    /// For the account's `authorized_keys` on the drop's host: the key gets SFTP, and no shell. Which files it reaches is
    /// for their permissions to say. None for a drop that somebody else runs.
    pub authorized_key: Option<String>,
    /// For the host's sshd_config, so that the same holds for every key of the account, and no password is taken. Where
    /// the upload directory is the end of the path, the account sees no more than what stands before it
    /// (`ChrootDirectory`); comments say what must hold for that, or how to get there. None for a drop elsewhere.
    pub match_block: Option<String>,
    /// What the upstream runs to upload `FILE`.
    pub command: String,
}

impl UploadTexts {
    /// # Errors
    /// When a value has a control character, or cannot stand where it must.
    pub fn of(drop: &UploadDrop, file: &str) -> Result<UploadTexts, UploadError> {
        for (what, value) in [
            ("host", drop.host.as_str()),
            ("user", &drop.user),
            ("upload directory", &drop.upload_directory),
            ("path", &drop.path),
            ("key", drop.upstream_key.as_deref().unwrap_or("")),
            ("file", file),
        ] {
            if value.chars().any(char::is_control) {
                return Err(UploadError { what, why: "has a control character" });
            }
        }
        for (what, value) in [("host", &drop.host), ("user", &drop.user)] {
            if value.is_empty()
                || value.starts_with('-')
                || value.contains([' ', '"', '\'', '\\', '@', '*', '?', ',', '!'])
            {
                return Err(UploadError { what, why: "is empty, or has a character that no such name has" });
            }
        }
        let key = drop.upstream_key.as_deref().map(str::trim);
        let authorized_key = match key {
            None => None,
            Some(key) if !is_plain_key(key) => {
                return Err(UploadError {
                    what: "key",
                    why: "is no public key of one line, such as ssh-ed25519 AAAA…",
                });
            }
            Some(key) => {
                let command = begin_in(drop).replace('\\', "\\\\").replace('"', "\\\"");
                Some(format!("restrict,command=\"{command}\" {key}"))
            }
        };
        let match_block = key.map(|_| match_block(drop));
        let batch = format!("put {} {}", sftp_quoted(file), sftp_quoted(&drop.upload_directory));
        let command = format!(
            "printf '%s\\n' {} | sftp -b - -P {} {}",
            shell_quoted(&batch),
            drop.port,
            shell_quoted(&format!("{}@{}", drop.user, drop.host)),
        );
        Ok(UploadTexts { authorized_key, match_block, command })
    }
}

/// The server that begins in the upload directory. It takes `%` for the begin of a token.
fn begin_in(drop: &UploadDrop) -> String {
    format!("internal-sftp -d {}", shell_quoted(&drop.upload_directory.replace('%', "%%")))
}

fn match_block(drop: &UploadDrop) -> String {
    let UploadDrop { path, user, .. } = drop;
    let (hint, confined) = match root_of(drop) {
        Some(root) => (
            format!(
                "# {root} and all above it must belong to root, and nobody else\n# may write there; {path} belongs to {user}.\n"
            ),
            format!("    ChrootDirectory {}\n", sshd_quoted(&root.replace('%', "%%"))),
        ),
        None => (
            format!(
                "# {user} sees what its permissions on this host allow. To confine it:\n# make a directory that belongs to root, like all above it, put the\n# drop into it, and say how the upstream sees that from there, such as\n# --directory /srv/drop/in --upload-directory /in.\n"
            ),
            String::new(),
        ),
    };
    format!(
        "{hint}Match User {user}\n{confined}    ForceCommand {}\n    AuthenticationMethods publickey\n    \
         DisableForwarding yes\n    PermitTTY no\n    PermitTunnel no\n",
        begin_in(drop),
    )
}

/// The directory on this host that the upstream sees as `/`, where it is another than this host's: what stands before
/// the upload directory in the path.
pub(super) fn root_of(drop: &UploadDrop) -> Option<&str> {
    let seen = Some(drop.upload_directory.trim_end_matches('/')).filter(|seen| seen.starts_with('/'))?;
    let root = drop.path.trim_end_matches('/').strip_suffix(seen)?;
    (root.starts_with('/') && root.len() > 1 && !root.ends_with('/')).then_some(root)
}

/// One argument of a line of sshd_config.
fn sshd_quoted(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./:@%+,".contains(letter);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A type, the key and a comment: no options in front of it.
fn is_plain_key(key: &str) -> bool {
    let mut words = key.split(' ').filter(|word| !word.is_empty());
    let kind = words.next().unwrap_or("");
    let is_kind = ["ssh-", "ecdsa-", "sk-"].iter().any(|start| kind.starts_with(start));
    is_kind && words.next().is_some_and(|data| data.starts_with("AAAA") && data.is_ascii())
}

/// One word for a POSIX shell, whatever is in it.
pub fn shell_quoted(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@%+,=".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// One argument of an sftp command, which takes `*`, `?` and `[` for patterns otherwise.
fn sftp_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}

/// As many dots whatever the text, so that not even its length is told.
pub fn masked(text: &str) -> String {
    if text.is_empty() { String::new() } else { "••••••••".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn upload_drop() -> UploadDrop {
        UploadDrop {
            path: "/srv/in".into(),
            host: "files.example.com".into(),
            port: 2222,
            user: "erp".into(),
            upload_directory: "/in box".into(),
            upstream_key: Some("ssh-ed25519 AAAAC3Nza erp@host".into()),
        }
    }

    #[test]
    fn a_drop_has_a_key_line_a_block_and_a_command() {
        let texts = UploadTexts::of(&upload_drop(), "a.csv").unwrap();
        assert_eq!(
            texts.authorized_key.unwrap(),
            "restrict,command=\"internal-sftp -d '/in box'\" ssh-ed25519 AAAAC3Nza erp@host"
        );
        assert!(texts.match_block.unwrap().contains("Match User erp\n    ForceCommand internal-sftp -d '/in box'\n"));
        assert_eq!(
            texts.command,
            "printf '%s\\n' 'put \"a.csv\" \"/in box\"' | sftp -b - -P 2222 erp@files.example.com"
        );
        let percent =
            UploadTexts::of(&UploadDrop { upload_directory: "/100%".into(), ..upload_drop() }, "a.csv").unwrap();
        assert!(percent.authorized_key.unwrap().contains("internal-sftp -d /100%%\""));
        assert!(percent.match_block.unwrap().contains("internal-sftp -d /100%%\n"));
        let elsewhere = UploadTexts::of(&UploadDrop { upstream_key: None, ..upload_drop() }, "a.csv").unwrap();
        assert_eq!((elsewhere.authorized_key, elsewhere.match_block), (None, None));
        assert!(!masked(&elsewhere.command).contains("erp"));
    }

    #[test]
    fn the_upstream_is_confined_where_its_upload_directory_ends_the_path() {
        let block = |path: &str, upload_directory: &str| {
            let it = UploadDrop { path: path.into(), upload_directory: upload_directory.into(), ..upload_drop() };
            UploadTexts::of(&it, "a.csv").unwrap().match_block.unwrap()
        };
        for (path, upload_directory, root) in [
            ("/srv/drop/in", "/in", Some("/srv/drop")),
            ("/srv/drop/in/", "/in/", Some("/srv/drop")),
            ("/srv/my drop/a/in", "/a/in", Some("\"/srv/my drop\"")),
            ("/srv/100%/in", "/in", Some("/srv/100%%")),
            ("/srv/drop/in", "/srv/drop/in", None),
            ("/srv/drop/in", "in", None),
            ("/srv/drop/in", "/", None),
            ("/srv/drop/begin", "/in", None),
            ("/srv/drop/in", "/out", None),
        ] {
            let block = block(path, upload_directory);
            let said = block.lines().find_map(|line| line.strip_prefix("    ChrootDirectory "));
            assert_eq!(said, root, "{block}");
            let hint = if root.is_some() { "must belong to root" } else { "To confine it" };
            assert!(block.starts_with('#') && block.contains(hint), "{block}");
            assert!(block.lines().all(|line| line.starts_with(['#', ' ']) || line == "Match User erp"), "{block}");
        }
    }

    #[test]
    fn values_that_would_say_something_else_are_refused() {
        let with = |edit: fn(&mut UploadDrop)| {
            let mut it = upload_drop();
            edit(&mut it);
            UploadTexts::of(&it, "a.csv").unwrap_err().what
        };
        assert_eq!(with(|it| it.host = "-oProxyCommand=x".into()), "host");
        assert_eq!(with(|it| it.user = "a b".into()), "user");
        assert_eq!(with(|it| it.user = "*".into()), "user");
        assert_eq!(with(|it| it.upload_directory = "/in\nMatch all".into()), "upload directory");
        assert_eq!(with(|it| it.upstream_key = Some("command=\"sh\" ssh-rsa AAAA".into())), "key");
        assert_eq!(with(|it| it.upstream_key = Some("ssh-rsa AAAA\nssh-rsa AAAB".into())), "key");
    }

    /// What a POSIX shell makes of words that are plain or in single quotes.
    fn shell_reads(text: &str) -> Option<String> {
        let (mut word, mut letters, mut is_quoted) = (String::new(), text.chars(), false);
        while let Some(letter) = letters.next() {
            match letter {
                '\'' => is_quoted = !is_quoted,
                _ if is_quoted => word.push(letter),
                '\\' => word.push(letters.next()?),
                ' ' | '$' | '`' | '"' | ';' | '&' | '|' | '<' | '>' | '(' | ')' | '*' | '?' | '[' | '#' | '~' | '!'
                | '{' | '}' | '\n' => return None,
                _ => word.push(letter),
            }
        }
        (!is_quoted).then_some(word)
    }

    proptest! {
        #[test]
        fn a_shell_reads_back_what_was_quoted(text in "(\\PC|['\"$`\\\\ *;&|\\n]){0,20}") {
            prop_assert_eq!(shell_reads(&shell_quoted(&text)), Some(text));
        }
    }
}
