//! An opened object: its length is known, and any range of it can be read in constant memory.

use crate::fault::{Fault, blocking};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use object_store::{ObjectStore, ObjectStoreExt};
use std::{fs::File, io, ops::Range, os::unix::fs::FileExt, path::Path, sync::Arc};

/// Large enough that system calls do not count, small enough that a hundred slow readers do not either.
const PIECE_BYTES: u64 = 512 << 10;
/// A reader that asks for more at once should use the stream.
const READ_BYTES_MAX: u64 = 256 << 20;

/// Cheap to clone; a local one shares its file descriptor, and is only ever read at explicit offsets.
#[derive(Clone)]
pub struct Blob {
    pub bytes: u64,
    source: Source,
}

#[derive(Clone)]
enum Source {
    Local { file: Arc<File>, path: Arc<Path> },
    Remote { store: Arc<dyn ObjectStore>, location: object_store::path::Path },
}

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blob({}, {} bytes)", self.name(), self.bytes)
    }
}

impl Blob {
    /// `None` when there is no such file; a directory is no file.
    pub(crate) fn open_local(path: &Path) -> Result<Option<Self>, Fault> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error)
                if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename) =>
            {
                return Ok(None);
            }
            Err(source) => return Err(Fault::io("open", path.display(), source)),
        };
        let facts = file.metadata().map_err(|source| Fault::io("open", path.display(), source))?;
        let source = Source::Local { file: Arc::new(file), path: path.into() };
        Ok(facts.is_file().then_some(Self { bytes: facts.len(), source }))
    }

    pub(crate) fn remote(store: Arc<dyn ObjectStore>, location: object_store::path::Path, bytes: u64) -> Self {
        Self { bytes, source: Source::Remote { store, location } }
    }

    /// The file itself, for those who can hand it to the kernel.
    pub fn local(&self) -> Option<(&Arc<File>, &Path)> {
        match &self.source {
            Source::Local { file, path } => Some((file, path)),
            Source::Remote { .. } => None,
        }
    }

    fn name(&self) -> String {
        match &self.source {
            Source::Local { path, .. } => path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            Source::Remote { location, .. } => location.to_string(),
        }
    }

    /// Exactly the bytes of the range; a range beyond the end is refused, for the length is known.
    pub async fn read(&self, range: Range<u64>) -> Result<Bytes, Fault> {
        let length = range.end.saturating_sub(range.start);
        if range.start > range.end || range.end > self.bytes || length > READ_BYTES_MAX {
            let why = format!("the range {}..{} does not fit into {} bytes", range.start, range.end, self.bytes);
            return Err(Fault::refused("read", self.name(), why));
        }
        if length == 0 {
            return Ok(Bytes::new());
        }
        match &self.source {
            Source::Local { file, .. } => read_local(file, range, || self.name()).await,
            Source::Remote { store, location } => {
                store.get_range(location, range).await.map_err(|source| Fault::remote("read", location, source))
            }
        }
    }

    /// All of it; for small things such as `record.json`.
    pub async fn read_all(&self) -> Result<Bytes, Fault> {
        self.read(0..self.bytes).await
    }

    /// The range in pieces of at most 512 KiB; one piece is in memory at a time.
    pub fn stream(&self, range: Range<u64>) -> impl Stream<Item = Result<Bytes, Fault>> + Send + use<> {
        let blob = self.clone();
        let end = range.end.min(blob.bytes);
        match blob.source.clone() {
            Source::Local { .. } => stream::try_unfold(range.start, move |start| {
                let blob = blob.clone();
                async move {
                    if start >= end {
                        return Ok(None);
                    }
                    let stop = end.min(start + PIECE_BYTES);
                    Ok(Some((blob.read(start..stop).await?, stop)))
                }
            })
            .left_stream(),
            Source::Remote { store, location } => stream_remote(store, location, range.start..end).right_stream(),
        }
    }
}

/// One request for the whole range; the network delivers it in pieces.
fn stream_remote(
    store: Arc<dyn ObjectStore>,
    location: object_store::path::Path,
    range: Range<u64>,
) -> impl Stream<Item = Result<Bytes, Fault>> + Send {
    let opened = async move {
        if range.is_empty() {
            return stream::empty().left_stream();
        }
        let options = object_store::GetOptions { range: Some(range.into()), ..Default::default() };
        match store.get_opts(&location, options).await {
            Ok(found) => {
                let pieces = found.into_stream().map(move |piece| piece.map_err(|source| Fault::remote("read", &location, source)));
                pieces.left_stream().right_stream()
            }
            Err(source) => stream::once(async move { Err(Fault::remote("read", &location, source)) }).right_stream().right_stream(),
        }
    };
    stream::once(opened).flatten()
}

/// Bytes that lie in the page cache are taken at once; only a read that would wait for the disk goes to another thread.
async fn read_local(file: &Arc<File>, range: Range<u64>, name: impl Fn() -> String) -> Result<Bytes, Fault> {
    let length = (range.end - range.start) as usize;
    let mut buffer = Vec::with_capacity(length);
    let ready = if length <= PIECE_BYTES as usize { read_cached(file, &mut buffer, length, range.start) } else { 0 };
    if ready == length {
        return Ok(buffer.into());
    }
    let (file, key) = (file.clone(), name());
    blocking("read", move || {
        buffer.resize(length, 0);
        let rest = range.start + ready as u64;
        file.read_exact_at(&mut buffer[ready..], rest).map_err(|source| Fault::io("read", key, source))?;
        Ok(buffer.into())
    })
    .await
}

/// Fills the empty buffer from the page cache without waiting, and says how many bytes there were.
fn read_cached(file: &File, buffer: &mut Vec<u8>, length: usize, start: u64) -> usize {
    use std::os::fd::AsRawFd;
    let length = length.min(buffer.capacity());
    let piece = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: length };
    // SAFETY: the vector lies inside the buffer's allocation, the kernel writes at most `iov_len` bytes into it,
    // and the descriptor lives as long as the borrowed file.
    let count = unsafe { libc::preadv2(file.as_raw_fd(), &piece, 1, start as libc::off_t, libc::RWF_NOWAIT) };
    let ready = usize::try_from(count).unwrap_or(0).min(length);
    // SAFETY: the kernel has initialised the first `ready` bytes, and `ready` is at most the capacity.
    unsafe { buffer.set_len(ready) };
    ready
}
