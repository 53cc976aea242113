//! OME-Zarr 0.5: our own writer, and a reader that fetches only what a box needs.

pub(crate) mod codec;
pub(crate) mod durable;
mod keys;
pub(crate) mod metadata;
pub(crate) mod pens;
mod read;
pub(crate) mod shard;
pub(crate) mod write;

pub use codec::{BloscCompressor, BloscShuffle, Codec};
pub use keys::{FolderKeys, KeyRange, Keys};
pub use read::{Volume, VolumeLevel, Voxels};
