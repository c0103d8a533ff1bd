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
    /// For the account's `authorized_keys` on the drop's host; none for a drop that somebody else runs.
    pub authorized_key: Option<String>,
    /// For the host's sshd_config, as an alternative that confines the account; none for a drop elsewhere.
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
                let directory = shell_quoted(&drop.upload_directory);
                let command = format!("internal-sftp -d {directory}").replace('\\', "\\\\").replace('"', "\\\"");
                Some(format!("restrict,command=\"{command}\" {key}"))
            }
        };
        let match_block = key.map(|_| {
            format!(
                "Match User {}\n    ForceCommand internal-sftp -d {}\n    AuthenticationMethods publickey\n    \
                 DisableForwarding yes\n    PermitTTY no\n    PermitTunnel no\n",
                drop.user,
                shell_quoted(&drop.upload_directory),
            )
        });
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
        let elsewhere = UploadTexts::of(&UploadDrop { upstream_key: None, ..upload_drop() }, "a.csv").unwrap();
        assert_eq!((elsewhere.authorized_key, elsewhere.match_block), (None, None));
        assert!(!masked(&elsewhere.command).contains("erp"));
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
