//! What a backfill would bring: each earlier delivery prepared and counted by a dry run (R84, R85).

use crate::app::arrivals::Backfill;
use crate::app::message::Failure;
use crate::domain::id::{RunId, SourceId};
use crate::domain::outcome::Counts;
use crate::shell::acts::with_means;
use crate::shell::desk::{Desk, failure};
use crate::store::Store;
use crate::worker::backfill::{self, Earlier};
use crate::worker::dry_run;
use crate::worker::error::WorkerError;
use crate::worker::execute::{self, Control, Tuning, threads};
use crate::worker::prepare::{self, Prepared};
use chrono::NaiveDate;
use std::sync::atomic::AtomicBool;

/// Counts it, and keeps what was prepared for its start.
pub(super) fn count(desk: &mut Desk, id: SourceId, since: NaiveDate) -> Result<Backfill, Failure> {
    let now_ms = desk.now_ms();
    if let Some((_, before)) = desk.backfill.take() {
        for prepared in &before {
            dry_run::give_up(&mut desk.store, prepared, now_ms)?;
        }
    }
    let gone = || failure(format!("There is no source {id} any more."), "");
    let source = desk.store.source(id)?.ok_or_else(gone)?;
    let mut told = Backfill { source: id, since, deliveries: Vec::new(), left_out: Vec::new() };
    let mut all = Vec::new();
    for earlier in backfill::earlier(&desk.store, &source, since)? {
        let delivery = match earlier {
            Earlier::Kept(delivery) => delivery,
            Earlier::There(file) => with_means(desk, |store, means| backfill::fetch_again(store, id, &file, means))?,
            Earlier::Gone(delivery) => {
                let why = "It is no longer kept, and no longer where it came from.";
                told.left_out.push((delivery.name, why.to_owned()));
                continue;
            }
        };
        let request = backfill::request(&source, &delivery, since, desk.user.clone())?;
        match prepare::prepare(&desk.store, &request, threads()) {
            Ok(mut prepared) => {
                let counts = counted(desk, &mut prepared)?;
                told.deliveries.push((delivery.name, counts));
                all.push(prepared);
            }
            Err(error) => told.left_out.push((delivery.name, Failure::from(error).told())),
        }
    }
    desk.backfill = Some((id, all));
    Ok(told)
}

/// What a dry run of it counts.
fn counted(desk: &mut Desk, prepared: &mut Prepared) -> Result<Counts, WorkerError> {
    let now_ms = desk.now_ms();
    let (run, is_new) = dry_run::plan(&mut desk.store, prepared, now_ms)?;
    if is_new {
        let clock = desk.clock;
        let control = &mut Control {
            stop: &AtomicBool::new(false),
            now_ms: &clock,
            on_progress: &mut |_| {},
            threads: threads(),
            tuning: Tuning::default(),
        };
        let mut dry = Store::open_dry(desk.store.dir(), run)?;
        execute::execute(&mut dry, run, control)?;
    }
    found(&desk.store, run)
}

fn found(store: &Store, run: RunId) -> Result<Counts, WorkerError> {
    let missing = || crate::store::StoreError::NoSuch { what: "run", id: run.to_string() };
    Ok(store.run_line(run)?.ok_or_else(missing)?.counts)
}
