//! All ways of logging in.

use crate::sshd::{Sshd, new_key};
use crate::{CANARY, GO_ON, LIMITS, assert_says, connect_with, key_file, refusal, right, secret, surroundings};
use landfall::connect::keys;
use landfall::connect::sftp::{SftpPlace, Surroundings};
use landfall::domain::source::{Login, SecretRef, Sftp};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// Lets another key in.
fn authorize(server: &Sshd, line: &str) {
    let mut file = fs::OpenOptions::new().append(true).open(server.at("authorized_keys")).unwrap();
    writeln!(file, "{line}").unwrap();
}

fn public_of(path: &Path) -> String {
    fs::read_to_string(path.with_extension("pub")).unwrap()
}

#[test]
fn a_key_made_here_logs_in() {
    let server = Sshd::start();
    let line = keys::generate(&server.at("own_key"), "landfall").unwrap();
    let sftp = Sftp { login: Login::OwnKey, ..right(&server) };
    assert_says(&refusal(&server, &sftp), "login_refused", &["SHA256:"]);
    authorize(&server, &line);
    assert!(connect_with(&server, &sftp, &LIMITS).is_ok());
    // OpenSSH's own tool reads it too.
    let told = Command::new("ssh-keygen").args(["-y", "-f"]).arg(server.at("own_key")).output().unwrap();
    assert_eq!(String::from_utf8(told.stdout).unwrap().trim(), line);
}

#[test]
fn key_files_of_all_kinds_log_in_with_their_passphrases() {
    let server = Sshd::start();
    let env = |name: &str| SecretRef::Env { name: name.into() };
    for kind in ["ed25519", "ecdsa", "rsa"] {
        let open = server.at(&format!("open_{kind}"));
        new_key(&open, kind, "");
        authorize(&server, &public_of(&open));
        let connected = connect_with(&server, &Sftp { login: key_file(&open), ..right(&server) }, &LIMITS);
        assert!(connected.is_ok(), "{kind}: {:?}", connected.err());

        let locked = server.at(&format!("locked_{kind}"));
        new_key(&locked, kind, &format!("SECRET-{CANARY}"));
        authorize(&server, &public_of(&locked));
        let login = Login::KeyFile { path: locked.display().to_string(), passphrase: Some(env("SECRET")) };
        let connected = connect_with(&server, &Sftp { login, ..right(&server) }, &LIMITS);
        assert!(connected.is_ok(), "{kind}: {:?}", connected.err());
        // The comment is under the passphrase too.
        assert_eq!(keys::public_line(&locked).unwrap(), public_of(&locked).trim().trim_end_matches(" test"));
    }
}

/// The user's agent, with its socket in the server's directory.
struct Agent(Child);

impl Agent {
    fn start(socket: &Path) -> Agent {
        let mut command = Command::new("ssh-agent");
        command.args(["-D", "-a"]).arg(socket).stdout(Stdio::null());
        let child = command.spawn().expect("ssh-agent (Debian package openssh-client)");
        for _ in 0..200 {
            if socket.exists() {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        Agent(child)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_agent_logs_in_with_whichever_of_its_keys_fits() {
    let server = Sshd::start();
    let socket = server.at("agent");
    let sftp = Sftp { login: Login::Agent, ..right(&server) };
    let with = |agent_socket| Surroundings { agent_socket, ..surroundings(&server) };
    let connect = |agent_socket| SftpPlace::connect(&sftp, &with(agent_socket), &secret, &LIMITS, &GO_ON);

    assert_says(&connect(None).err().unwrap(), "agent_missing", &["SSH_AUTH_SOCK", "scheduled worker"]);
    assert_says(&connect(Some(socket.clone())).err().unwrap(), "agent_missing", &["does not answer"]);
    let _agent = Agent::start(&socket);
    assert_says(&connect(Some(socket.clone())).err().unwrap(), "agent_empty", &["ssh-add"]);

    let add = |key: &Path| {
        let added = Command::new("ssh-add").env("SSH_AUTH_SOCK", &socket).arg(key).output().unwrap();
        assert!(added.status.success(), "{added:?}");
    };
    for kind in ["ecdsa", "ed25519"] {
        let other = server.at(&format!("other_{kind}"));
        new_key(&other, kind, "");
        add(&other);
    }
    let error = connect(Some(socket.clone())).err().unwrap();
    assert_says(&error, "login_refused", &["2 keys of the ssh-agent"]);
    add(&server.key());
    let connected = connect(Some(socket.clone()));
    assert!(connected.is_ok(), "{:?}", connected.err());
}
