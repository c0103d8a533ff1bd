//! How fast a file comes from an SFTP server, beside OpenSSH's own `sftp`, from the same server in the same round:
//!
//! ```text
//! cargo bench --bench sftp                                 # 300 MB, three rounds: on loopback, and 40 ms away
//! cargo bench --bench sftp -- --megabytes 50 --rounds 1
//! ```
//!
//! Both write to the same disk and count from the start of the connection. Landfall also takes the SHA-256 and syncs the
//! file; `sftp` does neither. The distance is a proxy that holds every piece back for half the round trip, each way.

#[path = "../common/sshd.rs"]
mod sshd;

use landfall::connect::sftp::{Limits, SftpPlace, Surroundings};
use landfall::domain::source::{FileIdentity, HostKeyTrust, Login, Sftp};
use sshd::Sshd;
use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const ROUND_TRIP: Duration = Duration::from_millis(40);

fn main() {
    let (megabytes, rounds) = (argument("--megabytes", 300), argument("--rounds", 3));
    let server = Sshd::start();
    let content: Vec<u8> = (0..megabytes * 1_000_000 / 8)
        .flat_map(|number| (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes())
        .collect();
    fs::write(server.drop_dir().join("big.csv"), &content).unwrap();
    println!("{megabytes} MB, median of {rounds} rounds\n");
    println!("| distance | sftp | Landfall | times as fast |\n| --- | ---: | ---: | ---: |");
    for (distance, port) in [("loopback", server.port()), ("40 ms", far_away(server.port(), ROUND_TRIP))] {
        let mut measured = Vec::new();
        for _ in 0..rounds {
            let theirs = with_sftp(&server, port);
            check(&server.at("theirs"), &content);
            let ours = with_landfall(&server, port);
            check(&server.at("ours.part"), &content);
            measured.push((theirs.as_secs_f64(), ours.as_secs_f64()));
        }
        let theirs = median(measured.iter().map(|(theirs, _)| *theirs).collect());
        let ours = median(measured.iter().map(|(_, ours)| *ours).collect());
        let ratio = median(measured.iter().map(|(theirs, ours)| theirs / ours).collect());
        let speed = |seconds: f64| format!("{seconds:.2} s, {:.0} MB/s", megabytes as f64 / seconds);
        println!("| {distance} | {} | {} | {ratio:.2} |", speed(theirs), speed(ours));
    }
}

/// The number behind a flag.
fn argument(flag: &str, default: usize) -> usize {
    let given = std::env::args().skip_while(|word| word != flag).nth(1);
    given.map_or(default, |word| word.parse().unwrap_or_else(|_| panic!("{flag} takes a number, not {word:?}")))
}

fn with_sftp(server: &Sshd, port: u16) -> Duration {
    let known_hosts = server.at("known_hosts");
    fs::write(&known_hosts, format!("[127.0.0.1]:{port} {}\n", server.host_key("ed25519"))).unwrap();
    let batch = server.at("batch");
    let get = format!("get {} {}\n", server.drop_dir().join("big.csv").display(), server.at("theirs").display());
    fs::write(&batch, get).unwrap();
    let start = Instant::now();
    let output = Command::new("sftp")
        .args(["-q", "-F", "none", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=yes"])
        .args(["-o", &format!("UserKnownHostsFile={}", known_hosts.display()), "-P", &port.to_string()])
        .arg("-i")
        .arg(server.key())
        .arg("-b")
        .arg(&batch)
        .arg(format!("{}@127.0.0.1", server.user()))
        .stdin(Stdio::null())
        .output()
        .expect("sftp (Debian package openssh-client)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    start.elapsed()
}

fn with_landfall(server: &Sshd, port: u16) -> Duration {
    let sftp = Sftp {
        host: "127.0.0.1".to_owned(),
        port,
        user: server.user().to_owned(),
        directory: server.drop_dir().display().to_string(),
        login: Login::KeyFile { path: server.key().display().to_string(), passphrase: None },
        host_key: HostKeyTrust::Pinned { sha256: server.fingerprint("ed25519") },
    };
    let surroundings = Surroundings { home: None, agent_socket: None, own_key: server.at("own_key") };
    let go_on = AtomicBool::new(false);
    let start = Instant::now();
    let place = SftpPlace::connect(&sftp, &surroundings, &|_| unreachable!(), &Limits::default(), &go_on).unwrap();
    let identity: FileIdentity = place.list(&go_on).unwrap().remove(0).identity;
    place.fetch(&identity, &server.at("ours.part"), &mut |_| {}, &go_on).unwrap();
    start.elapsed()
}

/// That a file arrived as it was; it goes.
fn check(path: &Path, content: &[u8]) {
    assert!(fs::read(path).unwrap() == content, "{} differs", path.display());
    fs::remove_file(path).unwrap();
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A port that leads to the server, this far away.
fn far_away(server: u16, round_trip: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for near in listener.incoming().map(Result::unwrap) {
            let far = TcpStream::connect(("127.0.0.1", server)).unwrap();
            hold_back(near.try_clone().unwrap(), far.try_clone().unwrap(), round_trip / 2);
            hold_back(far, near, round_trip / 2);
        }
    });
    port
}

/// Passes on what comes, so much later.
fn hold_back(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    from.set_nodelay(true).unwrap();
    let (pieces, held) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut buffer = vec![0; 256 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            if pieces.send((Instant::now() + delay, buffer[..read].to_vec())).is_err() {
                break;
            }
        }
    });
    thread::spawn(move || {
        for (due, piece) in held {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&piece).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
