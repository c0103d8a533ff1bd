//! What is done to sources that bring their own files.

use super::sources;
use crate::app::data::SourceForm;
use crate::app::message::{Done, Failure};
use crate::app::source_data::{BringsSaid, ConnectionSaid, LoginSaid, SecretSaid, UpstreamKeySaid};
use crate::domain::source::{Directory, HostKeyTrust, SecretRef, Source, SourceEdit, SourceOptions, UploadDrop};
use crate::shell::desk::{Desk, at_home, failure};
use crate::store::AddedSource;
use crate::worker::setup::{self, Setup, UpstreamKey, Wanted, WantedLogin, WantedSecret};
use std::fs;
use std::path::Path;

/// No public key is longer (bytes): what is longer is another file than was meant.
const MOST_KEY_BYTES: u64 = 64 * 1024;

pub(super) fn add(desk: &mut Desk, form: &SourceForm, said: BringsSaid) -> Result<Done, Failure> {
    let edit = sources::edit_of(desk, form, &SourceOptions::default())?;
    let edit = SourceEdit {
        options: edit.options.or_else(|| Some(form.options.clone())),
        location: None,
        schedule: Some(said.schedule),
        contract: Some(said.contract),
        after_import: Some(said.after_import),
        ..edit
    };
    let connection = wanted(desk, said.connection)?;
    let setup = Setup { name: &form.name, mode: form.mode, connection, edit };
    let (user, now_ms) = (desk.user.clone(), desk.now_ms());
    let (added, _) = setup::add(&mut desk.store, setup, &user, now_ms)?;
    let text = match added {
        AddedSource::New(_) => format!("Source “{}” is added.", form.name),
        AddedSource::BroughtBack(_) => {
            format!("Source “{}” was removed once: it is back, with its runs and references.", form.name)
        }
    };
    Ok(Done::SourceAdded(added.id(), text))
}

/// Adds to an edit what was said of how the source brings its files. What is as before stays unsaid.
pub(super) fn edit_of(desk: &Desk, before: &Source, said: BringsSaid, edit: SourceEdit) -> Result<SourceEdit, Failure> {
    let wanted = wanted(desk, said.connection)?;
    let made = setup::connection(desk.store.dir(), before.id, &before.name, wanted)?;
    Ok(SourceEdit {
        location: None,
        connection: (before.connection.as_ref() != Some(&made.connection)).then_some(made.connection),
        schedule: (before.schedule != said.schedule).then_some(said.schedule),
        contract: (before.contract.as_ref() != Some(&said.contract)).then_some(said.contract),
        after_import: (before.after_import != said.after_import).then_some(said.after_import),
        ..edit
    })
}

/// What a person said, with paths as they stay right elsewhere.
fn wanted(desk: &Desk, said: ConnectionSaid) -> Result<Wanted, Failure> {
    Ok(match said {
        ConnectionSaid::Dir(Directory { path }) => Wanted::Dir(Directory { path: whole(desk, &path)? }),
        ConnectionSaid::Sftp { host, port, user, directory, login, host_key } => {
            let login = match login {
                LoginSaid::OwnKey => WantedLogin::OwnKey,
                LoginSaid::Agent => WantedLogin::Agent,
                LoginSaid::Password(said) => WantedLogin::Password(secret(desk, said)?),
                LoginSaid::KeyFile { path, passphrase } => {
                    let passphrase = passphrase.map(|said| secret(desk, said)).transpose()?;
                    WantedLogin::KeyFile { path: whole(desk, &path)?, passphrase }
                }
            };
            let host_key = match host_key {
                HostKeyTrust::KnownHosts { path: Some(path) } => {
                    HostKeyTrust::KnownHosts { path: Some(whole(desk, &path)?) }
                }
                trust => trust,
            };
            Wanted::Sftp { host, port, user, directory, login, host_key }
        }
        ConnectionSaid::Drop { drop, key } => {
            let path = whole(desk, &drop.path)?;
            // Nobody said another one: it is the directory here.
            let upload_directory =
                if drop.upload_directory == drop.path { path.clone() } else { drop.upload_directory };
            let key = match key {
                UpstreamKeySaid::AsIs => UpstreamKey::AsIs,
                UpstreamKeySaid::MadeForThem => UpstreamKey::MadeForThem,
                UpstreamKeySaid::Theirs(text) => UpstreamKey::Theirs(public_key(desk, text)?),
            };
            Wanted::Drop { drop: UploadDrop { path, upload_directory, ..drop }, key }
        }
    })
}

fn secret(desk: &Desk, said: SecretSaid) -> Result<WantedSecret, Failure> {
    Ok(match said {
        SecretSaid::Itself(secret) => WantedSecret::Itself(secret),
        SecretSaid::At(SecretRef::File { path }) => WantedSecret::At(SecretRef::File { path: whole(desk, &path)? }),
        SecretSaid::At(reference) => WantedSecret::At(reference),
    })
}

/// A public key that was typed, or that lies in the file that was.
fn public_key(desk: &Desk, text: String) -> Result<String, Failure> {
    let path = desk.directory.join(at_home(desk, Path::new(&text)));
    match fs::metadata(&path) {
        Ok(found) if found.is_file() && found.len() <= MOST_KEY_BYTES => fs::read_to_string(&path)
            .map_err(|error| failure(format!("{}: {error}", path.display()), "type the key itself")),
        _ => Ok(text),
    }
}

fn whole(desk: &Desk, path: &str) -> Result<String, Failure> {
    let path = desk.directory.join(at_home(desk, Path::new(path)));
    let refused = |path: std::ffi::OsString| failure(format!("{} is no UTF-8", path.display()), "rename it");
    path.into_os_string().into_string().map_err(refused)
}
