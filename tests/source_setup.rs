//! Sources that bring their own files, set up from the command line: connections and their secrets, contracts, the
//! guided check against a real sshd, and the way back after a fault that needs a person.

mod common;
#[path = "common/sshd.rs"]
mod sshd;

use common::{Landfall, Said};
use serde_json::{Value, json};
use sshd::{Sshd, new_key};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

const CSV: &str = "ref,name,email\nA-1,Ann Lee,ann@example.com\n";

fn source(landfall: &Landfall, name: &str) -> Value {
    landfall.json(&["source", "show", name], 0).remove(0)
}

/// All that a command said.
fn told(said: &Said) -> String {
    format!("{}{}", said.text(), said.stderr)
}

/// The steps of a guided check, and which failed.
fn steps(check: &Value) -> Vec<String> {
    let step = |check: &Value| match check["ok"].as_bool() {
        Some(true) => check["check"].as_str().unwrap().to_owned(),
        _ => format!("{} failed", check["check"].as_str().unwrap()),
    };
    check["checks"].as_array().unwrap().iter().map(step).collect()
}

fn add_sftp(landfall: &Landfall, server: &Sshd, name: &str, more: &[&str]) -> Said {
    let (port, directory) = (server.port().to_string(), server.drop_dir().to_str().unwrap().to_owned());
    let at = ["--host", "127.0.0.1", "--port", &port, "--user", server.user(), "--directory", &directory];
    landfall.run(&[&["source", "add", "sftp", name, "--json"], &at[..], more].concat())
}

#[test]
fn a_directory_is_a_source_with_a_contract_that_can_be_changed_and_taken_back() {
    let landfall = Landfall::new();
    fs::create_dir(landfall.dir().join("in")).unwrap();
    let added = landfall.json(
        &[
            &["source", "add", "dir", "erp", "in", "--pattern", "c_{YYYY}{MM}{DD}.csv", "--cadence", "0 6 * * 1-5"],
            &["--schedule", "*/15 * * * *", "--schedule-zone", "Europe/Berlin", "--grace", "90", "--owner", "Dana"][..],
            &["--verified-by", "Bo counts", "--expect-columns", "ref,name", "--expect-rows", "1..", "--drift", "stop"],
            &["--done-marker", ".done", "--control-file", ".ctl", "--after", "move:done"],
        ]
        .concat(),
        0,
    );
    let erp = &added[0];
    assert_eq!((&erp["kind"], &erp["mode"], &erp["contract"]), (&json!("dir"), &json!("ongoing"), &json!("not_due")));
    assert!(erp["next_run"].is_string() && erp["blocked"].is_null(), "{erp}");
    assert_eq!(erp["connection"]["path"], landfall.path("in"));
    assert_eq!(erp["schedule"]["timezone"], "Europe/Berlin");
    let expects = &erp["expects"];
    assert_eq!((&expects["grace_minutes"], &expects["drift"]), (&json!(90), &json!("stop")));
    assert_eq!(expects["finished"], json!({"by": "marker", "suffix": ".done"}));
    assert_eq!(erp["after_import"], json!({"do": "move", "directory": "done"}));

    let back = ["--schedule", "", "--cadence", "", "--done-marker", "", "--expect-rows", "", "--after", "leave"];
    let erp = landfall.json(&[&["source", "edit", "erp"], &back[..]].concat(), 0).remove(0);
    assert_eq!((&erp["schedule"], &erp["next_run"]), (&Value::Null, &Value::Null));
    assert_eq!((&erp["expects"]["rows"], &erp["expects"]["cadence"]), (&Value::Null, &Value::Null));
    assert_eq!(erp["expects"]["columns"], json!(["ref", "name"]), "what is not said stays");
    for wrong in
        [&["--schedule", "soon"][..], &["--pattern", "a/b"], &["--after", "burn"], &["--schedule", "0 0 31 2 *"]]
    {
        landfall.run(&[&["source", "edit", "erp"], wrong].concat()).exits(2);
    }
    landfall.run(&["source", "add", "file", "plain", "x.csv", "--schedule", "@daily"]).exits(2);
    landfall.run(&["source", "add", "sftp", "half", "--host", "h"]).exits(2);
    landfall.run(&["source", "add", "file", "plain", "x.csv"]).exits(0);
    landfall.run(&["source", "edit", "plain", "--cadence", "@daily"]).exits(2);
    landfall.run(&["source", "reconnect", "plain"]).exits(1);
}

#[test]
fn a_drop_tells_what_others_need_and_masks_it_until_it_is_revealed() {
    let landfall = Landfall::new();
    new_key(&landfall.dir().join("theirs"), "ed25519", "");
    let add = ["source", "add", "drop", "up", "in/box", "--host", "files.example.com", "--user", "erp-upload"];
    let private = landfall.run(&[&add[..], &["--upstream-key", "theirs"]].concat()).exits(1);
    assert!(told(&private).contains("private key, which must never leave its owner"), "{private:?}");
    let said = landfall.run(&[&add[..], &["--upstream-key", "theirs.pub", "--json"]].concat()).exits(0);
    let secret = ["files.example.com", "erp-upload", "sftp -b"];
    assert!(secret.iter().all(|text| !told(&said).contains(text)), "{said:?}");
    assert!(landfall.dir().join("in/box").is_dir());
    let masked = landfall.run(&["source", "show", "up"]).exits(0);
    assert!(secret.iter().all(|text| !told(&masked).contains(text)), "{masked:?}");
    let shown = landfall.json(&["source", "show", "up", "--reveal"], 0).remove(0);
    let connection = &shown["connection"];
    assert!(connection["authorized_key"].as_str().unwrap().starts_with("restrict,command=\"internal-sftp"), "{shown}");
    assert!(connection["upload_command"].as_str().unwrap().contains("erp-upload@files.example.com"));
    assert!(connection["match_block"].as_str().unwrap().contains("Match User erp-upload"));

    let made =
        landfall.run(&["source", "add", "drop", "made", "in2", "--host", "h", "--user", "u", "--upstream-key", "make"]);
    let made = told(&made.exits(0));
    assert!(made.contains("upstream-of-source-2") && !made.contains("PRIVATE KEY"), "{made}");
    let keys = landfall.workspace().join("keys");
    assert_eq!(fs::metadata(&keys).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(keys.join("upstream-of-source-2")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn the_guided_check_of_a_drop_says_whether_the_account_can_upload_and_what_to_run() {
    let landfall = Landfall::new();
    new_key(&landfall.dir().join("key"), "ed25519", "");
    // Whoever runs the tests has made the directory, and nobody has ever been let in.
    fs::set_permissions(landfall.dir(), fs::Permissions::from_mode(0o700)).unwrap();
    let me = std::process::Command::new("id").arg("-un").output().unwrap().stdout;
    let me = String::from_utf8(me).unwrap().trim().to_owned();
    for (name, user) in [("mine", me.as_str()), ("theirs", "nobody"), ("unknown", "no-such-account")] {
        let add = ["source", "add", "drop", name, name, "--host", "h", "--user", user, "--upstream-key", "key.pub"];
        landfall.run(&[&add[..], &["--pattern", "*.csv"]].concat()).exits(0);
    }
    let check = |name: &str, status| landfall.json(&["source", "test", name], status).remove(0);
    assert_eq!(steps(&check("mine", 0)), ["directory", "files", "contract", "last_run"]);
    let (theirs, unknown) = (check("theirs", 1), check("unknown", 1));
    let detail = |check: &Value| check["checks"][0]["detail"].as_str().unwrap().to_owned();
    assert_eq!((steps(&theirs), &theirs["class"]), (vec!["directory failed".to_owned()], &json!("connection")));
    assert!(detail(&theirs).contains("\"nobody\" may not pass through"), "{theirs}");
    let run = theirs["next"].as_str().unwrap();
    assert!(
        run.contains("as root: setfacl -m u:nobody:x ")
            && run.contains("chmod o+x ")
            && run.contains(landfall.dir().to_str().unwrap()),
        "{theirs}"
    );
    assert!(detail(&unknown).contains("no account \"no-such-account\""), "{unknown}");
    assert!(unknown["next"].as_str().unwrap().contains("useradd"), "{unknown}");
}

#[test]
fn a_source_that_nothing_had_stopped_is_not_said_to_run_again_and_one_nobody_can_look_at_needs_somebody() {
    let landfall = Landfall::new();
    fs::create_dir(landfall.dir().join("in")).unwrap();
    landfall.run(&["source", "add", "dir", "erp", "in", "--pattern", "*.csv"]).exits(0);
    let said = told(&landfall.run(&["source", "reconnect", "erp"]).exits(0));
    assert!(said.contains("Nothing had stopped it.") && !said.contains("runs again"), "{said}");
    let add = ["source", "add", "sftp", "far", "--host", "127.0.0.1", "--port", "1", "--user", "u", "--directory", "d"];
    landfall.run(&add).exits(0);
    let far = source(&landfall, "far");
    assert_eq!((&far["status"], &far["blocked"]), (&json!("warning"), &Value::Null), "{far}");
    assert!(far["reason"]["message"].as_str().unwrap().contains("host key of 127.0.0.1"), "{far}");
}

#[test]
fn the_guided_check_goes_from_the_host_to_the_last_run_and_stops_at_what_is_wrong() {
    let server = Sshd::start();
    let landfall = Landfall::new();
    let check = |status| landfall.json(&["source", "test", "crm"], status).remove(0);
    let added = add_sftp(&landfall, &server, "crm", &["--owner", "Dana (ERP)", "--grace", "0"]).exits(0);
    let said = told(&added);
    let public = said.split("ssh-ed25519 ").nth(1).expect("the public key is told").split_whitespace().next().unwrap();
    assert!(landfall.workspace().join("keys/source-1").is_file());

    let found = check(1);
    assert_eq!(
        (steps(&found), &found["class"]),
        (vec!["host".to_owned(), "host_key failed".into()], &json!("connection"))
    );
    let (right, other) = (server.fingerprint("ed25519"), server.fingerprint("ecdsa"));
    let detail = found["checks"][1]["detail"].as_str().unwrap();
    let shown = if detail.contains(&right) { &right } else { &other };
    assert!(detail.contains(shown.as_str()), "{detail}");
    landfall.run(&["source", "edit", "crm", "--accept-host-key", shown]).exits(0);
    assert_eq!(steps(&check(1))[1..], ["host_key", "login failed"]);
    let keys = format!("{}ssh-ed25519 {public}\n", fs::read_to_string(server.at("authorized_keys")).unwrap());
    fs::write(server.at("authorized_keys"), keys).unwrap();

    let found = check(0);
    assert_eq!(steps(&found)[2..], ["login", "directory", "files", "contract", "last_run"], "nothing was promised");
    landfall.run(&["source", "edit", "crm", "--cadence", "* * * * *"]).exits(0);
    fs::write(server.drop_dir().join("other.txt"), "x").unwrap();
    fs::write(server.drop_dir().join("crm.csv"), "").unwrap();
    let found = check(1);
    assert_eq!(steps(&found).last().map(String::as_str), Some("shape failed"), "{found}");
    assert!(found["next"].as_str().unwrap().contains("Dana (ERP)"), "{found}");
    fs::write(server.drop_dir().join("crm.csv"), CSV).unwrap();
    let found = check(1);
    assert_eq!((steps(&found).last().map(String::as_str), &found["class"]), (Some("header failed"), &json!("mapping")));
    assert_eq!(fs::read_dir(landfall.workspace().join("deliveries")).unwrap().count(), 0, "nothing is left behind");

    let listed = landfall.json(&["source", "files", "crm", "--refresh"], 0);
    let state = |name: &str| listed.iter().find(|file| file["name"] == name).map(|file| file["state"].clone());
    assert_eq!((state("crm.csv"), state("other.txt")), (Some(json!("settling")), Some(json!("ignored"))), "{listed:?}");
    fs::remove_dir_all(server.drop_dir()).unwrap();
    assert_eq!(steps(&check(1)).last().map(String::as_str), Some("directory failed"));
    server.kill();
    assert_eq!(steps(&check(1)), ["host failed"]);
}

#[test]
fn a_reconnection_is_noted_as_a_look_so_that_an_earlier_fault_is_gone() {
    let landfall = Landfall::new();
    let (place, away) = (landfall.dir().join("in"), landfall.dir().join("away"));
    fs::create_dir(&place).unwrap();
    landfall.run(&["source", "add", "dir", "erp", "in", "--pattern", "*.csv"]).exits(0);
    fs::rename(&place, &away).unwrap();
    landfall.run(&["source", "files", "erp", "--refresh"]).exits(1);
    let look = |landfall: &Landfall| {
        let store = landfall::store::Store::open_read_only(&landfall.workspace()).unwrap();
        let source = store.sources().unwrap().remove(0).id;
        store.pickups(source, 1).unwrap().remove(0)
    };
    assert!(look(&landfall).fault.is_some());
    fs::rename(&away, &place).unwrap();
    fs::write(place.join("a.csv"), "ref,name\n1,Ann\n").unwrap();
    landfall.run(&["source", "reconnect", "erp"]).exits(0);
    assert_eq!((look(&landfall).fault, look(&landfall).listed), (None, 1));
}

#[test]
fn a_source_that_waits_for_a_person_runs_again_only_when_it_is_reached() {
    let server = Sshd::start();
    let landfall = Landfall::new();
    let key = server.key();
    let wrong = format!("SHA256:{}", "A".repeat(43));
    let with = ["--key", key.to_str().unwrap(), "--accept-host-key", &wrong, "--schedule", "@hourly"];
    add_sftp(&landfall, &server, "crm", &with).exits(0);
    let error = landfall.run(&["source", "files", "crm", "--refresh", "--json"]).exits(1).object()["error"].clone();
    assert_eq!(error["code"], "host_key_changed", "{error}");
    let blocked = source(&landfall, "crm");
    assert_eq!((&blocked["blocked"]["code"], &blocked["status"]), (&json!("host_key_changed"), &json!("error")));
    assert!(blocked["next_run"].is_null(), "{blocked}");
    let error = landfall.run(&["source", "reconnect", "crm", "--json"]).exits(1).object()["error"].clone();
    assert_eq!(error["code"], "host_key_changed");
    assert!(source(&landfall, "crm")["blocked"].is_object());
    let shown = error["message"].as_str().unwrap();
    let right = [server.fingerprint("ed25519"), server.fingerprint("ecdsa")];
    let right = right.iter().find(|key| shown.contains(key.as_str())).expect("the key that it has is told");
    let again = landfall.json(&["source", "reconnect", "crm", "--accept-host-key", right], 0).remove(0);
    assert!(again["blocked"].is_null() && again["next_run"].is_string(), "{again}");
}

/// The files of a workspace that hold a text, apart from those that secrets and keys are kept in.
fn holding(dir: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        match path.is_dir() {
            true if name != "keys" => found.extend(holding(&path, text)),
            true => {}
            false if name == "secrets.toml" => {}
            false if fs::read(&path).unwrap().windows(text.len()).any(|part| part == text.as_bytes()) => {
                found.push(name)
            }
            false => {}
        }
    }
    found
}

/// Looks at the argument lists of all processes, over and over.
struct Watch {
    canary: String,
    seen: Arc<Mutex<BTreeSet<String>>>,
    is_over: Arc<AtomicBool>,
}

impl Watch {
    fn of(canary: &str) -> Watch {
        let (seen, is_over) = (Arc::new(Mutex::new(BTreeSet::new())), Arc::new(AtomicBool::new(false)));
        let watch = Watch { canary: canary.to_owned(), seen: seen.clone(), is_over: is_over.clone() };
        std::thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                for process in fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
                    let Ok(arguments) = fs::read(process.path().join("cmdline")) else { continue };
                    let text = String::from_utf8_lossy(&arguments).replace('\0', " ");
                    seen.lock().unwrap().insert(text);
                }
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        });
        watch
    }

    /// The argument lists with the canary.
    fn found(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|arguments| arguments.contains(&self.canary)).cloned().collect()
    }

    fn was_seen(&self, text: &str) -> bool {
        self.seen.lock().unwrap().iter().any(|arguments| arguments.contains(text))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

#[test]
fn secrets_are_nowhere_but_where_they_are_kept() {
    // No other run of this test on the machine has the same.
    let canary = format!("canary-{}-secret", std::process::id());
    let canary = canary.as_str();
    let server = Sshd::start();
    let landfall = Landfall::new();
    let key = landfall.dir().join("sealed");
    new_key(&key, "ed25519", canary);
    let watch = Watch::of(canary);
    let keys = fs::read_to_string(server.at("authorized_keys")).unwrap();
    let public = fs::read_to_string(landfall.dir().join("sealed.pub")).unwrap();
    fs::write(server.at("authorized_keys"), keys + &public).unwrap();
    fs::write(server.drop_dir().join("a.csv"), CSV).unwrap();
    let kept = landfall.file("kept", format!("{canary}\n"));
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o600)).unwrap();
    // A command line of that would have it in the list of processes.
    let command = format!("cat {}", kept.display());
    let mut all = String::new();
    let mut note = |said: &Said| all.push_str(&told(said));
    let with_key = ["--key", key.to_str().unwrap()];
    let kinds: [(&str, Vec<&str>); 8] = [
        ("k-env", vec!["--passphrase-env", "CANARY"]),
        ("k-file", vec!["--passphrase-file", "kept"]),
        ("k-command", vec!["--passphrase-command", &command]),
        ("k-stored", vec!["--passphrase-stored"]),
        ("p-env", vec!["--password-env", "CANARY"]),
        ("p-file", vec!["--password-file", "kept"]),
        ("p-command", vec!["--password-command", &command]),
        ("p-stored", vec!["--password-stored"]),
    ];
    let port = server.port().to_string();
    let run = |args: &[&str]| -> Said {
        // The environment of a command has it, and standard input, where it is asked for.
        let script = r#"printf '%s\n' "$CANARY" | "$@""#;
        let direct = landfall.command(args);
        let mut command = std::process::Command::new("sh");
        command.args(["-c", script, "sh"]).arg(direct.get_program()).args(direct.get_args()).env_clear();
        command.envs(direct.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("CANARY", canary);
        command.current_dir(landfall.dir());
        common::said(command.output().unwrap())
    };
    for (name, secret) in &kinds {
        let at = ["source", "add", "sftp", name, "--host", "127.0.0.1", "--port", &port, "--user", server.user()];
        let directory = server.drop_dir().to_str().unwrap().to_owned();
        let is_key = name.starts_with('k');
        let key: &[&str] = if is_key { &with_key } else { &[] };
        let added = run(&[&at[..], &["--directory", &directory], key, secret.as_slice()].concat()).exits(0);
        note(&added);
        let found = run(&["source", "test", name, "--json"]).exits(1);
        let detail = found.object()["checks"][1]["detail"].as_str().unwrap().to_owned();
        let right = [server.fingerprint("ed25519"), server.fingerprint("ecdsa")];
        let right = right.iter().find(|key| detail.contains(key.as_str())).unwrap();
        note(&run(&["source", "edit", name, "--accept-host-key", right]).exits(0));
        let found = run(&["source", "test", name, "--json"]);
        let failed = steps(&found.object());
        let expected = if is_key { "header failed" } else { "login failed" };
        assert_eq!(failed.last().map(String::as_str), Some(expected), "{name}: {found:?}");
        note(&found);
        for args in [
            &["source", "files", name, "--refresh"][..],
            &["source", "reconnect", name],
            &["source", "show", name, "--reveal"],
            &["source", "show", name, "--reveal", "--json"],
        ] {
            note(&run(args));
        }
    }
    // What is wrong about a secret is told without it.
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o644)).unwrap();
    let open = run(&["source", "reconnect", "k-file", "--json"]).exits(1);
    assert_eq!(open.object()["error"]["code"], "secret_missing", "{open:?}");
    note(&open);
    assert!(!all.contains(canary), "{all}");
    let private: String = fs::read_to_string(&key).unwrap().lines().nth(1).unwrap().to_owned();
    for text in [canary, private.as_str()] {
        assert_eq!(holding(&landfall.workspace(), text), [] as [String; 0]);
    }
    let stored = fs::read_to_string(landfall.workspace().join("secrets.toml")).unwrap();
    assert_eq!(stored.matches(canary).count(), 2, "where it is to be kept");

    assert_eq!(watch.found(), [] as [String; 0], "in a list of processes");
    for (name, _) in &kinds {
        assert!(watch.was_seen(&format!("source test {name} ")), "nobody looked while the commands for {name} ran");
    }
    // A secret that is an argument is found.
    let mut careless = std::process::Command::new("sh")
        .args(["-c", "read line", "sh", canary])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while watch.found().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert!(watch.found()[0].contains(canary), "{:?}", watch.found());
    drop(careless.stdin.take());
    careless.wait().unwrap();
}
