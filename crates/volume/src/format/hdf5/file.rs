//! One HDF5 file: its superblock, and reads that never go beyond its end nor beyond a budget.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::bytes::{Cursor, Widths, check_sum, damaged, unread};
use crate::Trouble;
use crate::format::Arriving;

pub(super) const SIGNATURE: &[u8; 8] = b"\x89HDF\r\n\x1a\n";
/// Metadata that may be read from one file; headers that lead in circles end here.
const METADATA_BYTES_MAX: u64 = 1 << 30;
/// One block of metadata.
const BLOCK_BYTES_MAX: u64 = 64 << 20;

/// Where the bytes come from.
enum Bytes {
    Kept(File),
    /// Opened for each read: a scan may consist of more files than a process may hold open.
    Reopened,
    /// The first bytes of a file that is still arriving.
    Head(Vec<u8>),
    /// A file of which so many bytes have come.
    Begun(File, u64),
}

pub(super) struct H5File {
    pub(super) path: PathBuf,
    pub(super) length: u64,
    pub(super) widths: Widths,
    /// Address of the root group's object header.
    pub(super) root: u64,
    base: u64,
    bytes: Bytes,
    budget: AtomicU64,
}

fn not_here() -> Trouble {
    Trouble::new("this part has not arrived yet", "Wait for the upload")
}

impl H5File {
    pub(super) fn open(path: &Path, keep_open: bool) -> Result<Self, Trouble> {
        let trouble = |error: std::io::Error| Trouble::io("opening", path, &error);
        let file = File::open(path).map_err(trouble)?;
        let metadata = file.metadata().map_err(trouble)?;
        if !metadata.is_file() {
            return Err(Trouble::new("it is not a regular file", "Upload the file itself").in_file(path));
        }
        let mut opened = Self::new(path, metadata.len(), Bytes::Kept(file));
        opened.read_superblock().map_err(|trouble| trouble.in_file(path))?;
        if !keep_open {
            opened.bytes = Bytes::Reopened;
        }
        Ok(opened)
    }

    /// A file that is still on its way: what has not come is an error.
    pub(super) fn open_begun(path: &Path, arriving: Arriving) -> Result<Self, Trouble> {
        let file = File::open(path).map_err(|error| Trouble::io("opening", path, &error))?;
        let mut opened = Self::new(path, arriving.length, Bytes::Begun(file, arriving.here));
        opened.read_superblock().map_err(|trouble| trouble.in_file(path))?;
        Ok(opened)
    }

    /// What can be read of a file of this length while only its head is here.
    pub(super) fn of_head(head: &[u8], length: u64) -> Result<Self, Trouble> {
        let mut opened = Self::new(Path::new(""), length, Bytes::Head(head.to_vec()));
        opened.read_superblock()?;
        Ok(opened)
    }

    fn new(path: &Path, length: u64, bytes: Bytes) -> Self {
        let widths = Widths { offset: 8, length: 8 };
        Self { path: path.into(), length, widths, root: 0, base: 0, bytes, budget: AtomicU64::new(METADATA_BYTES_MAX) }
    }

    /// Whether only the first bytes are here, so that nothing else may be opened either.
    pub(super) fn is_partial(&self) -> bool {
        matches!(self.bytes, Bytes::Head(_) | Bytes::Begun(..))
    }

    fn read_superblock(&mut self) -> Result<(), Trouble> {
        let mut at = 0;
        let mut head = [0; 8];
        loop {
            if at + 8 > self.length || self.read_raw(at, &mut head).is_err() {
                return Err(Trouble::new("no HDF5 signature was found in it", "Upload it again"));
            }
            if &head == SIGNATURE {
                break;
            }
            at = if at == 0 { 512 } else { at * 2 };
        }
        self.base = at;
        let mut block = vec![0; 128.min(self.length - at) as usize];
        self.read_raw(at, &mut block)?;
        match block.get(8) {
            Some(0 | 1) => self.superblock_old(&block),
            Some(2 | 3) => self.superblock_new(&block),
            Some(version) => Err(unread(
                format!("its superblock has version {version}, which is not known here"),
                "Save it with a released version of HDF5",
            )),
            None => Err(damaged("the superblock is cut off")),
        }
    }

    fn set_widths(&mut self, offset: u8, length: u8) -> Result<(), Trouble> {
        for width in [offset, length] {
            if ![2, 4, 8].contains(&width) {
                return Err(damaged(format!("the superblock claims addresses of {width} bytes")));
            }
        }
        self.widths = Widths { offset: offset.into(), length: length.into() };
        Ok(())
    }

    fn superblock_old(&mut self, block: &[u8]) -> Result<(), Trouble> {
        let mut cursor = Cursor::new(block, "the superblock", self.widths);
        cursor.skip(13)?;
        self.set_widths(cursor.u8()?, cursor.u8()?)?;
        let mut cursor = Cursor::new(block, "the superblock", self.widths);
        cursor.skip(if block[8] == 1 { 28 } else { 24 })?;
        let stored_base = cursor.address()?.unwrap_or(0);
        cursor.address()?;
        let end = cursor.address()?;
        cursor.address()?;
        cursor.skip(self.widths.offset)?;
        self.root = cursor.address()?.ok_or_else(|| damaged("the superblock names no root group"))?;
        self.check_end(stored_base, end)
    }

    fn superblock_new(&mut self, block: &[u8]) -> Result<(), Trouble> {
        let mut cursor = Cursor::new(block, "the superblock", self.widths);
        cursor.skip(9)?;
        self.set_widths(cursor.u8()?, cursor.u8()?)?;
        let mut cursor = Cursor::new(block, "the superblock", self.widths);
        cursor.skip(12)?;
        let stored_base = cursor.address()?.unwrap_or(0);
        cursor.address()?;
        let end = cursor.address()?;
        self.root = cursor.address()?.ok_or_else(|| damaged("the superblock names no root group"))?;
        let covered = cursor.at() + 4;
        check_sum(block.get(..covered).ok_or_else(|| damaged("the superblock is cut off"))?, "the superblock")?;
        self.check_end(stored_base, end)
    }

    /// A file shorter than it says was cut off on its way.
    fn check_end(&self, stored_base: u64, end: Option<u64>) -> Result<(), Trouble> {
        let end = end.and_then(|end| end.checked_sub(stored_base)).and_then(|end| end.checked_add(self.base));
        match end {
            Some(end) if end <= self.length => Ok(()),
            Some(end) => Err(Trouble::new(
                format!("the header promises {end} bytes, the file has {}", self.length),
                "The file was cut off; upload it again",
            )),
            None => Err(damaged("the superblock claims no end of the file")),
        }
    }

    /// A block of metadata.
    pub(super) fn block(&self, address: u64, length: u64, what: &'static str) -> Result<Vec<u8>, Trouble> {
        let end = self.base.checked_add(address).and_then(|start| start.checked_add(length));
        if length > BLOCK_BYTES_MAX || end.is_none_or(|end| end > self.length) {
            return Err(damaged(format!("{what} at {address} claims {length} bytes")).in_file(&self.path));
        }
        let spent = self.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(length + 64));
        if spent.is_err() {
            return Err(Trouble::new(
                format!("its structure takes more than {} MiB to read", METADATA_BYTES_MAX >> 20),
                "It is damaged or made of too many small parts; save it again",
            )
            .in_file(&self.path));
        }
        let mut block = vec![0; length as usize];
        self.read_raw(self.base + address, &mut block)?;
        Ok(block)
    }

    /// As [`Self::block`], up to so many bytes or the end of the file.
    pub(super) fn block_up_to(&self, address: u64, length: u64, what: &'static str) -> Result<Vec<u8>, Trouble> {
        let left = self.length.saturating_sub(self.base).saturating_sub(address);
        self.block(address, length.min(left), what)
    }

    /// Whether so many bytes lie at an address.
    pub(super) fn holds(&self, address: u64, length: u64) -> bool {
        let end = self.base.checked_add(address).and_then(|start| start.checked_add(length));
        end.is_some_and(|end| end <= self.length)
    }

    /// Bytes of voxels at an address.
    pub(super) fn read_voxels(&self, address: u64, out: &mut [u8]) -> Result<(), Trouble> {
        if !self.holds(address, out.len() as u64) {
            return Err(damaged(format!("voxels at {address} lie beyond its end")).in_file(&self.path));
        }
        self.read_raw(self.base + address, out)
    }

    fn read_raw(&self, at: u64, out: &mut [u8]) -> Result<(), Trouble> {
        let trouble = |error: std::io::Error| Trouble::io("reading", &self.path, &error);
        match &self.bytes {
            Bytes::Kept(file) => file.read_exact_at(out, at).map_err(trouble),
            Bytes::Reopened => File::open(&self.path).and_then(|file| file.read_exact_at(out, at)).map_err(trouble),
            Bytes::Begun(_, here) if at.checked_add(out.len() as u64).is_none_or(|end| end > *here) => Err(not_here()),
            Bytes::Begun(file, _) => file.read_exact_at(out, at).map_err(trouble),
            Bytes::Head(head) => {
                let end = usize::try_from(at).ok().and_then(|at| Some((at, at.checked_add(out.len())?)));
                let there = end.and_then(|(at, end)| head.get(at..end));
                out.copy_from_slice(there.ok_or_else(not_here)?);
                Ok(())
            }
        }
    }
}
