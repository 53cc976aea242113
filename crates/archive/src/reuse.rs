//! Handing out bytes: originals, volumes, pictures. Every way passes [`Archive::see`] with [`Aspect::Bytes`].

use crate::{Archive, Refusal, Visitor, sight::At};
use record::{
    access::Aspect,
    derivative::{Derivative, DerivativeKind},
    file::{FilePath, Original, StoredFile},
    id::RecordId,
    version::Version,
};
use storage::{Blob, Key};

#[derive(Debug, Clone)]
pub struct OpenFile {
    pub blob: Blob,
    pub original: Original,
}

/// Longest key inside a Zarr store; ours are far shorter.
const ZARR_KEY_BYTES_MAX: usize = 200;

/// A whole file that the worker made, with its media type.
pub type Ready = (Blob, &'static str, Derivative);

impl Archive {
    pub async fn file(&self, visitor: &Visitor, at: impl Into<At>, path: &FilePath) -> Result<OpenFile, Refusal> {
        let record = self.see(visitor, at, Aspect::Bytes).await?.record;
        let stored = self.catalogue().file(&record.id, record.version, path).await?.ok_or(Refusal::NotFound)?;
        let blob = self.open_stored(&record.id, record.version, &stored).await?;
        Ok(OpenFile { blob, original: stored.original })
    }

    /// Opens a file whose row was read just before. It may have moved from staging into its object in between;
    /// then the row is read again. The caller has passed the access function.
    pub async fn open_stored(&self, id: &RecordId, version: Version, stored: &StoredFile) -> Result<Blob, Refusal> {
        if let Some(blob) = self.store().original(id, &stored.place).await? {
            return Ok(blob);
        }
        let again = self.catalogue().file(id, version, &stored.original.path).await?.ok_or(Refusal::NotFound)?;
        self.store().original(id, &again.place).await?.ok_or_else(|| {
            tracing::error!(record = %id, path = %stored.original.path, "the bytes of an original are missing; run `science3d verify`");
            Refusal::Unavailable("the bytes are missing".into())
        })
    }

    pub async fn derivative(&self, visitor: &Visitor, at: impl Into<At>, name: &str) -> Result<Derivative, Refusal> {
        let record = self.see(visitor, at, Aspect::Bytes).await?.record;
        self.catalogue().derivative(&record.id, record.version, name).await?.ok_or(Refusal::NotFound)
    }

    /// One key of a volume. `None` is a chunk that holds only the fill value, or no key at all.
    pub async fn volume_key(&self, visitor: &Visitor, id: &RecordId, name: &str, key: &str) -> Result<Option<Blob>, Refusal> {
        let derivative = self.derivative(visitor, id, name).await?;
        if !matches!(derivative.kind, DerivativeKind::Volume(_)) || !is_zarr_key(key) {
            return Ok(None);
        }
        Ok(self.store().blob(&inside(id, &derivative, &format!("{name}.ome.zarr/{key}"))).await?)
    }

    /// A surface file by its whole name, such as `surface.glb`.
    pub async fn model(&self, visitor: &Visitor, at: impl Into<At>, name: &str) -> Result<Ready, Refusal> {
        self.ready(visitor, at.into(), name, |kind| matches!(kind, DerivativeKind::Model(_))).await
    }

    /// A picture or a movie by its whole name.
    pub async fn picture(&self, visitor: &Visitor, at: impl Into<At>, name: &str) -> Result<Ready, Refusal> {
        self.ready(visitor, at.into(), name, |kind| matches!(kind, DerivativeKind::Picture { .. } | DerivativeKind::Movie(_))).await
    }

    async fn ready(&self, visitor: &Visitor, at: At, name: &str, fits: fn(&DerivativeKind) -> bool) -> Result<Ready, Refusal> {
        let derivative = self.derivative(visitor, &at, name).await?;
        if !fits(&derivative.kind) || !self.has_its_source(&at.id, &derivative).await? {
            return Err(Refusal::NotFound);
        }
        let blob = self.store().blob(&inside(&at.id, &derivative, name)).await?.ok_or(Refusal::NotFound)?;
        Ok((blob, media_type(name), derivative))
    }
}

/// The key of a part of a derivative.
pub fn inside(id: &RecordId, derivative: &Derivative, path: &str) -> Key {
    Key::Derivative { record: id.clone(), version: derivative.home(), recipe: derivative.recipe.digest.clone(), path: path.to_owned() }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("jpg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("png") => "image/png",
        Some("mp4") => "video/mp4",
        Some("glb") => "model/gltf-binary",
        Some("stl") => "model/stl",
        Some("3mf") => "model/3mf",
        Some("obj") => "model/obj",
        Some("zip") => "application/zip",
        _ => "application/octet-stream",
    }
}

/// Letters, digits, dots and dashes between slashes; nothing that could leave the volume.
fn is_zarr_key(key: &str) -> bool {
    !key.is_empty()
        && key.len() <= ZARR_KEY_BYTES_MAX
        && key.split('/').all(|part| {
            !part.is_empty()
                && part != "."
                && part != ".."
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        })
}

#[cfg(test)]
mod tests {
    use super::is_zarr_key;

    #[test]
    fn only_zarr_keys_are_keys() {
        assert!(is_zarr_key("zarr.json") && is_zarr_key("s0/c/0/1/2"));
        for bad in ["", "/zarr.json", "../zarr.json", "s0//c", "s0/./c", "s0/%2e", "a\0b"] {
            assert!(!is_zarr_key(bad), "{bad:?}");
        }
    }
}
