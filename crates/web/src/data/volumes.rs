//! Zarr keys for viewers and libraries, and pictures of slices. A missing chunk is a plain 404: it means “fill value”.

use super::{
    Address, as_anyone_or_guest,
    darkroom::{Darkroom, NoPicture, SliceWish},
    media,
    shelf::OpenVolume,
    thing::{Facts, Thing},
};
use crate::{door::Door, refusal::Refused};
use archive::{Refusal, Visitor, reuse::inside, sight::At};
use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use bytes::Bytes;
use http::{
    HeaderValue, StatusCode,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL},
    request::Parts,
};
use record::{
    derivative::{Derivative, DerivativeKind},
    id::RecordId,
};

/// Longest key inside a Zarr store; ours are far shorter.
const KEY_BYTES_MAX: usize = 200;
pub(super) const FOLDER_ENDING: &str = ".ome.zarr";

/// A volume that the asker may see.
pub(super) struct Found {
    pub(super) derivative: Derivative,
    pub(super) is_open: bool,
    /// No labour can change it any more.
    pub(super) is_final: bool,
    stamp: u64,
}

pub(super) async fn key(State(door): State<Door>, request: Request) -> Result<Response, Refused> {
    let mut parts = request.into_parts().0;
    let address = Address::of(&mut parts).await?;
    let (id, folder, key) = (address.at.id.clone(), address.part("volume"), address.part("key"));
    let name = folder.strip_suffix(FOLDER_ENDING).ok_or(Refusal::NotFound)?;
    let found = find(&door, &mut parts, &address.at, name).await?;
    let blob = match is_key(key) {
        true => door.archive.store().blob(&inside(&id, &found.derivative, &format!("{folder}/{key}"))).await.map_err(Refusal::from)?,
        false => None,
    };
    let Some(blob) = blob else { return Ok(absent(found.is_open)) };
    let facts = Facts {
        media_type: if key.ends_with(".json") { "application/json" } else { media::type_of("chunk") },
        // The recipe determines every byte below this address.
        etag: &found.derivative.recipe.digest,
        modified: Some(found.derivative.made_at),
        sha256: None,
        name: None,
        audience: address.audience_of_made(found.is_open, found.is_final),
    };
    Ok(answer(&door, &parts, id, &found, parts.uri.path(), Thing::from_blob(blob, &facts)))
}

pub(super) async fn slice(State(door): State<Door>, request: Request) -> Result<Response, Refused> {
    let address = request.uri().path_and_query().map_or("", |address| address.as_str());
    if let Some(kept) = door.data.thing(address, &door.archive) {
        return Ok((*kept).as_ref().answer(request.method(), request.headers()));
    }
    let mut parts = request.into_parts().0;
    let named = Address::of(&mut parts).await?;
    let (id, name) = (named.at.id.clone(), named.part("volume"));
    let query = parts.uri.query().unwrap_or("").replace("%2C", ",");
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let wish = SliceWish::from_pairs(pairs)
        .map_err(|bad| Refusal::invalid(bad.field, format!("The {} of the slice makes no sense.", bad.field), bad.hint))?;
    let found = find(&door, &mut parts, &named.at, name.strip_suffix(FOLDER_ENDING).unwrap_or(name)).await?;
    let picture = develop(&door, &id, &found.derivative, wish).await?;
    let facts = Facts {
        media_type: wish.format.media_type(),
        etag: &found.derivative.recipe.digest,
        modified: Some(found.derivative.made_at),
        sha256: None,
        name: None,
        audience: named.audience_of_made(found.is_open, found.is_final),
    };
    let address = parts.uri.path_and_query().map_or("", |address| address.as_str());
    Ok(answer(&door, &parts, id, &found, address, Thing::from_bytes(picture, &facts)))
}

fn answer(door: &Door, parts: &Parts, id: RecordId, found: &Found, address: &str, thing: Thing) -> Response {
    if !found.is_open {
        return thing.answer(&parts.method, &parts.headers);
    }
    let kept = door.data.keep_thing(address, id, found.stamp, thing);
    (*kept).as_ref().answer(&parts.method, &parts.headers)
}

/// The volume of this name, from the shelf where it is open.
pub(super) async fn find(door: &Door, parts: &mut Parts, at: &At, name: &str) -> Result<Found, Refused> {
    let id = &at.id;
    let version = at.named().map_or_else(String::new, |version| version.to_string());
    let address = format!("{id}/{version}/{name}");
    let stamp = door.archive.stamp(id);
    if let Some(kept) = door.data.volume(&address, &door.archive) {
        let OpenVolume { derivative, is_final } = (*kept).as_ref().clone();
        return Ok(Found { derivative, is_open: true, is_final, stamp });
    }
    let archive = &door.archive;
    let ask = |visitor: Visitor| async move {
        let derivative = archive.derivative(&visitor, at, name).await?;
        if matches!(derivative.kind, DerivativeKind::Volume(_)) { Ok(derivative) } else { Err(Refusal::NotFound) }
    };
    let (derivative, is_open) = as_anyone_or_guest(door, parts, ask).await?;
    let is_final = is_open && archive.labour_is_over(id).await?;
    if is_open {
        door.data.keep_volume(&address, id.clone(), stamp, OpenVolume { derivative: derivative.clone(), is_final });
    }
    Ok(Found { derivative, is_open, is_final, stamp })
}

async fn develop(door: &Door, id: &RecordId, derivative: &Derivative, wish: SliceWish) -> Result<Bytes, Refusal> {
    make(door, id, derivative, "index", move |darkroom, folder| darkroom.slice(folder, &wish).map(Bytes::from)).await
}

/// Lets somebody who can see voxels make something of a volume; `field` is the word of the address that is wrong when it cannot be.
pub(super) async fn make<T: Send + 'static>(
    door: &Door,
    id: &RecordId,
    derivative: &Derivative,
    field: &'static str,
    work: impl FnOnce(&dyn Darkroom, &std::path::Path) -> Result<T, NoPicture> + Send + 'static,
) -> Result<T, Refusal> {
    let root = format!("{}{FOLDER_ENDING}/zarr.json", derivative.name);
    let blob = door.archive.store().blob(&inside(id, derivative, &root)).await?.ok_or(Refusal::NotFound)?;
    let folder = blob.local().and_then(|(_, path)| path.parent()).map(std::path::Path::to_owned);
    let Some(folder) = folder else {
        let hint = "Read the Zarr keys instead, or use the pictures on the entry page.".into();
        return Err(Refusal::Invalid { field: None, what: "Slices and boxes are cut only where volumes lie on local disk.".into(), hint });
    };
    let _slot = door.data.darkroom_slots.acquire().await.map_err(|closed| Refusal::Unavailable(closed.to_string()))?;
    let darkroom = door.data.darkroom.clone();
    let made = tokio::task::spawn_blocking(move || work(darkroom.as_ref(), &folder)).await;
    match made.map_err(|fault| Refusal::Unavailable(fault.to_string()))? {
        Ok(made) => Ok(made),
        Err(NoPicture::NoSuchSlice(what)) => Err(Refusal::invalid(field, what, "Choose what lies inside the volume, or a coarser level.")),
        Err(NoPicture::Failed(cause)) => Err(Refusal::Unavailable(cause)),
    }
}

fn absent(is_open: bool) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_FOUND;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(if is_open { "public, max-age=3600" } else { "private, no-store" }));
    if is_open {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    response
}

/// Letters, digits, dots and dashes between slashes; nothing that could leave the volume.
fn is_key(key: &str) -> bool {
    let is_part = |part: &str| {
        !matches!(part, "" | "." | "..") && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    key.len() <= KEY_BYTES_MAX && key.split('/').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::is_key;

    #[test]
    fn only_zarr_keys_are_keys() {
        assert!(is_key("zarr.json") && is_key("s0/c/0/1/2"));
        for bad in ["", "/zarr.json", "../zarr.json", "s0//c", "s0/./c", "s0/%2e", "a\0b", &"a".repeat(300)] {
            assert!(!is_key(bad), "{bad:?}");
        }
    }
}
