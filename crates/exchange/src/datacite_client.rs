//! An account at DataCite's REST API: one request at a time, believed only as far as it can be read. While the registrar is
//! silent, or asks for a pause, nobody is made to wait for it: the next one is refused at once until the pause is over.

use crate::registrar::{DoiPage, RegistrarFault, read};
use record::{
    doi::{Doi, Prefix},
    instant::Instant,
};
use serde_json::Value;
use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

pub struct DataCite {
    /// `https://api.datacite.org` or `https://api.test.datacite.org`.
    url: String,
    repository: String,
    password: String,
    client: reqwest::Client,
    checks_pages: bool,
    pause: Mutex<Pause>,
}

/// By the clock of the archive, which tests can move.
#[derive(Debug, Default)]
struct Pause {
    until: Option<Instant>,
    silences: u32,
    why: String,
    /// It does not let us in.
    is_closed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Put,
    Delete,
}

const TIMEOUT: Duration = Duration::from_secs(30);
const ANSWER_BYTES_MAX: usize = 1 << 20;
const PAGE_BYTES_MAX: usize = 32 << 20;
const PAGE_DOIS: usize = 200;
const MESSAGE_CHARS_MAX: usize = 500;
/// After a first silence, doubled with each further one.
const PAUSE_SECONDS: i64 = 5;
const PAUSE_SECONDS_MAX: i64 = 300;
/// What it may ask for; a longer wish is granted in parts.
const WISHED_PAUSE_SECONDS_MAX: i64 = 3600;
/// Until when a wrong password is not tried again.
const CLOSED_SECONDS: i64 = 900;
const PAGE_DOWN_SECONDS: i64 = 60;
/// Otherwise the publisher comes as a name and affiliations as texts.
const IN_FULL: &str = "affiliation=true&publisher=true";

impl DataCite {
    pub(crate) fn new(url: &str, repository: &str, password: &str) -> Result<Self, RegistrarFault> {
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            repository: repository.to_owned(),
            password: password.to_owned(),
            client: client(TIMEOUT)?,
            checks_pages: false,
            pause: Mutex::default(),
        })
    }
    pub(crate) fn within(self, timeout: Duration) -> Result<Self, RegistrarFault> {
        Ok(Self { client: client(timeout)?, ..self })
    }
    pub(crate) fn checking_pages(self) -> Self {
        Self { checks_pages: true, ..self }
    }
    pub(crate) fn words(&self) -> String {
        format!("DataCite at {} as {}", self.url, self.repository)
    }

    /// `None` when it knows no such DOI.
    pub(crate) async fn ask(&self, method: Method, doi: &Doi, body: Option<&Value>, now: Instant) -> Result<Option<Value>, RegistrarFault> {
        let address = format!("{}/dois/{}?{IN_FULL}", self.url, address_part(doi.as_str()));
        self.send(method, &address, body, ANSWER_BYTES_MAX, now).await
    }

    pub(crate) async fn list(&self, prefix: &Prefix, cursor: &str, now: Instant) -> Result<DoiPage, RegistrarFault> {
        let (repository, from) = (address_part(&self.repository.to_lowercase()), address_part(cursor));
        let address = format!(
            "{}/dois?prefix={}&client-id={repository}&state=findable,registered,draft&disable-facets=true&page[size]={PAGE_DOIS}&page[cursor]={from}&{IN_FULL}",
            self.url,
            prefix.as_str()
        );
        let page = self.send(Method::Get, &address, None, PAGE_BYTES_MAX, now).await?;
        let unreadable = || RegistrarFault::may_pass("its list of DOIs cannot be read");
        let page = page.ok_or_else(unreadable)?;
        let items = page["data"].as_array().ok_or_else(unreadable)?;
        let seen = items.iter().map(|item| read(item).ok_or_else(unreadable)).collect::<Result<Vec<_>, _>>()?;
        // Only the cursor is taken from its link: the password goes to the configured address and nowhere else.
        let next = page["links"]["next"].as_str().and_then(cursor_of).filter(|next| !seen.is_empty() && *next != cursor);
        Ok(DoiPage { seen, next })
    }

    /// Nothing when pages are not to be checked. A tombstone is a page too.
    pub(crate) async fn page_is_up(&self, url: &str, now: Instant) -> Result<(), RegistrarFault> {
        if !self.checks_pages {
            return Ok(());
        }
        self.refuse_while_pausing(now)?;
        let down = |why: String| {
            let says = format!("the page that the DOI leads to does not answer yet ({why}); it is told when {url} does");
            Err(RegistrarFault::may_pass(shortened(&says)).again_in(PAGE_DOWN_SECONDS))
        };
        match self.client.get(url).send().await {
            Ok(response) if response.status().is_success() || response.status().as_u16() == 410 => Ok(()),
            Ok(response) => down(response.status().to_string()),
            Err(error) => down(cause_of(&error)),
        }
    }

    async fn send(
        &self,
        method: Method,
        address: &str,
        body: Option<&Value>,
        bytes_max: usize,
        now: Instant,
    ) -> Result<Option<Value>, RegistrarFault> {
        self.refuse_while_pausing(now)?;
        let mut request = match method {
            Method::Get => self.client.get(address),
            Method::Put => self.client.put(address),
            Method::Delete => self.client.delete(address),
        };
        request = request.basic_auth(&self.repository, Some(&self.password)).header("Accept", "application/vnd.api+json");
        if let Some(body) = body {
            request = request.header("Content-Type", "application/vnd.api+json").body(body.to_string());
        }
        let answered = self.answer_to(request, bytes_max).await;
        self.remember(&answered, now);
        let (status, wished_pause, answer) = answered?;
        match status {
            200 | 201 => {
                serde_json::from_slice(&answer).map(Some).map_err(|_| RegistrarFault::may_pass("it accepted, but its answer is not JSON"))
            }
            204 => Ok(Some(Value::Null)),
            404 => Ok(None),
            429 | 503 => Err(RegistrarFault { again_in_seconds: wished_pause, ..RegistrarFault::may_pass(message(status, &answer)) }),
            408 | 409 | 423 | 425 | 500..=599 => Err(RegistrarFault::may_pass(message(status, &answer))),
            401 => Err(RegistrarFault { is_closed: true, ..RegistrarFault::may_pass(closed(status, &answer)).again_in(CLOSED_SECONDS) }),
            403 => Err(RegistrarFault::may_pass(closed(status, &answer)).again_in(CLOSED_SECONDS)),
            // Two requests for a new DOI met: the next one finds it there.
            422 if String::from_utf8_lossy(&answer).contains("already been taken") => {
                Err(RegistrarFault::may_pass(message(status, &answer)))
            }
            _ => Err(RegistrarFault::refusal(message(status, &answer))),
        }
    }

    /// Status, the pause that is asked for, and the body.
    async fn answer_to(&self, request: reqwest::RequestBuilder, bytes_max: usize) -> Result<(u16, Option<i64>, Vec<u8>), RegistrarFault> {
        let mut response = request.send().await.map_err(|error| unreachable(&error))?;
        let status = response.status().as_u16();
        let wished = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.trim().parse::<i64>().ok());
        let mut answer = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| unreachable(&error))? {
            answer.extend_from_slice(&piece);
            if answer.len() > bytes_max {
                return Err(RegistrarFault::may_pass(format!("it answered {status} with more than {bytes_max} bytes")));
            }
        }
        Ok((status, wished.map(|seconds| seconds.clamp(1, WISHED_PAUSE_SECONDS_MAX)), answer))
    }

    fn refuse_while_pausing(&self, now: Instant) -> Result<(), RegistrarFault> {
        let pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        match pause.until {
            Some(until) if until > now => {
                let seconds = (until.0 - now.0).div_euclid(1000) + 1;
                Err(RegistrarFault { is_closed: pause.is_closed, ..RegistrarFault::may_pass(pause.why.clone()).again_in(seconds) })
            }
            _ => Ok(()),
        }
    }

    fn remember(&self, answered: &Result<(u16, Option<i64>, Vec<u8>), RegistrarFault>, now: Instant) {
        let mut pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        match answered {
            Err(fault) => {
                let seconds = (PAUSE_SECONDS << pause.silences.min(10)).min(PAUSE_SECONDS_MAX);
                let silences = pause.silences.saturating_add(1);
                *pause = Pause { until: Some(now.plus_seconds(seconds)), silences, why: fault.says.clone(), is_closed: false };
            }
            Ok((status @ 429, wished, _)) | Ok((status @ 503, wished @ Some(_), _)) => {
                let why = format!("{status}: it asks for a pause");
                *pause = Pause { until: Some(now.plus_seconds(wished.unwrap_or(PAUSE_SECONDS_MAX))), silences: 0, why, is_closed: false };
            }
            // The same password for every DOI: asking for the next one would only be refused again, until it locks us out.
            Ok((status @ 401, _, answer)) => {
                *pause =
                    Pause { until: Some(now.plus_seconds(CLOSED_SECONDS)), silences: 0, why: closed(*status, answer), is_closed: true };
            }
            Ok(_) => *pause = Pause::default(),
        }
    }
}

fn client(timeout: Duration) -> Result<reqwest::Client, RegistrarFault> {
    reqwest::Client::builder()
        .timeout(timeout)
        .connect_timeout(timeout.min(Duration::from_secs(10)))
        // A redirect would carry the password elsewhere.
        .redirect(reqwest::redirect::Policy::none())
        // A late second answer to one request must not be taken for the answer to the next.
        .pool_max_idle_per_host(0)
        .user_agent(concat!("Science3D/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| RegistrarFault::refusal(format!("no HTTP client could be made: {error}")))
}

fn unreachable(error: &reqwest::Error) -> RegistrarFault {
    let says = if error.is_timeout() { "it did not answer in time" } else { "it cannot be reached" };
    RegistrarFault::may_pass(shortened(&format!("{says} ({})", cause_of(error))))
}

/// The address is known to the operator; the cause lies at the end of the chain.
fn cause_of(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// `page[cursor]` of an address.
fn cursor_of(link: &str) -> Option<String> {
    let (_, query) = link.split_once('?')?;
    let pair = query.split('&').find_map(|pair| pair.strip_prefix("page[cursor]=").or(pair.strip_prefix("page%5Bcursor%5D=")))?;
    Some(unescaped(pair)).filter(|cursor| !cursor.is_empty())
}

fn unescaped(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, tail @ ..] = rest {
        let escaped = (*first == b'%').then(|| tail.get(..2).and_then(|two| std::str::from_utf8(two).ok()));
        match escaped.flatten().and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => (bytes.push(byte), rest = &tail[2..]).1,
            None => (bytes.push(*first), rest = tail).1,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
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

fn closed(status: u16, answer: &[u8]) -> String {
    format!("{}; the operator should check the repository, its password and its prefix", message(status, answer))
}

fn shortened(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(MESSAGE_CHARS_MAX).collect()
}

/// As part of an address: everything but the plainest letters is escaped, the slash stays.
fn address_part(text: &str) -> String {
    let mut part = String::with_capacity(text.len());
    for byte in text.bytes() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_taken_from_a_link_and_goes_back_as_it_came() {
        let link = "https://elsewhere.example/dois?page%5Bcursor%5D=MTc%3D%2Bx&page%5Bsize%5D=2";
        assert_eq!(cursor_of(link).as_deref(), Some("MTc=+x"));
        assert_eq!(address_part("MTc=+x"), "MTc%3D%2Bx");
        assert_eq!(cursor_of("https://elsewhere.example/dois"), None);
        assert_eq!(unescaped("100%"), "100%");
    }
}
