//! The drops of the demo: directories whose contracts are met and not met, made by really picking files up on past days.

use super::context::Context;
use super::error::CliError;
use super::follow;
use crate::domain::id::SourceId;
use crate::domain::run::RunKind;
use crate::domain::source::{
    Connection, Contract, Directory, DriftPolicy, FinishedSign, NamePattern, PickupCause, Schedule, SourceEdit,
    SourceMode,
};
use crate::store::{Dues, NewSource, Store};
use crate::worker::error::WorkerError;
use crate::worker::execute::{Control, Tuning, threads};
use crate::worker::pickup::{Extent, Means, Wanted, bring, pick_up};
use crate::worker::prepare;
use crate::worker::queue::{Due, Turn};
use crate::worker::request::ImportRequest;
use chrono::{DateTime, Timelike};
use chrono_tz::Tz;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, UNIX_EPOCH};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// Days on which each of them delivered before today.
const DAYS: i64 = 6;

/// A drop, and what came today.
struct Drop {
    source: &'static str,
    directory: &'static str,
    owner: &'static str,
    purpose: &'static str,
    /// So long ago a file was due today (minutes).
    due_ago: i64,
    today: Today,
}

enum Today {
    /// Nothing: it is late.
    Nothing,
    /// A file whose mapped columns are called otherwise.
    OtherColumns,
    AsAgreed,
}

const DROPS: [Drop; 3] = [
    Drop {
        source: "ERP nightly drop",
        directory: "erp",
        owner: "Dana Reyes, ERP team",
        purpose: "Customers of the ERP, every night",
        due_ago: 75,
        today: Today::Nothing,
    },
    Drop {
        source: "Partner feed",
        directory: "partner",
        owner: "Globex, it@globex.example",
        purpose: "Resellers that signed up",
        due_ago: 130,
        today: Today::OtherColumns,
    },
    Drop {
        source: "Web shop drop",
        directory: "shop",
        owner: "Bo Lind, web shop",
        purpose: "Buyers who agreed to be written to",
        due_ago: 130,
        today: Today::AsAgreed,
    },
];

const HEADER: &str = "First Name,Last Name,Email,Customer No";
const PEOPLE: [(&str, &str); 12] = [
    ("Ines", "Moreau"),
    ("Jonas", "Berg"),
    ("Aiko", "Tanaka"),
    ("Tomás", "Vidal"),
    ("Priya", "Nair"),
    ("Ewa", "Nowak"),
    ("Luca", "Ferri"),
    ("Sofie", "Holm"),
    ("Ravi", "Menon"),
    ("Mina", "Park"),
    ("Oskar", "Lange"),
    ("Nadia", "Haddad"),
];

/// Makes the drops below this directory, and picks up what was delivered on the days before and today.
pub(super) fn make(context: &Context, store: &mut Store, dir: &Path) -> Result<(), CliError> {
    for (at, drop) in DROPS.iter().enumerate() {
        let place = dir.join(drop.directory);
        fs::create_dir_all(&place).map_err(|error| CliError::file(&place, &error))?;
        let now_ms = context.now_ms();
        let id = add(context, store, drop, &place, now_ms)?;
        let due_ms = now_ms - drop.due_ago * MINUTE;
        for day in (1..=DAYS).rev() {
            let arrived = due_ms - day * DAY - 4 * MINUTE;
            deliver(context, store, id, &place, arrived, &content(HEADER, at, day))?;
        }
        match drop.today {
            Today::Nothing => {}
            Today::OtherColumns => {
                let header = HEADER.replace("Email", "E-Mail Address");
                deliver(context, store, id, &place, due_ms - 4 * MINUTE, &content(&header, at, 0))?;
            }
            Today::AsAgreed => deliver(context, store, id, &place, due_ms - 4 * MINUTE, &content(HEADER, at, 0))?,
        }
        // Whatever was due until now has been dealt with: the demo begins with nothing to catch up on.
        store.note_missed(id, &Dues { until_ms: now_ms, ..Dues::default() })?;
    }
    Ok(())
}

/// So many people, a few others each day.
fn content(header: &str, drop: usize, day: i64) -> String {
    let mut text = format!("{header}\n");
    for (at, (first, last)) in PEOPLE.iter().enumerate() {
        let number = 1_000 * (drop as i64 + 1) + day * 20 + at as i64;
        let name = format!("{}.{}", first.to_lowercase().replace('á', "a"), last.to_lowercase());
        text.push_str(&format!("{first},{last},{name}.{number}@example.com,D-{number}\n"));
    }
    text
}

fn add(context: &Context, store: &mut Store, drop: &Drop, place: &Path, now_ms: i64) -> Result<SourceId, CliError> {
    let since = now_ms - (DAYS + 1) * DAY;
    let mode = SourceMode::Ongoing;
    let new = NewSource { name: drop.source, kind: "dir", provider: None, mode, created_ms: since };
    let id = store.add_source(&new)?.id();
    let due = DateTime::from_timestamp_millis(now_ms - drop.due_ago * MINUTE).unwrap_or_default();
    let unusual = |error: &dyn std::fmt::Display| CliError::new("demo", error.to_string(), "tell us of it");
    let cadence = Schedule::parse(&format!("{} {} * * *", due.minute(), due.hour()), Tz::UTC);
    let schedule = Schedule::parse("0 */6 * * *", Tz::UTC).map_err(|error| unusual(&error))?;
    let edit = SourceEdit {
        purpose: Some(Some(drop.purpose.to_owned())),
        owner: Some(Some(drop.owner.to_owned())),
        connection: Some(Connection::Dir(Directory { path: place.to_string_lossy().into_owned() })),
        schedule: Some(Some(schedule)),
        contract: Some(Contract {
            pattern: NamePattern::parse("people_{YYYY}-{MM}-{DD}.csv").map_err(|error| unusual(&error))?,
            cadence: Some(cadence.map_err(|error| unusual(&error))?),
            grace_minutes: 60,
            verified_by: Some("compare the count with the report of the sender".to_owned()),
            columns: None,
            rows: Some((5, 500)),
            finished: FinishedSign::Still { seconds: 30 },
            control: None,
            drift: DriftPolicy::CarryOn,
        }),
        ..SourceEdit::default()
    };
    store.edit_source(id, &edit, &context.user(), since)?;
    Ok(id)
}

/// Puts a file there, looks twice as a schedule would, and carries out the runs.
fn deliver(
    context: &Context,
    store: &mut Store,
    id: SourceId,
    place: &Path,
    arrived_ms: i64,
    content: &str,
) -> Result<(), CliError> {
    let day = DateTime::from_timestamp_millis(arrived_ms).unwrap_or_default();
    let path = place.join(format!("people_{}.csv", day.format("%Y-%m-%d")));
    let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(arrived_ms).unwrap_or(0));
    let written =
        fs::write(&path, content).and_then(|()| fs::File::options().write(true).open(&path)?.set_modified(at));
    written.map_err(|error| CliError::file(&path, &error))?;
    let stop = AtomicBool::new(false);
    let wanted = Wanted { cause: PickupCause::Schedule, extent: Extent::Bring, kind: RunKind::Sync, dues: None };
    for look_ms in [arrived_ms, arrived_ms + MINUTE] {
        let means = Means {
            stop: &stop,
            now_ms: &|| look_ms,
            env: &|_| None,
            sleep: &|_| {},
            random: &|| 0.5,
            user: &context.user(),
            threads: threads(),
            on_wait: &|_| {},
            #[cfg(feature = "broken-variants")]
            taken_apart: false,
        };
        pick_up(store, id, &wanted, &means)?;
        // Where the columns of the first file go, a person says once.
        if look_ms > arrived_ms && store.source(id)?.is_some_and(|source| source.mapping.is_none()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            import_first(context, store, id, &name, &means)?;
        }
    }
    let done_ms = arrived_ms + 2 * MINUTE;
    let Some(turn) = Turn::take(store, done_ms)? else { return Err(follow::locked(store)) };
    let now_ms = || done_ms;
    let control = &mut Control {
        stop: &stop,
        now_ms: &now_ms,
        on_progress: &mut |_| {},
        threads: threads(),
        tuning: Tuning::default(),
    };
    turn.execute_due(store, Due::All, control)?;
    Ok(())
}

/// Imports a file as a person does who has said where its columns go.
fn import_first(
    context: &Context,
    store: &mut Store,
    id: SourceId,
    name: &str,
    means: &Means<'_>,
) -> Result<(), CliError> {
    let delivery = bring(store, id, name, means)?;
    let (Some(source), Some(delivery)) = (store.source(id)?, store.delivery(delivery)?) else { return Ok(()) };
    let request = ImportRequest::of_delivery(&source, &delivery, RunKind::Import, context.user());
    let request = request.map_err(WorkerError::from)?;
    let field = |(column, field): (&str, &str)| (column.to_owned(), Some(field.to_owned()));
    let map =
        [("First Name", "first_name"), ("Last Name", "last_name"), ("Email", "email"), ("Customer No", "source_ref")];
    let request = ImportRequest { map: map.map(field).to_vec(), ..request };
    let prepared = prepare::prepare(store, &request, threads())?;
    prepare::enqueue(store, &prepared, (means.now_ms)())?;
    Ok(())
}

/// What each of them shows, for who looks at the demo without a terminal.
pub(super) fn about() -> [(&'static str, &'static str); 3] {
    DROPS.map(|drop| {
        let about = match drop.today {
            Today::Nothing => "a drop whose file is late today: whom to ask, and what to tell them",
            Today::OtherColumns => "a drop whose columns changed today: its file is held, nothing is imported by guess",
            Today::AsAgreed => "a drop that delivers as agreed",
        };
        (drop.source, about)
    })
}
