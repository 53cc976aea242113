//! Lets the synchronous voxel library read a volume that lies in the store, wherever that is.
//! Only for blocking threads: each read waits for the store.

use crate::{may_pass, needs_a_person};
use archive::{labour, reuse::inside};
use record::{derivative::Derivative, id::RecordId};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
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
    faults: Faults,
}

/// Whether the store failed while a volume was read.
#[derive(Clone, Default)]
pub(crate) struct Faults(Arc<AtomicBool>);

impl Faults {
    /// What ends the labour: a store may be well again, the voxels stay as they are.
    pub(crate) fn judge(&self, trouble: Trouble) -> labour::Trouble {
        if self.0.load(Ordering::Relaxed) { may_pass(trouble.what, &trouble.hint) } else { needs_a_person(trouble) }
    }
}

impl StoreKeys {
    /// Must be made inside the runtime, and used outside of it.
    pub(crate) fn new(store: Store, record: RecordId, volume: Derivative) -> Self {
        Self { store, record, volume, runtime: Handle::current(), faults: Faults::default() }
    }

    pub(crate) fn faults(&self) -> Faults {
        self.faults.clone()
    }

    fn trouble(&self, fault: &storage::Fault) -> Trouble {
        self.faults.0.store(true, Ordering::Relaxed);
        Trouble::new(fault.to_string(), fault.hint())
    }

    fn blob(&self, key: &str) -> Result<Option<Blob>, Trouble> {
        let key = inside(&self.record, &self.volume, &format!("{}.ome.zarr/{key}", self.volume.name));
        self.runtime.block_on(self.store.blob(&key)).map_err(|fault| self.trouble(&fault))
    }
}

impl Keys for StoreKeys {
    fn read(&self, key: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let Some(blob) = self.blob(key)? else { return Ok(None) };
        let bytes = self.runtime.block_on(blob.read_all()).map_err(|fault| self.trouble(&fault))?;
        Ok(Some(bytes.into()))
    }

    fn read_range(&self, key: &str, range: KeyRange) -> Result<Option<Vec<u8>>, Trouble> {
        let Some(blob) = self.blob(key)? else { return Ok(None) };
        let (start, length) = match range {
            KeyRange::From { offset, length } => (offset, length),
            KeyRange::Last(length) => (blob.bytes.saturating_sub(length), length),
        };
        let bytes = self.runtime.block_on(blob.read(start..start.saturating_add(length))).map_err(|fault| self.trouble(&fault))?;
        Ok(Some(bytes.into()))
    }
}
