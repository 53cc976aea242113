//! Records: made, read, described, deleted.

use super::body::{JsonBody, NoBody, empty, json};
use crate::{
    data::record_id,
    door::Door,
    page::doi::{asked, exported},
    refusal::{Refused, problem},
    session::Guest,
};
use ::api::{
    CreateRecord, DerivativeView, DoiStandingView, EventView, JobView, PatchRecord, Problem, PutRecord, ReadinessView, RecordPage,
    RecordView, UsageView,
};
use archive::{
    Refusal,
    describe::metadata_of,
    ledger::OwnersView,
    sight::{At, Sight},
};
use axum::{
    extract::{Path, Query, RawQuery, State},
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CONTENT_TYPE, ETAG, IF_MATCH, LOCATION},
};
use record::{
    Record,
    access::Aspect,
    id::{JobId, RecordId},
};
use serde::Deserialize;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct After {
    /// What the page before gave as `next`.
    after: Option<String>,
    /// At most 200.
    limit: Option<u32>,
}

/// A record with everything that this visitor may see of it.
pub(super) async fn view(door: &Door, guest: &Guest, sight: &Sight) -> Result<RecordView, Refused> {
    let settings = door.archive.settings();
    let mut view = RecordView::new(&sight.record, &sight.holdings, sight.viewer, &settings.base_url);
    let id = &sight.record.id;
    if sight.may(Aspect::Bytes) {
        let derivatives = door.archive.derivatives(&guest.visitor, At::version(id, sight.record.version)).await?;
        let html = view.links.html.clone();
        view.derivatives = Some(derivatives.iter().map(|derivative| DerivativeView::new(derivative, &html)).collect());
    }
    if sight.may(Aspect::Inside) {
        view.readiness = Some(readiness_view(door, guest, id).await?);
        view.doi_standing = door.archive.doi_for_owners(&guest.visitor, id).await?.map(doi_standing);
    }
    Ok(view)
}

fn doi_standing(seen: OwnersView) -> DoiStandingView {
    let (standing, since, says) = match seen {
        OwnersView::OnItsWay => ("waiting", None, None),
        OwnersView::Registered { since } => ("registered", Some(since), None),
        OwnersView::Unanswered { since, says } => ("unanswered", Some(since), Some(says)),
        OwnersView::Refused { says } => ("refused", None, Some(says)),
    };
    DoiStandingView { standing: standing.to_owned(), since: since.map(|since| since.to_string()), says }
}

async fn readiness_view(door: &Door, guest: &Guest, id: &RecordId) -> Result<ReadinessView, Refused> {
    let readiness = door.archive.readiness(&guest.visitor, id).await?;
    Ok(ReadinessView::new(&readiness.register, &readiness.release, &readiness.required))
}

/// The record as it is now, with its revision as entity tag.
pub(super) async fn shown(door: &Door, guest: &Guest, id: &RecordId, status: StatusCode) -> Result<Response, Refused> {
    let sight = door.archive.see(&guest.visitor, At::working(id), Aspect::Tombstone).await?;
    let view = view(door, guest, &sight).await?;
    let mut response = json(status, &view)?;
    let tag = format!("\"{}\"", view.revision);
    response.headers_mut().insert(ETAG, HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\"")));
    if status == StatusCode::CREATED {
        response
            .headers_mut()
            .insert(LOCATION, HeaderValue::try_from(format!("/api/v1/records/{id}")).unwrap_or(HeaderValue::from_static("/")));
    }
    Ok(response)
}

/// Your records: those you own or collaborate on, last changed first.
#[utoipa::path(get, path = "/api/v1/records", tag = "records", params(After), responses((status = 200, body = RecordPage), (status = 401, body = Problem)))]
pub(super) async fn mine(State(door): State<Door>, guest: Guest, Query(after): Query<After>) -> Result<Response, Refused> {
    let from = after.after.as_deref().map(record_id).transpose()?;
    let limit = after.limit.unwrap_or(50).clamp(1, door.archive.settings().limits.page_items_max);
    let sights = door.archive.my_records(&guest.visitor, from, limit).await?;
    let next = (sights.len() as u32 == limit).then(|| sights.last().map(|sight| sight.record.id.to_string())).flatten();
    let base_url = &door.archive.settings().base_url;
    let records = sights.iter().map(|sight| RecordView::new(&sight.record, &sight.holdings, sight.viewer, base_url)).collect();
    json(StatusCode::OK, &RecordPage { records, next })
}

/// Makes a draft, which only you and those you invite can see.
#[utoipa::path(post, path = "/api/v1/records", tag = "records", request_body = CreateRecord, responses((status = 201, body = RecordView), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn create(State(door): State<Door>, guest: Guest, JsonBody(body): JsonBody<CreateRecord>) -> Result<Response, Refused> {
    let record = door.archive.create(&guest.visitor, body.kind, metadata_of(body.metadata)?).await?;
    shown(&door, &guest, &record.id, StatusCode::CREATED).await
}

/// A draft that begins with the words of this record and with none of its files.
#[utoipa::path(post, path = "/api/v1/records/{id}/copy", tag = "records", params(("id" = String, Path)), responses((status = 201, body = RecordView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn copy(State(door): State<Door>, guest: Guest, Path(id): Path<String>, _: NoBody) -> Result<Response, Refused> {
    let record = door.archive.copy(&guest.visitor, &record_id(&id)?).await?;
    shown(&door, &guest, &record.id, StatusCode::CREATED).await
}

/// A record, with as much of it as you may see. Its team gets the draft of the next version while there is one.
#[utoipa::path(get, path = "/api/v1/records/{id}", tag = "records", params(("id" = String, Path)), responses((status = 200, body = RecordView), (status = 404, body = Problem)))]
pub(super) async fn read(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    let mut response = shown(&door, &guest, &record_id(&id)?, StatusCode::OK).await?;
    if guest.is_stranger() {
        response.headers_mut().insert(http::header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    Ok(response)
}

/// Replaces the metadata. `If-Match` or `revision` names the revision that you read.
#[utoipa::path(put, path = "/api/v1/records/{id}", tag = "records", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), request_body = PutRecord, responses((status = 200, body = RecordView), (status = 412, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn replace(
    State(door): State<Door>,
    guest: Guest,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<PutRecord>,
) -> Result<Response, Refused> {
    let (id, expected) = (record_id(&id)?, expected(&headers, body.revision)?);
    let changed = door.archive.put_metadata(&guest.visitor, &id, metadata_of(body.metadata)?, expected).await;
    answer_change(&door, &guest, &id, expected, changed).await
}

/// Changes some of the metadata: an RFC 7396 merge patch, in which `null` removes a field.
#[utoipa::path(patch, path = "/api/v1/records/{id}", tag = "records", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), request_body = PatchRecord, responses((status = 200, body = RecordView), (status = 412, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn patch(
    State(door): State<Door>,
    guest: Guest,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<PatchRecord>,
) -> Result<Response, Refused> {
    let (id, expected) = (record_id(&id)?, expected(&headers, body.revision)?);
    let changed = door.archive.patch(&guest.visitor, &id, body.metadata, expected).await;
    answer_change(&door, &guest, &id, expected, changed).await
}

async fn answer_change(
    door: &Door,
    guest: &Guest,
    id: &RecordId,
    expected: Option<i64>,
    changed: Result<Record, Refusal>,
) -> Result<Response, Refused> {
    match changed {
        Ok(_) => shown(door, guest, id, StatusCode::OK).await,
        // Only a named revision can be stale.
        Err(refusal @ Refusal::Conflict { .. }) if expected.is_some() && is_stale(door, guest, id, expected).await => {
            Ok(refused_as(StatusCode::PRECONDITION_FAILED, &refusal, guest))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

async fn is_stale(door: &Door, guest: &Guest, id: &RecordId, expected: Option<i64>) -> bool {
    let sight = door.archive.see(&guest.visitor, At::working(id), Aspect::Inside).await;
    sight.is_ok_and(|sight| Some(sight.record.revision) != expected)
}

/// A refusal under another status than its usual one.
pub(super) fn refused_as(status: StatusCode, refusal: &Refusal, guest: &Guest) -> Response {
    let mut document = problem(refusal, guest.language);
    document["status"] = status.as_u16().into();
    let mut response = (status, document.to_string()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

fn expected(headers: &HeaderMap, revision: Option<i64>) -> Result<Option<i64>, Refusal> {
    let Some(line) = headers.get(IF_MATCH) else { return Ok(revision) };
    let text = line.to_str().unwrap_or("").trim();
    if text == "*" {
        return Ok(revision);
    }
    let number = text.trim_start_matches("W/").trim_matches('"').parse();
    number.map(Some).map_err(|_| {
        Refusal::invalid("If-Match", "If-Match names no revision.", "Send the record's `revision` in quotes, as its ETag says.")
    })
}

/// Deletes a draft with everything in it. What was registered can only be withdrawn.
#[utoipa::path(delete, path = "/api/v1/records/{id}", tag = "records", params(("id" = String, Path)), responses((status = 204), (status = 409, body = Problem)))]
pub(super) async fn delete(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    door.archive.delete_draft(&guest.visitor, &record_id(&id)?).await?;
    Ok(empty())
}

/// What still stands before registering and releasing, in the same words as everywhere.
#[utoipa::path(get, path = "/api/v1/records/{id}/readiness", tag = "records", params(("id" = String, Path)), responses((status = 200, body = ReadinessView), (status = 404, body = Problem)))]
pub(super) async fn readiness(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    json(StatusCode::OK, &readiness_view(&door, &guest, &record_id(&id)?).await?)
}

/// What the server is doing for the record, and what failed.
#[utoipa::path(get, path = "/api/v1/records/{id}/jobs", tag = "records", params(("id" = String, Path)), responses((status = 200, body = [JobView]), (status = 404, body = Problem)))]
pub(super) async fn jobs(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    let views = door.archive.activity(&guest.visitor, &record_id(&id)?).await?;
    json(StatusCode::OK, &views.iter().map(JobView::from).collect::<Vec<_>>())
}

/// Tries a failed job again.
#[utoipa::path(post, path = "/api/v1/records/{id}/jobs/{job}/retry", tag = "records", params(("id" = String, Path), ("job" = i64, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub(super) async fn retry(State(door): State<Door>, guest: Guest, Path((id, job)): Path<(String, String)>) -> Result<Response, Refused> {
    let job = job.parse().map(JobId).map_err(|_| Refusal::NotFound)?;
    door.archive.try_again(&guest.visitor, &record_id(&id)?, job).await?;
    Ok(empty())
}

/// What happened to the record, newest first.
#[utoipa::path(get, path = "/api/v1/records/{id}/history", tag = "records", params(("id" = String, Path)), responses((status = 200, body = [EventView]), (status = 404, body = Problem)))]
pub(super) async fn history(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    let events = door.archive.history(&guest.visitor, &record_id(&id)?).await?;
    json(StatusCode::OK, &events.iter().map(EventView::from).collect::<Vec<_>>())
}

/// The metadata in the words of others: `datacite-xml`, `datacite-json`, `bibtex`, `ris`, `csl-json`, `schema-org`, `ro-crate`, `croissant`, `dublin-core`, `marcxml`, `text`; or `citation` in a `style` such as `apa` and a `locale` such as `de-DE`.
#[utoipa::path(get, path = "/api/v1/records/{id}/export/{format}", tag = "records", params(("id" = String, Path), ("format" = String, Path), ("style" = Option<String>, Query), ("locale" = Option<String>, Query)), responses((status = 200, content_type = "text/plain"), (status = 404, body = Problem)))]
pub(super) async fn export(
    State(door): State<Door>,
    guest: Guest,
    Path((id, format)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    exported(&door, &guest, At::from(&record_id(&id)?), asked(&format, query.as_deref())?).await
}

/// How often people, scripts and robots looked at the record and took its files.
#[utoipa::path(get, path = "/api/v1/records/{id}/usage", tag = "records", params(("id" = String, Path)), responses((status = 200, body = UsageView), (status = 404, body = Problem)))]
pub(super) async fn usage(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    let usage = door.archive.usage(&guest.visitor, &record_id(&id)?).await?;
    json(StatusCode::OK, &UsageView::new(|measure, asker| usage.total(measure, asker)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_revision_is_read_from_header_or_body() {
        let with = |line: &'static str| HeaderMap::from_iter([(IF_MATCH, HeaderValue::from_static(line))]);
        assert_eq!(expected(&with("\"12\""), None).unwrap(), Some(12));
        assert_eq!(expected(&with("W/\"12\""), Some(3)).unwrap(), Some(12));
        assert_eq!(expected(&with("*"), Some(3)).unwrap(), Some(3));
        assert_eq!(expected(&HeaderMap::new(), None).unwrap(), None);
        assert!(expected(&with("\"abc\""), None).is_err());
    }
}
