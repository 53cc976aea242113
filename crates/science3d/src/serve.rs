//! Keeps the door open and the labour going until somebody asks to stop.

use crate::{
    assemble::{self, House, IndexUse},
    config::Config,
    darkroom,
};
use anyhow::Context;
use archive::Archive;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

/// What a demonstration does beside serving, once the door is open.
pub(crate) type Beside = Box<dyn FnOnce(Archive, String) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

pub(crate) async fn serve(config: &Config, data: &Path, beside: Option<Beside>) -> anyhow::Result<()> {
    let listener = TcpListener::bind(&config.server_listen)
        .await
        .with_context(|| format!("cannot listen on {}; is another server running there?", config.server_listen))?;
    let address = format!("http://{}", listener.local_addr()?);
    let base_url =
        if config.server_base_url.is_empty() { address.clone() } else { config.server_base_url.trim_end_matches('/').to_owned() };
    let house = assemble::house(config, data, base_url.clone(), IndexUse::Own).await?;
    let (stop, stopping) = watch::channel(false);
    let mut tasks = JoinSet::new();
    keep_index(&house, &mut tasks, stopping.clone());
    if config.work_here {
        labour(&house, config, house.layout.scratch.join("serve"), &mut tasks, stopping.clone())?;
    }
    announce(&house.archive, &address, &base_url).await?;
    if let Some(beside) = beside {
        let (archive, mut stopping) = (house.archive.clone(), stopping.clone());
        tasks.spawn(async move {
            tokio::select! {
                () = beside(archive, address) => {}
                _ = stopping.wait_for(|stop| *stop) => {}
            }
        });
    }
    let voxels = darkroom::Voxels::with_scratch(house.layout.scratch.join("cuts")).context("cannot make a scratch folder")?;
    let door = web::Door::new(house.archive.clone(), web::data::Shelf::new(Arc::new(voxels)));
    keep_counts(&door, &mut tasks, stop.subscribe());
    let threshold = web::threshold(door);
    let limits = house.archive.settings().limits.clone();
    let served = web::serve(listener, threshold, limits, asked_to_stop()).await;
    stop.send_replace(true);
    while tasks.join_next().await.is_some() {}
    tracing::info!("stopped");
    served.context("the door closed by itself")
}

pub(crate) async fn work(config: &Config, data: &Path) -> anyhow::Result<()> {
    let house = assemble::house(config, data, config.server_base_url.trim_end_matches('/').to_owned(), IndexUse::Passing).await?;
    let (stop, stopping) = watch::channel(false);
    let mut tasks = JoinSet::new();
    // Workers on one machine must not clear away each other's scratch.
    let scratch = tempfile::tempdir_in(&house.layout.scratch).context("cannot make a scratch folder")?;
    labour(&house, config, scratch.path().join("work"), &mut tasks, stopping)?;
    tracing::info!("a worker without a door");
    asked_to_stop().await;
    stop.send_replace(true);
    while tasks.join_next().await.is_some() {}
    Ok(())
}

fn keep_counts(door: &web::Door, tasks: &mut JoinSet<()>, mut stopping: watch::Receiver<bool>) {
    let door = door.clone();
    tasks.spawn(async move {
        let stopped = async {
            // A sender that has gone stops too.
            let _ = stopping.wait_for(|stop| *stop).await;
        };
        door.keep_counts(stopped).await;
    });
}

fn keep_index(house: &House, tasks: &mut JoinSet<()>, mut stopping: watch::Receiver<bool>) {
    let archive = house.archive.clone();
    tasks.spawn(async move {
        tokio::select! {
            () = archive.keep_index() => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
    });
}

fn labour(
    house: &House,
    config: &Config,
    scratch: PathBuf,
    tasks: &mut JoinSet<()>,
    stopping: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let worker = worker::Worker::new(
        house.archive.clone(),
        assemble::registrar(config)?,
        assemble::postman(config)?,
        config.mail_from.clone(),
        scratch,
    );
    let worker = worker.with_ffmpeg(&config.work_ffmpeg);
    let worker = if config.work_movies { worker } else { worker.without_movies() };
    let worker = if config.print_slicer.is_empty() { worker } else { worker.slicing_with(worker::Slicer::new(&config.print_slicer)) };
    tasks.spawn(async move { worker.run(stopping).await });
    Ok(())
}

/// Scripts read these lines; keep them.
async fn announce(archive: &Archive, address: &str, base_url: &str) -> anyhow::Result<()> {
    println!("Science 3D listens on {address}");
    match archive.administrator_link().await.context("cannot make the link for the first administrator")? {
        Some(secret) => println!("One-time link for the administrator: {base_url}/sign-in/link/{secret}"),
        None => println!("The administrator has a password; sign in at {base_url}/sign-in"),
    }
    Ok(())
}

async fn asked_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => {
            // Without a handler SIGTERM ends the process at once, which loses nothing that was acknowledged.
            let _ = interrupted.await;
        }
    }
    tracing::info!("asked to stop; requests that run may end");
}
