//! The workspaces that were opened by this user: a small file in the XDG state directory.

use super::context::Environment;
use super::error::CliError;
use serde::{Deserialize, Serialize};
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The time of the last opening is kept to about this, so that not every command writes.
const OFTEN_ENOUGH_MS: i64 = 60 * 60 * 1000;

/// A workspace that was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Absolute.
    pub path: PathBuf,
    /// When it was last opened, to about an hour (ms since 1970, UTC).
    pub opened_ms: i64,
}

/// Remembers that a workspace was opened. That it could not be remembered keeps nobody from his work.
pub fn note(environment: &Environment, workspace: &Path, now_ms: i64) {
    let _ = remember(environment, workspace, now_ms);
}

/// The workspaces known here, the one opened last first.
///
/// # Errors
/// When the file that remembers them cannot be read.
pub fn list(environment: &Environment) -> Result<Vec<Known>, CliError> {
    let Some(path) = file(environment) else { return Ok(Vec::new()) };
    let mut known = read(&path).map_err(|error| CliError::file(&path, &error))?;
    known.sort_by_key(|known| std::cmp::Reverse(known.opened_ms));
    Ok(known)
}

fn remember(environment: &Environment, workspace: &Path, now_ms: i64) -> io::Result<()> {
    let Some(path) = file(environment) else { return Ok(()) };
    let workspace = std::path::absolute(workspace)?;
    let mut known = read(&path)?;
    match known.iter_mut().find(|known| known.path == workspace) {
        // A clock that was set back is no reason to keep a time in the future.
        Some(known) if (0..OFTEN_ENOUGH_MS).contains(&(now_ms - known.opened_ms)) => return Ok(()),
        Some(known) => known.opened_ms = now_ms,
        None => known.push(Known { path: workspace, opened_ms: now_ms }),
    }
    write(&path, &known)
}

/// `landfall/workspaces.json` in the XDG state directory.
fn file(environment: &Environment) -> Option<PathBuf> {
    let state = environment.xdg_state_home.clone().map(PathBuf::from).filter(|dir| dir.is_absolute());
    let state = state.or_else(|| environment.home.clone().map(|home| PathBuf::from(home).join(".local/state")));
    state.map(|state| state.join("landfall/workspaces.json"))
}

fn read(path: &Path) -> io::Result<Vec<Known>> {
    match fs::read(path) {
        // What is damaged is made anew: it only saves people typing.
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_default()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Writes all of it or nothing, for the owner's eyes only.
fn write(path: &Path, known: &[Known]) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    }
    let partial = path.with_extension(format!("{}", std::process::id()));
    let written =
        File::options().write(true).create(true).truncate(true).mode(0o600).open(&partial).and_then(|mut file| {
            file.write_all(&serde_json::to_vec(known)?)?;
            file.sync_all()
        });
    written.and_then(|()| fs::rename(&partial, path)).inspect_err(|_| drop(fs::remove_file(&partial)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn workspaces_are_remembered_once_the_last_opened_first_and_for_the_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().as_os_str().to_owned();
        let environment = Environment { home: Some(home), ..Environment::default() };
        assert_eq!(list(&environment).unwrap(), []);
        let hour = OFTEN_ENOUGH_MS;
        for (path, now_ms) in [("/a", 0), ("/b", 5), ("/a", 10), ("/a", 2 * hour), ("/b", 9)] {
            note(&environment, Path::new(path), now_ms);
        }
        let known = |path: &str, opened_ms| Known { path: path.into(), opened_ms };
        assert_eq!(list(&environment).unwrap(), [known("/a", 2 * hour), known("/b", 5)]);
        let path = file(&environment).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
        fs::write(&path, "no JSON").unwrap();
        note(&environment, Path::new("/c"), 1);
        assert_eq!(list(&environment).unwrap(), [known("/c", 1)]);
    }
}
