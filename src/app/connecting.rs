//! How a source's files are reached: what others need to let Landfall in or to upload, the key of the host, the guided
//! check, and the way back of a source that waits for a person (R104–R109, R188–R193, R347–R351, R355, R361, R362).

use super::dialog::{self, Dialog, TextLine};
use super::keys::{Binding, Scope, always, binding};
use super::list::List;
use super::message::{Act, Effect, Failure, Question};
use super::source_data::{AccessView, CheckStep, CheckView};
use super::{App, Effects, source_form, source_text, sources};
use crate::domain::id::SourceId;
use crate::domain::source::{Blocked, Connection, HostKeyTrust, Login, SecretRef, Sftp, UploadDrop, masked};

/// The state of the dialog.
#[derive(Debug, Clone)]
pub struct Connecting {
    pub id: SourceId,
    pub name: String,
    /// What stopped the source, when the dialog is there to bring it back.
    pub stopped: Option<Blocked>,
    /// A person said that the cause is fixed.
    pub is_fixed: bool,
    pub access: Option<AccessView>,
    pub test: Test,
    /// Whether what tells how to reach the drop is shown.
    pub revealed: bool,
    acting: Acting,
    pub list: List,
}

/// What was asked to be done, and is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Acting {
    Nothing,
    /// The check: whoever does not want to wait for it closes the dialog.
    Check,
    /// A host's key is trusted, or the source runs again where the check passes.
    Change,
}

/// How far the check is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    NotYet,
    UnderWay,
    Done(CheckView),
    Failed(Failure),
}

macro_rules! key {
    ($($rest:tt)*) => {
        binding!(Scope::Connecting, $($rest)*)
    };
}

pub(super) const KEYS: &[Binding] = &[
    key!(&["<space>"], "it is fixed", 1, "Say that what stopped the source is dealt with", waits, |app, _| {
        if let Some(open) = top(app) {
            open.is_fixed = !open.is_fixed;
        }
    }),
    key!(
        &["t", "<enter>"],
        "test",
        1,
        "Test it, step by step; a stopped source runs again when that works",
        may_test,
        test
    ),
    key!(
        &["a"],
        "accept host key",
        1,
        "Accept the host's key that is shown, and no other from then on",
        has_offer,
        accept
    ),
    key!(&["k"], "use known_hosts", 3, "Trust the keys in ~/.ssh/known_hosts instead", has_offer, known_hosts),
    key!(&["c"], "copy", 2, "Copy the public key, or the upload command", has_first, |app, fx| copy(app, fx, first)),
    key!(&["v"], "reveal", 2, "Show how to reach the drop, or mask it again", has_upload, |app, _| {
        if let Some(open) = top(app) {
            open.revealed = !open.revealed;
        }
    }),
    key!(&["l"], "copy key line", 3, "Copy the line for authorized_keys", has_line, |app, fx| copy(app, fx, line)),
    key!(&["m"], "copy Match block", 4, "Copy the Match block for sshd_config", has_line, |app, fx| copy(
        app, fx, block
    )),
    key!(&["d"], "copy details", 4, "Copy host, port, user and directory for the upstream", has_upload, |app, fx| {
        copy(app, fx, details);
    }),
    key!(&["E"], "edit", 2, "Edit the source: where its files are, login and credentials", may_edit, edit),
    key!(&["y"], "copy check", 3, "Copy what the check found", has_check, |app, fx| {
        let told = shown(app).and_then(Connecting::check_told);
        if let Some(text) = told {
            dialog::copy(app, text, fx);
        }
    }),
    key!(&["q"], "", 9, "Close it", always, dialog::close),
];

/// Opens it for a source, to look at or after it was saved; the way back, where the source was stopped.
pub(super) fn open(app: &mut App, id: SourceId, name: String, stopped: Option<Blocked>, fx: &mut Effects) {
    let open = Connecting {
        id,
        name,
        stopped,
        is_fixed: false,
        access: None,
        test: Test::NotYet,
        revealed: false,
        acting: Acting::Nothing,
        list: List::default(),
    };
    app.open(Dialog::Connecting(Box::new(open)));
    app.ask(Question::Access(id), fx);
}

/// Opens it for a source of the list.
pub(super) fn of_selected(app: &mut App, fx: &mut Effects) {
    let Some(line) = app.sources.selected().filter(|line| line.brings.is_some()) else { return };
    let stopped = line.brings.as_ref().and_then(|brings| brings.blocked.clone());
    open(app, line.id, line.name.clone(), stopped, fx);
}

/// Opens it for a source of the list, and checks that at once; a stopped one stays stopped.
pub(super) fn check_selected(app: &mut App, fx: &mut Effects) {
    of_selected(app, fx);
    let Some(open) = top(app) else { return };
    (open.test, open.acting) = (Test::UnderWay, Acting::Check);
    fx.push(Effect::Do(Act::TestSource(open.id)));
}

fn shown(app: &App) -> Option<&Connecting> {
    match app.dialogs.last() {
        Some(Dialog::Connecting(open)) => Some(open),
        _ => None,
    }
}

fn top(app: &mut App) -> Option<&mut Connecting> {
    match app.dialogs.last_mut() {
        Some(Dialog::Connecting(open)) => Some(open),
        _ => None,
    }
}

fn waits(app: &App) -> bool {
    shown(app).is_some_and(|open| open.stopped.is_some() && !open.is_acting())
}

/// A stopped source is tried again only when somebody says that the cause is fixed (R192).
fn may_test(app: &App) -> bool {
    app.can_change() && shown(app).is_some_and(|open| !open.is_acting() && (open.stopped.is_none() || open.is_fixed))
}

fn has_offer(app: &App) -> bool {
    app.can_change() && shown(app).is_some_and(|open| !open.is_acting() && open.offered().is_some())
}

fn has_first(app: &App) -> bool {
    shown(app).and_then(|open| open.access.as_ref()).and_then(first).is_some()
}

fn has_upload(app: &App) -> bool {
    shown(app).and_then(|open| open.access.as_ref()).is_some_and(|access| access.upload.is_some())
}

fn has_line(app: &App) -> bool {
    shown(app).and_then(|open| open.access.as_ref()).and_then(line).is_some()
}

fn has_check(app: &App) -> bool {
    shown(app).is_some_and(|open| matches!(open.test, Test::Done(_)))
}

fn may_edit(app: &App) -> bool {
    app.can_change() && shown(app).is_some_and(|open| !open.is_acting())
}

fn test(app: &mut App, fx: &mut Effects) {
    let Some(open) = top(app) else { return };
    let (act, acting) = match open.stopped {
        Some(_) => (Act::Reconnect(open.id), Acting::Change),
        None => (Act::TestSource(open.id), Acting::Check),
    };
    (open.test, open.acting) = (Test::UnderWay, acting);
    fx.push(Effect::Do(act));
}

fn accept(app: &mut App, fx: &mut Effects) {
    let Some(open) = top(app) else { return };
    let Some((sha256, _)) = open.offered() else { return };
    let trust = HostKeyTrust::Pinned { sha256: sha256.to_owned() };
    trusted(open, trust, fx);
}

fn known_hosts(app: &mut App, fx: &mut Effects) {
    let Some(open) = top(app) else { return };
    trusted(open, HostKeyTrust::KnownHosts { path: None }, fx);
}

fn trusted(open: &mut Connecting, trust: HostKeyTrust, fx: &mut Effects) {
    (open.test, open.acting) = (Test::UnderWay, Acting::Change);
    let unblocks = open.stopped.is_some();
    fx.push(Effect::Do(Act::TrustHost(open.id, trust, unblocks)));
}

fn edit(app: &mut App, _: &mut Effects) {
    let Some(id) = shown(app).map(|open| open.id) else { return };
    let line = app.sources.lines.iter().flatten().find(|line| line.id == id);
    let Some(line) = line else { return };
    let form = source_form::Form::edit(line, sources::names_but(app, Some(id)), app.zone);
    app.open(Dialog::SourceForm(Box::new(form)));
}

fn copy(app: &mut App, fx: &mut Effects, what: fn(&AccessView) -> Option<String>) {
    if let Some(text) = shown(app).and_then(|open| open.access.as_ref()).and_then(what) {
        dialog::copy(app, text, fx);
    }
}

fn first(access: &AccessView) -> Option<String> {
    let command = || access.upload.as_ref().map(|upload| upload.command.clone());
    access.public_key.clone().or_else(command)
}

fn line(access: &AccessView) -> Option<String> {
    access.upload.as_ref()?.authorized_key.clone()
}

fn block(access: &AccessView) -> Option<String> {
    access.upload.as_ref()?.match_block.clone()
}

fn details(access: &AccessView) -> Option<String> {
    let Connection::Drop(UploadDrop { host, port, user, upload_directory, .. }) = &access.connection else {
        return None;
    };
    Some(format!("host: {host}\nport: {port}\nuser: {user}\ndirectory: {upload_directory}"))
}

/// The source was edited: what is shown of it may be otherwise, and what a test said does not count any more.
pub(super) fn edited(app: &mut App, fx: &mut Effects) {
    if let Some(open) = top(app) {
        open.test = Test::NotYet;
        let id = open.id;
        app.ask(Question::Access(id), fx);
    }
}

pub(super) fn answered(app: &mut App, access: AccessView) {
    if let Some(open) = top(app).filter(|open| open.id == access.id) {
        open.access = Some(access);
    }
}

/// What there is to show could not be read.
pub(super) fn not_answered(app: &mut App, failure: &Failure) -> bool {
    let Some(open) = top(app) else { return false };
    open.test = Test::Failed(failure.clone());
    true
}

/// What the check found; a stopped source runs again where it passed.
pub(super) fn tested(app: &mut App, id: SourceId, check: CheckView, fx: &mut Effects) {
    let Some(open) = top(app).filter(|open| open.id == id) else { return };
    open.acting = Acting::Nothing;
    if check.is_unblocked {
        let text = format!("{} is reached; it runs again.", open.name);
        open.stopped = None;
        app.say(text);
    }
    if let Some(open) = top(app) {
        open.test = Test::Done(check);
    }
    app.ask(Question::Access(id), fx);
}

pub(super) fn not_tested(app: &mut App, failure: &Failure) -> bool {
    let Some(open) = top(app).filter(|open| open.is_acting()) else { return false };
    open.acting = Acting::Nothing;
    open.test = Test::Failed(failure.clone());
    true
}

impl Connecting {
    /// Whether it waits for what it has asked to be done.
    fn is_acting(&self) -> bool {
        self.acting != Acting::Nothing
    }

    /// Whether that changes the source: the dialog stays open until it is known what came of it.
    pub fn is_changing(&self) -> bool {
        self.acting == Acting::Change
    }

    /// The key that the host has and nobody has accepted, and whether another one was expected.
    fn offered(&self) -> Option<(&str, bool)> {
        match &self.test {
            Test::Done(check) => check.offered_key.as_ref().map(|(sha256, is_another)| (sha256.as_str(), *is_another)),
            _ => None,
        }
    }

    pub fn title(&self) -> String {
        match (&self.stopped, &self.test) {
            (Some(_), _) => format!("{} waits for a person", self.name),
            (None, Test::NotYet) => format!("How the files of {} are reached", self.name),
            (None, _) => format!("Check of {}", self.name),
        }
    }

    /// All of it in paragraphs.
    pub fn lines(&self) -> Vec<TextLine> {
        let mut lines = Vec::new();
        if let Some(stopped) = &self.stopped {
            lines.push(TextLine::Error(stopped.message.clone()));
            lines.push(pair("What to do", &stopped.next));
            let mark = if self.is_fixed { "[x]" } else { "[ ]" };
            lines.push(TextLine::Strong(format!("{mark} That is dealt with (space)")));
            lines.push(TextLine::Dim("Then test it (t): it runs again only where its files are reached.".to_owned()));
            lines.push(TextLine::Empty);
        }
        // What the test found comes before what was tested: it is what somebody waits for.
        let told = lines.len();
        match &self.test {
            Test::NotYet => {}
            Test::UnderWay => {
                let what = "Checking, from where its files lie to the last run. Nothing is imported …";
                lines.push(TextLine::Dim(what.to_owned()));
            }
            Test::Failed(failure) => lines.push(TextLine::Error(failure.told())),
            Test::Done(check) => self.tell_check(check, &mut lines),
        }
        if lines.len() > told {
            lines.push(TextLine::Empty);
        }
        match &self.access {
            None => lines.push(TextLine::Dim("Reading …".to_owned())),
            Some(access) => access.tell(self.revealed, &mut lines),
        }
        if matches!(self.test, Test::NotYet) && (self.stopped.is_none() || self.is_fixed) {
            lines.push(TextLine::Empty);
            lines.push(TextLine::Dim("Nothing was tested yet: press t.".to_owned()));
        }
        lines
    }

    /// What the check found, to be sent on.
    fn check_told(&self) -> Option<String> {
        let Test::Done(check) = &self.test else { return None };
        let mut lines = Vec::new();
        self.tell_check(check, &mut lines);
        Some(source_text::plain(&lines))
    }

    fn tell_check(&self, check: &CheckView, lines: &mut Vec<TextLine>) {
        for CheckStep { label, found } in &check.steps {
            lines.push(match found {
                Some((true, detail)) => TextLine::Plain(format!("✓ {label}: {detail}")),
                Some((false, detail)) => TextLine::Error(format!("✗ {label}: {detail}")),
                None => TextLine::Dim(format!("· {label}: not reached")),
            });
        }
        lines.push(TextLine::Empty);
        if let Some((sha256, is_another)) = self.offered() {
            lines.push(TextLine::Strong(sha256.to_owned()));
            lines.push(TextLine::Plain(match is_another {
                true => {
                    "Another key was accepted before. Somebody may be answering in the host's place: accept this one \
                         (a) only if whoever runs the server told you, by another way, that it is new."
                        .to_owned()
                }
                false => "Is that what whoever runs the server told you? Then accept it (a), or trust known_hosts (k)."
                    .to_owned(),
            }));
        } else if let Some(next) = &check.next {
            lines.push(pair("What to do", next));
            let owner = check.owner.as_deref().unwrap_or("nobody is recorded: edit the source (E) to say who");
            lines.push(pair("Owner upstream", owner));
        } else if self.stopped.is_some() {
            // Told below: it is not all as it should be.
        } else if check.steps.iter().all(|step| step.found.is_some()) {
            lines.push(TextLine::Strong("All of it is as it should be.".to_owned()));
        } else {
            let text = "Nothing is wrong so far; the rest shows when there is a file.";
            lines.push(TextLine::Strong(text.to_owned()));
        }
        if self.stopped.is_some() && check.is_reached {
            let text = "Its files are reached, and it is still stopped: say that it is dealt with, and test again.";
            lines.push(TextLine::Strong(text.to_owned()));
        }
    }
}

fn pair(word: &str, text: &str) -> TextLine {
    TextLine::Pair(word.to_owned(), text.to_owned())
}

impl AccessView {
    fn tell(&self, revealed: bool, lines: &mut Vec<TextLine>) {
        match &self.connection {
            Connection::Dir(dir) => lines.push(pair("Directory", &dir.path)),
            Connection::Sftp(sftp) => self.tell_sftp(sftp, lines),
            Connection::Drop(drop) => self.tell_drop(drop, revealed, lines),
        }
    }

    fn tell_sftp(&self, sftp: &Sftp, lines: &mut Vec<TextLine>) {
        lines.push(pair("Server", &format!("{}, port {}", sftp.host, sftp.port)));
        lines.push(pair("User", &sftp.user));
        lines.push(pair("Directory", &sftp.directory));
        lines.push(pair("Login with", &login(&sftp.login)));
        lines.push(pair(
            "Host key",
            &match &sftp.host_key {
                HostKeyTrust::Unknown => "nobody has accepted one yet; t shows it".to_owned(),
                HostKeyTrust::Pinned { sha256 } => sha256.clone(),
                HostKeyTrust::KnownHosts { path } => {
                    format!("as {} says", path.as_deref().unwrap_or("~/.ssh/known_hosts"))
                }
            },
        ));
        if let Some(key) = &self.public_key {
            lines.push(TextLine::Empty);
            lines.push(TextLine::Plain("For whoever runs the server, to let Landfall in (c copies it):".to_owned()));
            lines.push(TextLine::Strong(key.clone()));
        }
    }

    fn tell_drop(&self, drop: &UploadDrop, revealed: bool, lines: &mut Vec<TextLine>) {
        let told = |text: &str| if revealed { text.to_owned() } else { masked(text) };
        lines.push(pair("Directory here", &drop.path));
        lines.push(pair("Host", &told(&drop.host)));
        lines.push(pair("Port", &told(&drop.port.to_string())));
        lines.push(pair("User", &told(&drop.user)));
        lines.push(pair("Directory", &told(&drop.upload_directory)));
        if let Some(path) = &self.private_key {
            lines.push(TextLine::Error(format!(
                "! Their private key lies in {}. Hand it over on a safe way, then remove it from here. It is not made again.",
                path.display()
            )));
        }
        let Some(upload) = &self.upload else {
            if let Some(error) = &self.upload_error {
                lines.push(TextLine::Error(error.clone()));
            }
            return;
        };
        lines.push(TextLine::Empty);
        if upload.authorized_key.is_some() {
            let text = "The account must be allowed to write into that directory, and Landfall to read it.";
            lines.push(TextLine::Plain(text.to_owned()));
        }
        lines.push(TextLine::Plain("For the upstream, to upload (c copies it, d the details above):".to_owned()));
        lines.push(TextLine::Strong(told(&upload.command)));
        if let Some(key) = &upload.authorized_key {
            lines.push(TextLine::Plain("For authorized_keys of that account: SFTP, and no shell (l):".to_owned()));
            lines.push(TextLine::Strong(told(key)));
        }
        if let Some(block) = &upload.match_block {
            lines.push(TextLine::Plain("And at the end of sshd_config, for every key of the account (m):".to_owned()));
            match revealed {
                true => lines.extend(block.lines().map(|line| TextLine::Example(line.to_owned()))),
                false => lines.push(TextLine::Strong(masked(block))),
            }
        }
        if !revealed {
            lines.push(TextLine::Dim("Whoever sees this can find the drop: v shows it, v masks it again.".to_owned()));
        }
    }
}

/// How Landfall shows who it is. Of secrets only where they are.
fn login(login: &Login) -> String {
    let secret = |secret: &SecretRef| match secret {
        SecretRef::Env { name } => format!("the variable {name}"),
        SecretRef::File { path } => format!("the file {path}"),
        // Somebody may have written the secret into it.
        SecretRef::Command { .. } => "a command".to_owned(),
        SecretRef::Stored { .. } => "secrets.toml".to_owned(),
    };
    match login {
        Login::OwnKey => "the key that Landfall made".to_owned(),
        Login::Agent => "the ssh-agent".to_owned(),
        Login::Password { secret: at } => format!("a password from {}", secret(at)),
        Login::KeyFile { path, passphrase: None } => format!("the key {path}"),
        Login::KeyFile { path, passphrase: Some(at) } => format!("the key {path}, its passphrase from {}", secret(at)),
    }
}
