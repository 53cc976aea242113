//! Speaks to a server's JSON API as a depositor does: every refusal comes back in the server's own words.

use api::{
    Check, CheckAnswer, CheckedPath, CreateRecord, EnterPublication, JobView, PatchRecord, Problem, ReadinessView, RecordPage, RecordView,
    Schedule, Withdraw,
};
use record::{doi::Doi, id::RecordId, kind::Kind, metadata::Metadata, question::Answers};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error("{attempted}: {detail}{}", hint_words(hint))]
    Refused { attempted: String, status: u16, detail: String, hint: String },
    #[error("{attempted}: cannot reach {server} ({why}). Check the address and that the server runs.")]
    Unreachable { attempted: String, server: String, why: String },
    #[error("{attempted}: {server} answered something that is no answer of Science 3D ({why})")]
    Strange { attempted: String, server: String, why: String },
}

fn hint_words(hint: &str) -> String {
    if hint.is_empty() { String::new() } else { format!(" {hint}") }
}

impl Failed {
    pub fn status(&self) -> Option<u16> {
        match self {
            Failed::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }
    /// Whether the same request may succeed a little later.
    pub fn may_pass(&self) -> bool {
        match self {
            Failed::Refused { status, .. } => matches!(status, 408 | 423 | 425 | 429 | 500..=599),
            Failed::Unreachable { .. } => true,
            Failed::Strange { .. } => false,
        }
    }
}

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    server: String,
    token: Option<String>,
}

impl Client {
    /// A body may stand still for this long before the connection is given up.
    const STILL_SECONDS_MAX: u64 = 120;
    const ANSWER_BYTES_MAX: usize = 64 << 20;
    const RECORDS_MAX: usize = 100_000;

    pub fn new(server: &str, token: Option<String>) -> Result<Self, Failed> {
        let server = server.trim_end_matches('/').to_owned();
        let builder = reqwest::Client::builder()
            .user_agent(concat!("science3d/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(20))
            .read_timeout(Duration::from_secs(Self::STILL_SECONDS_MAX));
        let http = builder.build().map_err(|fault| unreachable_server("preparing the connection", &server, &fault))?;
        Ok(Self { http, server, token })
    }

    pub fn server(&self) -> &str {
        &self.server
    }

    /// An absolute address from what the server called it.
    pub fn address(&self, path: &str) -> String {
        if path.starts_with("http://") || path.starts_with("https://") { path.to_owned() } else { format!("{}{path}", self.server) }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, self.address(path));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends and turns every answer that is not a success into the server's words.
    pub async fn send(&self, attempted: &str, request: RequestBuilder) -> Result<Response, Failed> {
        let answer = request.send().await.map_err(|fault| unreachable_server(attempted, &self.server, &fault))?;
        if answer.status().is_success() { Ok(answer) } else { Err(refusal(attempted, answer).await) }
    }

    async fn ask<T: DeserializeOwned>(&self, attempted: &str, request: RequestBuilder) -> Result<T, Failed> {
        let answer = self.send(attempted, request).await?;
        let strange = |why: String| Failed::Strange { attempted: attempted.to_owned(), server: self.server.clone(), why };
        let body = answer.bytes().await.map_err(|fault| unreachable_server(attempted, &self.server, &fault))?;
        if body.len() > Self::ANSWER_BYTES_MAX {
            return Err(strange(format!("{} bytes", body.len())));
        }
        serde_json::from_slice(&body).map_err(|fault| strange(fault.to_string()))
    }

    pub async fn create(&self, kind: Kind, metadata: Metadata) -> Result<RecordView, Failed> {
        let metadata = serde_json::to_value(metadata).unwrap_or_default();
        let body = CreateRecord { kind, metadata };
        self.ask("creating the record", self.request(Method::POST, "/api/v1/records").json(&body)).await
    }

    /// A draft of the publication that has this DOI, as the registries of DOIs describe it.
    pub async fn enter_publication(&self, doi: &Doi) -> Result<RecordView, Failed> {
        let body = EnterPublication { doi: doi.to_string(), publish: false };
        self.ask("registering the publication", self.request(Method::POST, "/api/v1/publications").json(&body)).await
    }

    /// A draft with the words of that record.
    pub async fn copy(&self, id: &RecordId) -> Result<RecordView, Failed> {
        self.ask("beginning with a template", self.request(Method::POST, &format!("/api/v1/records/{id}/copy"))).await
    }

    pub async fn record(&self, id: &RecordId) -> Result<RecordView, Failed> {
        self.ask("reading the record", self.request(Method::GET, &format!("/api/v1/records/{id}"))).await
    }

    /// All records that the holder of the token works on.
    pub async fn my_records(&self) -> Result<Vec<RecordView>, Failed> {
        let mut records = Vec::new();
        let mut after = String::new();
        loop {
            let page: RecordPage =
                self.ask("listing your records", self.request(Method::GET, &format!("/api/v1/records?limit=100{after}"))).await?;
            records.extend(page.records);
            match page.next {
                // A server that always says “more” must not hold us for ever.
                Some(next) if records.len() < Self::RECORDS_MAX => after = format!("&after={next}"),
                _ => return Ok(records),
            }
        }
    }

    /// Changes the fields given and leaves the others (RFC 7396).
    pub async fn patch(&self, id: &RecordId, metadata: Value) -> Result<RecordView, Failed> {
        let body = PatchRecord { metadata, revision: None };
        self.ask("describing the record", self.request(Method::PATCH, &format!("/api/v1/records/{id}")).json(&body)).await
    }

    /// What the files leave open.
    pub async fn answer(&self, id: &RecordId, answers: &Answers) -> Result<RecordView, Failed> {
        self.ask("saying what the files are", self.request(Method::PUT, &format!("/api/v1/records/{id}/answers")).json(answers)).await
    }

    pub async fn readiness(&self, id: &RecordId) -> Result<ReadinessView, Failed> {
        self.ask("asking what is missing", self.request(Method::GET, &format!("/api/v1/records/{id}/readiness"))).await
    }

    pub async fn jobs(&self, id: &RecordId) -> Result<Vec<JobView>, Failed> {
        self.ask("asking what the server is doing", self.request(Method::GET, &format!("/api/v1/records/{id}/jobs"))).await
    }

    /// What the server has already of these files; at most a thousand at once.
    pub async fn check(&self, id: &RecordId, files: &[(String, u64)]) -> Result<CheckAnswer, Failed> {
        let paths = files.iter().map(|(path, size)| CheckedPath { path: path.clone(), size: *size }).collect();
        self.ask(
            "asking which files are there",
            self.request(Method::POST, &format!("/api/v1/records/{id}/files/check")).json(&Check { paths }),
        )
        .await
    }

    /// The draft of the next version; what is done to the record then means it.
    pub async fn begin_version(&self, id: &RecordId) -> Result<RecordView, Failed> {
        self.ask("beginning a new version", self.request(Method::POST, &format!("/api/v1/records/{id}/versions"))).await
    }

    pub async fn register(&self, id: &RecordId) -> Result<RecordView, Failed> {
        self.step(id, "register", "registering", &json!({})).await
    }
    pub async fn release(&self, id: &RecordId) -> Result<RecordView, Failed> {
        self.step(id, "release", "releasing", &json!({})).await
    }
    pub async fn publish(&self, id: &RecordId) -> Result<RecordView, Failed> {
        self.step(id, "publish", "publishing", &json!({})).await
    }
    pub async fn withdraw(&self, id: &RecordId, reason: &str) -> Result<RecordView, Failed> {
        self.step(id, "withdraw", "withdrawing", &Withdraw { reason: reason.to_owned() }).await
    }
    pub async fn schedule(&self, id: &RecordId, release_at: record::instant::Instant) -> Result<RecordView, Failed> {
        self.step(
            id,
            "schedule",
            "setting the release date",
            &Schedule { release_at: Some(release_at.to_string()), with_publication: false },
        )
        .await
    }

    async fn step(&self, id: &RecordId, verb: &str, attempted: &str, body: &impl Serialize) -> Result<RecordView, Failed> {
        self.ask(attempted, self.request(Method::POST, &format!("/api/v1/records/{id}/{verb}")).json(body)).await
    }
}

fn unreachable_server(attempted: &str, server: &str, fault: &reqwest::Error) -> Failed {
    // The outermost error only says that the request failed; the innermost says why.
    let mut why: &dyn std::error::Error = fault;
    while let Some(inner) = why.source() {
        why = inner;
    }
    Failed::Unreachable { attempted: attempted.to_owned(), server: server.to_owned(), why: why.to_string() }
}

async fn refusal(attempted: &str, answer: Response) -> Failed {
    let status = answer.status();
    let problem = match answer.bytes().await {
        Ok(body) => serde_json::from_slice::<Problem>(&body).unwrap_or_default(),
        Err(_) => Problem::default(),
    };
    let mut detail = [problem.detail, problem.title].into_iter().find(|words| !words.is_empty()).unwrap_or_else(|| default_words(status));
    for field in &problem.errors {
        detail.push_str(&format!("\n  - {}", field.says));
    }
    Failed::Refused { attempted: attempted.to_owned(), status: status.as_u16(), detail, hint: problem.hint.unwrap_or_default() }
}

fn default_words(status: StatusCode) -> String {
    match status {
        StatusCode::UNAUTHORIZED => {
            "the server asks who you are. Make a token on the page “API tokens” and give it with --token or SCIENCE3D_TOKEN.".to_owned()
        }
        StatusCode::NOT_FOUND => "the server knows nothing under this address, or you may not see it.".to_owned(),
        _ => format!("the server answered {status}"),
    }
}
