//! A depositor who trusts only what was acknowledged, writes it down, and complains when it is gone.

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use volume::phantom::{Phantom, Probe};

const PIECE_BYTES: usize = 192 << 10;
/// For an answer, and for the index to follow.
const PATIENCE_SECONDS: u64 = 60;

/// What was acknowledged of one record.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub id: String,
    pub state: &'static str,
    pub doi: Option<String>,
    /// Path, length, sha256 of files whose last byte was acknowledged.
    pub files: Vec<(String, usize, String)>,
}

#[derive(Clone)]
pub(crate) struct Depositor {
    client: Client,
    address: String,
    token: String,
    number: usize,
    over: Arc<AtomicBool>,
}

enum Announced {
    There,
    At(String),
    /// Nobody knows whether the server heard it.
    Unheard,
}

static COUNT: AtomicU64 = AtomicU64::new(1);

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A few slices that become a volume, and one longer file that takes several pieces.
fn files_of(seed: u64) -> Vec<(String, Vec<u8>)> {
    let scratch = tempfile::tempdir().unwrap();
    Phantom::OpenCellFoam.write_tiff_stack(scratch.path(), [12, 40, 40], seed, Probe::XRay).unwrap();
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(scratch.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (format!("slices/{}", path.file_name().unwrap().to_str().unwrap()), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    let noise: Vec<u8> =
        (0..1_500_000u64).map(|index| (index.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(seed) >> 56) as u8).collect();
    files.push(("notes/log.bin".to_owned(), noise));
    files
}

fn description(number: usize, count: u64) -> Value {
    json!({
        "title": format!("Foam {count} of depositor {number}"),
        "description": "A foam that is deposited while the server is killed.",
        "creators": [{ "family": "Killed", "given": "Often" }],
        "licence": "CC0-1.0",
        "sample": { "material": "aluminium" },
        "acquisition": { "technique": "PaNET01208", "facility": "Test bench", "voxel_size_um": [10.0, 10.0, 10.0] },
    })
}

impl Depositor {
    pub(crate) fn new(address: &str, token: &str, number: usize, over: Arc<AtomicBool>) -> Self {
        let client = Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        Self { client, address: address.to_owned(), token: token.to_owned(), number, over }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.address) };
        self.client.request(method, url).bearer_auth(&self.token)
    }

    /// Repeats until somebody answers. An answer of class 5xx is one of a server that is just coming or going.
    async fn answered(&self, request: impl Fn() -> RequestBuilder) -> Response {
        let (began, patience) = (std::time::Instant::now(), crate::patience(PATIENCE_SECONDS));
        loop {
            match request().send().await {
                Ok(answer) if !answer.status().is_server_error() && answer.status() != StatusCode::LOCKED => return answer,
                Ok(answer) => assert!(began.elapsed() < patience, "the server answers {} for {patience:?}", answer.status()),
                Err(fault) => assert!(began.elapsed() < patience, "the server is away for {patience:?}: {fault}"),
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    pub(crate) async fn work(self) -> Vec<Kept> {
        let mut kept = Vec::new();
        while !self.over.load(Ordering::SeqCst) {
            kept.push(self.one_record().await);
        }
        kept
    }

    /// The life of one record; also when the play is over it is lived to its end.
    async fn one_record(&self) -> Kept {
        let count = COUNT.fetch_add(1, Ordering::SeqCst);
        let body = json!({ "kind": "tomography-materials", "metadata": description(self.number, count) });
        let answer = self.answered(|| self.request(Method::POST, "/api/v1/records").json(&body)).await;
        let record = good(answer, "creating").await;
        let mut kept = Kept { id: record["id"].as_str().unwrap().to_owned(), state: "draft", doi: None, files: Vec::new() };
        for (path, bytes) in files_of(count) {
            self.upload(&kept.id, &path, &bytes).await;
            kept.files.push((path, bytes.len(), sum(&bytes)));
        }
        let registered = self.step(&kept.id, "register", &["registered", "released"]).await;
        kept.state = "registered";
        kept.doi = registered["doi"].as_str().map(str::to_owned);
        assert!(kept.doi.is_some(), "a registered record without DOI: {registered}");
        self.step(&kept.id, "release", &["released"]).await;
        kept.state = "released";
        kept
    }

    /// A step whose acknowledgement was lost may have been done: then the state says so.
    async fn step(&self, id: &str, verb: &str, good_states: &[&str]) -> Value {
        let path = format!("/api/v1/records/{id}/{verb}");
        let answer = self.answered(|| self.request(Method::POST, &path).json(&json!({}))).await;
        let refused = (!answer.status().is_success()).then_some(answer.status());
        let words = answer.text().await.unwrap_or_default();
        let record = good(self.answered(|| self.request(Method::GET, &format!("/api/v1/records/{id}"))).await, "reading").await;
        let state = record["state"].as_str().unwrap_or("");
        assert!(good_states.contains(&state), "{verb} of {id}: {refused:?} {words}; its state is {state}");
        record
    }

    async fn upload(&self, id: &str, path: &str, bytes: &[u8]) {
        let mut acknowledged = 0;
        let mut place: Option<String> = None;
        loop {
            let Some(known) = &place else {
                match self.announce(id, path, bytes).await {
                    Announced::At(new) => place = Some(new),
                    Announced::Unheard => {}
                    Announced::There => return,
                }
                continue;
            };
            let piece = bytes[acknowledged..bytes.len().min(acknowledged + PIECE_BYTES)].to_vec();
            let sent = self
                .request(Method::PATCH, known)
                .header("tus-resumable", "1.0.0")
                .header("upload-offset", acknowledged)
                .header("content-type", "application/offset+octet-stream")
                .body(piece)
                .send()
                .await;
            match sent {
                Ok(answer) if answer.status() == StatusCode::NO_CONTENT => {
                    acknowledged = offset(&answer).expect("an acknowledgement names the offset")
                }
                _ => match self.look(id, path, known, bytes, acknowledged).await {
                    Some(there) => acknowledged = there,
                    None => return,
                },
            }
            if acknowledged == bytes.len() {
                return;
            }
        }
    }

    /// Looks first, because an earlier announcement may have been heard though its answer was not.
    async fn announce(&self, id: &str, path: &str, bytes: &[u8]) -> Announced {
        let check = json!({ "paths": [{ "path": path, "size": bytes.len() }] });
        let answer = self.answered(|| self.request(Method::POST, &format!("/api/v1/records/{id}/files/check")).json(&check)).await;
        let found = good(answer, "checking").await;
        if let Some(file) = found["existing"].as_array().and_then(|list| list.first()) {
            assert_eq!(file["sha256"].as_str(), Some(sum(bytes).as_str()), "{path} of {id} is there with other bytes");
            return Announced::There;
        }
        if let Some(upload) = found["unfinished"].as_array().and_then(|list| list.first()) {
            // It may hold bytes already; then the first PATCH is refused, and we look.
            return Announced::At(upload["upload_url"].as_str().unwrap().to_owned());
        }
        let metadata = crate::tus::metadata(id, path);
        let request = self
            .request(Method::POST, "/api/v1/uploads")
            .header("tus-resumable", "1.0.0")
            .header("upload-length", bytes.len())
            .header("upload-metadata", metadata);
        match request.send().await {
            Ok(answer) if answer.status() == StatusCode::CREATED => {
                Announced::At(answer.headers()["location"].to_str().unwrap().to_owned())
            }
            _ => Announced::Unheard,
        }
    }

    /// How much is there after a broken request; never less than was acknowledged. Nothing means: the file is complete.
    async fn look(&self, id: &str, path: &str, place: &str, bytes: &[u8], acknowledged: usize) -> Option<usize> {
        let answer = self.answered(|| self.request(Method::HEAD, place).header("tus-resumable", "1.0.0")).await;
        if answer.status().is_success() {
            let there = offset(&answer).expect("HEAD names the offset");
            assert!(there >= acknowledged, "{path} of {id}: {acknowledged} bytes were acknowledged and {there} are there");
            return (there < bytes.len()).then_some(there);
        }
        let check = json!({ "paths": [{ "path": path, "size": bytes.len() }] });
        let found =
            good(self.answered(|| self.request(Method::POST, &format!("/api/v1/records/{id}/files/check")).json(&check)).await, "checking")
                .await;
        let there = found["existing"].as_array().and_then(|list| list.first()).and_then(|file| file["sha256"].as_str().map(str::to_owned));
        assert_eq!(there, Some(sum(bytes)), "the upload of {path} to {id} is gone ({}) and the file is not there", answer.status());
        None
    }
}

/// Everything that was acknowledged of a record is there, and what was made of it.
pub(crate) async fn check(address: &str, token: &str, kept: &Kept) {
    let reader = Depositor::new(address, token, 0, Arc::default());
    let record = good(reader.answered(|| reader.request(Method::GET, &format!("/api/v1/records/{}", kept.id))).await, "reading").await;
    assert_eq!(record["state"], kept.state);
    assert_eq!(record["doi"].as_str(), kept.doi.as_deref());
    assert_eq!(record["holdings"]["files"], kept.files.len(), "{record}");
    for (path, length, sha256) in &kept.files {
        let bytes = reqwest::get(format!("{address}/records/{}/files/{path}", kept.id)).await.unwrap().bytes().await.unwrap();
        assert_eq!((bytes.len(), &sum(&bytes)), (*length, sha256), "{path} of {}", kept.id);
    }
    if kept.state == "released" {
        find(&reader, &kept.id, record["doi"].as_str().unwrap_or("")).await;
    }
    let made: Vec<&str> = record["derivatives"].as_array().unwrap().iter().filter_map(|derivative| derivative["kind"].as_str()).collect();
    assert!(made.contains(&"volume") && made.contains(&"picture"), "{made:?} was made of {}", kept.id);
}

/// Whoever pastes the DOI finds the record; the index may be a moment behind.
async fn find(reader: &Depositor, id: &str, doi: &str) {
    let began = std::time::Instant::now();
    loop {
        let found = good(reader.answered(|| reader.request(Method::GET, &format!("/api/v1/search?q={doi}"))).await, "searching").await;
        if found["items"].as_array().and_then(|items| items.first()).is_some_and(|first| first["id"] == id) {
            return;
        }
        assert!(began.elapsed() < crate::patience(PATIENCE_SECONDS), "{id} is released, but nobody finds {doi}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

pub(crate) async fn jobs(address: &str, token: &str, id: &str) -> Vec<Value> {
    let reader = Depositor::new(address, token, 0, Arc::default());
    let answer = good(reader.answered(|| reader.request(Method::GET, &format!("/api/v1/records/{id}/jobs"))).await, "jobs").await;
    answer.as_array().cloned().unwrap_or_else(|| panic!("no list of jobs: {answer}"))
}

async fn good(answer: Response, attempted: &str) -> Value {
    let status = answer.status();
    let words = answer.text().await.unwrap_or_default();
    assert!(status.is_success(), "{attempted}: {status} {words}");
    serde_json::from_str(&words).unwrap_or_else(|fault| panic!("{attempted}: {fault}: {words}"))
}

fn offset(answer: &Response) -> Option<usize> {
    answer.headers().get("upload-offset")?.to_str().ok()?.parse().ok()
}
