//! The same search as on the page, for programs.

use super::body::open_json;
use crate::{door::Door, page::cards::Thumb, refusal::Refused};
use ::api::{FacetValue, FacetView, Problem, SearchHit, SearchPage};
use archive::{
    Visitor,
    search::{Hit, Query},
};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use std::fmt::Write;

#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the parameters are read by the query itself; this is their description")]
pub(super) struct Asked {
    /// Words, a DOI or a title. Numbers are asked for by the names of their fields: `energy_kev:20..40`, `voxel_size_um:<1`,
    /// `projections:1800`. /schema/v1/record.json lists the fields; their names may also stand as parameters of their own.
    q: Option<String>,
    /// May be repeated, like every facet.
    kind: Option<String>,
    technique: Option<String>,
    probe: Option<String>,
    facility: Option<String>,
    /// Organism or material.
    subject: Option<String>,
    licence: Option<String>,
    /// `2018`, `2018-2024`, `2018-` or `-2024`.
    year: Option<String>,
    /// `yes`: only records with a volume that everyone may look at.
    volume: Option<String>,
    /// `open`: only records whose files everyone may read.
    state: Option<String>,
    /// `best` or `newest`.
    sort: Option<String>,
    /// Counted from one.
    page: Option<usize>,
    limit: Option<usize>,
}

/// Finds public records.
#[utoipa::path(get, path = "/api/v1/search", tag = "search", params(Asked), responses((status = 200, body = SearchPage), (status = 503, body = Problem)))]
pub(super) async fn search(State(door): State<Door>, RawQuery(words): RawQuery) -> Result<Response, Refused> {
    let pairs = pairs(words.as_deref().unwrap_or(""));
    let query = Query::from_pairs(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    let hits = door.archive.search(&Visitor::anyone(), &query).await?;
    let base_url = &door.archive.settings().base_url;
    let shown = query.offset + hits.items.len();
    let next = (shown < hits.total && !hits.items.is_empty()).then(|| address(base_url, &query.on_page(query.page() + 1)));
    let facets = hits.facets.iter().map(|facet| FacetView {
        facet: facet.facet.name().to_owned(),
        values: facet.values.iter().map(|(value, count)| FacetValue { value: value.clone(), count: *count }).collect(),
    });
    open_json(&SearchPage {
        total: hits.total as u64,
        page: query.page() as u64,
        limit: query.limit as u64,
        items: hits.items.iter().map(|hit| view(hit, base_url)).collect(),
        facets: facets.collect(),
        next,
    })
}

fn view(hit: &Hit, base_url: &str) -> SearchHit {
    SearchHit {
        id: hit.id.to_string(),
        kind: hit.kind.name().to_owned(),
        title: hit.title.clone(),
        creators: hit.creators.clone(),
        year: hit.year,
        doi: hit.doi.clone(),
        open: hit.open,
        synthetic: hit.synthetic,
        has_volume: hit.has_volume,
        licence: hit.licence.clone(),
        picture: hit.thumb.as_ref().map(|name| format!("{base_url}{}", Thumb::of(&format!("/records/{}", hit.id), name).src)),
        snippet_html: hit.snippet_html.clone(),
        html: format!("{base_url}/records/{}", hit.id),
        api: format!("{base_url}/api/v1/records/{}", hit.id),
    }
}

fn address(base_url: &str, query: &Query) -> String {
    let mut address = format!("{base_url}/api/v1/search");
    for (number, (key, value)) in query.to_pairs().into_iter().enumerate() {
        let value = crate::data::escape_path(&value).replace('/', "%2F");
        // Writing into a string cannot fail.
        let _ = write!(address, "{}{key}={value}", if number == 0 { '?' } else { '&' });
    }
    address
}

/// Pairs of a query string, decoded as forms are.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    query.split('&').filter_map(|pair| pair.split_once('=')).map(|(key, value)| (decoded(key), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'%')
            .then(|| after.get(..2).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()))
            .flatten();
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(if *first == b'+' { b' ' } else { *first });
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_string_is_decoded_and_survives_the_next_page() {
        assert_eq!(
            pairs("q=jaw+muscle%20K%C3%A4fer&kind=model&bad=%zz&x"),
            [("q".into(), "jaw muscle Käfer".into()), ("kind".into(), "model".into()), ("bad".into(), "%zz".into())]
        );
        let query = Query::from_pairs([("q", "50 % & more"), ("kind", "model")]);
        let next = address("", &query.on_page(2));
        let again = Query::from_pairs(pairs(next.split_once('?').unwrap().1));
        assert_eq!(again, query.on_page(2));
    }
}
