//! Files, Zarr keys and ZIPs on their way out: to everyone when they are open, to nobody else while they are closed.

use crate::house::House;
use archive::labour::{Lane, Trouble};
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use record::{
    job::{Failure, Job},
    kind::Kind,
    picture::PictureChoice,
};
use sha2::{Digest, Sha256};
use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};
use tower::ServiceExt;
use web::data::{CutWish, Darkroom, NoPicture, SliceWish};

const BYTES: &[u8] = b"0123456789";

#[tokio::test]
async fn an_open_file_has_everything_that_a_downloader_needs() {
    let house = House::open().await;
    let id = house.with_files(&[("slices/Käfer 1.tif", BYTES)]).await;
    house.release(&id).await;
    let path = format!("/records/{id}/files/slices/K%C3%A4fer%201.tif");
    // The second time it comes from the shelf and must be the same.
    for _ in 0..2 {
        let whole = house.get(&path).await;
        assert_eq!((whole.status, &whole.body[..]), (200, BYTES));
        assert_eq!(whole.header("content-length"), "10");
        assert_eq!(whole.header("accept-ranges"), "bytes");
        assert_eq!(whole.header("access-control-allow-origin"), "*");
        assert!(whole.header("access-control-expose-headers").contains("Content-Range"));
        assert_eq!(whole.header("content-type"), "image/tiff");
        assert_eq!(whole.header("repr-digest"), format!("sha-256=:{}:", base64_of(BYTES)));
        assert!(whole.header("content-disposition").contains("filename*=UTF-8''K%C3%A4fer%201.tif"));
        assert_eq!(whole.header("content-security-policy"), "sandbox; default-src 'none'");
        let part = house.ask("GET", &path, &[("range", "bytes=-3")]).await;
        assert_eq!((part.status, &part.body[..], part.header("content-range")), (206, &b"789"[..], "bytes 7-9/10"));
        let head = house.ask("HEAD", &path, &[]).await;
        assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "10", 0));
        let etag = whole.header("etag").to_owned();
        assert_eq!(house.ask("GET", &path, &[("if-none-match", &etag)]).await.status, 304);
        let several = house.ask("GET", &path, &[("range", "bytes=0-1,-1")]).await;
        let text = String::from_utf8_lossy(&several.body);
        assert!(several.header("content-type").starts_with("multipart/byteranges; boundary="), "{:?}", several.headers);
        assert_eq!((several.status, several.header("content-length")), (206, several.body.len().to_string().as_str()));
        assert!(text.contains("Content-Range: bytes 0-1/10\r\n\r\n01\r\n") && text.contains("bytes 9-9/10\r\n\r\n9\r\n"), "{text}");
        assert_eq!(house.ask("GET", &path, &[("range", "bytes=0-1"), ("if-range", "\"old\"")]).await.status, 200);
        assert_eq!(house.ask("GET", &path, &[("range", "bytes=10-")]).await.status, 416);
    }
    let preflight = house.ask("OPTIONS", &path, &[("origin", "https://other.example"), ("access-control-request-method", "GET")]).await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (204, "*"));
    assert_eq!(house.get(&format!("/records/{id}/files/other.tif")).await.status, 404);
}

fn base64_of(bytes: &[u8]) -> String {
    let output = Command::new("base64").arg("-w0").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().and_then(|mut child| {
        child.stdin.take().unwrap().write_all(&Sha256::digest(bytes))?;
        child.wait_with_output()
    });
    String::from_utf8(output.unwrap().stdout).unwrap()
}

#[tokio::test]
async fn closed_bytes_go_to_their_owner_and_to_nobody_else() {
    let house = House::open().await;
    let id = house.with_files(&[("a.tif", BYTES)]).await;
    house.give_volume(&id).await;
    let addresses = [
        format!("/records/{id}/files/a.tif"),
        format!("/records/{id}/volumes/volume.ome.zarr/zarr.json"),
        format!("/records/{id}/archive.zip"),
        format!("/records/{id}/volumes/volume/slice?axis=z"),
        format!("/records/{id}/volumes/volume/cut?box=0:1,0:1,0:1"),
    ];
    for (state, hidden) in [("draft", 404), ("registered", 403)] {
        if state == "registered" {
            house.register(&id).await;
        }
        for address in &addresses {
            for method in ["GET", "HEAD"] {
                let stranger = house.ask(method, address, &[]).await;
                assert_eq!(stranger.status, hidden, "{state} {method} {address}");
                assert!(!String::from_utf8_lossy(&stranger.body).contains("a.tif"), "{state} {address}");
            }
            if address.contains("/slice") || address.contains("/cut") {
                continue;
            }
            let owner = house.as_ada("GET", address, &[], "").await;
            assert_eq!((owner.status, owner.header("cache-control")), (200, "private, no-store"), "{address}");
            assert_eq!(owner.header("access-control-allow-origin"), "");
            assert_eq!(house.get(address).await.status, hidden, "what the owner saw is not kept for others");
        }
    }
    house.stage.archive.release(&house.ada, &id).await.unwrap();
    for address in &addresses[..3] {
        assert_eq!(house.get(address).await.status, 200, "{address}");
        assert_eq!(house.get(address).await.status, 200, "{address}");
    }
    house.stage.archive.withdraw(&house.ada, &id, "mixed-up samples".into()).await.unwrap();
    for address in &addresses {
        assert_eq!(house.get(address).await.status, 410, "{address}: what was kept while it was open must be gone");
    }
}

#[tokio::test]
async fn zarr_keys_are_bytes_and_missing_ones_are_plainly_missing() {
    let house = House::open().await;
    let id = house.with_files(&[("a.tif", BYTES)]).await;
    house.give_volume(&id).await;
    house.release(&id).await;
    let volume = format!("/records/{id}/volumes/volume.ome.zarr");
    let chunk = house.get(&format!("{volume}/s0/c/0/0/0")).await;
    assert_eq!((chunk.status, chunk.body.len()), (200, 100_000));
    assert_eq!(chunk.header("cache-control"), "public, no-cache", "the next version comes to the same address");
    for named in ["v1/files/a.tif", "v1/archive.zip"] {
        assert!(house.get(&format!("/records/{id}/{named}")).await.header("cache-control").contains("immutable"), "{named}");
    }
    assert_eq!(house.get(&format!("/records/{id}/v2/files/a.tif")).await.status, 404);
    let index = house.ask("GET", &format!("{volume}/s0/c/0/0/0"), &[("range", "bytes=-16")]).await;
    assert_eq!((index.status, index.body.len()), (206, 16));
    assert_eq!(house.get(&format!("{volume}/zarr.json")).await.header("content-type"), "application/json");
    for missing in ["s0/c/9/9/9", "s0", "s0/c", "../../../catalogue.db", "%2e%2e/%2e%2e/x", "s0//c"] {
        let answer = house.get(&format!("{volume}/{missing}")).await;
        assert_eq!(answer.status, 404, "{missing}");
        assert!(!answer.header("content-type").contains("html"));
    }
    assert_eq!(house.get(&format!("/records/{id}/volumes/other.ome.zarr/zarr.json")).await.status, 404);
}

#[tokio::test]
async fn what_was_made_is_kept_for_ever_once_no_labour_can_change_it() {
    let house = House::open().await;
    let id = house.with_files(&[("a.tif", BYTES)]).await;
    house.give_volume(&id).await;
    house.release(&id).await;
    house.stage.clock.advance_seconds(60);
    let archive = &house.stage.archive;
    let keeping = async || {
        let chunk = house.get(&format!("/records/{id}/v1/volumes/volume.ome.zarr/s0/c/0/0/0")).await;
        assert_eq!((chunk.status, chunk.body.len()), (200, 100_000));
        chunk.header("cache-control").to_owned()
    };
    assert_eq!(keeping().await, "public, no-cache", "pictures and surface are still to come");
    let mut failed = None;
    while let Some(claimed) = archive.claim("worker", Lane::Any).await.unwrap() {
        if matches!(claimed.job, Job::Surface { .. }) {
            failed = Some(claimed.id);
            archive.fail(&claimed, Trouble::NeedsAPerson(Failure::new("no memory", ""))).await.unwrap();
        } else {
            archive.finish(&claimed).await.unwrap();
        }
    }
    assert_eq!(keeping().await, "public, no-cache", "somebody may press “try again”");
    archive.try_again(&house.ada, &id, failed.unwrap()).await.unwrap();
    assert_eq!(keeping().await, "public, no-cache");
    archive.finish(&archive.claim("worker", Lane::Any).await.unwrap().unwrap()).await.unwrap();
    assert_eq!(keeping().await, "public, max-age=31536000, immutable");
}

/// Gives the same bytes whatever is wished.
struct Stub;

impl Darkroom for Stub {
    fn slice(&self, _: &Path, _: &SliceWish) -> Result<Vec<u8>, NoPicture> {
        Ok(b"a slice".to_vec())
    }

    fn cut(&self, _: &Path, _: &CutWish) -> Result<Vec<u8>, NoPicture> {
        Ok(b"a cut".to_vec())
    }

    fn portrait(&self, _: &Path, _: Kind, _: &PictureChoice) -> Result<Vec<u8>, NoPicture> {
        Ok(b"a portrait".to_vec())
    }
}

#[tokio::test]
async fn cuts_that_wait_for_slow_readers_are_bounded() {
    let house = House::with_darkroom(Stub).await;
    let id = house.with_files(&[("a.tif", BYTES)]).await;
    house.give_volume(&id).await;
    house.release(&id).await;
    let ask = async || {
        let request = Request::get(format!("/records/{id}/volumes/volume/cut?box=0:1,0:1,0:1"));
        house.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    };
    let mut unread = Vec::new();
    let refused = loop {
        let answer = ask().await;
        if answer.status() != 200 {
            break answer;
        }
        unread.push(answer.into_body());
    };
    assert_eq!((refused.status().as_u16(), unread.len()), (503, 16));
    assert_eq!(unread.pop().unwrap().collect().await.unwrap().to_bytes(), "a cut");
    let read = house.get(&format!("/records/{id}/v1/volumes/volume/cut?box=0:1,0:1,0:1")).await;
    assert_eq!((read.status, &read.body[..]), (200, &b"a cut"[..]));
    assert_eq!(read.header("digest"), "sha-256=VZQGptqLq/RAzZbsMZcE0MTB0hB+Ho8aCSIiVDyNJc4=");
}

#[tokio::test]
async fn all_files_come_as_one_zip_that_can_be_resumed() {
    let house = House::open().await;
    let large: Vec<u8> = (0..300_000u32).map(|number| (number % 255) as u8).collect();
    let id = house.with_files(&[("a/1.tif", BYTES), ("a/2.tif", &large), ("empty", b""), ("ü.txt", b"x")]).await;
    house.release(&id).await;
    let path = format!("/records/{id}/archive.zip");
    let head = house.ask("HEAD", &path, &[]).await;
    let zip = house.get(&path).await;
    assert_eq!((zip.status, zip.body.len().to_string()), (200, head.header("content-length").to_owned()));
    let rest = house.ask("GET", &path, &[("range", "bytes=100000-"), ("if-range", zip.header("etag"))]).await;
    assert_eq!((rest.status, &rest.body[..] == &zip.body[100_000..]), (206, true));
    let script =
        "import sys,io,zipfile;z=zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()));assert z.testzip() is None;print(len(z.namelist()))";
    let Ok(mut judge) = Command::new("python3").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else {
        eprintln!("skipped: no python3 to judge the ZIP");
        return;
    };
    judge.stdin.take().unwrap().write_all(&zip.body).unwrap();
    assert_eq!(String::from_utf8(judge.wait_with_output().unwrap().stdout).unwrap().trim(), "9", "four files, the manifest and four tags");
}

#[tokio::test]
async fn a_download_over_the_network_is_exact_and_resumes() {
    let house = House::open().await;
    let large: Vec<u8> = (0..5_000_000u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let id = house.with_files(&[("large.raw", &large), ("small.txt", b"x")]).await;
    house.release(&id).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(web::serve(listener, house.router.clone(), record::limits::Limits::default(), std::future::pending()));
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("large.raw");
    std::fs::write(&target, &large[..1_234_567]).unwrap();
    let mut curl = tokio::process::Command::new("curl");
    curl.args(["-sS", "-f", "-C", "-", "-o"]).arg(&target).arg(format!("http://{address}/records/{id}/files/large.raw"));
    let Ok(running) = curl.status().await else {
        eprintln!("skipped: no curl");
        return;
    };
    assert!(running.success());
    assert!(std::fs::read(&target).unwrap() == large);
    let zip = folder.path().join("all.zip");
    let command = format!("curl -sS -f -o {0} http://{address}/records/{id}/archive.zip && python3 -m zipfile -t {0}", zip.display());
    let tested = tokio::time::timeout(Duration::from_secs(60), tokio::process::Command::new("sh").args(["-c", &command]).output())
        .await
        .unwrap()
        .unwrap();
    assert!(String::from_utf8_lossy(&tested.stdout).contains("Done testing"), "{tested:?}");
}
