//! What the plays about the worker share: the worker itself, a phantom's slices, and a labour that comes to its end.

#![allow(dead_code, reason = "each play takes the tools that it needs")]

use archive::Visitor;
use record::id::RecordId;
use std::path::PathBuf;
use testbed::Stage;
use volume::phantom::{Phantom, Probe};
use worker::{Filming, Worker};

/// It tells no registrar, sends no mail, and films in three small frames.
pub(crate) fn worker(stage: &Stage) -> Worker {
    let scratch = stage.folder.path().join("scratch");
    let sender = "Science 3D <noreply@example.org>".to_owned();
    Worker::new(stage.archive.clone(), exchange::Registrar::Sandbox, exchange::Postman::Outbox, sender, scratch).filming_like(Filming {
        width: 96,
        height: 64,
        frames: 3,
        frames_per_second: 24,
    })
}

/// Until nothing waits, nor what follows from it a little later.
pub(crate) async fn labour(stage: &Stage) {
    for _ in 0..3 {
        stage.clock.advance_seconds(60);
        worker(stage).work_until_idle().await;
    }
}

/// Files of a foam of this shape, z, y, x, in their order.
pub(crate) fn slices_of(stage: &Stage, folder: &str, shape: [usize; 3]) -> Vec<PathBuf> {
    let folder = stage.folder.path().join(folder);
    Phantom::OpenCellFoam.write_tiff_stack(&folder, shape, 7, Probe::XRay).unwrap();
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

pub(crate) async fn send(stage: &Stage, owner: &Visitor, id: &RecordId, slice: &std::path::Path) {
    let name = slice.file_name().unwrap().to_str().unwrap();
    stage.upload(owner, id, &format!("foam/{name}"), &std::fs::read(slice).unwrap()).await;
}

/// Two seconds of a moving test picture as ffmpeg writes them; nothing where there is no ffmpeg.
pub(crate) fn movie(stage: &Stage, name: &str, codec: &[&str]) -> Option<Vec<u8>> {
    let path = stage.folder.path().join(name);
    let source = ["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=duration=2:size=322x240:rate=12"];
    let ended = std::process::Command::new("ffmpeg").args(source).args(codec).arg(&path).status().ok()?;
    assert!(ended.success(), "{name}");
    Some(std::fs::read(path).unwrap())
}
