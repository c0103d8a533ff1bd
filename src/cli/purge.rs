//! `landfall purge`: apply the retention settings now.

use super::context::Context;
use super::error::{CliError, Exit};
use super::format::counted;
use crate::worker::retention;
use serde_json::json;

/// Remove deliveries and before-images that have been kept for as long as the settings say
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Removes the files of deliveries after keep_deliveries_days, and what records were before they were \
                  changed after keep_before_images_days. Counts and outcomes stay. A delivery whose run has not ended \
                  is kept. A worker that stays does this once a day.",
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
    Ok(Exit::Done)
}
