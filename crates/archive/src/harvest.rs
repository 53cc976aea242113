//! What harvests bring: foreign records become publications, each once, kept in step with their source as long as no
//! person has changed them. The progress of a harvest is written with what it brought, in one transaction a page, so a
//! harvest that was broken off goes on at its last whole page.

use crate::{Archive, Refusal, Visitor, publication::filled, secret};
use catalogue::{Change, HarvestedItem, ItemStanding, Stored};
use record::{
    Record,
    event::Happening,
    harvest::{Appearance, Content, Counts, Item, Run, Source, title_key},
    id::RecordId,
    instant::Instant,
    job::Job,
    kind::Kind,
    metadata::Metadata,
    readiness,
    record::Holdings,
    state::State,
};

/// Who is silent for longer has been killed, and another may go on.
const HOLD_SECONDS: i64 = 300;
/// A token this old is forgotten by its server.
const TOKEN_SECONDS_MAX: i64 = 20 * 3600;

/// Where a harvest that was let go begins next time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Start,
    /// With the page that comes next, which could not be read when it is `broken`.
    Here {
        broken: bool,
    },
}

impl Next {
    pub const HERE: Self = Self::Here { broken: false };
}

enum Became {
    Added(RecordId),
    Changed(RecordId),
    Known(Option<RecordId>),
    Deleted,
    Unusable,
}

impl Archive {
    /// The run to work on: the one that was broken off, or a new one. Nobody else may work on it for a while.
    pub async fn begin_harvest(&self, source: &Source) -> Result<Run, Refusal> {
        let now = self.now();
        let mut change = self.catalogue().change().await?;
        let mut progress = change.harvest_progress(&source.name).await?;
        if progress.run.as_ref().is_some_and(|run| run.held_until > now) {
            return Err(Refusal::Busy);
        }
        let since = progress.complete_since.map(|since| since.plus_seconds(-source.overlap_seconds));
        let fresh = Run { began_at: now, since, ..Run::default() };
        let is_fit = |run: &Run| now.0 - run.began_at.0 < TOKEN_SECONDS_MAX * 1000;
        let mut run = progress.run.take().filter(is_fit).unwrap_or(fresh);
        run.holder = secret::fresh("")?;
        run.held_until = now.plus_seconds(HOLD_SECONDS);
        progress.run = Some(run.clone());
        change.set_harvest_progress(&source.name, &progress).await?;
        self.commit(change, &[]).await?;
        Ok(run)
    }

    /// Takes a page in and writes down where to go on, both or neither.
    pub async fn take_in(&self, source: &Source, mut run: Run, items: Vec<Item>, token: Option<String>) -> Result<Run, Refusal> {
        let now = self.now();
        let mut change = self.catalogue().change().await?;
        let mut progress = change.harvest_progress(&source.name).await?;
        if progress.run.as_ref().map(|held| &held.holder) != Some(&run.holder) {
            return Err(Refusal::Busy);
        }
        let mut touched = Vec::new();
        let mut counts = Counts { seen: items.len() as u64, ..Counts::default() };
        for item in items {
            let became = self.take_item(&mut change, source, item).await?;
            match &became {
                Became::Added(_) => counts.added += 1,
                Became::Changed(_) => counts.changed += 1,
                Became::Known(_) => counts.known += 1,
                Became::Deleted => counts.deleted += 1,
                Became::Unusable => counts.unusable += 1,
            }
            if let Became::Added(id) | Became::Changed(id) | Became::Known(Some(id)) = became {
                touched.push(id);
            }
        }
        run.counts.add(counts);
        run.pages += 1;
        run.broken_tries = 0;
        run.held_until = now.plus_seconds(HOLD_SECONDS);
        if token.is_none() {
            progress.complete_since = Some(run.began_at);
            progress.last_success_at = Some(now);
            progress.last_failure = None;
            progress.totals.add(run.counts);
            progress.last = run.counts;
            change.enqueue(&Job::Harvest { source: source.name.clone() }, now.plus_seconds(source.every_seconds), now).await?;
        }
        run.token = token;
        progress.run = run.token.is_some().then(|| run.clone());
        change.set_harvest_progress(&source.name, &progress).await?;
        self.commit(change, &touched.iter().collect::<Vec<_>>()).await?;
        Ok(run)
    }

    /// Lets go of the run.
    pub async fn pause_harvest(&self, source: &Source, run: &Run, failure: Option<String>, from: Next) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        let mut progress = change.harvest_progress(&source.name).await?;
        if let Some(held) = progress.run.as_mut().filter(|held| held.holder == run.holder) {
            held.held_until = Instant(0);
            match from {
                Next::Start => progress.run = None,
                Next::Here { broken } => held.broken_tries += u32::from(broken),
            }
        }
        if let Some(says) = failure {
            progress.last_failure = Some((self.now(), says));
        }
        change.set_harvest_progress(&source.name, &progress).await?;
        self.commit(change, &[]).await
    }

    async fn take_item(&self, change: &mut Change, source: &Source, item: Item) -> Result<Became, Refusal> {
        let before = change.harvest_item(&source.name, &item.identifier).await?;
        let mut kept = HarvestedItem {
            source: source.name.clone(),
            identifier: item.identifier,
            standing: ItemStanding::Taken,
            record: before.as_ref().and_then(|before| before.record.clone()),
            metadata: None,
            fault: None,
            seen_at: self.now(),
        };
        let became = match item.content {
            Content::Deleted => {
                kept.standing = ItemStanding::Deleted;
                let (record, metadata) = (kept.record.take(), before.and_then(|before| before.metadata));
                kept.metadata = metadata;
                change.put_harvest_item(&kept).await?;
                if let Some(id) = record {
                    self.source_deleted(change, source, &id).await?;
                }
                return Ok(Became::Deleted);
            }
            Content::Unusable(why) => {
                (kept.standing, kept.fault) = (ItemStanding::Unusable, Some(why));
                Became::Unusable
            }
            Content::Described(metadata) => match self.fitting(*metadata) {
                Ok(metadata) => {
                    let known = before.and_then(|before| before.metadata);
                    let became = self.take_described(change, source, &mut kept.record, known.as_ref(), &metadata).await?;
                    kept.metadata = Some(metadata);
                    became
                }
                Err(why) => {
                    (kept.standing, kept.fault) = (ItemStanding::Unusable, Some(why));
                    Became::Unusable
                }
            },
        };
        change.put_harvest_item(&kept).await?;
        Ok(became)
    }

    /// Within the limits of our own form; the text is what is shortened first.
    fn fitting(&self, mut metadata: Metadata) -> Result<Metadata, String> {
        let limit = self.limits().metadata_bytes_max;
        let bytes = |metadata: &Metadata| serde_json::to_vec(metadata).map_or(usize::MAX, |text| text.len());
        if bytes(&metadata) > limit {
            metadata.description = metadata.description.chars().take(10_000).collect();
        }
        self.check_metadata(&metadata).map(|()| metadata).map_err(|refusal| refusal.to_string())
    }

    async fn take_described(
        &self,
        change: &mut Change,
        source: &Source,
        held: &mut Option<RecordId>,
        known: Option<&Metadata>,
        metadata: &Metadata,
    ) -> Result<Became, Refusal> {
        let present = match held {
            Some(id) => change.record(id).await?,
            None => None,
        };
        if let Some(stored) = present {
            // A source that takes an item back lets go of the record; where it still holds one, a person withdrew it.
            if matches!(stored.record.state, State::Withdrawn { .. }) {
                return Ok(Became::Known(None));
            }
            if known == Some(metadata) {
                return Ok(Became::Known(None));
            }
            return self.follow_source(change, source, stored, known, metadata).await;
        }
        if let Some(same) = self.same_publication(change, metadata).await? {
            *held = Some(same.record.id.clone());
            // What this source knows of its citations counts too.
            change.enqueue(&Job::FindTies { record: same.record.id.clone() }, self.now(), self.now()).await?;
            return Ok(Became::Known(Some(same.record.id)));
        }
        let id = self.add_publication(change, source, metadata).await?;
        *held = Some(id.clone());
        Ok(Became::Added(id))
    }

    /// By DOI; where one of them has none, by title and year.
    async fn same_publication(&self, change: &mut Change, metadata: &Metadata) -> Result<Option<Stored>, Refusal> {
        let doi = metadata.article.as_ref().and_then(|article| article.doi.as_ref());
        if let Some(doi) = doi {
            let same = change.records_by_article_doi(doi).await?;
            if !same.is_empty() {
                // Somebody's draft must not hide the record that came by an earlier harvest.
                return Ok(same.into_iter().find(|stored| self.counts_as_here(stored)));
            }
        }
        let Some(key) = title_key(metadata) else { return Ok(None) };
        let alike = change.texts_by_title_key(&key).await?;
        let has_doi = |stored: &Stored| stored.record.metadata.article.as_ref().is_some_and(|article| article.doi.is_some());
        Ok(alike.into_iter().find(|stored| self.counts_as_here(stored) && !(doi.is_some() && has_doi(stored))))
    }

    /// Somebody's own draft says nothing to the world yet; a draft of the harvest does.
    fn counts_as_here(&self, stored: &Stored) -> bool {
        !matches!(stored.record.state, State::Withdrawn { .. })
            && (!stored.record.state.is_draft() || self.is_of_the_harvest(&stored.record))
    }

    pub(crate) fn is_of_the_harvest(&self, record: &Record) -> bool {
        record.owners().any(|owner| *owner == self.settings().publications.curator)
    }

    async fn add_publication(&self, change: &mut Change, source: &Source, metadata: &Metadata) -> Result<RecordId, Refusal> {
        let now = self.now();
        let id = RecordId::from_random(&secret::random()?);
        let owner = self.settings().publications.curator.clone();
        let mut record = Record::draft(id.clone(), Kind::Publication, owner, metadata.clone(), now);
        let appears = source.appearance == Appearance::AtOnce && readiness::before_register(&record, &Holdings::default()).is_empty();
        if appears {
            // Its DOI is its publisher's; one without gets none from us, because it is not ours to name.
            record.state = record.state.publish(None, now)?;
        }
        change.insert_record(&record).await?;
        change.append(&id, None, &Happening::Created, now).await?;
        if appears {
            change.append(&id, None, &Happening::Published, now).await?;
            change.enqueue(&Job::Preserve { record: id.clone() }, now, now).await?;
            change.enqueue(&Job::FindTies { record: id.clone() }, now, now).await?;
        }
        Ok(id)
    }

    /// Fields that still say what the source said are changed with it; what a person wrote stays.
    async fn follow_source(
        &self,
        change: &mut Change,
        source: &Source,
        stored: Stored,
        known: Option<&Metadata>,
        metadata: &Metadata,
    ) -> Result<Became, Refusal> {
        let mut record = stored.record;
        let now = self.now();
        if !self.is_of_the_harvest(&record) || change.draft_of(&record.id).await?.is_some() {
            change.enqueue(&Job::FindTies { record: record.id.clone() }, now, now).await?;
            return Ok(Became::Known(Some(record.id)));
        }
        let followed = filled(&without_what_was_said(&record.metadata, known)?, metadata)?;
        let id = record.id.clone();
        let changes = followed != record.metadata;
        record.metadata = followed;
        let is_complete = readiness::before_register(&Record { state: State::Draft, ..record.clone() }, &Holdings::default()).is_empty();
        let appears = matches!(record.state, State::Draft) && is_complete && source.appearance == Appearance::AtOnce;
        if (!changes && !appears) || (!record.state.is_draft() && !is_complete) {
            return Ok(Became::Known(None));
        }
        let what = if appears { Happening::Published } else { Happening::MetadataChanged };
        if appears {
            record.state = record.state.publish(None, now)?;
        }
        if !record.state.is_draft() {
            change.enqueue(&Job::Preserve { record: id.clone() }, now, now).await?;
            change.enqueue(&Job::FindTies { record: id.clone() }, now, now).await?;
        }
        self.save(change, &mut record, &Visitor::anyone(), &what).await?;
        Ok(Became::Changed(id))
    }

    /// Goes with its source if nothing else holds it: another source, or a tie that an owner confirmed.
    async fn source_deleted(&self, change: &mut Change, source: &Source, id: &RecordId) -> Result<(), Refusal> {
        let Some(stored) = change.record(id).await? else { return Ok(()) };
        let mut record = stored.record;
        let elsewhere = change.items_of_record(id).await?.iter().any(|item| item.standing == ItemStanding::Taken);
        // A person works on it: files in a draft, or a next version.
        let in_hand = change.draft_of(id).await?.is_some() || (record.state.is_draft() && stored.holdings != Holdings::default());
        if elsewhere || in_hand || !self.is_of_the_harvest(&record) || change.is_tied(id).await? {
            return Ok(());
        }
        let now = self.now();
        match record.state {
            State::Draft => {
                change.append(id, None, &Happening::DraftDeleted, now).await?;
                change.delete_record(id).await?;
            }
            State::Published { .. } => {
                record.state = record.state.withdraw(format!("It was deleted in its source, {}.", source.name), now)?;
                change.enqueue(&Job::Preserve { record: id.clone() }, now, now).await?;
                self.save(change, &mut record, &Visitor::anyone(), &Happening::Withdrawn).await?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// The metadata without the fields that are as the source last said, so that they can be filled anew.
fn without_what_was_said(metadata: &Metadata, known: Option<&Metadata>) -> Result<Metadata, Refusal> {
    let broken = |error: serde_json::Error| Refusal::Unavailable(error.to_string());
    let mut document = serde_json::to_value(metadata).map_err(broken)?;
    let said = serde_json::to_value(known.cloned().unwrap_or_default()).map_err(broken)?;
    for place in ["", "/article"] {
        let Some(said) = said.pointer(place).and_then(|said| said.as_object()) else { continue };
        let Some(held) = document.pointer_mut(place).and_then(|held| held.as_object_mut()) else { continue };
        held.retain(|name, value| name == "article" || said.get(name) != Some(value));
    }
    serde_json::from_value(document).map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::metadata::Article;

    #[test]
    fn a_source_changes_what_it_said_and_nothing_else() {
        let article = |year, journal: &str| Some(Article { year: Some(year), journal: Some(journal.into()), ..Article::default() });
        let said =
            Metadata { title: "Jaws".into(), description: "Old.".into(), article: article(2008, "Interface"), ..Metadata::default() };
        let held = Metadata { description: "A curator's words.".into(), ..said.clone() };
        let says = Metadata {
            title: "Jaws, corrected".into(),
            description: "New.".into(),
            article: article(2009, "Interface"),
            ..Metadata::default()
        };
        let followed = filled(&without_what_was_said(&held, Some(&said)).unwrap(), &says).unwrap();
        assert_eq!((followed.title.as_str(), followed.description.as_str()), ("Jaws, corrected", "A curator's words."));
        assert_eq!(followed.article.unwrap().year, Some(2009));
    }
}
