//! `landfall purge`: apply the retention settings now.

use super::context::Context;
use super::error::{CliError, Exit};
use super::format::counted;
use crate::domain::settings::Settings;
use crate::worker::retention;
use serde_json::json;

/// Remove deliveries and before-images that have been kept for as long as the settings say
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Removes the files of deliveries after keep_deliveries_days, and what records were before they were \
                  changed after keep_before_images_days. Counts and outcomes stay. A delivery whose run has not ended \
                  is kept. A worker that stays does this once a day. Both settings are 90 days where nobody says otherwise: \
                  `landfall settings` shows them.",
    after_help = "Example:\n  landfall settings keep_deliveries_days=30\n  landfall purge"
)]
pub struct Args {}

pub fn run(_args: &Args, context: &Context) -> Result<Exit, CliError> {
    let mut store = context.store_to_change("Purging")?;
    let purged = retention::apply(&mut store, context.now_ms())?;
    if context.out.json {
        context.out.json(&json!({
            "deliveries": purged.deliveries,
            "bytes": purged.bytes,
            "before_images": purged.before_images,
        }))?;
    } else {
        context.out.answer(format!(
            "Purged {} ({}), and the before-images of {}.",
            counted(purged.deliveries, "delivery", "deliveries"),
            crate::ui::words::bytes(purged.bytes),
            counted(purged.before_images, "run", "runs")
        ))?;
    }
    let (now, default) = (store.settings()?, Settings::default());
    let days = |days: u64, default: u64| {
        let mark = if days == default { ", the default" } else { "" };
        format!("{}{mark}", counted(days, "day", "days"))
    };
    context.out.say(format!(
        "Kept: deliveries for {}; what records were before a change for {}. To change that: `landfall settings \
         keep_deliveries_days=N keep_before_images_days=N`.",
        days(now.keep_deliveries_days, default.keep_deliveries_days),
        days(now.keep_before_images_days, default.keep_before_images_days),
    ));
    Ok(Exit::Done)
}
