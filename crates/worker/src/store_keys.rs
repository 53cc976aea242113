//! Lets the synchronous voxel library read a volume that lies in the store, wherever that is.
//! Only for blocking threads: each read waits for the store.

use archive::reuse::inside;
use record::{derivative::Derivative, id::RecordId};
use storage::{Blob, Store};
use tokio::runtime::Handle;
use volume::{
    Trouble,
    zarr::{KeyRange, Keys},
};

pub(crate) struct StoreKeys {
    store: Store,
    record: RecordId,
    volume: Derivative,
    runtime: Handle,
}

impl StoreKeys {
    /// Must be made inside the runtime, and used outside of it.
    pub(crate) fn new(store: Store, record: RecordId, volume: Derivative) -> Self {
        Self { store, record, volume, runtime: Handle::current() }
    }

    fn blob(&self, key: &str) -> Result<Option<Blob>, Trouble> {
        let key = inside(&self.record, &self.volume, &format!("{}.ome.zarr/{key}", self.volume.name));
        self.runtime.block_on(self.store.blob(&key)).map_err(trouble)
    }
}

impl Keys for StoreKeys {
    fn read(&self, key: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let Some(blob) = self.blob(key)? else { return Ok(None) };
        let bytes = self.runtime.block_on(blob.read_all()).map_err(trouble)?;
        Ok(Some(bytes.into()))
    }

    fn read_range(&self, key: &str, range: KeyRange) -> Result<Option<Vec<u8>>, Trouble> {
        let Some(blob) = self.blob(key)? else { return Ok(None) };
        let (start, length) = match range {
            KeyRange::From { offset, length } => (offset, length),
            KeyRange::Last(length) => (blob.bytes.saturating_sub(length), length),
        };
        let bytes = self.runtime.block_on(blob.read(start..start.saturating_add(length))).map_err(trouble)?;
        Ok(Some(bytes.into()))
    }
}

fn trouble(fault: storage::Fault) -> Trouble {
    Trouble::new(fault.to_string(), fault.hint())
}
