//! Finding a record and reading about it.

use crate::{
    Archive, Refusal, Visitor,
    sight::{At, Sight},
};
use catalogue::FolderPage;
use record::{
    access::Aspect,
    doi::Doi,
    event::Event,
    file::{FilePath, Original, StoredFile},
    id::RecordId,
};
use search::{Hit, Hits, Query, Sort};
use std::sync::Arc;

/// What the front page says about the size of the collection.
#[derive(Debug, Clone, Copy, Default)]
pub struct Numbers {
    pub records: usize,
    pub volumes: usize,
}

const LATEST_MAX: usize = 48;

impl Archive {
    pub async fn search(&self, _visitor: &Visitor, query: &Query) -> Result<Arc<Hits>, Refusal> {
        // The index holds public metadata only, so everybody finds the same.
        self.inner.parts.index.search(query).map_err(|fault| {
            tracing::error!(fault = %crate::refusal::chain(&fault), "the index failed");
            Refusal::Unavailable(fault.to_string())
        })
    }

    /// The newest public records, those that can be looked at first.
    pub async fn latest(&self, limit: usize) -> Result<Vec<Hit>, Refusal> {
        let limit = limit.min(LATEST_MAX);
        let newest = Query { sort: Sort::Newest, limit: LATEST_MAX, ..Query::default() };
        let mut items = self.search(&Visitor::anyone(), &newest).await?.items.clone();
        items.sort_by_key(|hit| hit.thumb.is_none());
        items.truncate(limit);
        Ok(items)
    }

    pub async fn numbers(&self) -> Result<Numbers, Refusal> {
        let all = self.search(&Visitor::anyone(), &Query { limit: 0, ..Query::default() }).await?;
        let volumes = Query::from_pairs([("volume", "yes")]);
        Ok(Numbers { records: all.total, volumes: self.search(&Visitor::anyone(), &volumes).await?.total })
    }

    /// The DOI of all versions leads to the current one, that of a version to that one, and that of an article to its record.
    /// Names minted here come first: anybody can enter any DOI as an article's.
    pub async fn by_doi(&self, visitor: &Visitor, doi: &Doi) -> Result<Sight, Refusal> {
        if let Some(stored) = self.catalogue().record_by_doi(doi).await? {
            return Sight::new(stored, visitor).allow(Aspect::Tombstone);
        }
        if let Some((all, version)) = doi.split_version()
            && let Some(current) = self.catalogue().record_by_doi(&all).await?
        {
            // The name of a version that is still to come is taken too.
            if current.record.newest_open().is_none_or(|newest| version > newest) {
                return Err(Refusal::NotFound);
            }
            return self.see(visitor, At::version(&current.record.id, version), Aspect::Tombstone).await;
        }
        let articles = self.catalogue().records_by_article_doi(doi).await?;
        let mut seen = articles.into_iter().map(|article| Sight::new(article, visitor));
        seen.find(|sight| sight.may(Aspect::Tombstone)).ok_or(Refusal::NotFound)
    }

    /// One page of a folder: sub-folders first, then files; as quick for 100,000 files as for ten.
    pub async fn folder(
        &self,
        visitor: &Visitor,
        at: impl Into<At>,
        folder: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<FolderPage, Refusal> {
        let record = self.see(visitor, at, Aspect::FileNames).await?.record;
        Ok(self.catalogue().folder_page(&record.id, record.version, folder, after, limit.min(self.limits().page_items_max)).await?)
    }

    pub async fn files_after(
        &self,
        visitor: &Visitor,
        at: impl Into<At>,
        after: Option<&FilePath>,
        limit: u32,
    ) -> Result<Vec<StoredFile>, Refusal> {
        let record = self.see(visitor, at, Aspect::FileNames).await?.record;
        Ok(self.catalogue().files_after(&record.id, record.version, after, limit).await?)
    }

    pub async fn file_facts(&self, visitor: &Visitor, at: impl Into<At>, path: &FilePath) -> Result<Original, Refusal> {
        let record = self.see(visitor, at, Aspect::Bytes).await?.record;
        Ok(self.catalogue().file(&record.id, record.version, path).await?.ok_or(Refusal::NotFound)?.original)
    }

    pub async fn history(&self, visitor: &Visitor, id: &RecordId) -> Result<Vec<Event>, Refusal> {
        self.see(visitor, id, Aspect::Inside).await?;
        Ok(self.catalogue().events_of(id, 200).await?)
    }

    pub async fn health(&self) -> Result<(), Refusal> {
        Ok(self.catalogue().ping().await?)
    }
}
