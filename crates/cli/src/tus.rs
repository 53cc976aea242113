//! Sends one file by tus 1.0: what the server acknowledged is never sent again,
//! and a lost network or a restarted server only costs time.

use crate::client::{Client, Failed};
use bytes::Bytes;
use futures::stream::{self, Stream};
use record::id::RecordId;
use reqwest::{Body, Method, Response};
use std::{io, path::Path, sync::Arc, time::Duration};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
};

/// One PATCH; what is lost at most when a connection breaks without the server noticing.
pub const PIECE_BYTES: u64 = 64 << 20;
/// Files up to this length travel in the same request that announces them.
const FIRST_BYTES_MAX: u64 = 4 << 20;
const BLOCK_BYTES: usize = 1 << 20;
/// So often a request may fail in a row, without one byte of progress, before the file is given up.
const FAILURES_MAX: u32 = 12;
const PAUSE_SECONDS_MAX: u64 = 30;

#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    #[error(transparent)]
    Failed(#[from] Failed),
    #[error("cannot read {path}: {why}")]
    Unreadable { path: String, why: io::Error },
    #[error("{path} was {announced} bytes long and is now {found}; deposit it when nobody writes to it any more")]
    Changed { path: String, announced: u64, found: u64 },
    #[error("{path}: the server acknowledged {acknowledged} of {announced} bytes and takes no more")]
    Stuck { path: String, acknowledged: u64, announced: u64 },
}

pub struct Errand<'a> {
    pub record: &'a RecordId,
    /// Where the file shall stand in the record.
    pub path: &'a str,
    pub local: &'a Path,
    pub bytes: u64,
    /// Address of an unfinished upload of the same file, to go on with.
    pub upload: Option<String>,
    pub replace: bool,
}

/// Told the bytes as they leave; a broken attempt takes back what was not acknowledged.
pub type OnBytes = Arc<dyn Fn(i64) + Send + Sync>;

pub async fn send(client: &Client, errand: &Errand<'_>, on_bytes: OnBytes) -> Result<(), NotSent> {
    let found = tokio::fs::metadata(errand.local).await.map_err(|why| unreadable(errand, why))?.len();
    if found != errand.bytes {
        return Err(NotSent::Changed { path: errand.path.to_owned(), announced: errand.bytes, found });
    }
    let mut place = errand.upload.clone();
    let mut offset = 0;
    let mut counted = 0;
    let mut failures = 0;
    loop {
        let before = offset;
        let outcome = step(client, errand, &mut place, &mut offset, &on_bytes, &mut counted).await;
        match outcome {
            Ok(()) if offset >= errand.bytes => return Ok(()),
            Ok(()) if offset > before => failures = 0,
            Ok(()) => {
                failures += 1;
                if failures > FAILURES_MAX {
                    return Err(NotSent::Stuck { path: errand.path.to_owned(), acknowledged: offset, announced: errand.bytes });
                }
            }
            Err(NotSent::Failed(failed)) if may_go_on(&failed, place.is_some()) && failures < FAILURES_MAX => {
                failures += 1;
                tokio::time::sleep(Duration::from_secs((1 << failures.min(5)).min(PAUSE_SECONDS_MAX))).await;
                if let Some(known) = &place {
                    match acknowledged(client, known).await {
                        Ok(there) => {
                            if there > offset {
                                failures = 0;
                            }
                            offset = there;
                        }
                        Err(gone) if matches!(gone.status(), Some(404 | 410)) => {
                            place = None;
                            offset = 0;
                        }
                        Err(failed) if failed.may_pass() => {}
                        Err(failed) => return Err(failed.into()),
                    }
                }
                recount(&on_bytes, &mut counted, offset);
            }
            Err(failed) => return Err(failed),
        }
    }
}

/// Whether to try again: what may pass, and a wrong offset of an upload that the server knows.
fn may_go_on(failed: &Failed, is_announced: bool) -> bool {
    failed.may_pass() || (is_announced && failed.status() == Some(409))
}

/// One request: announce the file, ask how much is there, or send the next piece.
async fn step(
    client: &Client,
    errand: &Errand<'_>,
    place: &mut Option<String>,
    offset: &mut u64,
    on_bytes: &OnBytes,
    counted: &mut u64,
) -> Result<(), NotSent> {
    match place {
        None => {
            let (address, taken) = announce(client, errand, on_bytes, counted).await?;
            *place = Some(address);
            *offset = taken;
            if taken == errand.bytes {
                recount(on_bytes, counted, taken);
            }
            Ok(())
        }
        Some(known) if *offset == 0 && errand.upload.is_some() && *counted == 0 => {
            match acknowledged(client, known).await {
                Ok(there) => *offset = there,
                Err(gone) if matches!(gone.status(), Some(404 | 410)) => *place = None,
                Err(failed) => return Err(failed.into()),
            }
            recount(on_bytes, counted, *offset);
            if let (Some(known), true) = (place, *offset == 0) {
                *offset = send_piece(client, errand, known, 0, on_bytes, counted).await?;
            }
            Ok(())
        }
        Some(known) => {
            *offset = send_piece(client, errand, known, *offset, on_bytes, counted).await?;
            recount(on_bytes, counted, *offset);
            Ok(())
        }
    }
}

fn recount(on_bytes: &OnBytes, counted: &mut u64, offset: u64) {
    on_bytes(offset as i64 - *counted as i64);
    *counted = offset;
}

async fn announce(client: &Client, errand: &Errand<'_>, on_bytes: &OnBytes, counted: &mut u64) -> Result<(String, u64), NotSent> {
    let mut words = format!("record {},path {}", base64(errand.record.as_str().as_bytes()), base64(errand.path.as_bytes()));
    if errand.replace {
        words.push_str(&format!(",replace {}", base64(b"true")));
    }
    let mut request = client
        .request(Method::POST, "/api/v1/uploads")
        .header("tus-resumable", "1.0.0")
        .header("upload-length", errand.bytes)
        .header("upload-metadata", words);
    if errand.bytes > 0 && errand.bytes <= FIRST_BYTES_MAX {
        let whole = tokio::fs::read(errand.local).await.map_err(|why| unreadable(errand, why))?;
        request = request.header("content-type", "application/offset+octet-stream").body(whole);
    }
    let answer = client.send(&format!("announcing {}", errand.path), request).await?;
    let taken = offset_of(&answer).unwrap_or(0);
    let address = answer.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let address = address.ok_or_else(|| Failed::Strange {
        attempted: format!("announcing {}", errand.path),
        server: client.server().to_owned(),
        why: "no Location".to_owned(),
    })?;
    recount(on_bytes, counted, taken);
    Ok((address, taken))
}

async fn acknowledged(client: &Client, place: &str) -> Result<u64, Failed> {
    let answer = client.send("asking how much has arrived", client.request(Method::HEAD, place).header("tus-resumable", "1.0.0")).await?;
    offset_of(&answer).ok_or_else(|| Failed::Strange {
        attempted: "asking how much has arrived".to_owned(),
        server: client.server().to_owned(),
        why: "no Upload-Offset".to_owned(),
    })
}

async fn send_piece(
    client: &Client,
    errand: &Errand<'_>,
    place: &str,
    offset: u64,
    on_bytes: &OnBytes,
    counted: &mut u64,
) -> Result<u64, NotSent> {
    let length = (errand.bytes - offset.min(errand.bytes)).min(PIECE_BYTES);
    let mut file = File::open(errand.local).await.map_err(|why| unreadable(errand, why))?;
    file.seek(io::SeekFrom::Start(offset)).await.map_err(|why| unreadable(errand, why))?;
    // What leaves is counted at once, so that the bar moves; what was not acknowledged is taken back afterwards.
    let sent = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let body = Body::wrap_stream(blocks(file, length, on_bytes.clone(), sent.clone()));
    let request = client
        .request(Method::PATCH, place)
        .header("tus-resumable", "1.0.0")
        .header("upload-offset", offset)
        .header("content-type", "application/offset+octet-stream")
        .header("content-length", length)
        .body(body);
    let outcome = client.send(&format!("sending {}", errand.path), request).await;
    *counted += sent.load(std::sync::atomic::Ordering::Relaxed);
    let answer = outcome?;
    offset_of(&answer).ok_or_else(|| {
        Failed::Strange {
            attempted: format!("sending {}", errand.path),
            server: client.server().to_owned(),
            why: "no Upload-Offset".to_owned(),
        }
        .into()
    })
}

fn blocks(file: File, length: u64, on_bytes: OnBytes, sent: Arc<std::sync::atomic::AtomicU64>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold((file, length, on_bytes, sent), |(mut file, left, on_bytes, sent)| async move {
        if left == 0 {
            return Ok(None);
        }
        let mut block = vec![0; BLOCK_BYTES.min(left as usize)];
        file.read_exact(&mut block).await?;
        on_bytes(block.len() as i64);
        sent.fetch_add(block.len() as u64, std::sync::atomic::Ordering::Relaxed);
        let left = left - block.len() as u64;
        Ok(Some((Bytes::from(block), (file, left, on_bytes, sent))))
    })
}

fn offset_of(answer: &Response) -> Option<u64> {
    answer.headers().get("upload-offset")?.to_str().ok()?.parse().ok()
}

fn unreadable(errand: &Errand<'_>, why: io::Error) -> NotSent {
    NotSent::Unreadable { path: errand.local.display().to_string(), why }
}

/// RFC 4648 with padding, for `Upload-Metadata`.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for position in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * position) & 63) as usize] as char;
            text.push(if position <= three.len() { letter } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("Ähre/1.tif", "w4RocmUvMS50aWY=")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
