//! Binary STL: a header of 80 bytes, a count, and 50 bytes for each triangle.
//!
//! It is written piece after piece by a thread of its own, so that a surface can go to the disk while the rest of it is still made.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rayon::prelude::*;
use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;
use volume::Trouble;

use super::{About, trouble};
use crate::surface::Part;
use crate::surface::vector::{area2, unit};

const HEAD_BYTES: usize = 84;
const TRIANGLE_BYTES: usize = 50;
/// Triangles that are turned into bytes at once: these are still in a core's cache when they are written.
const PIECE: usize = 1 << 14;
/// Pieces that wait for the disk.
const WAITING: usize = 8;

pub(crate) fn write(file: File, parts: &[Part], about: &About) -> io::Result<()> {
    let mut stream = Stream::new(file, about);
    parts.iter().try_for_each(|part| stream.add(&part.surface.positions, &part.surface.triangles))?;
    stream.finish()
}

/// A binary STL that is written while its surface grows; see [`crate::make_stl`].
pub struct StlStream {
    path: PathBuf,
    stream: Stream,
}

impl StlStream {
    /// Makes the file, in millimetres. It is whole, but not durable, after [`StlStream::finish`].
    pub fn create(path: &Path, about: &About) -> Result<Self, Trouble> {
        let file = File::create(path).map_err(|error| trouble(path, &error))?;
        Ok(Self { path: path.into(), stream: Stream::new(file, about) })
    }

    /// Takes triangles all of whose corners stand in `positions` already.
    pub(crate) fn add(&mut self, positions: &[[f32; 3]], triangles: &[[u32; 3]]) -> Result<(), Trouble> {
        self.stream.add(positions, triangles).map_err(|error| trouble(&self.path, &error))
    }

    /// Bytes of the file.
    pub(crate) fn finish(self) -> Result<u64, Trouble> {
        let bytes = (HEAD_BYTES + self.stream.count * TRIANGLE_BYTES) as u64;
        self.stream.finish().map(|()| bytes).map_err(|error| trouble(&self.path, &error))
    }
}

/// Where bytes stand in the file.
type Piece = (u64, Vec<u8>);

struct Stream {
    file: Arc<File>,
    scale: f32,
    head: Vec<u8>,
    /// Triangles so far.
    count: usize,
    to_disk: SyncSender<Piece>,
    /// Memory of pieces that are written.
    spare: Arc<Mutex<Vec<Vec<u8>>>>,
    /// Nothing after it has broken off.
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Stream {
    fn new(file: File, about: &About) -> Self {
        // A header that begins with “solid” would be taken for the ASCII form.
        let mut head = format!("binary STL, mm: {}", about.line()).into_bytes();
        head.resize(80, b' ');
        let (file, spare) = (Arc::new(file), Arc::new(Mutex::new(Vec::new())));
        let (to_disk, pieces) = sync_channel::<Piece>(WAITING);
        let thread = std::thread::spawn({
            let (file, spare) = (Arc::clone(&file), Arc::clone(&spare));
            move || {
                for (place, bytes) in pieces {
                    file.write_all_at(&bytes, place)?;
                    lock(&spare).push(bytes);
                }
                Ok(())
            }
        });
        Self { file, scale: about.mm_per_um as f32, head, count: 0, to_disk, spare, thread: Some(thread) }
    }

    fn add(&mut self, positions: &[[f32; 3]], triangles: &[[u32; 3]]) -> io::Result<()> {
        let from = HEAD_BYTES + self.count * TRIANGLE_BYTES;
        make_room(&self.file, from, triangles.len() * TRIANGLE_BYTES)?;
        self.count += triangles.len();
        let (to_disk, spare, scale) = (&self.to_disk, &self.spare, self.scale);
        let sent = triangles.par_chunks(PIECE).enumerate().try_for_each(|(index, triangles)| {
            let mut bytes = lock(spare).pop().unwrap_or_default();
            bytes.resize(triangles.len() * TRIANGLE_BYTES, 0);
            records(positions, triangles, scale, &mut bytes);
            to_disk.send(((from + index * PIECE * TRIANGLE_BYTES) as u64, bytes))
        });
        // Nobody takes pieces any more when writing has failed.
        sent.or_else(|_| self.ended())
    }

    fn finish(mut self) -> io::Result<()> {
        let mut head = std::mem::take(&mut self.head);
        head.extend((self.count as u32).to_le_bytes());
        // If nobody takes it, the end says why.
        let _ = self.to_disk.send((0, head));
        drop(std::mem::replace(&mut self.to_disk, sync_channel(0).0));
        self.ended()
    }

    /// How the writing thread ended.
    fn ended(&mut self) -> io::Result<()> {
        let broke_off = || io::Error::other("the writing thread broke off");
        self.thread.take().ok_or_else(broke_off)?.join().unwrap_or_else(|_| Err(broke_off()))
    }
}

/// Nothing is half done while it is held, so that a thread that broke off leaves it sound.
fn lock(spare: &Mutex<Vec<Vec<u8>>>) -> MutexGuard<'_, Vec<Vec<u8>>> {
    spare.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A full disk says so at once, and file systems write much faster into room that was asked for. Where there is no such question,
/// writing itself has the answer.
fn make_room(file: &File, from: usize, bytes: usize) -> io::Result<()> {
    match fallocate(file, FallocateFlags::empty(), from as u64, bytes as u64) {
        Err(error @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG)) => Err(error.into()),
        _ => Ok(()),
    }
}

fn records(positions: &[[f32; 3]], triangles: &[[u32; 3]], scale: f32, bytes: &mut [u8]) {
    let (records, _) = bytes.as_chunks_mut::<TRIANGLE_BYTES>();
    for (&triangle, record) in triangles.iter().zip(records) {
        let corners = triangle.map(|vertex| positions[vertex as usize].map(|part| part * scale));
        let [a, b, c] = corners;
        let n = unit(area2(corners));
        let numbers = [n[0], n[1], n[2], a[0], a[1], a[2], b[0], b[1], b[2], c[0], c[1], c[2]];
        for (place, number) in record.as_chunks_mut::<4>().0.iter_mut().zip(numbers) {
            *place = number.to_le_bytes();
        }
        [record[48], record[49]] = [0; 2];
    }
}
