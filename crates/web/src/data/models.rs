//! Surface files that the worker made: small ones are kept ready, large ones go out by ranges.

use super::{
    as_anyone_or_guest, record_id,
    thing::{Audience, Facts, Thing},
};
use crate::{door::Door, refusal::Refused};
use archive::Refusal;
use axum::{
    RequestPartsExt,
    extract::{Path, Request, State},
    response::Response,
};

pub(super) async fn model(State(door): State<Door>, request: Request) -> Result<Response, Refused> {
    if let Some(kept) = door.data.thing(request.uri().path(), &door.archive) {
        return Ok((*kept).as_ref().answer(request.method(), request.headers()));
    }
    let mut parts = request.into_parts().0;
    let Path((id, name)) = parts.extract::<Path<(String, String)>>().await.map_err(|_| Refusal::NotFound)?;
    let id = record_id(&id)?;
    let stamp = door.archive.stamp(&id);
    let (archive, record, called) = (&door.archive, &id, name.as_str());
    let ((blob, media_type, derivative), is_open) =
        as_anyone_or_guest(&door, &mut parts, |visitor| async move { archive.model(&visitor, record, called).await }).await?;
    let facts = Facts {
        media_type,
        etag: &derivative.recipe.digest,
        modified: Some(derivative.made_at),
        sha256: None,
        name: None,
        audience: if is_open { Audience::Everyone } else { Audience::Only },
    };
    let thing = Thing::from_blob(blob, &facts);
    if !is_open {
        return Ok(thing.answer(&parts.method, &parts.headers));
    }
    let kept = door.data.keep_thing(parts.uri.path(), id, stamp, thing);
    Ok((*kept).as_ref().answer(&parts.method, &parts.headers))
}
