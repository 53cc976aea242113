//! Terms for people and programs that fill a form: taxa, techniques, institutions and licences, as one types. Public, and the same for everyone.

use super::body::open_json;
use crate::{display, door::Door, language::Language, refusal::Refused};
use ::api::{Suggestion, Suggestions};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use record::{licence::Licence, panet::Term, technique::Technique};

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

/// Institutions by any of their names, with their ids in the Research Organization Registry.
#[utoipa::path(get, path = "/api/v1/vocabularies/organisations", tag = "vocabularies", params(Typed), responses((status = 200, body = Suggestions)))]
pub(super) async fn organisations(State(door): State<Door>, RawQuery(words): RawQuery) -> Result<Response, Refused> {
    let (typed, limit) = typed(words.as_deref().unwrap_or(""));
    let organisations = door.archive.organisations();
    let about = organisations.about();
    let items = organisations.suggest(&typed, limit).into_iter().map(|found| {
        let helps = [found.found_by.clone(), Some(found.country)];
        Suggestion {
            id: format!("https://ror.org/{}", found.ror),
            label: found.name,
            detail: helps.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · "),
            found_by: found.found_by,
            rank: None,
            lineage: Vec::new(),
        }
    });
    open_json(&Suggestions { items: items.collect(), source: about.source, licence: about.licence })
}

/// The licences of SPDX's list, which a record can have: the usual ones first, each with what it allows in plain words; without a
/// word only those. In German with `lang=de`.
#[utoipa::path(get, path = "/api/v1/vocabularies/licences", tag = "vocabularies", params(Typed), responses((status = 200, body = Suggestions)))]
pub(super) async fn licences(RawQuery(words): RawQuery) -> Result<Response, Refused> {
    let words = words.as_deref().unwrap_or("");
    let (typed, limit) = typed(words);
    let language = if super::search::pairs(words).iter().any(|(key, value)| key == "lang" && value == "de") {
        Language::German
    } else {
        Language::English
    };
    let usual = typed.trim().is_empty();
    let items = Licence::suggest(&typed).take(if usual { usize::MAX } else { limit }).map(|licence| Suggestion {
        id: licence.spdx().to_owned(),
        label: licence.name().to_owned(),
        detail: display::said(licence.explained(), language).to_owned(),
        found_by: None,
        rank: None,
        lineage: Vec::new(),
    });
    let source = "SPDX License List, https://spdx.org/licenses/; the explanations are this program's".to_owned();
    open_json(&Suggestions { items: items.collect(), source, licence: "CC0-1.0".to_owned() })
}

/// Experimental techniques by their PaNET terms; without a word those that are used most.
#[utoipa::path(get, path = "/api/v1/vocabularies/techniques", tag = "vocabularies", params(Typed), responses((status = 200, body = Suggestions)))]
pub(super) async fn techniques(RawQuery(words): RawQuery) -> Result<Response, Refused> {
    let (typed, limit) = typed(words.as_deref().unwrap_or(""));
    let usual = || Technique::OFFERED.iter().filter_map(|technique| Term::by_id(technique.id)).collect();
    let found = if typed.trim().is_empty() { usual() } else { Term::suggest(&typed, limit) };
    let items = found.into_iter().map(|term| Suggestion {
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
