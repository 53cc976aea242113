//! A registrar that fails, delays and lies.

mod cast;

use cast::{NOW, article, jaw, place, registered, released, withdrawn};
use exchange::{DoiDocument, Registrar, RegistrarFault};
use record::ledger::Difference;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Answers every request with this and keeps what it was asked.
async fn stand_in(answer: String, delay: Duration) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let request = request_from(&mut socket).await;
            kept.lock().unwrap().push(request);
            tokio::time::sleep(delay).await;
            socket.write_all(answer.as_bytes()).await.ok();
        }
    });
    (url, asked)
}

async fn request_from(socket: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut piece = [0; 8192];
    loop {
        let read = socket.read(&mut piece).await.unwrap();
        request.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&request);
        let head = text.split_once("\r\n\r\n");
        let length = text
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned))
            .and_then(|text| text.trim().parse::<usize>().ok());
        if read == 0 || head.is_some_and(|(_, body)| body.len() >= length.unwrap_or(0)) {
            return text.into_owned();
        }
    }
}

fn http(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

/// As the registrar answers that keeps a document.
fn accepted(document: &DoiDocument, doi: &str, state: &str) -> String {
    let mut attributes = document.attributes.clone();
    attributes["state"] = state.into();
    http("200 OK", &serde_json::json!({ "data": { "id": doi, "type": "dois", "attributes": attributes } }).to_string())
}

type Result<T> = std::result::Result<T, RegistrarFault>;

async fn told(document: &DoiDocument, answer: String) -> (Result<Vec<Difference>>, Vec<String>) {
    let (url, asked) = stand_in(answer, Duration::ZERO).await;
    let registrar = Registrar::datacite(&url, "EX.REPO", "pass word").unwrap().within(Duration::from_secs(5)).unwrap();
    let result = registrar.tell(document, NOW).await;
    let asked = asked.lock().unwrap().clone();
    (result, asked)
}

fn document() -> DoiDocument {
    DoiDocument::of(&registered(jaw(), None), &place(), NOW).unwrap()
}

#[tokio::test]
async fn a_registered_record_becomes_findable() {
    let (result, asked) = told(&document(), accepted(&document(), "10.5072/SCIENCE3D.7h3k9x2q4", "findable")).await;
    assert_eq!(result, Ok(Vec::new()));
    assert!(asked[1].starts_with("GET /dois/10.5072/science3d.7h3k9x2q4?"), "it is read back: {}", asked[1]);
    let (head, body) = asked[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("PUT /dois/10.5072/science3d.7h3k9x2q4?affiliation=true&publisher=true HTTP/1.1\r\n"), "{head}");
    assert!(head.to_lowercase().contains("authorization: basic "), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!((body["data"]["type"].as_str(), body["data"]["attributes"]["event"].as_str()), (Some("dois"), Some("publish")));
    assert_eq!(body["data"]["attributes"]["url"], "https://science3d.example.org/records/7h3k9x2q4");
}

#[tokio::test]
async fn a_withdrawn_record_is_hidden() {
    let document = DoiDocument::of(&withdrawn(jaw()), &place(), NOW).unwrap();
    let (result, asked) = told(&document, accepted(&document, "10.5072/science3d.7h3k9x2q4", "registered")).await;
    assert_eq!(result, Ok(Vec::new()));
    let asked = &asked[0];
    assert!(asked.contains(r#""event":"hide""#) && !asked.contains("muscles. It shows"), "{asked}");
}

#[tokio::test]
async fn what_will_pass_is_tried_again_and_what_will_not_is_told() {
    for (answer, retry, says) in [
        (http("503 Service Unavailable", "<html>down</html>"), true, "503: <html>down</html>"),
        (http("429 Too Many Requests", ""), true, "status 429"),
        (
            http("422 Unprocessable", r#"{"errors":[{"source":"creators","title":"can't be blank"},{"title":"No"}]}"#),
            false,
            "422: creators: can't be blank; No",
        ),
        (
            http("401 Unauthorized", r#"{"errors":[{"title":"Bad credentials."}]}"#),
            true,
            "401: Bad credentials.; the operator should check the repository",
        ),
        (http("302 Found\r\nLocation: http://127.0.0.1:1/", ""), false, "status 302"),
        (accepted(&document(), "10.5072/another", "findable"), true, "speaks of the DOI “10.5072/another”"),
        (accepted(&document(), "10.5072/science3d.7h3k9x2q4", "draft"), true, "“draft” instead of “findable”"),
        (http("200 OK", "all fine"), true, "not JSON"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{".to_owned(), true, "cannot be reached"),
        ("no HTTP at all\r\n\r\n".to_owned(), true, "cannot be reached"),
        (String::new(), true, "cannot be reached"),
    ] {
        let (result, _) = told(&document(), answer.clone()).await;
        let fault = result.unwrap_err();
        assert_eq!(fault.retry, retry, "{answer}: {fault}");
        assert!(fault.says.contains(says), "{answer}: {fault}");
        assert!(!fault.says.contains("pass word"));
    }
    let endless = http("200 OK", &"x".repeat(3 << 20));
    assert!(told(&document(), endless).await.0.unwrap_err().says.contains("more than"));
}

#[tokio::test]
async fn a_registrar_that_sleeps_is_left_after_a_while() {
    let (url, _asked) = stand_in(accepted(&document(), "10.5072/science3d.7h3k9x2q4", "findable"), Duration::from_secs(30)).await;
    let registrar = Registrar::datacite(&url, "EX.REPO", "pass word").unwrap().within(Duration::from_millis(300)).unwrap();
    let begun = Instant::now();
    let fault = registrar.tell(&document(), NOW).await.unwrap_err();
    assert!(fault.retry && fault.says.contains("in time"), "{fault}");
    let impatient = Instant::now();
    let fault = registrar.tell(&document(), NOW.plus_seconds(1)).await.unwrap_err();
    assert_eq!(fault.again_in_seconds, Some(5), "the next one does not wait for it: {fault}");
    assert!(impatient.elapsed() < Duration::from_millis(200));
    assert!(begun.elapsed() < Duration::from_secs(10));
    let nobody = Registrar::datacite("http://127.0.0.1:1", "EX.REPO", "pass word").unwrap();
    assert!(nobody.tell(&document(), NOW).await.unwrap_err().retry);
    assert!(!format!("{nobody:?} {}", nobody.words()).contains("pass word"));
}

#[tokio::test]
async fn a_pause_that_is_asked_for_is_kept_by_everyone() {
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        let answer = format!("HTTP/1.1 {status}\r\nRetry-After: 120\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let (url, asked) = stand_in(answer, Duration::ZERO).await;
        let registrar = Registrar::datacite(&url, "EX.REPO", "pass word").unwrap();
        for (later, again) in [(0, 120), (20, 101), (119, 2), (120, 120)] {
            let fault = registrar.tell(&document(), NOW.plus_seconds(later)).await.unwrap_err();
            assert_eq!((fault.retry, fault.again_in_seconds), (true, Some(again)), "{status} {later}");
        }
        assert_eq!(asked.lock().unwrap().len(), 2, "{status}: only before and after the pause");
    }
}

/// A password that has changed is the same for every DOI: one question finds it out, and the others wait with it.
#[tokio::test]
async fn a_password_that_is_not_taken_is_not_tried_for_every_doi() {
    let (url, asked) =
        stand_in(http("401 Unauthorized", r#"{"errors":[{"status":"401","title":"Bad credentials."}]}"#), Duration::ZERO).await;
    let registrar = Registrar::datacite(&url, "EX.REPO", "pass word").unwrap();
    for (later, again) in [(0, 900), (30, 871), (899, 2), (900, 900)] {
        let fault = registrar.tell(&document(), NOW.plus_seconds(later)).await.unwrap_err();
        assert_eq!((fault.retry, fault.is_closed, fault.again_in_seconds), (true, true, Some(again)), "{later}");
        assert!(fault.says.contains("Bad credentials") && fault.says.contains("operator") && !fault.says.contains("pass word"), "{fault}");
    }
    assert_eq!(asked.lock().unwrap().len(), 2, "only before and after the pause");
}

#[tokio::test]
async fn a_wrong_address_is_told_with_the_setting_that_holds_it() {
    let (url, _) = stand_in(http("404 Not Found", "no such page"), Duration::ZERO).await;
    let fault = Registrar::datacite(&url, "EX.REPO", "pass word").unwrap().tell(&document(), NOW).await.unwrap_err();
    assert!(!fault.retry && fault.says.contains("doi.url"), "{fault}");
}

#[tokio::test]
async fn a_doi_is_told_only_while_its_page_answers() {
    let (page, _) = stand_in(http("502 Bad Gateway", ""), Duration::ZERO).await;
    let mut document = document();
    document.attributes["url"] = format!("{page}/records/x").into();
    let (url, asked) = stand_in(accepted(&document, document.doi.as_str(), "findable"), Duration::ZERO).await;
    let registrar = Registrar::datacite(&url, "EX.REPO", "pass word").unwrap().checking_pages();
    let fault = registrar.tell(&document, NOW).await.unwrap_err();
    assert!(fault.retry && fault.says.contains("502") && fault.says.contains("/records/x"), "{fault}");
    assert!(asked.lock().unwrap().is_empty(), "the registrar has heard nothing");
    for status in ["200 OK", "410 Gone"] {
        let (page, _) = stand_in(http(status, "a page"), Duration::ZERO).await;
        document.attributes["url"] = format!("{page}/records/x").into();
        let (url, _) = stand_in(accepted(&document, document.doi.as_str(), "findable"), Duration::ZERO).await;
        let registrar = Registrar::datacite(&url, "EX.REPO", "pass word").unwrap().checking_pages();
        assert_eq!(registrar.tell(&document, NOW).await, Ok(Vec::new()));
    }
}

#[tokio::test]
async fn the_sandbox_accepts_and_says_so() {
    assert_eq!(Registrar::Sandbox.tell(&document(), NOW).await, Ok(Vec::new()));
    assert!(Registrar::Sandbox.words().contains("not registered"));
}

#[test]
fn only_dois_of_ours_are_told() {
    assert_eq!(DoiDocument::of(&jaw(), &place(), NOW), None);
    assert_eq!(DoiDocument::of(&article(), &place(), NOW), None);
    assert!(DoiDocument::of(&released(jaw()), &place(), NOW).is_some());
}
