//! A house with people in front of its door: each has a browser that keeps cookies and sends forms.

use axum::{Router, body::Body};
use bytes::Bytes;
use http::{HeaderMap, Request, header::SET_COOKIE};
use http_body_util::BodyExt;
use std::{collections::BTreeMap, sync::Arc};
use testbed::Stage;
use tower::ServiceExt;

pub(crate) struct House {
    pub(crate) stage: Stage,
    pub(crate) router: Router,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
    pub(crate) fn says(&self, words: &str) -> bool {
        self.text.contains(words)
    }
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
    /// The id of the record that the answer leads to.
    pub(crate) fn record(&self) -> String {
        self.header("location").split(['/', '?']).nth(2).unwrap_or("").to_owned()
    }
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::on(Stage::on_sqlite().await)
    }

    pub(crate) fn on(stage: Stage) -> Self {
        let router = web::router(web::Door::new(stage.archive.clone(), web::data::Shelf::new(Arc::new(web::data::NoDarkroom))));
        Self { stage, router }
    }

    pub(crate) fn stranger(&self) -> Browser<'_> {
        Browser { house: self, cookies: BTreeMap::new(), language: "en" }
    }

    /// A person who made an account and is signed in.
    pub(crate) async fn person(&self, name: &str) -> Browser<'_> {
        let mut browser = self.stranger();
        let email = format!("{name}@example.org");
        browser.send("/sign-up", &[("email", &email), ("name", name), ("password", "correct horse battery")]).await.expect(303);
        browser
    }
}

pub(crate) struct Browser<'a> {
    house: &'a House,
    cookies: BTreeMap<String, String>,
    pub(crate) language: &'static str,
}

impl Browser<'_> {
    pub(crate) async fn request(&mut self, request: http::request::Builder, body: impl Into<Body>) -> Answer {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let mut request = request.header("accept-language", self.language);
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
        }
        let response = self.house.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(SET_COOKIE) {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            match rest.split(';').next() {
                _ if rest.contains("Max-Age=0") => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.unwrap_or("").to_owned()),
            };
        }
        let bytes: Bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status.as_u16(), headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.request(Request::get(path).header("accept", "text/html"), Body::empty()).await
    }

    /// Sends a form as the page would: with the token that stands in the page.
    pub(crate) async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf().await;
        let pairs = [("csrf", csrf.as_str())].into_iter().chain(fields.iter().copied());
        let form = pairs.map(|(name, value)| format!("{name}={}", percent(value))).collect::<Vec<_>>().join("&");
        self.request(Request::post(path).header("accept", "text/html").header("content-type", "application/x-www-form-urlencoded"), form)
            .await
    }

    pub(crate) async fn csrf(&mut self) -> String {
        let page = self.get("/about").await;
        page.text.split_once("name=\"csrf\" content=\"").and_then(|(_, rest)| rest.split('"').next()).unwrap_or("").to_owned()
    }

    /// An answer that does not end.
    pub(crate) async fn open(&mut self, path: &str) -> Events {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let request = Request::get(path).header("cookie", cookies).body(Body::empty()).unwrap();
        let response = self.house.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Events { body: response.into_body() }
    }

    pub(crate) fn has_cookie(&self, name: &str) -> bool {
        self.cookies.contains_key(name)
    }

    /// A draft with everything but files.
    pub(crate) async fn complete_draft(&mut self, title: &str) -> String {
        let id = self.send("/deposit/new", &[("kind", "tomography-biology")]).await.expect(303).record();
        self.send(&format!("/deposit/{id}"), &complete(title)).await.expect(303);
        id
    }

    pub(crate) async fn upload(&mut self, id: &str, path: &str, bytes: &str) -> Answer {
        let csrf = self.csrf().await;
        let body = format!(
            "--seam\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{path}\"\r\nContent-Type: image/tiff\r\n\r\n{bytes}\r\n--seam--\r\n"
        );
        let request = Request::post(format!("/deposit/{id}/files?csrf={csrf}"))
            .header("accept", "text/html")
            .header("content-type", "multipart/form-data; boundary=seam");
        self.request(request, body).await
    }
}

pub(crate) struct Events {
    body: Body,
}

impl Events {
    /// The next event that says this word.
    pub(crate) async fn until(&mut self, word: &str) -> String {
        let patience = std::time::Duration::from_secs(20);
        loop {
            let frame = tokio::time::timeout(patience, self.body.frame()).await.expect("an event in time").expect("more events").unwrap();
            let text = String::from_utf8_lossy(frame.data_ref().unwrap()).into_owned();
            if text.contains(word) {
                return text;
            }
        }
    }
}

pub(crate) fn complete(title: &str) -> [(&str, &str); 8] {
    [
        ("title", title),
        ("creators", "Lovelace, Ada; 0000-0002-1825-0097; Analytical Society"),
        ("description", "A jaw that a pupil can understand."),
        ("organism", "Ichthyophis kohtaoensis"),
        ("technique", "PaNET01208"),
        ("facility", "A synchrotron"),
        ("voxel_size_um", "6,5"),
        ("licence", "CC-BY-4.0"),
    ]
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
