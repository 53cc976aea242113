//! What can go wrong with the index, and what to do about it. Strange queries are never a fault.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("cannot use the folder {path} for the search index; check that it exists, is writable and has space")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("another program is writing the search index in {path}; stop it first")]
    Locked { path: PathBuf },
    #[error("cannot {attempt} the search index; it is built anew when its folder is deleted and the server started again")]
    Broken { attempt: &'static str, source: tantivy::TantivyError },
}

impl Fault {
    pub(crate) fn broken(attempt: &'static str) -> impl Fn(tantivy::TantivyError) -> Self {
        move |source| Self::Broken { attempt, source }
    }
}
