//! Pictures and surface files that the worker made whole: small ones are kept ready, large ones go out by ranges.

use super::{
    Address, as_anyone_or_guest,
    thing::{Facts, Thing},
};
use crate::{door::Door, refusal::Refused};
use axum::{
    extract::{Request, State},
    response::Response,
};
use record::print_kit::{is_kit, is_usual_kit};

#[derive(Clone, Copy)]
enum What {
    Picture,
    Model,
}

pub(super) async fn picture(State(door): State<Door>, request: Request) -> Result<Response, Refused> {
    made(&door, request, What::Picture).await
}

pub(super) async fn model(State(door): State<Door>, request: Request) -> Result<Response, Refused> {
    made(&door, request, What::Model).await
}

async fn made(door: &Door, request: Request, what: What) -> Result<Response, Refused> {
    let mut parts = request.into_parts().0;
    let address = Address::of(&mut parts).await?;
    let stamp = door.archive.stamp(&address.at.id);
    let (archive, record, called) = (&door.archive, &address.at, address.part("name"));
    let find = |visitor| async move {
        match what {
            What::Picture => archive.picture(&visitor, record, called).await,
            What::Model => archive.model(&visitor, record, called).await,
        }
    };
    let ((blob, media_type, derivative), is_open) = as_anyone_or_guest(door, &mut parts, find).await?;
    // Owners may choose another picture and another movie any time, of a released version too.
    // A kit in a reader's size goes when others are asked for, and is made anew by a later program.
    let is_passing = is_kit(called) && !is_usual_kit(called);
    let stays = matches!(what, What::Model) && record.named().is_some() && !is_passing;
    let is_final = is_open && stays && archive.labour_is_over(&record.id).await?;
    let facts = Facts {
        media_type,
        etag: &derivative.recipe.digest,
        modified: Some(derivative.made_at),
        sha256: None,
        name: None,
        audience: address.audience_of_made(is_open, is_final),
    };
    let thing = Thing::from_blob(blob, &facts);
    if !is_open {
        return Ok(thing.answer(&parts.method, &parts.headers));
    }
    let kept = door.data.keep_thing(parts.uri.path(), address.at.id.clone(), stamp, thing);
    Ok((*kept).as_ref().answer(&parts.method, &parts.headers))
}
