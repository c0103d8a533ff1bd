//! Keys of Landfall's own and of the user: made, read, and shown by their public half.

use super::error::ConnectError;
use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, HashAlg, PrivateKey, PublicKey, decode_secret_key};
use secrecy::{ExposeSecret, SecretString};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// No key file is longer (bytes).
const MOST_BYTES: u64 = 256 * 1024;

/// Makes an ed25519 key at `path` (0600, OpenSSH's format, no passphrase: a schedule has nobody to type one) and gives
/// its public line, as it goes into `authorized_keys`. A file that is there already is never overwritten.
///
/// # Errors
/// When the file cannot be written, or is there.
pub fn generate(path: &Path, comment: &str) -> Result<String, ConnectError> {
    let unreadable = |why: String| ConnectError::KeyUnreadable { key: path.to_owned(), why };
    // No randomness is handed in: a key that can be made twice is none.
    let mut key = PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Ed25519)
        .map_err(|error| unreadable(error.to_string()))?;
    key.set_comment(comment.replace(|c: char| c.is_control(), " "));
    let text = key.to_openssh(LineEnding::LF).map_err(|error| unreadable(error.to_string()))?;
    let line = key.public_key().to_openssh().map_err(|error| unreadable(error.to_string()))?;
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error| ConnectError::local(path, "write", &error))?;
    Ok(line)
}

/// The public line of the private key at `path`, without its passphrase where the format allows that (OpenSSH's does).
///
/// # Errors
/// When the file cannot be read or is no private key.
pub fn public_line(path: &Path) -> Result<String, ConnectError> {
    let text = read(path)?;
    let key = match PrivateKey::from_openssh(text.expose_secret()) {
        Ok(key) => key,
        Err(_) => load(path, None)?,
    };
    key.public_key()
        .to_openssh()
        .map_err(|error| ConnectError::KeyUnreadable { key: path.to_owned(), why: error.to_string() })
}

/// Reads a private key. `passphrase` is asked for only when the key is encrypted.
///
/// # Errors
/// When the file cannot be read, can be read by others, is no private key, or its passphrase is missing or wrong.
pub fn load(
    path: &Path,
    passphrase: Option<&dyn Fn() -> Result<SecretString, ConnectError>>,
) -> Result<PrivateKey, ConnectError> {
    let text = read(path)?;
    let unreadable = |why: String| ConnectError::KeyUnreadable { key: path.to_owned(), why };
    if !is_encrypted(text.expose_secret()) {
        // What the library says of a key could repeat a piece of it.
        return decode_secret_key(text.expose_secret(), None)
            .map_err(|_| unreadable("it holds no private key that Landfall can read".to_owned()));
    }
    let Some(passphrase) = passphrase else {
        return Err(ConnectError::PassphraseNeeded { key: path.to_owned() });
    };
    if text.expose_secret().contains("DEK-Info:") && !text.expose_secret().contains("DEK-Info: AES-128-CBC,") {
        return Err(unreadable("it is encrypted in an old way; `ssh-keygen -p -f` rewrites it".to_owned()));
    }
    let passphrase = passphrase()?;
    decode_secret_key(text.expose_secret(), Some(passphrase.expose_secret()))
        .map_err(|_| ConnectError::PassphraseWrong { key: path.to_owned() })
}

/// How `ssh` shows a key: `SHA256:…`.
pub fn sha256_of(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

fn read(path: &Path) -> Result<SecretString, ConnectError> {
    let unreadable = |why: String| ConnectError::KeyUnreadable { key: path.to_owned(), why };
    let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let found = file.metadata().map_err(|error| unreadable(error.to_string()))?;
    if !found.is_file() {
        return Err(unreadable("it is no regular file".to_owned()));
    }
    // As ssh has it: who shares somebody else's key on purpose may read it through a group.
    if found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o077 != 0 {
        return Err(ConnectError::KeyTooOpen { key: path.to_owned(), mode: found.mode() & 0o7777 });
    }
    let mut text = String::new();
    file.take(MOST_BYTES).read_to_string(&mut text).map_err(|error| unreadable(error.to_string()))?;
    Ok(SecretString::from(text))
}

fn is_encrypted(text: &str) -> bool {
    text.contains("BEGIN ENCRYPTED PRIVATE KEY")
        || text.contains("Proc-Type: 4,ENCRYPTED")
        || text.lines().any(|line| line.starts_with("Encryption:") && !line.ends_with("none"))
        || PrivateKey::from_openssh(text).is_ok_and(|key| key.is_encrypted())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_made_here_is_private_reads_back_and_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        let line = generate(&path, "landfall crm\nforged").unwrap();
        assert!(line.starts_with("ssh-ed25519 AAAA") && line.ends_with(" landfall crm forged"), "{line}");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(public_line(&path).unwrap(), line);
        assert_eq!(load(&path, None).unwrap().public_key().to_openssh().unwrap(), line);
        let kept = std::fs::read(&path).unwrap();
        assert_eq!(generate(&path, "again").unwrap_err().code(), "local_file");
        assert_eq!(std::fs::read(&path).unwrap(), kept);
        assert_ne!(generate(&dir.path().join("other"), "landfall crm").unwrap(), line);
    }

    #[test]
    fn a_key_that_others_can_read_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        generate(&path, "x").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let error = load(&path, None).unwrap_err();
        assert_eq!(error.code(), "key_too_open");
        assert!(error.to_string().contains("mode 0640") && error.to_string().contains("chmod 600"), "{error}");
    }

    #[test]
    fn what_is_no_key_is_said_without_repeating_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        let canary = "c2VjcmV0LWNhbmFyeQ";
        for text in [
            canary.to_owned(),
            format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{canary}\n-----END OPENSSH PRIVATE KEY-----\n"),
        ] {
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path).unwrap();
            std::fs::write(&path, text).unwrap();
            let error = load(&path, None).unwrap_err();
            assert_eq!(error.code(), "key_unreadable");
            assert!(!format!("{error} {error:?}").contains(canary));
        }
    }
}
