//! “Is this your paper?” A publication that cites one of our DOIs, or shares authors and words with a dataset, is offered
//! to the dataset's owners. One click ties both; another says no and is remembered. Only what is public is compared.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
};
use catalogue::{Change, ItemStanding, Stored};
use record::{
    Record,
    access::{Aspect, Viewer, permits},
    doi::Doi,
    event::Happening,
    id::RecordId,
    instant::Instant,
    job::Job,
    relation::{Relation, RelationType, Target},
    state::State,
    tie::{Reason, Standing, Tie, alike, author_keys},
    version::Version,
};
use std::collections::BTreeSet;

/// Records of the same authors that are compared.
const COMPARED_MAX: u32 = 500;
/// DOIs of one record by which others are found.
const NAMED_MAX: usize = 1000;
const OFFERED_SHOWN_MAX: u32 = 50;
/// Further ones are remembered by the catalogue alone.
const DECLINED_MAX: usize = 1000;

/// A publication as the dataset's owners are asked about it.
#[derive(Debug, Clone)]
pub struct Offer {
    pub dataset: Record,
    pub publication: Record,
    pub reason: Reason,
    pub standing: Standing,
    pub offered_at: Instant,
}

impl Archive {
    /// The job after anything public has appeared or changed: who else belongs to it?
    pub async fn find_ties(&self, id: &RecordId) -> Result<(), Refusal> {
        let Some(stored) = self.catalogue().record(id).await? else { return Ok(()) };
        if !is_public(&stored.record) {
            let mut change = self.catalogue().change().await?;
            change.set_clues(id, &BTreeSet::new(), &BTreeSet::new()).await?;
            return self.commit(change, &[]).await;
        }
        let names = author_keys(&stored.record.metadata);
        let named = self.dois_named_by(&stored.record).await?;
        let mut change = self.catalogue().change().await?;
        change.set_clues(id, &names, &named).await?;
        change.note_title(&stored.record).await?;
        self.commit(change, &[]).await?;
        let mut found =
            if stored.record.kind.is_text() { self.cited_by(&stored.record, named).await? } else { self.citing(&stored.record).await? };
        for other in self.catalogue().sharing_authors(&names, &stored.record, COMPARED_MAX).await? {
            let (dataset, publication) = match (stored.record.kind.is_text(), other.record.kind.is_text()) {
                (true, false) => (&other.record, &stored.record),
                (false, true) => (&stored.record, &other.record),
                _ => continue,
            };
            let is_named = found.iter().any(|(held, text, _)| held == &dataset.id && text == &publication.id);
            if let Some(reason) = alike(&dataset.metadata, &publication.metadata)
                && !is_named
                && is_public(&other.record)
            {
                found.push((dataset.id.clone(), publication.id.clone(), reason));
            }
        }
        for (dataset, publication, reason) in found {
            self.offer(&dataset, &publication, reason).await?;
        }
        Ok(())
    }

    /// In its own words, and in those of the sources that it came from.
    async fn dois_named_by(&self, record: &Record) -> Result<BTreeSet<Doi>, Refusal> {
        let mut relations = record.metadata.related.clone();
        for item in self.catalogue().items_of_record(&record.id).await? {
            relations.extend(item.metadata.into_iter().flat_map(|metadata| metadata.related));
        }
        let doi = |relation: Relation| match relation.target {
            Target::Doi(doi) => Some(doi),
            Target::Url(_) | Target::Record(_) => None,
        };
        Ok(relations.into_iter().filter_map(doi).take(NAMED_MAX).collect())
    }

    /// The datasets that a text names.
    async fn cited_by(&self, text: &Record, named: BTreeSet<Doi>) -> Result<Vec<(RecordId, RecordId, Reason)>, Refusal> {
        let mut found: Vec<(RecordId, RecordId, Reason)> = Vec::new();
        for doi in named {
            let Some(dataset) = self.dataset_named(&doi).await? else { continue };
            if found.iter().all(|(held, ..)| *held != dataset.record.id) {
                found.push((dataset.record.id, text.id.clone(), Reason::Cites));
            }
        }
        // The other way round: datasets that say themselves what they supplement.
        if let Some(doi) = text.citable_doi() {
            for dataset in self.catalogue().records_naming(doi, COMPARED_MAX).await? {
                let is_new = found.iter().all(|(held, ..)| *held != dataset.record.id);
                if is_new && dataset.record.kind.is_dataset() && are_tied(&dataset.record, text) {
                    found.push((dataset.record.id, text.id.clone(), Reason::Named));
                }
            }
        }
        Ok(found)
    }

    async fn dataset_named(&self, doi: &Doi) -> Result<Option<Stored>, Refusal> {
        let mut found = self.catalogue().record_by_doi(doi).await?;
        if let (None, Some((all, _))) = (&found, doi.split_version()) {
            found = self.catalogue().record_by_doi(&all).await?;
        }
        Ok(found.filter(|stored| stored.record.kind.is_dataset() && is_public(&stored.record)))
    }

    /// The texts that name a dataset, by any of its DOIs.
    async fn citing(&self, dataset: &Record) -> Result<Vec<(RecordId, RecordId, Reason)>, Refusal> {
        let Some(doi) = dataset.state.doi() else { return Ok(Vec::new()) };
        let mut found: Vec<(RecordId, RecordId, Reason)> = Vec::new();
        for named in &dataset.metadata.related {
            let (RelationType::IsSupplementTo, Target::Doi(doi)) = (named.relation, &named.target) else { continue };
            let texts = self.catalogue().records_by_article_doi(doi).await?;
            let text = texts.into_iter().find(|text| text.record.kind.is_text() && is_public(&text.record));
            found.extend(text.map(|text| (dataset.id.clone(), text.record.id, Reason::Named)));
        }
        let names = std::iter::once(doi.clone()).chain((1..=dataset.version.0).map(|number| doi.for_version(Version(number))));
        for name in names {
            let naming = self.catalogue().records_naming(&name, COMPARED_MAX).await?;
            for text in naming.into_iter().filter(|stored| stored.record.kind.is_text()) {
                // That it is cited says more than that the dataset names it.
                found.retain(|(_, held, _)| *held != text.record.id);
                found.push((dataset.id.clone(), text.record.id, Reason::Cites));
            }
        }
        Ok(found)
    }

    /// Writes a tie down once, and asks the owners by mail unless another question to them is still open.
    async fn offer(&self, dataset: &RecordId, publication: &RecordId, reason: Reason) -> Result<(), Refusal> {
        let now = self.now();
        let mut change = self.catalogue().change().await?;
        let (Some(data), Some(text)) = (change.record(dataset).await?, change.record(publication).await?) else { return Ok(()) };
        if !is_public(&data.record) || !is_public(&text.record) {
            return Ok(());
        }
        let known = change.tie(dataset, publication).await?;
        let says_more = |held: Reason| reason == Reason::Cites && held != Reason::Cites;
        if known.as_ref().is_some_and(|tie| !says_more(tie.reason)) {
            return self.ask_for_event(change, &data.record).await;
        }
        // What both sides say already needs no answer.
        let standing = match &known {
            Some(tie) => tie.standing,
            None if are_tied(&data.record, &text.record) => Standing::Confirmed,
            // Said before the catalogue was made again out of what is stored.
            None if data.record.declined.contains(publication) => Standing::Declined,
            None => Standing::Offered,
        };
        let others_wait = change.ties_of_dataset(dataset).await?.iter().any(|tie| tie.standing == Standing::Offered);
        change.put_tie(&Tie { dataset: dataset.clone(), publication: publication.clone(), reason, standing, offered_at: now }).await?;
        if known.is_none() && standing == Standing::Offered && !others_wait {
            for owner in data.record.owners() {
                let (subject, text) = self.letter(&data.record, &text.record);
                change.enqueue(&Job::letter(owner, subject, text), now, now).await?;
            }
        }
        if standing == Standing::Confirmed && data.record.state.opens_with_publication() {
            change.enqueue(&Job::ReleaseOnDate { record: dataset.clone() }, now, now).await?;
        }
        change.append(dataset, None, &Happening::PublicationFound { publication: publication.clone() }, now).await?;
        self.commit(change, &[dataset, publication]).await
    }

    /// A tie that was there before its publication was harvested may be the event that a release waits for.
    async fn ask_for_event(&self, mut change: Change, dataset: &Record) -> Result<(), Refusal> {
        if dataset.state.opens_with_publication() {
            change.enqueue(&Job::ReleaseOnDate { record: dataset.id.clone() }, self.now(), self.now()).await?;
        }
        self.commit(change, &[]).await
    }

    fn letter(&self, dataset: &Record, publication: &Record) -> (String, String) {
        let settings = self.settings();
        let doi = publication.citable_doi().map(Doi::url).unwrap_or_default();
        let page = format!("{}/records/{}#ties", settings.base_url, dataset.id);
        let subject = format!("{}: Is this your paper? / Ist das Ihre Publikation?", settings.publisher);
        let text = format!(
            "A publication has been found that may belong to your dataset.\nEs wurde eine Publikation gefunden, die zu Ihrem Datensatz gehören könnte.\n\n  {}\n  {doi}\n\nDataset / Datensatz:\n\n  {}\n\nOne click ties both together, another says no and is remembered:\nEin Klick verbindet beide, ein anderer sagt nein, und das bleibt so:\n\n  {page}\n",
            publication.title(),
            dataset.title(),
        );
        (subject, text)
    }

    /// What the owners of this dataset are asked; nobody else is.
    pub async fn offers(&self, visitor: &Visitor, id: &RecordId) -> Result<Vec<Offer>, Refusal> {
        let sight = self.see(visitor, id, Aspect::Tombstone).await?;
        if sight.viewer != Viewer::Owner || sight.record.kind.is_text() {
            return Ok(Vec::new());
        }
        let ties = self.catalogue().ties_of_dataset(id).await?;
        self.with_records(ties.into_iter().filter(|tie| tie.standing == Standing::Offered)).await
    }

    /// All of them, with what was answered before.
    pub async fn ties_for_owners(&self, visitor: &Visitor, id: &RecordId) -> Result<Vec<Offer>, Refusal> {
        let sight = self.see(visitor, id, Aspect::Tombstone).await?;
        if sight.viewer != Viewer::Owner || sight.record.kind.is_text() {
            return Ok(Vec::new());
        }
        self.with_records(self.catalogue().ties_of_dataset(id).await?.into_iter()).await
    }

    /// The same for all datasets that this visitor owns.
    pub async fn my_offers(&self, visitor: &Visitor) -> Result<Vec<Offer>, Refusal> {
        let account = visitor.signed_in()?;
        self.with_records(self.catalogue().ties_offered_to(&account.email, OFFERED_SHOWN_MAX).await?.into_iter()).await
    }

    /// The public texts that cite a dataset, whatever its owners say of them.
    pub async fn citations(&self, visitor: &Visitor, id: &RecordId) -> Result<Vec<Record>, Refusal> {
        self.see(visitor, id, Aspect::Metadata).await?;
        let ties = self.catalogue().ties_of_dataset(id).await?;
        let citing = self.with_records(ties.into_iter().filter(|tie| tie.reason == Reason::Cites)).await?;
        Ok(citing.into_iter().map(|offer| offer.publication).collect())
    }

    async fn with_records(&self, ties: impl Iterator<Item = Tie>) -> Result<Vec<Offer>, Refusal> {
        let mut offers = Vec::new();
        for tie in ties {
            let (data, text) = (self.catalogue().record(&tie.dataset).await?, self.catalogue().record(&tie.publication).await?);
            if let (Some(data), Some(text)) = (data, text)
                && is_public(&text.record)
            {
                offers.push(Offer {
                    dataset: data.record,
                    publication: text.record,
                    reason: tie.reason,
                    standing: tie.standing,
                    offered_at: tie.offered_at,
                });
            }
        }
        Ok(offers)
    }

    /// The owners' answer. “Yes” writes the relation on both sides and may open the files.
    pub async fn answer_offer(
        &self,
        visitor: &Visitor,
        dataset: &RecordId,
        publication: &RecordId,
        is_theirs: bool,
    ) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        let data = self.grip(&mut change, visitor, dataset, Aspect::Change).await?.record;
        let tie = change.tie(dataset, publication).await?.ok_or(Refusal::NotFound)?;
        let text = change.record(publication).await?.filter(|stored| is_public(&stored.record)).ok_or(Refusal::NotFound)?.record;
        if tie.standing == Standing::Confirmed && !is_theirs {
            return Err(Refusal::Conflict {
                what: said("tied-already", "Both are tied already.", "Beide sind schon verbunden."),
                hint: hint("Remove the relation in the form of the dataset.", "Entfernen Sie die Beziehung im Formular des Datensatzes."),
            });
        }
        let standing = if is_theirs { Standing::Confirmed } else { Standing::Declined };
        change.put_tie(&Tie { standing, ..tie }).await?;
        if is_theirs {
            self.relate_both(&mut change, visitor, data.clone(), text).await?;
            if data.state.opens_with_publication() {
                change.enqueue(&Job::ReleaseOnDate { record: dataset.clone() }, self.now(), self.now()).await?;
            }
        } else {
            self.decline(&mut change, visitor, data, publication).await?;
        }
        self.commit(change, &[dataset, publication]).await
    }

    /// Remembered in the record itself, which outlives the catalogue; also in the draft of its next version.
    async fn decline(&self, change: &mut Change, visitor: &Visitor, mut data: Record, publication: &RecordId) -> Result<(), Refusal> {
        let now = self.now();
        if let Some(stored) = change.draft_of(&data.id).await? {
            let mut draft = stored.record;
            let expected = draft.revision;
            draft.revision += 1;
            remember(&mut draft, publication);
            change.update_draft(&draft, expected).await?;
        }
        remember(&mut data, publication);
        change.enqueue(&Job::Preserve { record: data.id.clone() }, now.plus_seconds(2), now).await?;
        let what = Happening::PublicationDeclined { publication: publication.clone() };
        self.save(change, &mut data, visitor, &what).await
    }

    /// The publication's own page is changed where it is the harvest's or the visitor's; nobody writes on a stranger's.
    async fn relate_both(&self, change: &mut Change, visitor: &Visitor, data: Record, text: Record) -> Result<(), Refusal> {
        let (here, there) = (name_of(&data, self), name_of(&text, self));
        let (title_here, title_there) = (data.title().to_owned(), text.title().to_owned());
        let dataset = data.id.clone();
        if let Some(draft) = change.draft_of(&dataset).await? {
            let relation = Relation { relation: RelationType::IsSupplementTo, target: there.clone(), title: Some(title_there.clone()) };
            self.relate(change, visitor, draft.record, relation).await?;
        }
        self.relate(change, visitor, data, Relation { relation: RelationType::IsSupplementTo, target: there, title: Some(title_there) })
            .await?;
        let may_write = self.is_of_the_harvest(&text) || visitor.viewer_of(&text) == Viewer::Owner;
        if may_write {
            let relation = Relation { relation: RelationType::IsSupplementedBy, target: here, title: Some(title_here) };
            self.relate(change, visitor, text, relation).await?;
        }
        Ok(())
    }

    async fn relate(&self, change: &mut Change, visitor: &Visitor, mut record: Record, relation: Relation) -> Result<(), Refusal> {
        let held = |other: &Relation| other.relation == relation.relation && other.target == relation.target;
        if record.metadata.related.iter().any(held) {
            return Ok(());
        }
        record.metadata.related.push(relation);
        let (id, now) = (record.id.clone(), self.now());
        change.enqueue(&Job::Preserve { record: id.clone() }, now.plus_seconds(2), now).await?;
        if record.state.doi().is_some() && !record.state.is_draft() {
            change.enqueue(&Job::RegisterDoi { record: id }, now, now).await?;
        }
        self.save(change, &mut record, visitor, &Happening::MetadataChanged).await
    }

    /// Whether the publication that the owners confirmed is out: it has a DOI, and a harvest has seen it.
    pub(crate) async fn publication_is_out(&self, change: &mut Change, dataset: &RecordId) -> Result<bool, Refusal> {
        for tie in change.ties_of_dataset(dataset).await?.into_iter().filter(|tie| tie.standing == Standing::Confirmed) {
            let Some(text) = change.record(&tie.publication).await? else { continue };
            let has_doi = text.record.metadata.article.as_ref().is_some_and(|article| article.doi.is_some());
            let seen = change.items_of_record(&tie.publication).await?.iter().any(|item| item.standing == ItemStanding::Taken);
            if has_doi && seen && matches!(text.record.state, State::Published { .. }) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Its DOI, else its page here.
fn name_of(record: &Record, archive: &Archive) -> Target {
    record.citable_doi().cloned().map_or_else(|| Target::Url(format!("{}/records/{}", archive.settings().base_url, record.id)), Target::Doi)
}

fn remember(record: &mut Record, publication: &RecordId) {
    if record.declined.len() < DECLINED_MAX {
        record.declined.insert(publication.clone());
    }
}

fn is_public(record: &Record) -> bool {
    permits(Viewer::Anyone, &record.state, Aspect::Metadata)
}

/// Whether the dataset says already that it supplements this text.
fn are_tied(dataset: &Record, publication: &Record) -> bool {
    let Some(doi) = publication.citable_doi() else { return false };
    let named = |relation: &Relation| relation.relation == RelationType::IsSupplementTo && relation.target == Target::Doi(doi.clone());
    dataset.metadata.related.iter().any(named)
}
