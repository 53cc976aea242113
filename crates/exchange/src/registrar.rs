//! Telling the registrar of DOIs what a DOI is of and where it leads. Only the words travel here;
//! when and how often is the business of the job that calls.

use crate::{datacite, place::Place};
use record::{Record, doi::Doi, instant::Instant, state::State};
use serde_json::{Value, json};
use std::{fmt, time::Duration};

#[derive(Debug)]
pub enum Registrar {
    /// Accepts everything and tells nobody: for trying out, with DataCite's test prefix.
    Sandbox,
    DataCite(Box<DataCite>),
}

/// An account at DataCite's REST API.
pub struct DataCite {
    /// `https://api.datacite.org` or `https://api.test.datacite.org`.
    url: String,
    repository: String,
    password: String,
    client: reqwest::Client,
}

/// What the registrar is to know of one DOI.
#[derive(Debug, Clone, PartialEq)]
pub struct DoiDocument {
    pub doi: Doi,
    pub wish: Wish,
    /// DataCite's attributes, without the event.
    pub attributes: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Findable by everyone.
    Publish,
    /// It still resolves, to the tombstone, but is listed nowhere.
    Hide,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the DOI registrar {}: {says}", if *.retry { "could not be told, it will be tried again" } else { "refused" })]
pub struct RegistrarFault {
    /// Whether waiting may help.
    pub retry: bool,
    pub says: String,
}

const TIMEOUT: Duration = Duration::from_secs(30);
const ANSWER_BYTES_MAX: usize = 1 << 20;
const MESSAGE_CHARS_MAX: usize = 500;

impl DoiDocument {
    /// `None` when the record has no DOI of ours: a draft, or an article that carries its publisher's.
    pub fn of(record: &Record, place: &Place, now: Instant) -> Option<Self> {
        let doi = record.state.doi()?.clone();
        let wish = if matches!(record.state, State::Withdrawn { .. }) { Wish::Hide } else { Wish::Publish };
        let mut attributes = datacite::to_json(record, place, now);
        attributes["doi"] = json!(doi.as_str());
        Some(Self { doi, wish, attributes })
    }

    fn body(&self) -> Value {
        let mut attributes = self.attributes.clone();
        attributes["event"] = json!(match self.wish {
            Wish::Publish => "publish",
            Wish::Hide => "hide",
        });
        json!({ "data": { "id": self.doi.as_str(), "type": "dois", "attributes": attributes } })
    }
}

impl Registrar {
    pub fn datacite(url: &str, repository: &str, password: &str) -> Result<Self, RegistrarFault> {
        Self::datacite_within(url, repository, password, TIMEOUT)
    }

    /// With another patience than the usual 30 seconds.
    pub fn datacite_within(url: &str, repository: &str, password: &str, timeout: Duration) -> Result<Self, RegistrarFault> {
        let client = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(10)))
            // A redirect would carry the password elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("Science3D/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| RegistrarFault { retry: false, says: format!("no HTTP client could be made: {error}") })?;
        Ok(Self::DataCite(Box::new(DataCite {
            url: url.trim_end_matches('/').to_owned(),
            repository: repository.to_owned(),
            password: password.to_owned(),
            client,
        })))
    }

    /// For the operator's page.
    pub fn words(&self) -> String {
        match self {
            Self::Sandbox => "sandbox: DOIs are not registered anywhere and do not resolve".to_owned(),
            Self::DataCite(account) => format!("DataCite at {} as {}", account.url, account.repository),
        }
    }
    pub fn is_sandbox(&self) -> bool {
        matches!(self, Self::Sandbox)
    }

    /// Makes what the registrar knows agree with the document. May be repeated.
    pub async fn tell(&self, document: &DoiDocument) -> Result<(), RegistrarFault> {
        match self {
            Self::Sandbox => Ok(()),
            Self::DataCite(account) => account.tell(document).await,
        }
    }
}

impl DataCite {
    async fn tell(&self, document: &DoiDocument) -> Result<(), RegistrarFault> {
        let request = self
            .client
            .put(format!("{}/dois/{}", self.url, address_part(document.doi.as_str())))
            .basic_auth(&self.repository, Some(&self.password))
            .header("Content-Type", "application/vnd.api+json")
            .header("Accept", "application/vnd.api+json")
            .body(document.body().to_string());
        let mut response = request.send().await.map_err(unreachable)?;
        let status = response.status().as_u16();
        let mut answer = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(unreachable)? {
            answer.extend_from_slice(&piece);
            if answer.len() > ANSWER_BYTES_MAX {
                return Err(RegistrarFault { retry: true, says: format!("it answered {status} with more than {ANSWER_BYTES_MAX} bytes") });
            }
        }
        match status {
            200 | 201 => believe(document, &answer),
            408 | 425 | 429 | 500..=599 => Err(RegistrarFault { retry: true, says: message(status, &answer) }),
            401 | 403 => Err(RegistrarFault {
                retry: false,
                says: format!("{}; check the repository, its password and its prefix in the configuration", message(status, &answer)),
            }),
            _ => Err(RegistrarFault { retry: false, says: message(status, &answer) }),
        }
    }
}

/// A good status alone is not believed: the answer must speak of this DOI, in the state we asked for.
fn believe(document: &DoiDocument, answer: &[u8]) -> Result<(), RegistrarFault> {
    let doubt = |says: String| Err(RegistrarFault { retry: true, says });
    let Ok(answer) = serde_json::from_slice::<Value>(answer) else {
        return doubt("it accepted, but its answer is not JSON".to_owned());
    };
    let named = answer["data"]["id"].as_str().unwrap_or_default();
    if !named.eq_ignore_ascii_case(document.doi.as_str()) {
        return doubt(format!("it accepted, but speaks of the DOI “{}” instead of {}", shortened(named), document.doi));
    }
    let state = answer["data"]["attributes"]["state"].as_str().unwrap_or_default();
    let expected = match document.wish {
        Wish::Publish => "findable",
        Wish::Hide => "registered",
    };
    if state != expected {
        return doubt(format!("it accepted, but says that the DOI is “{}” instead of “{expected}”", shortened(state)));
    }
    Ok(())
}

fn unreachable(error: reqwest::Error) -> RegistrarFault {
    let mut says = if error.is_timeout() { "it did not answer in time".to_owned() } else { "it cannot be reached".to_owned() };
    // The address is known to the operator; the cause lies at the end of the chain.
    let mut cause = std::error::Error::source(&error);
    while let Some(deeper) = cause.and_then(std::error::Error::source) {
        cause = Some(deeper);
    }
    if let Some(cause) = cause {
        says.push_str(&format!(" ({cause})"));
    }
    RegistrarFault { retry: true, says: shortened(&says) }
}

/// `422: Creators can't be blank`, from DataCite's list of errors or the beginning of whatever came.
fn message(status: u16, answer: &[u8]) -> String {
    let parsed = serde_json::from_slice::<Value>(answer).unwrap_or_default();
    let errors = parsed["errors"].as_array().into_iter().flatten();
    let told: Vec<String> = errors
        .filter_map(|error| {
            let title = error["title"].as_str().or(error["detail"].as_str())?;
            Some(error["source"].as_str().map_or_else(|| title.to_owned(), |source| format!("{source}: {title}")))
        })
        .collect();
    let words = if told.is_empty() { String::from_utf8_lossy(answer).trim().to_owned() } else { told.join("; ") };
    shortened(&if words.is_empty() { format!("status {status}") } else { format!("{status}: {words}") })
}

fn shortened(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(MESSAGE_CHARS_MAX).collect()
}

/// A DOI as part of an address: everything but the plainest letters is escaped, the slash stays.
fn address_part(doi: &str) -> String {
    let mut part = String::with_capacity(doi.len());
    for byte in doi.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            part.push(char::from(byte));
        } else {
            part.push_str(&format!("%{byte:02X}"));
        }
    }
    part
}

impl fmt::Debug for DataCite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataCite at {} as {} (password hidden)", self.url, self.repository)
    }
}
