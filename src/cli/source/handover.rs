//! What others need to deliver, and the host key that a person accepts.

use super::asked;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::connect::sftp::{Limits, host_key_of};
use crate::domain::id::SourceId;
use crate::domain::source::{Connection, HostKeyTrust, Sftp, SourceEdit, UploadDrop, UploadTexts, masked};
use crate::store::Store;
use serde_json::{Value, json};
use std::sync::atomic::AtomicBool;

/// What an upload command names where the upstream puts its own file.
const FILE: &str = "FILE.csv";

/// The texts of a drop; whoever does not reveal them sees that they are there (R361, R362).
fn texts(drop: &UploadDrop) -> Result<UploadTexts, CliError> {
    UploadTexts::of(drop, FILE).map_err(|error| match error.to_string().rsplit_once(". ") {
        Some((what, next)) => CliError::new("drop", what, next),
        None => CliError::new("drop", error.to_string(), "edit the source"),
    })
}

/// What a drop's upstream and its host need, for people.
pub fn say(connection: &Connection, reveal: bool, context: &Context) -> Result<(), CliError> {
    let Connection::Drop(drop) = connection else { return Ok(()) };
    let texts = texts(drop)?;
    let shown = |text: &str| if reveal { text.to_owned() } else { masked(text) };
    if let Some(line) = &texts.authorized_key {
        context.out.say("For ~/.ssh/authorized_keys of that account, which then gets SFTP and no shell:");
        context.out.say(format!("  {}", shown(line)));
    }
    if let Some(block) = &texts.match_block {
        context.out.say("And at the end of sshd_config, which then holds for every key of the account:");
        block.lines().for_each(|line| context.out.say(format!("  {}", shown(line))));
    }
    context.out.say("What the upstream runs to upload:");
    context.out.say(format!("  {}", shown(&texts.command)));
    if !reveal {
        context.out.say("`landfall source show NAME --reveal` shows this unmasked.");
    }
    Ok(())
}

/// The connection as JSON: never with a secret, and of a drop masked unless it is to be revealed.
pub fn json(connection: &Connection, reveal: bool) -> Value {
    let mut value = json!(connection);
    let Connection::Drop(drop) = connection else { return value };
    if let Ok(texts) = texts(drop) {
        value["upload_command"] = Value::from(texts.command);
        value["authorized_key"] = Value::from(texts.authorized_key);
        value["match_block"] = Value::from(texts.match_block);
    }
    if !reveal {
        value["port"] = Value::Null;
        for key in ["host", "user", "upload_directory", "upload_command", "authorized_key", "match_block"] {
            if let Some(text) = value[key].as_str() {
                value[key] = Value::from(masked(text));
            }
        }
    }
    value
}

/// On a terminal, shows the key of a host that nobody has accepted yet, and pins it when a person says so. Elsewhere it
/// says how that is done.
pub fn accept_host_key(id: SourceId, store: &mut Store, context: &Context) -> Result<(), CliError> {
    let Some(source) = store.source(id)? else { return Ok(()) };
    let Some(Connection::Sftp(sftp)) = &source.connection else { return Ok(()) };
    if sftp.host_key != HostKeyTrust::Unknown {
        return Ok(());
    }
    if !context.is_interactive() {
        let name = &source.name;
        context.out.say(format!(
            "Nobody has accepted the host's key yet: `landfall source test {name:?}` shows it, `landfall source edit {name:?} --accept-host-key SHA256:…` accepts it."
        ));
        return Ok(());
    }
    match host_key_of(&sftp.host, sftp.port, &Limits::default(), &AtomicBool::new(false)) {
        Ok(key) => {
            context.out.say(format!("{} shows the host key {} {}.", sftp.host, key.algorithm, key.sha256));
            let question = "Is that the fingerprint that whoever runs the server told you?";
            if asked::yes(context, question)? {
                pin(id, sftp, key.sha256, store, context)?;
                context.out.say("Accepted: a host with another key is not connected to.");
            }
        }
        Err(error) => context.out.say(format!("{}. {}.", error.what(), error.next())),
    }
    Ok(())
}

/// Trusts this key of the host, and no other.
pub fn pin(id: SourceId, sftp: &Sftp, sha256: String, store: &mut Store, context: &Context) -> Result<(), CliError> {
    let connection = Connection::Sftp(Sftp { host_key: HostKeyTrust::Pinned { sha256 }, ..sftp.clone() });
    let edit = SourceEdit { connection: Some(connection), ..SourceEdit::default() };
    Ok(store.edit_source(id, &edit, &context.user(), context.now_ms())?)
}
