//! What every command is given: the workspace, the streams, and what the environment says. Read once, at the start.

use super::error::CliError;
use super::known;
use super::output::{ColorChoice, Out};
use crate::store::Store;
use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::hash::{BuildHasher, Hasher};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Flags that every command takes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// The workspace to work in [default: $LANDFALL_WORKSPACE, else landfall in the XDG data directory]
    #[arg(long, global = true, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
    /// Print JSON on standard output, one object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// Print no notices and no progress
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// When to use colour
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        hide_possible_values = true,
        help = "When to use colour: auto, always or never"
    )]
    pub color: ColorChoice,
    /// Refuse everything that would change the workspace
    #[arg(long, global = true)]
    pub read_only: bool,
}

/// The environment variables that Landfall looks at.
#[derive(Debug, Default, Clone)]
pub struct Environment {
    pub landfall_workspace: Option<OsString>,
    pub xdg_data_home: Option<OsString>,
    pub xdg_state_home: Option<OsString>,
    pub xdg_config_home: Option<OsString>,
    pub home: Option<OsString>,
    pub user: Option<String>,
    /// `TZ`.
    pub time_zone: Option<String>,
    /// What says how characters are encoded: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set.
    pub locale: Option<String>,
    /// `NO_COLOR` is set, or the terminal can do no more than print.
    pub plain: bool,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Environment {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Environment {
            landfall_workspace: set("LANDFALL_WORKSPACE"),
            xdg_data_home: set("XDG_DATA_HOME"),
            xdg_state_home: set("XDG_STATE_HOME"),
            xdg_config_home: set("XDG_CONFIG_HOME"),
            home: set("HOME"),
            time_zone: set("TZ").map(|zone| zone.to_string_lossy().into_owned()),
            locale: ["LC_ALL", "LC_CTYPE", "LANG"]
                .into_iter()
                .find_map(set)
                .map(|locale| locale.to_string_lossy().into_owned()),
            user: set("USER").or_else(|| set("LOGNAME")).map(|name| name.to_string_lossy().into_owned()),
            plain: set("NO_COLOR").is_some() || set("TERM").is_some_and(|term| term == "dumb"),
        }
    }

    /// Where the configuration file is, if there is one.
    pub fn config_file(&self) -> Option<PathBuf> {
        let config = self.xdg_config_home.clone().map(PathBuf::from).filter(|dir| dir.is_absolute());
        let config = config.or_else(|| self.home.clone().map(|home| PathBuf::from(home).join(".config")));
        config.map(|dir| dir.join("landfall").join("config.toml"))
    }

    /// Whether the terminal takes UTF-8. Where nothing says how characters are encoded, it does on today's systems.
    pub fn is_utf8(&self) -> bool {
        let Some(locale) = &self.locale else { return true };
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    }

    /// The workspace's directory: the flag, `LANDFALL_WORKSPACE`, or `landfall` in the XDG data directory.
    pub fn workspace(&self, flag: Option<&Path>) -> Result<PathBuf, CliError> {
        if let Some(chosen) = flag.map(Path::to_owned).or_else(|| self.landfall_workspace.clone().map(PathBuf::from)) {
            return Ok(chosen);
        }
        // The XDG base directory specification has relative paths ignored.
        let data = self.xdg_data_home.clone().map(PathBuf::from).filter(|dir| dir.is_absolute());
        let data = data.or_else(|| self.home.clone().map(|home| PathBuf::from(home).join(".local/share")));
        data.map(|data| data.join("landfall")).ok_or_else(|| {
            CliError::new(
                "workspace",
                "No workspace is named, and neither XDG_DATA_HOME nor HOME says where the usual one is",
                "name one with --workspace DIR",
            )
        })
    }
}

/// What a command works with.
pub struct Context {
    workspace_flag: Option<PathBuf>,
    pub read_only: bool,
    pub out: Out,
    pub environment: Environment,
    /// Pickups queue runs apart from saying so of their files, which is wrong.
    #[cfg(feature = "broken-variants")]
    pub taken_apart: std::cell::Cell<bool>,
}

impl Context {
    pub fn new(globals: &Globals, environment: Environment) -> Context {
        Context {
            workspace_flag: globals.workspace.clone(),
            read_only: globals.read_only,
            out: Out::new(globals.json, globals.quiet, globals.color, environment.plain),
            environment,
            #[cfg(feature = "broken-variants")]
            taken_apart: std::cell::Cell::new(false),
        }
    }

    /// Where the workspace is, or will be made on first use.
    pub fn workspace(&self) -> Result<PathBuf, CliError> {
        self.environment.workspace(self.workspace_flag.as_deref())
    }

    /// The workspace, opened; made on first use, unless `--read-only` was given.
    pub fn store(&self) -> Result<Store, CliError> {
        let dir = self.workspace()?;
        let store = match self.read_only {
            true => Store::open_read_only(&dir)?,
            false => Store::create_or_open(&dir, self.now_ms(), self.random())?,
        };
        known::note(&self.environment, store.dir(), self.now_ms());
        Ok(store)
    }

    /// A number that other workspaces are unlikely to have: the standard library seeds its hashers well.
    pub fn random(&self) -> u64 {
        RandomState::new().build_hasher().finish()
    }

    /// The workspace, to change it: refused with `--read-only`. `what` begins the sentence that says so.
    pub fn store_to_change(&self, what: &str) -> Result<Store, CliError> {
        self.may_change(what)?;
        self.store()
    }

    /// The time, ms since 1970, UTC.
    pub fn now_ms(&self) -> i64 {
        chrono::Utc::now().timestamp_millis()
    }

    /// Who is at work: the name that runs and changes record.
    pub fn user(&self) -> String {
        let uid = rustix::process::getuid().as_raw();
        let named = || std::fs::read_to_string("/etc/passwd").ok().and_then(|accounts| account(&accounts, uid));
        self.environment.user.clone().or_else(named).unwrap_or_else(|| format!("uid {uid}"))
    }

    /// Whether a person can be asked.
    pub fn is_interactive(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Refuses a change when `--read-only` was given.
    pub fn may_change(&self, what: &str) -> Result<(), CliError> {
        if self.read_only {
            return Err(CliError::new(
                "read_only",
                format!("{what} would change the workspace"),
                "leave out --read-only",
            ));
        }
        Ok(())
    }
}

/// The name of the account with this number, in the text of /etc/passwd.
fn account(accounts: &str, uid: u32) -> Option<String> {
    let of = |line: &str| line.split(':').nth(2).is_some_and(|number| number == uid.to_string());
    accounts.lines().find(|line| of(line))?.split(':').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_number() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\nana:x:1000:1000::/home/ana:/bin/sh\n";
        assert_eq!(account(accounts, 1000).as_deref(), Some("ana"));
        assert_eq!(account(accounts, 100), None);
    }

    #[test]
    fn symbols_are_unicode_unless_the_locale_says_otherwise() {
        for (locale, utf8) in [
            (None, true),
            (Some("de_DE.UTF-8"), true),
            (Some("C.utf8"), true),
            (Some("C"), false),
            (Some("de_DE"), false),
        ] {
            let environment = Environment { locale: locale.map(str::to_owned), ..Environment::default() };
            assert_eq!(environment.is_utf8(), utf8, "{locale:?}");
        }
    }

    #[test]
    fn the_workspace_is_the_flag_else_the_variable_else_the_data_directory() {
        let full = Environment {
            landfall_workspace: Some("/variable".into()),
            xdg_data_home: Some("/xdg".into()),
            home: Some("/home/ana".into()),
            ..Environment::default()
        };
        assert_eq!(full.workspace(Some(Path::new("flag"))).unwrap(), Path::new("flag"));
        assert_eq!(full.workspace(None).unwrap(), Path::new("/variable"));
        let no_variable = Environment { landfall_workspace: None, ..full.clone() };
        assert_eq!(no_variable.workspace(None).unwrap(), Path::new("/xdg/landfall"));
        let relative = Environment { xdg_data_home: Some("xdg".into()), ..no_variable.clone() };
        assert_eq!(relative.workspace(None).unwrap(), Path::new("/home/ana/.local/share/landfall"));
        let error = Environment::default().workspace(None).unwrap_err();
        assert!(error.next.contains("--workspace"), "{error:?}");
    }
}
