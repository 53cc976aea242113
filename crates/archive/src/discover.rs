//! Finding a record and reading about it.

use crate::{Archive, Refusal, Visitor, sight::Sight};
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

    pub async fn by_doi(&self, visitor: &Visitor, doi: &Doi) -> Result<Sight, Refusal> {
        let stored = self.catalogue().record_by_doi(doi).await?.ok_or(Refusal::NotFound)?;
        Sight::new(stored, visitor).allow(Aspect::Tombstone)
    }

    /// One page of a folder: sub-folders first, then files; as quick for 100,000 files as for ten.
    pub async fn folder(
        &self,
        visitor: &Visitor,
        id: &RecordId,
        folder: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<FolderPage, Refusal> {
        self.see(visitor, id, Aspect::FileNames).await?;
        Ok(self.catalogue().folder_page(id, folder, after, limit.min(self.limits().page_items_max)).await?)
    }

    pub async fn files_after(
        &self,
        visitor: &Visitor,
        id: &RecordId,
        after: Option<&FilePath>,
        limit: u32,
    ) -> Result<Vec<StoredFile>, Refusal> {
        self.see(visitor, id, Aspect::FileNames).await?;
        Ok(self.catalogue().files_after(id, after, limit).await?)
    }

    pub async fn file_facts(&self, visitor: &Visitor, id: &RecordId, path: &FilePath) -> Result<Original, Refusal> {
        self.see(visitor, id, Aspect::Bytes).await?;
        Ok(self.catalogue().file(id, path).await?.ok_or(Refusal::NotFound)?.original)
    }

    pub async fn history(&self, visitor: &Visitor, id: &RecordId) -> Result<Vec<Event>, Refusal> {
        self.see(visitor, id, Aspect::Inside).await?;
        Ok(self.catalogue().events_of(id, 200).await?)
    }

    pub async fn health(&self) -> Result<(), Refusal> {
        Ok(self.catalogue().ping().await?)
    }
}
