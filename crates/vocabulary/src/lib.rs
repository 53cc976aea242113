//! Names of organisms and of institutions: which taxon somebody means who types the beginning of a scientific or common name, an older name, or one
//! with a letter wrong. Everything lies in one file that is mapped into memory; two million taxa cost what is looked at.
//! No network, no clock, no database.

mod fold;
mod rank;
mod file;
mod build;
mod sources;
mod search;
pub mod taxonomy;
mod organisation;

pub use build::{About, Builder, NameKind};
pub use organisation::{Organisation, Organisations, read_ror};
pub use sources::read_source;
pub use taxonomy::{Match, Taxon, Taxonomy};

/// What is wrong with a file of names, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("could not {attempted} {path}: {source}")]
    File { attempted: &'static str, path: String, source: std::io::Error },
    #[error("{path} is no list of {what} that can be read: {why}; make it again with `{command}`")]
    NotThatList { path: String, what: &'static str, why: &'static str, command: &'static str },
    #[error("{path} cannot be read as {form}: {why}")]
    Source { path: String, form: &'static str, why: String },
    #[error("{what} are more than {most}; import a part of them")]
    TooMany { what: &'static str, most: usize },
}

/// A list as the program carries it inside.
pub fn packed(bytes: &[u8], level: i32) -> Result<Vec<u8>, Fault> {
    zstd::bulk::compress(bytes, level).map_err(|source| Fault::File { attempted: "pack", path: "the list".to_owned(), source })
}
