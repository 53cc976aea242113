//! Where a DOI lands, and the metadata in other people's forms: by address or by content negotiation.

use super::{record_id, see_other};
use crate::{data::media, door::Door, refusal::Refused, session::Guest};
use archive::{
    Refusal,
    sight::{At, Sight},
};
use axum::{
    Router,
    extract::{Path, RawQuery, State},
    response::{IntoResponse, Response},
    routing::get,
};
use exchange::{Contents, Export, ListedFile, Place, contents::LISTED_FILES_MAX};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ACCEPT, ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION, VARY},
};
use record::{access::Aspect, derivative::DerivativeKind, doi::Doi, file::Original, record::Record, version::Version};

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/doi/{*doi}", get(land))
}

pub(crate) fn place(door: &Door) -> Place {
    let settings = door.archive.settings();
    Place { base_url: settings.base_url.clone(), publisher: settings.publisher.clone() }
}

async fn land(
    State(door): State<Door>,
    guest: Guest,
    Path(doi): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    // A part of a volume is cited by DOI, version and box: /doi/10.1234/abc/cut?version=1&box=0:64,0:64,0:64
    let query = query.unwrap_or_default();
    // A DOI may end so itself; a box says that it does not.
    let has_box = query.split('&').any(|pair| pair.starts_with("box="));
    let (doi, is_part) = doi.strip_suffix("/cut").filter(|_| has_box).map_or((doi.as_str(), false), |doi| (doi, true));
    let doi: Doi = doi.parse().map_err(|_| Refused(Refusal::NotFound))?;
    let sight = door.archive.by_doi(&guest.visitor, &doi).await?;
    // The DOI of a version of that record; an article's may look like one.
    let version = doi.split_version().filter(|(all, _)| sight.record.state.doi() == Some(all)).map(|(_, version)| version);
    if is_part {
        let version = version_of_part(&query, version)?.map_or_else(String::new, |version| format!("/{version}"));
        let mut response = see_other(&format!("/records/{}{version}/volumes/volume/cut?{query}", sight.record.id));
        *response.status_mut() = StatusCode::FOUND;
        return Ok(response);
    }
    let mut response = match wanted(&headers) {
        Some(export) => {
            let newest = newest_of(&door, &guest, &sight).await?;
            written(&door, &guest, &sight, &cited(&sight.record, version, newest), export, false).await?
        }
        None => {
            let page = version.map_or_else(String::new, |version| format!("/{version}"));
            let mut response = see_other(&format!("/records/{}{page}", sight.record.id));
            *response.status_mut() = StatusCode::FOUND;
            response
        }
    };
    response.headers_mut().append(VARY, HeaderValue::from_static("Accept"));
    debug_assert!(response.status().is_success() || response.headers().contains_key(LOCATION));
    Ok(response)
}

/// The form that a program asks for by what it accepts; `None` is the page.
pub(crate) fn wanted(headers: &HeaderMap) -> Option<Export> {
    Export::wanted(headers.get(ACCEPT)?.to_str().ok()?)
}

/// Which version a part is of: the one whose DOI it is, or the one asked for. Another one's voxels would be a wrong citation.
fn version_of_part(query: &str, named: Option<Version>) -> Result<Option<Version>, Refusal> {
    let mut version = named;
    for text in query.split('&').filter_map(|pair| pair.strip_prefix("version=")) {
        let asked = format!("v{}", text.strip_prefix('v').unwrap_or(text)).parse::<Version>();
        let refused = |what: &'static str| Refusal::invalid("version", what, "Name one version by its whole number, such as version=1.");
        let asked = asked.map_err(|()| refused("The version of the cut makes no sense."))?;
        if version.is_some_and(|version| version != asked) {
            return Err(refused("The address names two different versions."));
        }
        version = Some(asked);
    }
    Ok(version)
}

/// `/records/{id}/export/{format}`
pub(super) async fn export(
    State(door): State<Door>,
    guest: Guest,
    Path((id, format)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    exported(&door, &guest, At::from(&record_id(&id)?), asked(&format, query.as_deref())?).await
}

/// `/records/{id}/{version}/export/{format}`
pub(super) async fn export_version(
    State(door): State<Door>,
    guest: Guest,
    Path((id, version, format)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let version: Version = version.parse().map_err(|()| Refusal::NotFound)?;
    exported(&door, &guest, At::version(&record_id(&id)?, version), asked(&format, query.as_deref())?).await
}

/// `citation?style=apa&locale=de-DE`, or any other form by its name.
pub(crate) fn asked(format: &str, query: Option<&str>) -> Result<Export, Refusal> {
    let pairs = super::pairs(query.unwrap_or("").as_bytes());
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    Export::asked(format, value("style"), value("locale")).ok_or(Refusal::NotFound)
}

pub(crate) async fn exported(door: &Door, guest: &Guest, at: At, export: Export) -> Result<Response, Refused> {
    let sight = door.archive.see(&guest.visitor, &at, Aspect::Metadata).await?;
    let newest = newest_of(door, guest, &sight).await?;
    written(door, guest, &sight, &cited(&sight.record, at.named(), newest), export, true).await
}

/// The newest open version, when it is not the one that is looked at.
async fn newest_of(door: &Door, guest: &Guest, sight: &Sight) -> Result<Option<Version>, Refused> {
    let versions = door.archive.versions(&guest.visitor, &sight.record.id).await?;
    Ok(versions.iter().find(|line| line.is_current).map(|line| line.version).filter(|newest| *newest > sight.record.version))
}

/// The record under the DOI by which it is to be cited here: of the named version, or of all of them.
pub(crate) fn cited(record: &Record, named: Option<Version>, newer: Option<Version>) -> Record {
    match named {
        Some(_) if record.state.was_open() => record.as_version(newer.unwrap_or(record.version)),
        _ => record.as_all_versions(record.newest_open().filter(|_| !record.state.is_draft())),
    }
}

/// What lies in the record, as far as this guest may know of it and a description can list it.
pub(crate) async fn contents(door: &Door, guest: &Guest, sight: &Sight) -> Result<Contents, Refused> {
    let countries = door.archive.countries_of(&sight.record);
    if !sight.may(Aspect::FileNames) || !sight.may(Aspect::Bytes) {
        return Ok(Contents { countries, ..Contents::default() });
    }
    let at = At::version(&sight.record.id, sight.record.version);
    let files = door.archive.files_after(&guest.visitor, &at, None, LISTED_FILES_MAX as u32).await?;
    let derivatives = door.archive.derivatives(&guest.visitor, &at).await?;
    let volume = derivatives.into_iter().find(|made| matches!(made.kind, DerivativeKind::Volume(_))).map(|made| made.name);
    Ok(Contents {
        files: files.iter().map(|file| listed(&file.original)).collect(),
        total_files: sight.holdings.files,
        total_bytes: sight.holdings.bytes,
        volume,
        countries,
    })
}

pub(crate) fn listed(original: &Original) -> ListedFile {
    ListedFile {
        path: original.path.to_string(),
        bytes: original.bytes,
        sha256: original.sha256,
        // Descriptions want the bare type.
        media_type: media::type_of(original.path.as_str()).split(';').next().unwrap_or_default().to_owned(),
    }
}

async fn written(door: &Door, guest: &Guest, sight: &Sight, cited: &Record, export: Export, as_file: bool) -> Result<Response, Refused> {
    let contents =
        if export.lists_files() || export == Export::SchemaOrg { contents(door, guest, sight).await? } else { Contents::default() };
    let text = export.render_with(cited, &place(door), door.archive.now(), &contents);
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(export.content_type()));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    if sight.record.state.public_since().is_some() {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    if as_file && let Ok(value) = HeaderValue::from_str(&format!("inline; filename=\"{}.{}\"", sight.record.id, export.extension())) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
