//! Who one is, and one's tokens.

use super::body::{JsonBody, empty, json};
use crate::{door::Door, refusal::Refused, session::Guest};
use ::api::{CreateToken, MeView, NewToken, Problem, TokenView};
use archive::Refusal;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use record::account::Scope;

/// Whose token this is, and what it may do.
#[utoipa::path(get, path = "/api/v1/me", tag = "account", responses((status = 200, body = MeView), (status = 401, body = Problem)))]
pub(super) async fn me(State(_): State<Door>, guest: Guest) -> Result<Response, Refused> {
    json(StatusCode::OK, &MeView::new(guest.signed_in()?, guest.visitor.scope))
}

/// Your tokens, without their secrets.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "account", responses((status = 200, body = [TokenView]), (status = 401, body = Problem)))]
pub(super) async fn tokens(State(door): State<Door>, guest: Guest) -> Result<Response, Refused> {
    let tokens = door.archive.tokens(&guest.visitor).await?;
    json(StatusCode::OK, &tokens.iter().map(TokenView::from).collect::<Vec<_>>())
}

/// Makes a token. Its secret is shown in this answer and never again.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "account", request_body = CreateToken, responses((status = 201, body = NewToken), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn create_token(
    State(door): State<Door>,
    guest: Guest,
    JsonBody(body): JsonBody<CreateToken>,
) -> Result<Response, Refused> {
    let scope = Scope::from_name(&body.scope)
        .ok_or_else(|| Refusal::invalid("scope", "There is no such scope.", "Use read, deposit or release."))?;
    let (token, secret) = door.archive.create_token(&guest.visitor, &body.name, scope, body.days).await?;
    json(StatusCode::CREATED, &NewToken { token: TokenView::from(&token), secret })
}

/// Makes a token worthless at once.
#[utoipa::path(delete, path = "/api/v1/tokens/{token}", tag = "account", params(("token" = String, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub(super) async fn revoke_token(State(door): State<Door>, guest: Guest, Path(token): Path<String>) -> Result<Response, Refused> {
    door.archive.revoke_token(&guest.visitor, &token.parse().map_err(|_| Refusal::NotFound)?).await?;
    Ok(empty())
}
