//! The house of the plays: an archive, its router, and actors who come with tokens.

use archive::Visitor;
use axum::{Router, body::Body};
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use record::{
    Record,
    account::Scope,
    derivative::{Derivative, DerivativeKind, Inputs, Recipe, VolumeFacts},
    file::Sha256,
    id::RecordId,
    kind::Kind,
    version::Version,
};
use serde_json::Value;
use std::sync::Arc;
use testbed::Stage;
use tower::ServiceExt;

pub(crate) struct House {
    pub(crate) stage: Stage,
    pub(crate) router: Router,
    pub(crate) door: web::Door,
    pub(crate) ada: Visitor,
    /// Ada's token, with the scope `release`.
    pub(crate) token: String,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&self.body)))
    }
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::with_darkroom(web::data::NoDarkroom).await
    }

    pub(crate) async fn with_darkroom(darkroom: impl web::data::Darkroom) -> Self {
        let stage = Stage::on_sqlite().await;
        let ada = stage.actor("ada").await;
        let token = stage.archive.create_token(&ada, "plays", Scope::Release, 30).await.unwrap().1;
        let door = web::Door::new(stage.archive.clone(), web::data::Shelf::new(Arc::new(darkroom)));
        Self { stage, router: web::router(door.clone()), door, ada, token }
    }

    /// The same house with another archive on its storage, as after a restart.
    pub(crate) async fn again(mut self, archive: archive::Archive) -> Self {
        self.door = web::Door::new(archive.clone(), web::data::Shelf::new(Arc::new(web::data::NoDarkroom)));
        self.router = web::router(self.door.clone());
        self.stage.archive = archive;
        self
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
    }

    /// Asks as anyone, with these headers.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request =
            headers.iter().fold(Request::builder().method(method).uri(path), |request, (name, value)| request.header(*name, *value));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[]).await
    }

    /// Asks as Ada.
    pub(crate) async fn as_ada(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {}", self.token));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn json(&self, method: &str, path: &str, body: Value) -> Answer {
        self.as_ada(method, path, &[("content-type", "application/json")], body.to_string()).await
    }

    pub(crate) async fn draft(&self) -> Record {
        self.stage.draft(&self.ada, Kind::TomographyBiology, "A jaw").await
    }

    pub(crate) async fn with_files(&self, files: &[(&str, &[u8])]) -> RecordId {
        let id = self.draft().await.id;
        for (path, bytes) in files {
            self.stage.upload(&self.ada, &id, path, bytes).await;
        }
        id
    }

    pub(crate) async fn register(&self, id: &RecordId) {
        self.stage.archive.register(&self.ada, id).await.unwrap();
    }

    pub(crate) async fn release(&self, id: &RecordId) {
        self.register(id).await;
        self.stage.archive.release(&self.ada, id).await.unwrap();
    }

    /// A volume of two keys, as a worker would report it.
    pub(crate) async fn give_volume(&self, id: &RecordId) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("s0/c/0/0")).unwrap();
        std::fs::write(folder.path().join("zarr.json"), b"{}").unwrap();
        std::fs::write(folder.path().join("s0/c/0/0/0"), vec![7u8; 100_000]).unwrap();
        let tree = self.stage.archive.store().put_tree(id, Version::FIRST, "abc123", "volume.ome.zarr", folder.path()).await.unwrap();
        let facts = VolumeFacts {
            shape: [1, 1, 1],
            element_type: "uint8".into(),
            levels: 1,
            voxel_size_um: None,
            window: [0.0, 1.0],
            minimum: 0.0,
            maximum: 1.0,
            mean: 0.5,
            not_finite: 0,
            noticed: Vec::new(),
        };
        let inputs = Inputs { files: 1, bytes: 1, manifest_sha256: Sha256([0; 32]), listed: Vec::new() };
        let recipe = Recipe {
            step: "convert".into(),
            program: "science3d".into(),
            program_version: "0".into(),
            parameters: Value::Null,
            inputs,
            digest: "abc123".into(),
        };
        let derivative = Derivative {
            name: "volume".into(),
            kind: DerivativeKind::Volume(facts),
            version: Version::FIRST,
            kept_in: None,
            recipe,
            bytes: tree.bytes,
            files: tree.files,
            made_at: testbed::NOON,
        };
        self.stage.archive.report_derivative(id, &derivative).await.unwrap();
    }
}
