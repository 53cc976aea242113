//! One original, exactly as deposited.

use super::{
    as_anyone_or_guest, record_id,
    thing::{Audience, Facts, Thing},
};
use crate::{door::Door, refusal::Refused};
use archive::{Refusal, reuse::OpenFile};
use axum::{
    RequestPartsExt,
    extract::{Path, Request, State},
    response::Response,
};
use record::file::FilePath;

pub(super) async fn file(State(door): State<Door>, request: Request) -> Result<Response, Refused> {
    if let Some(kept) = door.data.thing(request.uri().path(), &door.archive) {
        return Ok((*kept).as_ref().answer(request.method(), request.headers()));
    }
    let mut parts = request.into_parts().0;
    let Path((id, path)) = parts.extract::<Path<(String, String)>>().await.map_err(|_| Refusal::NotFound)?;
    let id = record_id(&id)?;
    let path: FilePath = path.parse().map_err(|_| Refusal::NotFound)?;
    let stamp = door.archive.stamp(&id);
    let (archive, record, path) = (&door.archive, &id, &path);
    let (open, is_open) =
        as_anyone_or_guest(&door, &mut parts, |visitor| async move { archive.file(&visitor, record, path).await }).await?;
    let thing = thing_of(open, if is_open { Audience::Everyone } else { Audience::Only });
    if !is_open {
        return Ok(thing.answer(&parts.method, &parts.headers));
    }
    let kept = door.data.keep_thing(parts.uri.path(), id, stamp, thing);
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
