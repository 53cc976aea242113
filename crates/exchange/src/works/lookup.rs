//! Asking Crossref, then DataCite, what a DOI is of. Only the two addresses that the operator configured are ever
//! connected to; a DOI is data in the address and cannot lead elsewhere. Asked only when a person presses a button.

use super::{crossref, datacite};
use record::{
    doi::{Doi, Prefix},
    metadata::Metadata,
};
use serde_json::Value;
use std::{fmt::Write, sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// Where to ask, and in whose name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registries {
    /// `https://api.crossref.org`; empty: it is not asked.
    pub crossref_url: String,
    /// `https://api.datacite.org`; empty: it is not asked.
    pub datacite_url: String,
    /// Whom they may write to when we disturb them.
    pub contact: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupFault {
    #[error("neither Crossref nor DataCite knows the DOI {0}")]
    Unknown(Doi),
    #[error("no DOI registry is configured")]
    NotConfigured,
    #[error("{registry} could not be asked: {says}")]
    Unreachable { registry: &'static str, says: String },
    #[error("too many people are asking at the same time")]
    Busy,
}

#[derive(Clone)]
pub struct Lookup {
    registries: Registries,
    client: Option<reqwest::Client>,
    at_once: Arc<Semaphore>,
}

/// Both registries together; whoever waits longer types faster.
const PATIENCE: Duration = Duration::from_secs(20);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// A work of 3,000 authors and 1,000 references is 3 MB long.
const ANSWER_BYTES_MAX: usize = 12 << 20;
const AT_ONCE_MAX: usize = 4;
const REDIRECTS_MAX: usize = 3;

impl Lookup {
    pub fn new(registries: Registries) -> Self {
        let registries = Registries {
            crossref_url: registries.crossref_url.trim_end_matches('/').to_owned(),
            datacite_url: registries.datacite_url.trim_end_matches('/').to_owned(),
            contact: registries.contact,
        };
        let client = reqwest::Client::builder()
            .timeout(REQUEST_TIMEOUT)
            .connect_timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::custom(same_host_only))
            .user_agent(user_agent(&registries.contact))
            .build();
        let client = client.inspect_err(|error| tracing::error!(%error, "no HTTP client could be made; DOIs are not looked up")).ok();
        Self { registries, client, at_once: Arc::new(Semaphore::new(AT_ONCE_MAX)) }
    }

    /// What the work is. Relations are kept where they point to DOIs of `prefix`.
    pub async fn find(&self, doi: &Doi, prefix: &Prefix) -> Result<Metadata, LookupFault> {
        let _permit = self.at_once.try_acquire().map_err(|_| LookupFault::Busy)?;
        let asked = tokio::time::timeout(PATIENCE, self.ask_both(doi, prefix)).await;
        asked.unwrap_or(Err(LookupFault::Unreachable { registry: "Crossref", says: "it did not answer in time".to_owned() }))
    }

    async fn ask_both(&self, doi: &Doi, prefix: &Prefix) -> Result<Metadata, LookupFault> {
        let Registries { crossref_url, datacite_url, .. } = &self.registries;
        let mut fault = LookupFault::NotConfigured;
        if !crossref_url.is_empty() {
            match self.ask("Crossref", &format!("{crossref_url}/works/{}", one_segment(doi))).await {
                Ok(Some(answer)) => return Ok(of_this_doi(crossref::to_metadata(&answer["message"], prefix), doi)),
                Ok(None) => fault = LookupFault::Unknown(doi.clone()),
                Err(unreachable) => fault = unreachable,
            }
        }
        if !datacite_url.is_empty() {
            match self.ask("DataCite", &format!("{datacite_url}/dois/{}", one_segment(doi))).await {
                Ok(Some(answer)) => return Ok(of_this_doi(datacite::to_metadata(&answer["data"]["attributes"], prefix), doi)),
                // That one does not know it proves nothing while the other does not answer.
                Ok(None) if fault == LookupFault::NotConfigured => fault = LookupFault::Unknown(doi.clone()),
                Ok(None) => {}
                Err(unreachable) => fault = unreachable,
            }
        }
        Err(fault)
    }

    /// `None`: it has no such DOI.
    async fn ask(&self, registry: &'static str, address: &str) -> Result<Option<Value>, LookupFault> {
        let fault = |says: String| LookupFault::Unreachable { registry, says };
        let client = self.client.as_ref().ok_or(LookupFault::NotConfigured)?;
        let mut response = client.get(address).send().await.map_err(|error| fault(why(&error)))?;
        match response.status().as_u16() {
            200 => {}
            404 | 410 => return Ok(None),
            status => return Err(fault(format!("it answered with status {status}"))),
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| fault(why(&error)))? {
            body.extend_from_slice(&piece);
            if body.len() > ANSWER_BYTES_MAX {
                return Err(fault(format!("its answer is longer than {ANSWER_BYTES_MAX} bytes")));
            }
        }
        serde_json::from_slice(&body).map(Some).map_err(|_| fault("its answer is not JSON".to_owned()))
    }
}

/// Whatever the registry said, the DOI is the one that was asked for.
fn of_this_doi(mut metadata: Metadata, doi: &Doi) -> Metadata {
    metadata.article.get_or_insert_with(Default::default).doi = Some(doi.clone());
    metadata
}

pub(crate) fn same_host_only(attempt: reqwest::redirect::Attempt<'_>) -> reqwest::redirect::Action {
    let first = attempt.previous().first();
    let stays = first.is_some_and(|first| {
        let next = attempt.url();
        (first.scheme(), first.host_str(), first.port_or_known_default()) == (next.scheme(), next.host_str(), next.port_or_known_default())
    });
    if stays && attempt.previous().len() <= REDIRECTS_MAX { attempt.follow() } else { attempt.stop() }
}

/// The politeness that both registries and all harvested catalogues ask for.
pub(crate) fn user_agent(contact: &str) -> String {
    let program = concat!("Science3D/", env!("CARGO_PKG_VERSION"));
    let contact: String = contact.chars().filter(|letter| letter.is_ascii_graphic()).take(100).collect();
    if contact.is_empty() { program.to_owned() } else { format!("{program} (mailto:{contact})") }
}

/// With every slash and dot-segment of the DOI escaped: it is one piece of the path, wherever it would like to go.
fn one_segment(doi: &Doi) -> String {
    let mut out = String::new();
    for byte in doi.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}"); // writing to a String cannot fail
        }
    }
    out
}

/// In words, without the address, which the operator knows and others need not.
pub(crate) fn why(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it did not answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let words: String = cause.to_string().chars().filter(|letter| !letter.is_control()).take(200).collect();
    if error.is_connect() { format!("it cannot be reached ({words})") } else { words }
}
