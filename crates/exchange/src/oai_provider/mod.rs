//! OAI-PMH 2.0, the side that answers: what is asked, and every answer as a document. Where the records come from and who may
//! read them is decided elsewhere; here are only words.

mod answer;
mod request;
mod token;

pub use answer::{Answer, Head, Identity};
pub use request::{List, Prefix, Request, Verb, Wanted};
pub use token::{TOKEN_SECONDS, Token};

/// What is said in place of an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OaiError {
    #[error("{0}")]
    BadVerb(String),
    #[error("{0}")]
    BadArgument(String),
    #[error("{0}")]
    BadResumptionToken(String),
    #[error("“{0}” is not a form of metadata that this record is given in; ListMetadataFormats lists them")]
    CannotDisseminateFormat(String),
    #[error("“{0}” is not an identifier of this repository")]
    IdDoesNotExist(String),
    #[error("no record fits these arguments")]
    NoRecordsMatch,
}

impl OaiError {
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadVerb(_) => "badVerb",
            Self::BadArgument(_) => "badArgument",
            Self::BadResumptionToken(_) => "badResumptionToken",
            Self::CannotDisseminateFormat(_) => "cannotDisseminateFormat",
            Self::IdDoesNotExist(_) => "idDoesNotExist",
            Self::NoRecordsMatch => "noRecordsMatch",
        }
    }
}
