//! What the form of a source asks for, in words.

/// What the form asks for, and its buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    Name,
    File,
    /// The directory of this host.
    Path,
    Host,
    Port,
    User,
    /// The directory as the server has it.
    RemoteDir,
    Login,
    KeyFile,
    /// Where the password or the passphrase is.
    SecretFrom,
    Secret,
    HostKey,
    Fingerprint,
    KnownHosts,
    /// With which key the upstream uploads.
    Upstream,
    UpstreamKey,
    Schedule,
    Pattern,
    /// Shows the rest.
    More,
    Zone,
    Cadence,
    Grace,
    VerifiedBy,
    Columns,
    Rows,
    Finished,
    FinishedBy,
    Control,
    Drift,
    After,
    MoveTo,
    Mode,
    Import,
    Country,
    Tags,
    Filters,
    Since,
    KeepEmpty,
    Duplicates,
    Purpose,
    Owner,
    Notes,
    Save,
    SaveAndMap,
    Cancel,
}

impl Item {
    pub fn label(self) -> &'static str {
        match self {
            Item::Name => "Name",
            Item::File => "File",
            Item::Path | Item::RemoteDir => "Directory",
            Item::Host => "Host",
            Item::Port => "Port",
            Item::User => "User",
            Item::Login => "Login with",
            Item::KeyFile => "Key file",
            Item::SecretFrom => "Secret from",
            Item::Secret => "Secret",
            Item::HostKey => "Host key",
            Item::Fingerprint => "Fingerprint",
            Item::KnownHosts => "known_hosts file",
            Item::Upstream => "Upload key",
            Item::UpstreamKey => "Public key",
            Item::Schedule => "Look at",
            Item::Pattern => "File names",
            Item::More => "More",
            Item::Zone => "Time zone",
            Item::Cadence => "Expected at",
            Item::Grace => "Grace",
            Item::VerifiedBy => "Verified by",
            Item::Columns => "Columns",
            Item::Rows => "Rows",
            Item::Finished => "Uploaded when",
            Item::FinishedBy => "",
            Item::Control => "Control file",
            Item::Drift => "Changed header",
            Item::After => "After import",
            Item::MoveTo => "Move to",
            Item::Mode => "Expected",
            Item::Import => "An import may",
            Item::Country => "Country",
            Item::Tags => "Tags",
            Item::Filters => "Only rows with",
            Item::Since => "Changed since",
            Item::KeepEmpty => "Empty cells",
            Item::Duplicates => "Duplicates",
            Item::Purpose => "Purpose",
            Item::Owner => "Owner",
            Item::Notes => "Notes",
            Item::Save => "Save",
            Item::SaveAndMap => "Add and map",
            Item::Cancel => "Cancel",
        }
    }

    /// What stands in an empty field.
    pub fn example(self) -> &'static str {
        match self {
            Item::Name => "what people call it, such as HubSpot EMEA",
            Item::File => "the path of a .csv, .csv.gz or .zip file",
            Item::Path => "such as /srv/erp/outbox",
            Item::Host => "its name or address, such as sftp.example.com",
            Item::Port => "22",
            Item::User => "the account to log in as",
            Item::RemoteDir => "as the server has it; empty: where the login ends up",
            Item::KeyFile => "a private key, such as ~/.ssh/id_ed25519",
            Item::Fingerprint => "SHA256: and 43 characters, as ssh shows it",
            Item::KnownHosts => "empty: ~/.ssh/known_hosts",
            Item::UpstreamKey => "ssh-ed25519 AAAA… as they sent it, or a .pub file",
            Item::Schedule => "cron, such as 30 6 * * 1-5; empty: when you say so",
            Item::Pattern => "such as contacts_{YYYY}-{MM}-{DD}*.csv",
            Item::Zone => "such as Europe/Berlin",
            Item::Cadence => "cron, such as 0 6 * * 1-5; empty: nothing is promised",
            Item::Grace => "minutes after which a late file is missing; 60",
            Item::VerifiedBy => "how an import is made sure of, such as Bo compares counts",
            Item::Columns => "headers every file must have; empty: those mapped",
            Item::Rows => "records to expect, such as 900..1100, 1.. or ..5000",
            Item::Control => "what is added to a file's name, such as .ctl",
            Item::MoveTo => "a directory there, such as done",
            Item::Country => "of phone numbers without +, such as DE",
            Item::Tags => "given to every contact; commas between",
            Item::Filters => "such as status = customer; semicolons between",
            Item::Since => "a day, as 2026-01-31; older rows are skipped",
            Item::Purpose => "what the contacts are for",
            Item::Owner => "who answers for what arrives",
            Item::Notes => "what the next person should know",
            _ => "",
        }
    }

    pub fn is_button(self) -> bool {
        matches!(self, Item::Save | Item::SaveAndMap | Item::Cancel)
    }

    /// Whether it takes a cron expression.
    pub fn is_schedule(self) -> bool {
        matches!(self, Item::Schedule | Item::Cadence)
    }
}

pub(super) const ADD: [Item; 15] = [
    Item::Name,
    Item::Mode,
    Item::Import,
    Item::Country,
    Item::Tags,
    Item::Filters,
    Item::Since,
    Item::KeepEmpty,
    Item::Duplicates,
    Item::Purpose,
    Item::Owner,
    Item::Notes,
    Item::Cancel,
    Item::Save,
    Item::SaveAndMap,
];
pub(super) const EDIT: [Item; 15] = [
    Item::Name,
    Item::File,
    Item::Mode,
    Item::Import,
    Item::Country,
    Item::Tags,
    Item::Filters,
    Item::Since,
    Item::KeepEmpty,
    Item::Duplicates,
    Item::Purpose,
    Item::Owner,
    Item::Notes,
    Item::Cancel,
    Item::Save,
];

/// What stands under “More” of a source that brings its own files.
pub(super) const REST: [Item; 12] = [
    Item::Mode,
    Item::Import,
    Item::Country,
    Item::Tags,
    Item::Filters,
    Item::Since,
    Item::KeepEmpty,
    Item::Duplicates,
    Item::Purpose,
    Item::Notes,
    Item::Cancel,
    Item::Save,
];
