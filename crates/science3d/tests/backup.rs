//! The operator's worst morning: the database is gone. From last night's backup everything comes back as it was, as seen
//! through the API, and tokens go on working.

#[path = "kill/server.rs"]
#[allow(dead_code, reason = "the kill test uses the rest")]
mod server;
#[path = "kill/tus.rs"]
mod tus;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use server::Server;
use std::{collections::BTreeMap, time::Duration};

fn patience(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

struct Reader<'a> {
    client: Client,
    server: &'a Server,
    token: &'a str,
}

impl Reader<'_> {
    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.client.request(method, format!("{}{path}", self.server.address())).bearer_auth(self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let words = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {words}");
        serde_json::from_str(&words).unwrap_or(Value::Null)
    }

    async fn deposit(&self, title: &str) -> String {
        let metadata = json!({
            "title": title,
            "description": "Something that must not be lost.",
            "creators": [{ "family": "Hopper", "given": "Grace" }],
            "licence": "CC0-1.0",
        });
        let record = self.ask(Method::POST, "/api/v1/records", Some(json!({ "kind": "lesson", "metadata": metadata }))).await;
        let id = record["id"].as_str().unwrap().to_owned();
        let words = format!("{title}: words");
        let upload = self.client.post(format!("{}/api/v1/uploads", self.server.address())).bearer_auth(self.token);
        let upload = upload.header("tus-resumable", "1.0.0").header("content-type", "application/offset+octet-stream");
        let upload = upload.header("upload-length", words.len()).header("upload-metadata", tus::metadata(&id, "notes.txt"));
        let kept = upload.body(words).send().await.unwrap();
        assert_eq!(kept.status(), 201, "{}", kept.text().await.unwrap());
        id
    }

    async fn quiet(&self, id: &str) {
        let began = std::time::Instant::now();
        let is_over = |jobs: &Value| jobs.as_array().is_some_and(|jobs| jobs.iter().all(|job| job["standing"] == "needless"));
        while !is_over(&self.ask(Method::GET, &format!("/api/v1/records/{id}/jobs"), None).await) {
            assert!(began.elapsed() < patience(120), "the labour on {id} does not end");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// What the API says, by address.
    async fn everything(&self, ids: &[String]) -> BTreeMap<String, Value> {
        let mut addresses = vec!["/api/v1/records".to_owned(), "/api/v1/search?q=Hopper".to_owned(), "/api/v1/tokens".to_owned()];
        for id in ids {
            addresses.extend(["", "/files", "/readiness", "/history", "/team"].map(|end| format!("/api/v1/records/{id}{end}")));
        }
        let mut said = BTreeMap::new();
        for address in addresses {
            let mut answer = self.ask(Method::GET, &address, None).await;
            forget_last_use(&mut answer);
            said.insert(address, answer);
        }
        said
    }

    async fn is_found(&self, count: usize) {
        let began = std::time::Instant::now();
        while self.ask(Method::GET, "/api/v1/search?q=Hopper", None).await["total"] != count {
            assert!(began.elapsed() < patience(60), "the search index does not hold {count} records");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Asking changes when a token was last used.
fn forget_last_use(answer: &mut Value) {
    match answer {
        Value::Object(object) => {
            object.remove("last_used_at");
            object.values_mut().for_each(forget_last_use);
        }
        Value::Array(list) => list.iter_mut().for_each(forget_last_use),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destroyed_database_comes_back_from_its_backup() {
    let mut server = Server::prepare();
    let token = server.make_account("ada@example.org");
    server.start().await;
    let file = server.data().parent().unwrap().join("night.backup");
    let path = file.to_str().unwrap();
    let (before, ids) = {
        let reader = Reader { client: Client::new(), server: &server, token: &token };
        let ids = vec![reader.deposit("An open lesson").await, reader.deposit("A draft").await];
        for step in ["register", "release"] {
            reader.ask(Method::POST, &format!("/api/v1/records/{}/{step}", ids[0]), Some(json!({}))).await;
        }
        for id in &ids {
            reader.quiet(id).await;
        }
        reader.is_found(1).await;
        (reader.everything(&ids).await, ids)
    };
    // The server runs on while the backup is made.
    let made = server.run(&["backup", path, "--json"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let said: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(said["bytes"], std::fs::metadata(&file).unwrap().len());
    let again = server.run(&["backup", path]);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("there already"));
    let into_full = server.run(&["restore", path]);
    let words = String::from_utf8_lossy(&into_full.stderr).into_owned();
    assert!(!into_full.status.success() && words.contains("not empty"), "{words}");
    server.stop();

    for name in ["catalogue.db", "catalogue.db-wal", "catalogue.db-shm"] {
        let _ = std::fs::remove_file(server.data().join(name));
    }
    let restored = server.run(&["restore", path]);
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    server.start().await;
    {
        let reader = Reader { client: Client::new(), server: &server, token: &token };
        reader.is_found(1).await;
        assert_eq!(reader.everything(&ids).await, before);
        let open = reqwest::get(format!("{}/records/{}/files/notes.txt", server.address(), ids[0])).await.unwrap();
        assert_eq!(open.text().await.unwrap(), "An open lesson: words");
        reader.deposit("Life goes on").await;
    }
    server.stop();
    server.verify();
}
