//! The labour, one file per job. It computes and reports to the archive; it never decides.
//! Several lanes run side by side: one for heavy work on voxels, the others for what must not wait behind it.

mod ahead;
mod ask;
mod bounded;
mod choose;
mod compare_dois;
mod convert;
pub mod darkroom;
mod ffmpeg;
pub mod harvest;
mod inspect;
mod look;
mod model_files;
mod models;
mod movie;
mod movies;
mod portrait;
mod preview;
mod print_kit;
mod register_doi;
mod reuse;
mod send_mail;
mod slicer;
mod stem;
mod store_keys;
mod surface;
mod told;

pub use movie::Filming;
pub use slicer::Slicer;

use archive::{
    Archive,
    labour::{Claimed, Lane, Trouble},
};
use exchange::{Postman, Registrar};
use record::{
    id::RecordId,
    job::{Failure, Job, Progress},
};
use std::{
    collections::HashMap,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::watch, task::JoinSet};

/// How soon a due job is found when nothing woke the lane.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// How soon progress reaches the page.
const TELL_EVERY: Duration = Duration::from_millis(700);
const LIGHT_LANES: usize = 2;
/// The folder in scratch that outlives jobs and processes, and how long an unfinished volume in it does.
const VOLUMES: &str = "volumes";
const VOLUME_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[derive(Clone)]
pub struct Worker {
    inner: Arc<Inner>,
    /// `None`: no movies are made here.
    filming: Option<Filming>,
    /// The program for uploaded movies: a name or a path, or nothing.
    ffmpeg: Arc<str>,
    /// `None`: kits for a printer are not sliced; their reports say what is estimated.
    slicer: Option<Slicer>,
}

struct Inner {
    archive: Archive,
    registrar: Registrar,
    postman: Postman,
    /// Who letters are from: `Science 3D <noreply@example.org>`.
    sender: String,
    scratch: PathBuf,
    looks: look::Memory,
    aheads: ahead::Memory,
}

impl Worker {
    pub fn new(archive: Archive, registrar: Registrar, postman: Postman, sender: String, scratch: PathBuf) -> Self {
        Self {
            inner: Arc::new(Inner {
                archive,
                registrar,
                postman,
                sender,
                scratch,
                looks: look::Memory::default(),
                aheads: ahead::Memory::default(),
            }),
            filming: Some(Filming::USUAL),
            ffmpeg: "ffmpeg".into(),
            slicer: None,
        }
    }

    /// With a slicer that looks at every kit for a printer.
    pub fn slicing_with(self, slicer: Slicer) -> Self {
        Self { slicer: Some(slicer), ..self }
    }

    /// For machines that have no time for movies: half a minute of all processors each.
    pub fn without_movies(self) -> Self {
        Self { filming: None, ..self }
    }

    /// With another program for uploaded movies; with none when it is empty.
    pub fn with_ffmpeg(self, program: &str) -> Self {
        Self { ffmpeg: program.into(), ..self }
    }

    /// With movies of another size and length.
    pub fn filming_like(self, filming: Filming) -> Self {
        Self { filming: Some(filming), ..self }
    }

    /// Works until told to stop; a job in hand is left to its lease and done again later.
    pub async fn run(&self, stopping: watch::Receiver<bool>) {
        self.get_ready().await;
        let lanes = std::iter::once(Lane::Heavy).chain(std::iter::repeat_n(Lane::Light, LIGHT_LANES)).collect();
        keep_running(lanes, |lane| self.clone().keep_working(lane, stopping.clone())).await;
    }

    async fn get_ready(&self) {
        self.clear_scratch();
        let archive = &self.inner.archive;
        if let Err(refusal) = archive.finish_complete_uploads().await {
            tracing::error!(%refusal, "complete uploads could not be finished; they will be at the next start");
        }
        if let Err(refusal) = archive.enqueue(&Job::Sweep, archive.now()).await {
            tracing::error!(%refusal, "housekeeping could not be ordered");
        }
        if let Err(refusal) = archive.enqueue_comparison().await {
            tracing::error!(%refusal, "the nightly comparison of DOIs could not be ordered");
        }
    }

    /// Boxed: the compiler cannot see through so deep a future that it may change threads.
    fn keep_working(self, lane: Lane, stopping: watch::Receiver<bool>) -> Boxed<'static, ()> {
        Box::pin(async move { self.work_in(lane, stopping).await })
    }

    async fn work_in(&self, lane: Lane, mut stopping: watch::Receiver<bool>) {
        let name = format!("{}-{lane:?}", std::process::id());
        while !*stopping.borrow() {
            match self.inner.archive.claim(&name, lane).await {
                Ok(Some(claimed)) => self.work_on(claimed, stopping.clone()).await,
                Ok(None) => {
                    tokio::select! {
                        () = self.inner.archive.wait_for_work(LOOK_EVERY) => {}
                        _ = stopping.changed() => {}
                    }
                }
                Err(refusal) => {
                    tracing::error!(%refusal, "no job could be taken; trying again");
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
            }
        }
    }

    /// The comparison of all DOIs with the registrar, here and now.
    pub async fn compare_dois(&self) -> Result<(), Failure> {
        compare_dois::compare_dois(self).await.map_err(Trouble::into_failure)
    }

    /// Does everything that is due now, once; for tests that move the clock.
    pub async fn work_until_idle(&self) {
        while let Ok(Some(claimed)) = self.inner.archive.claim("test", Lane::Any).await {
            let (_keep, stopping) = watch::channel(false);
            self.work_on(claimed, stopping).await;
        }
    }

    async fn work_on(&self, claimed: Claimed, mut stopping: watch::Receiver<bool>) {
        let pace = Pace::default();
        let mut labour = self.labour(&claimed.job, &pace);
        let outcome = tokio::select! {
            outcome = &mut labour => Some(outcome),
            () = self.keep_lease(&claimed, &pace) => None,
            _ = stopping.wait_for(|stop| *stop) => None,
        };
        if outcome.is_none() {
            // Before its folders go away: threads that find a file missing must know that they were stopped.
            pace.stop.store(true, Ordering::Relaxed);
        }
        drop(labour);
        let reported = match outcome {
            Some(Ok(())) => self.inner.archive.finish(&claimed).await,
            Some(Err(trouble)) => self.inner.archive.fail(&claimed, trouble).await,
            None => return,
        };
        if let Err(refusal) = reported {
            tracing::error!(%refusal, job = claimed.job.name(), "the end of a job could not be reported; it runs again when its lease ends");
        }
    }

    /// Returns only when the lease is lost.
    async fn keep_lease(&self, claimed: &Claimed, pace: &Pace) {
        let (mut told, mut renewed) = (Progress::default(), tokio::time::Instant::now());
        loop {
            tokio::time::sleep(TELL_EVERY).await;
            let now = pace.progress();
            if now == told && renewed.elapsed() < RENEW_EVERY {
                continue;
            }
            match self.inner.archive.renew(claimed, now).await {
                Ok(true) => (told, renewed) = (now, tokio::time::Instant::now()),
                Ok(false) => return,
                Err(refusal) => tracing::warn!(%refusal, "a lease could not be renewed; trying again"),
            }
        }
    }

    /// Exhaustive on purpose: a job without a worker does not compile.
    fn labour<'a>(&'a self, job: &'a Job, pace: &'a Pace) -> Boxed<'a, Result<(), Trouble>> {
        let archive = &self.inner.archive;
        Box::pin(async move {
            match job {
                Job::Inspect { record } => inspect::inspect(self, record).await,
                Job::Look { record } => look::look(self, record, pace).await,
                Job::Convert { record } => convert::convert(self, record, pace).await,
                Job::Preview { record } => preview::preview(self, record, pace).await,
                Job::Surface { record } => surface::surface(self, record, pace).await,
                Job::Movie { record } => movie::movie(self, record, pace).await,
                Job::Movies { record } => movies::movies(self, record, pace).await,
                Job::Models { record } => models::models(self, record, pace).await,
                Job::PrintKit { record, version, wish } => print_kit::print_kit(self, record, *version, wish, pace).await,
                Job::Preserve { record } => Ok(archive.preserve(record).await?),
                Job::RegisterDoi { record } => register_doi::register_doi(self, record).await,
                Job::CompareDois => compare_dois::compare_dois(self).await,
                Job::RetireDoi { doi } => register_doi::retire_doi(self, doi).await,
                Job::ReleaseOnDate { record } => Ok(archive.release_on_date(record).await?),
                Job::FindTies { record } => Ok(archive.find_ties(record).await?),
                Job::Harvest { source } => harvest::harvest(archive, source).await,
                Job::SendMail { to, subject, text, heads } => send_mail::send_mail(self, to, subject, text, heads.as_ref()).await,
                Job::TellFollowers => Ok(archive.tell_followers().await?),
                Job::Sweep => {
                    archive.sweep().await?;
                    self.clear_needless_volumes().await
                }
            }
        })
    }

    fn archive(&self) -> &Archive {
        &self.inner.archive
    }

    fn looks(&self) -> &look::Memory {
        &self.inner.looks
    }

    fn ffmpeg(&self) -> &str {
        &self.ffmpeg
    }

    fn aheads(&self) -> &ahead::Memory {
        &self.inner.aheads
    }

    fn filming(&self) -> Option<Filming> {
        self.filming
    }

    fn slicer(&self) -> Option<&Slicer> {
        self.slicer.as_ref()
    }

    /// What an earlier process left in scratch is of no use: jobs start over from durable bytes. Only volumes go on where they were.
    fn clear_scratch(&self) {
        for path in inside(&self.inner.scratch).filter(|path| !path.ends_with(VOLUMES)) {
            let _ = std::fs::remove_dir_all(path);
        }
        self.clear_old_volumes();
    }

    /// Unfinished volumes with which nobody went on for long.
    fn clear_old_volumes(&self) {
        for folder in inside(&self.inner.scratch.join(VOLUMES)) {
            let changed = inside(&folder).filter_map(|path| path.metadata().ok()?.modified().ok()).max();
            if changed.is_none_or(|changed| changed.elapsed().is_ok_and(|age| age > VOLUME_KEPT)) {
                let _ = std::fs::remove_dir_all(folder);
            }
        }
    }

    /// Unfinished volumes of records that are no more, too.
    async fn clear_needless_volumes(&self) -> Result<(), Trouble> {
        self.clear_old_volumes();
        for folder in inside(&self.inner.scratch.join(VOLUMES)) {
            let id = folder.file_name().and_then(|name| name.to_str()?.parse::<RecordId>().ok());
            let is_wanted = match id {
                Some(id) => self.archive().working_for_labour(&id).await?.is_some(),
                None => false,
            };
            if !is_wanted {
                let _ = std::fs::remove_dir_all(folder);
            }
        }
        Ok(())
    }

    /// Where the volume of a record grows, over several runs of its job if need be.
    fn place_of_volume(&self, id: &RecordId) -> Result<PathBuf, Trouble> {
        let folder = self.inner.scratch.join(VOLUMES).join(id.as_str());
        std::fs::create_dir_all(&folder)
            .map_err(|error| may_pass(format!("no scratch folder could be made: {error}"), "The operator should look at the disk."))?;
        Ok(folder.join("volume.ome.zarr"))
    }

    /// Nothing more of an unfinished volume is needed.
    fn forget_volume(&self, id: &RecordId) {
        self.aheads().forget(id);
        let _ = std::fs::remove_dir_all(self.inner.scratch.join(VOLUMES).join(id.as_str()));
    }

    /// A folder for one job, empty at first and removed afterwards.
    fn bench(&self) -> Result<tempfile::TempDir, Trouble> {
        let made = std::fs::create_dir_all(&self.inner.scratch).and_then(|()| tempfile::tempdir_in(&self.inner.scratch));
        made.map_err(|error| may_pass(format!("no scratch folder could be made: {error}"), "The operator should look at the disk."))
    }
}

fn inside(folder: &std::path::Path) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// Until every lane has come to its end; one that panicked is told and starts again.
async fn keep_running(mut due: Vec<Lane>, work: impl Fn(Lane) -> Boxed<'static, ()>) {
    let (mut lanes, mut running) = (JoinSet::new(), HashMap::new());
    loop {
        for lane in due.drain(..) {
            running.insert(lanes.spawn(work(lane)).id(), lane);
        }
        match lanes.join_next().await {
            None => return,
            Some(Ok(())) => {}
            Some(Err(panic)) => {
                tracing::error!(%panic, "a lane broke off in the middle of a job; it starts again");
                due.extend(running.remove(&panic.id()));
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
}

/// How far a job is, shared with the thread that does it; and whether it should stop.
#[derive(Clone, Default)]
struct Pace {
    done: Arc<AtomicU64>,
    total: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
}

impl Pace {
    fn progress(&self) -> Progress {
        Progress { done: self.done.load(Ordering::Relaxed), total: self.total.load(Ordering::Relaxed) }
    }
    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
    fn tell(&self, done: u64, total: u64) {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }
}

fn may_pass(what: impl Into<String>, hint: &str) -> Trouble {
    Trouble::MayPass(Failure::new(what, hint))
}

/// Work on a thread of its own, so that nothing waits behind it. A panic there comes again with the same files.
async fn apart<T: Send + 'static>(what: &str, work: impl FnOnce() -> Result<T, Trouble> + Send + 'static) -> Result<T, Trouble> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(stopped) if stopped.is_cancelled() => Err(may_pass("The program is stopping.", "")),
        Err(panic) => Err(Trouble::NeedsAPerson(Failure::new(
            format!("{what} broke off: {panic}."),
            "This is a fault of the program; please report it with the file.",
        ))),
    }
}

/// What the voxel library says is wrong with the input is for a person to mend.
fn needs_a_person(trouble: volume::Trouble) -> Trouble {
    Trouble::NeedsAPerson(Failure::new(format!("{}.", trouble.what), trouble.hint).in_file(trouble.file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lane_that_panics_starts_again() {
        let started = Arc::new(AtomicU64::new(0));
        let work = |_| -> Boxed<'static, ()> {
            let nth = started.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move { assert_ne!(nth, 0, "the first one breaks off") })
        };
        keep_running(vec![Lane::Heavy, Lane::Light], work).await;
        assert_eq!(started.load(Ordering::Relaxed), 3);
    }
}
