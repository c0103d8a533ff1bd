//! From what was typed and chosen to what is saved; what is wrong is told with the field that it is about.

use super::{AfterBy, Bring, FinishedBy, Kind, LoginBy, SecretBy, TrustBy, UpstreamBy};
use crate::app::source_data::{BringsSaid, ConnectionSaid, LoginSaid, SecretSaid, UpstreamKeySaid};
use crate::app::source_item::Item;
use crate::app::source_texts::Texts;
use crate::domain::source::{
    AfterImport, Connection, Contract, ControlFile, Directory, FinishedSign, HostKeyTrust, NamePattern, Schedule,
    SecretRef, UploadDrop,
};
use chrono_tz::Tz;

/// What is wrong, and where.
type Wrong = (Item, String);

/// The port of SSH.
const PORT: u16 = 22;
/// How long after its time a file is late, and not yet missing, when nobody said (minutes).
const GRACE_MINUTES: u32 = 60;
const MOST_GRACE_MINUTES: u32 = 60 * 24 * 366;
/// How far two looks are apart that find a file unchanged, when nobody said, and at least (seconds).
const STILL_SECONDS: u32 = 30;
const MOST_STILL_SECONDS: u32 = 24 * 60 * 60;
/// Which files are meant, when nobody said.
pub(super) const PATTERN: &str = "*.csv";

impl Bring {
    /// What the form says. A typed secret is taken out of its field, so nothing after it may fail.
    pub fn read(&self, texts: &mut Texts, zone: Tz) -> Result<BringsSaid, Wrong> {
        let zone = self.zone(texts, zone).map_err(|error| (Item::Zone, error))?;
        let schedule = scheduled(texts, Item::Schedule, zone)?;
        let contract = self.contract(texts, zone)?;
        let after_import = match self.after {
            AfterBy::Leave => AfterImport::Leave,
            AfterBy::Move => AfterImport::Move { directory: needed(texts, Item::MoveTo, "The directory to move to")? },
            AfterBy::Delete => AfterImport::Delete,
        };
        let connection = match self.kind {
            Kind::Dir => ConnectionSaid::Dir(Directory { path: needed(texts, Item::Path, "The directory")? }),
            Kind::Drop => self.drop(texts)?,
            Kind::Sftp => self.sftp(texts)?,
        };
        Ok(BringsSaid { connection, schedule, contract, after_import })
    }

    fn sftp(&self, texts: &mut Texts) -> Result<ConnectionSaid, Wrong> {
        let host = host(texts, "The host")?;
        let port = port(texts)?;
        let user = needed(texts, Item::User, "The user to log in as")?;
        let directory = Some(texts.trimmed(Item::RemoteDir)).filter(|text| !text.is_empty()).unwrap_or(".").to_owned();
        let host_key = match self.trust {
            TrustBy::Ask => HostKeyTrust::Unknown,
            TrustBy::KnownHosts => {
                let path = Some(texts.trimmed(Item::KnownHosts).to_owned()).filter(|text| !text.is_empty());
                HostKeyTrust::KnownHosts { path }
            }
            TrustBy::Pinned => {
                let sha256 = needed(texts, Item::Fingerprint, "The fingerprint of the host key")?;
                if !is_fingerprint(&sha256) {
                    let text = "That is no fingerprint. Write it as ssh shows it: SHA256: and 43 characters.";
                    return Err((Item::Fingerprint, text.to_owned()));
                }
                HostKeyTrust::Pinned { sha256 }
            }
        };
        let login = match self.login {
            LoginBy::OwnKey => LoginSaid::OwnKey,
            LoginBy::Agent => LoginSaid::Agent,
            LoginBy::KeyFile => {
                let path = needed(texts, Item::KeyFile, "The key file")?;
                LoginSaid::KeyFile { path, passphrase: self.secret(texts)? }
            }
            LoginBy::Password => match self.secret(texts)? {
                Some(secret) => LoginSaid::Password(secret),
                None => return Err((Item::SecretFrom, "A password has to come from somewhere.".to_owned())),
            },
        };
        Ok(ConnectionSaid::Sftp { host, port, user, directory, login, host_key })
    }

    fn secret(&self, texts: &mut Texts) -> Result<Option<SecretSaid>, Wrong> {
        let at = |reference| Ok(Some(SecretSaid::At(reference)));
        let said = || needed(texts, Item::Secret, self.label(Item::Secret));
        match self.secret {
            SecretBy::Without => Ok(None),
            SecretBy::Env => at(SecretRef::Env { name: said()? }),
            SecretBy::File => at(SecretRef::File { path: said()? }),
            SecretBy::Command => at(SecretRef::Command { command: said()? }),
            SecretBy::Kept => Ok(self.kept().cloned().map(SecretSaid::At)),
            SecretBy::Typed if texts.text(Item::Secret).is_empty() => {
                Err((Item::Secret, format!("{} is not typed yet.", self.label(Item::Secret))))
            }
            SecretBy::Typed => Ok(Some(SecretSaid::Itself(texts.field_mut(Item::Secret).take_secret()))),
        }
    }

    fn drop(&self, texts: &mut Texts) -> Result<ConnectionSaid, Wrong> {
        let path = needed(texts, Item::Path, "The directory")?;
        let key = match self.upstream {
            UpstreamBy::AsIs => UpstreamKeySaid::AsIs,
            UpstreamBy::Made => UpstreamKeySaid::MadeForThem,
            UpstreamBy::Theirs => UpstreamKeySaid::Theirs(needed(texts, Item::UpstreamKey, "Their public key")?),
        };
        let before = match self.before.as_ref().map(|before| &before.connection) {
            Some(Connection::Drop(drop)) => drop.upstream_key.clone(),
            _ => None,
        };
        let upload_directory = Some(texts.trimmed(Item::RemoteDir)).filter(|text| !text.is_empty()).unwrap_or(&path);
        let drop = UploadDrop {
            upload_directory: upload_directory.to_owned(),
            host: host(texts, "This host, as the upstream reaches it,")?,
            port: port(texts)?,
            user: needed(texts, Item::User, "The account that the upstream logs in as")?,
            upstream_key: before,
            path,
        };
        Ok(ConnectionSaid::Drop { drop, key })
    }

    fn contract(&self, texts: &Texts, zone: Tz) -> Result<Contract, Wrong> {
        let pattern = Some(texts.trimmed(Item::Pattern)).filter(|text| !text.is_empty()).unwrap_or(PATTERN);
        let pattern = NamePattern::parse(pattern).map_err(|error| (Item::Pattern, error.to_string()))?;
        let seconds = number(texts, Item::FinishedBy, STILL_SECONDS, STILL_SECONDS..=MOST_STILL_SECONDS, "seconds");
        let finished = match self.finished {
            FinishedBy::Still => FinishedSign::Still { seconds: seconds? },
            FinishedBy::Marker => {
                let suffix = suffix(texts, Item::FinishedBy)?;
                let missing = || {
                    (
                        Item::FinishedBy,
                        "The marker is missing: what is added to a file's name, such as .done.".to_owned(),
                    )
                };
                FinishedSign::Marker { suffix: suffix.ok_or_else(missing)? }
            }
        };
        let columns = texts.trimmed(Item::Columns).split(',').map(str::trim).filter(|column| !column.is_empty());
        let columns: Vec<String> = columns.map(str::to_owned).collect();
        Ok(Contract {
            pattern,
            cadence: scheduled(texts, Item::Cadence, zone)?,
            grace_minutes: number(texts, Item::Grace, GRACE_MINUTES, 0..=MOST_GRACE_MINUTES, "minutes")?,
            verified_by: Some(texts.trimmed(Item::VerifiedBy).to_owned()).filter(|text| !text.is_empty()),
            columns: Some(columns).filter(|columns| !columns.is_empty()),
            rows: rows(texts)?,
            finished,
            control: suffix(texts, Item::Control)?.map(|suffix| ControlFile { suffix }),
            drift: self.drift,
        })
    }
}

fn needed(texts: &Texts, item: Item, what: &str) -> Result<String, Wrong> {
    match texts.trimmed(item) {
        "" => Err((item, format!("{what} is missing."))),
        text => Ok(text.to_owned()),
    }
}

fn host(texts: &Texts, what: &str) -> Result<String, Wrong> {
    let host = needed(texts, Item::Host, what)?;
    match host.contains(char::is_whitespace) || host.starts_with('-') || host.contains(['@', '/']) {
        true => Err((
            Item::Host,
            format!(
                "{host} is no name of a host. Write its name or address only; the user and the directory have fields of their own."
            ),
        )),
        false => Ok(host),
    }
}

fn port(texts: &Texts) -> Result<u16, Wrong> {
    match texts.trimmed(Item::Port) {
        "" => Ok(PORT),
        text => match text.parse() {
            Ok(port) if port > 0 => Ok(port),
            _ => Err((Item::Port, format!("{text} is no port. Write a number from 1 to 65535."))),
        },
    }
}

fn scheduled(texts: &Texts, item: Item, zone: Tz) -> Result<Option<Schedule>, Wrong> {
    match texts.trimmed(item) {
        "" => Ok(None),
        text => Schedule::parse(text, zone).map(Some).map_err(|error| (item, format!("{error}."))),
    }
}

fn number(
    texts: &Texts,
    item: Item,
    usual: u32,
    range: std::ops::RangeInclusive<u32>,
    unit: &str,
) -> Result<u32, Wrong> {
    match texts.trimmed(item) {
        "" => Ok(usual),
        text => {
            text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
                (item, format!("{text} is no number of {unit} from {} to {}.", range.start(), range.end()))
            })
        }
    }
}

/// Nothing of what is added to a name may lead to another file.
fn suffix(texts: &Texts, item: Item) -> Result<Option<String>, Wrong> {
    match texts.trimmed(item) {
        "" => Ok(None),
        text if text.contains('/') || text.chars().any(char::is_control) => {
            Err((item, format!("{text} is no ending of file names. Write it like .done.")))
        }
        text => Ok(Some(text.to_owned())),
    }
}

fn rows(texts: &Texts) -> Result<Option<(u64, u64)>, Wrong> {
    let text = texts.trimmed(Item::Rows);
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || (Item::Rows, format!("{text} is no range. Write it like 900..1100, 1.. or ..5000."));
    let number = |text: &str, open: u64| if text.is_empty() { Some(open) } else { text.trim().parse().ok() };
    let (least, most) = text.split_once("..").ok_or_else(wrong)?;
    match (number(least, 0), number(most, u64::MAX)) {
        (Some(least), Some(most)) if least <= most => Ok(Some((least, most))),
        _ => Err(wrong()),
    }
}

/// Whether this is a fingerprint as ssh shows it: SHA-256 in base64 without padding.
fn is_fingerprint(text: &str) -> bool {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    text.strip_prefix("SHA256:").is_some_and(|hash| hash.len() == 43 && hash.chars().all(is_base64))
}
