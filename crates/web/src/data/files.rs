//! One original, exactly as deposited.

use super::{
    Address, as_anyone_or_guest,
    thing::{Audience, Facts, Thing},
};
use crate::{door::Door, refusal::Refused};
use archive::{Refusal, reuse::OpenFile};
use axum::{
    extract::{Request, State},
    response::Response,
};
use record::file::FilePath;

pub(super) async fn file(State(door): State<Door>, request: Request) -> Result<Response, Refused> {
    let mut parts = request.into_parts().0;
    let address = Address::of(&mut parts).await?;
    let path: FilePath = address.part("path").parse().map_err(|_| Refusal::NotFound)?;
    let stamp = door.archive.stamp(&address.at.id);
    let (archive, record, path) = (&door.archive, &address.at, &path);
    let (open, is_open) =
        as_anyone_or_guest(&door, &mut parts, |visitor| async move { archive.file(&visitor, record, path).await }).await?;
    let thing = thing_of(open, address.audience(is_open));
    if !is_open {
        return Ok(thing.answer(&parts.method, &parts.headers));
    }
    let kept = door.data.keep_thing(parts.uri.path(), address.at.id.clone(), stamp, thing);
    Ok((*kept).as_ref().answer(&parts.method, &parts.headers))
}

fn thing_of(open: OpenFile, audience: Audience) -> Thing {
    let original = &open.original;
    let facts = Facts {
        media_type: super::media::type_of(original.path.name()),
        etag: &original.sha256.to_string(),
        modified: Some(original.added_at),
        sha256: Some(&original.sha256),
        name: Some(original.path.name()),
        audience,
    };
    Thing::from_blob(open.blob, &facts)
}
