//! The wire to a harvested server: one request at a time, with limits on time and bytes, and only to its own host.

use super::{
    fields::FieldMap,
    pieces,
    response::{self, Answer, Page, Reading},
};
use crate::works::lookup::{same_host_only, user_agent, why};
use record::{doi::Prefix, harvest::Source, instant::Instant};
use std::time::Duration;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Everything that changed since; all when `None`.
    Since(Option<Instant>),
    Token(String),
}

/// One page, from whom and how it is read.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub source: &'a Source,
    pub fields: &'a FieldMap,
    pub ours: &'a Prefix,
    pub identity: Identity,
    pub ask: &'a Ask,
    /// When it is no XML, record by record, so that what is broken costs itself alone.
    pub in_pieces: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Whether dates may have a time of day.
    pub has_seconds: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HarvestFault {
    /// The network, or the server's bad day.
    #[error("{0}")]
    MayPass(String),
    /// A page that is no XML; its pieces may still be read.
    #[error("{0}")]
    Broken(String),
    /// It asks for a pause.
    #[error("it asked for a pause of {seconds} seconds")]
    Wait { seconds: u64 },
    /// It has forgotten where we were; the harvest begins again.
    #[error("it has forgotten where the harvest was")]
    TokenForgotten,
    /// Another address, another format, another table is needed.
    #[error("{0}")]
    NeedsAPerson(String),
}

pub struct Harvester {
    client: reqwest::Client,
}

/// Some servers think long about their first page.
const TIMEOUT: Duration = Duration::from_secs(120);
/// Between two pieces of an answer.
const STILL_TIMEOUT: Duration = Duration::from_secs(60);
const PAGE_BYTES_MAX: usize = 24 << 20;
const WAIT_SECONDS: u64 = 600;
const WAIT_SECONDS_MAX: u64 = 24 * 3600;

impl Harvester {
    pub fn new(contact: &str) -> Result<Self, HarvestFault> {
        Self::patient(contact, TIMEOUT)
    }

    /// With another patience than the usual.
    pub fn patient(contact: &str, timeout: Duration) -> Result<Self, HarvestFault> {
        let client = reqwest::Client::builder()
            .timeout(timeout)
            .read_timeout(timeout.min(STILL_TIMEOUT))
            .connect_timeout(timeout.min(Duration::from_secs(15)))
            .redirect(reqwest::redirect::Policy::custom(same_host_only))
            .user_agent(user_agent(contact))
            .build()
            .map_err(|error| HarvestFault::NeedsAPerson(format!("no HTTP client could be made: {error}")))?;
        Ok(Self { client })
    }

    pub async fn identify(&self, source: &Source) -> Result<Identity, HarvestFault> {
        let text = self.ask(source, &[("verb", "Identify")]).await?;
        let has_seconds = response::granularity_has_seconds(&text).map_err(HarvestFault::NeedsAPerson)?;
        Ok(Identity { has_seconds })
    }

    /// One page of records. Nothing to say is an empty page.
    pub async fn page(&self, asked: &Asked<'_>) -> Result<Page, HarvestFault> {
        let Asked { source, identity, ask, .. } = *asked;
        let since;
        let mut pairs = vec![("verb", "ListRecords")];
        match ask {
            Ask::Token(token) => pairs.push(("resumptionToken", token)),
            Ask::Since(from) => {
                pairs.push(("metadataPrefix", if source.prefix.is_empty() { source.format.name() } else { &source.prefix }));
                if let Some(set) = &source.set {
                    pairs.push(("set", set));
                }
                if let Some(from) = from {
                    since = date(*from, identity);
                    pairs.push(("from", &since));
                }
            }
        }
        let text = self.ask(source, &pairs).await?;
        read_page(&text, asked)
    }

    async fn ask(&self, source: &Source, pairs: &[(&str, &str)]) -> Result<String, HarvestFault> {
        let passing = |error: reqwest::Error| HarvestFault::MayPass(why(&error));
        let mut address = reqwest::Url::parse(&source.url)
            .map_err(|error| HarvestFault::NeedsAPerson(format!("its address {} is none: {error}", source.url)))?;
        address.query_pairs_mut().extend_pairs(pairs);
        let mut response = self.client.get(address).send().await.map_err(passing)?;
        let status = response.status().as_u16();
        if matches!(status, 429 | 503) {
            let asked =
                response.headers().get("retry-after").and_then(|value| value.to_str().ok()).and_then(|text| text.trim().parse().ok());
            return Err(HarvestFault::Wait { seconds: asked.unwrap_or(WAIT_SECONDS).clamp(1, WAIT_SECONDS_MAX) });
        }
        match status {
            200 => {}
            408 | 425 | 500..=599 => return Err(HarvestFault::MayPass(format!("it answered with status {status}"))),
            _ => return Err(HarvestFault::NeedsAPerson(format!("it answered with status {status}; check its address"))),
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(passing)? {
            body.extend_from_slice(&piece);
            if body.len() > PAGE_BYTES_MAX {
                return Err(HarvestFault::NeedsAPerson(format!("its answer is longer than {PAGE_BYTES_MAX} bytes")));
            }
        }
        Ok(String::from_utf8(body).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }
}

/// What the answer to this question says.
pub fn read_page(text: &str, asked: &Asked<'_>) -> Result<Page, HarvestFault> {
    let reading = Reading { fields: asked.fields, format: asked.source.format, ours: asked.ours };
    // A page that breaks off in the middle may be whole next time.
    let read = response::page(text, &reading).or_else(|why| match asked.in_pieces {
        true => pieces::page(text, &reading).map(Answer::Said).ok_or(why),
        false => Err(why),
    });
    match read.map_err(HarvestFault::Broken)? {
        Answer::Said(page) => Ok(page),
        Answer::Nothing => Ok(Page { items: Vec::new(), token: None }),
        Answer::TokenForgotten => Err(HarvestFault::TokenForgotten),
    }
}

fn date(instant: Instant, identity: Identity) -> String {
    let whole = instant.to_string();
    if identity.has_seconds { format!("{}Z", whole.chars().take(19).collect::<String>()) } else { whole.chars().take(10).collect() }
}
