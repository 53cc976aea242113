//! Telling followers. A reader of the event log notes for whom there may be news; a job compares what each was told last
//! with what is public now, writes the letter and remembers it, in one transaction: killed before its end it has written
//! nothing, run again it finds nothing new.

use crate::{
    Archive, Refusal, Visitor,
    letter::{self, Words},
    sight::Sight,
};
use ::catalogue::Change;
use record::{
    Record,
    access::Aspect,
    event::Happening,
    follower::{Follower, Follows, Known, News},
    id::RecordId,
    instant::Instant,
    job::Job,
    letter::LetterHeads,
};
use std::collections::{BTreeMap, BTreeSet};

/// Events read in one transaction.
const BATCH: u32 = 500;
/// Letters written in one transaction.
const LETTERS: u32 = 20;
/// Corrections, and openings for those who follow everything, are gathered for an hour and told once a day.
const GATHER_SECONDS: i64 = 3600;
const REST_MS: i64 = 24 * 3600 * 1000;
/// Openings that are looked through for one letter, and titles that it names; of more it says that there are.
const OPENINGS_MAX: u32 = 500;
const TITLES_MAX: usize = 100;

/// How soon somebody should hear of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    Gathered,
    AtOnce,
}

impl Archive {
    /// Reads the log by one batch; true when there was something. While nobody has ever followed anything there is nothing to read for.
    pub async fn news_once(&self) -> Result<bool, Refusal> {
        let Some(position) = self.catalogue().followers_position().await? else { return Ok(false) };
        if position >= self.catalogue().last_sequence().await? {
            return Ok(false);
        }
        let now = self.now();
        let mut change = self.catalogue().change().await?;
        let read = change.lock_followers().await?;
        let events = self.catalogue().events_after(read, BATCH).await?;
        let Some(last) = events.last().map(|event| event.sequence) else { return Ok(false) };
        let mut touched: BTreeMap<RecordId, Urgency> = BTreeMap::new();
        let mut opened = false;
        for event in events {
            opened |= matches!(event.what, Happening::Released | Happening::Published);
            if let Some(urgency) = urgency(&event.what) {
                let known = touched.entry(event.record).or_insert(urgency);
                *known = urgency.max(*known);
            }
        }
        for (record, urgency) in &touched {
            match urgency {
                Urgency::AtOnce => change.record_followers_due(record, now).await?,
                Urgency::Gathered => change.record_followers_due_later(record, now.plus_seconds(GATHER_SECONDS), REST_MS).await?,
            }
        }
        if opened {
            change.release_followers_due_later(now.plus_seconds(GATHER_SECONDS), REST_MS).await?;
        }
        change.followers_read_up_to(last).await?;
        self.order_letters(&mut change).await?;
        self.commit(change, &[]).await?;
        Ok(true)
    }

    /// The job: writes every letter that is due, some in each transaction.
    pub async fn tell_followers(&self) -> Result<(), Refusal> {
        loop {
            let mut change = self.catalogue().change().await?;
            // Nobody notes news meanwhile, so none is taken for told.
            change.lock_followers().await?;
            let due = change.due_followers(self.now(), LETTERS).await?;
            for follower in &due {
                self.tell(&mut change, follower).await?;
            }
            if due.is_empty() {
                self.order_letters(&mut change).await?;
                return self.commit(change, &[]).await;
            }
            self.commit(change, &[]).await?;
        }
    }

    /// One job writes all letters; it is asked for when the next one is due.
    pub(crate) async fn order_letters(&self, change: &mut Change) -> Result<(), Refusal> {
        let now = self.now();
        if let Some(due) = change.next_follower_due().await? {
            change.enqueue(&Job::TellFollowers, due.max(now), now).await?;
        }
        Ok(())
    }

    async fn tell(&self, change: &mut Change, follower: &Follower) -> Result<(), Refusal> {
        match &follower.follows {
            Follows::Record { record, known } => self.tell_of_record(change, follower, record, known).await,
            Follows::Releases { told } => self.tell_of_releases(change, follower, *told).await,
        }
    }

    async fn tell_of_record(&self, change: &mut Change, follower: &Follower, id: &RecordId, known: &Known) -> Result<(), Refusal> {
        // The row went with its record.
        let Some(stored) = change.record(id).await? else { return Ok(()) };
        let sight = Sight::new(stored, &Visitor::anyone());
        let news = known.news(&sight.record).filter(|news| sight.may(may_be_told(*news)));
        let Some(news) = news else {
            return Ok(change.follower_told(follower.id, &follower.follows, None).await?);
        };
        self.write(change, follower, letter::news(&self.place_of_letters(), follower, &sight.record, news)).await?;
        if news == News::Withdrawn {
            // Nothing will become of it any more, so the address is of no use.
            change.delete_follower(&follower.secret).await?;
            return Ok(());
        }
        let follows = Follows::Record { record: id.clone(), known: Known::of(&sight.record) };
        Ok(change.follower_told(follower.id, &follows, Some(self.now())).await?)
    }

    async fn tell_of_releases(&self, change: &mut Change, follower: &Follower, told: i64) -> Result<(), Refusal> {
        let until = self.catalogue().last_sequence().await?;
        let events = self.catalogue().openings(told, until, OPENINGS_MAX).await?;
        let mut more = events.len() >= OPENINGS_MAX as usize;
        // Of those there is a letter of their own.
        let mut named: BTreeSet<RecordId> = change.records_followed_by(&follower.email).await?;
        let mut opened: Vec<Record> = Vec::new();
        for event in events {
            if !named.insert(event.record.clone()) {
                continue;
            }
            let Some(stored) = change.record(&event.record).await? else { continue };
            let sight = Sight::new(stored, &Visitor::anyone());
            if !sight.may(Aspect::Bytes) {
                continue;
            }
            if opened.len() >= TITLES_MAX {
                more = true;
                break;
            }
            opened.push(sight.record);
        }
        let written_at: Option<Instant> = (!opened.is_empty()).then(|| self.now());
        if written_at.is_some() {
            self.write(change, follower, letter::releases(&self.place_of_letters(), follower, &opened, more)).await?;
        }
        Ok(change.follower_told(follower.id, &Follows::Releases { told: until }, written_at).await?)
    }

    async fn write(&self, change: &mut Change, follower: &Follower, words: Words) -> Result<(), Refusal> {
        let now = self.now();
        let heads = Some(LetterHeads { reply_to: None, unsubscribe: Some(self.place_of_letters().end_of(follower)) });
        let job = Job::SendMail { to: follower.email.to_string(), subject: words.subject, text: words.text, heads };
        change.enqueue(&job, now, now).await?;
        Ok(())
    }
}

fn may_be_told(news: News) -> Aspect {
    match news {
        News::Opened | News::NewVersion => Aspect::Bytes,
        News::Corrected => Aspect::Metadata,
        News::Withdrawn => Aspect::Tombstone,
    }
}

fn urgency(what: &Happening) -> Option<Urgency> {
    match what {
        Happening::Released | Happening::Published | Happening::Withdrawn => Some(Urgency::AtOnce),
        Happening::MetadataChanged => Some(Urgency::Gathered),
        Happening::Created
        | Happening::TeamChanged
        | Happening::FileAdded { .. }
        | Happening::FileRemoved { .. }
        | Happening::Registered
        | Happening::ReleaseScheduled { .. }
        | Happening::VersionBegun { .. }
        | Happening::VersionDiscarded { .. }
        | Happening::DraftDeleted
        | Happening::Derived { .. }
        | Happening::PictureChosen
        | Happening::SurfaceChosen
        | Happening::DoiAccepted
        | Happening::DoiRefused { .. }
        | Happening::PublicationFound { .. }
        | Happening::PublicationDeclined { .. }
        | Happening::Preserved { .. }
        | Happening::Rebuilt => None,
    }
}
