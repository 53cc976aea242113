//! The life of a record: one use-case, one file. Doors call these functions and decide nothing themselves;
//! workers report here and this crate decides. Read the modules in this order; it is the order of a record's life.

pub mod visitor;
pub mod refusal;
pub mod clock;
pub mod secret;
pub mod account;
pub mod token;
pub mod sight;
pub mod deposit;
pub mod publication;
pub mod describe;
mod announce;
pub mod upload;
pub mod join;
pub mod register;
pub mod release;
pub mod revise;
pub mod withdraw;
pub mod ledger;
pub mod share;
pub mod derive;
pub mod question;
pub mod picture;
pub mod surface;
pub mod look;
pub mod preserve;
pub mod print_request;
pub mod print_kit;
pub mod discover;
pub mod reuse;
pub mod harvest;
pub mod source;
pub mod tie;
pub mod taxa;
mod letter;
pub mod follow;
pub mod tell;
pub mod correspond;
pub mod labour;
pub mod index;
pub mod roll;
pub mod usage;
pub mod rebuild;

use record::{doi::Prefix, id::RecordId, instant::Instant, limits::Limits};
use std::sync::Arc;

pub use refusal::{Refusal, Said};
/// The words in which one asks and is answered; doors need them and not the index.
pub use search;
pub use visitor::Visitor;

/// What the operator decided.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `https://science3d.example.org`, without a slash at the end.
    pub base_url: String,
    pub prefix: Prefix,
    pub publisher: String,
    /// Whom a harvester writes to: `Name <name@example.org>`.
    pub contact: String,
    /// The registrar is a sandbox: DOIs are names only.
    pub sandbox: bool,
    /// Whether anyone may make an account.
    pub open_registration: bool,
    pub limits: Limits,
    pub publications: publication::Publications,
}

/// What the house is put together from; `science3d` and `testbed` do it.
pub struct Parts {
    pub catalogue: catalogue::Catalogue,
    pub store: storage::Store,
    pub index: search::Index,
    pub clock: clock::Clock,
    pub taxa: vocabulary::Taxonomy,
    pub organisations: vocabulary::Organisations,
    pub settings: Settings,
}

#[derive(Clone)]
pub struct Archive {
    inner: Arc<Inner>,
}

struct Inner {
    parts: Parts,
    stamps: index::Stamps,
    attempts: account::Attempts,
    announcements: announce::Announcements,
    wake: tokio::sync::Notify,
}

impl Archive {
    pub fn new(parts: Parts) -> Self {
        let inner = Inner {
            parts,
            stamps: index::Stamps::default(),
            attempts: account::Attempts::default(),
            announcements: announce::Announcements::default(),
            wake: tokio::sync::Notify::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    pub fn settings(&self) -> &Settings {
        &self.inner.parts.settings
    }
    pub fn now(&self) -> Instant {
        self.inner.parts.clock.now()
    }
    /// Grows whenever anything about the record changed; whoever keeps something made from a record compares it.
    pub fn stamp(&self, id: &RecordId) -> u64 {
        self.inner.stamps.of(id)
    }
    /// The same for the whole catalogue.
    pub fn generation(&self) -> u64 {
        self.inner.stamps.generation()
    }

    fn catalogue(&self) -> &catalogue::Catalogue {
        &self.inner.parts.catalogue
    }
    pub fn store(&self) -> &storage::Store {
        &self.inner.parts.store
    }
    fn limits(&self) -> &Limits {
        &self.inner.parts.settings.limits
    }

    /// Commits, then lets caches, index and workers of this process know.
    async fn commit(&self, change: catalogue::Change, touched: &[&RecordId]) -> Result<(), Refusal> {
        change.commit().await?;
        for id in touched {
            self.inner.stamps.bump(id);
        }
        self.inner.wake.notify_waiters();
        Ok(())
    }
}
