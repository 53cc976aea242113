//! `science3d deposit` against the real server: a folder becomes a record, and later a new version of it.

#[path = "kill/server.rs"]
#[allow(dead_code, reason = "here nobody is killed")]
mod server;

use serde_json::Value;
use server::Server;
use std::{fs, path::Path, time::Duration};

pub(crate) fn patience(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const DESCRIBED: &str = r#"
description = "A foam, measured twice."
licence = "CC0-1.0"
creators = [{ family = "Lovelace", given = "Ada" }]
sample = { material = "aluminium" }
acquisition = { technique = "PaNET01208", facility = "Test bench", voxel_size_um = [10.0, 10.0, 10.0] }
"#;

/// The folder of a depositor on her own machine.
struct Desk {
    scratch: tempfile::TempDir,
    server: String,
    token: String,
}

impl Desk {
    fn path(&self, name: &str) -> String {
        self.scratch.path().join(name).to_str().unwrap().to_owned()
    }

    fn deposit(&self, words: &[&str]) -> Result<Value, String> {
        let common = ["--server", &self.server, "--token", &self.token, "--json"];
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_science3d"));
        command.arg("deposit").args(words).args(common).env("XDG_STATE_HOME", self.path("state"));
        let done = command.output().unwrap();
        if done.status.success() {
            return Ok(serde_json::from_slice(&done.stdout).unwrap());
        }
        Err(String::from_utf8_lossy(&done.stderr).into_owned())
    }

    async fn get(&self, path: &str) -> Value {
        reqwest::get(format!("{}{path}", self.server)).await.unwrap().json().await.unwrap()
    }
}

fn write(folder: &Path, name: &str, content: &str) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(name), content).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_becomes_a_record_and_then_its_next_version() {
    let mut server = Server::prepare();
    let token = server.make_account("ada@example.org");
    server.start().await;
    let desk = Desk { scratch: tempfile::tempdir().unwrap(), server: server.address().to_owned(), token };
    let (scan, described) = (desk.path("scan"), desk.path("foam.toml"));
    write(Path::new(&scan), "readme.txt", "first words");
    write(Path::new(&scan), "kept.txt", "the same for ever");
    fs::write(&described, DESCRIBED).unwrap();

    let first = [&scan, "--kind", "tomography-materials", "--title", "Foam", "--metadata", &described];
    let draft = desk.deposit(&first).unwrap();
    let id = draft["record"].as_str().unwrap().to_owned();
    let early = desk.deposit(&[&scan, "--new-version-of", &id]).unwrap_err();
    assert!(early.contains(&format!("record {id} is draft")), "{early}");
    let released = desk.deposit(&[&first[..], &["--release"]].concat()).unwrap();
    assert_eq!((released["record"].as_str(), released["state"].as_str()), (Some(id.as_str()), Some("released")));

    write(Path::new(&scan), "readme.txt", "better words");
    write(Path::new(&scan), "added.txt", "new");
    let next = [scan.as_str(), "--new-version-of", &id, "--title", "Foam, again"];
    let revising = loop {
        // What is made of the first version must be there before the next one begins.
        match desk.deposit(&next) {
            Err(refused) if refused.contains("still being made") => tokio::time::sleep(Duration::from_millis(300)).await,
            done => break done.unwrap(),
        }
    };
    assert_eq!((revising["state"].as_str(), revising["sent_bytes"].as_u64()), (Some("revising"), Some(15)), "only what changed travels");
    let seen = desk.get(&format!("/api/v1/records/{id}")).await;
    assert_eq!((seen["version"].as_u64(), seen["metadata"]["title"].as_str()), (Some(1), Some("Foam")), "the world sees the first version");

    let done = desk.deposit(&[&next[..], &["--release"]].concat()).unwrap();
    assert_eq!((done["state"].as_str(), done["sent_bytes"].as_u64()), (Some("released"), Some(0)), "a second run goes on with the draft");
    let seen = desk.get(&format!("/api/v1/records/{id}")).await;
    assert_eq!((seen["version"].as_u64(), seen["metadata"]["title"].as_str()), (Some(2), Some("Foam, again")));
    assert_eq!(seen["metadata"]["description"], "A foam, measured twice.", "what was not said again stays");
    let old = reqwest::get(format!("{}/records/{id}/v1/files/readme.txt", desk.server)).await.unwrap().text().await.unwrap();
    let new = reqwest::get(format!("{}/records/{id}/files/readme.txt", desk.server)).await.unwrap().text().await.unwrap();
    assert_eq!((old.as_str(), new.as_str()), ("first words", "better words"));
}
