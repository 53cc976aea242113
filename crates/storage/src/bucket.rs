//! The store in an S3 bucket. An object appears whole or not at all, which is what the local disk gets from renames.

use crate::{
    blob::Blob,
    fault::{Fault, blocking},
    key::StorePath,
    shelf::{Content, Listed, Overwrite},
};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::{
    ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, WriteMultipart,
    aws::{AmazonS3Builder, S3ConditionalPut},
    path::Path as Location,
};
use std::{fs::File, os::unix::fs::FileExt, path::Path, sync::Arc};

/// Smaller files go in one request.
const PART_BYTES_MIN: u64 = 16 << 20;
/// S3 takes 10,000 parts; a few are left in reserve.
const PARTS_MAX: u64 = 9_000;
/// Enough to hide the network's delay, few enough for a small memory.
const REQUESTS_AT_ONCE: usize = 8;
const PARTS_AT_ONCE: usize = 3;

/// How to reach the bucket. Empty values leave the choice to the S3 client's own defaults.
#[derive(Debug, Clone, Default)]
pub struct S3Options {
    /// `https://s3.example.org`; empty for Amazon's own.
    pub endpoint: Option<String>,
    pub access_key: Option<String>,
    pub secret_key: Option<String>,
    pub region: Option<String>,
    /// Plain HTTP, for a server on the same machine.
    pub allow_http: bool,
}

#[derive(Clone)]
pub(crate) struct Bucket {
    store: Arc<dyn ObjectStore>,
    prefix: String,
}

impl Bucket {
    /// `place` is `bucket` or `bucket/prefix`.
    pub(crate) fn open(place: &str, options: &S3Options) -> Result<Self, Fault> {
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        if bucket.len() < 3 {
            return Err(Fault::refused("open", format!("s3://{place}"), "the name of a bucket has at least three letters"));
        }
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_allow_http(options.allow_http)
            .with_conditional_put(S3ConditionalPut::ETagMatch)
            .with_region(options.region.as_deref().unwrap_or("us-east-1"));
        if let Some(endpoint) = &options.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let (Some(key), Some(secret)) = (&options.access_key, &options.secret_key) {
            builder = builder.with_access_key_id(key).with_secret_access_key(secret);
        }
        let store = builder.build().map_err(|source| Fault::remote("open", place, source))?;
        Ok(Self { store: Arc::new(store), prefix: prefix.trim_matches('/').to_owned() })
    }

    fn location(&self, key: &str) -> Result<Location, Fault> {
        let full = if self.prefix.is_empty() { key.to_owned() } else { format!("{}/{key}", self.prefix) };
        Location::parse(full).map_err(|error| Fault::refused("name", key, error.to_string()))
    }

    fn inside(&self, location: &Location) -> String {
        let full = location.as_ref();
        full.strip_prefix(&self.prefix).unwrap_or(full).trim_start_matches('/').to_owned()
    }

    pub(crate) async fn blob(&self, key: &StorePath) -> Result<Option<Blob>, Fault> {
        let location = self.location(key.as_str())?;
        match self.store.head(&location).await {
            Ok(facts) => Ok(Some(Blob::remote(self.store.clone(), location, facts.size))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(Fault::remote("open", key, source)),
        }
    }

    pub(crate) async fn put(&self, key: &StorePath, content: &Content, overwrite: Overwrite) -> Result<(), Fault> {
        let bytes = match content {
            Content::Bytes(bytes) => bytes.clone(),
            Content::File(path) => match self.put_large(key, path).await? {
                Large::Done => return Ok(()),
                Large::Small(bytes) => bytes,
            },
        };
        let mode = match overwrite {
            Overwrite::Replace => PutMode::Overwrite,
            Overwrite::Refuse => PutMode::Create,
        };
        let location = self.location(key.as_str())?;
        let sent = self.store.put_opts(&location, PutPayload::from(bytes), PutOptions::from(mode)).await;
        sent.map(drop).map_err(|source| Fault::remote("write", key, source))
    }

    /// In parts, so that memory does not grow with the file. A file of one part is only read.
    async fn put_large(&self, key: &StorePath, path: &Path) -> Result<Large, Fault> {
        let (file, bytes) = open_file(path).await?;
        if bytes <= PART_BYTES_MIN {
            return read_piece(&file, path, 0, bytes).await.map(Large::Small);
        }
        let part_bytes = PART_BYTES_MIN.max(bytes.div_ceil(PARTS_MAX));
        let location = self.location(key.as_str())?;
        let started = self.store.put_multipart(&location).await.map_err(|source| Fault::remote("write", key, source))?;
        let mut upload = WriteMultipart::new_with_chunk_size(started, part_bytes as usize);
        let mut offset = 0;
        while offset < bytes {
            let piece = async {
                upload.wait_for_capacity(PARTS_AT_ONCE).await.map_err(|source| Fault::remote("write", key, source))?;
                read_piece(&file, path, offset, part_bytes.min(bytes - offset)).await
            };
            match piece.await {
                Ok(piece) => {
                    offset += piece.len() as u64;
                    upload.put(piece);
                }
                Err(fault) => {
                    // Parts that stay behind cost space only; the bucket's lifecycle rule removes them.
                    let _ = upload.abort().await;
                    return Err(fault);
                }
            }
        }
        upload.finish().await.map_err(|source| Fault::remote("write", key, source))?;
        Ok(Large::Done)
    }

    pub(crate) async fn put_many(&self, files: Vec<(StorePath, Content)>) -> Result<(), Fault> {
        stream::iter(files)
            .map(|(key, content)| async move { self.put(&key, &content, Overwrite::Replace).await })
            .buffer_unordered(REQUESTS_AT_ONCE)
            .try_collect()
            .await
    }

    pub(crate) async fn delete(&self, key: &StorePath) -> Result<(), Fault> {
        match self.store.delete(&self.location(key.as_str())?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(Fault::remote("delete", key, source)),
        }
    }

    pub(crate) async fn delete_tree(&self, prefix: &StorePath) -> Result<(), Fault> {
        let location = self.location(prefix.as_str())?;
        let keys = self.store.list(Some(&location)).map_ok(|facts| facts.location).boxed();
        let removed = self.store.delete_stream(keys).try_for_each(|_| async { Ok(()) }).await;
        removed.map_err(|source| Fault::remote("delete", prefix, source))
    }

    pub(crate) async fn list(&self, prefix: &StorePath) -> Result<Vec<Listed>, Fault> {
        let location = self.location(prefix.as_str())?;
        let listed = self.store.list(Some(&location)).map_ok(|facts| Listed { path: self.inside(&facts.location), bytes: facts.size });
        let mut found: Vec<Listed> = listed.try_collect().await.map_err(|source| Fault::remote("list", prefix, source))?;
        found.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(found)
    }

    pub(crate) async fn folders(&self, prefix: &str) -> Result<Vec<String>, Fault> {
        let location = self.location(prefix)?;
        let listed = self.store.list_with_delimiter(Some(&location)).await.map_err(|source| Fault::remote("list", prefix, source))?;
        let mut names: Vec<String> = listed.common_prefixes.iter().filter_map(|path| path.filename().map(str::to_owned)).collect();
        names.sort();
        Ok(names)
    }
}

enum Large {
    Done,
    Small(Bytes),
}

async fn open_file(path: &Path) -> Result<(Arc<File>, u64), Fault> {
    let path = path.to_owned();
    blocking("open", move || {
        let opened = File::open(&path).and_then(|file| file.metadata().map(|facts| (Arc::new(file), facts.len())));
        opened.map_err(|source| Fault::io("open", path.display(), source))
    })
    .await
}

async fn read_piece(file: &Arc<File>, path: &Path, offset: u64, length: u64) -> Result<Bytes, Fault> {
    let (file, path) = (file.clone(), path.to_owned());
    blocking("read", move || {
        let mut piece = vec![0; length as usize];
        file.read_exact_at(&mut piece, offset).map_err(|source| Fault::io("read", path.display(), source))?;
        Ok(piece.into())
    })
    .await
}
