//! `landfall source test` and `source reconnect`: the guided check, and a blocked source let run again.

use super::add::ConnectionEdit;
use super::{answer, asked, handover, named};
use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::follow;
use crate::cli::output::{Line, Style};
use crate::domain::source::{Connection, Source};
use crate::store::Store;
use crate::worker::guided_check::{self, Guided};
use crate::worker::reach::Surround;
use serde_json::json;
use std::path::Path;
use std::sync::atomic::AtomicBool;

#[derive(Debug, clap::Args)]
pub struct Reconnect {
    /// The source's name
    name: String,
    /// The cause is fixed: do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionEdit,
}

/// Has `work` done with what the way to a source's files needs. Ctrl-C ends the process: nothing is lost by that.
fn surrounded<T>(workspace: &Path, work: impl FnOnce(&Surround<'_>) -> T) -> T {
    let (env, stop) = (|name: &str| std::env::var(name).ok(), AtomicBool::new(false));
    work(&Surround { workspace, env: &env, stop: &stop })
}

pub fn test(name: &str, context: &Context) -> Result<Exit, CliError> {
    let mut store = context.store_to_change("Looking into the newest file")?;
    let source = named(&store, name)?;
    let workspace = store.dir().to_owned();
    let (user, now_ms) = (context.user(), || context.now_ms());
    let guided = surrounded(&workspace, |surround| guided_check::check(&mut store, &source, surround, &user, &now_ms))?;
    tell(&source, &guided, context)?;
    Ok(if guided.passed() { Exit::Done } else { Exit::NotDone })
}

fn tell(source: &Source, guided: &Guided, context: &Context) -> Result<(), CliError> {
    if context.out.json {
        let checks: Vec<_> = guided
            .checks
            .iter()
            .map(|check| json!({ "check": check.step.as_str(), "ok": check.ok, "detail": check.detail }))
            .collect();
        return context.out.json(&json!({
            "source": source.name,
            "class": guided.class,
            "checks": checks,
            "next": guided.next,
        }));
    }
    for check in &guided.checks {
        let (style, mark) = if check.ok { (Style::Good, "ok     ") } else { (Style::Bad, "failed ") };
        context.out.answer(
            Line::styled(style, mark)
                .with(Style::Bold, format!("{:<34}", check.step.label()))
                .with(Style::Plain, &check.detail),
        )?;
    }
    if let Some(next) = &guided.next {
        context.out.answer(Line::styled(Style::Dim, "do: ").with(Style::Plain, next))?;
    }
    Ok(())
}

/// Lets a source run again: when somebody says that the cause is fixed, and its connection is tried and found good
/// (R108, R109, R192).
pub fn reconnect(args: &Reconnect, context: &Context) -> Result<Exit, CliError> {
    let mut store = context.store_to_change("Reconnecting a source")?;
    let mut source = named(&store, &args.name)?;
    if source.connection.is_none() {
        // R356: no way back is offered where there is none.
        let next = format!("import it with `landfall import --from {:?}`", source.name);
        return Err(CliError::new("no_connection", format!("{:?} has no connection", source.name), next));
    }
    let was_blocked = source.blocked.is_some();
    if let Some(blocked) = source.blocked.clone() {
        context.out.say(format!("{} {}", blocked.message, blocked.next));
        let is_fixed = args.yes
            || args.connection.is_given()
            || !context.is_interactive()
            || asked::yes(context, "Is the cause fixed?")?;
        if !is_fixed {
            let next = "deal with the cause first: trying again would meet it again";
            return Err(CliError::new("not_confirmed", "Nothing was tried", next));
        }
    }
    args.connection.apply(&mut store, &source, context)?;
    source = named(&store, &args.name)?;
    // Noted as a look: what an earlier one met is not shown any more.
    let (workspace, user, now_ms) = (store.dir().to_owned(), context.user(), || context.now_ms());
    let check = |store: &mut Store, source: &Source| {
        surrounded(&workspace, |surround| guided_check::connection(store, source, surround, &user, &now_ms))
    };
    let mut guided = check(&mut store, &source)?;
    if let (Some((sha256, is_another)), Some(Connection::Sftp(sftp)), true) =
        (guided.offered_key(), &source.connection, context.is_interactive())
    {
        let question = match is_another {
            true => format!(
                "The host shows another key than the one that was accepted: {sha256}. Somebody may be answering in its \
                 place. Has whoever runs the server told you, by another way, that this is its new key?"
            ),
            false => format!("The host shows the key {sha256}. Is that the one that whoever runs the server told you?"),
        };
        if asked::yes(context, &question)? {
            handover::pin(source.id, sftp, sha256.to_owned(), &mut store, context)?;
            source = named(&store, &args.name)?;
            guided = check(&mut store, &source)?;
        }
    }
    if let Some(error) = guided.fault {
        let next = guided.next.unwrap_or_default();
        return Err(CliError::new(error.code(), error.what(), next.trim_end_matches('.')));
    }
    store.unblock_source(source.id)?;
    context.out.say(match was_blocked {
        true => format!("{:?} is reached; it runs again.", source.name),
        false => format!("{:?} is reached. Nothing had stopped it.", source.name),
    });
    // What was queued before it was blocked.
    follow::pass_on(context, &store, None)?;
    answer(source.id, &store, false, context)?;
    Ok(Exit::Done)
}
