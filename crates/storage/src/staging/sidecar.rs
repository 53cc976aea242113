//! The small file beside an upload: its length to be, and the state of its sums.
//!
//! The states are written in turn into two sectors, each guarded by its own sum. Whatever a kill tears, the other one is whole,
//! and a state that promises more bytes than the file has is not believed.

use super::Sums;
use record::file::Sha256;
use sha2::{
    Digest,
    digest::common::hazmat::{SerializableState, SerializedState},
};
use std::{fs::File, io, os::unix::fs::FileExt, path::Path};

const MAGIC: &[u8; 8] = b"science3";
const HEADER_BYTES: usize = 20;
/// One sector each, which disks write whole.
const STATE_AT: [u64; 2] = [512, 1024];

/// Both sums over the first `offset` bytes.
#[derive(Clone)]
pub(crate) struct Summing {
    pub(crate) offset: u64,
    sha: sha2::Sha256,
    crc: crc32fast::Hasher,
}

impl Summing {
    pub(crate) fn new() -> Self {
        Self { offset: 0, sha: sha2::Sha256::new(), crc: crc32fast::Hasher::new() }
    }
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.sha.update(bytes);
        self.crc.update(bytes);
        self.offset += bytes.len() as u64;
    }
    pub(crate) fn sums(&self) -> Sums {
        Sums { bytes: self.offset, sha256: Sha256(self.sha.clone().finalize().into()), crc32: self.crc.clone().finalize() }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(160);
        text.extend(self.offset.to_le_bytes());
        text.extend(self.crc.clone().finalize().to_le_bytes());
        text.extend(self.sha.serialize().iter());
        text.extend(crc32fast::hash(&text).to_le_bytes());
        text
    }

    fn from_bytes(text: &[u8]) -> Option<Self> {
        let length = Self::new().to_bytes().len();
        let (body, sum) = text.get(..length)?.split_at(length - 4);
        if crc32fast::hash(body).to_le_bytes() != *sum {
            return None;
        }
        let offset = u64::from_le_bytes(body[0..8].try_into().ok()?);
        let crc = u32::from_le_bytes(body[8..12].try_into().ok()?);
        let state = SerializedState::<sha2::Sha256>::try_from(&body[12..]).ok()?;
        let sha = sha2::Sha256::deserialize(&state).ok()?;
        Some(Self { offset, sha, crc: crc32fast::Hasher::new_with_initial_len(crc, offset) })
    }
}

pub(crate) struct Sidecar {
    file: File,
    /// The length the upload shall have in the end.
    pub(crate) total: u64,
    next: usize,
}

impl Sidecar {
    pub(crate) fn create(path: &Path, total: u64) -> io::Result<()> {
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend(MAGIC);
        header.extend(total.to_le_bytes());
        header.extend(crc32fast::hash(&header).to_le_bytes());
        let file = File::create_new(path)?;
        file.write_all_at(&header, 0)?;
        file.sync_all()
    }

    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().read(true).write(true).open(path)?;
        let mut header = [0; HEADER_BYTES];
        file.read_exact_at(&mut header, 0)?;
        let (body, sum) = header.split_at(HEADER_BYTES - 4);
        if !body.starts_with(MAGIC) || crc32fast::hash(body).to_le_bytes() != *sum {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the file beside the upload is damaged; delete the upload and send the file again",
            ));
        }
        let total = u64::from_le_bytes([body[8], body[9], body[10], body[11], body[12], body[13], body[14], body[15]]);
        Ok(Self { file, total, next: 0 })
    }

    /// The state that covers most of a file of this length; the beginning when none does.
    pub(crate) fn load(&mut self, length: u64) -> Summing {
        let read = |at: u64| {
            let mut sector = [0; 256];
            let count = self.file.read_at(&mut sector, at).unwrap_or(0);
            Summing::from_bytes(&sector[..count])
        };
        let states = STATE_AT.map(|at| read(at).filter(|state| state.offset <= length));
        let [one, other] = states.each_ref().map(|state| state.as_ref().map_or(0, |state| state.offset));
        // The next state goes where the worse one is.
        self.next = usize::from(other <= one && one > 0);
        let best = if one >= other { 0 } else { 1 };
        let [first, second] = states;
        [first, second].into_iter().nth(best).flatten().unwrap_or_else(Summing::new)
    }

    /// Not synced: after a loss of power the bytes are summed again, which is slow but right.
    pub(crate) fn save(&mut self, state: &Summing) -> io::Result<()> {
        self.file.write_all_at(&state.to_bytes(), STATE_AT[self.next])?;
        self.next = 1 - self.next;
        Ok(())
    }

    /// In place of both states: one that covers more must not be believed when the file has grown again.
    pub(crate) fn save_only(&mut self, state: &Summing) -> io::Result<()> {
        self.save(state)?;
        self.save(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_continues_where_it_was_and_a_torn_one_is_not_believed() {
        let mut whole = Summing::new();
        let mut half = Summing::new();
        let bytes: Vec<u8> = (0..100_003u32).map(|number| (number * 7) as u8).collect();
        whole.update(&bytes);
        half.update(&bytes[..33_333]);
        let mut text = half.to_bytes();
        let mut resumed = Summing::from_bytes(&text).unwrap();
        resumed.update(&bytes[33_333..]);
        assert_eq!(resumed.sums(), whole.sums());
        text[20] ^= 1;
        assert!(Summing::from_bytes(&text).is_none());
        assert!(Summing::from_bytes(&text[..40]).is_none());
    }
}
