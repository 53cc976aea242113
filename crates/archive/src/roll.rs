//! The roll: what catalogues that read us (OAI-PMH, sitemap, feeds) are told, line by line, in an order that never changes.
//! It follows the event log, so a line is written after its change was committed, and its time is that of the writing,
//! rounded up: whoever was answered before has an earlier time in hand, asks from there the next time, and misses nothing.

use crate::{Archive, Refusal};
use ::catalogue::{Change, RollLine, RollMark, RollWish};
use record::{
    Record,
    access::{Aspect, Viewer, permits},
    derivative::DerivativeKind,
    digest::digest_of,
    event::Happening,
    id::RecordId,
    instant::Instant,
};
use std::collections::BTreeSet;

/// Events followed in one transaction.
const BATCH: u32 = 500;
/// Longest name of a set after its prefix.
const SET_LETTERS_MAX: usize = 60;
/// Records whose files everyone may have.
pub const OPEN: &str = "open";
/// Records with a volume that everyone may look at.
pub const WITH_VOLUME: &str = "volume";
/// Stands before the name of a facility.
pub const FACILITY: &str = "facility-";

/// Which lines are wanted; times in whole seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    pub after: i64,
    pub from: Option<Instant>,
    pub until: Option<Instant>,
    pub set: Option<String>,
}

/// One line of the roll as everybody may read it.
#[derive(Debug, Clone)]
pub struct Entry {
    pub position: i64,
    pub id: RecordId,
    pub told_at: Instant,
    pub sets: Vec<String>,
    /// `None` where nothing but the tombstone is left.
    pub record: Option<Record>,
}

impl From<&Wanted> for RollWish {
    fn from(wanted: &Wanted) -> Self {
        Self { after: wanted.after, from: wanted.from, until: wanted.until, set: wanted.set.clone() }
    }
}

impl Archive {
    pub async fn roll(&self, wanted: &Wanted, limit: u32) -> Result<Vec<Entry>, Refusal> {
        Ok(self.catalogue().roll_page(&wanted.into(), limit).await?.into_iter().map(entry).collect())
    }

    /// What became public or changed last, the newest first.
    pub async fn roll_latest(&self, set: Option<&str>, limit: u32) -> Result<Vec<Entry>, Refusal> {
        Ok(self.catalogue().roll_latest(set, limit).await?.into_iter().map(entry).collect())
    }

    pub async fn roll_length(&self, wanted: &Wanted) -> Result<u64, Refusal> {
        Ok(self.catalogue().roll_count(&wanted.into()).await?)
    }

    /// One record's line; `None` for what the world was never told of.
    pub async fn roll_entry(&self, id: &RecordId) -> Result<Option<Entry>, Refusal> {
        Ok(self.catalogue().roll_line(id).await?.map(entry))
    }

    /// The oldest time on the roll.
    pub async fn roll_begins(&self) -> Result<Instant, Refusal> {
        Ok(self.catalogue().roll_begins().await?.unwrap_or(Instant(0)))
    }

    pub async fn roll_sets(&self) -> Result<Vec<String>, Refusal> {
        Ok(self.catalogue().roll_sets().await?)
    }

    /// Where pages of this length begin after the first: their positions.
    pub async fn roll_steps(&self, length: u32) -> Result<Vec<i64>, Refusal> {
        Ok(self.catalogue().roll_steps(length).await?)
    }

    /// Follows the log by one batch; true when there was something.
    pub async fn roll_once(&self) -> Result<bool, Refusal> {
        // Asking first costs a read; the lock is for those who have something to write.
        if self.catalogue().roll_position().await? >= self.catalogue().last_sequence().await? {
            return Ok(false);
        }
        let mut change = self.catalogue().change().await?;
        let followed = change.lock_roll().await?;
        let events = self.catalogue().events_after(followed, BATCH).await?;
        let Some(last) = events.last().map(|event| event.sequence) else { return Ok(false) };
        let touched: BTreeSet<RecordId> =
            events.into_iter().filter(|event| may_change_what_is_told(&event.what)).map(|event| event.record).collect();
        for id in &touched {
            self.enter_on_roll(&mut change, id).await?;
        }
        change.roll_followed(last).await?;
        change.commit().await?;
        self.inner.stamps.bump_generation();
        Ok(true)
    }

    async fn enter_on_roll(&self, change: &mut Change, id: &RecordId) -> Result<(), Refusal> {
        // What was committed by others, not by this change, which writes nothing but the roll.
        let Some(stored) = self.catalogue().record(id).await? else { return Ok(()) };
        let record = stored.record;
        if record.state.public_since().is_none() {
            return Ok(());
        }
        let derivatives =
            if record.state.is_open() && record.kind.has_volume() { self.catalogue().derivatives(id).await? } else { Vec::new() };
        let has_volume = derivatives.iter().any(|made| made.version == record.version && matches!(made.kind, DerivativeKind::Volume(_)));
        let sets = sets_of(&record, has_volume);
        let digest = digest_of(&(record.kind, &record.state, record.version, &record.metadata, &sets));
        if change.roll_mark(id).await?.is_some_and(|mark| mark.digest == digest) {
            return Ok(());
        }
        let told_at = Instant(self.now().0.div_euclid(1000) * 1000).plus_seconds(1);
        Ok(change.put_on_roll(id, &RollMark { told_at, digest, sets }).await?)
    }
}

fn entry(line: RollLine) -> Entry {
    let record = line.stored.record;
    let is_told = permits(Viewer::Anyone, &record.state, Aspect::Metadata);
    Entry { position: line.position, id: record.id.clone(), told_at: line.told_at, sets: line.sets, record: is_told.then_some(record) }
}

fn may_change_what_is_told(what: &Happening) -> bool {
    match what {
        Happening::MetadataChanged
        | Happening::Registered
        | Happening::ReleaseScheduled { .. }
        | Happening::Released
        | Happening::Published
        | Happening::Withdrawn
        | Happening::Derived { .. }
        | Happening::Rebuilt => true,
        Happening::Created
        | Happening::TeamChanged
        | Happening::FileAdded { .. }
        | Happening::FileRemoved { .. }
        | Happening::VersionBegun { .. }
        | Happening::VersionDiscarded { .. }
        | Happening::DraftDeleted
        | Happening::DoiAccepted
        | Happening::DoiRefused { .. }
        | Happening::PublicationFound { .. }
        | Happening::PublicationDeclined { .. }
        | Happening::PictureChosen
        | Happening::SurfaceChosen
        | Happening::Preserved { .. } => false,
    }
}

/// Its kind, whether its files are open, whether there is a volume, and where it was measured.
fn sets_of(record: &Record, has_volume: bool) -> Vec<String> {
    let mut sets = vec![record.kind.name().to_owned()];
    if record.state.is_open() {
        sets.push(OPEN.to_owned());
    }
    if has_volume {
        sets.push(WITH_VOLUME.to_owned());
    }
    let facility = record.metadata.acquisition.facility.as_deref().map(set_name).filter(|name| !name.is_empty());
    if permits(Viewer::Anyone, &record.state, Aspect::Metadata) {
        sets.extend(facility.map(|name| format!("{FACILITY}{name}")));
    }
    sets
}

/// `PETRA III, P05` as `petra-iii-p05`.
fn set_name(text: &str) -> String {
    let mut name = String::new();
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            name.push(letter.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
        if name.len() == SET_LETTERS_MAX {
            break;
        }
    }
    name.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_facility_becomes_the_name_of_a_set() {
        for (text, name) in [("PETRA III, P05", "petra-iii-p05"), ("  ", ""), ("Société – ESRF!", "soci-t-esrf"), ("%_'", "")] {
            assert_eq!(set_name(text), name);
        }
        assert!(set_name(&"Long facility ".repeat(40)).len() <= SET_LETTERS_MAX);
    }
}
