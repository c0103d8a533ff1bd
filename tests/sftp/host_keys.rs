//! Whether the host is the right one: by a pinned key and by known_hosts files that OpenSSH's tools made.

use crate::sshd::Sshd;
use crate::{GO_ON, LIMITS, assert_says, connect_with, refusal, right};
use landfall::connect::Class;
use landfall::connect::sftp::{HostKey, host_key_of};
use landfall::domain::source::{HostKeyTrust, Sftp};
use std::fs;
use std::process::Command;

#[test]
fn the_key_is_shown_before_anybody_logs_in() {
    let server = Sshd::start();
    let shown = host_key_of("127.0.0.1", server.port(), &LIMITS, &GO_ON).unwrap();
    let sha256 = server.fingerprint("ed25519");
    assert_eq!(shown, HostKey { algorithm: "ssh-ed25519".into(), sha256: sha256.clone() });
    assert!(!server.log().contains("Accepted"), "{}", server.log());

    let error = refusal(&server, &Sftp { host_key: HostKeyTrust::Unknown, ..right(&server) });
    assert_says(&error, "host_key_unknown", &[&sha256, "ssh-ed25519", "--accept-host-key SHA256:"]);
    assert_eq!(error.class(), Class::NeedsPerson);
}

#[test]
fn a_pinned_key_of_any_type_lets_in_and_another_is_a_hard_stop() {
    let server = Sshd::start();
    for kind in ["ed25519", "ecdsa"] {
        let pinned = HostKeyTrust::Pinned { sha256: server.fingerprint(kind) };
        let connected = connect_with(&server, &Sftp { host_key: pinned, ..right(&server) }, &LIMITS);
        assert!(connected.is_ok(), "{kind}: {:?}", connected.err());
    }
    let other = Sshd::start();
    let pinned = HostKeyTrust::Pinned { sha256: other.fingerprint("ed25519") };
    let before = server.log().matches("Accepted").count();
    let error = refusal(&server, &Sftp { host_key: pinned, ..right(&server) });
    assert_says(
        &error,
        "host_key_changed",
        &[&server.fingerprint("ed25519"), &other.fingerprint("ed25519"), "nothing was sent", "not by this connection"],
    );
    assert_eq!(error.class(), Class::NeedsPerson);
    assert_eq!(server.log().matches("Accepted").count(), before, "it logged in");
}

#[test]
fn known_hosts_files_are_honoured_as_ssh_does() {
    let server = Sshd::start();
    let other = Sshd::start();
    let name = format!("[127.0.0.1]:{}", server.port());
    let (ed25519, ecdsa) = (server.host_key("ed25519"), server.host_key("ecdsa"));
    let wrong = other.host_key("ed25519");
    let cases = [
        (String::new(), Some("host_key_unknown")),
        (format!("{name} {ed25519}"), None),
        // The server is asked for the type that is known.
        (format!("{name} {ecdsa}"), None),
        (format!("other.example {wrong}\n{name} {wrong}\n{name} {ed25519}"), None),
        (format!("[127.0.0.*]:* {ed25519}"), None),
        (format!("[127.0.0.*]:*,!{name} {ed25519}"), Some("host_key_unknown")),
        (format!("{name} {wrong}"), Some("host_key_changed")),
        (format!("{name} {ed25519}\n@revoked * {ed25519}"), Some("host_key_revoked")),
        (format!("@cert-authority * {wrong}"), Some("host_key_authority")),
    ];
    let path = server.at("known_hosts");
    let sftp = Sftp { host_key: HostKeyTrust::KnownHosts { path: Some(path.display().to_string()) }, ..right(&server) };
    for (text, code) in cases {
        for is_hashed in [false, true] {
            fs::write(&path, format!("{text}\n")).unwrap();
            if is_hashed {
                let hashed = Command::new("ssh-keygen").args(["-q", "-H", "-f"]).arg(&path).output().unwrap();
                assert!(hashed.status.success() || text.is_empty(), "{hashed:?}");
            }
            let file = fs::read_to_string(&path).unwrap();
            assert!(!is_hashed || !file.lines().any(|line| line.starts_with(&name)), "{file}");
            let got = connect_with(&server, &sftp, &LIMITS).err();
            assert_eq!(got.as_ref().map(|error| error.code()), code, "{got:?} with\n{file}");
            if let Some(error) = got {
                assert_says(&error, error.code(), &[&server.fingerprint("ed25519"), &path.display().to_string()]);
            }
        }
    }
    fs::remove_file(&path).unwrap();
    assert_says(&refusal(&server, &sftp), "known_hosts_unreadable", &["known_hosts cannot be read"]);
}

#[test]
fn the_users_own_known_hosts_file_is_the_default() {
    let server = Sshd::start();
    let sftp = Sftp { host_key: HostKeyTrust::KnownHosts { path: None }, ..right(&server) };
    assert_says(&refusal(&server, &sftp), "host_key_unknown", &["home/.ssh/known_hosts does not know"]);
    fs::create_dir_all(server.at("home/.ssh")).unwrap();
    let line = format!("[127.0.0.1]:{} {}\n", server.port(), server.host_key("ecdsa"));
    fs::write(server.at("home/.ssh/known_hosts"), line).unwrap();
    assert!(connect_with(&server, &sftp, &LIMITS).is_ok());
}
