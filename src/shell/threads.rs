//! The threads that read and write the workspace, so that nothing waits on the one that draws. Each has a desk of its
//! own; of the questions of one slot that wait, only the latest is answered.

use super::desk::{Clock, Desk, MappingDesk};
use super::open_files::OpenFiles;
use super::{acts, answers};
use crate::app::message::{Act, Failure, Message, Question, Slot, Ticket};
use crate::cli::context::Environment;
use crate::store::{Store, StoreError};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use tokio::sync::mpsc::UnboundedSender;

/// What every desk is made with.
#[derive(Clone)]
pub struct Office {
    pub workspace: PathBuf,
    /// Whether nothing may be changed.
    pub read_only: bool,
    pub user: String,
    pub clock: Clock,
    pub directory: PathBuf,
    /// What the process was started with.
    pub environment: Environment,
    /// The program that is started as the worker.
    pub program: PathBuf,
}

impl Office {
    fn desk(&self, may_write: bool, files: &OpenFiles, back: &UnboundedSender<Message>) -> Result<Desk, StoreError> {
        let store = if self.read_only || !may_write {
            Store::open_read_only(&self.workspace)?
        } else {
            // It exists: whoever started the session has made it.
            Store::create_or_open(&self.workspace, (self.clock)(), 0)?
        };
        Ok(Desk {
            store,
            user: self.user.clone(),
            clock: self.clock,
            directory: self.directory.clone(),
            environment: self.environment.clone(),
            program: self.program.clone(),
            prepared: None,
            backfill: None,
            skips: None,
            mapping: MappingDesk { files: files.clone(), back: Some(back.clone()), ..MappingDesk::default() },
        })
    }
}

/// A thing to do.
enum Job {
    Answer(Ticket, Question),
    Do(Act),
}

/// The threads; they end when this is dropped.
pub struct Threads {
    /// Quick questions: what lists and Lookup need.
    quick: Sender<Job>,
    /// Questions that may read a lot: runs and their rows.
    rows: Sender<Job>,
    /// Looking at files, preparing and starting imports.
    imports: Sender<Job>,
    /// The mapping that is edited: its file, its preview. A change is to be seen at once.
    mapping: Sender<Job>,
    /// Reading whole files for what all their rows say.
    profile: Sender<Job>,
    /// Counting what an import would do, while it is looked at.
    dry_runs: Sender<Job>,
    acts: Sender<Job>,
    /// Fetching files from where they lie: as slow as the way to them.
    pickups: Sender<Job>,
    /// Writing rows to files: of many rows it takes so long that nothing else may wait for it.
    exports: Sender<Job>,
}

impl Threads {
    /// Starts them; what they come to goes to `back`.
    pub fn start(office: &Office, back: &UnboundedSender<Message>) -> std::io::Result<Threads> {
        // Of one workspace: whoever goes to another one begins anew.
        let files = OpenFiles::default();
        let start = |name: &str, may_write: bool| {
            let (sender, jobs) = mpsc::channel();
            let (office, back, files) = (office.clone(), back.clone(), files.clone());
            let work = move || work(&office, may_write, &files, &jobs, &back);
            thread::Builder::new().name(name.to_owned()).spawn(work)?;
            Ok::<_, std::io::Error>(sender)
        };
        Ok(Threads {
            quick: start("quick questions", false)?,
            rows: start("row questions", false)?,
            imports: start("imports", true)?,
            mapping: start("mapping", false)?,
            profile: start("profile", false)?,
            dry_runs: start("dry runs", true)?,
            acts: start("acts", true)?,
            pickups: start("pickups", true)?,
            exports: start("exports", false)?,
        })
    }

    pub fn ask(&self, ticket: Ticket, question: Question) {
        let thread = match ticket.slot {
            Slot::Run | Slot::Rows | Slot::Row | Slot::DryRun => &self.rows,
            Slot::Backfill => &self.pickups,
            Slot::FileLook | Slot::Prepare => &self.imports,
            Slot::Mapping | Slot::Preview | Slot::Compared => &self.mapping,
            Slot::Profile => &self.profile,
            _ => &self.quick,
        };
        // A thread that is gone has said why.
        let _ = thread.send(Job::Answer(ticket, question));
    }

    pub fn act(&self, act: Act) {
        let thread = match act {
            // A source is resumed before the import that waits for it is prepared anew.
            Act::StartPrepared | Act::DiscardPrepared | Act::PlanDryRun | Act::ResumeSource(_) => &self.imports,
            Act::LookAtSource(_) | Act::SyncSource(_) | Act::ImportFiles(..) | Act::StartBackfill(_) => &self.pickups,
            Act::FetchFile(..) => &self.pickups,
            Act::TestSource(_) | Act::Reconnect(_) | Act::TrustHost(..) => &self.pickups,
            Act::DryRun(_) => &self.dry_runs,
            Act::ExportRows(..) => &self.exports,
            _ => &self.acts,
        };
        let _ = thread.send(Job::Do(act));
    }
}

/// Works until nobody sends any more.
fn work(office: &Office, may_write: bool, files: &OpenFiles, jobs: &Receiver<Job>, back: &UnboundedSender<Message>) {
    let mut desk = None;
    let mut waiting: VecDeque<Job> = VecDeque::new();
    loop {
        if waiting.is_empty() {
            let Ok(job) = jobs.recv() else { break };
            waiting.push_back(job);
        }
        while let Ok(job) = jobs.try_recv() {
            queue(&mut waiting, job);
        }
        let Some(job) = waiting.pop_front() else { continue };
        let message = match desk_of(&mut desk, || office.desk(may_write, files, back)) {
            Ok(desk) => job.carry_out(desk),
            Err(error) => job.failed(error.into()),
        };
        if back.send(message).is_err() {
            // Nobody listens any more: what was to be done is done all the same, and no question is answered.
            waiting.retain(|job| matches!(job, Job::Do(_)));
        }
    }
    if let Some(desk) = &mut desk
        && desk.prepared.is_some()
    {
        // Nobody is left to hear of it; what stays behind is removed by the next worker as a leftover.
        let _ = acts::carry_out(desk, Act::DiscardPrepared);
    }
}

/// A later question takes the place of an earlier one of its slot.
fn queue(waiting: &mut VecDeque<Job>, job: Job) {
    if let Job::Answer(ticket, _) = &job {
        waiting.retain(|earlier| !matches!(earlier, Job::Answer(known, _) if known.slot == ticket.slot));
    }
    waiting.push_back(job);
}

/// The thread's desk, opened when it is first needed.
fn desk_of(desk: &mut Option<Desk>, open: impl FnOnce() -> Result<Desk, StoreError>) -> Result<&mut Desk, StoreError> {
    match desk {
        Some(desk) => Ok(desk),
        None => Ok(desk.insert(open()?)),
    }
}

impl Job {
    fn carry_out(self, desk: &mut Desk) -> Message {
        match self {
            Job::Answer(ticket, question) => Message::Answered(ticket, answers::answer(desk, &question)),
            Job::Do(act) => Message::Done(act.awaited_by(), acts::carry_out(desk, act)),
        }
    }

    fn failed(self, failure: Failure) -> Message {
        match self {
            Job::Answer(ticket, _) => Message::Answered(ticket, Err(failure)),
            Job::Do(act) => Message::Done(act.awaited_by(), Err(failure)),
        }
    }
}

/// The name by which a workspace is shown: the last part of its path.
pub fn name_of(workspace: &Path) -> String {
    workspace.file_name().unwrap_or(workspace.as_os_str()).to_string_lossy().into_owned()
}
