//! Puts the door together: which routes there are, what they share, and which layers every request passes.

use crate::{api, assets, data, feeds, front, live, machines, oai, page, refusal, schema, sitemap, tally};
use archive::{Archive, Refusal};
use axum::{Router, middleware};
use std::{future::Future, sync::Arc, time::Duration};

/// How long counts are held in memory at most.
const WRITE_EVERY: Duration = Duration::from_secs(10);

/// What every route may reach.
#[derive(Clone)]
pub struct Door {
    pub archive: Archive,
    /// What the data routes keep between requests: open files, the darkroom.
    pub data: Arc<data::Shelf>,
    /// Asks other catalogues what a DOI is of, when a person wishes it.
    pub(crate) lookup: exchange::works::Lookup,
    pub(crate) pages: Arc<front::PageCache>,
    pub(crate) counts: Arc<machines::Counts>,
    pub(crate) tally: Arc<tally::Tally>,
}

impl Door {
    pub fn new(archive: Archive, data: data::Shelf) -> Self {
        let wishes = &archive.settings().publications;
        let lookup = exchange::works::Lookup::new(exchange::works::Registries {
            crossref_url: wishes.crossref_url.clone(),
            datacite_url: wishes.datacite_url.clone(),
            contact: wishes.contact.clone(),
        });
        Self {
            archive,
            lookup,
            data: Arc::new(data),
            pages: Arc::new(front::PageCache::default()),
            counts: Arc::default(),
            tally: Arc::default(),
        }
    }

    /// Writes what was counted since the last time; what cannot be written now waits.
    pub async fn write_counts(&self) {
        let counted = self.tally.take();
        if let Err(refusal) = self.archive.count(&counted).await {
            tracing::warn!(?refusal, "views and downloads could not be written; they wait");
            self.tally.give_back(counted);
        }
    }

    /// Goes on writing counts until it is stopped, and then once more.
    pub async fn keep_counts(&self, stopped: impl Future<Output = ()>) {
        let mut stopped = std::pin::pin!(stopped);
        loop {
            tokio::select! {
                () = tokio::time::sleep(WRITE_EVERY) => self.write_counts().await,
                () = &mut stopped => return self.write_counts().await,
            }
        }
    }
}

/// The whole program as seen from the network, without anything between a connection and what is ready.
pub fn threshold(door: Door) -> front::Front {
    let rooms = Router::new()
        .merge(page::routes(&door))
        .merge(live::routes())
        .merge(data::routes())
        .merge(api::routes())
        .merge(assets::routes())
        .merge(machines::routes())
        .merge(oai::routes())
        .merge(feeds::routes())
        .merge(sitemap::routes())
        .merge(schema::routes())
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(door.clone(), refusal::dress))
        .with_state(door.clone());
    front::Front::new(rooms, Some(door))
}

/// The same as a router, for who calls it without a network.
pub fn router(door: Door) -> Router {
    Router::new().fallback_service(threshold(door))
}

async fn nothing_here() -> refusal::Refused {
    refusal::Refused(Refusal::NotFound)
}

async fn wrong_method() -> refusal::WrongMethod {
    refusal::WrongMethod
}
