//! Telling the registrar of DOIs what a DOI is of and where it leads, and reading what it says. Only the words travel here;
//! when and how often is the business of the job that calls.

use crate::{
    datacite,
    datacite_client::{DataCite, Method},
    datacite_difference,
    place::Place,
};
use record::{
    Record,
    doi::{Doi, Prefix},
    file::Sha256,
    instant::Instant,
    ledger::{Difference, DoiState},
    state::State,
};
use serde_json::{Value, json};
use sha2::Digest;
use std::time::Duration;

#[derive(Debug)]
pub enum Registrar {
    /// Accepts everything and tells nobody: for trying out, with DataCite's test prefix.
    Sandbox,
    DataCite(Box<DataCite>),
}

/// What the registrar is to know of one DOI.
#[derive(Debug, Clone, PartialEq)]
pub struct DoiDocument {
    pub doi: Doi,
    /// Findable, or for a tombstone registered.
    pub wish: DoiState,
    /// DataCite's attributes, without the event.
    pub attributes: Value,
}

/// What the registrar says of one DOI.
#[derive(Debug, Clone, PartialEq)]
pub struct DoiSeen {
    pub doi: Doi,
    pub state: String,
    pub attributes: Value,
}

/// Some of the DOIs that the registrar has, and where the next ones begin.
#[derive(Debug, Clone, PartialEq)]
pub struct DoiPage {
    pub seen: Vec<DoiSeen>,
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the DOI registrar {}: {says}", if *.retry { "could not be told, it will be tried again" } else { "refused" })]
pub struct RegistrarFault {
    /// Whether waiting may help.
    pub retry: bool,
    /// The registrar's wish, or our own pause while it does not answer.
    pub again_in_seconds: Option<i64>,
    /// It does not know us: nothing can be told until the operator has mended name or password.
    pub is_closed: bool,
    pub says: String,
}

/// Where a walk over everything begins.
pub const FIRST_CURSOR: &str = "1";

impl RegistrarFault {
    pub(crate) fn may_pass(says: impl Into<String>) -> Self {
        Self { retry: true, again_in_seconds: None, is_closed: false, says: says.into() }
    }
    pub(crate) fn refusal(says: impl Into<String>) -> Self {
        Self { retry: false, again_in_seconds: None, is_closed: false, says: says.into() }
    }
    pub(crate) fn again_in(self, seconds: i64) -> Self {
        Self { again_in_seconds: Some(seconds), ..self }
    }
}

impl DoiDocument {
    /// `None` when the record has no DOI of ours: a draft, or an article that carries its publisher's.
    pub fn of(record: &Record, place: &Place, now: Instant) -> Option<Self> {
        let doi = record.state.doi()?.clone();
        let wish = if matches!(record.state, State::Withdrawn { .. }) { DoiState::Registered } else { DoiState::Findable };
        let mut attributes = datacite::to_json(record, place, now);
        attributes["doi"] = json!(doi.as_str());
        // What a request leaves out, the registrar keeps: what is no longer said must be taken back.
        for name in ["language", "version"] {
            if attributes.get(name).is_none() {
                attributes[name] = Value::Null;
            }
        }
        Some(Self { doi, wish, attributes })
    }

    /// Over everything that is said; the same words give the same sum.
    pub fn digest(&self) -> Sha256 {
        let mut hasher = sha2::Sha256::new();
        hasher.update(format!("{}\n{}", self.wish.name(), self.attributes));
        Sha256(hasher.finalize().into())
    }

    /// In what the registrar, which says this, differs from us.
    pub fn differences(&self, seen: &DoiSeen) -> Vec<Difference> {
        datacite_difference::differences(self, seen)
    }

    fn body(&self, event: &str) -> Value {
        let mut attributes = self.attributes.clone();
        attributes["event"] = json!(event);
        json!({ "data": { "id": self.doi.as_str(), "type": "dois", "attributes": attributes } })
    }
}

impl Registrar {
    pub fn datacite(url: &str, repository: &str, password: &str) -> Result<Self, RegistrarFault> {
        DataCite::new(url, repository, password).map(|account| Self::DataCite(Box::new(account)))
    }

    /// With another patience than the usual 30 seconds.
    pub fn within(self, timeout: Duration) -> Result<Self, RegistrarFault> {
        match self {
            Self::Sandbox => Ok(Self::Sandbox),
            Self::DataCite(account) => Ok(Self::DataCite(Box::new(account.within(timeout)?))),
        }
    }

    /// A DOI is told only while the page that it leads to answers.
    pub fn checking_pages(self) -> Self {
        match self {
            Self::Sandbox => Self::Sandbox,
            Self::DataCite(account) => Self::DataCite(Box::new(account.checking_pages())),
        }
    }

    /// For the operator's page.
    pub fn words(&self) -> String {
        match self {
            Self::Sandbox => "sandbox: DOIs are not registered anywhere and do not resolve".to_owned(),
            Self::DataCite(account) => account.words(),
        }
    }
    pub fn is_sandbox(&self) -> bool {
        matches!(self, Self::Sandbox)
    }

    /// Makes what the registrar knows agree with the document; may be repeated. What it takes but keeps in other words than
    /// ours is told: asking again would not help.
    pub async fn tell(&self, document: &DoiDocument, now: Instant) -> Result<Vec<Difference>, RegistrarFault> {
        let Self::DataCite(account) = self else { return Ok(Vec::new()) };
        account.page_is_up(document.attributes["url"].as_str().unwrap_or_default(), now).await?;
        let event = if document.wish == DoiState::Registered { "hide" } else { "publish" };
        let mut answered = put(account, document, event, now).await?;
        if document.wish == DoiState::Registered && answered.state == DoiState::Draft.name() {
            // One that it did not know yet has nothing to be hidden from, and must be more than a draft to resolve.
            answered = put(account, document, "register", now).await?;
        }
        believe(document, &answered)?;
        // An answer can be kind and wrong: only what is read back counts.
        let kept = seen(account, &document.doi, now).await?;
        believe(document, &kept.ok_or_else(|| RegistrarFault::may_pass("it accepted, but does not know the DOI when asked for it"))?)
    }

    /// `None` when it does not know the DOI. The sandbox knows none.
    pub async fn seen(&self, doi: &Doi, now: Instant) -> Result<Option<DoiSeen>, RegistrarFault> {
        match self {
            Self::Sandbox => Ok(None),
            Self::DataCite(account) => seen(account, doi, now).await,
        }
    }

    /// The DOIs of this prefix that the repository account has, some at a time.
    pub async fn list(&self, prefix: &Prefix, cursor: &str, now: Instant) -> Result<DoiPage, RegistrarFault> {
        match self {
            Self::Sandbox => Ok(DoiPage { seen: Vec::new(), next: None }),
            Self::DataCite(account) => account.list(prefix, cursor, now).await,
        }
    }

    /// Deletes a draft, hides what the world could find. May be repeated.
    pub async fn retire(&self, doi: &Doi, now: Instant) -> Result<(), RegistrarFault> {
        let Self::DataCite(account) = self else { return Ok(()) };
        let Some(found) = seen(account, doi, now).await? else { return Ok(()) };
        if found.state == DoiState::Draft.name() {
            account.ask(Method::Delete, doi, None, now).await?;
        } else if found.state == DoiState::Findable.name() {
            let body = json!({ "data": { "id": doi.as_str(), "type": "dois", "attributes": { "event": "hide" } } });
            account.ask(Method::Put, doi, Some(&body), now).await?;
        }
        Ok(())
    }
}

async fn put(account: &DataCite, document: &DoiDocument, event: &str, now: Instant) -> Result<DoiSeen, RegistrarFault> {
    let answer = account.ask(Method::Put, &document.doi, Some(&document.body(event)), now).await?;
    let answer = answer.ok_or_else(|| RegistrarFault::refusal("404: it does not take DOIs at the configured address; see doi.url"))?;
    read(&answer).ok_or_else(|| RegistrarFault::may_pass("it accepted, but its answer speaks of no DOI"))
}

async fn seen(account: &DataCite, doi: &Doi, now: Instant) -> Result<Option<DoiSeen>, RegistrarFault> {
    let Some(answer) = account.ask(Method::Get, doi, None, now).await? else { return Ok(None) };
    let found = read(&answer).ok_or_else(|| RegistrarFault::may_pass("its answer speaks of no DOI"))?;
    if found.doi != *doi {
        return Err(RegistrarFault::may_pass(format!("asked for {doi} it speaks of {}", found.doi)));
    }
    Ok(Some(found))
}

pub(crate) fn read(answer: &Value) -> Option<DoiSeen> {
    let data = answer.get("data").unwrap_or(answer);
    let doi = data["id"].as_str()?.parse().ok()?;
    let attributes = data.get("attributes").filter(|attributes| attributes.is_object())?.clone();
    Some(DoiSeen { doi, state: attributes["state"].as_str().unwrap_or_default().to_owned(), attributes })
}

/// A good status alone is not believed: the answer must speak of this DOI, in the state and with the address we asked for.
fn believe(document: &DoiDocument, answered: &DoiSeen) -> Result<Vec<Difference>, RegistrarFault> {
    let doubt = |says: String| Err(RegistrarFault::may_pass(says));
    if answered.doi != document.doi {
        return doubt(format!("it accepted, but speaks of the DOI “{}” instead of {}", answered.doi, document.doi));
    }
    let differences = document.differences(answered);
    for difference in &differences {
        match difference {
            Difference::OtherState { found } => {
                return doubt(format!("it accepted, but says that the DOI is “{found}” instead of “{}”", document.wish.name()));
            }
            Difference::OtherAddress { found } => return doubt(format!("it accepted, but lets the DOI lead to {found}")),
            Difference::Missing | Difference::OtherDescription { .. } | Difference::NotOurs { .. } => {}
        }
    }
    Ok(differences)
}
