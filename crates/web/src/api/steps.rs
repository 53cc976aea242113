//! The steps of a record's life, and who may take them.

use super::{
    body::{JsonBody, NoBody, empty, json},
    records::shown,
};
use crate::{data::record_id, door::Door, refusal::Refused, session::Guest};
use ::api::{AddMember, MemberView, Problem, RecordView, ReviewerLink, Schedule, Withdraw};
use archive::{Refusal, account::not_an_email};
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use record::{access::Aspect, instant::Instant, team::Email};

/// Gives a dataset its DOI and makes its entry page public; the files stay closed.
#[utoipa::path(post, path = "/api/v1/records/{id}/register", tag = "life", params(("id" = String, Path)), responses((status = 200, body = RecordView), (status = 422, body = Problem)))]
pub(super) async fn register(State(door): State<Door>, guest: Guest, Path(id): Path<String>, _: NoBody) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    door.archive.register(&guest.visitor, &id).await?;
    shown(&door, &guest, &id, StatusCode::OK).await
}

/// Makes a publication or reference public, in one step.
#[utoipa::path(post, path = "/api/v1/records/{id}/publish", tag = "life", params(("id" = String, Path)), responses((status = 200, body = RecordView), (status = 422, body = Problem)))]
pub(super) async fn publish(State(door): State<Door>, guest: Guest, Path(id): Path<String>, _: NoBody) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    door.archive.publish(&guest.visitor, &id).await?;
    shown(&door, &guest, &id, StatusCode::OK).await
}

/// Opens the files to everyone. Only owners can, with a token of the scope `release`.
#[utoipa::path(post, path = "/api/v1/records/{id}/release", tag = "life", params(("id" = String, Path)), responses((status = 200, body = RecordView), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn release(State(door): State<Door>, guest: Guest, Path(id): Path<String>, _: NoBody) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    door.archive.release(&guest.visitor, &id).await?;
    shown(&door, &guest, &id, StatusCode::OK).await
}

/// Sets the minute at which the files open by themselves, or clears it.
#[utoipa::path(post, path = "/api/v1/records/{id}/schedule", tag = "life", params(("id" = String, Path)), request_body = Schedule, responses((status = 200, body = RecordView), (status = 422, body = Problem)))]
pub(super) async fn schedule(
    State(door): State<Door>,
    guest: Guest,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<Schedule>,
) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    let unreadable = |text: &str| {
        Refusal::invalid(
            "release_at",
            format!("“{}” is no time.", text.chars().take(40).collect::<String>()),
            "Write it as 2027-03-01T00:00:00Z.",
        )
    };
    let release_at = body.release_at.map(|text| Instant::from_rfc3339(&text).ok_or_else(|| unreadable(&text))).transpose()?;
    if body.with_publication {
        door.archive.schedule_with_publication(&guest.visitor, &id, release_at).await?;
    } else {
        door.archive.schedule(&guest.visitor, &id, release_at).await?;
    }
    shown(&door, &guest, &id, StatusCode::OK).await
}

/// Closes a public record; a tombstone stays at its DOI.
#[utoipa::path(post, path = "/api/v1/records/{id}/withdraw", tag = "life", params(("id" = String, Path)), request_body = Withdraw, responses((status = 200, body = RecordView), (status = 409, body = Problem)))]
pub(super) async fn withdraw(
    State(door): State<Door>,
    guest: Guest,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<Withdraw>,
) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    door.archive.withdraw(&guest.visitor, &id, body.reason).await?;
    shown(&door, &guest, &id, StatusCode::OK).await
}

/// Who works on the record.
#[utoipa::path(get, path = "/api/v1/records/{id}/team", tag = "team", params(("id" = String, Path)), responses((status = 200, body = [MemberView]), (status = 404, body = Problem)))]
pub(super) async fn team(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    let sight = door.archive.see(&guest.visitor, &record_id(&id)?, Aspect::Inside).await?;
    json(StatusCode::OK, &sight.record.team.iter().map(MemberView::from).collect::<Vec<_>>())
}

/// Invites somebody by e-mail address, or changes their role.
#[utoipa::path(post, path = "/api/v1/records/{id}/team", tag = "team", params(("id" = String, Path)), request_body = AddMember, responses((status = 200, body = [MemberView]), (status = 422, body = Problem)))]
pub(super) async fn invite(
    State(door): State<Door>,
    guest: Guest,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<AddMember>,
) -> Result<Response, Refused> {
    let record = door.archive.add_member(&guest.visitor, &record_id(&id)?, email(&body.email)?, body.role).await?;
    json(StatusCode::OK, &record.team.iter().map(MemberView::from).collect::<Vec<_>>())
}

/// Takes somebody off the team.
#[utoipa::path(delete, path = "/api/v1/records/{id}/team/{email}", tag = "team", params(("id" = String, Path), ("email" = String, Path)), responses((status = 204), (status = 422, body = Problem)))]
pub(super) async fn dismiss(
    State(door): State<Door>,
    guest: Guest,
    Path((id, address)): Path<(String, String)>,
) -> Result<Response, Refused> {
    door.archive.remove_member(&guest.visitor, &record_id(&id)?, &email(&address)?).await?;
    Ok(empty())
}

fn email(text: &str) -> Result<Email, Refusal> {
    text.parse().map_err(|_: record::team::NotAnEmail| not_an_email(text))
}

/// A link that shows the files to its holder before they are released.
#[utoipa::path(post, path = "/api/v1/records/{id}/reviewer-link", tag = "team", params(("id" = String, Path)), responses((status = 200, body = ReviewerLink), (status = 403, body = Problem)))]
pub(super) async fn reviewer_link(State(door): State<Door>, guest: Guest, Path(id): Path<String>, _: NoBody) -> Result<Response, Refused> {
    let secret = door.archive.reviewer_link(&guest.visitor, &record_id(&id)?).await?;
    json(StatusCode::OK, &ReviewerLink { url: format!("{}/review/{secret}", door.archive.settings().base_url) })
}
