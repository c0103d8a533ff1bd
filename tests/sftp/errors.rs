//! Each fault, provoked: its code and its words.

use crate::sshd::{Sshd, new_key};
use crate::{
    CANARY, GO_ON, IMPATIENT, LIMITS, assert_says, connect, connect_with, identity_of, key_file, put, refusal, right,
};
use landfall::connect::sftp::host_key_of;
use landfall::connect::{Class, ConnectError};
use landfall::domain::source::{AfterImport, FileIdentity, Login, SecretRef, Sftp};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;

#[test]
fn a_host_that_is_not_reached_is_told_apart() {
    let server = Sshd::start();
    let elsewhere = |host: &str, port: u16| Sftp { host: host.to_owned(), port, ..right(&server) };
    let to = |sftp: &Sftp| connect_with(&server, sftp, &IMPATIENT).err().unwrap();

    // A name that no resolver needs to ask about.
    let error = refusal(&server, &elsewhere("no such host", 22));
    assert_says(&error, "name_unknown", &["\"no such host\"", "Check the spelling"]);

    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = refusal(&server, &elsewhere("127.0.0.1", free));
    assert_says(&error, "connection_refused", &[&format!("127.0.0.1:{free} refuses"), "Check the port"]);
    assert_eq!(error.class(), Class::Transient);

    let error = to(&elsewhere("255.255.255.255", 22));
    assert_says(&error, "host_unreachable", &["255.255.255.255 cannot be reached", "firewall"]);

    // The kernel takes the connection, and nobody says anything.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let error = to(&elsewhere("127.0.0.1", silent.local_addr().unwrap().port()));
    assert_says(&error, "connect_timeout", &["within 1 s", "firewall"]);
}

#[test]
fn what_is_no_ssh_server_is_said_with_what_it_says() {
    let server = Sshd::start();
    for (greeting, answer, stays, code, part) in [
        ("", "HTTP/1.1 400 Bad Request\r\n\r\n", false, "no_ssh_server", "HTTP/1.1 400 Bad Request"),
        ("220 ftp\u{1b}[2J ready\r\n", "500 what?\r\n", true, "no_ssh_server", "220 ftp\\u{1b}[2J ready"),
        ("", "", false, "connection_dropped", "ended while"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let other = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(greeting.as_bytes()).unwrap();
            if !answer.is_empty() {
                let heard = stream.read(&mut [0; 200]).unwrap();
                assert!(heard > 0, "nobody asked");
                stream.write_all(answer.as_bytes()).unwrap();
            }
            if stays {
                // Until the other side gives up.
                let _ = stream.read_to_end(&mut Vec::new());
            }
        });
        let sftp = Sftp { port, ..right(&server) };
        let error = connect_with(&server, &sftp, &IMPATIENT).err().unwrap();
        assert_says(&error, code, &[part, &port.to_string()]);
        other.join().unwrap();
    }
    let old = Sshd::with(&["Subsystem sftp internal-sftp", "Ciphers aes128-cbc"]);
    assert_says(&refusal(&old, &right(&old)), "ssh_protocol", &["aes128-cbc", "current algorithms"]);
}

#[test]
fn a_login_that_is_refused_names_both_the_user_and_what_was_offered() {
    let server = Sshd::start();
    let other = server.at("other");
    new_key(&other, "ed25519", "");
    let error = refusal(&server, &Sftp { login: key_file(&other), ..right(&server) });
    assert_says(&error, "login_refused", &[server.user(), "the key SHA256:", "whether the user or the credentials"]);
    assert_eq!(error.class(), Class::NeedsPerson);

    let error = refusal(&server, &Sftp { user: "nobody-of-that-name".into(), ..right(&server) });
    assert_says(&error, "login_refused", &["\"nobody-of-that-name\"", "exists there"]);

    let password = Login::Password { secret: SecretRef::Env { name: "PASSWORD".into() } };
    let error = refusal(&server, &Sftp { login: password, ..right(&server) });
    assert_says(&error, "login_refused", &["the password"]);
}

#[test]
fn a_key_that_cannot_be_used_is_told_apart() {
    let server = Sshd::start();
    let locked = server.at("locked");
    new_key(&locked, "ed25519", &format!("RIGHT-{CANARY}"));
    let with = |path: &Path, passphrase: Option<SecretRef>| Sftp {
        login: Login::KeyFile { path: path.display().to_string(), passphrase },
        ..right(&server)
    };
    let env = |name: &str| Some(SecretRef::Env { name: name.into() });

    let error = refusal(&server, &with(&locked, None));
    assert_says(&error, "passphrase_needed", &["locked is encrypted", "--passphrase-env"]);
    let error = refusal(&server, &with(&locked, env("WRONG")));
    assert_says(&error, "passphrase_wrong", &["does not open the key", "locked"]);
    let gone = SecretRef::Stored { name: "crm".into() };
    let error = refusal(&server, &with(&locked, Some(gone)));
    assert_says(&error, "secret_missing", &["\"crm\" of secrets.toml does not exist"]);
    let command = SecretRef::Command { command: "echo do-not-repeat-me".into() };
    let error = refusal(&server, &with(&locked, Some(command)));
    assert_says(&error, "secret_missing", &["the command"]);
    assert!(!error.to_string().contains("do-not-repeat-me"), "{error}");

    // The right passphrase opens it: what is left is that the server does not know the key.
    assert_says(&refusal(&server, &with(&locked, env("RIGHT"))), "login_refused", &[]);

    let error = refusal(&server, &with(&server.at("missing"), None));
    assert_says(&error, "key_unreadable", &["missing cannot be used", "Check the path"]);
    let error = refusal(&server, &with(&server.at("key.pub"), None));
    assert_says(&error, if error.code() == "key_too_open" { "key_too_open" } else { "key_unreadable" }, &["key.pub"]);
    fs::set_permissions(server.key(), fs::Permissions::from_mode(0o644)).unwrap();
    let error = refusal(&server, &right(&server));
    assert_says(&error, "key_too_open", &["mode 0644", "chmod 600"]);
}

#[test]
fn a_directory_that_cannot_be_read_is_told_apart() {
    let server = Sshd::start();
    put(&server, "a.csv", b"a");
    let in_ = |directory: &str| Sftp { directory: directory.to_owned(), ..right(&server) };
    let error = refusal(&server, &in_("/no/such\u{1b}place"));
    assert_says(&error, "directory_missing", &["\"/no/such\\u{1b}place\"", "upstream drop"]);
    let error = refusal(&server, &in_(&format!("{}/a.csv", server.drop_dir().display())));
    assert_says(&error, "not_a_directory", &["a.csv\" on 127.0.0.1"]);

    let closed = Sshd::with(&["Subsystem sftp internal-sftp -P opendir,open,remove"]);
    put(&closed, "a.csv", b"a");
    let place = connect(&closed);
    assert_says(&place.list(&GO_ON).unwrap_err(), "no_permission", &["does not permit to list the directory"]);
    let modified = fs::metadata(closed.drop_dir().join("a.csv")).unwrap().modified().unwrap();
    let seconds = modified.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let identity = FileIdentity { name: "a.csv".into(), size: 1, modified_ms: seconds as i64 * 1000 };
    let error = place.fetch(&identity, &closed.at("part"), &mut |_| {}, &GO_ON).unwrap_err();
    assert_says(&error, "no_permission", &["send \"a.csv\""]);
    assert_eq!(error.class(), Class::NeedsPerson);
    let error = place.after(&identity, &AfterImport::Delete, &GO_ON).unwrap_err();
    assert_says(&error, "no_permission", &["delete \"a.csv\""]);

    let no_files = Sshd::with(&[]);
    assert_says(&refusal(&no_files, &right(&no_files)), "no_sftp", &["accepts the login", "internal-sftp"]);
    let no_shell = Sshd::with(&["Subsystem sftp internal-sftp", "ForceCommand echo hello there"]);
    assert_says(&refusal(&no_shell, &right(&no_shell)), "no_sftp", &[]);
}

#[test]
fn a_file_that_is_not_what_was_listed_is_told_apart() {
    let server = Sshd::start();
    for name in ["gone.csv", "grown.csv", "link.csv", "kept.csv"] {
        put(&server, name, b"some bytes");
    }
    let place = connect(&server);
    let listed = place.list(&GO_ON).unwrap();
    let part = server.at("part");
    let fetch = |name: &str| place.fetch(&identity_of(&listed, name), &part, &mut |_| {}, &GO_ON);

    fs::remove_file(server.drop_dir().join("gone.csv")).unwrap();
    let error = fetch("gone.csv").unwrap_err();
    assert_says(&error, "file_vanished", &["\"gone.csv\" is no longer on 127.0.0.1", "taken back"]);
    assert_eq!(error.class(), Class::OfTheFile);

    put(&server, "grown.csv", b"some bytes and more");
    fs::write(&part, b"some").unwrap();
    assert_says(&fetch("grown.csv").unwrap_err(), "file_changed", &["\"grown.csv\""]);
    assert!(!part.exists(), "what came of another file was kept");

    fs::remove_file(server.drop_dir().join("link.csv")).unwrap();
    std::os::unix::fs::symlink(server.key(), server.drop_dir().join("link.csv")).unwrap();
    assert_says(&fetch("link.csv").unwrap_err(), "not_a_file", &["\"link.csv\"", "not followed"]);
    assert!(!part.exists());

    let error = place.read_small("kept.csv", 4, &GO_ON).unwrap_err();
    assert_says(&error, "file_too_large", &["has 10 bytes", "at most 4"]);
    assert_eq!(place.read_small("kept.csv", 10, &GO_ON).unwrap(), b"some bytes");

    let full = Path::new("/dev/full");
    let error = place.fetch(&identity_of(&listed, "kept.csv"), full, &mut |_| {}, &GO_ON).unwrap_err();
    assert_says(&error, "disk_full", &["no space is left on this host for /dev/full", "landfall purge"]);
    let nowhere = server.at("no/such/place.part");
    let error = place.fetch(&identity_of(&listed, "kept.csv"), &nowhere, &mut |_| {}, &GO_ON).unwrap_err();
    assert_says(&error, "local_file", &["cannot write", "place.part"]);
    // None of this spoils the session.
    assert_eq!(fetch("kept.csv").unwrap().bytes, 10);
}

#[test]
fn a_server_that_goes_or_stands_still_is_told_apart() {
    let server = Sshd::start();
    let place = connect_with(&server, &right(&server), &IMPATIENT).unwrap();
    server.freeze();
    let error = place.list(&GO_ON).unwrap_err();
    assert_says(&error, "request_timeout", &["sent nothing for 1 s", "list the directory"]);
    assert_eq!(error.class(), Class::Transient);
    let error = connect_with(&server, &right(&server), &IMPATIENT).err().unwrap();
    assert_says(&error, "connect_timeout", &["within 1 s"]);
    server.thaw();

    let place = connect(&server);
    server.kill();
    let error = place.list(&GO_ON).unwrap_err();
    assert_says(&error, "connection_dropped", &["ended while it was asked to list the directory"]);
    assert_eq!(error.class(), Class::Transient);
    assert_says(&place.list(&GO_ON).unwrap_err(), "connection_dropped", &[]);
    let error = host_key_of("127.0.0.1", server.port(), &LIMITS, &GO_ON).unwrap_err();
    assert!(matches!(error, ConnectError::Refused { .. }));
}
