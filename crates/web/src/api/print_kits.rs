//! Kits for a printer in the size that a program wants. Asking twice is asking once, so the same question says how far it is.

use super::body::{JsonBody, json};
use crate::{
    data::record_id,
    door::Door,
    refusal::Refused,
    session::{Address, Guest},
};
use ::api::{AskForKit, FailureView, KitView, Problem};
use archive::{Refusal, print_kit::KitStanding};
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use record::print_kit::{KitBase, KitWish};

/// Has a kit for a printer made, for everybody who may see the files. Ask again until it is `ready`; it is kept for a while.
#[utoipa::path(post, path = "/api/v1/records/{id}/print-kits", tag = "records", params(("id" = String, Path)), request_body = AskForKit, responses((status = 200, body = KitView, description = "It is ready"), (status = 202, body = KitView, description = "It is being made"), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn ask(
    State(door): State<Door>,
    guest: Guest,
    Address(from): Address,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<AskForKit>,
) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    let base =
        KitBase::from_name(&body.base).ok_or_else(|| Refusal::invalid("base", "There is no such base.", "Say none, letters or code."))?;
    let wish = KitWish { model: body.model, size_mm: body.size_mm, base, halves: body.halves };
    let standing = door.archive.ask_for_kit(&guest.visitor, &id, &wish, from).await?;
    let mut view = KitView { name: wish.file_name(), standing: "coming".into(), href: None, bytes: None, failure: None };
    let mut status = StatusCode::ACCEPTED;
    match standing {
        KitStanding::Ready(kit) => {
            status = StatusCode::OK;
            view.standing = "ready".into();
            view.href = Some(format!("{}/records/{id}/models/{}", door.archive.settings().base_url, kit.name));
            view.bytes = Some(kit.bytes);
        }
        KitStanding::Failed(failure) => {
            view.standing = "failed".into();
            view.failure = Some(FailureView::from(&failure));
        }
        KitStanding::Absent => view.standing = "absent".into(),
        KitStanding::Coming => {}
    }
    json(status, &view)
}
