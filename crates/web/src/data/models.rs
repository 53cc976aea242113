//! Surface files that the worker made: small ones are kept ready, large ones go out by ranges.

use super::{
    Address, as_anyone_or_guest,
    thing::{Facts, Thing},
};
use crate::{door::Door, refusal::Refused};
use axum::{
    extract::{Request, State},
    response::Response,
};

pub(super) async fn model(State(door): State<Door>, request: Request) -> Result<Response, Refused> {
    let mut parts = request.into_parts().0;
    let address = Address::of(&mut parts).await?;
    let stamp = door.archive.stamp(&address.at.id);
    let (archive, record, called) = (&door.archive, &address.at, address.part("name"));
    let ((blob, media_type, derivative), is_open) =
        as_anyone_or_guest(&door, &mut parts, |visitor| async move { archive.model(&visitor, record, called).await }).await?;
    let facts = Facts {
        media_type,
        etag: &derivative.recipe.digest,
        modified: Some(derivative.made_at),
        sha256: None,
        name: None,
        audience: address.audience(is_open),
    };
    let thing = Thing::from_blob(blob, &facts);
    if !is_open {
        return Ok(thing.answer(&parts.method, &parts.headers));
    }
    let kept = door.data.keep_thing(parts.uri.path(), address.at.id.clone(), stamp, thing);
    Ok((*kept).as_ref().answer(&parts.method, &parts.headers))
}
