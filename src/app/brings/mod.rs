//! The form of a source that brings its own files: what it asks for beyond the form of any source, in which order, and
//! what of it can be chosen. [`read`] makes of the typed texts what is saved, [`notes`] says what they mean meanwhile.

pub mod kind;
mod notes;
mod read;

pub use notes::{EXAMPLES, Note};

use super::arrivals::Brings;
use super::field::Field;
use super::source_data::NamesWanted;
use super::source_item::{Item, REST};
use super::source_texts::Texts;
use crate::domain::id::SourceId;
use crate::domain::source::{
    AfterImport, Connection, Contract, DriftPolicy, FinishedSign, HostKeyTrust, Login, SecretRef,
};
use chrono_tz::Tz;
pub use kind::Kind;

/// What is chosen in the form.
#[derive(Debug, Clone)]
pub struct Bring {
    pub kind: Kind,
    pub login: LoginBy,
    pub secret: SecretBy,
    pub trust: TrustBy,
    pub upstream: UpstreamBy,
    pub finished: FinishedBy,
    pub drift: DriftPolicy,
    pub after: AfterBy,
    /// Whether the rest is shown.
    pub more: bool,
    /// As it stands, of a source that is edited.
    pub before: Option<Brings>,
    /// The names of the files there, once they are known.
    pub names: Option<Vec<String>>,
    /// Where these names are from, or will be.
    pub asked: Option<NamesWanted>,
}

/// An enum of things to choose from, with what the form calls each.
macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident => $words:expr,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$of])* $variant,)* }

        impl $name {
            const ALL: &'static [$name] = &[$($name::$variant),*];

            pub fn words(self) -> &'static str {
                match self { $($name::$variant => $words,)* }
            }

            /// The one after it; after the last comes the first.
            fn next(self) -> $name {
                let place = $name::ALL.iter().position(|other| *other == self).unwrap_or(0);
                $name::ALL[(place + 1) % $name::ALL.len()]
            }
        }
    };
}

choices! {
    /// How Landfall shows who it is.
    LoginBy {
        OwnKey => "a key that Landfall makes",
        KeyFile => "a private key of yours",
        Agent => "the ssh-agent",
        Password => "a password",
    }
}

choices! {
    /// Where a secret is.
    SecretBy {
        /// Of a key file alone.
        Without => "there is none",
        Env => "a variable of the environment",
        File => "the first line of a file",
        Command => "the first line that a command prints",
        Typed => "typed here; it goes to secrets.toml",
        /// It was typed before.
        Kept => "secrets.toml, as it is",
    }
}

choices! {
    /// How it is known that the host is the right one.
    TrustBy {
        Ask => "shown after saving, for you to accept",
        Pinned => "this one and no other",
        KnownHosts => "as known_hosts says",
    }
}

choices! {
    /// Whose key may upload.
    UpstreamBy {
        Theirs => "their public key",
        Made => "a pair made here for them",
        /// Somebody else runs the server, or the key stays as it is.
        AsIs => "none here: somebody else runs the server",
    }
}

choices! {
    /// How it is seen that an upload is complete.
    FinishedBy {
        Still => "two looks find it unchanged",
        Marker => "a marker lies beside it",
    }
}

choices! {
    /// What becomes of a file when its run is complete.
    AfterBy {
        Leave => "it stays where it is",
        Move => "it is moved to a directory there",
        Delete => "it is deleted there",
    }
}

impl Bring {
    /// Of a new source.
    pub fn new(kind: Kind) -> Bring {
        Bring {
            kind,
            login: LoginBy::OwnKey,
            secret: SecretBy::Env,
            trust: TrustBy::Ask,
            upstream: UpstreamBy::Theirs,
            finished: FinishedBy::Still,
            drift: DriftPolicy::CarryOn,
            after: AfterBy::Leave,
            more: false,
            before: None,
            names: None,
            asked: None,
        }
    }

    /// Of a source that there is; fills the text fields.
    pub fn of(brings: &Brings, texts: &mut Texts, id: SourceId) -> Bring {
        let kind = Kind::of(&brings.connection);
        let mut bring =
            Bring { before: Some(brings.clone()), asked: Some(NamesWanted::Source(id)), ..Bring::new(kind) };
        match &brings.connection {
            Connection::Dir(dir) => texts.set(Item::Path, &dir.path),
            Connection::Sftp(sftp) => {
                texts.set(Item::Host, &sftp.host);
                texts.set(Item::Port, &sftp.port.to_string());
                texts.set(Item::User, &sftp.user);
                texts.set(Item::RemoteDir, &sftp.directory);
                bring.set_login(&sftp.login, texts);
                match &sftp.host_key {
                    HostKeyTrust::Unknown => {}
                    HostKeyTrust::Pinned { sha256 } => {
                        bring.trust = TrustBy::Pinned;
                        texts.set(Item::Fingerprint, sha256);
                    }
                    HostKeyTrust::KnownHosts { path } => {
                        bring.trust = TrustBy::KnownHosts;
                        texts.set(Item::KnownHosts, path.as_deref().unwrap_or_default());
                    }
                }
            }
            Connection::Drop(drop) => {
                bring.upstream = UpstreamBy::AsIs;
                for (item, text) in [
                    (Item::Path, drop.path.as_str()),
                    (Item::Host, &drop.host),
                    (Item::Port, &drop.port.to_string()),
                    (Item::User, &drop.user),
                    (Item::RemoteDir, &drop.upload_directory),
                ] {
                    texts.set(item, text);
                }
            }
        }
        if let Some(schedule) = &brings.schedule {
            texts.set(Item::Schedule, schedule.cron());
            texts.set(Item::Zone, schedule.timezone().name());
        }
        if let Some(contract) = &brings.contract {
            bring.set_contract(contract, texts);
        }
        match &brings.after_import {
            AfterImport::Leave => {}
            AfterImport::Move { directory } => {
                bring.after = AfterBy::Move;
                texts.set(Item::MoveTo, directory);
            }
            AfterImport::Delete => bring.after = AfterBy::Delete,
        }
        bring
    }

    fn set_login(&mut self, login: &Login, texts: &mut Texts) {
        let secret = match login {
            Login::OwnKey => return,
            Login::Agent => {
                self.login = LoginBy::Agent;
                return;
            }
            Login::KeyFile { path, passphrase } => {
                self.login = LoginBy::KeyFile;
                texts.set(Item::KeyFile, path);
                passphrase.as_ref()
            }
            Login::Password { secret } => {
                self.login = LoginBy::Password;
                Some(secret)
            }
        };
        let (by, text) = match secret {
            None => (SecretBy::Without, ""),
            Some(SecretRef::Env { name }) => (SecretBy::Env, name.as_str()),
            Some(SecretRef::File { path }) => (SecretBy::File, path.as_str()),
            Some(SecretRef::Command { command }) => (SecretBy::Command, command.as_str()),
            Some(SecretRef::Stored { .. }) => (SecretBy::Kept, ""),
        };
        self.secret = by;
        texts.set(Item::Secret, text);
    }

    fn set_contract(&mut self, contract: &Contract, texts: &mut Texts) {
        texts.set(Item::Pattern, contract.pattern.as_str());
        if let Some(cadence) = &contract.cadence {
            texts.set(Item::Cadence, cadence.cron());
            texts.set(Item::Zone, cadence.timezone().name());
        }
        texts.set(Item::Grace, &contract.grace_minutes.to_string());
        texts.set(Item::VerifiedBy, contract.verified_by.as_deref().unwrap_or_default());
        texts.set(Item::Columns, &contract.columns.as_ref().map(|columns| columns.join(", ")).unwrap_or_default());
        if let Some((least, most)) = contract.rows {
            let most = if most == u64::MAX { String::new() } else { most.to_string() };
            texts.set(Item::Rows, &format!("{least}..{most}"));
        }
        match &contract.finished {
            FinishedSign::Still { seconds } => texts.set(Item::FinishedBy, &seconds.to_string()),
            FinishedSign::Marker { suffix } => {
                self.finished = FinishedBy::Marker;
                texts.set(Item::FinishedBy, suffix);
            }
        }
        texts.set(Item::Control, contract.control.as_ref().map_or("", |control| &control.suffix));
        self.drift = contract.drift;
    }

    /// Whether the login needs a secret that is said here.
    fn asks_secret(&self) -> bool {
        matches!(self.login, LoginBy::KeyFile | LoginBy::Password)
    }

    /// What the form asks for, in order: few things first.
    pub fn items(&self) -> Vec<Item> {
        let mut items = vec![Item::Name];
        match self.kind {
            Kind::Dir => items.push(Item::Path),
            Kind::Sftp => {
                items.extend([Item::Host, Item::Port, Item::User, Item::RemoteDir, Item::Login]);
                items.extend((self.login == LoginBy::KeyFile).then_some(Item::KeyFile));
                items.extend(self.asks_secret().then_some(Item::SecretFrom));
                let has_text = !matches!(self.secret, SecretBy::Without | SecretBy::Kept);
                items.extend((self.asks_secret() && has_text).then_some(Item::Secret));
            }
            Kind::Drop => {
                items.extend([Item::Path, Item::Host, Item::User, Item::Upstream]);
                items.extend((self.upstream == UpstreamBy::Theirs).then_some(Item::UpstreamKey));
            }
        }
        items.extend([Item::Schedule, Item::Pattern, Item::More]);
        if !self.more {
            items.extend([Item::Cancel, Item::Save]);
            return items;
        }
        match self.kind {
            Kind::Sftp => {
                items.push(Item::HostKey);
                items.extend((self.trust == TrustBy::Pinned).then_some(Item::Fingerprint));
                items.extend((self.trust == TrustBy::KnownHosts).then_some(Item::KnownHosts));
            }
            Kind::Drop => items.extend([Item::Port, Item::RemoteDir]),
            Kind::Dir => {}
        }
        items.extend([Item::Zone, Item::Cadence, Item::Grace, Item::Owner, Item::VerifiedBy]);
        items.extend([Item::Columns, Item::Rows, Item::Finished, Item::FinishedBy, Item::Control]);
        items.extend([Item::Drift, Item::After]);
        items.extend((self.after == AfterBy::Move).then_some(Item::MoveTo));
        items.extend(REST);
        items
    }

    /// A choice in words; none for what is typed, and for what other forms ask for too.
    pub fn choice(&self, item: Item) -> Option<&'static str> {
        Some(match item {
            Item::Login => self.login.words(),
            Item::SecretFrom => self.secret.words(),
            Item::HostKey => self.trust.words(),
            Item::Upstream if self.upstream == UpstreamBy::AsIs && self.has_upstream_key() => {
                "the one that is allowed now"
            }
            Item::Upstream => self.upstream.words(),
            Item::Finished => self.finished.words(),
            Item::Drift => match self.drift {
                DriftPolicy::CarryOn => "carry on when only unmapped columns changed",
                DriftPolicy::Review => "hold every changed file for review",
                DriftPolicy::Stop => "refuse every changed file",
            },
            Item::After => self.after.words(),
            Item::More if self.more => "shown",
            Item::More => "hidden: contract, time zone, import, notes",
            _ => return None,
        })
    }

    fn has_upstream_key(&self) -> bool {
        matches!(self.before.as_ref().map(|it| &it.connection), Some(Connection::Drop(drop)) if drop.upstream_key.is_some())
    }

    /// Chooses the next one.
    pub fn change(&mut self, item: Item, texts: &mut Texts) {
        match item {
            Item::Login => {
                self.login = self.login.next();
                if !self.can_be(self.secret) {
                    self.change_secret(texts);
                }
            }
            Item::SecretFrom => self.change_secret(texts),
            Item::HostKey => self.trust = self.trust.next(),
            Item::Upstream => self.upstream = self.upstream.next(),
            Item::Finished => {
                self.finished = self.finished.next();
                texts.set(Item::FinishedBy, "");
            }
            Item::Drift => {
                self.drift = match self.drift {
                    DriftPolicy::CarryOn => DriftPolicy::Review,
                    DriftPolicy::Review => DriftPolicy::Stop,
                    DriftPolicy::Stop => DriftPolicy::CarryOn,
                }
            }
            Item::After => self.after = self.after.next(),
            Item::More => self.more = !self.more,
            _ => {}
        }
    }

    /// A text of one kind is none of another: the field begins anew, and what was secret is gone.
    fn change_secret(&mut self, texts: &mut Texts) {
        self.secret = self.secret.next();
        while !self.can_be(self.secret) {
            self.secret = self.secret.next();
        }
        let field = if self.secret == SecretBy::Typed { Field::secret() } else { Field::default() };
        texts.put(Item::Secret, field);
    }

    fn can_be(&self, secret: SecretBy) -> bool {
        match secret {
            SecretBy::Without => self.login == LoginBy::KeyFile,
            SecretBy::Kept => self.kept().is_some(),
            _ => true,
        }
    }

    /// The reference to what was typed once for this very login.
    fn kept(&self) -> Option<&SecretRef> {
        let Some(Connection::Sftp(sftp)) = self.before.as_ref().map(|it| &it.connection) else { return None };
        let reference = match (&sftp.login, self.login) {
            (Login::KeyFile { passphrase, .. }, LoginBy::KeyFile) => passphrase.as_ref(),
            (Login::Password { secret }, LoginBy::Password) => Some(secret),
            _ => None,
        };
        reference.filter(|reference| matches!(reference, SecretRef::Stored { .. }))
    }

    /// What an item is called here.
    pub fn label(&self, item: Item) -> &'static str {
        match (item, self.kind) {
            (Item::Path, Kind::Drop) => "Directory here",
            (Item::Host, Kind::Drop) => "This host",
            (Item::User, Kind::Drop) => "Upload account",
            (Item::RemoteDir, Kind::Drop) => "Upload to",
            (Item::SecretFrom, _) if self.login == LoginBy::Password => "Password from",
            (Item::SecretFrom, _) => "Passphrase from",
            (Item::Secret, _) => match self.secret {
                SecretBy::Env => "Variable",
                SecretBy::File => "Its file",
                SecretBy::Command => "Command",
                _ if self.login == LoginBy::Password => "Password",
                _ => "Passphrase",
            },
            (Item::FinishedBy, _) if self.finished == FinishedBy::Marker => "Marker",
            (Item::FinishedBy, _) => "Seconds apart",
            (item, _) => item.label(),
        }
    }

    /// What stands in an empty field.
    pub fn example(&self, item: Item) -> &'static str {
        match (item, self.kind) {
            (Item::Path, Kind::Drop) => "where the files arrive, such as /srv/drops/globex",
            (Item::Host, Kind::Drop) => "as the upstream reaches it, such as files.acme.example",
            (Item::User, Kind::Drop) => "that the upstream logs in as, such as globex",
            (Item::RemoteDir, Kind::Drop) => "as the upstream sees it; empty: the directory here",
            (Item::Secret, _) => match self.secret {
                SecretBy::Env => "such as GLOBEX_PASSWORD",
                SecretBy::File => "only its owner may read it",
                SecretBy::Command => "such as pass show globex",
                _ => "it is not shown",
            },
            (Item::FinishedBy, _) if self.finished == FinishedBy::Marker => "what is added to the name, such as .done",
            (Item::FinishedBy, _) => "30",
            (item, _) => item.example(),
        }
    }

    /// The clocks of schedule, cadence and names.
    fn zone(&self, texts: &Texts, zone: Tz) -> Result<Tz, String> {
        match texts.trimmed(Item::Zone) {
            "" => Ok(zone),
            text => text.parse().map_err(|_| format!("{text} is no time zone. Write it like Europe/Berlin or UTC.")),
        }
    }
}
