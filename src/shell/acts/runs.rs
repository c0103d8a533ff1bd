//! What is done to runs.

use crate::app::data::RowsWanted;
use crate::app::message::{Done, Failure};
use crate::app::numbers::counted;
use crate::cli::error::CliError;
use crate::cli::run::rows::Rows;
use crate::cli::run_view;
use crate::domain::id::RunId;
use crate::domain::run::RunStatus;
use crate::shell::answers::ledger_only;
use crate::shell::desk::{Desk, at_home, failure};
use crate::worker::queue::{self, Cancel};
use std::fs;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::Path;

/// Asks a run to stop for good; one that nobody carries out is cancelled at once.
pub(super) fn cancel(desk: &mut Desk, id: RunId) -> Result<Done, Failure> {
    let now = desk.now_ms();
    match queue::cancel(&mut desk.store, id, now)? {
        Cancel::Done => Ok(Done::Said(format!("Run {id} is cancelled; what it imported stays."))),
        Cancel::Asked => Ok(Done::Said(format!("Run {id} is asked to stop: it does at the end of its batch."))),
        Cancel::Ended(_) => Err(failure(format!("Run {id} has ended meanwhile"), "nothing was done")),
    }
}

/// Queues an interrupted run again: a worker goes on with it where it stopped.
pub(super) fn resume(desk: &mut Desk, id: RunId) -> Result<Done, Failure> {
    let run = run_view::found(&desk.store, id.0)?;
    match run.status {
        RunStatus::Interrupted => desk.store.requeue_run(id, false)?,
        RunStatus::Queued | RunStatus::Running => return Ok(Done::Said(format!("Run {id} goes on already."))),
        _ => return Err(failure(format!("Run {id} has ended"), "import the file again from its source")),
    }
    Ok(Done::Said(format!("Run {id} goes on where it stopped, at row {}.", run.counts.rows() + 1)))
}

pub(super) fn note(desk: &mut Desk, id: RunId, text: &str) -> Result<Done, Failure> {
    let now = desk.now_ms();
    desk.store.add_run_note(id, &desk.user, text, now)?;
    Ok(Done::Said(format!("The note is kept with run {id}.")))
}

/// Writes rows with their original columns to a new file, which is there when it is whole and for its owner only.
pub(super) fn export(desk: &mut Desk, wanted: &RowsWanted, file: &Path) -> Result<Done, Failure> {
    let path = desk.directory.join(at_home(desk, file));
    if path.exists() {
        return Err(failure(format!("Nothing was written: {} exists already", file.display()), "choose another name"));
    }
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(failure(format!("{} is no name of a file", path.display()), "type a name such as to-fix.csv"));
    };
    let rows = Rows::of(&desk.store, wanted.run.0, ledger_only(&wanted.only), 0, None)?;
    let part = dir.join(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
    let written = write(rows, &part).and_then(|rows| {
        // A link fails where the name is taken by now; a rename, for disks without links, would write over it.
        match fs::hard_link(&part, &path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists && !path.exists() => fs::rename(&part, &path),
            linked => linked,
        }
        .map_err(|error| unwritable(&path, &error))?;
        Ok(rows)
    });
    // After a rename there is nothing to remove.
    let removed = fs::remove_file(&part).or_else(|error| if part.exists() { Err(error) } else { Ok(()) });
    let rows = written?;
    removed.map_err(|error| unwritable(&part, &error))?;
    let rows = counted(rows, "row", "rows");
    Ok(Done::Said(format!("{rows} written to {} in {}", name.to_string_lossy(), dir.display())))
}

fn write(rows: Rows<'_>, part: &Path) -> Result<u64, Failure> {
    use std::os::unix::fs::OpenOptionsExt;
    let unwritable = |error: std::io::Error| unwritable(part, &error);
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(part).map_err(unwritable)?;
    let mut csv = csv::Writer::from_writer(BufWriter::new(file));
    let mut lines: u64 = 0;
    rows.each_csv(false, |record| {
        lines += 1;
        csv.write_record(record).map_err(|error| CliError::file(part, &std::io::Error::other(error)))
    })?;
    let mut file = csv.into_inner().map_err(|error| unwritable(error.into_error()))?;
    file.flush().map_err(unwritable)?;
    file.get_ref().sync_all().map_err(unwritable)?;
    Ok(lines.saturating_sub(1))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    failure(format!("{} could not be written: {error}", path.display()), "choose another place")
}
