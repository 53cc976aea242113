//! Closed means closed. A crawler walks, as anyone and as another user, every address that the program emits or that
//! follows from one, over records in every state, and must find nothing of a closed record that the table of access
//! does not allow. The same crawler walks as the owner and must find it all: a crawler that sees nothing proves nothing.

mod workshop;

use archive::Visitor;
use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode},
};
use http_body_util::BodyExt;
use record::print_kit::{KitBase, KitWish};
use record::{id::RecordId, kind::Kind, picture::PictureChoice};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::Path,
    sync::Arc,
};
use testbed::{NOON, Stage};
use tower::ServiceExt;
use web::data::{CutWish, Darkroom, NoPicture, SliceWish};
use workshop::{labour, slices_of};

/// Enough for everything that six small records link to.
const REQUESTS_MAX: usize = 6000;
const BODY_BYTES_MAX: usize = 8 << 20;

/// What must not be seen of one record, and by which word it would be noticed.
struct Secret {
    state: &'static str,
    id: RecordId,
    /// Never shown to strangers.
    hidden: Vec<String>,
    /// Addresses below the record that strangers must not get with a success.
    closed: Vec<String>,
}

struct Answer {
    status: StatusCode,
    text: String,
}

/// Gives voxels whatever is wished: a darkroom that always fails would hide that somebody was let through to it.
struct Stub;

impl Darkroom for Stub {
    fn slice(&self, _: &Path, _: &SliceWish) -> Result<Vec<u8>, NoPicture> {
        Ok(b"voxels".to_vec())
    }

    fn cut(&self, _: &Path, _: &CutWish) -> Result<Vec<u8>, NoPicture> {
        Ok(b"voxels".to_vec())
    }

    fn portrait(&self, _: &Path, _: Kind, _: &PictureChoice) -> Result<Vec<u8>, NoPicture> {
        Ok(b"voxels".to_vec())
    }
}

struct Walker {
    door: Router,
    cookie: Option<String>,
}

impl Walker {
    async fn ask(&self, method: Method, address: &str) -> Answer {
        self.send(method, address, "").await
    }

    async fn send(&self, method: Method, address: &str, body: &'static str) -> Answer {
        let mut request = Request::builder().method(method).uri(address).header("host", "science3d.test");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if !body.is_empty() {
            let kind = if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
            request = request.header("content-type", kind);
        }
        let response = self.door.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        // Server-sent events never end; their first words are enough.
        let bytes = tokio::time::timeout(std::time::Duration::from_secs(4), first_bytes(body)).await.unwrap_or_default();
        let heads: String =
            parts.headers.iter().map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()))).collect();
        Answer { status: parts.status, text: format!("{heads}\n{}", String::from_utf8_lossy(&bytes)) }
    }

    /// Everything reachable: address → answer.
    async fn walk(&self, seeds: Vec<String>) -> BTreeMap<String, Answer> {
        let mut waiting: VecDeque<String> = seeds.into();
        let mut seen: BTreeSet<String> = waiting.iter().cloned().collect();
        let mut answers = BTreeMap::new();
        while let Some(address) = waiting.pop_front() {
            assert!(answers.len() < REQUESTS_MAX, "the crawler does not come to an end: {address}");
            let answer = self.ask(Method::GET, &address).await;
            for found in addresses_in(&answer.text) {
                if seen.insert(found.clone()) {
                    waiting.push_back(found);
                }
            }
            let head = self.ask(Method::HEAD, &address).await;
            answers.insert(format!("HEAD {address}"), head);
            answers.insert(address, answer);
        }
        answers
    }
}

async fn first_bytes(mut body: Body) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Ok(Some(Ok(frame))) = tokio::time::timeout(std::time::Duration::from_millis(1500), body.frame()).await {
        if let Some(data) = frame.data_ref() {
            bytes.extend_from_slice(data);
        }
        if bytes.len() > BODY_BYTES_MAX {
            break;
        }
    }
    bytes
}

/// Paths of this site in HTML attributes, JSON strings, XML and Link heads. Assets and sign-out are left out.
fn addresses_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for piece in text.split(['"', '\'', '<', '>', ' ', '\n']) {
        let path = piece.strip_prefix("http://science3d.test").unwrap_or(piece);
        let good = path.starts_with('/') && !path.starts_with("//") && path.len() < 400 && !path.contains(['{', '}', '\\']);
        if good && !path.starts_with("/assets/") && !path.starts_with("/sign-out") {
            let path = path.split('#').next().unwrap_or(path).replace("&amp;", "&").replace("&#38;", "&");
            if path.parse::<axum::http::Uri>().is_ok() && path.matches("lang=").count() <= 1 && path.matches("back=").count() <= 1 {
                found.push(path);
            }
        }
    }
    found
}

/// What lies below a version of these records, and its owner gets.
const MADE: [&str; 11] = [
    "archive.zip",
    "view",
    "model",
    "volumes/volume.ome.zarr/zarr.json",
    "volumes/volume/slice?axis=z",
    CUT,
    CUT_VOLUME,
    "models/surface.glb",
    "models/surface.stl",
    "pictures/thumb.jpg",
    "pictures/turntable.mp4",
];
const CUT: &str = "volumes/volume/cut?box=0:1,0:1,0:1";
const CUT_VOLUME: &str = "volumes/volume/cut?box=0:1,0:1,0:1&format=ome.zarr";
/// Drawn for the owner, before it is kept.
const TRIED: &str = "/picture/tried.jpg?look=bone";
/// Asked for in a size of one's own.
const KIT: &str = "models/surface-120-mm-letters-kit.zip";
/// What could lie there too.
const PERHAPS: [&str; 21] = [
    "kit?model=surface&size_mm=120&base=letters",
    KIT,
    "volumes/volume.ome.zarr/s0/zarr.json",
    "volumes/volume.ome.zarr/0/zarr.json",
    "volumes/volume.ome.zarr/s0/c/0/0/0",
    "volumes/volume.ome.zarr/0/c/0/0/0",
    "models/surface.3mf",
    "models/print-kit.zip",
    "models/surface-fine.glb",
    "models/surface-finest.glb",
    "models/surface-plain.glb",
    "model?show=surface.glb",
    "pictures/hero.jpg",
    "pictures/hero.webp",
    "pictures/slice-z.jpg",
    "pictures/turntable.jpg",
    "pictures/fly-through.mp4",
    "pictures/look-z.jpg",
    "files/clip.avi",
    "pictures/movie-clip.mp4",
    "pictures/movie-clip.jpg",
];

/// Everything that the program could offer below one version: `""`, `"/v1"`, `"/v2"`.
fn below_version(id: &RecordId, version: &str, file: &str) -> Vec<String> {
    let base = format!("/records/{id}{version}");
    let mut list: Vec<String> = MADE.into_iter().chain(PERHAPS).map(|end| format!("{base}/{end}")).collect();
    let doi = format!("/doi/10.5072/science3d.{id}{}/cut?box=0:1,0:1,0:1", version.replace('/', "."));
    list.extend([format!("{base}/files/{file}"), doi]);
    if !version.is_empty() {
        list.push(base);
    }
    list
}

/// The same below one record, whether or not the program links there.
fn below(id: &RecordId, file: &str) -> Vec<String> {
    let mut list: Vec<String> = ["", "/v1", "/v2"].iter().flat_map(|version| below_version(id, version, file)).collect();
    list.extend(
        ["", "/files", "/files?folder=secret", "/readiness", "/jobs", "/team", "/history", "/events", "/derivatives"]
            .map(|end| format!("/api/v1/records/{id}{end}")),
    );
    list.extend(
        ["", "/team", "/events", "/picture", TRIED, "/surface", "/surface?how=levels&levels=1"].map(|end| format!("/deposit/{id}{end}")),
    );
    list
}

fn around(id: &RecordId) -> Vec<String> {
    let mut list = vec![
        format!("/records/{id}"),
        format!("/records/{id}?lang=de"),
        format!("/doi/10.5072/science3d.{id}"),
        format!("/search?q={id}"),
        format!("/api/v1/search?q={id}"),
    ];
    list.extend([format!("/records/{id}/v1"), format!("/doi/10.5072/science3d.{id}.v1")]);
    list.extend(["", "/1", "/v1"].map(|version| format!("/api/v1/records/{id}/versions{version}")));
    for prefix in ["oai_dc", "oai_datacite", "marcxml"] {
        list.push(format!("/oai?verb=GetRecord&metadataPrefix={prefix}&identifier=oai:science3d.test:{id}"));
    }
    for format in [
        "datacite-xml",
        "datacite-json",
        "datacite",
        "bibtex",
        "ris",
        "csl-json",
        "csl",
        "schema-org",
        "text",
        "ro-crate",
        "croissant",
        "dublin-core",
        "marcxml",
        "citation",
    ] {
        list.push(format!("/records/{id}/export/{format}"));
        list.push(format!("/records/{id}/v1/export/{format}"));
        list.push(format!("/api/v1/records/{id}/export/{format}"));
    }
    list.push(format!("/api/v1/records/{id}/usage"));
    list.push(format!("/api/v1/records/{id}/ties"));
    list.extend(["follow", "write"].map(|end| format!("/records/{id}/{end}")));
    list.extend(["atom", "rss", "json"].map(|form| format!("/records/{id}/changes.{form}")));
    list.extend([format!("/records/{id}/linkset.json"), format!("/records/{id}/v1/linkset.json")]);
    list
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_closed_is_seen_by_anyone_or_another_user() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    stage.actor("eve").await;
    let secrets = cast(&stage, &ada).await;
    stage.archive.settle_index().await.unwrap();
    let door = web::router(web::Door::new(stage.archive.clone(), web::data::Shelf::new(Arc::new(Stub))));
    let mut seeds: Vec<String> = [
        "/",
        "/?lang=de",
        "/search",
        "/search?q=secret",
        "/search?q=titleword",
        "/api/v1/search?q=titleword",
        "/sitemap.xml",
        "/robots.txt",
        "/sitemap/0.xml",
        "/feeds/new.atom",
        "/feeds/new.rss",
        "/feeds/open.json",
        "/feeds/tomography-biology.atom",
        "/oai?verb=ListSets",
        "/oai?verb=ListRecords&metadataPrefix=oai_dc",
        "/oai?verb=ListRecords&metadataPrefix=oai_datacite",
        "/oai?verb=ListRecords&metadataPrefix=marcxml",
        "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc",
        "/api/v1/vocabularies/taxa?q=titleword",
        "/api/v1/vocabularies/techniques?q=tomo",
        "/api/v1/vocabularies/organisations?q=titleword",
        "/api/openapi.json",
        "/api/docs",
        "/metrics",
        "/about",
        "/deposit",
        "/account",
        "/admin",
        "/admin/dois",
        "/admin/harvest",
        "/admin/prints",
        "/schema/v1/record.json",
        "/deposit/doi",
        "/follow",
        "/follow/00000000000000000000000000000000",
        "/api/v1/records",
        "/api/v1/tokens",
        "/api/v1/me",
    ]
    .map(String::from)
    .into();
    for secret in &secrets {
        seeds.extend(around(&secret.id));
        seeds.extend(secret.closed.iter().cloned());
    }

    for name in [None, Some("eve")] {
        let walker = Walker { door: door.clone(), cookie: session(&stage, name).await };
        let answers = walker.walk(seeds.clone()).await;
        assert!(answers.len() > 200, "the crawler found only {} addresses", answers.len());
        let who = name.unwrap_or("anyone");
        let leaks: Vec<String> = secrets.iter().flat_map(|secret| leaks(secret, &answers)).collect();
        assert!(leaks.is_empty(), "{who} saw {} things:\n{}", leaks.len(), leaks.join("\n"));
        if name.is_none() {
            // Forms of those who are signed in need a token of their page.
            what_is_sent_reaches_only_what_is_open(&walker, &secrets).await;
        }
    }

    let owner = Walker { door, cookie: session(&stage, Some("ada")).await };
    let answers = owner.walk(seeds).await;
    for secret in secrets.iter().filter(|secret| ["draft", "registered", "scheduled", "revising"].contains(&secret.state)) {
        assert!(!leaks(secret, &answers).is_empty(), "the crawler is blind: the owner does not see the {} record either", secret.state);
        let versions = if secret.state == "revising" { &["/v2"][..] } else { &["", "/v1"] };
        if secret.state != "revising" {
            let kit = format!("/records/{}/{KIT}", secret.id);
            assert_eq!(answers[&kit].status, 200, "the owner does not get {kit}");
        }
        for address in versions.iter().flat_map(|version| MADE.map(|end| format!("/records/{}{version}/{end}", secret.id))) {
            assert_eq!(answers[&format!("/deposit/{}{TRIED}", secret.id)].status, 200);
            assert_eq!(answers[&address].status, 200, "a refusal proves nothing: the owner is refused too, {} {address}", secret.state);
        }
    }
}

/// What is asked for or changed by sending something, where the walk does not come.
async fn what_is_sent_reaches_only_what_is_open(walker: &Walker, secrets: &[Secret]) {
    const FOLLOW: &str = "email=eve%40example.org";
    const LETTER: &str = "name=Eve&email=eve%40example.org&message=Hello";
    const PRINT: &str = "name=Eve&school=School&email=eve%40example.org&size_mm=100&message=please";
    for Secret { state, id, hidden, .. } in secrets {
        let is_open = |version: &str| matches!((*state, version), ("released" | "revising", "" | "/v1"));
        let is_public = !matches!(*state, "draft" | "withdrawn");
        let mut doors = vec![
            (Method::POST, format!("/records/{id}/follow"), FOLLOW, is_public),
            (Method::POST, format!("/records/{id}/write"), LETTER, is_public),
        ];
        for version in ["", "/v1", "/v2"] {
            doors.push((Method::POST, format!("/records/{id}{version}/print"), PRINT, is_open(version)));
            doors.push((Method::POST, format!("/records/{id}{version}/kit"), "size_mm=120&base=letters", is_open(version)));
        }
        doors.push((Method::POST, format!("/api/v1/records/{id}/print-kits"), r#"{"size_mm":120}"#, is_open("")));
        doors.push((Method::PUT, format!("/api/v1/records/{id}/picture"), "{}", false));
        doors.push((Method::POST, format!("/deposit/{id}/picture"), "do=keep&look=bone", false));
        doors.push((Method::PUT, format!("/api/v1/records/{id}/surface"), "{}", false));
        doors.push((Method::POST, format!("/deposit/{id}/surface"), "do=keep&how=itself&smoothing=0", false));
        doors.push((Method::POST, format!("/api/v1/records/{id}/ties/{id}"), r#"{"answer":"accept"}"#, false));
        for (method, address, body, open) in doors {
            let answer = walker.send(method, &address, body).await;
            // Who asks very often is let in and then told to wait; a kit has a page of its own.
            let is_led_on = answer.status.is_redirection() && answer.text.contains("/kit?");
            let let_in = answer.status.is_success() || answer.status == StatusCode::TOO_MANY_REQUESTS || is_led_on;
            assert_eq!(let_in, open, "{state}: {address} answers {} {}", answer.status, answer.text);
            let told = hidden.iter().find(|word| !word.starts_with("/records") && **word != id.to_string() && answer.text.contains(*word));
            assert_eq!(told, None, "{state}: the refusal of {address} tells");
        }
    }
}

fn leaks(secret: &Secret, answers: &BTreeMap<String, Answer>) -> Vec<String> {
    let mut leaks = Vec::new();
    for (address, answer) in answers {
        let asked = address.trim_start_matches("HEAD ");
        for word in &secret.hidden {
            // A server may repeat what it was asked; it must not add anything.
            let echoed = asked.contains(word.as_str());
            if answer.text.contains(word.as_str()) && !echoed {
                leaks.push(format!("{}: {address} ({}) shows {word}", secret.state, answer.status));
            }
        }
        if !secret.closed.iter().any(|closed| closed == asked) {
            continue;
        }
        if answer.status.is_success() {
            leaks.push(format!("{}: {address} answers {}", secret.state, answer.status));
        }
        // A DOI may lead to what is closed, if that refuses.
        let target = answer.text.lines().find_map(|line| line.strip_prefix("location: ")).filter(|_| asked.contains("/cut?"));
        if target.is_some_and(|target| answers.get(target).is_none_or(|answer| answer.status.is_success())) {
            leaks.push(format!("{}: {address} leads to voxels", secret.state));
        }
    }
    leaks
}

async fn session(stage: &Stage, name: Option<&str>) -> Option<String> {
    let email = format!("{}@example.org", name?);
    let session = stage.archive.sign_in(&email, "correct horse battery", "192.0.2.7".parse().unwrap()).await.unwrap();
    Some(format!("science3d_session={}", session.secret))
}

/// A record in every state, with a converted volume, pictures, and words that occur nowhere else.
async fn cast(stage: &Stage, ada: &Visitor) -> Vec<Secret> {
    let mut secrets = Vec::new();
    for state in ["draft", "registered", "scheduled", "released", "withdrawn"] {
        let id = dataset(stage, ada, state).await;
        let archive = &stage.archive;
        if state != "draft" {
            archive.register(ada, &id).await.unwrap();
        }
        match state {
            "scheduled" => drop(archive.schedule_with_publication(ada, &id, Some(NOON.plus_seconds(1_000_000))).await.unwrap()),
            "released" => drop(archive.release(ada, &id).await.unwrap()),
            "withdrawn" => {
                archive.release(ada, &id).await.unwrap();
                archive.withdraw(ada, &id, "reasonwordwithdrawn".into()).await.unwrap();
            }
            _ => {}
        }
        let file = format!("secret{state}/slice_0000.tif");
        let never = vec![format!("secret{state}"), format!("notesof{state}")];
        let (hidden, closed) = match state {
            "draft" => (
                [never, vec![id.to_string(), format!("titleword{state}"), format!("plainword{state}")]].concat(),
                [below(&id, &file), around(&id)].concat(),
            ),
            "registered" | "scheduled" => (never, closed_bytes(&id, &file)),
            "withdrawn" => ([never, vec![format!("plainword{state}"), "reasonword".into()]].concat(), closed_bytes(&id, &file)),
            _ => (Vec::new(), below_version(&id, "/v2", &file)),
        };
        // Asking for an id is allowed; finding it is what must not happen, and `hidden` would tell.
        let closed = closed.into_iter().filter(|address| !address.contains("search?") && !address.starts_with("/oai?")).collect();
        secrets.push(Secret { state, id, hidden, closed });
    }
    secrets.push(revised(stage, ada).await);
    secrets
}

/// A released record whose next version is being made: everything of the first is open, nothing of the second.
async fn revised(stage: &Stage, ada: &Visitor) -> Secret {
    let (id, archive) = (dataset(stage, ada, "revised").await, &stage.archive);
    archive.register(ada, &id).await.unwrap();
    archive.release(ada, &id).await.unwrap();
    labour(stage).await;
    archive.revise(ada, &id).await.unwrap();
    archive.patch(ada, &id, serde_json::json!({"title": "titlewordrevising", "description": "plainwordrevising"}), None).await.unwrap();
    stage.upload(ada, &id, "notesofrevising.txt", b"secretrevising").await;
    labour(stage).await;
    let base = format!("/records/{id}/v2");
    let mut closed = below_version(&id, "/v2", "notesofrevising.txt");
    closed.extend(["/files/secretrevised/slice_0000.tif", "/export/bibtex", "/export/datacite-json"].map(|end| format!("{base}{end}")));
    closed.extend([
        format!("/api/v1/records/{id}/versions/2"),
        format!("/api/v1/records/{id}/versions/v2"),
        format!("/api/v1/records/{id}/files/notesofrevising.txt"),
        format!("/records/{id}/files/notesofrevising.txt"),
        format!("/records/{id}/v1/files/notesofrevising.txt"),
        format!("/doi/10.5072/science3d.{id}.v2"),
        format!("/deposit/{id}"),
        format!("/deposit/{id}/events"),
        format!("/deposit/{id}/revise"),
        format!("/deposit/{id}/picture"),
        format!("/deposit/{id}{TRIED}"),
        format!("/deposit/{id}/surface"),
    ]);
    let hidden = ["titlewordrevising", "plainwordrevising", "notesofrevising", "secretrevising"].map(String::from);
    Secret { state: "revising", hidden: [hidden.into(), vec![base]].concat(), id, closed }
}

fn closed_bytes(id: &RecordId, file: &str) -> Vec<String> {
    let own_door =
        |address: &String| !address.ends_with(&format!("/records/{id}")) && !address.ends_with("/v1") && !address.ends_with("/view");
    below(id, file).into_iter().filter(own_door).collect()
}

async fn dataset(stage: &Stage, ada: &Visitor, state: &str) -> RecordId {
    let mut metadata = testbed::complete(Kind::TomographyMaterials, &format!("titleword{state}"));
    metadata.description = format!("plainword{state}");
    let id = stage.archive.create(ada, Kind::TomographyMaterials, metadata).await.unwrap().id;
    for (number, path) in slices_of(stage, &format!("slices {state}"), [24, 48, 48]).iter().enumerate() {
        stage.upload(ada, &id, &format!("secret{state}/slice_{number:04}.tif"), &std::fs::read(path).unwrap()).await;
    }
    let movie = workshop::movie(stage, "clip.avi", &["-c:v", "mpeg4"]).unwrap_or_else(|| b"nothing to play".to_vec());
    stage.upload(ada, &id, "clip.avi", &movie).await;
    stage.upload(ada, &id, &format!("notesof{state}.txt"), format!("secret{state}").as_bytes()).await;
    labour(stage).await;
    let wish = KitWish { model: "surface".into(), size_mm: 120, base: KitBase::Letters, halves: false };
    stage.archive.ask_for_kit(ada, &id, &wish, "192.0.2.9".parse().unwrap()).await.unwrap();
    labour(stage).await;
    let made = stage.archive.derivatives(ada, &id).await.unwrap();
    let is_made = |name: &str| made.iter().any(|derivative| derivative.name == name);
    assert!(
        ["volume", "thumb.jpg", "surface.glb", "turntable.mp4", "surface-120-mm-letters-kit.zip"].into_iter().all(is_made),
        "{state}: {made:?} {:?}",
        stage.archive.activity(ada, &id).await
    );
    id
}
