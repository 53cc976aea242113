//! Files on their way to a record: only what the server has not got yet travels, and what an earlier run began goes on.

use crate::{
    client::Client,
    folder::LocalFile,
    input_sums::sum_of,
    progress::{Counter, Display},
    tus,
};
use anyhow::{Context, bail};
use futures::{StreamExt, TryStreamExt, stream};
use record::id::RecordId;
use std::{collections::HashMap, path::Path, sync::Arc};

/// Files on their way at the same time.
const UPLOADS_AT_ONCE: usize = 4;
/// Files asked about in one request.
const CHECKED_AT_ONCE: usize = 1000;

/// Sends what the server has not got yet; gives back how many bytes travelled.
pub(crate) async fn send_files(client: &Client, id: &RecordId, files: &[LocalFile], replace: bool) -> anyhow::Result<u64> {
    let counter = Counter::default();
    let _display = Display::start(counter.clone(), files.iter().map(|file| file.bytes).sum());
    send_counted(client, id, files, replace, &counter).await
}

/// For programs that have no terminal.
pub(crate) async fn send_files_silently(client: &Client, id: &RecordId, files: &[LocalFile]) -> anyhow::Result<u64> {
    send_counted(client, id, files, true, &Counter::default()).await
}

async fn send_counted(client: &Client, id: &RecordId, files: &[LocalFile], replace: bool, counter: &Counter) -> anyhow::Result<u64> {
    let mut already_there = 0;
    for batch in files.chunks(CHECKED_AT_ONCE) {
        let asked: Vec<(String, u64)> = batch.iter().map(|file| (file.path.to_string(), file.bytes)).collect();
        let answer = client.check(id, &asked).await?;
        let existing: HashMap<String, (u64, String)> =
            answer.existing.into_iter().map(|file| (file.path, (file.size, file.sha256))).collect();
        let unfinished: HashMap<String, (String, u64)> =
            answer.unfinished.into_iter().map(|upload| (upload.path, (upload.upload_url, upload.length))).collect();
        let mut errands = Vec::new();
        for file in batch {
            match existing.get(file.path.as_str()) {
                Some((bytes, sha256)) if *bytes == file.bytes && *sha256 == checksum(&file.local).await? => {
                    already_there += file.bytes;
                    counter.add(file.bytes as i64);
                }
                Some(_) if !replace => bail!("{} is on the server with other content; --replace puts yours in its place", file.path),
                _ => errands.push((
                    file.clone(),
                    unfinished.get(file.path.as_str()).filter(|(_, length)| *length == file.bytes).map(|(address, _)| address.clone()),
                )),
            }
        }
        let on_bytes: tus::OnBytes = {
            let counter = counter.clone();
            Arc::new(move |bytes| counter.add(bytes))
        };
        stream::iter(errands.into_iter().map(|(file, upload)| {
            let (client, id, on_bytes) = (client.clone(), id.clone(), on_bytes.clone());
            async move {
                let errand = tus::Errand { record: &id, path: file.path.as_str(), local: &file.local, bytes: file.bytes, upload, replace };
                match tus::send(&client, &errand, on_bytes).await {
                    // The answer to an earlier announcement may have been lost, and the file be there because of it.
                    Err(tus::NotSent::Failed(refused)) if refused.status() == Some(409) && is_there(&client, &id, &file).await? => Ok(()),
                    outcome => outcome.map_err(anyhow::Error::from),
                }
            }
        }))
        .buffer_unordered(UPLOADS_AT_ONCE)
        .try_collect::<()>()
        .await?;
    }
    Ok(counter.done() - already_there)
}

/// Whether the server has this file with these bytes.
async fn is_there(client: &Client, id: &RecordId, file: &LocalFile) -> anyhow::Result<bool> {
    let answer = client.check(id, &[(file.path.to_string(), file.bytes)]).await?;
    match answer.existing.first() {
        Some(existing) => Ok(existing.sha256 == checksum(&file.local).await?),
        None => Ok(false),
    }
}

async fn checksum(local: &Path) -> anyhow::Result<String> {
    let path = local.to_owned();
    let reading = tokio::task::spawn_blocking(move || sum_of(&path));
    let (_, sum) = reading.await?.with_context(|| format!("cannot read {}", local.display()))?;
    Ok(sum)
}
