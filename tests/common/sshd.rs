//! A real OpenSSH server on loopback, with keys, port and configuration of its own, that runs as whoever runs the tests.
#![allow(dead_code)] // Each test file is a crate of its own and uses a part of this.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

/// The server. It ends with the value.
pub struct Sshd {
    /// Keys, configuration and the directory of files; goes with the value.
    dir: tempfile::TempDir,
    port: u16,
    user: String,
    listener: Mutex<Option<Child>>,
}

impl Sshd {
    /// A server that the key of [`Sshd::key`] may log in to and that offers SFTP.
    pub fn start() -> Sshd {
        Sshd::with(&["Subsystem sftp internal-sftp"])
    }

    /// A server whose configuration has these lines in front; without a `Subsystem sftp` among them it offers no SFTP.
    pub fn with(lines: &[&str]) -> Sshd {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir(at("drop")).unwrap();
        new_key(&at("host_ed25519"), "ed25519", "");
        new_key(&at("host_ecdsa"), "ecdsa", "");
        new_key(&at("key"), "ed25519", "");
        fs::copy(at("key.pub"), at("authorized_keys")).unwrap();
        let user = output("id", &["-un"]);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let path = dir.path().display();
        let own = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {path}/host_ed25519\nHostKey {path}/host_ecdsa\n\
             AuthorizedKeysFile {path}/authorized_keys\nPidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n\
             KbdInteractiveAuthentication no\nMaxStartups 100\nUseDNS no\nLogLevel VERBOSE\n"
        );
        fs::write(at("sshd_config"), format!("{}\n{own}", lines.join("\n"))).unwrap();
        let server = Sshd { dir, port, user, listener: Mutex::new(None) };
        server.run();
        server
    }

    /// Starts it again, on the same port.
    pub fn run(&self) {
        if output("id", &["-u"]) == "0" {
            // Where sshd, run by root, shuts its unprivileged half in.
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let log = fs::OpenOptions::new().create(true).append(true).open(self.dir.path().join("log")).unwrap();
        let child = Command::new(sshd())
            .args(["-D", "-e", "-f"])
            .arg(self.dir.path().join("sshd_config"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        *self.listener.lock().unwrap() = Some(child);
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("sshd does not listen:\n{}", self.log());
    }

    /// Ends it and all its sessions at once, as a power cut would.
    pub fn kill(&self) {
        let Some(mut child) = self.listener.lock().unwrap().take() else { return };
        self.signal(child.id(), "KILL");
        child.wait().unwrap();
    }

    /// It and its sessions stand still; connections stay open.
    pub fn freeze(&self) {
        self.signal_all("STOP");
    }

    pub fn thaw(&self) {
        self.signal_all("CONT");
    }

    fn signal_all(&self, name: &str) {
        if let Some(child) = &*self.listener.lock().unwrap() {
            self.signal(child.id(), name);
        }
    }

    fn signal(&self, listener: u32, name: &str) {
        let mut all = vec![listener];
        let mut at = 0;
        while at < all.len() {
            all.extend(children_of(all[at]));
            at += 1;
        }
        let mut kill = Command::new("kill");
        kill.arg(format!("-{name}")).args(all.iter().map(u32::to_string)).stderr(Stdio::null());
        // One of them may have ended by itself meanwhile.
        kill.status().unwrap();
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn user(&self) -> &str {
        &self.user
    }

    /// A path in the server's own directory.
    pub fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The directory of the upstream's files.
    pub fn drop_dir(&self) -> PathBuf {
        self.at("drop")
    }

    /// The private key that may log in.
    pub fn key(&self) -> PathBuf {
        self.at("key")
    }

    /// `SHA256:…` of a host key: `ed25519` or `ecdsa`.
    pub fn fingerprint(&self, kind: &str) -> String {
        let path = self.at(&format!("host_{kind}.pub"));
        let line = output("ssh-keygen", &["-l", "-f", path.to_str().unwrap()]);
        line.split_whitespace().nth(1).unwrap().to_owned()
    }

    /// A host key as a known_hosts file has it, without the host.
    pub fn host_key(&self, kind: &str) -> String {
        let text = fs::read_to_string(self.at(&format!("host_{kind}.pub"))).unwrap();
        text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Makes a key pair with OpenSSH's own tool.
pub fn new_key(path: &Path, kind: &str, passphrase: &str) {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", kind, "-N", passphrase, "-C", "test"])
        // The search for longer primes takes seconds.
        .args(if kind == "rsa" { &["-b", "2048"][..] } else { &[] })
        .arg("-f")
        .arg(path)
        .status()
        .expect("ssh-keygen (Debian package openssh-client)");
    assert!(made.success());
}

/// It insists on being called by its whole path, and lies where a user's PATH may not lead.
fn sshd() -> PathBuf {
    ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"]
        .iter()
        .map(PathBuf::from)
        .find(|path| path.exists())
        .expect("sshd (Debian package openssh-server)")
}

fn children_of(process: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    processes
        .filter(|candidate| {
            let status = fs::read_to_string(format!("/proc/{candidate}/stat")).unwrap_or_default();
            // The name, in brackets, may hold anything.
            let after_name = status.rsplit_once(')').map_or("", |(_, rest)| rest);
            after_name.split_whitespace().nth(1) == Some(process.to_string().as_str())
        })
        .collect()
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
