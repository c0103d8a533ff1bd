//! `landfall worker --install`: a systemd user unit that keeps the worker running, or the line for cron.

use super::context::Context;
use super::error::{CliError, Exit};
use super::output::{Line, Style};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

const UNIT: &str = include_str!("../../assets/landfall.service");

/// What the unit begins with: a file without it is somebody else's.
const OURS: &str = "# Written by `landfall worker --install`";

/// How often cron starts a worker (minutes).
const CRON_MINUTES: u32 = 5;

/// Writes the unit, where there is a systemd, and says how to go on.
pub fn install(context: &Context, workspace: &Path) -> Result<Exit, CliError> {
    let program = std::env::current_exe().map_err(|error| CliError::file(Path::new("landfall"), &error))?;
    let (program, workspace) = (text(&program)?, text(workspace)?);
    let crontab = crontab(program, workspace);
    let has_systemd = Path::new("/run/systemd/system").is_dir();
    let unit = match units_directory(context).filter(|_| has_systemd) {
        Some(directory) => Some(write(context, &directory, program, workspace)?),
        None => None,
    };
    let enable = unit.as_ref().map(|unit| {
        let name = unit.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        ["systemctl --user daemon-reload".to_owned(), format!("systemctl --user enable --now {name}")]
    });
    if context.out.json {
        let unit = unit.as_ref().map(|unit| unit.display().to_string());
        context.out.json(&json!({"unit": unit, "enable": enable, "crontab": crontab}))?;
        return Ok(Exit::Done);
    }
    match (&unit, enable) {
        (Some(unit), Some(enable)) => {
            context.out.answer(format!("Wrote {}. Start it, now and with every login:", unit.display()))?;
            enable.iter().try_for_each(|line| context.out.answer(format!("    {line}")))?;
            context.out.answer("It ends with your last login unless your account lingers:")?;
            context.out.answer("    loginctl enable-linger")?;
            context.out.answer("Or, in its place, a line for `crontab -e`:")?;
        }
        _ => {
            let why = Line::styled(
                Style::Plain,
                "There is no systemd here. Have cron start the worker, with this line for `crontab -e`:",
            );
            context.out.answer(why)?;
        }
    }
    context.out.answer(format!("    {crontab}"))?;
    Ok(Exit::Done)
}

fn text(path: &Path) -> Result<&str, CliError> {
    let refused = || CliError::usage(format!("{} is no UTF-8", path.display()), "rename it or its directory");
    path.to_str().filter(|path| !path.contains('\n')).ok_or_else(refused)
}

/// Where a user's own units are.
fn units_directory(context: &Context) -> Option<PathBuf> {
    let environment = &context.environment;
    let config = environment.xdg_config_home.clone().map(PathBuf::from).filter(|dir| dir.is_absolute());
    let config = config.or_else(|| environment.home.clone().map(|home| PathBuf::from(home).join(".config")));
    config.map(|config| config.join("systemd/user"))
}

fn write(context: &Context, directory: &Path, program: &str, workspace: &str) -> Result<PathBuf, CliError> {
    let home = context.environment.home.as_ref().map(PathBuf::from);
    let path = directory.join(unit_name(workspace, context.environment.workspace(None).ok().as_deref()));
    let failed = |error| CliError::file(&path, &error);
    match fs::read_to_string(&path) {
        Ok(there) if !there.starts_with(OURS) => {
            let message = format!("{} is there already, and was not written by Landfall", path.display());
            return Err(CliError::new("file", message, "move it away, then try again"));
        }
        _ => {}
    }
    fs::create_dir_all(directory).map_err(failed)?;
    fs::write(&path, unit(program, workspace, home.as_deref())).map_err(failed)?;
    Ok(path)
}

/// Each workspace has a unit of its own.
fn unit_name(workspace: &str, usual: Option<&Path>) -> String {
    if usual == Some(Path::new(workspace)) {
        return "landfall.service".to_owned();
    }
    let last = Path::new(workspace).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let plain: String =
        last.chars().filter(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter)).collect();
    let hash: String = Sha256::digest(workspace).iter().take(3).map(|byte| format!("{byte:02x}")).collect();
    format!("landfall-{plain}-{hash}.service")
}

fn unit(program: &str, workspace: &str, home: Option<&Path>) -> String {
    UNIT.replace("@PROGRAM@", &for_systemd(program, home))
        .replace("@WORKSPACE@", &for_systemd(workspace, home))
        .replace("@NAME@", &workspace.replace('%', "%%"))
}

/// A word of a command as systemd reads it; the user's home as `%h`, so that the unit can move with it.
fn for_systemd(word: &str, home: Option<&Path>) -> String {
    let escape = |text: &str| {
        let text = text.replace('%', "%%").replace('\\', "\\\\").replace('"', "\\\"");
        text.replace('$', "$$")
    };
    let below = home.and_then(|home| Path::new(word).strip_prefix(home).ok()).and_then(Path::to_str);
    match below.filter(|below| !below.is_empty()) {
        Some(below) => format!("\"%h/{}\"", escape(below)),
        None => format!("\"{}\"", escape(word)),
    }
}

/// The line for cron, whose `%` would be a line end.
fn crontab(program: &str, workspace: &str) -> String {
    let quoted = |word: &str| format!("'{}'", word.replace('\'', "'\\''")).replace('%', "\\%");
    format!("*/{CRON_MINUTES} * * * * {} worker --once --quiet --workspace {}", quoted(program), quoted(workspace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_names_program_and_workspace_as_systemd_reads_them() {
        let unit = unit("/usr/bin/landfall", "/home/ana/100% \"new\" $X", Some(Path::new("/home/ana")));
        assert!(unit.starts_with(OURS), "{unit}");
        let start = unit.lines().find(|line| line.starts_with("ExecStart=")).unwrap();
        assert_eq!(start, "ExecStart=\"/usr/bin/landfall\" worker --workspace \"%h/100%% \\\"new\\\" $$X\"");
        assert!(!unit.contains('@'), "{unit}");
    }

    #[test]
    fn each_workspace_has_a_unit_of_its_own() {
        let usual = Path::new("/home/ana/.local/share/landfall");
        assert_eq!(unit_name("/home/ana/.local/share/landfall", Some(usual)), "landfall.service");
        let names = ["/srv/a/emea", "/srv/b/emea", "/srv/b/Größe x"].map(|workspace| unit_name(workspace, Some(usual)));
        assert!(names[0].starts_with("landfall-emea-") && names[0] != names[1], "{names:?}");
        assert!(names[2].starts_with("landfall-Gre"), "{names:?}");
    }

    #[test]
    fn the_line_for_cron_survives_the_shell_and_cron() {
        let line = crontab("/opt/land fall", "/srv/it's 100%");
        assert_eq!(line, "*/5 * * * * '/opt/land fall' worker --once --quiet --workspace '/srv/it'\\''s 100\\%'");
    }
}
