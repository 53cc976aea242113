//! What happened, in the order it happened. Each transition appends one event in its own transaction;
//! search index, mails, feeds and the audit view are readers of this log, each with its own position.

use crate::{
    file::FilePath,
    id::{AccountId, RecordId},
    instant::Instant,
    version::Version,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub sequence: i64,
    pub at: Instant,
    pub record: RecordId,
    /// `None` when the program itself acted, for example at a release date.
    pub actor: Option<AccountId>,
    #[serde(flatten)]
    pub what: Happening,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Happening {
    Created,
    MetadataChanged,
    TeamChanged,
    FileAdded {
        path: FilePath,
    },
    FileRemoved {
        path: FilePath,
    },
    Registered,
    ReleaseScheduled {
        release_at: Option<Instant>,
    },
    Released,
    Published,
    Withdrawn,
    VersionBegun {
        version: Version,
    },
    VersionDiscarded {
        version: Version,
    },
    DraftDeleted,
    Derived {
        name: String,
    },
    PictureChosen,
    SurfaceChosen,
    DoiAccepted,
    DoiRefused {
        says: String,
    },
    /// A publication that may belong to this dataset.
    PublicationFound {
        publication: RecordId,
    },
    PublicationDeclined {
        publication: RecordId,
    },
    Preserved {
        ocfl_version: u32,
    },
    Rebuilt,
}

impl Happening {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::MetadataChanged => "metadata-changed",
            Self::TeamChanged => "team-changed",
            Self::FileAdded { .. } => "file-added",
            Self::FileRemoved { .. } => "file-removed",
            Self::Registered => "registered",
            Self::ReleaseScheduled { .. } => "release-scheduled",
            Self::Released => "released",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
            Self::VersionBegun { .. } => "version-begun",
            Self::VersionDiscarded { .. } => "version-discarded",
            Self::DraftDeleted => "draft-deleted",
            Self::Derived { .. } => "derived",
            Self::PictureChosen => "picture-chosen",
            Self::SurfaceChosen => "surface-chosen",
            Self::DoiAccepted => "doi-accepted",
            Self::DoiRefused { .. } => "doi-refused",
            Self::PublicationFound { .. } => "publication-found",
            Self::PublicationDeclined { .. } => "publication-declined",
            Self::Preserved { .. } => "preserved",
            Self::Rebuilt => "rebuilt",
        }
    }
}
