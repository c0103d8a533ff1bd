//! `landfall settings`: show or set how the workspace reads and matches.

use super::context::Context;
use super::error::{CliError, Exit};
use super::table::Table;
use crate::domain::settings::Settings;
use serde_json::{Map, Value};

/// Show or set the settings of the workspace
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall settings default_country=DE match_on=email,phone")]
pub struct Args {
    /// KEY shows one setting, KEY=VALUE sets it, KEY= sets it back; none shows all
    #[arg(value_name = "KEY[=VALUE]")]
    settings: Vec<String>,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let is_change = args.settings.iter().any(|setting| setting.contains('='));
    let mut store = if is_change { context.store_to_change("A setting")? } else { context.store()? };
    // All are tried before the first is kept, so that a mistake in the last leaves the first alone.
    let mut tried = store.settings()?;
    let mut keys = Vec::new();
    for setting in &args.settings {
        let (key, value) = setting.split_once('=').map_or((setting.as_str(), None), |(key, value)| (key, Some(value)));
        match value {
            Some(value) => tried.set(key, value)?,
            None => drop(tried.get(key)?),
        }
        keys.push(key);
    }
    for setting in &args.settings {
        if let Some((key, value)) = setting.split_once('=') {
            store.set_setting(key, value)?;
        }
    }
    if keys.is_empty() {
        keys.extend(Settings::KEYS);
    }
    show(&store.settings()?, &keys, context)?;
    Ok(Exit::Done)
}

fn show(settings: &Settings, keys: &[&str], context: &Context) -> Result<(), CliError> {
    let mut object = Map::new();
    let mut table = Table::new(&["", ""]);
    for key in keys {
        let text = settings.get(key)?;
        table.plain([(*key).to_owned(), text.clone().unwrap_or_else(|| "–".to_owned())]);
        object.insert((*key).to_owned(), value(settings, key, text));
    }
    if context.out.json { context.out.json(&object) } else { table.show(&context.out) }
}

/// A setting as JSON: a truth or a number where it is one, null where it is unset.
fn value(settings: &Settings, key: &str, text: Option<String>) -> Value {
    match key {
        "default_country" => settings.default_country.clone().map_or(Value::Null, Value::from),
        "allow_duplicates" => Value::from(settings.allow_duplicates),
        "max_file_mb" => settings.max_file_mb.map_or(Value::Null, Value::from),
        "keep_deliveries_days" => Value::from(settings.keep_deliveries_days),
        "keep_before_images_days" => Value::from(settings.keep_before_images_days),
        _ => text.map_or(Value::Null, Value::from),
    }
}
