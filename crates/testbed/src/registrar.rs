//! A stand-in for DataCite's REST API over real HTTP: it keeps DOIs as DataCite does, and on request it misbehaves in every way
//! that a registrar and a network can: it fails, stalls, answers twice, lies, forgets, limits rates and goes back to an old state.

use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

pub const REPOSITORY: &str = "EXAMPLE.SCIENCE3D";
pub const PASSWORD: &str = "pass word";

/// What it keeps of a DOI: DataCite's attributes, with the state among them.
pub type Kept = BTreeMap<String, Value>;

/// One way to misbehave. Each counts as one failure when it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mood {
    Fails,
    FailsInHtml,
    LimitsRates,
    HangsUp,
    DoesItAndHangsUp,
    DoesItAndStalls,
    DoesItAndSaysHalf,
    DoesItTwiceAndAnswersTwice,
    Lies,
    ForgetsAtOnce,
    SpeaksOfAnother,
    SaysNothingToThePoint,
    KnowsNoPassword,
    RefusesForNoReason,
    ClaimsItIsTaken,
}

const MOODS: [Mood; 15] = [
    Mood::Fails,
    Mood::FailsInHtml,
    Mood::LimitsRates,
    Mood::HangsUp,
    Mood::DoesItAndHangsUp,
    Mood::DoesItAndStalls,
    Mood::DoesItAndSaysHalf,
    Mood::DoesItTwiceAndAnswersTwice,
    Mood::Lies,
    Mood::ForgetsAtOnce,
    Mood::SpeaksOfAnother,
    Mood::SaysNothingToThePoint,
    Mood::KnowsNoPassword,
    Mood::RefusesForNoReason,
    Mood::ClaimsItIsTaken,
];

/// Longer than the patience that plays give to the client.
pub const STALL: Duration = Duration::from_millis(400);
pub const PATIENCE: Duration = Duration::from_millis(250);
const PAGE_MAX: usize = 25;

#[derive(Default)]
struct World {
    kept: Kept,
    chance: u64,
    dice: u64,
    failures: BTreeMap<Mood, u64>,
    requests: u64,
}

pub struct StandIn {
    pub url: String,
    world: Arc<Mutex<World>>,
    server: JoinHandle<()>,
}

struct Request {
    method: String,
    path: String,
    query: String,
    authorised: bool,
    json_api: bool,
    body: Value,
}

struct Answer {
    status: &'static str,
    heads: String,
    body: String,
}

impl StandIn {
    pub async fn open(seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let world = Arc::new(Mutex::new(World { dice: seed | 1, ..World::default() }));
        let shared = world.clone();
        let server = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, shared.clone()));
            }
        });
        Self { url, world, server }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        locked(&self.world)
    }
    /// In so many of a thousand requests it misbehaves.
    pub fn misbehave(&self, per_thousand: u64) {
        self.world().chance = per_thousand;
    }
    pub fn failures(&self) -> u64 {
        self.world().failures.values().sum()
    }
    pub fn failures_by_mood(&self) -> BTreeMap<Mood, u64> {
        self.world().failures.clone()
    }
    pub fn requests(&self) -> u64 {
        self.world().requests
    }
    pub fn kept(&self) -> Kept {
        self.world().kept.clone()
    }
    pub fn go_back_to(&self, earlier: Kept) {
        self.world().kept = earlier;
    }
    pub fn forget(&self, doi: &str) {
        self.world().kept.remove(doi);
    }
    /// Somebody else works with the same account.
    pub fn plant(&self, doi: &str, attributes: Value) {
        self.world().kept.insert(doi.to_owned(), attributes);
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn locked(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(mut socket: TcpStream, world: Arc<Mutex<World>>) {
    let Some(request) = read(&mut socket).await else { return };
    let (mood, answers) = {
        let mut world = locked(&world);
        world.requests += 1;
        let mood = world.mood();
        (mood, world.answer_in(mood, &request))
    };
    if mood == Some(Mood::DoesItAndStalls) {
        tokio::time::sleep(STALL).await;
    }
    for answer in answers {
        let text = format!(
            "HTTP/1.1 {}\r\nContent-Type: application/vnd.api+json\r\n{}Content-Length: {}\r\n\r\n{}",
            answer.status,
            answer.heads,
            answer.body.len(),
            answer.body
        );
        let sent = if mood == Some(Mood::DoesItAndSaysHalf) {
            &text.as_bytes()[..text.len() - answer.body.len() / 2 - 1]
        } else {
            text.as_bytes()
        };
        let _ = socket.write_all(sent).await;
    }
}

async fn read(socket: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut piece = [0; 16 << 10];
    let (head, body) = loop {
        let read = socket.read(&mut piece).await.ok()?;
        bytes.extend_from_slice(&piece[..read]);
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head_of(&head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                break (head, bytes[end + 4..end + 4 + length].to_vec());
            }
        }
        if read == 0 {
            return None;
        }
    };
    let mut words = head.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let basic = format!("Basic {}", base64(format!("{REPOSITORY}:{PASSWORD}").as_bytes()));
    Some(Request {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        authorised: head_of(&head, "authorization").as_deref() == Some(&basic),
        json_api: head_of(&head, "content-type").as_deref() == Some("application/vnd.api+json"),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    })
}

fn head_of(head: &str, name: &str) -> Option<String> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned()).next()
}

impl World {
    fn roll(&mut self, sides: u64) -> u64 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        self.dice % sides
    }

    fn mood(&mut self) -> Option<Mood> {
        if self.roll(1000) >= self.chance {
            return None;
        }
        let mut mood = MOODS[self.roll(MOODS.len() as u64) as usize];
        // Stalling costs real time; once in a while is enough.
        if mood == Mood::DoesItAndStalls && self.roll(4) > 0 {
            mood = Mood::HangsUp;
        }
        *self.failures.entry(mood).or_default() += 1;
        Some(mood)
    }

    fn answer_in(&mut self, mood: Option<Mood>, request: &Request) -> Vec<Answer> {
        let Some(mood) = mood else { return vec![self.answer(request)] };
        match mood {
            Mood::Fails => vec![fault("503 Service Unavailable", "down for maintenance")],
            Mood::FailsInHtml => vec![Answer { status: "500 Internal Server Error", heads: String::new(), body: "<html>oh</html>".into() }],
            Mood::LimitsRates => {
                let heads = format!("Retry-After: {}\r\n", 1 + self.roll(120));
                vec![Answer { heads, ..fault("429 Too Many Requests", "slower, please") }]
            }
            Mood::HangsUp => Vec::new(),
            Mood::DoesItAndHangsUp => {
                self.answer(request);
                Vec::new()
            }
            Mood::DoesItAndStalls | Mood::DoesItAndSaysHalf => vec![self.answer(request)],
            Mood::DoesItTwiceAndAnswersTwice => vec![self.answer(request), self.answer(request)],
            Mood::Lies => {
                let truth = self.kept.clone();
                let answer = self.answer(request);
                self.kept = truth;
                vec![answer]
            }
            Mood::ForgetsAtOnce => {
                let answer = self.answer(request);
                self.kept.remove(request.path.trim_start_matches("/dois/"));
                vec![answer]
            }
            Mood::SpeaksOfAnother => {
                let mut answer = self.answer(request);
                answer.body = answer.body.replace("science3d.", "another.");
                vec![answer]
            }
            Mood::SaysNothingToThePoint => vec![Answer { status: "200 OK", heads: String::new(), body: "fine".into() }],
            Mood::KnowsNoPassword => vec![fault("401 Unauthorized", "Bad credentials.")],
            Mood::RefusesForNoReason => vec![fault("422 Unprocessable Content", "creators: can't be blank")],
            Mood::ClaimsItIsTaken => vec![fault("422 Unprocessable Content", "This DOI has already been taken")],
        }
    }

    fn answer(&mut self, request: &Request) -> Answer {
        if !request.authorised {
            return fault("401 Unauthorized", "Bad credentials.");
        }
        let name = request.path.strip_prefix("/dois").map(|rest| rest.trim_start_matches('/').to_lowercase());
        match (request.method.as_str(), name.as_deref()) {
            ("GET", Some("")) => self.page(&request.query),
            ("GET", Some(doi)) => self.kept.get(doi).map_or_else(missing, |kept| shown("200 OK", doi, kept)),
            ("PUT" | "POST", Some(_)) if !request.json_api => fault("415 Unsupported Media Type", "say application/vnd.api+json"),
            ("POST", Some("")) => {
                let doi = request.body["data"]["attributes"]["doi"].as_str().unwrap_or_default().to_lowercase();
                if self.kept.contains_key(&doi) {
                    fault("422 Unprocessable Content", "This DOI has already been taken")
                } else {
                    self.put(&doi, request)
                }
            }
            ("PUT", Some(doi)) if !doi.is_empty() => self.put(doi, request),
            ("DELETE", Some(doi)) => match self.kept.get(doi).map(|kept| kept["state"] == "draft") {
                None => missing(),
                Some(false) => fault("405 Method Not Allowed", "Method not allowed"),
                Some(true) => {
                    self.kept.remove(doi);
                    Answer { status: "204 No Content", heads: String::new(), body: String::new() }
                }
            },
            _ => missing(),
        }
    }

    /// Creates or changes. An event moves the state where it may, as DataCite's does, and is silent where it may not.
    fn put(&mut self, doi: &str, request: &Request) -> Answer {
        let is_new = !self.kept.contains_key(doi);
        let mut kept = self.kept.get(doi).cloned().unwrap_or_else(|| json!({ "state": "draft", "metadataVersion": 0 }));
        let Some(said) = request.body["data"]["attributes"].as_object() else { return fault("400 Bad Request", "no attributes") };
        for (name, value) in said.iter().filter(|(name, _)| *name != "event") {
            kept[name] = tidied(value);
        }
        kept["metadataVersion"] = json!(kept["metadataVersion"].as_i64().unwrap_or(0) + 1);
        let state = match (kept["state"].as_str().unwrap_or_default(), said.get("event").and_then(Value::as_str)) {
            (_, Some("publish")) => "findable",
            ("draft", Some("register")) | ("findable", Some("hide")) => "registered",
            (state, _) => state,
        }
        .to_owned();
        if state != "draft"
            && let Some(lacking) = lacking(&kept)
        {
            return fault("422 Unprocessable Content", &format!("{lacking}: can't be blank"));
        }
        kept["state"] = json!(state);
        self.kept.insert(doi.to_owned(), kept.clone());
        shown(if is_new { "201 Created" } else { "200 OK" }, doi, &kept)
    }

    /// In an order of its own, some at a time; the cursor is the last name shown.
    fn page(&self, query: &str) -> Answer {
        let value = |name: &str| {
            let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            pair.unwrap_or_default().replace("%2F", "/")
        };
        let cursor = value("page[cursor]");
        let after = if cursor == "1" { String::new() } else { cursor };
        let size = value("page[size]").parse().unwrap_or(PAGE_MAX).min(PAGE_MAX);
        let mine = self.kept.iter().filter(|(doi, _)| doi.starts_with(&value("prefix")) && **doi > after).take(size);
        let data: Vec<Value> = mine.map(|(doi, kept)| json!({ "id": doi, "type": "dois", "attributes": kept })).collect();
        let next = data.last().filter(|_| data.len() == size).and_then(|last| last["id"].as_str());
        // The address is that of some inner server: only the cursor in it is of use.
        let next =
            next.map(|next| format!("http://inner.example/dois?page%5Bcursor%5D={}&page%5Bsize%5D={size}", next.replace('/', "%2F")));
        let body = json!({ "data": data, "meta": { "total": self.kept.len() }, "links": { "next": next } }).to_string();
        Answer { status: "200 OK", heads: String::new(), body }
    }
}

fn lacking(kept: &Value) -> Option<&'static str> {
    let blank = |value: &Value| value.is_null() || value == "" || value.as_array().is_some_and(Vec::is_empty);
    let needed = ["url", "creators", "titles", "publisher", "publicationYear"];
    let first = needed.into_iter().find(|name| blank(&kept[*name]));
    first.or_else(|| blank(&kept["types"]["resourceTypeGeneral"]).then_some("types"))
}

/// Markup goes, and empty fields are kept as nothing.
fn tidied(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text.replace("<b>", "").replace("</b>", "").trim()),
        Value::Array(items) => items.iter().map(tidied).collect(),
        Value::Object(fields) => Value::Object(fields.iter().map(|(name, value)| (name.clone(), tidied(value))).collect::<Map<_, _>>()),
        other => other.clone(),
    }
}

fn shown(status: &'static str, doi: &str, kept: &Value) -> Answer {
    Answer { status, heads: String::new(), body: json!({ "data": { "id": doi, "type": "dois", "attributes": kept } }).to_string() }
}

fn missing() -> Answer {
    fault("404 Not Found", "The resource you are looking for doesn't exist.")
}

fn fault(status: &'static str, title: &str) -> Answer {
    let number = status.split(' ').next().unwrap_or_default();
    Answer { status, heads: String::new(), body: json!({ "errors": [{ "status": number, "title": title }] }).to_string() }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * place)) as usize & 63] as char;
            text.push(if place <= three.len() { letter } else { '=' });
        }
    }
    text
}
