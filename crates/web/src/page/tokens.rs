//! Personal API tokens: made here, shown once, revoked here.

use super::{Shell, answer, see_other};
use crate::{
    display,
    door::Door,
    refusal::{Refused, in_language},
    session::{Fields, Guest},
    words::Words,
};
use archive::Refusal;
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use http::StatusCode;
use record::{account::Scope, id::TokenId};

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/account/tokens", get(show).post(make)).route("/account/tokens/{id}/revoke", post(revoke))
}

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage {
    s: Shell,
    here: &'static str,
    secret: String,
    error: String,
    field: String,
    tokens: Vec<TokenLine>,
    scopes: Vec<(&'static str, &'static str)>,
}

struct TokenLine {
    id: String,
    name: String,
    scope: &'static str,
    expires: String,
    used: String,
}

fn scope_words(scope: Scope, words: &'static Words) -> &'static str {
    match scope {
        Scope::Read => words.scope_read,
        Scope::Deposit => words.scope_deposit,
        Scope::Release => words.scope_release,
    }
}

async fn page(door: &Door, guest: &Guest, secret: String, error: String, field: String) -> Result<TokensPage, Refused> {
    let words = Words::of(guest.language);
    let tokens = door.archive.tokens(&guest.visitor).await?;
    let lines = tokens.iter().map(|token| TokenLine {
        id: token.id.to_string(),
        name: token.name.clone(),
        scope: scope_words(token.scope, words),
        expires: display::day(token.expires_at, guest.language),
        used: token.last_used_at.map_or_else(|| words.never.to_owned(), |used| display::day(used, guest.language)),
    });
    Ok(TokensPage {
        here: "tokens",
        secret,
        error,
        field,
        tokens: lines.collect(),
        scopes: Scope::ALL.into_iter().map(|scope| (scope.name(), scope_words(scope, words))).collect(),
        s: Shell::of(door, guest),
    })
}

async fn show(State(door): State<Door>, guest: Guest) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, &page(&door, &guest, String::new(), String::new(), String::new()).await?))
}

async fn make(State(door): State<Door>, guest: Guest, fields: Fields) -> Result<Response, Refused> {
    guest.signed_in()?;
    let scope = Scope::from_name(fields.text("scope")).unwrap_or(Scope::Read);
    let days = fields.text("days").parse().unwrap_or(0);
    match door.archive.create_token(&guest.visitor, fields.text("name"), scope, days).await {
        Ok((_, secret)) => {
            let mut response = answer(StatusCode::CREATED, &page(&door, &guest, secret, String::new(), String::new()).await?);
            response.headers_mut().insert(http::header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
            Ok(response)
        }
        Err(Refusal::Invalid { field, what, hint }) => {
            let page = page(
                &door,
                &guest,
                String::new(),
                in_language(&what, guest.language).to_owned() + " " + in_language(&hint, guest.language),
                field.unwrap_or_else(|| "name".to_owned()),
            )
            .await?;
            Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(refusal) => Err(Refused(refusal)),
    }
}

async fn revoke(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    let id: TokenId = id.parse().map_err(|_| Refused(Refusal::NotFound))?;
    door.archive.revoke_token(&guest.visitor, &id).await?;
    Ok(see_other("/account/tokens"))
}
