//! Public keys as others hand them over: one line, of which nothing but the key itself is taken.

use super::error::ConnectError;
use russh::keys::PublicKey;

/// The key in a line such as a `.pub` file has: its kind and its bytes, with the comment as far as it can be shown.
///
/// Options before the key would loosen what `restrict` forbids, so a line with any is refused.
///
/// # Errors
/// [`ConnectError::PublicKey`] when it is no public key, or more than one.
pub fn of_line(text: &str) -> Result<String, ConnectError> {
    let refused = |why: &str| ConnectError::PublicKey { why: why.to_owned() };
    if text.contains("PRIVATE KEY") {
        return Err(refused("it is a private key, which must never leave its owner"));
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let line = lines.next().ok_or_else(|| refused("it is empty"))?;
    if lines.next().is_some() {
        return Err(refused("it has more than one line"));
    }
    // What the library says could repeat a piece of what was given.
    let key = PublicKey::from_openssh(line).map_err(|_| refused("it is not one line such as ssh-keygen writes"))?;
    let bare = PublicKey::new(key.key_data().clone(), "").to_openssh();
    let bare = bare.map_err(|_| refused("it is of a kind that Landfall cannot write"))?;
    let comment: String = line.split_whitespace().skip(2).collect::<Vec<_>>().join(" ");
    let comment: String = comment.chars().filter(|c| !c.is_control()).take(100).collect();
    Ok(format!("{} {comment}", bare.trim()).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

    #[test]
    fn a_line_gives_its_key_and_comment_and_nothing_else_passes() {
        assert_eq!(of_line(KEY).unwrap(), KEY);
        assert_eq!(of_line(&format!("# theirs\n {KEY} bo@globex \n\n")).unwrap(), format!("{KEY} bo@globex"));
        for (text, why) in [
            (String::new(), "empty"),
            (format!("{KEY}\n{KEY}"), "more than one line"),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n".to_owned(), "private key"),
            (format!("command=\"/bin/sh\",no-pty {KEY}"), "one line such as"),
            (KEY[..60].to_owned(), "one line such as"),
            ("ssh-rsa nonsense".to_owned(), "one line such as"),
        ] {
            let error = of_line(&text).unwrap_err();
            assert!(error.what().contains(why), "{text:?}: {error}");
        }
    }
}
