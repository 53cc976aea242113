//! Terms for people and programs that fill a form: taxa and techniques, as one types. Public, and the same for everyone.

use super::body::open_json;
use crate::{door::Door, refusal::Refused};
use ::api::{Suggestion, Suggestions};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use record::panet::Term;

const LIMIT: usize = 10;
const LIMIT_MAX: usize = 50;
const TYPED_CHARS_MAX: usize = 100;

#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the parameters are read from the raw query; this is their description")]
pub(super) struct Typed {
    /// The beginning of a name, or of any of its words.
    q: String,
    /// At most 50; 10 when it is not said.
    limit: Option<usize>,
}

/// Organisms by scientific or common name, older names and small misspellings included.
#[utoipa::path(get, path = "/api/v1/vocabularies/taxa", tag = "vocabularies", params(Typed), responses((status = 200, body = Suggestions)))]
pub(super) async fn taxa(State(door): State<Door>, RawQuery(words): RawQuery) -> Result<Response, Refused> {
    let (typed, limit) = typed(words.as_deref().unwrap_or(""));
    let taxa = door.archive.taxa();
    let about = taxa.about();
    let items = taxa.suggest(&typed, limit).into_iter().map(|found| {
        let lineage = taxa.lineage(found.taxon.id).into_iter().map(|taxon| taxon.name).collect();
        let helps = [found.found_by.clone().or(found.taxon.common_name), Some(found.taxon.rank.to_owned())];
        Suggestion {
            id: found.taxon.id.to_string(),
            label: found.taxon.name,
            detail: helps.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            found_by: found.found_by,
            rank: Some(found.taxon.rank.to_owned()),
            lineage,
        }
    });
    open_json(&Suggestions { items: items.collect(), source: about.source, licence: about.licence })
}

/// Experimental techniques by their PaNET terms.
#[utoipa::path(get, path = "/api/v1/vocabularies/techniques", tag = "vocabularies", params(Typed), responses((status = 200, body = Suggestions)))]
pub(super) async fn techniques(RawQuery(words): RawQuery) -> Result<Response, Refused> {
    let (typed, limit) = typed(words.as_deref().unwrap_or(""));
    let items = Term::suggest(&typed, limit).into_iter().map(|term| Suggestion {
        id: term.id.to_owned(),
        label: term.label.to_owned(),
        detail: term.definition.to_owned(),
        found_by: None,
        rank: None,
        lineage: Vec::new(),
    });
    let source = "PaNET, http://purl.org/pan-science/PaNET/".to_owned();
    open_json(&Suggestions { items: items.collect(), source, licence: "CC-BY-4.0".to_owned() })
}

fn typed(query: &str) -> (String, usize) {
    let pairs = super::search::pairs(query);
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let typed = value("q").unwrap_or("").chars().take(TYPED_CHARS_MAX).collect();
    (typed, value("limit").and_then(|limit| limit.parse().ok()).unwrap_or(LIMIT).clamp(1, LIMIT_MAX))
}
