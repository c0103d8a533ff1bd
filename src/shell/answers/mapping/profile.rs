//! What all rows of a file say about the mapping that is edited on it, answered in parts.

use crate::app::mapping::data::{ColumnProblem, ColumnProfile, ProblemKind, ProblemRow, Profile, ProfileWanted};
use crate::app::message::Failure;
use crate::cli::error::CliError;
use crate::domain::id::SourceId;
use crate::engine::profile::{self, Finding, Profiler};
use crate::shell::desk::Desk;
use crate::shell::open_files::OpenFile;
use crate::worker::attention;
use crate::worker::execute::threads;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long one part may read: what is found is to be seen while it grows, and a changed mapping is to be taken up soon.
const PART: Duration = Duration::from_millis(150);

/// So many rows say more of a column than a look at a few.
const JUDGED_ROWS: u64 = 5_000;

/// The file that is profiled, with what was found in it.
pub struct Profiling {
    source: SourceId,
    file: Arc<OpenFile>,
    profiler: Profiler,
}

/// Reads on, and answers what is known.
pub(in crate::shell::answers) fn profile(desk: &mut Desk, wanted: &ProfileWanted) -> Result<Profile, Failure> {
    // That of another file, or of the same one opened anew, is of no use.
    let file = desk.mapping.files.get(wanted.source)?;
    let known = desk.mapping.profiling.take();
    let known = known.filter(|known| known.source == wanted.source && known.file.reads_like(&file));
    let mut profiling = known.unwrap_or_else(|| Profiling {
        source: wanted.source,
        profiler: Profiler::new(file.delivery.clone(), file.looked.inspection.dialect().clone()),
        file: file.clone(),
    });
    profiling.file = file.clone();
    let (mapping, _) = wanted.mapping.fitted_to(&file.looked.inspection.dialect().columns);
    let (plan, _) = super::preview::plan(&desk.store, &file, &mapping)?;
    let until = Instant::now() + PART;
    let goes_on = || Instant::now() < until;
    let code = desk.store.workspace_code();
    profiling.profiler.advance(&plan, &file.looked.catalog, code, threads(), &goes_on).map_err(CliError::from)?;
    // What changed under the reading is worth nothing.
    desk.mapping.files.get(wanted.source)?;
    let found = profiling.profiler.found();
    let rows = found.columns.iter().flat_map(|column| &column.problems).flat_map(|problem| &problem.rows);
    file.note_places(rows.map(|row| (row.row, (row.offset, row.line))));
    file.note_copies(profiling.profiler.take_copies());
    for (place, (column, seen)) in plan.mapping.columns.iter().zip(&found.columns).enumerate() {
        if found.rows >= JUDGED_ROWS || found.is_done {
            file.note_judged(place, column.clone(), seen.filled, unreadable(seen));
        }
    }
    desk.mapping.profiling = Some(profiling);
    Ok(told(found, wanted.revision))
}

/// How many values of a column cannot be read as its field, where that says that it goes to the wrong one.
fn unreadable(column: &profile::ColumnSeen) -> u64 {
    let counts = column.problems.iter().map(|problem| match problem.finding {
        Finding::Issue(code) if attention::is_reading_code(code) => problem.count,
        _ => 0,
    });
    counts.sum()
}

/// The same for the application.
fn told(found: profile::Profile, revision: u64) -> Profile {
    let row = |row: profile::RowSeen| {
        let profile::RowSeen { row, line, value, guidance, .. } = row;
        ProblemRow { row, line, value, guidance }
    };
    let problem = |problem: profile::Problem| {
        let what = match problem.finding {
            Finding::Issue(code) => ProblemKind::Issue(code),
            Finding::Undeclared(code) => ProblemKind::NotDeclared(code),
            Finding::DayFirst => ProblemKind::DayFirst,
            Finding::MixedOrder => ProblemKind::MixedOrder,
            Finding::EitherOrder => ProblemKind::AssumedOrder,
            // The order that dates are read in anyway.
            Finding::MonthFirst => return None,
        };
        Some(ColumnProblem { what, count: problem.count, rows: problem.rows.into_iter().map(row).collect() })
    };
    let column = |column: profile::ColumnSeen| ColumnProfile {
        filled: column.filled,
        distinct: column.distinct,
        distinct_is_cut: column.distinct_is_cut,
        shapes: column.looks.into_iter().map(|(looks, count)| (looks.words(), count)).collect(),
        problems: column.problems.into_iter().filter_map(problem).collect(),
    };
    Profile {
        revision,
        rows: found.rows,
        bytes: found.bytes,
        bytes_expected: found.bytes_expected,
        is_done: found.is_done,
        short_rows: found.short_rows,
        first_short_row: found.first_short_row,
        unreadable_rows: found.unreadable_rows,
        first_unreadable_row: found.first_unreadable_row,
        columns: found.columns.into_iter().map(column).collect(),
    }
}
