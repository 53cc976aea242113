//! Boxes of voxels as files. An address that names a version and a box means the same bytes for ever, so it can be cited.

use super::{
    Address, as_anyone_or_guest,
    darkroom::{CutWish, Darkroom},
    thing::{Facts, Thing},
    volumes::{FOLDER_ENDING, find, make},
};
use crate::{door::Door, refusal::Refused};
use archive::{Refusal, Visitor, sight::At};
use axum::{
    extract::{Request, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderValue, header::LINK, request::Parts};
use record::{access::Aspect, file::Sha256, version::Version};
use sha2::Digest;
use std::path::Path;
use tokio::sync::OwnedSemaphorePermit;

pub(super) async fn cut(State(door): State<Door>, request: Request) -> Result<Response, Refused> {
    let mut parts = request.into_parts().0;
    let named = Address::of(&mut parts).await?;
    let (id, volume) = (named.at.id.clone(), named.part("volume"));
    let name = volume.strip_suffix(FOLDER_ENDING).unwrap_or(volume);
    let query = parts.uri.query().unwrap_or("").replace("%2C", ",").replace("%3A", ":");
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut wish = CutWish::from_pairs(pairs)
        .map_err(|bad| Refusal::invalid(bad.field, format!("The {} of the cut makes no sense.", bad.field), bad.hint))?;
    let found = find(&door, &mut parts, &named.at, name).await?;
    let (version, place, format) = (found.derivative.version, wish.place(), wish.format);
    let citable = format!("/records/{id}/{version}/volumes/{name}/cut?box={place}&level={}&format={}", wish.level, format.name());
    wish.lines = lines(&door, &mut parts, &named.at, &wish, version).await?;
    let slot = door.data.cut_slots.clone().try_acquire_owned();
    let slot = slot.map_err(|_| Refusal::Unavailable("as many cuts as fit in memory are on their way".into()))?;
    let work = move |darkroom: &dyn Darkroom, folder: &Path| {
        let bytes = darkroom.cut(folder, &wish)?;
        Ok((Sha256(sha2::Sha256::digest(&bytes).into()), bytes))
    };
    let (sum, bytes) = make(&door, &id, &found.derivative, "box", work).await?;
    let file = Bytes::from_owner(CutBytes { bytes, _slot: slot });
    let saved_as = format!("{id}-{version}-{}.{}", place.replace([':', ','], "-"), format.ending());
    let facts = Facts {
        media_type: format.media_type(),
        etag: &sum.to_string(),
        modified: Some(found.derivative.made_at),
        sha256: Some(&sum),
        name: Some(&saved_as),
        audience: named.audience_of_made(found.is_open, found.is_final),
    };
    // Not kept on the shelf: a cut is large, and seldom asked for twice.
    let mut response = Thing::from_bytes(file, &facts).answer(&parts.method, &parts.headers);
    if let Ok(link) = HeaderValue::from_str(&format!("<{citable}>; rel=\"cite-as\"")) {
        response.headers_mut().append(LINK, link);
    }
    Ok(response)
}

/// The bytes of a cut, which gives back its slot when the last piece of it is gone.
struct CutBytes {
    bytes: Vec<u8>,
    _slot: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for CutBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// What the file says about itself; the same on every server and on every day.
async fn lines(door: &Door, parts: &mut Parts, at: &At, wish: &CutWish, version: Version) -> Result<Vec<(String, String)>, Refused> {
    let archive = &door.archive;
    let (sight, _) =
        as_anyone_or_guest(door, parts, |visitor: Visitor| async move { archive.see(&visitor, at, Aspect::Metadata).await }).await?;
    let mut lines = vec![("record".to_owned(), at.id.to_string())];
    if let Some(doi) = sight.record.state.doi() {
        let place = wish.place();
        lines.push(("cite".into(), format!("https://doi.org/{doi}, {version}, level {}, voxels {place} (z,y,x)", wish.level)));
    }
    lines.push(("version".into(), version.to_string()));
    lines.push(("level".into(), wish.level.to_string()));
    lines.push(("box_zyx".into(), wish.place()));
    Ok(lines)
}
