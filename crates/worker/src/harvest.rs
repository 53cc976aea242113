//! Harvests one source, a slice of time after the other, so that letters and DOIs need not wait for a long one. Endless
//! and circling answers are noticed; what came before is kept.

use archive::{Archive, Refusal, harvest::Next, labour::Trouble};
use exchange::harvest::{Ask, Asked, FieldMap, HarvestFault, Harvester, Identity};
use record::{
    harvest::{Content, Counts, Run, Source},
    job::Failure,
};
use std::{
    borrow::Cow,
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    time::{Duration, Instant},
};

/// How long one job works on a source before it lets others have a turn.
const SLICE: Duration = Duration::from_secs(20);
/// A server that asks for less is waited for; for more the job comes again.
const PAUSE_SECONDS_MAX: u64 = 20;
/// A page that cannot be read so often is read in pieces.
const BROKEN_TRIES_MAX: u32 = 3;
/// More pages than any catalogue has.
const PAGES_MAX: u64 = 200_000;
/// Pages in a row that bring nothing new: the server goes round in circles.
const STALE_PAGES_MAX: u32 = 5;

/// How a slice of a harvest ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    Whole(Counts),
    /// There is more to come.
    GoesOn,
    /// The server asked to come again later.
    AskedToWait {
        seconds: u64,
    },
    Failed {
        says: String,
        may_pass: bool,
    },
    /// Somebody else is at it.
    Busy,
}

pub(crate) async fn harvest(archive: &Archive, name: &str) -> Result<(), Trouble> {
    let source = match archive.harvest_source(name) {
        Ok(source) => source.clone(),
        Err(refusal) => return Err(Trouble::Needless(Failure::new(refusal.to_string(), ""))),
    };
    let again = |seconds: u64| archive.enqueue_harvest(&source, seconds as i64);
    match harvest_for(archive, &source, Some(SLICE)).await? {
        Ended::Whole(_) => Ok(()),
        Ended::GoesOn => Ok(again(0).await?),
        Ended::Busy => Ok(again(PAUSE_SECONDS_MAX).await?),
        Ended::AskedToWait { seconds } => Ok(again(seconds).await?),
        Ended::Failed { says, may_pass } => {
            if !may_pass {
                // The page of sources says so; at its next time it is tried again, as the other side may have been mended.
                tracing::warn!(source = source.name, says, "a harvest ended with a fault");
                return Ok(archive.enqueue_harvest(&source, source.every_seconds).await?);
            }
            let failure = Failure::new(format!("{}: {says}.", source.name), "What came before is kept; the harvest goes on where it was.");
            Err(Trouble::MayPass(failure))
        }
    }
}

/// Works on a source until it is whole, or for this long.
pub async fn harvest_for(archive: &Archive, source: &Source, slice: Option<Duration>) -> Result<Ended, Refusal> {
    let run = match archive.begin_harvest(source).await {
        Ok(run) => run,
        Err(Refusal::Busy) => return Ok(Ended::Busy),
        Err(refusal) => return Err(refusal),
    };
    let mut labour = match Labour::new(archive, source) {
        Ok(labour) => labour,
        Err(says) => {
            archive.pause_harvest(source, &run, Some(says.clone()), Next::HERE).await?;
            return Ok(Ended::Failed { says, may_pass: false });
        }
    };
    let ended = labour.work(run.clone(), slice).await?;
    match &ended {
        Ended::Failed { says, .. } => {
            let from = if labour.begin_again { Next::Start } else { Next::Here { broken: labour.was_broken } };
            archive.pause_harvest(source, &run, Some(says.clone()), from).await?;
        }
        Ended::AskedToWait { seconds } => {
            let says = HarvestFault::Wait { seconds: *seconds }.to_string();
            archive.pause_harvest(source, &run, Some(says), Next::HERE).await?;
        }
        Ended::GoesOn => archive.pause_harvest(source, &run, None, Next::HERE).await?,
        Ended::Whole(_) | Ended::Busy => {}
    }
    Ok(ended)
}

struct Labour<'a> {
    archive: &'a Archive,
    source: &'a Source,
    fields: Cow<'static, FieldMap>,
    harvester: Harvester,
    /// Tokens and identifiers of this slice, as hashes: a collision only ends a slice early.
    tokens: HashSet<u64>,
    seen: HashSet<u64>,
    stale_pages: u32,
    /// The place where the run stands is of no use.
    begin_again: bool,
    /// The page that comes next could not be read.
    was_broken: bool,
}

impl<'a> Labour<'a> {
    fn new(archive: &'a Archive, source: &'a Source) -> Result<Self, String> {
        let fields = match source.fields.is_empty() {
            true => Cow::Borrowed(FieldMap::built_in()),
            false => Cow::Owned(FieldMap::parse(&source.fields).map_err(|fault| fault.to_string())?),
        };
        let harvester = Harvester::new(&archive.settings().publications.contact).map_err(|fault| fault.to_string())?;
        let (tokens, seen) = (HashSet::new(), HashSet::new());
        Ok(Self { archive, source, fields, harvester, tokens, seen, stale_pages: 0, begin_again: false, was_broken: false })
    }

    async fn work(&mut self, mut run: Run, slice: Option<Duration>) -> Result<Ended, Refusal> {
        let began = Instant::now();
        let mut identity: Option<Identity> = None;
        loop {
            let page = match self.next_page(&run, &mut identity).await {
                Ok(page) => page,
                // As long as this slice of work lasts; then the job comes again.
                Err(HarvestFault::Wait { seconds })
                    if seconds <= PAUSE_SECONDS_MAX && slice.is_none_or(|slice| began.elapsed() <= slice) =>
                {
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                    continue;
                }
                Err(fault) => return Ok(self.ended_by(fault, &run)),
            };
            if let Some(says) = self.goes_in_circles(&page, &run) {
                self.begin_again = true;
                return Ok(Ended::Failed { says, may_pass: false });
            }
            run = match self.archive.take_in(self.source, run, page.items, page.token).await {
                Ok(run) => run,
                Err(Refusal::Busy) => return Ok(Ended::Busy),
                Err(refusal) => return Err(refusal),
            };
            if run.token.is_none() {
                return Ok(Ended::Whole(run.counts));
            }
            if slice.is_some_and(|slice| began.elapsed() > slice) {
                return Ok(Ended::GoesOn);
            }
            tokio::time::sleep(Duration::from_millis(self.source.pause_milliseconds)).await;
        }
    }

    async fn next_page(&self, run: &Run, identity: &mut Option<Identity>) -> Result<exchange::harvest::Page, HarvestFault> {
        let ask = run.token.clone().map_or(Ask::Since(run.since), Ask::Token);
        let known = match (*identity, &ask) {
            (Some(known), _) => known,
            // A token says all that is to be said.
            (None, Ask::Token(_)) | (None, Ask::Since(None)) => Identity { has_seconds: false },
            (None, Ask::Since(Some(_))) => self.harvester.identify(self.source).await?,
        };
        *identity = Some(known);
        let (source, fields, ours) = (self.source, &*self.fields, &self.archive.settings().prefix);
        let in_pieces = run.broken_tries >= BROKEN_TRIES_MAX;
        self.harvester.page(&Asked { source, fields, ours, identity: known, ask: &ask, in_pieces }).await
    }

    fn ended_by(&mut self, fault: HarvestFault, run: &Run) -> Ended {
        let says = fault.to_string();
        match fault {
            HarvestFault::MayPass(_) => Ended::Failed { says, may_pass: true },
            HarvestFault::Broken(_) if run.broken_tries < BROKEN_TRIES_MAX => {
                self.was_broken = true;
                Ended::Failed { says, may_pass: true }
            }
            HarvestFault::Broken(_) => {
                // Nothing leads past it: what came before is kept, and at the next time it begins anew.
                self.begin_again = true;
                let says = format!("{says}; page {} stays broken and names no next one", run.pages + 1);
                Ended::Failed { says, may_pass: false }
            }
            HarvestFault::Wait { seconds } => Ended::AskedToWait { seconds },
            HarvestFault::TokenForgotten => {
                self.begin_again = true;
                // What came before is known already, so beginning again is quick; a first page that is refused is no accident.
                Ended::Failed { says, may_pass: run.token.is_some() }
            }
            HarvestFault::NeedsAPerson(_) => Ended::Failed { says, may_pass: false },
        }
    }

    fn goes_in_circles(&mut self, page: &exchange::harvest::Page, run: &Run) -> Option<String> {
        let fresh = page.items.iter().filter(|item| self.seen.insert(hash(&(&item.identifier, item.content == Content::Deleted)))).count();
        self.stale_pages = if fresh == 0 { self.stale_pages + 1 } else { 0 };
        let token = page.token.as_ref()?;
        if !self.tokens.insert(hash(token)) || run.token.as_ref() == Some(token) {
            return Some("it gave the same resumption token twice and goes round in circles".to_owned());
        }
        if self.stale_pages >= STALE_PAGES_MAX {
            return Some(format!("{STALE_PAGES_MAX} pages in a row brought nothing new; it goes round in circles"));
        }
        (run.pages >= PAGES_MAX).then(|| format!("it has more than {PAGES_MAX} pages"))
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
