//! Writes one level slab by slab: chunks are compressed on all cores and appended to their shards.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use rayon::prelude::*;

use super::metadata::ZSTD_LEVEL;
use super::shard::{Grid, MISSING, write_index};
use crate::{ElementType, Trouble};

/// Finished files that may wait for the disk.
const FLUSH_QUEUE: usize = 64;

/// Makes finished files durable while the cores go on.
pub(crate) struct Flusher {
    sender: Option<SyncSender<(PathBuf, File)>>,
    thread: Option<JoinHandle<Result<(), Trouble>>>,
}

impl Flusher {
    pub(crate) fn start() -> Self {
        let (sender, receiver) = sync_channel::<(PathBuf, File)>(FLUSH_QUEUE);
        let thread = std::thread::spawn(move || {
            let mut first_trouble = Ok(());
            // Every file is taken from the queue even after a failure, so that no writer waits for ever.
            for (path, file) in receiver {
                if let Err(error) = file.sync_data()
                    && first_trouble.is_ok()
                {
                    first_trouble = Err(Trouble::io("writing", &path, &error));
                }
            }
            first_trouble
        });
        Self { sender: Some(sender), thread: Some(thread) }
    }

    fn sender(&self) -> Option<SyncSender<(PathBuf, File)>> {
        self.sender.clone()
    }

    /// Waits until everything is durable.
    pub(crate) fn finish(mut self) -> Result<(), Trouble> {
        drop(self.sender.take());
        let outcome = self.thread.take().map(JoinHandle::join);
        match outcome {
            Some(Ok(outcome)) => outcome,
            _ => Err(Trouble::new("making files durable stopped halfway", "Start it again")),
        }
    }
}

/// One shard file that still grows.
struct OpenShard {
    path: PathBuf,
    length: u64,
    entries: Vec<(u64, u64)>,
}

/// Writes the shards of one level.
pub(crate) struct LevelWriter {
    folder: PathBuf,
    grid: Grid,
    element: ElementType,
    shards: Vec<OpenShard>,
    flush: Option<SyncSender<(PathBuf, File)>>,
    pub(crate) bytes: u64,
    pub(crate) files: u64,
}

impl LevelWriter {
    pub(crate) fn new(folder: PathBuf, grid: Grid, element: ElementType, flusher: &Flusher) -> Self {
        Self { folder, grid, element, shards: Vec::new(), flush: flusher.sender(), bytes: 0, files: 0 }
    }

    /// Takes the planes from `z` on: one row of chunks, whole except at the end of the volume.
    pub(crate) fn write_slab(&mut self, z: usize, planes: usize, data: &[u8]) -> Result<(), Trouble> {
        let grid = self.grid;
        let chunk_row = z / grid.chunk[0];
        let row_in_shard = chunk_row % grid.per_shard[0];
        if row_in_shard == 0 {
            self.begin_shards(chunk_row / grid.per_shard[0])?;
        }
        let last = row_in_shard + 1 == grid.per_shard[0] || z + planes >= grid.shape[0];
        let across = grid.shards()[2];
        let (element, flush) = (self.element, &self.flush);
        let finished: Vec<Option<u64>> = self
            .shards
            .par_iter_mut()
            .enumerate()
            .map(|(index, shard)| {
                let place = [index / across, index % across];
                let slab = Slab { grid, element, planes, data };
                shard.append(&slab, place, row_in_shard)?;
                if last { shard.finish(flush.as_ref()) } else { Ok(None) }
            })
            .collect::<Result<_, Trouble>>()?;
        for bytes in finished.into_iter().flatten() {
            self.bytes += bytes;
            self.files += 1;
        }
        Ok(())
    }

    fn begin_shards(&mut self, shard_z: usize) -> Result<(), Trouble> {
        let [_, down, across] = self.grid.shards();
        self.shards.clear();
        for y in 0..down {
            let folder = self.folder.join(format!("c/{shard_z}/{y}"));
            std::fs::create_dir_all(&folder).map_err(|error| Trouble::io("making the folder", &folder, &error))?;
            self.shards.extend((0..across).map(|x| OpenShard {
                path: folder.join(x.to_string()),
                length: 0,
                entries: vec![(MISSING, MISSING); self.grid.chunks_per_shard()],
            }));
        }
        Ok(())
    }
}

/// Planes in memory and how they are cut.
struct Slab<'a> {
    grid: Grid,
    element: ElementType,
    planes: usize,
    data: &'a [u8],
}

thread_local! {
    static PACKER: RefCell<Option<Packer>> = const { RefCell::new(None) };
}

/// One thread's compressor and the buffer for the chunk it works on.
struct Packer {
    compressor: zstd::bulk::Compressor<'static>,
    chunk: Vec<u8>,
}

impl Slab<'_> {
    /// Cuts one chunk out and compresses it; nothing when all its bytes are zero.
    fn pack(&self, chunk_y: usize, chunk_x: usize) -> std::io::Result<Option<Vec<u8>>> {
        PACKER.with_borrow_mut(|packer| {
            if packer.is_none() {
                let compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL)?;
                *packer = Some(Packer { compressor, chunk: Vec::new() });
            }
            let Some(Packer { compressor, chunk }) = packer else { return Ok(None) };
            self.gather(chunk_y, chunk_x, chunk);
            if chunk.iter().all(|&byte| byte == 0) {
                return Ok(None);
            }
            compressor.compress(chunk).map(Some)
        })
    }

    fn gather(&self, chunk_y: usize, chunk_x: usize, chunk: &mut Vec<u8>) {
        let [depth, height, width] = self.grid.chunk;
        let size = self.element.bytes();
        let (top, left) = (chunk_y * height, chunk_x * width);
        let rows = height.min(self.grid.shape[1] - top);
        let columns = width.min(self.grid.shape[2] - left);
        let whole = rows == height && columns == width && self.planes == depth;
        chunk.resize(depth * height * width * size, 0);
        if !whole {
            chunk.fill(0);
        }
        for z in 0..self.planes {
            for y in 0..rows {
                let from = ((z * self.grid.shape[1] + top + y) * self.grid.shape[2] + left) * size;
                let to = (z * height + y) * width * size;
                chunk[to..to + columns * size].copy_from_slice(&self.data[from..from + columns * size]);
            }
        }
    }
}

impl OpenShard {
    fn append(&mut self, slab: &Slab<'_>, place: [usize; 2], row: usize) -> Result<(), Trouble> {
        let [_, down, across] = slab.grid.per_shard;
        let chunks = [1, 2].map(|axis| slab.grid.shape[axis].div_ceil(slab.grid.chunk[axis]));
        let packed: Vec<Option<Vec<u8>>> = (0..down * across)
            .into_par_iter()
            .map(|index| {
                let (y, x) = (place[0] * down + index / across, place[1] * across + index % across);
                if y >= chunks[0] || x >= chunks[1] { Ok(None) } else { slab.pack(y, x) }
            })
            .collect::<std::io::Result<_>>()
            .map_err(|error| Trouble::io("compressing", &self.path, &error))?;
        let mut joined = Vec::with_capacity(packed.iter().flatten().map(Vec::len).sum());
        for (index, chunk) in packed.into_iter().enumerate() {
            let Some(chunk) = chunk else { continue };
            self.entries[row * down * across + index] = (self.length + joined.len() as u64, chunk.len() as u64);
            joined.extend_from_slice(&chunk);
        }
        if joined.is_empty() {
            return Ok(());
        }
        self.write(&joined).map(drop)
    }

    /// Adds to the end of the file. It is opened anew each time: a wide volume has more shards than open files are allowed.
    fn write(&mut self, bytes: &[u8]) -> Result<File, Trouble> {
        let trouble = |error: std::io::Error| Trouble::io("writing", &self.path, &error);
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path).map_err(trouble)?;
        file.write_all(bytes).map_err(trouble)?;
        self.length += bytes.len() as u64;
        Ok(file)
    }

    /// Writes the index and hands the file to the flusher; a shard without chunks is no file at all.
    fn finish(&mut self, flush: Option<&SyncSender<(PathBuf, File)>>) -> Result<Option<u64>, Trouble> {
        if self.length == 0 {
            return Ok(None);
        }
        let file = self.write(&write_index(&self.entries))?;
        if let Some(flush) = flush {
            flush.send((self.path.clone(), file)).map_err(|_| Trouble::new("making files durable stopped halfway", "Start it again"))?;
        }
        Ok(Some(self.length))
    }
}

/// Writes a small document and makes it durable.
pub(crate) fn write_document(path: &Path, document: &serde_json::Value) -> Result<u64, Trouble> {
    let trouble = |error: std::io::Error| Trouble::io("writing", path, &error);
    let mut text = serde_json::to_vec_pretty(document).map_err(|error| trouble(error.into()))?;
    text.push(b'\n');
    let mut file = File::create(path).map_err(trouble)?;
    file.write_all(&text).map_err(trouble)?;
    file.sync_all().map_err(trouble)?;
    Ok(text.len() as u64)
}

/// Makes the names in a tree of folders durable, the deepest first.
pub(crate) fn sync_folders(folder: &Path) -> Result<(), Trouble> {
    let trouble = |error: std::io::Error| Trouble::io("making the folder durable", folder, &error);
    for entry in std::fs::read_dir(folder).map_err(trouble)? {
        let entry = entry.map_err(trouble)?;
        if entry.file_type().map_err(trouble)?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    File::open(folder).and_then(|opened| opened.sync_all()).map_err(trouble)
}
