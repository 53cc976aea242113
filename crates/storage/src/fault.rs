//! What can go wrong with stored bytes: each fault says what was attempted on which thing, and what to do.

use std::{fmt, io, sync::Arc};

#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("{key} is not in the store")]
    NotFound { key: String },
    #[error("{key} is already in the store, and nothing there is overwritten")]
    Exists { key: String },
    #[error("no space left to {attempted} {key}")]
    Full { attempted: &'static str, key: String },
    #[error("{key} is damaged: expected {expected}, found {found}")]
    Corrupt { key: String, expected: String, found: String },
    #[error("could not {attempted} {key}: {why}")]
    Refused { attempted: &'static str, key: String, why: String },
    #[error("could not {attempted} {key}")]
    Io { attempted: &'static str, key: String, source: io::Error },
    #[error("could not {attempted} {key} in the bucket")]
    Remote { attempted: &'static str, key: String, source: Arc<object_store::Error> },
}

impl Fault {
    /// What the operator or the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Fault::NotFound { .. } => "Check the name; if the catalogue knows it, run `science3d verify`.",
            Fault::Exists { .. } => "Choose another name, or leave what is there.",
            Fault::Full { .. } => "Free space on the storage disk, or enlarge it; what was acknowledged is safe.",
            Fault::Corrupt { .. } => "Restore this file from a copy; `science3d verify` names everything that is damaged.",
            Fault::Refused { .. } => "Change the request as the message says.",
            Fault::Io { .. } => "Check that the storage directory exists, is writable and its disk is healthy.",
            Fault::Remote { .. } => "Check the S3 endpoint, its keys and the network; the operation can be repeated.",
        }
    }

    pub(crate) fn io(attempted: &'static str, key: impl fmt::Display, source: io::Error) -> Self {
        let key = key.to_string();
        match source.kind() {
            io::ErrorKind::NotFound => Fault::NotFound { key },
            io::ErrorKind::AlreadyExists => Fault::Exists { key },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Fault::Full { attempted, key },
            _ => Fault::Io { attempted, key, source },
        }
    }

    pub(crate) fn remote(attempted: &'static str, key: impl fmt::Display, source: object_store::Error) -> Self {
        let key = key.to_string();
        match source {
            object_store::Error::NotFound { .. } => Fault::NotFound { key },
            object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. } => Fault::Exists { key },
            source => Fault::Remote { attempted, key, source: Arc::new(source) },
        }
    }

    pub(crate) fn refused(attempted: &'static str, key: impl fmt::Display, why: impl Into<String>) -> Self {
        Fault::Refused { attempted, key: key.to_string(), why: why.into() }
    }
}

/// Runs blocking work on the blocking threads; a panic there becomes a fault instead of a second panic.
pub(crate) async fn blocking<T: Send + 'static>(
    attempted: &'static str,
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(Fault::refused(attempted, "a file", "the operation was abandoned because the program is stopping")),
    }
}
