//! `landfall workspace`: the workspaces known here, and who may use this one.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::ListFlags;
use super::format::{rfc3339, when};
use super::known;
use super::output::Style;
use super::table::Table;
use crate::store::Store;
use clap::Subcommand;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// List the workspaces known here, or give this one to a group
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall workspace list\n  landfall workspace share imports")]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the workspaces that you have opened, the last one first
    #[command(after_help = "Example:\n  landfall workspace list")]
    List {
        #[command(flatten)]
        list: ListFlags,
    },
    /// Let a Unix group work in this workspace: everything in it, and everything made in it later
    #[command(after_help = "Example:\n  landfall workspace share imports --workspace /srv/landfall/acme")]
    Share {
        /// The name of the group
        group: String,
    },
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    match args.verb {
        Verb::List { list } => show_list(&list, context)?,
        Verb::Share { group } => share(&group, context)?,
    }
    Ok(Exit::Done)
}

fn show_list(list: &ListFlags, context: &Context) -> Result<(), CliError> {
    let current = context.workspace().ok().and_then(|dir| std::path::absolute(dir).ok());
    let known = list.part(known::list(&context.environment)?, |known| known.path.display().to_string());
    let mut table = Table::new(&["", "Workspace", "Last opened", ""]);
    for workspace in &known {
        let is_current = current.as_ref() == Some(&workspace.path);
        // One on a disk that is not mounted, or that was removed.
        let is_there = Store::is_workspace(&workspace.path);
        if context.out.json {
            context.out.json(&json!({
                "path": workspace.path.display().to_string(),
                "last_opened": rfc3339(workspace.opened_ms),
                "current": is_current,
                "exists": is_there,
            }))?;
            continue;
        }
        table.row(vec![
            (Style::Good, if is_current { "*" } else { "" }.to_owned()),
            (Style::Plain, workspace.path.display().to_string()),
            (Style::Dim, when(workspace.opened_ms, context.now_ms())),
            (Style::Warn, if is_there { "" } else { "not there" }.to_owned()),
        ]);
    }
    if context.out.json {
        return Ok(());
    }
    if table.is_empty() {
        context.out.say("No workspaces yet. The first import makes one.");
        return Ok(());
    }
    table.show(&context.out)
}

fn share(group: &str, context: &Context) -> Result<(), CliError> {
    let store = context.store_to_change("Sharing a workspace")?;
    let number = group_number(group).ok_or_else(|| {
        CliError::not_found(format!("group {group}"), "`getent group` lists the groups of this system")
    })?;
    Store::share(store.dir(), number)?;
    context.out.say(format!("Everybody in group {group} may work in {} now.", store.dir().display()));
    context
        .out
        .say("Secrets stay yours: whoever imports from a provider needs a secrets.toml or variables of their own.");
    if let Some(closed) = closed_ancestor(store.dir()) {
        context.out.say(format!(
            "They cannot get there yet: {} is closed to them. Open it with chmod g+x (and chgrp {group}), or move the workspace.",
            closed.display()
        ));
    }
    if context.out.json {
        context.out.json(&json!({ "path": store.dir().display().to_string(), "group": group }))?;
    }
    Ok(())
}

/// The number of a group, in /etc/group or wherever else this system keeps groups.
fn group_number(name: &str) -> Option<u32> {
    let local = std::fs::read_to_string("/etc/group").ok();
    let number = local.and_then(|groups| groups.lines().find_map(|line| numbered(line, name)));
    number.or_else(|| {
        let asked = Command::new("getent").args(["group", "--", name]).output().ok()?;
        String::from_utf8(asked.stdout).ok()?.lines().find_map(|line| numbered(line, name))
    })
}

/// The number in a line of /etc/group, if it is this group's.
fn numbered(line: &str, name: &str) -> Option<u32> {
    let mut parts = line.split(':');
    (parts.next()? == name).then(|| parts.nth(1)?.parse().ok()).flatten()
}

/// The directory above the workspace that neither its group nor others may pass.
fn closed_ancestor(dir: &Path) -> Option<PathBuf> {
    let is_closed = |dir: &&Path| std::fs::metadata(dir).is_ok_and(|found| found.permissions().mode() & 0o011 == 0);
    dir.ancestors().skip(1).find(is_closed).map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_found_by_its_name() {
        let lines = ["root:x:0:", "imports:x:1004:ana,bo", "import:x:7:"];
        let number = |name| lines.iter().find_map(|line| numbered(line, name));
        assert_eq!((number("imports"), number("import"), number("ana")), (Some(1004), Some(7), None));
    }
}
